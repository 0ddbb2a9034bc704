"""Which mail somebody wants; it is their own choice, and no part of the record."""

from __future__ import annotations

from actions.models import MailPreference
from napmonitor.accounts.models import User


def chosen(user: User) -> MailPreference:
    """Return what somebody chose; who never chose wants all."""
    return MailPreference.objects.filter(user=user).first() or MailPreference(user=user)


def choose(user: User, *, reminders: bool, digest: bool) -> MailPreference:
    """Store which mail somebody wants, for themselves alone."""
    choice, _made = MailPreference.objects.update_or_create(
        user=user, defaults={"reminders": reminders, "digest": digest}
    )
    return choice

"""Invitations: the message with the link, and the password that somebody chooses with it."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from actions.rights import open_roles
from napmonitor.accounts.invitations import days_valid, invited_by_key
from napmonitor.accounts.models import User
from napmonitor.audit import trail

logger = logging.getLogger(__name__)


@sensitive_variables("link", "context", "message")
def send(account: User, link: str) -> bool:
    """Send somebody the link with which they choose a password; tell whether it was sent."""
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "account": account,
            "link": link,
            "days": days_valid(),
            "roles": _roles(account),
        }
        message = EmailMultiAlternatives(
            subject=_("Your account for NAP-monitor"),
            body=render_to_string("mail/invitation.txt", context),
            to=[account.email],
        )
        message.attach_alternative(render_to_string("mail/invitation.html", context), "text/html")
    try:
        message.send()
    except OSError as error:
        # Neither the address nor the link: this line is read by others.
        logger.error("Invitation of account %d not sent: %s", account.pk, type(error).__name__)
        return False
    return True


@trail.atomic()
@sensitive_variables("key", "password")
def accept(key: str, password: str) -> User | None:
    """Store the password that somebody chose with a link; None when the link no longer works."""
    found = invited_by_key(key)
    if found is None:
        return None
    # Held first and asked again: of two that use one link at once, one comes too late.
    list(User.objects.select_for_update().filter(pk=found.pk).values_list("pk"))
    account = invited_by_key(key)
    if account is None:
        return None
    account.set_password(password)
    account.invited_at = None
    account.save(update_fields=["password", "invited_at"])
    trail.record("account.password-chosen", actor=account, about=account)
    return account


def _roles(account: User) -> list[str]:
    """Return what somebody is invited for: each role, where, and from when."""
    today = timezone.localdate()
    roles = open_roles(account, today).prefetch_related("organisation__names")
    return [
        _("%(role)s at %(organisation)s, from %(day)s")
        % {
            "role": each.group,
            "organisation": each.organisation.name_on(max(today, each.valid_from))
            or each.organisation,
            "day": date_format(each.valid_from),
        }
        for each in roles
    ]

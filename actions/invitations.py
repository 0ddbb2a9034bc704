"""Invitations: the message with the link, and the password that somebody chooses with it."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from actions.rights import keep_password, open_roles
from napmonitor.accounts.invitations import days_valid, invited_by_key
from napmonitor.accounts.models import User
from napmonitor.audit import trail

logger = logging.getLogger(__name__)


@sensitive_variables("link", "context")
def send(account: User, link: str) -> bool:
    """Send somebody the link with which they choose a password; tell whether it was sent."""
    with translation.override(settings.LANGUAGE_CODE):
        context = {"link": link, "days": days_valid(), "roles": _roles(account)}
        return send_link(account, "invitation", _("Your account for NAP-monitor"), context)


@sensitive_variables("context", "around", "message")
def send_link(account: User, name: str, subject: str, context: dict[str, Any]) -> bool:
    """Send a mail with a link for one person only; tell whether it was sent."""
    around = {
        **context,
        "account": account,
        "subject": subject,
        "language": settings.LANGUAGE_CODE,
    }
    message = EmailMultiAlternatives(
        subject,
        render_to_string(f"mail/{name}.txt", around).strip() + "\n",
        to=[account.email],
        # Asks the other side not to answer with an out-of-office.
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string(f"mail/{name}.html", around), "text/html")
    try:
        message.send()
    except OSError as error:
        # Neither the address nor the link: this line is read by others.
        logger.error("%s of account %d not sent: %s", name, account.pk, type(error).__name__)
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
    keep_password(account, password)
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

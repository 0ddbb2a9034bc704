"""A forgotten password: the link for who asks, and the password that they choose with it.

Who asks is told the same whether there is such an account or not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from actions.invitations import send_link
from actions.rights import keep_password, locked
from napmonitor.accounts.forgotten import can_choose_another, minutes_valid, tokens
from napmonitor.accounts.models import User
from napmonitor.audit import origin, trail
from napmonitor.audit.models import AuditEvent

# So many links go to one account in a while, and so many are asked for from one machine. Behind
# one machine can be a whole ministry.
MOST_FOR_ACCOUNT: Final = 3
MOST_FROM_MACHINE: Final = 30
_WHILE: Final = timedelta(hours=1)


@sensitive_variables("link")
def ask(email: str, link_of: Callable[[User, str], str]) -> None:
    """Send a link to the account with this address, when there is one that can use it.

    `link_of` makes the address of the page from an account and a token.
    """
    account = _claimed(email)
    if account is None:
        return
    link = link_of(account, tokens.make_token(account))
    with translation.override(settings.LANGUAGE_CODE):
        context = {"link": link, "minutes": minutes_valid()}
        send_link(account, "forgotten", _("A new password for NAP-monitor"), context)


@trail.atomic()
@sensitive_variables("password")
def choose(account: User, token: str, password: str) -> User | None:
    """Store the password that somebody chose with a link; None when the link no longer works."""
    # Held first and asked again: of two that use one link at once, one comes too late.
    account = locked(account)
    if not tokens.check_token(account, token):
        return None
    keep_password(account, password)
    trail.record("account.password-reset", actor=account, about=account)
    return account


@trail.atomic()
def _claimed(email: str) -> User | None:
    """Note that a link is asked for; return for which account, or None when none is sent."""
    account = User.objects.select_for_update().filter(email=email.lower()).first()
    if account is None or not can_choose_another(account) or _is_too_often(account):
        return None
    trail.record("session.password-asked", actor=None, about=account)
    return account


def _is_too_often(account: User) -> bool:
    asked = AuditEvent.objects.filter(
        object_type=account._meta.label_lower,
        action="session.password-asked",
        at__gt=timezone.now() - _WHILE,
    )
    came = origin.current()
    # As the trail writes it. Machines that give no address count as one.
    machine = asked.filter(origin=f"{came.way} {came.address}".strip())
    return (
        asked.filter(object_id=str(account.pk)).count() >= MOST_FOR_ACCOUNT
        or machine.count() >= MOST_FROM_MACHINE
    )

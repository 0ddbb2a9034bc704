"""The only place that mails people about their work, and keeps what each person has had.

What a mail says is claimed first: a row for each key, which the database holds only once. Two
commands at the same time therefore never send the same. Then the mail is sent, with no transaction
open. When the server refuses it or cannot be reached the claim is given back, so that the next run
tries again. A process that is killed between the two leaves its claim: that one mail is never
sent, but what it would have said stays on the first page. We rather lose a mail that way than send
one twice. Twice can only happen when a server takes a mail and the connection breaks before it
says so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from actions.mail import messages
from actions.mail.messages import Request
from actions.mail.plans import Plan
from actions.models import SentMail
from napmonitor.accounts.models import User

# After so many in a row the server is down, and the rest waits for the next run.
MOST_FAILURES: Final = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that only this process sends, with the rows that say so."""

    plan: Plan
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The mails that were sent, and those that were not."""

    sent: tuple[Plan, ...]
    failed: tuple[Plan, ...]


def send_all(plans: Iterable[Plan]) -> Outcome:
    """Send mails that nobody else sends meanwhile; one that fails does not stop the others."""
    post = _Post()
    for plan in plans:
        if post.is_down:
            post.failed.append(plan)
        elif mine := claim(plan):
            post.send(mine)
    return post.close()


def send_claimed(claims: Iterable[Claim], request: Request) -> Outcome:
    """Send mails that were claimed before, on request of somebody."""
    post = _Post(request)
    for each in claims:
        post.send(each)
    return post.close()


@transaction.atomic
def claim(plan: Plan) -> Claim | None:
    """Note that somebody has what a mail says; return what of it they did not have yet."""
    # One at a time for each person, so that a claim is whole or is not made.
    to = User.objects.select_for_update(no_key=True).filter(pk=plan.to.key, is_active=True).first()
    if to is None:
        return None
    sent = SentMail.objects.filter(to=to, key__in=plan.keys)
    had = set(sent.values_list("key", flat=True))
    left = plan.without(had)
    if left is None:
        return None
    rows = SentMail.objects.bulk_create(SentMail(to=to, key=key) for key in sorted(left.keys - had))
    return Claim(left, tuple(row.pk for row in rows))


class _Post:
    """One connection to the mail server, for as long as it answers."""

    def __init__(self, request: Request | None = None) -> None:
        self.request = request
        self.sent: list[Plan] = []
        self.failed: list[Plan] = []
        self.is_down = False
        self._in_a_row = 0
        self._server: BaseEmailBackend = get_connection()

    def send(self, mine: Claim) -> None:
        """Send one mail, or give its claim back."""
        try:
            self._reach()
            self._server.send_messages([messages.compose(mine.plan, self.request)])
        # What the server or the network says, and what no header can hold.
        except (OSError, ValueError) as failure:
            _give_back(mine)
            self._note(mine.plan, failure)
        except BaseException:
            _give_back(mine)
            raise
        else:
            self._in_a_row = 0
            self.sent.append(mine.plan)

    def close(self) -> Outcome:
        """Leave the server and return what became of the mails."""
        with suppress(OSError):
            self._server.close()
        return Outcome(tuple(self.sent), tuple(self.failed))

    def _reach(self) -> None:
        """Connect, where that was not done; a server that is not there is not asked again."""
        if self.is_down:
            raise ConnectionError("the server failed before")
        try:
            self._server.open()
        except OSError:
            self.is_down = True
            raise

    def _note(self, plan: Plan, failure: Exception) -> None:
        # A server repeats addresses in what it says, and a log is read by others.
        _log.warning("Mail to account %d failed: %s", plan.to.key, type(failure).__name__)
        self.failed.append(plan)
        self._in_a_row += 1
        self.is_down = self.is_down or self._in_a_row >= MOST_FAILURES
        with suppress(OSError):
            self._server.close()


def _give_back(mine: Claim) -> None:
    SentMail.objects.filter(pk__in=mine.rows).delete()

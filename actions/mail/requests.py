"""A coordinator reminds a ministry of what it still has to submit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from actions import richtext
from actions.mail import plans, sending
from actions.mail.messages import Request
from actions.mail.sending import Claim
from actions.models import ReportingRound, SentMail
from actions.permissions import Anyone
from actions.queries import work
from actions.queries.work import Ask, Task
from actions.workflow import NotPossible
from napmonitor.accounts.models import User
from napmonitor.audit import trail

MAX_WORDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many people were mailed: at the ministry, in its place, and in vain."""

    ministry: str
    people: int
    coordinators: int
    failed: int


@dataclass(frozen=True, slots=True)
class Reach:
    """The names of whom a reminder would reach: at the ministry, and in its place."""

    people: tuple[str, ...]
    coordinators: tuple[str, ...]


def may_remind(user: Anyone) -> bool:
    """Tell whether this person may remind a ministry."""
    return user.has_perm("actions.review_statusentry")


def is_running(each: ReportingRound) -> bool:
    """Tell whether the ministries write in a round now."""
    return each.opened_on is not None and each.published_on is None


def remind(each: ReportingRound, *, ministry: str, actor: User, words: str = "") -> Reminded:
    """Mail who must act of a ministry, by its slug, once a day; return who was reached.

    The number of people stands in the audit trail with the claim, before anything is sent; what
    could not be sent stands there after it.
    """
    asked, claims = _claim(each, ministry, actor, words := _plain(words))
    outcome = sending.send_claimed(claims, Request(str(actor), actor.email, words))
    if outcome.failed:
        detail = {"organisation": ministry, "people": len(outcome.failed)}
        trail.record("round.remind-failed", actor=actor, about=each, detail=detail)
    instead = [plan for plan in outcome.sent if plan.stands_in]
    return Reminded(
        ministry=asked[0].ministry.short if asked[0].ministry else ministry,
        people=len(outcome.sent) - len(instead),
        coordinators=len(instead),
        failed=len(outcome.failed),
    )


def reach(tasks: Iterable[Task], actor: User) -> dict[str, Reach]:
    """Return whom a reminder of each ministry with something to submit would reach; 1 query."""
    return {
        ministry: Reach(
            tuple(plan.to.name for plan in planned if not plan.stands_in),
            tuple(plan.to.name for plan in planned if plan.stands_in),
        )
        for ministry, planned in plans.of_requests(tasks, besides=actor.pk).items()
    }


def last_reminded(each: ReportingRound) -> dict[str, date]:
    """Return on which day each ministry was last reminded by hand, by slug; 1 query."""
    keys = SentMail.objects.filter(key__startswith=_start(each)).order_by("key")
    found = {}
    for key in keys.values_list("key", flat=True).distinct():
        _word, _round, slug, day = key.split(":")
        # In the order of the keys the last day of a ministry comes last.
        found[slug] = date.fromisoformat(day)
    return found


@trail.atomic()
def _claim(
    each: ReportingRound, ministry: str, actor: User, words: str
) -> tuple[list[Task], list[Claim]]:
    # The row holds off who presses the same button at the same moment.
    each = ReportingRound.objects.select_for_update(of=("self",)).get(pk=each.pk)
    if not may_remind(actor):
        raise PermissionDenied
    _refuse_words(words)
    if not settings.NAP_BASE_URL:
        raise NotPossible(
            _("Mail cannot be sent: the setting NAP_BASE_URL is missing. Tell the administrator."),
            code="no_address",
        )
    asked = _to_write(each, ministry)
    if not asked:
        raise NotPossible(_("This ministry has nothing to submit now."), code="nothing")
    gate = f"{_start(each)}{ministry}:{timezone.localdate()}"
    if SentMail.objects.filter(key=gate).exists():
        raise NotPossible(
            _("This ministry was already reminded today. You can do it again tomorrow."),
            code="already",
        )
    planned = plans.of_request(asked, gate, besides=actor.pk)
    claims = [mine for plan in planned if (mine := sending.claim(plan))]
    if not claims:
        raise NotPossible(
            _(
                "There is nobody who gets this mail. Ask the functional administrator who works "
                "there now."
            ),
            code="nobody",
        )
    detail = {"organisation": ministry, "people": len(claims)}
    trail.record("round.remind", actor=actor, about=each, detail=detail)
    return asked, claims


def _to_write(each: ReportingRound, ministry: str) -> list[Task]:
    """Return what a ministry still has to submit in a round that is open."""
    tasks = plans.read_tasks(work.running().filter(round=each))
    return [task for task in tasks if (Ask.WRITE, ministry) in work.asked(task)]


def _refuse_words(words: str) -> None:
    if len(words) > MAX_WORDS:
        raise NotPossible(
            _("Your words can have %(most)d characters at most.") % {"most": MAX_WORDS},
            code="too_long",
            field="words",
        )


def _plain(words: str) -> str:
    """Return what was typed, or nothing when it says nothing."""
    return richtext.clean(words).strip() if richtext.says_something(words) else ""


def _start(each: ReportingRound) -> str:
    return f"request:{each.pk}:"

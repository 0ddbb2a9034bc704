"""What it means when somebody stops: who writes and who approves without them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from actions.choices import ResponsibilityRole
from actions.models import EntryDraft, Membership, Responsibility
from actions.models.organisations import MembershipQuerySet
from actions.queries.work import running
from napmonitor.accounts.models import User

# Nobody approves what they wrote, so one person alone is not enough.
FEWEST_APPROVERS = 2


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is left behind on a day: drafts, entries that nobody can write, people who approve."""

    drafts: int
    without_writer: tuple[str, ...]
    approves: bool
    others_approve: int

    @property
    def too_few_approve(self) -> bool:
        return self.approves and self.others_approve < FEWEST_APPROVERS


def leaving(account: User, day: date) -> Leaving:
    """Return what an account leaves behind when it ends on a day; 6 queries at most."""
    drafts = EntryDraft.objects.filter(writer=account, entry__in=running())
    approving = _holding("approve_statusentry", day)
    return Leaving(
        drafts=drafts.values("entry").distinct().count(),
        without_writer=tuple(_without_writer(account, day)),
        approves=approving.filter(user=account).exists(),
        others_approve=approving.exclude(user=account).values("user").distinct().count(),
    )


def nobody_writes(organisations: Collection[int], day: date) -> list[str]:
    """Return the codes of what these organisations report and nobody can write; 2 queries."""
    writing = set(_holding("change_statusentry", day).values_list("organisation", flat=True))
    return _led_by(set(organisations) - writing, day)


def _without_writer(account: User, day: date) -> list[str]:
    writing = _holding("change_statusentry", day)
    own = set(writing.filter(user=account).values_list("organisation", flat=True))
    others = set(writing.exclude(user=account).values_list("organisation", flat=True))
    return _led_by(own - others, day)


def _led_by(organisations: Collection[int], day: date) -> list[str]:
    lead = Responsibility.objects.on(day).filter(
        role=ResponsibilityRole.LEAD, organisation__in=organisations
    )
    entries = running().filter(action_point__in=lead.values("action_point"))
    codes = entries.values_list("action_point__code", flat=True)
    return list(codes.order_by("action_point__code").distinct())


def _holding(right: str, day: date) -> MembershipQuerySet:
    return Membership.objects.active(day).filter(
        group__permissions__content_type__app_label="actions",
        group__permissions__codename=right,
    )

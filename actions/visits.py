"""What is new to somebody: what changed since their last visit to the overview of a round."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from actions.models import ReportingRound, RoundVisit
from napmonitor.accounts.models import User

# Who comes back within this time is still on the same visit.
SAME_VISIT = timedelta(hours=1)


def with_last_look(
    rounds: QuerySet[ReportingRound], visitor: User
) -> QuerySet[ReportingRound, ReportingRound]:
    """Read along with rounds when this person looked at each, for `visited`."""
    own = RoundVisit.objects.filter(round=OuterRef("pk"), visitor=visitor)
    return rounds.annotate(
        looked_at=Subquery(own.values("at")[:1]), looked_before=Subquery(own.values("before")[:1])
    )


def visited(each: Any, visitor: User) -> datetime | None:
    """Note that somebody looks at a round, and return when their visit before this one was.

    The round was read by `with_last_look`.
    """
    now = timezone.now()
    last: datetime | None = each.looked_at
    before: datetime | None = each.looked_before
    if last and now - last > SAME_VISIT:
        before = last
    seen = {"at": now, "before": before}
    if not RoundVisit.objects.filter(round=each, visitor=visitor).update(**seen):
        RoundVisit.objects.get_or_create(round=each, visitor=visitor, defaults=seen)
    return before

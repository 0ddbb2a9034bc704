"""What is new to somebody: what changed since their last visit to the overview of a round."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from actions.models import ReportingRound, RoundVisit
from napmonitor.accounts.models import User

# Who comes back within this time is still on the same visit.
SAME_VISIT = timedelta(hours=1)


def visited(each: ReportingRound, visitor: User) -> datetime | None:
    """Note that somebody looks at a round, and return when their visit before this one was."""
    now = timezone.now()
    visit, made = RoundVisit.objects.get_or_create(
        round=each, visitor=visitor, defaults={"at": now}
    )
    if not made:
        if now - visit.at > SAME_VISIT:
            visit.before = visit.at
        visit.at = now
        visit.save(update_fields=["at", "before"])
    return visit.before

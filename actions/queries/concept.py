"""A year with the texts that are approved and not public yet: what a concept is made of.

Only for who may read the texts of all ministries. Nothing public imports this module.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Prefetch, Q

from actions.choices import EntryState
from actions.models import EntrySource, StatusEntry
from actions.models.reporting import StatusEntryQuerySet
from actions.queries.names import ResponsibilityBook
from actions.queries.records import PlanFacts, Stand, YearReport
from actions.queries.stands import SOURCE, stand_record
from actions.queries.years import report_with


def concept_report(plan: PlanFacts, year: int) -> YearReport | None:
    """Return `year_report` with the approved texts in it that are still to be published."""
    return report_with(_approved, plan, year)


def _approved(
    entries: StatusEntryQuerySet, responsible: ResponsibilityBook
) -> Iterator[tuple[StatusEntry, Stand]]:
    """Yield what is approved and not public yet; 2 queries."""
    newer = Q(published_version=None) | ~Q(published_version=F("latest_version"))
    waiting = (
        entries.filter(newer, state=EntryState.APPROVED)
        .select_related(
            "round__letter", "action_point", "latest_version__reported_with__action_point"
        )
        .prefetch_related(
            Prefetch("latest_version__sources", EntrySource.objects.select_related(*SOURCE))
        )
    )
    for entry in waiting:
        yield entry, stand_record(entry, responsible, entry.latest_version)

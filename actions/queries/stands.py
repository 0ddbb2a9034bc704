"""Published texts as records: what the pages of an action point and the documents both read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from actions.choices import Basis, Origin, Progress, Schedule
from actions.models import (
    Correction,
    EntrySource,
    EntryVersion,
    Pillar,
    ReportingRound,
    Responsibility,
    StatusEntry,
)
from actions.models.reporting import ReportingRoundQuerySet, StatusEntryQuerySet
from actions.queries.conversions import reading
from actions.queries.names import ResponsibilityBook
from actions.queries.records import PillarProgress, Stand

SOURCE = ("source__document__annex_of",)


def rounds_of(plan: str) -> ReportingRoundQuerySet:
    """Return the years of reporting of a plan, oldest first, with what a Round shows; 1 query."""
    return (
        ReportingRound.objects.filter(plan__slug=plan)
        .select_related(
            "letter__annex_of",
            "letter__signatory__office",
            "report__annex_of",
            "statement_source__document__annex_of",
        )
        .order_by("year")
    )


def responsibilities(plan: str) -> QuerySet[Responsibility]:
    return Responsibility.objects.filter(action_point__plan__slug=plan)


def public_stands(entries: StatusEntryQuerySet) -> StatusEntryQuerySet:
    """Narrow to what is public, with all that a stand shows; 2 queries in all."""
    return (
        entries.public()
        .select_related(
            "round__letter",
            "action_point__pillar",
            "published_version__reported_with__action_point",
        )
        .prefetch_related(
            Prefetch(
                "published_version__sources",
                EntrySource.objects.select_related(*SOURCE),
            )
        )
        .annotate(corrected=Exists(Correction.objects.filter(entry=OuterRef("pk"))))
        .order_by("round__year", "pk")
    )


def public_records(
    entries: StatusEntryQuerySet, responsible: ResponsibilityBook
) -> Iterator[tuple[StatusEntry, Stand]]:
    """Yield every entry that is public with its text; 2 queries."""
    for entry in public_stands(entries):
        yield entry, stand_record(entry, responsible)


def stand_record(
    entry: StatusEntry, responsible: ResponsibilityBook, version: EntryVersion | None = None
) -> Stand:
    """Return one text of an entry as a record: the published one, unless another is given."""
    version = version or entry.published_version
    if version is None:
        raise ValueError("Only a text is a stand.")
    point = entry.action_point
    day = entry.round.sent_on or timezone.localdate()
    return Stand(
        code=point.code,
        title=point.title,
        pillar=point.pillar_id,
        in_plan=point.in_plan,
        year=entry.round.year,
        version=version.number,
        progress=Progress(version.progress) if version.progress else None,
        basis=Basis(version.progress_basis) if version.progress_basis else None,
        schedule=Schedule(version.schedule),
        continues_after_plan=version.continues_after_plan,
        discontinued_reason=version.discontinued_reason,
        narrative=version.narrative,
        outlook=version.outlook,
        letter_passage=version.letter_passage,
        informed_before=version.informed_before,
        informed_reference=version.informed_reference,
        informed_sender=version.informed_sender,
        origin=Origin(version.origin),
        reported_with=version.reported_with.action_point.code if version.reported_with else "",
        responsible=responsible.on(point.pk, day),
        sources=tuple(reading(each.source, each.detail) for each in version.sources.all()),
        is_public=version.pk == entry.published_version_id,
    )


def progress_per_pillar(plan: str, year: int) -> list[PillarProgress]:
    """Count the in-plan points per pillar and progress of one year; 2 queries.

    A point without a public entry counts as "report not available", never as done.
    """
    return progress_per_year(plan, [year])[year]


def progress_per_year(plan: str, years: Iterable[int]) -> dict[int, list[PillarProgress]]:
    """Return `progress_per_pillar` of some years; 2 queries for any number of them."""
    mine = Q(action_points__plan__slug=plan, action_points__in_plan=True)
    pillars = Pillar.objects.annotate(points=Count("action_points", filter=mine)).order_by("number")
    counts: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    derived: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    wanted = list(years)
    for year, pillar, progress, basis, count in _reported(plan, wanted):
        counts[year, pillar][progress] += count
        if basis == Basis.DERIVED:
            derived[year, pillar][progress] += count
    rows = list(pillars)
    return {
        year: [
            _pillar_progress(
                pillar, pillar.points, counts[year, pillar.number], derived[year, pillar.number]
            )
            for pillar in rows
        ]
        for year in wanted
    }


def _reported(plan: str, years: list[int]) -> Iterable[tuple[int, int, str, str, int]]:
    return (
        StatusEntry.objects.public()
        .in_plan()
        .filter(round__year__in=years, action_point__plan__slug=plan)
        .exclude(published_version__progress="")
        .values_list(
            "round__year",
            "action_point__pillar",
            "published_version__progress",
            "published_version__progress_basis",
        )
        .annotate(Count("pk"))
        .order_by()
    )


def _pillar_progress(
    pillar: Pillar, points: int, counts: Counter[str], derived: Counter[str]
) -> PillarProgress:
    per_progress = {each: counts[each.value] for each in Progress}
    per_progress[Progress.SOURCE_MISSING] += points - sum(per_progress.values())
    return PillarProgress(
        pillar.number,
        pillar.title,
        per_progress,
        {each: derived[each.value] for each in Progress},
    )

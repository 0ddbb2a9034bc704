"""All that the documents over one year are built from, and nothing that is not public."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date

from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.utils import timezone, translation

from actions.choices import Progress
from actions.citations import find_references
from actions.models import ActionPoint, ParliamentaryDocument, ReportingRound, StatusEntry
from actions.models.reporting import StatusEntryQuerySet
from actions.queries.conversions import point_row, registered, round_record, signatory
from actions.queries.names import ResponsibilityBook, participants
from actions.queries.records import (
    AuditLink,
    PillarProgress,
    PlanFacts,
    Registered,
    ReportedPoint,
    Round,
    Stand,
    YearReport,
)
from actions.queries.stands import (
    progress_per_year,
    public_records,
    responsibilities,
    rounds_of,
)
from napmonitor.audit.models import AuditEvent, Result

# Which texts of some entries a report is made of.
Reader = Callable[[StatusEntryQuerySet, ResponsibilityBook], Iterable[tuple[StatusEntry, Stand]]]


def year_report(plan: PlanFacts, year: int) -> YearReport | None:
    """Return what the documents over one year are built from; None when there is no such round.

    Only public texts: of a round that is not out yet there are none. In Dutch, whatever the
    language of the page that asks for it. 12 queries for a plan of any size.
    """
    return report_with(_nothing_more, plan, year)


def report_with(read: Reader, plan: PlanFacts, year: int) -> YearReport | None:
    """Return `year_report` with what a reader gives of that year in the place of what is public.

    Of the years before it, which parliament already has, only what is public.
    """
    with translation.override("nl"):
        all_rounds = list(rounds_of(plan.slug))
        current = next((each for each in all_rounds if each.year == year), None)
        return _report(read, plan, current, all_rounds) if current else None


def _nothing_more(
    entries: StatusEntryQuerySet, responsible: ResponsibilityBook
) -> Iterable[tuple[StatusEntry, Stand]]:
    return ()


def _report(
    read: Reader, plan: PlanFacts, current: ReportingRound, rounds: list[ReportingRound]
) -> YearReport:
    earlier = [each for each in rounds if each.year < current.year]
    previous = earlier[-1] if earlier else None
    compared = _last_with_data(plan.slug, earlier)
    day = current.sent_on or timezone.localdate()
    points = _reported_points(read, plan.slug, day, current, previous, compared)
    record = round_record(current)
    years = [current.year, *([compared.year] if compared else [])]
    progress = progress_per_year(plan.slug, years)
    return YearReport(
        plan=plan,
        round=record,
        previous=round_record(previous) if previous else None,
        compared=round_record(compared) if compared else None,
        signatory=signatory(current.letter.signatory) if current.letter else None,
        annexes=_annexes(current),
        participants=participants(plan.slug, day),
        pillars=tuple(_counted(pillar, points) for pillar in progress[current.year]),
        compared_pillars=tuple(progress[compared.year]) if compared else (),
        points=points,
        register=_register(_texts(plan, record, points)),
        audit=_last_link(current),
    )


def _counted(pillar: PillarProgress, points: Iterable[ReportedPoint]) -> PillarProgress:
    """Return a pillar with the numbers of what this report says, public or not yet."""
    rows = [each.row for each in points if each.row.pillar == pillar.number and each.row.in_plan]
    said = Counter(row.progress or Progress.SOURCE_MISSING for row in rows)
    derived = Counter(row.progress for row in rows if row.is_derived)
    return replace(
        pillar,
        counts={each: said[each] for each in Progress},
        derived={each: derived[each] for each in Progress},
    )


def _last_with_data(plan: str, earlier: list[ReportingRound]) -> ReportingRound | None:
    """Return the last year before of which something is known per action point."""
    if not earlier:
        return None
    known = (
        StatusEntry.objects.public()
        .in_plan()
        .filter(round__in=[each.pk for each in earlier], action_point__plan__slug=plan)
        .exclude(published_version__progress__in=["", Progress.SOURCE_MISSING])
        .order_by("-round__year")
        .values_list("round", flat=True)
        .first()
    )
    return next((each for each in earlier if each.pk == known), None)


def _annexes(each: ReportingRound) -> tuple[str, ...]:
    if each.letter is None:
        return ()
    return tuple(each.letter.annexes.order_by("pk").values_list("title", flat=True))


def _reported_points(
    read: Reader,
    plan: str,
    day: date,
    current: ReportingRound,
    previous: ReportingRound | None,
    compared: ReportingRound | None,
) -> tuple[ReportedPoint, ...]:
    responsible = ResponsibilityBook(responsibilities(plan))
    wanted = {each.pk for each in (current, previous, compared) if each}
    stands: dict[tuple[int, int], Stand] = {
        (entry.action_point_id, entry.round_id): stand
        for entry, stand in public_records(
            StatusEntry.objects.filter(round__in=wanted), responsible
        )
    }
    stands |= {
        (entry.action_point_id, entry.round_id): stand
        for entry, stand in read(StatusEntry.objects.filter(round=current), responsible)
    }
    points = ActionPoint.objects.filter(plan__slug=plan).select_related("pillar")
    reported = []
    for point in points:
        stand = stands.get((point.pk, current.pk))
        progress = (stand.progress, stand.basis) if stand else (None, None)
        reported.append(
            ReportedPoint(
                row=point_row(point, responsible.on(point.pk, day), *progress),
                official_number=point.official_number,
                official_text=point.official_text,
                description=point.description,
                time_path=point.time_path,
                stand=stand,
                previous=stands.get((point.pk, previous.pk)) if previous else None,
                compared=stands.get((point.pk, compared.pk)) if compared else None,
            )
        )
    return tuple(reported)


def _texts(plan: PlanFacts, current: Round, points: Iterable[ReportedPoint]) -> Iterator[str]:
    """Return every text of the report in which an official reference can stand."""
    yield plan.document.reference if plan.document else ""
    if current.statement:
        yield from (current.statement.text, current.statement.source.reference)
    for point in points:
        yield from (point.official_text, point.description, point.time_path)
        if stand := point.stand:
            yield from (stand.narrative, stand.outlook, stand.letter_passage)
            yield from (stand.discontinued_reason, stand.informed_reference)
            for reading in stand.sources:
                yield from (reading.title, reading.detail, reading.reference, reading.url)


def _register(texts: Iterable[str]) -> tuple[Registered, ...]:
    """Return what the register of parliamentary documents knows of what texts refer to."""
    named = {each.id for each in find_references("\n\n".join(filter(None, texts)))}
    found = ParliamentaryDocument.objects.filter(
        Q(publication_id__in=named) | Q(document_number__in=named)
    )
    return tuple(registered(each) for each in found.order_by("pk"))


def _last_link(each: ReportingRound) -> AuditLink | None:
    """Return the last that was done to the texts of a round, as a link of the audit trail.

    Not the head of the whole trail: reading a document is recorded too, and must not change it.
    """
    own = StatusEntry.objects.filter(round=each).values(key=Cast("pk", CharField(max_length=60)))
    last = (
        AuditEvent.objects.filter(
            object_type=StatusEntry._meta.label_lower, object_id__in=own, result=Result.DONE
        )
        .order_by("-sequence")
        .values_list("sequence", "hash")
        .first()
    )
    return AuditLink(*last) if last else None

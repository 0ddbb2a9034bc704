"""How a plan came about and is reported on: what was promised for when, and when it came."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from actions.choices import ANSWERS, DocumentKind, Progress
from actions.models import ActionPoint, ParliamentaryDocument, Plan, ReportingRound, StatusEntry
from actions.queries.conversions import document_record, title_language
from actions.queries.records import Coming, DatedDocument, DueDates, OverduePoint, Process

_MONTHS: Final = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)
_MONTH: Final = re.compile(rf"(?:(\d\d?) )?(?:({'|'.join(_MONTHS)}) )?(\d{{4}})\b")


def process(slug: str) -> Process | None:
    """Return how a plan came about and is reported on; None when there is no such plan.

    Before the plan: the one that it follows, what parliament asked in the same file, and the
    letters that already named subjects of our list. Of a year that is not out only for when its
    letter was promised. 3 queries.
    """
    plan = (
        Plan.objects.filter(slug=slug)
        .select_related("document__annex_of", "predecessor__document")
        .first()
    )
    if plan is None:
        return None
    rounds = list(ReportingRound.objects.filter(plan=plan).order_by("year"))
    out = {each.letter_id: each for each in rounds if each.letter_id and each.is_released()}
    begin = _placed(plan.document)
    documents: list[ParliamentaryDocument] = []
    annexes: dict[int, list[ParliamentaryDocument]] = defaultdict(list)
    for each in _documents(plan, rounds):
        if each.annex_of_id in out:
            annexes[each.annex_of_id or 0].append(each)
        elif each.pk in out or each.kind != DocumentKind.LETTER or _placed(each) < begin:
            documents.append(each)
    events = [
        _event(each, out.get(each.pk), annexes[each.pk])
        for each in sorted(documents, key=lambda each: (_placed(each), each.pk))
    ]
    return Process(
        plan=plan.title,
        events=tuple(events),
        coming=tuple(
            Coming(each.year, each.promised_on)
            for each in rounds
            if each.promised_on and not each.is_released()
        ),
    )


def _documents(plan: Plan, rounds: Iterable[ReportingRound]) -> Iterable[ParliamentaryDocument]:
    """Return every document that may belong to the process, none of a year that is not out."""
    released = {each.letter_id for each in rounds if each.letter_id and each.is_released()}
    waiting = {each.letter_id for each in rounds if each.letter_id and not each.is_released()}
    plans = [plan.document_id, plan.predecessor.document_id if plan.predecessor else None]
    wanted = Q(pk__in=[each for each in plans if each]) | Q(pk__in=released)
    wanted |= Q(annex_of__in=released)
    wanted |= Q(kind=DocumentKind.LETTER, sources__action_points__action_point__plan=plan)
    if file := _file(plan.document):
        wanted |= Q(kind=DocumentKind.MOTION, publication_id__startswith=f"{file}-")
    return (
        ParliamentaryDocument.objects.filter(wanted)
        .exclude(pk__in=waiting)
        .select_related("annex_of")
        .order_by("pk")
        .distinct()
    )


def _file(document: ParliamentaryDocument | None) -> str:
    """Return the parliamentary file of a document, as in kst-32735; empty when not known."""
    if document is None:
        return ""
    number = document.publication_id or (
        document.annex_of.publication_id if document.annex_of else None
    )
    return (number or "").rpartition("-")[0]


def _placed(document: ParliamentaryDocument | None) -> date:
    """Return the day at which a document stands among others: the month is all that may be known.

    A note on a date begins with what is known of it, in Dutch, as in `september 2022`.
    """
    if document is None:
        return date.max
    if document.date:
        return document.date
    found = _MONTH.match(document.date_note)
    if found is None:
        return date.max
    _day, month, year = found.groups()
    return date(int(year), _MONTHS.index(month) + 1 if month else 1, 1)


def _event(
    document: ParliamentaryDocument,
    of: ReportingRound | None,
    annexes: Iterable[ParliamentaryDocument],
) -> DatedDocument:
    record = document_record(document)
    if record is None:
        raise ValueError("An event has a document.")
    known, note = _told(document)
    return DatedDocument(
        kind=DocumentKind(document.kind),
        document=record,
        about_when=known,
        date_note=note,
        year=of.year if of else None,
        promised_on=of.promised_on if of else None,
        annexes=tuple(_event(each, None, ()) for each in annexes),
    )


def _told(document: ParliamentaryDocument) -> tuple[str, str]:
    """Return what a note says instead of the date, and what it says besides."""
    head, *rest_of = re.split(r"[;,]\s*", document.date_note.strip(), maxsplit=1)
    rest = "".join(rest_of)
    if document.date is None:
        return head, rest
    return "", rest if _MONTH.fullmatch(head) else document.date_note


def due_dates(plan: str) -> DueDates:
    """Return which in-plan points passed their due date without ever being called completed.

    2 queries for any number of points.
    """
    points = ActionPoint.objects.in_plan().filter(plan__slug=plan, due_on__isnull=False)
    said = StatusEntry.objects.public().filter(action_point=OuterRef("pk"))
    completed = said.filter(published_version__progress=Progress.COMPLETED)
    last = said.filter(published_version__progress__in=ANSWERS).order_by("-round__year")
    passed = (
        points.filter(~Exists(completed), due_on__lt=timezone.localdate())
        .annotate(last=Subquery(last.values("published_version__progress")[:1]))
        .order_by("due_on", "pillar", "code")
    )
    return DueDates(points.count(), tuple(_overdue(point) for point in passed))


def _overdue(point: ActionPoint) -> OverduePoint:
    last: str | None = vars(point)["last"]
    return OverduePoint(
        code=point.code,
        title=point.title,
        title_language=title_language(point),
        due_on=point.due_on or date.max,
        last_known=Progress(last) if last else None,
    )

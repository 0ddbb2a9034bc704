"""The texts of one ministry in one round, with all that it needs to agree on them among itself.

Only for people with a right to the entries that they pass in. Nothing public imports this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from actions.choices import Basis, EntryState, Progress, ResponsibilityRole, Schedule
from actions.models import Citation, EntrySource, EntryVersion, Responsibility, StatusEntry
from actions.queries.conversions import reading
from actions.queries.names import ResponsibilityBook
from actions.queries.records import Name, Reading, Responsible


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One action point of a ministry in a list; `version` is 0 when nothing is written yet."""

    entry: int
    code: str
    title: str
    state: EntryState
    version: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """The action points for which one ministry holds the pen in one round."""

    round: int
    year: int
    ministry: Name
    lines: tuple[OwnLine, ...]


@dataclass(frozen=True, slots=True)
class OwnReference:
    """An official reference in a text, and what it is called in the register when it is there."""

    literal: str
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What was written in one version."""

    number: int
    written_at: datetime
    progress: Progress | None
    basis: Basis | None
    discontinued_reason: str
    schedule: Schedule
    continues_after_plan: bool | None
    narrative: str
    outlook: str
    letter_passage: str
    informed_before: bool
    informed_reference: str
    informed_sender: str
    internal_note: str
    reported_with: str
    sources: tuple[Reading, ...]
    references: tuple[OwnReference, ...]


@dataclass(frozen=True, slots=True)
class OwnText:
    """One action point with its text as it stands; `words` is None when there is none yet."""

    line: OwnLine
    in_plan: bool
    official_text: str
    description: str
    responsible: tuple[Responsible, ...]
    words: OwnWords | None


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """All texts of one ministry in one round."""

    bundle: Bundle
    plan: str
    deadline: date | None
    texts: tuple[OwnText, ...]


def bundles(entries: QuerySet[StatusEntry], ministries: Collection[str] | None) -> list[Bundle]:
    """Return what these ministries, or all, hold the pen for, newest round first; 2 queries."""
    rows, book = _rows(entries)
    found: dict[tuple[int, Name], list[StatusEntry]] = defaultdict(list)
    for row in rows:
        lead = _lead(row, book)
        if lead is not None and (ministries is None or lead.slug in ministries):
            found[row.round_id, lead].append(row)
    made = [_bundle(name, group) for (_round, name), group in found.items()]
    return sorted(made, key=lambda each: (-each.year, each.round, each.ministry.short.casefold()))


def own_texts(
    entries: QuerySet[StatusEntry], ministry: str, *, with_notes: bool
) -> OwnTexts | None:
    """Return the texts of one ministry among the entries of one round; 5 queries at most.

    None when it holds the pen for none of them. What is left out is not even read into the result.
    """
    everything, book = _rows(entries)
    named = [(row, lead) for row in everything if (lead := _lead(row, book))]
    rows = [row for row, lead in named if lead.slug == ministry]
    if not rows:
        return None
    name = next(lead for _row, lead in named if lead.slug == ministry)
    versions = [row.latest_version_id for row in rows if row.latest_version_id]
    sources, references = _sources(versions), _references(versions)
    return OwnTexts(
        bundle=_bundle(name, rows),
        plan=rows[0].round.plan.title_nl,
        deadline=rows[0].round.ministry_deadline,
        texts=tuple(
            OwnText(
                line=_line(row),
                in_plan=row.action_point.in_plan,
                official_text=row.action_point.official_text,
                description=row.action_point.description,
                responsible=book.on(row.action_point_id, _day(row)),
                words=(
                    _words(row.latest_version, sources, references, with_notes=with_notes)
                    if row.latest_version
                    else None
                ),
            )
            for row in rows
        ),
    )


def _rows(entries: QuerySet[StatusEntry]) -> tuple[list[StatusEntry], ResponsibilityBook]:
    rows = list(
        entries.select_related(
            *("action_point", "round__letter", "round__plan"),
            "latest_version__reported_with__action_point",
        ).order_by("action_point__code")
    )
    points = {row.action_point_id for row in rows}
    return rows, ResponsibilityBook(Responsibility.objects.filter(action_point__in=points))


def _day(row: StatusEntry) -> date:
    """Return the day whose names count: that of the letter, or today while there is none."""
    return row.round.sent_on or timezone.localdate()


def _lead(row: StatusEntry, book: ResponsibilityBook) -> Name | None:
    held = book.on(row.action_point_id, _day(row))
    return next((each.organisation for each in held if each.role == ResponsibilityRole.LEAD), None)


def _bundle(name: Name, rows: Iterable[StatusEntry]) -> Bundle:
    group = list(rows)
    return Bundle(group[0].round_id, group[0].round.year, name, tuple(map(_line, group)))


def _line(row: StatusEntry) -> OwnLine:
    return OwnLine(
        entry=row.pk,
        code=row.action_point.code,
        title=row.action_point.title_nl,
        state=EntryState(row.state),
        version=row.latest_version.number if row.latest_version else 0,
    )


def _sources(versions: Iterable[int]) -> dict[int, list[Reading]]:
    rows = EntrySource.objects.filter(version__in=versions).select_related("source__document")
    found: dict[int, list[Reading]] = defaultdict(list)
    for each in rows:
        found[each.version_id].append(reading(each.source, each.detail))
    return found


def _references(versions: Iterable[int]) -> dict[int, list[OwnReference]]:
    """Return the references in each version, each document once; none stands in a note."""
    rows = Citation.objects.filter(entry_version__in=versions).select_related("document")
    found: dict[int, dict[str, OwnReference]] = defaultdict(dict)
    for each in rows:
        title = each.document.title if each.document else ""
        found[each.entry_version_id or 0].setdefault(
            each.identifier or each.literal, OwnReference(each.literal, each.url, title)
        )
    return {version: list(references.values()) for version, references in found.items()}


def _words(
    version: EntryVersion,
    sources: Mapping[int, list[Reading]],
    references: Mapping[int, list[OwnReference]],
    *,
    with_notes: bool,
) -> OwnWords:
    along = version.reported_with
    return OwnWords(
        number=version.number,
        written_at=version.created_at,
        progress=Progress(version.progress) if version.progress else None,
        basis=Basis(version.progress_basis) if version.progress_basis else None,
        discontinued_reason=version.discontinued_reason,
        schedule=Schedule(version.schedule),
        continues_after_plan=version.continues_after_plan,
        narrative=version.narrative,
        outlook=version.outlook,
        letter_passage=version.letter_passage,
        informed_before=version.informed_before,
        informed_reference=version.informed_reference,
        informed_sender=version.informed_sender,
        internal_note=version.internal_note if with_notes else "",
        reported_with=along.action_point.code if along else "",
        sources=tuple(sources.get(version.pk, ())),
        references=tuple(references.get(version.pk, ())),
    )

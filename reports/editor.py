"""What the editor of a document shows: paragraphs as they stand, what became of them, a preview."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise

from django.utils import timezone

from actions import differences, richtext
from actions.differences import Piece
from actions.models import ReportingRound, StatusEntry
from napmonitor.audit.models import AuditEvent
from reports import arrangement, arranging, paragraphs
from reports.arrangement import OPENING, Arranged, Change, Outcome, Rebuilt, Stored
from reports.arrangement.built import places
from reports.choices import Kind
from reports.document import Document
from reports.models import EditionParagraph
from reports.renderers.html import part_markup

# So many lines of so many characters does a field for a text show at least and at most.
_LINE, _FEWEST, _MOST = 55, 3, 18


@dataclass(frozen=True, slots=True)
class Tie:
    """The text of a ministry that a paragraph speaks of."""

    code: str
    number: int
    entry: int


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph in the editor."""

    row: Stored
    revision: int
    ties: tuple[Tie, ...]
    # What the texts of the ministries would make of it now, when that is something else.
    change: Change | None
    is_first: bool
    is_last: bool
    can_join: bool

    @property
    def node_id(self) -> str:
        return self.row.node_id

    @property
    def prefix(self) -> str:
        """Return how the ids of its text begin where that is shown."""
        return f"gebouwd-{self.node_id}"

    @property
    def has_own(self) -> bool:
        return bool(self.row.own.strip())

    @property
    def text(self) -> str:
        return self.row.text

    @property
    def height(self) -> int:
        """Return how many lines the field for the text shows."""
        lines = sum(len(line) // _LINE + 1 for line in self.text.splitlines())
        return min(max(lines, _FEWEST), _MOST)

    @property
    def name(self) -> str:
        """Return the first words, by which somebody knows the paragraph."""
        rich = richtext.parse(self.text) if len(self.text) <= richtext.MAX_CHARACTERS else None
        words = f"{self.row.lead} {richtext.plain_text(rich) if rich else self.text}".split()
        said = " ".join(words)
        return said if len(said) <= 60 else f"{said[:60].rsplit(' ', 1)[0]} …"


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its paragraphs in order."""

    id: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A document in the editor."""

    parts: tuple[Part, ...]
    # Every section, also in which nothing stands.
    places: tuple[tuple[str, str], ...]
    rebuilt: Rebuilt
    is_arranged: bool

    @property
    def changes(self) -> int:
        return sum(each.outcome != Outcome.SAME for each in self.rebuilt.changes)

    def lines(self) -> Iterator[Line]:
        for part in self.parts:
            yield from part.lines

    def line(self, node_id: str) -> Line | None:
        return next((line for line in self.lines() if line.node_id == node_id), None)


def opened(each: ReportingRound, kind: Kind) -> Opened:
    """Return a document as it stands; what nobody arranged yet is as it was built."""
    built = arranging.built(arranging.read(each), kind)
    found = paragraphs.rows(each, kind)
    rows = paragraphs.stored(found, each.year) or arrangement.stored(built)
    # At the first step all is stored as it was built, as its first revision.
    revisions = {row.node_id: row.revision for row in found}
    rebuilt = arrangement.rebuild(rows, built) if found else Rebuilt((), rows)
    changes = {
        change.node_id: change for change in rebuilt.changes if change.outcome != Outcome.SAME
    }
    entries = _entries(each)
    known = tuple((place.id, place.title) for place in places(built))
    parts = []
    for name, title in known:
        near = [row for row in rows if _part(row, known) == name]
        if near:
            lines = _lines(near, revisions, changes, entries)
            parts.append(Part(name, title, tuple(lines)))
    return Opened(tuple(parts), known, rebuilt, bool(found))


def _part(row: Stored, known: Iterable[tuple[str, str]]) -> str:
    """Return the section in which a paragraph is shown, also when its own is gone."""
    return row.part if any(name == row.part for name, _title in known) else OPENING


def _lines(
    near: Sequence[Stored],
    revisions: Mapping[str, int],
    changes: Mapping[str, Change],
    entries: Mapping[str, int],
) -> Iterator[Line]:
    for (before, row), (_same, after) in pairwise(pairwise([None, *near, None])):
        if row is None:
            continue
        yield Line(
            row=row,
            revision=revisions.get(row.node_id, 1),
            ties=tuple(_ties(row.versions, entries)),
            change=changes.get(row.node_id),
            is_first=before is None,
            is_last=after is None,
            can_join=after is not None
            and not (row.fixed or row.left_out or after.fixed or after.left_out),
        )


def _ties(names: Iterable[str], entries: Mapping[str, int]) -> Iterator[Tie]:
    for name in names:
        code, _year, number = name.split("/")
        if code in entries:
            yield Tie(code, int(number), entries[code])


def _entries(each: ReportingRound) -> dict[str, int]:
    """Return the key of the text of each action point."""
    return dict(StatusEntry.objects.filter(round=each).values_list("action_point__code", "pk"))


# What rebuilding would change.


@dataclass(frozen=True, slots=True)
class Shown:
    """A paragraph that rebuilding changes, with what comes and goes in its built text."""

    change: Change
    title: str
    pieces: Sequence[Piece]
    own: str


def shown(document: Opened) -> list[Shown]:
    """Return what rebuilding would change, in the order of the document."""
    titles = dict(document.places)
    own = {line.node_id: line.row.own for line in document.lines()}
    return [
        Shown(
            change,
            titles.get(change.part, ""),
            differences.compare(
                _opened_by(change.lead_before, change.before),
                _opened_by(change.lead_now, change.now),
            ),
            own.get(change.node_id, ""),
        )
        for change in document.rebuilt.changes
        if change.outcome != Outcome.SAME
    ]


def _opened_by(lead: str, text: str) -> str:
    return f"**{lead}** {text}" if lead else text


# What belongs to one paragraph.


def points(each: ReportingRound, line: Line) -> dict[str, str]:
    """Return the action points to whose text a paragraph can be tied, with their titles."""
    codes = {*arranging.newest_texts(each), *(tie.code for tie in line.ties)}
    found = StatusEntry.objects.filter(round=each, action_point__code__in=codes)
    return {
        entry.action_point.code: entry.action_point.title
        for entry in found.select_related("action_point").order_by("action_point__code")
    }


def pieces(line: Line) -> list[str]:
    """Return the pieces between which a text can be split: its paragraphs, lists and tables."""
    if line.row.fixed or len(line.text) > richtext.MAX_CHARACTERS:
        return []
    rich = richtext.parse(line.text)
    return [richtext.plain_text(richtext.RichText((block,))) for block in rich.blocks]


def earlier_texts(each: ReportingRound, kind: Kind, line: Line) -> list[tuple[str, datetime]]:
    """Return the own texts that stood in a paragraph before, newest first, with their moment."""
    found = (
        EditionParagraph.history.filter(round=each, kind=kind, node_id=line.node_id)
        .exclude(own="")
        .order_by("-history_date", "-history_id")
        .values_list("own", "history_date")
    )
    texts: dict[str, datetime] = {}
    for own, at in found[:50]:
        if own != line.row.own:
            texts.setdefault(own, at)
    return list(texts.items())[:5]


# The preview.


def preview(each: ReportingRound, kind: Kind, node_id: str, typed: str | None) -> str:
    """Return the HTML of the section a paragraph stands in, with what was typed there.

    Raises LookupError when there is no such paragraph, and ValueError when the text is too long.
    """
    last = AuditEvent.objects.order_by("-sequence").values_list("hash", flat=True).first()
    built = _built_once(each.pk, kind, last or "", timezone.localdate())
    rows: Sequence[Arranged] = paragraphs.arrangement(each, kind) or _only(built, node_id)
    row = next((row for row in rows if row.node_id == node_id), None)
    if row is None:
        raise LookupError(node_id)
    if typed is not None:
        own = richtext.clean(typed) if richtext.says_something(typed) else ""
        changed = replace(row, own=own)
        rows = [changed if each is row else each for each in rows]
    return part_markup(arrangement.arrange(built, rows), row.part)


def _only(built: Document, node_id: str) -> list[Arranged]:
    """Return one paragraph where it was built; the others keep their place."""
    return [
        Arranged(node_id, place.id)
        for place in places(built)
        if any(block.id == node_id for block in place.blocks)
    ]


@lru_cache(maxsize=4)
def _built_once(pk: int, kind: Kind, last: str, day: date) -> Document:
    """Return a document as it is built, made once while nothing happens and it is this day.

    `last` is the end of the audit trail, in which every change of a text stands.
    """
    each = ReportingRound.objects.select_related("plan").get(pk=pk)
    return arranging.built(arranging.read(each), kind)

"""What differs per action point between two snapshots, of two years or of one. No Django.

A point is known by its code and a ministry by its slug, so that another name or place is told as
what it is. That a report is silent says nothing of the work: it is neither progress nor decline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from actions import richtext
from actions.differences import Kind, Piece, compare
from reports.snapshot import Snapshot, SnapshotMinistry, SnapshotPoint

_ORDER: Final = ("not_started", "in_progress", "completed")
# The texts of a point that are put beside each other, in reading order.
TEXTS: Final = ("narrative", "outlook", "discontinued_reason")
# What the list of points says of one, and what the text over a year says beside its progress.
LISTED: Final = ("title", "pillar", "in_plan")
WRITTEN: Final = ("schedule", "continues", "reported_with")
# Below this share of equal words a reader follows two texts better than their differences.
_RELATED: Final = 0.4


class Movement(Enum):
    """What can be said of the progress of a point between two snapshots."""

    SAME = "same"
    FURTHER = "further"
    BACK = "back"
    # To or from discontinued, which is neither.
    OTHER = "other"
    NOW_KNOWN = "now-known"
    NOW_SILENT = "now-silent"
    STILL_SILENT = "still-silent"


@dataclass(frozen=True, slots=True)
class Renamed:
    """One ministry under two names."""

    before: SnapshotMinistry
    after: SnapshotMinistry


@dataclass(frozen=True, slots=True)
class Ministries:
    """Who got a role at a point, who lost one, and who is called otherwise."""

    came: tuple[SnapshotMinistry, ...] = ()
    went: tuple[SnapshotMinistry, ...] = ()
    renamed: tuple[Renamed, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether others answer now; a new name alone is no such change."""
        return bool(self.came or self.went)


@dataclass(frozen=True, slots=True)
class TextChange:
    """One text of a point in two snapshots; its words without the signs for the layout."""

    field: str
    before: str
    after: str
    pieces: tuple[Piece, ...]

    @property
    def is_rewritten(self) -> bool:
        """Whether so little stayed that the two are best read each on its own."""
        same = sum(len(piece.text) for piece in self.pieces if piece.kind is Kind.SAME)
        return same < _RELATED * max(len(self.before), len(self.after))

    @property
    def is_layout_only(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class PointComparison:
    """One action point in two snapshots; without a `before` it is new, without an `after` gone."""

    before: SnapshotPoint | None
    after: SnapshotPoint | None
    movement: Movement
    ministries: Ministries
    texts: tuple[TextChange, ...]

    @property
    def latest(self) -> SnapshotPoint:
        """The point as it was last, for its code and title."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a point that is in neither snapshot")
        return found

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_gone(self) -> bool:
        return self.after is None

    @property
    def progress_differs(self) -> bool:
        """Whether how it stands is told otherwise, if only by another silence or as derived."""
        if self.before is None or self.after is None:
            return False
        one, other = self.before, self.after
        return (one.progress, one.basis) != (other.progress, other.basis)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the other facts that differ, such as its title or its place in the plan."""
        if self.before is None or self.after is None:
            return ()
        # What a text says is not told of a year without one.
        written = WRITTEN if self.before.version and self.after.version else ()
        return tuple(
            name
            for name in (*LISTED, *written)
            if getattr(self.before, name) != getattr(self.after, name)
        )

    @property
    def differs(self) -> bool:
        return bool(
            self.is_new
            or self.is_gone
            or self.progress_differs
            or self.ministries.changed
            or self.texts
            or self.fields
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many points of the plan differ, and in what."""

    points: int
    changed: int
    movements: dict[Movement, int]
    ministries: int
    texts: int
    new: int
    gone: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two snapshots of one plan, point by point in the order of the second."""

    before: Snapshot
    after: Snapshot
    points: tuple[PointComparison, ...]

    @property
    def renamed(self) -> tuple[Renamed, ...]:
        """Who is called otherwise, once each, in the order of the points."""
        found = {
            each.after.slug: each for point in self.points for each in point.ministries.renamed
        }
        return tuple(found.values())

    @property
    def changed(self) -> tuple[PointComparison, ...]:
        """The points that differ; that a ministry got another name is told of the whole."""
        return tuple(each for each in self.points if each.differs)

    @property
    def counts(self) -> Counts:
        """Return the numbers over the points that are in the plan, as in every count."""
        points = [each for each in self.points if each.latest.in_plan]
        in_both = [each for each in points if not each.is_new and not each.is_gone]
        return Counts(
            points=len(points),
            changed=sum(each.differs for each in points),
            movements={
                movement: sum(each.movement is movement for each in in_both)
                for movement in Movement
            },
            ministries=sum(each.ministries.changed for each in points),
            texts=sum(bool(each.texts) for each in points),
            new=sum(each.is_new for each in points),
            gone=sum(each.is_gone for each in points),
        )


def compare_snapshots(before: Snapshot, after: Snapshot) -> Comparison:
    """Return what differs between two snapshots; raises ValueError for those of two plans."""
    if before.plan != after.plan:
        raise ValueError("two snapshots of different plans")
    old = {point.code: point for point in before.points}
    known = {point.code for point in after.points}
    gone = [point for point in before.points if point.code not in known]
    points = (
        *(_compared(old.get(point.code), point) for point in after.points),
        *(_compared(point, None) for point in gone),
    )
    return Comparison(before, after, points)


def _compared(before: SnapshotPoint | None, after: SnapshotPoint | None) -> PointComparison:
    if before is None or after is None:
        return PointComparison(before, after, Movement.SAME, Ministries(), ())
    return PointComparison(
        before,
        after,
        _movement(before, after),
        _ministries(before.responsible, after.responsible),
        tuple(_texts(before, after)),
    )


def _movement(before: SnapshotPoint, after: SnapshotPoint) -> Movement:
    if before.is_silent:
        return Movement.STILL_SILENT if after.is_silent else Movement.NOW_KNOWN
    if after.is_silent:
        return Movement.NOW_SILENT
    if before.progress == after.progress:
        return Movement.SAME
    if before.progress not in _ORDER or after.progress not in _ORDER:
        return Movement.OTHER
    further = _ORDER.index(after.progress) > _ORDER.index(before.progress)
    return Movement.FURTHER if further else Movement.BACK


def _ministries(
    before: tuple[SnapshotMinistry, ...], after: tuple[SnapshotMinistry, ...]
) -> Ministries:
    names = {each.slug: each for each in after}
    return Ministries(
        came=_only_in(after, before),
        went=_only_in(before, after),
        renamed=tuple(
            Renamed(each, names[slug])
            for slug, each in {each.slug: each for each in before}.items()
            if slug in names and names[slug].name != each.name
        ),
    )


def _only_in(
    some: tuple[SnapshotMinistry, ...], others: tuple[SnapshotMinistry, ...]
) -> tuple[SnapshotMinistry, ...]:
    """Return who has a role in the one and not in the other; a new name is no new ministry."""
    known = {(each.slug, each.role) for each in others}
    return tuple(each for each in some if (each.slug, each.role) not in known)


def _texts(before: SnapshotPoint, after: SnapshotPoint) -> Iterator[TextChange]:
    for name in TEXTS:
        one, other = getattr(before, name), getattr(after, name)
        if one != other:
            old, new = _words(one), _words(other)
            yield TextChange(name, old, new, tuple(compare(old, new)))


def _words(text: str) -> str:
    """Return a text as it is read, one line for each paragraph, point or row."""
    words = richtext.plain_text(richtext.parse(text))
    return "\n".join(line for line in words.splitlines() if line.strip())

"""How the ministries are put on their pages: points by role, counts, and bars. Plain functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actions.choices import Progress, ResponsibilityRole
from actions.queries.organisations import tally
from actions.queries.records import AnsweredPoint, ListedMinistry, OrganisationFacts, Tally


@dataclass(frozen=True, slots=True)
class Part:
    """One answer or silence in a bar; places and sizes as SVG writes them, in any language."""

    progress: Progress
    count: int
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class Bar:
    """How some points stand, as long as they are beside the most there are."""

    total: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class MinistryLine:
    """A ministry in the list, with its bar."""

    ministry: ListedMinistry
    bar: Bar


@dataclass(frozen=True, slots=True)
class Rows:
    """Points for which an organisation does the same; without a role, those outside the plan."""

    role: ResponsibilityRole | None
    points: tuple[AnsweredPoint, ...]

    @property
    def derived(self) -> int:
        return sum(each.is_derived for each in self.points)


def lines(ministries: Sequence[ListedMinistry]) -> tuple[MinistryLine, ...]:
    """Return the ministries with their bars, all on one scale."""
    most = max((each.tally.total for each in ministries), default=0)
    return tuple(MinistryLine(each, bar(each.tally, most)) for each in ministries)


def bar(counts: Tally, most: int) -> Bar:
    """Return a bar on a scale of which `most` fills the whole width."""
    return Bar(counts.total, tuple(_parts(counts, most or 1)))


def _parts(counts: Tally, most: int) -> Iterator[Part]:
    before = 0
    for progress, count in counts.counts:
        yield Part(progress, count, f"{before / most:.3%}", f"{count / most:.3%}")
        before += count


def groups(points: Sequence[AnsweredPoint]) -> tuple[Rows, ...]:
    """Return the points of the plan by role, and apart the subjects outside it."""
    in_plan = [each for each in points if each.point.row.in_plan]
    found = [
        Rows(role, tuple(each for each in in_plan if each.role == role))
        for role in ResponsibilityRole
    ]
    found.append(Rows(None, tuple(each for each in points if not each.point.row.in_plan)))
    return tuple(each for each in found if each.points)


def standing(facts: OrganisationFacts, points: Sequence[AnsweredPoint], year: int | None) -> Tally:
    """Count how points of the plan stand in a year: for a ministry those it answers for.

    For who is no ministry, those it carries out: each point has one role of one organisation.
    """
    counts: Counter[Progress] = Counter()
    for each in points:
        carries_out = each.role == ResponsibilityRole.IMPLEMENTING
        stand = each.point.in_year(year) if year else None
        if stand and each.point.row.in_plan and not (facts.is_ministry and carries_out):
            counts[stand.progress] += 1
    return tally(counts)

"""How the ministries are put on their pages: points by role, counts, and bars. Plain functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actions.bars import Bar, bars
from actions.choices import Progress, ResponsibilityRole
from actions.formatting import ProgressLine
from actions.queries.organisations import tally
from actions.queries.records import AnsweredPoint, ListedMinistry, OrganisationFacts, Tally

_TITLES: Final[Mapping[ResponsibilityRole | None, Promise]] = {
    ResponsibilityRole.LEAD: _("as responsible"),
    ResponsibilityRole.CO_RESPONSIBLE: _("as co-responsible"),
    ResponsibilityRole.IMPLEMENTING: _("to carry out"),
    None: _("outside the plan"),
}


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
    def title(self) -> str:
        return str(_TITLES[self.role])

    @property
    def derived(self) -> int:
        return sum(each.is_derived for each in self.points)


def lines(ministries: Sequence[ListedMinistry]) -> tuple[MinistryLine, ...]:
    """Return the ministries with their bars, all on one scale."""
    drawn = bars(dict(each.tally.counts) for each in ministries)
    return tuple(MinistryLine(*each) for each in zip(ministries, drawn, strict=True))


def counted(counts: Tally) -> tuple[ProgressLine, ...]:
    """Return the lines of the table beside a bar: what occurs."""
    return tuple(ProgressLine(progress, (), count, 0) for progress, count in counts.counts)


def groups(points: Sequence[AnsweredPoint]) -> tuple[Rows, ...]:
    """Return the points of the plan by role, and apart the subjects outside it."""
    in_plan = [each for each in points if each.row.in_plan]
    found = [
        Rows(role, tuple(each for each in in_plan if each.role == role))
        for role in ResponsibilityRole
    ]
    found.append(Rows(None, tuple(each for each in points if not each.row.in_plan)))
    return tuple(each for each in found if each.points)


def standing(facts: OrganisationFacts, points: Sequence[AnsweredPoint], year: int | None) -> Tally:
    """Count how points of the plan stand in a year: for a ministry those it answers for.

    For who is no ministry, those it carries out: each point has one role of one organisation.
    """
    counts: Counter[Progress] = Counter()
    for each in points:
        carries_out = each.role == ResponsibilityRole.IMPLEMENTING
        stand = each.in_year(year) if year else None
        if stand and each.row.in_plan and not (facts.is_ministry and carries_out):
            counts[stand.progress] += 1
    return tally(counts)

"""How one pillar is put on its page: what it is about, its bar and its counts. Plain functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actions.choices import SILENCE, Progress
from actions.queries.records import Name, PillarDetail

# A smaller part of the bar has no room for its mark and number; the table has them.
_ROOM: Final = 0.08

_ABOUT: Final[Mapping[int, tuple[Promise, Promise]]] = {
    1: (
        _("The state must protect people when companies harm human rights."),
        _("It does so with laws, with policy, and by setting a good example itself."),
    ),
    2: (
        _("Companies must respect human rights, wherever they do business."),
        _("They find out which harm they can cause, prevent it, and say openly what they do."),
    ),
    3: (
        _("Whoever was harmed by a company must be able to have that put right."),
        _("That can be done in court, or through a complaints procedure outside it."),
    ),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One answer or silence; its place in the bar as SVG writes it, in any language."""

    progress: Progress
    count: int
    derived: int
    start: str
    width: str
    middle: str
    has_room: bool


@dataclass(frozen=True, slots=True)
class PillarStanding:
    """How the points of one pillar stand in one year; subjects outside the plan do not count."""

    year: int
    parts: tuple[Part, ...]
    total: int

    @property
    def shown(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.count)

    @property
    def known(self) -> int:
        return sum(part.count for part in self.parts if part.progress not in SILENCE)


@dataclass(frozen=True, slots=True)
class AnsweringFor:
    """A ministry by its name of today, and for how many points of the pillar it answers."""

    organisation: Name
    points: int


def about(number: int) -> tuple[str, str]:
    """Return in two sentences what a pillar of the guiding principles is about."""
    first, second = _ABOUT[number]
    return str(first), str(second)


def standing(pillar: PillarDetail, year: int) -> PillarStanding:
    """Count the points of a pillar per progress in one of its years."""
    stands = [stand for point in pillar.points if (stand := point.in_year(year))]
    counts = Counter(stand.progress for stand in stands)
    derived = Counter(stand.progress for stand in stands if stand.is_derived)
    parts = tuple(_parts([(each, counts[each], derived[each]) for each in Progress], len(stands)))
    return PillarStanding(year, parts, len(stands))


def _parts(counts: Sequence[tuple[Progress, int, int]], total: int) -> Iterator[Part]:
    before = 0
    for progress, count, derived in counts:
        yield Part(
            progress=progress,
            count=count,
            derived=derived,
            start=_share(before, total),
            width=_share(count, total),
            middle=_share(before + count / 2, total),
            has_room=count >= _ROOM * total,
        )
        before += count


def _share(count: float, total: int) -> str:
    return f"{count / (total or 1):.3%}"


def responsible(pillar: PillarDetail) -> tuple[AnsweringFor, ...]:
    """Return who answers for the points of a pillar, most points first."""
    names: dict[str, Name] = {}
    counts: Counter[str] = Counter()
    for point in pillar.points:
        answering = {each.organisation.slug: each.organisation for each in point.row.answering}
        names |= answering
        counts.update(answering.keys())
    found = [AnsweringFor(names[slug], count) for slug, count in counts.items()]
    return tuple(sorted(found, key=lambda each: (-each.points, each.organisation.short.casefold())))

"""How one pillar is put on its page: what it is about, and its counts. Plain functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actions.queries.records import Name, PillarDetail, PillarProgress

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
class AnsweringFor:
    """A ministry by its name of today, and for how many points of the pillar it answers."""

    organisation: Name
    points: int


def about(number: int) -> tuple[str, str]:
    """Return in two sentences what a pillar of the guiding principles is about."""
    first, second = _ABOUT[number]
    return str(first), str(second)


def progress(pillar: PillarDetail, year: int) -> PillarProgress:
    """Count the points of a pillar in one of its years; subjects outside the plan do not count."""
    stands = [stand for point in pillar.points if (stand := point.in_year(year))]
    counts = Counter(stand.progress for stand in stands)
    derived = Counter(stand.progress for stand in stands if stand.is_derived)
    return PillarProgress(pillar.number, pillar.title, counts, derived)


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

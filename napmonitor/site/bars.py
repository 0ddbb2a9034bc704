"""Where the parts of a stacked bar stand. Plain functions; nothing here draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from actions.choices import Progress
from actions.queries.records import PillarProgress

# A smaller part has no room for its number; the table has it.
_ROOM: Final = 0.04


@dataclass(frozen=True, slots=True)
class Part:
    """One answer or silence in a bar; places and sizes as SVG writes them, in any language."""

    progress: Progress
    count: int
    start: str
    width: str
    middle: str
    has_room: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One pillar, as long as it has action points beside the longest."""

    number: int
    title: str
    total: int
    parts: tuple[Part, ...]


def bars(pillars: Iterable[PillarProgress]) -> tuple[Bar, ...]:
    """Return a bar for each pillar, all on one scale."""
    pillars = tuple(pillars)
    longest = max((pillar.total for pillar in pillars), default=0) or 1
    return tuple(
        Bar(pillar.number, pillar.title, pillar.total, tuple(_parts(pillar, longest)))
        for pillar in pillars
    )


def _parts(pillar: PillarProgress, longest: int) -> Iterator[Part]:
    before = 0
    for progress in Progress:
        count = pillar.counts[progress]
        if count:
            middle = before + count / 2
            yield Part(
                progress=progress,
                count=count,
                start=_share(before / longest),
                width=_share(count / longest),
                middle=_share(middle / longest),
                has_room=count / longest >= _ROOM,
            )
        before += count


def _share(share: float) -> str:
    return f"{share:.3%}"

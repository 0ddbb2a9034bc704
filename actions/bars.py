"""Stacked bars of how points stand: where each part stands. Plain functions; nothing here draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from actions.choices import Progress

# Per digit: in a smaller part its number has no room; the legend or the table has it.
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
    """How some points stand: a part for each answer or silence that occurs."""

    parts: tuple[Part, ...]

    @property
    def total(self) -> int:
        return sum(part.count for part in self.parts)


def bar(counts: Mapping[Progress, int]) -> Bar:
    """Return a bar that fills the whole width."""
    return _bar(counts, _total(counts))


def bars(lines: Iterable[Mapping[Progress, int]]) -> tuple[Bar, ...]:
    """Return a bar for each line, all on one scale: the longest fills the whole width."""
    lines = tuple(lines)
    longest = max(map(_total, lines), default=0)
    return tuple(_bar(counts, longest) for counts in lines)


def _total(counts: Mapping[Progress, int]) -> int:
    return sum(counts.values())


def _bar(counts: Mapping[Progress, int], longest: int) -> Bar:
    return Bar(tuple(_parts(counts, longest)))


def _parts(counts: Mapping[Progress, int], longest: int) -> Iterator[Part]:
    before = 0
    for progress in Progress:
        if count := counts.get(progress, 0):
            yield Part(
                progress=progress,
                count=count,
                start=_share(before / longest),
                width=_share(count / longest),
                middle=_share((before + count / 2) / longest),
                has_room=count / longest >= _ROOM * len(str(count)),
            )
            before += count


def _share(share: float) -> str:
    return f"{share:.3%}"

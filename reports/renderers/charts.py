"""Chart in, SVG out: one picture for the screen, the page and the Word file.

Presentation attributes only: a strict policy allows no style on an element, and styles of the page
do not reach into a picture of the PDF. Every part differs in grey or in lines and bears its number,
so that nothing hangs on colour.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, NamedTuple

from reports.document import Chart

WIDTH: Final = 480.0
FACE: Final = "NAP Text, DejaVu Sans, Verdana, Arial, sans-serif"
SIZE: Final = 9.0
LINE: Final = 12.0
# What a sign takes at most, on average over a word, as a share of the size of the type.
_SIGN: Final = 0.64
_SIGNS_OF_A_NAME: Final = 26
_BAR: Final = 17.0
_GAP: Final = 9.0
# Bars end here, to leave room for what they count together.
_END: Final = WIDTH - 30


class Fill(NamedTuple):
    """How a part is filled; `slope` leans its lines: 1 up, -1 down, 0 flat, none for no lines."""

    colour: str
    ink: str
    slope: int | None = None


FILLS: Final = (
    Fill("#154273", "#ffffff"),
    Fill("#9dbbd6", "#000000"),
    Fill("#ffffff", "#000000"),
    Fill("#ffffff", "#000000", 1),
    Fill("#d3d9df", "#000000", -1),
    Fill("#ffffff", "#000000", 0),
    Fill("#5a6672", "#ffffff"),
)


@dataclass(frozen=True, slots=True)
class _Box:
    """A part of a bar, or the sample of it in the legend."""

    x: float
    y: float
    width: float
    height: float


def chart_svg(chart: Chart) -> str:
    """Return the picture as one SVG element that needs nothing beside it."""
    legend, top = _legend(chart)
    bars, bottom = _bars(chart, top + _GAP)
    size = f'width="{WIDTH:g}" height="{bottom:g}" viewBox="0 0 {WIDTH:g} {bottom:g}"'
    named = f'role="img" aria-labelledby="{escape(chart.id)}-titel {escape(chart.id)}-tekst"'
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named} ',
            f'font-family="{FACE}" font-size="{SIZE:g}" fill="currentColor">',
            f'<title id="{escape(chart.id)}-titel">{escape(chart.caption)}</title>',
            f'<desc id="{escape(chart.id)}-tekst">{escape(chart.alternative)}</desc>',
            *legend,
            *bars,
            "</svg>",
        ]
    )


def _legend(chart: Chart) -> tuple[list[str], float]:
    """Return a sample with its name for each series, and where the legend ends."""
    parts: list[str] = []
    x, y = 0.0, 2.0
    for number, series in enumerate(chart.series):
        width = 16 + _width(series.name)
        if x and x + width > WIDTH:
            x, y = 0.0, y + LINE + 3
        parts += _filled(_Box(x + 0.5, y, 10, 10), FILLS[number % len(FILLS)])
        parts.append(_text(x + 15, y + 8.2, series.name))
        x += width + 14
    return parts, y + LINE


def _bars(chart: Chart, top: float) -> tuple[list[str], float]:
    names = [textwrap.wrap(name, _SIGNS_OF_A_NAME) or [""] for name in chart.bars]
    start = 8 + max((_width(line) for lines in names for line in lines), default=0.0)
    totals = [sum(each.values[number] for each in chart.series) for number in range(len(names))]
    scale = (_END - start) / max([1, *totals])
    parts: list[str] = []
    y = top
    for number, lines in enumerate(names):
        counts = [each.values[number] for each in chart.series]
        middle = y + max(_BAR, LINE * len(lines)) / 2
        parts += [
            _text(start - 8, middle + SIZE * 0.36 + LINE * (at - (len(lines) - 1) / 2), line, "end")
            for at, line in enumerate(lines)
        ]
        parts += _bar(counts, _Box(start, middle - _BAR / 2, scale, _BAR))
        if len(counts) > 1 or not totals[number]:
            beside = start + scale * totals[number] + 5
            parts.append(_text(beside, middle + SIZE * 0.36, str(totals[number]), bold=True))
        y = middle + max(_BAR, LINE * len(lines)) / 2
        small = _too_small(chart, counts, scale)
        for line in textwrap.wrap(small, int((WIDTH - start - 4) / (SIZE * _SIGN))):
            y += LINE
            parts.append(_text(start + 4, y - 1, line))
        y += _GAP
    axis = f"M{start:g} {top - 3:g}V{y - _GAP + 3:g}"
    parts.append(f'<path d="{axis}" fill="none" stroke="currentColor" stroke-width="0.8"/>')
    return parts, round(y, 2)


def _bar(counts: Sequence[int], unit: _Box) -> Iterator[str]:
    """Yield the parts of one bar; `unit` is where it starts and how wide one is."""
    x = unit.x
    for number, count in enumerate(counts):
        if count:
            fill = FILLS[number % len(FILLS)]
            box = _Box(x, unit.y, count * unit.width, unit.height)
            yield from _filled(box, fill)
            if _fits(count, unit.width):
                yield from _number(count, box, fill)
            x += box.width


def _number(count: int, box: _Box, fill: Fill) -> Iterator[str]:
    middle, width = box.x + box.width / 2, _width(str(count)) + 3
    if fill.slope is not None:
        plate = f'x="{middle - width / 2:.2f}" y="{box.y + 3:.2f}" width="{width:.2f}"'
        yield f'<rect {plate} height="{box.height - 6:g}" fill="{fill.colour}"/>'
    yield _text(middle, box.y + box.height / 2 + SIZE * 0.36, str(count), "middle", fill.ink)


def _too_small(chart: Chart, counts: Sequence[int], scale: float) -> str:
    """Name the numbers that do not fit in their part of the bar."""
    left = [
        f"{series.name}: {count}"
        for series, count in zip(chart.series, counts, strict=True)
        if count and not _fits(count, scale)
    ]
    return "; ".join(left)


def _fits(count: int, scale: float) -> bool:
    return _width(str(count)) + 3 <= count * scale


def _filled(box: _Box, fill: Fill) -> Iterator[str]:
    place = f'x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}" height="{box.height:g}"'
    yield f'<rect {place} fill="{fill.colour}" stroke="currentColor" stroke-width="0.6"/>'
    if fill.slope is not None:
        lines = "".join(_lines(box, fill.slope))
        yield f'<path d="{lines}" fill="none" stroke="{fill.ink}" stroke-width="0.5"/>'


def _lines(box: _Box, slope: int) -> Iterator[str]:
    """Yield the lines of a part, each cut off at its edges."""
    step = 4.0
    if slope == 0:
        for number in range(1, int(box.height / step) + 1):
            yield f"M{box.x:.2f} {box.y + number * step - 1:.2f}h{box.width:.2f}"
        return
    at = step
    while at < box.width + box.height:
        # The line runs from the left or lower edge to the upper or right edge.
        left, right = max(0.0, at - box.height), min(at, box.width)
        ends = (at - left, at - right)
        if slope < 0:
            ends = (box.height - ends[0], box.height - ends[1])
        yield (
            f"M{box.x + left:.2f} {box.y + ends[0]:.2f}L{box.x + right:.2f} {box.y + ends[1]:.2f}"
        )
        at += step


def _text(
    x: float, y: float, text: str, anchor: str = "start", fill: str = "", *, bold: bool = False
) -> str:
    more = f' text-anchor="{anchor}"' if anchor != "start" else ""
    more += f' fill="{fill}"' if fill else ""
    more += ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.2f}" y="{y:.2f}"{more}>{escape(text)}</text>'


def _width(text: str) -> float:
    return len(text) * SIZE * _SIGN

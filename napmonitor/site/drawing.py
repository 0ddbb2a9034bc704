"""Draws the card that goes with a link: words on a plain ground, never outside of it.

The same card is the same bytes with the same packages.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, TypeAlias

import pyphen
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

WIDTH: Final = 1200
HEIGHT: Final = 630

_MARGIN: Final = 80
_ROOM: Final = WIDTH - 2 * _MARGIN
# The colours of static/site/tokens.css.
_PAPER: Final = "#0b2545"
_BAND: Final = "#10325c"
_INK: Final = "#ffffff"
_SOFT: Final = "#c4def5"
_SKY: Final = "#2f9fe3"
_COLOURS: Final = {"done": "#7ed6a0", "going": "#8fcdfa", "stopped": "#f2a3ad", "": "#8494a8"}
_FACES: Final = {
    "plain": "vendor/fira-sans/fira-sans-latin-400-normal.woff2",
    "bold": "vendor/fira-sans/fira-sans-latin-600-normal.woff2",
}
# For a card with a sign that the typeface of the site lacks.
_FALL_BACK: Final = {
    "plain": "vendor/dejavu/DejaVuSans.ttf",
    "bold": "vendor/dejavu/DejaVuSans-Bold.ttf",
}
_SIZES: Final = (72, 64, 56, 50, 44)
# What the line above the title takes, and each line of facts.
_ABOVE: Final = 52
_STEP: Final = 44
_LINE: Final = 1.18
_ELLIPSIS: Final = "…"
_NAME: Final = "NAP-monitor"

Font: TypeAlias = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card: above the title, the title, and lines of facts under it.

    `parts` are shares of a bar: how many points, and which colour of progress.
    """

    above: str
    title: str
    facts: tuple[str, ...]
    language: str
    site: str
    parts: tuple[tuple[int, str], ...] = ()


@lru_cache(maxsize=256)
def draw(card: Card) -> bytes:
    """Return a card as PNG."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = ImageDraw.Draw(image)
    faces = _faces(card)
    _wordmark(pen, card, faces)
    top = 130
    room = _facts_top(card) - top - _ABOVE - 24
    size, lines = _fitted(card.title, faces["bold"], card.language, room)
    if card.above:
        above = _font(faces["plain"], 32)
        pen.text((_MARGIN, top), _one_line(card.above, above), font=above, fill=_SOFT)
    title = _font(faces["bold"], size)
    for number, line in enumerate(lines):
        pen.text((_MARGIN, top + _ABOVE + number * size * _LINE), line, font=title, fill=_INK)
    _facts(pen, card, faces)
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _wordmark(pen: ImageDraw.ImageDraw, card: Card, faces: dict[str, str]) -> None:
    pen.rectangle((0, 0, WIDTH, 96), fill=_BAND)
    pen.rectangle((0, 96, WIDTH, 102), fill=_SKY)
    # The three pillars of static/site, beside the name.
    for left, high, colour in ((0, 26, _INK), (13, 38, _SKY), (26, 32, _INK)):
        pen.rectangle((_MARGIN + left, 67 - high, _MARGIN + left + 8, 67), fill=colour)
    mark = _font(faces["bold"], 40)
    pen.text((_MARGIN + 50, 48), _NAME, font=mark, fill=_INK, anchor="lm")
    x = _MARGIN + 50 + mark.getlength(_NAME)
    small = _font(faces["plain"], 26)
    room = WIDTH - _MARGIN - x - 40
    pen.text(
        (WIDTH - _MARGIN, 48),
        _one_line(card.site, small, room),
        font=small,
        fill=_SOFT,
        anchor="rm",
    )


def _facts(pen: ImageDraw.ImageDraw, card: Card, faces: dict[str, str]) -> None:
    """Write the lines of facts upward from the foot, with the bar above them."""
    font = _font(faces["plain"], 32)
    top = HEIGHT - 48 - _STEP * len(card.facts)
    for number, line in enumerate(card.facts):
        words = _one_line(line, font)
        pen.text((_MARGIN, top + number * _STEP), words, font=font, fill=_INK)
    _bar(pen, card.parts, _facts_top(card))


def _facts_top(card: Card) -> int:
    return HEIGHT - 48 - _STEP * len(card.facts) - (40 if card.parts else 0)


def _bar(pen: ImageDraw.ImageDraw, parts: Sequence[tuple[int, str]], top: int) -> None:
    total = sum(count for count, _colour in parts)
    before = 0
    for count, colour in parts:
        left = _MARGIN + _ROOM * before // total
        right = _MARGIN + _ROOM * (before + count) // total
        pen.rectangle((left, top, right - 4, top + 18), fill=_COLOURS[colour])
        before += count


def _fitted(title: str, face: str, language: str, room: int) -> tuple[int, list[str]]:
    """Return the largest size in which the title fits, with its lines; cut off when none does.

    Rather a smaller size than a broken word.
    """
    for whole in (True, False):
        for size in _SIZES:
            font = _font(face, size)
            lines = list(_wrapped(title, font, language))
            broken = any(font.getlength(word) > _ROOM for word in title.split())
            if len(lines) <= _most_lines(size, room) and not (whole and broken):
                return size, lines
    kept = lines[: _most_lines(size, room)]
    return size, [*kept[:-1], _cut(f"{kept[-1]}{_ELLIPSIS}", font, _ROOM)]


def _most_lines(size: int, room: int) -> int:
    return int(room / (size * _LINE))


def _wrapped(text: str, font: Font, language: str) -> Iterable[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= _ROOM:
            line = longer
            continue
        if line:
            yield line
        *whole, line = _parts_of(word, font, language)
        yield from whole
    if line:
        yield line


def _parts_of(word: str, font: Font, language: str) -> list[str]:
    """Return a word in parts that each fit on a line: where it may be broken, else anywhere."""
    parts = []
    while font.getlength(word) > _ROOM:
        at = (
            _last_place(word, _breaks(language).positions(word), font)
            or _last_place(word, range(1, len(word)), font)
            or 1
        )
        parts.append(f"{word[:at]}-")
        word = word[at:]
    return [*parts, word]


def _last_place(word: str, places: Iterable[int], font: Font) -> int:
    fits = (each for each in places if font.getlength(f"{word[:each]}-") <= _ROOM)
    return max(fits, default=0)


def _one_line(text: str, font: Font, room: float = _ROOM) -> str:
    text = " ".join(text.split())
    return text if font.getlength(text) <= room else _cut(text, font, room)


def _cut(text: str, font: Font, room: float) -> str:
    """Return the beginning of a text that fits, with a sign that there was more."""
    text = text.removesuffix(_ELLIPSIS)
    while text and font.getlength(f"{text}{_ELLIPSIS}") > room:
        text = text[:-1]
    return f"{text.rstrip(' ,.;:-')}{_ELLIPSIS}"


def _faces(card: Card) -> dict[str, str]:
    """Return the typeface of the site, or another when that lacks a sign of this card."""
    words = re.sub(r"\s", "", "".join((card.above, card.title, card.site, *card.facts)))
    lacks = set(map(ord, words)) - _signs(_FACES["plain"])
    return _FALL_BACK if lacks else _FACES


@cache
def _signs(face: str) -> frozenset[int]:
    with TTFont(_path(face), lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _font(face: str, size: int) -> Font:
    # Shaped by itself: the other way of shaping differs with what is installed.
    return ImageFont.truetype(_path(face), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _path(face: str) -> str:
    found = finders.find(face)
    if found is None:
        raise FileNotFoundError(f"the font {face} is not among the static files")
    return str(found)


@cache
def _breaks(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_GB" if language == "en" else "nl")

"""What a text is made of: frozen blocks of flat runs, never markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Literal, TypeAlias

MAX_CHARACTERS: Final = 20_000
MAX_LIST_DEPTH: Final = 6

# No user:password@ in front of the host, which shows one site and opens another.
_SAFE_LINK = re.compile(
    r"https://[A-Za-z0-9][\w.-]*(:\d+)?([/?#][\w.~:/?#\[\]@!$&'()*+,;=%-]*)?"
    r"|mailto:[\w.+'-]+@[A-Za-z0-9][\w.-]*",
    re.ASCII,
)


def is_safe_link(href: str) -> bool:
    """Say whether a link is https: to a plain host or mailto: to one address."""
    return _SAFE_LINK.fullmatch(href) is not None


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one dress, or the place of a footnote; never holds an unsafe link."""

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.href and not is_safe_link(self.href):
            raise ValueError(f"neither an https: nor a mailto: link: {self.href!r}")
        if self.note and (self.text or self.href):
            raise ValueError("the place of a footnote has no text or link of its own")


LINE_BREAK: Final = Run("\n")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text, with LINE_BREAK where the author forced a new line."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 3 or 4; level 4 only after a level 3."""

    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """Text and what follows it: nested lists, and paragraphs only after one of those.

    PDF/UA refuses a paragraph element in a list item: render a Paragraph in here as bare text.
    """

    runs: tuple[Run, ...]
    blocks: tuple[Paragraph | List, ...] = ()


@dataclass(frozen=True, slots=True)
class List:
    """Bullets, or numbers counted from `start`."""

    items: tuple[Item, ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a table."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and at least one row, all as wide as the header."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    alignments: tuple[Alignment, ...]


@dataclass(frozen=True, slots=True)
class Footnote:
    """What stands at the foot for every Run whose `note` is this label."""

    label: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class RichText:
    """A text ready to render, its footnotes labelled 1, 2, 3 in order of first use."""

    blocks: tuple[Block, ...]
    footnotes: tuple[Footnote, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the author must write otherwise; the sentence about it is made elsewhere."""

    code: str
    line: int
    detail: str = ""


Alignment: TypeAlias = Literal["", "left", "center", "right"]
Block: TypeAlias = Paragraph | Heading | List | Table


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Join neighbours in the same dress; a line break and a footnote stay on their own."""
    joined: list[Run] = []
    for (*_, alone), group in groupby((run for run in runs if run.text or run.note), key=_dress):
        same = list(group)
        joined += same if alone else [replace(same[0], text="".join(run.text for run in same))]
    return tuple(joined)


def _dress(run: Run) -> tuple[bool, bool, str, bool]:
    return run.strong, run.emphasis, run.href, bool(run.note) or run == LINE_BREAK

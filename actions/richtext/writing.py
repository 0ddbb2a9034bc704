"""Write a text that was read as Markdown again, so that somebody can go on writing it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from actions.richtext.dress import Piece, dressings
from actions.richtext.model import (
    LINE_BREAK,
    Block,
    Cell,
    Footnote,
    Heading,
    Item,
    List,
    Paragraph,
    RichText,
    Run,
    Table,
)
from actions.richtext.parser import READER, clean, label
from actions.richtext.reading import runs_of

_RULES: Final = {"": "---", "left": ":---", "center": ":---:", "right": "---:"}
_MOST_DIGITS: Final = 999_999_999
# A lone heading mark and a footnote that says nothing: read as a text that ends in a space, which
# only the mark itself gives.
_BARE_MARK: Final = re.compile(r"(#{1,6}|\[\^[^\s\[\]]+\]:) ")
# What at the start of a line would make something else of it; the finder knows more of these.
_LINE_START: Final = re.compile(
    r"^(?=[-+](?:[ \t]|$)|#{1,6}(?:[ \t]|$)|>|~~~|=+[ \t]*$|[-:][-: \t]*$)", re.MULTILINE
)
_NUMBERED: Final = re.compile(r"^([0-9]{1,9})(?=[.)](?:[ \t]|$))", re.MULTILINE)
# A colon right behind the place of a footnote at the start of a line would define it.
_DEFINING: Final = re.compile(r"^(\[\^[0-9n]+\])(?=:)", re.MULTILINE)


def markdown(rich: RichText) -> str:
    """Return Markdown that `parse` reads as the same text.

    It can be longer than what was written, as signs with a meaning of their own are escaped.
    """
    return _Writing(rich).text()


class _Writing:
    """One text on its way to Markdown."""

    def __init__(self, rich: RichText) -> None:
        self.rich = rich
        bare = {mark[1] for each in rich.blocks if (mark := _bare_mark(each))}
        self.mark = ""
        while any(f"[^{self.mark}{each.label}]:" in bare for each in rich.footnotes):
            self.mark += "n"

    def text(self) -> str:
        parts = [*self._blocks(self.rich.blocks), *map(self._footnote, self.rich.footnotes)]
        return "\n\n".join(parts)

    def _blocks(self, blocks: Iterable[Block]) -> Iterator[str]:
        last: Block | None = None
        other = False
        for block in blocks:
            # Two lists that touch are two only by their marks.
            touches = isinstance(block, List) and isinstance(last, List)
            other = touches and not other
            yield self._block(block, other=other)
            last = block

    def _block(self, block: Block, *, other: bool) -> str:
        match block:
            case Paragraph(runs):
                mark = _bare_mark(block)
                return mark[1] if mark else self._lines(runs)
            case Heading(level, runs):
                words = self._inline(runs)
                # The parser takes hashes at the end for the closing of the heading.
                words = f"{words[:-1]}\\#" if words.endswith("#") else words
                return f"{'#' * level} {words}"
            case List():
                return self._list(block, other=other)
            case Table():
                return self._table(block)

    def _lines(self, runs: tuple[Run, ...]) -> str:
        """Return a paragraph, no line of which can be taken for the start of something else."""
        written = _LINE_START.sub(r"\\", self._inline(runs))
        written = _NUMBERED.sub(r"\1\\", written)
        return _DEFINING.sub(r"\1\\", written)

    def _list(self, each: List, *, other: bool) -> str:
        items = []
        for number, item in enumerate(each.items):
            if each.ordered:
                mark = f"{min(each.start + number, _MOST_DIGITS)}{')' if other else '.'}"
            else:
                mark = "*" if other else "-"
            items.append(self._item(item, mark))
        return "\n".join(items)

    def _item(self, item: Item, mark: str) -> str:
        parts = [self._lines(item.runs)] if item.runs else []
        inner = "\n\n".join([*parts, *self._blocks(item.blocks)])
        first, *rest = inner.split("\n")
        indent = " " * (len(mark) + 1)
        lines = [f"{mark} {first}".rstrip(" ") if not first else f"{mark} {first}"]
        lines += [f"{indent}{line}" if line else "" for line in rest]
        return "\n".join(lines)

    def _table(self, table: Table) -> str:
        rules = "| " + " | ".join(_RULES[each] for each in table.alignments) + " |"
        header, *rows = (self._row(row) for row in (table.header, *table.rows))
        return "\n".join((header, rules, *rows))

    def _row(self, cells: Sequence[Cell]) -> str:
        # The table takes one backslash off each pipe before anything else is read.
        words = (self._inline(cell.runs).replace("|", "\\|") for cell in cells)
        return f"| {' | '.join(words)} |"

    def _footnote(self, footnote: Footnote) -> str:
        lines = self._lines(footnote.runs).replace("\n", "\n    ")
        return f"[^{self.mark}{footnote.label}]: {lines}".rstrip(" ")

    def _inline(self, runs: tuple[Run, ...]) -> str:
        """Return runs with the marks that are read as their dress."""
        pieces = [Piece(run, self._source(run)) for run in runs]
        for written in dressings(pieces):
            if self._read(written) == runs:
                return written
        return "".join(each.source for each in pieces)

    def _read(self, written: str) -> tuple[Run, ...]:
        numbers = {f"{self.mark}{each.label}": each.label for each in self.rich.footnotes}
        (inline,) = READER.parseInline(written)
        return runs_of(inline, numbers)

    def _source(self, run: Run) -> str:
        if run.note:
            return f"[^{self.mark}{run.note}]"
        return "\\\n" if run == LINE_BREAK else _escaped(run.text)


def _bare_mark(block: Block) -> re.Match[str] | None:
    if (
        isinstance(block, Paragraph)
        and len(block.runs) == 1
        and block.runs[0] == Run(block.runs[0].text)
    ):
        return _BARE_MARK.fullmatch(block.runs[0].text)
    return None


_SPECIAL: Final = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~]|$)     # would escape what follows
    | [*\[\]`|]
    | (?<![^\W_])_ | _(?![^\W_])    # within a word an underscore is itself
    | <(?=[A-Za-z/!?])
    | !(?=\[|$)
    | (?<=https):(?=//)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def cut(text: str, offset: int) -> tuple[str, str]:
    """Cut Markdown in two at a character; each half takes along the footnotes it calls.

    Raises ValueError for a place within a footnote.
    """
    text = clean(text)
    lines = text.splitlines(keepends=True)
    notes = _definitions(text)
    halves = ["", ""]
    place = 0
    for number, line in enumerate(lines):
        inside = any(number in rows for rows in notes.values())
        if inside and place < offset < place + len(line):
            raise ValueError("a text cannot be cut within a footnote")
        if not inside:
            middle = min(max(offset - place, 0), len(line))
            halves[0] += line[:middle]
            halves[1] += line[middle:]
        place += len(line)
    sources = {name: "".join(lines[rows.start : rows.stop]) for name, rows in notes.items()}
    first, second = (_with_notes(half, sources) for half in halves)
    lost = [each for name, each in sources.items() if f"[^{name}]" not in "".join(halves)]
    return first, "\n\n".join([second, *(each.strip() for each in lost)])


def _definitions(text: str) -> dict[str, range]:
    """Return on which lines each footnote is written."""
    found: dict[str, range] = {}
    for token in READER.parse(text):
        if token.type == "footnote_reference_open" and token.map:
            found.setdefault(label(token), range(*token.map))
    return found


def _with_notes(half: str, sources: Mapping[str, str]) -> str:
    called = [each.strip() for name, each in sources.items() if f"[^{name}]" in half]
    return "\n\n".join([half.strip(), *called]) if half.strip() else ""

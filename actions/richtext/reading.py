"""Read a text into blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from markdown_it.token import Token

from actions.richtext.model import (
    LINE_BREAK,
    MAX_CHARACTERS,
    Alignment,
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
    joined,
)
from actions.richtext.parser import READER, clean, footnote_events, label


def parse(text: str) -> RichText:
    """Read any text of at most MAX_CHARACTERS, else raise ValueError."""
    text = clean(text)
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"text of {len(text)} characters, at most {MAX_CHARACTERS} allowed")
    return _Reading(READER.parse(text)).rich_text()


class _Reading:
    """One pass over the tokens of one text."""

    def __init__(self, tokens: list[Token]) -> None:
        self.numbers = _footnote_numbers(tokens)
        self.notes: dict[str, tuple[Run, ...]] = {}
        self.tokens = iter(tokens)
        self.has_heading = False

    def rich_text(self) -> RichText:
        blocks = tuple(block for token in self.tokens if (block := self.block(token)))
        footnotes = (Footnote(number, self.notes[label]) for label, number in self.numbers.items())
        return RichText(blocks, tuple(footnotes))

    def block(self, token: Token) -> Block | None:
        match token.type:
            case "heading_open":
                return self.heading(token)
            case "bullet_list_open" | "ordered_list_open":
                return self.listing(token)
            case "table_open":
                return self.table()
            case "footnote_reference_open":
                return self.footnote(label(token))
            case _:
                return self.paragraph()

    def until(self, closing: str) -> Iterator[Token]:
        for token in self.tokens:
            if token.type == closing:
                return
            yield token

    def runs(self, closing: str) -> tuple[Run, ...]:
        return _lines([runs_of(token, self.numbers) for token in self.until(closing)])

    def paragraph(self) -> Paragraph | None:
        runs = self.runs("paragraph_close")
        return Paragraph(runs) if runs else None

    def heading(self, token: Token) -> Heading | Paragraph:
        runs = self.runs("heading_close")
        level = len(token.markup)
        if level not in (3, 4) or not runs:
            return Paragraph(joined((Run(f"{token.markup} "), *runs)))
        # A level 4 without a level 3 before it would skip a level, which PDF/UA refuses.
        level = level if self.has_heading else 3
        self.has_heading = True
        return Heading(level, runs)

    def listing(self, token: Token) -> List:
        ordered = token.type == "ordered_list_open"
        closing = token.type.replace("_open", "_close")
        items = tuple(self.item() for _ in self.until(closing))
        return List(items, ordered, int(token.attrs.get("start", 1)))

    def item(self) -> Item:
        runs: tuple[Run, ...] = ()
        blocks: list[Paragraph | List] = []
        for token in self.until("list_item_close"):
            block = self.block(token)
            last = blocks[-1] if blocks else None
            if isinstance(block, List):
                blocks.append(block)
            elif isinstance(block, Paragraph) and isinstance(last, Paragraph):
                blocks[-1] = Paragraph(_lines([last.runs, block.runs]))
            elif isinstance(block, Paragraph) and last:
                blocks.append(block)
            elif isinstance(block, Paragraph):
                runs = _lines([runs, block.runs])
        return Item(runs, tuple(blocks))

    def table(self) -> Table:
        rows: list[list[Cell]] = []
        alignments: list[Alignment] = []
        for token in self.until("table_close"):
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "th_open":
                alignments.append(_ALIGNMENTS.get(token.attrs.get("style"), ""))
            elif token.type == "inline":
                rows[-1].append(Cell(runs_of(token, self.numbers)))
        header, *body = (tuple(row) for row in rows)
        # PDF/UA refuses a table that is only a header.
        return Table(header, tuple(body) or (tuple(Cell(()) for _ in header),), tuple(alignments))

    def footnote(self, label: str) -> Paragraph | None:
        """Keep a footnote for the end; one that nothing refers to stays where it stands."""
        inlines = [t for t in self.until("footnote_reference_close") if t.type == "inline"]
        # Without numbers, so that a footnote in a footnote is literal text.
        runs = _lines([runs_of(token, {}) for token in inlines])
        if label in self.numbers and label not in self.notes:
            self.notes[label] = runs
            return None
        return Paragraph(joined((Run(f"[^{label}]: "), *runs)))


_ALIGNMENTS: Final[Mapping[object, Alignment]] = {
    "text-align:left": "left",
    "text-align:center": "center",
    "text-align:right": "right",
}


def _footnote_numbers(tokens: Sequence[Token]) -> dict[str, str]:
    """Number the footnotes that are both used and defined, in order of first use."""
    events = list(footnote_events(tokens))
    defined = {label for event, label, _ in events if event == "defined"}
    used = dict.fromkeys(label for event, label, _ in events if event == "used")
    return {label: str(n) for n, label in enumerate((x for x in used if x in defined), start=1)}


def runs_of(inline: Token, numbers: Mapping[str, str]) -> tuple[Run, ...]:
    """Flatten one inline token: a link across bold and plain text becomes two runs."""
    runs: list[Run] = []
    dress = Run("")
    depth = {"strong": 0, "em": 0}
    link_start = 0
    for token in inline.children or ():
        match token.type:
            case "text":
                runs.append(replace(dress, text=token.content))
            case "softbreak":
                runs.append(replace(dress, text=" "))
            case "hardbreak":
                runs.append(LINE_BREAK)
            case "strong_open" | "strong_close" | "em_open" | "em_close":
                depth[token.tag] += token.nesting
                dress = replace(dress, strong=depth["strong"] > 0, emphasis=depth["em"] > 0)
            case "link_open":
                dress = replace(dress, href=str(token.attrs["href"]))
                link_start = len(runs)
            case "link_close":
                # A link without words cannot be seen, nor followed with a screen reader.
                if not any(run.text.strip() for run in runs[link_start:]):
                    runs.append(replace(dress, text=dress.href))
                dress = replace(dress, href="")
            case "footnote_ref":
                number = numbers.get(label(token), "")
                literal = replace(dress, text=f"[^{label(token)}]")
                runs.append(Run("", note=number) if number else literal)
    return joined(runs)


def _lines(paragraphs: Iterable[tuple[Run, ...]]) -> tuple[Run, ...]:
    lines: list[Run] = []
    for runs in filter(None, paragraphs):
        lines += [LINE_BREAK, *runs] if lines else runs
    return tuple(lines)

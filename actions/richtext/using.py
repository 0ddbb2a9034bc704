"""What is done with a text that was read: plain words, changed runs, linked references."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from actions import citations
from actions.richtext.model import (
    LINE_BREAK,
    Block,
    Cell,
    Heading,
    Item,
    List,
    Paragraph,
    RichText,
    Run,
    Table,
    is_safe_link,
    joined,
)


def plain_text(rich: RichText) -> str:
    """Return the words alone, paragraph by paragraph, footnotes last."""
    parts = [_block_text(block) for block in rich.blocks]
    parts += [_words(footnote.runs) for footnote in rich.footnotes]
    return "\n\n".join(parts)


def _block_text(block: Block) -> str:
    match block:
        case List(items):
            return "\n".join(
                text
                for item in items
                for text in (_words(item.runs), *map(_block_text, item.blocks))
                if text
            )
        case Table(header, rows):
            return "\n".join(
                "\t".join(_words(cell.runs) for cell in row) for row in (header, *rows)
            )
        case Paragraph(runs) | Heading(runs=runs):
            return _words(runs)


def _words(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in runs)


RunsChange: TypeAlias = Callable[[tuple[Run, ...]], tuple[Run, ...]]


def map_runs(rich: RichText, change: RunsChange) -> RichText:
    """Return the text with the runs of each block, item, cell and footnote changed."""
    return RichText(
        tuple(_map_block(block, change) for block in rich.blocks),
        tuple(replace(footnote, runs=change(footnote.runs)) for footnote in rich.footnotes),
    )


def _map_block(block: Block, change: RunsChange) -> Block:
    match block:
        case Heading():
            return replace(block, runs=change(block.runs))
        case Table():
            header, *rows = (
                tuple(Cell(change(cell.runs)) for cell in row)
                for row in (block.header, *block.rows)
            )
            return replace(block, header=header, rows=tuple(rows))
        case _:
            return _map_nested(block, change)


def _map_nested(block: Paragraph | List, change: RunsChange) -> Paragraph | List:
    if isinstance(block, Paragraph):
        return Paragraph(change(block.runs))
    items = (
        Item(change(item.runs), tuple(_map_nested(nested, change) for nested in item.blocks))
        for item in block.items
    )
    return replace(block, items=tuple(items))


def link_references(rich: RichText) -> RichText:
    """Link every official reference, such as a Kamerstuk, that the author did not link."""
    return map_runs(rich, _link_references)


def _link_references(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    hrefs = [run.href for run in runs for _ in run.text]
    for reference in citations.find_references(_words(runs)):
        place = slice(reference.start, reference.end)
        # Several numbers may share one literal ("nrs. 344 en 377"): the first is its link.
        if is_safe_link(reference.url) and not any(hrefs[place]):
            hrefs[place] = [reference.url] * len(hrefs[place])
    characters = iter(hrefs)
    return joined(piece for run in runs for piece in _cut(run, characters))


def _cut(run: Run, hrefs: Iterator[str]) -> Iterator[Run]:
    """Split a run where the link of its characters changes, taking its share of `hrefs`."""
    own = list(zip(run.text, hrefs, strict=False))
    if run == LINE_BREAK or run.note:
        yield run
        return
    for href, characters in groupby(own, key=itemgetter(1)):
        yield replace(run, text="".join(character for character, _ in characters), href=href)

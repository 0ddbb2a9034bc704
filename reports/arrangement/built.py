"""What a document was built of: its parts, and the paragraphs in them as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from actions import richtext
from actions.citations import find_references
from actions.richtext import Run, joined
from reports.document import (
    Block,
    Chart,
    Document,
    Facts,
    Footnote,
    Heading,
    Item,
    ItemList,
    Letter,
    Node,
    Note,
    Paragraph,
    Section,
    Table,
)
from reports.linking import linked_runs

OPENING: Final = "inleiding"
CLOSING: Final = "afsluiting"


@dataclass(frozen=True, slots=True)
class Built:
    """A paragraph, list, heading or table as it was built, in Markdown with its footnotes.

    What is `fixed` has no text that a person can write, such as a chart: `markdown` only tells
    what it says. `ground` is that of the Woo when something in it is internal.
    """

    node_id: str
    markdown: str
    lead: str
    versions: tuple[str, ...]
    fixed: bool
    ground: str


@dataclass(frozen=True, slots=True)
class Part:
    """A place in which paragraphs stand; the opening and closing have an id of their own."""

    id: str
    title: str
    paragraphs: tuple[Built, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A part as it stands in the tree, with the ground on which all of it is withheld."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    ground: str = ""


def parts(document: Document) -> tuple[Part, ...]:
    """Return the parts of a document, in order: those in which something stands or could.

    Raises ValueError for a section that bears the id of the opening or the closing.
    """
    notes = {each.id: each for each in document.footnotes}
    return tuple(
        Part(
            place.id,
            place.title,
            tuple(_built(block, place.ground, notes) for block in place.blocks),
        )
        for place in places(document)
        if place.blocks or place.id in {OPENING, CLOSING}
    )


def places(document: Document) -> list[Place]:
    """Return every place for paragraphs in reading order, also where none stands."""
    found = [Place(OPENING, "Inleiding", document.opening)]
    for section in document.sections:
        found += _places_in(section, "")
    if isinstance(document, Letter):
        found.append(Place(CLOSING, "Afsluiting", document.closing))
    names = [each.id for each in found]
    if len(set(names)) < len(names):
        raise ValueError("two parts of the document have one id")
    return found


def _places_in(section: Section, ground: str) -> Iterator[Place]:
    ground = section.ground if section.is_internal else ground
    yield Place(section.id, section.title, section.blocks, ground)
    for each in section.sections:
        yield from _places_in(each, ground)


def _built(block: Block, ground: str, notes: Mapping[str, Footnote]) -> Built:
    return Built(
        block.id,
        _markdown(block, notes),
        block.lead if isinstance(block, Paragraph) else "",
        block.versions if isinstance(block, Paragraph) else (),
        is_fixed(block),
        ground_of(block, notes) or ground,
    )


def is_fixed(block: Block) -> bool:
    """Tell whether a block is drawn from data, so that nobody can write it otherwise."""
    return isinstance(block, Chart | Facts | Note) or (
        isinstance(block, Table) and bool(block.caption)
    )


def ground_of(block: Block, notes: Mapping[str, Footnote]) -> str:
    """Return the ground on which a block, or anything in it, is withheld."""
    called = (notes[each] for each in calls(within(block)) if each in notes)
    for node in (*within(block), *called):
        if node.is_internal:
            return node.ground
    return ""


def within(block: Block | Paragraph | ItemList) -> Iterator[Node]:
    """Yield a block and every node in it."""
    yield block
    if isinstance(block, ItemList):
        for item in block.items:
            yield item
            for each in item.blocks:
                yield from within(each)
    elif isinstance(block, Note):
        yield from block.paragraphs


def calls(nodes: Iterator[Node]) -> Iterator[str]:
    """Yield the id of each footnote that is called, in reading order, as often as it is."""
    for node in nodes:
        for runs in _runs(node):
            yield from (run.note for run in runs if run.note)


def _runs(node: Node) -> Iterator[tuple[Run, ...]]:
    match node:
        case Paragraph() | Heading() | Item():
            yield node.runs
        case Table(header=header, rows=rows):
            for row in (header, *rows):
                yield from row
        case Facts(rows=facts):
            for _name, value in facts:
                yield value
        case _:
            return


def _markdown(block: Block, notes: Mapping[str, Footnote]) -> str:
    labels = {
        name: str(number)
        for number, name in enumerate(
            dict.fromkeys(each for each in calls(within(block)) if each in notes), start=1
        )
    }
    footnotes = tuple(
        richtext.Footnote(label, _written(notes[name].runs, {})) for name, label in labels.items()
    )
    return richtext.markdown(richtext.RichText(tuple(_rich(block, labels)), footnotes))


def _rich(block: Block, labels: Mapping[str, str]) -> Iterator[richtext.Block]:
    match block:
        case Paragraph(runs=runs):
            if runs:
                yield richtext.Paragraph(_written(runs, labels))
        case Heading(runs=runs, level=level):
            yield richtext.Heading(level + 2, _written(runs, labels))
        case ItemList():
            yield _list(block, labels)
        case Table():
            if block.caption:
                yield richtext.Paragraph((Run(block.caption),))
            yield _table(block, labels)
        case Facts(rows=rows):
            for name, value in rows:
                yield richtext.Paragraph(joined((Run(f"{name}: "), *_written(value, labels))))
        case Note(paragraphs=paragraphs):
            for each in paragraphs:
                yield richtext.Paragraph(_written(each.runs, labels))
        case Chart(caption=caption, alternative=alternative):
            yield richtext.Paragraph((Run(f"{caption}: {alternative}"),))


def _list(each: ItemList, labels: Mapping[str, str]) -> richtext.List:
    items = (
        richtext.Item(
            _written(item.runs, labels),
            tuple(
                _list(block, labels)
                if isinstance(block, ItemList)
                else richtext.Paragraph(_written(block.runs, labels))
                for block in item.blocks
            ),
        )
        for item in each.items
    )
    return richtext.List(tuple(items), each.ordered, each.start)


def _table(table: Table, labels: Mapping[str, str]) -> richtext.Table:
    header, *rows = (
        tuple(richtext.Cell(_written(cell, labels)) for cell in row)
        for row in (table.header, *table.rows)
    )
    sides: list[richtext.Alignment] = [
        "right" if number in table.numeric else "" for number in range(len(header))
    ]
    return richtext.Table(header, tuple(rows), tuple(sides))


def _written(runs: Sequence[Run], labels: Mapping[str, str]) -> tuple[Run, ...]:
    """Return runs as their author wrote them: links that the builder made are plain words."""
    own = tuple(
        replace(run, note=labels[run.note]) if run.note else run
        for run in runs
        if not run.note or run.note in labels
    )
    urls = {each.url for each in find_references("".join(run.text for run in own))}
    plain = joined(replace(run, href="") if run.href in urls else run for run in own)
    return plain if joined(linked_runs(plain)) == joined(own) else joined(own)

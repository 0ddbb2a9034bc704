"""The passages of a document that one can point at: in which part, in which words. No Django."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from actions.richtext import Run
from reports.document import (
    Block,
    Chart,
    DecisionNote,
    Document,
    Facts,
    Item,
    ItemList,
    Letter,
    Note,
    Paragraph,
    Section,
    Table,
)

# How much of a passage stands in a list of passages.
_FIRST_WORDS = 90


@dataclass(frozen=True, slots=True)
class Passage:
    """Something with words of its own; `part` is the title of where it stands, `part_id` its id.

    `versions` are the texts of ministries that it was made of.
    """

    node_id: str
    part_id: str
    part: str
    text: str
    versions: tuple[str, ...] = ()

    @property
    def first_words(self) -> str:
        """The passage, cut off between two words when it is long."""
        if len(self.text) <= _FIRST_WORDS:
            return self.text
        return f"{self.text[:_FIRST_WORDS].rsplit(' ', 1)[0]} …"


def passages(document: Document) -> tuple[Passage, ...]:
    """Return every passage of a document in reading order."""
    return tuple(_passages(document))


def content(document: Document) -> tuple[Passage, ...]:
    """Return the passages without what tells one version from another: that always differs."""
    if isinstance(document, Letter):
        unmarked = tuple(replace(each, mark="") for each in document.signatures)
        return passages(replace(document, colophon=(), signatures=unmarked))
    return passages(replace(document, colophon=()))


def _passages(document: Document) -> Iterator[Passage]:
    if isinstance(document, DecisionNote):
        yield from _of_block(document.head, "kop", "Kop")
    yield from _of_blocks(document.opening, "inleiding", "Inleiding")
    for section in document.sections:
        yield from _of_section(section, section.title)
    if isinstance(document, Letter):
        yield from _of_blocks(document.closing, "afsluiting", "Afsluiting")
        for each in document.signatures:
            text = " ".join(filter(None, (each.office, each.person, each.mark)))
            yield Passage(each.id, "afsluiting", "Afsluiting", text)
    yield from _of_blocks(document.colophon, "colofon", "Verantwoording")
    for footnote in document.footnotes:
        yield Passage(footnote.id, "voetnoten", "Voetnoten", plain(footnote.runs))


def _of_section(section: Section, title: str) -> Iterator[Passage]:
    yield Passage(section.id, section.id, title, section.title)
    yield from _of_blocks(section.blocks, section.id, title)
    for each in section.sections:
        yield from _of_section(each, f"{title}, {each.title}")


def _of_blocks(blocks: Sequence[Block], part_id: str, part: str) -> Iterator[Passage]:
    for block in blocks:
        yield from _of_block(block, part_id, part)


def _of_block(block: Block, part_id: str, part: str) -> Iterator[Passage]:
    if isinstance(block, ItemList):
        for item in block.items:
            yield from _of_item(item, part_id, part)
    elif isinstance(block, Note):
        yield from _of_blocks(block.paragraphs, part_id, part)
    else:
        versions = block.versions if isinstance(block, Paragraph) else ()
        yield Passage(block.id, part_id, part, _words(block), versions)


def _of_item(item: Item, part_id: str, part: str) -> Iterator[Passage]:
    yield Passage(item.id, part_id, part, plain(item.runs))
    yield from _of_blocks(item.blocks, part_id, part)


def _words(block: Block) -> str:
    """Return the words of a block without others within it."""
    match block:
        case Paragraph():
            return f"{block.lead} {plain(block.runs)}".strip()
        case Table():
            cells = [cell for row in (block.header, *block.rows) for cell in row]
            return " ".join(filter(None, (block.caption, *map(plain, cells))))
        case Facts():
            return "; ".join(f"{name}: {plain(runs)}" for name, runs in block.rows)
        case Chart():
            return f"{block.caption}. {block.alternative}"
        case ItemList() | Note():
            return ""
        case _:
            return plain(block.runs)


def plain(runs: Sequence[Run]) -> str:
    """Return words without their dress, and without the numbers of footnotes."""
    return "".join(run.text for run in runs if not run.note).strip()

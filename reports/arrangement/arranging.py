"""A document in the coordinator's order, with the coordinator's own texts in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from reports.arrangement.built import (
    CLOSING,
    OPENING,
    Place,
    calls,
    ground_of,
    is_fixed,
    places,
    within,
)
from reports.document import (
    Block,
    Document,
    Footnote,
    Heading,
    Letter,
    Node,
    Paragraph,
    Section,
    Visibility,
    nodes,
)
from reports.texts import Texts


@dataclass(frozen=True, slots=True)
class Arranged:
    """One paragraph in the coordinator's order.

    `own` is Markdown that stands in place of what was built; without it that stands. `covers` are
    the built paragraphs it is for, its own when empty: two or more when they were joined, the same
    for each piece of one that was split (`stand-1.a-1`, `stand-1.a-1~2`). `ground` keeps a text
    internal when what it covers was.
    """

    node_id: str
    part: str
    own: str = ""
    covers: tuple[str, ...] = ()
    left_out: bool = False
    ground: str = ""

    @property
    def covered(self) -> tuple[str, ...]:
        return self.covers or (self.node_id,)

    @property
    def is_first(self) -> bool:
        """Tell whether this is no further piece of a split; the bold opening stands here."""
        return "~" not in self.node_id


Row = TypeVar("Row", bound=Arranged)


def arrange(document: Document, arranged: Sequence[Arranged]) -> Document:
    """Return the document in this order, with the own texts in it.

    The bold opening of what was built also opens the own text for it: words in bold that the
    coordinator typed are part of the text. What nobody arranged keeps its place. A section that
    nothing is left in goes. Raises ValueError when a paragraph is arranged twice.
    """
    if not arranged:
        return document
    names = [row.node_id for row in arranged]
    if len(set(names)) < len(names):
        raise ValueError("a paragraph is arranged twice")
    return _Arranging(document, arranged).document()


def with_new(
    rows: Sequence[Row], built: Sequence[Place], make: Callable[[str, Block], Row]
) -> list[Row]:
    """Return the rows with one made for each paragraph that none covers, after the one before it.

    Where the one before it was moved to another part, the one before that counts.
    """
    found = list(rows)
    covered = {each for row in rows for each in row.covered}
    for place in built:
        after: Row | None = None
        for block in place.blocks:
            if block.id not in covered:
                row = make(place.id, block)
                found.insert(_place_for(found, after, place.id), row)
                after = row
                continue
            here = [each for each in found if block.id in each.covered and each.part == place.id]
            after = here[-1] if here else after
    return found


def _place_for(rows: Sequence[Arranged], after: Arranged | None, part: str) -> int:
    if after is not None:
        return next(number for number, row in enumerate(rows) if row is after) + 1
    return next((number for number, row in enumerate(rows) if row.part == part), len(rows))


class _Arranging:
    """One document on its way to the coordinator's order."""

    def __init__(self, document: Document, arranged: Sequence[Arranged]) -> None:
        self.before = document
        self.places = places(document)
        self.notes: dict[str, Footnote] = {each.id: each for each in document.footnotes}
        self.blocks = {block.id: block for place in self.places for block in place.blocks}
        self.home = {block.id: place for place in self.places for block in place.blocks}
        self.rows = _in_parts(
            with_new(arranged, self.places, lambda part, block: Arranged(block.id, part)),
            self.places,
            self.home,
        )
        self.rewritten = {
            each
            for row in self.rows
            if self._is_own(row) and not row.left_out
            for each in row.covered
        }
        self.taken = self._staying()

    def document(self) -> Document:
        """Return the document as it was arranged."""
        arranged: dict[str, list[Block]] = {place.id: [] for place in self.places}
        said: set[str] = set()
        for row in self.rows:
            if not row.left_out:
                arranged[row.part] += self._said(row, said)
        made = {name: _stepped(blocks) for name, blocks in arranged.items()}
        document = replace(
            self.before, opening=made[OPENING], sections=_sections(self.before.sections, made)
        )
        if isinstance(document, Letter):
            document = replace(document, closing=made[CLOSING])
        called = dict.fromkeys(calls(nodes(document)))
        footnotes = tuple(self.notes[each] for each in called if each in self.notes)
        return replace(document, footnotes=footnotes)

    def _is_own(self, row: Arranged) -> bool:
        """Tell whether an own text stands in place of what was built; data stays what it is."""
        living = [self.blocks[each] for each in row.covered if each in self.blocks]
        return bool(row.own.strip()) and not any(is_fixed(each) for each in living)

    def _staying(self) -> set[str]:
        """Return the ids that stay in the document whatever is written."""
        going = {each for row in self.rows if row.left_out for each in row.covered}
        gone = {
            node.id
            for name in (going | self.rewritten) & self.blocks.keys()
            for node in within(self.blocks[name])
        }
        return {node.id for node in nodes(self.before)} - gone

    def _said(self, row: Arranged, said: set[str]) -> Iterator[Block]:
        if self._is_own(row):
            yield from self._own(row)
            return
        for name in row.covered:
            # A piece without a text leaves the rest to the other pieces.
            if name in self.blocks and name not in self.rewritten and name not in said:
                said.add(name)
                moved = self.home[name].id != row.part
                ground = self.home[name].ground if moved else ""
                yield _withheld(self.blocks[name], ground)

    def _own(self, row: Arranged) -> list[Block]:
        living = [self.blocks[each] for each in row.covered if each in self.blocks]
        texts = [each for each in living if isinstance(each, Paragraph)]
        lead = texts[0].lead if texts and texts[0] is living[0] and row.is_first else ""
        versions = tuple(dict.fromkeys(name for each in texts for name in each.versions))
        grounds = (ground_of(each, self.notes) or self.home[each.id].ground for each in living)
        ground = next((each for each in grounds if each), row.ground)
        made, footnotes = self._written(row, lead, versions)
        if row.own.lstrip().startswith("#### ") and isinstance(made[0], Heading):
            made[0] = replace(made[0], level=2)
        self.taken |= {node.id for block in made for node in within(block)}
        for each in footnotes:
            self.taken.add(each.id)
            self.notes[each.id] = _withheld(each, ground)
        return [_withheld(block, ground) for block in made]

    def _written(
        self, row: Arranged, lead: str, versions: tuple[str, ...]
    ) -> tuple[list[Block], list[Footnote]]:
        """Return the blocks of an own text; the first has the id of the paragraph itself."""
        base = row.node_id
        while True:
            texts = Texts()
            made = list(texts.blocks(row.own, base, lead=lead, versions=versions))
            made[:1] = [replace(each, id=base) for each in made[:1]]
            ids = {node.id for block in made for node in within(block)}
            if not (ids | {each.id for each in texts.footnotes}) & self.taken:
                return made, texts.footnotes
            base += "~"


_Node = TypeVar("_Node", bound=Node)


def _withheld(node: _Node, ground: str) -> _Node:
    if not ground or node.is_internal:
        return node
    return replace(node, visibility=Visibility.INTERNAL, ground=ground)


def _in_parts(
    rows: Iterable[Arranged], built: Sequence[Place], home: Mapping[str, Place]
) -> list[Arranged]:
    """Return the rows with a part that is there: of a section that went, where it was built."""
    known = {place.id for place in built}
    found: list[Arranged] = []
    for row in rows:
        if row.part not in known:
            living = [home[each].id for each in row.covered if each in home]
            near = [*living, *(each.part for each in found[-1:]), OPENING]
            row = replace(row, part=near[0])
        found.append(row)
    return found


def _stepped(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return blocks in which no heading skips a level, which PDF/UA refuses."""
    made: list[Block] = []
    above = 0
    for block in blocks:
        if isinstance(block, Heading):
            block = replace(block, level=min(block.level, above + 1))
            above = block.level
        made.append(block)
    return tuple(made)


def _sections(
    sections: Sequence[Section], made: Mapping[str, tuple[Block, ...]]
) -> tuple[Section, ...]:
    found = []
    for section in sections:
        inner = _sections(section.sections, made)
        each = replace(section, blocks=made[section.id], sections=inner)
        was_empty = not section.blocks and not section.sections
        if each.blocks or inner or was_empty:
            found.append(each)
    return tuple(found)

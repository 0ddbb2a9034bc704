"""Markdown as nodes of a document, with ids and linked references. No Django."""

from __future__ import annotations

from dataclasses import replace

from actions import richtext
from actions.richtext import Run
from reports.document import Block, Footnote, Heading, Item, ItemList, Paragraph, Table
from reports.linking import linked_runs


class Texts:
    """Turns Markdown into blocks of one document and gathers its footnotes in order."""

    def __init__(self) -> None:
        self.footnotes: list[Footnote] = []

    def blocks(
        self, text: str, node_id: str, *, lead: str = "", versions: tuple[str, ...] = ()
    ) -> tuple[Block, ...]:
        """Return the blocks of a text; ids start with `node_id`, `lead` opens the first.

        Its paragraphs bear the names of the `versions` it is of.
        """
        rich = richtext.map_runs(richtext.parse(text), linked_runs)
        for footnote in rich.footnotes:
            self.footnotes.append(
                Footnote(_note_id(node_id, footnote.label), _renamed(footnote.runs, node_id))
            )
        made = [
            _block(block, f"{node_id}-{number}", node_id)
            for number, block in enumerate(rich.blocks, start=1)
        ]
        if lead and made and isinstance(made[0], Paragraph):
            made[0] = replace(made[0], lead=lead)
        elif lead:
            made.insert(0, Paragraph(f"{node_id}-0", (), lead))
        return tuple(
            replace(block, versions=versions) if isinstance(block, Paragraph) else block
            for block in made
        )


def _note_id(node_id: str, label: str) -> str:
    return f"{node_id}-noot-{label}"


def _renamed(runs: tuple[Run, ...], node_id: str) -> tuple[Run, ...]:
    """Give the footnotes of one text labels that are unique in the document."""
    return tuple(
        replace(run, note=_note_id(node_id, run.note)) if run.note else run for run in runs
    )


def _block(block: richtext.Block, block_id: str, node_id: str) -> Block:
    match block:
        case richtext.Paragraph(runs):
            return Paragraph(block_id, _renamed(runs, node_id))
        case richtext.Heading(level, runs):
            return Heading(block_id, _renamed(runs, node_id), level - 2)
        case richtext.List():
            return _list(block, block_id, node_id)
        case richtext.Table():
            return _table(block, block_id, node_id)


def _list(each: richtext.List, list_id: str, node_id: str) -> ItemList:
    return ItemList(
        list_id,
        tuple(
            _item(item, f"{list_id}-{number}", node_id)
            for number, item in enumerate(each.items, start=1)
        ),
        each.ordered,
        each.start,
    )


def _item(item: richtext.Item, item_id: str, node_id: str) -> Item:
    blocks: list[Paragraph | ItemList] = []
    for number, block in enumerate(item.blocks, start=1):
        if isinstance(block, richtext.List):
            blocks.append(_list(block, f"{item_id}-{number}", node_id))
        else:
            blocks.append(Paragraph(f"{item_id}-{number}", _renamed(block.runs, node_id)))
    return Item(item_id, _renamed(item.runs, node_id), tuple(blocks))


def _table(table: richtext.Table, table_id: str, node_id: str) -> Table:
    columns = len(table.header)
    width = 100 // columns
    widths = (100 - width * (columns - 1), *([width] * (columns - 1)))
    return Table(
        id=table_id,
        caption="",
        header=tuple(_renamed(cell.runs, node_id) for cell in table.header),
        rows=tuple(tuple(_renamed(cell.runs, node_id) for cell in row) for row in table.rows),
        widths=widths,
        numeric=tuple(
            number for number, alignment in enumerate(table.alignments) if alignment == "right"
        ),
    )

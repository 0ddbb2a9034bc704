"""The official references of a document, as a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from actions.citations import Kind, find_references, spelled, url_for
from actions.queries.records import Registered
from actions.richtext import Run
from reports.builder.wording import REFERENCE_KINDS
from reports.document import (
    Block,
    Document,
    Facts,
    Footnote,
    Heading,
    Item,
    ItemList,
    Node,
    Paragraph,
    Table,
    nodes,
)
from reports.linking import linked_runs


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list of references."""

    id: str
    kind: Kind
    name: str
    url: str
    title: str


def listed(document: Document, register: Iterable[Registered]) -> list[Listed]:
    """Return every official reference in a document once, by kind and number.

    Two numbers of one document, as the register knows them, are one reference.
    """
    known = {number: each for each in register for number in each.identifiers}
    found: dict[str, Listed] = {}
    for reference in find_references("\n\n".join(_all_words(document))):
        entry = known.get(reference.id)
        own = entry.identifiers[0] if entry else reference.id
        url = url_for(own)
        if url and own not in found:
            kind = reference.kind if own == reference.id else _kind(own)
            title = entry.title if entry else ""
            found[own] = Listed(own, kind, spelled(own) or own, url, title)
    return sorted(found.values(), key=_order)


def _kind(identifier: str) -> Kind:
    """Return the kind of a canonical id."""
    return find_references(identifier)[0].kind


def _order(each: Listed) -> tuple[int, list[tuple[int, str]]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", each.id)
    numbers = [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
    return list(Kind).index(each.kind), numbers


def _all_words(document: Document) -> Iterator[str]:
    for node in nodes(document):
        for runs in _runs(node):
            yield from _words(runs)


def _words(runs: Sequence[Run]) -> Iterator[str]:
    """Return a text, and the addresses behind links whose own words name no reference."""
    yield "".join(run.text for run in runs)
    yield from (run.href for run in runs if run.href and not find_references(run.text))


def _runs(node: Node) -> Iterator[tuple[Run, ...]]:
    match node:
        case Paragraph() | Heading() | Item() | Footnote():
            yield node.runs
        case Table(header=header, rows=rows):
            yield from (cell for row in (header, *rows) for cell in row)
        case Facts(rows=facts):
            yield from (value for _name, value in facts)
        case _:
            return


def reference_list(each: Sequence[Listed], node_id: str) -> tuple[Block, ...]:
    """Return references as lists, a heading for each kind of them."""
    blocks: list[Block] = []
    for kind, same in groupby(each, key=lambda one: one.kind):
        blocks.append(Heading(f"{node_id}-{kind}", (Run(REFERENCE_KINDS[kind]),)))
        items = tuple(Item(f"{node_id}-{_slug(one.id)}", _line(one)) for one in same)
        blocks.append(ItemList(f"{node_id}-{kind}-lijst", items))
    return tuple(blocks)


def _slug(identifier: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "-", identifier).strip("-")


def _line(each: Listed) -> tuple[Run, ...]:
    name = Run(each.name, href=each.url)
    return (name, *linked_runs((Run(f": {each.title}"),))) if each.title else (name,)

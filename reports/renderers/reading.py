"""Which action points a document speaks of, so that a page of the site can lead to them."""

from __future__ import annotations

from typing import Final

from reports.document import Document, Node, Paragraph, Section, nodes

# The builder gives the section about an action point this id, with the code behind it.
_POINT: Final = "punt-"


def codes(document: Document) -> frozenset[str]:
    """Return the code of every action point that has a section or a paragraph in a document."""
    return frozenset(code for node in nodes(document) for code in codes_of(node))


def codes_of(node: Node) -> tuple[str, ...]:
    """Return which action points a section or a paragraph is about, each once."""
    match node:
        case Section() if node.id.startswith(_POINT):
            return (node.id.removeprefix(_POINT),)
        case Paragraph():
            return tuple(dict.fromkeys(each.split("/")[0] for each in node.versions))
    return ()

"""Document in, HTML out: the reading version, and the pages that become the PDF."""

from __future__ import annotations

from typing import Final, Literal

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from reports.document import AnnexReport, Document, Letter, Table, nodes
from reports.renderers.rendered import Rendered

Medium = Literal["page", "screen"]

_TEMPLATES: Final[dict[type, str]] = {
    Letter: "reports/letter.html",
    AnnexReport: "reports/annex.html",
}
_STYLES: Final[dict[Medium, tuple[str, ...]]] = {
    "page": ("reports/text.css", "reports/page.css"),
    "screen": ("reports/text.css", "reports/screen.css"),
}


def render_html(document: Document) -> Rendered:
    """Return one file that needs nothing beside it: no fonts, styles or network."""
    return Rendered(markup(document, "screen").encode(), {})


def markup(document: Document, medium: Medium) -> str:
    """Return the HTML of a document; on pages footnotes float, on a screen they close the text."""
    return render_to_string(
        _TEMPLATES[type(document)],
        {
            "document": document,
            "medium": medium,
            "style": "".join(_style(name) for name in _STYLES[medium]) + _widths(document),
            "notes": {
                note.id: (number, note) for number, note in enumerate(document.footnotes, start=1)
            },
        },
    )


def _widths(document: Document) -> str:
    """Return a class per column width in use: a strict policy allows no style on an element."""
    widths = {width for node in nodes(document) if isinstance(node, Table) for width in node.widths}
    return "".join(f".w{width} {{ width: {width}% }}\n" for width in sorted(widths))


def _style(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"the style {name} is not among the static files")
    with open(path, encoding="utf-8") as file:
        return file.read()

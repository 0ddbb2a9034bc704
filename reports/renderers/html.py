"""Document in, HTML out: the reading version, the look of the page, and what becomes the PDF.

The text of a document in a page of the public site comes from here as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from reports.arrangement import CLOSING, OPENING
from reports.document import (
    AnnexReport,
    DecisionNote,
    Document,
    Letter,
    Section,
    Table,
    nodes,
)
from reports.renderers.house_style import house_style
from reports.renderers.rendered import Rendered

Look = Literal["reading", "page"]
Medium = Literal["page", "sheet", "screen"]
# A text in a page of the site, which brings its own style: everything else is as on a screen.
_SITE: Final = "site"

_TEMPLATES: Final[dict[type, str]] = {
    Letter: "reports/letter.html",
    AnnexReport: "reports/annex.html",
    DecisionNote: "reports/note.html",
}
_READINGS: Final[dict[type, str]] = {
    Letter: "reports/_reading_letter.html",
    AnnexReport: "reports/_reading_annex.html",
    DecisionNote: "reports/_reading_note.html",
}
_STYLES: Final[dict[Medium, tuple[str, ...]]] = {
    "page": ("reports/text.css", "reports/look.css", "reports/page.css"),
    "sheet": ("reports/text.css", "reports/look.css", "reports/sheet.css"),
    "screen": ("reports/text.css", "reports/screen.css"),
}
_LOOKS: Final[dict[Look, Medium]] = {"reading": "screen", "page": "sheet"}
# A part of a document is shown in the column of its page, without what stands around that.
_PART: Final = ("reports/text.css", "reports/look.css", "reports/part.css")
_CALLED: Final[dict[type, str]] = {
    Letter: "letter",
    AnnexReport: "annex",
    DecisionNote: "decision-note",
}
# Where the builder of the decision note says what each ground protects.
_GROUNDS: Final = "gronden"


def render_html(document: Document, look: Look = "reading") -> Rendered:
    """Return one file that needs nothing beside it, for reading or as it looks on paper."""
    return Rendered(markup(document, _LOOKS[look]).encode(), {})


def markup(document: Document, medium: Medium) -> str:
    """Return the HTML of a document; on pages footnotes float, on a screen they close the text."""
    return render_to_string(
        _TEMPLATES[type(document)], _context(document, medium, _STYLES[medium])
    ).lstrip()


def reading_markup(document: Document, points: Mapping[str, str]) -> SafeString:
    """Return the HTML of a document for within a page, below its main heading and without style.

    `points` says where on the site an action point stands, by its code; see `reading.codes`.
    """
    context = _noted(document, _SITE)
    context |= {"points": points, "cites_paragraphs": not isinstance(document, AnnexReport)}
    return render_to_string(_READINGS[type(document)], context)


def part_markup(document: Document, part: str) -> str:
    """Return the HTML of one part of a document in the column of its page, its notes below it.

    A part is one of `reports.arrangement.parts`; a section comes without those within it.
    """
    context = _context(document, "sheet", _PART)
    context["kind"] = _CALLED[type(document)]
    if part == OPENING:
        context["blocks"] = document.opening
    elif part == CLOSING and isinstance(document, Letter):
        context["blocks"] = document.closing
    elif found := _section(document.sections, part, 2):
        section, level = found
        context |= {"section": replace(section, sections=()), "level": level}
    return render_to_string("reports/part.html", context).lstrip()


def _section(sections: Sequence[Section], name: str, level: int) -> tuple[Section, int] | None:
    """Return a section with the level of its heading."""
    for section in sections:
        if section.id == name:
            return section, level
        if inner := _section(section.sections, name, level + 1):
            return inner
    return None


def _context(document: Document, medium: Medium, styles: Sequence[str]) -> dict[str, object]:
    house = house_style(embedded=medium != "page")
    context = _noted(document, medium)
    context["house"] = house
    context["style"] = "".join(map(_style, styles)) + _widths(document) + house.css()
    return context


def _noted(document: Document, medium: str) -> dict[str, object]:
    """Return what the text of a document is shown with: its notes, and what the grounds mean."""
    context: dict[str, object] = {
        "document": document,
        "medium": medium,
        "notes": {
            note.id: (number, note) for number, note in enumerate(document.footnotes, start=1)
        },
        # The notes called so far: the first call carries the note, a later one leads to it.
        "called": set(),
    }
    if any(node.id == _GROUNDS for node in nodes(document)):
        context["grounds"] = _GROUNDS
    return context


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

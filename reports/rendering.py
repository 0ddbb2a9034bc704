"""From a year to a file: the documents that belong together, and the renderer of each format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from typing import Final

from reports.builder import build, build_decision_note
from reports.builder.note import Pages
from reports.document import DecisionNote, Document, DocumentKind
from reports.renderers.rendered import Rendered


def _pdf(document: Document) -> Rendered:
    # Loaded here, as the others are: who makes one format does not need what the others need.
    from reports.renderers.pdf import render_pdf

    return render_pdf(document)


def _html(document: Document) -> Rendered:
    from reports.renderers.html import render_html

    return render_html(document)


def _docx(document: Document) -> Rendered:
    from reports.renderers.docx import render_docx

    return render_docx(document)


def _odt(document: Document) -> Rendered:
    from reports.renderers.odt import render_odt

    return render_odt(document)


RENDERERS: Final[dict[str, Callable[[Document], Rendered]]] = {
    "pdf": _pdf,
    "html": _html,
    "docx": _docx,
    "odt": _odt,
}


def render(document: Document, to: str) -> Rendered:
    """Return a document in one of the formats of RENDERERS."""
    return RENDERERS[to](document)


@cache
def made_with() -> Mapping[str, str]:
    """Return the versions of what draws the pages: with the same ones the same bytes come out."""
    from weasyprint.text.ffi import pango

    packages = ("weasyprint", "pydyf", "fonttools", "pypandoc_binary")
    versions = {name: metadata.version(name) for name in packages}
    return {**versions, "pango": _pango(pango.pango_version())}


def _pango(number: int) -> str:
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def decision_note(year: int, *, plan: str | None = None) -> DecisionNote:
    """Return the internal note over one year, with the pages of the letter and the annex in it.

    Raises NoSuchPlan and NoSuchRound.
    """
    return build_decision_note(year, _pages(year, plan), plan=plan)


def _pages(year: int, plan: str | None) -> Pages:
    kinds = (DocumentKind.LETTER, DocumentKind.ANNEX)
    documents = {kind: build(kind, year, plan=plan, with_approved=True) for kind in kinds}
    return {kind: render(document, "pdf").pages for kind, document in documents.items()}

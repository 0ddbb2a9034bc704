"""What a PDF looks like: what stays on one line, on one page, and in which type."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from actions.richtext import Run
from reports.document import Banner, Paragraph, Section
from reports.renderers import tags
from reports.renderers.pdf import render_pdf
from reports.renderers.rendered import NotRendered
from tests.test_document import letter
from tests.test_pdf_tags import report_of

WORDS = "Uw Kamer is over dit jaar geïnformeerd. "


def paragraph(node_id: str, words: str, lead: str = "") -> Paragraph:
    return Paragraph(node_id, (Run(words),), lead)


def test_banner_of_a_report_stands_on_one_line_beside_the_number_of_the_page() -> None:
    banner = Banner(
        "Reconstructie uit openbare bronnen. Dit is niet de rapportage die is verzonden.",
        "De verzonden brief: Kamerstuk 32 735, nr. 401",
        "https://example.org/",
    )
    report = replace(report_of((Section("a", "A", (paragraph("a-1", WORDS),)),)), banner=banner)

    pages = PdfReader(io.BytesIO(render_pdf(report).content)).pages

    for number, page in enumerate(pages, start=1):
        lines = page.extract_text().splitlines()
        assert any(f"{banner.text} {banner.link_text}" in line for line in lines)
        assert any(f"Pagina {number} van {len(pages)}" in line for line in lines)


def test_words_that_open_a_paragraph_of_a_letter_are_bold() -> None:
    opening = (paragraph("o", "Vervolg.", "Opening."),)
    found: dict[str, str] = {}

    def note(text: str, _cm: Any, _tm: Any, font: Any, _size: float) -> None:
        if text.strip() and font:
            found[text.strip()] = str(font["/BaseFont"]).partition("+")[2]

    content = render_pdf(replace(letter(), opening=opening, sections=(), footnotes=())).content
    PdfReader(io.BytesIO(content)).pages[0].extract_text(visitor_text=note)

    assert found["Opening."] == "DejaVu-Sans-Bold"
    assert found["Vervolg."] == "DejaVu-Sans"


def test_signature_never_stands_alone_on_a_page() -> None:
    closing = (paragraph("slot", "Bijlagen: twee."),)
    last = set()
    for count in range(8, 19):
        opening = tuple(paragraph(f"begin-{number}", WORDS) for number in range(count))
        made = replace(letter(), opening=opening, sections=(), closing=closing, footnotes=())
        pages = render_pdf(made).pages
        last.add(pages[made.signatures[0].id])
        assert pages["slot"] == pages[made.signatures[0].id]
    assert last == {1, 2}


@pytest.mark.parametrize("failure", [ValueError("tags"), KeyError("x"), RecursionError()])
def test_whatever_fails_is_told_in_a_sentence(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise failure

    monkeypatch.setattr(tags, "finish", fail)

    with pytest.raises(NotRendered, match=r"^\w.+\.$"):
        render_pdf(letter())

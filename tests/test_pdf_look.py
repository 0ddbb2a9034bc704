"""What a PDF looks like: what stays on one line, on one page, and in which type."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from actions.richtext import Run
from reports.document import Banner, Facts, Item, ItemList, Paragraph, Section, Table
from reports.renderers import tags
from reports.renderers.pdf import render_pdf
from reports.renderers.rendered import NotRendered
from tests.test_document import letter
from tests.test_pdf_tags import report_of

FACTS = ("Verantwoordelijk", "Uitvoering", "Voortgang 2025", "Voortgang 2024", "Bewijs")
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


def test_a_point_goes_on_over_a_page_and_leaves_no_page_half_empty() -> None:
    points = tuple(
        Section(
            f"punt-{number}",
            f"1.{number} Onderwerp",
            (
                Facts(f"feiten-{number}", tuple((name, (Run("niet genoemd"),)) for name in FACTS)),
                *(paragraph(f"tekst-{number}-{at}", WORDS * 6) for at in range(number % 4 + 1)),
            ),
        )
        for number in range(24)
    )
    chapters = tuple(
        Section(f"pijler-{at}", f"Pijler {at}", (), points[first:last])
        for at, (first, last) in enumerate([(0, 6), (6, 13), (13, 24)])
    )

    rendered = render_pdf(report_of(chapters))

    lowest = [_lowest(page) for page in PdfReader(io.BytesIO(rendered.content)).pages]
    text = 297 - 26 - 28
    assert all(each - 28 < text / 4 for each in lowest[2:-1]), lowest
    for number in range(24):
        assert rendered.pages[f"punt-{number}"] == rendered.pages[f"tekst-{number}-0"]


def _lowest(page: PageObject) -> float:
    """Return how far from the foot of the sheet the text ends, in millimetres."""
    found: list[float] = []

    def note(text: str, cm: Any, tm: Any, _font: Any, _size: float) -> None:
        if text.strip():
            found.append((tm[5] * cm[3] + cm[5]) / 72 * 25.4)

    page.extract_text(visitor_text=note)
    # Below the text stand the banner and the number of the page.
    return min(each for each in found if each > 28)


def test_no_row_of_a_table_stands_alone_on_a_page() -> None:
    rows = tuple(((Run(f"Rij {at}"),), (Run("x"),)) for at in range(4))
    table = Table("tabel", "Wat er staat", ((Run("Een"),), (Run("Twee"),)), rows, (50, 50))
    found = set()
    for count in range(42, 56):
        lines = ItemList("vul", tuple(Item(f"vul-{at}", (Run(WORDS),)) for at in range(count)))
        content = render_pdf(report_of((Section("a", "A", (lines, table)),))).content
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
        shown = [sum(f"Rij {at}" in page for at in range(4)) for page in pages]
        found.add(tuple(each for each in shown if each))
    assert found == {(4,), (2, 2)}


@pytest.mark.parametrize("failure", [ValueError("tags"), KeyError("x"), RecursionError()])
def test_whatever_fails_is_told_in_a_sentence(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise failure

    monkeypatch.setattr(tags, "finish", fail)

    with pytest.raises(NotRendered, match=r"^\w.+\.$"):
        render_pdf(letter())

"""The two looks of the HTML: whole in one file, accessible, and readable on any screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html as markup
from playwright.sync_api import Browser, Page

from reports.document import Document, nodes
from reports.renderers.html import Look, render_html
from tests.tagged import squeezed
from tests.test_document import letter
from tests.test_pdf_tags import called_again, internal_note, long_report, words_of

LOOKS = get_args(Look)
WORD = "Mensenrechtenverdedigersbeschermingsprogrammacoördinator" * 8


def long_word() -> Document:
    """A letter with a word that is wider than any page."""
    each = letter()
    return replace(each, subject=WORD, salutation=WORD)


DOCUMENTS: dict[str, Document] = {
    "letter": letter(),
    "report": long_report(),
    "note": internal_note(),
    "long word": long_word(),
    "called again": called_again(),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_html_is_one_file_with_the_whole_tree_once(document: Document, look: Look) -> None:
    content = render_html(document, look).content.decode()

    page = markup.fromstring(content)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {each.id for each in nodes(document)} <= set(ids)
    inside = {each.removeprefix("#") for each in page.xpath("//@href") if each.startswith("#")}
    assert inside <= set(ids)
    assert not page.xpath("//@style | //@src | //script | //link")
    assert not re.search(r"url\(|@import", content)
    for each in page.xpath("//svg | //section[@class='notes'] | //*[@class='ground']"):
        each.drop_tree()
    assert words_of(document) in squeezed(page.body.text_content())


def test_same_tree_gives_the_same_bytes() -> None:
    for look in LOOKS:
        assert len({render_html(long_report(), look).content for _ in range(3)}) == 1


@pytest.fixture
def sheet(chromium: Browser) -> Iterator[Page]:
    """A page that lets no request out."""
    context = chromium.new_context(locale="nl-NL", offline=True)
    yield context.new_page()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(sheet: Page, look: Look) -> None:
    for scheme in ("light", "dark"):
        sheet.emulate_media(color_scheme=scheme)
        for document in DOCUMENTS.values():
            sheet.set_content(render_html(document, look).content.decode())
            results = Axe().run(sheet)
            assert results.violations_count == 0, f"{document.title}\n{results.generate_report()}"


@pytest.mark.browser
@pytest.mark.parametrize("look", LOOKS)
def test_a_page_never_scrolls_sideways(sheet: Page, look: Look) -> None:
    for width in (320, 768, 1280):
        sheet.set_viewport_size({"width": width, "height": 900})
        for document in DOCUMENTS.values():
            sheet.set_content(render_html(document, look).content.decode())
            wider = sheet.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wider <= 0, f"{document.title} at {width} pixels"


@pytest.mark.browser
def test_reading_version_is_dark_where_that_is_asked_and_the_look_of_the_page_is_not(
    sheet: Page,
) -> None:
    sheet.emulate_media(color_scheme="dark")
    found = {}
    for look in LOOKS:
        sheet.set_content(render_html(letter(), look).content.decode())
        found[look] = sheet.evaluate(
            "[getComputedStyle(document.documentElement).backgroundColor,"
            " getComputedStyle(document.body).color]"
        )

    assert found["reading"] == ["rgb(20, 24, 29)", "rgb(232, 232, 232)"]
    assert found["page"][1] == "rgb(0, 0, 0)"

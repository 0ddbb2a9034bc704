"""Text that nobody meant for a page: it is printed whole, and the page stays accessible."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from actions.richtext import Run
from reports.builder.texts import columns
from reports.document import AnnexReport, Block, Footnote, Item, ItemList, Paragraph, Section, Table
from reports.renderers.glyphs import printable
from reports.renderers.html import render_html
from reports.renderers.pdf import render_pdf
from tests.pdfcheck import assert_pdf_ua
from tests.tagged import read, squeezed
from tests.test_pdf_tags import assert_as_the_tree, assert_notes, report_of

MM = 72 / 25.4
LONG = "Mensenrechtenverdedigersbeschermingsprogramma" * 90
TEXTS = {
    "a very long word": LONG,
    "20,000 characters": ("Twintigduizend tekens tekst. " * 700)[:20_000],
    "an Arabic name": "Gesproken met محمد بن عبد الله in Den Haag",
    "a script": "<script>alert(1)</script> & \"'</p>",
    "an image": '![foto](file:///etc/passwd) <img src="file:///etc/passwd">',
    "signs of other writing": "Ελληνικά, Кириллица, עברית, ქართული, ﬁ, ½, →, ✓, €, ☺",
}


def everywhere(words: str) -> AnnexReport:
    """A report with these words in a paragraph, a list, a table, a title and a footnote."""
    run = (Run(words),)
    blocks: tuple[Block, ...] = (
        Paragraph("alinea", (*run, Run("", note="noot"))),
        ItemList("lijst", (Item("punt", run),)),
        Table("tabel", "Tabel", columns("Naam", "Waarde"), ((run, run),), (30, 70)),
    )
    return report_of(
        (Section("deel", words[:300], blocks),), (Footnote("noot", (Run(words[:4000]),)),)
    )


@pytest.mark.parametrize("words", TEXTS.values(), ids=TEXTS)
def test_text_is_printed_whole_and_accessible(words: str, tmp_path: Path) -> None:
    report = everywhere(words)

    content = render_pdf(report).content

    path = tmp_path / "vreemd.pdf"
    path.write_bytes(content)
    tagged = read(content)
    assert_pdf_ua(path)
    if "محمد" in words or "עברית" in words:
        # These run from right to left: the PDF holds each line as it is seen.
        assert set(words) <= set(tagged.root.text())
    else:
        assert_as_the_tree(report, tagged)
        assert_notes(report, tagged)


@pytest.mark.parametrize("words", [LONG, "woord " * 50 + LONG], ids=["alone", "in a line"])
def test_nothing_runs_off_the_text_of_the_page(words: str) -> None:
    """The text of an annex is 154 mm wide and begins at 28 mm of the sheet."""
    for page in pypdfium2.PdfDocument(render_pdf(everywhere(words)).content):
        text = page.get_textpage()
        for number in range(text.count_chars()):
            left, low, right, high = text.get_charbox(number)
            assert left >= 27 * MM
            # In the corner below the text stands the number of the page.
            assert right <= (183 if low >= 28 * MM else 205) * MM
            assert low >= 0
            assert high <= page.get_height()


def test_three_hundred_footnotes_are_all_printed(tmp_path: Path) -> None:
    notes = [f"noot-{number}" for number in range(300)]
    runs = tuple(
        run for name in notes for run in (Run("Een zin die dat zegt."), Run("", note=name))
    )
    report = report_of(
        (Section("deel", "Deel", (Paragraph("alinea", runs),)),),
        tuple(Footnote(name, (Run(f"Zie de bron van {name}."),)) for name in notes),
    )

    rendered = render_pdf(report)

    path = tmp_path / "noten.pdf"
    path.write_bytes(rendered.content)
    assert_pdf_ua(path)
    assert_as_the_tree(report, read(rendered.content))
    assert_notes(report, read(rendered.content))
    assert set(notes) <= rendered.pages.keys()


def test_sign_without_a_shape_is_printed_by_its_name(tmp_path: Path) -> None:
    words = "Raket \U0001f680, gezin \U0001f468‍\U0001f469, duim \U0001f44d\U0001f3fd, 中, \x01"
    path = tmp_path / "emoji.pdf"
    path.write_bytes(render_pdf(everywhere(words)).content)

    text = squeezed(read(path.read_bytes()).root.text())

    assert_pdf_ua(path)
    assert "Raket[U+1F680rocket],gezin[U+1F468man]" in text
    assert "[U+4E2D],[U+0001]" in text
    assert "\U0001f680" in render_html(everywhere(words)).content.decode()


def test_sign_with_a_shape_is_left_as_it_is() -> None:
    assert printable("één ‘Kamerstuk’ – € → ✓ ﬁ محمد\n") == "één ‘Kamerstuk’ – € → ✓ ﬁ محمد\n"

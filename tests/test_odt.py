"""A document as an OpenDocument text: a sound file in Dutch, with the look of the letter."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest

from actions.richtext import Run
from reports.builder.texts import columns
from reports.document import (
    AnnexReport,
    Banner,
    Chart,
    Document,
    Facts,
    Footnote,
    Item,
    ItemList,
    Letter,
    Letterhead,
    Paragraph,
    Reference,
    Section,
    Series,
    Signature,
    Standing,
    Table,
)
from reports.renderers.odt import render_odt
from tests.officecheck import DRAW, OFFICE, STYLE, SVG, TABLE, TEXT, element, parts

FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"


@pytest.fixture
def report() -> AnnexReport:
    rows = (((Run("2025"),), (Run("12"),)), ((Run("2024"),), (Run("9"),)))
    blocks = (
        Facts("feiten", (("Naam", (Run("waarde"),)),)),
        Paragraph("p", (Run("Tekst"), Run("", note="n"), Run(" en "), Run("vet", strong=True))),
        ItemList("l", (Item("l1", (Run("een punt"),)),)),
        Table("t", "Bijschrift", columns("Jaar", "Aantal"), rows, (70, 30), (1,)),
        Chart("g", "Grafiek", "Wat hij toont.", ("2025",), (Series("Aantal", (12,)),)),
    )
    return AnnexReport(
        title="Teksten & <meer>",
        subtitle="Een plan",
        language="nl",
        year=2026,
        standing=Standing.CONCEPT,
        dated=date(2026, 11, 21),
        date_line="21 november 2026",
        banner=Banner("CONCEPT. Niet & nooit."),
        sender="Ministerie van Buitenlandse Zaken",
        opening=(),
        sections=(Section("deel", "Deel één", (), (Section("punt", "1.a Een punt", blocks),)),),
        footnotes=(Footnote("n", (Run("Een noot."),)),),
    )


@pytest.fixture
def letter() -> Letter:
    return Letter(
        title="Een brief",
        language="nl",
        year=2025,
        standing=Standing.FINAL,
        dated=None,
        date_line="26 januari 2026",
        banner=None,
        letterhead=Letterhead(
            sender="Ministerie van Buitenlandse Zaken",
            return_address="Retouradres Postbus 1",
            addressee=("Aan de Voorzitter", "Den Haag"),
            references=(Reference("Onze referentie", ("BZ1",)), Reference("Bijlagen", ("2",))),
            continuation=(Reference("Onze referentie", ("BZ1",)),),
        ),
        subject="Waar het over gaat",
        salutation="Geachte voorzitter,",
        opening=(Paragraph("p", (Run("Tekst."),)),),
        sections=(),
        closing=(),
        signatures=(Signature("s", "De minister,", "Naam"),),
    )


def tree(document: Document, name: str = "content.xml") -> ElementTree.Element:
    return element(parts(render_odt(document).content)[name])


def words(each: ElementTree.Element | None) -> str:
    assert each is not None
    return "".join(each.itertext())


def look(root: ElementTree.Element, name: str) -> ElementTree.Element:
    """Return the style of this name."""
    (found,) = (each for each in root.iter(f"{STYLE}style") if each.get(f"{STYLE}name") == name)
    return found


def test_file_says_first_and_uncompressed_what_it_is(report: AnnexReport) -> None:
    with zipfile.ZipFile(io.BytesIO(render_odt(report).content)) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read(first) == b"application/vnd.oasis.opendocument.text"
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_file_in_it_is_well_formed_and_listed(report: AnnexReport) -> None:
    made = parts(render_odt(report).content)
    listed = {
        each.get(f"{MANIFEST}full-path")
        for each in element(made["META-INF/manifest.xml"]).iter(f"{MANIFEST}file-entry")
    }

    for name, content in made.items():
        if name.endswith(".xml"):
            element(content)
    assert listed == {"/", *made} - {"mimetype", "META-INF/manifest.xml"}


def test_page_is_a4_in_dutch_with_banner_and_page_numbers(report: AnnexReport) -> None:
    styles = tree(report, "styles.xml")
    page = styles.find(f".//{STYLE}page-layout-properties")
    default = styles.find(f".//{STYLE}default-style[@{STYLE}family='paragraph']")
    assert page is not None
    assert default is not None
    dress = default.find(f"{STYLE}text-properties")
    assert dress is not None

    assert (page.get(f"{FO}page-width"), page.get(f"{FO}page-height")) == ("210mm", "297mm")
    assert (dress.get(f"{FO}language"), dress.get(f"{FO}country")) == ("nl", "NL")
    assert dress.get(f"{FO}font-size") == "9pt"
    master = styles.find(f".//{STYLE}master-page")
    assert master is not None
    assert words(master.find(f"{STYLE}header")) == (
        "Ministerie van Buitenlandse ZakenCONCEPT. Niet & nooit."
    )
    assert words(master.find(f"{STYLE}header-first")) == ""
    for name in ("footer", "footer-first"):
        footer = master.find(f"{STYLE}{name}")
        assert words(footer) == "Teksten & <meer>Pagina 1 van 1"
        assert footer is not None
        assert footer.find(f".//{TEXT}page-number") is not None
        assert footer.find(f".//{TEXT}page-count") is not None


def test_properties_of_the_file_say_what_it_is(report: AnnexReport) -> None:
    (meta,) = tree(report, "meta.xml")
    told = {each.tag.rpartition("}")[2]: each.text for each in meta}

    assert told == {
        "generator": "NAP-monitor",
        "title": "Teksten & <meer>",
        "description": "CONCEPT. Niet & nooit.",
        "initial-creator": "Ministerie van Buitenlandse Zaken",
        "creator": "Ministerie van Buitenlandse Zaken",
        "creation-date": "2026-11-21T00:00:00Z",
        "date": "2026-11-21T00:00:00Z",
        "language": "nl-NL",
    }


def test_every_style_that_is_used_is_there(report: AnnexReport, letter: Letter) -> None:
    for document in (report, letter):
        content, styles = tree(document), tree(document, "styles.xml")
        named = {
            each.get(f"{STYLE}name")
            for root in (content, styles)
            for each in root.iter()
            if each.get(f"{STYLE}name")
        }
        body = content.find(f"{OFFICE}body")
        assert body is not None
        used = {
            value
            for each in body.iter()
            for name, value in each.attrib.items()
            if name.endswith("style-name")
        }

        assert used - named == set()


def test_table_has_its_widths_a_header_and_whole_rows(report: AnnexReport) -> None:
    content = tree(report)
    _facts, table = content.iter(f"{TABLE}table")
    widths = [
        look(content, column.get(f"{TABLE}style-name", "")).find(f"{STYLE}table-column-properties")
        for column in table.iter(f"{TABLE}table-column")
    ]
    properties = look(content, "Whole").find(f"{STYLE}table-row-properties")

    assert words(table.find(f"{TABLE}table-header-rows")).split() == ["Jaar", "Aantal"]
    told = [
        float((each.get(f"{STYLE}column-width") or "")[:-2]) for each in widths if each is not None
    ]
    assert [round(each, 1) for each in told] == [107.8, 46.2]
    assert {row.get(f"{TABLE}style-name") for row in table.iter(f"{TABLE}table-row")} == {"Whole"}
    assert properties is not None
    assert properties.get(f"{FO}keep-together") == "always"


def test_facts_have_no_header_and_stay_together(report: AnnexReport) -> None:
    content = tree(report)
    facts, _table = content.iter(f"{TABLE}table")
    laid_out = look(content, facts.get(f"{TABLE}style-name", "")).find(f"{STYLE}table-properties")

    assert facts.find(f"{TABLE}table-header-rows") is None
    assert [words(cell).strip() for cell in facts.iter(f"{TABLE}table-cell")] == ["Naam", "waarde"]
    assert laid_out is not None
    assert laid_out.get(f"{STYLE}may-break-between-rows") == "false"


def test_picture_fits_the_page_and_is_told_in_words(report: AnnexReport) -> None:
    (frame,) = tree(report).iter(f"{DRAW}frame")
    image = frame.find(f"{DRAW}image")

    assert image is not None
    assert image.get(f"{XLINK}href") == "Pictures/0.png"
    assert frame.findtext(f"{SVG}desc") == "Wat hij toont."
    width = (frame.get(f"{SVG}width") or "").removesuffix("in")
    assert 153 < float(width.removesuffix("mm")) * (1 if "mm" in width else 25.4) < 155


def test_contents_name_the_page_of_each_part(report: AnnexReport) -> None:
    content = tree(report)
    named = {each.get(f"{TEXT}name") for each in content.iter(f"{TEXT}bookmark-start")}
    asked = [each.get(f"{TEXT}ref-name") for each in content.iter(f"{TEXT}bookmark-ref")]

    assert asked == ["deel", "punt"]
    assert set(asked) <= named


def test_letter_has_its_letterhead_beside_and_above_the_text(letter: Letter) -> None:
    content = tree(letter)
    beside = [re.sub(r"\s+", " ", words(each)).strip() for each in content.iter(f"{DRAW}text-box")]

    assert beside == [
        "Ministerie van Buitenlandse Zaken",
        "Onze referentieBZ1 Bijlagen2",
    ]
    assert "Onze referentie BZ1" in words(tree(letter, "styles.xml"))


def test_headings_and_captions_stay_with_what_follows(report: AnnexReport) -> None:
    styles = tree(report, "styles.xml")

    for name in ("Heading", "Caption", "Table_20_Heading"):
        properties = look(styles, name).find(f"{STYLE}paragraph-properties")
        assert properties is not None
        assert properties.get(f"{FO}keep-with-next") == "always"
    for level in range(1, 7):
        assert look(styles, f"Heading_20_{level}").get(f"{STYLE}parent-style-name") == "Heading"


def test_document_without_a_date_bears_none_of_today(report: AnnexReport) -> None:
    undated = parts(render_odt(replace(report, dated=None)).content)["meta.xml"]
    assert b"<dc:title>" in undated
    assert b"creation-date" not in undated
    assert b"<dc:date>" not in undated

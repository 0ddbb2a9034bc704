"""A document as a Word file: real headings, footnotes and lists, in Dutch, and all of the text."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pypandoc
import pytest

from actions.richtext import LINE_BREAK, Run
from reports.builder.texts import columns
from reports.document import (
    AnnexReport,
    Banner,
    Document,
    Facts,
    Footnote,
    Heading,
    Item,
    ItemList,
    Letter,
    Letterhead,
    Note,
    Paragraph,
    Reference,
    Section,
    Signature,
    Standing,
    Table,
)
from reports.renderers import docx
from reports.renderers.docx import render_docx
from reports.texts import Texts

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

TEXT = """Eerste regel[^1] met **vet** en *schuin* en [een link](https://example.org/a?b=1&c=2).

### Een kop in de tekst

1. een
2. twee

- punt
  - onderpunt

| Jaar | Aantal |
|------|-------:|
| 2025 | 12     |

[^1]: Een noot met Kamerstuk 32 735, nr. 401.
"""


@pytest.fixture
def report() -> AnnexReport:
    texts = Texts()
    blocks = texts.blocks(TEXT, "punt-1-stand")
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
        opening=(Note("kader", (Paragraph("kader-1", (Run("Lees dit eerst."),)),)),),
        sections=(
            Section(
                "deel",
                "Deel één",
                (Facts("feiten", (("Naam", (Run("waarde"), LINE_BREAK, Run("nog een"))),)),),
                (Section("punt-1", "1.a Een punt", blocks),),
            ),
        ),
        footnotes=tuple(texts.footnotes),
    )


def parts(document: Document) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(render_docx(document).content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def tree(document: Document, name: str = "word/document.xml") -> ElementTree.Element:
    return ElementTree.fromstring(parts(document)[name])  # noqa: S314  our own file


def words(element: ElementTree.Element) -> str:
    return "".join(each.text or "" for each in element.iter(f"{W}t"))


def styled(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the style and the words of each paragraph."""
    for paragraph in tree(document).iter(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        yield (style.get(f"{W}val", "") if style is not None else "", words(paragraph))


def as_text(document: Document, tmp_path: Path) -> str:
    """Return what another program reads in the file."""
    file = tmp_path / "file.docx"
    file.write_bytes(render_docx(document).content)
    command = [pypandoc.get_pandoc_path(), "--standalone", "--to=plain", "--wrap=none", str(file)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_every_xml_file_in_it_is_well_formed(report: AnnexReport) -> None:
    for name, content in parts(report).items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)  # noqa: S314  our own file


def test_contents_are_a_field_of_word_that_names_no_page_of_its_own(report: AnnexReport) -> None:
    body = tree(report)
    (control,) = body.iter(f"{W}sdt")
    gallery = control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    fields = [(each.text or "").split() for each in control.iter(f"{W}instrText")]
    begun = [each.get(f"{W}fldCharType") for each in control.iter(f"{W}fldChar")]
    named = {each.get(f"{W}name"): each for each in body.iter(f"{W}bookmarkStart")}

    assert gallery is not None
    assert gallery.get(f"{W}val") == "Table of Contents"
    assert [words(each) for each in control.iter(f"{W}p")] == [
        *("Inhoud", "Deel één", "1.a Een punt", ""),
    ]
    assert fields == [
        ["TOC", "\\o", '"1-2"', "\\h", "\\z"],
        ["PAGEREF", "_Toc000000001", "\\h"],
        ["PAGEREF", "_Toc000000002", "\\h"],
    ]
    page = ["begin", "separate", "end"]
    assert begun == ["begin", "separate", *page, *page, "end"]
    leads = [each.get(f"{W}anchor") for each in control.iter(f"{W}hyperlink")]
    assert leads == ["_Toc000000001", "_Toc000000002"]
    for place, title in zip(leads, ("Deel één", "1.a Een punt"), strict=True):
        (heading,) = (each for each in body.iter(f"{W}p") if named[place] in list(each))
        assert words(heading) == title


def test_word_asks_nothing_on_opening(report: AnnexReport) -> None:
    for name, content in parts(report).items():
        assert b"updateFields" not in content, name
        assert b"w:dirty" not in content, name


def test_bullets_are_signs_of_any_typeface(report: AnnexReport) -> None:
    for level in tree(report, "word/numbering.xml").iter(f"{W}lvl"):
        assert level.find(f"{W}rPr/{W}rFonts") is None


def test_headings_are_headings_of_word_in_their_order(report: AnnexReport) -> None:
    found = [(style, text) for style, text in styled(report) if style.startswith("Heading")]

    assert ("ContentsTitle", "Inhoud") in list(styled(report))
    assert found == [
        ("Heading1", "Deel één"),
        ("Heading2", "1.a Een punt"),
        ("Heading3", "Een kop in de tekst"),
    ]


def test_every_style_that_is_used_is_one_of_ours(report: AnnexReport) -> None:
    folder = Path(docx.__file__).parent / "word"
    ours = "".join(
        (folder / name).read_text(encoding="utf-8") for name in ("styles.xml", "styles_report.xml")
    )
    used = {
        each.get(f"{W}val", "")
        for tag in ("pStyle", "rStyle", "tblStyle")
        for each in tree(report).iter(f"{W}{tag}")
    }

    assert {"Title", "Facts", "FactsText", "Remark", "Table", "TableHead", "Hyperlink"} <= used
    assert {each for each in used if f'w:styleId="{each}"' not in ours} == set()


def test_footnote_is_a_footnote_of_word_with_its_link(report: AnnexReport) -> None:
    made = parts(report)
    notes = ElementTree.fromstring(made["word/footnotes.xml"])  # noqa: S314
    told = [words(each) for each in notes.iter(f"{W}footnote") if each.get(f"{W}type") is None]

    assert len(list(tree(report).iter(f"{W}footnoteReference"))) == 1
    assert [" ".join(each.split()) for each in told] == ["Een noot met Kamerstuk 32 735, nr. 401."]
    assert b"kst-32735-401" in made["word/_rels/footnotes.xml.rels"]


def test_lists_are_lists_of_word(report: AnnexReport) -> None:
    listed = [
        words(each) for each in tree(report).iter(f"{W}p") if each.find(f".//{W}numPr") is not None
    ]

    assert listed == ["een", "twee", "punt", "onderpunt"]


def test_table_repeats_its_header_and_keeps_rows_whole(report: AnnexReport) -> None:
    _facts, table = tree(report).iter(f"{W}tbl")
    first, second = table.iter(f"{W}tr")

    assert first.find(f"{W}trPr/{W}tblHeader") is not None
    assert second.find(f"{W}trPr/{W}tblHeader") is None
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in (first, second))
    assert [words(cell) for cell in first.iter(f"{W}tc")] == ["Jaar", "Aantal"]


def test_facts_are_rows_of_a_name_and_its_value_without_a_header(report: AnnexReport) -> None:
    facts, _table = tree(report).iter(f"{W}tbl")
    (row,) = facts.iter(f"{W}tr")

    assert [words(cell) for cell in row.iter(f"{W}tc")] == ["Naam", "waardenog een"]
    assert len(list(row.iter(f"{W}br"))) == 1
    assert facts.find(f".//{W}tblHeader") is None


def test_page_is_a4_in_dutch_with_banner_and_page_numbers(report: AnnexReport) -> None:
    made = parts(report)
    size = tree(report).find(f".//{W}pgSz")
    language = tree(report, "word/styles.xml").find(f"{W}docDefaults//{W}lang")
    footer = made["word/footer1.xml"].decode()

    assert size is not None
    assert (size.get(f"{W}w"), size.get(f"{W}h")) == ("11906", "16838")
    assert language is not None
    assert language.get(f"{W}val") == "nl-NL"
    assert words(tree(report, "word/header1.xml")) == (
        "Ministerie van Buitenlandse ZakenCONCEPT. Niet & nooit."
    )
    # The first page is a cover or a letterhead, with the sender on it.
    assert tree(report).find(f".//{W}titlePg") is not None
    assert words(tree(report, "word/header2.xml")) == ""
    assert made["word/footer2.xml"] == made["word/footer1.xml"]
    assert words(tree(report, "word/footer1.xml")) == "Teksten & <meer>Pagina 1 van 1"
    assert " PAGE " in footer
    assert " NUMPAGES " in footer
    # Without this Word opens the file as one of an old version.
    assert 'w:name="compatibilityMode"' in made["word/settings.xml"].decode()


def test_properties_of_the_file_say_what_it_is(report: AnnexReport) -> None:
    core = ElementTree.fromstring(parts(report)["docProps/core.xml"])  # noqa: S314
    told = {each.tag.rpartition("}")[2]: each.text for each in core}

    assert told == {
        "title": "Teksten & <meer>",
        "creator": "Ministerie van Buitenlandse Zaken",
        "description": "CONCEPT. Niet & nooit.",
        "language": "nl-NL",
        "created": "2026-11-21T00:00:00Z",
        "modified": "2026-11-21T00:00:00Z",
    }


def test_another_program_reads_all_of_the_text(report: AnnexReport, tmp_path: Path) -> None:
    text = as_text(report, tmp_path).replace("\xa0", " ")

    for expected in (
        *("Teksten & <meer>", "21 november 2026", "CONCEPT. Niet & nooit."),
        *("Lees dit eerst.", "Deel één", "1.a Een punt", "Naam", "waarde", "nog een"),
        *("Eerste regel", "vet", "schuin", "een link", "Een kop in de tekst", "onderpunt"),
        *("2025", "12", "Een noot met Kamerstuk 32 735, nr. 401."),
    ):
        assert expected in text
    assert ("Subtitle", "Een plan") in list(styled(report))


def test_final_document_names_only_its_sender_above_the_page(report: AnnexReport) -> None:
    final = replace(report, banner=None, standing=Standing.FINAL)

    assert words(tree(final, "word/header1.xml")) == "Ministerie van Buitenlandse Zaken"
    assert words(tree(final, "word/header2.xml")) == ""


def test_document_without_a_date_bears_none_of_today(report: AnnexReport) -> None:
    undated = parts(replace(report, dated=None))["docProps/core.xml"]
    assert b"<dc:title>" in undated
    assert b"<dcterms:" not in undated


@pytest.mark.parametrize(
    "text", ["![x](/etc/passwd)", "<w:p/>", "{{title}}", "`=html`", "$x$", "\\input{/etc/passwd}"]
)
def test_text_is_never_read_as_markup(report: AnnexReport, text: str, tmp_path: Path) -> None:
    section = Section("s", text, (Paragraph("p", (Run(text),)),))
    made = replace(report, sections=(section,))

    assert [words for style, words in styled(made) if style == "Heading1"] == [text]
    assert not any("media/" in name for name in parts(made))


def test_what_xml_cannot_hold_is_left_out(report: AnnexReport) -> None:
    made = replace(report, title="Een\x0b titel\x00\ufffe")

    assert words(tree(made, "word/footer1.xml")).startswith("Een titel")


def test_levels_deeper_than_word_has_stay_headings(report: AnnexReport) -> None:
    deep = Section("s", "S", (Heading("h", (Run("Diep"),), level=9),))

    assert ("Heading6", "Diep") in list(styled(replace(report, sections=(deep,))))


def test_item_with_text_after_a_list_keeps_it(report: AnnexReport, tmp_path: Path) -> None:
    inner = ItemList("b", (Item("b1", (Run("binnen"),)),), ordered=True, start=4)
    outer = ItemList("a", (Item("a1", (Run("buiten"),), (inner, Paragraph("p", (Run("na"),)))),))
    made = replace(report, sections=(Section("s", "S", (outer,)),))

    text = as_text(made, tmp_path)

    assert "4.  binnen" in text
    assert text.index("buiten") < text.index("binnen") < text.index("na", text.index("binnen"))


def test_header_of_a_table_is_words_and_not_markup(report: AnnexReport) -> None:
    table = Table(
        "t", "Bijschrift", columns("A & B", "C"), (((Run("x"),), (Run("1"),)),), (60, 40), (1,)
    )
    made = replace(report, sections=(Section("s", "S", (table,)),))

    assert ("TableCaption", "Bijschrift") in list(styled(made))
    assert b"A &amp; B" in parts(made)["word/document.xml"]


def test_footnote_that_is_named_twice_is_there_once(report: AnnexReport) -> None:
    runs = (Run("a"), Run("", note="n"), Run("b"), Run("", note="n"))
    made = replace(
        report,
        sections=(Section("s", "S", (Paragraph("p", runs),)),),
        footnotes=(Footnote("n", (Run("Noot."),)),),
    )

    assert len(list(tree(made).iter(f"{W}footnoteReference"))) == 1
    (field,) = (each for each in tree(made).iter(f"{W}instrText") if "NOTEREF" in str(each.text))
    named = {each.get(f"{W}name") for each in tree(made).iter(f"{W}bookmarkStart")}
    assert (field.text or "").split()[:2] == ["NOTEREF", "_Noot1"]
    assert "_Noot1" in named
    assert "ab1" in [said for _, said in styled(made)]


LETTER = Letter(
    title="Een brief",
    language="nl",
    year=2025,
    standing=Standing.FINAL,
    dated=date(2026, 1, 26),
    date_line="26 januari 2026",
    banner=None,
    letterhead=Letterhead(
        sender="Ministerie van Buitenlandse Zaken",
        return_address="Retouradres Postbus 1",
        addressee=("Aan de Voorzitter", "Den Haag"),
        references=(Reference("Onze referentie", ("BZ1", "BZ2")),),
        continuation=(Reference("Onze referentie", ("BZ1",)),),
    ),
    subject="Waar het over gaat",
    salutation="Geachte voorzitter,",
    opening=(Paragraph("p", (Run("Tekst."),)),),
    sections=(),
    closing=(),
    signatures=(Signature("s", "De minister,", "Naam"),),
)


def test_letter_has_its_letterhead_beside_and_above_the_text() -> None:
    told = list(styled(LETTER))
    beside = [
        words(each)
        for each in tree(LETTER).iter(f"{W}p")
        if each.find(f"{W}pPr/{W}framePr") is not None
    ]

    assert told == [
        ("Sender", "Ministerie van Buitenlandse Zaken"),
        ("Reference", "Onze referentieBZ1BZ2"),
        ("Return", "> Retouradres Postbus 1"),
        ("Addressee", "Aan de VoorzitterDen Haag"),
        ("Meta", "Datum26 januari 2026"),
        ("Title", "BetreftWaar het over gaat"),
        ("Salutation", "Geachte voorzitter,"),
        ("BodyText", "Tekst."),
        ("Signature", "De minister,Naam"),
    ]
    assert beside == ["Ministerie van Buitenlandse Zaken", "Onze referentieBZ1BZ2"]
    assert "Onze referentie BZ1" in words(tree(LETTER, "word/header1.xml"))


def test_headings_and_captions_stay_with_what_follows() -> None:
    styles = {
        each.get(f"{W}styleId", ""): each
        for each in tree(LETTER, "word/styles.xml").iter(f"{W}style")
    }

    for name in (*(f"Heading{level}" for level in range(1, 7)), "Caption", "TableHead"):
        assert styles[name].find(f"{W}pPr/{W}keepNext") is not None, name
    for name in ("TableCaption", "ChartCaption"):
        based = styles[name].find(f"{W}basedOn")
        assert based is not None
        assert based.get(f"{W}val") == "Caption"

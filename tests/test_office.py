"""Word and OpenDocument files: all of the text in order, opened by another program, safe."""

from __future__ import annotations

import io
import re
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from PIL import Image
from pypdf import PdfReader

from actions.richtext import LINE_BREAK, Run
from reports.builder import build, build_decision_note
from reports.builder.texts import columns
from reports.document import (
    AnnexReport,
    Banner,
    Chart,
    DecisionNote,
    Document,
    DocumentKind,
    Facts,
    Footnote,
    Heading,
    Item,
    ItemList,
    Note,
    Paragraph,
    Reference,
    Section,
    Series,
    Standing,
    Table,
    Visibility,
)
from reports.redaction import redact
from reports.renderers import pandoc
from reports.renderers.docx import render_docx
from reports.renderers.odt import render_odt
from reports.renderers.office import NotRendered
from reports.renderers.pictures import chart_png
from reports.renderers.rendered import Rendered
from tests.officecheck import (
    TEXT,
    Streams,
    element,
    opened,
    parts,
    streams_of,
    streams_of_docx,
    streams_of_odt,
)
from tests.test_pdf_tags import called_again

pytestmark = pytest.mark.files

Render = Callable[[Document], Rendered]
RENDERERS: Mapping[str, Render] = {"docx": render_docx, "odt": render_odt}
READERS: Mapping[str, Callable[[bytes, Document], Streams]] = {
    "docx": streams_of_docx,
    "odt": streams_of_odt,
}
formats = pytest.mark.parametrize("to", ["docx", "odt"])

CHART = Chart(
    "grafiek",
    "Voortgang per pijler & meer",
    "Liggende balken. Pijler 1: 4 in uitvoering en 12 ‘niet genoemd’.",
    ("Pijler 1", "Pijler 2"),
    (Series("In uitvoering", (4, 3)), Series("Niet genoemd", (12, 0))),
)


def text(words: str, **dress: bool) -> tuple[Run, ...]:
    return (Run(words, **dress),)


def paragraph(node_id: str, words: str) -> Paragraph:
    return Paragraph(node_id, text(words))


@pytest.fixture
def note() -> DecisionNote:
    """A document with every kind of node."""
    inner = ItemList("lijst-b", (Item("lijst-b1", text("binnen")),))
    rows = tuple((text(str(number)), text("Een opmerking."), text("12")) for number in range(60))
    return DecisionNote(
        title="Nota ter beslissing",
        language="nl",
        year=2025,
        standing=Standing.CONCEPT,
        dated=date(2026, 1, 20),
        date_line="20 januari 2026",
        banner=Banner("CONCEPT. Niet & nooit.", "De brief", "https://example.org/?a=1&b=2"),
        sender="Ministerie van Buitenlandse Zaken",
        references=(Reference("Bijlage(n)", ("Kamerbrief", "Rapportage")),),
        subject="Voortgang in 2025",
        head=Facts("kop", (("Aan", text("de minister")), ("Kopie aan", text("SG")))),
        opening=(paragraph("begin", "Eerst dit."),),
        sections=(
            Section(
                "een",
                "Eerste deel",
                (
                    Paragraph("een-1", (Run("Met noot"), Run("", note="n1"), Run("."))),
                    Paragraph("een-2", (Run("regel"), LINE_BREAK, Run("nog een"))),
                    Heading("een-kop", text("Een kop")),
                    ItemList(
                        "lijst-a",
                        (Item("a1", text("buiten"), (inner, paragraph("a1-na", "na de lijst"))),),
                        ordered=True,
                        start=3,
                    ),
                    CHART,
                    Note("kader", (Paragraph("kader-1", text("In een kader."), lead="Let op."),)),
                ),
                (
                    Section(
                        "een-a",
                        "Deel van een deel",
                        (
                            Table(
                                "t",
                                "Lange tabel",
                                columns("Nr.", "Wat", "Blz."),
                                rows,
                                (10, 70, 20),
                            ),
                            replace(CHART, id="grafiek-2", alternative="Een tweede grafiek."),
                            Facts("feiten", (("Naam", text("waarde")),)),
                        ),
                    ),
                ),
            ),
            Section(
                "niet",
                "Wat niet openbaar is",
                (
                    Paragraph(
                        "geheim",
                        (Run("Het geheim"), Run("", note="n2")),
                        visibility=Visibility.INTERNAL,
                        ground="5.2.1",
                    ),
                    ItemList(
                        "lijst-c",
                        (
                            Item(
                                "c1",
                                text("geheim punt"),
                                visibility=Visibility.INTERNAL,
                                ground="5.1.2i",
                            ),
                        ),
                    ),
                ),
            ),
        ),
        colophon=(Heading("over", text("Over deze nota")), paragraph("over-1", "Tot slot.")),
        footnotes=(
            Footnote("n1", (Run("Zie "), Run("de bron", href="https://example.org/x"))),
            Footnote("n2", text("Een geheime noot.")),
        ),
    )


def with_text(note: DecisionNote, words: str) -> DecisionNote:
    """Return the note with these words in every kind of place."""
    runs = text(words)
    called = (*runs, Run("", note="n1"))
    blocks = (
        Paragraph("p", called, lead=words),
        Heading("h", runs),
        ItemList("l", (Item("l1", runs),)),
        Table("t", words, (runs, runs), ((runs, runs),), (50, 50)),
        Facts("f", ((words, runs),)),
        Note("k", (Paragraph("k1", runs),)),
        replace(CHART, caption=words, alternative=words, bars=(words[:400], "b")),
    )
    return replace(
        note,
        title=words,
        sender=words,
        subject=words,
        banner=Banner(words),
        references=(Reference(words, (words,)),),
        sections=(Section("s", words, blocks),),
        footnotes=(Footnote("n1", runs),),
    )


def assert_same(document: Document, to: str) -> None:
    assert READERS[to](RENDERERS[to](document).content, document) == streams_of(document)


@formats
def test_every_kind_of_node_is_there_in_order(note: DecisionNote, to: str) -> None:
    assert_same(note, to)


@formats
def test_public_note_holds_nothing_of_what_was_left_out(note: DecisionNote, to: str) -> None:
    public = redact(note)

    made = RENDERERS[to](public).content

    assert READERS[to](made, public) == streams_of(public)
    for name, content in parts(made).items():
        assert b"eheim" not in content, name
        assert "eheim" not in name


@pytest.mark.django_db
@formats
@pytest.mark.parametrize("year", [2023, 2025])
@pytest.mark.parametrize("kind", DocumentKind)
def test_text_and_footnotes_are_those_of_the_tree_in_order(
    kind: DocumentKind, year: int, to: str
) -> None:
    document = (
        build_decision_note(year, {}) if kind == DocumentKind.DECISION_NOTE else build(kind, year)
    )

    assert_same(document, to)


@pytest.mark.django_db
def test_another_program_opens_them_as_they_are(note: DecisionNote, tmp_path: Path) -> None:
    documents = {
        "letter": build(DocumentKind.LETTER, 2023),
        "annex": build(DocumentKind.ANNEX, 2025),
        "note": note,
    }
    for to, render in RENDERERS.items():
        files = {f"{name}.{to}": render(each).content for name, each in documents.items()}
        folder = tmp_path / to
        folder.mkdir()

        pages = opened(files, "pdf", folder)
        again = opened(files, to, folder)

        for name, document in documents.items():
            assert_numbered(pages[f"{name}.pdf"])
            assert counted(again[f"{name}.{to}"], to) == expected(document)


@pytest.mark.django_db
def test_another_program_keeps_the_contents_of_the_word_file(tmp_path: Path) -> None:
    annex = build(DocumentKind.ANNEX, 2025)
    titles = [each.title for part in annex.sections for each in (part, *part.sections)]

    (made,) = opened({"annex.docx": render_docx(annex).content}, "odt", tmp_path).values()

    (contents,) = element(parts(made)["content.xml"]).iter(f"{TEXT}index-body")
    listed = ["".join(each.itertext()) for each in contents.iter(f"{TEXT}p")]
    # Without the numbers of pages, until the reader asks for them.
    assert [each for each in listed if each] == ["Inhoud", *titles]


def assert_numbered(pdf: bytes) -> None:
    told = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    for number, words in enumerate(told, start=1):
        assert f"Pagina {number} van {len(told)}" in re.sub(r"\s+", " ", words)


def counted(content: bytes, to: str) -> dict[str, int]:
    """Count what LibreOffice kept of a file that it wrote again."""
    name = "word/document.xml" if to == "docx" else "content.xml"
    body = parts(content)[name].decode()
    patterns = {
        "docx": (
            r'<w:pStyle w:val="Heading\d"',
            "<w:footnoteReference ",
            "<w:tblHeader",
            "<pic:pic",
        ),
        "odt": ("<text:h ", "<text:note ", "<table:table-header-rows>", "<draw:image "),
    }
    names = ("headings", "notes", "header rows", "pictures")
    return {
        what: len(re.findall(each, body)) for what, each in zip(names, patterns[to], strict=True)
    }


def expected(document: Document) -> dict[str, int]:
    told = streams_of(document)
    return {
        "headings": len(told.headings),
        "notes": len(told.notes),
        "header rows": told.header_rows,
        "pictures": len(told.pictures),
    }


@formats
def test_same_document_gives_the_same_bytes(note: DecisionNote, to: str) -> None:
    assert len({RENDERERS[to](note).content for _ in range(3)}) == 1


def test_picture_is_sharp_and_the_same_each_time() -> None:
    png = chart_png(CHART)

    with Image.open(io.BytesIO(png)) as image:
        # At 154 millimetres, the widest text of ours.
        assert image.width / (154 / 25.4) > 200
        colours = image.convert("L").getextrema()
    assert colours[0] < 100 < 250 < colours[1]
    assert chart_png(CHART) == png


@formats
def test_chart_that_fits_on_no_page_is_refused_with_a_sentence(note: DecisionNote, to: str) -> None:
    chart = replace(CHART, bars=("Een lange naam. " * 1_000, "b"))
    document = replace(note, sections=(Section("s", "S", (chart,)),))

    with pytest.raises(NotRendered, match=r"^\w.+\.$"):
        RENDERERS[to](document)


HOSTILE = {
    "long word": "W" * 2_000,
    "20,000 characters": "Een zin van gewone lengte met woorden. " * 500,
    "Arabic": "محمد بن سلمان",
    "emoji": "Goed gedaan 🎉👍🏽",
    "script": "<script>alert('x')</script>",
    "no XML": "een\x0b\x00twee",
    "placeholder": "{{title}} {{banner}} {{nergens}}",
    "our marks": '</w:tbl> <table:table-row> text:style-name="Definition" descr="data:x"',
}


@formats
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_rendered_as_text(note: DecisionNote, words: str, to: str) -> None:
    document = with_text(note, words)
    kept = words.replace("\x0b", "").replace("\x00", "")

    made = RENDERERS[to](document).content

    assert READERS[to](made, document) == streams_of(with_text(note, kept))


@formats
def test_note_that_is_called_again_is_there_once_and_its_number_leads_to_it(to: str) -> None:
    document = called_again()

    made = RENDERERS[to](document).content

    assert READERS[to](made, document) == streams_of(document)
    name = "word/document.xml" if to == "docx" else "content.xml"
    pattern = r"NOTEREF _Noot(\d)|w:name=\"_Noot(\d)\"|ref-name=\"ftn(\d)\"|text:id=\"ftn(\d)\""
    found = re.findall(pattern, parts(made)[name].decode())
    assert ["".join(each) for each in found] == {
        "docx": ["1", "2", "2", "3", "2", "1"],
        "odt": ["0", "1", "1", "2", "1", "0"],
    }[to]


@formats
def test_300_footnotes_are_all_there(note: DecisionNote, to: str) -> None:
    numbers = range(300)
    runs = tuple(run for n in numbers for run in (Run(f"w{n} "), Run("", note=f"n{n}")))
    document = replace(
        note,
        sections=(Section("s", "S", (Paragraph("p", runs),)),),
        footnotes=tuple(Footnote(f"n{n}", text(f"Noot {n}.")) for n in numbers),
    )

    assert_same(document, to)


VECTORS = [
    "![x]({canary})",
    "![x](file://{canary})",
    "![x](http://127.0.0.1:{port}/a.png)",
    '<img src="{canary}">',
    '<img src="http://127.0.0.1:{port}/b.png">',
    '<iframe src="http://127.0.0.1:{port}/c.html"></iframe>',
    "\\input{{{canary}}}",
    "\\includegraphics{{{canary}}}",
    ".. include:: {canary}",
    "#+INCLUDE: {canary}",
    "`<w:altChunk r:id='{canary}'/>`{{=openxml}}",
    "`<text:section><text:section-source xlink:href='{canary}'/></text:section>`{{=opendocument}}",
    "</w:t></w:r><w:r><w:instrText>INCLUDETEXT {canary}</w:instrText></w:r>",
    "</text:p><draw:object xlink:href='{canary}'/><text:p>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file://{canary}'>]>&e;",
    "---\nreference-doc: {canary}\nbibliography: {canary}\n---",
    "[x]: http://127.0.0.1:{port}/d 'y'",
]


@formats
@pytest.mark.parametrize("vector", VECTORS)
def test_no_text_reads_a_file_or_calls_out(
    note: DecisionNote, vector: str, to: str, tmp_path: Path
) -> None:
    canary = tmp_path / "geheim.png"
    canary.write_text("KANARIE")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        words = vector.format(canary=canary, port=listener.getsockname()[1])
        document = with_text(note, words)

        made = RENDERERS[to](document).content

        with pytest.raises(TimeoutError):
            listener.accept()
    assert READERS[to](made, document) == streams_of(document)
    inside = parts(made)
    assert not any(b"KANARIE" in content for content in inside.values())
    # The only picture is that of the chart.
    assert len([name for name in inside if name.endswith(".png")]) == 1
    for content in inside.values():
        for address in re.findall(rb'(?:Target|href)="([^"]*)"', content):
            assert address.startswith((b"https://", b"#", b"Pictures/")) or b":" not in address
            assert str(canary).encode() not in address


@formats
def test_pandoc_in_its_sandbox_opens_no_picture_of_another_address(
    note: DecisionNote, to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = tmp_path / "geheim.png"
    canary.write_bytes(chart_png(CHART))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        there = f"http://127.0.0.1:{listener.getsockname()[1]}/a.png"
        for address in (str(canary), f"file://{canary}", there):
            monkeypatch.setattr(pandoc, "_address", lambda chart, at=address: at)
            with suppress(NotRendered):
                names = parts(RENDERERS[to](note).content)
                assert not any(name.endswith(".png") for name in names)
        with pytest.raises(TimeoutError):
            listener.accept()


@formats
def test_too_many_at_once_is_refused_with_a_sentence(
    note: DecisionNote, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = BoundedSemaphore(1)
    monkeypatch.setattr(pandoc, "_places", places)
    monkeypatch.setattr(pandoc, "_WAIT", 0)
    places.acquire()

    with pytest.raises(NotRendered, match=r"^\w.+\.$"):
        RENDERERS[to](note)

    places.release()
    assert RENDERERS[to](note).content
    assert RENDERERS[to](note).content


@formats
def test_program_that_fails_is_an_error_of_ours(
    note: DecisionNote, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("_API", [2, 0]), ("_SECONDS", 0.001), ("_MEMORY", "-M1k")):
        with monkeypatch.context() as patch:
            patch.setattr(pandoc, name, value)
            with pytest.raises(NotRendered, match=r"^\w.+\.$"):
                RENDERERS[to](note)
    with monkeypatch.context() as patch:
        patch.setattr(pandoc.pypandoc, "get_pandoc_path", lambda: "/nowhere/pandoc")
        with pytest.raises(NotRendered, match=r"^\w.+\.$"):
            RENDERERS[to](note)
    assert RENDERERS[to](note).content


@formats
def test_program_gets_none_of_our_surroundings(
    note: DecisionNote, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, object] = {}
    real = subprocess.run

    def looked_at(command: list[str], **options: object) -> object:
        given.update(options, command=command)
        return real(command, **options)

    monkeypatch.setattr(pandoc.subprocess, "run", looked_at)
    RENDERERS[to](note)

    assert "--sandbox" in given["command"]
    assert set(given["env"]) == {"SOURCE_DATE_EPOCH", "HOME"}
    assert given["timeout"] == pandoc._SECONDS


@formats
def test_what_is_not_public_says_so_with_its_ground(note: DecisionNote, to: str) -> None:
    name = "word/document.xml" if to == "docx" else "content.xml"

    inside = parts(RENDERERS[to](note).content)[name].decode()
    outside = parts(RENDERERS[to](redact(note)).content)[name].decode()

    assert inside.count("Niet openbaar, grond 5.2.1") == 1
    assert inside.count("Niet openbaar, grond 5.1.2i") == 1
    assert "Niet openbaar" not in outside
    # Grey, where something was left out.
    assert re.search(r'"Withheld"[^§]{0,40}>\[5\.2\.1\]<', re.sub(r"\s+", " ", outside))


@formats
def test_report_without_chapters_or_words_can_be_made(to: str) -> None:
    report = AnnexReport(
        title="Leeg",
        subtitle="",
        language="nl",
        year=2025,
        standing=Standing.FINAL,
        dated=None,
        date_line="",
        banner=None,
        sender="",
        opening=(),
        sections=(),
    )

    assert_same(report, to)


@formats
def test_colophon_starts_one_page_and_no_more(note: DecisionNote, to: str) -> None:
    headings = tuple(Heading(f"over-{number}", text(f"Over {number}")) for number in range(1, 4))
    report = AnnexReport(
        title="Rapport",
        subtitle="Van een plan",
        language="nl",
        year=2025,
        standing=Standing.FINAL,
        dated=None,
        date_line="26 januari 2026",
        banner=None,
        sender=note.sender,
        opening=(),
        sections=(Section("een", "Eén"),),
        colophon=headings,
    )

    made = parts(RENDERERS[to](report).content)

    if to == "docx":
        body = made["word/document.xml"]
        assert body.count(b'"Heading1"') == 4
        assert body.count(b'<w:pageBreakBefore w:val="0"/>') == 2
    else:
        body = made["content.xml"]
        assert body.count(b'<text:h text:style-name="Heading_20_1"') == 2
        assert body.count(b'<text:h text:style-name="Flowing"') == 2
    assert_same(report, to)

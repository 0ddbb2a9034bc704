"""What a PDF tells a screen reader: as many parts as the tree has, in its order, with words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from actions.richtext import LINE_BREAK, Run
from reports.builder import DocumentKind, build, build_decision_note, public_note
from reports.builder.texts import columns
from reports.document import (
    AnnexReport,
    Block,
    Chart,
    DecisionNote,
    Document,
    Facts,
    Footnote,
    Heading,
    Item,
    ItemList,
    Node,
    Note,
    Paragraph,
    Reference,
    Section,
    Series,
    Signature,
    Standing,
    Table,
    Visibility,
    nodes,
)
from reports.renderers.pdf import render_pdf
from reports.renderers.rendered import Rendered
from reports.texts import Texts
from tests.pdfcheck import assert_pdf_ua, verapdf
from tests.tagged import Tagged, read, squeezed

pytestmark = pytest.mark.files

CALLED_AGAIN = (
    "Eerst[^b]. Tekst[^a] en nog eens[^a].\n\n"
    "| Kop[^k] | [vet](https://example.org/) |\n| - | - |\n| een[^a] | twee |\n\n"
    "Ten slotte[^b].\n\n[^a]: Noot.\n[^b]: Bee.\n[^k]: In de kop."
)
YEARS = (2023, 2024, 2025, 2026)
WORDS = "Het kabinet zet zich in voor mensenrechten in internationale waardeketens. "


def all_documents() -> Iterator[tuple[str, Document]]:
    for year in YEARS:
        made = {kind: build(kind, year) for kind in (DocumentKind.LETTER, DocumentKind.ANNEX)}
        for kind, document in made.items():
            yield f"{kind.value}-{year}", document
        note = build_decision_note(year, {})
        yield f"note-{year}", note
        yield f"public-note-{year}", public_note(note)


def text(node_id: str, words: str, *, note: str = "") -> Paragraph:
    return Paragraph(node_id, (Run(words), Run("", note=note)) if note else (Run(words),))


def long_report() -> AnnexReport:
    """A report in which everything that can go on over a page does, with a note in each."""
    inner = ItemList(
        "binnen",
        tuple(Item(f"binnen-{number}", (Run(f"{number} {WORDS * 2}"),)) for number in range(30)),
        ordered=True,
    )
    items = (
        *(Item(f"punt-{number}", (Run(f"{number} {WORDS * 3}"),)) for number in range(25)),
        Item("punt-lang", (Run(WORDS * 60), Run("", note="noot-2"))),
        Item("punt-met", (Run("met een lijst"),), (inner,)),
    )
    rows = tuple(
        ((Run(f"rij {number}"), Run("", note=f"tabel-{number}")), (Run(str(number)),))
        for number in range(60)
    )
    header = (*columns("Rij"), (Run("Getal", strong=True), Run("", note="kop-noot")))
    chart = Chart(
        "figuur",
        "Onderwerpen naar voortgang",
        "Staafdiagram: in pijler 1 zijn 3 onderwerpen afgerond.",
        ("Pijler 1",),
        (Series("Afgerond", (3,)),),
    )
    blocks: tuple[Block, ...] = (
        text("alinea", WORDS * 120, note="noot-1"),
        Heading("kop", (Run("Een kop"),)),
        ItemList("lijst", items),
        Table("tabel", "Veel rijen", header, rows, (70, 30), (1,)),
        Facts("feiten", (("Verantwoordelijk", (Run("ministerie"),)),)),
        Note("kader", tuple(text(f"kader-{number}", WORDS * 30) for number in range(4))),
        chart,
    )
    notes = ("noot-1", "noot-2", "kop-noot", *(f"tabel-{number}" for number in range(60)))
    return report_of(
        (
            Section("deel", "Deel", (), (Section("onderdeel", "Onderdeel", blocks),)),
            Section("slot", "Slot", (text("einde", "Einde."),)),
        ),
        tuple(
            Footnote(name, (Run(f"Bij {name}, zie "), Run("de bron", href="https://example.org/")))
            for name in notes
        ),
    )


def report_of(sections: tuple[Section, ...], footnotes: tuple[Footnote, ...] = ()) -> AnnexReport:
    """A report of these parts."""
    return AnnexReport(
        title="Proef",
        subtitle="Alles gaat door",
        language="nl",
        year=2025,
        standing=Standing.FINAL,
        dated=date(2026, 1, 26),
        date_line="26 januari 2026",
        banner=None,
        sender="Ministerie",
        opening=(),
        sections=sections,
        footnotes=footnotes,
    )


def called_again() -> AnnexReport:
    """A report that calls two of its notes twice, and one in the header of a table."""
    texts = Texts()
    blocks = texts.blocks(CALLED_AGAIN, "tekst")
    return report_of((Section("deel", "Deel", blocks),), tuple(texts.footnotes))


def internal_note() -> DecisionNote:
    """A note with something internal of every kind."""
    hidden: dict[str, Any] = {"visibility": Visibility.INTERNAL, "ground": "5.2.1"}
    return DecisionNote(
        title="Nota",
        language="nl",
        year=2025,
        standing=Standing.CONCEPT,
        dated=date(2026, 1, 26),
        date_line="26 januari 2026",
        banner=None,
        sender="Ministerie",
        references=(Reference("Datum", ("26 januari 2026",)),),
        subject="Voortgang",
        head=Facts("kop", (("Aan", (Run("de minister"),)),)),
        sections=(
            Section(
                "open",
                "Toelichting",
                (
                    Paragraph("gesloten", (Run("Binnenskamers."),), **hidden),
                    ItemList("lijst", (Item("gesloten-punt", (Run("Punt."),), **hidden),)),
                    text("naam", "Gesproken met "),
                ),
            ),
            Section("dicht", "Alleen intern", (text("dicht-1", "Tekst."),), **hidden),
        ),
        colophon=(
            Heading("gronden", (Run("Gronden"),)),
            Paragraph("gronden-1", (Run("[5.1.2e]"), Run(" is de persoonlijke levenssfeer."))),
        ),
    )


def words_of(document: Document) -> str:
    """Return the text of the tree in reading order, with the number where a note is called."""
    numbers = {note.id: str(at) for at, note in enumerate(document.footnotes, start=1)}
    notes = set(document.footnotes)
    parts = [_words(each, numbers) for each in nodes(document) if each not in notes]
    return squeezed("".join(parts))


def _words(node: Node, numbers: dict[str, str]) -> str:
    match node:
        case Section():
            return node.title
        case Paragraph():
            return node.lead + _runs(node.runs, numbers)
        case Heading() | Item():
            return _runs(node.runs, numbers)
        case Table():
            rows = (node.header, *node.rows)
            return node.caption + "".join(_runs(cell, numbers) for row in rows for cell in row)
        case Facts():
            return "".join(name + _runs(runs, numbers) for name, runs in node.rows)
        case Signature():
            return node.office + node.mark + node.person
        case Chart():
            return node.caption
    return ""


def _runs(runs: Sequence[Run], numbers: dict[str, str]) -> str:
    return "".join(numbers[run.note] if run.note else run.text for run in runs if run != LINE_BREAK)


def lists_and_items(document: Document) -> tuple[int, int]:
    tree = list(nodes(document))
    lists, items = (sum(isinstance(each, kind) for each in tree) for kind in (ItemList, Item))
    return lists, items


def headings(document: Document) -> int:
    """Return how many headings a document shows: its own, its parts', and those of a page."""
    own = sum(isinstance(each, Section | Heading) for each in nodes(document))
    return own + (2 if isinstance(document, AnnexReport) else 1)


def assert_as_the_tree(document: Document, tagged: Tagged) -> None:
    """Fail unless the structure has what the tree has, once each and in its order."""
    root, tree = tagged.root, list(nodes(document))
    # The pictures of charts have words of their own, and an annex lists its parts before them.
    contents = root.all("Sect")[0] if isinstance(document, AnnexReport) else None
    listed = contents.all("L", "LI") if contents else []
    lists = [len(root.all(tag)) - sum(each.tag == tag for each in listed) for tag in ("L", "LI")]
    tables = root.all("Table")
    assert squeezed(root.text(without=("Note", "Figure", "Lbl"))).endswith(words_of(document))
    assert tuple(lists) == lists_and_items(document)
    assert len(tables) == sum(isinstance(each, Table | Facts) for each in tree)
    assert [len(each.all("THead")) for each in tables] == [
        int(isinstance(each, Table)) for each in tree if isinstance(each, Table | Facts)
    ]
    scopes = {str(each.said["/A"]["/Scope"]) for each in root.all("TH")}
    assert scopes <= {"/Row", "/Column"}
    alternatives = [each.alternative for each in tree if isinstance(each, Chart)]
    assert [str(each.said["/Alt"]) for each in root.all("Figure")] == alternatives


def assert_notes(document: Document, tagged: Tagged) -> None:
    """Fail unless every note of the tree is one, and stands behind the text that calls it."""
    found = tagged.root.all("Note")
    assert [str(each.said["/ID"]) for each in found] == [each.id for each in document.footnotes]
    assert [squeezed(each.text()) for each in found] == [
        squeezed(f"{number}{_runs(each.runs, {})}")
        for number, each in enumerate(document.footnotes, start=1)
    ]
    assert len(tagged.root.all("Reference")) == len(found)


@pytest.mark.django_db
@pytest.mark.files
def test_every_kind_and_year_is_archival_and_accessible_and_tagged_as_its_tree(
    tmp_path: Path,
) -> None:
    paths = []
    for name, document in all_documents():
        rendered = render_pdf(document)
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(rendered.content)
        assert_pdf_ua(path)
        paths.append(path)
        tagged = read(rendered.content)
        assert_as_the_tree(document, tagged)
        assert_notes(document, tagged)
        levels = [int(each.tag[1]) for each in tagged.root.each() if each.tag in HEADINGS]
        assert len(levels) == headings(document)
        assert levels[0] == 1
        assert 1 not in levels[1:]
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
        assert (tagged.language, tagged.shows_title) == ("nl", True)
        assert set(rendered.pages) == {each.id for each in nodes(document)}
        titles = [each.title for each in document.sections]
        assert [each for each in tagged.bookmarks if each in titles] == titles

    verapdf(*paths)


HEADINGS = ("H1", "H2", "H3", "H4", "H5", "H6")


@pytest.fixture(scope="module")
def long() -> Rendered:
    return render_pdf(long_report())


def test_what_goes_on_over_a_page_is_one_element(long: Rendered, tmp_path: Path) -> None:
    report, rendered = long_report(), long
    path = tmp_path / "lang.pdf"
    path.write_bytes(rendered.content)

    tagged = read(rendered.content)

    assert_pdf_ua(path)
    verapdf(path)
    assert max(rendered.pages.values()) > 8
    assert_as_the_tree(report, tagged)
    assert_notes(report, tagged)
    assert set(rendered.pages) == {each.id for each in nodes(report)}
    # The contents, both parts, and the part within one of them.
    assert len(tagged.root.all("Sect")) == 4


def test_note_stands_behind_the_paragraph_that_calls_it(long: Rendered) -> None:
    tagged = read(long.content)

    order = [each.tag for each in tagged.root.each() if each.tag in ("P", "Note", "H4")]

    assert order[order.index("H4") - 1] == "Note"
    (row,) = [
        each
        for each in tagged.root.all("TH")
        if each.text().startswith("rij 7") and "tabel-7," in each.text()
    ]
    assert [each.said["/ID"] for each in row.all("Note")] == ["tabel-7"]


def test_note_that_is_called_again_stands_behind_its_first_call(tmp_path: Path) -> None:
    report = called_again()
    path = tmp_path / "opnieuw.pdf"

    path.write_bytes(render_pdf(report).content)

    tagged = read(path.read_bytes())
    assert_pdf_ua(path)
    assert_as_the_tree(report, tagged)
    assert [each.said["/ID"] for each in tagged.root.all("Note")] == [
        each.id for each in report.footnotes
    ]
    assert [each.text() for each in tagged.root.all("Reference")] == ["1", "2", "2", "3", "2", "1"]
    order = [each.tag for each in tagged.root.each() if each.tag in ("P", "Note", "Table")]
    assert order == ["P", "P", "P", "P", "Note", "Note", "Table", "Note", "P"]


def test_header_of_a_table_holds_what_was_written_in_it(tmp_path: Path) -> None:
    tagged = read(render_pdf(called_again()).content)

    header, linked = tagged.root.all("THead")[0].all("TH")
    assert header.text(without=("Note",)) == "Kop3"
    assert [each.said["/ID"] for each in header.all("Note")] == ["tekst-noot-3"]
    assert [each.text() for each in linked.all("Link")] == ["vet"]


def test_internal_note_says_what_is_not_public_and_why(tmp_path: Path) -> None:
    path = tmp_path / "intern.pdf"
    path.write_bytes(render_pdf(internal_note()).content)

    words = read(path.read_bytes()).root.text()

    assert_pdf_ua(path)
    assert words.count("Niet openbaar, grond 5.2.1") == 3


def test_stand_in_leads_to_what_its_ground_protects(tmp_path: Path) -> None:
    path = tmp_path / "openbaar.pdf"
    path.write_bytes(render_pdf(public_note(internal_note())).content)

    tagged = read(path.read_bytes())

    assert_pdf_ua(path)
    links = [each for each in tagged.root.all("Link") if each.text().startswith("[5.")]
    assert links
    assert "Binnenskamers" not in tagged.root.text()

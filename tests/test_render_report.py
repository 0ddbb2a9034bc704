"""The command that writes a document: files whole or not at all, one sentence for a wrong word."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from actions import editing
from actions.models import Plan
from napmonitor.audit.models import AuditEvent
from reports.builder import DocumentKind, build
from reports.choices import Audience, Stage
from reports.document import Document, nodes
from reports.models import EditionFile
from reports.renderers.pdf import render_pdf
from reports.rendering import RENDERERS
from tests import edition_story as story
from tests import factories
from tests.workflow_people import Cast, cast, content

pytestmark = [pytest.mark.django_db, pytest.mark.files]

STARTS = {"pdf": b"%PDF-1.7", "html": b"<!doctype html>", "docx": b"PK", "odt": b"PK"}


def render(tmp_path: Path, year: object, *options: str, name: str = "brief.pdf") -> Path:
    output = tmp_path / name
    call_command("render_report", str(year), *options, "--output", str(output), stdout=StringIO())
    return output


def document(kind: str, year: int) -> Document:
    return build(DocumentKind(kind), year)


def links(path: Path) -> set[str]:
    with pikepdf.open(path) as pdf:
        return {
            str(annotation.A.URI)
            for page in pdf.pages
            for annotation in page.get("/Annots", [])
            if "/A" in annotation and "/URI" in annotation.A
        }


def words(path: Path) -> str:
    """Return the words of a PDF without spaces, as line breaks may fall anywhere."""
    return "".join(re.sub(r"\s+", "", page.extract_text()) for page in PdfReader(path).pages)


@pytest.mark.parametrize("kind", ["letter", "annex"])
@pytest.mark.parametrize("year", [2023, 2025])
def test_every_word_of_the_tree_is_in_the_pdf(kind, year, tmp_path):
    found = words(render(tmp_path, year, "--kind", kind))

    missing = [
        (node.id, run.text)
        for node in nodes(document(kind, year))
        if hasattr(node, "runs")
        for run in node.runs
        if re.sub(r"\s+", "", run.text) not in found
    ]

    # A run that a page break splits is found in two halves; there is at most one per page.
    assert len(missing) <= len(PdfReader(tmp_path / "brief.pdf").pages)
    for _node_id, text in missing:
        for word in text.split():
            assert word in found


@pytest.mark.parametrize("kind", ["letter", "annex"])
def test_every_reference_of_the_tree_is_a_link_in_the_pdf(kind, tmp_path):
    expected = {
        run.href
        for node in nodes(document(kind, 2025))
        if hasattr(node, "runs")
        for run in node.runs
        if run.href
    }

    assert expected
    assert expected <= links(render(tmp_path, 2025, "--kind", kind))


@pytest.mark.parametrize("kind", ["letter", "annex"])
def test_every_page_says_that_it_is_a_reconstruction_and_links_to_the_real_letter(kind, tmp_path):
    path = render(tmp_path, 2023, "--kind", kind)

    with pikepdf.open(path) as pdf:
        for number, page in enumerate(pdf.pages):
            assert "Reconstructie uit openbare bronnen" in PdfReader(path).pages[
                number
            ].extract_text().replace("\n", " ")
            targets = {str(a.A.URI) for a in page.Annots if "/A" in a and "/URI" in a.A}
            assert "https://zoek.officielebekendmakingen.nl/kst-32735-377.html" in targets


def test_every_page_of_a_year_that_is_not_sent_says_concept(tmp_path):
    pages = PdfReader(render(tmp_path, 2026, "--kind", "annex")).pages

    assert all("CONCEPT" in page.extract_text() for page in pages)


def test_a_letter_is_a4_and_in_dutch_with_a_title(tmp_path):
    with pikepdf.open(render(tmp_path, 2025)) as pdf:
        width, height = (float(each) for each in pdf.pages[0].MediaBox[2:])
        assert (round(width), round(height)) == (595, 842)
        assert str(pdf.Root.Lang) == "nl"
        assert "2025" in str(pdf.docinfo.Title)


def test_the_pages_of_all_nodes_are_known():
    each = document("annex", 2025)

    pages = render_pdf(each).pages

    # Footnotes, items and signatures included: whatever has an id has a page.
    assert set(pages) == {node.id for node in nodes(each)}
    assert pages["leeswijzer"] < pages["pijler-1"] < pages["bronnen"]


def test_the_same_tree_gives_the_same_bytes():
    each = document("letter", 2025)

    assert len({render_pdf(each).content for _ in range(3)}) == 1


def test_only_the_fonts_of_the_document_are_in_it(tmp_path):
    with pikepdf.open(render(tmp_path, 2025)) as pdf:
        fonts = {
            str(font.BaseFont).split("+")[-1]
            for page in pdf.pages
            for font in page.Resources.Font.values()
        }

    assert fonts
    assert all(font.startswith("DejaVu-Sans") for font in fonts)


def test_html_is_one_file_without_anything_from_elsewhere(tmp_path):
    html = render(tmp_path, 2025, "--format", "html", name="brief.html").read_text("utf-8")

    assert '<html lang="nl">' in html
    assert "Geachte voorzitter," in html
    assert not re.search(r"<(?:link|script|img|iframe|object)\b|url\(|@import", html)


@pytest.mark.parametrize(
    ("year", "options", "sentence"),
    [
        ("2019", (), "2019"),
        ("20x5", (), "20x5"),
        ("２０２５", (), "２０２５"),
        ("2025", ("--kind", "brief"), "brief"),
        ("2025", ("--format", "doc"), "doc"),
        ("2025", ("--internal",), "beslisnota"),
        ("2025", ("--plan", "1999"), "1999"),
    ],
)
def test_a_wrong_word_gets_one_sentence_and_no_file(year, options, sentence, tmp_path):
    with pytest.raises(CommandError) as caught:
        render(tmp_path, year, *options)

    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_named_before_anything_is_rendered(tmp_path):
    with pytest.raises(CommandError, match="nergens"):
        render(tmp_path / "nergens", 2025)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "brief.pdf").mkdir()

    with pytest.raises(CommandError, match=r"brief\.pdf"):
        render(tmp_path, 2025)


@pytest.mark.parametrize("name", ["x" * 300 + ".pdf", "map/in/niets.pdf"])
def test_a_place_that_cannot_be_is_one_sentence(name, tmp_path):
    with pytest.raises(CommandError) as caught:
        render(tmp_path, 2025, name=name)

    assert "\n" not in str(caught.value)


def test_what_is_not_an_ordinary_file_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / "brief.pdf")

    with pytest.raises(CommandError, match=r"brief\.pdf"):
        render(tmp_path, 2025)

    assert (tmp_path / "brief.pdf").is_fifo()


def test_a_link_stays_a_link_and_a_private_file_stays_private(tmp_path):
    real = tmp_path / "echt.html"
    real.write_text("eerder")
    real.chmod(0o600)
    (tmp_path / "brief.html").symlink_to(real)

    render(tmp_path, 2025, "--format", "html", name="brief.html")

    assert (tmp_path / "brief.html").is_symlink()
    assert "Geachte voorzitter" in real.read_text("utf-8")
    assert real.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("year", "told"), [(2025, False), (2026, True)])
def test_reading_a_document_that_is_not_public_stands_in_the_audit_trail(year, told, tmp_path):
    events = AuditEvent.objects.filter(action="document.read")

    render(tmp_path, year, "--format", "html")

    assert events.exists() is told
    for event in events:
        assert event.detail == {
            **{"year": "2026", "kind": "letter", "format": "html", "plan": ""},
            "internal": False,
        }


@pytest.mark.parametrize("to", sorted(RENDERERS))
@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_is_made_in_every_format(kind, to, tmp_path):
    path = render(tmp_path, 2025, "--kind", kind, "--format", to, name=f"{kind}.{to}")

    assert path.read_bytes().lstrip().startswith(STARTS[to])


def test_the_internal_note_is_told_to_the_audit_trail_even_of_a_past_year(tmp_path):
    render(tmp_path, 2025, "--kind", "decision-note", "--format", "html", "--internal")

    (event,) = AuditEvent.objects.filter(action="document.read")
    assert event.detail["internal"] is True
    assert (tmp_path / "brief.pdf").stat().st_mode & 0o077 == 0


def test_a_name_that_somebody_adds_is_left_out(tmp_path):
    output = tmp_path / "nota.html"
    said = StringIO()
    what = ("--kind", "decision-note", "--format", "html", "--output", str(output))

    call_command(
        "render_report",
        "2025",
        *what,
        "--leave-out",
        "Geadviseerd besluit",
        stdout=StringIO(),
        stderr=said,
    )

    assert "Geadviseerd besluit" not in output.read_text("utf-8")
    assert "Geadviseerd besluit" in said.getvalue()


@pytest.fixture
def named() -> Cast:
    """A round with a text that names somebody with an account, and with a note inside."""
    people = cast()
    factories.UserFactory(name="Anna Bakker")
    text = content("Anna Bakker schreef mee.", internal_note="Alleen voor ons.")
    editing.save_text(people.entry, text, author=people.editor, read_version=0)
    return people


def note_of(people: Cast, tmp_path: Path, *options: str) -> tuple[str, str]:
    """Return the note as text, and what the command said of it."""
    point = people.entry.action_point
    point.title_nl = "Werk van Anna Bakker"
    point.save()
    said = StringIO()
    output = tmp_path / "nota.html"
    options = ("--plan", people.round.plan.slug, *options)
    what = ("--kind", "decision-note", "--format", "html", "--output", str(output))
    year = str(people.round.year)
    call_command("render_report", year, *what, *options, stdout=StringIO(), stderr=said)
    return output.read_text("utf-8"), said.getvalue()


def test_the_public_note_leaves_out_what_is_internal(named, tmp_path):
    text, _said = note_of(named, tmp_path)

    assert "Alleen voor ons." not in text
    assert "[5.2.1]" in text


def test_the_internal_note_holds_it_with_the_ground(named, tmp_path):
    text, _said = note_of(named, tmp_path, "--internal")

    assert "Alleen voor ons." in text
    assert "5.2.1" in text


def test_a_name_of_an_account_is_left_out_and_told_until_somebody_keeps_it(named, tmp_path):
    factories.overwrite(
        Plan.objects.filter(pk=named.round.plan.pk), title_nl="Plan van Anna Bakker"
    )

    public, said = note_of(named, tmp_path)
    kept, nothing = note_of(named, tmp_path, "--keep", "Anna Bakker")

    assert "Anna Bakker" not in public
    assert "[5.1.2e]" in public
    assert "Anna Bakker" in said
    assert "Plan van Anna Bakker" in kept
    assert nothing == ""


def test_a_rendering_that_fails_leaves_the_file_that_was_there(tmp_path, monkeypatch):
    output = tmp_path / "brief.pdf"
    output.write_bytes(b"eerder")

    def fail(*args: object) -> object:
        raise OSError("vol")

    monkeypatch.setattr("reports.management.commands.render_report.Path.replace", fail)

    with pytest.raises(CommandError, match="vol"):
        render(tmp_path, 2025, "--format", "html")
    assert output.read_bytes() == b"eerder"
    assert list(tmp_path.iterdir()) == [output]


@pytest.fixture
def issued() -> Cast:
    """A round of which the documents are issued, and not public yet."""
    with story.quick_rendering():
        people = story.ready_round()
        story.issued(people)
    return people


def of(people: Cast) -> tuple[int, str, str]:
    return people.round.year, "--plan", people.round.plan.slug


@pytest.mark.parametrize("to", sorted(RENDERERS))
@pytest.mark.parametrize("kind", list(DocumentKind))
def test_what_is_issued_is_written_as_it_was_stored(issued, kind, to, tmp_path):
    path = render(tmp_path, *of(issued), "--kind", kind, "--format", to)

    file = EditionFile.objects.get(version__edition__kind=kind, format=to, audience=Audience.PUBLIC)
    assert path.read_bytes() == bytes(file.content)


def test_the_internal_note_that_was_issued_is_written_for_its_owner_only_and_told(issued, tmp_path):
    path = render(tmp_path, *of(issued), "--kind", "decision-note", "--internal")

    file = EditionFile.objects.get(audience=Audience.INTERNAL, format="pdf")
    assert path.read_bytes() == bytes(file.content)
    assert path.stat().st_mode & 0o077 == 0
    event = AuditEvent.objects.filter(action="document.read").latest("sequence")
    assert event.detail["internal"] is True


def test_that_an_issued_document_was_taken_is_told_until_it_is_public(issued, tmp_path):
    def told() -> int:
        return AuditEvent.objects.filter(action="document.read", actor=None).count()

    render(tmp_path, *of(issued))
    assert told() == 1

    factories.overwrite(
        type(issued.round).objects.filter(pk=issued.round.pk),
        released_at="2021-01-01T00:00:00+01:00",
        published_on="2021-01-01",
    )
    render(tmp_path, *of(issued))
    assert told() == 1


def test_a_version_that_is_not_issued_is_not_what_is_written(tmp_path):
    with story.quick_rendering():
        people = story.ready_round()
        story.frozen(people, Stage.FINAL)

    path = render(tmp_path, *of(people), "--format", "html")

    assert "CONCEPT" in path.read_text("utf-8")
    assert not EditionFile.objects.filter(sha256=sha256(path.read_bytes()).hexdigest())


def test_a_name_cannot_be_left_out_of_what_is_issued(issued, tmp_path):
    with pytest.raises(CommandError):
        render(tmp_path, *of(issued), "--kind", "decision-note", "--leave-out", "Iets")

    assert list(tmp_path.iterdir()) == []


def test_an_issued_document_that_was_damaged_is_not_written(issued, tmp_path, monkeypatch):
    monkeypatch.setattr(EditionFile, "holds", lambda file: False)

    with pytest.raises(CommandError):
        render(tmp_path, *of(issued))

    assert list(tmp_path.iterdir()) == []

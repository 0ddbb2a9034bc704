"""The public note: nothing of what was left out is in it, in any format, in any part of a file."""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import replace

import pikepdf
import pytest
from pypdf import PdfReader

from actions.richtext import Run
from reports.document import (
    Banner,
    Chart,
    DecisionNote,
    Facts,
    Footnote,
    Heading,
    Item,
    ItemList,
    Node,
    Note,
    Paragraph,
    Section,
    Series,
    Table,
    Visibility,
    nodes,
    to_dict,
)
from reports.names import Names, Official
from reports.redaction import GROUNDS, PRIVACY, grounds_of, redact, stand_in
from reports.rendering import RENDERERS, render
from tests.test_document import note

CANARY = "Kanarievogel"
NAME = "Jan Kanarievogel"
SECRET = (Run(f"Het {CANARY} zingt.", href=f"https://example.org/{CANARY}"),)
INSIDE = {"visibility": Visibility.INTERNAL, "ground": "5.2.1"}


def every_kind(name: str = "geheim") -> tuple[Node, ...]:
    """One internal node of every kind, each with the canary in all its texts."""
    item = Item(f"{name}-1", SECRET)
    return (
        Paragraph(f"{name}-p", SECRET, CANARY, **INSIDE),
        Heading(f"{name}-h", SECRET, **INSIDE),
        ItemList(f"{name}-l", (item,), **INSIDE),
        Table(f"{name}-t", CANARY, (SECRET, SECRET), ((SECRET, SECRET),), (50, 50), **INSIDE),
        Facts(f"{name}-f", ((CANARY, SECRET),), **INSIDE),
        Note(f"{name}-n", (Paragraph(f"{name}-np", SECRET),), **INSIDE),
        Chart(f"{name}-g", CANARY, CANARY, (CANARY,), (Series(CANARY, (1,)),), **INSIDE),
        ItemList(
            f"{name}-lijst",
            (Item(f"{name}-i", SECRET, **INSIDE), Item(f"{name}-punt", (Run("open"),))),
        ),
        Paragraph(f"{name}-noemt", (Run("Zie "), Run("", note="geheim-noot"))),
    )


def secret_note() -> DecisionNote:
    """A note with the canary in everything internal, and a name in everything public."""
    named = (Run("Door Jan "), Run("Kanarievogel", strong=True), Run(" gemaakt."))
    mail = (Run("mail", href="mailto:jan@kanarievogel.example"),)
    return replace(
        note(),
        title=f"Nota van {NAME}",
        subject=f"Vraag van {NAME}",
        banner=Banner(f"CONCEPT van {NAME}"),
        head=Facts("kop", (("Van", (Run(NAME),)),)),
        sections=(
            Section("open", f"Deel van {NAME}", (Paragraph("naam", named), Paragraph("m", mail))),
            Section(
                "binnen",
                CANARY,
                (Paragraph("verborgen", (Run("", note="weg-noot"),)), *every_kind("dieper")),
                **INSIDE,
            ),
            Section("deels", "Deels openbaar", every_kind()),
        ),
        footnotes=(
            Footnote("geheim-noot", SECRET, **INSIDE),
            Footnote("weg-noot", SECRET),
        ),
    )


LEFT_OUT = Names([Official(NAME, "jan@kanarievogel.example")])


def test_the_tree_of_the_public_note_holds_nothing_of_it():
    public = redact(secret_note(), LEFT_OUT)

    assert CANARY.lower() not in str(to_dict(public)).lower()
    assert public.is_public
    assert not any(node.is_internal for node in nodes(public))


def words_of(node: Node) -> list[str]:
    if isinstance(node, Section):
        return [node.title]
    if isinstance(node, Facts):
        return [name for name, _runs in node.rows]
    return [run.text for run in node.runs]


def test_the_ground_stands_in_the_place_of_what_was_left_out():
    public = {node.id: node for node in nodes(redact(secret_note(), LEFT_OUT))}

    standing_in = [node for node in public.values() if node.ground]
    assert len(standing_in) > 4
    for node in standing_in:
        assert set(words_of(node)) == {"[5.2.1]"}
    assert public["geheim-noot"].ground == "5.2.1"
    assert public["naam"].runs == (Run("Door "), Run("[5.1.2e]"), Run(" gemaakt."))


def test_a_footnote_that_only_a_withheld_text_calls_goes_with_it():
    public = redact(secret_note())

    assert [each.id for each in public.footnotes] == ["geheim-noot"]


def test_ids_of_what_was_left_out_tell_nothing_and_nobody_counts_it():
    lines = tuple(Paragraph(f"notitie-1.a-{n}", SECRET, **INSIDE) for n in range(5))
    section = Section("s", "Kop", (*lines, Paragraph("open", (Run("open"),)), lines[0]))

    public = redact(replace(note(), sections=(section,), footnotes=()))

    ids = [node.id for node in nodes(public)]
    assert ids == ["kop", "s", "weggelaten-1", "open", "weggelaten-6"]


def test_ids_and_order_of_what_stays_are_as_they_were():
    before = [node.id for node in nodes(secret_note())]
    after = [node.id for node in nodes(redact(secret_note(), LEFT_OUT))]

    kept = [each for each in after if not each.startswith("weggelaten")]
    assert kept
    assert [each for each in before if each in kept] == kept


def test_a_note_with_nothing_inside_stays_as_it_is():
    plain = replace(note(), sections=(Section("s", "Kop"),), footnotes=())

    assert redact(plain) == replace(plain, is_public=True)


def test_a_ground_that_the_law_does_not_have_is_refused():
    odd = Paragraph("p", SECRET, visibility=Visibility.INTERNAL, ground="9.9")

    with pytest.raises(ValueError, match="the Woo has no ground"):
        redact(replace(note(), sections=(Section("s", "Kop", (odd,)),)))


def test_the_grounds_of_a_note_are_those_of_nodes_and_of_names():
    assert grounds_of(secret_note()) == ("5.2.1",)
    assert grounds_of(redact(secret_note(), LEFT_OUT)) == (PRIVACY, "5.2.1")
    assert all(stand_in(ground) == f"[{ground}]" for ground in GROUNDS)


@pytest.mark.parametrize("to", sorted(RENDERERS))
def test_no_file_holds_a_trace_of_what_was_left_out(to):
    public = render(redact(secret_note(), LEFT_OUT), to).content
    internal = render(secret_note(), to).content

    assert CANARY.lower() in all_words(internal, to)
    assert CANARY.lower() not in all_words(public, to)


def all_words(content: bytes, to: str) -> str:
    """Return everything in a file that can be read as text, in whatever part and encoding."""
    if to == "pdf":
        return _of_pdf(content)
    if to == "html":
        return html.unescape(content.decode()).lower()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        found = parts.namelist()
        found += [_decoded(parts.read(name)) for name in parts.namelist()]
    return html.unescape(" ".join(found)).lower()


def _of_pdf(content: bytes) -> str:
    found = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for each in pdf.objects:
            found.append(_decoded(each.unparse()))
            if isinstance(each, pikepdf.Stream):
                found.append(_decoded(each.read_bytes()))
            found += _strings(each)
    return re.sub(r"\s+", " ", " ".join(found)).lower()


def _strings(each: pikepdf.Object) -> list[str]:
    """Return the texts of an object, such as an alternative text or an address."""
    if isinstance(each, pikepdf.String):
        return [str(each)]
    if isinstance(each, pikepdf.Dictionary):
        values = [value for _key, value in each.items()]
    elif isinstance(each, pikepdf.Array):
        values = list(each)
    else:
        return []
    direct = [value for value in values if not getattr(value, "is_indirect", False)]
    return [text for value in direct for text in _strings(value)]


def _decoded(content: bytes) -> str:
    return " ".join(
        content.decode(encoding, errors="replace") for encoding in ("utf-8", "utf-16-be")
    )

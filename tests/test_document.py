"""The document tree: read back from real JSON as it was stored, and free of Django."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from actions.richtext import Run
from reports.builder.texts import columns
from reports.document import (
    Banner,
    Chart,
    DecisionNote,
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
    Series,
    Signature,
    Standing,
    Table,
    Visibility,
    from_dict,
    nodes,
    to_dict,
)

RUNS = (Run("Tekst met "), Run("nadruk", emphasis=True), Run("", note="noot-1"))


def letter() -> Letter:
    """A letter with one of every kind of node."""
    paragraph = Paragraph("p-1", RUNS, lead="Titel.", versions=("1.a/2025/3",))
    nested = ItemList("l-1-1", (Item("i-2", (Run("binnen"),)),), ordered=True, start=3)
    return Letter(
        title="Brief",
        language="nl",
        year=2025,
        standing=Standing.RECONSTRUCTED,
        dated=date(2026, 1, 26),
        date_line="26 januari 2026",
        banner=Banner("Reconstructie", "De brief", "https://example.org/brief"),
        letterhead=Letterhead(
            "Ministerie", "Retouradres", ("Aan",), (Reference("Kenmerk", ("BZ1",)),)
        ),
        subject="Voortgang",
        salutation="Geachte voorzitter,",
        opening=(paragraph,),
        sections=(
            Section(
                "s-1",
                "Pijler",
                (
                    Heading("h-1", (Run("Kop"),)),
                    ItemList("l-1", (Item("i-1", (Run("punt"),), (nested,)),)),
                    Table(
                        "t-1", "Tabel", columns("A", "B"), (((Run("1"),), (Run("2"),)),), (50, 50)
                    ),
                    Facts("f-1", (("Wie", (Run("BZ"),)),)),
                    Note("n-1", (Paragraph("p-2", (Run("kader"),)),)),
                    Chart(
                        "g-1", "Grafiek", "Een van de een.", ("Pijler 1",), (Series("af", (1,)),)
                    ),
                ),
                (Section("s-2", "Binnen"),),
            ),
        ),
        closing=(Paragraph("p-3", (Run("slot"),)),),
        signatures=(Signature("o-1", "De minister,", "A. Naam"),),
        colophon=(Paragraph("p-4", (Run("colofon"),)),),
        footnotes=(Footnote("noot-1", (Run("onder"),)),),
    )


def note() -> DecisionNote:
    """A decision note with something that is not public."""
    inside = Paragraph("p-9", RUNS, visibility=Visibility.INTERNAL, ground="5.2.1")
    return DecisionNote(
        title="Nota",
        language="nl",
        year=2025,
        standing=Standing.CONCEPT,
        dated=None,
        date_line="nog niet bekend",
        banner=None,
        sender="Ministerie",
        references=(Reference("Datum", ("nog niet bekend",)),),
        subject="Voortgang",
        head=Facts("kop", (("Aan", (Run("de minister"),)),)),
        sections=(Section("s-9", "Toelichting", (inside,)),),
        footnotes=(Footnote("noot-1", (Run("onder"),)),),
    )


@pytest.mark.parametrize("make", [letter, note])
def test_a_document_is_the_same_after_real_json(make):
    stored = json.loads(json.dumps(to_dict(make())))

    assert from_dict(stored) == make()


def test_what_is_withheld_names_the_ground_for_it():
    with pytest.raises(ValueError, match="p: what is withheld names the ground"):
        Paragraph("p", RUNS, visibility=Visibility.INTERNAL)


@pytest.mark.parametrize(
    ("alternative", "values", "sentence"),
    [("", (1, 2), "say in words"), ("Twee staven.", (1,), "a number for each bar")],
)
def test_a_chart_has_words_and_a_number_for_each_bar(alternative, values, sentence):
    with pytest.raises(ValueError, match=sentence):
        Chart("g", "Grafiek", alternative, ("A", "B"), (Series("af", values),))


def test_every_node_is_found_in_reading_order_with_an_id_of_its_own():
    ids = [node.id for node in nodes(letter())]

    assert [node.id for node in nodes(note())] == ["kop", "s-9", "p-9", "noot-1"]
    assert ids == [
        *("p-1", "s-1", "h-1", "l-1", "i-1", "l-1-1", "i-2", "t-1", "f-1", "n-1", "p-2", "g-1"),
        "s-2",
        *("p-3", "o-1", "p-4", "noot-1"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "Onbekend"},
        {"kind": "Run", "text": "los"},
        {"kind": "Letter", "title": "half"},
        {**to_dict(letter()), "extra": 1},
    ],
)
def test_data_that_is_no_document_is_refused(data):
    with pytest.raises(ValueError, match=r".+"):
        from_dict(data)


@pytest.mark.parametrize(
    ("rows", "widths"),
    [((((Run("1"),),),), (50, 50)), ((), (50, 49)), ((), (100,))],
)
def test_a_table_with_unequal_rows_or_widths_cannot_be_made(rows, widths):
    with pytest.raises(ValueError, match="table t"):
        Table("t", "", columns("A", "B"), rows, widths)


def test_a_document_holds_nothing_but_its_own_kinds():
    odd = replace(letter(), opening=(object(),))  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="object is not part of a document"):
        to_dict(odd)


@pytest.mark.parametrize(
    "module",
    [
        *("reports.document", "reports.names", "reports.redaction"),
        *("actions.citations", "actions.richtext", "actions.search"),
    ],
)
def test_the_pure_modules_load_without_django(module):
    code = f"import sys, {module}; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

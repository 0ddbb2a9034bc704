"""The document tree: read back from real JSON as it was stored, and free of Django."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from actions.richtext import Run
from reports.document import (
    Banner,
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
    from_dict,
    nodes,
    to_dict,
)

RUNS = (Run("Tekst met "), Run("nadruk", emphasis=True), Run("", note="noot-1"))


def letter() -> Letter:
    """A letter with one of every kind of node."""
    paragraph = Paragraph("p-1", RUNS, lead="Titel.")
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
                    Table("t-1", "Tabel", ("A", "B"), (((Run("1"),), (Run("2"),)),), (50, 50)),
                    Facts("f-1", (("Wie", (Run("BZ"),)),)),
                    Note("n-1", (Paragraph("p-2", (Run("kader"),)),)),
                ),
                (Section("s-2", "Binnen"),),
            ),
        ),
        closing=(Paragraph("p-3", (Run("slot"),)),),
        signatures=(Signature("o-1", "De minister,", "A. Naam"),),
        colophon=(Paragraph("p-4", (Run("colofon"),)),),
        footnotes=(Footnote("noot-1", (Run("onder"),)),),
    )


def test_a_document_is_the_same_after_real_json():
    stored = json.loads(json.dumps(to_dict(letter())))

    assert from_dict(stored) == letter()


def test_every_node_is_found_in_reading_order_with_an_id_of_its_own():
    ids = [node.id for node in nodes(letter())]

    assert ids == [
        *("p-1", "s-1", "h-1", "l-1", "i-1", "l-1-1", "i-2", "t-1", "f-1", "n-1", "p-2", "s-2"),
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
        Table("t", "", ("A", "B"), rows, widths)


def test_a_document_holds_nothing_but_its_own_kinds():
    odd = replace(letter(), opening=(object(),))  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="object is not part of a document"):
        to_dict(odd)


@pytest.mark.parametrize(
    "module", ["reports.document", "actions.citations", "actions.richtext", "actions.search"]
)
def test_the_pure_modules_load_without_django(module):
    code = f"import sys, {module}; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

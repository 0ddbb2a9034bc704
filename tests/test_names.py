"""Names of officials in a document: offered wherever they stand, however they are written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.richtext import Run
from reports.document import Facts, Footnote, Paragraph, Section, Table
from reports.names import FoundName, Official, find_names
from tests.test_document import note

JAN = Official("Jan de Wit", "jan.dewit@example.org")


def found_in(*texts: str, public: tuple[str, ...] = ()) -> list[str]:
    paragraphs = tuple(Paragraph(f"p-{n}", (Run(text),)) for n, text in enumerate(texts))
    document = replace(note(), sections=(Section("s", "Kop", paragraphs),), footnotes=())
    return [each.literal for each in find_names(document, [JAN], public)]


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("Opgesteld door Jan de Wit.", "Jan de Wit"),
        ("Opgesteld door Jan\N{NO-BREAK SPACE}de\nWit.", "Jan\N{NO-BREAK SPACE}de\nWit"),
        ("Zie de mail van J. de Wit", "J. de Wit"),
        ("Zie de mail van J.de Wit", "J.de Wit"),
        ("Mevrouw De Wit belt terug", "De Wit"),
        ("Vraag het de heer de Wit", "de Wit"),
        ("(jan.dewit@example.org)", "jan.dewit@example.org"),
    ],
)
def test_a_name_is_found_however_it_is_written(text, literal):
    assert found_in(text) == [literal]


@pytest.mark.parametrize("text", ["Jan is er niet", "de Witte Raaf", "Wit papier", ""])
def test_other_words_are_no_names(text):
    assert found_in(text) == []


def test_who_acts_in_public_is_not_offered():
    text = "De minister, Sjoerd de Wit, en zijn ambtenaar Jan de Wit"

    assert found_in(text, public=("Sjoerd de Wit",)) == ["Jan de Wit"]


def test_a_name_is_found_in_every_part_and_across_a_change_to_bold():
    halves = (Run("Jan de "), Run("Wit", strong=True))
    cells = ((Run("1"),), (Run("Jan de Wit"),))
    document = replace(
        note(),
        head=Facts("kop", (("Aan", (Run("Jan de Wit"),)),)),
        sections=(
            Section(
                "s",
                "Van Jan de Wit",
                (
                    Paragraph("p", halves, lead="Jan de Wit."),
                    Table("t", "Door Jan de Wit", ("A", "B"), (cells,), (50, 50)),
                ),
            ),
        ),
        footnotes=(Footnote("noot", (Run("Jan de Wit"),)),),
    )

    places = [each.node_id for each in find_names(document, [JAN])]

    assert places == ["kop", "s", "p", "p", "t", "t", "noot"]


def test_the_words_around_a_name_are_shown():
    paragraph = Paragraph("p", (Run("Dit schreef Jan de Wit gisteren."),))
    document = replace(note(), sections=(Section("s", "", (paragraph,)),), footnotes=())

    assert find_names(document, [JAN]) == [
        FoundName("Jan de Wit", "p", "Dit schreef Jan de Wit gisteren.")
    ]

"""Names of officials in a document: offered wherever they stand, however they are written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.richtext import Run
from reports.builder.texts import columns
from reports.document import (
    Chart,
    Facts,
    Footnote,
    Paragraph,
    Reference,
    Section,
    Series,
    Table,
)
from reports.names import FoundName, Names, Official, find_names
from tests.test_document import note

JAN = Official("Jan de Wit", "jan.dewit@example.org")
MANY = [
    Official("Anna de Vries-Jansen", "a.devries@example.org"),
    Official("Jan Peter van den Berg"),
    Official("José Núñez"),
    Official("Groot, Piet de"),
]


def named(text: str, *officials: Official, public: tuple[str, ...] = ()) -> list[str]:
    """Return the names in a text, as they stand there."""
    names = Names(officials or [JAN], public)
    return [text[start:end] for start, end in names.spans(text)]


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("Opgesteld door Jan de Wit.", "Jan de Wit"),
        ("Opgesteld door Jan\N{NO-BREAK SPACE}de\nWit.", "Jan\N{NO-BREAK SPACE}de\nWit"),
        ("Zie de mail van J. de Wit", "J. de Wit"),
        ("Zie de mail van J.de Wit", "J.de Wit"),
        ("Mevrouw De Wit belt terug", "De Wit"),
        ("Vraag het de heer de Wit", "de Wit"),
        ("De Wits voorstel", "De Wits"),
        ("JAN DE WIT", "JAN DE WIT"),
        ("J. d. Wit", "J. d. Wit"),
        ("Jan de W\N{SOFT HYPHEN}it", "Jan de W\N{SOFT HYPHEN}it"),
        ("Wit, Jan de", "Wit, Jan de"),
        ("(jan.dewit@example.org)", "jan.dewit@example.org"),
        ("(Jan.DeWit@Example.org)", "Jan.DeWit@Example.org"),
    ],
)
def test_a_name_is_found_however_it_is_written(text, literal):
    assert named(text) == [literal]


@pytest.mark.parametrize(
    "literal",
    [
        "ANNA DE VRIES-JANSEN",
        "A.M. de Vries-Jansen",
        "Anna de Vries\N{NON-BREAKING HYPHEN}Jansen",
        "Jansen",
        "De Vries",
        "J.P. van den Berg",
        "Van Den Berg",
        "v.d. Berg",
        "Jan\N{ZERO WIDTH SPACE} van den Berg",
        "Van den Berg’s",
        "Jose Nunez",
        "Jose\N{COMBINING ACUTE ACCENT} Nu\N{COMBINING TILDE}n\N{COMBINING TILDE}ez",
        "Piet de Groot",
        "P. de Groot",
    ],
)
def test_names_of_every_make_are_found_whole(literal):
    assert named(f"Zie {literal} daarover.", *MANY) == [literal]


@pytest.mark.parametrize(
    "text", ["Jan is er niet", "de Witte Raaf", "een wit papier", "Witheid", "twee dewits", ""]
)
def test_other_words_are_no_names(text):
    assert named(text) == []


def test_who_acts_in_public_is_not_offered_where_they_are_named():
    text = "De minister, Sjoerd de Wit, en zijn ambtenaar Jan de Wit"

    assert named(text, JAN, public=("Sjoerd de Wit",)) == ["Jan de Wit"]


def test_what_somebody_keeps_is_passed_over():
    names = Names([Official("Jan Raad")], kept=["Raad"])

    assert names.spans("De Raad van State") == []
    assert names.spans("Jan Raad schreef") == [(0, 8)]


def test_words_that_somebody_adds_are_found_as_they_are():
    names = Names([], also=["Piet van Buiten"])

    assert names.spans("Met Piet  van Buiten") == [(4, 20)]
    assert names.spans("Van Buiten naar binnen") == []


@pytest.mark.parametrize(
    "address",
    [
        "mailto:Jan.DeWit@example.org",
        "https://example.org/medewerkers/jan-de-wit",
        "https://example.org/?naam=Jan%20de%20Wit",
    ],
)
def test_a_name_is_found_in_an_address(address):
    assert Names([JAN]).stand_in_address(address)
    assert not Names([JAN]).stand_in_address("https://example.org/wit/papier")


def test_a_long_row_of_initials_is_read_in_no_time():
    assert named("a." * 5000) == []


def test_a_name_is_found_in_every_part_and_across_a_change_to_bold():
    halves = (Run("Jan de "), Run("Wit", strong=True))
    cells = ((Run("1"),), (Run("Jan de Wit"),))
    numbers = (Series("Jan de Wit", (1,)),)
    document = replace(
        note(),
        title="Van Jan de Wit",
        subject="Voor Jan de Wit",
        references=(Reference("Opgesteld door", ("Jan de Wit",)),),
        head=Facts("kop", (("Aan", (Run("Jan de Wit"),)),)),
        sections=(
            Section(
                "s",
                "Van Jan de Wit",
                (
                    Paragraph("p", halves, lead="Jan de Wit."),
                    Table("t", "Door Jan de Wit", columns("Jan de Wit", "B"), (cells,), (50, 50)),
                    Chart("g", "Jan de Wit", "Jan de Wit", ("Jan de Wit",), numbers),
                    Paragraph("a", (Run("mail", href="mailto:jan.dewit@example.org"),)),
                ),
            ),
        ),
        footnotes=(Footnote("noot", (Run("Jan de Wit"),)),),
    )

    places = [each.node_id for each in find_names(document, Names([JAN]))]

    assert places == [
        *("", "", "", "kop", "s", "p", "p", "t", "t", "t"),
        *("g", "g", "g", "g", "a", "noot"),
    ]


def test_the_words_around_a_name_are_whole():
    text = (
        f"{'Eerst veel andere woorden, ' * 3}schreef Jan de Wit, {'en daarna nog veel meer ' * 3}"
    )
    paragraph = Paragraph("p", (Run(text),))
    document = replace(note(), sections=(Section("s", "", (paragraph,)),), footnotes=())

    (found,) = find_names(document, Names([JAN]))

    assert found.around.startswith("… ")
    assert found.around.endswith(" …")
    assert set(found.around.strip("… ").split()) <= set(text.split())


def test_the_words_around_a_name_are_shown():
    paragraph = Paragraph("p", (Run("Dit schreef Jan de Wit gisteren."),))
    document = replace(note(), sections=(Section("s", "", (paragraph,)),), footnotes=())

    assert find_names(document, Names([JAN])) == [
        FoundName("Jan de Wit", "p", "Dit schreef Jan de Wit gisteren.")
    ]

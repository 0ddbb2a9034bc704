"""What a reader finds by a word: parts of compounds, inflections, and names of other years."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.search import fold, index, read

# One of each row of names that changed, in the inflections a reader writes.
CHANGED = (
    ("pijler", "pijlers", "pilaar", "pilaren"),
    ("remedie", "remedies", "herstel"),
    ("ontwikkelingssamenwerking", "ontwikkelingshulp"),
    ("imvo-steunpunt", "mvo-steunpunt", "MVO steunpunt", "(I)MVO-steunpunt"),
    ("hoogrisicogebieden", "risicogebieden", "hoog-risicogebied", "fragiele"),
)
# A text writes them as one word; who asks may write two.
PAIRS = [(one, other) for row in CHANGED for one in row for other in row if " " not in other]

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(
    lambda text: bool(fold(text))
)


def finds(query: str, *texts: str) -> bool:
    return read(query).finds(index(texts))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("zorgvuldigheid", "Zorgvuldigheidswetgeving van de EU"),
        ("rechtsbijstand", "de gesubsidieerde-rechtsbijstand"),
        ("COORDINATIE", "coördinatie"),
        ("coördinatie", "COORDINATIE"),
        ("ngo's", "met ngo’s en vakbonden"),
        ("ngo", "met ngo’s en vakbonden"),
        ('"toegang tot herstel"', "Toegang tot herstel."),
        ("remedie, gids", "een gids over remedie"),
        ("multi-stakeholder", "multi\u2011stakeholder"),
        ("hoogrisico", "hoog-risicosectoren"),
        ("32 735", "Kamerstuk 32\u00a0735, nr. 377"),
        ("1.a", "1.a"),
        ("afbreken", "af\u00adbreken"),
        ("العناية", "بذل العناية الواجبة"),
        ("العِناية", "بذل العناية الواجبة"),
        ("👩‍👧", "een 👩‍👧 in de tekst"),
        ("bedrijven", "elk bedrijf"),
        ("bedrijf", "alle bedrijven"),
        ("mensenrechten", "een mensenrecht"),
        ("mogelijkheden", "de mogelijkheid"),
        ("mogelijkheid", "mogelijkheden"),
        ("problemen", "het probleem"),
        ("sociaal", "de sociale dialoog"),
        ("sociale", "sociaal beleid"),
        ("begrippen", "een begrip"),
        ("initiatieven", "een initiatief"),
        ("procedures", "de procedure"),
        ("programma's", "het programma"),
        ("prijzen", "de prijs"),
    ],
)
def test_what_a_reader_takes_for_the_same_is_found(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("remedie zonder", "een gids over remedie"),
        ("wetten", "weten"),
        ("landen", "nederland"),
        ("proces", "procedure"),
        ("-", "een gewone zin"),
        ("🙂", "een gewone zin"),
        ("steunpunt mvo x", "mvo-steunpunt"),
    ],
)
def test_what_is_something_else_is_not_found(query: str, text: str) -> None:
    assert not finds(query, text)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_name_finds_the_names_of_other_years_both_ways(one: str, other: str) -> None:
    assert finds(one, f"Over {other} en meer.")


@pytest.mark.parametrize(
    ("query", "also"),
    [
        ("pijlers", ("pilaar",)),
        ("pilaren", ("pijler",)),
        ("herstel", ("remedie",)),
        ("gids remedie", ("herstel",)),
        ("IMVO steunpunt", ("MVO-steunpunt",)),
        ("ontwikkelingshulp", ("ontwikkelingssamenwerking",)),
        ("risicogebieden", ("fragiel", "hoogrisico")),
        ("zorgvuldigheid", ()),
        ("herstel herstel", ("remedie",)),
    ],
)
def test_a_reader_is_told_what_else_was_looked_for(query: str, also: tuple[str, ...]) -> None:
    assert read(query).also == also


def test_words_may_stand_in_different_texts() -> None:
    assert finds("gids remedie", "een gids", "over remedie")


def test_nothing_to_look_for_finds_everything() -> None:
    assert finds("  ", "tekst")
    assert finds("", "")


@given(words, words)
def test_a_text_is_found_by_every_word_in_it(before: str, after: str) -> None:
    text = f"{before} {after}"

    assert all(finds(word, text) for word in text.split())
    assert finds(text, text)


@given(words, words)
def test_case_and_accents_make_no_difference(query: str, text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert finds(query, text) == finds(fold(query), fold(text))


@given(words, words, words)
def test_another_word_never_finds_more(one: str, other: str, text: str) -> None:
    if finds(f"{one} zorgvuldig {other}", text):
        assert finds(one, text)
        assert finds(other, text)


@given(st.text(st.characters(codec="utf-8"), max_size=200), words)
def test_any_text_can_be_asked(query: str, text: str) -> None:
    assert isinstance(finds(query, text), bool)

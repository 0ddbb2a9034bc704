"""What differs between two texts, as pieces that can be shown."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from actions.differences import Kind, Piece, compare, without

SAME, REMOVED, ADDED = Kind.SAME, Kind.REMOVED, Kind.ADDED
texts = st.lists(
    st.sampled_from(["een", " ", "twee", "\n", "drie,", "  ", "§ 4", "\n\n", "é", "**", "-", "\t"]),
    max_size=40,
).map("".join)


def words(pieces: list[Piece], kind: Kind) -> list[str]:
    return [piece.text.strip() for piece in pieces if piece.kind is kind]


@given(texts | st.text(), texts | st.text())
def test_compare_holds_both_texts_to_the_letter(old: str, new: str) -> None:
    pieces = compare(old, new)

    assert "".join(piece.text for piece in without(pieces, ADDED)) == old
    assert "".join(piece.text for piece in without(pieces, REMOVED)) == new


@given(texts)
def test_compare_of_a_text_with_itself_finds_no_difference(text: str) -> None:
    assert all(piece.kind is SAME for piece in compare(text, text))


@given(texts, texts)
def test_compare_gives_no_empty_pieces_and_no_two_of_a_kind_in_a_row(old: str, new: str) -> None:
    pieces = compare(old, new)

    assert all(piece.text for piece in pieces)
    assert all(one.kind is not other.kind for one, other in zip(pieces, pieces[1:], strict=False))


def test_compare_marks_the_word_that_changed_and_no_other() -> None:
    pieces = compare("De wet is in 2024 ingevoerd.", "De wet is in 2025 ingevoerd.")

    assert words(pieces, REMOVED) == ["2024"]
    assert words(pieces, ADDED) == ["2025"]


def test_compare_takes_a_compound_as_one_word() -> None:
    pieces = compare("Het MVO-steunpunt helpt.", "Het IMVO-steunpunt helpt.")

    assert words(pieces, ADDED) == ["IMVO-steunpunt"]


def test_compare_joins_changes_with_a_word_between_them() -> None:
    pieces = compare("Zij is klaar voor invoering nu", "Hij was klaar na uitstel nu")

    assert len([piece for piece in pieces if piece.kind is ADDED]) == 1


def test_compare_keeps_an_added_paragraph_apart() -> None:
    pieces = compare(
        "Eerste alinea.\n\nTweede alinea.", "Eerste alinea.\n\nNieuw.\n\nTweede alinea."
    )

    assert words(pieces, REMOVED) == []
    assert words(pieces, ADDED) == ["Nieuw."]


def test_compare_gives_up_on_words_when_one_word_stands_there_thousands_of_times() -> None:
    pieces = compare("a " * 10_000 + "b", "a " * 9_999 + "c")

    assert [piece.kind for piece in pieces] == [REMOVED, ADDED]


def test_differences_need_no_django() -> None:
    code = "import sys, actions.differences; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

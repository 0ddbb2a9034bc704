"""Texts of the greatest length differ quickly, and to the letter."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.differences import Kind, compare, share_kept, without
from actions.richtext import MAX_CHARACTERS

# As in a Dutch text: a few words everywhere, most of them seldom.
WORDS = [f"woord{number}" for number in range(2_000)]
WEIGHTS = [1 / (number + 1) for number in range(2_000)]


def sentences(seed: int) -> list[str]:
    """Return about as many sentences as the longest text has."""
    chance = random.Random(seed)  # noqa: S311
    made: list[str] = []
    while sum(map(len, made)) + len(made) < MAX_CHARACTERS:
        made.append(" ".join(chance.choices(WORDS, WEIGHTS, k=14)) + ".")
    return made


def one_word_less(sentence: str) -> str:
    first, *rest = sentence.split()
    return " ".join([first, *rest[1:]])


OLD = sentences(1)
PAIRS = {
    "another text": (OLD, sentences(2)),
    "every sentence a word less": (OLD, [one_word_less(each) for each in OLD]),
    "half the sentences": (OLD, OLD[::2]),
    "the other way round": (OLD, OLD[::-1]),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("between", [" ", "\n"])
def test_two_long_texts_are_compared_in_little_time(name: str, between: str) -> None:
    old, new = (between.join(each) for each in PAIRS[name])

    start = time.process_time()
    pieces = compare(old, new)

    # Measured: 60 ms at most; before long texts were cut it was 300.
    assert time.process_time() - start < 0.6
    assert "".join(piece.text for piece in without(pieces, Kind.ADDED)) == old
    assert "".join(piece.text for piece in without(pieces, Kind.REMOVED)) == new


def test_a_changed_word_is_found_in_a_long_text() -> None:
    old = " ".join(OLD)
    new = old.replace(OLD[50], OLD[50] + " Nieuw!")

    pieces = compare(old, new)

    assert [piece.text for piece in pieces if piece.kind is Kind.ADDED] == [" Nieuw!"]
    assert [piece for piece in pieces if piece.kind is Kind.REMOVED] == []


@given(st.lists(st.sampled_from("abcdefgh"), min_size=450), st.lists(st.sampled_from("abcdefgh")))
def test_texts_that_are_cut_are_still_held_to_the_letter(some: list[str], other: list[str]) -> None:
    old, new = " ".join(some), " ".join([*some[:300], *other, *some[200:]])

    pieces = compare(old, new)

    assert "".join(piece.text for piece in without(pieces, Kind.ADDED)) == old
    assert "".join(piece.text for piece in without(pieces, Kind.REMOVED)) == new
    assert all(one.kind is not two.kind for one, two in zip(pieces, pieces[1:], strict=False))


def test_fewer_pairs_to_try_leave_more_as_changed() -> None:
    old, new = "een twee een drie", "een vier een vijf"

    assert len(compare(old, new)) > len(compare(old, new, most_pairs=0)) == 2


@pytest.mark.parametrize(
    ("old", "new", "share"), [("", "", 1), ("a b", "a b", 1), ("abc", "xyz", 0), ("a", "", 0)]
)
def test_the_share_that_was_kept(old: str, new: str, share: float) -> None:
    assert share_kept(compare(old, new)) == share

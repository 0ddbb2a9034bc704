"""What differs between two texts, word by word, as pieces that can be shown. No Django."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import TypeAlias

# A word with the spaces behind it, or a line end: small enough to read, large enough to follow.
_TOKEN = re.compile(r"\n|[^\S\n]*[\w'’-]+|[^\S\n]*[^\w\s]|[^\S\n]+")
# Between two changes, so few equal words are noise: they are taken along.
_FEW = 2
# Of equal tokens to try against each other; texts of the longest length stay far below.
_MOST_PAIRS = 5_000_000
# Rows of more tokens than this are first cut where both say the same, so that time grows evenly.
_SHORT = 400
# So many tokens in a row, standing once in both texts, are surely the same place.
_SURE = 3

# What happened, where in the old row, and where in the new one; as difflib has it.
_Step: TypeAlias = tuple[str, int, int, int, int]


class Kind(Enum):
    """What happened to a piece on the way from the old text to the new."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that stayed, went, or came."""

    kind: Kind
    text: str


def compare(old: str, new: str, *, most_pairs: int = _MOST_PAIRS) -> list[Piece]:
    """Return the pieces that make the old text with what was removed, the new with what was added.

    Joined, `SAME` and `REMOVED` are the old text and `SAME` and `ADDED` the new one, to the letter.
    With fewer pairs of words to try it takes less time, and more of what differs counts as changed.
    """
    lines = (old.splitlines(keepends=True), new.splitlines(keepends=True))
    return list(_joined(_by_line(*lines, most_pairs)))


def share_kept(pieces: Iterable[Piece]) -> float:
    """Return how much of the longer of two texts stands in both: 1 when nothing differs."""
    length: Counter[Kind] = Counter()
    for piece in pieces:
        length[piece.kind] += len(piece.text)
    longest = length[Kind.SAME] + max(length[Kind.REMOVED], length[Kind.ADDED])
    return length[Kind.SAME] / longest if longest else 1


def without(pieces: Iterable[Piece], kind: Kind) -> list[Piece]:
    """Return one of the two texts: without what was added the old one, and the other way round."""
    return [piece for piece in pieces if piece.kind is not kind]


def _by_line(old: Sequence[str], new: Sequence[str], most_pairs: int) -> Iterator[Piece]:
    """Match whole lines first, so that a new paragraph stands apart; then the words of the rest."""
    for change, i, j, k, m in _steps(old, new, most_pairs):
        before, after = "".join(old[i:j]), "".join(new[k:m])
        if change == "equal":
            yield Piece(Kind.SAME, before)
        else:
            yield from _by_word(_TOKEN.findall(before), _TOKEN.findall(after), most_pairs)


def _by_word(old: Sequence[str], new: Sequence[str], most_pairs: int) -> Iterator[Piece]:
    removed: list[str] = []
    added: list[str] = []
    for change, i, j, k, m in _steps(old, new, most_pairs):
        between = removed and added and j - i <= _FEW and j < len(old) and "\n" not in old[i:j]
        if change != "equal" or between:
            removed += old[i:j]
            added += new[k:m]
        else:
            yield Piece(Kind.REMOVED, "".join(removed))
            yield Piece(Kind.ADDED, "".join(added))
            yield Piece(Kind.SAME, "".join(old[i:j]))
            removed, added = [], []
    yield Piece(Kind.REMOVED, "".join(removed))
    yield Piece(Kind.ADDED, "".join(added))


def _steps(old: Sequence[str], new: Sequence[str], most_pairs: int) -> Iterator[_Step]:
    """Yield how one row of tokens becomes the other, no two equal parts after each other."""
    done: _Step | None = None
    i = k = 0
    for j, m in [*_sure_places(old, new), (len(old), len(new))]:
        for change, *part in _opcodes(old[i:j], new[k:m], most_pairs):
            step = (change, i + part[0], i + part[1], k + part[2], k + part[3])
            if done and done[0] == change == "equal":
                step = (change, done[1], step[2], done[3], step[4])
            elif done:
                yield done
            done = step
        i, k = j, m
    if done:
        yield done


def _sure_places(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return where two long rows go together for sure, in an order that holds in both."""
    if min(len(old), len(new)) <= _SHORT:
        return []
    there = _once(new)
    places = [(i, there[run]) for run, i in _once(old).items() if run in there]
    return _rising(places)


def _once(tokens: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Return the runs of tokens that stand in a row once, in order, with their places."""
    runs = list(zip(*(tokens[n:] for n in range(_SURE)), strict=False))
    counts = Counter(runs)
    return {run: place for place, run in enumerate(runs) if counts[run] == 1}


def _rising(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest choice of places that rises in the second number too."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, (_i, j) in enumerate(places):
        length = bisect_left(ends, j)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [index]
        before.append(last[length - 1] if length else None)
    chosen: list[tuple[int, int]] = []
    at = last[-1] if last else None
    while at is not None:
        chosen.append(places[at])
        at = before[at]
    return chosen[::-1]


def _opcodes(old: Sequence[str], new: Sequence[str], most_pairs: int) -> Sequence[_Step]:
    """Return how one row of tokens becomes the other.

    The same token thousands of times on both sides would take minutes; then all counts as changed.
    """
    if old == new:
        return [("equal", 0, len(old), 0, len(new))] if old else []
    counts = Counter(new)
    if sum(counts[token] for token in old) > most_pairs:
        return [("replace", 0, len(old), 0, len(new))]
    # Junk guessing is for source code: in a text the commonest words matter too.
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Leave out what is empty and join neighbours of one kind."""
    last: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last and last.kind is piece.kind:
            last = Piece(last.kind, last.text + piece.text)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last

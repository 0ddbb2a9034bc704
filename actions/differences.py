"""What differs between two texts, word by word, as pieces that can be shown. No Django."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

# A word with the spaces behind it, or a line end: small enough to read, large enough to follow.
_TOKEN = re.compile(r"\n|[^\S\n]*[\w'’-]+|[^\S\n]*[^\w\s]|[^\S\n]+")
# Between two changes, so few equal words are noise: they are taken along.
_FEW = 2
# Of equal tokens to try against each other; texts of the longest length stay far below.
_MOST_PAIRS = 5_000_000


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


def compare(old: str, new: str) -> list[Piece]:
    """Return the pieces that make the old text with what was removed, the new with what was added.

    Joined, `SAME` and `REMOVED` are the old text and `SAME` and `ADDED` the new one, to the letter.
    """
    return list(_joined(_by_line(old.splitlines(keepends=True), new.splitlines(keepends=True))))


def without(pieces: Iterable[Piece], kind: Kind) -> list[Piece]:
    """Return one of the two texts: without what was added the old one, and the other way round."""
    return [piece for piece in pieces if piece.kind is not kind]


def _by_line(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """Match whole lines first, so that a new paragraph stands apart; then the words of the rest."""
    for change, i, j, k, m in _opcodes(old, new):
        before, after = "".join(old[i:j]), "".join(new[k:m])
        if change == "equal":
            yield Piece(Kind.SAME, before)
        else:
            yield from _by_word(_TOKEN.findall(before), _TOKEN.findall(after))


def _by_word(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    removed: list[str] = []
    added: list[str] = []
    for change, i, j, k, m in _opcodes(old, new):
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


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """Return how one row of tokens becomes the other.

    The same token thousands of times on both sides would take minutes; then all counts as changed.
    """
    counts = Counter(new)
    if sum(counts[token] for token in old) > _MOST_PAIRS and old != new:
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

"""The marks of bold, italic and links around pieces of text, where Markdown reads them as meant.

Markdown opens and closes bold by what stands beside the marks, so that one text asks for other
marks than the next. Of all ways to put them, those that are the shortest come first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, permutations, product
from typing import Final, TypeAlias

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace

from actions.richtext.model import LINE_BREAK, Run

# What a mark is written with: stars and underscores, or the address of a link.
_Open: TypeAlias = tuple[str, ...]
_STRONG: Final = ("**", "__")
_EMPHASIS: Final = ("*", "_")
# One sign for both, then one for each, in both ways: some texts allow one of these only.
_CHOICES: Final = (
    (_STRONG, _EMPHASIS),
    (("**",), ("_",)),
    (("__",), ("*",)),
    (("**",), ("*",)),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run with its text as it is written."""

    run: Run
    source: str

    @property
    def stands_alone(self) -> bool:
        """Tell whether it has no dress of its own, and may stand within any."""
        return bool(self.run.note) or self.run == LINE_BREAK


def dressings(pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield the pieces with their marks, in every way that could be read as meant."""
    for strong, emphasis in _CHOICES:
        written = _dressed(pieces, strong, emphasis)
        if written is not None:
            yield written
        if not any(each.run.strong or each.run.emphasis for each in pieces):
            return


@dataclass(frozen=True, slots=True)
class _Way:
    """What is written up to a place, at which cost, and what it came from."""

    cost: int
    text: str
    before: _Way | None


def _dressed(
    pieces: Sequence[Piece], strong: tuple[str, ...], emphasis: tuple[str, ...]
) -> str | None:
    """Return the shortest way to write the pieces with these marks, None if there is none."""
    states = [_states(each.run, strong, emphasis) for each in pieces]
    ways: dict[_Open, _Way] = {(): _Way(0, "", None)}
    left = " "
    for number, piece in enumerate(pieces):
        here = states[number]
        if piece.stands_alone:
            here = _around(pieces, states, number)
        ways = _onward(ways, here, left, piece.source)
        left = piece.source[-1]
    last = _onward(ways, [()], left, "")
    return _whole(last[()]) if last else None


def _onward(
    ways: dict[_Open, _Way], states: Sequence[_Open], left: str, source: str
) -> dict[_Open, _Way]:
    """Return the cheapest way to each state in which the next piece can be written."""
    right = source[:1] or " "
    found: dict[_Open, _Way] = {}
    for state in states:
        for before, way in ways.items():
            marks = _between(before, state, left, right)
            if marks is None:
                continue
            cost = way.cost + 2 * len(marks) + marks.count("_")
            if state not in found or cost < found[state].cost:
                found[state] = _Way(cost, marks + source, way)
    return found


def _whole(way: _Way) -> str:
    texts = []
    at: _Way | None = way
    while at:
        texts.append(at.text)
        at = at.before
    return "".join(reversed(texts))


def _states(run: Run, strong: tuple[str, ...], emphasis: tuple[str, ...]) -> list[_Open]:
    """Return all that can stand open where a run is written, from outside in."""
    marks = [
        *([strong] if run.strong else []),
        *([emphasis] if run.emphasis else []),
        *([(run.href,)] if run.href else []),
    ]
    return [order for chosen in product(*marks) for order in permutations(chosen)]


def _around(pieces: Sequence[Piece], states: Sequence[Sequence[_Open]], number: int) -> list[_Open]:
    """Return what can stand open at a piece without a dress: what does on either side, or less."""
    near: list[_Open] = [()]
    for side in (range(number - 1, -1, -1), range(number + 1, len(pieces))):
        dressed = next((each for each in side if not pieces[each].stands_alone), None)
        if dressed is not None:
            near += states[dressed]
    parts = dict.fromkeys(state[:length] for state in near for length in range(len(state) + 1))
    if pieces[number].run.note:
        # A footnote in a link makes it none.
        return [state for state in parts if all(len(mark) < 3 for mark in state)]
    return list(parts)


def _between(before: _Open, after: _Open, left: str, right: str) -> str | None:
    """Return the fewest marks that close one and open the other, None if none would be read so."""
    if left == "\n" and right in " \t" and before == after:
        # Space at the start of a line is lost, and so is a line break at the end.
        return None
    common = 0
    while common < min(len(before), len(after)) and before[common] == after[common]:
        common += 1
    for kept in range(common, -1, -1):
        marks = _marks(before[kept:], after[kept:], left, right)
        if marks is not None:
            return marks
    return None


@lru_cache(maxsize=10_000)
def _marks(closing: _Open, opening: _Open, left: str, right: str) -> str | None:
    pieces = [(_closed(each), False) for each in reversed(closing)]
    pieces += [("[" if len(each) > 2 else each, True) for each in opening]
    # Of what ends a link only the last sign is beside another mark.
    signs = [(sign, opens) for mark, opens in pieces for sign in (mark if len(mark) < 3 else ")")]
    place = 0
    for (sign, opens), same in groupby(signs):
        end = place + len(list(same))
        if sign in "*_":
            beside = signs[place - 1][0] if place else left
            beyond = signs[end][0] if end < len(signs) else right
            # The same sign in two roles would be read as one row of them.
            if sign in (beside if place else "", beyond if end < len(signs) else ""):
                return None
            if not _is_read(sign, beside, beyond, opens=opens):
                return None
        place = end
    return "".join(mark for mark, _opens in pieces)


def _closed(mark: str) -> str:
    if len(mark) <= 2:
        return mark
    address = mark.replace("&", "\\&")
    return f"](<{address}>)" if set("()") & set(mark) else f"]({address})"


def _is_read(sign: str, left: str, right: str, *, opens: bool) -> bool:
    """Tell whether marks between two signs can open or close, as CommonMark has it."""
    is_left = not _is_blank(right) and (not _is_sign(right) or _is_blank(left) or _is_sign(left))
    is_right = not _is_blank(left) and (not _is_sign(left) or _is_blank(right) or _is_sign(right))
    if opens:
        return is_left and (sign == "*" or not is_right or _is_sign(left))
    return is_right and (sign == "*" or not is_left or _is_sign(right))


def _is_blank(sign: str) -> bool:
    return isWhiteSpace(ord(sign))


def _is_sign(sign: str) -> bool:
    return isMdAsciiPunct(ord(sign)) or isPunctChar(sign)

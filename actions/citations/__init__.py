"""Find official references in running Dutch text: their place, canonical id and public address.

A number that is not written down is never made up: what can be read in two ways is left out, or
given as the dossier that is certain. Every quantifier is bounded and no reader reads a text twice,
so that the work grows with the length of the text and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from actions.citations.addresses import WRITTEN, read_address
from actions.citations.european import read_act, read_com
from actions.citations.grammar import MAX_LENGTH, Hit, Match, compiled
from actions.citations.identifiers import (
    Kind,
    dossier_of,
    one_digit_off,
    recognise,
    spelled,
    url_for,
)
from actions.citations.kamerstukken import read_kamerstuk
from actions.citations.official import read_answers, read_gazette, read_minutes


@dataclass(frozen=True, slots=True)
class Reference:
    """One id that the text refers to; the ids of one plural phrase share literal and place."""

    literal: str
    start: int
    end: int
    kind: Kind
    id: str
    url: str


_FINDERS: Final[tuple[tuple[re.Pattern[str], Callable[[Match], Hit | None]], ...]] = (
    (compiled("head"), read_kamerstuk),
    (compiled("gazette"), read_gazette),
    (compiled("minutes"), read_minutes),
    (compiled("answers"), read_answers),
    (compiled("answersof"), read_answers),
    (compiled("sessionof"), read_answers),
    (compiled("act"), read_act),
    (compiled("com"), read_com),
    (compiled("address"), read_address),
)


def _hits(text: str) -> Iterator[Hit]:
    for pattern, read in _FINDERS:
        end = 0
        for match in pattern.finditer(text):
            # Inside a phrase that was just read; reading it again would cost quadratic time.
            if match.start() >= end and (hit := read(match)):
                end = hit.end
                yield hit
    for pattern, identifier in WRITTEN:
        yield from (Hit(*match.span(), (identifier(match),)) for match in pattern.finditer(text))


def _settled(hits: Iterable[Hit]) -> dict[str, str]:
    """Map COM numbers to their CELEX number where the text itself gives exactly one."""
    known: dict[str, set[str]] = {}
    for identifier in {identifier for hit in hits for identifier in hit.ids}:
        if match := re.fullmatch(r"CELEX:5([0-9]{4})[DP]C0*([0-9]+)", identifier):
            known.setdefault(f"COM({match[1]}){match[2]}", set()).add(identifier)
    return {number: celex.pop() for number, celex in known.items() if len(celex) == 1}


def find_references(text: str) -> list[Reference]:
    """Find every official reference in the text, in order of position, one for each id.

    Where two overlap the leftmost counts, and of those the longest, but a CELEX number that is
    written out within an address counts beside it; what occurs twice is given twice. A reference
    that is written as a web address keeps that address as its `url`.
    """
    hits = sorted(_hits(text), key=lambda hit: (hit.start, -hit.end))
    settled = _settled(hits)
    references: list[Reference] = []
    end = 0
    for hit in hits:
        spelled_out = hit.end <= end and text.startswith("CELEX:", hit.start)
        if (hit.start < end and not spelled_out) or hit.end - hit.start > MAX_LENGTH:
            continue
        end = max(end, hit.end)
        place = (text[hit.start : hit.end], hit.start, hit.end)
        for identifier in dict.fromkeys(settled.get(found, found) for found in hit.ids):
            known = recognise(identifier)
            if known and (url := hit.address or url_for(identifier)):
                references.append(Reference(*place, known[0].kind, identifier, url))
    return references


__all__ = [
    "MAX_LENGTH",
    "Kind",
    "Reference",
    "dossier_of",
    "find_references",
    "one_digit_off",
    "spelled",
    "url_for",
]

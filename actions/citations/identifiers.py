"""Canonical ids: what kind of publication each names, its address and its spelling."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

from actions.citations.grammar import RULES, learn


class Kind(StrEnum):
    """What sort of official publication an id names."""

    KAMERSTUK = "kamerstuk"
    KAMERDOSSIER = "kamerdossier"
    PARLIS = "parlis"
    STB = "stb"
    STCRT = "stcrt"
    HANDELINGEN = "handelingen"
    AANHANGSEL = "aanhangsel"
    EU = "eu"
    COM = "com"
    WET = "wet"


PAGES: Final = {
    "page": "https://zoek.officielebekendmakingen.nl/{id}.html",
    "dossier": "https://zoek.officielebekendmakingen.nl/dossier/{id}",
    "paper": "https://www.tweedekamer.nl/kamerstukken/detail?did={id}",
    "case": "https://www.tweedekamer.nl/kamerstukken/detail?id={id}",
    "eurlex": "https://eur-lex.europa.eu/legal-content/NL/TXT/?uri={id}",
    "com": "https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=COM:{y}:{n}:FIN",
    "wetten": "https://wetten.overheid.nl/{id}/",
}
# Kind, id, page and, where letters do not use the id itself, spelling (`~` is a no-break space).
# The first that fits the whole id says what it is. Since autumn 2026 some papers have a serial
# number without dossier. The name of an act from before 2015 (EEG, EG, EU) is not in its number.
_TABLE: Final = r"""
kamerstuk    | kst-{book}-{sub}-{paper}      | page    | Kamerstuk~{a}~{b}-{part}, nr.~{n}
kamerstuk    | kst-{book}-{sub}-{letter}     | page    | Kamerstuk~{a}~{b}-{part}, {n}
kamerstuk    | kst-{book}-{chapter}-{paper}  | page    | Kamerstuk~{a}~{b}~{part}, nr.~{n}
kamerstuk    | kst-{book}-{chapter}-{letter} | page    | Kamerstuk~{a}~{b}~{part}, {n}
kamerstuk    | kst-{book}-{paper}            | page    | Kamerstuk~{a}~{b}, nr.~{n}
kamerstuk    | kst-{book}-{letter}           | page    | Kamerstuk~{a}~{b}, {n}
kamerstuk    | kst-[0-9]{6,7}                | page    |
stb          | stb-{year}-{number}           | page    | Stb.~{y}, {n}
stcrt        | stcrt-{year}-{number}         | page    | Stcrt.~{y}, {n}
handelingen  | h-tk-{years}-{paper}-{item}   | page    | Handelingen~II {y}/{z}, nr.~{n}, item~{i}
handelingen  | h-ek-{years}-{paper}-{item}   | page    | Handelingen~I {y}/{z}, nr.~{n}, item~{i}
aanhangsel   | ah-tk-{years}-{paper}         | page    | Aanhangsel Handelingen~II {y}/{z}, nr.~{n}
aanhangsel   | ah-ek-{years}-{paper}         | page    | Aanhangsel Handelingen~I {y}/{z}, nr.~{n}
aanhangsel   | ah-[0-9]{6,7}                 | page    |
kamerdossier | {book}-{sub}                  | dossier | Kamerdossier~{a}~{b}-{part}
kamerdossier | {book}-{chapter}              | dossier | Kamerdossier~{a}~{b}~{part}
kamerdossier | {book}                        | dossier | Kamerdossier~{a}~{b}
parlis       | {year}D[0-9]{5}               | paper   |
parlis       | {year}Z[0-9]{5}               | case    |
com          | CELEX:5{year}[DP]C{padded}    | eurlex  | COM({y})~{n}
com          | COM\({year}\){paper}          | com     | COM({y})~{n}
eu           | CELEX:3{newyear}R{padded}     | eurlex  | Verordening~(EU)~{y}/{n}
eu           | CELEX:3{newyear}L{padded}     | eurlex  | Richtlijn~(EU)~{y}/{n}
eu           | CELEX:{celex}                 | eurlex  |
wet          | BWB[RV][0-9]{7}               | wetten  |
"""


class Form(NamedTuple):
    """One form of canonical id, with what `str.format` makes of its parts."""

    kind: Kind
    pattern: str
    url: str
    spelling: str


def _form(line: str) -> Form:
    kind, pattern, page, spelling = re.split(r" *\| *", line)
    learn(f"form{' ' * 8}{pattern}")
    return Form(Kind(kind), RULES.pop("form"), PAGES[page], spelling.replace("~", "\u00a0"))


FORMS: Final = tuple(_form(line) for line in _TABLE.strip().splitlines())


def recognise(identifier: str) -> tuple[Form, dict[str, str]] | None:
    for form in FORMS:
        if match := re.fullmatch(form.pattern, identifier):
            return form, match.groupdict()
    return None


def url_for(identifier: str) -> str | None:
    """Give the public address of a canonical id; None when it is no such id."""
    if (known := recognise(identifier)) is None:
        return None
    form, parts = known
    return form.url.format(id=identifier, **parts)


def spelled(identifier: str) -> str | None:
    """Spell an id as a Dutch letter does, with no-break spaces; None when it has no spelling."""
    if (known := recognise(identifier)) is None:
        return None
    form, parts = known
    return form.spelling.format(**parts) or None


def dossier_of(identifier: str) -> str | None:
    """Return the number of the dossier in the id of a Kamerstuk; None for any other id."""
    known = re.fullmatch(r"(?:kst-)?([0-9]{5})(?:-.*)?", identifier)
    return known[1] if known else None


def one_digit_off(one: str, other: str) -> bool:
    """Tell whether two numbers differ in one digit, or in two neighbours that changed places."""
    if len(one) != len(other):
        return False
    wrong = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        first, second = wrong
        return one[first] == other[second] and one[second] == other[first]
    return len(wrong) == 1

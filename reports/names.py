"""Names of officials in a document: found and offered for leaving out; a person decides.

No Django. Who acts in public by function, such as a minister, is not offered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from actions.richtext import Run
from reports.document import Document, Node

Span: TypeAlias = tuple[int, int]

# How many characters are shown on either side of a name.
_AROUND: Final = 40
# With fewer letters a surname by itself is any word.
_SHORTEST: Final = 2
# The words between a first name and a surname, as they are written small.
_BETWEEN: Final = frozenset(
    [
        *("aan", "bij", "d", "da", "de", "del", "den", "der", "des", "di", "do", "dos", "du", "el"),
        *("en", "het", "in", "la", "le", "les", "lo", "op", "over", "'s", "'t", "te", "ten", "ter"),
        *("tot", "uit", "van", "von", "voor", "zu", "zum", "zur"),
    ]
)
# What a reader does not see within a word, and what stands for an ordinary hyphen or apostrophe.
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_ALIKE: Final = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4", "'"),
}
_NO_WORDS: Final = frozenset({"id", "ground", "language", "note", "versions", "visibility"})


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody with an account."""

    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class FoundName:
    """A name as it stands in a document: in which node, and between which words."""

    literal: str
    node_id: str
    around: str


class Names:
    """Finds some people in a text: in full, by initials, by surname or by address.

    A name that is part of one of the `public` names there is passed over, and so are the words
    in `kept`; those in `also` are found as they are. Capitals, accents, kinds of hyphens and what
    nobody sees make no difference.
    """

    def __init__(
        self,
        officials: Iterable[Official],
        public: Iterable[str] = (),
        kept: Iterable[str] = (),
        also: Iterable[str] = (),
    ) -> None:
        forms = (form for official in officials for form in _forms(official))
        self._wanted = _any_of([*forms, *_literally(also)])
        self._public = _any_of(_literally(public))
        self._kept = {_folded(word)[0] for word in kept}

    def spans(self, text: str) -> list[Span]:
        """Return where they are named in a text, from left to right; a name has a capital."""
        return [
            (start, end)
            for start, end in self._spans(text)
            if "@" in text[start:end] or any(letter.isupper() for letter in text[start:end])
        ]

    def stand_in_address(self, address: str) -> bool:
        """Tell whether a web or mail address names them."""
        plain = unquote(address)
        words = re.sub(r"[._+/-]", " ", plain)
        # A surname alone is any word of an address.
        whole = [words[start:end] for start, end in self._spans(words)]
        return bool(self.spans(plain)) or any(" " in each.strip() for each in whole)

    def _spans(self, text: str) -> list[Span]:
        folded, places = _folded(text)
        allowed = [each.span() for each in self._public.finditer(folded)] if self._public else []
        found = self._wanted.finditer(folded) if self._wanted else ()
        return [
            (places[each.start()], places[each.end()])
            for each in found
            if each[0] not in self._kept
            and not any(start <= each.start() and each.end() <= end for start, end in allowed)
        ]


def find_names(document: Document, names: Names) -> list[FoundName]:
    """Return where these people are named in any text of a document, or in an address in it."""
    return [
        FoundName(literal, node_id, around)
        for node_id, text, is_address in _texts(document, "")
        for literal, around in _in_text(text, names, is_address=is_address)
    ]


def _in_text(text: str, names: Names, *, is_address: bool) -> Iterator[tuple[str, str]]:
    if is_address:
        if names.stand_in_address(text):
            yield text, text
        return
    for start, end in names.spans(text):
        yield text[start:end], _around(text, start, end)


def _around(text: str, start: int, end: int) -> str:
    """Return a name with the whole words on either side of it; dots say that there are more."""
    before, after = text[:start], text[end:]
    if len(before) > _AROUND:
        before = f"… {before[-_AROUND:].partition(' ')[2]}"
    if len(after) > _AROUND:
        after = f"{after[:_AROUND].rpartition(' ')[0]} …"
    return f"{before}{text[start:end]}{after}".strip()


def _texts(value: Any, node_id: str) -> Iterator[tuple[str, str, bool]]:
    """Yield every text with the node it stands in, and whether it is the address of a link."""
    if isinstance(value, str):
        yield node_id, value, False
    elif isinstance(value, tuple) and value and all(isinstance(each, Run) for each in value):
        yield node_id, "".join(run.text for run in value), False
        yield from ((node_id, run.href, True) for run in value if run.href)
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each, node_id)
    elif is_dataclass(value) and not isinstance(value, type):
        within = value.id if isinstance(value, Node) else node_id
        for each in fields(value):
            if each.name not in _NO_WORDS:
                part = getattr(value, each.name)
                if each.name == "href":
                    yield within, part, True
                else:
                    yield from _texts(part, within)


def _forms(official: Official) -> Iterator[str]:
    """Yield patterns for the ways in which somebody is written, in folded text."""
    if official.email:
        yield re.escape(_folded(official.email)[0])
    given, between, surname = _parts(_folded(official.name)[0])
    if not surname:
        return
    # One first name or one initial at a time, so that no text is read in two ways.
    first = "|".join([rf"{re.escape(each)}[\s-]" for each in given] + [r"[a-z]\.[\s-]?"])
    prefix = _prefix(between)
    last = re.escape(surname)
    genitive = "(?:'?s)?"
    yield rf"(?:{first}){{0,8}}{prefix}{last}{genitive}"
    behind = "|".join([*map(re.escape, given), r"[a-z]\."])
    yield rf"{last},?\s(?:{behind})(?:[\s-]?(?:{behind})){{0,8}}(?:\s{prefix})?"
    if "-" in surname:
        yield from (rf"{prefix}{re.escape(half)}{genitive}" for half in surname.split("-") if half)


def _literally(names: Iterable[str]) -> Iterator[str]:
    yield from (re.escape(_folded(name)[0].strip()) for name in names if name.strip())


def _parts(name: str) -> tuple[list[str], list[str], str]:
    """Return the first names, the small words and the surname of a folded name."""
    last, comma, first = name.partition(",")
    words = f"{first} {last}".split() if comma else name.split()
    small = [number for number, word in enumerate(words[:-1]) if word in _BETWEEN and number]
    if small:
        start, end = small[0], small[-1] + 1
        return words[:start], words[start:end], " ".join(words[end:])
    if sum(letter.isalpha() for letter in "".join(words[-1:])) < _SHORTEST:
        return [], [], " ".join(words)
    return words[:-1], [], "".join(words[-1:])


def _prefix(between: list[str]) -> str:
    """Return a pattern for the small words, in full or shortened as in `v.d.`, or left out."""
    if not between:
        return ""
    full = r"\s+".join(map(re.escape, between))
    short = r"\s?".join(rf"{re.escape(word.strip(chr(39))[:1])}\.?" for word in between)
    return rf"(?:(?:{full}|{short})\s*)?"


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    # The longest first: who leaves out a full name leaves no half of it.
    ordered = sorted(set(patterns), key=lambda each: (-len(each), each))
    spaced = (each.replace(r"\ ", r"\s+") for each in ordered)
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)") if ordered else None


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text without capitals and accents, and where each of its letters came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        if _UNSEEN.match(letter):
            continue
        plain = unicodedata.normalize("NFKD", _ALIKE.get(letter, letter)).casefold()
        kept = [each for each in plain if not unicodedata.combining(each)]
        letters += kept
        places += [place] * len(kept)
    return "".join(letters), [*places, len(text)]

"""Find words in Dutch and English text without regard to case, accents, hyphens or odd spaces.

A word is found wherever it stands within another one, as in a compound: `zorgvuldigheid` in
`zorgvuldigheidswetgeving`. Words that changed over the years are looked for under each of their
names, and Dutch words in their simple inflections: `bedrijf` and `bedrijven`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Marks on letters, and characters nobody sees, such as a soft hyphen.
_DROPPED = frozenset({"Mn", "Cf"})
# What stands in or around a word and is written in one text and left out in another:
# `(I)MVO-steunpunt`, `ngo’s`, "remedie".
_LOOSE: Final = dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013\u2014\u2212()[]\"'`´‘’‚‛“”„«»‹›"))
# Stands at the end of a word and is no part of it.
_CLOSING: Final = ".,;:!?…"

# The names that one thing had over the years, spelled as `_words` spells them. A word that
# somebody looks for belongs to a row when it, or one of its inflections, is one of these.
_CHANGED: Final[tuple[tuple[str, ...], ...]] = (
    ("pijler", "pilaar"),
    ("remedie", "herstel"),
    ("imvosteunpunt", "mvosteunpunt"),
    ("ontwikkelingssamenwerking", "ontwikkelingshulp"),
    ("fragiel", "hoogrisico", "risicogebied", "hoogrisicogebied"),
)
# How a reader is told of them.
_SPELLED: Final = {"imvosteunpunt": "IMVO-steunpunt", "mvosteunpunt": "MVO-steunpunt"}

# Shorter words say too little for their inflections to be found within others.
_SHORTEST_STEM: Final = 5
_VOWELS: Final = "aeiou"
_CONSONANT: Final = "[^aeiouy]"
# Ending, and what stands in its place in another form of the word. Each form is only looked for
# besides the word itself, so that one that does not exist finds nothing.
_INFLECTIONS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), other)
    for pattern, other in (
        # partijen, landen: without the ending.
        (f"({_CONSONANT}|ij|ie|ei|ui|eu|ou)en$", r"\1"),
        # begrippen: the doubled letter once.
        (rf"({_CONSONANT})\1en$", r"\1"),
        # pilaren, problemen; sociale, digitale: the single vowel twice.
        (rf"([^aeou]|^)([aeou])({_CONSONANT})en?$", r"\1\2\2\3"),
        # pilaar, sociaal: the other way round.
        (rf"(aa|ee|oo|uu)({_CONSONANT})$", ""),
        # initiatieven, bedrijven; prijzen.
        (r"v(en?)$", "f"),
        (r"z(en?)$", "s"),
        # initiatief, bedrijf; prijs.
        (r"(ie|ij|ei|oe|eu|ui|l|r|n)f$", r"\1ve"),
        (r"(ij|ei|ui|eu|oo|aa)s$", r"\1ze"),
        # mogelijkheden.
        (r"heden$", "heid"),
        (r"heid$", "heden"),
        # fragiele, Nederlandse: without the ending.
        (f"({_CONSONANT})e$", r"\1"),
        # pijlers, ministeries, procedures, risico's, programma's.
        (r"(er|el|en|em|aar|oor|eur|ier|ie|ure|age|[ao])s$", r"\1"),
    )
)


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: each part must be found, in one of its ways.

    A way is a set of words that must all be found. `also` are the other names that are looked
    for, as a reader is told.
    """

    parts: tuple[tuple[tuple[str, ...], ...], ...]
    also: tuple[str, ...]

    def finds(self, words: str) -> bool:
        """Tell whether a text has all that is looked for; `words` is what `index` made of it."""
        return all(any(all(word in words for word in way) for way in part) for part in self.parts)


def fold(text: str) -> str:
    """Return the text as it is compared: `Coördinatie` and `COORDINATIE` become the same."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    if not letters.isascii():
        letters = "".join(each for each in letters if unicodedata.category(each) not in _DROPPED)
    return " ".join(letters.split())


def index(texts: Iterable[str]) -> str:
    """Return every word of some texts once, as a query looks through them."""
    seen = {word for text in texts for word in text.split()}
    return "\n".join({spelled for word in seen for spelled in _spelled(word)})


def read(query: str) -> Query:
    """Return what to look for when somebody wrote this."""
    parts: list[tuple[tuple[str, ...], ...]] = []
    also: list[str] = []
    for written in _joined(list(_words(query, is_query=True))):
        word = "".join(written)
        names = _other_names(word)
        forms = [*_inflections(word), *(form for name in names for form in _forms(name))]
        parts.append(tuple(dict.fromkeys([written, *((form,) for form in forms)])))
        also += (_SPELLED.get(name, name) for name in names)
    return Query(tuple(parts), tuple(dict.fromkeys(also)))


def matches(query: str, folded: str) -> bool:
    """Tell whether every word of a query stands in a text as `fold` made it, exactly as written."""
    return all(word in folded for word in fold(query).split())


@lru_cache(maxsize=2**16)
def _spelled(word: str) -> tuple[str, ...]:
    return tuple(_words(word))


def _words(text: str, *, is_query: bool = False) -> Iterator[str]:
    """Yield the words of a text as they are compared."""
    for word in fold(text).split():
        bare = word.translate(_LOOSE)
        if is_query:
            bare = bare.rstrip(_CLOSING)
        # Of a word that is nothing but such signs, the signs are what is looked for.
        yield bare or word


def _joined(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield words one by one, but as one those that together are a name that changed."""
    at = 0
    while at < len(words):
        pair = tuple(words[at : at + 2])
        taken = pair if len(pair) == 2 and _row("".join(pair)) else pair[:1]
        yield taken
        at += len(taken)


def _other_names(word: str) -> tuple[str, ...]:
    """Return what else a thing was called, without names that are found by a shorter one."""
    row = _row(word)
    looked_for = {*_forms(word), *row}
    return tuple(
        name
        for name in row
        if name not in _forms(word) and not any(each in name for each in looked_for if each != name)
    )


def _row(word: str) -> tuple[str, ...]:
    forms = _forms(word)
    return next((row for row in _CHANGED if not set(forms).isdisjoint(row)), ())


def _forms(word: str) -> tuple[str, ...]:
    return (word, *_inflections(word))


def _inflections(word: str) -> tuple[str, ...]:
    if not word.isalpha():
        return ()
    found = (
        _single(pattern, word) if not other else pattern.sub(other, word)
        for pattern, other in _INFLECTIONS
        if pattern.search(word)
    )
    return tuple(dict.fromkeys(each for each in found if len(each) >= _SHORTEST_STEM))


def _single(pattern: re.Pattern[str], word: str) -> str:
    """Return `pilare` for `pilaar`: the beginning of its plural."""
    return pattern.sub(lambda found: f"{found[1][0]}{found[2]}e", word)

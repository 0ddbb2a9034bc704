"""Patterns with names, built from one another, and what a reader of one gives."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, TypeAlias

Match: TypeAlias = re.Match[str]

# The longest literal the register keeps; a longer run of numbers is read as several phrases.
MAX_LENGTH: Final = 480


class Hit(NamedTuple):
    """A stretch of text and the ids it names; `address` when it is itself a web address."""

    start: int
    end: int
    ids: tuple[str, ...]
    address: str | None = None


RULES: Final[dict[str, str]] = {}


def learn(grammar: str) -> None:
    """Add rules: a name, then from column 12 its pattern, over as many lines as it takes.

    In a pattern `{name}` is an earlier rule, a space is white space, `~` is white space or none,
    and `%` is where a typesetter may break the word.
    """
    name = ""
    for line in grammar.strip().splitlines():
        if not line.startswith("#"):
            name = line[:12].strip() or name
            short = line[12:].replace(" ", "{space}").replace("~", "{gap}").replace("%", "{break}")
            pattern = re.sub(r"\{([a-z]+)\}", lambda rule: RULES[rule[1]], short)
            RULES[name] = RULES.get(name, "") + pattern


def compiled(rule: str) -> re.Pattern[str]:
    return re.compile(RULES[rule])


learn(
    r"""
# White space within a line, with the no-break, thin and zero-width kinds of word processors.
blank       [\x20\t\f\v\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]
newline     \r?\n{blank}{0,40}
# At most one line break: a blank line ends a reference.
space       (?:{blank}{1,4}(?:{newline})?|{newline})
gap         {blank}{0,4}(?:{newline})?
break       (?:[-\u2010\u00ad]{blank}{0,2}{newline}|\u00ad)?
dash        [-\u2010-\u2013\u2212]
comma       ~(?:,~)?
begin       (?<![0-9A-Za-z])
end         (?![0-9A-Za-z])
and         (?:en|and|of|&|alsmede|alsook|evenals|respectievelijk)
nr          (?i:(?:(?:onder)?nummer|nr)(?![A-Za-z'’])|no\.)[.:]?~
nrs         (?i:(?:onder)?nummers|nr['’]?s|nos\.)(?![A-Za-z])[.:]?~
roman       (?:X{1,2}(?:IX|IV|V?I{0,3})|IX|IV|VI{0,3}|I{1,3})[A-E]?(?![A-Za-z])
month       (?i:(?:janua|februa)ri|maart|april|mei|ju[nl]i|augustus|(?:sept|nov|dec)ember|oktober)
dossier     [1-9][0-9](?:\.| )?[0-9]{3}(?![0-9])
n           [1-9][0-9]{0,3}(?![0-9A-Za-z]|\.[0-9]|{blank}[0-9]{3}(?![0-9]))
# A later number in a list may be the first half of the next dossier: '26' of '26 485'.
next        (?!{dossier}){n}
through     ~(?:t/m|tot en met)~{next}
# Where a phrase visibly ends: 'nr. 344 en 33 andere stukken' does not name number 33.
stop        (?=~(?:[][)»”"|;:?!¹²³⁰-⁹]|\.(?![0-9])|,(?!~[0-9])|en |\r?\n|\Z))(?!~[a-z]{3})
# After 'nrs.' every number counts, and of a range the two ends that are named.
run         (?:{through}|~{dash}~{next})?
many        {n}{run}(?:~,~{next}{run}){0,40}(?:{comma}{and} {next}{run})?
# After 'nr.' a list closes with 'en' and a visible end; a hyphen may begin a reprint or a page.
few         {n}(?:{through}|(?:~,~{next}){0,40}~{and} {next}{stop})?
session     (?:(?i:vergaderjaar|vj\.?) )?(?P<first>(?:19|20)[0-9]{2})~(?:{dash}|/)~
            (?P<last>(?:(?:19|20)[0-9]{2}|[0-9]{2}))(?![0-9])
chamber     (?P<chamber>(?:II|I|TK|EK)(?![A-Za-z])
            |(?:(?:der|van de) )?(?:Tweede|Eerste) Kamer(?: der Staten-Generaal)?)
# What canonical ids are made of.
book        (?P<a>[1-9][0-9])(?P<b>[0-9]{3})
chapter     (?P<part>{roman}|[A-Z])
sub         (?P<part>[0-9]{2})
number      (?P<n>[1-9][0-9]{0,5})
paper       (?P<n>[1-9][0-9]{0,3})
padded      0{0,3}{paper}
letter      (?P<n>[A-Z]{1,3})
year        (?P<y>[12][0-9]{3})
years       (?P<y>[12][0-9]{3})[0-9]{2}(?P<z>[0-9]{2})
newyear     (?P<y>20(?:1[5-9]|[2-4][0-9]))
item        (?P<i>[0-9]{1,4})
celex       [0-9][12][0-9]{3}[A-Z]{1,2}[0-9]{4}(?:R\([0-9]{2}\)|-[0-9]{8})?
"""
)


def numbered(base: str, numbers: str) -> tuple[str, ...]:
    return tuple(f"{base}-{number}" for number in re.findall(r"[0-9]+|[A-Z]+", numbers))


def digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)

"""Find official references in running Dutch text: their place, canonical id and public address.

A number that is not written down is never made up: what can be read in two ways is left out, or
given as the dossier that is certain. Every quantifier is bounded and no reader reads a text twice,
so that the work grows with the length of the text and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias


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


@dataclass(frozen=True, slots=True)
class Reference:
    """One id that the text refers to; the ids of one plural phrase share literal and place."""

    literal: str
    start: int
    end: int
    kind: Kind
    id: str
    url: str


class _Hit(NamedTuple):
    """A stretch of text and the ids it names; `address` when it is itself a web address."""

    start: int
    end: int
    ids: tuple[str, ...]
    address: str | None = None


_Match: TypeAlias = re.Match[str]

# --- The grammar: named patterns, built from one another

_RULES: Final[dict[str, str]] = {}


def _learn(grammar: str) -> None:
    """Add rules: a name, then from column 12 its pattern, over as many lines as it takes.

    In a pattern `{name}` is an earlier rule, a space is white space, `~` is white space or none,
    and `%` is where a typesetter may break the word.
    """
    name = ""
    for line in grammar.strip().splitlines():
        if not line.startswith("#"):
            name = line[:12].strip() or name
            short = line[12:].replace(" ", "{space}").replace("~", "{gap}").replace("%", "{break}")
            pattern = re.sub(r"\{([a-z]+)\}", lambda rule: _RULES[rule[1]], short)
            _RULES[name] = _RULES.get(name, "") + pattern


def _compiled(rule: str) -> re.Pattern[str]:
    return re.compile(_RULES[rule])


_learn(
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


def _numbered(base: str, numbers: str) -> tuple[str, ...]:
    return tuple(f"{base}-{number}" for number in re.findall(r"[0-9]+|[A-Z]+", numbers))


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


# --- Canonical ids

_PAGES: Final = {
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


class _Form(NamedTuple):
    """One form of canonical id, with what `str.format` makes of its parts."""

    kind: Kind
    pattern: str
    url: str
    spelling: str


def _form(line: str) -> _Form:
    kind, pattern, page, spelling = re.split(r" *\| *", line)
    _learn(f"form{' ' * 8}{pattern}")
    return _Form(Kind(kind), _RULES.pop("form"), _PAGES[page], spelling.replace("~", "\u00a0"))


_FORMS: Final = tuple(_form(line) for line in _TABLE.strip().splitlines())


def _recognise(identifier: str) -> tuple[_Form, dict[str, str]] | None:
    for form in _FORMS:
        if match := re.fullmatch(form.pattern, identifier):
            return form, match.groupdict()
    return None


def url_for(identifier: str) -> str | None:
    """Give the public address of a canonical id; None when it is no such id."""
    if (known := _recognise(identifier)) is None:
        return None
    form, parts = known
    return form.url.format(id=identifier, **parts)


def spelled(identifier: str) -> str | None:
    """Spell an id as a Dutch letter does, with no-break spaces; None when it has no spelling."""
    if (known := _recognise(identifier)) is None:
        return None
    form, parts = known
    return form.spelling.format(**parts) or None


# --- Kamerstukken

_learn(
    r"""
strong      (?P<strong>(?i:ka%mer%stuk(?:%ken)?(?:%-?nummers?|nrs?\.?)?
            |ka%mer(?:stuk)?dos%siers?(?:nummers?)?|kst\.?))
# Words that also mean other things: 'TK' ends a postcode, a 'dossier' may be anybody's.
medium      (?P<medium>(?<![0-9]{blank})(?:TK|EK)(?![A-Za-z])
            |(?i:(?:initiatief(?:wets)?|wets)%voor%stel(?:len)?|dos%sier(?:s|nummer)?)(?![A-Za-z]))
weak        (?:Tweede|Eerste) Kamer(?: der Staten-Generaal)?(?=,? (?:vergaderjaar|[12]))
head        (?<![A-Za-z])(?P<word>{strong}|{medium}|{weak})~(?:[,:]~)?(?:\(?{chamber}\)?{comma})?
            (?:(?P<years>{session}){comma})?(?:(?:(?:met|onder)(?: het)? )?{nr})?(?={dossier})
# No keyword at all: never after an amount, a postbox or the word for another number.
            |(?<![0-9A-Za-z€$£-])(?<![0-9]\.)(?<!€{blank})(?<!ostbus{blank})(?<!ummer{blank})
            (?=[1-4][0-9])(?={dossier})
# Acts of the Kingdom carry a second number that is no part of the id: 34 158 (R2048).
kingdom     (?P<kingdom>(?:{dash}|~)\(R{blank}{0,2}[0-9]{3,4}\))?
# '36001-20, nr. 344' is part 20 and '32735-20' paper 20; a Council (21501) is always a part.
partof      (?:{dash}|{blank})(?P<sub>[0-9]{2})(?![0-9])(?:(?<=21501.[0-9]{2})|(?<=21.501.[0-9]{2})
            |(?<={dash}[0-9]{2})(?={comma}\(?(?:{nrs}|{nr})|{dash}[0-9]))
# Budget chapters: 35000-XVII, 36 600 V, 35570XVII, 19 700 hoofdstuk XV, 35 000, XVII, nr. 34.
chapterof   (?:(?P<dash>{dash}~)| (?:hoofdstuk )?|(?=[IVX])
            |, (?:hoofdstuk )?(?={roman}{comma}{nr}))(?P<chapter>{roman}|[A-Z])(?![A-Za-z0-9])
# A paper in two dossiers ('Kamerstuk 31 728, 30 914, nr. 5') has its number in the first.
numberof    (?P<joint>,~{dossier}(?={comma}(?:{nrs}|{nr})))?{comma}(?P<open>\()?
            (?:{nrs}(?P<many>{many})|{nr}(?:(?P<few>{few})|(?P<mark>[A-Z]{1,3})(?![A-Za-z0-9])))(?(open)\))
            |(?:{dash}~| {dash} (?={n}{stop}))(?P<dashed>{few})|, (?P<bare>{few}){stop}
            |, (?P<letter>{roman}|[A-Z]{1,2})(?![A-Za-z0-9'’&-]|\.[A-Z])
paperof     (?P<dossier>{dossier}){kingdom}(?:{partof}|{chapterof})?(?:{numberof})?
pages       (?:{comma}(?:pp?|blz|pag)\.?~[0-9]{1,4}(?:~(?:{dash}|en|/)~[0-9]{1,4})?(?![0-9]))?
separator   {pages}~(?:[,;]~(?:{and} )?|{and} )
other       {separator}(?:I{1,2} )?(?:{session},~)?{paperof}
same        {separator}(?:{nrs}(?P<many>{many})|{nr}(?P<few>{few}))
# The dossiers of the yearly budgets: their chapters are letters as well as Roman numerals.
budget      31700|32123|32500|33000|33400|33750|34000|34300|34550|34775|35000|35300|35570|35925
            |36200|36410|36600|36800
# What makes a bare '32735-377' a reference and not somebody's file number.
introduced  (?:\A|[(|;[]|\b(?i:motie|kamerbrief|brief|zie|stuk|nota) )~\Z
"""
)
_PAPER, _OTHER_PAPER, _SAME_DOSSIER = map(_compiled, ("paperof", "other", "same"))
_STOP, _INTRODUCED = _compiled("stop"), _compiled("introduced")
# The longest literal the register keeps; a longer run of numbers is read as several phrases.
MAX_LENGTH: Final = 480


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


class _Manner(NamedTuple):
    """What the words before a dossier say of all that follows."""

    # A session or chamber allows '32735, 344', the Senate letters such as 'AA'.
    legal: bool
    senate: bool
    plural: bool


class _Paper(NamedTuple):
    """What one dossier in a phrase names, and the `base` on which later numbers build."""

    ids: tuple[str, ...]
    end: int
    base: str | None = None


def _is_senate(chamber: str | None) -> bool:
    return chamber is not None and (chamber in {"I", "EK"} or "Eerste" in chamber)


def _is_a(rule: str, text: str) -> bool:
    return re.fullmatch(_RULES[rule], text) is not None


def _read_paper(match: _Match, manner: _Manner) -> _Paper:
    """Read a dossier and its number."""
    dossier = _digits(match["dossier"])
    if match["joint"] and manner.plural:
        return _Paper((dossier,), match.end("dossier"))
    base = "-".join(filter(None, ("kst", dossier, match["sub"] or match["chapter"])))
    for group in ("many", "few", "mark", "dashed"):
        if match[group]:
            return _Paper(_numbered(base, match[group]), match.end(), base)
    # Without 'nr.' a year may follow: 'Kamerstukken II 2022/23, 32735, 2023'.
    if manner.legal and match["bare"] and not re.match(r"(?:19|20)[0-9]{2}", match["bare"]):
        return _Paper(_numbered(base, match["bare"]), match.end("bare"), base)
    return _read_unnumbered(match, dossier, base, senate=manner.senate)


def _read_unnumbered(match: _Match, dossier: str, base: str, *, senate: bool) -> _Paper:
    """Tell a paper of the Senate (36547, B) from a dossier, with or without its chapter."""
    sub, chapter, letter = match["sub"], match["chapter"], match["letter"] or ""
    # '36 600, V' is a chapter or a paper of the Senate: only the dossier is certain.
    unclear = not (sub or chapter or senate) and _is_a("budget", dossier) and _is_a("roman", letter)
    if unclear and len(letter) > 1:
        return _Paper((f"{dossier}-{letter}",), match.end("letter"))
    if letter and not unclear and (len(letter) == 1 or senate):
        return _Paper((f"{base}-{letter}",), match.end("letter"))
    if sub:
        return _Paper((f"{dossier}-{sub}",), match.end("sub"))
    if chapter and (_is_a("budget", dossier) or _is_a("roman", chapter)):
        return _Paper((f"{dossier}-{chapter}",), match.end("chapter"))
    if chapter and match["dash"]:
        return _Paper((base,), match.end("chapter"))
    return _Paper((dossier,), max(match.end("dossier"), match.end("kingdom")))


def _is_permitted(head: _Match, match: _Match, paper: _Paper) -> bool:
    """Tell whether the words before a dossier are enough for what was read after it."""
    if head["strong"] or match["many"] or match["few"] or match["mark"]:
        return True
    if head["medium"]:
        word, grouped = head["word"].lower(), not match["dossier"].isdigit()
        # Parliament groups its numbers, and 'EK' is also a tournament.
        return "-" in paper.ids[0] or "stel" in word or (grouped and word.startswith("dos"))
    if head["word"]:
        return paper.base is not None
    # No keyword: what can only be a reference, or what stands where references stand.
    dossier = _digits(match["dossier"])
    part = bool(match["sub"] or match["chapter"]) and (
        _is_a("budget", dossier) or dossier == "21501"
    )
    if match["dashed"] and part:
        return True
    before = head.string[max(0, head.start() - 60) : head.start()]
    whole = bool(_STOP.match(head.string, paper.end)) and (part or paper.ids[0].startswith("kst-"))
    return bool(_INTRODUCED.search(before)) and (whole or match["dashed"] is not None)


def _read_kamerstuk(head: _Match) -> _Hit | None:
    """Read a phrase that names one or more papers, in one or more dossiers."""
    text, word = head.string, head["word"] or ""
    manner = _Manner(
        legal=bool(head["chamber"] or head["years"]),
        senate=_is_senate(head["chamber"] or word),
        plural=word.lower().endswith(("ken", "len", "s")),
    )
    if (first := _PAPER.match(text, head.end())) is None:
        return None
    paper = _read_paper(first, manner)
    if not _is_permitted(head, first, paper):
        return None
    ids, end, base = [*paper.ids], paper.end, paper.base
    while end - head.start() < MAX_LENGTH // 2:
        if base and (more := _SAME_DOSSIER.match(text, end)):
            ids += _numbered(base, more["many"] or more["few"])
            end = more.end()
        elif other := _OTHER_PAPER.match(text, end):
            paper = _read_paper(other, manner)
            # A dossier without number in a list may be any amount: 'en 12 500 bedrijven'.
            named = paper.ids[0].startswith("kst-")
            if not (named or (manner.plural and _STOP.match(text, paper.end))):
                break
            ids += paper.ids
            end, base = paper.end, paper.base
        else:
            break
    return _Hit(head.start(), end, tuple(ids))


# --- Staatsblad, Staatscourant, Handelingen and Aanhangsel

_learn(
    r"""
issue       (?P<grouped>[1-9][0-9]?(?:\.|{blank})[0-9]{3}(?![0-9]))|[1-9][0-9]{4,5}{end}|{few}
gazette     (?<![A-Za-z])(?i:(?P<stb>stb\b\.?|staats%blad)|stcrt\b\.?|staats%cou%rant)
            (?i:,? (?:van|jaargang)(?: [0-9]{1,2} {month})?)?
            ~(?P<year>(?:1[89]|20)[0-9]{2})(?![0-9])
            (?:{comma}{nrs}(?P<many>{many})
            |(?:~[,/]~(?:{nr})?| {nr}|{dash}(?!(?:19|20)?[0-9]{2}{end}))
            (?P<few>{issue})(?! {month}))
minutes     (?<![A-Za-z])(?i:hand\.|han%de%lin%gen) {chamber}{comma}{session}{comma}(?:{nr})?
            (?P<nr>[1-9][0-9]{0,2})(?![0-9]){comma}items? (?P<few>{few})
annex       (?i:aan%hang%sel(?: (?:van de|bij de|der))?(?: han%de%lin%gen)?)(?: {chamber})?{comma}
answers     (?<![A-Za-z]){annex}{session}{comma}
            (?:{nrs}(?P<many>{many})|(?:{nr})?(?P<few>{few})(?! {month}))
answersof   (?<![A-Za-z]){annex}{nr}(?P<few>{n}),? \(?{session}
sessionof   (?<![A-Za-z])(?:(?:Tweede|Eerste) Kamer,~)?{session},~{annex}(?:{nr})?(?P<few>{few})
"""
)


def _house_and_years(match: _Match) -> str | None:
    """Give 'tk-20222023' for a session; None when its years do not follow each other."""
    following = str(int(match["first"]) + 1)
    house = "ek" if _is_senate(match["chamber"]) or match[0].startswith("Eerste") else "tk"
    return f"{house}-{match['first']}{following}" if following.endswith(match["last"]) else None


def _read_gazette(match: _Match) -> _Hit:
    """Read an issue of the Staatsblad or the Staatscourant."""
    prefix = f"{'stb' if match['stb'] else 'stcrt'}-{match['year']}"
    numbers = match["many"] or match["few"]
    # Stcrt. 2025, 31 460
    return _Hit(*match.span(), _numbered(prefix, _digits(numbers) if match["grouped"] else numbers))


def _read_minutes(match: _Match) -> _Hit | None:
    """Read an item of the Handelingen; without chamber or item there is no id to give."""
    if (session := _house_and_years(match)) is None:
        return None
    return _Hit(*match.span(), _numbered(f"h-{session}-{match['nr']}", match["few"]))


def _read_answers(match: _Match) -> _Hit | None:
    """Read a number of the Aanhangsel, the Tweede Kamer's unless it says otherwise."""
    if (session := _house_and_years(match)) is None:
        return None
    numbers = match.groupdict().get("many") or match["few"]
    return _Hit(*match.span(), _numbered(f"ah-{session}", numbers))


# --- European acts and Commission documents

_learn(
    r"""
sign        (?:EU|EG|EEG|EC|EEC|EGA|Euratom|GBVB|CFSP|JBZ|JHA)(?![A-Za-z])
actnumber   (?P<mark>(?:\({sign}(?:,~{sign})?\)|{sign})~)?(?P<nr>(?:(?i:nrs?|nos?)\.?|n°)~)?
            (?P<a>[0-9]{1,4})/(?P<b>[0-9]{1,4})(?:/(?P<tail>{sign}))?(?![0-9])
actword     (?P<act>(?i:ver%or%de%ning|richt%lijn|be%sluit|be%schik%king|aan%be%ve%ling
            |regulation|directive|decision|recommendation))
act         (?<![\w-])(?P<eu>(?:EU|Europese) )?
            (?P<name>(?i:(?:gedelegeerde?|delegated|implementing|framework) )?
            [A-Za-zÀ-ÿ-]{0,40}?{actword})(?:en|s)?
            (?: van (?:de Raad|de Commissie|het Europees Parlement en de Raad))?~
            (?P<open>\()?{actnumber}(?(open)\))
nextact     ~(?:,~(?:{and} )?|{and} ){actnumber}
com         (?<![A-Za-z.])COM~(?:\(~(?P<y>(?:19|20)?[0-9]{2})~\)~(?:,~)?
            |(?P<open>\()?/?(?P<x>20[0-9]{2})/)(?:{nr})?0{0,3}(?P<n>[1-9][0-9]{0,3}){end}
            (?(open)\))(?: (?:final|definitief|def(?![A-Za-z])\.?))?
# The words before a COM number that say what it is; a 'verslag' may also be one of the Kamer.
saysdc      (?i)\b(?:(?:mededeling|witboek|groenboek|communication|(?:white|green) paper)(?![a-z])
            |commissie(?:verslag|mededeling)
            |(?:verslag|report) (?:van|from) (?:de|the) (?:europese |european )?commissi)
sayspc      (?i)\b(?:(?:richtlijn|verordenings?|commissie)voorstel
            |(?:voorstel|proposal) (?:voor|tot|for|van de)\b|(?:voorstel|proposal)~\(?\Z)
sentence    [.;!?]\s{1,3}(?=[A-Z])|\n\s{0,9}\n|COM
"""
)
_DUTCH_LETTERS: Final = {"ver": "R", "ric": "L", "bes": "D", "aan": "H"}
_ACT_LETTERS: Final = _DUTCH_LETTERS | {"reg": "R", "dir": "L", "dec": "D", "rec": "H"}
_NEXT_ACT, _SENTENCE = _compiled("nextact"), _compiled("sentence")
_SAYS: Final = {"DC": _compiled("saysdc"), "PC": _compiled("sayspc")}


def _year(digits: str) -> int | None:
    """Read a year of the Union's acts, '2017' or '95'; None when it cannot be one."""
    year = int(digits) + (1900 if len(digits) == 2 else 0)
    return year if len(digits) in {2, 4} and 1952 <= year < 2050 else None


def _act_number(letter: str, match: _Match) -> str | None:
    """Decide which of the two figures is the year, and give the act's CELEX number."""
    first, second = _year(match["a"]), _year(match["b"])
    # Regulations were written number/year until 2015, directives never, the rest after 'nr.'.
    number_first = (
        first is None
        or (letter == "R" and first < 2015)
        or (letter != "L" and bool(match["nr"]) and second is not None and second < 2015)
    )
    year, number = (second, match["a"]) if number_first else (first, match["b"])
    return f"CELEX:3{year}{letter}{int(number):04d}" if year and int(number) else None


def _is_plain_act(letter: str, match: _Match) -> bool:
    """Tell '2017/821', which only the Union writes, from a session or a short local number."""
    year, number = int(match["a"]), int(match["b"])
    return letter in {"R", "L"} and 2015 <= year < 2050 and number >= 100 and number != year + 1


def _read_act(match: _Match) -> _Hit | None:
    """Read an EU act and those that follow in the phrase."""
    name, end = match["name"].lower(), match.end()
    marked = bool(match["mark"] or match["tail"])
    framework = name.startswith("framework") or "kaderbesluit" in name
    letter = "F" if framework else _ACT_LETTERS[match["act"][:3].lower()]
    if not (marked or match["eu"] or name.startswith("eu-") or _is_plain_act(letter, match)):
        return None
    ids = [_act_number(letter, match)]
    # "Verordeningen (EU) 2019/2088 en 2020/852": the plural says that the second is one too.
    plural = match.string.startswith(("en", "s"), match.end("name"))
    while end - match.start() < MAX_LENGTH // 2:
        more = _NEXT_ACT.match(match.string, end)
        if more is None or not (
            more["mark"] or more["tail"] or (plural and _is_plain_act(letter, more))
        ):
            break
        ids.append(_act_number(letter, more))
        end = more.end()
    found = tuple(filter(None, ids))
    return _Hit(match.start("name" if marked else 0), end, found) if found else None


def _read_com(match: _Match) -> _Hit:
    """Read a Commission document; as CELEX only when the words before it say what it is."""
    digits = match["y"] or match["x"]
    year = f"19{digits}" if len(digits) == 2 else digits
    before = _SENTENCE.split(match.string[max(0, match.start() - 200) : match.start()])[-1]
    kinds = [kind for kind, says in _SAYS.items() if says.search(before)]
    if len(kinds) == 1:
        return _Hit(*match.span(), (f"CELEX:5{year}{kinds[0]}{int(match['n']):04d}",))
    return _Hit(*match.span(), (f"COM({year}){match['n']}",))


# --- Ids and addresses as they are

# A name may stand in a pattern only once, so the parts of the ids go nameless.
_RULES["anyid"] = "|".join(
    re.sub(r"\?P<[a-z]+>", "?:", form.pattern) for form in _FORMS if _PAGES["page"] == form.url
)
_learn(
    r"""
published   (?<![0-9A-Za-z-])(?i:{anyid}){end}
# Document numbers are often called Kamerstuk: 'Kamerstuk 2013D49656'.
document    (?:(?<![A-Za-z])(?i:ka%mer%stuk(?:%ken)?(?:nummer)?)~:?~(?:{nr})?)?
            {begin}(?P<id>(?:19|20)[0-9]{2}[DZ][0-9]{5}){end}
numbered    (?:(?<![A-Za-z])(?i:celex)(?:-?(?:nummer|nr\.?))?~:?~)?{begin}(?P<id>{celex}){end}
# A law, alone or in a Juriconnect reference.
law         {begin}(?:jci[0-9]\.[0-9]{1,2}:[a-z]:)?(?P<id>BWB[RV][0-9]{7}){end}
            (?:&[a-z_-]{1,20}=[0-9A-Za-z.:_/-]{0,40}[0-9A-Za-z]){0,9}
# The rest only in an address.
comuri      COM:(20[0-9]{2}):0{0,3}([1-9][0-9]{0,3})(?![0-9])
eli         /eli/(reg|dir|dec|rec)[a-z_]{0,9}/([12][0-9]{3})/([0-9]{1,4})(?![0-9])
dossierpage (?:/dossier/|wetsvoorstel[:/])(?P<id>[1-9][0-9]{4}(?:-(?:{roman}|[A-Z]|[0-9]{2}))?){end}
host        (?:(?:eur-(?:{newline})?lex|[a-z-]{1,20})\.){0,2}
            (?:(?:officielebekendmakingen|overheid|tweedekamer|eerstekamer)\.nl|europa\.eu)
path        [^\s<>"'|{}()\[\]\\^`*«»“”‘’…]
# An address goes on over a line end only where it visibly does: after '-', '=' or '&', or when
# the next line begins as a path does.
goeson      (?:(?<=[-=&?\x25])|(?<=/)(?={newline}(?!www\.)(?:[a-z]{1,30}[-./?]|BWB|NL/|TXT/))
            |(?={newline}[0-9A-Za-z-]{1,20}\.(?:html|pdf|xml)(?![A-Za-z])))
address     (?<![A-Za-z0-9.@/\x25=&_-])(?:https?://)?{host}/{path}{0,240}
            (?:{goeson}{newline}{path}{1,80}){0,2}
"""
)


def _published(match: _Match) -> str:
    """Give a written id its canonical case: 'KST-36600-vii-1' is kst-36600-VII-1."""
    prefix = re.match(r"(?i)(?:ah|h)-[te]k|[a-z]{1,5}", match[0])
    cut = prefix.end() if prefix else 0
    return match[0][:cut].lower() + match[0][cut:].upper()


def _eli(match: _Match) -> str:
    return f"CELEX:3{match[2]}{_ACT_LETTERS[match[1]]}{int(match[3]):04d}"


_WRITTEN: Final[tuple[tuple[re.Pattern[str], Callable[[_Match], str]], ...]] = (
    (_compiled("published"), _published),
    (_compiled("document"), lambda match: match["id"]),
    (_compiled("numbered"), lambda match: f"CELEX:{match['id']}"),
    (_compiled("law"), lambda match: match["id"]),
)
_IN_ADDRESS: Final[tuple[tuple[re.Pattern[str], Callable[[_Match], str]], ...]] = (
    *_WRITTEN,
    (_compiled("comuri"), lambda match: f"COM({match[1]}){match[2]}"),
    (_compiled("eli"), _eli),
    (_compiled("dossierpage"), lambda match: match["id"]),
)


def _read_address(match: _Match) -> _Hit | None:
    """Read the ids in a web address of the government, parliament or the Union."""
    literal = match[0].rstrip(".,;:!?")
    address = re.sub(r"\s|^https?://", "", literal)
    readable = re.sub(r"(?i)%3a", ":", address)
    ids = sorted(
        (found.start(), read(found))
        for pattern, read in _IN_ADDRESS
        for found in pattern.finditer(readable)
    )
    if not ids:
        return None
    # 'eur-lex.europa.eu/...PC0081…' was shortened, so it leads nowhere itself.
    whole = not match[0].endswith("..") and not match.string.startswith("…", match.end())
    own = f"https://{address}" if whole else None
    return _Hit(match.start(), match.start() + len(literal), tuple(i for _, i in ids), own)


# --- All of it

_FINDERS: Final[tuple[tuple[re.Pattern[str], Callable[[_Match], _Hit | None]], ...]] = (
    (_compiled("head"), _read_kamerstuk),
    (_compiled("gazette"), _read_gazette),
    (_compiled("minutes"), _read_minutes),
    (_compiled("answers"), _read_answers),
    (_compiled("answersof"), _read_answers),
    (_compiled("sessionof"), _read_answers),
    (_compiled("act"), _read_act),
    (_compiled("com"), _read_com),
    (_compiled("address"), _read_address),
)


def _hits(text: str) -> Iterator[_Hit]:
    for pattern, read in _FINDERS:
        end = 0
        for match in pattern.finditer(text):
            # Inside a phrase that was just read; reading it again would cost quadratic time.
            if match.start() >= end and (hit := read(match)):
                end = hit.end
                yield hit
    for pattern, identifier in _WRITTEN:
        yield from (_Hit(*match.span(), (identifier(match),)) for match in pattern.finditer(text))


def _settled(hits: Iterable[_Hit]) -> dict[str, str]:
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
            known = _recognise(identifier)
            if known and (url := hit.address or url_for(identifier)):
                references.append(Reference(*place, known[0].kind, identifier, url))
    return references

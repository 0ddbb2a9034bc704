"""Read Kamerstukken: a dossier, its parts and chapters, and the papers in it."""

from __future__ import annotations

import re
from typing import NamedTuple

from actions.citations.grammar import (
    MAX_LENGTH,
    RULES,
    Hit,
    Match,
    compiled,
    digits,
    learn,
    numbered,
)

learn(
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
_PAPER, _OTHER_PAPER, _SAME_DOSSIER = map(compiled, ("paperof", "other", "same"))
_STOP, _INTRODUCED = compiled("stop"), compiled("introduced")


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


def is_senate(chamber: str | None) -> bool:
    return chamber is not None and (chamber in {"I", "EK"} or "Eerste" in chamber)


def _is_a(rule: str, text: str) -> bool:
    return re.fullmatch(RULES[rule], text) is not None


def _read_paper(match: Match, manner: _Manner) -> _Paper:
    """Read a dossier and its number."""
    dossier = digits(match["dossier"])
    if match["joint"] and manner.plural:
        return _Paper((dossier,), match.end("dossier"))
    base = "-".join(filter(None, ("kst", dossier, match["sub"] or match["chapter"])))
    for group in ("many", "few", "mark", "dashed"):
        if match[group]:
            return _Paper(numbered(base, match[group]), match.end(), base)
    # Without 'nr.' a year may follow: 'Kamerstukken II 2022/23, 32735, 2023'.
    if manner.legal and match["bare"] and not re.match(r"(?:19|20)[0-9]{2}", match["bare"]):
        return _Paper(numbered(base, match["bare"]), match.end("bare"), base)
    return _read_unnumbered(match, dossier, base, senate=manner.senate)


def _read_unnumbered(match: Match, dossier: str, base: str, *, senate: bool) -> _Paper:
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


def _is_permitted(head: Match, match: Match, paper: _Paper) -> bool:
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
    dossier = digits(match["dossier"])
    part = bool(match["sub"] or match["chapter"]) and (
        _is_a("budget", dossier) or dossier == "21501"
    )
    if match["dashed"] and part:
        return True
    before = head.string[max(0, head.start() - 60) : head.start()]
    whole = bool(_STOP.match(head.string, paper.end)) and (part or paper.ids[0].startswith("kst-"))
    return bool(_INTRODUCED.search(before)) and (whole or match["dashed"] is not None)


def read_kamerstuk(head: Match) -> Hit | None:
    """Read a phrase that names one or more papers, in one or more dossiers."""
    text, word = head.string, head["word"] or ""
    manner = _Manner(
        legal=bool(head["chamber"] or head["years"]),
        senate=is_senate(head["chamber"] or word),
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
            ids += numbered(base, more["many"] or more["few"])
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
    return Hit(head.start(), end, tuple(ids))

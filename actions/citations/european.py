"""Read acts of the European Union and documents of the Commission."""

from __future__ import annotations

from typing import Final

from actions.citations.grammar import MAX_LENGTH, Hit, Match, compiled, learn

learn(
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
ACT_LETTERS: Final = _DUTCH_LETTERS | {"reg": "R", "dir": "L", "dec": "D", "rec": "H"}
_NEXT_ACT, _SENTENCE = compiled("nextact"), compiled("sentence")
_SAYS: Final = {"DC": compiled("saysdc"), "PC": compiled("sayspc")}


def _year(digits: str) -> int | None:
    """Read a year of the Union's acts, '2017' or '95'; None when it cannot be one."""
    year = int(digits) + (1900 if len(digits) == 2 else 0)
    return year if len(digits) in {2, 4} and 1952 <= year < 2050 else None


def _act_number(letter: str, match: Match) -> str | None:
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


def _is_plain_act(letter: str, match: Match) -> bool:
    """Tell '2017/821', which only the Union writes, from a session or a short local number."""
    year, number = int(match["a"]), int(match["b"])
    return letter in {"R", "L"} and 2015 <= year < 2050 and number >= 100 and number != year + 1


def read_act(match: Match) -> Hit | None:
    """Read an EU act and those that follow in the phrase."""
    name, end = match["name"].lower(), match.end()
    marked = bool(match["mark"] or match["tail"])
    framework = name.startswith("framework") or "kaderbesluit" in name
    letter = "F" if framework else ACT_LETTERS[match["act"][:3].lower()]
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
    return Hit(match.start("name" if marked else 0), end, found) if found else None


def read_com(match: Match) -> Hit:
    """Read a Commission document; as CELEX only when the words before it say what it is."""
    digits = match["y"] or match["x"]
    year = f"19{digits}" if len(digits) == 2 else digits
    before = _SENTENCE.split(match.string[max(0, match.start() - 200) : match.start()])[-1]
    kinds = [kind for kind, says in _SAYS.items() if says.search(before)]
    if len(kinds) == 1:
        return Hit(*match.span(), (f"CELEX:5{year}{kinds[0]}{int(match['n']):04d}",))
    return Hit(*match.span(), (f"COM({year}){match['n']}",))

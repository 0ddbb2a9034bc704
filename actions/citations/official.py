"""Read Staatsblad, Staatscourant, Handelingen and Aanhangsel."""

from __future__ import annotations

from actions.citations.grammar import Hit, Match, digits, learn, numbered
from actions.citations.kamerstukken import is_senate

learn(
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


def _house_and_years(match: Match) -> str | None:
    """Give 'tk-20222023' for a session; None when its years do not follow each other."""
    following = str(int(match["first"]) + 1)
    house = "ek" if is_senate(match["chamber"]) or match[0].startswith("Eerste") else "tk"
    return f"{house}-{match['first']}{following}" if following.endswith(match["last"]) else None


def read_gazette(match: Match) -> Hit:
    """Read an issue of the Staatsblad or the Staatscourant."""
    prefix = f"{'stb' if match['stb'] else 'stcrt'}-{match['year']}"
    numbers = match["many"] or match["few"]
    # Stcrt. 2025, 31 460
    return Hit(*match.span(), numbered(prefix, digits(numbers) if match["grouped"] else numbers))


def read_minutes(match: Match) -> Hit | None:
    """Read an item of the Handelingen; without chamber or item there is no id to give."""
    if (session := _house_and_years(match)) is None:
        return None
    return Hit(*match.span(), numbered(f"h-{session}-{match['nr']}", match["few"]))


def read_answers(match: Match) -> Hit | None:
    """Read a number of the Aanhangsel, the Tweede Kamer's unless it says otherwise."""
    if (session := _house_and_years(match)) is None:
        return None
    numbers = match.groupdict().get("many") or match["few"]
    return Hit(*match.span(), numbered(f"ah-{session}", numbers))

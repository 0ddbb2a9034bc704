"""Dutch words that letter and annex share: dates, names, progress."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from actions.choices import (
    Availability,
    Basis,
    EvidenceClass,
    Progress,
    ResponsibilityRole,
    Schedule,
)
from actions.citations import Kind
from actions.queries.records import Name, Reading, Responsible, Round, YearReport
from reports.linking import NBSP as NBSP

_QUOTED: Final = re.compile("‘[^’]*’")
# The space between initials and a surname, also with the words between them.
_AFTER_INITIALS: Final = re.compile(
    r"(?<!\w)(?:[A-Z]\.)+(?: (?:de|den|der|het|in|op|te|ten|ter|van|von|’t|'t))* (?=[A-Z])"
)

_MONTHS: Final = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)

PROGRESS: Final[dict[Progress, str]] = {
    Progress.NOT_STARTED: "nog niet gestart",
    Progress.IN_PROGRESS: "in uitvoering",
    Progress.COMPLETED: "afgerond",
    Progress.DISCONTINUED: "vervallen",
    Progress.NO_STATUS: "gemeld zonder status",
    Progress.NOT_MENTIONED: "niet genoemd",
    Progress.SOURCE_MISSING: "rapportage niet beschikbaar",
}

PROGRESS_MEANING: Final[dict[Progress, str]] = {
    Progress.NOT_STARTED: "Er is nog geen werk gedaan.",
    Progress.IN_PROGRESS: "Het werk is begonnen en nog niet klaar.",
    Progress.COMPLETED: "Wat was voorgenomen, is gedaan.",
    Progress.DISCONTINUED: "Het punt wordt niet meer uitgevoerd; de reden staat erbij.",
    Progress.NO_STATUS: "De bron beschrijft het onderwerp, maar noemt geen status.",
    Progress.NOT_MENTIONED: "De brief over dat jaar noemt het onderwerp niet, of niet apart.",
    Progress.SOURCE_MISSING: "Er is een rapportage, maar die was niet beschikbaar.",
}

# Where nothing is public of a year: not decided yet, or asked of a ministry and not received.
UNDECIDED: Final = "nog niet vastgesteld"
NOT_SUPPLIED: Final = "niet aangeleverd"
MISSING_MEANING: Final[dict[str, str]] = {
    UNDECIDED: "Er is over dit jaar nog geen tekst vastgesteld.",
    NOT_SUPPLIED: "Het ministerie heeft over dit jaar geen tekst aangeleverd.",
}

SCHEDULE: Final[dict[Schedule, str]] = {
    Schedule.ON_SCHEDULE: "op schema",
    Schedule.DELAYED: "vertraagd",
    Schedule.UNKNOWN: "onbekend",
}

ROLES: Final[dict[ResponsibilityRole, str]] = {
    ResponsibilityRole.LEAD: "Verantwoordelijk",
    ResponsibilityRole.CO_RESPONSIBLE: "Medeverantwoordelijk",
    ResponsibilityRole.IMPLEMENTING: "Uitvoering",
}

EVIDENCE: Final[dict[EvidenceClass, str]] = {
    EvidenceClass.A: "een officiële bron noemt het een actiepunt of zegt dat het in het plan staat",
    EvidenceClass.B: "een voortgangsbrief meldt het onder een pijler",
    EvidenceClass.C: "in 2020 toegezegd voor het plan, daarna niet bevestigd",
    EvidenceClass.D: "in 2020 alleen genoemd; kan even goed geen actiepunt zijn",
    EvidenceClass.X: "gemeld, maar volgens de bron geen onderdeel van het plan",
}

REFERENCE_KINDS: Final[dict[Kind, str]] = {
    Kind.KAMERSTUK: "Kamerstukken",
    Kind.KAMERDOSSIER: "Kamerdossiers",
    Kind.PARLIS: "Documenten en zaken van de Tweede Kamer",
    Kind.STB: "Staatsblad",
    Kind.STCRT: "Staatscourant",
    Kind.HANDELINGEN: "Handelingen",
    Kind.AANHANGSEL: "Aanhangsels van de Handelingen",
    Kind.EU: "Wetgeving van de Europese Unie",
    Kind.COM: "Stukken van de Europese Commissie",
    Kind.WET: "Nederlandse wetten en regelingen",
}

_AVAILABILITY: Final[dict[Availability, str]] = {
    Availability.COMPLETE: "",
    Availability.BEGINNING_ONLY: "alleen het begin was beschikbaar",
    Availability.SUMMARY_ONLY: "alleen een samenvatting was beschikbaar",
    Availability.NOT_AVAILABLE: "niet beschikbaar",
}


def dutch_date(day: date) -> str:
    """Return a date as a letter writes it: 26 januari 2026, on one line."""
    return f"{day.day}{NBSP}{_MONTHS[day.month - 1]}{NBSP}{day.year}"


def names_kept_together(text: str) -> str:
    """Return the text in which no line ends between the initials and the surname of a person."""
    return _AFTER_INITIALS.sub(lambda found: found[0].replace(" ", NBSP), text)


def enumeration(words: Sequence[str]) -> str:
    """Return `a, b en c`; with a comma before the last when a word itself holds `en`.

    What stands between quotes ends where they do, so an `en` in it raises no doubt.
    """
    if len(words) < 2:
        return "".join(words)
    # Of two, only the first can run into the word between them.
    doubtful = words[:1] if len(words) == 2 else words
    comma = "," if any(" en " in _QUOTED.sub("", word) for word in doubtful) else ""
    return f"{', '.join(words[:-1])}{comma} en {words[-1]}"


def subject(report: YearReport) -> str:
    """Return what the letter over a year, and all that goes with it, is about."""
    return f"Voortgang in {report.round.year} van het {report.plan.title}"


def sentence_case(text: str) -> str:
    """Return the text with a capital at the start and the rest as it was."""
    return text[:1].upper() + text[1:]


def bare_name(name: Name) -> str:
    """Return a ministry without the words `ministerie van`, to list several."""
    return name.name.removeprefix("ministerie van ").removeprefix("ministerie voor ")


def progress_words(progress: Progress | None, basis: Basis | None) -> str:
    """Return how a point stands, and that it is derived when it is."""
    if progress is None:
        return PROGRESS[Progress.SOURCE_MISSING]
    derived = " (afgeleid)" if basis == Basis.DERIVED else ""
    return PROGRESS[progress] + derived


def missing_words(each: Round) -> str:
    """Return what is said of a point over a year of which nothing is public about it."""
    if not each.is_released:
        return UNDECIDED
    return NOT_SUPPLIED if each.by_ministries else PROGRESS[Progress.SOURCE_MISSING]


def responsible_words(responsible: Sequence[Responsible]) -> str:
    """Return who answers, in one phrase; derived ones say so."""
    return enumeration(
        [
            each.organisation.name + (" (afgeleid)" if each.is_derived else "")
            for each in responsible
        ]
    )


def reading_words(reading: Reading) -> str:
    """Return a source as a line in a list: what, by whom, when, where in it."""
    parts = [reading.title]
    if reading.publisher and reading.publisher not in reading.title:
        parts.append(reading.publisher)
    if reading.date_note:
        parts.append(reading.date_note)
    elif reading.date:
        parts.append(dutch_date(reading.date))
    available = _AVAILABILITY[reading.availability]
    if available and available in reading.detail:
        available = ""
    parts += [part for part in (reading.detail, available) if part]
    return ", ".join(parts)

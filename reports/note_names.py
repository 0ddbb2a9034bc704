"""The names in the note that everyone may read, each with what a person said becomes of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from actions.models import ReportingRound
from reports import production
from reports.builder import known_names, public_note
from reports.choices import Stage
from reports.document import DecisionNote
from reports.models import NameChoice
from reports.names import FoundName, find_names
from reports.production import Reading

# How many places of a name are shown; with more nobody reads them.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class NameLine:
    """A name with the words around it; `leave_out` is None while nobody said anything of it."""

    name: str
    around: tuple[str, ...]
    more: int
    leave_out: bool | None


def found_in(reading: Reading, also: list[str] | None = None) -> list[FoundName]:
    """Return the names of people with an account, and these words, in the note for everyone."""
    note = production.note(reading, {})
    if not isinstance(note, DecisionNote):
        raise TypeError("the decision note is a note")
    return find_names(public_note(note), known_names(also or ()))


def names_in(each: ReportingRound) -> list[NameLine]:
    """Return the names that were found or added: first those of which nobody said anything."""
    stage = Stage.CONCEPT if each.opened_on else Stage.RECONSTRUCTION
    choices = {choice.name: choice.leave_out for choice in NameChoice.objects.filter(round=each)}
    said = {name.casefold(): leave_out for name, leave_out in choices.items()}
    places: dict[str, list[str]] = defaultdict(list)
    for found in found_in(production.read(each, stage), list(choices)):
        places[found.literal].append(found.around)
    known = {name.casefold() for name in places}
    lines = [_line(name, around, said.get(name.casefold())) for name, around in places.items()]
    lines += [_line(name, [], choices[name]) for name in choices if name.casefold() not in known]
    return sorted(lines, key=lambda line: (line.leave_out is not None, line.name.casefold()))


def _line(name: str, around: list[str], leave_out: bool | None) -> NameLine:
    shown = tuple(dict.fromkeys(around))
    return NameLine(name, shown[:_SHOWN], max(0, len(shown) - _SHOWN), leave_out)

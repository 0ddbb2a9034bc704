"""How public facts are put on a page: meanings, counts, addresses, anchors. Plain functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actions.choices import ANSWERS, DUTCH, Progress
from actions.queries.records import ListedPoint, PillarProgress, Reading, Round
from actions.richtext import RichText, Run, link_references, map_runs, parse

_MEANINGS: Final[Mapping[Progress, Promise]] = {
    Progress.NOT_STARTED: _("The ministry reports that the work has not begun."),
    Progress.IN_PROGRESS: _("The work has begun and is not finished."),
    Progress.COMPLETED: _("The ministry reports that the action point is finished."),
    Progress.DISCONTINUED: _("The action point was stopped; the reason is given."),
    Progress.NO_STATUS: _("Something was reported, but not how far it has come."),
    Progress.NOT_MENTIONED: _(
        "The report does not mention it. That says nothing about its progress."
    ),
    Progress.SOURCE_MISSING: _(
        "There is a report about this year, but it was not available to us."
    ),
}


def meaning(progress: Progress) -> str:
    """Return in one sentence what an answer or a silence means."""
    return str(_MEANINGS[progress])


def kind(thing: object) -> str:
    """Return the name of the class, so that a template can choose by it."""
    return type(thing).__name__


def code(value: object) -> str:
    """Return the Dutch code of a choice as addresses have it; other values as they are."""
    plain = value.value if isinstance(value, Enum) else value
    return DUTCH.get(str(plain), str(plain))


def list_address(**chosen: object) -> str:
    """Return the address of the list with these filters: pijler=1, voortgang=Progress.COMPLETED."""
    query = urlencode({name: code(value) for name, value in chosen.items() if value})
    address = reverse("actions:action-points")
    return f"{address}?{query}" if query else address


# --- How the plan stands


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """One answer or silence: per pillar (number, count), together, and how many are derived."""

    progress: Progress
    pillars: tuple[tuple[int, int], ...]
    total: int
    derived: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How all in-plan points together stand in one year."""

    pillars: tuple[PillarProgress, ...]
    lines: tuple[ProgressLine, ...]
    total: int
    known: int
    unknown: int


def standing(pillars: Iterable[PillarProgress]) -> Standing:
    """Add the pillars up; only an answer is known, silence never is."""
    pillars = tuple(pillars)
    lines = tuple(_line(progress, pillars) for progress in Progress)
    total = sum(pillar.total for pillar in pillars)
    known = sum(line.total for line in lines if line.progress in ANSWERS)
    return Standing(pillars, lines, total, known, total - known)


def _line(progress: Progress, pillars: Sequence[PillarProgress]) -> ProgressLine:
    return ProgressLine(
        progress,
        tuple((pillar.number, pillar.counts[progress]) for pillar in pillars),
        sum(pillar.counts[progress] for pillar in pillars),
        sum(pillar.derived.get(progress, 0) for pillar in pillars),
    )


# --- Letters and sources


def days_late(promised: date | None, sent: date | None) -> int:
    """Return how many days after the promised day a letter was sent; 0 when not later."""
    return max((sent - promised).days, 0) if promised and sent else 0


def notes_on_promises(rounds: Iterable[Round]) -> tuple[str, ...]:
    """Return what must be said about the promised dates, each sentence once."""
    return tuple(dict.fromkeys(each.promised_note for each in rounds if each.promised_note))


def sources_of(points: Iterable[ListedPoint]) -> tuple[Reading, ...]:
    """Return every source of these points once, in the order of their codes."""
    found = {source.code: replace(source, detail="") for each in points for source in each.sources}
    return tuple(found[code] for code in sorted(found, key=_natural))


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Return a sort key under which X2 comes before X10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


# --- Texts with footnotes


@dataclass(frozen=True, slots=True)
class NotePlace(Run):
    """The place of a footnote, with an anchor that occurs once on the page."""

    anchor: str = ""


def readable(markdown: str, prefix: str) -> RichText:
    """Return a text with its official references linked and its footnote places anchored."""
    used: Counter[str] = Counter()

    def placed(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(_place(run, prefix, used) if run.note else run for run in runs)

    return map_runs(link_references(parse(markdown)), placed)


def _place(run: Run, prefix: str, used: Counter[str]) -> NotePlace:
    used[run.note] += 1
    again = f"-{used[run.note]}" if used[run.note] > 1 else ""
    anchor = f"{prefix}-plaats-{run.note}{again}"
    return NotePlace("", strong=run.strong, emphasis=run.emphasis, note=run.note, anchor=anchor)

"""The overview of a round: where the ministries stand, and what a coordinator does for several."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import visits, workflow
from actions.choices import EntryState
from actions.mail import requests
from actions.mail.requests import Reach
from actions.models import ReportingRound, StatusEntry
from actions.queries import work
from actions.queries.records import Name
from actions.queries.work import Task
from napmonitor.accounts.models import User

# In the order in which a text goes its way.
STATES = (
    EntryState.CONCEPT,
    EntryState.RETURNED,
    EntryState.SUBMITTED,
    EntryState.APPROVED,
    EntryState.NOT_SUPPLIED,
)


@dataclass(frozen=True, slots=True)
class Line:
    """How far one ministry is: the number of entries in each of `STATES`.

    `reach` is who would get a reminder; None where there is nothing to remind of.
    """

    ministry: Name | None
    counts: tuple[int, ...]
    late: int
    reminded: date | None = None
    reach: Reach | None = None

    @property
    def by_state(self) -> list[tuple[EntryState, int]]:
        """The same numbers, each with its state."""
        return list(zip(STATES, self.counts, strict=True))

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def to_submit(self) -> int:
        """How many the ministry has in hand."""
        return sum(count for state, count in self.by_state if state in work.OPEN_TO_WRITE)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in the table; `is_new` when it changed since the last visit."""

    task: Task
    is_new: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry that was chosen; `refusal` is empty when it was approved."""

    entry: StatusEntry
    refusal: str


class OverviewFilter(forms.Form):
    """Which entries to show; what is no choice is no filter."""

    ministry = forms.ChoiceField(label=_("Ministry"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    only = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("everything")),
            ("late", _("what is late")),
            ("returned", _("what came back")),
            ("unsigned", _("what waits for sign-off")),
            ("remarks", _("what has open remarks")),
            ("new", _("what changed since your last visit")),
        ],
    )

    def __init__(self, asked: Mapping[str, Any], ministries: Iterable[Name]) -> None:
        super().__init__({name: asked.get(name, "") for name in self.base_fields})
        everyone = ("", gettext("all"))
        choices: dict[str, list[tuple[str, str]]] = {
            "ministry": [everyone, *((each.slug, each.short) for each in ministries)],
            "state": [everyone, *((each.value, str(each.label)) for each in STATES)],
        }
        for name, values in choices.items():
            field: Any = self.fields[name]
            field.choices = values

    def keeps(self, row: Row) -> bool:
        """Tell whether a row is asked for."""
        self.is_valid()
        asked, task = self.cleaned_data, row.task
        return (
            (not asked.get("ministry") or _slug(task) == asked["ministry"])
            and (not asked.get("state") or task.state.value == asked["state"])
            and _is(asked.get("only", ""), row)
        )


def _is(what: str, row: Row) -> bool:
    task = row.task
    return {
        "late": task.is_late,
        "returned": task.state == EntryState.RETURNED,
        "unsigned": task.state == EntryState.SUBMITTED and bool(task.unsigned),
        "remarks": task.open_remarks > 0,
        "new": row.is_new,
    }.get(what, True)


def context(each: ReportingRound, user: User, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the overview; the page costs 10 queries, for any number of action points."""
    since = visits.visited(each, user)
    tasks = work.tasks(each.entries.all())
    reminded = requests.last_reminded(each)
    reminds = requests.may_remind(user) and requests.is_running(each)
    reach = requests.reach(tasks, user) if reminds else {}
    lines = list(_lines((task for task in tasks if task.in_plan), reminded, reach))
    ministries = {_slug(task): task.ministry for task in tasks if task.ministry}
    chosen = OverviewFilter(asked, sorted(ministries.values(), key=lambda name: name.short))
    rows = [Row(task, _is_new(task, since)) for task in tasks]
    return {
        "states": STATES,
        "lines": lines,
        "total": _total(lines),
        "filter": chosen,
        "rows": [row for row in rows if chosen.keeps(row)],
        "all_rows": len(rows),
        "since": since,
        "reviews": user.has_perm("actions.approve_statusentry"),
        "reminds": reminds,
    }


def _is_new(task: Task, since: datetime | None) -> bool:
    moments = [moment for moment in (task.changed_at, task.moved_at) if moment]
    return since is not None and bool(moments) and max(moments) > since


def _slug(task: Task) -> str:
    return task.ministry.slug if task.ministry else ""


def _lines(
    tasks: Iterable[Task], reminded: Mapping[str, date], reach: Mapping[str, Reach]
) -> Iterable[Line]:
    per_ministry: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        per_ministry[_slug(task)].append(task)
    for found in sorted(per_ministry.values(), key=lambda group: _name(group[0])):
        counts = Counter(task.state for task in found)
        yield Line(
            found[0].ministry,
            tuple(counts[state] for state in STATES),
            sum(task.is_late for task in found),
            reminded.get(_slug(found[0])),
            reach.get(_slug(found[0])),
        )


def _name(task: Task) -> tuple[bool, str]:
    """Return by what a ministry is sorted; points of nobody come last."""
    return (task.ministry is None, task.ministry.short.casefold() if task.ministry else "")


def _total(lines: Sequence[Line]) -> Line:
    sums = tuple(sum(line.counts[number] for line in lines) for number in range(len(STATES)))
    return Line(None, sums, sum(line.late for line in lines))


def approve(
    entries: QuerySet[StatusEntry], chosen: Iterable[str], note: str, actor: User
) -> list[Outcome]:
    """Approve entries one by one, each with the checks of one alone; return how each ended.

    `chosen` names each entry with the version that was on the screen, as in `12:3`; what is not
    among `entries` is passed over.
    """
    read = dict(_chosen(chosen))
    outcomes = []
    for entry in (
        entries.filter(pk__in=read).select_related("action_point").order_by("action_point__code")
    ):
        refusal = ""
        try:
            workflow.approve(entry, actor=actor, note=note, read_version=read[entry.pk])
        except workflow.NotPossible as problem:
            refusal = str(problem)
        except PermissionDenied:
            refusal = gettext("You may not approve this.")
        outcomes.append(Outcome(entry, refusal))
    return outcomes


def _chosen(words: Iterable[str]) -> Iterable[tuple[int, int]]:
    for word in words:
        key, _colon, version = word.partition(":")
        if all(part.isascii() and part.isdecimal() and len(part) < 10 for part in (key, version)):
            yield int(key), int(version)

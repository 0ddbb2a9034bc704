"""What there is to mail: for whom, about what, and with which keys it is never said twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation

from actions.mail.recipients import Kind, Person, Roster, What
from actions.models import SentMail, StatusEntry
from actions.queries import work
from actions.queries.records import Name
from actions.queries.work import Ask, Task

# When somebody is reminded, in days after the deadline of the ministries.
MOMENTS: Final = (-14, -7, -1, 1, 7)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that somebody is told, and of which ministry it is asked; said once per `gate`."""

    task: Task
    of: str
    what: What
    stands_in: bool
    gate: str

    @property
    def ministry(self) -> Name | None:
        """The ministry of which this is asked."""
        signing = (each.ministry for each in self.task.signatures)
        return next((name for name in signing if name.slug == self.of), self.task.ministry)

    @property
    def news(self) -> str:
        """The key of what is new here; another step, text or remark makes another one."""
        mark = self.task.remark if self.what is What.ANSWER else self.task.step
        return f"digest:{self.task.entry}:{self.what.value}:{mark}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One mail to one person; with `once` there is no other mail with that key."""

    kind: Kind
    to: Person
    roles: tuple[str, ...]
    items: tuple[Item, ...]
    once: str = ""

    @property
    def stands_in(self) -> bool:
        """Whether it goes to a coordinator of the plan, for want of people at the ministry."""
        return all(item.stands_in for item in self.items)

    @property
    def keys(self) -> set[str]:
        """What this mail says: who was reminded of something is not told that it is new too."""
        said = {item.gate for item in self.items} | {item.news for item in self.items}
        return said | ({self.once} if self.once else set())

    def without(self, had: Collection[str]) -> Plan | None:
        """Return what is left to say to somebody who had these; None when that is nothing."""
        if self.once in had:
            return None
        items = tuple(item for item in self.items if item.gate not in had)
        return replace(self, items=items) if items else None


def of_today() -> list[Plan]:
    """Return the reminders and daily overviews that are due; 5 queries for any number."""
    today = timezone.localdate()
    roster = Roster(today)
    tasks = read_tasks(work.running())
    plans = [
        *_plans(Kind.REMINDER, roster, _due(tasks, today)),
        *_plans(Kind.DIGEST, roster, ((task, "") for task in tasks), f"digest:{today}"),
    ]
    had = _had(plans)
    kept = []
    for plan in plans:
        if left := plan.without(had[plan.to.key]):
            had[plan.to.key] |= left.keys
            kept.append(left)
    return kept


def of_request(tasks: Iterable[Task], gate: str, besides: int) -> list[Plan]:
    """Return the mails with which a coordinator reminds a ministry, but none to themselves."""
    return _requests(Roster(timezone.localdate()), tasks, gate, besides)


def of_requests(tasks: Iterable[Task], besides: int) -> dict[str, list[Plan]]:
    """Return the mails with which each ministry would be reminded, by its slug; 1 query."""
    roster = Roster(timezone.localdate())
    asked: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        for ask, of in work.asked(task):
            if ask is Ask.WRITE:
                asked[of].append(task)
    return {of: _requests(roster, found, "", besides) for of, found in asked.items()}


def _requests(roster: Roster, tasks: Iterable[Task], gate: str, besides: int) -> list[Plan]:
    plans = _plans(Kind.REQUEST, roster, ((task, gate) for task in tasks))
    return [plan for plan in plans if plan.to.key != besides]


def read_tasks(entries: QuerySet[StatusEntry]) -> list[Task]:
    """Return entries as mail tells of them, whatever language the screen of this moment has."""
    with translation.override(settings.LANGUAGE_CODE):
        return work.tasks(entries)


def moment(deadline: date, today: date) -> int | None:
    """Return the last moment that passed; one that was missed is not made up for."""
    passed = [days for days in MOMENTS if deadline + timedelta(days) <= today]
    return max(passed, default=None)


def _due(tasks: Iterable[Task], today: date) -> Iterable[tuple[Task, str]]:
    """Yield what has to be written, with the key of the moment at which that is said."""
    for task in tasks:
        days = moment(task.deadline, today) if task.deadline else None
        if task.state in work.OPEN_TO_WRITE and days is not None:
            yield task, f"reminder:{task.round}:{task.deadline}:{days}"


def _plans(
    kind: Kind, roster: Roster, tasks: Iterable[tuple[Task, str]], once: str = ""
) -> list[Plan]:
    """Return one mail for each person; what has no gate of its own is said while it is new."""
    items: dict[Person, list[Item]] = defaultdict(list)
    for task, gate in tasks:
        for ask, of in work.asked(task):
            if kind is not Kind.DIGEST and ask is not Ask.WRITE:
                continue
            for told in roster.told(task, ask, of, kind):
                item = Item(task, of, told.what, told.stands_in, gate)
                items[told.person].append(item if gate else replace(item, gate=item.news))
    return [
        Plan(
            kind,
            person,
            tuple(roster.roles(person)),
            tuple(sorted(asked, key=lambda item: work.urgency(item.task))),
            once,
        )
        for person, asked in items.items()
    ]


def _had(plans: Collection[Plan]) -> dict[int, set[str]]:
    """Return which of the keys in these mails each person has had."""
    keys = {key for plan in plans for key in plan.keys}
    sent = SentMail.objects.filter(to__in={plan.to.key for plan in plans}, key__in=keys)
    had: dict[int, set[str]] = defaultdict(set)
    for person, key in sent.values_list("to", "key"):
        had[person].add(key)
    return had

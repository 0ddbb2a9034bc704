"""Who is told: the people of today with a role, along the chain from a ministry upwards."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Final

from actions.models import Membership
from actions.queries.work import Ask, Task

_WRITE: Final = "change_statusentry"
_SUBMIT: Final = "submit_statusentry"
_SIGN: Final = "sign_off_statusentry"
_REVIEW: Final = "review_statusentry"


class Kind(Enum):
    """Why a mail is sent: a deadline, something new, or a coordinator who asks."""

    REMINDER = "reminder"
    DIGEST = "digest"
    REQUEST = "request"


class What(Enum):
    """What somebody is told about an entry; the value is its word in the keys of sent mail."""

    WRITE = "write"
    SUBMIT = "submit"
    ANSWER = "answer"
    SIGN = "sign"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role today, and which mail they want."""

    key: int
    name: str
    email: str
    reminders: bool
    digest: bool

    def wants(self, kind: Kind) -> bool:
        return self.digest if kind is Kind.DIGEST else self.reminders


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody is told something; `stands_in` when nobody at the ministry itself gets it."""

    person: Person
    what: What
    stands_in: bool


@dataclass(slots=True)
class Roster:
    """Who holds which right where on a day, but for who sets up the installation; 1 query.

    Whose account or role has ended is not in it, and so gets nothing from that day on.
    """

    day: date
    _people: dict[int, Person] = field(default_factory=dict, init=False)
    _roles: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set), init=False)
    _held: dict[tuple[str, str], set[int]] = field(
        default_factory=lambda: defaultdict(set), init=False
    )
    _coordinators: set[int] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        rows = (
            Membership.objects.active(self.day)
            .filter(
                user__is_superuser=False,
                group__permissions__content_type__app_label="actions",
                group__permissions__codename__in=[_WRITE, _SUBMIT, _SIGN, _REVIEW],
            )
            .values_list(
                *("group__permissions__codename", "organisation__slug", "group__name"),
                *("user", "user__name", "user__email"),
                *("user__mail_preference__reminders", "user__mail_preference__digest"),
            )
            .order_by("user__name", "user")
        )
        for right, organisation, role, key, name, email, reminders, digest in rows:
            # Who never chose wants all.
            self._people[key] = Person(
                key, name, email, reminders is not False, digest is not False
            )
            self._roles[key].add(role)
            self._held[right, organisation].add(key)
            if right == _REVIEW:
                self._coordinators.add(key)

    def roles(self, person: Person) -> list[str]:
        """Return the names of the roles for which somebody gets mail."""
        return sorted(self._roles[person.key])

    def told(self, task: Task, ask: Ask, of: str, kind: Kind) -> list[Told]:
        """Return who is told what is asked of a ministry: nobody, or the first who want to know.

        The writers of the ministry come first, then who submits there, then the coordinators of
        the plan. Who wants no mail is passed over: their work stays on their first page, but when
        nobody there wants it the next in the chain is told, since somebody must know. A finished
        text is also for who submits it, where others wrote it.
        """
        found: dict[int, Told] = {}
        for what, chain in self._chains(task, ask, of):
            for group in chain:
                people = [self._people[key] for key in group if self._people[key].wants(kind)]
                stands_in = ask is not Ask.REVIEW and group is self._coordinators
                for person in people:
                    if stands_in and person.key in found:
                        continue
                    found[person.key] = Told(person, what, stands_in)
                if people:
                    break
        return list(found.values())

    def _chains(self, task: Task, ask: Ask, of: str) -> list[tuple[What, list[set[int]]]]:
        if ask is Ask.REVIEW:
            return [(What.REVIEW, [self._coordinators])]
        if ask is Ask.SIGN:
            return [(What.SIGN, [self._held[_SIGN, of], self._coordinators])]
        submitters = self._held[_SUBMIT, of]
        writers = self._held[_WRITE, of] - submitters
        chains = [(What[ask.name], [writers, submitters, self._coordinators])]
        if ask is Ask.WRITE and task.can_be_submitted and writers:
            chains.append((What.SUBMIT, [submitters, self._coordinators]))
        return chains

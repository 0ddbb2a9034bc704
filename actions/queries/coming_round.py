"""What making a round would do: its entries per ministry, who signs off, and who hears of it.

Only for who may make rounds. Nothing public imports this module.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from actions.choices import ResponsibilityRole
from actions.models import ActionPoint, Membership, Plan, Responsibility
from actions.models.periods import holds_on
from actions.queries.names import ResponsibilityBook
from actions.queries.records import Name


@dataclass(frozen=True, slots=True)
class ComingPoint:
    """An action point that gets an entry, and who signs off the text of its lead."""

    code: str
    title: str
    in_plan: bool
    signing: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at a ministry, and the roles they hold there."""

    name: str
    roles: str


@dataclass(frozen=True, slots=True)
class ComingMinistry:
    """What one ministry is asked: what it writes, what it signs off, and which people can."""

    name: Name
    writes: tuple[ComingPoint, ...]
    signs: tuple[str, ...]
    writers: tuple[Colleague, ...]
    submitters: tuple[Colleague, ...]
    signers: tuple[Colleague, ...]

    @property
    def people(self) -> tuple[Colleague, ...]:
        """Everybody there who is asked something, each once."""
        asked = (*self.writers, *self.submitters) if self.writes else ()
        return tuple(dict.fromkeys((*asked, *(self.signers if self.signs else ()))))

    @property
    def has_nobody(self) -> bool:
        """Whether there is something that nobody at this ministry can do."""
        cannot_write = bool(self.writes) and not (self.writers and self.submitters)
        return cannot_write or (bool(self.signs) and not self.signers)


@dataclass(frozen=True, slots=True)
class ComingRound:
    """The whole of it; `without_lead` are the points for which nobody holds the pen."""

    ministries: tuple[ComingMinistry, ...]
    without_lead: tuple[ComingPoint, ...]

    @property
    def entries(self) -> int:
        return sum(len(each.writes) for each in self.ministries) + len(self.without_lead)


def coming_round(plan: Plan, day: date) -> ComingRound:
    """Return what a round of this plan asks of whom on the day it opens; 3 queries."""
    points = list(ActionPoint.objects.filter(plan=plan).order_by("code"))
    held = Responsibility.objects.filter(action_point__in=points).filter(holds_on(day))
    book = ResponsibilityBook(held)
    writes: dict[Name | None, list[ComingPoint]] = defaultdict(list)
    signs: dict[Name, list[str]] = defaultdict(list)
    for point in points:
        found = book.on(point.pk, day)
        lead = next((each for each in found if each.role == ResponsibilityRole.LEAD), None)
        signing = tuple(
            each.organisation for each in found if each.role == ResponsibilityRole.CO_RESPONSIBLE
        )
        writes[lead.organisation if lead else None].append(
            ComingPoint(point.code, point.title, point.in_plan, signing)
        )
        for each in signing:
            signs[each].append(point.code)
    staff = _staff(day)
    return ComingRound(
        ministries=tuple(
            ComingMinistry(
                name,
                tuple(writes.get(name, ())),
                tuple(signs.get(name, ())),
                tuple(staff[name.slug, "change_statusentry"]),
                tuple(staff[name.slug, "submit_statusentry"]),
                tuple(staff[name.slug, "sign_off_statusentry"]),
            )
            for name in sorted(
                {name for name in (*writes, *signs) if name}, key=lambda each: each.short.casefold()
            )
        ),
        without_lead=tuple(writes.get(None, ())),
    )


_ASKED = ("change_statusentry", "submit_statusentry", "sign_off_statusentry")


def _staff(day: date) -> dict[tuple[str, str], list[Colleague]]:
    """Return who can do what at each organisation on a day, by its slug and the right."""
    rows = (
        Membership.objects.active(day)
        .filter(
            group__permissions__content_type__app_label="actions",
            group__permissions__codename__in=_ASKED,
        )
        .order_by("user__name", "user__email", "group__name")
        .values_list(
            *("organisation__slug", "user", "user__name", "group__name"),
            "group__permissions__codename",
        )
    )
    names: dict[tuple[str, int], str] = {}
    roles: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    rights: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)
    for slug, user, name, role, right in rows:
        names[slug, user] = name
        roles[slug, user][role] = None
        rights[slug, right][user] = None
    found: dict[tuple[str, str], list[Colleague]] = defaultdict(list)
    for (slug, right), users in rights.items():
        found[slug, right] = [
            Colleague(names[slug, user], ", ".join(roles[slug, user])) for user in users
        ]
    return found

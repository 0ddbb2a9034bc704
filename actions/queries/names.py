"""Organisations by the name of a day, read together with the rows that point at them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from actions.choices import Basis, OrganisationKind, ResponsibilityRole
from actions.models import Organisation, PlanParticipant, Responsibility
from actions.queries.records import Name, Participant, Responsible

_NAMED = (
    "organisation",
    "organisation__slug",
    "organisation__kind",
    "organisation__names__name",
    "organisation__names__abbreviation",
    "organisation__names__valid_from",
    "organisation__names__valid_until",
)


@dataclass(frozen=True, slots=True)
class _DatedName:
    """One name an organisation had, with the period in which it held."""

    organisation: int
    slug: str
    kind: str
    name: str
    abbreviation: str
    valid_from: date | None
    valid_until: date | None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


class NameBook:
    """The names of some organisations through time."""

    def __init__(self, names: Iterable[_DatedName]) -> None:
        self._names: dict[int, dict[_DatedName, None]] = defaultdict(dict)
        for name in names:
            self._names[name.organisation][name] = None

    def name(self, organisation: int, day: date) -> Name:
        """Return the name of that day; before the first known name, the first one."""
        names = list(self._names[organisation])
        held = next((name for name in names if name.holds_on(day)), names[0])
        # An organisation without a name in the register still has its slug.
        ministry = held.kind == OrganisationKind.MINISTRY
        return Name(held.slug, held.name or held.slug, held.abbreviation or "", ministry)

    def slug_of(self, word: str) -> str | None:
        """Return the slug of whoever has it or ever had this abbreviation, in capitals or not."""
        folded = word.strip().casefold()
        held = [name for names in self._names.values() for name in names]
        slugs = {name.abbreviation.casefold(): name.slug for name in held if name.abbreviation}
        # A slug goes before an abbreviation that another organisation may have had.
        return {**slugs, **{name.slug: name.slug for name in held}}.get(folded)

    def all(self, day: date) -> list[Name]:
        """Return all of them by their name of that day."""
        found = [self.name(organisation, day) for organisation in self._names]
        return sorted(found, key=lambda name: name.short.casefold())

    def ministries(self, day: date) -> list[Name]:
        """Return the ministries among them, by their name of that day."""
        found = [
            self.name(organisation, day)
            for organisation, names in self._names.items()
            if next(iter(names)).kind == OrganisationKind.MINISTRY
        ]
        return sorted(found, key=lambda name: name.short.casefold())


class ResponsibilityBook:
    """Who answers for some action points, by day, with names of that day; 1 query."""

    _ORDER = list(ResponsibilityRole)

    def __init__(self, responsibilities: QuerySet[Responsibility]) -> None:
        rows = responsibilities.order_by("pk", "organisation__names__valid_from").values_list(
            "pk", "action_point", "role", "basis", "valid_from", "valid_until", *_NAMED
        )
        names: list[_DatedName] = []
        self._held: dict[int, dict[int, Responsibility]] = defaultdict(dict)
        for pk, point, role, basis, start, until, *named in rows:
            names.append(_DatedName(*named))
            self._held[point][pk] = Responsibility(
                pk=pk,
                action_point_id=point,
                organisation_id=named[0],
                role=role,
                basis=basis,
                valid_from=start,
                valid_until=until,
            )
        self.names = NameBook(names)

    def on(self, action_point: int, day: date) -> tuple[Responsible, ...]:
        """Return who answered on that day: the lead first, who carries it out last."""
        holding = [row for row in self._held[action_point].values() if row.holds_on(day)]
        holding.sort(key=lambda row: (self._ORDER.index(ResponsibilityRole(row.role)), row.pk))
        return tuple(
            Responsible(
                self.names.name(row.organisation_id, day),
                ResponsibilityRole(row.role),
                Basis(row.basis),
            )
            for row in holding
        )


def ministries(plan: str) -> NameBook:
    """Return the ministries that take part in a plan or ever answered for a point; 1 query."""
    points = Responsibility.objects.filter(action_point__plan__slug=plan)
    taking_part = PlanParticipant.objects.filter(plan__slug=plan)
    rows = (
        Organisation.objects.filter(kind=OrganisationKind.MINISTRY)
        .filter(
            Q(pk__in=points.values("organisation")) | Q(pk__in=taking_part.values("organisation"))
        )
        .order_by("pk", "names__valid_from")
        .values_list("pk", *(name.removeprefix("organisation__") for name in _NAMED[1:]))
    )
    return NameBook(_DatedName(*row) for row in rows)


def to_choose_from(plan: str, day: date) -> tuple[NameBook, NameBook]:
    """Return the `ministries` of a plan, and who carries out a point of it on a day; 1 query."""
    held = Responsibility.objects.filter(action_point__plan__slug=plan)
    taking_part = PlanParticipant.objects.filter(plan__slug=plan)
    carrying_out = held.on(day).filter(role=ResponsibilityRole.IMPLEMENTING)
    belongs = Q(kind=OrganisationKind.MINISTRY) & (
        Q(pk__in=held.values("organisation")) | Q(pk__in=taking_part.values("organisation"))
    )
    carries_out = Q(pk__in=carrying_out.values("organisation"))
    rows = list(
        Organisation.objects.filter(belongs | carries_out)
        .annotate(belongs=ExpressionWrapper(belongs, BooleanField()))
        .annotate(carries_out=ExpressionWrapper(carries_out, BooleanField()))
        .order_by("pk", "names__valid_from")
        .values_list(
            *("belongs", "carries_out", "pk"),
            *(name.removeprefix("organisation__") for name in _NAMED[1:]),
        )
    )
    return (
        NameBook(_DatedName(*name) for belongs, _carries_out, *name in rows if belongs),
        NameBook(_DatedName(*name) for _belongs, carries_out, *name in rows if carries_out),
    )


def participants(plan: str, day: date) -> tuple[Participant, ...]:
    """Return who takes part in a plan on a day: the coordinating ministry first; 1 query."""
    rows = (
        PlanParticipant.objects.filter(plan__slug=plan)
        .on(day)
        .order_by("-coordinates", "pk", "organisation__names__valid_from")
        .values_list("coordinates", *_NAMED)
    )
    coordinates: dict[int, bool] = {}
    names: list[_DatedName] = []
    for coordinating, *named in rows:
        coordinates[named[0]] = coordinating
        names.append(_DatedName(*named))
    book = NameBook(names)
    return tuple(
        Participant(book.name(organisation, day), coordinating)
        for organisation, coordinating in coordinates.items()
    )

"""Who answers for the points of a plan and who carries them out, under every name they had."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone

from actions.choices import Basis, OrganisationKind, Progress, ResponsibilityRole, SuccessionKind
from actions.models import (
    ActionPoint,
    Organisation,
    PlanParticipant,
    Responsibility,
    StatusEntry,
    Succession,
)
from actions.models.periods import PeriodQuerySet
from actions.queries.conversions import point_row, title_language
from actions.queries.pillars import ProgressBook
from actions.queries.records import (
    AnsweredPoint,
    CarriedOut,
    DatedName,
    ListedImplementer,
    ListedMinistry,
    Name,
    OrganisationDetail,
    OrganisationFacts,
    OrganisationLists,
    Responsible,
    Round,
    Succeeded,
    Tally,
)

_ROLES = list(ResponsibilityRole)


class OrganisationBook:
    """The organisations of a plan, and those they came from or went into; 2 queries."""

    def __init__(self, plan: str, day: date) -> None:
        self._day = day
        self._rows = _rows(plan, day)
        self._successions = list(Succession.objects.order_by("date", "pk"))
        related = self._related()
        self._facts = {pk: self._fact(pk) for pk in self._rows if pk in related}

    def all(self) -> dict[int, OrganisationFacts]:
        """Return each of them by its key."""
        return self._facts

    def find(self, word: str) -> tuple[int, OrganisationFacts] | None:
        """Return who has this slug, or has or ever had this abbreviation, in capitals or not."""
        folded = word.casefold()
        ranked = sorted(
            (rank, pk) for pk, each in self._facts.items() if (rank := self._rank(each, folded))
        )
        return (ranked[0][1], self._facts[ranked[0][1]]) if ranked else None

    def _rank(self, each: OrganisationFacts, word: str) -> int:
        """A slug goes before an abbreviation, and one of today before one of another day."""
        if each.slug == word:
            return 1
        held = [name for name in each.names if name.abbreviation.casefold() == word]
        if any(name.holds_on(self._day) for name in held):
            return 2
        return 3 if held else 0

    def _related(self) -> set[int]:
        """Return who belongs to the plan, and all that are tied to those by succession."""
        found = {pk for pk, (_organisation, belongs, *_) in self._rows.items() if belongs}
        pairs = [(each.predecessor_id, each.successor_id) for each in self._successions]
        while more := {pk for pair in pairs if found & set(pair) for pk in pair} - found:
            found |= more
        return found

    def _fact(self, pk: int) -> OrganisationFacts:
        organisation, _belongs, takes_part, coordinates, names = self._rows[pk]
        last = names[0] if names else None
        over = bool(last and not any(name.holds_on(self._day) for name in names))
        return OrganisationFacts(
            slug=organisation.slug,
            kind=OrganisationKind(organisation.kind),
            tooi_code=organisation.tooi_code or "",
            name=self._name(pk, self._day),
            names=tuple(names),
            takes_part=takes_part,
            coordinates=coordinates,
            ended_on=last.valid_until if last and over else None,
            came_from=tuple(
                self._succeeded(each) for each in self._successions if each.successor_id == pk
            ),
            went_into=tuple(
                self._succeeded(each) for each in self._successions if each.predecessor_id == pk
            ),
        )

    def _succeeded(self, each: Succession) -> Succeeded:
        return Succeeded(
            self._name(each.predecessor_id, each.date),
            self._name(each.successor_id, each.date),
            SuccessionKind(each.kind),
            each.date,
            each.note,
        )

    def _name(self, pk: int, day: date) -> Name:
        """Return the name of that day; where none held, the last one."""
        organisation, _belongs, _takes_part, _coordinates, names = self._rows[pk]
        is_ministry = organisation.kind == OrganisationKind.MINISTRY
        held = next((name for name in names if name.holds_on(day)), names[0] if names else None)
        if held is None:
            # An organisation without a name in the register still has its slug.
            return Name(organisation.slug, organisation.slug, "", is_ministry)
        return Name(organisation.slug, held.name, held.abbreviation, is_ministry)


_Row = tuple[Organisation, bool, bool, bool, list[DatedName]]


def _rows(plan: str, day: date) -> dict[int, _Row]:
    """Return every organisation of the register with its names, newest first; 1 query."""
    answers = Responsibility.objects.filter(
        organisation=OuterRef("pk"), action_point__plan__slug=plan
    )
    participants = PlanParticipant.objects.filter(organisation=OuterRef("pk"), plan__slug=plan)
    today = participants.on(day)
    found: dict[int, _Row] = {}
    for pk, slug, kind, tooi, ever, named, part, leads, name, abbreviation, start, until, note in (
        Organisation.objects.annotate(
            answers=Exists(answers),
            ever=Exists(participants),
            takes_part=Exists(today),
            coordinates=Exists(today.filter(coordinates=True)),
        )
        .order_by("pk", "-names__valid_from")
        .values_list(
            "pk",
            "slug",
            "kind",
            "tooi_code",
            "ever",
            "answers",
            "takes_part",
            "coordinates",
            "names__name",
            "names__abbreviation",
            "names__valid_from",
            "names__valid_until",
            "names__note",
        )
    ):
        if pk not in found:
            organisation = Organisation(pk=pk, slug=slug, kind=kind, tooi_code=tooi)
            found[pk] = (organisation, ever or named, part, leads, [])
        if name:
            found[pk][-1].append(DatedName(name, abbreviation or "", start, until, note or ""))
    for *_facts, names in found.values():
        # A name without a first day came before all others, whatever the database thinks.
        names.sort(key=lambda each: each.valid_from or date.min, reverse=True)
    return found


# --- All of them


def organisation_lists(plan: str, year: int | None) -> OrganisationLists:
    """Return the ministries of a plan with how their points stand in a year, and who carries out.

    The ministry that coordinates comes first. 4 queries for a plan of any size.
    """
    day = timezone.localdate()
    facts = OrganisationBook(plan, day).all()
    counts = _counts(plan, day, year)
    ministries = [
        _listed(each, counts.get(pk, {}))
        for pk, each in facts.items()
        if each.is_ministry and not each.ended_on and (each.takes_part or pk in counts)
    ]
    ministries.sort(key=lambda each: (not each.facts.coordinates, _by_name(each.facts)))
    ended = [each for each in facts.values() if each.is_ministry and each.ended_on]
    return OrganisationLists(
        tuple(ministries),
        tuple(sorted(ended, key=_by_name)),
        tuple(_implementers(plan, day, facts)),
    )


def _by_name(facts: OrganisationFacts) -> tuple[int, str]:
    return list(OrganisationKind).index(facts.kind), facts.name.name.casefold()


def _counts(
    plan: str, day: date, year: int | None
) -> Mapping[int, Mapping[tuple[bool, str, str | None], int]]:
    """Return per organisation how many points it answers for: (in plan, role, progress)."""
    # Without a year no round is open to everyone; there is none of the year 0.
    stands = StatusEntry.objects.public().filter(
        action_point=OuterRef("action_point"), round__year=year or 0
    )
    rows = (
        Responsibility.objects.filter(action_point__plan__slug=plan)
        .on(day)
        .exclude(role=ResponsibilityRole.IMPLEMENTING)
        .annotate(progress=Subquery(stands.values("published_version__progress")[:1]))
        .order_by()
        .values_list("organisation", "action_point__in_plan", "role", "progress")
        .annotate(Count("pk"))
    )
    counts: dict[int, dict[tuple[bool, str, str | None], int]] = defaultdict(dict)
    for organisation, in_plan, role, progress, count in rows:
        counts[organisation][in_plan, role, progress] = count
    return counts


def _listed(
    facts: OrganisationFacts, counts: Mapping[tuple[bool, str, str | None], int]
) -> ListedMinistry:
    roles: Counter[str] = Counter()
    standing: Counter[Progress] = Counter()
    outside = 0
    for (in_plan, role, progress), count in counts.items():
        if not in_plan:
            outside += count
            continue
        roles[role] += count
        standing[Progress(progress or Progress.SOURCE_MISSING)] += count
    return ListedMinistry(
        facts,
        roles[ResponsibilityRole.LEAD],
        roles[ResponsibilityRole.CO_RESPONSIBLE],
        outside,
        tally(standing),
    )


def tally(counts: Mapping[Progress, int]) -> Tally:
    """Return what occurs, in the order of `Progress`."""
    return Tally(tuple((each, counts[each]) for each in Progress if counts.get(each)))


def _implementers(
    plan: str, day: date, facts: Mapping[int, OrganisationFacts]
) -> list[ListedImplementer]:
    points: dict[int, list[CarriedOut]] = defaultdict(list)
    for each in _held(plan).on(day).filter(role=ResponsibilityRole.IMPLEMENTING):
        point = each.action_point
        points[each.organisation_id].append(
            CarriedOut(point.code, point.title, title_language(point), Basis(each.basis))
        )
    found = [ListedImplementer(facts[pk], tuple(rows)) for pk, rows in points.items()]
    return sorted(found, key=lambda each: _by_name(each.facts))


# --- One of them


def organisation_detail(plan: str, rounds: Sequence[Round], word: str) -> OrganisationDetail | None:
    """Return an organisation of a plan by its slug or any abbreviation it ever had; 4 queries.

    Its points stand lead first, then co-responsible, then what it carries out, each with its
    progress over these rounds, oldest first.
    """
    day = timezone.localdate()
    found = OrganisationBook(plan, day).find(word)
    if found is None:
        return None
    pk, facts = found
    rows = _held(plan).filter(organisation=pk)
    points = _answered(facts.name, rows, sorted(each.year for each in rounds))
    now = [each for each, row in zip(points, rows, strict=True) if row.holds_on(day)]
    still = {each.row.code for each in now}
    before = [
        each
        for each, row in zip(points, rows, strict=True)
        if row.valid_until and row.valid_until <= day and each.row.code not in still
    ]
    now.sort(key=lambda each: _ROLES.index(each.role))
    return OrganisationDetail(facts, tuple(now), tuple(before))


def _held(plan: str) -> PeriodQuerySet[Responsibility]:
    """Return what organisations do for the points of a plan, in the order of the list."""
    return (
        Responsibility.objects.filter(action_point__plan__slug=plan)
        .select_related("action_point__pillar")
        .order_by("action_point__pillar", "action_point__code", "valid_from", "pk")
    )


def _answered(
    name: Name, rows: PeriodQuerySet[Responsibility], years: Sequence[int]
) -> list[AnsweredPoint]:
    """Return these rows with the public progress of their points; 2 queries."""
    points = ActionPoint.objects.filter(pk__in=rows.order_by().values("action_point"))
    progress = ProgressBook(points, years)
    found = []
    for each in rows:
        role, basis = ResponsibilityRole(each.role), Basis(each.basis)
        row = point_row(each.action_point, (Responsible(name, role, basis),), None, None)
        each_year = progress.of(each.action_point_id)
        found.append(AnsweredPoint(row, each_year, role, basis, each.valid_from, each.valid_until))
    return found

"""The list of action points: what can be chosen, which points are left, and one page of them.

Points are narrowed, ordered and counted in the database; only the rows that are shown are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from django.db.models import (
    Case,
    Count,
    Expression,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower, NullIf, Replace
from django.utils import timezone
from django.utils.translation import get_language

from actions.choices import (
    Basis,
    EvidenceClass,
    Origin,
    Progress,
    ResponsibilityRole,
    Schedule,
)
from actions.citations import Kind
from actions.models import (
    ActionPoint,
    ActionPointSource,
    Citation,
    EntrySource,
    EntryVersion,
    ParliamentaryDocument,
    ReportingRound,
    Responsibility,
    StatusEntry,
)
from actions.models.plan import ActionPointQuerySet
from actions.models.reporting import StatusEntryQuerySet
from actions.queries.conversions import evidence_class, point_row, reading
from actions.queries.names import ResponsibilityBook, to_choose_from
from actions.queries.records import (
    ListedPoint,
    Name,
    PlanFacts,
    PointRow,
    Reading,
    Responsible,
    Round,
)
from actions.queries.stands import SOURCE
from actions.search import Query, index

PAGE_SIZE: Final = 50

# What of a text is public; a reference in an internal note is not.
_PUBLIC_TEXTS: Final = ("narrative", "outlook", "discontinued_reason", "informed_reference")
_OF_PARLIAMENT: Final = (
    *(Kind.KAMERSTUK, Kind.KAMERDOSSIER, Kind.PARLIS, Kind.HANDELINGEN, Kind.AANHANGSEL),
)


@dataclass(frozen=True, slots=True)
class PointPage:
    """One page of the points that are left, with how many there are on all pages together."""

    points: tuple[ListedPoint, ...]
    in_plan: int
    outside: int


@dataclass(frozen=True, slots=True)
class PointInFile:
    """An action point with what is public of it over one year; names by the date of its letter.

    `written` is None when nothing is public of it over that year.
    """

    code: str
    official_number: str
    title_nl: str
    title_en: str
    pillar: int
    pillar_title: str
    in_plan: bool
    evidence_class: EvidenceClass | None
    starts_on: date | None
    due_on: date | None
    year: int | None
    progress: Progress | None
    responsible: tuple[Responsible, ...]
    sources: tuple[str, ...]
    written: Written | None


@dataclass(frozen=True, slots=True)
class Written:
    """A public text of one year, as it was written, with the sources it rests on."""

    basis: Basis | None
    schedule: Schedule
    continues_after_plan: bool | None
    discontinued_reason: str
    narrative: str
    outlook: str
    reported_with: str
    origin: Origin
    sources: tuple[str, ...]


class PointList:
    """The action points of one plan, to choose from; 1 query besides those of its arguments."""

    def __init__(self, facts: PlanFacts, rounds: Sequence[Round], state: str) -> None:
        self.facts = facts
        self.rounds = rounds
        self._state = state
        self._day = timezone.localdate()
        self._ministries, self._implementers = to_choose_from(facts.slug, self._day)

    def ministries(self) -> list[Name]:
        """Return the ministries of the plan by their name of today."""
        return self._ministries.all(self._day)

    def implementers(self) -> list[Name]:
        """Return who carries out a point of the plan today, by the name of today."""
        return self._implementers.all(self._day)

    def slug_of(self, ministry: str) -> str | None:
        """Return the slug of a ministry of the plan, by any abbreviation it ever had."""
        return self._ministries.slug_of(ministry)

    def implementer_slug_of(self, organisation: str) -> str | None:
        """Return the slug of who carries out a point, by any abbreviation it ever had."""
        return self._implementers.slug_of(organisation)

    # Conditions on action points, to choose some of them with.

    def all(self) -> ActionPointQuerySet:
        return ActionPoint.objects.filter(plan__slug=self.facts.slug)

    def answered_for_by(self, slug: str) -> Q:
        """The points a ministry answers for today; not those it only carries out."""
        held = self._held_today().exclude(role=ResponsibilityRole.IMPLEMENTING)
        return Q(pk__in=held.filter(organisation__slug=slug).values("action_point"))

    def carried_out_by(self, slug: str) -> Q:
        held = self._held_today().filter(role=ResponsibilityRole.IMPLEMENTING)
        return Q(pk__in=held.filter(organisation__slug=slug).values("action_point"))

    def with_progress(self, progress: Progress, year: int | None) -> Q:
        """The points that stand so; where nothing is public, the report is not available."""
        if year is None:
            return Q(pk__in=[])
        told = self._public(year).exclude(published_version__progress="")
        if progress != Progress.SOURCE_MISSING:
            return _points_of(told.filter(published_version__progress=progress))
        return ~_points_of(told.exclude(published_version__progress=progress))

    def continuing(self, answer: bool | None, year: int | None) -> Q:
        """The points that go on after the plan, that do not, or (None) of which it is not known."""
        told = self._public(year).filter(published_version__continues_after_plan__isnull=False)
        if answer is None:
            return ~_points_of(told)
        return _points_of(told.filter(published_version__continues_after_plan=answer))

    def with_document(self, year: int | None) -> Q:
        """The points of which the text or its sources of a year name a parliamentary document.

        Everything that is known of a year rests on its letter and report, so those do not count.
        """
        public = self._public(year)
        cited = Citation.objects.filter(
            entry_version__in=public.values("published_version"),
            field__in=_PUBLIC_TEXTS,
            kind__in=[kind.value for kind in _OF_PARLIAMENT],
        ).exclude(document__in=self._own_documents(year))
        sources = EntrySource.objects.filter(
            version__in=public.values("published_version"), source__document__isnull=False
        ).exclude(source__document__in=self._own_documents(year))
        return Q(pk__in=cited.values("entry_version__entry__action_point")) | Q(
            pk__in=sources.values("version__entry__action_point")
        )

    def with_words(self, query: Query) -> Q:
        """The points of which the public texts of all years have these words.

        1 query when something public changed since the last search, and else none.
        """
        words = _words_of(self.facts.slug, self._state)
        return Q(pk__in=[point for point, text in words.items() if query.finds(text)])

    # What is left.

    def page(
        self, points: ActionPointQuerySet, year: int | None, order: str, number: int
    ) -> PointPage | None:
        """Return one page of these points; None when they do not reach that far; 3 queries."""
        start = (number - 1) * PAGE_SIZE
        if start and start >= self.facts.in_plan + self.facts.outside:
            return None
        shown = self._ordered(points, year, order)[start : start + PAGE_SIZE]
        rows = list(
            self._ordered(ActionPoint.objects.filter(pk__in=shown.values("pk")), year, order)
            .select_related("pillar")
            .annotate(
                in_plan_left=_count(points.filter(in_plan=True)),
                # Most plans have none, and to count them takes as long.
                outside_left=_count(points.filter(in_plan=False))
                if self.facts.outside
                else Value(0),
            )
        )
        if not rows:
            return None if start else PointPage((), 0, 0)
        counts: dict[str, int] = vars(rows[0])
        return PointPage(
            tuple(self._listed(rows, year)), counts["in_plan_left"], counts["outside_left"]
        )

    def points(self, year: int | None) -> list[ListedPoint]:
        """Return every point with its progress of one year; 3 queries."""
        return self._listed(self._ordered(self.all(), year, "").select_related("pillar"), year)

    def counts(self, conditions: Mapping[str, Q]) -> dict[str, tuple[int, int]]:
        """Return how many points meet each condition, in the plan and outside it; 1 query."""
        counted: dict[str, int] = self.all().aggregate(
            **{
                f"{name}_{inside}": Count("pk", filter=condition & Q(in_plan=inside))
                for name, condition in conditions.items()
                for inside in (True, False)
            }
        )
        return {name: (counted[f"{name}_True"], counted[f"{name}_False"]) for name in conditions}

    def in_file(
        self, points: ActionPointQuerySet, year: int | None, order: str
    ) -> list[PointInFile]:
        """Return all these points with what is public of them over one year; 4 queries."""
        shown = next((each for each in self.rounds if each.year == year), None)
        day = (shown and shown.sent_on) or self._day
        responsible = ResponsibilityBook(
            Responsibility.objects.filter(action_point__in=points.order_by().values("pk"))
        )
        versions = {
            version.entry.action_point_id: version
            for version in EntryVersion.objects.filter(
                published_for__in=self._public(year)
            ).select_related("entry", "reported_with__action_point")
        }
        sources = _sources_in_file(points, self._public(year))
        found = []
        for point in self._ordered(points, year, order).select_related("pillar"):
            version = versions.get(point.pk)
            row = _row(point, responsible.on(point.pk, day), year)
            found.append(
                PointInFile(
                    code=point.code,
                    official_number=point.official_number,
                    title_nl=point.title_nl,
                    title_en=point.title_en,
                    pillar=point.pillar_id,
                    pillar_title=point.pillar.title_nl,
                    in_plan=point.in_plan,
                    evidence_class=evidence_class(point),
                    starts_on=point.starts_on,
                    due_on=point.due_on,
                    year=year,
                    progress=row.progress,
                    responsible=row.responsible,
                    sources=tuple(sources["point", point.pk]),
                    written=_written(version, sources["text", point.pk]) if version else None,
                )
            )
        return found

    def _held_today(self) -> QuerySet[Responsibility]:
        return Responsibility.objects.on(self._day).filter(action_point__plan__slug=self.facts.slug)

    def _public(self, year: int | None) -> StatusEntryQuerySet:
        """What is public of the plan over one year; nothing when no year is open."""
        return StatusEntry.objects.public().filter(
            action_point__plan__slug=self.facts.slug, round__year=year or 0
        )

    def _own_documents(self, year: int | None) -> QuerySet[ParliamentaryDocument]:
        """The letter and the report of a year."""
        rounds = ReportingRound.objects.filter(plan__slug=self.facts.slug, year=year or 0)
        return ParliamentaryDocument.objects.filter(
            Q(letter_of_round__in=rounds) | Q(report_of_round__in=rounds)
        )

    def _listed(self, points: Iterable[ActionPoint], year: int | None) -> list[ListedPoint]:
        rows = list(points)
        keys = [point.pk for point in rows]
        responsible = ResponsibilityBook(Responsibility.objects.filter(action_point__in=keys))
        sources: dict[int, list[Reading]] = defaultdict(list)
        for each in ActionPointSource.objects.filter(action_point__in=keys).select_related(*SOURCE):
            sources[each.action_point_id].append(reading(each.source, each.detail))
        return [
            ListedPoint(
                _row(point, responsible.on(point.pk, self._day), year), tuple(sources[point.pk])
            )
            for point in rows
        ]

    def _ordered(
        self, points: ActionPointQuerySet, year: int | None, order: str
    ) -> ActionPointQuerySet:
        """Put points in order, with how they stand in a year; those outside the plan come last."""
        told = self._public(year).filter(action_point=OuterRef("pk")).order_by()
        stood = points.annotate(
            **{
                name: Subquery(told.values(f"published_version__{name}")[:1])
                for name in ("progress", "progress_basis")
            }
        )
        keys: list[Expression] = []
        if order == "ministerie":
            keys = [self._ministry_rank()]
        elif order == "voortgang":
            keys = [_progress_rank(told)]
        elif order == "titel":
            keys = [_title()]
        return stood.order_by("-in_plan", *keys, "pillar", "code")

    def _ministry_rank(self) -> Expression:
        """Return the place of who holds the pen today, by the abbreviation of today."""
        lead = self._held_today().filter(action_point=OuterRef("pk"), role=ResponsibilityRole.LEAD)
        ranks = [
            When(organisation__slug=each.slug, then=Value(rank))
            for rank, each in enumerate(self.ministries())
        ]
        ranked = lead.order_by().annotate(rank=Case(*ranks, default=Value(len(ranks))))
        return Coalesce(Subquery(ranked.values("rank")[:1]), Value(len(ranks)))


def _points_of(entries: StatusEntryQuerySet) -> Q:
    return Q(pk__in=entries.values("action_point"))


def _count(points: ActionPointQuerySet) -> Expression:
    """Count points within another query; apart from its rows, so that it is done once."""
    counted = points.order_by().values("plan").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), Value(0))


def _progress_rank(told: StatusEntryQuerySet) -> Expression:
    """Return the place of a progress among all; last where nothing is public."""
    ranks = [
        When(published_version__progress=each, then=Value(rank))
        for rank, each in enumerate(Progress)
    ]
    last = Value(len(ranks) - 1)
    ranked = told.annotate(rank=Case(*ranks, default=last)).values("rank")
    return Coalesce(Subquery(ranked[:1]), last)


def _title() -> Expression:
    """Return the title in the language of the page, as it is put in order."""
    title: Expression | F = F("title_nl")
    if get_language() == "en":
        title = Coalesce(NullIf("title_en", Value("")), title)
    # A title may begin with a word in brackets.
    return Lower(Replace(title, Value("("), Value("")))


def _row(point: ActionPoint, responsible: tuple[Responsible, ...], year: int | None) -> PointRow:
    """Return a point that was read with how it stands in a year."""
    stood: dict[str, str | None] = vars(point)
    progress, basis = stood["progress"], stood["progress_basis"]
    missing = Progress.SOURCE_MISSING if year else None
    return point_row(
        point,
        responsible,
        Progress(progress) if progress else missing,
        Basis(basis) if basis else None,
    )


def _written(version: EntryVersion, sources: Iterable[str]) -> Written:
    return Written(
        basis=Basis(version.progress_basis) if version.progress_basis else None,
        schedule=Schedule(version.schedule),
        continues_after_plan=version.continues_after_plan,
        discontinued_reason=version.discontinued_reason,
        narrative=version.narrative,
        outlook=version.outlook,
        reported_with=version.reported_with.action_point.code if version.reported_with else "",
        origin=Origin(version.origin),
        sources=tuple(sources),
    )


def _sources_in_file(
    points: ActionPointQuerySet, public: StatusEntryQuerySet
) -> dict[tuple[str, int], list[str]]:
    """Return the sources of points, and those of their texts of one year; 1 query."""
    of_points = ActionPointSource.objects.filter(action_point__in=points.order_by().values("pk"))
    of_texts = EntrySource.objects.filter(version__in=public.values("published_version"))
    columns = ("pk", "source__code", "source__title")
    rows = (
        of_points.order_by()
        .annotate(of=Value("point"))
        .values_list("of", "action_point", *columns)
        .union(
            of_texts.order_by()
            .annotate(of=Value("text"))
            .values_list("of", "version__entry__action_point", *columns),
            all=True,
        )
    )
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for of, point, _key, code, title in sorted(rows):
        found[of, point].append(f"{code} {title}")
    return found


@lru_cache(maxsize=4)
def _words_of(plan: str, _state: str) -> Mapping[int, str]:
    """Return the words of each point: its own and those of its texts of all years; 1 query.

    Kept as long as nothing public changes: for a large plan this is much to read.
    """
    own = ActionPoint.objects.filter(plan__slug=plan).values_list(
        *("pk", "code", "title_nl", "title_en", "description", "official_number", "official_text")
    )
    told = (
        StatusEntry.objects.public()
        .filter(action_point__plan__slug=plan)
        .annotate(none=Value(""), nothing=Value(""))
        .values_list(
            "action_point",
            *(f"published_version__{name}" for name in _PUBLIC_TEXTS),
            *("none", "nothing"),
        )
    )
    texts: dict[int, list[str]] = defaultdict(list)
    for point, *written in own.order_by().union(told.order_by(), all=True):
        texts[point] += written
    return {point: index(written) for point, written in texts.items()}

"""What everyone may read. Nothing here returns a draft, a remark or an internal note."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from actions.choices import Basis, EvidenceClass, Progress
from actions.models import (
    ActionPoint,
    ActionPointLink,
    ActionPointSource,
    Correction,
    Plan,
    Responsibility,
    StatusEntry,
)
from actions.queries.conversions import (
    document_record,
    evidence_class,
    point_row,
    reading,
    round_record,
    title_language,
)
from actions.queries.moments import public_changes
from actions.queries.names import ResponsibilityBook, ministries, participants
from actions.queries.records import (
    Corrected,
    ListedPoint,
    Name,
    Participant,
    PlanFacts,
    PointDetail,
    PointLink,
    Reading,
    Round,
    YearOfPoint,
)
from actions.queries.stands import (
    SOURCE,
    progress_per_pillar,
    public_stands,
    responsibilities,
    rounds_of,
    stand_record,
)
from actions.queries.years import year_report
from actions.search import fold

__all__ = [
    "PointList",
    "action_point",
    "participants_today",
    "plan_facts",
    "point_list",
    "progress_per_pillar",
    "public_changes",
    "released_rounds",
    "rounds",
    "year_report",
]


def plan_facts(slug: str | None = None) -> PlanFacts | None:
    """Return a plan, by default the current one, with what the list here holds of it."""
    plan = (
        _plans(slug)
        .select_related("document__annex_of")
        .annotate(**_point_counts("action_points"))
        .first()
    )
    return _facts(plan, plan) if plan else None


def _point_counts(points: str) -> dict[str, Count]:
    """Return the counts of `PlanFacts` over a relation to the action points of a plan."""
    in_plan = Q(**{f"{points}__in_plan": True})
    numbered = in_plan & ~Q(**{f"{points}__official_number": ""})
    counts = {
        "in_plan_count": Count(points, filter=in_plan),
        "outside_count": Count(points, filter=Q(**{f"{points}__in_plan": False})),
        "official_count": Count(points, filter=numbered),
    }
    for each in EvidenceClass:
        of_class = Q(**{f"{points}__evidence_class": each})
        counts[f"class_{each.value}_count"] = Count(points, filter=of_class)
    return counts


def _facts(plan: Plan, counted: Plan | ActionPoint) -> PlanFacts:
    """Return the facts of a plan from the row on which `_point_counts` were annotated."""
    count: dict[str, int] = vars(counted)
    return PlanFacts(
        slug=plan.slug,
        title=plan.title,
        document=document_record(plan.document),
        expected=plan.expected_action_points,
        in_plan=count["in_plan_count"],
        outside=count["outside_count"],
        officially_numbered=count["official_count"],
        per_class={each: count[f"class_{each.value}_count"] for each in EvidenceClass},
    )


def rounds(plan: str) -> list[Round]:
    """Return the years of reporting of a plan, oldest first, also those not out yet."""
    return [round_record(each) for each in rounds_of(plan)]


def released_rounds(plan: str) -> list[Round]:
    """Return the years of reporting that are open to everyone, newest first; 1 query."""
    return [round_record(each) for each in rounds_of(plan).released().order_by("-year")]


def participants_today(plan: str) -> tuple[Participant, ...]:
    """Return who takes part in a plan by the names of today, the coordinator first; 1 query."""
    return participants(plan, timezone.localdate())


class PointList:
    """The action points of one plan as a list to choose from; 6 queries for any length."""

    def __init__(self, points: Sequence[ActionPoint]) -> None:
        plan = points[0].plan
        self._points = points
        self._day = timezone.localdate()
        self._responsible = ResponsibilityBook(responsibilities(plan.slug))
        self._ministries = ministries(plan.slug)
        self.facts = _counted(plan, points)
        self.rounds = released_rounds(plan.slug)

    def ministries(self) -> list[Name]:
        """Return the ministries of the plan by their name of today."""
        return self._ministries.ministries(self._day)

    def slug_of(self, ministry: str) -> str | None:
        """Return the slug of a ministry of the plan, by any abbreviation it ever had."""
        return self._ministries.slug_of(ministry)

    def points(self, year: int | None, *, with_texts: bool) -> list[ListedPoint]:
        """Return every point with its progress of one year; the words only when asked for."""
        sources: dict[int, list[Reading]] = defaultdict(list)
        for each in ActionPointSource.objects.filter(
            action_point__in=[point.pk for point in self._points]
        ).select_related(*SOURCE):
            sources[each.action_point_id].append(reading(each.source, each.detail))
        progress, texts = _public_progress(self._points, year, with_texts=with_texts)
        return [
            ListedPoint(
                point_row(
                    point,
                    self._responsible.on(point.pk, self._day),
                    *progress.get(point.pk, (Progress.SOURCE_MISSING if year else None, None)),
                ),
                tuple(sources[point.pk]),
                _words(point, texts[point.pk]) if with_texts else "",
            )
            for point in self._points
        ]


def point_list(plan: str | None = None) -> PointList | None:
    """Return the list of a plan, by default the current one; None when there is no such list."""
    points = list(
        ActionPoint.objects.filter(plan__in=_plans(plan).values("pk")).select_related(
            "pillar", "plan__document__annex_of"
        )
    )
    return PointList(points) if points else None


def _counted(plan: Plan, points: Sequence[ActionPoint]) -> PlanFacts:
    """Return the same facts as `plan_facts`, from points that were already read."""
    in_plan = [point for point in points if point.in_plan]
    classes = Counter(point.evidence_class for point in points)
    return PlanFacts(
        slug=plan.slug,
        title=plan.title,
        document=document_record(plan.document),
        expected=plan.expected_action_points,
        in_plan=len(in_plan),
        outside=len(points) - len(in_plan),
        officially_numbered=sum(point.official_number != "" for point in in_plan),
        per_class={each: classes[each.value] for each in EvidenceClass},
    )


def _words(point: ActionPoint, texts: Iterable[str]) -> str:
    """Return all public text of a point, folded, for the search to look in."""
    own = (point.code, point.title_nl, point.title_en, point.description)
    official = (point.official_number, point.official_text)
    return fold("\n".join((*own, *official, *texts)))


def action_point(code: str, plan: str | None = None) -> PointDetail | None:
    """Return one action point with every public year, or None when it is not there.

    8 queries, and 1 more when one of its public texts was corrected.
    """
    point = (
        ActionPoint.objects.filter(plan__in=_plans(plan).values("pk"), code=code)
        .select_related("pillar", "plan__document__annex_of")
        .annotate(**_point_counts("plan__action_points"))
        .first()
    )
    if point is None:
        return None
    responsible = ResponsibilityBook(Responsibility.objects.filter(action_point=point))
    return PointDetail(
        code=point.code,
        title=point.title,
        title_language=title_language(point),
        plan=_facts(point.plan, point),
        pillar=point.pillar_id,
        pillar_title=point.pillar.title,
        official_number=point.official_number,
        official_text=point.official_text,
        description=point.description,
        time_path=point.time_path,
        starts_on=point.starts_on,
        due_on=point.due_on,
        in_plan=point.in_plan,
        evidence_class=evidence_class(point),
        evidence_note=point.evidence_note,
        responsible=responsible.on(point.pk, timezone.localdate()),
        principles=tuple(str(principle) for principle in point.principles.all()),
        sources=tuple(
            reading(each.source, each.detail) for each in point.sources.select_related(*SOURCE)
        ),
        links=_links(point),
        years=_years(point, responsible),
    )


def _plans(slug: str | None) -> QuerySet[Plan]:
    return Plan.objects.filter(slug=slug) if slug else Plan.objects.current()


def _public_progress(
    points: Iterable[ActionPoint], year: int | None, *, with_texts: bool
) -> tuple[dict[int, tuple[Progress, Basis | None]], dict[int, list[str]]]:
    """Return (progress, basis) per point of one year, and the texts of all years; 1 query."""
    progress: dict[int, tuple[Progress, Basis | None]] = {}
    texts: dict[int, list[str]] = defaultdict(list)
    # Without a year no round is open to everyone, so nothing is public.
    if year is None:
        return progress, texts
    entries = StatusEntry.objects.public().filter(action_point__in=[point.pk for point in points])
    if not with_texts:
        entries = entries.filter(round__year=year)
    for point, of_year, value, basis, *written in entries.values_list(
        "action_point",
        "round__year",
        "published_version__progress",
        "published_version__progress_basis",
        "published_version__narrative",
        "published_version__outlook",
    ):
        texts[point] += written
        if of_year == year and value:
            progress[point] = (Progress(value), Basis(basis) if basis else None)
    return progress, texts


def _years(point: ActionPoint, responsible: ResponsibilityBook) -> tuple[YearOfPoint, ...]:
    """Return every released year, newest first, with the text that covers the point."""
    own = StatusEntry.objects.filter(action_point=point)
    shown = Q(action_point=point) | Q(pk__in=own.values("published_version__reported_with"))
    entries = {entry.pk: entry for entry in public_stands(StatusEntry.objects.filter(shown))}
    corrections = _corrections(entries.values())
    mine = {
        entry.round_id: entry for entry in entries.values() if entry.action_point_id == point.pk
    }
    years = []
    for each in rounds_of(point.plan.slug).released().order_by("-year"):
        entry = mine.get(each.pk)
        version = entry.published_version if entry else None
        covering = entries.get(version.reported_with_id or 0) if version else None
        years.append(
            YearOfPoint(
                round_record(each),
                stand_record(entry, responsible) if entry else None,
                stand_record(covering, responsible) if covering else None,
                tuple(
                    Corrected(timezone.localdate(each.at), each.reason)
                    for each in corrections
                    if each.entry in (entry, covering)
                ),
            )
        )
    return tuple(years)


def _corrections(entries: Iterable[StatusEntry]) -> list[Correction]:
    """Return what was corrected after it was public, newest first; no query when nothing was."""
    corrected = [entry.pk for entry in entries if vars(entry)["corrected"]]
    if not corrected:
        return []
    rows = Correction.objects.filter(entry__in=corrected).select_related("entry")
    return list(rows.filter(at__gte=F("entry__round__released_at")).order_by("-at", "-pk"))


def _links(point: ActionPoint) -> tuple[PointLink, ...]:
    links = ActionPointLink.objects.filter(Q(from_point=point) | Q(to_point=point)).select_related(
        "from_point__plan", "to_point__plan"
    )
    found = []
    for link in links:
        other = link.to_point if link.from_point_id == point.pk else link.from_point
        found.append(
            PointLink(
                code=other.code if other else "",
                title=other.title if other else "",
                plan=other.plan.slug if other else "",
                label=link.get_kind_display(),
                reason=link.reason,
            )
        )
    return tuple(found)

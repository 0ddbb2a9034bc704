"""What everyone may read. Nothing here returns a draft, a remark or an internal note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypeAlias

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.utils import timezone

from actions.choices import EvidenceClass
from actions.models import (
    ActionPoint,
    ActionPointLink,
    Plan,
    Responsibility,
    StatusEntry,
    UngpPrinciple,
)
from actions.queries.changes import changes_since
from actions.queries.conversions import (
    document_record,
    evidence_class,
    principle_record,
    reading,
    round_record,
    title_language,
)
from actions.queries.listing import PointList
from actions.queries.moments import public_changes
from actions.queries.names import ResponsibilityBook, participants
from actions.queries.news import followed_ministry, followed_point, news
from actions.queries.organisations import organisation_detail, organisation_lists, tally
from actions.queries.pillars import pillar_detail
from actions.queries.places import places
from actions.queries.principles import listed_principles, principle_detail
from actions.queries.process import due_dates, process
from actions.queries.records import (
    Corrected,
    Neighbour,
    Participant,
    PlanFacts,
    PointDetail,
    PointLink,
    Principle,
    Round,
    YearOfPoint,
)
from actions.queries.register import (
    document_addresses,
    document_detail,
    listed_documents,
    registered_documents,
)
from actions.queries.reported import known_codes
from actions.queries.stands import (
    SOURCE,
    progress_per_pillar,
    progress_per_year,
    public_stands,
    rounds_of,
    stand_record,
)
from actions.queries.years import year_report

__all__ = [
    "document_addresses",
    "document_detail",
    "listed_documents",
    "registered_documents",
    "tally",
    "PointList",
    "action_point",
    "listed_principles",
    "changes_since",
    "due_dates",
    "followed_ministry",
    "followed_point",
    "news",
    "known_codes",
    "organisation_detail",
    "organisation_lists",
    "participants_today",
    "places",
    "pillar_detail",
    "plan_facts",
    "point_list",
    "principle_detail",
    "process",
    "progress_per_pillar",
    "progress_per_year",
    "public_changes",
    "released_rounds",
    "rounds",
    "year_report",
]

# What a page shows of the points beside its own.
_NEIGHBOUR: Final = ("code", "title_nl", "title_en")


def plan_facts(slug: str | None = None) -> PlanFacts | None:
    """Return a plan, by default the current one, with what the list here holds of it."""
    plan = (
        _plans(slug)
        .select_related("document__annex_of")
        .annotate(point_counts=_point_counts("pk"))
        .first()
    )
    return _facts(plan, plan) if plan else None


def _point_counts(plan: str) -> Combinable:
    """Return the counts of `PlanFacts` for the plan in this field, as one value.

    Counted beside the row and not joined to it: grouping every field of a plan by thousands of
    points takes ten times as long.
    """
    in_plan = Q(in_plan=True)
    counts: dict[str, Count] = {
        "in_plan": Count("pk", filter=in_plan),
        "outside": Count("pk", filter=~in_plan),
        "official": Count("pk", filter=in_plan & ~Q(official_number="")),
    }
    for each in EvidenceClass:
        counts[each.value] = Count("pk", filter=Q(evidence_class=each))
    points = ActionPoint.objects.filter(plan=OuterRef(plan)).order_by().values("plan")
    return Subquery(points.annotate(counts=JSONObject(**counts)).values("counts"))


def _facts(plan: Plan, counted: Plan | ActionPoint) -> PlanFacts:
    """Return the facts of a plan from the row on which `_point_counts` were annotated."""
    # A plan without points has no counts.
    count: Mapping[str, int] = vars(counted)["point_counts"] or {}
    return PlanFacts(
        slug=plan.slug,
        title=plan.title,
        document=document_record(plan.document),
        expected=plan.expected_action_points,
        in_plan=count.get("in_plan", 0),
        outside=count.get("outside", 0),
        officially_numbered=count.get("official", 0),
        per_class={each: count.get(each.value, 0) for each in EvidenceClass},
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


def point_list(plan: str | None = None, *, state: str) -> PointList | None:
    """Return the list of a plan, by default the current one; None when it has none; 3 queries.

    What it keeps to search in holds for one state of what is public; see `actions.pages`.
    """
    facts = plan_facts(plan)
    if facts is None or not facts.in_plan + facts.outside:
        return None
    return PointList(facts, released_rounds(facts.slug), state)


def action_point(code: str, plan: str | None = None) -> PointDetail | None:
    """Return one action point with every public year, or None when it is not there; 7 queries."""
    found = list(_point(code, plan))
    if not found:
        return None
    point = found[0]
    annotated = vars(point)
    responsible = ResponsibilityBook(Responsibility.objects.filter(action_point=point))
    entries, corrections = _entries(point)
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
        principles=tuple(_principles(found)),
        sources=tuple(
            reading(each.source, each.detail) for each in point.sources.select_related(*SOURCE)
        ),
        links=_links(point),
        years=_years(point, responsible, entries, corrections),
        is_current=bool(annotated["is_current"]),
        updated_on=_updated_on(entries.values(), corrections),
        previous=_neighbour(annotated["previous"]),
        next=_neighbour(annotated["next"]),
    )


def _point(code: str, plan: str | None) -> QuerySet[ActionPoint]:
    """Return the point once for each of its principles, or once without any; 1 query."""
    in_this_plan = ActionPoint.objects.filter(plan=OuterRef("plan"))
    own = OuterRef("pillar")
    before = in_this_plan.filter(Q(pillar__lt=own) | Q(pillar=own, code__lt=OuterRef("code")))
    after = in_this_plan.filter(Q(pillar__gt=own) | Q(pillar=own, code__gt=OuterRef("code")))
    return (
        ActionPoint.objects.filter(plan__in=_plans(plan).values("pk"), code=code)
        .select_related("pillar", "plan__document__annex_of")
        .annotate(
            principle_number=F("principles__number"),
            principle_pillar=F("principles__pillar"),
            principle_nl=F("principles__title_nl"),
            principle_en=F("principles__title_en"),
            is_current=Exists(Plan.objects.current().filter(pk=OuterRef("plan"))),
            previous=_neighbour_in(before.order_by("-pillar_id", "-code")),
            next=_neighbour_in(after.order_by("pillar_id", "code")),
            point_counts=_point_counts("plan"),
        )
        .order_by("principle_number")
    )


def _neighbour_in(points: QuerySet[ActionPoint]) -> Combinable:
    return Subquery(points.values(found=JSONObject(**{each: each for each in _NEIGHBOUR}))[:1])


def _neighbour(found: Mapping[str, str] | None) -> Neighbour | None:
    if found is None:
        return None
    other = ActionPoint(**found)
    return Neighbour(other.code, other.title, title_language(other))


def _principles(found: Iterable[ActionPoint]) -> Iterator[Principle]:
    for point in found:
        numbers: dict[str, int | None] = vars(point)
        titles: dict[str, str] = vars(point)
        number, pillar = numbers["principle_number"], numbers["principle_pillar"]
        if number is not None and pillar is not None:
            dutch, english = titles["principle_nl"], titles["principle_en"]
            yield principle_record(
                UngpPrinciple(number=number, pillar_id=pillar, title_nl=dutch, title_en=english)
            )


def _plans(slug: str | None) -> QuerySet[Plan]:
    return Plan.objects.filter(slug=slug) if slug else Plan.objects.current()


_Corrections: TypeAlias = Mapping[int, Sequence[tuple[datetime, str]]]


def _entries(point: ActionPoint) -> tuple[dict[int, StatusEntry], _Corrections]:
    """Return what is public of a point, and what covers it, by key; and their corrections.

    Only what was corrected after it was public, newest first. 2 queries.
    """
    own = StatusEntry.objects.filter(action_point=point)
    shown = Q(action_point=point) | Q(pk__in=own.values("published_version__reported_with"))
    entries: dict[int, StatusEntry] = {}
    corrections: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    # Once for each correction of an entry.
    for entry in public_stands(StatusEntry.objects.filter(shown)).annotate(
        corrected_at=F("corrections__at"), correction=F("corrections__reason")
    ):
        entries[entry.pk] = entry
        at: datetime | None = vars(entry)["corrected_at"]
        if at and entry.round.released_at and at >= entry.round.released_at:
            corrections[entry.pk].append((at, vars(entry)["correction"]))
    return entries, corrections


def _years(
    point: ActionPoint,
    responsible: ResponsibilityBook,
    entries: Mapping[int, StatusEntry],
    corrections: _Corrections,
) -> tuple[YearOfPoint, ...]:
    """Return every released year, newest first, with the text that covers the point; 1 query."""
    mine = {
        entry.round_id: entry for entry in entries.values() if entry.action_point_id == point.pk
    }
    years = []
    for each in rounds_of(point.plan.slug).released().order_by("-year"):
        entry = mine.get(each.pk)
        version = entry.published_version if entry else None
        covering = entries.get(version.reported_with_id or 0) if version else None
        told = [*_told(entry, corrections), *_told(covering, corrections)]
        years.append(
            YearOfPoint(
                round_record(each),
                stand_record(entry, responsible) if entry else None,
                stand_record(covering, responsible) if covering else None,
                tuple(
                    Corrected(timezone.localdate(at), reason)
                    for at, reason in sorted(told, reverse=True)
                ),
            )
        )
    return tuple(years)


def _told(entry: StatusEntry | None, corrections: _Corrections) -> Sequence[tuple[datetime, str]]:
    return corrections.get(entry.pk, ()) if entry else ()


def _updated_on(entries: Iterable[StatusEntry], corrections: _Corrections) -> date | None:
    """Return the day on which the last of these texts, or of their corrections, became public."""
    moments = [entry.round.released_at for entry in entries if entry.round.released_at]
    moments += [at for each in corrections.values() for at, _reason in each]
    return timezone.localdate(max(moments)) if moments else None


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

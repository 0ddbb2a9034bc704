"""The UN Guiding Principles, and the action points of the current plan that are tied to them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q

from actions.models import ActionPoint, UngpPrinciple
from actions.queries.conversions import principle_record
from actions.queries.pillars import points_through_years
from actions.queries.records import ListedPrinciple, PlanFacts, PrincipleDetail, Round


def listed_principles(plan: str) -> list[tuple[str, list[ListedPrinciple]]]:
    """Return all principles under the titles of their pillars, in order; 1 query.

    With how many action points of a plan are tied to each; subjects outside it do not count.
    """
    tied = Count(
        "action_points", filter=Q(action_points__plan__slug=plan, action_points__in_plan=True)
    )
    groups: dict[int, tuple[str, list[ListedPrinciple]]] = {}
    principles = UngpPrinciple.objects.select_related("pillar").annotate(tied=tied)
    for each in principles.order_by("number"):
        _title, group = groups.setdefault(each.pillar_id, (each.pillar.title, []))
        group.append(ListedPrinciple(principle_record(each), each.tied))
    return list(groups.values())


def principle_detail(
    plan: PlanFacts | None, rounds: Sequence[Round], number: int
) -> PrincipleDetail | None:
    """Return one principle with what is tied to it in a plan; None unless it exists; 4 queries."""
    near = {
        each.number: each
        for each in UngpPrinciple.objects.filter(
            number__in=(number - 1, number, number + 1)
        ).select_related("pillar")
    }
    if number not in near:
        return None
    records = {number: principle_record(each) for number, each in near.items()}
    slug = plan.slug if plan else ""
    tied = ActionPoint.objects.filter(plan__slug=slug, principles=number)
    return PrincipleDetail(
        plan=plan,
        principle=records[number],
        pillar_title=near[number].pillar.title,
        previous=records.get(number - 1),
        next=records.get(number + 1),
        rounds=tuple(rounds),
        points=points_through_years(tied, slug, rounds),
    )

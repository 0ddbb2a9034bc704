"""The action points of one pillar, side by side over all years that are out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils import timezone

from actions.choices import Basis, Progress
from actions.models import ActionPoint, StatusEntry, UngpPrinciple
from actions.models.plan import ActionPointQuerySet
from actions.queries.conversions import point_row, principle_record
from actions.queries.names import ResponsibilityBook
from actions.queries.records import (
    PillarDetail,
    PlanFacts,
    PointThroughYears,
    Round,
    YearProgress,
)
from actions.queries.stands import responsibilities


def pillar_detail(plan: PlanFacts, rounds: Sequence[Round], number: int) -> PillarDetail | None:
    """Return one pillar of a plan over these released rounds; None unless it is there; 4 queries.

    A point without a public entry counts as "report not available", never as done.
    """
    principles = list(UngpPrinciple.objects.filter(pillar=number).select_related("pillar"))
    if not principles:
        return None
    points = ActionPoint.objects.filter(plan__slug=plan.slug, pillar=number)
    listed = points_through_years(points, plan.slug, rounds)
    return PillarDetail(
        plan=plan,
        number=number,
        title=principles[0].pillar.title,
        principles=tuple(principle_record(each) for each in principles),
        rounds=tuple(rounds),
        points=tuple(each for each in listed if each.row.in_plan),
        outside=tuple(each for each in listed if not each.row.in_plan),
    )


def points_through_years(
    points: ActionPointQuerySet, plan: str, rounds: Iterable[Round]
) -> tuple[PointThroughYears, ...]:
    """Return points of a plan with their progress over these released rounds; 3 queries."""
    years = sorted(each.year for each in rounds)
    responsible = ResponsibilityBook(responsibilities(plan).filter(action_point__in=points))
    progress = ProgressBook(points, years)
    today = timezone.localdate()
    found = []
    for point in points.select_related("pillar"):
        row = progress.of(point.pk)
        last = (row[-1].progress, row[-1].basis) if row else (None, None)
        found.append(
            PointThroughYears(point_row(point, responsible.on(point.pk, today), *last), row)
        )
    return tuple(found)


class ProgressBook:
    """The public progress of some points in these years; 1 query."""

    def __init__(self, points: ActionPointQuerySet, years: Sequence[int]) -> None:
        self._years = years
        self._known: dict[tuple[int, int], tuple[str, str]] = {
            (point, year): (progress, basis)
            for point, year, progress, basis in StatusEntry.objects.public()
            .filter(action_point__in=points)
            .values_list(
                "action_point",
                "round__year",
                "published_version__progress",
                "published_version__progress_basis",
            )
        }

    def of(self, point: int) -> tuple[YearProgress, ...]:
        """Return the progress of one point, a year each, in the order of the years."""
        return tuple(self._in_year(point, year) for year in self._years)

    def _in_year(self, point: int, year: int) -> YearProgress:
        progress, basis = self._known.get((point, year), ("", ""))
        if not progress:
            # Where nothing is public, the report is not available, as in every count.
            return YearProgress(year, Progress.SOURCE_MISSING, None)
        return YearProgress(year, Progress(progress), Basis(basis) if basis else None)

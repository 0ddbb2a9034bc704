"""What became public of the action points of the current plan, by the moment it did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from actions.choices import Basis, OrganisationKind, Progress, ResponsibilityRole
from actions.models import ActionPoint, Correction, Plan, Responsibility, StatusEntry
from actions.queries.organisations import OrganisationBook


@dataclass(frozen=True, slots=True)
class News:
    """That a year of an action point became public, or was corrected and why.

    `updated` is when the text that is public now took the place of the first one.
    """

    plan: str
    code: str
    title: str
    year: int
    progress: Progress | None
    basis: Basis | None
    narrative: str
    at: datetime
    updated: datetime
    # The version that the correction made public; 0 for the year itself.
    correction: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What somebody follows: an action point by its title, or a ministry by its name."""

    key: str
    title: str


def followed_point(code: str) -> Subject | None:
    """Return an action point of the current plan; 1 query."""
    points = ActionPoint.objects.filter(plan__in=Plan.objects.current(), code=code)
    return next((Subject(point.code, point.title) for point in points), None)


def followed_ministry(slug: str) -> Subject | None:
    """Return an organisation of the current plan by its name of today; 3 queries."""
    plan = Plan.objects.current().values_list("slug", flat=True).first()
    found = OrganisationBook(plan, timezone.localdate()).find(slug) if plan else None
    if found is None or found[1].slug != slug:
        return None
    return Subject(slug, found[1].name.full)


def news(*, code: str = "", ministry: str = "", most: int = 100) -> tuple[News, ...]:
    """Return what became public last, newest first, of all points, one, or those of a ministry.

    A ministry has those for which it answers today, not those that it only carries out; an
    organisation of another kind has those. 2 queries.
    """
    entries = StatusEntry.objects.public().filter(action_point__plan__in=Plan.objects.current())
    if code:
        entries = entries.filter(action_point__code=code)
    if ministry:
        entries = entries.filter(action_point__in=_held_by(ministry))
    found = [*_years(entries, most), *_corrections(entries, most)]
    return tuple(sorted(found, key=_newest_first)[:most])


def _held_by(organisation: str) -> QuerySet[Responsibility, int]:
    only_carries_out = Q(
        role=ResponsibilityRole.IMPLEMENTING, organisation__kind=OrganisationKind.MINISTRY
    )
    held = Responsibility.objects.on(timezone.localdate()).exclude(only_carries_out)
    return held.filter(organisation__slug=organisation).values_list("action_point", flat=True)


def _years(entries: QuerySet[StatusEntry], most: int) -> Iterable[News]:
    # What was corrected before the release was never public.
    out = Q(corrections__at__gte=F("round__released_at"))
    rows = (
        entries.select_related("action_point__plan", "round", "published_version")
        .annotate(corrected_at=Max("corrections__at", filter=out))
        .order_by("-round__released_at", "action_point__code")[:most]
    )
    for entry in rows:
        corrected_at: datetime | None = vars(entry)["corrected_at"]
        if released := entry.round.released_at:
            yield _news(entry, released, corrected_at or released)


def _corrections(entries: QuerySet[StatusEntry], most: int) -> Iterable[News]:
    rows = Correction.objects.filter(
        entry__in=entries.values("pk"), at__gte=F("entry__round__released_at")
    ).select_related(
        "entry__action_point__plan", "entry__round", "entry__published_version", "version"
    )
    for row in rows.order_by("-at", "-pk")[:most]:
        yield _news(row.entry, row.at, row.at, correction=row.version.number, reason=row.reason)


def _news(
    entry: StatusEntry, at: datetime, updated: datetime, *, correction: int = 0, reason: str = ""
) -> News:
    version = entry.published_version
    point = entry.action_point
    return News(
        plan=point.plan.slug,
        code=point.code,
        title=point.title_nl,
        year=entry.round.year,
        progress=Progress(version.progress) if version and version.progress else None,
        basis=Basis(version.progress_basis) if version and version.progress_basis else None,
        narrative=version.narrative if version else "",
        at=at,
        updated=updated,
        correction=correction,
        reason=reason,
    )


def _newest_first(each: News) -> tuple[float, str, int, int]:
    return (-each.at.timestamp(), each.code, each.year, -each.correction)

"""What one year of reporting says otherwise than another; only what is public."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models import F

from actions.choices import Progress
from actions.models import StatusEntry
from actions.queries.conversions import title_language
from actions.queries.records import Changes, PillarProgress, PointChange

_NO_DATA: Final = ("", Progress.SOURCE_MISSING)


def changes_since(
    plan: str, year: int, progress: Mapping[int, Iterable[PillarProgress]]
) -> Changes | None:
    """Return what a year says otherwise than the last one before it with data; at most 1 query.

    `progress` holds the years that are out. None when there is nothing to compare: of the year
    itself or of all before it no report was available.
    """
    earlier = sorted((each for each in progress if each < year), reverse=True)
    since = next((each for each in earlier if has_data(progress[each])), None)
    if since is None or not has_data(progress.get(year, ())):
        return None
    points = list(_different(plan, year, since))
    return Changes(
        since=since,
        unavailable=tuple(each for each in earlier if each > since),
        progress=tuple(each for each in points if not (each.is_new or each.is_gone)),
        new=tuple(each for each in points if each.is_new),
        gone=tuple(each for each in points if each.is_gone),
    )


def has_data(pillars: Iterable[PillarProgress]) -> bool:
    """Tell whether a report was available about any point of a year."""
    return any(
        count and progress != Progress.SOURCE_MISSING
        for pillar in pillars
        for progress, count in pillar.counts.items()
    )


def _different(plan: str, year: int, since: int) -> Iterable[PointChange]:
    """Yield the in-plan points of which both years say something, and not the same; 1 query."""
    # The other year is joined: one question asked again for each entry takes ten times as long.
    other = "action_point__entries"
    earlier = StatusEntry.objects.public().filter(round__year=since)
    entries = (
        StatusEntry.objects.public()
        .in_plan()
        .filter(action_point__plan__slug=plan, round__year=year)
        .exclude(published_version__progress__in=_NO_DATA)
        .filter(**{f"{other}__in": earlier.order_by()})
        .annotate(before=F(f"{other}__published_version__progress"))
        .exclude(before__in=_NO_DATA)
        .exclude(before=F("published_version__progress"))
        .annotate(after=F("published_version__progress"))
        .select_related("action_point__pillar")
        .order_by("action_point__pillar", "action_point__code")
    )
    for entry in entries:
        found: dict[str, str] = vars(entry)
        point = entry.action_point
        yield PointChange(
            code=point.code,
            title=point.title,
            title_language=title_language(point),
            before=Progress(found["before"]),
            after=Progress(found["after"]),
        )

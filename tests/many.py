"""A plan of any size, for figures and for tests of growth."""

from __future__ import annotations

from datetime import date, datetime
from itertools import cycle

from django.db.models import QuerySet
from django.utils import timezone

from actions.choices import EntryState, Origin, Progress
from actions.models import (
    ActionPoint,
    EntrySource,
    EntryVersion,
    Organisation,
    ParliamentaryDocument,
    Plan,
    PlanParticipant,
    ReportingRound,
    Responsibility,
    Source,
    StatusEntry,
)
from napmonitor.accounts.models import User

FIRST_YEAR = 2010


def many_points(points: int, years: int) -> Plan:
    """Make the current plan one of `points` action points, reported on and released each year.

    The texts are those of the real plan over 2023, in turn. Only for an empty or a test database.
    """
    texts = list(
        EntryVersion.objects.exclude(narrative="")
        .filter(entry__round__year=2023, entry__round__plan__slug="2022-2026")
        .values_list("narrative", flat=True)
    )
    plan = Plan.objects.create(
        # Sorts after every period of years, so that it is the current plan.
        slug=f"bench-{points:05}",
        title_nl="Groot plan",
        title_en="Large plan",
        expected_action_points=points,
    )
    ministries = list(Organisation.objects.filter(kind="ministry"))
    PlanParticipant.objects.create(plan=plan, organisation=ministries[0], coordinates=True)
    made = QuerySet[ActionPoint](ActionPoint).bulk_create(
        ActionPoint(
            plan=plan,
            pillar_id=number % 3 + 1,
            code=f"p{number}",
            title_nl=f"Actiepunt {number}",
            title_en=f"Action point {number}",
            evidence_class="B",
        )
        for number in range(1, points + 1)
    )
    QuerySet[Responsibility](Responsibility).bulk_create(
        Responsibility(action_point=point, organisation=ministry, role="lead", basis="stated")
        for point, ministry in zip(made, cycle(ministries), strict=False)
    )
    for year in range(FIRST_YEAR, FIRST_YEAR + years):
        _report(plan, made, year, texts)
    return plan


def _report(plan: Plan, points: list[ActionPoint], year: int, texts: list[str]) -> None:
    letter = ParliamentaryDocument.objects.create(
        kind="letter",
        title=f"Brief {year}",
        date=date(year, 10, 1),
        document_number=f"{year}D{plan.pk:05}",
    )
    each = ReportingRound.objects.create(
        plan=plan,
        year=year,
        letter=letter,
        released_at=timezone.make_aware(datetime(year, 10, 1)),
    )
    entries = StatusEntry.objects.bulk_create(
        StatusEntry(action_point=point, round=each, state=EntryState.RECONSTRUCTED)
        for point in points
    )
    author = User.objects.system()
    versions = EntryVersion.objects.bulk_create(
        EntryVersion(
            entry=entry,
            number=1,
            author=author,
            origin=Origin.RECONSTRUCTED,
            progress=Progress.IN_PROGRESS,
            progress_basis="stated",
            narrative=text,
        )
        for entry, text in zip(entries, cycle(texts), strict=False)
    )
    source = Source.objects.get(code="S1")
    EntrySource.objects.bulk_create(
        EntrySource(version=version, source=source) for version in versions
    )
    for entry, version in zip(entries, versions, strict=True):
        entry.latest_version = entry.published_version = version
    StatusEntry.objects.bulk_update(entries, ["latest_version", "published_version"])

"""Which public pages there are, by what they are about, and when that changed last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, Q
from django.utils import timezone

from actions.choices import PillarNumber
from actions.models import ActionPoint, ReportingRound, StatusEntry, UngpPrinciple
from actions.queries.organisations import OrganisationBook
from actions.queries.register import document_addresses


@dataclass(frozen=True, slots=True)
class Places:
    """What has a page of its own: of most its key, and when it last changed as far as known."""

    points: tuple[tuple[str, datetime | None], ...]
    earlier_points: tuple[tuple[str, str, datetime | None], ...]
    pillars: tuple[int, ...]
    principles: tuple[int, ...]
    organisations: tuple[str, ...]
    documents: tuple[str, ...]
    years: tuple[tuple[int, datetime | None], ...]


def places() -> Places:
    """Return all that has a page; 6 queries for a plan of any size."""
    out = Q(entries__in=StatusEntry.objects.public())
    corrected = out & Q(entries__corrections__at__gte=F("entries__round__released_at"))
    points = ActionPoint.objects.annotate(
        released=Max("entries__round__released_at", filter=out),
        corrected=Max("entries__corrections__at", filter=corrected),
    ).values_list("plan__slug", "code", "released", "corrected")
    ordered = points.order_by("plan__slug", "pillar", "code")
    rows = [(slug, code, _latest(*moments)) for slug, code, *moments in ordered]
    # The current plan is the latest that has points.
    plan = max((slug for slug, _code, _at in rows), default="")
    rounds = ReportingRound.objects.released().filter(plan__slug=plan).order_by("year")
    return Places(
        points=tuple((code, at) for slug, code, at in rows if slug == plan),
        earlier_points=tuple(row for row in rows if row[0] != plan),
        pillars=tuple(PillarNumber.values),
        principles=tuple(UngpPrinciple.objects.values_list("number", flat=True)),
        organisations=_organisations(plan),
        documents=tuple(sorted(document_addresses())),
        years=tuple(rounds.values_list("year", "released_at")),
    )


def _organisations(plan: str) -> tuple[str, ...]:
    if not plan:
        return ()
    return tuple(each.slug for each in OrganisationBook(plan, timezone.localdate()).all().values())


def _latest(*moments: datetime | None) -> datetime | None:
    return max((each for each in moments if each), default=None)

"""The overview, and what watches over the machines asks for."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from actions import formatting
from actions.bars import bars
from actions.choices import ANSWERS
from actions.filters import YearFilter
from actions.pages import public_page
from actions.queries import public
from actions.views.points import bad_filter
from reports import published


@public_page
def overview(request: HttpRequest) -> HttpResponse:
    facts = public.plan_facts()
    if facts is None:
        return render(request, "site/no_plan.html")
    rounds = public.released_rounds(facts.slug)
    chosen = YearFilter(request.GET, [each.year for each in rounds])
    if problems := chosen.problems():
        return bad_filter(request, problems)
    shown = next((each for each in rounds if each.year == chosen.year), None)
    context = {
        "facts": facts,
        "rounds": rounds,
        "round": shown,
        **(_standing(facts.slug, shown.year, [each.year for each in rounds]) if shown else {}),
        "latest": next(iter(published.public_documents()), None),
    }
    return render(request, "site/overview.html", context)


def _standing(plan: str, year: int, years: list[int]) -> dict[str, object]:
    """Return how the plan stands in a year, as sentences, bars and a table, and what changed."""
    progress = public.progress_per_year(plan, years)
    standing = formatting.standing(progress[year])
    said = [line for line in standing.lines if line.total]
    return {
        "standing": standing,
        "answers": [line for line in said if line.progress in ANSWERS],
        "silences": [line for line in said if line.progress not in ANSWERS],
        "bars": list(
            zip(standing.pillars, bars(each.counts for each in standing.pillars), strict=True)
        ),
        "is_first": year == min(years),
        "changes": public.changes_since(plan, year, progress),
    }


@csrf_exempt
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Say ok when the database answers, for whatever watches over the machines."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database not available", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")

"""Public pages about action points: the list with its filters, and one action point."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from actions import formatting
from actions.filters import PointFilter, Problem
from actions.pages import public_page
from actions.queries import public


@public_page
def action_points(request: HttpRequest) -> HttpResponse:
    listed = public.point_list()
    if listed is None:
        return render(request, "site/no_plan.html")
    asked = request.GET.get("ministerie", "")
    slug = listed.slug_of(asked)
    if slug and slug != asked:
        query = request.GET.copy()
        query["ministerie"] = slug
        return redirect(f"{request.path}?{query.urlencode()}")
    chosen = PointFilter(request.GET, [each.year for each in listed.rounds], listed.ministries())
    if problems := chosen.problems():
        return bad_filter(request, problems)
    points = listed.points(chosen.year, with_texts=chosen.looks_in_texts)
    result = chosen.result(points)
    context = {
        "facts": listed.facts,
        "round": next((each for each in listed.rounds if each.year == chosen.year), None),
        "filter": chosen,
        "result": result,
        "sources": formatting.sources_of(result.points),
    }
    return render(request, "actions/action_points.html", context)


@public_page
def action_points_file(request: HttpRequest, to: str) -> HttpResponse:
    raise Http404


@public_page
def action_point(request: HttpRequest, code: str, plan: str | None = None) -> HttpResponse:
    point = public.action_point(code, plan)
    if point is None:
        raise Http404(_("There is no action point with this code."))
    return render(request, "actions/action_point.html", {"point": point})


def bad_filter(request: HttpRequest, problems: Sequence[Problem]) -> HttpResponse:
    """Answer that a filter in the address cannot be used, and name what it can be."""
    context = {"problems": problems, "unfiltered": request.path}
    return render(request, "actions/bad_filter.html", context, status=400)

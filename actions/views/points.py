"""Public pages about action points: the list with its filters, and one action point."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from actions import formatting
from actions.addresses import absolute
from actions.comparing import TwoYears
from actions.exports import point_file
from actions.filters import PointFilter, Problem
from actions.pages import public_page, public_state
from actions.queries import public
from actions.queries.public import PointList


@public_page
def action_points(request: HttpRequest) -> HttpResponse:
    listed = public.point_list(state=public_state(request))
    if listed is None:
        return render(request, "site/no_plan.html")
    if query := _by_slug(request.GET, listed):
        return redirect(f"{request.path}?{query}")
    chosen = PointFilter(request.GET, listed)
    if problems := chosen.problems():
        return bad_filter(request, problems)
    result = chosen.result()
    if result is None:
        raise Http404(_("The list has no page with this number."))
    context = {
        "facts": listed.facts,
        "round": chosen.round,
        "filter": chosen,
        "result": result,
        "page_links": chosen.page_links(result) if result.pages > 1 else None,
        "ways_out": [] if result.points else chosen.ways_out(),
        "sources": formatting.sources_of(result.points),
    }
    return render(request, "actions/action_points.html", context)


@public_page
def action_points_file(request: HttpRequest, to: str) -> HttpResponse:
    listed = public.point_list(state=public_state(request))
    if listed is None:
        raise Http404(_("No plan has been entered yet"))
    if query := _by_slug(request.GET, listed):
        return redirect(f"{request.path}?{query}")
    chosen = PointFilter(request.GET, listed)
    if problems := chosen.problems():
        return bad_filter(request, problems)
    return point_file(
        to, listed.facts, chosen.points_in_file(), chosen.round, some=bool(chosen.conditions())
    )


def _by_slug(query: QueryDict, listed: PointList) -> str:
    """Return the query with organisations by the name that never changes; empty when they are."""
    asked = {
        "ministerie": listed.slug_of(query.get("ministerie", "")),
        "uitvoerder": listed.implementer_slug_of(query.get("uitvoerder", "")),
    }
    other = {name: slug for name, slug in asked.items() if slug and slug != query[name]}
    if not other:
        return ""
    changed = query.copy()
    for name, slug in other.items():
        changed[name] = slug
    return changed.urlencode()


@public_page
def action_point(request: HttpRequest, code: str, plan: str | None = None) -> HttpResponse:
    point = public.action_point(code, plan)
    if point is None:
        raise Http404(_("There is no action point with this code."))
    form = TwoYears(request.GET, point.years)
    if problems := form.problems():
        return bad_filter(request, problems)
    permanent = reverse("actions:plan-action-point", args=[point.plan.slug, point.code])
    context = {
        "point": point,
        "form": form,
        "compared": form.compared(),
        "permanent": permanent,
        "address": absolute(request, permanent),
    }
    return render(request, "actions/action_point.html", context)


def bad_filter(request: HttpRequest, problems: Sequence[Problem]) -> HttpResponse:
    """Answer that a filter in the address cannot be used, and name what it can be."""
    context = {"problems": problems, "unfiltered": request.path}
    return render(request, "actions/bad_filter.html", context, status=400)

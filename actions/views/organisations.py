"""Public pages of the ministries, and of the organisations that carry out action points."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from actions import ministries as layout
from actions.bars import bar
from actions.choices import Progress
from actions.filters import YearFilter
from actions.pages import public_page
from actions.queries import public
from actions.views.points import bad_filter


@public_page
def ministries(request: HttpRequest) -> HttpResponse:
    facts = public.plan_facts()
    if facts is None:
        return render(request, "site/no_plan.html")
    rounds = public.released_rounds(facts.slug)
    chosen = YearFilter(request.GET, [each.year for each in rounds])
    if problems := chosen.problems():
        return bad_filter(request, problems)
    lists = public.organisation_lists(facts.slug, chosen.year)
    context = {
        "facts": facts,
        "rounds": rounds,
        "round": next((each for each in rounds if each.year == chosen.year), None),
        "lists": lists,
        "lines": layout.lines(lists.ministries),
    }
    return render(request, "actions/ministries.html", context)


@public_page
def ministry(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one organisation; any other abbreviation it ever had leads to its own address.

    For good when only the capitals differ. An abbreviation can be given to another ministry, so
    browsers and search engines must not keep where it leads to.
    """
    facts = public.plan_facts()
    rounds = public.released_rounds(facts.slug) if facts else []
    detail = public.organisation_detail(facts.slug, rounds, slug) if facts else None
    if facts is None or detail is None:
        raise Http404(_("No ministry or organisation with this name has action points here."))
    found = detail.facts.slug
    if found != slug:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        address = reverse("actions:ministry", args=[found])
        return redirect(address + query, permanent=found == slug.casefold())
    chosen = YearFilter(request.GET, [each.year for each in rounds])
    if problems := chosen.problems():
        return bad_filter(request, problems)
    counts = layout.standing(detail.facts, detail.now, chosen.year)
    context = {
        "facts": facts,
        "rounds": rounds,
        "round": next((each for each in rounds if each.year == chosen.year), None),
        "organisation": detail.facts,
        "groups": layout.groups(detail.now),
        "before": detail.before,
        "tally": counts,
        "counted": layout.counted(counts),
        "bar": bar(dict(counts.counts)),
        "every": tuple(Progress),
    }
    return render(request, "actions/ministry.html", context)

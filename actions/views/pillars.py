"""Public pages of the three pillars."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from actions import formatting, pillars
from actions.bars import bar
from actions.choices import PillarNumber, Progress
from actions.filters import YearFilter
from actions.pages import public_page
from actions.queries import public
from actions.queries.records import PillarDetail
from actions.views.points import bad_filter


@public_page
def pillar(request: HttpRequest, number: int) -> HttpResponse:
    if number not in PillarNumber.values:
        raise Http404(_("There are three pillars: 1, 2 and 3."))
    facts = public.plan_facts()
    if facts is None:
        return render(request, "site/no_plan.html")
    rounds = public.released_rounds(facts.slug)
    chosen = YearFilter(request.GET, [each.year for each in rounds])
    if problems := chosen.problems():
        return bad_filter(request, problems)
    detail = public.pillar_detail(facts, rounds, number)
    if detail is None:
        raise Http404(_("There are three pillars: 1, 2 and 3."))
    context = {
        "pillar": detail,
        "about": pillars.about(number),
        "year": chosen.year,
        **(_standing(detail, chosen.year) if chosen.year else {}),
        "responsible": pillars.responsible(detail),
        "every": tuple(Progress),
    }
    return render(request, "actions/pillar.html", context)


def _standing(detail: PillarDetail, year: int) -> dict[str, object]:
    """Return how a pillar stands in a year, as a table and as a bar."""
    progress = pillars.progress(detail, year)
    return {"standing": formatting.standing([progress]), "bar": bar(progress.counts)}

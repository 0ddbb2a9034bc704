"""Public pages of the UN Guiding Principles."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from actions.choices import Progress
from actions.pages import public_page
from actions.queries import public

LAST = 31


@public_page
def principles(request: HttpRequest) -> HttpResponse:
    plan = public.plan_facts()
    pillars = public.listed_principles(plan.slug if plan else "")
    context = {
        "plan": plan,
        "pillars": pillars,
        "any_tied": any(each.points for _title, group in pillars for each in group),
    }
    return render(request, "actions/principles.html", context)


@public_page
def principle(request: HttpRequest, number: int) -> HttpResponse:
    plan = public.plan_facts()
    rounds = public.released_rounds(plan.slug) if plan else []
    found = public.principle_detail(plan, rounds, number) if 1 <= number <= LAST else None
    if found is None:
        raise Http404(_("There are 31 guiding principles, numbered 1 to 31."))
    context = {"detail": found, "every": tuple(Progress)}
    return render(request, "actions/principle.html", context)

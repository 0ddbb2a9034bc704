"""The public page of the whole process, promised against actual dates."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from actions.pages import public_page
from actions.queries import public


@public_page
def timeline(request: HttpRequest) -> HttpResponse:
    facts = public.plan_facts()
    process = public.process(facts.slug) if facts else None
    if facts is None or process is None:
        return render(request, "site/no_plan.html")
    today = timezone.localdate()
    context = {
        "facts": facts,
        "process": process,
        "expected": [each for each in process.coming if each.promised_on >= today],
        "waiting": [each for each in process.coming if each.promised_on < today],
        "today": today,
        "rounds": public.released_rounds(facts.slug),
        "due": public.due_dates(facts.slug),
    }
    return render(request, "site/timeline.html", context)

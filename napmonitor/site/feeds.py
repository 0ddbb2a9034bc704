"""Atom feeds of what changed: of the plan, of a ministry, of an action point."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def plan_feed(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def ministry_feed(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404


@public_page
def point_feed(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404

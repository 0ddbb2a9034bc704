"""Public pages of the three pillars."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def pillar(request: HttpRequest, number: int) -> HttpResponse:
    raise Http404

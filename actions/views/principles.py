"""Public pages of the UN Guiding Principles."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def principles(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def principle(request: HttpRequest, number: int) -> HttpResponse:
    raise Http404

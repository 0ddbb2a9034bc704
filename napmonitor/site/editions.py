"""Public pages of the yearly documents: the years, one year, and a document to read."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def editions(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def year(request: HttpRequest, year: int) -> HttpResponse:
    raise Http404


@public_page
def reading(request: HttpRequest, year: int, name: str) -> HttpResponse:
    raise Http404

"""Public pages of the register of parliamentary documents."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def documents(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def document(request: HttpRequest, identifier: str) -> HttpResponse:
    raise Http404

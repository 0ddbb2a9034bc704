"""Public pages of the ministries."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def ministries(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def ministry(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404

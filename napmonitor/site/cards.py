"""The picture that goes with a link to a page on other sites."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def card(request: HttpRequest, page: str) -> HttpResponse:
    raise Http404

"""The public page of the whole process, promised against actual dates."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def timeline(request: HttpRequest) -> HttpResponse:
    raise Http404

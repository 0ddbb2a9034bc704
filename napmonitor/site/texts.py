"""Public pages that are mostly text: about, contact, accessibility, privacy, open data."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def about(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def contact(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def accessibility(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def cookies(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def open_data(request: HttpRequest) -> HttpResponse:
    raise Http404

"""What machines ask for: robots.txt, security.txt and the sitemap."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from actions.pages import public_page


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /beheer/\n", content_type="text/plain")


@public_page
def security(request: HttpRequest) -> HttpResponse:
    raise Http404


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    raise Http404

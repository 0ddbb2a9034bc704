"""What machines ask for: robots.txt, security.txt and the sitemap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from actions.addresses import absolute, site_address
from actions.pages import public_page
from napmonitor.site.sitemaps import PublicSitemap

_PLAIN: Final = "text/plain; charset=utf-8"


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    """Let everything be read but the work screens, and say where the sitemap is."""
    places = absolute(request, reverse("sitemap"))
    lines = ("User-agent: *", "Disallow: /beheer/", "", f"Sitemap: {places}")
    return HttpResponse("\n".join(lines) + "\n", content_type=_PLAIN)


@public_page
def security(request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a weakness, as RFC 9116 has it, as long as somebody stands for it.

    The day it ends is set with it, never made anew: who looks after the site renews it by hand, so
    that the page goes when nobody does.
    """
    if elsewhere := settings.NAP_SECURITY_TXT:
        return HttpResponseRedirect(elsewhere)
    contacts, expires = settings.NAP_SECURITY_CONTACT, settings.NAP_SECURITY_EXPIRES
    if not contacts or expires is None or expires <= timezone.localdate():
        raise Http404
    ends = datetime(expires.year, expires.month, expires.day, tzinfo=UTC)
    lines = (
        *(f"Contact: {contact}" for contact in contacts),
        f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {absolute(request, request.path)}",
        "Preferred-Languages: nl, en",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type=_PLAIN)


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    """Give every public page in both languages; 7 queries."""
    found = PublicSitemap(site_address(request)).get_urls()
    text = render_to_string("sitemap.xml", {"urlset": found})
    return HttpResponse(text, content_type="application/xml; charset=utf-8")

"""The tags with which a public page tells machines what it is; they only wrap plain functions."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from actions.addresses import absolute, site_address
from napmonitor.site import addresses, cards, feeds, structured

register = template.Library()


@register.inclusion_tag("_machines.html", takes_context=True)
def machines(context: Context) -> dict[str, Any]:
    """Tell what page this is: its address, its languages, its card, its feeds, the way to it."""
    request: HttpRequest = context["request"]
    path = _path(context, request)
    canonical = absolute(request, path)
    languages = addresses.in_languages(path)
    trail = structured.breadcrumbs(_block(context, "trail"), canonical, site_address(request))
    return {
        "title": _words(_block(context, "title")),
        "description": _words(_block(context, "description")),
        "canonical": canonical,
        "languages": {code: absolute(request, each) for code, each in languages.items()},
        "language": get_language(),
        "card": absolute(request, cards.address_of(request)),
        "card_width": cards.WIDTH,
        "card_height": cards.HEIGHT,
        "feeds": [(title, absolute(request, each)) for title, each in feeds.feeds_of(request)],
        "trail": structured.script(trail) if trail else "",
    }


@register.simple_tag(takes_context=True)
def dataset_block(context: Context, years: list[int] | None = None) -> SafeString:
    """Return the action points as a set of data, for a page that shows or explains it."""
    request: HttpRequest = context["request"]
    files = {
        form: absolute(request, reverse("actions:action-points-file", args=[form]))
        for form in structured.TABLES
    }
    return structured.script(
        structured.dataset(
            name=gettext("Action points of the National Action Plan and their progress"),
            description=_words(_block(context, "description"))
            or gettext("For each action point what was reported on it each year."),
            address=absolute(request, addresses.canonical_path(request)),
            home=site_address(request),
            language=get_language() or "nl",
            files=files,
            years=years or (),
        )
    )


@register.simple_tag(takes_context=True)
def report_block(
    context: Context, year: int, published: date | None = None, document: str = ""
) -> SafeString:
    """Return what was reported over a year as a report; a document has its files with it."""
    request: HttpRequest = context["request"]
    names = [document] if document else []
    files = {
        form: absolute(request, reverse("reports:document", args=[year, name, form]))
        for name in names
        for form in structured.DOCUMENTS
    }
    return structured.script(
        structured.report(
            name=_words(_block(context, "title")),
            description=_words(_block(context, "description")),
            address=absolute(request, request.path),
            home=site_address(request),
            year=year,
            published=published,
            files=files,
        )
    )


def _path(context: Context, request: HttpRequest) -> str:
    """Return the path that a page goes by; a point of the current plan has a short one as well."""
    point = context.get("point")
    if getattr(point, "is_current", False):
        return reverse("actions:action-point", args=[context["point"].code])
    return addresses.canonical_path(request)


def _block(context: Context, name: str) -> str:
    """Return what a block of the page that is being made holds; empty when there is none."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return str(block.render(context)) if block else ""


def _words(markup: str) -> str:
    return " ".join(unescape(strip_tags(markup)).split())

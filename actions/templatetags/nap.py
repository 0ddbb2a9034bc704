"""The one tag library of the public pages: it only wraps plain functions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils import translation

from actions import formatting

register = template.Library()

register.filter("kind", formatting.kind)
register.filter("days_late", formatting.days_late)
register.filter("notes_on_promises", formatting.notes_on_promises)
register.filter("meaning", formatting.meaning)
register.simple_tag(formatting.list_address)


@register.simple_tag
def is_demonstration() -> bool:
    return bool(settings.NAP_DEMO)


@register.simple_tag
def address_in(request: HttpRequest, language: str) -> str:
    """Return the address of this page in another language; of the overview when it has none."""
    here = request.get_full_path()
    there = translate_url(here, language)
    if urlsplit(there).path != urlsplit(here).path:
        return there
    with translation.override(language):
        return reverse("site:overview")


@register.inclusion_tag("actions/_rich_text.html")
def rich_text(markdown: str, prefix: str) -> dict[str, Any]:
    """Show a text that an official wrote; the prefix keeps its footnotes apart from others."""
    return {"text": formatting.readable(markdown, prefix), "prefix": prefix}

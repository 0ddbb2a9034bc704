"""The tags of what stands around every public page; they only wrap plain functions."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.http import HttpRequest

from napmonitor.environment import Theme
from napmonitor.site import menu

register = template.Library()


@register.simple_tag
def main_menu(request: HttpRequest | None) -> tuple[menu.MenuItem, ...]:
    """Return the main menu as it stands on this page; an error page is in no part of it."""
    match = request.resolver_match if request else None
    return tuple(menu.main_menu(match.view_name if match else ""))


@register.simple_tag
def theme() -> Theme | None:
    """Return what the ministry of this installation adds to the look, if anything."""
    found: Theme | None = settings.NAP_THEME
    return found

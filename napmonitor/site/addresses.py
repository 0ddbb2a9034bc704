"""Addresses of a page: the one it goes by, and those of the same page in other languages."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url

# What somebody chose that makes another page of it; every other filter only narrows the same one.
_CHOSEN: Final = ("jaar", "pagina")
_NUMBER: Final = re.compile(r"[0-9]{1,4}")


def canonical_path(request: HttpRequest) -> str:
    """Return the address that this page goes by: without the filters that only narrow it."""
    # A further page is one of what is left by the filters, so without those it is another.
    is_narrowed = not set(request.GET) <= set(_CHOSEN)
    names = _CHOSEN[:1] if is_narrowed else _CHOSEN
    chosen = {name: request.GET.get(name, "") for name in names}
    query = urlencode({name: value for name, value in chosen.items() if _NUMBER.fullmatch(value)})
    return f"{request.path}?{query}" if query else request.path


def in_languages(path: str) -> dict[str, str]:
    """Return the address of a page in each language; none when it has one language only."""
    found = {code: translate_url(path, code) for code, _name in settings.LANGUAGES}
    return found if len(set(found.values())) == len(found) else {}

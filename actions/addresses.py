"""Full addresses of this site, as they go out in files, feeds and citations."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def site_address(request: HttpRequest) -> str:
    """Return where the site is, as it is set, or else as the request says; no slash at the end."""
    return settings.NAP_BASE_URL or f"{request.scheme}://{request.get_host()}"


def absolute(request: HttpRequest, path: str) -> str:
    """Return the full address of a path of this site."""
    return f"{site_address(request)}{path}"


def host_name(request: HttpRequest) -> str:
    """Return the name of the machine in the address of the site, without a port."""
    return urlsplit(site_address(request)).hostname or ""

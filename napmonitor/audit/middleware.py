"""Note for each request that the browser asked, and from where."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from napmonitor.audit.origin import Origin, coming_from


class OriginMiddleware:
    """Hold the origin of a request while it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(Origin("browser", client_address(request))):
            return self.get_response(request)


def client_address(request: HttpRequest) -> str:
    """Return the address of the other machine; what it says of itself is not believed.

    Behind a proxy that is the last address in the header, which that proxy added.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2] or address
    return str(address).strip()[:45]

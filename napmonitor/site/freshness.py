"""How fresh a public page is: one version for the whole site, and pages kept as long as it holds.

A page for everyone is the same for every reader until something public changes, so it is made once
per version and address, and whoever has it already is told that it still holds.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from actions.moments import moments
from actions.pages import View, is_public_page, note_public_state
from actions.queries import public
from reports import published

# Asked again each time: what is public can change at any moment.
_KEEP: Final = "public, max-age=0, must-revalidate"
# What makes up the software, as far as a page can show it.
_SOFTWARE: Final = (
    "actions/**/*.py",
    "napmonitor/**/*.py",
    "reports/**/*.py",
    "templates/**/*.html",
    "locale/*/LC_MESSAGES/*.mo",
    "staticfiles/staticfiles.json",
)
# Named, and not with a weight of nothing; who says anything else gets the page as it is.
_ACCEPTS_GZIP: Final = re.compile(
    r"(?:^|,)\s*gzip\s*(?:;\s*q=(?:1(?:\.0{0,3})?|0\.(?!0+\b)[0-9]{1,3})\s*)?(?:,|$)",
    re.IGNORECASE,
)
_TEXT: Final = re.compile(r"^(text/|application/([a-z.+-]*\+)?(json|xml)\b)")
# A page of less gains nothing.
_WORTH_COMPRESSING: Final = 200
# What is larger, such as a file of thousands of rows, is made anew each time: anyone can ask it
# with other words in the address, until as many are kept as there is room for.
_WORTH_KEEPING: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class PublicVersion:
    """What is public at one moment: a mark that differs whenever that does, and since when."""

    mark: str
    since: datetime


def public_version() -> PublicVersion:
    """Return the version of all that is public now; 1 query.

    It changes with a publication or correction from the moment that is out, also when nobody
    writes then; with reference data; with each new day, as names and duties have dates; and with
    another release or other settings of the software.
    """
    now = timezone.now()
    rows = moments(now, public.public_changes, published.public_changes)
    software = _software()
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    written = [at for _kind, _how_many, at in rows if at is not None]
    mark = sha256(repr((software.mark, midnight, rows)).encode()).hexdigest()[:32]
    return PublicVersion(mark, max(software.since, midnight, *written))


@cache
def _software() -> PublicVersion:
    """Return the version of the software by what is in its files, so that no release is missed."""
    digest = sha256(repr(_own_settings()).encode())
    newest = 0.0
    for path in _files():
        digest.update(str(path.relative_to(settings.BASE_DIR)).encode())
        digest.update(path.read_bytes())
        newest = max(newest, path.stat().st_mtime)
    since = datetime.fromtimestamp(newest, tz=timezone.get_current_timezone())
    return PublicVersion(digest.hexdigest(), min(since, timezone.now()))


def _files() -> list[Path]:
    base = Path(settings.BASE_DIR)
    return sorted(path for pattern in _SOFTWARE for path in base.glob(pattern))


def _own_settings() -> list[tuple[str, str]]:
    names = {name for name in dir(settings) if name.startswith("NAP_")}
    return [(name, str(getattr(settings, name))) for name in sorted(names)]


@dataclass(frozen=True, slots=True)
class _Page:
    """What was made for one address, to give to everyone who asks it."""

    headers: dict[str, str]
    content: bytes
    is_compressed: bool

    def answer(self, request: HttpRequest) -> HttpResponse:
        if not self.is_compressed:
            return HttpResponse(self.content, headers=self.headers)
        if _ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")):
            return HttpResponse(self.content, headers=self.headers | {"Content-Encoding": "gzip"})
        return HttpResponse(gzip.decompress(self.content), headers=self.headers)


class FreshnessMiddleware:
    """Answers who asks a public page from what was kept, and keeps what had to be made.

    It stands outside of all that looks at who asks, so that no answer can differ by that.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.resolver_match and is_public_page(request.resolver_match.func):
            # The language is in the address and nobody is signed in here.
            response["Vary"] = "Accept-Encoding"
        return response

    def process_view(
        self, request: HttpRequest, view: View, args: Sequence[object], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not is_public_page(view) or request.method not in ("GET", "HEAD"):
            return None
        version = public_version()
        note_public_state(request, version.mark)
        # Who works on the software sees each change of it at once.
        if settings.DEBUG:
            return None
        key = _key(version, request)
        page = pages().get(key)
        if page is None:
            response = view(request, *args, **kwargs)
            if response.status_code != HTTPStatus.OK or response.cookies:
                return response
            page = _made(response)
            if len(page.content) <= _WORTH_KEEPING:
                pages().set(key, page)
        return _fresh(request, page, version)


def pages() -> BaseCache:
    """Return where public pages are kept."""
    return caches["pages"]


def _key(version: PublicVersion, request: HttpRequest) -> str:
    # With the host: a page names its own full address.
    address = sha256(request.build_absolute_uri().encode()).hexdigest()
    return f"{version.mark}-{address}"


def _made(response: HttpResponse) -> _Page:
    content, headers = response.content, dict(response.headers)
    text = _TEXT.search(response.get("Content-Type", ""))
    if not text or len(content) < _WORTH_COMPRESSING:
        return _Page(headers, content, is_compressed=False)
    return _Page(headers, gzip.compress(content, mtime=0), is_compressed=True)


def _fresh(request: HttpRequest, page: _Page, version: PublicVersion) -> HttpResponse:
    """Return a page with its version, or only that what the reader has is still that."""
    # Weak: compressed or not, it is the same page in other bytes.
    etag, since = f'W/"{version.mark}"', int(version.since.timestamp())
    whole = page.answer(request)
    response = get_conditional_response(request, etag, since, whole) or whole
    if response.status_code != HTTPStatus.PRECONDITION_FAILED:
        response["ETag"] = etag
        response["Last-Modified"] = http_date(since)
        response["Cache-Control"] = _KEEP
    return response

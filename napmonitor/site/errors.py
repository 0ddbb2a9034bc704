"""What somebody sees when a page cannot be shown. None of it needs the database.

Officials are led back to the work screens, everybody else to the public pages. The templates are
given all they use: what Django adds for other pages may be the very thing that failed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.contrib import admin
from django.db import InterfaceError, OperationalError
from django.forms.formsets import (
    INITIAL_FORM_COUNT,
    MAX_NUM_FORM_COUNT,
    MIN_NUM_FORM_COUNT,
    TOTAL_FORM_COUNT,
)
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext_lazy as _

# Hidden fields with which a page says what it was made of.
_MARKS: Final = frozenset(
    ("opened", "tab", "writer", "turn", "read_version")
    + (TOTAL_FORM_COUNT, INITIAL_FORM_COUNT, MIN_NUM_FORM_COUNT, MAX_NUM_FORM_COUNT)
)
# After how many seconds somebody can try again when the database is away.
_RETRY_AFTER: Final = 120


@dataclass(frozen=True, slots=True)
class Words:
    """What an official reads: what happened, how that came, and what to do."""

    title: Promise
    what: Promise
    next: Promise


_UNREADABLE: Final = Words(
    _("This could not be read"),
    _("Something in the address or in what was sent is not as it should be."),
    _(
        "Did you type a text? Go back in your browser and copy it first. Then open the page again "
        "from the first page."
    ),
)
_NO_ACCESS: Final = Words(
    _("You have no access to this page"),
    _("The role that you have today does not allow this."),
    _(
        "Do you need this for your work? Ask the coordinator of your ministry or the functional "
        "administrator. Did you type a text? Go back in your browser and copy it first."
    ),
)
_NOT_FOUND: Final = Words(
    _("This page does not exist"),
    _(
        "The address may have been mistyped, what stood here may be gone, or it is of another "
        "ministry."
    ),
    _("Look for it from the first page of the work screens."),
)
_FAULT: Final = Words(
    _("Something went wrong on our side"),
    _("The page could not be shown. It is not your fault. What was saved before is still there."),
    _(
        "Did you just send a text? Go back in your browser and copy it first. Then try again in a "
        "few minutes. Does it go wrong again? Tell the functional administrator what you did and "
        "at what time."
    ),
)
_AWAY: Final = Words(
    _("The database does not answer"),
    _("The page could not be shown. It is not your fault. What was saved before is still there."),
    _(
        "Did you just send a text? Go back in your browser and copy it first. Then try again in a "
        "few minutes."
    ),
)
_ONLY_READ: Final = Words(
    _("This page can only be read"),
    _("Something was sent to this address, but nothing can be sent here."),
    _(
        "Did you type a text? Go back in your browser and copy it first. Then open the page again "
        "from the first page."
    ),
)
_TOO_OLD: Final = Words(
    _("What you sent is not stored"),
    _(
        "The page from which you sent it was too old. That happens when you signed in or out in "
        "another tab, or when your browser keeps no cookies."
    ),
    _("Open the page again from the first page, and send it once more."),
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, "400.html", 400, _UNREADABLE)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, "403.html", 403, _NO_ACCESS)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, "404.html", 404, _NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it went wrong here; when the database is away, that it will be back soon."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        answer = _answer(request, "503.html", 503, _AWAY)
        answer["Retry-After"] = str(_RETRY_AFTER)
    else:
        answer = _answer(request, "500.html", 500, _FAULT)
    add_never_cache_headers(answer)
    return answer


class NotAllowedMiddleware:
    """Gives who sends something to a page that can only be read an answer with words in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        answer = _answer(request, "405.html", HTTPStatus.METHOD_NOT_ALLOWED, _ONLY_READ)
        answer["Allow"] = response["Allow"]
        return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Give what was typed back to somebody who sent it from a page that was too old."""
    texts = typed_texts(request) if _is_at_work(request) else ()
    return _answer(request, "403_csrf.html", 403, _TOO_OLD, texts)


def typed_texts(request: HttpRequest) -> tuple[str, ...]:
    """Return what somebody typed themselves: more than one word, no password and no hidden mark.

    Another site that makes a browser send something here does not get its words on our page.
    """
    if not _is_from_here(request):
        return ()
    return tuple(
        value
        for name, value in request.POST.items()
        if isinstance(value, str) and len(value.split()) > 1 and _is_typed(name)
    )


def _is_from_here(request: HttpRequest) -> bool:
    """Tell whether a page of this site sent it, as far as the browser says so."""
    here = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin" and (
        request.headers.get("Origin", here) in (here, *settings.CSRF_TRUSTED_ORIGINS)
    )


def _is_typed(name: str) -> bool:
    """Tell whether a field is one that people fill in; in rows its name comes last."""
    return not (
        name.startswith("initial-")
        or name.rpartition("-")[2] in _MARKS
        or any(secret in name for secret in ("csrf", "password"))
    )


def _answer(
    request: HttpRequest, public: str, status: int, words: Words, texts: Iterable[str] = ()
) -> HttpResponse:
    if not _is_at_work(request):
        # What asked for the language may be what failed; the address always says it.
        language = get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        shown = None if status >= HTTPStatus.INTERNAL_SERVER_ERROR else request
        with override(language):
            page = render_to_string(public, {"request": shown})
        return HttpResponse(page, status=status, headers={"Content-Language": language})
    context = {
        "site_title": admin.site.site_title,
        "site_header": admin.site.site_header,
        "title": words.title,
        "words": words,
        "texts": texts,
    }
    answer = HttpResponse(render_to_string("admin/error.html", context), status=status)
    add_never_cache_headers(answer)
    return answer


def _is_at_work(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index"))

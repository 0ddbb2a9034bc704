"""Make the public pages before somebody asks them, so that nobody waits for it."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from napmonitor.site.sitemaps import Place, places


class Command(BaseCommand):
    help = (
        "Make the public pages that are not kept yet, after a publication or at the beginning "
        "of a day; only of use with NAP_CACHE_DIR."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.NAP_CACHE_DIR is None:
            raise CommandError(_("Say with NAP_CACHE_DIR where the pages are kept."))
        handler = BaseHandler()
        handler.load_middleware()
        answers = Counter(self._status(handler, path) for path in _paths())
        made = answers.pop(HTTPStatus.OK, 0)
        self.stdout.write(
            ngettext("%(number)s page is ready.", "%(number)s pages are ready.", made)
            % {"number": made}
        )
        if answers:
            raise CommandError(_("%s pages could not be made.") % answers.total())

    def _status(self, handler: BaseHandler, path: str) -> int:
        response = handler.get_response(_request(path))
        if response.status_code != HTTPStatus.OK:
            self.stderr.write(f"{response.status_code} {path}")
        return response.status_code


def _paths() -> list[str]:
    found = places()
    return [_path(each, code) for code, _name in settings.LANGUAGES for each in found]


def _path(place: Place, language: str) -> str:
    with translation.override(language):
        return reverse(place.name, args=place.of)


def _request(path: str) -> WSGIRequest:
    """Return what arrives when a reader asks a page at the address of the site."""
    site = urlsplit(settings.NAP_BASE_URL)
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "HTTP_HOST": site.netloc,
            "SERVER_NAME": site.hostname or "",
            "SERVER_PORT": str(site.port or ""),
            "HTTP_X_FORWARDED_PROTO": site.scheme,
            "wsgi.url_scheme": site.scheme,
            "wsgi.input": BytesIO(),
        }
    )

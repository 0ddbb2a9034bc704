"""The documents that everyone may read, as the files that were issued."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from reports import published, serving

_KINDS: Final = {name: kind for kind, name in serving.NAMES.items()}


@csrf_exempt
@require_safe
def document(request: HttpRequest, year: str, name: str, to: str) -> HttpResponse:
    """Give a public document; 2 queries, and 1 to who has it already."""
    file = published.public_file(int(year), _KINDS[name], to)
    if file is None:
        raise Http404(_("This document is not there, or it is not public yet."))
    etag, since = f'"{file.sha256}"', int(published.open_since(file).timestamp())
    response = get_conditional_response(request, etag=etag, last_modified=since)
    if response is None:
        response = serving.answer(serving.content_of(file), to, f"{name}-{year}.{to}")
    if response.status_code != 412:
        response["ETag"] = etag
        response["Last-Modified"] = http_date(since)
        response["Cache-Control"] = "public, max-age=300"
    return response

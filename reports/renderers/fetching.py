"""The only way in for a renderer: files among the static files, nothing else of disk or network."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from weasyprint.urls import URLFetcher, URLFetcherResponse

SCHEME = "static"


class StaticFetcher(URLFetcher):
    """Gives `static:NAME` out of the static files and refuses every other address.

    Refusing raises ValueError, which WeasyPrint turns into a missing resource.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=[SCHEME], allow_redirects=False)

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme != SCHEME or parts.netloc:
            raise ValueError(f"not a static file: {url}")
        name = unquote(parts.path).lstrip("/")
        found = None if ".." in Path(name).parts else finders.find(name)
        if not found:
            raise ValueError(f"not a static file: {url}")
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, Path(found).read_bytes(), {"Content-Type": mime})

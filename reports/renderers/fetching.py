"""The only way in for a renderer: static files and the house style, nothing else, no network."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from weasyprint.urls import URLFetcher, URLFetcherResponse

from reports.renderers import house_style

SCHEME = "static"


class StaticFetcher(URLFetcher):
    """Gives `static:NAME` out of the static files, `house:NAME` out of the house style.

    Every other address is refused with ValueError, which WeasyPrint turns into a missing resource.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=[SCHEME, house_style.SCHEME], allow_redirects=False)

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Return the file that an address names."""
        parts = urlsplit(url)
        name = unquote(parts.path).lstrip("/")
        found = None
        if not parts.netloc and ".." not in Path(name).parts:
            if parts.scheme == SCHEME:
                found = _static_file(name)
            elif parts.scheme == house_style.SCHEME:
                found = house_style.house_file(name)
        if found is None:
            raise ValueError(f"not a static file: {url}")
        content, mime = found
        return URLFetcherResponse(url, content, {"Content-Type": mime})


def _static_file(name: str) -> tuple[bytes, str] | None:
    found = finders.find(name)
    if not found:
        return None
    path = Path(found)
    # A link that leads out of the folder of static files is not a file of it.
    folder = path.parents[len(Path(name).parts) - 1]
    if not path.resolve().is_relative_to(folder.resolve()):
        return None
    return path.read_bytes(), mimetypes.guess_type(name)[0] or "application/octet-stream"

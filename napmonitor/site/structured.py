"""What a page is, in the words of schema.org: for search engines and catalogues. Plain functions.

A block of data is not run, so the policy on scripts does not touch it; that it cannot end early
is all that its escaping must see to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from html.parser import HTMLParser
from typing import Final, TypeAlias

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

Data: TypeAlias = Mapping[str, object]

_CONTEXT: Final = "https://schema.org"
# What could end the block or begin a comment in it; JSON reads the escaped form as the same sign.
_ESCAPED: Final = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}
# The forms in which there are tables and documents.
TABLES: Final = ("csv", "xlsx", "ods")
DOCUMENTS: Final = ("pdf", "docx", "odt", "html")
_MEDIA: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "html": "text/html",
}


def script(data: Data) -> SafeString:
    """Return data as a block for a page; no text in it can end the block."""
    words = json.dumps({"@context": _CONTEXT, **data}, ensure_ascii=False, separators=(",", ":"))
    escaped = mark_safe(words.translate(_ESCAPED))  # noqa: S308
    return format_html('<script type="application/ld+json">{}</script>', escaped)


def dataset(
    *,
    name: str,
    description: str,
    address: str,
    home: str,
    language: str,
    files: Mapping[str, str],
    years: Iterable[int] = (),
) -> Data:
    """Return the action points with their progress as a set of data, with where to get it."""
    of_years = sorted(years)
    covered = {"temporalCoverage": f"{of_years[0]}/{of_years[-1]}"} if of_years else {}
    return {
        "@type": "Dataset",
        "name": name,
        "description": description,
        "url": address,
        "inLanguage": language,
        "isAccessibleForFree": True,
        "creator": _site(home),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": _MEDIA.get(form, form),
                "contentUrl": where,
            }
            for form, where in files.items()
        ],
        **covered,
    }


def report(
    *,
    name: str,
    description: str,
    address: str,
    home: str,
    year: int,
    published: date | None = None,
    files: Mapping[str, str] | None = None,
) -> Data:
    """Return what was reported over one year as a report, with its files; always Dutch."""
    dated = {"datePublished": published.isoformat()} if published else {}
    encoding = [
        {"@type": "MediaObject", "encodingFormat": _MEDIA.get(form, form), "contentUrl": where}
        for form, where in (files or {}).items()
    ]
    return {
        "@type": "Report",
        "name": name,
        "description": description,
        "url": address,
        "inLanguage": "nl",
        "isAccessibleForFree": True,
        "temporalCoverage": str(year),
        "publisher": _site(home),
        **dated,
        **({"encoding": encoding} if encoding else {}),
    }


def breadcrumbs(trail: str, address: str, home: str) -> Data | None:
    """Return the way to a page as its trail shows it; None when there is no trail."""
    reader = _Trail()
    reader.feed(trail)
    steps = [(" ".join(words.split()), path) for words, path in reader.steps if words.strip()]
    if not steps:
        return None
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": name,
                "item": f"{home}{path}" if path else address,
            }
            for position, (name, path) in enumerate(steps, start=1)
        ],
    }


def _site(home: str) -> Data:
    return {"@type": "Organization", "name": "NAP-monitor", "url": f"{home}/"}


class _Trail(HTMLParser):
    """Reads the items of the list in a trail: their words and where they lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.steps: list[tuple[str, str]] = []
        self._within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "li":
            self._within = True
            self.steps.append(("", ""))
        elif tag == "a" and self._within:
            self.steps[-1] = (self.steps[-1][0], dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "li":
            self._within = False

    def handle_data(self, data: str) -> None:
        if self._within:
            words, path = self.steps[-1]
            self.steps[-1] = (words + data, path)

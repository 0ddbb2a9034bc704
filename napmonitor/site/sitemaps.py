"""The public pages as a sitemap: each in both languages, with when it last changed if known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from actions.queries import public
from actions.queries.places import Places
from reports import published
from reports.published import Opened

# Pages that are always there.
_FIXED: Final = (
    "actions:action-points",
    "actions:principles",
    "actions:ministries",
    "actions:documents",
    "site:editions",
    "site:timeline",
    "site:open-data",
    "site:about",
    "site:contact",
    "site:accessibility",
    "site:privacy",
    "site:cookies",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A page by the name of its address and what that needs."""

    name: str
    of: tuple[object, ...] = ()
    changed: datetime | None = None


def places() -> list[Place]:
    """Return every public page once; 7 queries."""
    return list(_all(public.places(), published.opened_documents()))


def _all(found: Places, opened: list[Opened]) -> Iterator[Place]:
    newest = max((at for _code, at in found.points if at), default=None)
    yield Place("site:overview", changed=newest)
    yield from (Place(name) for name in _FIXED)
    yield from (Place("actions:action-point", (code,), at) for code, at in found.points)
    for plan, code, at in found.earlier_points:
        yield Place("actions:plan-action-point", (plan, code), at)
    yield from (Place("actions:pillar", (number,)) for number in found.pillars)
    yield from (Place("actions:principle", (number,)) for number in found.principles)
    yield from (Place("actions:ministry", (slug,)) for slug in found.organisations)
    yield from (Place("actions:document", (number,)) for number in found.documents)
    yield from (Place("site:year", (year,), at) for year, at in found.years)
    yield from (Place("site:reading", (each.year, each.name), each.at) for each in opened)


class PublicSitemap(Sitemap[Place]):
    """All public pages under one address of the site."""

    i18n = True
    alternates = True
    x_default = True

    def __init__(self, site: str) -> None:
        parts = urlsplit(site)
        self._host = parts.netloc
        self.protocol = parts.scheme
        self._places = places()

    def items(self) -> list[Place]:
        return self._places

    def location(self, item: Place) -> str:
        return reverse(item.name, args=item.of)

    def lastmod(self, item: Place) -> datetime | None:
        return item.changed

    def get_domain(self, site: Any = None) -> str:
        return self._host

"""Atom feeds of what became public: of the plan, a ministry, an action point. They are Dutch.

An entry keeps its identity for good: made of what it is about, never of a row in the database or
of the wording. A moment counts from when it is there for everyone, so an embargo that passes
brings its entries without anything being written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_noop

from actions.addresses import absolute, host_name
from actions.pages import public_page
from actions.queries import public
from actions.queries.news import News
from actions.richtext import parse, plain_text
from reports import published
from reports.choices import Kind
from reports.published import Opened

MOST: Final = 100
_LANGUAGE: Final = "nl"
# From when on our addresses are what they are; an identity names it beside the host.
_SINCE: Final = "2026"
# A feed in which nothing is yet still has to say from when it is.
_NOTHING_YET: Final = datetime(2022, 1, 1, tzinfo=UTC)
_DOCUMENTS: Final = {
    Kind.LETTER: gettext_noop("Letter to parliament over %(year)s"),
    Kind.ANNEX: gettext_noop("Annex report over %(year)s"),
    Kind.DECISION_NOTE: gettext_noop("Public decision note over %(year)s"),
}


@public_page
def plan_feed(request: HttpRequest) -> HttpResponse:
    """Give what became public of the plan, with its documents; 4 queries."""
    facts = public.plan_facts()
    if facts is None:
        raise Http404
    opened = published.opened_documents()
    with translation.override(_LANGUAGE):
        entries = [*map(_of_news, public.news(most=MOST)), *map(_of_document, opened)]
        about = _About(f"plan/{facts.slug}", facts.title, reverse("site:overview"), request.path)
        return _answer(request, about, entries)


@public_page
def ministry_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Give what became public of the action points for which a ministry answers; 5 queries."""
    ministry = public.followed_ministry(slug)
    if ministry is None:
        raise Http404
    with translation.override(_LANGUAGE):
        home = reverse("actions:ministry", args=[ministry.key])
        about = _About(f"ministerie/{ministry.key}", ministry.title, home, request.path)
        return _answer(request, about, map(_of_news, public.news(ministry=slug, most=MOST)))


@public_page
def point_feed(request: HttpRequest, code: str) -> HttpResponse:
    """Give what became public of one action point; 3 queries."""
    point = public.followed_point(code)
    if point is None:
        raise Http404
    with translation.override(_LANGUAGE):
        home = reverse("actions:action-point", args=[point.key])
        about = _About(f"actiepunt/{point.key}", f"{point.key} {point.title}", home, request.path)
        return _answer(request, about, map(_of_news, public.news(code=code, most=MOST)))


def feeds_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the feeds that belong to a page, the nearest first: what it is of, and where."""
    found = request.resolver_match
    own = []
    if found and found.view_name == "actions:action-point":
        code = found.kwargs["code"]
        title = gettext("News of action point %(code)s") % {"code": code}
        own = [(title, reverse("point-feed", args=[code]))]
    elif found and found.view_name == "actions:ministry":
        slug = found.kwargs["slug"]
        own = [(gettext("News of this ministry"), reverse("ministry-feed", args=[slug]))]
    return [*own, (gettext("News of the whole plan"), reverse("plan-feed"))]


# --- What stands in a feed


@dataclass(frozen=True, slots=True)
class _About:
    """What a feed is of: its key, its title, the page of that, and where the feed is."""

    key: str
    title: str
    home: str
    own: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """One piece of news: its key, what it says, where to read more, since when."""

    key: str
    title: str
    summary: str
    path: str
    at: datetime
    updated: datetime


def _of_news(each: News) -> _Entry:
    page = reverse("actions:action-point", args=[each.code])
    of_year = f"plan/{each.plan}/actiepunt/{each.code}/{each.year}"
    words = {"code": each.code, "title": each.title, "year": each.year}
    if each.correction:
        return _Entry(
            key=f"{of_year}/correctie/{each.correction}",
            title=gettext("%(code)s %(title)s: correction over %(year)s") % words,
            summary=each.reason,
            path=f"{page}#jaar-{each.year}",
            at=each.at,
            updated=each.updated,
        )
    said = str(each.progress.label) if each.progress else gettext("reported with another subject")
    derived = f" ({gettext('derived')})" if each.basis == "derived" else ""
    return _Entry(
        key=of_year,
        title=gettext("%(code)s %(title)s: progress over %(year)s") % words,
        summary=f"{said}{derived}. {_beginning(each.narrative)}".strip(),
        path=f"{page}#jaar-{each.year}",
        at=each.at,
        updated=each.updated,
    )


def _of_document(each: Opened) -> _Entry:
    title = gettext(_DOCUMENTS[each.kind]) % {"year": each.year}
    if each.edition > 1:
        title = gettext("%(title)s, edition %(number)s") % {"title": title, "number": each.edition}
    if each.is_reconstruction:
        title = gettext("%(title)s (reconstruction)") % {"title": title}
    return _Entry(
        key=f"plan/{each.plan}/rapportage/{each.year}/{each.name}/{each.edition}",
        title=title,
        summary=each.reason or title,
        path=reverse("site:reading", args=[each.year, each.name]),
        at=each.at,
        updated=each.at,
    )


def _beginning(markdown: str) -> str:
    return Truncator(" ".join(plain_text(parse(markdown)).split())).words(60, truncate="…")


# --- The feed itself


class _Atom(Atom1Feed):
    """Atom as the standard has it, also when there is no entry yet."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else _NOTHING_YET


class _Feed(Feed[_Entry, None]):
    """Fills Django's feed with what was read before."""

    feed_type = _Atom
    language = _LANGUAGE
    author_name = "NAP-monitor"

    def __init__(self, request: HttpRequest, about: _About, entries: list[_Entry]) -> None:
        self._request = request
        self._about = about
        self._entries = entries
        self.author_link = absolute(request, "/")

    def title(self) -> str:
        return f"NAP-monitor: {self._about.title}"

    def subtitle(self) -> str:
        return gettext("What became public: yearly progress, corrections and documents.")

    def link(self) -> str:
        return absolute(self._request, self._about.home)

    def feed_url(self) -> str:
        return absolute(self._request, self._about.own)

    def feed_guid(self) -> str:
        return self._identity(f"feed/{self._about.key}")

    def items(self) -> list[_Entry]:
        return self._entries

    def item_title(self, item: _Entry) -> str:
        return item.title

    def item_description(self, item: _Entry) -> str:
        # A summary is read as HTML.
        return format_html("{}", item.summary)

    def item_link(self, item: _Entry) -> str:
        return absolute(self._request, item.path)

    def item_guid(self, item: _Entry) -> str:
        return self._identity(item.key)

    def item_pubdate(self, item: _Entry) -> datetime:
        return item.at

    def item_updateddate(self, item: _Entry) -> datetime:
        return item.updated

    def _identity(self, key: str) -> str:
        return f"tag:{host_name(self._request)},{_SINCE}:{key}"


def _answer(request: HttpRequest, about: _About, entries: Iterable[_Entry]) -> HttpResponse:
    newest = sorted(entries, key=lambda each: (each.at, each.key), reverse=True)[:MOST]
    feed: Any = _Feed(request, about, newest)
    answer: HttpResponse = feed(request)
    return answer

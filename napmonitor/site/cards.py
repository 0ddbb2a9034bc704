"""The picture that goes with a link to a page on other sites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from actions.choices import Progress
from actions.filters import YearFilter
from actions.ministries import standing
from actions.pages import public_page, public_state
from actions.queries import public
from actions.queries.public import PointList
from actions.queries.records import ListedPoint
from napmonitor.site.addresses import canonical_path
from napmonitor.site.drawing import HEIGHT, WIDTH, Card, draw

__all__ = ["HEIGHT", "WIDTH", "address_of", "card"]

_COLOURS: Final = {
    Progress.COMPLETED: "done",
    Progress.IN_PROGRESS: "going",
    Progress.DISCONTINUED: "stopped",
}
# In the order of the bar: what is known first.
_ORDER: Final = (
    Progress.COMPLETED,
    Progress.IN_PROGRESS,
    Progress.NOT_STARTED,
    Progress.DISCONTINUED,
    Progress.NO_STATUS,
    Progress.NOT_MENTIONED,
    Progress.SOURCE_MISSING,
)


@public_page
def card(request: HttpRequest, page: str) -> HttpResponse:
    """Give the card of a page, by the language and the path of that page; at most 7 queries."""
    language, _slash, path = page.partition("/")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        made = _card_of(request, _path(language, path))
    if made is None:
        raise Http404
    return HttpResponse(draw(made), content_type="image/png")


def address_of(request: HttpRequest) -> str:
    """Return the path of the card of a page; of the overview for a page that has none."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    found = request.resolver_match
    if found is None or found.view_name not in _CARDS:
        return reverse("card", args=[language])
    path, question, query = canonical_path(request).partition("?")
    within = path.removeprefix(f"/{language}" if language != settings.LANGUAGE_CODE else "")
    return reverse("card", args=[f"{language}{within}".rstrip("/")]) + question + query


def _path(language: str, rest: str) -> str:
    prefix = "" if language == settings.LANGUAGE_CODE else f"/{language}"
    return f"{prefix}/{rest}/" if rest else f"{prefix}/"


def _card_of(request: HttpRequest, path: str) -> Card | None:
    try:
        found = resolve(path)
    except Resolver404:
        return None
    make = _CARDS.get(found.view_name)
    if make is None:
        return None
    listed = public.point_list(found.kwargs.get("plan"), state=public_state(request))
    if listed is None:
        return None
    chosen = YearFilter(request.GET, [each.year for each in listed.rounds])
    if chosen.problems():
        return None
    return make(listed, chosen.year, found.kwargs)


# --- One function per kind of page


def _of_overview(listed: PointList, year: int | None, _of: Mapping[str, Any]) -> Card:
    points = _in_plan(listed.points(year))
    return _card(listed, _over(year), listed.facts.title, points, year)


def _of_list(listed: PointList, year: int | None, _of: Mapping[str, Any]) -> Card:
    points = _in_plan(listed.points(year))
    return _card(listed, _over(year), gettext("All action points"), points, year)


def _of_pillar(listed: PointList, year: int | None, of: Mapping[str, Any]) -> Card | None:
    points = _in_plan(listed.points(year))
    mine = [each for each in points if each.row.pillar == of["number"]]
    if not mine:
        return None
    above = gettext("Pillar %(number)s") % {"number": of["number"]}
    return _card(listed, above, mine[0].row.pillar_title, mine, year)


def _of_ministry(listed: PointList, year: int | None, of: Mapping[str, Any]) -> Card | None:
    shown = [each for each in listed.rounds if each.year == year]
    detail = public.organisation_detail(listed.facts.slug, shown, of["slug"])
    # Any other name that it ever had leads to its own page.
    if detail is None or detail.facts.slug != of["slug"]:
        return None
    counts = Counter(dict(standing(detail.facts, detail.now, year).counts))
    above = (
        gettext("What does this ministry answer for?")
        if detail.facts.is_ministry
        else gettext("What does this organisation carry out?")
    )
    return _counts_card(listed, above, capfirst(detail.facts.name.full), counts, year)


def _of_point(listed: PointList, year: int | None, of: Mapping[str, Any]) -> Card | None:
    points = listed.points(year)
    row = next((each.row for each in points if each.row.code == of["code"]), None)
    if row is None:
        return None
    above = (
        f"{row.code} · {_pillar(row.pillar, row.pillar_title)}"
        if row.in_plan
        else f"{row.code} · {gettext('Outside the plan')}"
    )
    names = ", ".join(who.organisation.short for who in row.answering)
    said = row.progress.label if row.progress else gettext("no year of reporting is open yet")
    facts = [gettext("Responsible: %(names)s") % {"names": names}] if names else []
    derived = f" ({gettext('derived')})" if row.is_derived else ""
    told = f"{year}: {said}{derived}" if year else capfirst(str(said))
    return _plain(above, row.title, (*facts, told))


def _of_year(listed: PointList, _year: int | None, of: Mapping[str, Any]) -> Card | None:
    shown = next((each for each in listed.rounds if each.year == of["year"]), None)
    if shown is None:
        return None
    points = _in_plan(listed.points(shown.year))
    sent = shown.sent_on
    above = (
        gettext("Letter to parliament of %(day)s") % {"day": date_format(sent, "j F Y")}
        if sent
        else gettext("Letter to parliament")
    )
    title = gettext("Progress in %(year)s") % {"year": shown.year}
    return _card(listed, above, title, points, shown.year)


_CARDS: Final[Mapping[str, Callable[[PointList, int | None, Mapping[str, Any]], Card | None]]] = {
    "site:overview": _of_overview,
    "site:year": _of_year,
    "actions:action-points": _of_list,
    "actions:action-point": _of_point,
    "actions:plan-action-point": _of_point,
    "actions:pillar": _of_pillar,
    "actions:ministry": _of_ministry,
}


# --- What stands on them


def _card(
    listed: PointList, above: str, title: str, points: list[ListedPoint], year: int | None
) -> Card:
    # Without a year nothing is told of any of them, but they are as many.
    counts = Counter(each.row.progress or Progress.SOURCE_MISSING for each in points)
    return _counts_card(listed, above, title, counts, year)


def _counts_card(
    listed: PointList, above: str, title: str, counts: Counter[Progress], year: int | None
) -> Card:
    told = _counted(listed, counts.total())
    if year is None:
        return _plain(above, title, (told,))
    said = [(counts[each], each) for each in _ORDER if counts[each]]
    parts = tuple((number, _COLOURS.get(each, "")) for number, each in said)
    words = [f"{number} {each.label}" for number, each in said]
    half = (len(words) + 1) // 2 if len(words) > 3 else len(words)
    lines = [" · ".join(line) for line in (words[:half], words[half:]) if line]
    return _plain(above, title, (f"{year}: {told}", *lines), parts)


def _counted(listed: PointList, count: int) -> str:
    """Return how many there are, by what the list is: ours as long as there is no official one."""
    if listed.facts.is_working_list:
        words = ngettext(
            "%(count)s subject on our working list", "%(count)s subjects on our working list", count
        )
    else:
        words = ngettext("%(count)s action point", "%(count)s action points", count)
    return words % {"count": count}


def _plain(
    above: str, title: str, facts: tuple[str, ...], parts: tuple[tuple[int, str], ...] = ()
) -> Card:
    return Card(
        above=above,
        title=title,
        facts=facts,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        site=gettext("National Action Plan on business and human rights"),
        parts=parts,
    )


def _over(year: int | None) -> str:
    return gettext("Progress in %(year)s") % {"year": year} if year else ""


def _pillar(number: int, title: str) -> str:
    return gettext("Pillar %(number)s: %(title)s") % {"number": number, "title": title}


def _in_plan(points: Iterable[ListedPoint]) -> list[ListedPoint]:
    return [each for each in points if each.row.in_plan]

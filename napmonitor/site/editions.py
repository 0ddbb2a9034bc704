"""Public pages of the yearly documents: the years, one year, and a document to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from actions import formatting
from actions.choices import Progress
from actions.pages import public_page
from actions.queries import public
from actions.queries.records import PillarProgress, Round
from reports import published, serving
from reports.document import Document
from reports.renderers.html import reading_markup
from reports.renderers.reading import codes

_KINDS: Final = {name: kind for kind, name in serving.NAMES.items()}


@dataclass(frozen=True, slots=True)
class Reported:
    """A year of reporting, with the documents of it that are open to everyone."""

    round: Round
    editions: tuple[published.PublicEdition, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many points had one answer or silence in a year, and in an earlier one beside it."""

    progress: Progress
    now: int
    before: int | None

    @property
    def more(self) -> int:
        """How many more than in the earlier year."""
        return max(self.now - (self.before or 0), 0)

    @property
    def less(self) -> int:
        """How many fewer than in the earlier year."""
        return max((self.before or 0) - self.now, 0)


@public_page
def editions(request: HttpRequest) -> HttpResponse:
    """Every year of reporting, newest first; 4 queries."""
    facts = public.plan_facts()
    if facts is None:
        return render(request, "site/no_plan.html")
    found = published.public_editions()
    rounds = public.released_rounds(facts.slug)
    years = [Reported(each, found.get(each.year, ())) for each in rounds]
    context = {"facts": facts, "years": years, "rounds": rounds}
    return render(request, "site/editions.html", context)


@public_page
def year(request: HttpRequest, year: int) -> HttpResponse:
    """What was reported over one year; 6 queries."""
    facts = public.plan_facts()
    # From new to old: what stands behind it in the list is earlier.
    rounds = public.released_rounds(facts.slug) if facts else []
    at = next((at for at, each in enumerate(rounds) if each.year == year), None)
    if facts is None or at is None:
        raise Http404(_("There is no report about this year, or it is not public yet."))
    known = public.progress_per_year(facts.slug, [each.year for each in rounds[at:]])
    now = known[year]
    earlier = (each for each in rounds[at + 1 :] if _is_known(known[each.year]))
    compared = next(earlier, None) if _is_known(now) else None
    before = known[compared.year] if compared else None
    context = {
        "facts": facts,
        "reported": Reported(rounds[at], published.public_editions(year).get(year, ())),
        "previous": rounds[at + 1] if at + 1 < len(rounds) else None,
        "next": rounds[at - 1] if at else None,
        "counted": _counted(now, before),
        "compared": compared,
        "total": facts.in_plan,
    }
    return render(request, "site/year.html", context)


@public_page
def reading(request: HttpRequest, year: str, name: str) -> HttpResponse:
    """A document as it was stored, in the look of the site; 6 queries.

    What is not what was stored is not shown: that is an error of ours.
    """
    of_year = int(year)
    document = published.public_text(of_year, _KINDS[name])
    editions = published.public_editions(of_year).get(of_year, ()) if document else ()
    edition = next((each for each in editions if each.document.name == name), None)
    if document is None or edition is None:
        raise Http404(_("This document is not there, or it is not public yet."))
    context = {
        "document": document,
        "text": reading_markup(document, _places(document)),
        "edition": edition,
        "others": [each.document for each in editions if each is not edition],
        "round": _round(of_year),
    }
    return render(request, "site/reading.html", context)


def _is_known(pillars: Iterable[PillarProgress]) -> bool:
    """Tell whether a report about a year was available at all."""
    return any(pillar.counts[Progress.SOURCE_MISSING] < pillar.total for pillar in pillars)


def _counted(
    now: Iterable[PillarProgress], before: Iterable[PillarProgress] | None
) -> Sequence[Counted]:
    """Return the count of each answer and silence that one of the two years has."""
    lines = formatting.standing(now).lines
    earlier = [line.total for line in formatting.standing(before).lines] if before else []
    counted = [
        Counted(line.progress, line.total, total) for line, total in zip_longest(lines, earlier)
    ]
    return [each for each in counted if each.now or each.before]


def _places(document: Document) -> dict[str, str]:
    """Return the page of each action point that a document speaks of and that is there; 1 query."""
    known = public.known_codes(codes(document))
    year = document.year
    return {code: f"{reverse('actions:action-point', args=[code])}#jaar-{year}" for code in known}


def _round(year: int) -> Round | None:
    """Return a year of the current plan that is open to everyone; 2 queries."""
    facts = public.plan_facts()
    rounds = public.released_rounds(facts.slug) if facts else []
    return next((each for each in rounds if each.year == year), None)

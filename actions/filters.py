"""The filters of the public pages: what the address may say, and which rows are then left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from operator import attrgetter
from typing import Final, TypeAlias
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, Filter, FilterSet

from actions import search
from actions.choices import DUTCH, EvidenceClass, PillarNumber, Progress
from actions.models import ActionPoint
from actions.models.plan import ActionPointQuerySet
from actions.queries.listing import PAGE_SIZE, PointInFile, PointList
from actions.queries.records import ListedPoint, Name, Round

Points: TypeAlias = Sequence[ListedPoint]

MAX_SEARCH: Final = 200

# What the address may say of things that are so, are not so, or of which it is not known.
_YES, _NO, _UNKNOWN = "ja", "nee", "onbekend"
# The order that a list has by itself.
_BY_CODE: Final = "code"
# Which year, order and page are shown; every other filter leaves points out.
_ALWAYS_SHOWN: Final = ("tekst", "jaar", "pijler", "ministerie", "voortgang", "sorteer")
# Folded away, or on a phone the form would stand between a reader and the list.
_FOLDED: Final = ("uitvoerder", "doorlopend", "bewijs", "kamerstuk")
_NOT_A_CHOICE: Final = ("jaar", "sorteer", "pagina")


@dataclass(frozen=True, slots=True)
class Problem:
    """A value in the address that a filter cannot use, and what it can."""

    name: str
    label: str
    given: str
    message: str
    allowed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter somebody chose, and the query of the address without it."""

    name: str
    label: str
    value: str
    query: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """A chosen filter that gives something again when it is left out, and how much."""

    choice: Choice
    in_plan: int
    outside: int


@dataclass(frozen=True, slots=True)
class Group:
    """The points of one pillar; without a number those of all pillars in another order."""

    number: int | None
    title: str
    points: Points


@dataclass(frozen=True, slots=True)
class Result:
    """One page of what is left: points of the plan, and apart the subjects outside it.

    The two counts are of all pages together.
    """

    groups: tuple[Group, ...]
    outside: Points
    in_plan: int
    outside_count: int
    page: int

    @property
    def points(self) -> Points:
        return [*(each for group in self.groups for each in group.points), *self.outside]

    @property
    def pages(self) -> int:
        return max(1, ceil((self.in_plan + self.outside_count) / PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page to go to; without a number, where some are left out."""

    number: int | None
    query: str = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The way to the other pages of a list; empty queries where there is none."""

    previous: str
    next: str
    links: tuple[PageLink, ...]


class PageField(forms.IntegerField):
    """The number of a page, in plain digits."""

    default_error_messages = {"invalid": _("Write the number of a page, for example 2.")}

    def to_python(self, value: object) -> int | None:
        if value in self.empty_values:
            return None
        if not isinstance(value, str) or not re.fullmatch(r"[1-9][0-9]{0,8}", value):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(value)


class PageFilter(Filter):
    """Which page of a list is shown."""

    field_class = PageField


class YearFilter(FilterSet):
    """The year that a page shows; the latest one when the address names none."""

    jaar = ChoiceFilter(label=_("Year"), empty_label=None, method="keep_all")

    def __init__(
        self,
        data: QueryDict,
        years: Sequence[int],
        points: ActionPointQuerySet | None = None,
    ) -> None:
        # A page that shows no points narrows none, but a FilterSet wants a queryset.
        super().__init__(data, ActionPoint.objects.none() if points is None else points)
        self.years = years
        self.allow("jaar", ((str(year), str(year)) for year in years))

    def allow(self, name: str, choices: Iterable[tuple[str, str | Promise]]) -> None:
        """Set what a filter may be; known before the form is made, so without a query."""
        self.filters[name].extra["choices"] = list(choices)

    def keep_all(
        self, points: QuerySet[ActionPoint], name: str, value: object
    ) -> QuerySet[ActionPoint]:
        return points

    @property
    def year(self) -> int | None:
        chosen = self.form.cleaned_data["jaar"]
        return int(chosen) if chosen else next(iter(self.years), None)

    def problems(self) -> list[Problem]:
        """Return every value in the address that cannot be used; ask before anything else."""
        return [
            Problem(
                name=name,
                label=str(self.filters[name].label),
                given=self.data.get(name, ""),
                message=" ".join(messages),
                allowed=tuple(
                    (value, str(label))
                    for value, label in self.filters[name].extra.get("choices", ())
                ),
            )
            for name, messages in self.errors.items()
        ]


class PointFilter(YearFilter):
    """The filters of the list of action points, by their names in the address."""

    tekst = CharFilter(
        label=_("Words"),
        max_length=MAX_SEARCH,
        widget=forms.SearchInput(attrs={"autocomplete": "off"}),
        method="narrow",
    )
    pijler = ChoiceFilter(label=_("Pillar"), empty_label=_("All pillars"), method="narrow")
    ministerie = ChoiceFilter(label=_("Ministry"), empty_label=_("All ministries"), method="narrow")
    voortgang = ChoiceFilter(label=_("Progress"), empty_label=_("All progress"), method="narrow")
    uitvoerder = ChoiceFilter(
        label=_("Carried out by"), empty_label=_("All organisations"), method="narrow"
    )
    doorlopend = ChoiceFilter(
        label=_("Continues after the plan"), empty_label=_("All answers"), method="narrow"
    )
    bewijs = ChoiceFilter(label=_("Evidence"), empty_label=_("All classes"), method="narrow")
    kamerstuk = ChoiceFilter(
        label=_("Parliamentary document"), empty_label=_("With or without"), method="narrow"
    )
    sorteer = ChoiceFilter(label=_("Order"), empty_label=None, method="keep_all")
    pagina = PageFilter(label=_("Page"), method="keep_all")

    def __init__(self, data: QueryDict, listed: PointList) -> None:
        super().__init__(data, [each.year for each in listed.rounds], listed.all())
        self.listed = listed
        self.allow("pijler", _numbered(PillarNumber))
        self.allow("ministerie", map(_organisation, listed.ministries()))
        self.allow("uitvoerder", map(_organisation, listed.implementers()))
        self.allow("voortgang", ((DUTCH[each], capfirst(each.label)) for each in Progress))
        self.allow("doorlopend", ((_YES, _("Yes")), (_NO, _("No")), (_UNKNOWN, _("Not known"))))
        self.allow(
            "bewijs", ((each.value, f"{each.value}: {each.label}") for each in EvidenceClass)
        )
        self.allow("kamerstuk", ((_YES, _("Refers to one")), (_NO, _("Refers to none"))))
        self.allow(
            "sorteer",
            (
                *((_BY_CODE, _("By code")), ("voortgang", _("By progress"))),
                *(("ministerie", _("By ministry")), ("titel", _("By title"))),
            ),
        )
        self._conditions: dict[str, Q] | None = None

    @property
    def fields(self) -> list[forms.BoundField]:
        return [self.form[name] for name in _ALWAYS_SHOWN]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [self.form[name] for name in _FOLDED]

    @property
    def is_unfolded(self) -> bool:
        """Whether one of the fields that are folded away was used."""
        return any(self._chosen(name) for name in _FOLDED)

    def result(self) -> Result | None:
        """Return the page that is asked for; None when what is left does not reach that far."""
        order, number = self._order, self.form.cleaned_data["pagina"] or 1
        found = self.listed.page(self.qs, self.year, order, number)
        if found is None:
            return None
        in_plan = [each for each in found.points if each.row.in_plan]
        return Result(
            groups=tuple(_groups(in_plan) if order == _BY_CODE else _in_one(in_plan)),
            outside=[each for each in found.points if not each.row.in_plan],
            in_plan=found.in_plan,
            outside_count=found.outside,
            page=number,
        )

    def points_in_file(self) -> list[PointInFile]:
        """Return all that is left, of every page."""
        return self.listed.in_file(self.qs, self.year, self._order)

    @property
    def round(self) -> Round | None:
        """The year that is shown; None as long as none is open."""
        return next((each for each in self.listed.rounds if each.year == self.year), None)

    def narrow(self, points: QuerySet[ActionPoint], name: str, value: str) -> QuerySet[ActionPoint]:
        return points.filter(self.conditions()[name])

    def conditions(self) -> Mapping[str, Q]:
        """Return what each chosen filter asks of a point."""
        if self._conditions is None:
            self._conditions = {
                name: self._condition(name, self._chosen(name))
                for name in self.form.cleaned_data
                if name not in _NOT_A_CHOICE and self._chosen(name)
            }
        return self._conditions

    def choices(self) -> list[Choice]:
        """Return the filters that are chosen, each with the address without it."""
        return [
            Choice(
                name=name,
                label=str(self.filters[name].label),
                value=self._label(name),
                query=self.query(without=name),
            )
            for name in self.conditions()
        ]

    def ways_out(self) -> list[WayOut]:
        """Return the filters that give something again when one of them is left out; 1 query."""
        choices = self.choices()
        if not choices:
            return []
        others = {
            each.name: Q(*(asked for name, asked in self.conditions().items() if name != each.name))
            for each in choices
        }
        counts = self.listed.counts(others)
        return [WayOut(each, *counts[each.name]) for each in choices if any(counts[each.name])]

    @property
    def words(self) -> search.Query | None:
        """What is looked for in the texts; None when nothing is."""
        return search.read(self._chosen("tekst")) if self._chosen("tekst") else None

    def query(self, *, without: str = "", page: int | None = None) -> str:
        """Return the chosen filters as they stand in an address, without the page shown now."""
        chosen = {
            name: value
            for name, value in self.form.cleaned_data.items()
            if value and name not in (without, "pagina") and (name, value) != ("sorteer", _BY_CODE)
        }
        return urlencode(chosen | ({"pagina": page} if page and page > 1 else {}))

    def page_links(self, result: Result) -> PageLinks:
        """Return the way to the other pages: the first, the last and those around this one."""
        here, last = result.page, result.pages
        shown = Paginator(range(last), 1).get_elided_page_range(here, on_each_side=1, on_ends=1)
        return PageLinks(
            previous=self.address(here - 1) if here > 1 else "",
            next=self.address(here + 1) if here < last else "",
            links=tuple(
                PageLink(each, self.address(each), each == here)
                if isinstance(each, int)
                else PageLink(None)
                for each in shown
            ),
        )

    def address(self, page: int) -> str:
        """Return where a page of this list is, seen from any other page of it."""
        query = self.query(page=page)
        return f"?{query}" if query else "."

    @property
    def _order(self) -> str:
        return self._chosen("sorteer") or _BY_CODE

    def _chosen(self, name: str) -> str:
        value: str | None = self.form.cleaned_data[name]
        return value or ""

    def _label(self, name: str) -> str:
        value = self._chosen(name)
        labels: dict[str, str] = dict(self.filters[name].extra.get("choices", ()))
        return str(labels.get(value, value))

    def _condition(self, name: str, value: str) -> Q:
        match name:
            case "pijler":
                return Q(pillar=value)
            case "ministerie":
                return self.listed.answered_for_by(value)
            case "uitvoerder":
                return self.listed.carried_out_by(value)
            case "voortgang":
                return self.listed.with_progress(_progress(value), self.year)
            case "doorlopend":
                answer = {_YES: True, _NO: False}.get(value)
                return self.listed.continuing(answer, self.year)
            case "bewijs":
                return Q(evidence_class=value)
            case "kamerstuk":
                referring = self.listed.with_document(self.year)
                return referring if value == _YES else ~referring
            case _:
                return self.listed.with_words(search.read(value))


def _progress(code: str) -> Progress:
    return next(each for each in Progress if DUTCH[each] == code)


def _numbered(choices: type[PillarNumber]) -> Iterable[tuple[str, str]]:
    return ((str(each.value), f"{each.value}. {capfirst(each.label)}") for each in choices)


def _organisation(name: Name) -> tuple[str, str]:
    # The abbreviation first: in a narrow list only the beginning can be seen.
    return name.slug, f"{name.abbreviation} ({name.name})" if name.abbreviation else name.name


def _groups(points: Points) -> Iterable[Group]:
    for (number, title), rows in groupby(points, attrgetter("row.pillar", "row.pillar_title")):
        yield Group(number, title, list(rows))


def _in_one(points: Points) -> Iterable[Group]:
    return [Group(None, "", points)] if points else []

"""The filters of the public pages: what the address may say, and which rows are then left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TypeAlias
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet

from actions.choices import DUTCH, PillarNumber, Progress
from actions.models import ActionPoint
from actions.queries.records import ListedPoint, Name
from actions.search import matches

MAX_SEARCH: int = 200

Points: TypeAlias = Sequence[ListedPoint]


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
    """A filter somebody chose, and what is left without it: the address and the counts."""

    label: str
    value: str
    query: str
    in_plan: int
    outside: int


@dataclass(frozen=True, slots=True)
class Group:
    """The points of one pillar."""

    number: int
    title: str
    points: Points


@dataclass(frozen=True, slots=True)
class Result:
    """What is left: the points of the plan per pillar, and apart the subjects outside it."""

    groups: tuple[Group, ...]
    outside: Points
    in_plan: int
    choices: tuple[Choice, ...]

    @property
    def points(self) -> Points:
        return [*(each for group in self.groups for each in group.points), *self.outside]

    @property
    def ways_out(self) -> tuple[Choice, ...]:
        """The filters that give something again when one of them is left out."""
        return tuple(each for each in self.choices if each.in_plan or each.outside)


class YearFilter(FilterSet):
    """The year that a page shows; the latest one when the address names none."""

    jaar = ChoiceFilter(label=_("Year"), empty_label=None, method="keep_all")

    def __init__(self, data: QueryDict, years: Sequence[int]) -> None:
        # The rows were read before; the queryset is only there because a FilterSet wants one.
        super().__init__(data, ActionPoint.objects.none())
        self.years = years
        self.allow("jaar", ((str(year), str(year)) for year in years))

    def allow(self, name: str, choices: Iterable[tuple[str, str | Promise]]) -> None:
        """Set what a filter may be; known before the form is made, so without a query."""
        self.filters[name].extra["choices"] = list(choices)

    def keep_all(self, points: Points, name: str, value: str) -> Points:
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
        method="with_text",
    )
    pijler = ChoiceFilter(label=_("Pillar"), empty_label=_("All pillars"), method="of_pillar")
    ministerie = ChoiceFilter(
        label=_("Ministry"), empty_label=_("All ministries"), method="of_ministry"
    )
    voortgang = ChoiceFilter(
        label=_("Progress"), empty_label=_("All progress"), method="with_progress"
    )

    def __init__(self, data: QueryDict, years: Sequence[int], ministries: Sequence[Name]) -> None:
        super().__init__(data, years)
        self.allow("pijler", _numbered(PillarNumber))
        self.allow("ministerie", map(_ministry, ministries))
        self.allow("voortgang", ((DUTCH[each], capfirst(each.label)) for each in Progress))

    @property
    def looks_in_texts(self) -> bool:
        return bool(self.form.cleaned_data["tekst"])

    def result(self, points: Points) -> Result:
        """Return which of these points are left."""
        left = self._left(points)
        in_plan = [each for each in left if each.row.in_plan]
        return Result(
            groups=tuple(_groups(in_plan)),
            outside=[each for each in left if not each.row.in_plan],
            in_plan=len(in_plan),
            choices=tuple(self._choices(points)),
        )

    def of_pillar(self, points: Points, name: str, value: str) -> Points:
        return [each for each in points if str(each.row.pillar) == value]

    def of_ministry(self, points: Points, name: str, value: str) -> Points:
        return [
            each
            for each in points
            if any(who.organisation.slug == value for who in each.row.answering)
        ]

    def with_progress(self, points: Points, name: str, value: str) -> Points:
        return [each for each in points if each.row.progress and DUTCH[each.row.progress] == value]

    def with_text(self, points: Points, name: str, value: str) -> Points:
        return [each for each in points if matches(value, each.words)]

    def _left(self, points: Points, *, without: str = "") -> Points:
        for name, value in self.form.cleaned_data.items():
            if name != without:
                points = self.filters[name].filter(points, value)
        return points

    def _choices(self, points: Points) -> Iterable[Choice]:
        for name, value in self.form.cleaned_data.items():
            if not value or name == "jaar":
                continue
            labels = dict(self.filters[name].extra.get("choices", ()))
            left = self._left(points, without=name)
            in_plan = sum(each.row.in_plan for each in left)
            yield Choice(
                label=str(self.filters[name].label),
                value=str(labels.get(value, value)),
                query=self._query(without=name),
                in_plan=in_plan,
                outside=len(left) - in_plan,
            )

    def _query(self, *, without: str) -> str:
        chosen = self.form.cleaned_data.items()
        return urlencode({name: value for name, value in chosen if value and name != without})


def _numbered(choices: type[PillarNumber]) -> Iterable[tuple[str, str]]:
    return ((str(each.value), f"{each.value}. {capfirst(each.label)}") for each in choices)


def _ministry(name: Name) -> tuple[str, str]:
    # The abbreviation first: in a narrow list only the beginning can be seen.
    return name.slug, f"{name.abbreviation} ({name.name})" if name.abbreviation else name.name


def _groups(points: Points) -> Iterable[Group]:
    for (number, title), rows in groupby(points, attrgetter("row.pillar", "row.pillar_title")):
        yield Group(number, title, list(rows))

"""What changed for one action point between two years: which years, and what differs in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actions import richtext
from actions.choices import ResponsibilityRole
from actions.differences import Piece, compare, share_kept
from actions.filters import Problem
from actions.queries.records import Responsible, Stand, YearOfPoint

# Below this share of equal words two texts are read more easily beside each other.
_RELATED: Final = 0.4
# Keeps two texts of the greatest length within a tenth of a second.
_MOST_PAIRS: Final = 500_000


class Change(Enum):
    """What can be said of one fact in two years."""

    SAME = "same"
    CHANGED = "changed"
    # One of the two years is silent, or both are: then nobody can tell.
    UNKNOWN = "unknown"
    # The same ministries, called otherwise.
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class TextChange:
    """One part of the text in two years; its words without the signs for the layout."""

    label: str | Promise
    before: str
    after: str
    pieces: tuple[Piece, ...]

    @property
    def is_rewritten(self) -> bool:
        """Whether so little stayed that the two are best read each on its own."""
        return bool(self.before and self.after) and share_kept(self.pieces) < _RELATED

    @property
    def is_same(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class YearsCompared:
    """One action point in two years, the older one first."""

    before: YearOfPoint
    after: YearOfPoint

    @property
    def is_one_year(self) -> bool:
        return self.before.round.year == self.after.round.year

    @property
    def without_text(self) -> tuple[int, ...]:
        """The years of the two of which no text is public."""
        return tuple(each.round.year for each in (self.before, self.after) if not has_text(each))

    @property
    def progress(self) -> Change:
        if is_silent(self.before) or is_silent(self.after):
            return Change.UNKNOWN
        return Change.SAME if self.before.progress == self.after.progress else Change.CHANGED

    @property
    def responsible(self) -> Change:
        """Whether others answer; a ministry with another name is the same ministry."""
        if self.before.stand is None or self.after.stand is None:
            return Change.UNKNOWN
        old, new = (_answering(each) for each in (self.before.stand, self.after.stand))
        if _held(old) != _held(new):
            return Change.CHANGED
        renamed = _named(old) != _named(new)
        return Change.RENAMED if renamed else Change.SAME

    @property
    def texts(self) -> tuple[TextChange, ...]:
        """The parts of the text that are there in one of the years; none when one has no text."""
        return () if self.without_text else tuple(_texts(self.before, self.after))


class TwoYears(forms.Form):
    """Which two years the address asks for; the last two with a text when it names none."""

    van = forms.ChoiceField(label=_("From year"), required=False)
    tot = forms.ChoiceField(label=_("To year"), required=False)

    def __init__(self, data: QueryDict, years: Sequence[YearOfPoint]) -> None:
        chosen = {name: data[name] for name in ("van", "tot") if data.get(name)}
        super().__init__({**_usual(years), **chosen}, use_required_attribute=False)
        self._years = {str(each.round.year): each for each in years}
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.choices = [(year, year) for year in self._years]

    def problems(self) -> list[Problem]:
        """Return every value in the address that is no public year; ask before anything else."""
        return [
            Problem(
                name=name,
                label=str(self.fields[name].label),
                given=str(self.data[name]),
                message=" ".join(str(each) for each in messages),
                allowed=tuple((year, year) for year in self._years),
            )
            for name, messages in self.errors.items()
        ]

    def compared(self) -> YearsCompared | None:
        """Return the two years, the older one first; None when fewer than two are public."""
        if len(self._years) < 2:
            return None
        chosen = sorted(self.cleaned_data[name] for name in ("van", "tot"))
        return YearsCompared(*(self._years[year] for year in chosen))


def is_silent(each: YearOfPoint) -> bool:
    return each.stand is None or each.stand.is_silent


def has_text(each: YearOfPoint) -> bool:
    return any(_text(each, name) for name in _PARTS)


_PARTS: Final[dict[str, Promise]] = {
    "narrative": _("What was reported"),
    "outlook": _("What comes next"),
    "discontinued_reason": _("Why it was stopped"),
}


def _usual(years: Sequence[YearOfPoint]) -> dict[str, str]:
    """Return the last two years with a text; of years newest first, the last two when there are."""
    texts = [each for each in years if has_text(each)]
    latest = (texts if len(texts) >= 2 else list(years))[:2]
    if not latest:
        return {}
    return {"van": str(latest[-1].round.year), "tot": str(latest[0].round.year)}


def _texts(before: YearOfPoint, after: YearOfPoint) -> Iterator[TextChange]:
    for name, label in _PARTS.items():
        old, new = _text(before, name), _text(after, name)
        if old or new:
            pieces = compare(old, new, most_pairs=_MOST_PAIRS)
            yield TextChange(label, old, new, tuple(pieces))


def _text(each: YearOfPoint, name: str) -> str:
    """Return one part of the text of a year as it is read, with that of the point it stands at."""
    told = [each.stand, each.covering if name == "narrative" else None]
    return "\n".join(_words(_part(stand, name)) for stand in told if stand and _part(stand, name))


def _part(stand: Stand, name: str) -> str:
    parts = {
        "narrative": stand.narrative,
        "outlook": stand.outlook,
        "discontinued_reason": stand.discontinued_reason,
    }
    return parts[name]


def _words(text: str) -> str:
    """Return a text as it is read, one line for each paragraph, point or row."""
    words = richtext.plain_text(richtext.parse(text))
    return "\n".join(line for line in words.splitlines() if line.strip())


def _answering(stand: Stand) -> list[Responsible]:
    return [each for each in stand.responsible if each.role != ResponsibilityRole.IMPLEMENTING]


def _held(some: list[Responsible]) -> set[tuple[str, ResponsibilityRole]]:
    return {(each.organisation.slug, each.role) for each in some}


def _named(some: list[Responsible]) -> set[str]:
    return {each.organisation.full for each in some}

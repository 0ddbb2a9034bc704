"""What everyone may have of the documents: issued, in force, and of a round that was released.

This is the one place that decides it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Plan, ReportingRound
from actions.models.history import history_of
from actions.moments import Moment, last
from reports.choices import Audience, Format, Kind, Stage
from reports.models import Dispatch, EditionFile, EditionIssue, EditionVersion
from reports.serving import NAMES


@dataclass(frozen=True, slots=True)
class PublicDocument:
    """A document that everyone can read; `reason` says why there is a later edition."""

    kind: Kind
    edition: int
    reason: str
    is_reconstruction: bool
    formats: tuple[Format, ...] = tuple(Format)

    @property
    def name(self) -> str:
        """What it is called in addresses."""
        return NAMES[self.kind]


@dataclass(frozen=True, slots=True)
class PublicYear:
    """The documents of one year that everyone can read."""

    year: int
    documents: tuple[PublicDocument, ...]


def public_file(year: int, kind: str, to: str) -> EditionFile | None:
    """Return a file of the current plan that is open to everyone, without its content; 1 query."""
    return (
        EditionFile.objects.filter(
            version__in=_open().filter(edition__kind=kind, edition__round__year=year),
            audience=Audience.PUBLIC,
            format=to,
        )
        .select_related("version__issue", "version__edition__round")
        .defer("content", "pages", "version__tree", "version__public_tree")
        .first()
    )


def open_since(file: EditionFile) -> datetime:
    """Return from when a public file has been open to everyone."""
    released = file.version.edition.round.released_at or timezone.now()
    return max(file.version.issue.at, released)


def public_documents() -> list[PublicYear]:
    """Return the documents of the current plan that are open to everyone, by year; 1 query."""
    rows = _open().values_list(
        "edition__round__year",
        "edition__kind",
        "edition__number",
        "freeze__reason",
        "freeze__stage",
    )
    by_year: dict[int, list[PublicDocument]] = defaultdict(list)
    for year, kind, number, reason, stage in rows:
        is_reconstruction = stage == Stage.RECONSTRUCTION
        why = reason if number > 1 else ""
        by_year[year].append(PublicDocument(Kind(kind), number, why, is_reconstruction))
    order = list(Kind)
    return [
        PublicYear(year, tuple(sorted(by_year[year], key=lambda each: order.index(each.kind))))
        for year in sorted(by_year, reverse=True)
    ]


def _open() -> QuerySet[EditionVersion]:
    rounds = ReportingRound.objects.released().filter(plan__in=Plan.objects.current())
    return EditionVersion.objects.in_force().filter(edition__round__in=rounds)


def public_changes(now: datetime) -> Iterator[QuerySet[Any, Moment]]:
    """Yield a query of one row for each way in which the documents of everyone can change."""
    released = ReportingRound.objects.released(now)
    issued = EditionIssue.objects.filter(edition__round__in=released)
    yield last("issued", issued, "at")
    yield last("sent", history_of(Dispatch).objects.all(), "history_date")

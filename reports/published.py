"""What everyone may have of the documents: issued, in force, and of a round that was released.

This is the one place that decides it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from actions.models import Plan, ReportingRound
from actions.models.history import history_of
from actions.moments import Moment, last
from reports.choices import Audience, Format, Kind, Stage
from reports.document import Document, from_text
from reports.models import Dispatch, EditionFile, EditionIssue, EditionVersion, ReportEdition
from reports.serving import NAMES, Damaged


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


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file that everyone can download, with the hash to check it by."""

    format: Format
    size: int
    sha256: str

    @property
    def kilobytes(self) -> int:
        return max(1, round(self.size / 1000))


@dataclass(frozen=True, slots=True)
class Superseded:
    """An edition that everyone could read until another took its place, and why that came."""

    number: int
    issued_on: date
    replaced_on: date
    replaced_by: int
    reason: str


@dataclass(frozen=True, slots=True)
class PublicEdition:
    """A document that everyone can read, its files, and the editions before it, newest first."""

    document: PublicDocument
    issued_on: date
    files: tuple[PublicFile, ...]
    earlier: tuple[Superseded, ...]


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


@dataclass(frozen=True, slots=True)
class Opened:
    """That a document became open to everyone, and when."""

    plan: str
    year: int
    kind: Kind
    edition: int
    reason: str
    is_reconstruction: bool
    at: datetime

    @property
    def name(self) -> str:
        """What it is called in addresses."""
        return NAMES[self.kind]


def opened_documents() -> list[Opened]:
    """Return when each public document became open to everyone, newest first; 1 query."""
    rows = _open().values_list(
        "edition__round__plan__slug",
        "edition__round__year",
        "edition__kind",
        "edition__number",
        "freeze__reason",
        "freeze__stage",
        "issue__at",
        "edition__round__released_at",
    )
    found = [
        Opened(
            plan,
            year,
            Kind(kind),
            number,
            reason if number > 1 else "",
            stage == Stage.RECONSTRUCTION,
            max(issued, released or issued),
        )
        for plan, year, kind, number, reason, stage, issued, released in rows
    ]
    order = list(Kind)
    return sorted(found, key=lambda each: (each.at, each.year, order.index(each.kind)))[::-1]


def public_editions(year: int | None = None) -> dict[int, tuple[PublicEdition, ...]]:
    """Return what is open to everyone of one year or of all, with its files; 2 queries."""
    versions = _open() if year is None else _open().filter(edition__round__year=year)
    rows = EditionFile.objects.filter(version__in=versions, audience=Audience.PUBLIC).values_list(
        "version__edition__round__year",
        "version__edition__kind",
        "version__edition__number",
        "version__freeze__reason",
        "version__freeze__stage",
        "version__issue__at",
        "format",
        "size",
        "sha256",
    )
    files: dict[tuple[int, str], list[PublicFile]] = defaultdict(list)
    found: dict[tuple[int, str], tuple[PublicDocument, date]] = {}
    for of_year, kind, number, reason, stage, at, to, size, digest in rows:
        files[of_year, kind].append(PublicFile(Format(to), size, digest))
        why = reason if number > 1 else ""
        document = PublicDocument(Kind(kind), number, why, stage == Stage.RECONSTRUCTION)
        found[of_year, kind] = document, timezone.localdate(at)
    earlier = _superseded(year)
    order, forms = list(Kind), list(Format)
    by_year: dict[int, list[PublicEdition]] = defaultdict(list)
    for key, (document, issued_on) in sorted(
        found.items(), key=lambda each: order.index(each[1][0].kind)
    ):
        in_order = sorted(files[key], key=lambda each: forms.index(each.format))
        edition = PublicEdition(document, issued_on, tuple(in_order), tuple(earlier[key]))
        by_year[key[0]].append(edition)
    return {of_year: tuple(editions) for of_year, editions in by_year.items()}


def _superseded(year: int | None) -> dict[tuple[int, str], list[Superseded]]:
    """Return the editions that were open to everyone once, by year and document; 1 query.

    One that was replaced before its round was released never was: of that nothing is told.
    """
    editions = ReportEdition.objects.filter(
        round__in=_rounds(),
        issue__isnull=False,
        superseded_by__issue__at__gt=F("round__released_at"),
    ).order_by("-number")
    if year is not None:
        editions = editions.filter(round__year=year)
    found: dict[tuple[int, str], list[Superseded]] = defaultdict(list)
    for of_year, kind, number, at, by, replaced_at, reason in editions.values_list(
        "round__year",
        "kind",
        "number",
        "issue__at",
        "superseded_by__number",
        "superseded_by__issue__at",
        "superseded_by__issue__version__freeze__reason",
    ):
        days = timezone.localdate(at), timezone.localdate(replaced_at)
        found[of_year, kind].append(Superseded(number, *days, by, reason))
    return found


def public_text(year: int, kind: str) -> Document | None:
    """Return a document as it is stored for everyone, or None when it is not open; 1 query.

    Raises Damaged when the text is not what was stored.
    """
    # Only what everyone may have is read: of a note that is a text of its own.
    text = "public_tree" if kind == Kind.DECISION_NOTE else "tree"
    stored = (
        _open()
        .filter(edition__kind=kind, edition__round__year=year)
        .values_list(text, f"{text}_hash", "pk")
        .first()
    )
    if stored is None:
        return None
    tree, digest, version = stored
    if sha256(tree.encode()).hexdigest() != digest:
        raise Damaged(f"the text of version {version} does not have the hash {digest}")
    return from_text(tree)


def _open() -> QuerySet[EditionVersion]:
    return EditionVersion.objects.in_force().filter(edition__round__in=_rounds())


def _rounds() -> QuerySet[ReportingRound]:
    return ReportingRound.objects.released().filter(plan__in=Plan.objects.current())


def public_changes(now: datetime) -> Iterator[QuerySet[Any, Moment]]:
    """Yield a query of one row for each way in which the documents of everyone can change."""
    released = ReportingRound.objects.released(now)
    issued = EditionIssue.objects.filter(edition__round__in=released)
    yield last("issued", issued, "at")
    yield last("sent", history_of(Dispatch).objects.all(), "history_date")

"""All that was stored about some action points, in one ZIP file for a Woo request.

For who may read and review the entries of all ministries. That it left the application stands in
the audit trail before it does. With or without names: without them nothing in it but the texts
that people typed says who somebody is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from actions import permissions
from actions.exports import csv_response
from actions.models import ActionPoint, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from reports.archive import safe_name
from reports.builder import known_names
from reports.builder.woo import (
    COLUMNS,
    FOUND_COLUMNS,
    NAME_COLUMNS,
    WooExport,
    WooFile,
    build_woo,
    readme,
)
from reports.document import AnnexReport, Section
from reports.names import FoundName, Names, find_names
from reports.renderers.docx import render_docx
from reports.renderers.office import zipped

ZIP: Final = "application/zip"
_RIGHTS: Final = ("actions.view_every_statusentry", "actions.review_statusentry")


@dataclass(frozen=True, slots=True)
class WooZip:
    """A file to download."""

    name: str
    content: bytes


class NothingThere(LookupError):
    """Nothing was stored about these action points in these rounds."""


def may_take(user: User) -> bool:
    """Tell whether somebody may answer for what all ministries wrote."""
    return all(user.has_perm(right) for right in _RIGHTS)


def take(
    user: User,
    points: Collection[ActionPoint],
    rounds: Collection[ReportingRound],
    *,
    with_names: bool,
) -> WooZip:
    """Return all that was stored about these action points in these rounds.

    Raises PermissionDenied for who may not read and review all, NothingThere when there is nothing.
    """
    if not may_take(user):
        raise PermissionDenied
    entries = readable(user).filter(action_point__in=points, round__in=rounds)
    moment = timezone.now()
    export = build_woo(entries, moment=moment)
    if not export.files:
        raise NothingThere
    words = readme(export, moment=moment, with_names=with_names)
    content = zipped(_parts(export, words, with_names=with_names))
    detail = {
        "what": "woo",
        "action_points": [each.code for each in export.files],
        "rounds": sorted(each.year for each in rounds),
        "names": with_names,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    with trail.atomic():
        for each in rounds:
            trail.record("document.read", actor=user, about=each, detail=detail)
    return WooZip(f"woo-uitdraai-{timezone.localtime(moment):%Y%m%d-%H%M}.zip", content)


def readable(user: User) -> QuerySet[StatusEntry]:
    """Return the entries that this person may read."""
    return permissions.visible_entries(user)


def _parts(export: WooExport, words: str, *, with_names: bool) -> Iterator[tuple[str, bytes]]:
    paths = _paths(export.files)
    named = list(zip(paths, export.files, strict=True))
    yield "LEESMIJ.txt", words.encode()
    for path, file in named:
        yield path, render_docx(file.document).content
    yield "inventarislijst.csv", _csv(COLUMNS, _inventory(named))
    columns = FOUND_COLUMNS if with_names else FOUND_COLUMNS[:2]
    found = _found(named, known_names(), with_names=with_names)
    yield "namen-in-teksten.csv", _csv(columns, found)
    if with_names:
        people = ((name, person.name, person.email) for name, person in export.people)
        yield "namen.csv", _csv(NAME_COLUMNS, people)


def _paths(files: Sequence[WooFile]) -> list[str]:
    """Return where each document stands; two plans can have an action point of the same code."""
    made: list[str] = []
    for file in files:
        stem, number = f"actiepunten/{safe_name(file.code)}", 1
        path = f"{stem}.docx"
        while path in made:
            number += 1
            path = f"{stem}-{number}.docx"
        made.append(path)
    return made


def _inventory(named: Iterable[tuple[str, WooFile]]) -> Iterator[Sequence[object]]:
    items = ((path, item) for path, file in named for item in file.items)
    for number, (path, each) in enumerate(items, start=1):
        yield (
            *(number, path, each.code, each.year, each.kind, each.version),
            *(f"{each.at:%Y-%m-%d}", f"{each.at:%H:%M}", each.by, each.roles),
        )


def _found(
    named: Iterable[tuple[str, WooFile]], names: Names, *, with_names: bool
) -> Iterator[Sequence[object]]:
    """Yield where somebody with an account seems to be named, for a person to look at."""
    for path, file in named:
        places = _places(file.document)
        # One line for a place is enough where the names themselves are left out.
        seen: set[str] = set()
        for each in find_names(file.document, names):
            place = _place(each, places)
            if with_names:
                yield path, place, each.literal, each.around
            elif place not in seen:
                seen.add(place)
                yield path, place


def _places(document: AnnexReport) -> dict[str, str]:
    """Return the headings above each part of a document, by the id its parts begin with."""
    return dict(_titles(document.sections, ""))


def _titles(sections: Iterable[Section], above: str) -> Iterator[tuple[str, str]]:
    for each in sections:
        title = f"{above} > {each.title}" if above else each.title
        yield each.id, title
        yield from _titles(each.sections, title)


def _place(found: FoundName, places: dict[str, str]) -> str:
    """Return under which headings a name stands: those of the nearest part around it."""
    within = found.node_id
    while within and within not in places:
        within = within.rpartition("-")[0]
    return places.get(within, "Titel of toelichting")


def _csv(header: Sequence[object], rows: Iterable[Sequence[object]]) -> bytes:
    return csv_response("", header, rows).content

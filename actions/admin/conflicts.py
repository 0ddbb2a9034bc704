"""Two people wrote at once: both texts side by side, and what was typed is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from actions import differences
from actions.admin.versions import label, shown
from actions.differences import Kind, Piece
from actions.editing import RICH, Content, content_of
from actions.forms import CONTENT, PLAIN, StatusEntryForm
from actions.models import EntryVersion, StatusEntry


class Conflict(Exception):
    """Another version was stored after this form was opened; the form holds what was typed."""

    def __init__(self, form: StatusEntryForm) -> None:
        super().__init__()
        self.form = form


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that differs: both texts with their differences, and which is chosen at first.

    `by_hand` tells that the words can still be changed on this page.
    """

    name: str
    label: str
    typed: Sequence[Piece]
    stored: Sequence[Piece]
    words: str
    by_hand: bool
    both_changed: bool
    keep_typed: bool


def context(entry: StatusEntry, form: StatusEntryForm) -> dict[str, Any]:
    """Return the page for a form whose text was overtaken."""
    newest = entry.latest_version
    typed: Any = form.data
    seen = entry.versions.filter(number=form.cleaned_data["read_version"] or 0).first()
    clashes = [
        _clash(name, form, before, theirs, mine)
        for name, before, theirs, mine in _fields(form, seen, newest)
        if theirs != mine
    ]
    names = {clash.name for clash in clashes}
    return {
        "newest": newest,
        "clashes": clashes,
        # All that was typed goes along unseen; the fields with a choice stand in the page.
        "typed": [
            (name, value)
            for name, values in typed.lists()
            for value in values
            if not name.startswith(("_", "choose-", "csrf"))
            and name != "read_version"
            and not (name in names and name in (*RICH, *PLAIN))
        ],
    }


def kept(entry: StatusEntry, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the page for a text that came too late: all words, to copy."""
    last = entry.transitions.select_related("actor").order_by("at", "pk").last()
    stored = content_of(entry.latest_version)
    return {
        "last": last,
        "texts": [
            (label(name), typed[name])
            for name in (*RICH, *PLAIN, "informed_sender")
            if typed.get(name, "").strip() and typed[name].split() != getattr(stored, name).split()
        ],
    }


def _fields(
    form: StatusEntryForm, seen: EntryVersion | None, newest: EntryVersion | None
) -> list[tuple[str, str, str, str]]:
    """Return of each field what it said when it was opened, what it says now, what was typed."""
    before, theirs, mine = content_of(seen), content_of(newest), form.content()
    rows = [
        (name, _words(before, name), _words(theirs, name), _words(mine, name))
        for name in CONTENT
        if name in form.fields
    ]
    typed = "\n".join(str(source) for source, _detail in form.sources())
    return [*rows, ("sources", _sources(seen), _sources(newest), typed)]


def _clash(name: str, form: StatusEntryForm, before: str, theirs: str, mine: str) -> Clash:
    pieces = differences.compare(mine, theirs)
    by_hand = name in (*RICH, *PLAIN)
    return Clash(
        name=name,
        label=_("Sources") if name == "sources" else label(name),
        typed=differences.without(pieces, Kind.ADDED),
        stored=differences.without(pieces, Kind.REMOVED),
        words=mine if by_hand else "",
        by_hand=by_hand,
        both_changed=before not in (theirs, mine),
        # Only what somebody else alone changed is taken over unless it is chosen otherwise.
        keep_typed=mine != before,
    )


def _words(content: Content, name: str) -> str:
    return shown(name, getattr(content, name))


def _sources(version: EntryVersion | None) -> str:
    if version is None:
        return ""
    return "\n".join(str(each.source) for each in version.sources.select_related("source"))

"""What a coordinator does in the editor of a document: one function per step.

Each holds the round, asks the right, refuses who did not see the newest text of the paragraph,
writes and logs in one transaction. It raises PermissionDenied for who may not, Overtaken with what
another wrote, NotPossible with a sentence for the person who asked, and ValidationError for a text
that no document takes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from actions import richtext
from actions.choices import EntryState
from actions.forms import refuse_problems
from actions.models import ReportingRound, StatusEntry
from actions.workflow import NotPossible
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from reports import arrangement, paragraphs, permissions, production
from reports.arrangement import Rebuilt, Stored
from reports.choices import Kind, Stage
from reports.document import Document
from reports.holding import held
from reports.models import EditionParagraph
from reports.production import Reading

Rows = tuple[Stored, ...]


@dataclass(frozen=True, slots=True)
class At:
    """A paragraph as somebody saw it; `typed` is what they typed there and did not save yet."""

    node_id: str
    revision: int
    typed: str | None = None


class Overtaken(Exception):
    """Somebody changed the paragraph after this person opened it; None when it is not there."""

    def __init__(self, paragraph: EditionParagraph | None) -> None:
        super().__init__()
        self.paragraph = paragraph


# What is built.


def read(each: ReportingRound) -> Reading:
    """Return what the documents of a round are made of now."""
    return production.read(each, Stage.CONCEPT if each.opened_on else Stage.RECONSTRUCTION)


def built(reading: Reading, kind: Kind) -> Document:
    """Return a document as the texts of the ministries give it, in nobody's order."""
    bare = replace(reading, arranged=dict.fromkeys(Kind, ()))
    if kind == Kind.DECISION_NOTE:
        # The pages of the letter and the annex are known once those are fixed.
        return production.note(bare, {})
    return production.document(bare, kind)


# Steps.


def save(each: ReportingRound, kind: Kind, at: At, *, actor: User) -> None:
    """Store what was typed as the own text of a paragraph; nothing typed is the built text."""
    _change(each, kind, at, lambda rows: rows, actor=actor, what="own text")


def use_built(each: ReportingRound, kind: Kind, at: At, *, actor: User) -> None:
    """Let the built text stand again in a paragraph."""
    _change(each, kind, replace(at, typed=""), lambda rows: rows, actor=actor, what="built text")


def leave_out(
    each: ReportingRound, kind: Kind, at: At, *, actor: User, left_out: bool = True
) -> None:
    """Leave a paragraph out of the document, or put it back; its text is kept."""

    def change(rows: Rows) -> Rows:
        return arrangement.leave_out(rows, at.node_id, left_out=left_out)

    what = "left out" if left_out else "put back"
    _change(each, kind, at, change, actor=actor, what=what)


def move_up(each: ReportingRound, kind: Kind, at: At, *, actor: User) -> None:
    """Put a paragraph before the one above it."""

    def change(rows: Rows) -> Rows:
        near, place = _neighbours(rows, at.node_id)
        if place == 0:
            raise ValueError("it is the first already")
        after = near[place - 2].node_id if place > 1 else ""
        return arrangement.move(rows, at.node_id, near[place].part, after)

    _change(each, kind, at, change, actor=actor, what="moved")


def move_down(each: ReportingRound, kind: Kind, at: At, *, actor: User) -> None:
    """Put a paragraph after the one below it."""

    def change(rows: Rows) -> Rows:
        near, place = _neighbours(rows, at.node_id)
        if place == len(near) - 1:
            raise ValueError("it is the last already")
        return arrangement.move(rows, at.node_id, near[place].part, near[place + 1].node_id)

    _change(each, kind, at, change, actor=actor, what="moved")


def move_to(each: ReportingRound, kind: Kind, at: At, part: str, *, actor: User) -> None:
    """Put a paragraph at the end of a section."""

    def change(rows: Rows) -> Rows:
        there = [row.node_id for row in rows if row.part == part and row.node_id != at.node_id]
        return arrangement.move(rows, at.node_id, part, there[-1] if there else "")

    _change(each, kind, at, change, actor=actor, what="moved")


def join(each: ReportingRound, kind: Kind, at: At, *, actor: User) -> None:
    """Join a paragraph with the next one in its section; both texts stand in it."""

    def change(rows: Rows) -> Rows:
        near, place = _neighbours(rows, at.node_id)
        if place == len(near) - 1:
            raise NotPossible(
                _("There is no paragraph below this one in the section."), code="no_next"
            )
        try:
            return arrangement.join(rows, [at.node_id, near[place + 1].node_id])
        except ValueError:
            raise NotPossible(
                _(
                    "This paragraph cannot be joined with the next one. That is not possible with "
                    "a chart or a table of data, nor with what is left out, nor when the text "
                    "becomes too long."
                ),
                code="not_joined",
            ) from None

    _change(each, kind, at, change, actor=actor, what="joined")


def split(each: ReportingRound, kind: Kind, at: At, piece: int, *, actor: User) -> None:
    """Split a paragraph before one of the pieces of its text; the first piece is 0."""

    def change(rows: Rows) -> Rows:
        try:
            return arrangement.split(rows, at.node_id, paragraph=piece)
        except ValueError:
            raise NotPossible(
                _("The paragraph cannot be split there: both pieces need a text."),
                code="not_split",
            ) from None

    _change(each, kind, at, change, actor=actor, what="split")


def tie(each: ReportingRound, kind: Kind, at: At, codes: Iterable[str], *, actor: User) -> None:
    """Tie a paragraph to the newest texts of these action points, and to no other."""
    wanted = set(codes)

    def change(rows: Rows) -> Rows:
        newest = newest_texts(each)
        row = _row(rows, at.node_id)
        now = {name.split("/")[0]: name for name in row.versions} | newest
        versions = tuple(now[code] for code in sorted(wanted) if code in now)
        return _with(rows, replace(row, versions=versions))

    _change(each, kind, at, change, actor=actor, what="tied")


def newest_texts(each: ReportingRound) -> dict[str, str]:
    """Return by action point the name of its newest text that the documents may speak of."""
    found = StatusEntry.objects.filter(round=each).filter(
        Q(state__in=(EntryState.APPROVED, EntryState.RECONSTRUCTED))
        | Q(published_version__isnull=False)
    )
    rows = found.order_by("action_point__code").values_list(
        "action_point__code", "state", "latest_version__number", "published_version__number"
    )
    names = {}
    for code, state, latest, published in rows:
        settled = state in (EntryState.APPROVED, EntryState.RECONSTRUCTED)
        if number := latest if settled else published:
            names[code] = f"{code}/{each.year}/{number}"
    return names


# Rebuilding.


def mark_of(rebuilt: Rebuilt) -> str:
    """Return what tells one outcome of rebuilding from another, for who confirms it later."""
    text = json.dumps([astuple(row) for row in rebuilt.paragraphs], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@trail.atomic()
def rebuild(each: ReportingRound, kind: Kind, *, mark: str, actor: User) -> int:
    """Take in what was built anew, as it was shown; return how many paragraphs changed.

    No own text goes, and what a person tied to a text of a ministry stays tied.
    """
    each = _begin(each, actor)
    before = paragraphs.arrangement(each, kind)
    if not before:
        return 0
    rebuilt = arrangement.rebuild(before, built(read(each), kind))
    if mark_of(rebuilt) != mark:
        raise NotPossible(
            _("The texts changed after you opened this page. Look at the changes again first."),
            code="other_text",
        )
    rows = _still_tied(before, rebuilt.paragraphs)
    paragraphs.store(each, kind, rows, actor=actor, what="rebuilt")
    return sum(change.outcome != arrangement.Outcome.SAME for change in rebuilt.changes)


def _still_tied(before: Iterable[Stored], after: Iterable[Stored]) -> Rows:
    """Return rows with the ties to action points that only a person gave them."""
    ties = {row.node_id: row.versions for row in before}
    kept = []
    for row in after:
        known = {name.split("/")[0] for name in row.versions}
        own = [name for name in ties.get(row.node_id, ()) if name.split("/")[0] not in known]
        if row.own.strip() and own:
            row = replace(row, versions=tuple(sorted((*row.versions, *own))))
        kept.append(row)
    return tuple(kept)


# What they share.


@trail.atomic()
def _change(
    each: ReportingRound,
    kind: Kind,
    at: At,
    change: Callable[[Rows], Rows],
    *,
    actor: User,
    what: str,
) -> None:
    """Store what was typed and make a change, in the paragraphs as they are now."""
    each = _begin(each, actor)
    found = _stored_rows(each, kind, actor)
    row = next((row for row in found if row.node_id == at.node_id), None)
    if row is None or row.revision != at.revision:
        raise Overtaken(row)
    rows = paragraphs.stored(found, each.year)
    if at.typed is not None:
        rows = _with_own(rows, at.node_id, at.typed)
    try:
        rows = change(rows)
    except ValueError:
        raise NotPossible(
            _("This is not possible any more. Look at the paragraph again."), code="overtaken"
        ) from None
    paragraphs.store(each, kind, rows, actor=actor, what=what)


def _begin(each: ReportingRound, actor: User) -> ReportingRound:
    """Hold the round, and refuse who does not make its documents."""
    each = held(each)
    if not permissions.may_produce(actor):
        raise PermissionDenied
    return each


def _stored_rows(each: ReportingRound, kind: Kind, actor: User) -> list[EditionParagraph]:
    """Return the paragraphs of a document; those that were built are stored at the first step."""
    if found := paragraphs.rows(each, kind):
        return found
    first = arrangement.stored(built(read(each), kind))
    paragraphs.store(each, kind, first, actor=actor, what="begun")
    return paragraphs.rows(each, kind)


def _with_own(rows: Rows, node_id: str, typed: str) -> Rows:
    """Return rows with an own text; what is there already is no own text."""
    row = _row(rows, node_id)
    own = richtext.clean(typed).strip()
    if own in (row.own.strip(), row.text.strip()):
        return rows
    if not richtext.says_something(own) or own == row.built.strip():
        own = ""
        _refuse_piece(rows, row)
    if row.fixed and own:
        raise NotPossible(
            _("This part is made from data; it has no text of its own."), code="fixed"
        )
    refuse_problems(own)
    return _with(rows, replace(row, own=own))


def _refuse_piece(rows: Rows, row: Stored) -> None:
    """Refuse the built text for one piece of it: the other piece says the rest."""
    if any(other is not row and set(other.covered) & set(row.covered) for other in rows):
        raise NotPossible(
            _(
                "This is a piece of a paragraph that was split. Leave the piece out, or join the "
                "pieces first."
            ),
            code="piece",
        )


def _with(rows: Rows, wanted: Stored) -> Rows:
    return tuple(wanted if row.node_id == wanted.node_id else row for row in rows)


def _row(rows: Sequence[Stored], node_id: str) -> Stored:
    return next(row for row in rows if row.node_id == node_id)


def _neighbours(rows: Sequence[Stored], node_id: str) -> tuple[list[Stored], int]:
    """Return the paragraphs of the same section, and the place of this one among them."""
    part = _row(rows, node_id).part
    near = [row for row in rows if row.part == part]
    return near, next(place for place, row in enumerate(near) if row.node_id == node_id)

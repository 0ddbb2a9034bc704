"""Drafts: what somebody typed is kept on the server until it is saved or thrown away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from actions import permissions
from actions.models import EntryDraft, StatusEntry
from actions.models.personal import MAX_DRAFT
from actions.permissions import Verb
from napmonitor.accounts.models import User

# One person seldom has more tabs open; the oldest make room.
MOST_PER_WRITER = 20


class TooLate(Exception):
    """What was typed in this tab has been saved; a draft of it says nothing new."""


@transaction.atomic
def keep(
    entry: StatusEntry,
    *,
    writer: User,
    tab: UUID,
    read_version: int,
    typed: Mapping[str, Sequence[str]],
    turn: int = 0,
) -> EntryDraft:
    """Store what differs in one tab, over what that tab held before; `turn` counts its drafts.

    Raises PermissionDenied for who has no right to write this text, TooLate for a tab whose text
    was saved, ValidationError for more than fits. Whether the entry is open at this moment does
    not matter: words are not lost for that.
    """
    if not may_keep(writer, entry):
        raise PermissionDenied
    draft, _made = EntryDraft.objects.select_for_update(of=("self",)).get_or_create(
        entry=entry,
        writer=writer,
        tab=tab,
        defaults={"read_version": read_version, "typed": {}},
    )
    if draft.is_over:
        raise TooLate
    if turn < draft.turn:
        return draft
    # PostgreSQL has no place for the null character in JSON, nor has a text.
    draft.typed = {
        name: [value.replace("\0", "") for value in values] for name, values in typed.items()
    }
    if len(json.dumps(draft.typed)) > MAX_DRAFT:
        raise ValidationError(_("This is more than fits in a draft."))
    draft.turn, draft.organisation_id = turn, _ministry(writer, entry)
    draft.read_version, draft.saved_at = read_version, timezone.now()
    draft.save()
    kept = _rows(entry, writer).values_list("pk", flat=True)[:MOST_PER_WRITER]
    _rows(entry, writer).exclude(pk__in=list(kept)).delete()
    return draft


def may_keep(writer: User, entry: StatusEntry) -> bool:
    """Tell whether somebody has the right to write this text, now or once it is open again."""
    is_running = entry.round.published_on is None or entry.state in permissions.EDITABLE
    return is_running and any(
        permissions.may(writer, verb, entry) for verb in (Verb.EDIT, Verb.RECONSTRUCT)
    )


def _ministry(writer: User, entry: StatusEntry) -> int | None:
    """Return for which ministry somebody types; nobody's when they write for the application."""
    writing = writer.organisations_with("actions.change_statusentry")
    return next((key for key in entry.answering_organisation_ids() if key in writing), None)


def _rows(entry: StatusEntry, writer: User) -> QuerySet[EntryDraft]:
    return EntryDraft.objects.filter(entry=entry, writer=writer)


def own(entry: StatusEntry, writer: User) -> QuerySet[EntryDraft]:
    """Return what somebody typed here and did not save, newest first; of nobody else."""
    return _rows(entry, writer).filter(is_over=False)


def waiting(writer: User, entries: Iterable[int]) -> list[EntryDraft]:
    """Return the newest draft of somebody in each text that is open to them; 1 query.

    `entries` are the texts that their ministry has to write. What is read from public letters is
    nobody's task, and is open to who has the right to it.
    """
    is_open = Q(entry__in=list(entries))
    if writer.has_perm("actions.reconstruct_statusentry"):
        states = permissions.STATES[Verb.RECONSTRUCT]
        is_open |= Q(entry__round__opened_on=None, entry__state__in=states)
    rows = (
        EntryDraft.objects.filter(is_open, writer=writer, is_over=False)
        .select_related("entry__action_point", "entry__round")
        .defer("typed")
        .order_by("-saved_at")
    )
    newest: dict[int, EntryDraft] = {}
    for draft in rows:
        newest.setdefault(draft.entry_id, draft)
    return list(newest.values())


def left_behind(entry: StatusEntry, user: User) -> list[EntryDraft]:
    """Return drafts of people who lost the right to this text, for who submits at their ministry.

    They pass to the coordinator of the ministry for which they were typed; nobody else ever sees
    them, also when another ministry holds the pen now.
    """
    submits = user.organisations_with("actions.submit_statusentry")
    found = (
        EntryDraft.objects.filter(entry=entry, organisation__in=submits, is_over=False)
        .exclude(writer=user)
        .select_related("writer")
    )
    gone = {each.writer: not may_keep(each.writer, entry) for each in found}
    return [each for each in found if gone[each.writer]]


def offered(entry: StatusEntry, user: User) -> list[EntryDraft]:
    """Return the drafts that somebody can put back, newest first."""
    found = [*own(entry, user).select_related("writer"), *left_behind(entry, user)]
    return sorted(found, key=lambda draft: draft.saved_at, reverse=True)


def throw_away(entry: StatusEntry, user: User, tab: UUID) -> None:
    """Forget a draft that nobody wants."""
    keys = [draft.pk for draft in offered(entry, user) if draft.tab == tab]
    EntryDraft.objects.filter(pk__in=keys).delete()


def finish(entry: StatusEntry, writer: User, tab: UUID) -> None:
    """Note that what was typed in a tab is saved, so that no late draft brings it back."""
    EntryDraft.objects.update_or_create(
        entry=entry,
        writer=writer,
        tab=tab,
        defaults={"typed": {}, "is_over": True},
        create_defaults={"typed": {}, "is_over": True, "read_version": 0},
    )

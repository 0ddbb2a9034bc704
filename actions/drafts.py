"""Drafts: what somebody typed is kept on the server until it is saved or thrown away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from actions import permissions
from actions.models import EntryDraft, StatusEntry
from actions.models.personal import MAX_DRAFT
from actions.permissions import Verb
from napmonitor.accounts.models import User

# One person seldom has more tabs open; the oldest make room.
MOST_PER_WRITER = 20


@transaction.atomic
def keep(
    entry: StatusEntry,
    *,
    writer: User,
    tab: UUID,
    read_version: int,
    typed: Mapping[str, Sequence[str]],
) -> EntryDraft:
    """Store the fields that changed in one tab, over what that tab held before.

    Raises PermissionDenied for who has no right to write this text, ValidationError for more than
    fits. Whether the entry is open at this moment does not matter: words are not lost for that.
    """
    if not may_keep(writer, entry):
        raise PermissionDenied
    draft, _made = EntryDraft.objects.select_for_update().get_or_create(
        entry=entry,
        writer=writer,
        tab=tab,
        defaults={"read_version": read_version, "typed": {}},
    )
    draft.typed |= {name: list(values) for name, values in typed.items()}
    if len(json.dumps(draft.typed)) > MAX_DRAFT:
        raise ValidationError(_("This is more than fits in a draft."))
    draft.read_version, draft.saved_at = read_version, timezone.now()
    draft.save()
    kept = own(entry, writer).values_list("pk", flat=True)[:MOST_PER_WRITER]
    own(entry, writer).exclude(pk__in=list(kept)).delete()
    return draft


def may_keep(writer: User, entry: StatusEntry) -> bool:
    """Tell whether somebody has the right to write this text, now or once it is open again."""
    return any(permissions.may(writer, verb, entry) for verb in (Verb.EDIT, Verb.RECONSTRUCT))


def own(entry: StatusEntry, writer: User) -> QuerySet[EntryDraft]:
    """Return what somebody typed here and did not save, newest first; of nobody else."""
    return EntryDraft.objects.filter(entry=entry, writer=writer)


def left_behind(entry: StatusEntry, user: User) -> list[EntryDraft]:
    """Return drafts of people who lost the right to this text, for who submits it.

    They pass to the coordinator of the ministry; nobody else ever sees them.
    """
    if not permissions.may(user, Verb.SUBMIT, entry):
        return []
    others = EntryDraft.objects.filter(entry=entry).exclude(writer=user).select_related("writer")
    return [each for each in others if not may_keep(each.writer, entry)]


def offered(entry: StatusEntry, user: User) -> list[EntryDraft]:
    """Return the drafts that somebody can put back, newest first."""
    found = [*own(entry, user).select_related("writer"), *left_behind(entry, user)]
    return sorted(found, key=lambda draft: draft.saved_at, reverse=True)


def throw_away(entry: StatusEntry, user: User, tab: UUID) -> None:
    """Forget a draft that was saved, or that nobody wants."""
    keys = [draft.pk for draft in offered(entry, user) if draft.tab == tab]
    EntryDraft.objects.filter(pk__in=keys).delete()

"""The workflow: one function per transition, and the only writer of state and of what is public."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from actions.choices import EntryState, Origin
from actions.models import StatusEntry, Transition
from napmonitor.accounts.models import User


class NotPossible(Exception):
    """The transition is not possible now; the text says why, for the person who asked."""


@transaction.atomic
def publish_reconstruction(entry: StatusEntry, *, actor: User, note: str) -> StatusEntry:
    """Make public what was read from a public letter; nobody submits or approves that.

    The entry becomes visible with its round. Raises NotPossible for text that a ministry wrote.
    """
    entry = _locked(entry)
    version = entry.latest_version
    if version is None or version.origin != Origin.RECONSTRUCTED:
        raise NotPossible(_("Only a text from a public letter is published this way."))
    if entry.state not in (EntryState.CONCEPT, EntryState.RECONSTRUCTED):
        raise NotPossible(_("This status is already in the hands of a ministry."))
    if entry.published_version_id == version.pk:
        raise NotPossible(_("This text is already the published one."))
    entry.published_version = version
    return _move(entry, EntryState.RECONSTRUCTED, actor=actor, note=note)


def _locked(entry: StatusEntry) -> StatusEntry:
    return StatusEntry.objects.select_for_update().get(pk=entry.pk)


def _move(entry: StatusEntry, to: EntryState, *, actor: User, note: str) -> StatusEntry:
    Transition.objects.create(
        entry=entry,
        actor=actor,
        from_state=entry.state,
        to_state=to,
        version=entry.latest_version,
        note=note,
    )
    entry.state = to
    entry.save(update_fields=["state", "published_version"])
    return entry

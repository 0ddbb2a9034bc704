"""Whether the rows that can change are what the audit trail says they became.

Texts, steps and remarks are append-only and sealed in the trail. States, what is public, roles and
accounts change: they are held here against the last event that tells of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from actions.choices import EntryState
from actions.models import Membership, ReportingRound, StatusEntry, Transition
from actions.rights import OF_ACCOUNT, OF_MEMBERSHIP
from napmonitor.accounts.models import SYSTEM_EMAIL, User
from napmonitor.audit.models import AuditEvent, Result


def contradictions() -> Iterator[str]:
    """Yield a sentence for each row that is not what the audit trail tells."""
    yield from _states()
    yield from _published()
    yield from _rounds()
    yield from _memberships()
    yield from _accounts()
    yield from _roles()


def _states() -> Iterator[str]:
    last = Transition.objects.filter(entry=OuterRef("pk")).order_by("-at", "-pk")
    entries = StatusEntry.objects.annotate(last_state=Subquery(last.values("to_state")[:1]))
    for entry in entries.select_related("action_point", "round"):
        if entry.state != (vars(entry)["last_state"] or EntryState.CONCEPT):
            yield _("The state of %s is not the one that its last step gave it.") % entry


def _published() -> Iterator[str]:
    """Hold what is public against the events that made it so."""
    told: dict[str, int | None] = {}
    for event in _events(
        "round.publish", "entry.publish-correction", "entry.publish-reconstruction"
    ):
        if event.action == "round.publish":
            told.update(event.detail.get("versions", {}))
        else:
            told[event.object_id] = _version(event)
    entries = StatusEntry.objects.select_related("action_point", "round")
    for entry in entries:
        if entry.published_version_id != told.get(str(entry.pk)):
            yield _("What is public of %s is not what was published.") % entry


def _version(event: AuditEvent) -> int | None:
    number = int(event.detail["version"])
    entry = StatusEntry.objects.filter(pk=event.object_id).first()
    version = entry.versions.filter(number=number).first() if entry else None
    return version.pk if version else None


def _rounds() -> Iterator[str]:
    opened: set[str] = set()
    released: dict[str, datetime | None] = {}
    for event in _events("round.open", "round.publish", "round.move-release"):
        if event.action == "round.open":
            opened.add(event.object_id)
        else:
            moment = event.detail["released_at"]
            released[event.object_id] = datetime.fromisoformat(moment) if moment else None
    for each in ReportingRound.objects.select_related("plan"):
        key = str(each.pk)
        if (each.opened_on is not None) != (key in opened):
            yield _("No event tells that round %s was opened, or it was closed again.") % each
        # Of a year that was read from letters the files say when it became public.
        if (each.opened_on or key in released) and each.released_at != released.get(key):
            yield _("The release of round %s is not the one that was chosen.") % each


def _memberships() -> Iterator[str]:
    told = _replayed("rights.give", "rights.change")
    for event in _events("rights.withdraw"):
        told.pop(event.object_id, None)
    for membership in Membership.objects.order_by("pk"):
        values = told.pop(str(membership.pk), None)
        if values is None:
            yield _("No event tells who gave role %d.") % membership.pk
        elif any(_plain(getattr(membership, name)) != values.get(name) for name in OF_MEMBERSHIP):
            yield _("Role %d is not what was given.") % membership.pk
    for key in told:
        yield _("Role %s was given and is gone.") % key


def _accounts() -> Iterator[str]:
    told = _replayed("account.made", "account.change", "account.ended", "account.pseudonymised")
    for account in User.objects.exclude(email=SYSTEM_EMAIL).order_by("pk"):
        values = {"is_active": True, "is_superuser": False, **told.get(str(account.pk), {})}
        if values.get("sets_up_installation"):
            values["is_superuser"] = True
        if any(getattr(account, name) != values[name] for name in OF_ACCOUNT):
            yield _("What account %d may do is not what was decided.") % account.pk
        if (account.pseudonymised_at is not None) != values.get("pseudonymised", False):
            yield _("No event tells that account %d was made unrecognisable.") % account.pk


def _roles() -> Iterator[str]:
    told = {event.object_id: event.detail["permissions"] for event in _events("roles.change")}
    for group in Group.objects.prefetch_related("permissions__content_type"):
        held = sorted(
            f"{each.content_type.app_label}.{each.codename}" for each in group.permissions.all()
        )
        if held != told.get(str(group.pk), []):
            yield _("The role “%s” may do other things than was decided.") % group


def _events(*actions: str) -> Iterator[AuditEvent]:
    rows = AuditEvent.objects.filter(action__in=actions, result=Result.DONE)
    return rows.order_by("sequence").iterator(chunk_size=1000)


def _replayed(*actions: str) -> dict[str, dict[str, Any]]:
    """Return what each object became, from events that tell [before, after] of each field."""
    told: dict[str, dict[str, Any]] = {}
    for event in _events(*actions):
        values = told.setdefault(event.object_id, {})
        for name, value in event.detail.items():
            values[name] = value[1] if isinstance(value, list) else value
    return told


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value

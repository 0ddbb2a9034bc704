"""Making ended accounts unrecognisable: who it was goes, role and ministry stay.

Everything somebody wrote stays tied to the row of the account, which from then on has another name
and address. It cannot be undone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from actions import permissions, rights
from actions.models import EntryDraft, MailPreference, Membership, RoundVisit, SentMail
from actions.models.history import history_of
from actions.permissions import EDITABLE
from napmonitor.accounts.models import SYSTEM_EMAIL, User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result

# Stored, so in the language of the texts and not in that of who presses the button.
NAME: Final = "Oud-medewerker"
MAILBOX: Final = "oud-medewerker-%d@nap-monitor.invalid"
_LONGEST: Final = 150


@dataclass(frozen=True, slots=True)
class Failure:
    """An account that could not be made unrecognisable: its number, and the kind of error.

    What an error says in full may hold a name or an address.
    """

    account: int
    error: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the accounts whose time had come."""

    done: tuple[User, ...]
    failed: tuple[Failure, ...]


def days_kept() -> int:
    """Return how long after its end an account keeps the name of the person."""
    return int(settings.NAP_PSEUDONYMISE_AFTER_DAYS)


def ended_on(account: User) -> date | None:
    """Return the day on which an account ended; None when it did not.

    It has ended when it was switched off, or when its last role is over. An account that waits for
    its first role has not ended. One that was started again waits for a role from that day.
    """
    today = timezone.localdate()
    if not account.is_active:
        # Without an event it is an account from before there was a trail.
        joined = timezone.localtime(account.date_joined).date()
        return _last_on(account, _switched_off) or joined
    if rights.open_roles(account, today).exists():
        return None
    last = account.memberships.order_by("-valid_until").first()
    if last is None or last.valid_until is None:
        return None
    return max(last.valid_until, _last_on(account, _restarted) or last.valid_until)


def _switched_off(event: AuditEvent) -> bool:
    return event.detail.get("is_active", [None, None])[1] is False


def _restarted(event: AuditEvent) -> bool:
    return event.action == "account.change" and event.detail.get("is_active") == [False, True]


def _last_on(account: User, is_it: Callable[[AuditEvent], bool]) -> date | None:
    """Return the day on which something last happened to an account, as the trail tells it."""
    told = AuditEvent.objects.filter(
        object_type=account._meta.label_lower,
        object_id=str(account.pk),
        action__in=("account.made", "account.change", "account.ended"),
        result=Result.DONE,
    )
    found = next(filter(is_it, told.order_by("-sequence")), None)
    return timezone.localtime(found.at).date() if found else None


def may_pseudonymise(user: permissions.Anyone, account: User) -> bool:
    """Tell whether this person may make an account unrecognisable; who sets up never is."""
    return (
        not account.is_superuser
        and account.email != SYSTEM_EMAIL
        and rights.may_end(user, account)
        and ended_on(account) is not None
    )


def due(day: date) -> Iterator[User]:
    """Yield the accounts whose time has come on a day."""
    yield from (account for account in _candidates() if _is_due(account, day))


def _is_due(account: User, day: date) -> bool:
    ended = ended_on(account)
    return ended is not None and ended + timedelta(days=days_kept()) <= day


def _candidates() -> QuerySet[User]:
    today = timezone.localdate()
    held = Membership.objects.filter(user=OuterRef("pk"))
    lasting = held.filter(Q(valid_until=None) | Q(valid_until__gt=today))
    return (
        User.objects.filter(pseudonymised_at=None, is_superuser=False)
        .exclude(email=SYSTEM_EMAIL)
        .filter(Q(is_active=False) | (Exists(held) & ~Exists(lasting)))
        .order_by("pk")
    )


def pseudonym(account: User) -> str:
    """Return the name that an account gets: its number, and its last ministry and role."""
    last = account.memberships.order_by("-valid_from", "-pk").first() or _taken_back(account)
    if last is None:
        return f"{NAME} {account.pk}"
    # The name of its last day there, also when the ministry is called otherwise now.
    day = last.valid_until - timedelta(days=1) if last.valid_until else timezone.localdate()
    ministry = last.organisation.name_on(day) or last.organisation
    return f"{NAME} {account.pk} ({ministry}, {last.group})"[:_LONGEST]


def _taken_back(account: User) -> Membership | None:
    """Return the last role of somebody whose every role ended on the day it began."""
    history = history_of(Membership)
    row = history.objects.filter(user=account.pk).order_by("-history_id").first()
    return row.instance if row else None


@trail.atomic()
def pseudonymise(account: User, *, actor: User) -> User:
    """Replace who somebody was by role and ministry, everywhere it is stored, for good.

    Raises PermissionDenied for an account that still works here, and for one that never ends.
    """
    account = rights.locked(account)
    if not may_pseudonymise(actor, account):
        raise PermissionDenied
    rights.end_roles(account, on=timezone.localdate(), actor=actor)
    known = (account.name, account.email)
    was_active = account.is_active
    account.name, account.email = pseudonym(account), MAILBOX % account.pk
    account.is_active, account.is_superuser = False, False
    account.last_login = account.invited_at = None
    account.pseudonymised_at = timezone.now()
    account.set_unusable_password()
    account.save()
    _forget_what_was_personal(account)
    _rewrite_log(account, known)
    trail.record(
        "account.pseudonymised",
        actor=actor,
        about=account,
        detail={
            "pseudonymised": [False, True],
            **({"is_active": [True, False]} if was_active else {}),
        },
    )
    return account


def pseudonymise_due(*, actor: User) -> Outcome:
    """Make every account unrecognisable whose time has come, each in a transaction of its own.

    One that fails does not stop the others; it stays as it was, and its turn comes again.
    """
    today = timezone.localdate()
    done: list[User] = []
    failed: list[Failure] = []
    for account in list(_candidates()):
        try:
            gone = _pseudonymise_if_due(account, today, actor)
        except Exception as error:
            failed.append(Failure(account.pk, type(error).__name__))
        else:
            done += [gone] if gone else []
    return Outcome(tuple(done), tuple(failed))


@trail.atomic()
def _pseudonymise_if_due(account: User, day: date, actor: User) -> User | None:
    """Make an account unrecognisable; None when its time has not come."""
    # Asked again of the row that is held: somebody may have let it work again since the list.
    account = rights.locked(account)
    if not (_candidates().filter(pk=account.pk).exists() and _is_due(account, day)):
        return None
    return pseudonymise(account, actor=actor)


def _forget_what_was_personal(account: User) -> None:
    """Delete what was of one person; a draft that can still become a text is passed on."""
    drafts = EntryDraft.objects.filter(writer=account)
    drafts.exclude(entry__state__in=EDITABLE, entry__round__opened_on__isnull=False).delete()
    MailPreference.objects.filter(user=account).delete()
    RoundVisit.objects.filter(visitor=account).delete()
    SentMail.objects.filter(to=account).delete()


def _rewrite_log(account: User, known: Iterable[str]) -> None:
    """Take the name and address out of the log that the admin keeps beside the trail.

    That log copies what a row was called. It is rewritten for the account and for every role it
    ever had, and wherever else the full name or the address stands.
    """
    history = history_of(Membership)
    roles = set(history.objects.filter(user=account.pk).values_list("id", flat=True))
    called = {str(role.pk): str(role) for role in Membership.objects.filter(pk__in=roles)}
    about_roles = {str(key): called.get(str(key), account.name) for key in roles}
    _rename(_log_of(Membership, about_roles), about_roles, account.name)
    about_account = {str(account.pk): account.name}
    _rename(_log_of(User, about_account), about_account, account.name)
    for word in filter(_is_telling, known):
        for form in {word, json.dumps(word)[1:-1]}:
            _replace(form, account.name)


def _log_of(model: Any, keys: Iterable[str]) -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=list(keys)
    )


def _rename(log: QuerySet[LogEntry], called: dict[str, str], name: str) -> None:
    for line in log:
        line.object_repr = called[str(line.object_id)][:200]
        line.change_message = _without_objects(line.change_message, name)
        line.save(update_fields=["object_repr", "change_message"])


def _without_objects(message: str, name: str) -> str:
    """Replace what rows on the page were called; the admin writes that as JSON."""
    try:
        steps = json.loads(message)
    except ValueError:
        return message
    if not isinstance(steps, list):
        return message
    for step in steps:
        for told in step.values():
            if "object" in told:
                told["object"] = name
    return json.dumps(steps)


def _is_telling(word: str) -> bool:
    """Tell whether a text can only be this person: an address, or a name of several words."""
    return "@" in word or len(word.split()) > 1


def _replace(word: str, name: str) -> None:
    found = LogEntry.objects.filter(
        Q(object_repr__icontains=word) | Q(change_message__icontains=word)
    )
    for line in found:
        line.object_repr = line.object_repr.replace(word, name)[:200]
        line.change_message = line.change_message.replace(word, name)
        line.save(update_fields=["object_repr", "change_message"])

"""The audit trail as a chain: add to it, and follow it to the first broken link.

Each event holds the hash of the one before. Nobody with rights on the tables alone can change,
take out or slip in an event without breaking a link; the last hash, kept elsewhere, is the anchor
against who rewrites all of it. Rows that matter are sealed: their digest stands in an event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ContextDecorator, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Final

from django.db import connection, models, transaction
from django.utils import timezone

from napmonitor.accounts.models import User
from napmonitor.audit import origin
from napmonitor.audit.models import AuditEvent, AuditHead, Result

START: Final = "0" * 64
# What is hashed of an event, in this order; the hash of the event before comes first.
_HASHED: Final = (
    "previous_hash",
    "sequence",
    "at",
    "actor_id",
    "acting_as",
    "action",
    "object_type",
    "object_id",
    "object_label",
    "result",
    "origin",
    "detail",
)
# Models of which every row stands in the trail with its digest.
_sealed: dict[str, type[models.Model]] = {}
# What looks whether rows that can change are what the trail says they became.
_comparisons: list[Callable[[], Iterable[str]]] = []


def sealed(*of: type[models.Model]) -> None:
    """Declare models of which `verify` looks for every row in the trail, unchanged."""
    _sealed.update((each._meta.label_lower, each) for each in of)


def compared_by(comparison: Callable[[], Iterable[str]]) -> None:
    """Let `contradictions` ask this too; it yields a sentence for each row that is otherwise."""
    if comparison not in _comparisons:
        _comparisons.append(comparison)


def contradictions() -> list[str]:
    """Return a sentence for each row that is not what the trail says it became."""
    with one_moment():
        return [sentence for comparison in _comparisons for sentence in comparison()]


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not hold; `sequence` is the link, or None when it is about a row."""

    code: str
    sequence: int | None
    subject: str = ""


class atomic(ContextDecorator):  # noqa: N801  a transaction, named like Django's own
    """A transaction whose events are added to the chain last, just before it commits.

    The head of the chain is one row: locked last it is held briefly, and two transactions can
    never wait for each other around it. What is nested in another adds its events with that one.
    """

    def __init__(self) -> None:
        self._transactions: list[tuple[transaction.Atomic, bool]] = []

    def _recreate_cm(self) -> atomic:
        return atomic()

    def __enter__(self) -> None:
        inner = transaction.atomic()
        inner.__enter__()
        waiting = _waiting()
        self._transactions.append((inner, waiting.open))
        waiting.open = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        inner, nested = self._transactions.pop()
        waiting = _waiting()
        waiting.open = nested
        if not nested:
            try:
                events = waiting.take()
                if kind is None:
                    _append(events)
            except BaseException as failure:
                inner.__exit__(type(failure), failure, failure.__traceback__)
                raise
        inner.__exit__(kind, error, trace)


def record(
    action: str,
    *,
    actor: User | None,
    about: models.Model | None = None,
    label: str = "",
    result: Result = Result.DONE,
    detail: Mapping[str, Any] | None = None,
    seals: Sequence[models.Model] = (),
) -> None:
    """Add an event, with the transaction it belongs to or else at once.

    `seals` are rows whose digest goes into the event; see `sealed`.
    """
    came = origin.current()
    with atomic():
        _waiting().add(
            AuditEvent(
                at=timezone.now(),
                actor=actor,
                acting_as="; ".join(actor.roles_today())[:500] if actor else "",
                action=action,
                object_type=about._meta.label_lower if about else "",
                object_id=str(about.pk) if about else "",
                # No names of people: events stay when an account is made unrecognisable.
                object_label=(label or ("" if isinstance(about, User) else str(about or "")))[:300],
                result=result,
                # Addresses are kept of what is done to get in, and of nothing else.
                origin=(
                    f"{came.way} {came.address}".strip()
                    if action.startswith("session.")
                    else came.way
                )[:100],
                detail=_stored({**(detail or {}), **({"seals": _seals(seals)} if seals else {})}),
            )
        )


def verify() -> list[Problem]:
    """Return what does not hold: links first, in order, then the head, then sealed rows."""
    with one_moment():
        return list(_problems())


@contextmanager
def one_moment() -> Iterator[None]:
    """Read all as of one moment, while others go on adding."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _problems() -> Iterator[Problem]:
    seals: dict[tuple[str, str], tuple[str, list[str]]] = {}
    sequence, previous = 0, START
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=1000):
        sequence += 1
        if event.sequence != sequence:
            yield Problem("missing", sequence)
            sequence = event.sequence
        elif event.previous_hash != previous:
            yield Problem("unlinked", sequence)
        if event.hash != _hash(event):
            yield Problem("changed", sequence)
        previous = event.hash
        for seal in event.detail.get("seals", ()):
            seals[seal["of"], str(seal["id"])] = seal["digest"], seal["fields"]
    head = AuditHead.objects.first()
    if (head.sequence, head.hash) != (sequence, previous) if head else sequence:
        yield Problem("head", sequence)
    for label, model in _sealed.items():
        yield from _broken_seals(label, model, seals)


def head() -> str:
    """Return the last link as `number:hash`, to keep elsewhere as an anchor."""
    return str(AuditHead.objects.first() or f"0:{START}")


def holds(anchor: str) -> bool:
    """Tell whether an anchor that was kept elsewhere is still a link of the chain."""
    sequence, _colon, known = anchor.partition(":")
    if sequence == "0":
        return known == START
    found = AuditEvent.objects.filter(sequence=int(sequence)).first()
    return found is not None and found.hash == known == _hash(found)


class _Waiting:
    """The events of the transaction that is open on this connection."""

    def __init__(self) -> None:
        self.open = False
        self._events: list[tuple[AuditEvent, Callable[[], None]]] = []

    def add(self, event: AuditEvent) -> None:
        def kept() -> None:
            """Do nothing: Django forgets this when the savepoint around it is rolled back."""

        transaction.on_commit(kept)
        self._events.append((event, kept))

    def take(self) -> list[AuditEvent]:
        """Return the events of what was not rolled back on the way, and forget them all."""
        alive = {id(each[1]) for each in connection.run_on_commit}
        events = [event for event, kept in self._events if id(kept) in alive]
        self._events = []
        return events


def _waiting() -> _Waiting:
    found: _Waiting | None = getattr(connection, "nap_audit_waiting", None)
    if found is None:
        found = _Waiting()
        # On the connection, as Django does with its own on_commit.
        connection.nap_audit_waiting = found  # type: ignore[attr-defined]
    return found


def _append(events: Sequence[AuditEvent]) -> None:
    if not events:
        return
    head = AuditHead.objects.select_for_update().first()
    if head is None:
        AuditHead.objects.get_or_create(defaults={"hash": START})
        head = AuditHead.objects.select_for_update().get()
    for event in events:
        head.sequence += 1
        event.sequence, event.previous_hash = head.sequence, head.hash
        event.hash = head.hash = _hash(event)
    AuditEvent.objects.bulk_create(events)
    head.save(update_fields=["sequence", "hash"])


def _hash(event: AuditEvent) -> str:
    return _digest([_plain(getattr(event, name)) for name in _HASHED])


def _seals(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    return [
        {
            "of": row._meta.label_lower,
            "id": row.pk,
            "digest": digest(row, fields),
            "fields": fields,
        }
        for row in rows
        for fields in [[field.attname for field in row._meta.concrete_fields]]
    ]


def digest(row: models.Model, fields: Sequence[str]) -> str:
    """Return the SHA-256 over these columns of a row."""
    return _digest([[name, _plain(getattr(row, name, None))] for name in fields])


def _broken_seals(
    label: str,
    model: type[models.Model],
    seals: Mapping[tuple[str, str], tuple[str, list[str]]],
) -> Iterator[Problem]:
    left = {key for of, key in seals if of == label}
    for row in model._default_manager.order_by("pk").iterator(chunk_size=1000):
        key = str(row.pk)
        left.discard(key)
        known = seals.get((label, key))
        if known is None:
            yield Problem("unknown_row", None, f"{label} {key}")
        elif digest(row, known[1]) != known[0]:
            yield Problem("changed_row", None, f"{label} {key}")
    for key in sorted(left):
        yield Problem("missing_row", None, f"{label} {key}")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, models.TextChoices):
        return value.value
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    return value


def _stored(detail: dict[str, Any]) -> Any:
    """Return details as every database gives them back: keys are texts, and so are fractions."""
    return json.loads(json.dumps(detail), parse_float=str, parse_constant=str)


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

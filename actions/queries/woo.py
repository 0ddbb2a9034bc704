"""All that was stored about some action points, for who answers a request under the Woo.

It holds what is kept for good: versions, remarks and answers, sign-offs, steps and corrections.
Drafts are not read. They are of one person and no part of the record: `actions.drafts` promises
that nobody else sees them, and that one left behind passes to the coordinator of the ministry it
was typed for, never to who reviews all ministries. What that coordinator puts back is a version,
and then it is here too.

Only for people who may read and review all entries. Nothing public imports this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import TypeVar

from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from actions.choices import (
    Answer,
    Basis,
    EntryState,
    Origin,
    Progress,
    RemarkField,
    ResponsibilityRole,
    Schedule,
    Verdict,
)
from actions.models import (
    Correction,
    EntryRemark,
    EntrySource,
    EntryVersion,
    Membership,
    Organisation,
    Responsibility,
    SignOff,
    StatusEntry,
    Transition,
)
from actions.queries.conversions import reading
from actions.queries.names import ResponsibilityBook
from actions.queries.records import Name, Reading
from napmonitor.accounts.models import SYSTEM_EMAIL, User

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class WooPerson:
    """Somebody who did something here; the system account is nobody."""

    key: int
    name: str
    email: str
    is_system: bool


@dataclass(frozen=True, slots=True)
class WooBy:
    """Who did something, when, and in which roles on that day."""

    person: int
    at: datetime
    roles: str


@dataclass(frozen=True, slots=True)
class WooVersion:
    """One version of a text, with the internal note; `words_of` left it as a draft."""

    number: int
    by: WooBy
    words_of: int | None
    origin: Origin
    progress: Progress | None
    basis: Basis | None
    schedule: Schedule
    continues_after_plan: bool | None
    discontinued_reason: str
    narrative: str
    outlook: str
    letter_passage: str
    informed_before: bool
    informed_reference: str
    informed_sender: str
    internal_note: str
    reported_with: str
    sources: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class WooAnswer:
    """What became of a remark; `version` holds the words that were put in."""

    answer: Answer
    reason: str
    by: WooBy
    version: int | None


@dataclass(frozen=True, slots=True)
class WooRemark:
    """A remark on a version, and its answer when there is one."""

    field: RemarkField
    version: int
    quote: str
    text: str
    proposal: str
    by: WooBy
    answer: WooAnswer | None


@dataclass(frozen=True, slots=True)
class WooSignOff:
    """What a ministry said of a version."""

    ministry: str
    verdict: Verdict
    version: int
    remark: str
    by: WooBy


@dataclass(frozen=True, slots=True)
class WooStep:
    """A step in the workflow, and why."""

    before: EntryState
    after: EntryState
    version: int | None
    reason: str
    by: WooBy


@dataclass(frozen=True, slots=True)
class WooCorrection:
    """A text that took the place of a public one, and what the public reads about that."""

    version: int
    replaced: int | None
    reason: str
    by: WooBy


@dataclass(frozen=True, slots=True)
class WooEntry:
    """All that was stored about one action point in one round, oldest first."""

    key: int
    year: int
    state: EntryState
    ministry: Name | None
    versions: tuple[WooVersion, ...]
    remarks: tuple[WooRemark, ...]
    sign_offs: tuple[WooSignOff, ...]
    steps: tuple[WooStep, ...]
    corrections: tuple[WooCorrection, ...]


@dataclass(frozen=True, slots=True)
class WooPoint:
    """One action point with the rounds that were asked for, oldest first."""

    key: int
    plan: str
    code: str
    title: str
    entries: tuple[WooEntry, ...]


@dataclass(frozen=True, slots=True)
class WooRecord:
    """The action points that were asked for, and everybody who did something with them."""

    points: tuple[WooPoint, ...]
    people: Mapping[int, WooPerson]


def woo_record(entries: QuerySet[StatusEntry]) -> WooRecord:
    """Return all that was stored about these entries; 13 queries for any number."""
    rows = list(
        entries.select_related("action_point__plan", "round__letter").order_by(
            "action_point__plan", "action_point__code", "action_point", "round__year"
        )
    )
    read = _Read([row.pk for row in rows])
    points = {row.action_point_id: row.action_point for row in rows}
    book = ResponsibilityBook(Responsibility.objects.filter(action_point__in=points))
    by_point: dict[int, list[WooEntry]] = defaultdict(list)
    for row in rows:
        by_point[row.action_point_id].append(_entry(row, book, read))
    return WooRecord(
        points=tuple(
            WooPoint(key, point.plan.title_nl, point.code, point.title_nl, tuple(by_point[key]))
            for key, point in points.items()
        ),
        people=read.people,
    )


class _Read:
    """The rows about some entries by entry, and the people in them with their roles."""

    def __init__(self, entries: Sequence[int]) -> None:
        self.versions = _grouped(
            EntryVersion.objects.filter(entry__in=entries)
            .select_related("author", "words_of", "reported_with__action_point")
            .order_by("number"),
            lambda each: each.entry_id,
        )
        self.sources = _grouped(
            EntrySource.objects.filter(version__entry__in=entries).select_related(
                "source__document"
            ),
            lambda each: each.version_id,
        )
        self.remarks = _grouped(
            EntryRemark.objects.filter(entry__in=entries)
            .select_related("author", "version", "answer__actor", "answer__version")
            .order_by("at", "pk"),
            lambda each: each.entry_id,
        )
        self.sign_offs = _grouped(
            SignOff.objects.filter(version__entry__in=entries)
            .select_related("actor", "version", "organisation")
            .prefetch_related("organisation__names")
            .order_by("at", "pk"),
            lambda each: each.version.entry_id,
        )
        self.steps = _grouped(
            Transition.objects.filter(entry__in=entries)
            .select_related("actor", "version")
            .order_by("at", "pk"),
            lambda each: each.entry_id,
        )
        self.corrections = _grouped(
            Correction.objects.filter(entry__in=entries)
            .select_related("actor", "version", "replaced")
            .order_by("at", "pk"),
            lambda each: each.entry_id,
        )
        self.people = {user.pk: _person(user) for user in self._users()}
        self._held = _grouped(
            Membership.objects.filter(user__in=self.people)
            .select_related("group")
            .prefetch_related("organisation__names")
            .order_by("pk"),
            lambda each: each.user_id,
        )

    def _users(self) -> Iterator[User]:
        for version in chain.from_iterable(self.versions.values()):
            yield version.author
            if version.words_of is not None:
                yield version.words_of
        for remark in chain.from_iterable(self.remarks.values()):
            yield remark.author
            if hasattr(remark, "answer"):
                yield remark.answer.actor
        for sign_off in chain.from_iterable(self.sign_offs.values()):
            yield sign_off.actor
        for step in chain.from_iterable(self.steps.values()):
            yield step.actor
        for correction in chain.from_iterable(self.corrections.values()):
            yield correction.actor

    def by(self, user: User, at: datetime) -> WooBy:
        """Return who did something at a moment, with the roles of that day."""
        day = timezone.localdate(at)
        held = [
            f"{role.group.name} ({_short(role.organisation, day)})"
            for role in self._held.get(user.pk, ())
            if role.valid_from <= day and (role.valid_until is None or day < role.valid_until)
        ]
        return WooBy(user.pk, at, "; ".join(held))


def _grouped(rows: Iterable[M], of: Callable[[M], int]) -> dict[int, list[M]]:
    found: dict[int, list[M]] = defaultdict(list)
    for row in rows:
        found[of(row)].append(row)
    return dict(found)


def _person(user: User) -> WooPerson:
    return WooPerson(user.pk, str(user), user.email, user.email == SYSTEM_EMAIL)


def _short(organisation: Organisation, day: date) -> str:
    name = organisation.name_on(day)
    return (name.abbreviation or name.name) if name else organisation.slug


def _entry(row: StatusEntry, book: ResponsibilityBook, read: _Read) -> WooEntry:
    held = book.on(row.action_point_id, row.round.sent_on or timezone.localdate())
    leads = (each.organisation for each in held if each.role == ResponsibilityRole.LEAD)
    return WooEntry(
        key=row.pk,
        year=row.round.year,
        state=EntryState(row.state),
        ministry=next(leads, None),
        versions=tuple(_version(each, read) for each in read.versions.get(row.pk, ())),
        remarks=tuple(_remark(each, read) for each in read.remarks.get(row.pk, ())),
        sign_offs=tuple(_sign_off(each, read) for each in read.sign_offs.get(row.pk, ())),
        steps=tuple(_step(each, read) for each in read.steps.get(row.pk, ())),
        corrections=tuple(_correction(each, read) for each in read.corrections.get(row.pk, ())),
    )


def _version(each: EntryVersion, read: _Read) -> WooVersion:
    along = each.reported_with
    return WooVersion(
        number=each.number,
        by=read.by(each.author, each.created_at),
        words_of=each.words_of_id,
        origin=Origin(each.origin),
        progress=Progress(each.progress) if each.progress else None,
        basis=Basis(each.progress_basis) if each.progress_basis else None,
        schedule=Schedule(each.schedule),
        continues_after_plan=each.continues_after_plan,
        discontinued_reason=each.discontinued_reason,
        narrative=each.narrative,
        outlook=each.outlook,
        letter_passage=each.letter_passage,
        informed_before=each.informed_before,
        informed_reference=each.informed_reference,
        informed_sender=each.informed_sender,
        internal_note=each.internal_note,
        reported_with=along.action_point.code if along else "",
        sources=tuple(reading(row.source, row.detail) for row in read.sources.get(each.pk, ())),
    )


def _remark(each: EntryRemark, read: _Read) -> WooRemark:
    return WooRemark(
        field=RemarkField(each.field),
        version=each.version.number,
        quote=each.quote,
        text=each.text,
        proposal=each.proposal,
        by=read.by(each.author, each.at),
        answer=_answer(each, read),
    )


def _answer(remark: EntryRemark, read: _Read) -> WooAnswer | None:
    if not hasattr(remark, "answer"):
        return None
    given = remark.answer
    version = given.version.number if given.version else None
    return WooAnswer(Answer(given.answer), given.reason, read.by(given.actor, given.at), version)


def _sign_off(each: SignOff, read: _Read) -> WooSignOff:
    return WooSignOff(
        ministry=_short(each.organisation, timezone.localdate(each.at)),
        verdict=Verdict(each.verdict),
        version=each.version.number,
        remark=each.remark,
        by=read.by(each.actor, each.at),
    )


def _step(each: Transition, read: _Read) -> WooStep:
    return WooStep(
        before=EntryState(each.from_state),
        after=EntryState(each.to_state),
        version=each.version.number if each.version else None,
        reason=each.note,
        by=read.by(each.actor, each.at),
    )


def _correction(each: Correction, read: _Read) -> WooCorrection:
    return WooCorrection(
        version=each.version.number,
        replaced=each.replaced.number if each.replaced else None,
        reason=each.reason,
        by=read.by(each.actor, each.at),
    )

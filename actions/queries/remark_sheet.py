"""The remarks of a round as one table, and every return and reason beside them.

Only for people with a right to the entries that they pass in. Nothing public imports this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actions.choices import Answer, EntryState, RemarkField, ResponsibilityRole, Verdict
from actions.models import (
    Correction,
    EntryRemark,
    Membership,
    Organisation,
    Responsibility,
    SignOff,
    StatusEntry,
    Transition,
)
from actions.queries.names import ResponsibilityBook
from actions.queries.records import Name
from napmonitor.accounts.models import User


@dataclass(frozen=True, slots=True)
class Subject:
    """The entry that something was said about, and who holds the pen for it."""

    entry: int
    code: str
    title: str
    ministry: Name | None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said something, and the roles they held on that day."""

    name: str
    roles: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What became of a remark; `version` holds the words that were put in."""

    answer: Answer
    reason: str
    by: Speaker
    at: datetime
    version: int | None


@dataclass(frozen=True, slots=True)
class RemarkLine:
    """A remark with its answer; `version` is the text that its author saw."""

    subject: Subject
    field: RemarkField
    quote: str
    text: str
    proposal: str
    by: Speaker
    at: datetime
    version: int
    answer: AnswerLine | None


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """A step on an entry and the reason that was given with it."""

    subject: Subject
    what: str
    reason: str
    by: Speaker
    at: datetime
    version: int | None


@dataclass(frozen=True, slots=True)
class RemarkSheet:
    """All that was said of the entries of a round: by action point, and then by moment."""

    remarks: tuple[RemarkLine, ...]
    reasons: tuple[ReasonLine, ...]
    ministries: tuple[Name, ...]


def remark_sheet(entries: QuerySet[StatusEntry]) -> RemarkSheet:
    """Return what was said of these entries; 9 queries for any number."""
    subjects = _subjects(entries)
    remarks = list(
        EntryRemark.objects.filter(entry__in=subjects)
        .select_related("author", "version", "answer__actor", "answer__version")
        .order_by("at", "pk")
    )
    steps = [*_moves(subjects), *_verdicts(subjects), *_corrections(subjects)]
    roles = _Roles(
        {each.author_id for each in remarks}
        | {each.answer.actor_id for each in remarks if hasattr(each, "answer")}
        | {each.actor.pk for each in steps}
    )
    return RemarkSheet(
        remarks=tuple(
            sorted((_remark(each, subjects, roles) for each in remarks), key=_by_point_and_moment)
        ),
        reasons=tuple(
            sorted((_reason(each, subjects, roles) for each in steps), key=_by_point_and_moment)
        ),
        ministries=tuple(
            sorted(
                {each.ministry for each in subjects.values() if each.ministry},
                key=lambda name: name.short.casefold(),
            )
        ),
    )


def _by_point_and_moment(line: RemarkLine | ReasonLine) -> tuple[str, datetime]:
    return line.subject.code, line.at


def _subjects(entries: QuerySet[StatusEntry]) -> dict[int, Subject]:
    """Return the entries with who held the pen when the letter went out, or holds it today."""
    rows = list(entries.select_related("action_point", "round__letter"))
    book = ResponsibilityBook(
        Responsibility.objects.filter(action_point__in={row.action_point_id for row in rows})
    )
    return {
        row.pk: Subject(
            row.pk,
            row.action_point.code,
            row.action_point.title,
            next(
                (
                    each.organisation
                    for each in book.on(
                        row.action_point_id, row.round.sent_on or timezone.localdate()
                    )
                    if each.role == ResponsibilityRole.LEAD
                ),
                None,
            ),
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class _Step:
    entry: int
    what: str
    reason: str
    actor: User
    at: datetime
    version: int | None


# A text goes back in two ways; the state it ends in is the same.
_BACK: Mapping[EntryState, Promise] = {
    EntryState.SUBMITTED: _("returned"),
    EntryState.APPROVED: _("reopened"),
    EntryState.NOT_SUPPLIED: _("reopened"),
}


def _moves(subjects: Iterable[int]) -> list[_Step]:
    """Return every return, and every other step with which something was said."""
    told = Q(to_state__in=[EntryState.RETURNED, EntryState.NOT_SUPPLIED]) | ~Q(note="")
    rows = Transition.objects.filter(told, entry__in=subjects).select_related("actor", "version")
    return [
        _Step(
            each.entry_id,
            _what(EntryState(each.from_state), EntryState(each.to_state)),
            each.note,
            each.actor,
            each.at,
            each.version.number if each.version else None,
        )
        for each in rows
    ]


def _what(before: EntryState, after: EntryState) -> str:
    if after == EntryState.RETURNED and before in _BACK:
        return str(_BACK[before])
    return str(after.label)


def _verdicts(subjects: Iterable[int]) -> list[_Step]:
    rows = (
        SignOff.objects.filter(version__entry__in=subjects)
        .exclude(remark="")
        .select_related("actor", "version")
    )
    return [
        _Step(
            each.version.entry_id,
            str(Verdict(each.verdict).label),
            each.remark,
            each.actor,
            each.at,
            each.version.number,
        )
        for each in rows
    ]


def _corrections(subjects: Iterable[int]) -> list[_Step]:
    rows = Correction.objects.filter(entry__in=subjects).select_related("actor", "version")
    return [
        _Step(
            each.entry_id,
            str(_("published correction")),
            each.reason,
            each.actor,
            each.at,
            each.version.number,
        )
        for each in rows
    ]


class _Roles:
    """The roles of some people through time; 3 queries."""

    def __init__(self, users: Iterable[int]) -> None:
        self._held: dict[int, list[Membership]] = defaultdict(list)
        rows = Membership.objects.filter(user__in=list(users)).select_related("group")
        for each in rows.prefetch_related("organisation__names").order_by("pk"):
            self._held[each.user_id].append(each)

    def speaker(self, user: User, at: datetime) -> Speaker:
        day = timezone.localdate(at)
        held = [
            f"{each.group.name} ({_short(each.organisation, day)})"
            for each in self._held[user.pk]
            if each.valid_from <= day and (each.valid_until is None or day < each.valid_until)
        ]
        return Speaker(str(user), "; ".join(held))


def _short(organisation: Organisation, day: date) -> str:
    name = organisation.name_on(day)
    return (name.abbreviation or name.name) if name else organisation.slug


def _remark(each: EntryRemark, subjects: Mapping[int, Subject], roles: _Roles) -> RemarkLine:
    return RemarkLine(
        subject=subjects[each.entry_id],
        field=RemarkField(each.field),
        quote=each.quote,
        text=each.text,
        proposal=each.proposal,
        by=roles.speaker(each.author, each.at),
        at=each.at,
        version=each.version.number,
        answer=_answer(each, roles),
    )


def _answer(remark: EntryRemark, roles: _Roles) -> AnswerLine | None:
    if not hasattr(remark, "answer"):
        return None
    given = remark.answer
    return AnswerLine(
        Answer(given.answer),
        given.reason,
        roles.speaker(given.actor, given.at),
        given.at,
        given.version.number if given.version else None,
    )


def _reason(step: _Step, subjects: Mapping[int, Subject], roles: _Roles) -> ReasonLine:
    return ReasonLine(
        subjects[step.entry],
        step.what,
        step.reason,
        roles.speaker(step.actor, step.at),
        step.at,
        step.version,
    )

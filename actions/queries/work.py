"""What is asked of whom: the entries of open rounds, with all that a list of them shows.

Only for people with a right to the entries that they pass in. Nothing public imports this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.utils import timezone

from actions.choices import EntryState, Progress, ResponsibilityRole, Verdict
from actions.models import (
    EntryVersion,
    Organisation,
    Responsibility,
    SignOff,
    StatusEntry,
    Transition,
)
from actions.models.periods import holds_on
from actions.queries.names import ResponsibilityBook
from actions.queries.records import Name
from napmonitor.accounts.models import User

OPEN_TO_WRITE = (EntryState.CONCEPT, EntryState.RETURNED)


class Ask(Enum):
    """What can be asked about an entry; the value is its list in `Work`."""

    WRITE = "to_write"
    ANSWER = "to_answer"
    SIGN = "to_sign"
    REVIEW = "to_review"


# In place of a ministry: what is asked of the coordinators of the plan.
COORDINATORS = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a co-responsible ministry said of the text as it stands; None for no verdict."""

    ministry: Name
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Task:
    """One entry of an open round, and how far it is.

    `reason` is why it came back, or why it was noted that nothing was supplied; `step` and
    `remark` are the keys of the last step and of the newest open remark, 0 for none.
    """

    entry: int
    code: str
    title: str
    year: int
    round: int
    in_plan: bool
    ministry: Name | None
    state: EntryState
    progress: Progress | None
    deadline: date | None
    version: int
    changed_at: datetime | None
    changed_by: str
    reason: str
    moved_at: datetime | None
    moved_by: str
    step: int
    open_remarks: int
    remark: int
    signatures: tuple[Signature, ...]

    @property
    def is_late(self) -> bool:
        """Whether the ministry should have submitted it before today."""
        return (
            self.state in OPEN_TO_WRITE
            and self.deadline is not None
            and self.deadline < timezone.localdate()
        )

    @property
    def can_be_submitted(self) -> bool:
        """Whether there is a text to submit, written after the entry came back if it did."""
        return (
            self.state in OPEN_TO_WRITE
            and self.progress is not None
            and self.changed_at is not None
            and (self.moved_at is None or self.moved_at < self.changed_at)
        )

    @property
    def unsigned(self) -> tuple[Name, ...]:
        return tuple(each.ministry for each in self.signatures if each.verdict is None)

    @property
    def disagreeing(self) -> tuple[Name, ...]:
        return tuple(
            each.ministry for each in self.signatures if each.verdict == Verdict.NOT_AGREED
        )


@dataclass(frozen=True, slots=True)
class Work:
    """What one official has to do and what became of the rest, most urgent first."""

    to_write: tuple[Task, ...]
    to_answer: tuple[Task, ...]
    to_sign: tuple[Task, ...]
    to_review: tuple[Task, ...]
    with_others: tuple[Task, ...]
    finished: tuple[Task, ...]

    @property
    def is_all_done(self) -> bool:
        return not (self.to_write or self.to_answer or self.to_sign or self.to_review)


def running() -> QuerySet[StatusEntry]:
    """Return the entries that are in hand: of a round, or of a correction after it went out."""
    corrected = Q(state__in=[EntryState.RETURNED, EntryState.SUBMITTED])
    return StatusEntry.objects.filter(
        Q(round__published_on=None) | corrected, round__opened_on__isnull=False
    )


def asked(task: Task) -> Iterator[tuple[Ask, str]]:
    """Yield what is asked about an entry, each with the slug of the ministry it is asked of.

    This is the one rule of who has to do something: the first page and the mail both follow it.
    """
    if task.ministry is not None:
        if task.state in OPEN_TO_WRITE:
            yield Ask.WRITE, task.ministry.slug
        elif task.open_remarks:
            yield Ask.ANSWER, task.ministry.slug
    if task.state == EntryState.SUBMITTED:
        for ministry in task.unsigned:
            yield Ask.SIGN, ministry.slug
        yield Ask.REVIEW, COORDINATORS


def work_of(user: User) -> Work:
    """Return what somebody has to do today, by the roles they hold today; 5 queries."""
    writes = user.organisations_with("actions.change_statusentry")
    signs = user.organisations_with("actions.sign_off_statusentry")
    reviews = user.has_perm("actions.review_statusentry")
    held = Responsibility.objects.on(timezone.localdate())
    lead = held.filter(role=ResponsibilityRole.LEAD, organisation__in=writes)
    beside = held.filter(role=ResponsibilityRole.CO_RESPONSIBLE, organisation__in=signs)
    own = Q(action_point__in=lead.values("action_point"))
    along = Q(action_point__in=beside.values("action_point"))
    slugs = dict(Organisation.objects.filter(pk__in=writes | signs).values_list("pk", "slug"))
    writing = {slugs[key] for key in writes}
    mine = {
        Ask.WRITE: writing,
        Ask.ANSWER: writing,
        Ask.SIGN: {slugs[key] for key in signs},
        Ask.REVIEW: {COORDINATORS} if reviews else set(),
    }
    rows: dict[str, list[Task]] = defaultdict(list)
    for task in tasks(running() if reviews else running().filter(own | along)):
        places = {ask.value for ask, of in asked(task) if of in mine[ask]}
        if task.ministry and task.ministry.slug in writing and places.isdisjoint(_OF_THE_LEAD):
            places.add("finished" if task.state == EntryState.APPROVED else "with_others")
        for place in places:
            rows[place].append(task)
    names = ("to_write", "to_answer", "to_sign", "to_review", "with_others", "finished")
    return Work(**{name: tuple(sorted(rows[name], key=urgency)) for name in names})


def tasks(entries: QuerySet[StatusEntry]) -> list[Task]:
    """Return entries with how far they are, by code; 3 queries for any number."""
    today = timezone.localdate()
    rows = list(
        entries.select_related("action_point", "round", "latest_version__author")
        .annotate(
            open_remark_count=Count("remarks", filter=_OPEN, distinct=True),
            open_remark=Max("remarks", filter=_OPEN),
            moved_note=_of_last_move("note"),
            moved_at=_of_last_move("at"),
            moved_by=_of_last_move("actor__name"),
            moved=_of_last_move("pk"),
        )
        .order_by("round__year", "action_point__code")
    )
    points = {row.action_point_id for row in rows}
    book = ResponsibilityBook(
        Responsibility.objects.filter(action_point__in=points).filter(holds_on(today))
    )
    verdicts = _verdicts(row.latest_version for row in rows)
    return [_task(row, book, verdicts, today) for row in rows]


def urgency(task: Task) -> tuple[bool, date, str]:
    """Return by what work is sorted: what came back first, then by deadline."""
    returned = task.state == EntryState.RETURNED
    return not returned, task.deadline or date.max, task.code


_OF_THE_LEAD = {Ask.WRITE.value, Ask.ANSWER.value}
_OPEN = Q(remarks__answer=None)


def _of_last_move(name: str) -> Combinable:
    steps = Transition.objects.filter(entry=OuterRef("pk")).order_by("-at", "-pk")
    return Subquery(steps.values(name)[:1])


def _verdicts(versions: Iterable[EntryVersion | None]) -> dict[tuple[int, str], Verdict]:
    """Return the last word of each ministry on each of these versions."""
    keys = [version.pk for version in versions if version is not None]
    given = SignOff.objects.filter(version__in=keys).order_by("pk")
    return {
        (version, slug): Verdict(verdict)
        for version, slug, verdict in given.values_list("version", "organisation__slug", "verdict")
    }


def _task(
    row: StatusEntry,
    book: ResponsibilityBook,
    verdicts: dict[tuple[int, str], Verdict],
    today: date,
) -> Task:
    responsible = book.on(row.action_point_id, today)
    version = row.latest_version
    state = EntryState(row.state)
    known = vars(row)
    told = state in (EntryState.RETURNED, EntryState.NOT_SUPPLIED)
    return Task(
        entry=row.pk,
        code=row.action_point.code,
        title=row.action_point.title,
        year=row.round.year,
        round=row.round_id,
        in_plan=row.action_point.in_plan,
        ministry=next(
            (each.organisation for each in responsible if each.role == ResponsibilityRole.LEAD),
            None,
        ),
        state=state,
        progress=Progress(version.progress) if version and version.progress else None,
        # A correction has no deadline: the one of the round has passed.
        deadline=None if row.round.published_on else row.round.ministry_deadline,
        version=version.number if version else 0,
        changed_at=version.created_at if version else None,
        changed_by=str(version.author) if version else "",
        reason=(known["moved_note"] or "") if told else "",
        moved_at=known["moved_at"],
        moved_by=known["moved_by"] or "",
        step=known["moved"] or 0,
        open_remarks=known["open_remark_count"],
        remark=known["open_remark"] or 0,
        signatures=tuple(
            Signature(
                each.organisation,
                verdicts.get((version.pk, each.organisation.slug)) if version else None,
            )
            for each in responsible
            if each.role == ResponsibilityRole.CO_RESPONSIBLE
        ),
    )

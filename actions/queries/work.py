"""What is asked of whom: the entries of open rounds, with all that a list of them shows.

Only for people with a right to the entries that they pass in. Nothing public imports this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.utils import timezone

from actions.choices import EntryState, Progress, ResponsibilityRole, Verdict
from actions.models import (
    EntryVersion,
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


@dataclass(frozen=True, slots=True)
class Signature:
    """What a co-responsible ministry said of the text as it stands; None for no verdict."""

    ministry: Name
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Task:
    """One entry of an open round, and how far it is.

    `reason` is why it came back, or why it was noted that nothing was supplied.
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
    open_remarks: int
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
    """Return the entries of the rounds that are open to the ministries and not published yet."""
    return StatusEntry.objects.filter(round__opened_on__isnull=False, round__published_on=None)


def work_of(user: User) -> Work:
    """Return what somebody has to do today, by the roles they hold today; 4 queries."""
    writes = user.organisations_with("actions.change_statusentry")
    signs = user.organisations_with("actions.sign_off_statusentry")
    reviews = user.has_perm("actions.review_statusentry")
    held = Responsibility.objects.on(timezone.localdate())
    lead = held.filter(role=ResponsibilityRole.LEAD, organisation__in=writes)
    beside = held.filter(role=ResponsibilityRole.CO_RESPONSIBLE, organisation__in=signs)
    own = Q(action_point__in=lead.values("action_point"))
    asked = Q(action_point__in=beside.values("action_point"))
    wanted = running() if reviews else running().filter(own | asked)
    of_lead = set(lead.values_list("action_point", flat=True))
    signing = dict(beside.values_list("action_point", "organisation__slug"))
    rows: dict[str, list[Task]] = defaultdict(list)
    for entry, task in _tasks(wanted):
        if entry.action_point_id in of_lead:
            rows[_place(task)].append(task)
        slug = signing.get(entry.action_point_id)
        if (
            slug is not None
            and task.state == EntryState.SUBMITTED
            and slug in {name.slug for name in task.unsigned}
        ):
            rows["to_sign"].append(task)
        if reviews and task.state == EntryState.SUBMITTED:
            rows["to_review"].append(task)
    return Work(
        **{
            name: tuple(sorted(rows[name], key=_urgency))
            for name in (
                *("to_write", "to_answer", "to_sign", "to_review"),
                *("with_others", "finished"),
            )
        }
    )


def tasks(entries: QuerySet[StatusEntry]) -> list[Task]:
    """Return entries with how far they are, by code; 3 queries for any number."""
    return [task for _entry, task in _tasks(entries)]


def _place(task: Task) -> str:
    """Return in which list of its own ministry an entry stands."""
    if task.state in OPEN_TO_WRITE:
        return "to_write"
    if task.open_remarks:
        return "to_answer"
    return "finished" if task.state == EntryState.APPROVED else "with_others"


def _urgency(task: Task) -> tuple[bool, date, str]:
    returned = task.state == EntryState.RETURNED
    return not returned, task.deadline or date.max, task.code


def _tasks(entries: QuerySet[StatusEntry]) -> list[tuple[StatusEntry, Task]]:
    today = timezone.localdate()
    rows = list(
        entries.select_related("action_point", "round", "latest_version__author")
        .annotate(
            open_remark_count=Count("remarks", filter=Q(remarks__answer=None), distinct=True),
            moved_note=_of_last_move("note"),
            moved_at=_of_last_move("at"),
            moved_by=_of_last_move("actor__name"),
        )
        .order_by("round__year", "action_point__code")
    )
    points = {row.action_point_id for row in rows}
    book = ResponsibilityBook(
        Responsibility.objects.filter(action_point__in=points).filter(holds_on(today))
    )
    verdicts = _verdicts(row.latest_version for row in rows)
    return [(row, _task(row, book, verdicts, today)) for row in rows]


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
        deadline=row.round.ministry_deadline,
        version=version.number if version else 0,
        changed_at=version.created_at if version else None,
        changed_by=str(version.author) if version else "",
        reason=(known["moved_note"] or "") if told else "",
        moved_at=known["moved_at"],
        moved_by=known["moved_by"] or "",
        open_remarks=known["open_remark_count"],
        signatures=tuple(
            Signature(
                each.organisation,
                verdicts.get((version.pk, each.organisation.slug)) if version else None,
            )
            for each in responsible
            if each.role == ResponsibilityRole.CO_RESPONSIBLE
        ),
    )

"""How far the documents of a round are, for the pages of who makes, reads and issues them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from django.db.models import Prefetch
from django.utils import timezone

from actions.models import ReportingRound
from napmonitor.accounts.models import User
from reports import permissions
from reports.choices import Audience, Format, JobState, Kind, Outcome, Stage
from reports.models import (
    Decision,
    Dispatch,
    EditionFile,
    EditionIssue,
    EditionVersion,
    Freeze,
    FreezeJob,
    Job,
    RenderJob,
)


class Turn(Enum):
    """What the documents of a round wait for."""

    BUSY = "busy"
    FAILED = "failed"
    NOTHING = "nothing"
    CONCEPT = "concept"
    READY = "ready"
    FINAL = "final"
    ISSUED = "issued"
    SENT = "sent"
    WAITING = "waiting"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Row:
    """The files of one document in a version: of the note there are two, one for each reader."""

    kind: Kind
    audience: Audience
    is_split: bool
    # One for each form, in their order; None while it is not made.
    files: tuple[EditionFile | None, ...]


@dataclass(frozen=True, slots=True)
class FrozenSet:
    """The documents that were fixed together, with what became of them."""

    freeze: Freeze
    edition: int
    number: int
    rows: tuple[Row, ...]
    issues: tuple[EditionIssue, ...]

    @property
    def name(self) -> str:
        return f"{self.edition}.{self.number}"

    @property
    def issued_at(self) -> datetime | None:
        return self.issues[0].at if self.issues else None

    @property
    def is_complete(self) -> bool:
        return all(file for row in self.rows for file in row.files)


@dataclass(frozen=True, slots=True)
class Failure:
    """Work that failed, with what it was to make."""

    job: Job
    kind: Kind | None
    format: Format | None

    @property
    def job_kind(self) -> str:
        return self.job._meta.model_name or ""


@dataclass(frozen=True, slots=True)
class Work:
    """How far the work in the background is."""

    freezing: FreezeJob | None
    done: int
    asked: int
    failures: tuple[Failure, ...]

    @property
    def is_busy(self) -> bool:
        return self.freezing is not None or self.done + self._failed_files < self.asked

    @property
    def percent(self) -> int:
        """How many percent of all that was asked is done: fixing counts as much as the files."""
        if self.freezing:
            return self.freezing.progress // 2
        return 50 + 50 * self.done // self.asked if self.asked else 100

    @property
    def _failed_files(self) -> int:
        return sum(isinstance(each.job, RenderJob) for each in self.failures)


@dataclass(frozen=True, slots=True)
class HowFar:
    """The documents of a round: what was fixed, newest first, and what they wait for."""

    round: ReportingRound
    sets: tuple[FrozenSet, ...]
    work: Work
    turn: Turn
    dispatches: tuple[Dispatch, ...]

    @property
    def newest(self) -> FrozenSet | None:
        return self.sets[0] if self.sets else None

    @property
    def issued(self) -> FrozenSet | None:
        """The last set that was issued."""
        return next((each for each in self.sets if each.issues), None)

    @property
    def sent_on(self) -> date | None:
        return self.dispatches[0].sent_on if self.dispatches else None

    @property
    def is_reconstruction(self) -> bool:
        return not self.round.opened_on


def how_far(each: ReportingRound) -> HowFar:
    """Return how far the documents of a round are."""
    sets = frozen_sets(each)
    done = work(each, sets[0] if sets else None)
    dispatches = _dispatches(sets)
    return HowFar(each, sets, done, _turn(each, sets, done, dispatches), dispatches)


def frozen_sets(each: ReportingRound) -> tuple[FrozenSet, ...]:
    """Return what was fixed of a round, newest first, without the content of files."""
    files = EditionFile.objects.defer("content", "pages")
    versions = EditionVersion.objects.defer("tree", "public_tree").select_related(
        "edition", "issue__by"
    )
    freezes = (
        Freeze.objects.filter(round=each)
        .defer("data")
        .select_related("by", "round")
        .prefetch_related(Prefetch("versions", versions), Prefetch("versions__files", files))
        .order_by("-at", "-pk")
    )
    return tuple(_set(freeze, list(freeze.versions.all())) for freeze in freezes)


def _set(freeze: Freeze, versions: Sequence[EditionVersion]) -> FrozenSet:
    order = list(Kind)
    versions = sorted(versions, key=lambda each: order.index(Kind(each.edition.kind)))
    issues = (getattr(version, "issue", None) for version in versions)
    return FrozenSet(
        freeze,
        versions[0].edition.number,
        versions[0].number,
        tuple(row for version in versions for row in _rows(version)),
        tuple(issue for issue in issues if issue),
    )


def _rows(version: EditionVersion) -> Iterable[Row]:
    kind = Kind(version.edition.kind)
    # Of the note the internal form comes first: it is the one that goes up the line.
    is_split = kind == Kind.DECISION_NOTE
    made = {(file.audience, file.format): file for file in version.files.all()}
    for audience in (Audience.INTERNAL, Audience.PUBLIC) if is_split else (Audience.PUBLIC,):
        yield Row(kind, audience, is_split, tuple(made.get((audience, to)) for to in Format))


def work(each: ReportingRound, newest: FrozenSet | None) -> Work:
    """Return how far the work for the newest set is, and what of it failed."""
    last = FreezeJob.objects.filter(round=each).first()
    freezing = last if last and last.state in (JobState.WAITING, JobState.RUNNING) else None
    failures = [Failure(last, None, None)] if last and last.state == JobState.FAILED else []
    jobs: list[RenderJob] = []
    if newest:
        jobs = list(
            RenderJob.objects.filter(version__freeze=newest.freeze)
            .select_related("version__edition")
            .defer("version__tree", "version__public_tree")
        )
    for job in jobs:
        if job.state == JobState.FAILED:
            kind = Kind(job.version.edition.kind)
            failures.append(Failure(job, kind, Format(job.format)))
    done = sum(job.state == JobState.DONE for job in jobs)
    return Work(freezing, done, len(jobs), tuple(failures))


def _dispatches(sets: Iterable[FrozenSet]) -> tuple[Dispatch, ...]:
    issued = next((each for each in sets if each.issues), None)
    if issued is None:
        return ()
    editions = [issue.edition_id for issue in issued.issues]
    return tuple(
        Dispatch.objects.filter(edition__in=editions).select_related(
            "edition", "document__annex_of"
        )
    )


def _turn(
    each: ReportingRound, sets: Sequence[FrozenSet], done: Work, dispatches: Sequence[Dispatch]
) -> Turn:
    if done.is_busy:
        return Turn.BUSY
    if done.failures and not _stands(sets, done):
        return Turn.FAILED
    if not sets:
        return Turn.NOTHING
    if sets[0].issues:
        return _after_issue(each, dispatches)
    if sets[0].freeze.stage != Stage.CONCEPT:
        return Turn.FINAL
    return Turn.READY if _is_agreed(each) else Turn.CONCEPT


def _stands(sets: Sequence[FrozenSet], done: Work) -> bool:
    """Tell whether there is a set to go on with, though a request for another one failed."""
    if not sets or sets[0].freeze.stage == Stage.CONCEPT:
        return False
    return bool(sets[0].issues) or all(each.kind is None for each in done.failures)


def _is_agreed(each: ReportingRound) -> bool:
    last = (
        Decision.objects.filter(version__edition__round=each, version__edition__issue=None)
        .order_by("-pk")
        .first()
    )
    return last is not None and last.outcome != Outcome.NOT_AGREED


def _after_issue(each: ReportingRound, dispatches: Sequence[Dispatch]) -> Turn:
    # What was read from public letters went to parliament long ago.
    if each.opened_on and not dispatches:
        return Turn.ISSUED
    if each.released_at is None:
        return Turn.SENT
    return Turn.PUBLIC if each.released_at <= timezone.now() else Turn.WAITING


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list of rounds: the newest version, and the last edition that was issued."""

    round: ReportingRound
    version: str
    stage: str
    issued: str
    issued_at: datetime | None


def summaries(rounds: Sequence[ReportingRound]) -> list[Summary]:
    """Return what stands of each round; the letter speaks for the three documents; 2 queries."""
    letters = {"edition__kind": Kind.LETTER, "edition__round__in": rounds}
    newest = {
        version.edition.round_id: version
        for version in EditionVersion.objects.filter(**letters)
        .select_related("edition", "freeze")
        .defer("tree", "public_tree", "freeze__data")
        .order_by("freeze__at", "pk")
    }
    issues = {
        issue.edition.round_id: issue
        for issue in EditionIssue.objects.filter(**letters)
        .select_related("edition")
        .order_by("edition__number")
    }
    return [_summary(each, newest.get(each.pk), issues.get(each.pk)) for each in rounds]


def _summary(
    each: ReportingRound, newest: EditionVersion | None, issue: EditionIssue | None
) -> Summary:
    return Summary(
        each,
        f"{newest.edition.number}.{newest.number}" if newest else "",
        newest.freeze.get_stage_display() if newest else "",
        str(issue.edition.number) if issue else "",
        issue.at if issue else None,
    )


# For who reads along.


def readable_rounds(user: User) -> list[ReportingRound]:
    """Return the rounds of which somebody may open files, newest first."""
    rounds = ReportingRound.objects.select_related("plan").order_by("-plan__slug", "-year")
    if permissions.may_view(user):
        return list(rounds)
    own = user.organisations_with("actions.sign_off_statusentry")
    found = rounds.filter(plan__participants__organisation__in=own, freezes__isnull=False)
    return list(found.distinct())


def files_to_read(user: User, newest: FrozenSet) -> list[EditionFile]:
    """Return the PDFs of a set that somebody may open."""
    return [
        file
        for row in newest.rows
        for file in row.files
        if file
        and file.format == Format.PDF
        and permissions.may_read(user, file.version, file.audience)
    ]


def unopened(user: User, frozen: FrozenSet) -> list[EditionFile]:
    """Return the PDFs of a set that this person has not opened yet."""
    found = EditionFile.objects.filter(version__freeze=frozen.freeze, format=Format.PDF)
    rows = (
        found.exclude(openings__by=user)
        .select_related("version__edition")
        .defer("content", "pages", "version__tree", "version__public_tree")
    )
    order = list(Kind)
    return sorted(rows, key=lambda file: order.index(Kind(file.version.edition.kind)))

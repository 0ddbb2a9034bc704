"""Work in the background: one worker at a time holds a job, and tells that it lives.

A worker that dies leaves its job silent, and so does one that hangs; `pick_up` puts that back in
the queue. What a job makes is stored in the same transaction in which the job is done, by who still
holds it: never half, and never twice.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, TypeAlias
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import Error, IntegrityError, connection, models, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from actions.models import ReportingRound
from actions.workflow import NotPossible
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from reports import issuing, permissions, production, rendering
from reports.choices import Format, JobState, Kind, Stage
from reports.document import DocumentKind, to_text
from reports.models import EditionFile, FreezeJob, PreviewJob, RenderJob
from reports.models.jobs import LONGEST, MOST_ATTEMPTS, SILENCE
from reports.renderers.rendered import NotRendered
from reports.snapshot import sha256
from reports.tasks import enqueue

log = logging.getLogger(__name__)

AnyRow: TypeAlias = FreezeJob | RenderJob | PreviewJob
AnyJob: TypeAlias = type[FreezeJob] | type[RenderJob] | type[PreviewJob]
KINDS: Final[dict[str, AnyJob]] = {
    "freezejob": FreezeJob,
    "renderjob": RenderJob,
    "previewjob": PreviewJob,
}
# Seconds between two signs of life.
_BEAT: Final = SILENCE.total_seconds() / 5
# Seconds after which there are no more, as the work hangs: another worker takes it over then.
_LAST_BEAT: Final = LONGEST.total_seconds()
# How long the queue remembers what it handed out; what became of the work stands with the jobs.
_REMEMBERED: Final = timedelta(days=7)


class Lost(Exception):
    """Another worker holds the job by now."""


class Held:
    """A job that this worker holds."""

    def __init__(self, job: Any, claim: str) -> None:
        self.job, self.claim = job, claim

    def tell(self, percent: int) -> None:
        """Note how far it is, which is also a sign of life; raises Lost."""
        if not self._mine().update(progress=percent, heartbeat_at=Now()):
            raise Lost

    def beat(self) -> bool:
        """Give a sign of life; tell whether the job is still held."""
        return bool(self._mine().update(heartbeat_at=Now()))

    def finish(self, **values: Any) -> None:
        """Note within a transaction that it is done; raises Lost, which undoes the transaction."""
        done = {"state": JobState.DONE, "progress": 100, "ended_at": timezone.now(), "claim": ""}
        if not self._mine().update(**done, **values):
            raise Lost

    def fail(self, reason: str) -> None:
        """Note why it failed; a person can ask for it again."""
        ended = {"state": JobState.FAILED, "ended_at": timezone.now(), "claim": ""}
        self._mine().update(reason=reason, **ended)

    def _mine(self) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = type(self.job).objects.filter(pk=self.job.pk)
        return rows.filter(state=JobState.RUNNING, claim=self.claim)


def run(kind: str, key: int) -> None:
    """Do one job, unless somebody else holds it or it is done already."""
    held = claim(KINDS[kind], key)
    if held is None:
        return
    try:
        with _alive(held), _without_collector(), translation.override("nl"):
            _WORK[kind](held)
    except Lost:
        log.info("%s %s was taken over by another worker", kind, key)
    except (NotPossible, NotRendered) as refusal:
        held.fail(str(refusal))
    except production.Overtaken:
        held.fail(_("An edition was issued while this was being made. Ask for the next one."))
    except PermissionDenied:
        held.fail(_("Who asked for this no longer has the right to it."))
    except Exception:
        log.exception("%s %s failed", kind, key)
        held.fail(
            _("Something went wrong in the application. Try again; if it stays, ask for help."),
        )


def do_here(job: FreezeJob) -> None:
    """Fix the documents and make all their files in this process, without waiting for a worker."""
    run("freezejob", job.pk)
    for each in RenderJob.objects.unfinished().filter(version__freeze__job=job):
        run("renderjob", each.pk)


def claim(of: AnyJob, key: int) -> Held | None:
    """Take a waiting job in hand; None when another has it, or when it is done."""
    token = uuid4().hex
    taken = of.objects.filter(pk=key, state=JobState.WAITING).update(
        state=JobState.RUNNING,
        claim=token,
        heartbeat_at=Now(),
        attempts=F("attempts") + 1,
        progress=0,
        reason="",
    )
    return Held(of.objects.get(pk=key), token) if taken else None


@trail.atomic()
def retry(job: AnyRow, *, actor: User) -> None:
    """Put a failed job back in the queue; raises NotPossible when it did not fail."""
    if not permissions.may_produce(actor):
        raise PermissionDenied
    failed = type(job).objects.filter(pk=job.pk, state=JobState.FAILED)
    try:
        with transaction.atomic():
            back = failed.update(state=JobState.WAITING, attempts=0, ended_at=None)
    except IntegrityError:
        # Somebody asked for the same anew meanwhile.
        raise NotPossible(
            _("The documents of this year are being fixed already."), code="busy"
        ) from None
    if not back:
        raise NotPossible(_("This work did not fail."), code="not_failed")
    enqueue(job)
    detail = {"job": str(job._meta.model_name), "key": job.pk, "again": True}
    trail.record("edition.ask", actor=actor, about=_round_of(job), detail=detail)


def _round_of(job: AnyRow) -> ReportingRound:
    return job.version.edition.round if isinstance(job, RenderJob) else job.round


def pick_up() -> int:
    """Put work of dead workers back in the queue, and return how much that was.

    Work that was broken off too often stays down, with the reason. Work that waits though nothing
    of it is in the queue, as after a restored backup, is put there again as well.
    """
    found = 0
    for of in KINDS.values():
        for job in of.objects.abandoned():
            found += _revive(job)
        for job in of.objects.filter(state=JobState.WAITING, asked_at__lt=timezone.now() - SILENCE):
            found += _put_back(job)
    return found


@trail.atomic()
def _revive(job: AnyRow) -> bool:
    silent = type(job).objects.abandoned().filter(pk=job.pk, claim=job.claim)
    if job.attempts >= MOST_ATTEMPTS:
        reason = _("It was broken off %d times. Try again; if it stays, ask for help.")
        silent.update(
            state=JobState.FAILED, reason=reason % job.attempts, ended_at=timezone.now(), claim=""
        )
        return False
    if not silent.update(state=JobState.WAITING, claim=""):
        return False
    enqueue(job)
    return True


@trail.atomic()
def _put_back(job: AnyRow) -> bool:
    """Queue a waiting job that no task in the queue is for."""
    from django_tasks_db.models import DBTaskResult

    asked = {"args": [job._meta.model_name, job.pk], "kwargs": {}}
    queued = DBTaskResult.objects.ready().filter(args_kwargs=asked)
    running = DBTaskResult.objects.running().filter(
        args_kwargs=asked, started_at__gt=timezone.now() - SILENCE
    )
    if queued.exists() or running.exists():
        return False
    enqueue(job)
    return True


def prune() -> int:
    """Take out of the queue what ended over a week ago, and return how much that was.

    What a worker that died had in hand stays there as running, so that goes by its start.
    """
    from django_tasks_db.models import DBTaskResult

    before = timezone.now() - _REMEMBERED
    ended = DBTaskResult.objects.filter(finished_at__lt=before)
    dead = DBTaskResult.objects.running().filter(started_at__lt=before)
    return sum(old.delete()[0] for old in (ended, dead))


# The work itself.


def _freeze(held: Held) -> None:
    job: FreezeJob = held.job
    stage = Stage(job.stage)
    # What is refused is looked at as of the moment that is fixed.
    with trail.one_moment():
        issuing.refuse_freeze(job.round, stage, job.asked_by)
        issuing.refuse_without_reason(job.round, job.message)
        reading = production.read(job.round, stage)
    made = production.make(reading, held.tell)
    with trail.atomic():
        freeze = production.store(made, actor=job.asked_by, reason=job.message)
        held.finish(freeze=freeze)


def _render(held: Held) -> None:
    job: RenderJob = held.job
    version = job.version
    if not version.holds():
        raise NotPossible(_("The stored document was changed. It is not rendered."), code="changed")
    if _is_made(job):
        held.finish()
        return
    made = rendering.render(version.document(job.audience), job.format)
    with trail.atomic():
        held.finish()
        file = production.add_file(version, job.audience, job.format, made)
        detail = {"version": str(version), "audience": job.audience, "format": job.format}
        trail.record(
            "edition.render",
            actor=job.asked_by,
            about=version.edition.round,
            detail={**detail, "sha256": file.sha256},
            seals=[file],
        )


def _is_made(job: RenderJob) -> bool:
    return EditionFile.objects.filter(
        version=job.version, audience=job.audience, format=job.format
    ).exists()


def _preview(held: Held) -> None:
    job: PreviewJob = held.job
    reading = production.read(job.round, Stage.CONCEPT)
    kind = Kind(job.kind)
    if kind == Kind.DECISION_NOTE:
        pages = {
            DocumentKind(of): rendering.render(production.document(reading, of), Format.PDF).pages
            for of in production.PLACED
        }
        held.tell(60)
        document = production.note(reading, pages)
    else:
        document = production.document(reading, kind)
    tree = sha256(to_text(document))
    if tree != job.tree_hash or not job.content:
        job.content = rendering.render(document, Format.PDF).content
    held.finish(content=job.content, tree_hash=tree)


_WORK: Final[dict[str, Callable[[Held], None]]] = {
    "freezejob": _freeze,
    "renderjob": _render,
    "previewjob": _preview,
}


@contextmanager
def _alive(held: Held) -> Iterator[None]:
    """Give signs of life from beside the work, which may be busy for long but not for ever."""
    stop = threading.Event()
    ends = time.monotonic() + _LAST_BEAT

    def beat() -> None:
        try:
            while not stop.wait(_BEAT):
                if time.monotonic() > ends:
                    log.error("%s takes too long; another worker takes it over", held.job)
                    return
                try:
                    if not held.beat():
                        return
                except Error:
                    # The next sign may arrive; who falls silent over one loses the work.
                    log.exception("could not give a sign of life")
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let rendering make its many objects without looking after each other's garbage meanwhile."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

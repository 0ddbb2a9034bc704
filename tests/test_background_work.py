"""The worker: what it does alone, how it ends, and what it withstands."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from actions.workflow import NotPossible
from napmonitor.audit import trail
from reports import issuing, jobs, production
from reports.choices import JobState, Stage
from reports.management.commands import work
from reports.models import EditionFile, EditionIssue, FreezeJob, RenderJob
from reports.tasks import enqueue
from tests import edition_story as story
from tests.processes import ROOT, environment

FILES = 16


# The command, as a process of its own.


def started(*options: str) -> subprocess.Popen[bytes]:
    """Start a worker on the database of this test."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "work", *options], cwd=ROOT, env=environment()
    )


def wait_until(reached: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not reached():
        assert worker.poll() is None, "the worker stopped"
        assert time.monotonic() < deadline, "the worker does not come so far"
        time.sleep(0.02)


@pytest.mark.files
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_told_to_end_ends_its_job_and_another_does_the_rest():
    people = story.ready_round(points=1)
    job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)

    first = started()
    wait_until(lambda: FreezeJob.objects.filter(state=JobState.RUNNING).exists(), first)
    first.terminate()
    assert first.wait(timeout=120) == 0

    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert not DBTaskResult.objects.running().exists()
    assert RenderJob.objects.filter(state=JobState.WAITING).count() == FILES - 2

    second = started("--once")
    assert second.wait(timeout=300) == 0

    files = list(EditionFile.objects.filter(version__freeze=job.freeze))
    assert len(files) == FILES
    assert all(file.holds() for file in files)
    assert story.waiting_jobs() == []
    assert not DBTaskResult.objects.ready().exists()
    assert trail.verify() == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_without_work_ends_when_it_is_told_to():
    people = story.ready_round(points=1)
    with story.quick_rendering():
        story.frozen(people, Stage.CONCEPT)
    # A job that is done is left alone, but the task for it tells that the worker is there.
    enqueue(FreezeJob.objects.get())

    worker = started()
    wait_until(
        lambda: DBTaskResult.objects.finished().count() == DBTaskResult.objects.count(), worker
    )
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=60) == 0
    assert EditionFile.objects.count() == FILES


@pytest.mark.django_db
def test_a_worker_goes_on_when_the_database_is_back(monkeypatch):
    people = story.ready_round(points=1)
    job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    run = work.Worker.run
    away = iter([OperationalError("the server closed the connection")])

    def run_once(self: work.Worker) -> None:
        for failure in away:
            raise failure
        self.batch = True
        run(self)

    monkeypatch.setattr(work.Worker, "run", run_once)
    monkeypatch.setattr(work, "_PAUSE", 0)
    # The connection is that of the test, with its transaction.
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(work.threading.Thread, "start", lambda self: None)
    monkeypatch.setattr(work.threading.Thread, "join", lambda self: None)
    with story.quick_rendering():
        call_command("work", interval=0)

    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert story.waiting_jobs() == []


# Jobs.


@pytest.mark.django_db(transaction=True)
def test_a_sign_of_life_that_fails_does_not_end_the_next_ones(monkeypatch):
    people = story.ready_round(points=1)
    job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    held = jobs.claim(FreezeJob, job.pk)
    beat, beats = held.beat, []

    def failing_first() -> bool:
        beats.append(len(beats))
        if len(beats) == 1:
            raise OperationalError("database is locked")
        return beat()

    monkeypatch.setattr(held, "beat", failing_first)
    monkeypatch.setattr(jobs, "_BEAT", 0.01)
    long_ago = timezone.now() - timedelta(minutes=1)
    FreezeJob.objects.filter(pk=job.pk).update(heartbeat_at=long_ago)
    with jobs._alive(held):
        deadline = time.monotonic() + 60
        while FreezeJob.objects.abandoned().exists():
            assert time.monotonic() < deadline, "it fell silent"
            time.sleep(0.01)

    assert len(beats) > 1


@pytest.mark.django_db(transaction=True)
def test_work_that_hangs_is_taken_over_by_another_worker(monkeypatch):
    people = story.ready_round(points=1)
    job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    hanging = jobs.claim(FreezeJob, job.pk)
    beats: list[int] = []
    monkeypatch.setattr(hanging, "beat", lambda: not beats.append(1))
    monkeypatch.setattr(jobs, "_BEAT", 0.01)
    monkeypatch.setattr(jobs, "_LAST_BEAT", 0.1)
    with jobs._alive(hanging):
        time.sleep(0.5)
        told = len(beats)
        time.sleep(0.1)
        assert 0 < told == len(beats), "it still says that it lives"
        long_ago = timezone.now() - timedelta(minutes=1)
        FreezeJob.objects.filter(pk=job.pk).update(heartbeat_at=long_ago)

        assert jobs.pick_up() == 1
        other = jobs.claim(FreezeJob, job.pk)

    assert other is not None
    assert other.beat()
    with pytest.raises(jobs.Lost):
        hanging.tell(50)


@pytest.mark.django_db
def test_failed_work_that_was_asked_for_anew_is_not_tried_again_beside_it():
    people = story.ready_round(points=1)
    failed = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    jobs.claim(FreezeJob, failed.pk).fail("Het lettertype ontbreekt.")
    issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)

    with pytest.raises(NotPossible, check=lambda refusal: refusal.code == "busy"):
        jobs.retry(failed, actor=people.first)

    failed.refresh_from_db()
    assert failed.state == JobState.FAILED


@pytest.mark.django_db
def test_a_set_during_which_an_edition_was_issued_is_not_fixed():
    people = story.ready_round(points=1)
    with story.quick_rendering():
        first = story.frozen(people)
        story.decided(people, first)
        story.opened(first, people.second)
        job = issuing.ask_freeze(people.round, Stage.FINAL, actor=people.first)
        make = production.make

        def make_slowly(*args: object) -> production.MadeSet:
            made = make(*args)
            issuing.issue(first, actor=people.second)
            return made

        with mock.patch.object(production, "make", make_slowly):
            story.work()
        job.refresh_from_db()
        assert (job.state, job.freeze) == (JobState.FAILED, None)
        assert EditionIssue.objects.count() == 3

        # Tried again it would be the next edition, which must say why it is there.
        jobs.retry(job, actor=people.first)
        story.work()

    job.refresh_from_db()
    assert (job.state, job.freeze) == (JobState.FAILED, None)
    assert trail.verify() == []


@pytest.mark.django_db
def test_the_queue_forgets_what_ended_a_week_ago_and_keeps_what_waits():
    people = story.ready_round(points=1)
    with story.quick_rendering():
        story.frozen(people, Stage.CONCEPT)
    ended = DBTaskResult.objects.finished().count()
    died, waits = queued(), queued()
    died.claim("dead")
    assert jobs.prune() == 0

    DBTaskResult.objects.exclude(pk=waits.pk).update(finished_at=timezone.now() - timedelta(days=8))
    DBTaskResult.objects.filter(pk=died.pk).update(
        started_at=timezone.now() - timedelta(days=8), finished_at=None
    )
    DBTaskResult.objects.filter(pk=waits.pk).update(enqueued_at=timezone.now() - timedelta(days=8))

    assert jobs.prune() == ended + 1
    assert list(DBTaskResult.objects.all()) == [waits]


def queued() -> DBTaskResult:
    """Put a task in the queue and return it."""
    before = set(DBTaskResult.objects.values_list("pk", flat=True))
    enqueue(FreezeJob.objects.get())
    return DBTaskResult.objects.exclude(pk__in=before).get()

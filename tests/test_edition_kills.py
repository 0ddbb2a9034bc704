"""Workers that die while they fix, render or issue documents: all of it is there, or nothing.

Run as a program this module starts such workers: it loads everything once, makes the children that
a test asks for, and kills each after as many microseconds as it was told.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import django
import pytest
from django.db import connection
from django.utils import timezone

from tests.processes import ROOT, environment

# Models are imported where they are used: as a program this has no settings yet when it starts.

# What a child tells, a byte each: it begins, a statement is about to go, all is done.
BEGIN, STATEMENT, DONE = b"b", b"s", b"d"
# Files of a set: three documents and the public note, in four forms; two PDFs come with the freeze.
FILES, RENDERED = 16, 14
# So often are the workers killed over one set: once more, and the work would stay down.
WAVES = 2
# Seconds that the drawing of one file takes here, so that a kill can come in the middle.
DRAWING = 0.004
# Seconds between two signs of life here, so that these come in between too.
BEAT = 0.01


# The process that starts workers and kills them.


def serve(calls: Path) -> None:
    """Answer each line of input with what became of the children that it asked for."""
    django.setup()
    # Loads what the first use would load, so that every child starts alike.
    from reports import jobs, rendering
    from reports.management.commands.work import _load as load
    from tests import edition_story as story

    load()
    rendering.made_with()

    with story.quick_rendering():
        quick = rendering.render

    def draw(document: Any, to: str) -> Any:
        from reports.document import to_text

        tree = hashlib.sha256(to_text(document).encode()).hexdigest()
        with calls.open("a", encoding="ascii") as file:
            file.write(f"{os.getpid()} {tree} {to}\n")
        time.sleep(DRAWING)
        return quick(document, to)

    with mock.patch.object(rendering, "render", draw), mock.patch.object(jobs, "_BEAT", BEAT):
        for line in sys.stdin:
            sys.stdout.write(json.dumps(attempt(**json.loads(line))) + "\n")
            sys.stdout.flush()


def attempt(do: str, kills: Sequence[int | None], **asked: Any) -> dict[str, Any]:
    """Let as many children do this as there are kills, each after so long; tell what they told."""
    reading, writing = os.pipe()
    children = [start(TASKS[do], writing, asked) for _kill in kills]
    os.close(writing)
    told = os.read(reading, 1)
    started = time.perf_counter()
    moments = [(kill, child) for kill, child in zip(kills, children, strict=True) if kill]
    for kill, child in sorted(moments):
        time.sleep(max(0, kill / 1_000_000 - (time.perf_counter() - started)))
        # It is not waited for yet, so its number is still its own.
        os.kill(child, signal.SIGKILL)
    while more := os.read(reading, 4096):
        told += more
    took = time.perf_counter() - started
    os.close(reading)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return {
        "ended": ended,
        "statements": told.count(STATEMENT),
        "done": told.count(DONE),
        "microseconds": int(took * 1_000_000),
    }


def start(task: Callable[..., None], tell: int, asked: Mapping[str, Any]) -> int:
    """Start a child for a task; return its number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.write(tell, BEGIN)
        task(tell, **asked)
        os.write(tell, DONE)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def work(tell: int, copies: int = 1) -> None:
    """Do all work there is, in the background; what that asks for is queued in so many copies."""
    from django.core.management import call_command

    from reports import production, tasks
    from tests import edition_story as story

    def put(job: Any) -> None:
        for _copy in range(copies):
            tasks.enqueue(job)

    with mock.patch.object(production, "enqueue", put):
        while story.waiting_jobs():
            call_command("work", once=True, interval=0.005)


def work_on(tell: int) -> None:
    """Do the work in the background until somebody ends it."""
    from django.core.management import call_command

    call_command("work", interval=0.005)


def issue(tell: int, freeze: int, actor: int) -> None:
    """Issue a set, and tell of every statement on the way."""
    from napmonitor.accounts.models import User
    from reports import issuing
    from reports.models import Freeze

    fixed, somebody = Freeze.objects.get(pk=freeze), User.objects.get(pk=actor)

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        os.write(tell, STATEMENT)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        issuing.issue(fixed, actor=somebody)


TASKS: dict[str, Callable[..., None]] = {"work": work, "work_on": work_on, "issue": issue}


# What the tests see of it.


class Starter:
    """The process that starts workers, on the database of this test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, do: str, kills: Sequence[int | None], **asked: Any) -> dict[str, Any]:
        """Let it start children, and return what became of them."""
        self._process.stdin.write(json.dumps({"do": do, "kills": kills, **asked}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def work(self, workers: int, **asked: Any) -> int:
        """Let this many workers do all there is; return how many microseconds they took."""
        told = self.ask("work", [None] * workers, **asked)
        assert told["ended"] == [0] * workers
        return told["microseconds"]


@contextmanager
def starter(calls: Path) -> Iterator[Starter]:
    """Start the process that starts workers; every call of the renderer adds a line to a file."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.test_edition_kills", str(calls)],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Starter(process)
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def at_once(on_postgresql: int) -> int:
    """Return how many workers a test starts; SQLite lets one write at a time."""
    return on_postgresql if connection.vendor == "postgresql" else on_postgresql // 2


@dataclass(frozen=True, slots=True)
class Seen:
    """What of the newest set of a round is there; `held` is what a worker had in hand."""

    freezes: int
    files: int
    issued: int
    freezing_held: int
    rendering_held: int

    @property
    def held(self) -> int:
        return self.freezing_held + self.rendering_held


def look(round_id: int, since: int) -> Seen:
    """Return what of a round was fixed after `since`, as of one moment; nothing of it is half."""
    from napmonitor.audit import trail
    from reports.choices import Format, JobState, Kind
    from reports.models import (
        EditionFile,
        EditionIssue,
        EditionVersion,
        Freeze,
        FreezeJob,
        RenderJob,
    )

    connection.close()
    with trail.one_moment():
        freezes = list(Freeze.objects.filter(round=round_id, pk__gt=since))
        versions = list(EditionVersion.objects.filter(freeze__in=freezes).select_related("edition"))
        files = list(EditionFile.objects.filter(version__in=versions))
        jobs = list(RenderJob.objects.filter(version__in=versions))
        freezing = list(FreezeJob.objects.filter(round=round_id, state=JobState.RUNNING))
        issues = EditionIssue.objects.filter(version__in=versions).count()
        fixed_of_jobs = FreezeJob.objects.filter(freeze__in=freezes, state=JobState.DONE).count()

    assert fixed_of_jobs == len(freezes), "fixed, and its job is not done"
    for freeze in freezes:
        kinds = [each.edition.kind for each in versions if each.freeze_id == freeze.pk]
        assert sorted(kinds) == sorted(Kind.values), f"half fixed: {kinds}"
    assert all(version.holds() for version in versions)
    for file in files:
        assert file.size == len(file.content) > 0
        assert file.holds(), f"{file} is not what its hash says"
    made = Counter((file.version_id, file.audience, file.format) for file in files)
    assert set(made.values()) <= {1}, f"made twice: {made}"
    asked = Counter((job.version_id, job.audience, job.format) for job in jobs)
    assert set(asked.values()) <= {1}, f"asked twice: {asked}"
    done = {(job.version_id, job.audience, job.format) for job in jobs if job.state == "done"}
    assert done <= set(made), "done, and its file is not there"
    whole = {
        (version.pk, audience, to)
        for version in versions
        for audience in version.audiences()
        for to in Format.values
    }
    assert set(made) | set(asked) == whole, "a file that nobody was asked for"
    assert set(made) == whole - set(asked) | done, "a file of which the job is not done"
    assert issues in (0, len(versions)), f"half issued: {issues}"
    running = [job for job in jobs if job.state == JobState.RUNNING]
    return Seen(len(freezes), len(files), issues, len(freezing), len(running))


def say_long_ago() -> None:
    """Let all that is unfinished have been silent for as long as makes a worker dead."""
    from django_tasks_db.models import DBTaskResult

    from reports.choices import JobState
    from reports.models import FreezeJob, RenderJob

    long_ago = timezone.now() - timedelta(minutes=1)
    for of in (FreezeJob, RenderJob):
        of.objects.filter(state=JobState.RUNNING).update(heartbeat_at=long_ago)
        of.objects.filter(state=JobState.WAITING).update(asked_at=long_ago)
    DBTaskResult.objects.running().update(started_at=long_ago)


def issue_again(freeze: Any, actor: Any) -> None:
    """Press the button once more, as who saw no answer does."""
    from actions.workflow import NotPossible
    from reports import issuing

    try:
        issuing.issue(freeze, actor=actor)
    except NotPossible as refusal:
        if refusal.code != "issued":
            raise


@dataclass
class Kills:
    """How many kills came in the middle of what."""

    freezing: int = 0
    rendering: int = 0
    issuing: int = 0

    def are_enough(self, times: int) -> bool:
        each = (self.freezing, self.rendering, self.issuing)
        return sum(each) >= times and min(each) >= times // 10


def kill_workers(times: int, calls: Path) -> None:
    """Kill what fixes, renders and issues this often in the middle, and let others take over."""
    from napmonitor.audit import trail
    from reports import issuing, jobs
    from reports.choices import Stage
    from reports.models import EditionIssue, Freeze
    from tests import edition_story as story
    from tests.workflow_people import events

    people = story.ready_round()
    key = people.round.pk
    workers = at_once(2)
    chance = random.Random(20260126)  # noqa: S311
    kills, sets, since = Kills(), 0, 0
    # How long it all takes, and how long issuing does; found out when nobody is killed.
    span, issue_span = 0, 0

    with starter(calls) as process:
        while not span or not kills.are_enough(times):
            assert sets < times * 4 + 10, f"most kills come too early or too late: {kills}"
            sets += 1
            job = issuing.ask_freeze(people.round, Stage.FINAL, actor=people.first, reason="Beter.")

            for _wave in range(WAVES if span else 0):
                moments = [1 + chance.randrange(span) for _worker in range(workers)]
                process.ask("work_on", moments)
                seen = look(key, since)
                kills.freezing += seen.freezing_held
                kills.rendering += seen.rendering_held
                span = span * 9 // 10 if seen.files == FILES else span * 21 // 20
                say_long_ago()
                jobs.pick_up()
                if seen.files == FILES:
                    break
            took = process.work(workers)
            span = span or took

            assert look(key, since) == Seen(1, FILES, 0, 0, 0)
            assert story.waiting_jobs() == []
            job.refresh_from_db()
            freeze = job.freeze
            story.decided(people, freeze)
            story.opened(freeze, people.second)

            asked = {"freeze": freeze.pk, "actor": people.second.pk}
            kill = 1 + chance.randrange(issue_span) if issue_span else None
            told = process.ask("issue", [kill], **asked)
            seen = look(key, since)
            assert seen.issued in (0, 3)
            assert seen.issued == 3 or not told["done"], "told that it is issued, and it is not"
            kills.issuing += told["ended"] == [-signal.SIGKILL] and told["statements"] > 0
            issue_span = issue_span or told["microseconds"]
            if told["ended"] != [0]:
                issue_again(freeze, people.second)

            assert look(key, since) == Seen(1, FILES, 3, 0, 0)
            since = freeze.pk
            if sets % 20 == 0:
                assert trail.verify() == []

    assert trail.verify() == []
    assert look(key, 0) == Seen(sets, sets * FILES, sets * 3, 0, 0)
    assert Freeze.objects.count() == sets
    assert EditionIssue.objects.count() == sets * 3
    assert len(events("edition.freeze", people.round)) == sets
    assert len(events("edition.render", people.round)) == sets * RENDERED
    assert len(events("edition.issue", people.round)) == sets


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_set_is_half_there_after_20_kills(tmp_path) -> None:
    kill_workers(20, tmp_path / "calls")


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_soak_nothing_of_a_set_is_half_there_after_500_kills(tmp_path) -> None:
    kill_workers(500, tmp_path / "calls")


@pytest.mark.django_db(transaction=True)
def test_several_workers_render_each_file_once(tmp_path) -> None:
    from django_tasks_db.models import DBTaskResult

    from napmonitor.audit import trail
    from reports import issuing
    from reports.choices import Stage
    from reports.models import EditionFile
    from reports.tasks import enqueue
    from tests import edition_story as story

    casts = [story.ready_round(points=1) for _set in range(5)]
    calls = tmp_path / "calls"
    with starter(calls) as process:
        for people in casts:
            job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
            # Whoever takes the copy of a task finds that somebody has the job.
            enqueue(job)

        process.work(at_once(4), copies=2)

    files = EditionFile.objects.select_related("version")
    assert files.count() == len(casts) * FILES
    expected = Counter(
        (hashlib.sha256(file.version.text(file.audience).encode()).hexdigest(), file.format)
        for file in files
    )
    lines = [line.split() for line in calls.read_text(encoding="ascii").splitlines()]
    assert Counter((tree, to) for _worker, tree, to in lines) == expected
    assert len({worker for worker, _tree, _to in lines}) > 1, "one worker did it all"
    assert story.waiting_jobs() == []
    assert DBTaskResult.objects.finished().count() == DBTaskResult.objects.count()
    assert trail.verify() == []


if __name__ == "__main__":
    serve(Path(sys.argv[1]))

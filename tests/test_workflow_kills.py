"""A process that dies while it publishes a round: nothing of it is public, or all is.

Run as a program this module is that process: it is told what to publish, and kills the child that
does so after as many microseconds as it was told.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import django
import pytest
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from tests.processes import ROOT, environment

# Models are imported where they are used: as a program this has no settings yet when it starts.
POINTS = 33
# What the child that publishes tells, a byte each: a statement is about to go, all is done.
STATEMENT, DONE = b"s", b"d"


# The process that publishes and dies.


def serve() -> None:
    """Answer each line of input with what became of the child that it asked for."""
    django.setup()
    # Loads what the first use would load, so that every child starts alike.
    from actions import workflow  # noqa: F401

    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(attempt(**asked)) + "\n")
        sys.stdout.flush()


def attempt(round_id: int, actor_id: int, microseconds: int | None) -> dict[str, Any]:
    """Publish in a child, kill it so long after its start, and tell how far it had come."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            publish(round_id, actor_id, writing)
        finally:
            os._exit(0)
    os.close(writing)
    told = os.read(reading, 1)
    started = time.perf_counter()
    if microseconds is not None:
        time.sleep(microseconds / 1_000_000)
        # It is not waited for yet, so its number is still its own.
        os.kill(child, signal.SIGKILL)
    while more := os.read(reading, 4096):
        told += more
    took = time.perf_counter() - started
    os.close(reading)
    _pid, status = os.waitpid(child, 0)
    return {
        "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
        "statements": told.count(STATEMENT),
        "done": told.endswith(DONE),
        "microseconds": int(took * 1_000_000),
    }


def publish(round_id: int, actor_id: int, tell: int) -> None:
    """Publish a round, and tell of every statement on the way."""
    from actions import workflow
    from actions.models import ReportingRound
    from napmonitor.accounts.models import User

    each = ReportingRound.objects.get(pk=round_id)
    actor = User.objects.get(pk=actor_id)

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        os.write(tell, STATEMENT)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        workflow.publish_round(each, actor=actor)
    os.write(tell, DONE)


# The test.


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a round is there, as one statement on a fresh connection sees it."""

    published: bool
    texts: int
    public: int


def look(round_id: int) -> Seen:
    """Return how a round stands, in one statement: nothing can come in between."""
    from actions.models import ReportingRound

    connection.close()
    row = (
        ReportingRound.objects.filter(pk=round_id)
        .annotate(
            texts=Count("entries", filter=Q(entries__published_version__isnull=False)),
            public=Count(
                "entries",
                filter=Q(entries__published_version__isnull=False, released_at__lte=timezone.now()),
            ),
        )
        .get()
    )
    assert (row.published_on is None) == (row.released_at is None)
    return Seen(row.published_on is not None, row.texts, row.public)


@contextmanager
def publisher() -> Iterator[subprocess.Popen[str]]:
    """Start the process that publishes, on the database of this test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.test_workflow_kills"],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def ask(process: subprocess.Popen[str], **asked: Any) -> dict[str, Any]:
    """Let it publish once, and return what it tells."""
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def withdraw(round_id: int) -> None:
    """Make a round one that waits to be published again; what was logged stays."""
    from actions.models import ReportingRound, StatusEntry
    from tests.factories import overwrite

    overwrite(ReportingRound.objects.filter(pk=round_id), published_on=None, released_at=None)
    StatusEntry.objects.filter(round=round_id).update(published_version=None)


def kill_while_publishing(times: int) -> None:
    """Kill what publishes this often, each time at another moment, and let somebody retry."""
    from actions import workflow
    from actions.choices import EntryState
    from napmonitor.audit import trail
    from tests.workflow_people import cast, events

    people = cast(points=POINTS)
    for entry in people.entries:
        people.bring(entry, EntryState.APPROVED)
    asked = {"round_id": people.round.pk, "actor_id": people.first.pk}
    nothing, everything = Seen(False, 0, 0), Seen(True, POINTS, POINTS)
    chance = random.Random(20260126)  # noqa: S311
    inside, half_way, outcomes = 0, set(), {nothing: 0, everything: 0}

    with publisher() as process:
        whole = ask(process, **asked, microseconds=None)
        assert whole["done"], "it does not publish when nobody kills it"
        assert look(people.round.pk) == everything
        # From the first statement until a little past the last; wider when too few get that far.
        span, tries, published = whole["microseconds"] * 5 // 4, 0, 1

        def spread() -> bool:
            """Tell whether the kills came at moments enough apart to have seen anything."""
            return (
                min(outcomes.values()) >= times // 10
                and inside >= times // 2
                and len(half_way) >= min(times // 4, whole["statements"] // 4)
                and max(half_way) > whole["statements"] // 2
            )

        # A busy machine lets many die at the same statement; then it goes on for a while.
        while tries < times or not spread():
            assert tries < times * 10, (outcomes, inside, half_way, whole)
            withdraw(people.round.pk)
            tries += 1

            ended = ask(process, **asked, microseconds=chance.randrange(span))

            seen = look(people.round.pk)
            assert seen in outcomes, f"half published: {seen}"
            assert seen == everything or not ended["done"], "told that it is done, and it is not"
            outcomes[seen] += 1
            if ended["killed"] and not ended["done"]:
                inside += 1
                half_way.add(ended["statements"])
            span = span * (9 if seen == everything else 21) // (10 if seen == everything else 20)

            # The same person presses the button again.
            workflow.publish_round(people.round, actor=people.first)
            assert look(people.round.pk) == everything
            published += 1
            assert len(events("round.publish", people.round)) == published
            if tries % 20 == 0:
                assert list(trail.verify()) == []

    assert list(trail.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_round_is_never_half_published_by_a_process_killed_20_times() -> None:
    kill_while_publishing(20)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_soak_round_is_never_half_published_by_a_process_killed_500_times() -> None:
    kill_while_publishing(500)


if __name__ == "__main__":
    serve()

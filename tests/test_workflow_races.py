"""Two at once: one wins, the other is told, and nothing is lost or done twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import cycle
from threading import Barrier, Thread

import pytest
from django.db import connection

from actions import editing, remarks, workflow
from actions.choices import Answer, EntryState, RemarkField, Verdict
from actions.models import EntryVersion, RemarkAnswer, StatusEntry, Transition
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent
from tests.factories import (
    NAP_COORDINATOR,
    ActionPointFactory,
    OrganisationFactory,
    ReportingRoundFactory,
    UserFactory,
    somebody,
)
from tests.workflow_people import Cast, cast, content, events

pytestmark = pytest.mark.django_db(transaction=True)

Call = Callable[[], object]
TURNS = cycle((1, -1))


def at_once(*calls: Call) -> list[object]:
    """Make calls at the same moment, each on a connection of its own; return how each ended."""
    barrier = Barrier(len(calls), timeout=60)
    ended: list[object] = [None] * len(calls)

    def make(number: int, call: Call) -> None:
        try:
            # The connection is there before the start, so that the calls meet.
            connection.ensure_connection()
            barrier.wait()
            ended[number] = call()
        except BaseException as failure:
            # Whatever it is, the test looks at it.
            ended[number] = failure
        finally:
            connection.close()

    threads = [Thread(target=make, args=each) for each in enumerate(calls)]
    # Who comes to the barrier last is let through first, so they take turns.
    for thread in threads[:: next(TURNS)]:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def kinds(ended: list[object]) -> list[str]:
    """Return what came out, by name and in a fixed order."""
    return sorted(type(each).__name__ for each in ended)


def anew(user: User) -> User:
    """Return an account as another request would read it."""
    return User.objects.get(pk=user.pk)


def approve_and_return(rounds: int) -> None:
    """Let two coordinators approve and return one text at once, this many times."""
    people = cast()
    entry = people.bring(people.entry, EntryState.SUBMITTED)
    people.sign(entry)
    first, second = anew(people.first), anew(people.second)
    winners = {EntryState.APPROVED: 0, EntryState.RETURNED: 0}

    for _number in range(rounds):
        before = Transition.objects.filter(entry=entry).count()
        ended = at_once(
            partial(workflow.approve, entry, actor=first),
            partial(workflow.send_back, entry, actor=second, reason="Say more."),
        )

        assert kinds(ended) == ["NotPossible", "StatusEntry"], ended
        refusal = next(each for each in ended if isinstance(each, workflow.NotPossible))
        assert refusal.code == "wrong_state"
        entry.refresh_from_db()
        steps = Transition.objects.filter(entry=entry).order_by("pk")
        assert steps.count() == before + 1
        assert steps.last().to_state == entry.state
        winners[EntryState(entry.state)] += 1
        if entry.state == EntryState.APPROVED:
            workflow.reopen(entry, actor=first, reason="Once more.")
        workflow.submit(entry, actor=people.submitter)

    assert sum(winners.values()) == rounds
    assert len(events("entry.approve", entry)) == winners[EntryState.APPROVED]
    assert len(events("entry.return", entry)) == winners[EntryState.RETURNED]
    assert list(trail.verify()) == []


def test_of_approving_and_returning_at_once_exactly_one_wins_50_times() -> None:
    approve_and_return(50)


@pytest.mark.soak
def test_soak_of_approving_and_returning_at_once_exactly_one_wins_500_times() -> None:
    approve_and_return(500)


def two_saves(entry: StatusEntry, people: Cast, read: int) -> list[object]:
    """Let two people of one ministry save at once what they wrote over the same version."""
    return at_once(
        *(
            partial(editing.save_text, entry, content(words), author=author, read_version=read)
            for words, author in (
                ("By the editor.", anew(people.editor)),
                ("By the other.", anew(people.submitter)),
            )
        )
    )


@pytest.mark.parametrize("written", [0, 1], ids=["an empty entry", "a text"])
def test_of_two_saves_over_the_same_version_one_is_told_that_it_changed(written: int) -> None:
    people = cast(points=10)

    for entry in people.entries:
        for _number in range(written):
            people.write(entry)
        ended = two_saves(entry, people, written)

        assert kinds(ended) == ["Changed", "EntryVersion"], ended
        saved = next(each for each in ended if isinstance(each, EntryVersion))
        entry.refresh_from_db()
        assert entry.latest_version == saved
        assert [version.number for version in entry.versions.all()] == list(
            range(written + 1, 0, -1)
        )
        assert len(events("entry.save-text", entry)) == written + 1
    assert list(trail.verify()) == []


def test_a_text_that_is_approved_is_the_text_that_was_submitted() -> None:
    people = cast(points=10)

    for entry in people.entries:
        people.bring(entry, EntryState.RETURNED)
        people.write(entry)
        workflow.submit(entry, actor=people.submitter)
        people.sign(entry)
        ended = at_once(
            partial(workflow.approve, entry, actor=anew(people.first)),
            partial(
                editing.save_text,
                entry,
                content("Late."),
                author=anew(people.editor),
                read_version=2,
            ),
        )

        assert kinds(ended) == ["Closed", "StatusEntry"], ended
        entry.refresh_from_db()
        assert (entry.state, entry.latest_version.number) == (EntryState.APPROVED, 2)
    assert list(trail.verify()) == []


@pytest.mark.parametrize("written", [0, 1], ids=["an empty entry", "a text"])
def test_save_that_had_to_wait_sees_the_text_it_waited_for(written: int) -> None:
    people = cast()
    for _number in range(written):
        people.write(people.entry)
    first, second = anew(people.editor), anew(people.submitter)
    save = partial(editing.save_text, people.entry, read_version=written)
    ended: list[object] = []

    def save_late() -> None:
        ended.extend(at_once(partial(save, content("Late."), author=second)))

    late = Thread(target=save_late)
    with trail.atomic():
        StatusEntry.objects.locked(people.entry.pk)
        late.start()
        wait_until_another_waits()
        save(content("First."), author=first)
    late.join()

    assert kinds(ended) == ["Changed"], ended
    people.entry.refresh_from_db()
    assert people.entry.latest_version.narrative == "First."


def wait_until_another_waits() -> None:
    """Give another connection the time to come to the lock that this one holds."""
    deadline = time.monotonic() + 10
    while connection.vendor == "postgresql" and time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    # SQLite does not tell who waits.
    assert connection.vendor == "sqlite", "nobody waited"
    time.sleep(0.2)


def test_submitting_while_another_saves_submits_one_text_or_the_other() -> None:
    people = cast(points=10)

    for entry in people.entries:
        people.write(entry)
        ended = at_once(
            partial(workflow.submit, entry, actor=anew(people.submitter)),
            partial(
                editing.save_text,
                entry,
                content("Late."),
                author=anew(people.editor),
                read_version=1,
            ),
        )

        entry.refresh_from_db()
        step = entry.transitions.get()
        assert entry.state == EntryState.SUBMITTED, ended
        assert step.version == entry.latest_version
        saved = isinstance(ended[1], EntryVersion)
        assert saved or isinstance(ended[1], editing.Closed), ended
        assert entry.latest_version.number == (2 if saved else 1)
    assert list(trail.verify()) == []


def test_returning_while_a_ministry_signs_off_keeps_both_apart() -> None:
    people = cast(points=10)

    for entry in people.entries:
        people.bring(entry, EntryState.SUBMITTED)
        ended = at_once(
            partial(workflow.send_back, entry, actor=anew(people.first), reason="Say more."),
            partial(
                workflow.sign_off,
                entry,
                organisation=people.partner,
                verdict=Verdict.AGREED,
                actor=anew(people.signer),
                read_version=1,
            ),
        )

        entry.refresh_from_db()
        assert entry.state == EntryState.RETURNED, ended
        refused = isinstance(ended[1], workflow.NotPossible)
        assert bool(entry.sign_offs_in_force()) is not refused, ended
    assert list(trail.verify()) == []


def test_of_two_answers_to_one_remark_one_counts() -> None:
    people = cast(points=10)

    for entry in people.entries:
        people.write(entry)
        remark = remarks.make(
            entry,
            text="Better so.",
            author=people.first,
            read_version=1,
            field=RemarkField.NARRATIVE,
            proposal="Better.",
        )
        ended = at_once(
            *(
                partial(remarks.answer, remark, answer=Answer.ACCEPTED, actor=actor, read_version=1)
                for actor in (anew(people.editor), anew(people.submitter))
            )
        )

        assert kinds(ended) == ["NotPossible", "RemarkAnswer"], ended
        refusal = next(each for each in ended if isinstance(each, workflow.NotPossible))
        assert refusal.code == "answered_already"
        entry.refresh_from_db()
        assert entry.latest_version == RemarkAnswer.objects.get(remark=remark).version
        assert (entry.latest_version.number, entry.latest_version.narrative) == (2, "Better.")
    assert list(trail.verify()) == []


def test_an_answer_while_another_saves_takes_over_the_words_or_is_told() -> None:
    people = cast(points=10)

    for entry in people.entries:
        people.write(entry)
        remark = remarks.make(
            entry,
            text="Better so.",
            author=people.first,
            read_version=1,
            field=RemarkField.NARRATIVE,
            proposal="Better.",
        )
        ended = at_once(
            partial(
                remarks.answer,
                remark,
                answer=Answer.ACCEPTED,
                actor=anew(people.submitter),
                read_version=1,
            ),
            partial(
                editing.save_text,
                entry,
                content("Meanwhile."),
                author=anew(people.editor),
                read_version=1,
            ),
        )

        entry.refresh_from_db()
        assert kinds(ended) in (["Changed", "EntryVersion"], ["Changed", "RemarkAnswer"]), ended
        assert entry.latest_version.number == 2
        assert RemarkAnswer.objects.filter(remark=remark).count() == (
            1 if isinstance(ended[0], RemarkAnswer) else 0
        )
    assert list(trail.verify()) == []


def test_opening_a_round_twice_at_once_makes_every_entry_once() -> None:
    coordinators = [somebody(NAP_COORDINATOR, OrganisationFactory()) for _number in range(2)]

    for _number in range(5):
        each = ReportingRoundFactory()
        for _point in range(34):
            ActionPointFactory(plan=each.plan)
        ended = at_once(
            *(partial(workflow.open_round, each, actor=actor) for actor in coordinators)
        )

        assert kinds(ended) == ["Opened", "Opened"], ended
        assert sorted(opened.entries for opened in ended) == [0, 34]
        assert each.entries.count() == 34
        assert each.entries.values("action_point").distinct().count() == 34
        assert len(events("round.open", each)) == 1
    assert list(trail.verify()) == []


def test_publishing_a_round_twice_at_once_publishes_it_once() -> None:
    for _number in range(5):
        people = cast(points=3)
        for entry in people.entries:
            people.bring(entry, EntryState.APPROVED)
        each = people.round
        ended = at_once(
            *(
                partial(workflow.publish_round, each, actor=actor)
                for actor in (people.first, people.second)
            )
        )

        assert kinds(ended) == ["ReportingRound", "ReportingRound"], ended
        assert ended[0].released_at == ended[1].released_at
        assert len(events("round.publish", each)) == 1
        assert not events("round.move-release", each)
        assert StatusEntry.objects.public().filter(round=each).count() == 3
    assert list(trail.verify()) == []


def test_publishing_a_round_while_a_text_is_reopened_publishes_what_was_approved() -> None:
    for _number in range(10):
        people = cast(points=2)
        for entry in people.entries:
            people.bring(entry, EntryState.APPROVED)
        each, reopened = people.round, people.entries[1]
        ended = at_once(
            partial(workflow.publish_round, each, actor=anew(people.first)),
            partial(workflow.reopen, reopened, actor=anew(people.second), reason="Wrong."),
        )

        each.refresh_from_db()
        out = StatusEntry.objects.public().filter(round=each).count()
        assert isinstance(ended[1], StatusEntry), ended
        if isinstance(ended[0], workflow.NotPossible):
            assert (ended[0].code, each.published_on, out) == ("unfinished", None, 0)
        else:
            assert (each.published_on is not None, out) == (True, 2), ended
    assert list(trail.verify()) == []


THREADS, EACH = 8, 100


def test_events_of_many_at_once_make_one_chain() -> None:
    actors = [UserFactory() for _number in range(THREADS)]
    before = AuditEvent.objects.count()

    def record(number: int) -> None:
        for turn in range(EACH):
            trail.record("test.event", actor=actors[number], detail={"turn": turn})

    ended = at_once(*(partial(record, number) for number in range(THREADS)))

    assert ended == [None] * THREADS
    found = AuditEvent.objects.filter(action="test.event")
    assert found.count() == THREADS * EACH
    assert AuditEvent.objects.count() == before + THREADS * EACH
    assert list(trail.verify()) == []
    for actor in actors:
        turns = found.filter(actor=actor).order_by("sequence").values_list("detail", flat=True)
        assert [detail["turn"] for detail in turns] == list(range(EACH))

"""The audit trail: what stands in it, when it is written, and whether it holds."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions import rights, workflow
from actions.choices import Progress
from actions.models import Membership, Transition
from napmonitor.accounts.models import User
from napmonitor.audit import origin, trail
from napmonitor.audit.models import AuditEvent, AuditHead, Result
from tests.audit_story import APPEND_ONLY, row_of, tell_of, tell_story
from tests.factories import (
    NAP_COORDINATOR,
    MembershipFactory,
    OrganisationFactory,
    ReportingRoundFactory,
    StatusEntryFactory,
    UserFactory,
    make_writable,
    somebody,
    write,
)

pytestmark = pytest.mark.django_db


def last() -> AuditEvent:
    return AuditEvent.objects.order_by("sequence").last()


@pytest.fixture
def since() -> Callable[[], list[str]]:
    """Return what was added to the trail during the test, in order."""
    start = AuditHead.objects.get().sequence

    def added() -> list[str]:
        events = AuditEvent.objects.filter(sequence__gt=start).order_by("sequence")
        return list(events.values_list("action", flat=True))

    return added


# What stands in an event.


def test_an_event_tells_what_was_done_to_what_by_whom_as_what_and_when() -> None:
    organisation = OrganisationFactory(slug="canary")
    actor, before = somebody(NAP_COORDINATOR, organisation), timezone.now()
    each = ReportingRoundFactory(year=2077)

    trail.record("round.touch", actor=actor, about=each, detail={"how": "softly"})

    event = last()
    assert (event.action, event.actor, event.result) == ("round.touch", actor, Result.DONE)
    assert event.acting_as == f"{NAP_COORDINATOR} (canary)"
    assert (event.object_type, event.object_id) == ("actions.reportinground", str(each.pk))
    assert event.object_label == "2077"
    assert event.detail == {"how": "softly"}
    assert before <= event.at <= timezone.now()


def test_an_event_names_every_role_of_the_day_and_no_other() -> None:
    user, today = UserFactory(), timezone.localdate()
    for slug, start, until in (
        ("b", -9, None),
        ("a", 0, 1),
        ("gone", -9, 0),
        ("coming", 1, None),
    ):
        MembershipFactory(
            user=user,
            role=NAP_COORDINATOR,
            organisation=OrganisationFactory(slug=slug),
            valid_from=today + timedelta(days=start),
            valid_until=None if until is None else today + timedelta(days=until),
        )

    trail.record("x", actor=user)

    assert last().acting_as == f"{NAP_COORDINATOR} (a); {NAP_COORDINATOR} (b)"


def test_an_event_without_an_actor_or_object_says_so() -> None:
    trail.record("x", actor=None)

    event = last()
    assert (event.actor, event.acting_as) == (None, "")
    assert (event.object_type, event.object_id, event.object_label) == ("", "", "")


def test_what_was_refused_stands_in_the_trail_as_refused() -> None:
    trail.record("x", actor=UserFactory(), result=Result.REFUSED)

    assert last().result == "refused"
    assert list(trail.verify()) == []


def test_texts_longer_than_their_column_are_cut() -> None:
    user = UserFactory()
    for number in range(40):
        organisation = OrganisationFactory(slug=f"{number:02}-with-a-long-name")
        MembershipFactory(user=user, role=NAP_COORDINATOR, organisation=organisation)

    with origin.coming_from(origin.Origin("command " + "x" * 200)):
        trail.record("x", actor=user, label="y" * 400)

    event = last()
    lengths = (len(event.acting_as), len(event.object_label), len(event.origin))
    assert lengths == (500, 300, 100)
    assert list(trail.verify()) == []


@pytest.mark.parametrize(
    ("came", "action", "expected"),
    [
        (origin.Origin("browser", "192.0.2.7"), "entry.submit", "browser"),
        (origin.Origin("browser", "192.0.2.7"), "session.start", "browser 192.0.2.7"),
        (origin.Origin("command load_plan"), "roles.change", "command load_plan"),
        (None, "entry.submit", "application"),
    ],
    ids=str,
)
def test_an_event_tells_the_way_in_and_the_address_of_sessions_only(
    came: origin.Origin | None, action: str, expected: str
) -> None:
    if came:
        with origin.coming_from(came):
            trail.record(action, actor=None)
    else:
        contextvars.Context().run(trail.record, action, actor=None)

    assert last().origin == expected


def test_a_command_is_the_origin_for_the_rest_of_the_process() -> None:
    def work() -> None:
        origin.started_by_command("load_plan")
        with origin.coming_from(origin.Origin("browser", "192.0.2.7")):
            assert origin.current().way == "browser"
        trail.record("x", actor=None)

    contextvars.copy_context().run(work)

    assert last().origin == "command load_plan"
    assert origin.current().way != "command load_plan"


def test_no_name_or_address_of_a_person_stands_in_the_trail() -> None:
    canaries = ("Kanarievogel", "kanarie-adres")
    system = User.objects.system()
    tell_story()
    User.objects.filter(email__endswith="@test.example").update(name=canaries[0])
    people = [
        User(email=f"{canaries[1]}{number}@test.example", name=f"{canaries[0]} {number}")
        for number in range(3)
    ]
    for user in people:
        rights.save_account(user, actor=system)
        rights.give_password(user, actor=system)
        user.email = user.email.replace("adres", "adres-nieuw")
        rights.save_account(user, actor=system)
    coordinator, other, third = people
    group = MembershipFactory(user=coordinator, role=NAP_COORDINATOR).group
    organisation = OrganisationFactory(named=True)
    membership = Membership(
        user=other, organisation=organisation, group=group, valid_from=date(2020, 1, 1)
    )
    rights.save_membership(membership, actor=system)
    membership.user = third
    rights.save_membership(membership, actor=system)
    # Names within what is written are not for the trail either.
    entry = StatusEntryFactory(action_point__lead=organisation)
    write(entry, f"Door {canaries[0]}.", author=make_writable(entry))
    workflow.open_round(ReportingRoundFactory(year=2078), actor=coordinator)
    for user in people:
        trail.record("session.start", actor=user, about=user)

    columns = [str(list(row.values())) for row in AuditEvent.objects.values()]
    assert len(columns) > 20
    for canary in (*canaries, "test.example", "@"):
        assert not [row for row in columns if canary in row], canary


# When it is written.


def test_an_event_outside_a_transaction_is_added_at_once(since: Callable[[], list[str]]) -> None:
    trail.record("one", actor=None)

    assert since() == ["one"]


@pytest.mark.parametrize("around", [trail.atomic, transaction.atomic], ids=["audit", "plain"])
@pytest.mark.parametrize("within", [trail.atomic, transaction.atomic], ids=["audit", "plain"])
def test_events_of_what_was_rolled_back_are_not_in_the_trail(
    around: Callable[[], AbstractContextManager[None]],
    within: Callable[[], AbstractContextManager[None]],
    since: Callable[[], list[str]],
) -> None:
    with around():
        trail.record("before", actor=None)
        with pytest.raises(ZeroDivisionError), within():
            fail()
        trail.record("after", actor=None)
    with pytest.raises(ZeroDivisionError), around():
        fail(within())
    trail.record("last", actor=None)

    assert since() == ["before", "after", "last"]
    assert trail.verify() == []


def fail(first: AbstractContextManager[None] | None = None) -> None:
    with first or trail.atomic():
        trail.record("undone", actor=None)
    raise ZeroDivisionError


def test_a_transaction_that_can_only_be_rolled_back_is_not_passed_over_in_silence(
    since: Callable[[], list[str]],
) -> None:
    @trail.atomic()
    def work() -> None:
        trail.record("undone", actor=None)
        transaction.set_rollback(True)

    with pytest.raises(transaction.TransactionManagementError):
        work()

    assert since() == []


Block = tuple[str, bool, list[Any]]
BLOCKS = st.recursive(
    st.just("event"),
    lambda inner: st.tuples(
        st.sampled_from(["audit", "plain"]), st.booleans(), st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(BLOCKS, max_size=4))
def test_whatever_is_nested_in_whatever_the_trail_holds_what_was_kept_in_order(
    work: list[Any],
) -> None:
    start, numbers = AuditHead.objects.get().sequence, iter(range(10**6))

    def run(items: list[Any]) -> list[str]:
        """Do the work and return what of it is kept."""
        kept = []
        for item in items:
            if item == "event":
                name = str(next(numbers))
                trail.record(name, actor=None)
                kept.append(name)
            else:
                kept += run_block(*item)
        return kept

    def run_block(kind: str, fails: bool, items: list[Any]) -> list[str]:
        try:
            with trail.atomic() if kind == "audit" else transaction.atomic():
                kept = run(items)
                if fails:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            return []
        return kept

    expected = run(work)

    events = AuditEvent.objects.filter(sequence__gt=start).order_by("sequence")
    assert list(events.values_list("action", flat=True)) == expected
    assert trail.verify() == []


def test_events_are_added_once_and_last_at_the_end_of_the_outermost_block() -> None:
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        trail.atomic(),
    ):
        trail.record("one", actor=None)
        with trail.atomic():
            trail.record("two", actor=None)
            UserFactory()
        UserFactory()
        trail.record("three", actor=None)
        UserFactory()
        inside = len(queries)

    touched = [number for number, each in enumerate(queries) if "audit_audit" in each["sql"]]
    # Locked, added in one statement, the head moved on; then nothing but the end of the block.
    assert touched == [inside, inside + 1, inside + 2]
    assert len(queries) == inside + 4


def test_the_decorator_holds_for_calls_within_each_other(since: Callable[[], list[str]]) -> None:
    @trail.atomic()
    def count_down(number: int) -> None:
        trail.record(str(number), actor=None)
        if number == 2:
            with pytest.raises(ZeroDivisionError):
                fail()
        if number:
            count_down(number - 1)
            assert "3" not in since()

    @trail.atomic()
    def fail() -> None:
        trail.record("failed 1", actor=None)
        raise ZeroDivisionError

    count_down(3)
    with pytest.raises(ZeroDivisionError):
        fail()
    count_down(0)

    assert since() == ["3", "2", "1", "0", "0"]


def test_a_failing_event_takes_the_work_with_it(
    monkeypatch: pytest.MonkeyPatch, since: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(trail, "_hash", lambda event: 1 / 0)
    users = User.objects.count()

    @trail.atomic()
    def work() -> None:
        UserFactory()
        trail.record("undone", actor=None)

    with pytest.raises(ZeroDivisionError):
        work()
    monkeypatch.undo()
    trail.record("next", actor=None)

    assert User.objects.count() == users
    assert since() == ["next"]


@pytest.fixture
def together() -> Callable[..., list[BaseException]]:
    """Return what runs a function in threads that start at once, and returns their errors."""

    def run(*functions: Callable[[], None]) -> list[BaseException]:
        start, errors = threading.Barrier(len(functions)), []

        def work(function: Callable[[], None]) -> None:
            try:
                start.wait(timeout=60)
                function()
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=[each]) for each in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return errors

    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [15, pytest.param(1_250, marks=pytest.mark.soak)])
def test_eight_writers_at_once_make_one_chain(
    number: int, together: Callable[..., list[BaseException]]
) -> None:
    start, user = AuditHead.objects.get().sequence, UserFactory()

    # One decorated function for all threads; a third of the calls fails, a third is nested.
    @trail.atomic()
    def work(each: int) -> None:
        trail.record("kept" if each % 3 else "undone", actor=user)
        if each % 3 == 2:
            work(1)
        if each % 3 == 0:
            raise ZeroDivisionError

    def worker() -> None:
        for each in range(number):
            try:
                work(each)
            except ZeroDivisionError:
                continue

    errors = together(*[worker] * 8)

    assert errors == []
    kept = sum({0: 0, 1: 1, 2: 2}[each % 3] for each in range(number)) * 8
    added = AuditEvent.objects.filter(sequence__gt=start)
    assert (added.count(), added.filter(action="kept").count()) == (kept, kept)
    assert trail.verify() == []


@pytest.mark.django_db(transaction=True)
def test_verify_looks_at_one_moment_while_others_go_on_writing(
    monkeypatch: pytest.MonkeyPatch, together: Callable[..., list[BaseException]]
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("there, others wait until it is done")
    entry = StatusEntryFactory(written="First.")
    look, errors = trail._broken_seals, []

    def look_after_another_save(*arguments: Any) -> Iterator[trail.Problem]:
        if not errors:
            errors.append(together(lambda: write(entry, "Meanwhile.") and None))
        return look(*arguments)

    monkeypatch.setattr(trail, "_broken_seals", look_after_another_save)

    assert trail.verify() == []
    assert errors == [[]]
    assert entry.versions.count() == 2


# Whether it holds.


@pytest.mark.parametrize("label", sorted(set(APPEND_ONLY) - {"audit.auditevent"}))
def test_the_digest_of_a_row_is_the_same_after_reading_it_back(label: str) -> None:
    tell_of(label)
    row = row_of(label)

    sealed = [
        seal
        for event in AuditEvent.objects.order_by("sequence")
        for seal in event.detail.get("seals", ())
        if (seal["of"], seal["id"]) == (label, row.pk)
    ]

    assert [seal["digest"] for seal in sealed] == [trail.digest(row, sealed[0]["fields"])]
    assert sealed[0]["fields"] == [field.attname for field in row._meta.concrete_fields]
    assert trail.verify() == []


def test_a_digest_tells_apart_what_looks_alike() -> None:
    row = Transition(note="", from_state="concept")
    digests = {trail.digest(row, fields) for fields in (["note"], ["from_state"], ["note", "at"])}

    for row.note in ("", "a", "A", "ä", "a\u0308", "a ", "None", "0"):
        digests.add(trail.digest(row, ["note"]))
    for row.version_id in (None, 0, 1):
        digests.add(trail.digest(row, ["version_id"]))

    assert len(digests) == 3 + 7 + 3


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
)
DETAILS = st.dictionaries(
    st.text("abcdé1. ", max_size=4) | st.integers(0, 20),
    st.recursive(
        PLAIN | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner)
        ),
        max_leaves=6,
    ),
    max_size=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(DETAILS)
def test_any_detail_is_the_same_after_reading_it_back(detail: dict[Any, Any]) -> None:
    trail.record("x", actor=None, detail=detail)

    event = last()
    assert event.hash == trail._hash(event)
    assert event.hash == AuditHead.objects.get().hash


def test_members_of_enums_in_details_are_stored_as_their_value() -> None:
    trail.record("x", actor=None, detail={"progress": Progress.COMPLETED, 10: 1, 9: 1.5})

    assert last().detail == {"progress": "completed", "10": 1, "9": "1.5"}
    assert trail.verify() == []


@pytest.mark.parametrize("number", [1_000, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_long_trail_holds_and_the_first_broken_link_in_it_is_named(number: int) -> None:
    start = AuditHead.objects.get().sequence
    user = somebody(NAP_COORDINATOR)
    with trail.atomic():
        for each in range(number):
            trail.record("x", actor=user, detail={"number": each})

    assert AuditHead.objects.get().sequence == start + number
    assert trail.verify() == []
    _without_rule(
        "UPDATE audit_auditevent SET action = 'y' WHERE sequence IN (%s, %s)", start + 9, start + 5
    )
    assert [(each.code, each.sequence) for each in trail.verify()] == [
        ("changed", start + 5),
        ("changed", start + 9),
    ]


def _without_rule(statement: str, *parameters: int) -> None:
    """Do what the rule refuses, as somebody who owns the table can."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
            cursor.execute(statement, parameters)
            connection.check_constraints()
            cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER USER")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master "
                "WHERE type = 'trigger' AND tbl_name = 'audit_auditevent'"
            )
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            cursor.execute(statement, parameters)
            for _name, sql in triggers:
                cursor.execute(sql)


def test_an_anchor_stays_in_the_trail_while_it_grows() -> None:
    anchors = [trail.head()]
    for number in range(3):
        trail.record(str(number), actor=None)
        anchors.append(trail.head())

    assert len(set(anchors)) == 4
    assert all(trail.holds(anchor) for anchor in anchors)
    assert trail.holds(f"0:{trail.START}")
    assert not trail.holds(f"0:{'f' * 64}")
    assert not trail.holds(f"{last().sequence}:{'f' * 64}")
    assert not trail.holds(f"{last().sequence + 1}:{last().hash}")
    assert not trail.holds(f"{last().sequence - 1}:{last().hash}")


def test_an_anchor_of_an_event_that_was_changed_does_not_hold() -> None:
    anchor = trail.head()

    _without_rule("UPDATE audit_auditevent SET action = 'y' WHERE sequence = %s", last().sequence)

    assert not trail.holds(anchor)


def test_an_empty_trail_holds_and_has_a_head() -> None:
    _without_rule("DELETE FROM audit_auditevent")
    AuditHead.objects.all().delete()

    assert trail.head() == f"0:{trail.START}"
    # Only what was sealed is missed.
    assert {each.code for each in trail.verify()} == {"unknown_row"}
    trail.record("first", actor=None)
    assert (last().sequence, last().previous_hash) == (1, trail.START)


# The command.


def verify(*arguments: str) -> list[str]:
    """Run the command in English and return its lines, those of an error too."""
    output = StringIO()
    with translation.override("en"):
        try:
            call_command("verify_audit", *arguments, stdout=output)
        except CommandError as error:
            return [f"failed {error.returncode}", *str(error).splitlines()]
    return output.getvalue().splitlines()


def test_verify_audit_prints_the_anchor_that_it_takes_later() -> None:
    (line,) = verify()

    anchor = line.rpartition(" ")[2]
    assert line.startswith(f"The audit trail holds: {AuditEvent.objects.count()} events")
    assert anchor == trail.head()
    trail.record("x", actor=None)
    assert verify("--anchor", anchor) == verify()
    # As a document prints it, in groups.
    assert verify("--anchor", f"{anchor[:20]} {anchor[20:]}") == verify()


def test_verify_audit_fails_for_an_anchor_that_is_not_in_the_trail() -> None:
    number, _colon, _hash = trail.head().partition(":")

    assert verify("--anchor", f"{number}:{'f' * 64}") == [
        "failed 1",
        "The anchor is not in the trail.",
    ]


@pytest.mark.parametrize("anchor", ["", "x", "1", "1:2", f"-1:{'f' * 64}", f"1:{'F' * 64}"])
def test_verify_audit_refuses_what_is_no_anchor(anchor: str) -> None:
    (_failed, line, *_more) = verify(f"--anchor={anchor}")

    assert "number:hash" in line


def test_verify_audit_names_the_first_broken_link_first() -> None:
    end = last().sequence
    write(StatusEntryFactory(), "Sealed.")
    _without_rule("UPDATE audit_auditevent SET origin = 'y' WHERE sequence IN (%s, 7)", end)
    _without_rule("DELETE FROM audit_auditevent WHERE sequence = 3")
    AuditHead.objects.update(hash="f" * 64)

    lines = verify()

    head = AuditHead.objects.get().sequence
    # After these come the rows that the missing event sealed.
    assert lines[:5] == [
        "failed 1",
        "Event 3 is missing.",
        "Event 7 is not what was written.",
        f"Event {end} is not what was written.",
        f"The trail should end with another event than number {head}.",
    ]


def test_verify_audit_names_a_row_and_a_rule() -> None:
    entry = StatusEntryFactory(reconstructed="From the letter.")
    entry.transitions.model.objects.bulk_create(
        [
            Transition(
                entry=entry,
                actor=User.objects.system(),
                from_state=entry.state,
                to_state=entry.state,
            )
        ]
    )
    forged = Transition.objects.order_by("pk").last()
    connection.check_constraints()
    drop = {
        "postgresql": "DROP TRIGGER signoff_append_only_row ON actions_signoff",
        "sqlite": "DROP TRIGGER signoff_append_only_update",
    }
    with connection.cursor() as cursor:
        cursor.execute(drop[connection.vendor])

    failed, row, rule = verify()

    assert failed == "failed 1"
    assert row == f"No event tells how actions.transition {forged.pk} came to be."
    assert rule.startswith("The database does not hold the rule signoff_append_only_")
    assert rule.endswith(" of actions.SignOff.")

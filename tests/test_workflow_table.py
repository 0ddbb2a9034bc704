"""Every verb x state x round x role x place, against two tables that are written down by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from actions import editing, permissions, remarks, workflow
from actions.choices import Answer, EntryState, Origin, ResponsibilityRole, Verdict
from actions.models import EntryRemark, Organisation, StatusEntry
from actions.permissions import Verb
from napmonitor.accounts.models import User
from tests import factories
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    ROLES,
    somebody,
)
from tests.workflow_people import content

pytestmark = pytest.mark.django_db

# For entries in which place of their ministry a role has the right to something: where it has the
# pen (L), where it answers along (C), where it carries out (I), elsewhere (E); all of these (*).
WHO = """
verb                   | editor | ministry coordinator | NAP coordinator | administrator | reader
view                   | L C    | L C                  | *               | *             | *
edit                   | L      | L                    |                 |               |
submit                 |        | L                    |                 |               |
return                 |        |                      | *               |               |
approve                |        |                      | *               |               |
reopen                 |        |                      | *               |               |
not-supplied           |        |                      | *               |               |
sign-off               |        | C                    |                 |               |
remark                 | L C    | L C                  | *               |               |
answer-remark          | L      | L                    |                 |               |
publish-correction     |        |                      | *               |               |
reconstruct            |        |                      |                 | *             |
publish-reconstruction |        |                      |                 | *             |
"""
# In which state and in which round it is possible then: one that is open for the ministries (O),
# one that was open and is published (P), one that is read from a public letter (R).
WHEN = """
verb                   | concept | submitted | returned | approved | not supplied | reconstructed
view                   | O P R   | O P R     | O P R    | O P R    | O P R        | O P R
edit                   | O P     |           | O P      |          |              |
submit                 | O P     |           | O P      |          |              |
return                 |         | O P       |          |          |              |
approve                |         | O P       |          |          |              |
reopen                 |         |           |          | O P      | O P          |
not-supplied           | O P     |           | O P      |          |              |
sign-off               |         | O P       |          | O P      |              |
remark                 | O P R   | O P R     | O P R    | O P R    | O P R        |
answer-remark          | O P     | O P       | O P      | O P      | O P          |
publish-correction     |         |           |          | P        |              |
reconstruct            | R       |           |          |          |              | R
publish-reconstruction | R       |           |          |          |              | R
"""
HEADS = {
    "editor": EDITOR,
    "ministry coordinator": MINISTRY_COORDINATOR,
    "NAP coordinator": NAP_COORDINATOR,
    "administrator": ADMINISTRATOR,
    "reader": READER,
    "not supplied": "not_supplied",
}
PLACES = {"L": "lead", "C": "co-responsible", "I": "implementing", "E": "elsewhere"}
ROUNDS = {"O": "open", "P": "published", "R": "read from a letter"}


def cells(table: str, letters: dict[str, str]) -> set[tuple[str, str, str]]:
    """Return (row, column, what a letter in the cell stands for) of all a table says."""
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in table.split("\n")[1:-1])
    return {
        (row[0], HEADS.get(column, column), letters[letter])
        for row in rows
        for column, cell in zip(head[1:], row[1:], strict=True)
        for letter in (letters if cell == "*" else cell.split())
    }


RIGHT = cells(WHO, PLACES)
POSSIBLE = cells(WHEN, ROUNDS)


def has_right(verb: Verb, role: str, place: str, superuser: bool) -> bool:
    """Tell what the table says; who sets up has every right but to speak for a ministry."""
    if superuser and verb is not Verb.SIGN_OFF:
        return True
    return (verb.value, role, place) in RIGHT


def is_possible(verb: Verb, state: EntryState, kind: str) -> bool:
    return (verb.value, str(state.value), kind) in POSSIBLE


def test_truth_table_is_complete() -> None:
    assert {verb for verb, _role, _place in RIGHT} == {verb.value for verb in Verb}
    assert {role for _verb, role, _place in RIGHT} == set(ROLES)
    assert {verb for verb, _state, _kind in POSSIBLE} == {verb.value for verb in Verb}
    assert {state for _verb, state, _kind in POSSIBLE} == set(EntryState.values)
    assert {kind for _verb, _state, kind in POSSIBLE} == set(ROUNDS.values())


def entry_that_is(place: str, kind: str, state: EntryState, ministry: Organisation) -> StatusEntry:
    """Return an entry with a text, which in a published round is newer than the public one."""
    point = factories.ActionPointFactory(
        lead=ministry if place == "lead" else factories.OrganisationFactory(),
        co_responsible=ministry if place == "co-responsible" else None,
    )
    if place == "implementing":
        factories.ResponsibilityFactory(
            action_point=point, organisation=ministry, role=ResponsibilityRole.IMPLEMENTING
        )
    from_letter = kind == "read from a letter"
    entry = factories.StatusEntryFactory(action_point=point, round__opened=not from_letter)
    origin = Origin.RECONSTRUCTED if from_letter else Origin.REPORTED
    factories.write(entry, "A text.", origin=origin)
    if kind == "published":
        StatusEntry.objects.filter(pk=entry.pk).update(published_version=entry.latest_version)
        factories.write(entry, "A newer text.")
        each = entry.round
        each.published_on, each.released_at = each.opened_on, "2021-01-01T00:00:00+01:00"
        each.save()
    StatusEntry.objects.filter(pk=entry.pk).update(state=state)
    return StatusEntry.objects.get(pk=entry.pk)


def call(verb: Verb, entry: StatusEntry, user: User, ministry: Organisation) -> object:
    """Really do something, with all it needs."""
    number = entry.latest_version.number
    calls: dict[Verb, Callable[[], object]] = {
        Verb.VIEW: lambda: view(entry, user),
        Verb.EDIT: lambda: editing.save_text(entry, content(), author=user, read_version=number),
        Verb.SUBMIT: lambda: workflow.submit(entry, actor=user),
        Verb.RETURN: lambda: workflow.send_back(entry, actor=user, reason="Say more."),
        Verb.APPROVE: lambda: workflow.approve(entry, actor=user, note="By telephone."),
        Verb.REOPEN: lambda: workflow.reopen(entry, actor=user, reason="A number is wrong."),
        Verb.NOT_SUPPLIED: lambda: workflow.mark_not_supplied(
            entry, actor=user, reason="Nothing came."
        ),
        Verb.SIGN_OFF: lambda: workflow.sign_off(
            entry,
            organisation=ministry,
            verdict=Verdict.AGREED,
            actor=user,
            read_version=number,
        ),
        Verb.REMARK: lambda: remarks.make(entry, text="Why?", author=user, read_version=number),
        Verb.ANSWER_REMARK: lambda: remarks.answer(
            EntryRemark.objects.get(entry=entry),
            answer=Answer.REJECTED,
            actor=user,
            read_version=number,
            reason="It says so.",
        ),
        Verb.CORRECT: lambda: workflow.publish_correction(entry, actor=user, reason="A number."),
        Verb.RECONSTRUCT: lambda: editing.save_text(
            entry, content(), author=user, read_version=number, origin=Origin.RECONSTRUCTED
        ),
        Verb.PUBLISH_RECONSTRUCTION: lambda: workflow.publish_reconstruction(
            entry, actor=user, note="Letter."
        ),
    }
    return calls[verb]()


def view(entry: StatusEntry, user: User) -> StatusEntry:
    """Read an entry the way every page does."""
    found = permissions.visible_entries(user).filter(pk=entry.pk).first()
    if found is None:
        raise PermissionDenied
    return found


@contextmanager
def writes() -> Iterator[list[str]]:
    """Note every statement that writes; of none of them nothing can have changed."""
    found: list[str] = []

    def note(execute, sql, params, many, context):
        if sql.lstrip().split(" ", 1)[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def outcome(verb: Verb, entry: StatusEntry, user: User, ministry: Organisation) -> tuple[str, bool]:
    """Return how a call ends, and whether anything was written; then take it back."""
    savepoint = transaction.savepoint()
    if verb is Verb.ANSWER_REMARK:
        version = entry.latest_version
        EntryRemark.objects.create(
            entry=entry, version=version, text="Which year?", author=version.author
        )
    try:
        with writes() as found:
            call(verb, entry, user, ministry)
        ended = "done"
    except (PermissionDenied, workflow.NotPossible, editing.Closed) as refusal:
        ended = type(refusal).__name__
    finally:
        transaction.savepoint_rollback(savepoint)
    return ended, bool(found)


def expected(verb: Verb, right: bool, possible: bool) -> tuple[str, bool]:
    """Return how a call should end, and whether it writes."""
    if not right:
        return "PermissionDenied", False
    if possible:
        return "done", verb is not Verb.VIEW
    closed = verb in (Verb.EDIT, Verb.RECONSTRUCT)
    return "Closed" if closed else "NotPossible", False


@pytest.mark.parametrize("kind", ROUNDS.values())
@pytest.mark.parametrize("place", PLACES.values())
def test_truth_table_of_every_verb_state_and_role(place: str, kind: str) -> None:
    ministry = factories.OrganisationFactory(named=True)
    people = {
        (role, superuser): somebody(
            role, ministry, user=factories.UserFactory(is_superuser=superuser)
        )
        for role in ROLES
        for superuser in (False, True)
    }
    wrong, checked = [], 0

    for state in EntryState:
        entry = entry_that_is(place, kind, state, ministry)
        for (role, superuser), user in people.items():
            abilities = permissions.abilities(user, entry)
            allowed = {
                verb: has_right(verb, role, place, superuser) and is_possible(verb, state, kind)
                for verb in Verb
            }
            for verb in Verb:
                right = has_right(verb, role, place, superuser)
                should = (
                    allowed[verb] or (verb is Verb.EDIT and allowed[Verb.RECONSTRUCT]),
                    *expected(verb, right, is_possible(verb, state, kind)),
                )
                found = (abilities[verb.value], *outcome(verb, entry, user, ministry))
                checked += 1
                if found != should:
                    who = f"{role}{' who sets up' if superuser else ''}"
                    row = (verb.value, state.label, who, place, kind)
                    wrong.append(f"{', '.join(map(str, row))}: {found}, should be {should}")

    assert not wrong, "\n".join(wrong)
    assert checked == len(Verb) * len(EntryState) * len(ROLES) * 2


@pytest.mark.parametrize("kind", ROUNDS.values())
def test_truth_table_of_people_without_a_role_today(kind: str) -> None:
    ministry = factories.OrganisationFactory(named=True)
    today = factories.LONG_AGO.replace(year=2021)
    nobody = {
        "no role": factories.UserFactory(),
        "ended": somebody(MINISTRY_COORDINATOR, ministry, valid_until=today),
        "switched off": somebody(
            NAP_COORDINATOR, ministry, user=factories.UserFactory(inactive=True)
        ),
        "switched off who sets up": factories.UserFactory(superuser=True, inactive=True),
    }
    wrong = []

    for place, state in product(("lead", "co-responsible"), EntryState):
        entry = entry_that_is(place, kind, state, ministry)
        for who, user in nobody.items():
            able = [word for word, can in permissions.abilities(user, entry).items() if can]
            done = [
                verb.value
                for verb in Verb
                if outcome(verb, entry, user, ministry) != ("PermissionDenied", False)
            ]
            if able or done:
                wrong.append(f"{who}, {state.label}, {place}, {kind}: {able}, {done}")

    assert not wrong, "\n".join(wrong)

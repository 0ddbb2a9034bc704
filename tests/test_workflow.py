"""Transitions: each locks, checks, changes and logs, or leaves all as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from actions import editing, remarks, workflow
from actions.choices import Answer, EntryState, Origin, Verdict
from actions.models import (
    Correction,
    Membership,
    ReportingRound,
    Responsibility,
    SignOff,
    StatusEntry,
    Transition,
)
from actions.richtext import MAX_CHARACTERS
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from tests.factories import (
    ADMINISTRATOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    ActionPointFactory,
    MembershipFactory,
    OrganisationFactory,
    ReportingRoundFactory,
    ResponsibilityFactory,
    StatusEntryFactory,
    UserFactory,
    overwrite,
    somebody,
    write,
)
from tests.workflow_people import Cast, cast, content, denied, events, not_possible, stored

pytestmark = pytest.mark.django_db

CONCEPT, SUBMITTED, RETURNED, APPROVED, NOT_SUPPLIED, RECONSTRUCTED = EntryState
YEAR = 2031


@dataclass(frozen=True)
class Step:
    """A transition of an entry: who makes it, what is called, and from where to where."""

    who: str
    call: Callable[[StatusEntry, User, str], StatusEntry]
    starts: tuple[EntryState, ...]
    ends: EntryState
    word: str

    def __str__(self) -> str:
        return self.word


SUBMIT = Step(
    "submitter",
    lambda entry, actor, note: workflow.submit(entry, actor=actor, note=note),
    (CONCEPT, RETURNED),
    SUBMITTED,
    "submit",
)
SEND_BACK = Step(
    "first",
    lambda entry, actor, note: workflow.send_back(entry, actor=actor, reason=note),
    (SUBMITTED,),
    RETURNED,
    "return",
)
APPROVE = Step(
    "first",
    lambda entry, actor, note: workflow.approve(entry, actor=actor, note=note),
    (SUBMITTED,),
    APPROVED,
    "approve",
)
REOPEN = Step(
    "first",
    lambda entry, actor, note: workflow.reopen(entry, actor=actor, reason=note),
    (APPROVED, NOT_SUPPLIED),
    RETURNED,
    "reopen",
)
NOTE_ABSENCE = Step(
    "first",
    lambda entry, actor, note: workflow.mark_not_supplied(entry, actor=actor, reason=note),
    (CONCEPT, RETURNED),
    NOT_SUPPLIED,
    "not-supplied",
)
STEPS = (SUBMIT, SEND_BACK, APPROVE, REOPEN, NOTE_ABSENCE)
# Who may not make a step, whatever the state: everybody but these.
PEOPLE = (
    *("editor", "submitter", "partner_editor", "signer"),
    *("first", "second", "administrator", "reader", "stranger"),
)


@pytest.fixture
def people() -> Cast:
    return cast()


def in_state(people: Cast, state: EntryState) -> StatusEntry:
    """Return the entry with a text, in a state that need not be one that people can bring it to."""
    people.write(people.entry)
    StatusEntry.objects.filter(pk=people.entry.pk).update(state=state)
    return people.entry


# Steps of an entry: what they share.


@pytest.mark.parametrize(
    ("step", "start"), [(step, start) for step in STEPS for start in step.starts], ids=str
)
def test_step_moves_the_entry_and_is_logged(people: Cast, step: Step, start: EntryState) -> None:
    entry, actor = people.bring(people.entry, start), getattr(people, step.who)
    steps = entry.transitions.count()

    returned = step.call(entry, actor, "  Because.  ")

    entry.refresh_from_db()
    assert (returned, returned.state, entry.state) == (entry, step.ends, step.ends)
    assert entry.published_version is None
    assert entry.transitions.count() == steps + 1
    made = entry.transitions.order_by("pk").last()
    assert (made.actor, made.from_state, made.to_state) == (actor, start, step.ends)
    assert (made.version, made.note) == (entry.latest_version, "Because.")
    event = events(f"entry.{step.word}", entry)[-1]
    assert (event.actor, event.acting_as) == (actor, "; ".join(actor.roles_today()))
    seals = event.detail.pop("seals")
    assert event.detail == {"from": start, "to": step.ends, "version": "1"}
    assert [(seal["of"], seal["id"]) for seal in seals] == [("actions.transition", made.pk)]
    assert list(trail.verify()) == []


@pytest.mark.parametrize(
    ("step", "state"),
    [(step, state) for step in STEPS for state in EntryState if state not in step.starts],
    ids=str,
)
def test_step_is_not_possible_in_another_state(people: Cast, step: Step, state: EntryState) -> None:
    entry = in_state(people, state)

    with not_possible("wrong_state"):
        step.call(entry, getattr(people, step.who), "Because.")


@pytest.mark.parametrize(
    ("step", "who"),
    [
        (step, who)
        for step in STEPS
        for who in PEOPLE
        if who != step.who and not (step.who == "first" and who == "second")
    ],
    ids=str,
)
def test_step_without_permission_is_refused(people: Cast, step: Step, who: str) -> None:
    entry = people.bring(people.entry, step.starts[0])

    with denied():
        step.call(entry, getattr(people, who), "Because.")


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_step_without_permission_is_refused_before_its_state_is_told(
    people: Cast, step: Step
) -> None:
    entry = in_state(people, RECONSTRUCTED)

    with denied():
        step.call(entry, people.reader, "Because.")


@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "\0"])
@pytest.mark.parametrize("step", [SEND_BACK, REOPEN, NOTE_ABSENCE], ids=str)
def test_step_that_needs_a_reason_is_not_possible_without(
    people: Cast, step: Step, reason: str
) -> None:
    entry = people.bring(people.entry, step.starts[0])

    with not_possible("no_reason", "reason"):
        step.call(entry, people.first, reason)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_step_with_a_note_longer_than_a_text_is_not_possible(people: Cast, step: Step) -> None:
    entry = people.bring(people.entry, step.starts[0])
    field = "reason" if step in (SEND_BACK, REOPEN, NOTE_ABSENCE) else "note"

    with not_possible("too_long", field):
        step.call(entry, getattr(people, step.who), "x" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_step_takes_a_note_of_the_greatest_length(people: Cast, step: Step) -> None:
    entry = people.bring(people.entry, step.starts[0])

    step.call(entry, getattr(people, step.who), "x" * MAX_CHARACTERS)

    assert len(entry.transitions.order_by("pk").last().note) == MAX_CHARACTERS


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_step_reads_the_entry_anew(people: Cast, step: Step) -> None:
    stale = people.bring(people.entry, step.starts[0])
    assert stale.state == step.starts[0]
    StatusEntry.objects.filter(pk=stale.pk).update(state=RECONSTRUCTED)

    with not_possible("wrong_state"):
        step.call(stale, getattr(people, step.who), "Because.")


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_step_is_not_possible_in_a_round_that_was_never_opened(people: Cast, step: Step) -> None:
    entry = people.bring(people.entry, step.starts[0])
    overwrite(ReportingRound.objects.filter(pk=people.round.pk), opened_on=None)

    with not_possible("wrong_round"):
        step.call(entry, getattr(people, step.who), "Because.")


# Submit.


def test_submit_needs_a_text(people: Cast) -> None:
    with not_possible("no_progress"):
        workflow.submit(people.entry, actor=people.submitter)


def test_submit_needs_a_choice_of_progress(people: Cast) -> None:
    nothing_chosen = content(progress="", progress_basis="")
    editing.save_text(people.entry, nothing_chosen, author=people.editor, read_version=0)

    with not_possible("no_progress"):
        workflow.submit(people.entry, actor=people.submitter)


def test_submit_looks_at_the_latest_text_for_a_choice_of_progress(people: Cast) -> None:
    people.write(people.entry)
    nothing_chosen = content(progress="", progress_basis="")
    editing.save_text(people.entry, nothing_chosen, author=people.editor, read_version=1)

    with not_possible("no_progress"):
        workflow.submit(people.entry, actor=people.submitter)


def test_submit_takes_silence_as_a_choice_of_progress(people: Cast) -> None:
    silence = content("", progress="no_status", progress_basis="")
    editing.save_text(people.entry, silence, author=people.editor, read_version=0)

    assert workflow.submit(people.entry, actor=people.submitter).state == SUBMITTED


def test_one_person_may_write_and_submit(people: Cast) -> None:
    editing.save_text(people.entry, content(), author=people.submitter, read_version=0)

    assert workflow.submit(people.entry, actor=people.submitter).state == SUBMITTED


def test_submit_is_for_the_ministry_that_has_the_pen_today(people: Cast) -> None:
    people.write(people.entry)
    overwrite(
        Responsibility.objects.filter(action_point=people.entry.action_point, role="lead"),
        organisation=OrganisationFactory(),
    )

    with denied():
        workflow.submit(people.entry, actor=people.submitter)


# Approve.


def add_role(user: User, role: str, people: Cast) -> User:
    """Give somebody a second role and return the account as a new request would see it."""
    at = people.lead if role == MINISTRY_COORDINATOR else OrganisationFactory()
    MembershipFactory(user=user, organisation=at, role=role)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("later_texts", [0, 1], ids=["of this text", "of an earlier text"])
def test_approve_is_not_for_an_author(people: Cast, later_texts: int) -> None:
    author = add_role(people.editor, NAP_COORDINATOR, people)
    people.write(people.entry)
    for number in range(1, later_texts + 1):
        editing.save_text(
            people.entry, content("Other."), author=people.submitter, read_version=number
        )
    workflow.submit(people.entry, actor=people.submitter)
    people.sign(people.entry)

    with not_possible("own_text"):
        workflow.approve(people.entry, actor=author, note="I wrote it well.")

    assert workflow.approve(people.entry, actor=people.second).state == APPROVED


@pytest.mark.parametrize("again", [False, True], ids=["last", "before it was returned"])
def test_approve_is_not_for_who_submitted(people: Cast, again: bool) -> None:
    people.bring(people.entry, SUBMITTED)
    if again:
        workflow.send_back(people.entry, actor=people.first, reason="Say more.")
        another = somebody(MINISTRY_COORDINATOR, people.lead)
        workflow.submit(people.entry, actor=another)
    people.sign(people.entry)
    submitter = add_role(people.submitter, NAP_COORDINATOR, people)

    with not_possible("own_text"):
        workflow.approve(people.entry, actor=submitter)

    assert workflow.approve(people.entry, actor=people.second).state == APPROVED


def test_approve_is_not_for_a_superuser_who_wrote_the_text(people: Cast) -> None:
    superuser = UserFactory(superuser=True)
    editing.save_text(people.entry, content(), author=superuser, read_version=0)
    workflow.submit(people.entry, actor=people.submitter)
    people.sign(people.entry)

    with not_possible("own_text"):
        workflow.approve(people.entry, actor=superuser)


def test_approve_is_for_who_returned_or_reopened_it_before(people: Cast) -> None:
    people.bring(people.entry, APPROVED)
    workflow.reopen(people.entry, actor=people.first, reason="A number is wrong.")
    workflow.submit(people.entry, actor=people.submitter)
    people.sign(people.entry)

    assert workflow.approve(people.entry, actor=people.first).state == APPROVED


@pytest.mark.parametrize("note", ["", "  ", "\0"])
def test_approve_without_a_sign_off_needs_a_note(people: Cast, note: str) -> None:
    people.bring(people.entry, SUBMITTED)
    abbreviation = people.partner.names.get().abbreviation

    with not_possible("not_signed_off", "note", says=abbreviation):
        workflow.approve(people.entry, actor=people.first, note=note)

    approved = workflow.approve(people.entry, actor=people.first, note="Agreed by telephone.")
    assert approved.transitions.get(to_state=APPROVED).note == "Agreed by telephone."


@pytest.mark.parametrize("verdict", [Verdict.AGREED, Verdict.AGREED_WITH_REMARK])
def test_approve_with_every_sign_off_needs_no_note(people: Cast, verdict: Verdict) -> None:
    people.bring(people.entry, SUBMITTED)
    people.sign(people.entry, verdict, remark="Mind the year.")

    assert workflow.approve(people.entry, actor=people.first).state == APPROVED


def test_approve_names_each_ministry_that_did_not_sign_off(people: Cast) -> None:
    third = ResponsibilityFactory(
        action_point=people.entry.action_point,
        organisation=OrganisationFactory(named=True),
        role="co_responsible",
    ).organisation
    people.bring(people.entry, SUBMITTED)
    people.sign(people.entry)

    with not_possible("not_signed_off", "note", says=third.names.get().abbreviation):
        workflow.approve(people.entry, actor=people.first)

    assert workflow.organisations_to_sign(people.entry) == [third]


def test_approve_is_not_possible_for_another_text_than_the_one_that_was_read(people: Cast) -> None:
    entry = people.bring(people.entry, SUBMITTED)
    read = entry.latest_version.number
    workflow.send_back(entry, actor=people.second, reason="Say more.")
    people.write(entry, "Something else altogether.")
    workflow.submit(entry, actor=people.submitter)
    people.sign(entry)

    with not_possible("other_text"):
        workflow.approve(entry, actor=people.first, read_version=read)
    workflow.approve(entry, actor=people.first, read_version=read + 1)

    entry.refresh_from_db()
    assert entry.state == APPROVED


def test_correction_is_not_possible_with_another_text_than_the_one_that_was_read() -> None:
    people = corrected_text()
    entry = people.entries[0]
    read = entry.latest_version.number

    with not_possible("other_text"):
        workflow.publish_correction(entry, actor=people.first, reason="No.", read_version=read - 1)
    workflow.publish_correction(entry, actor=people.first, reason="Yes.", read_version=read)

    entry.refresh_from_db()
    assert entry.published_version.number == read


def test_approve_waits_for_no_ministry_that_carries_out_or_no_longer_answers(
    people: Cast,
) -> None:
    point = people.entry.action_point
    ResponsibilityFactory(action_point=point, role="implementing")
    overwrite(point.responsibilities.filter(role="co_responsible"), valid_until=date(2024, 7, 2))
    people.bring(people.entry, SUBMITTED)

    assert workflow.approve(people.entry, actor=people.first).state == APPROVED


@pytest.mark.parametrize("note", ["", "It must go out."])
def test_approve_against_the_word_of_a_ministry_is_not_possible(people: Cast, note: str) -> None:
    people.bring(people.entry, SUBMITTED)
    people.sign(people.entry, Verdict.NOT_AGREED, remark="We never said this.")

    with not_possible("not_agreed", says=people.partner.names.get().abbreviation):
        workflow.approve(people.entry, actor=people.first, note=note)


def test_last_word_of_a_ministry_counts(people: Cast) -> None:
    people.bring(people.entry, SUBMITTED)
    people.sign(people.entry, Verdict.NOT_AGREED, remark="We never said this.")
    people.sign(people.entry, Verdict.AGREED)

    assert workflow.approve(people.entry, actor=people.first).state == APPROVED


def test_word_of_a_ministry_that_no_longer_answers_stops_nothing(people: Cast) -> None:
    people.bring(people.entry, SUBMITTED)
    people.sign(people.entry, Verdict.NOT_AGREED, remark="We never said this.")
    people.entry.action_point.responsibilities.filter(role="co_responsible").delete()

    assert workflow.approve(people.entry, actor=people.first).state == APPROVED


# Sign off.


@pytest.mark.parametrize("state", [SUBMITTED, APPROVED], ids=str)
@pytest.mark.parametrize("verdict", Verdict)
def test_sign_off_stores_the_word_on_this_text_and_logs_it(
    people: Cast, verdict: Verdict, state: EntryState
) -> None:
    people.bring(people.entry, state)

    signed = people.sign(people.entry, verdict, remark="  As we see it.\0 ")

    assert SignOff.objects.latest("pk") == signed
    assert (signed.version, signed.organisation) == (people.entry.latest_version, people.partner)
    assert (signed.actor, signed.verdict, signed.remark) == (
        people.signer,
        verdict,
        "As we see it.",
    )
    people.entry.refresh_from_db()
    assert people.entry.state == state
    assert people.entry.sign_offs_in_force() == {people.partner.pk: signed}
    event = events("entry.sign-off", people.entry)[-1]
    seals = event.detail.pop("seals")
    assert event.actor == people.signer
    assert event.detail == {"version": 1, "verdict": verdict, "for": people.partner.slug}
    assert [(seal["of"], seal["id"]) for seal in seals] == [("actions.signoff", signed.pk)]
    assert list(trail.verify()) == []


@pytest.mark.parametrize("state", [CONCEPT, RETURNED, NOT_SUPPLIED, RECONSTRUCTED], ids=str)
def test_sign_off_is_not_possible_in_another_state(people: Cast, state: EntryState) -> None:
    in_state(people, state)

    with not_possible("wrong_state"):
        people.sign(people.entry)


def sign_as(people: Cast, actor: User, **options: object) -> SignOff:
    """Sign off for the partner, as somebody."""
    options = {
        "organisation": people.partner,
        "verdict": Verdict.AGREED,
        "read_version": 1,
    } | options
    return workflow.sign_off(people.entry, actor=actor, **options)


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "signer"])
def test_sign_off_without_permission_is_refused(people: Cast, who: str) -> None:
    people.bring(people.entry, SUBMITTED)

    with denied():
        sign_as(people, getattr(people, who))


def test_sign_off_is_not_for_a_superuser_without_a_role(people: Cast) -> None:
    people.bring(people.entry, SUBMITTED)

    with denied():
        sign_as(people, UserFactory(superuser=True))


@pytest.mark.parametrize("role", ["lead", "implementing", None])
def test_sign_off_for_a_ministry_that_does_not_answer_along_is_refused(
    people: Cast, role: str | None
) -> None:
    people.bring(people.entry, SUBMITTED)
    other = people.lead if role == "lead" else OrganisationFactory()
    if role == "implementing":
        point = people.entry.action_point
        ResponsibilityFactory(action_point=point, organisation=other, role=role)
    # A right at both, so that only the place of the other ministry can be what is refused.
    MembershipFactory(user=people.signer, organisation=other, role=MINISTRY_COORDINATOR)

    with denied():
        sign_as(people, User.objects.get(pk=people.signer.pk), organisation=other)


def test_sign_off_of_a_text_that_changed_since_is_not_possible(people: Cast) -> None:
    people.write(people.entry)
    people.bring(people.entry, SUBMITTED)

    for read in (0, 1, 3):
        with not_possible("other_text"):
            sign_as(people, people.signer, read_version=read)

    assert sign_as(people, people.signer, read_version=2).version.number == 2


def test_sign_off_of_nothing_is_not_possible(people: Cast) -> None:
    StatusEntry.objects.filter(pk=people.entry.pk).update(state=SUBMITTED)

    with not_possible("no_text"):
        sign_as(people, people.signer, read_version=0)


@pytest.mark.parametrize("verdict", ["", "perhaps"])
def test_sign_off_needs_a_verdict(people: Cast, verdict: str) -> None:
    people.bring(people.entry, SUBMITTED)

    with not_possible("no_verdict", "verdict"):
        sign_as(people, people.signer, verdict=verdict)


@pytest.mark.parametrize("verdict", [Verdict.AGREED_WITH_REMARK, Verdict.NOT_AGREED])
@pytest.mark.parametrize("remark", ["", "  ", "\0"])
def test_sign_off_that_does_not_agree_wholly_needs_a_remark(
    people: Cast, verdict: Verdict, remark: str
) -> None:
    people.bring(people.entry, SUBMITTED)

    with not_possible("no_reason", "remark"):
        sign_as(people, people.signer, verdict=verdict, remark=remark)


def test_sign_off_with_too_long_a_remark_is_not_possible(people: Cast) -> None:
    people.bring(people.entry, SUBMITTED)

    with not_possible("too_long", "remark"):
        sign_as(people, people.signer, remark="x" * (MAX_CHARACTERS + 1))


def test_sign_off_is_void_after_another_text(people: Cast) -> None:
    people.bring(people.entry, SUBMITTED)
    signed = people.sign(people.entry)
    workflow.send_back(people.entry, actor=people.first, reason="Say more.")
    people.write(people.entry, "Much more was done.")
    workflow.submit(people.entry, actor=people.submitter)

    people.entry.refresh_from_db()

    assert people.entry.sign_offs_in_force() == {}
    assert workflow.organisations_to_sign(people.entry) == [people.partner]
    assert SignOff.objects.get(pk=signed.pk).version.number == 1
    with not_possible("not_signed_off", "note"):
        workflow.approve(people.entry, actor=people.first)


def test_refusal_of_a_ministry_is_void_after_another_text(people: Cast) -> None:
    people.bring(people.entry, SUBMITTED)
    people.sign(people.entry, Verdict.NOT_AGREED, remark="We never said this.")
    workflow.send_back(people.entry, actor=people.first, reason="They do not agree.")
    people.write(people.entry, "As they say it.")
    workflow.submit(people.entry, actor=people.submitter)

    assert workflow.approve(people.entry, actor=people.first, note="By telephone.")


def test_sign_off_stays_in_force_when_the_same_text_is_submitted_again(people: Cast) -> None:
    people.bring(people.entry, SUBMITTED)
    people.sign(people.entry)
    workflow.send_back(people.entry, actor=people.first, reason="Look once more.")
    workflow.submit(people.entry, actor=people.submitter)

    assert workflow.approve(people.entry, actor=people.first).state == APPROVED


# Reopen.


def test_reopen_leaves_what_is_public_public(people: Cast) -> None:
    people.bring(people.entry, APPROVED)
    workflow.publish_round(people.round, actor=people.first)
    people.entry.refresh_from_db()
    published = people.entry.published_version

    workflow.reopen(people.entry, actor=people.first, reason="A number is wrong.")
    people.write(people.entry, "With the right number.")

    people.entry.refresh_from_db()
    assert people.entry.state == RETURNED
    assert people.entry.published_version == published != people.entry.latest_version
    assert people.entry in StatusEntry.objects.public()


# Open a round.


def coordinators(number: int) -> list[User]:
    """Let this many people be able to approve, and nobody else."""
    overwrite(
        Membership.objects.filter(group__name=NAP_COORDINATOR),
        valid_from=date(2019, 1, 1),
        valid_until=date(2019, 1, 2),
    )
    ministry = OrganisationFactory()
    return [somebody(NAP_COORDINATOR, ministry) for _number in range(number)]


def closed_round(points: int = 2) -> ReportingRound:
    """Return a round that waits to be opened, of a plan with this many points."""
    each = ReportingRoundFactory(year=YEAR)
    for _number in range(points):
        ActionPointFactory(plan=each.plan, lead=OrganisationFactory())
    return each


def test_open_round_gives_every_point_an_empty_entry_and_logs_it() -> None:
    first, _second = coordinators(2)
    each = closed_round(points=3)
    outside = ActionPointFactory(plan=each.plan, in_plan=False)

    opened = workflow.open_round(each, actor=first)

    each.refresh_from_db()
    assert opened == workflow.Opened(4, (outside.code,))
    assert each.opened_on == timezone.localdate()
    assert (each.published_on, each.released_at) == (None, None)
    assert {entry.action_point_id for entry in each.entries.all()} == set(
        each.plan.action_points.values_list("pk", flat=True)
    )
    (event,) = events("round.open", each)
    assert (event.actor, event.detail) == (first, {"entries": 4, "again": False})
    assert list(trail.verify()) == []


def test_open_round_again_changes_nothing() -> None:
    first, second = coordinators(2)
    each = closed_round()
    workflow.open_round(each, actor=first)
    before = stored()

    with time_machine.travel(timezone.now() + timedelta(days=3)):
        opened = workflow.open_round(each, actor=second)

    assert opened.entries == 0
    assert stored() == before


def test_open_round_again_adds_only_what_is_missing() -> None:
    first, _second = coordinators(2)
    each = closed_round()
    workflow.open_round(each, actor=first)
    entry = each.entries.first()
    write(entry, "Kept.")
    late = ActionPointFactory(plan=each.plan, lead=OrganisationFactory())

    opened = workflow.open_round(each, actor=first)

    entry.refresh_from_db()
    assert opened == workflow.Opened(1, ())
    assert entry.latest_version.narrative == "Kept."
    assert each.entries.get(action_point=late).state == CONCEPT
    assert [event.detail for event in events("round.open", each)] == [
        {"entries": 2, "again": False},
        {"entries": 1, "again": True},
    ]


def test_open_round_carries_nothing_over_from_the_year_before(people: Cast) -> None:
    people.bring(people.entry, APPROVED)
    workflow.publish_round(people.round, actor=people.first)
    following = ReportingRoundFactory(plan=people.round.plan, year=people.round.year + 1)

    workflow.open_round(following, actor=people.first)

    entry = following.entries.get()
    assert (entry.state, entry.latest_version, entry.published_version) == (CONCEPT, None, None)
    assert entry.reported_with is None
    assert not entry.versions.exists()


def test_open_round_of_a_plan_without_points_makes_none() -> None:
    first, _second = coordinators(2)

    assert workflow.open_round(closed_round(0), actor=first) == workflow.Opened(0, ())


@pytest.mark.parametrize("number", [0, 1])
def test_open_round_needs_two_who_can_approve(number: int) -> None:
    coordinators(number)
    each = closed_round()

    with not_possible("too_few_coordinators", says=str(number)):
        workflow.open_round(each, actor=UserFactory(superuser=True))


@pytest.mark.parametrize(
    "kind",
    ["ended today", "begins tomorrow", "switched off", "superuser", "administrator", "twice"],
)
def test_open_round_does_not_count_who_cannot_approve_today(kind: str) -> None:
    (first,) = coordinators(1)
    today, ministry = timezone.localdate(), OrganisationFactory()
    if kind == "ended today":
        somebody(NAP_COORDINATOR, ministry, valid_until=today)
    elif kind == "begins tomorrow":
        somebody(NAP_COORDINATOR, ministry, valid_from=today + timedelta(days=1))
    elif kind == "switched off":
        somebody(NAP_COORDINATOR, ministry, user=UserFactory(inactive=True))
    elif kind == "superuser":
        UserFactory(superuser=True)
    elif kind == "administrator":
        somebody(ADMINISTRATOR, ministry)
    else:
        MembershipFactory(user=first, organisation=ministry, role=NAP_COORDINATOR)
    each = closed_round()

    with not_possible("too_few_coordinators"):
        workflow.open_round(each, actor=first)

    somebody(NAP_COORDINATOR, ministry, valid_until=today + timedelta(days=1))
    assert workflow.open_round(each, actor=first).entries == 2


@pytest.mark.parametrize("out", ["published", "released", "sent"])
def test_open_round_that_is_out_is_not_possible(out: str) -> None:
    first, _second = coordinators(2)
    each = ReportingRoundFactory(**{out: True})

    with not_possible("out_already"):
        workflow.open_round(each, actor=first)


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in ("first", "second")])
def test_open_round_without_permission_is_refused(people: Cast, who: str) -> None:
    each = closed_round()

    with denied():
        workflow.open_round(each, actor=getattr(people, who))


# Publish a round.


def two_ready(**options: object) -> Cast:
    """Return a round with one approved text and one that was not supplied."""
    people = cast(points=2, **options)
    people.bring(people.entries[0], APPROVED)
    people.bring(people.entries[1], NOT_SUPPLIED)
    return people


def test_publish_round_publishes_every_approved_text_and_logs_it() -> None:
    people = two_ready()
    approved, missing = people.entries

    returned = workflow.publish_round(people.round, actor=people.first)

    people.round.refresh_from_db()
    for entry in people.entries:
        entry.refresh_from_db()
    assert returned == people.round
    assert people.round.published_on == timezone.localdate()
    assert people.round.is_released()
    assert approved.published_version == approved.latest_version
    assert missing.published_version is None
    assert (approved.state, missing.state) == (APPROVED, NOT_SUPPLIED)
    assert list(StatusEntry.objects.public().filter(round=people.round)) == [approved]
    (event,) = events("round.publish", people.round)
    assert event.actor == people.first
    assert event.detail == {
        "released_at": people.round.released_at.isoformat(),
        "versions": {str(approved.pk): approved.latest_version_id},
    }
    assert list(trail.verify()) == []


def test_publish_round_for_later_is_public_only_from_then() -> None:
    people = two_ready()
    moment = timezone.now() + timedelta(hours=5)

    workflow.publish_round(people.round, actor=people.first, released_at=moment)

    ours = StatusEntry.objects.filter(round=people.round)
    assert not ours.public().exists()
    assert not ours.public(moment - timedelta(microseconds=1)).exists()
    assert list(ours.public(moment)) == [people.entries[0]]


@pytest.mark.parametrize("state", [CONCEPT, SUBMITTED, RETURNED, RECONSTRUCTED], ids=str)
def test_publish_round_waits_for_every_point_of_the_plan(state: EntryState) -> None:
    people = two_ready()
    StatusEntry.objects.filter(pk=people.entries[1].pk).update(state=state)

    with not_possible("unfinished", says=people.entries[1].action_point.code):
        workflow.publish_round(people.round, actor=people.first)

    assert workflow.unfinished(people.round) == [people.entries[1]]


@pytest.mark.parametrize("state", [CONCEPT, SUBMITTED, RETURNED], ids=str)
def test_publish_round_does_not_wait_for_a_subject_outside_the_plan(state: EntryState) -> None:
    people = two_ready()
    point = people.entries[1].action_point
    point.in_plan = False
    point.save()
    StatusEntry.objects.filter(pk=people.entries[1].pk).update(state=state)

    workflow.publish_round(people.round, actor=people.first)

    assert list(StatusEntry.objects.public().filter(round=people.round)) == [people.entries[0]]


def test_publish_round_publishes_an_approved_subject_outside_the_plan() -> None:
    people = two_ready()
    point = people.entries[0].action_point
    point.in_plan = False
    point.save()

    workflow.publish_round(people.round, actor=people.first)

    assert people.entries[0] in StatusEntry.objects.public()


def remark_on(people: Cast, entry: StatusEntry) -> object:
    """Let a coordinator remark on the first text of an entry."""
    return remarks.make(entry, text="Which year?", author=people.first, read_version=1)


def test_publish_round_waits_for_an_answer_to_every_remark() -> None:
    people = two_ready()
    remark = remark_on(people, people.entries[0])

    with not_possible("open_remarks", says=people.entries[0].action_point.code):
        workflow.publish_round(people.round, actor=people.first)

    remarks.answer(
        remark, answer=Answer.REJECTED, actor=people.editor, read_version=1, reason="It says so."
    )
    assert workflow.publish_round(people.round, actor=people.first).published_on


def test_publish_round_does_not_wait_for_a_remark_on_what_was_not_supplied() -> None:
    people = two_ready()
    remark_on(people, people.entries[1])

    assert workflow.publish_round(people.round, actor=people.first).published_on


def test_publish_round_waits_while_a_ministry_does_not_agree() -> None:
    people = two_ready()
    people.sign(people.entries[0], Verdict.NOT_AGREED, remark="Read again: no.")

    with not_possible("not_agreed", says=people.entries[0].action_point.code):
        workflow.publish_round(people.round, actor=people.first)


def test_publish_round_with_a_release_in_the_past_is_not_possible() -> None:
    people = two_ready()

    for hours in (1, 24 * 400):
        with not_possible("past", "released_at"):
            workflow.publish_round(
                people.round,
                actor=people.first,
                released_at=timezone.now() - timedelta(hours=hours),
            )


def test_publish_round_that_was_never_opened_is_not_possible(people: Cast) -> None:
    each = closed_round()

    with not_possible("not_open"):
        workflow.publish_round(each, actor=people.first)


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in ("first", "second")])
@pytest.mark.parametrize("published", [False, True])
def test_publish_round_without_permission_is_refused(who: str, published: bool) -> None:
    people = two_ready()
    if published:
        workflow.publish_round(people.round, actor=people.first)

    with denied():
        workflow.publish_round(people.round, actor=getattr(people, who))


@pytest.mark.parametrize("same", [True, False], ids=["the same moment", "no moment"])
@pytest.mark.parametrize("passed", [True, False], ids=["passed", "to come"])
def test_publish_round_again_changes_nothing(same: bool, passed: bool) -> None:
    people = two_ready()
    moment = timezone.now() + timedelta(hours=5)
    workflow.publish_round(people.round, actor=people.first, released_at=moment)
    before = stored()

    with time_machine.travel(moment + timedelta(hours=1 if passed else -1)):
        again = workflow.publish_round(
            people.round, actor=people.second, released_at=moment if same else None
        )

    assert again.released_at == moment
    assert stored() == before


def test_publish_round_again_publishes_no_newer_text() -> None:
    people = two_ready()
    workflow.publish_round(people.round, actor=people.first)
    entry = people.entries[0]
    workflow.reopen(entry, actor=people.first, reason="A number is wrong.")
    people.write(entry, "With the right number.")
    workflow.submit(entry, actor=people.submitter)
    workflow.approve(entry, actor=people.first, note="By telephone.")

    workflow.publish_round(people.round, actor=people.first)

    entry.refresh_from_db()
    assert entry.published_version.number == 1


@pytest.mark.parametrize("hours", [1, 10], ids=["sooner", "later"])
def test_release_can_be_moved_before_it_passed(hours: int) -> None:
    people = two_ready()
    now = timezone.now()
    workflow.publish_round(people.round, actor=people.first, released_at=now + timedelta(hours=5))
    moment = now + timedelta(hours=hours)

    workflow.publish_round(people.round, actor=people.second, released_at=moment)

    people.round.refresh_from_db()
    assert people.round.released_at == moment
    (event,) = events("round.move-release", people.round)
    assert (event.actor, event.detail) == (people.second, {"released_at": moment.isoformat()})
    assert len(events("round.publish", people.round)) == 1


def test_release_cannot_be_moved_into_the_past() -> None:
    people = two_ready()
    now = timezone.now()
    workflow.publish_round(people.round, actor=people.first, released_at=now + timedelta(hours=5))

    with not_possible("past", "released_at"):
        workflow.publish_round(
            people.round, actor=people.first, released_at=now - timedelta(hours=1)
        )


def test_release_cannot_be_moved_after_it_passed() -> None:
    people = two_ready()
    workflow.publish_round(people.round, actor=people.first)

    with not_possible("released_already"):
        workflow.publish_round(
            people.round, actor=people.first, released_at=timezone.now() + timedelta(days=1)
        )


# Publish a correction.


def corrected_text() -> Cast:
    """Return a published round in which another text was approved since."""
    people = two_ready()
    workflow.publish_round(people.round, actor=people.first)
    entry = people.entries[0]
    workflow.reopen(entry, actor=people.first, reason="A number is wrong.")
    people.write(entry, "With the right number.")
    workflow.submit(entry, actor=people.submitter)
    workflow.approve(entry, actor=people.first, note="By telephone.")
    entry.refresh_from_db()
    return people


def test_publish_correction_replaces_the_text_with_a_sentence_for_the_public() -> None:
    people = corrected_text()
    entry = people.entries[0]
    before, steps = entry.published_version, entry.transitions.count()

    returned = workflow.publish_correction(entry, actor=people.second, reason=" A number. ")

    entry.refresh_from_db()
    assert returned == entry
    assert entry.published_version == entry.latest_version != before
    assert (entry.state, entry.transitions.count()) == (APPROVED, steps)
    made = Correction.objects.get(entry=entry)
    assert (made.version, made.replaced) == (entry.latest_version, before)
    assert (made.reason, made.actor) == ("A number.", people.second)
    (event,) = events("entry.publish-correction", entry)
    seals = event.detail.pop("seals")
    assert (event.actor, event.detail) == (people.second, {"version": 2})
    assert [(seal["of"], seal["id"]) for seal in seals] == [("actions.correction", made.pk)]
    assert list(trail.verify()) == []


def test_publish_correction_of_what_was_not_supplied_replaces_nothing() -> None:
    people = two_ready()
    workflow.publish_round(people.round, actor=people.first)
    entry = people.entries[1]
    workflow.reopen(entry, actor=people.first, reason="It came after all.")
    workflow.submit(entry, actor=people.submitter)
    workflow.approve(entry, actor=people.first, note="By telephone.")

    workflow.publish_correction(entry, actor=people.first, reason="It came after all.")

    assert Correction.objects.get(entry=entry).replaced is None
    assert entry in StatusEntry.objects.public()


@pytest.mark.parametrize("reason", ["", "  ", "\0"])
def test_publish_correction_needs_a_sentence(reason: str) -> None:
    people = corrected_text()

    with not_possible("no_reason", "reason"):
        workflow.publish_correction(people.entries[0], actor=people.first, reason=reason)


def test_publish_correction_of_the_published_text_is_not_possible() -> None:
    people = two_ready()
    workflow.publish_round(people.round, actor=people.first)

    with not_possible("published_already"):
        workflow.publish_correction(people.entries[0], actor=people.first, reason="None.")


def test_publish_correction_waits_for_an_answer_to_every_remark() -> None:
    people = corrected_text()
    entry = people.entries[0]
    remarks.make(entry, text="Which year?", author=people.second, read_version=2)

    with not_possible("open_remarks"):
        workflow.publish_correction(entry, actor=people.first, reason="A number.")


def test_publish_correction_waits_while_a_ministry_does_not_agree() -> None:
    people = corrected_text()
    people.sign(people.entries[0], Verdict.NOT_AGREED, remark="Read again: no.")

    with not_possible("not_agreed"):
        workflow.publish_correction(people.entries[0], actor=people.first, reason="A number.")


@pytest.mark.parametrize("state", [each for each in EntryState if each != APPROVED], ids=str)
def test_publish_correction_is_not_possible_in_another_state(state: EntryState) -> None:
    people = corrected_text()
    StatusEntry.objects.filter(pk=people.entries[0].pk).update(state=state)

    with not_possible("wrong_state"):
        workflow.publish_correction(people.entries[0], actor=people.first, reason="A number.")


def test_publish_correction_before_the_round_is_not_possible(people: Cast) -> None:
    people.bring(people.entry, APPROVED)

    with not_possible("wrong_round"):
        workflow.publish_correction(people.entry, actor=people.first, reason="A number.")


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in ("first", "second")])
def test_publish_correction_without_permission_is_refused(who: str) -> None:
    people = corrected_text()

    with denied():
        workflow.publish_correction(
            people.entries[0], actor=getattr(people, who), reason="A number."
        )


# Publish what was read from a public letter.


def test_publish_reconstruction_publishes_the_newest_text_and_logs_it() -> None:
    entry, actor = StatusEntryFactory(), somebody(ADMINISTRATOR)
    write(entry, "From the letter.", origin=Origin.RECONSTRUCTED)

    returned = workflow.publish_reconstruction(entry, actor=actor, note="Letter of 2023.")

    entry.refresh_from_db()
    assert returned == entry
    assert entry.state == RECONSTRUCTED
    assert entry.published_version == entry.latest_version
    step = Transition.objects.get(entry=entry)
    assert (step.actor, step.note, step.version) == (actor, "Letter of 2023.", entry.latest_version)
    assert (step.from_state, step.to_state) == (CONCEPT, RECONSTRUCTED)
    (event,) = events("entry.publish-reconstruction", entry)
    assert event.actor == actor
    assert list(trail.verify()) == []


def test_publish_reconstruction_is_public_only_with_its_round() -> None:
    waiting = StatusEntryFactory(reconstructed="From the letter.")
    out = StatusEntryFactory(reconstructed="From the letter.", round__released=True)

    public = StatusEntry.objects.public()

    assert waiting not in public
    assert out in public


def test_publish_reconstruction_of_a_correction_moves_the_pointer() -> None:
    entry = StatusEntryFactory(reconstructed="From the letter.")
    first = entry.published_version
    write(entry, "Better read.", origin=Origin.RECONSTRUCTED)
    assert entry.published_version == first

    workflow.publish_reconstruction(entry, actor=somebody(ADMINISTRATOR), note="Misread.")

    entry.refresh_from_db()
    assert entry.published_version == entry.latest_version != first
    steps = [(step.from_state, step.to_state) for step in entry.transitions.all()]
    assert steps[1] == (RECONSTRUCTED, RECONSTRUCTED)


@pytest.mark.parametrize(
    "state", [state for state in EntryState if state not in (CONCEPT, RECONSTRUCTED)], ids=str
)
def test_publish_reconstruction_refuses_what_is_in_the_hands_of_a_ministry(
    state: EntryState,
) -> None:
    entry = StatusEntryFactory()
    write(entry, "From the letter.", origin=Origin.RECONSTRUCTED)
    StatusEntry.objects.filter(pk=entry.pk).update(state=state)

    with not_possible("wrong_state"):
        publish_reconstruction(entry)


def publish_reconstruction(entry: StatusEntry, note: str = "Letter.") -> StatusEntry:
    """Publish what was read, as the functional administrator."""
    return workflow.publish_reconstruction(entry, actor=somebody(ADMINISTRATOR), note=note)


def test_publish_reconstruction_refuses_a_round_that_was_opened() -> None:
    entry = StatusEntryFactory(written="By the ministry.")

    with not_possible("wrong_round"):
        publish_reconstruction(entry)


def test_publish_reconstruction_refuses_a_text_of_a_ministry() -> None:
    entry = StatusEntryFactory(written="By the ministry.")
    overwrite(ReportingRound.objects.filter(pk=entry.round_id), opened_on=None)

    with not_possible("not_reconstructed"):
        publish_reconstruction(entry)


def test_publish_reconstruction_refuses_an_empty_entry() -> None:
    entry = StatusEntryFactory()

    with not_possible("not_reconstructed"):
        publish_reconstruction(entry)


def test_publish_reconstruction_refuses_what_is_already_published() -> None:
    entry = StatusEntryFactory(reconstructed="From the letter.")

    with not_possible("published_already"):
        publish_reconstruction(entry)


@pytest.mark.parametrize("note", ["", "  ", "\0"])
def test_publish_reconstruction_needs_a_note(note: str) -> None:
    entry = StatusEntryFactory()
    write(entry, "From the letter.", origin=Origin.RECONSTRUCTED)

    with not_possible("no_reason", "note"):
        publish_reconstruction(entry, note=note)


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "administrator"])
def test_publish_reconstruction_without_permission_is_refused(people: Cast, who: str) -> None:
    entry = StatusEntryFactory()
    write(entry, "From the letter.", origin=Origin.RECONSTRUCTED)

    with denied():
        workflow.publish_reconstruction(entry, actor=getattr(people, who), note="Letter.")


def test_publish_reconstruction_reads_the_entry_anew() -> None:
    entry = StatusEntryFactory()
    write(entry, "From the letter.", origin=Origin.RECONSTRUCTED)
    stale = StatusEntry.objects.get(pk=entry.pk)
    StatusEntry.objects.filter(pk=entry.pk).update(state=APPROVED)

    with not_possible("wrong_state"):
        publish_reconstruction(stale)


# What holds for all.


def test_step_that_fails_later_in_its_transaction_leaves_no_trace(people: Cast) -> None:
    people.bring(people.entry, SUBMITTED)
    before = stored()

    def fail_after_it() -> None:
        with trail.atomic():
            workflow.send_back(people.entry, actor=people.first, reason="Say more.")
            raise PermissionDenied

    with pytest.raises(PermissionDenied):
        fail_after_it()

    assert stored() == before
    assert list(trail.verify()) == []


def test_database_refuses_a_state_that_does_not_exist() -> None:
    entry = StatusEntryFactory()

    with pytest.raises(IntegrityError, match="statusentry_state_known"), transaction.atomic():
        StatusEntry.objects.filter(pk=entry.pk).update(state="published")


def test_database_refuses_to_publish_a_round_that_was_not_opened() -> None:
    rows = ReportingRound.objects.filter(pk=closed_round().pk)
    published = {"published_on": date(2031, 1, 1), "released_at": datetime(2031, 1, 1, tzinfo=UTC)}

    with (
        pytest.raises(IntegrityError, match="reportinground_published_was_open"),
        transaction.atomic(),
    ):
        overwrite(rows, **published)


def test_database_refuses_to_release_an_open_round_without_publishing(people: Cast) -> None:
    rows = ReportingRound.objects.filter(pk=people.round.pk)

    with (
        pytest.raises(IntegrityError, match="reportinground_released_by_publishing"),
        transaction.atomic(),
    ):
        overwrite(rows, released_at=datetime(2031, 1, 1, tzinfo=UTC))


def test_database_refuses_to_publish_the_text_of_another_entry(people: Cast) -> None:
    people.write(people.entry)
    other = StatusEntryFactory()

    def point_at_it() -> None:
        StatusEntry.objects.filter(pk=other.pk).update(
            published_version=people.entry.versions.get()
        )
        # The rule is looked at when the transaction ends; here that is now.
        transaction.get_connection().check_constraints()

    with pytest.raises(IntegrityError), transaction.atomic():
        point_at_it()


@pytest.mark.parametrize("route", ["update", "delete"])
@pytest.mark.parametrize("model", [Transition, SignOff, Correction])
def test_database_refuses_to_change_the_log(model: type, route: str) -> None:
    people = corrected_text()
    workflow.publish_correction(people.entries[0], actor=people.first, reason="A number.")
    rows = model.objects.filter(actor__in=[people.first, people.signer])
    text = {Transition: "note", SignOff: "remark", Correction: "reason"}[model]
    routes = {
        "update": lambda: rows.update(**{text: "Otherwise."}),
        "delete": lambda: rows._raw_delete("default"),
    }
    assert rows.exists()

    name = f"{model._meta.model_name}_append_only"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        routes[route]()

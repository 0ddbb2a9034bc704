"""Remarks: who makes them, on which text, and what becomes of the words they propose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError

from actions import editing, remarks, workflow
from actions.choices import Answer, EntryState, RemarkField
from actions.editing import Changed, Closed
from actions.models import EntryRemark, RemarkAnswer, StatusEntry
from actions.workflow import NotPossible
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    ActionPointFactory,
    OrganisationFactory,
    ReportingRoundFactory,
    SourceFactory,
    StatusEntryFactory,
    UserFactory,
    somebody,
    write,
)

pytestmark = pytest.mark.django_db


@dataclass
class Cast:
    """An entry with a text, and the people round it."""

    entry: StatusEntry
    editor: User
    signer: User
    coordinator: User


@pytest.fixture
def cast() -> Cast:
    lead, along = OrganisationFactory(), OrganisationFactory()
    each = ReportingRoundFactory(opened=True)
    point = ActionPointFactory(plan=each.plan, lead=lead, co_responsible=along)
    editor = somebody(EDITOR, lead)
    entry = write(StatusEntryFactory(round=each, action_point=point), "Long words.", author=editor)
    return Cast(entry, editor, somebody(MINISTRY_COORDINATOR, along), somebody(NAP_COORDINATOR))


def make(cast: Cast, **changed: Any) -> EntryRemark:
    """Make a remark of a coordinator that proposes other words."""
    given = {
        "text": "Shorter.",
        "author": cast.coordinator,
        "read_version": 1,
        "field": RemarkField.NARRATIVE,
        "proposal": "Words.",
        **changed,
    }
    return remarks.make(cast.entry, **given)


def answer(cast: Cast, remark: EntryRemark, **changed: Any) -> RemarkAnswer:
    """Let the ministry that holds the pen accept a remark."""
    given = {"answer": Answer.ACCEPTED, "actor": cast.editor, "read_version": 1, **changed}
    return remarks.answer(remark, **given)


def last() -> AuditEvent:
    return AuditEvent.objects.order_by("sequence").last()


def in_state(cast: Cast, state: EntryState) -> None:
    StatusEntry.objects.filter(pk=cast.entry.pk).update(state=state)


# Making one.


def test_make_stores_what_was_said_of_the_text_that_was_read(cast: Cast) -> None:
    remark = make(cast, quote="Long", author=cast.signer)

    stored = EntryRemark.objects.get(entry=cast.entry)
    assert stored == remark
    assert (stored.version, stored.author) == (cast.entry.latest_version, cast.signer)
    assert (stored.field, stored.quote) == (RemarkField.NARRATIVE, "Long")
    assert (stored.text, stored.proposal) == ("Shorter.", "Words.")
    assert list(EntryRemark.objects.open()) == [stored]
    event = last()
    assert (event.action, event.actor) == ("entry.remark", cast.signer)
    assert [(seal["of"], seal["id"]) for seal in event.detail["seals"]] == [
        ("actions.entryremark", stored.pk)
    ]
    assert "Shorter" not in str(event.detail)
    assert trail.verify() == []


def test_make_changes_nothing_of_the_text(cast: Cast) -> None:
    before = StatusEntry.objects.values().get(pk=cast.entry.pk)

    make(cast)

    assert StatusEntry.objects.values().get(pk=cast.entry.pk) == before
    assert cast.entry.versions.count() == 1


@pytest.mark.parametrize("who", ["editor", "signer", "coordinator"])
def test_make_is_for_who_reads_the_entry_and_may_remark(cast: Cast, who: str) -> None:
    assert make(cast, author=getattr(cast, who)).pk


@pytest.mark.parametrize("state", EntryState)
@pytest.mark.parametrize("role", [EDITOR, MINISTRY_COORDINATOR, READER, ADMINISTRATOR, None, ""])
def test_make_without_permission_is_refused_in_every_state(
    cast: Cast, role: str | None, state: EntryState
) -> None:
    in_state(cast, state)
    author = somebody(role) if role else UserFactory() if role is None else AnonymousUser()
    before = trail.head()

    with pytest.raises(PermissionDenied):
        make(cast, author=author)

    assert not EntryRemark.objects.exists()
    assert trail.head() == before


def test_make_is_not_for_a_ministry_that_carries_out(cast: Cast) -> None:
    agency = OrganisationFactory()
    cast.entry.action_point.responsibilities.create(
        organisation=agency, role="implementing", basis="stated"
    )

    with pytest.raises(PermissionDenied):
        make(cast, author=somebody(EDITOR, agency))


@pytest.mark.parametrize("state", EntryState)
def test_make_is_possible_while_ministries_have_the_text_in_hand(
    cast: Cast, state: EntryState
) -> None:
    in_state(cast, state)

    if state == EntryState.RECONSTRUCTED:
        with pytest.raises(NotPossible) as caught:
            make(cast)
        assert caught.value.code == "wrong_state"
    else:
        assert make(cast).pk


@pytest.mark.parametrize("seen", [0, 2])
def test_make_on_another_text_than_was_read_is_not_possible(cast: Cast, seen: int) -> None:
    with pytest.raises(NotPossible) as caught:
        make(cast, read_version=seen)

    assert caught.value.code == "other_text"
    assert not EntryRemark.objects.exists()


def test_make_on_nothing_is_not_possible(cast: Cast) -> None:
    empty = StatusEntryFactory(round=cast.entry.round, action_point__plan=cast.entry.round.plan)

    with pytest.raises(NotPossible) as caught:
        remarks.make(empty, text="x", author=cast.coordinator, read_version=0)

    assert caught.value.code == "no_text"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n\0"}, "text"),
        ({"text": "x" * 20_001}, "__all__"),
        ({"quote": "x" * 20_001}, "__all__"),
        ({"proposal": "x" * 20_001}, "__all__"),
        ({"field": "secret"}, "field"),
        ({"field": RemarkField.WHOLE}, "__all__"),
        ({"field": RemarkField.PROGRESS}, "__all__"),
    ],
    ids=str,
)
def test_make_that_says_nothing_or_too_much_is_refused(
    cast: Cast, given: dict[str, Any], field: str
) -> None:
    before = trail.head()

    with pytest.raises(ValidationError) as caught:
        make(cast, **given)

    assert field in caught.value.message_dict
    assert not EntryRemark.objects.exists()
    assert trail.head() == before


# Answering one.


def test_accepted_words_become_a_new_version_of_the_ministry(cast: Cast) -> None:
    remark = make(cast)

    answered = answer(cast, remark)

    cast.entry.refresh_from_db()
    version = cast.entry.latest_version
    assert answered.version == version
    assert (version.number, version.author, version.narrative) == (2, cast.editor, "Words.")
    assert answered.actor == cast.editor
    assert list(EntryRemark.objects.open()) == []
    written, told = AuditEvent.objects.order_by("-sequence")[1], last()
    assert (written.action, told.action) == ("entry.save-text", "entry.answer-remark")
    assert [(seal["of"], seal["id"]) for seal in told.detail["seals"]] == [
        ("actions.remarkanswer", answered.pk)
    ]
    assert trail.verify() == []


def test_accepted_words_leave_all_the_rest_of_the_text_as_it_was(cast: Cast) -> None:
    full = editing.Content(
        progress="in_progress",
        progress_basis="derived",
        schedule="delayed",
        continues_after_plan=True,
        narrative="Long words.",
        outlook="Long as well.",
        letter_passage="Kamerstuk 32 735, nr. 377",
        informed_before=True,
        informed_reference="Kamerstuk 32 735, nr. 344",
        informed_sender="the minister",
        internal_note="For us.",
    )
    source = SourceFactory()
    editing.save_text(
        cast.entry, full, author=cast.editor, read_version=1, sources=[(source, "page 2")]
    )
    remark = make(cast, read_version=2, field=RemarkField.OUTLOOK, proposal="Short.")

    version = answer(cast, remark, read_version=2).version

    assert version is not None
    changed = {
        name
        for name in editing.Content.__dataclass_fields__
        if getattr(version, name) != getattr(full, name)
    }
    assert (changed, version.outlook) == ({"outlook"}, "Short.")
    assert [(row.source, row.detail) for row in version.sources.all()] == [(source, "page 2")]
    assert version.citations.count() == 2


@pytest.mark.parametrize("field", remarks.TEXTS)
def test_words_can_be_taken_over_in_every_text_for_which_they_can_be_proposed(
    cast: Cast, field: RemarkField
) -> None:
    content = editing.Content(progress="in_progress", progress_basis="stated", informed_before=True)
    editing.save_text(cast.entry, content, author=cast.editor, read_version=1)
    remark = make(cast, read_version=2, field=field)

    version = answer(cast, remark, read_version=2).version

    assert getattr(version, field) == "Words."


@pytest.mark.parametrize("given", [Answer.PARTLY, Answer.REJECTED])
def test_another_answer_needs_a_reason_and_changes_no_text(cast: Cast, given: Answer) -> None:
    remark = make(cast)

    for reason in ("", " \n\0 "):
        with pytest.raises(ValidationError):
            answer(cast, remark, answer=given, reason=reason)
    assert list(EntryRemark.objects.open()) == [remark]
    answered = answer(cast, remark, answer=given, reason=" Because. ")

    assert (answered.version, answered.reason) == (None, "Because.")
    assert cast.entry.versions.count() == 1
    assert list(EntryRemark.objects.open()) == []


def test_accepting_a_remark_without_words_changes_no_text(cast: Cast) -> None:
    remark = make(cast, proposal="", field=RemarkField.WHOLE)

    assert answer(cast, remark).version is None
    assert cast.entry.versions.count() == 1


def test_an_answer_that_does_not_exist_is_refused(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        answer(cast, make(cast), answer="maybe", reason="x")

    assert not RemarkAnswer.objects.exists()


def test_answering_twice_is_not_possible(cast: Cast) -> None:
    remark = make(cast)
    answer(cast, remark)
    before = trail.head()

    for given in ({"answer": Answer.REJECTED, "reason": "x"}, {"read_version": 2}):
        with pytest.raises(NotPossible) as caught:
            answer(cast, remark, **given)
        assert caught.value.code == "answered_already"

    assert RemarkAnswer.objects.count() == 1
    assert cast.entry.versions.count() == 2
    assert trail.head() == before


@pytest.mark.parametrize("seen", [0, 1])
def test_accepting_words_after_the_text_changed_loses_nothing(cast: Cast, seen: int) -> None:
    remark = make(cast)
    write(cast.entry, "Written meanwhile.", author=cast.editor)
    before = trail.head()

    with pytest.raises(Changed):
        answer(cast, remark, read_version=seen)

    assert not RemarkAnswer.objects.exists()
    assert cast.entry.versions.count() == 2
    assert trail.head() == before


def test_an_answer_that_fails_takes_the_new_version_with_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    remark, before = make(cast), trail.head()
    monkeypatch.setattr(RemarkAnswer, "save", lambda *_arguments, **_options: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        answer(cast, remark)

    cast.entry.refresh_from_db()
    assert cast.entry.latest_version.number == 1
    assert cast.entry.versions.count() == 1
    assert trail.head() == before


@pytest.mark.parametrize("who", ["signer", "coordinator", "stranger", "nobody"])
@pytest.mark.parametrize("given", Answer)
def test_answer_without_permission_is_refused(cast: Cast, who: str, given: Answer) -> None:
    people = {"stranger": somebody(EDITOR), "nobody": AnonymousUser()}
    remark = make(cast)

    with pytest.raises(PermissionDenied):
        answer(
            cast,
            remark,
            answer=given,
            reason="x",
            actor=people.get(who) or getattr(cast, who),
        )

    assert not RemarkAnswer.objects.exists()
    assert cast.entry.versions.count() == 1


@pytest.mark.parametrize("state", EntryState)
def test_words_are_taken_over_only_while_the_text_is_open(cast: Cast, state: EntryState) -> None:
    remark = make(cast)
    in_state(cast, state)

    if state in (EntryState.CONCEPT, EntryState.RETURNED):
        assert answer(cast, remark).version.number == 2
    else:
        with pytest.raises((Closed, NotPossible)):
            answer(cast, remark)
        assert cast.entry.versions.count() == 1


@pytest.mark.parametrize("state", EntryState)
def test_a_remark_can_be_rejected_while_ministries_have_the_text_in_hand(
    cast: Cast, state: EntryState
) -> None:
    remark = make(cast)
    in_state(cast, state)
    given = {"answer": Answer.REJECTED, "reason": "No."}

    if state == EntryState.RECONSTRUCTED:
        with pytest.raises(NotPossible):
            answer(cast, remark, **given)
    else:
        assert answer(cast, remark, **given).pk


def test_who_proposed_words_that_were_taken_over_does_not_approve_them(cast: Cast) -> None:
    answer(cast, make(cast))
    lead = cast.editor.memberships.get().organisation
    workflow.submit(cast.entry, actor=somebody(MINISTRY_COORDINATOR, lead))

    with pytest.raises(workflow.NotPossible) as refusal:
        workflow.approve(cast.entry, actor=cast.coordinator, note="Nobody else yet.")
    assert refusal.value.code == "own_text"

    another = somebody(NAP_COORDINATOR)
    approved = workflow.approve(cast.entry, actor=another, note="Nobody else yet.")
    assert approved.state == EntryState.APPROVED


def test_who_proposed_words_that_were_not_taken_over_may_approve(cast: Cast) -> None:
    answer(cast, make(cast), answer=Answer.REJECTED, reason="It is not so.")
    lead = cast.editor.memberships.get().organisation
    workflow.submit(cast.entry, actor=somebody(MINISTRY_COORDINATOR, lead))

    approved = workflow.approve(cast.entry, actor=cast.coordinator, note="Nobody else yet.")

    assert approved.state == EntryState.APPROVED


def test_words_proposed_for_a_part_that_was_rewritten_are_not_put_over_it(cast: Cast) -> None:
    remark = make(cast)
    write(cast.entry, "Written meanwhile.", author=cast.editor)

    with pytest.raises(workflow.NotPossible) as refusal:
        answer(cast, remark, read_version=2)

    assert refusal.value.code == "other_text"
    cast.entry.refresh_from_db()
    assert cast.entry.latest_version.narrative == "Written meanwhile."
    assert not RemarkAnswer.objects.exists()

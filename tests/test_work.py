"""What the first page asks of somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions import drafts, remarks, workflow
from actions.choices import EntryState, RemarkField, Verdict
from actions.models import EntryDraft, ReportingRound, StatusEntry
from actions.queries import work
from actions.queries.work import Task, Work
from napmonitor.accounts.models import User
from tests.factories import overwrite, signed_in
from tests.workflow_people import Cast, cast

pytestmark = pytest.mark.django_db

HOME = "/beheer/"


@pytest.fixture
def people() -> Cast:
    return cast(points=5)


def of(user: User) -> Work:
    return work.work_of(User.objects.get(pk=user.pk))


def codes(tasks: tuple[Task, ...]) -> list[str]:
    return [task.code for task in tasks]


def code(entry: StatusEntry) -> str:
    return entry.action_point.code


def test_empty_entries_are_to_be_written_by_the_ministry_with_the_pen_alone(people: Cast) -> None:
    everything = sorted(code(entry) for entry in people.entries)

    assert sorted(codes(of(people.editor).to_write)) == everything
    assert sorted(codes(of(people.submitter).to_write)) == everything
    for other in (people.partner_editor, people.signer, people.first, people.reader):
        assert of(other).to_write == ()


def test_what_came_back_stands_first_with_the_reason_and_who_gave_it(people: Cast) -> None:
    back = people.bring(people.entries[3], EntryState.RETURNED)

    first = of(people.editor).to_write[0]

    assert (first.code, first.state) == (code(back), EntryState.RETURNED)
    assert (first.reason, first.moved_by) == ("Say more.", people.first.name)
    page = signed_in(people.editor).get(HOME).text
    assert "Say more." in page
    assert page.index(code(back)) < page.index(code(people.entries[0]))


def test_each_state_stands_in_its_own_list(people: Cast) -> None:
    states = (
        *(EntryState.CONCEPT, EntryState.RETURNED, EntryState.SUBMITTED),
        *(EntryState.APPROVED, EntryState.NOT_SUPPLIED),
    )
    for entry, state in zip(people.entries, states, strict=True):
        people.bring(entry, state)
    found = of(people.editor)

    assert {task.state for task in found.to_write} == {EntryState.CONCEPT, EntryState.RETURNED}
    assert {task.state for task in found.with_others} == {
        EntryState.SUBMITTED,
        EntryState.NOT_SUPPLIED,
    }
    assert {task.state for task in found.finished} == {EntryState.APPROVED}
    assert codes(of(people.first).to_review) == [code(people.entries[2])]


def test_sign_off_is_asked_until_it_is_given_and_again_for_another_text(people: Cast) -> None:
    entry = people.bring(people.entry, EntryState.SUBMITTED)
    assert codes(of(people.signer).to_sign) == [code(entry)]
    assert of(people.partner_editor).to_sign == ()

    people.sign(entry)
    assert of(people.signer).is_all_done

    workflow.send_back(entry, actor=people.first, reason="Say more.")
    people.write(entry, "More.")
    workflow.submit(entry, actor=people.submitter)
    assert codes(of(people.signer).to_sign) == [code(entry)]


def test_remark_is_to_be_answered_by_the_ministry_that_wrote_the_text(people: Cast) -> None:
    entry = people.bring(people.entry, EntryState.SUBMITTED)
    version = entry.latest_version.number
    remarks.make(
        entry,
        text="Which year?",
        author=people.first,
        read_version=version,
        field=RemarkField.NARRATIVE,
    )

    (task,) = of(people.editor).to_answer

    assert (task.code, task.open_remarks) == (code(entry), 1)
    assert of(people.stranger).is_all_done


def test_who_does_not_agree_is_named(people: Cast) -> None:
    entry = people.bring(people.entry, EntryState.SUBMITTED)
    workflow.sign_off(
        entry,
        organisation=people.partner,
        verdict=Verdict.NOT_AGREED,
        actor=people.signer,
        read_version=entry.latest_version.number,
        remark="Not so.",
    )

    (task,) = of(people.first).to_review

    assert [name.slug for name in task.disagreeing] == [people.partner.slug]
    assert task.unsigned == ()


@pytest.mark.parametrize(("days", "late"), [(-1, True), (0, False), (1, False)])
def test_what_is_not_submitted_by_the_deadline_is_late_from_the_day_after(
    people: Cast, days: int, late: bool
) -> None:
    day = timezone.localdate() + timedelta(days=days)
    overwrite(ReportingRound.objects.filter(pk=people.round.pk), ministry_deadline=day)
    people.bring(people.entry, EntryState.SUBMITTED)

    tasks = work.tasks(people.round.entries.all())

    assert {task.is_late for task in tasks if task.code != code(people.entry)} == {late}
    assert not any(task.is_late for task in tasks if task.code == code(people.entry))


def test_nothing_of_a_round_that_is_not_open_or_is_published_is_asked(people: Cast) -> None:
    for entry in people.entries:
        people.bring(entry, EntryState.APPROVED)
    workflow.publish_round(people.round, actor=people.first)

    for user in (people.editor, people.signer, people.first):
        assert of(user).is_all_done
        assert of(user).finished == ()


def test_first_page_says_that_all_is_done(people: Cast) -> None:
    for entry in people.entries:
        people.bring(entry, EntryState.APPROVED)

    page = signed_in(people.editor).get(HOME).text

    assert "nap-all-done" in page
    assert "nap-all-done" not in signed_in_with_work(people).get(HOME).text


def signed_in_with_work(people: Cast) -> Client:
    workflow.reopen(people.entry, actor=people.first, reason="A number.")
    return signed_in(people.editor)


def typed(entry: StatusEntry, writer: User) -> EntryDraft:
    return drafts.keep(
        entry, writer=writer, tab=uuid4(), read_version=0, typed={"narrative": ["Begun."]}
    )


def offered(user: User) -> list[EntryDraft]:
    return list(signed_in(user).get(HOME).context["drafts"])


def test_draft_waits_on_the_first_page_of_its_writer_alone(people: Cast) -> None:
    typed(people.entry, people.editor)
    newest = typed(people.entry, people.editor)
    other = typed(people.entries[1], people.editor)

    page = signed_in(people.editor).get(HOME)

    assert list(page.context["drafts"]) == [other, newest]
    address = reverse("admin:actions_statusentry_change", args=[people.entry.pk])
    assert f'href="{address}?draft={newest.pk}"' in page.text
    assert "Begun." in signed_in(people.editor).get(f"{address}?draft={newest.pk}").text
    for user in (people.submitter, people.first, people.stranger):
        assert offered(user) == []


def test_draft_waits_only_while_its_text_is_open_to_the_writer(people: Cast) -> None:
    draft = typed(people.entry, people.editor)
    saved = typed(people.entries[1], people.editor)
    drafts.finish(people.entries[1], people.editor, saved.tab)
    assert offered(people.editor) == [draft]

    people.bring(people.entry, EntryState.SUBMITTED)
    assert offered(people.editor) == []

    workflow.send_back(people.entry, actor=people.first, reason="Say more.")
    assert offered(people.editor) == [draft]


@pytest.mark.parametrize("who", ["editor", "submitter", "signer", "first", "administrator"])
def test_first_page_costs_the_same_queries_whatever_there_is_to_do(
    people: Cast, who: str, django_assert_max_num_queries: Any
) -> None:
    more = cast(points=3)
    for entry in (*people.entries[1:], *more.entries[1:]):
        people_of = people if entry in people.entries else more
        people_of.bring(entry, EntryState.SUBMITTED)
    for entry in people.entries[:1] + more.entries[:1]:
        typed(entry, people.editor if entry in people.entries else more.editor)
    client = signed_in(getattr(people, who))
    client.get(HOME)

    with django_assert_max_num_queries(10):
        client.get(HOME)


def test_a_correction_after_publication_is_asked_of_who_must_act() -> None:
    people = cast()
    entry = people.bring(people.entry, EntryState.APPROVED)
    workflow.publish_round(people.round, actor=people.second)
    workflow.reopen(entry, actor=people.first, reason="A mistake.")

    (back,) = work.work_of(people.editor).to_write
    assert (back.entry, back.reason, back.deadline) == (entry.pk, "A mistake.", None)

    people.write(entry, "Said better.")
    workflow.submit(entry, actor=people.submitter)
    assert [task.entry for task in work.work_of(people.signer).to_sign] == [entry.pk]
    assert [task.entry for task in work.work_of(people.second).to_review] == [entry.pk]

    people.sign(entry)
    workflow.approve(entry, actor=people.second)
    assert work.work_of(people.editor).is_all_done
    assert work.work_of(people.second).is_all_done

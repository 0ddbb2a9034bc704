"""The remarks of a round as a table, with every return and reason, on a page and in a file."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions import remarks, workflow
from actions.choices import Answer, EntryState, RemarkField, Verdict
from actions.models import EntryRemark, StatusEntry
from actions.queries.remark_sheet import remark_sheet
from napmonitor.audit.models import AuditEvent
from tests import factories
from tests.factories import EDITOR, signed_in
from tests.workflow_people import Cast, cast, events

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    made = cast(points=2)
    made.bring(made.entries[0], EntryState.RETURNED)
    made.bring(made.entries[1], EntryState.SUBMITTED)
    return made


def remark(people: Cast, entry: StatusEntry, text: str = "Which year?", **options: Any) -> Any:
    entry.refresh_from_db()
    options = {"author": people.first, "read_version": entry.latest_version.number} | options
    return remarks.make(entry, text=text, **options)


def reply(people: Cast, about: EntryRemark, what: Answer, reason: str = "") -> None:
    version = about.entry.latest_version.number
    remarks.answer(about, answer=what, actor=people.editor, read_version=version, reason=reason)


def page(people: Cast, name: str = "remarks") -> str:
    return reverse(f"admin:actions_reportinground_{name}", args=[people.round.pk])


def shown(client: Client, people: Cast, query: str = "") -> list[str]:
    answer = client.get(f"{page(people)}?{query}")
    assert answer.status_code == 200
    return [line.text for line in answer.context["remarks"]]


def rows(client: Client, people: Cast, query: str = "") -> list[list[str]]:
    answer = client.get(f"{page(people, 'remarks_file')}?{query}")
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(text.splitlines(keepends=True), delimiter=";"))


def test_remark_stands_with_all_that_was_said_of_it(people: Cast) -> None:
    entry = people.entries[0]
    made = remark(
        people,
        entry,
        quote="Much was done.",
        proposal="Much was done in 2025.",
        field=RemarkField.NARRATIVE,
    )
    reply(people, made, Answer.ACCEPTED)

    (line,) = remark_sheet(people.round.entries.all()).remarks

    assert (line.subject.entry, line.subject.code) == (entry.pk, entry.action_point.code)
    assert line.subject.ministry is not None
    assert line.subject.ministry.slug == people.lead.slug
    assert (line.field, line.version) == (RemarkField.NARRATIVE, 1)
    assert (line.quote, line.text, line.proposal) == (
        "Much was done.",
        "Which year?",
        "Much was done in 2025.",
    )
    assert line.by.name == people.first.name
    assert factories.NAP_COORDINATOR in line.by.roles
    assert line.answer is not None
    assert (line.answer.answer, line.answer.version) == (Answer.ACCEPTED, 2)
    assert line.answer.by.name == people.editor.name
    assert EDITOR in line.answer.by.roles


def test_role_is_that_of_the_day_on_which_it_was_said(people: Cast) -> None:
    made = remark(people, people.entries[0])
    today = timezone.localdate()
    moved = factories.OrganisationFactory(named=True)
    membership = people.first.memberships.get()
    held = str(membership.organisation.names.get())
    membership.valid_until = today + timedelta(days=1)
    membership.save()
    factories.MembershipFactory(
        user=people.first, organisation=moved, valid_from=today + timedelta(days=1)
    )

    with time_machine.travel(timezone.now() + timedelta(days=30)):
        (line,) = remark_sheet(people.round.entries.all()).remarks

    assert line.at == made.at
    assert line.by.roles == f"{factories.NAP_COORDINATOR} ({held})"


def test_every_return_and_every_reason_stays_readable(people: Cast) -> None:
    first, second = people.entries
    people.sign(second, Verdict.NOT_AGREED, "Not our words.")
    people.sign(second, Verdict.AGREED)
    workflow.approve(second, actor=people.first)
    workflow.reopen(second, actor=people.second, reason="A figure is wrong.")
    workflow.mark_not_supplied(first, actor=people.first, reason="Nothing came.")

    reasons = remark_sheet(people.round.entries.all()).reasons

    told = [(line.subject.entry, line.reason) for line in reasons]
    assert told == [
        (first.pk, "Say more."),
        (first.pk, "Nothing came."),
        (second.pk, "Not our words."),
        (second.pk, "A figure is wrong."),
    ]
    assert len({line.what for line in reasons}) == 4
    assert reasons[0].by.name == people.first.name
    assert reasons[0].version == 1


def test_correction_stands_among_the_reasons() -> None:
    people = cast()
    entry = people.bring(people.entry, EntryState.APPROVED)
    workflow.publish_round(people.round, actor=people.first)
    workflow.reopen(entry, actor=people.first, reason="A figure is wrong.")
    people.write(entry, "Better.")
    workflow.submit(entry, actor=people.submitter)
    people.sign(entry)
    workflow.approve(entry, actor=people.second)
    workflow.publish_correction(entry, actor=people.first, reason="The figure was wrong.")

    reasons = remark_sheet(people.round.entries.all()).reasons

    assert [line.reason for line in reasons] == ["A figure is wrong.", "The figure was wrong."]


def test_filters_show_what_they_say(people: Cast) -> None:
    first, second = people.entries
    reply(people, remark(people, first, "Answered."), Answer.REJECTED, "It is as it is.")
    remark(people, second, "Open.")
    client = signed_in(people.first)

    assert shown(client, people) == ["Answered.", "Open."]
    assert shown(client, people, "only=open") == ["Open."]
    assert shown(client, people, "only=answered") == ["Answered."]
    assert len(shown(client, people, f"ministry={people.lead.slug}")) == 2
    # What is no choice is no filter.
    assert len(shown(client, people, "ministry=nobody&only=x")) == 2


def test_filter_on_a_ministry_leaves_out_what_others_wrote(people: Cast) -> None:
    other = factories.OrganisationFactory(named=True)
    entry = factories.StatusEntryFactory(
        action_point=factories.ActionPointFactory(plan=people.round.plan, lead=other),
        round=people.round,
    )
    factories.write(entry, "Theirs.")
    remark(people, entry, "About theirs.")
    remark(people, people.entries[0], "About ours.")
    client = signed_in(people.first)

    assert shown(client, people, f"ministry={other.slug}") == ["About theirs."]
    answer = client.get(f"{page(people)}?ministry={other.slug}")
    assert answer.context["reasons"] == []


def test_file_holds_a_row_for_each_remark_that_was_asked_for(people: Cast) -> None:
    first, second = people.entries
    reply(people, remark(people, first, "Answered."), Answer.PARTLY, "Only the year.")
    remark(people, second, "=HYPERLINK(1)", quote="regel 1\nregel 2")
    client = signed_in(people.first)

    header, *lines = rows(client, people)

    assert [len(line) for line in lines] == [len(header)] * 2
    assert lines[0][0] == first.action_point.code
    assert {"Answered.", "Only the year.", people.first.name, people.editor.name} <= set(lines[0])
    # A spreadsheet must not take what somebody wrote for a formula.
    assert "'=HYPERLINK(1)" in lines[1]
    assert "regel 1\nregel 2" in lines[1]
    assert [line[6] for line in rows(client, people, "only=answered")[1:]] == ["Answered."]


def test_download_stands_in_the_trail_without_names(people: Cast) -> None:
    remark(people, people.entries[0])

    rows(signed_in(people.first), people, "only=open")

    (event,) = events("document.read", people.round)
    assert event.actor == people.first
    assert event.detail == {"what": "remarks", "remarks": 1, "only": "open", "ministry": ""}


def test_looking_at_the_page_adds_nothing_to_the_trail(people: Cast) -> None:
    client = signed_in(people.first)
    before = AuditEvent.objects.count()

    shown(client, people)

    assert AuditEvent.objects.count() == before


def test_permission_of_a_ministry_is_for_entries_it_may_read(people: Cast) -> None:
    stranger_of = people.stranger.memberships.get().organisation
    theirs = factories.StatusEntryFactory(
        action_point=factories.ActionPointFactory(plan=people.round.plan, lead=stranger_of),
        round=people.round,
    )
    factories.write(theirs, "Theirs.")
    remark(people, theirs, "About theirs.")
    remark(people, people.entries[0], "About ours.")

    # Who answers along reads the text of the lead, and so the remarks on it.
    for who in (people.editor, people.submitter, people.signer, people.partner_editor):
        assert shown(signed_in(who), people) == ["About ours."]
        assert [line[6] for line in rows(signed_in(who), people)[1:]] == ["About ours."]
    assert shown(signed_in(people.stranger), people) == ["About theirs."]
    for who in (people.first, people.administrator, people.reader):
        assert len(shown(signed_in(who), people)) == 2


@pytest.mark.parametrize("name", ["remarks", "remarks_file"])
def test_permission_to_a_round_of_others_is_as_if_it_were_not_there(
    people: Cast, name: str
) -> None:
    client = signed_in(people.stranger)
    absent = reverse(f"admin:actions_reportinground_{name}", args=[0])

    assert client.get(page(people, name)).status_code == 404
    assert client.get(absent).status_code == 404
    assert not events("document.read", people.round)
    assert signed_in(people.first).post(page(people, name)).status_code == 405


def test_round_without_remarks_says_so(people: Cast) -> None:
    answer = signed_in(people.first).get(page(people))

    assert answer.context["remarks"] == []
    assert "<table" in answer.text


def test_remark_cannot_bring_markup_into_the_page(people: Cast) -> None:
    remark(people, people.entries[0], "<script>alert(1)</script>")

    assert "<script>alert" not in signed_in(people.first).get(page(people)).text


def test_page_costs_the_same_queries_for_any_number(
    people: Cast, django_assert_num_queries: Any
) -> None:
    for entry in people.entries:
        for number in range(3):
            made = remark(people, entry, f"Remark {number}", author=people.first)
            if number:
                reply(people, made, Answer.REJECTED, "No.")

    with django_assert_num_queries(9):
        remark_sheet(people.round.entries.all())

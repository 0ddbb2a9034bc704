"""What a second reader tried to break: stale pages, odd input, and rights that end while typing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions import editing, workflow
from actions.choices import EntryState
from actions.models import (
    ActionPoint,
    EntryVersion,
    Organisation,
    ReportingRound,
    Responsibility,
    StatusEntry,
)
from actions.queries import public
from napmonitor.audit.models import AuditEvent, Result
from tests.admin_pages import as_sent, page
from tests.factories import ReportingRoundFactory, overwrite, signed_in
from tests.workflow_people import Cast, cast, content, events, not_possible

pytestmark = pytest.mark.django_db

# They have a width or a place, and show nothing.
INVISIBLE = "\u200b\u2060\u3164\u00ad\u200e\u2800\u180e\u115f\u034f\u061c\ufe0f\U000e0020 \n"


@pytest.fixture
def people() -> Cast:
    return cast(points=2)


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("sequence").last()


# Steps on what was read.


def test_submit_and_return_are_not_possible_for_another_text_than_the_one_that_was_read(
    people: Cast,
) -> None:
    people.write(people.entry)
    people.write(people.entry, "Another text.")
    with not_possible("other_text"):
        workflow.submit(people.entry, actor=people.submitter, read_version=1)
    workflow.submit(people.entry, actor=people.submitter, read_version=2)

    with not_possible("other_text"):
        workflow.send_back(people.entry, actor=people.first, reason="No.", read_version=1)
    workflow.send_back(people.entry, actor=people.first, reason="No.", read_version=2)


def test_button_on_an_old_page_approves_nothing(people: Cast) -> None:
    entry = people.bring(people.entry, EntryState.SUBMITTED)
    client = signed_in(people.first)
    url = reverse("admin:actions_statusentry_transition", args=[entry.pk, "approve"])
    opened = client.get(page(StatusEntry, "change", entry.pk))
    (step,) = [each for each in opened.context["steps"] if each["name"] == "approve"]
    sent = {"note": "By telephone.", "read_version": step["form"]["read_version"].value()}
    workflow.send_back(entry, actor=people.second, reason="Say more.")
    people.write(entry, "Something else.")
    workflow.submit(entry, actor=people.submitter)

    answer = client.post(url, sent)

    entry.refresh_from_db()
    assert (answer.status_code, entry.state) == (200, EntryState.SUBMITTED)
    assert "By telephone." in answer.text


# Which text covers another.


def test_what_is_reported_together_is_public_with_the_text_that_says_so(people: Cast) -> None:
    entry, beside = people.entries
    for each in people.entries:
        people.bring(each, EntryState.APPROVED)
    workflow.publish_round(people.round, actor=people.first)
    workflow.reopen(entry, actor=people.first, reason="A number is wrong.")

    editing.report_with(entry, beside, author=people.editor)

    point, plan = entry.action_point, entry.action_point.plan.slug
    (year,) = public.action_point(point.code, plan).years
    assert (year.stand.reported_with, year.covering) == ("", None)
    workflow.submit(entry, actor=people.submitter)
    people.sign(entry)
    workflow.approve(entry, actor=people.first)
    workflow.publish_correction(entry, actor=people.first, reason="They belong together.")
    (year,) = public.action_point(point.code, plan).years
    assert year.stand.reported_with == beside.action_point.code
    assert year.covering.code == beside.action_point.code


def test_what_is_reported_together_is_signed_off_and_approved_like_any_other_text(
    people: Cast,
) -> None:
    entry, beside = people.entries
    people.bring(entry, EntryState.SUBMITTED)
    people.sign(entry)
    workflow.send_back(entry, actor=people.second, reason="Together with the other.")

    editing.report_with(entry, beside, author=people.editor)

    entry.refresh_from_db()
    assert entry.sign_offs_in_force() == {}
    assert entry.latest_version.author == people.editor
    assert entry.latest_version.narrative == entry.versions.get(number=1).narrative


# What a text can hold.


@pytest.mark.parametrize("words", ["<script>x</script>", "![](https://x.example/a.png)", "> no"])
@pytest.mark.parametrize("field", editing.RICH)
def test_save_text_refuses_what_a_text_cannot_hold_whoever_calls_it(
    people: Cast, field: str, words: str
) -> None:
    written = replace(content(), **{field: words})

    with pytest.raises(ValidationError) as refusal:
        editing.save_text(people.entry, written, author=people.editor, read_version=0)

    assert list(refusal.value.message_dict) == [field]
    assert not people.entry.versions.exists()


def test_reference_in_the_reason_for_discontinuing_is_found(people: Cast) -> None:
    version = editing.save_text(
        people.entry,
        content(progress="discontinued", discontinued_reason="Zie Kamerstuk 32 735, nr. 377."),
        author=people.editor,
        read_version=0,
    )

    assert [each.identifier for each in version.citations.all()] == ["kst-32735-377"]


@pytest.mark.parametrize("reason", ["", " \n", INVISIBLE, *INVISIBLE.strip(), "...", "-"])
def test_reason_without_a_letter_or_digit_is_none(people: Cast, reason: str) -> None:
    entry = people.bring(people.entry, EntryState.SUBMITTED)

    with not_possible("no_reason", "reason"):
        workflow.send_back(entry, actor=people.first, reason=reason)


# Moments and days.


@pytest.mark.parametrize("year", ["0001", "9999", "1899", "2100"])
def test_no_form_takes_a_day_that_is_a_slip_of_the_pen(people: Cast, year: str) -> None:
    each = ReportingRoundFactory(plan=people.round.plan, year=2032)
    client, url = signed_in(people.first), page(ReportingRound, "change", each.pk)
    before = ReportingRound.objects.values().get(pk=each.pk)
    sent = as_sent(client.get(url), opens_on=f"01-01-{year}")
    sent |= {"released_at_0": f"01-01-{year}", "released_at_1": "00:00"}

    answer = client.post(url, sent)

    assert set(answer.context["adminform"].form.errors) == {"opens_on", "released_at"}
    assert ReportingRound.objects.values().get(pk=each.pk) == before
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("moment", [("0001-01-01", "00:00"), ("9999-12-31", "23:59"), ("", "")])
def test_release_of_a_published_round_moves_to_a_plausible_moment_only(
    people: Cast, moment: tuple[str, str]
) -> None:
    for entry in people.entries:
        people.bring(entry, EntryState.APPROVED)
    later = timezone.now() + timedelta(days=30)
    workflow.publish_round(people.round, actor=people.first, released_at=later)
    url = reverse("admin:actions_reportinground_transition", args=[people.round.pk, "publish"])

    answer = signed_in(people.first).post(
        url, {"released_at_0": moment[0], "released_at_1": moment[1]}
    )

    people.round.refresh_from_db()
    assert (answer.status_code, people.round.released_at) == (200, later)
    assert answer.context["form"].errors


def test_only_who_publishes_rounds_says_when_a_year_becomes_public(people: Cast) -> None:
    each = ReportingRoundFactory(plan=people.round.plan, year=2032)
    url = page(ReportingRound, "change", each.pk)
    moment = {"released_at_0": "01-01-2033", "released_at_1": "09:00"}

    for user, stored in ((people.administrator, None), (people.first, 2033)):
        client = signed_in(user)
        assert client.post(url, as_sent(client.get(url)) | moment).status_code == 302
        each.refresh_from_db()
        assert (each.released_at and each.released_at.year) == stored

    (event,) = events("round.move-release", each)
    assert datetime.fromisoformat(event.detail["released_at"]).astimezone(UTC) == each.released_at


# What is loaded, and what was there.


def test_round_with_texts_from_public_letters_is_not_opened() -> None:
    people = cast()
    each = ReportingRound.objects.get(year=2023)
    overwrite(ReportingRound.objects.filter(pk=each.pk), released_at=None, letter=None)

    with not_possible("reconstruction"):
        workflow.open_round(each, actor=people.first)


def test_loading_the_plan_again_leaves_what_somebody_changed(people: Cast) -> None:
    client, point = signed_in(people.administrator), ActionPoint.objects.get(code="1.a")
    url = page(ActionPoint, "change", point.pk)
    client.post(url, as_sent(client.get(url), description="Of the administrator."))

    call_command("load_plan", stdout=StringIO())

    point.refresh_from_db()
    assert point.description == "Of the administrator."


def test_loading_the_plan_again_leaves_a_text_that_somebody_read_better(people: Cast) -> None:
    entry = StatusEntry.objects.get(action_point__code="1.a", round__year=2023)
    client, url = signed_in(people.administrator), page(StatusEntry, "change", entry.pk)
    client.post(url, as_sent(client.get(url), narrative="Read better."))
    versions = entry.versions.count()

    call_command("load_plan", stdout=StringIO())

    entry.refresh_from_db()
    assert entry.latest_version.narrative == "Read better."
    assert entry.versions.count() == versions


def test_loading_the_plan_again_works_once_a_round_of_it_was_published(people: Cast) -> None:
    each = ReportingRound.objects.get(year=2026)
    workflow.open_round(each, actor=people.first)
    for entry in each.entries.all():
        workflow.mark_not_supplied(entry, actor=people.first, reason="Nothing came.")
    workflow.publish_round(each, actor=people.first)

    call_command("load_plan", stdout=StringIO())

    each.refresh_from_db()
    assert each.is_released()


# Rights that end while somebody types.


def typed(client: Client, entry: StatusEntry, **fields: Any) -> dict[str, Any]:
    sent = as_sent(client.get(page(StatusEntry, "change", entry.pk)))
    return sent | {"narrative": "Long <typed> words.", **fields}


def test_text_is_given_back_when_the_session_ended_while_it_was_typed(people: Cast) -> None:
    client = signed_in(people.editor)
    sent = typed(client, people.entry)
    client.logout()

    answer = client.post(page(StatusEntry, "change", people.entry.pk), sent)

    assert answer.status_code == 403
    assert "Long &lt;typed&gt; words." in answer.text
    assert "csrfmiddlewaretoken" not in answer.text
    assert "no-store" in answer.headers["cache-control"]
    assert not people.entry.versions.exists()


def test_text_is_given_back_when_the_role_ended_while_it_was_typed(people: Cast) -> None:
    client = signed_in(people.editor)
    sent = typed(client, people.entry)
    overwrite(people.editor.memberships.all(), valid_until=timezone.localdate())

    answer = client.post(page(StatusEntry, "change", people.entry.pk), sent)

    assert answer.status_code == 403
    assert "Long &lt;typed&gt; words." in answer.text
    assert not people.entry.versions.exists()


def test_text_is_given_back_when_the_pen_moved_while_it_was_typed(people: Cast) -> None:
    client = signed_in(people.editor)
    sent = typed(client, people.entry, informed_before="on", informed_sender="The other minister")
    lead = Responsibility.objects.filter(action_point=people.entry.action_point, role="lead")
    overwrite(lead, organisation=Organisation.objects.get(slug="szw"))
    overwrite(
        Responsibility.objects.filter(
            action_point=people.entry.action_point, role="co_responsible"
        ),
        organisation=people.lead,
    )

    answer = client.post(page(StatusEntry, "change", people.entry.pk), sent)

    assert answer.status_code == 409
    assert "Long &lt;typed&gt; words." in answer.text
    assert "The other minister" in answer.text
    assert not people.entry.versions.exists()


def test_text_is_stored_when_who_may_not_submit_presses_submit(people: Cast) -> None:
    client = signed_in(people.editor)

    answer = client.post(
        page(StatusEntry, "change", people.entry.pk),
        typed(client, people.entry, _submit_entry="1", narrative="Long words."),
        follow=True,
    )

    people.entry.refresh_from_db()
    assert people.entry.state == EntryState.CONCEPT
    assert people.entry.latest_version.narrative == "Long words."
    assert [each.level_tag for each in answer.context["messages"]] == ["error"]


# What was refused.


def test_refused_change_and_restore_stand_in_the_audit_trail(people: Cast) -> None:
    people.write(people.entry)
    urls = {
        "statusentry.change": page(StatusEntry, "change", people.entry.pk),
        "statusentry.restore": reverse(
            "admin:actions_statusentry_restore", args=[people.entry.pk, 1]
        ),
    }

    for action, url in urls.items():
        answer = signed_in(people.reader).post(url, {"narrative": "Mine.", "read_version": "1"})
        assert answer.status_code == 403
        event = last_event()
        assert (event.action, event.result, event.actor) == (action, Result.REFUSED, people.reader)
        assert event.object_id == str(people.entry.pk)
    assert EntryVersion.objects.filter(entry=people.entry).count() == 1


def test_nonsense_in_the_address_of_a_new_row_is_left_out(people: Cast) -> None:
    asked = {"year": "abc", "plan": "abc", "released_at": "x", "letter": "9" * 30, "note": "Noted"}

    answer = signed_in(people.administrator).get(page(ReportingRound, "add"), asked)

    assert answer.status_code == 200
    assert answer.context["adminform"].form.initial["note"] == "Noted"
    assert not {"year", "plan", "released_at", "letter"} & set(
        answer.context["adminform"].form.initial
    )

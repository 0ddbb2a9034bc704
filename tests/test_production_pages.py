"""The pages on which documents are made, read, issued, dispatched and published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult
from playwright.sync_api import Page, expect

from actions import workflow
from actions.models import ParliamentaryDocument, PlanParticipant
from napmonitor.accounts.models import User
from napmonitor.audit.models import AuditEvent, Result
from reports import issuing, jobs, permissions, previews, production
from reports.choices import Audience, Format, JobState, Kind, Outcome, Stage
from reports.models import (
    Dispatch,
    EditionFile,
    EditionIssue,
    FileOpened,
    Freeze,
    FreezeJob,
    PreviewJob,
    RenderJob,
)
from reports.warnings import Warning
from tests import edition_story as story
from tests import factories
from tests.factories import MINISTRY_COORDINATOR, overwrite, signed_in, somebody
from tests.test_admin_browser import faults
from tests.workflow_people import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read the pages in the words of the source; no file is laid out, and nothing warned of."""
    monkeypatch.setattr("reports.admin.production.warnings_of", lambda each: [])
    # After each job the garbage of the whole run would be looked for.
    monkeypatch.setattr("reports.jobs.gc.collect", lambda: 0)
    with story.quick_rendering(), translation.override("en"):
        yield


@pytest.fixture
def people() -> Cast:
    return story.ready_round()


def address_of(name: str, *args: Any) -> str:
    return reverse(f"admin:production{name}", args=args)


def english(user: User) -> Client:
    client = signed_in(user)
    client.cookies["django_language"] = "en"
    return client


def whole(people: Cast, user: User | None = None) -> Any:
    answer = english(user or people.first).get(address_of("_round", people.round.pk))
    assert answer.status_code == 200
    return answer


def next_of(people: Cast, user: User | None = None) -> tuple[str, str, str]:
    """Return the label of the main button, what it makes, and where it leads."""
    found = whole(people, user).context["next"]
    return found.label, found.makes, found.href


def file_of(
    freeze: Freeze, kind: Kind, to: Format = Format.PDF, audience: Audience = Audience.PUBLIC
) -> EditionFile:
    return EditionFile.objects.get(
        version__freeze=freeze, version__edition__kind=kind, format=to, audience=audience
    )


def refusals(action: str) -> int:
    return AuditEvent.objects.filter(action=action, result=Result.REFUSED).count()


def signer(people: Cast) -> User:
    """Return a coordinator of a ministry that takes part in the plan of the round."""
    ministry = factories.OrganisationFactory(named=True)
    PlanParticipant.objects.create(plan=people.round.plan, organisation=ministry)
    return somebody(MINISTRY_COORDINATOR, ministry)


# Who sees what.


@pytest.mark.parametrize("who", ["editor", "administrator", "reader"])
def test_who_has_no_part_in_the_documents_finds_no_such_pages(people, who):
    freeze = story.frozen(people, Stage.CONCEPT)
    client = signed_in(getattr(people, who))

    answers = [
        client.get(address_of("")),
        client.get(address_of("_round", people.round.pk)),
        client.get(address_of("_progress", people.round.pk)),
        client.get(address_of("_issue", freeze.pk)),
        client.get(address_of("_file", file_of(freeze, Kind.LETTER).pk)),
        client.post(address_of("_preview", people.round.pk, "letter")),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("_freeze", "edition.ask"),
        ("_retry", "edition.ask"),
        ("_dispatch", "edition.dispatch"),
        ("_publish", "round.publish"),
        ("_issue", "edition.issue"),
    ],
)
def test_a_step_that_somebody_may_not_take_is_not_there_and_stands_in_the_trail(
    people, name, action
):
    freeze = story.frozen(people)
    key = freeze.pk if name == "_issue" else people.round.pk

    answer = signed_in(people.submitter).post(address_of(name, key), {"stage": "concept"})

    assert answer.status_code == 404
    assert refusals(action) == 1
    assert not EditionIssue.objects.exists()


def test_the_list_says_what_stands_of_each_year(people):
    story.issued(people)

    (line,) = [
        each
        for each in english(people.first).get(address_of("")).context["summaries"]
        if each.round == people.round
    ]

    assert (line.version, str(line.stage), line.issued) == ("1.1", "definitief", "1")


def test_a_ministry_that_signs_off_reads_the_newest_letter_and_annex_and_not_the_note(people):
    freeze = story.frozen(people, Stage.CONCEPT)
    client = english(signer(people))

    answer = client.get(address_of("_round", people.round.pk))

    letter, annex = (file_of(freeze, kind) for kind in (Kind.LETTER, Kind.ANNEX))
    assert list(answer.context["files"]) == [letter, annex]
    assert "form" not in answer.text.split('id="content"')[1].split("<footer")[0].lower()
    assert client.get(address_of("_file", letter.pk)).status_code == 200
    assert people.round.pk in {
        each.round.pk for each in client.get(address_of("")).context["summaries"]
    }


@pytest.mark.parametrize("audience", list(Audience))
def test_a_ministry_never_gets_the_decision_note(people, audience):
    freeze = story.frozen(people, Stage.CONCEPT)
    note = file_of(freeze, Kind.DECISION_NOTE, audience=audience)

    answer = signed_in(signer(people)).get(address_of("_file", note.pk))

    assert answer.status_code == 404
    assert refusals("document.read") == 1
    assert not FileOpened.objects.exists()


def test_a_ministry_outside_the_plan_finds_no_letter(people):
    freeze = story.frozen(people, Stage.CONCEPT)
    client = signed_in(people.stranger)

    assert client.get(address_of("_round", people.round.pk)).status_code == 404
    assert client.get(address_of("_file", file_of(freeze, Kind.LETTER).pk)).status_code == 404
    assert people.round.pk not in {
        each.round.pk for each in client.get(address_of("")).context["summaries"]
    }


# What is to be done now.


def test_each_stage_has_one_main_button(people):
    freeze_address = address_of("_issue", 0).replace("0", "{}")
    assert next_of(people) == ("Maak concept", "concept", "")

    concept = story.frozen(people, Stage.CONCEPT)
    came_back = reverse("admin:production_remarks", args=[people.round.pk])
    assert next_of(people) == ("Voer in wat terugkwam", "", came_back)

    story.decided(people, concept)
    assert next_of(people) == ("Maak definitieve versie", "final", "")

    final = story.frozen(people)
    address = freeze_address.format(final.pk)
    assert next_of(people) == ("Bekijk wat wordt gecontroleerd", "", address)
    assert next_of(people, people.second) == ("Controleren en vaststellen", "", address)

    story.opened(final, people.second)
    issuing.issue(final, actor=people.second)
    assert next_of(people) == ("Vul in wanneer het is verzonden", "", "#send")

    issuing.dispatch_all(
        EditionIssue.objects.all(),
        actor=people.second,
        sent_on=timezone.localdate(),
        documents={},
    )
    assert next_of(people) == ("Maak openbaar", "", "#publish")

    later = timezone.now() + timedelta(days=2)
    issuing.publish(people.round, actor=people.first, released_at=later)
    assert next_of(people) == ("Bekijk het moment", "", "#publish")

    overwrite(type(people.round).objects.filter(pk=people.round.pk), released_at=timezone.now())
    assert next_of(people) == ("Vul de nummers in", "", "#send")


def test_a_set_that_was_not_agreed_to_asks_for_another_concept(people):
    concept = story.frozen(people, Stage.CONCEPT)
    story.decided(people, concept, Outcome.NOT_AGREED)

    assert next_of(people)[0] == "Voer in wat terugkwam"


def test_what_is_open_stands_on_the_page_and_stops_the_final_version(people):
    workflow.reopen(people.entry, actor=people.first, reason="Een getal klopt niet.")
    client = english(people.first)
    address = address_of("_freeze", people.round.pk)

    answer = client.post(address, {"stage": "final"})

    assert answer.status_code == 200
    code = people.entry.action_point.code
    assert code in answer.context["freeze_form"].errors.as_text()
    assert any(code in end.sentence for end in answer.context["ends"].blocking)
    assert not FreezeJob.objects.exists()


def test_a_warning_that_says_where_it_is_solved_stands_in_place_of_a_bare_sentence(
    people, monkeypatch
):
    workflow.reopen(people.entry, actor=people.first, reason="Een getal klopt niet.")
    found = [
        Warning("unapproved", "Nog niet goedgekeurd.", "/beheer/ergens/"),
        Warning("too_long", "Dit is lang.", "/beheer/elders/"),
    ]
    monkeypatch.setattr("reports.admin.production.warnings_of", lambda each: found)

    answer = whole(people)

    ends = answer.context["ends"]
    assert [end.sentence for end in ends.texts] == ["Nog niet goedgekeurd."]
    assert [end.sentence for end in ends.advice] == ["Dit is lang."]
    assert 'href="/beheer/ergens/"' in answer.text
    assert 'href="/beheer/elders/"' in answer.text


def test_a_text_that_changed_after_the_version_is_named_with_a_link(people):
    story.frozen(people, Stage.CONCEPT)
    workflow.reopen(people.entry, actor=people.first, reason="Een getal klopt niet.")
    people.write(people.entry, "Nu beter.")

    answer = whole(people)

    assert [each.pk for each in answer.context["newer_texts"]] == [people.entry.pk]
    assert reverse("admin:actions_statusentry_change", args=[people.entry.pk]) in answer.text


# Making.


@pytest.mark.parametrize("stage", [Stage.CONCEPT, Stage.FINAL])
def test_a_button_asks_for_a_version_and_the_page_follows_it(people, stage):
    client = english(people.first)

    answer = client.post(address_of("_freeze", people.round.pk), {"stage": stage})

    assert answer.headers["Location"] == address_of("_round", people.round.pk)
    followed = json.loads(client.get(address_of("_progress", people.round.pk)).content)
    assert followed["busy"] is True
    assert next_of(people)[0] == ""
    story.work()
    followed = json.loads(client.get(address_of("_progress", people.round.pk)).content)
    assert followed["busy"] is False
    found = whole(people).context["far"].newest
    assert (found.name, found.freeze.stage, found.is_complete) == ("1.1", stage, True)


def test_files_are_counted_while_they_are_made(people):
    client = english(people.first)
    client.post(address_of("_freeze", people.round.pk), {"stage": "concept"})
    first = FreezeJob.objects.get()
    jobs.run("freezejob", first.pk)

    answer = whole(people)

    made = RenderJob.objects.count()
    assert f"0 van {made} bestanden zijn gemaakt" in answer.text
    assert "nog niet gemaakt" in answer.text


def test_work_that_failed_says_why_and_can_be_tried_again(people, monkeypatch):
    story.frozen(people, Stage.CONCEPT)
    job = RenderJob.objects.filter(format=Format.ODT).first()
    assert job is not None
    overwrite(
        RenderJob.objects.filter(pk=job.pk), state=JobState.FAILED, reason="De schijf was vol."
    )
    client = english(people.first)

    assert "De schijf was vol." in whole(people).text
    assert next_of(people)[2] == "#progress"
    sent = {"kind": "renderjob", "job": job.pk}
    answer = client.post(address_of("_retry", people.round.pk), sent, follow=True)

    job.refresh_from_db()
    assert job.state == JobState.WAITING
    assert "Het wordt opnieuw geprobeerd." in answer.text


@pytest.mark.parametrize("job", ["", "x", "9" * 30, "0"])
def test_work_of_another_year_or_none_cannot_be_tried_again(people, job):
    other = story.ready_round()
    story.frozen(other, Stage.CONCEPT)
    client = signed_in(people.first)
    address = address_of("_retry", people.round.pk)

    assert client.post(address, {"kind": "renderjob", "job": job}).status_code == 404
    theirs = RenderJob.objects.latest("pk").pk
    assert client.post(address, {"kind": "renderjob", "job": theirs}).status_code == 404
    assert client.post(address, {"kind": "previewjob", "job": theirs}).status_code == 404


def test_fixing_that_failed_is_not_tried_again_beside_a_new_one(people):
    job = FreezeJob.objects.create(
        round=people.round,
        stage=Stage.CONCEPT,
        asked_by=people.first,
        state=JobState.FAILED,
        reason="Stuk.",
    )
    issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)

    answer = english(people.first).post(
        address_of("_retry", people.round.pk), {"kind": "freezejob", "job": job.pk}, follow=True
    )

    assert "worden al vastgelegd" in answer.text
    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_a_stage_that_does_not_exist_is_not_asked_for(people):
    address = address_of("_freeze", people.round.pk)

    assert signed_in(people.first).post(address, {"stage": "x"}).status_code == 404
    assert not FreezeJob.objects.exists()


def test_after_an_issue_another_edition_says_why_and_what_was_typed_stays(people):
    story.issued(people)
    client = english(people.first)
    address = address_of("_freeze", people.round.pk)

    without = client.post(address, {"stage": "concept", "reason": ""})
    assert without.context["freeze_form"].errors["reason"]
    issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first, reason="Eerder.")
    busy = client.post(address, {"stage": "concept", "reason": "Een getal is verbeterd."})
    assert "Een getal is verbeterd." in busy.text

    story.work()
    found = whole(people).context
    assert found["far"].newest.name == "2.1"
    assert found["freeze_form"]["reason"].value() == "Eerder."
    assert found["far"].issued.name == "1.1"


# Files.


def test_a_file_is_given_as_it_was_stored_and_that_it_was_opened_is_noted(people):
    freeze = story.frozen(people, Stage.CONCEPT)
    file = file_of(freeze, Kind.LETTER)
    client = signed_in(people.second)
    address = address_of("_file", file.pk)

    assert client.head(address).status_code == 200
    assert not FileOpened.objects.exists()
    answer = client.get(address)

    assert answer.content == bytes(file.content)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == (
        f'inline; filename="kamerbrief-{people.round.year}-1-1.pdf"'
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    assert [(each.file_id, each.by_id) for each in FileOpened.objects.all()] == [
        (file.pk, people.second.pk)
    ]


@pytest.mark.parametrize("to", [Format.DOCX, Format.ODT])
def test_a_file_for_an_office_program_is_saved_and_not_shown(people, to):
    freeze = story.frozen(people, Stage.CONCEPT)
    note = file_of(freeze, Kind.DECISION_NOTE, to, Audience.INTERNAL)

    answer = signed_in(people.first).get(address_of("_file", note.pk))

    name = f"beslisnota-{people.round.year}-1-1-intern.{to}"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_stored_page_runs_nothing_and_keeps_its_style(people):
    freeze = story.frozen(people, Stage.CONCEPT)
    file = file_of(freeze, Kind.LETTER, Format.HTML)

    policy = signed_in(people.first).get(address_of("_file", file.pk))["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "unsafe" not in policy


def test_a_file_that_was_changed_is_not_shown_and_that_stands_in_the_trail(people, monkeypatch):
    freeze = story.frozen(people, Stage.CONCEPT)
    file = file_of(freeze, Kind.LETTER)
    monkeypatch.setattr(EditionFile, "holds", lambda file: False)

    answer = english(people.first).get(address_of("_file", file.pk))

    assert answer.status_code == 500
    assert "is niet meer wat er bij het maken is opgeslagen" in answer.text
    assert refusals("document.read") == 1
    assert not FileOpened.objects.exists()


# Issuing, dispatching, publishing.


def missing(people: Cast, freeze: Freeze, user: User) -> set[str]:
    answer = english(user).get(address_of("_issue", freeze.pk))
    assert answer.status_code == 200
    return {check.code for _sentence, check in answer.context["checks"] if check.missing}


def test_the_page_says_what_is_missing_before_somebody_can_issue(people):
    freeze = story.frozen(people)

    assert missing(people, freeze, people.first) == {"hands", "decided", "opened"}
    assert missing(people, freeze, people.second) == {"decided", "opened"}
    story.decided(people, freeze)
    assert missing(people, freeze, people.second) == {"opened"}
    story.opened(freeze, people.second)
    assert missing(people, freeze, people.second) == set()


def test_the_pdfs_that_were_not_opened_are_links(people):
    freeze = story.frozen(people)
    story.decided(people, freeze)
    client = english(people.second)

    todo = client.get(address_of("_issue", freeze.pk)).context["unopened"]
    assert len(todo) == 4
    for file in todo:
        client.get(address_of("_file", file.pk))

    assert client.get(address_of("_issue", freeze.pk)).context["is_ready"]


def test_a_second_coordinator_issues_with_one_button(people):
    freeze = story.frozen(people)
    story.decided(people, freeze)
    story.opened(freeze, people.second)
    address = address_of("_issue", freeze.pk)

    answer = english(people.second).post(address)

    assert answer.headers["Location"] == address_of("_round", people.round.pk)
    assert EditionIssue.objects.filter(by=people.second).count() == 3
    assert "Deze versie is vastgesteld." in english(people.second).get(address).text


def test_who_made_it_is_told_why_they_cannot_issue(people):
    freeze = story.frozen(people)
    story.decided(people, freeze)
    story.opened(freeze, people.first)

    answer = english(people.first).post(address_of("_issue", freeze.pk))

    assert answer.status_code == 200
    assert "een tweede coördinator stelt ze vast" in answer.text
    assert not EditionIssue.objects.exists()


def test_a_concept_has_no_button_to_issue(people):
    freeze = story.frozen(people, Stage.CONCEPT)

    assert "final" in missing(people, freeze, people.second)
    assert (
        "<button"
        not in (
            english(people.second)
            .get(address_of("_issue", freeze.pk))
            .text.split('aria-labelledby="issue-heading"')[1]
            .split("</section>")[0]
        )
    )


def test_dispatch_is_noted_for_the_whole_set_and_its_numbers_later(people):
    story.issued(people)
    client = english(people.second)
    address = address_of("_dispatch", people.round.pk)
    today = timezone.localdate()
    number: ParliamentaryDocument = factories.ParliamentaryDocumentFactory()

    assert client.post(address, {"sent_on": today.isoformat()}).status_code == 302
    assert (
        client.post(address, {"sent_on": today.isoformat(), "letter": number.pk}).status_code == 302
    )

    found = {each.edition.kind: each for each in Dispatch.objects.select_related("edition")}
    assert {each.sent_on for each in found.values()} == {today}
    assert set(found) == set(Kind)
    assert found[Kind.LETTER].document == number
    assert found[Kind.ANNEX].document is None


@pytest.mark.parametrize("day", ["", "gisteren", "2999-01-01", "1800-01-01"])
def test_a_day_that_cannot_be_is_refused_with_a_sentence(people, day):
    story.issued(people)

    answer = english(people.second).post(address_of("_dispatch", people.round.pk), {"sent_on": day})

    assert answer.status_code == 200
    assert answer.context["dispatch_form"].errors["sent_on"]
    assert not Dispatch.objects.exists()


def test_nothing_is_dispatched_or_published_before_it_is_issued(people):
    story.frozen(people)
    client = english(people.first)
    today = timezone.localdate().isoformat()

    sent = client.post(address_of("_dispatch", people.round.pk), {"sent_on": today})
    published = client.post(address_of("_publish", people.round.pk))

    assert sent.status_code == 404
    assert published.status_code == 404
    people.round.refresh_from_db()
    assert people.round.released_at is None


def test_publishing_is_an_act_of_its_own(people):
    story.issued(people)
    people.round.refresh_from_db()
    assert people.round.released_at is None

    answer = english(people.first).post(address_of("_publish", people.round.pk))

    assert answer.status_code == 302
    people.round.refresh_from_db()
    assert people.round.is_released()


def test_issuing_a_correction_of_a_public_year_says_that_it_is_public_at_once(people):
    story.issued(people)
    issuing.publish(people.round, actor=people.first)
    freeze = story.frozen(people)

    answer = english(people.second).get(address_of("_issue", freeze.pk))

    assert answer.context["is_public_at_once"]


# Previews.


def test_a_preview_is_made_and_only_who_asked_gets_it(people):
    client = english(people.first)
    address = address_of("_preview", people.round.pk, "letter")

    assert client.get(address).status_code == 404
    assert client.post(address).headers["Location"] == address
    assert json.loads(client.get(address + "?progress").content)["busy"] is True
    assert "Kijk opnieuw" in client.get(address).text
    story.work()
    answer = client.get(address)

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"pdf")
    assert "private" in answer["Cache-Control"]
    assert signed_in(people.second).get(address).status_code == 404


def test_asking_for_a_preview_twice_makes_one(people):
    first = previews.ask(people.round, Kind.ANNEX, actor=people.first)
    second = previews.ask(people.round, Kind.ANNEX, actor=people.first)

    assert first.pk == second.pk
    assert DBTaskResult.objects.filter(args_kwargs__args=["previewjob", first.pk]).count() == 1


def test_a_preview_that_failed_says_why_and_is_made_anew_when_asked(people):
    job = previews.ask(people.round, Kind.LETTER, actor=people.first)
    overwrite(PreviewJob.objects.filter(pk=job.pk), state=JobState.FAILED, reason="Het is stuk.")
    client = english(people.first)
    address = address_of("_preview", people.round.pk, "letter")

    assert "Het is stuk." in client.get(address).text
    client.post(address)

    job.refresh_from_db()
    assert job.state == JobState.WAITING


def test_a_preview_shows_what_was_changed_since(people, monkeypatch):
    address = address_of("_preview", people.round.pk, "annex")
    client = english(people.first)
    client.post(address)
    story.work()
    before = client.get(address).content
    workflow.reopen(people.entry, actor=people.first, reason="Een getal klopt niet.")
    people.write(people.entry, "Heel iets anders.")
    workflow.submit(people.entry, actor=people.submitter)
    people.sign(people.entry)
    workflow.approve(people.entry, actor=people.first)

    client.post(address)
    story.work()

    after = client.get(address).content
    assert b"Heel iets anders." in after
    assert b"Heel iets anders." not in before


def test_a_document_that_does_not_exist_has_no_preview(people):
    assert (
        signed_in(people.first).post(address_of("_preview", people.round.pk, "x")).status_code
        == 404
    )


# A year that was read from public letters.


def test_a_past_year_is_made_as_a_reconstruction_and_issued_with_the_same_pages():
    each = factories.ReportingRoundFactory(released=True)
    factories.StatusEntryFactory(
        action_point=factories.ActionPointFactory(plan=each.plan),
        round=each,
        reconstructed="Gelezen.",
    )
    user = somebody(factories.NAP_COORDINATOR)
    client = english(user)
    address = address_of("_round", each.pk)

    assert client.get(address).context["next"].makes == Stage.RECONSTRUCTION
    client.post(address_of("_freeze", each.pk), {"stage": "reconstruction"})
    story.work()
    second = somebody(factories.NAP_COORDINATOR)
    freeze = Freeze.objects.get(round=each)
    story.opened(freeze, second)
    href = english(second).get(address).context["next"].href
    answer = english(second).post(href, follow=True)

    assert answer.context["far"].issued.name == "1.1"
    assert answer.context["next"].label == ""
    assert production.edition_number(each) == 2
    assert permissions.may_view(user)


# In a browser.


def as_person(page: Page, live_server: Any, user: User) -> None:
    """Let the browser be signed in as somebody."""
    cookie = signed_in(user).cookies[settings.SESSION_COOKIE_NAME]
    found = {"name": cookie.key, "value": cookie.value, "url": live_server.url}
    page.context.add_cookies([found])


def test_the_page_follows_the_work_and_shows_what_was_made(page: Page, live_server: Any) -> None:
    people = story.ready_round()
    as_person(page, live_server, people.first)
    page.goto(address_of("_round", people.round.pk))
    assert not faults(page)

    page.locator("button[name=stage][value=concept]").first.click()
    expect(page.locator("progress")).to_be_visible()
    assert not faults(page)
    story.work()

    # The script sees that it is done and shows the page anew.
    expect(page.locator("progress")).to_have_count(0)
    expect(page.locator(".nap-files a")).to_have_count(16)
    assert not faults(page)


def test_a_preview_opens_in_a_tab_of_its_own_and_waits_there(page: Page, live_server: Any) -> None:
    people = story.ready_round()
    as_person(page, live_server, people.first)
    page.goto(address_of("_round", people.round.pk))

    with page.context.expect_page() as opened:
        page.locator("form[action*='/preview/letter/'] button").click()

    expect(opened.value.locator("progress")).to_be_visible()
    assert not faults(opened.value)
    assert page.url.endswith(address_of("_round", people.round.pk))


def test_who_reads_and_who_issues_find_pages_without_faults(page: Page, live_server: Any) -> None:
    people = story.ready_round()
    freeze = story.frozen(people)
    for user, address in (
        (people.second, address_of("_issue", freeze.pk)),
        (people.second, address_of("")),
        (signer(people), address_of("_round", people.round.pk)),
    ):
        as_person(page, live_server, user)
        page.goto(address)
        assert not faults(page)


def test_what_is_left_after_issuing_is_told_in_its_order(people):
    story.issued(people)

    found = whole(people, people.second).context["next"]

    assert (found.href, found.after_href) == ("#send", "#publish")


def test_a_ministry_that_does_not_agree_stands_apart(people, monkeypatch):
    found = [Warning("not_agreed", "Nee.", "/a"), Warning("no_number", "Later.", "/b")]
    found += [Warning("unapproved", f"Tekst {each}.", "/c") for each in range(9)]
    monkeypatch.setattr("reports.admin.production.warnings_of", lambda each: found)
    monkeypatch.setattr(issuing, "unsettled", lambda each: ["Niet goedgekeurd."])

    ends = whole(people).context["ends"]

    assert [each.sentence for each in ends.against] == ["Nee."]
    assert [each.sentence for each in ends.advice] == ["Later."]
    assert (ends.count, ends.has_many_texts) == (9, True)

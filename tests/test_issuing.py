"""What is fixed stays as it is; a second person issues it, and only what is whole and agreed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from actions import workflow
from actions.choices import EntryState
from actions.models import OrganisationName, ReportingRound
from actions.workflow import NotPossible
from napmonitor.audit import trail
from napmonitor.audit.models import Result
from reports import arrangement, handling, issuing, jobs, production
from reports.builder import public_note
from reports.choices import Audience, Format, Handling, JobState, Kind, Outcome, Stage
from reports.document import Standing, to_text
from reports.models import (
    Dispatch,
    EditionFile,
    EditionIssue,
    EditionRemark,
    EditionVersion,
    Freeze,
    FreezeJob,
    RenderJob,
    ReportEdition,
)
from reports.renderers.rendered import NotRendered
from tests import edition_story as story
from tests.factories import overwrite
from tests.test_audit_tampering import drop_rule
from tests.workflow_people import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with story.quick_rendering():
        yield


@pytest.fixture
def people() -> Cast:
    return story.ready_round()


def refused(code: str) -> Any:
    return pytest.raises(NotPossible, check=lambda refusal: refusal.code == code)


# Fixing.


def test_one_request_makes_three_documents_in_four_forms(people):
    freeze = story.frozen(people, Stage.CONCEPT)

    files = set(
        EditionFile.objects.filter(version__freeze=freeze).values_list(
            "version__edition__kind", "audience", "format"
        )
    )
    assert files == {
        (kind, audience, to)
        for kind in Kind
        for audience in Audience
        for to in Format
        if kind == Kind.DECISION_NOTE or audience == Audience.PUBLIC
    }
    assert story.waiting_jobs() == []


def test_every_file_is_stored_with_its_hash(people):
    freeze = story.frozen(people)

    for file in EditionFile.objects.filter(version__freeze=freeze):
        assert hashlib.sha256(file.content).hexdigest() == file.sha256
        assert file.holds()
        assert file.size == len(file.content)


def test_versions_of_an_edition_are_numbered_on(people):
    first, second = story.frozen(people, Stage.CONCEPT), story.frozen(people, Stage.CONCEPT)

    assert [version.number for version in first.versions.all()] == [1, 1, 1]
    assert [version.number for version in second.versions.all()] == [2, 2, 2]
    assert ReportEdition.objects.filter(round=people.round).count() == 3


def test_a_concept_says_so_and_a_final_version_does_not(people):
    concept = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.LETTER)
    final = story.version_of(story.frozen(people, Stage.FINAL), Kind.LETTER)

    assert concept.document(Audience.PUBLIC).standing == Standing.CONCEPT
    assert "CONCEPT. Editie 1, versie 1" in concept.tree
    assert final.document(Audience.PUBLIC).standing == Standing.FINAL
    assert "concept" not in final.tree.casefold()


def test_the_public_note_is_a_tree_of_its_own(people):
    version = story.version_of(story.frozen(people), Kind.DECISION_NOTE)

    assert version.public_tree
    assert version.public_tree != version.tree
    assert version.document(Audience.PUBLIC).is_public
    assert not version.document(Audience.INTERNAL).is_public


def test_who_may_not_produce_asks_for_nothing(people):
    for stranger in (people.editor, people.submitter, people.administrator, people.reader):
        with pytest.raises(PermissionDenied):
            issuing.ask_freeze(people.round, Stage.CONCEPT, actor=stranger)
    assert not FreezeJob.objects.exists()


def test_a_second_request_waits_for_the_first(people):
    issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)

    with refused("busy"):
        issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.second)


@pytest.mark.parametrize("what", ["text", "date", "signatory"])
def test_a_final_version_is_not_made_while_something_is_unsettled(people, what):
    if what == "text":
        workflow.reopen(people.entry, actor=people.second, reason="Een fout.")
    elif what == "date":
        people.round.letter.date = None
        people.round.letter.save()
    else:
        people.round.letter.signatory = None
        people.round.letter.save()

    assert len(issuing.unsettled(people.round)) == 1
    with refused("unsettled"):
        issuing.ask_freeze(people.round, Stage.FINAL, actor=people.first)
    assert story.frozen(people, Stage.CONCEPT).stage == Stage.CONCEPT


def test_what_became_unsettled_before_a_worker_came_is_refused_by_the_worker(people):
    job = issuing.ask_freeze(people.round, Stage.FINAL, actor=people.first)
    workflow.reopen(people.entry, actor=people.second, reason="Een fout.")

    story.work()

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert people.entry.action_point.code in job.reason
    assert not Freeze.objects.filter(round=people.round).exists()


# Work that fails or is broken off.


def test_a_file_that_cannot_be_made_fails_with_its_reason_and_can_be_tried_again(
    people, monkeypatch
):
    def refuse(document: object, to: str) -> None:
        raise NotRendered("Het lettertype ontbreekt.")

    issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    (job,) = FreezeJob.objects.filter(round=people.round)
    with monkeypatch.context() as patch:
        patch.setattr("reports.rendering.render", refuse)
        story.work()
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.FAILED, "Het lettertype ontbreekt.")

    jobs.retry(job, actor=people.second)
    story.work()

    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert EditionFile.objects.filter(version__freeze=job.freeze).count() == 16


def test_an_unforeseen_error_tells_nothing_of_itself(people, monkeypatch):
    def burst(document: object, to: str) -> None:
        raise RuntimeError("/secret/path")

    issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    with monkeypatch.context() as patch:
        patch.setattr("reports.rendering.render", burst)
        story.work()

    (job,) = FreezeJob.objects.filter(round=people.round)
    assert job.state == JobState.FAILED
    assert job.reason
    assert "secret" not in job.reason


def test_work_of_a_dead_worker_is_picked_up_and_done_once(people):
    job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    held = jobs.claim(FreezeJob, job.pk)
    assert held is not None
    assert jobs.pick_up() == 0
    FreezeJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=1))

    assert jobs.pick_up() == 1
    story.work()

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    with pytest.raises(jobs.Lost):
        held.finish()
    assert Freeze.objects.filter(round=people.round).count() == 1


def test_work_that_was_broken_off_too_often_stays_down(people):
    job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    long_ago = timezone.now() - timedelta(minutes=1)
    FreezeJob.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, claim="dead", attempts=3, heartbeat_at=long_ago
    )

    assert jobs.pick_up() == 0

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "3" in job.reason


def test_a_job_is_done_by_one_worker(people):
    job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)

    assert jobs.claim(FreezeJob, job.pk) is not None
    assert jobs.claim(FreezeJob, job.pk) is None


def test_waiting_work_that_is_in_no_queue_is_put_there(people):
    from django_tasks_db.models import DBTaskResult

    job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    FreezeJob.objects.filter(pk=job.pk).update(asked_at=timezone.now() - timedelta(minutes=1))
    assert jobs.pick_up() == 0
    DBTaskResult.objects.all().delete()

    assert jobs.pick_up() == 1
    assert jobs.pick_up() == 0
    story.work()
    job.refresh_from_db()
    assert job.state == JobState.DONE


# Issuing.


def test_a_second_coordinator_issues_what_was_opened_and_agreed(people):
    freeze = story.issued(people)

    assert EditionIssue.objects.filter(version__freeze=freeze).count() == 3
    assert EditionVersion.objects.in_force().filter(edition__round=people.round).count() == 3
    assert trail.verify() == []


def test_who_fixed_the_documents_does_not_issue_them(people):
    freeze = story.frozen(people, actor=people.first)
    story.decided(people, freeze)
    story.opened(freeze, people.first)

    with refused("own_work"):
        issuing.issue(freeze, actor=people.first)


def test_who_wrote_in_the_documents_does_not_issue_them(people):
    with trail.atomic():
        trail.record("edition.write", actor=people.second, about=people.round)
    freeze = story.frozen(people, actor=people.first)
    story.decided(people, freeze)
    story.opened(freeze, people.second)

    with refused("own_work"):
        issuing.issue(freeze, actor=people.second)


@pytest.mark.parametrize("role", ["editor", "submitter", "administrator", "reader", "stranger"])
def test_who_is_no_coordinator_issues_nothing(people, role):
    freeze = story.frozen(people)
    story.decided(people, freeze)

    with pytest.raises(PermissionDenied):
        issuing.issue(freeze, actor=getattr(people, role))


def test_unopened_documents_are_not_issued(people):
    freeze = story.frozen(people)
    story.decided(people, freeze)

    with refused("unopened"):
        issuing.issue(freeze, actor=people.second)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(None, "undecided"), (Outcome.NOT_AGREED, "not_agreed"), (Outcome.WITH_CHANGE, "condition")],
)
def test_what_was_not_agreed_is_not_issued(people, outcome, code):
    freeze = story.frozen(people)
    if outcome:
        story.decided(people, freeze, outcome)
    story.opened(freeze, people.second)

    with refused(code):
        issuing.issue(freeze, actor=people.second)


def test_an_open_remark_stops_the_issue(people):
    freeze = story.frozen(people)
    story.decided(people, freeze)
    story.opened(freeze, people.second)
    EditionRemark.objects.create(
        version=story.version_of(freeze, Kind.LETTER),
        node_id="inleiding-plan",
        on_behalf_of="de minister",
        text="Korter.",
        author=people.first,
    )

    with refused("open_remarks"):
        issuing.issue(freeze, actor=people.second)


def test_a_concept_is_not_issued(people):
    freeze = story.frozen(people, Stage.CONCEPT)

    with refused("not_final"):
        issuing.issue(freeze, actor=people.second)


def test_an_older_version_is_not_issued(people):
    freeze = story.frozen(people)
    story.frozen(people)
    story.decided(people, freeze)
    story.opened(freeze, people.second)

    with refused("overtaken"):
        issuing.issue(freeze, actor=people.second)


def test_a_set_without_all_its_files_is_not_issued(people):
    issuing.ask_freeze(people.round, Stage.FINAL, actor=people.first)
    (job,) = FreezeJob.objects.filter(round=people.round)
    jobs.run("freezejob", job.pk)
    job.refresh_from_db()
    assert job.freeze is not None
    story.decided(people, job.freeze)
    story.opened(job.freeze, people.second)

    with refused("incomplete"):
        issuing.issue(job.freeze, actor=people.second)


@pytest.mark.parametrize("what", ["tree", "file"])
def test_what_was_changed_behind_our_back_is_not_issued(people, what):
    freeze = story.frozen(people)
    story.decided(people, freeze)
    story.opened(freeze, people.second)
    version = story.version_of(freeze, Kind.LETTER)
    drop_rule("reports.editionversion")
    drop_rule("reports.editionfile")
    if what == "tree":
        overwrite(EditionVersion.objects.filter(pk=version.pk), tree=version.tree + " ")
    else:
        files = EditionFile.objects.filter(version=version, format=Format.DOCX)
        overwrite(files, content=b"something else")

    with refused("changed"):
        issuing.issue(freeze, actor=people.second)
    assert trail.verify()


def test_an_issued_edition_is_issued_once(people):
    freeze = story.issued(people)

    with refused("issued"):
        issuing.issue(freeze, actor=people.second)


def test_a_correction_is_a_new_edition_that_takes_the_place_of_the_first(people):
    first = story.issued(people)
    with refused("no_reason"):
        issuing.ask_freeze(people.round, Stage.FINAL, actor=people.first)

    second = story.issued(people)

    numbers = {version.edition.number for version in second.versions.all()}
    assert numbers == {2}
    in_force = EditionVersion.objects.in_force().filter(edition__round=people.round)
    assert {version.freeze for version in in_force} == {second}
    assert EditionIssue.objects.filter(version__freeze=first).count() == 3


def test_who_had_a_hand_in_the_first_edition_may_issue_the_second(people):
    story.issued(people)
    freeze = story.frozen(people, actor=people.second)
    story.decided(people, freeze)
    story.opened(freeze, people.first)

    issuing.issue(freeze, actor=people.first)

    assert EditionIssue.objects.filter(version__freeze=freeze).count() == 3


# Nothing changes what was issued.


def fingerprint(freeze: Freeze) -> list[object]:
    versions = freeze.versions.order_by("pk")
    return [
        [(version.tree, version.tree_hash, version.public_tree) for version in versions],
        [
            (bytes(file.content), file.sha256)
            for file in EditionFile.objects.filter(version__freeze=freeze).order_by("pk")
        ],
    ]


def test_later_changes_leave_the_issued_bytes_as_they_were(people):
    freeze = story.issued(people)
    before = fingerprint(freeze)

    name = OrganisationName.objects.filter(organisation=people.lead).latest("pk")
    name.name = "ministerie van Iets Heel Anders"
    name.save()
    point = people.entry.action_point
    point.title_nl = "Een andere titel"
    point.save()
    workflow.reopen(people.entry, actor=people.second, reason="Een fout.")
    people.write(people.entry, "Een heel ander verhaal.")
    people.editor.name = "Iemand Anders"
    people.editor.save()

    assert fingerprint(freeze) == before
    assert [entry.pk for entry in issuing.newer_texts(freeze)] == [people.entry.pk]
    assert all(version.holds() for version in freeze.versions.all())
    live = production.document(production.read(people.round, Stage.CONCEPT), Kind.LETTER)
    stored = story.version_of(freeze, Kind.LETTER).document(Audience.PUBLIC)
    assert live.sections != stored.sections


# Out into the world.


def test_dispatch_is_noted_and_gets_its_number_later(people):
    story.issued(people)
    issued = EditionIssue.objects.get(version__edition__kind=Kind.LETTER)
    today = timezone.localdate()

    issuing.dispatch(issued, actor=people.second, sent_on=today)
    issuing.dispatch(issued, actor=people.second, sent_on=today, document=people.round.letter)

    row = Dispatch.objects.get(edition=issued.edition)
    assert (row.sent_on, row.document) == (today, people.round.letter)
    assert Dispatch.history.filter(edition=issued.edition).count() == 2


def test_a_round_is_published_only_with_an_issued_edition(people):
    story.frozen(people)
    with refused("not_issued"):
        issuing.publish(people.round, actor=people.second)

    story.issued(people)
    issuing.publish(people.round, actor=people.second)

    people.round.refresh_from_db()
    assert people.round.is_released()


def test_a_round_with_a_changed_file_is_not_published(people):
    freeze = story.issued(people)
    drop_rule("reports.editionfile")
    files = EditionFile.objects.filter(version__freeze=freeze, format=Format.ODT)
    overwrite(files, content=b"other")

    with refused("changed"):
        issuing.publish(people.round, actor=people.second)
    people.entry.refresh_from_db()
    assert people.entry.state == EntryState.APPROVED
    assert people.entry.published_version is None


def test_files_are_asked_for_once(people):
    freeze = story.frozen(people)

    assert RenderJob.objects.filter(version__freeze=freeze).count() == 14
    assert {job.state for job in story.jobs_of(freeze)} == {JobState.DONE}


# What a second reader asked.


def write(people: Cast, actor: Any) -> None:
    with trail.atomic():
        trail.record("edition.write", actor=actor, about=people.round)


def test_a_refused_attempt_to_issue_forgets_nobody_who_wrote(people):
    write(people, people.second)
    trail.record("edition.issue", actor=people.editor, about=people.round, result=Result.REFUSED)

    assert production.hands(people.round) == {people.second.pk}


def test_what_was_written_after_a_set_was_fixed_counts_for_the_next(people):
    freeze = story.frozen(people)
    write(people, people.second)
    story.decided(people, freeze)
    story.opened(freeze, people.second)
    issuing.issue(freeze, actor=people.second)

    later = story.frozen(people)

    assert people.second.pk in later.hands


def test_who_entered_a_decision_has_a_hand_in_the_next_version(people):
    freeze = story.frozen(people, Stage.CONCEPT)
    story.decided(people, freeze)

    assert production.hands(people.round) == {people.first.pk}


def test_a_remark_that_was_handled_after_the_freeze_asks_for_a_new_version(people):
    freeze = story.frozen(people)
    remark = handling.add_remark(
        story.version_of(freeze, Kind.LETTER),
        node_id="inleiding-plan",
        on_behalf_of="de minister",
        text="Korter.",
        actor=people.first,
    )
    handling.handle_remark(
        remark, actor=people.first, handling=Handling.TAKEN, answer="De alinea is geschrapt."
    )
    story.decided(people, freeze)
    story.opened(freeze, people.second)

    with refused("handled_later"):
        issuing.issue(freeze, actor=people.second)


def test_one_office_does_not_overrule_another(people):
    freeze = story.frozen(people)
    story.decided(people, freeze, Outcome.NOT_AGREED)
    story.give_letter(people)
    story.decided(people, freeze)
    story.opened(freeze, people.second)

    with refused("not_agreed"):
        issuing.issue(freeze, actor=people.second)


def test_a_text_that_was_reopened_after_the_freeze_stops_the_issue(people):
    freeze = story.frozen(people)
    story.decided(people, freeze)
    story.opened(freeze, people.second)
    workflow.reopen(people.entry, actor=people.second, reason="Een fout.")

    with refused("unfinished"):
        issuing.issue(freeze, actor=people.second)


def test_a_round_of_which_the_documents_are_made_is_published_by_no_other_way(people):
    story.frozen(people)

    with refused("not_issued"):
        workflow.publish_round(people.round, actor=people.second)


def test_what_is_published_is_what_the_issued_letter_says(people):
    story.issued(people)
    workflow.reopen(people.entry, actor=people.second, reason="Een fout.")
    people.write(people.entry, "Een heel ander verhaal.")
    workflow.submit(people.entry, actor=people.submitter)
    people.sign(people.entry)
    workflow.approve(people.entry, actor=people.first)

    with refused("newer_texts"):
        issuing.publish(people.round, actor=people.second)


def test_what_officials_thought_of_a_text_is_not_in_the_public_note(people):
    first = story.frozen(people, Stage.CONCEPT)
    remark = handling.add_remark(
        story.version_of(first, Kind.LETTER),
        node_id="inleiding-plan",
        on_behalf_of="de minister",
        text="De Kamer hoeft dit niet te weten.",
        actor=people.first,
    )
    handling.handle_remark(
        remark, actor=people.first, handling=Handling.NOT_TAKEN, answer="Dit blijft staan."
    )
    story.decided(people, first, Outcome.NOT_AGREED)

    note = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.DECISION_NOTE)

    assert "hoeft dit niet te weten" in note.tree
    for secret in ("hoeft dit niet te weten", "Dit blijft staan", "Korter"):
        assert secret not in note.public_tree


def test_what_a_coordinator_puts_in_the_closed_part_of_the_note_stays_closed(people):
    reading = production.read(people.round, Stage.CONCEPT)
    bare = production.note(reading, {})
    rows = tuple(
        replace(row, own="Vertrouwelijk: er is ruzie.") if row.part == "niet-openbaar" else row
        for row in arrangement.stored(bare)
    )
    assert "Vertrouwelijk: er is ruzie." in {row.own for row in rows}

    arranged = replace(reading, arranged={**reading.arranged, Kind.DECISION_NOTE: rows})
    public = public_note(production.note(arranged, {}), reading.names)

    assert "er is ruzie" not in to_text(public)


def test_a_person_does_not_issue_a_reconstruction_of_their_own(people):
    each = ReportingRound.objects.get(year=2025)
    job = issuing.ask_freeze(each, Stage.RECONSTRUCTION, actor=people.first)
    story.work()
    job.refresh_from_db()
    assert job.freeze is not None

    with refused("own_work"):
        issuing.issue_reconstruction(job.freeze, actor=people.first)


@pytest.mark.parametrize("hours", [-2, 2])
def test_work_with_a_sign_of_life_of_another_time_is_picked_up(people, hours):
    job = issuing.ask_freeze(people.round, Stage.CONCEPT, actor=people.first)
    assert jobs.claim(FreezeJob, job.pk) is not None
    FreezeJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() + timedelta(hours=hours))

    assert jobs.pick_up() == 1

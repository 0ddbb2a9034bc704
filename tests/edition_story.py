"""A round on its way to an edition, for the tests of what is fixed, issued and sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from unittest import mock

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from actions.choices import DocumentKind as Registered
from actions.choices import EntryState, Verdict
from actions.models import Office, OfficeHolding, ParliamentaryDocument, PlanParticipant
from napmonitor.accounts.models import User
from reports import handling, issuing, jobs, rendering
from reports.choices import Audience, Format, Handling, JobState, Kind, Outcome, Stage
from reports.document import Document, nodes, to_text
from reports.models import Decision, EditionVersion, Freeze, FreezeJob, RenderJob
from reports.renderers.rendered import Rendered
from tests.workflow_people import Cast, cast


@contextmanager
def quick_rendering() -> Iterator[None]:
    """Let every file be the text of its document, for tests that do not look at pages.

    A test that puts something else in its place within this takes it away within this too: the
    one undone last decides what all tests after it render with.
    """
    with mock.patch.object(rendering, "render", _as_text):
        yield


def _as_text(document: Document, to: str) -> Rendered:
    pages = {node.id: number // 5 + 1 for number, node in enumerate(nodes(document))}
    content = f"{to}\n{to_text(document)}".encode()
    return Rendered(content, pages if to == Format.PDF else {})


def ready_round(points: int = 2) -> Cast:
    """Return a round of which all texts are approved, with a letter that has date and signatory."""
    people = cast(points=points)
    for entry in people.entries:
        people.bring(entry, EntryState.APPROVED)
    give_letter(people)
    return people


def give_letter(people: Cast) -> None:
    """Register the letter of a round, with its date and who signs it."""
    office = Office.objects.create(
        slug=f"minister-{people.round.pk}-{Office.objects.count()}",
        title="Minister voor Proeven",
        organisation=people.lead,
        valid_from=date(2020, 1, 1),
    )
    holding = OfficeHolding.objects.create(
        office=office, person="J. de Proef", valid_from=date(2020, 1, 1)
    )
    people.round.letter = ParliamentaryDocument.objects.create(
        kind=Registered.LETTER,
        title="Voortgang",
        date=timezone.localdate(),
        signatory=holding,
        sender_reference=f"MIN-{people.round.pk}",
    )
    people.round.save()


def frozen(
    people: Cast, stage: Stage = Stage.FINAL, actor: User | None = None, *, files: bool = True
) -> Freeze:
    """Ask for a set and let the work be done; return it, with all its files or the first two."""
    job = issuing.ask_freeze(people.round, stage, actor=actor or people.first, reason="Beter.")
    if files:
        work()
    else:
        jobs.run("freezejob", job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.reason
    assert job.freeze is not None
    return job.freeze


def work() -> None:
    """Do what is in the queue until it is empty, as a worker would."""
    while waiting := DBTaskResult.objects.ready().first():
        waiting.claim("a test")
        jobs.run(*waiting.args_kwargs["args"])
        waiting.set_successful(None)


def decided(people: Cast, freeze: Freeze, outcome: Outcome = Outcome.AGREED) -> Decision:
    """Enter what the minister decided on the note of a set."""
    office = Office.objects.filter(organisation=people.lead).latest("pk")
    return handling.decide(
        version_of(freeze, Kind.DECISION_NOTE),
        office=office,
        decided_on=timezone.localdate(),
        outcome=outcome,
        condition="" if outcome == Outcome.AGREED else "Korter.",
        actor=people.first,
    )


def opened(freeze: Freeze, actor: User) -> None:
    """Open the PDFs of a set."""
    for version in freeze.versions.all():
        for file in version.files.filter(format=Format.PDF):
            issuing.note_opened(file, actor=actor)


def issued(people: Cast) -> Freeze:
    """Bring a round to an issued edition."""
    freeze = frozen(people)
    decided(people, freeze)
    opened(freeze, people.second)
    issuing.issue(freeze, actor=people.second)
    return freeze


def tell() -> None:
    """Issue an edition, and bring a second as far as a decision whose condition was met."""
    people = ready_round(points=1)
    PlanParticipant.objects.create(plan=people.round.plan, organisation=people.partner)
    with quick_rendering():
        issued(people)
        first = frozen(people, Stage.CONCEPT, files=False)
        letter = version_of(first, Kind.LETTER)
        node = next(iter(nodes(letter.document(Audience.PUBLIC)))).id
        words = {"node_id": node, "on_behalf_of": "de minister", "actor": people.first}
        remark = handling.add_remark(letter, text="Korter.", **words)
        handling.add_remark(letter, text="Duidelijker.", **words)
        handling.handle_remark(
            remark, actor=people.first, handling=Handling.TAKEN, answer="Ingekort."
        )
        handling.sign_off(
            letter, organisation=people.partner, verdict=Verdict.AGREED, actor=people.signer
        )
        decided(people, first)
        decision = decided(people, first, Outcome.WITH_CHANGE)
        second = frozen(people, Stage.CONCEPT, files=False)
        handling.meet_condition(
            decision, version=version_of(second, Kind.DECISION_NOTE), actor=people.first
        )


def version_of(freeze: Freeze, kind: Kind) -> EditionVersion:
    return freeze.versions.get(edition__kind=kind)


def jobs_of(freeze: Freeze) -> list[RenderJob]:
    return list(RenderJob.objects.filter(version__freeze=freeze))


def waiting_jobs() -> list[FreezeJob | RenderJob]:
    return [*FreezeJob.objects.unfinished(), *RenderJob.objects.unfinished()]

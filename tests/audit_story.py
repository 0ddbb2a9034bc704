"""A row of everything that is append-only, made the way the application makes it."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from actions import editing, remarks, workflow
from actions.choices import Answer, Basis, Progress, RemarkField, Schedule, Verdict
from actions.editing import Content
from actions.models import Organisation, StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit.constraints import AppendOnly
from tests import edition_story
from tests.factories import (
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    ActionPointFactory,
    OrganisationFactory,
    ReportingRoundFactory,
    SourceFactory,
    StatusEntryFactory,
    somebody,
)

# Every append-only table with its rule: from the models themselves, so that a new one is here too.
APPEND_ONLY: dict[str, tuple[type[models.Model], AppendOnly]] = {
    model._meta.label_lower: (model, rule)
    for model in apps.get_models()
    for rule in model._meta.constraints
    if isinstance(rule, AppendOnly)
}

TEXT = Content(
    progress=Progress.IN_PROGRESS,
    progress_basis=Basis.DERIVED,
    schedule=Schedule.DELAYED,
    continues_after_plan=None,
    narrative="Coördinatie, 20 % meer – «één» 😀 e\u0301\r\n\ttab \\ \"quoted\" 'single'",
    outlook="",
    informed_before=True,
    informed_reference="Kamerstuk 32 735, nr. 377",
)


def tell_story() -> StatusEntry:
    """Let ministries write, remark, answer and sign off, and coordinators publish and correct."""
    lead, along = OrganisationFactory(), OrganisationFactory()
    each = ReportingRoundFactory(opened=True)
    point = ActionPointFactory(plan=each.plan, lead=lead, co_responsible=along)
    entry = StatusEntryFactory(round=each, action_point=point)
    writer, signer = somebody(MINISTRY_COORDINATOR, lead), somebody(MINISTRY_COORDINATOR, along)
    coordinator = somebody(NAP_COORDINATOR)

    sources = [(SourceFactory(), "p. 2"), (SourceFactory(), "")]
    editing.save_text(entry, TEXT, author=writer, read_version=0, sources=sources)
    made = [
        remarks.make(
            entry,
            text="Korter.",
            author=signer,
            read_version=1,
            field=RemarkField.NARRATIVE,
            proposal=words,
        )
        for words in ("Kort.", "Korter nog.")
    ]
    accepted = {"answer": Answer.ACCEPTED, "actor": writer}
    remarks.answer(made[0], read_version=1, **accepted)
    refused = {"answer": Answer.REJECTED, "reason": "Nee, één moet blijven.", "actor": writer}
    remarks.answer(made[1], read_version=2, **refused)
    _approve(entry, writer, signer, coordinator, along)
    workflow.publish_round(each, actor=coordinator)
    workflow.reopen(entry, actor=coordinator, reason="Een cijfer klopt niet.")
    entry.refresh_from_db()
    editing.save_text(entry, TEXT, author=writer, read_version=2)
    _approve(entry, writer, signer, coordinator, along)
    workflow.publish_correction(entry, actor=coordinator, reason="Een cijfer is verbeterd.")
    # One that nobody answers.
    remarks.make(entry, text="Dank.", author=coordinator, read_version=3)
    entry.refresh_from_db()
    return entry


def tell_of(label: str) -> None:
    """Make a row of one append-only table; of all of them when none is named."""
    if not label.startswith("reports."):
        tell_story()
    if not label or label.startswith("reports."):
        edition_story.tell()


def _approve(
    entry: StatusEntry, writer: User, signer: User, coordinator: User, along: Organisation
) -> None:
    workflow.submit(entry, actor=writer)
    entry.refresh_from_db()
    assert entry.latest_version is not None
    workflow.sign_off(
        entry,
        organisation=along,
        verdict=Verdict.AGREED_WITH_REMARK,
        remark="Akkoord, met één opmerking.",
        actor=signer,
        read_version=entry.latest_version.number,
    )
    workflow.approve(entry, actor=coordinator)


def row_of(label: str) -> models.Model:
    """Return the last row of an append-only table."""
    row = APPEND_ONLY[label][0]._default_manager.order_by("pk").last()
    assert row is not None, f"Let tell_story make a row of {label}."
    return row

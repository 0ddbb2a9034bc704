"""People, entries and checks that the tests of the workflow share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import models

from actions import editing, workflow
from actions.choices import Basis, EntryState, Progress, Verdict
from actions.models import (
    Citation,
    Correction,
    EntryRemark,
    EntrySource,
    EntryVersion,
    Organisation,
    RemarkAnswer,
    ReportingRound,
    SignOff,
    StatusEntry,
    Transition,
)
from napmonitor.accounts.models import User
from napmonitor.audit.models import AuditEvent
from tests import factories
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    somebody,
)

# Rows that are only ever added: that there are no more of them says that nothing was written.
ADDED: tuple[type[models.Model], ...] = (
    AuditEvent,
    Citation,
    Correction,
    EntryRemark,
    EntrySource,
    EntryVersion,
    RemarkAnswer,
    SignOff,
    Transition,
)


@dataclass(frozen=True, slots=True)
class Cast:
    """One open round, the ministry with the pen, one that answers along, and all the roles."""

    round: ReportingRound
    entries: tuple[StatusEntry, ...]
    lead: Organisation
    partner: Organisation
    editor: User
    submitter: User
    partner_editor: User
    signer: User
    first: User
    second: User
    administrator: User
    reader: User
    stranger: User

    @property
    def entry(self) -> StatusEntry:
        """The first entry, for a test that needs one only."""
        return self.entries[0]

    def write(self, entry: StatusEntry, narrative: str = "Much was done.") -> EntryVersion:
        """Store another text of the editor."""
        entry.refresh_from_db()
        number = entry.latest_version.number if entry.latest_version else 0
        return editing.save_text(entry, content(narrative), author=self.editor, read_version=number)

    def sign(
        self, entry: StatusEntry, verdict: Verdict = Verdict.AGREED, remark: str = ""
    ) -> SignOff:
        """Give the word of the ministry that answers along, on the text as it stands."""
        entry.refresh_from_db()
        version = entry.latest_version
        return workflow.sign_off(
            entry,
            organisation=self.partner,
            verdict=verdict,
            actor=self.signer,
            read_version=version.number if version else 0,
            remark=remark,
        )

    def bring(self, entry: StatusEntry, state: EntryState) -> StatusEntry:
        """Bring an empty entry to a state the way people do, with a text of the editor."""
        self.write(entry)
        if state == EntryState.NOT_SUPPLIED:
            workflow.mark_not_supplied(entry, actor=self.first, reason="Nothing came.")
        elif state != EntryState.CONCEPT:
            workflow.submit(entry, actor=self.submitter)
        if state == EntryState.RETURNED:
            workflow.send_back(entry, actor=self.first, reason="Say more.")
        if state == EntryState.APPROVED:
            self.sign(entry)
            workflow.approve(entry, actor=self.first)
        entry.refresh_from_db()
        return entry


def cast(points: int = 1, **options: Any) -> Cast:
    """Make a round that is open, with this many points of one ministry, and everybody's roles."""
    lead = factories.OrganisationFactory(named=True)
    partner = factories.OrganisationFactory(named=True)
    foreign_affairs = factories.OrganisationFactory(named=True)
    each = factories.ReportingRoundFactory(opened=True, **options)
    entries = tuple(
        factories.StatusEntryFactory(
            action_point=factories.ActionPointFactory(
                plan=each.plan, lead=lead, co_responsible=partner
            ),
            round=each,
        )
        for _number in range(points)
    )
    return Cast(
        round=each,
        entries=entries,
        lead=lead,
        partner=partner,
        editor=somebody(EDITOR, lead),
        submitter=somebody(MINISTRY_COORDINATOR, lead),
        partner_editor=somebody(EDITOR, partner),
        signer=somebody(MINISTRY_COORDINATOR, partner),
        first=somebody(NAP_COORDINATOR, foreign_affairs),
        second=somebody(NAP_COORDINATOR, foreign_affairs),
        administrator=somebody(ADMINISTRATOR, foreign_affairs),
        reader=somebody(READER, foreign_affairs),
        stranger=somebody(MINISTRY_COORDINATOR),
    )


def content(narrative: str = "Much was done.", **options: Any) -> editing.Content:
    """Return a text that can be submitted."""
    options = {"progress": Progress.IN_PROGRESS, "progress_basis": Basis.STATED} | options
    return editing.Content(narrative=narrative, **options)


def stored() -> list[object]:
    """Return what the workflow can write: two tables as they are, the others by their length."""
    return [
        list(StatusEntry.objects.order_by("pk").values_list()),
        list(ReportingRound.objects.order_by("pk").values_list()),
        [each._default_manager.count() for each in ADDED],
    ]


@contextmanager
def not_possible(code: str, field: str = "", *, says: str = "") -> Iterator[None]:
    """Expect a refusal with this code and at this field, which changed nothing."""
    before = stored()
    with pytest.raises(workflow.NotPossible) as refusal:
        yield
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert str(refusal.value).strip()
    assert says in str(refusal.value)
    assert stored() == before


@contextmanager
def denied() -> Iterator[None]:
    """Expect that somebody has no right to this, and that nothing changed."""
    before = stored()
    with pytest.raises(PermissionDenied):
        yield
    assert stored() == before


def events(action: str, about: models.Model) -> list[AuditEvent]:
    """Return what the audit trail says about this, oldest first."""
    found = AuditEvent.objects.filter(
        action=action, object_type=about._meta.label_lower, object_id=str(about.pk)
    )
    return list(found.order_by("sequence"))

"""Rows that can change, held against what the audit trail says they became."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.translation import gettext
from pytest_django import Settings

from actions import rights, workflow
from actions.bookkeeping import contradictions
from actions.choices import EntryState
from actions.models import Membership, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from tests.factories import EDITOR, overwrite
from tests.workflow_people import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(settings: Settings) -> Cast:
    """Make a round that went all the way, next to the plan and its demonstration accounts.

    The factories store roles and rounds past the functions that tell of them; here they are told.
    """
    settings.NAP_DEMO = True
    call_command("seed_demo", stdout=StringIO())
    made = cast(points=2)
    overwrite(ReportingRound.objects.filter(pk=made.round.pk), opened_on=None)
    workflow.open_round(made.round, actor=made.first)
    made.bring(made.entries[0], EntryState.APPROVED)
    made.bring(made.entries[1], EntryState.NOT_SUPPLIED)
    workflow.publish_round(
        made.round, actor=made.first, released_at=timezone.now() + timedelta(days=1)
    )
    workflow.publish_round(
        made.round, actor=made.first, released_at=timezone.now() + timedelta(days=2)
    )
    workflow.reopen(made.entries[0], actor=made.first, reason="A number is wrong.")
    made.write(made.entries[0], "With the right number.")
    workflow.submit(made.entries[0], actor=made.submitter)
    made.sign(made.entries[0])
    workflow.approve(made.entries[0], actor=made.first)
    workflow.publish_correction(made.entries[0], actor=made.first, reason="A number.")
    return made


def found() -> list[str]:
    """Return what is told but for the roles that the factories stored without an event."""
    untold = {
        gettext("No event tells who gave role %d.") % key
        for key in Membership.objects.values_list("pk", flat=True)
    }
    return [sentence for sentence in contradictions() if sentence not in untold]


def test_what_the_application_did_holds(people: Cast) -> None:
    administrator = User.objects.get(email="beheerder.bz@nap-monitor.example")
    membership = Membership.objects.get(user__email="redacteur.szw@nap-monitor.example")
    membership.valid_until = date(2090, 1, 1)
    rights.save_membership(membership, actor=administrator)

    assert found() == []


CHANGES: dict[str, Callable[[Cast], Any]] = {
    "state": lambda people: StatusEntry.objects.filter(pk=people.entry.pk).update(
        state=EntryState.RETURNED
    ),
    "published text": lambda people: StatusEntry.objects.filter(pk=people.entry.pk).update(
        published_version=people.entry.versions.order_by("number").first()
    ),
    "withdrawn text": lambda people: StatusEntry.objects.filter(pk=people.entry.pk).update(
        published_version=None
    ),
    "release": lambda people: overwrite(
        ReportingRound.objects.filter(pk=people.round.pk), released_at=timezone.now()
    ),
    "period of a role": lambda people: overwrite(
        Membership.objects.filter(user__email="redacteur.szw@nap-monitor.example"),
        valid_until=date(2090, 1, 1),
    ),
    "role": lambda people: overwrite(
        Membership.objects.filter(user__email="redacteur.szw@nap-monitor.example"),
        group=Group.objects.exclude(name=EDITOR).first(),
    ),
    "account": lambda people: User.objects.filter(email="redacteur.szw@nap-monitor.example").update(
        is_superuser=True
    ),
    "ended account": lambda people: User.objects.filter(
        email="redacteur.szw@nap-monitor.example"
    ).update(is_active=False),
    "what a role may do": lambda people: Group.objects.get(name=EDITOR).permissions.add(
        Permission.objects.get(codename="approve_statusentry")
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_row_that_was_changed_past_the_application_is_found(people: Cast, name: str) -> None:
    CHANGES[name](people)

    assert len(found()) == 1


def test_round_that_was_opened_past_the_application_is_found() -> None:
    each = ReportingRound.objects.filter(opened_on=None, released_at=None).first()
    overwrite(ReportingRound.objects.filter(pk=each.pk), opened_on=date(2026, 1, 1))

    assert len(found()) == 1


def test_role_that_is_gone_is_found(people: Cast) -> None:
    Membership.objects.get(user__email="redacteur.szw@nap-monitor.example").delete()

    assert len(found()) == 1


def test_verify_audit_tells_of_it(people: Cast) -> None:
    CHANGES["state"](people)

    with pytest.raises(CommandError) as failure:
        call_command("verify_audit", stdout=StringIO())

    assert str(people.entry) in str(failure.value)

"""The demonstration accounts."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from actions.models import Membership, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    MembershipFactory,
    ReportingRoundFactory,
    overwrite,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Make passwords cheap: how dear they are in real use is not tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


DOMAIN = "@nap-monitor.example"


def seed() -> list[list[str]]:
    """Run the command and return its rows, the heading left out."""
    output = StringIO()
    call_command("seed_demo", stdout=output)
    _heading, line, *rows = output.getvalue().splitlines()
    ends = [0]
    for dashes in line.split("  "):
        ends.append(ends[-1] + len(dashes) + 2)
    return [
        [row[start:end].strip() for start, end in zip(ends, ends[1:], strict=False)] for row in rows
    ]


def accounts() -> dict[str, list[tuple[str, str]]]:
    """Return who has which roles today."""
    return {
        user.email: [
            (row.group.name, row.organisation.slug)
            for row in Membership.objects.on(timezone.localdate()).filter(user=user)
        ]
        for user in User.objects.filter(email__endswith=DOMAIN)
    }


@pytest.mark.parametrize("demo", [False, None, "True"])
def test_seed_demo_refuses_outside_a_demonstration(settings: Settings, demo: object) -> None:
    settings.NAP_DEMO = demo

    with pytest.raises(CommandError):
        seed()

    assert accounts() == {}


def test_seed_demo_makes_an_account_for_every_role(settings: Settings) -> None:
    settings.NAP_DEMO = True

    rows = seed()

    roles = sorted(role for held in accounts().values() for role in held)
    assert roles == sorted(
        [
            (NAP_COORDINATOR, "bz"),
            (NAP_COORDINATOR, "bz"),
            (ADMINISTRATOR, "bz"),
            (EDITOR, "szw"),
            (MINISTRY_COORDINATOR, "szw"),
            (EDITOR, "ezk"),
            (READER, "bz"),
        ]
    )
    for _name, email, role, _ministry, password in rows:
        user = authenticate(username=email, password=password)
        assert user is not None
        assert [name for name, _slug in accounts()[email]] == [role]
    assert not User.objects.filter(email__endswith=DOMAIN, is_superuser=True).exists()


def test_seed_demo_opens_the_rounds_whose_day_has_come(settings: Settings) -> None:
    settings.NAP_DEMO = True
    today = timezone.localdate()
    due = ReportingRound.objects.get(year=2026)
    overwrite(ReportingRound.objects.filter(pk=due.pk), opens_on=today)
    later = ReportingRoundFactory(plan=due.plan, year=2041, opens_on=today + timedelta(days=1))
    sent = ReportingRoundFactory(plan=due.plan, year=2042, opens_on=today, sent=True)

    seed()
    seed()

    assert list(ReportingRound.objects.in_progress()) == [due]
    assert due.entries.count() == due.plan.action_points.count()
    assert not StatusEntry.objects.filter(round__in=[later, sent]).exists()
    assert AuditEvent.objects.get(action="round.open").actor == User.objects.get(
        email=f"coordinator1.bz{DOMAIN}"
    )


def test_seed_demo_notes_each_account_role_and_password_in_the_trail(settings: Settings) -> None:
    settings.NAP_DEMO = True

    rows = seed()

    actions = Counter(AuditEvent.objects.values_list("action", flat=True))
    names = ("account.made", "account.password-given", "rights.give")
    assert [actions[name] for name in names] == [len(rows)] * 3
    assert not any(row[-1] in str(event.detail) for row in rows for event in account_events())
    assert list(trail.verify()) == []


def account_events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action__startswith="account."))


def test_seed_demo_again_gives_new_passwords_and_no_new_accounts(
    settings: Settings,
) -> None:
    settings.NAP_DEMO = True
    first = seed()
    before = accounts()

    second = seed()

    assert accounts() == before
    assert len({row[-1] for row in (*first, *second)}) == 2 * len(first)
    assert authenticate(username=first[0][1], password=first[0][-1]) is None
    assert authenticate(username=second[0][1], password=second[0][-1]) is not None


def test_seed_demo_takes_back_what_was_given_to_a_demonstration_account(
    settings: Settings,
) -> None:
    settings.NAP_DEMO = True
    seed()
    before = accounts()
    user = User.objects.get(email=f"redacteur.szw{DOMAIN}")
    membership = user.memberships.get()
    membership.valid_from, membership.valid_until = date(2020, 1, 1), timezone.localdate()
    membership.save()
    MembershipFactory(user=user, role=NAP_COORDINATOR)
    User.objects.filter(pk=user.pk).update(is_active=False, is_superuser=True, name="Risen")

    seed()

    user.refresh_from_db()
    assert accounts() == before
    assert (user.is_active, user.is_superuser, user.name) == (True, False, "Daan Visser")


def test_seed_demo_touches_no_other_account(settings: Settings) -> None:
    settings.NAP_DEMO = True
    membership = MembershipFactory()
    before = User.objects.values().get(pk=membership.user_id)

    seed()

    assert User.objects.values().get(pk=membership.user_id) == before
    assert Membership.objects.filter(pk=membership.pk).exists()


def test_seed_demo_asks_for_the_plan_first(settings: Settings) -> None:
    settings.NAP_DEMO = True
    Group.objects.filter(name=NAP_COORDINATOR).delete()

    with pytest.raises(CommandError):
        seed()

    assert accounts() == {}

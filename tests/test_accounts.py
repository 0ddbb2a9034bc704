"""Accounts, the membership backend, and what an administrator may do with an account."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from actions.choices import ResponsibilityRole
from actions.models import Membership
from napmonitor.accounts.backends import MembershipBackend
from napmonitor.accounts.models import SYSTEM_EMAIL, User
from napmonitor.accounts.passwords import temporary_password
from tests import factories
from tests.admin_pages import as_sent
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    NAP_COORDINATOR,
    ActionPointFactory,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    overwrite,
    signed_in,
    somebody,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Make passwords cheap: how dear they are in real use is not tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


TODAY = timezone.localdate
VIEW, CHANGE = "actions.view_statusentry", "actions.change_statusentry"


# --- The backend

PERIODS = {
    "held": (-10, None),
    "began today": (0, None),
    "begins tomorrow": (1, None),
    "ends tomorrow": (-10, 1),
    "ended today": (-10, 0),
    "ended": (-10, -5),
}
HOLDING = {"held", "began today", "ends tomorrow"}
PLACES = ("lead", "co-responsible", "implementing", "elsewhere")


@pytest.mark.parametrize(
    ("period", "place", "active"), list(product(PERIODS, PLACES, (True, False)))
)
def test_membership_backend_truth_table(period: str, place: str, active: bool) -> None:
    start, end = PERIODS[period]
    ministry, other = OrganisationFactory(), OrganisationFactory()
    membership = MembershipFactory(
        organisation=ministry,
        user__is_active=active,
        valid_from=TODAY() + timedelta(days=start),
        valid_until=None if end is None else TODAY() + timedelta(days=end),
    )
    point = ActionPointFactory(
        lead=ministry if place == "lead" else other,
        co_responsible=ministry if place == "co-responsible" else None,
    )
    if place == "implementing":
        factories.ResponsibilityFactory(
            action_point=point, organisation=ministry, role=ResponsibilityRole.IMPLEMENTING
        )
    user = User.objects.get(pk=membership.user_id)

    holds = active and period in HOLDING
    # The lead alone holds the pen; who answers with the lead reads, remarks and signs off.
    writes = holds and place == "lead"
    assert user.has_perm(CHANGE) is holds
    assert user.has_perm(CHANGE, point) is writes
    assert user.has_perms([VIEW, CHANGE], point) is writes
    assert user.organisations_with(CHANGE) == ({ministry.pk} if holds else set())
    assert user.is_staff is holds
    assert user.has_module_perms("actions") is holds
    assert user.has_perm("actions.view_every_statusentry") is False
    assert user.has_module_perms("accounts") is False


def test_right_of_one_membership_does_not_reach_the_ministry_of_another() -> None:
    here, there = OrganisationFactory(), OrganisationFactory()
    user = somebody(EDITOR, here)
    MembershipFactory(user=user, organisation=there, role="Lezer binnen het Rijk")

    assert user.has_perm(CHANGE, ActionPointFactory(lead=here))
    assert not user.has_perm(CHANGE, ActionPointFactory(lead=there))
    assert user.has_perm(VIEW, ActionPointFactory(lead=there))


def test_ended_membership_does_not_revive_the_role_of_an_active_one_elsewhere() -> None:
    here, there = OrganisationFactory(), OrganisationFactory()
    user = somebody(EDITOR, here, valid_until=TODAY())
    MembershipFactory(user=user, organisation=there, role="Lezer binnen het Rijk")

    assert not user.has_perm(CHANGE)
    assert not user.has_perm(CHANGE, ActionPointFactory(lead=here))


def test_account_without_membership_has_no_rights() -> None:
    user = UserFactory()

    assert not user.is_staff
    assert user.get_all_permissions() == set()
    assert not user.has_module_perms("actions")


def test_anonymous_visitor_has_no_rights() -> None:
    visitor = AnonymousUser()

    assert not visitor.has_perm(VIEW)
    assert not visitor.has_module_perms("actions")
    assert MembershipBackend().get_all_permissions(visitor) == set()


def test_superuser_has_every_right_only_while_active() -> None:
    assert UserFactory(superuser=True).has_perm(CHANGE, ActionPointFactory())
    assert UserFactory(superuser=True).has_module_perms("actions")
    assert not UserFactory(superuser=True, inactive=True).has_perm(CHANGE)
    assert not UserFactory(superuser=True, inactive=True).is_staff


def test_membership_that_ends_today_closes_the_work_screens_today() -> None:
    user = somebody(EDITOR)
    client = signed_in(user)
    assert client.get(reverse("admin:index")).status_code == 200

    overwrite(Membership.objects.all(), valid_until=TODAY())

    assert client.get(reverse("admin:index")).status_code == 302


def test_rights_are_read_anew_on_the_next_day(monkeypatch: pytest.MonkeyPatch) -> None:
    user = somebody(EDITOR, valid_until=TODAY() + timedelta(days=1))
    assert user.has_perm(CHANGE)

    tomorrow = TODAY() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *_args: tomorrow)

    assert not user.has_perm(CHANGE)


def test_sign_in_ignores_capitals_in_the_address() -> None:
    User.objects.create_user("New@Test.example", "correct horse battery", name="New")

    found = authenticate(username="nEW@test.EXAMPLE", password="correct horse battery")

    assert found == User.objects.get(email="new@test.example")
    assert authenticate(username="new@test.example", password="wrong") is None


def test_account_of_the_application_cannot_sign_in() -> None:
    system = User.objects.system()

    assert system == User.objects.system()
    assert not system.is_active
    assert not system.has_usable_password()


def test_create_user_refuses_what_is_no_address() -> None:
    with pytest.raises(ValidationError):
        User.objects.create_user("no address", name="Nobody")


def test_temporary_password_is_long_and_different_each_time() -> None:
    made = {temporary_password() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch(r"(?:[A-Za-z2-9]{4}-){4}[A-Za-z2-9]{4}", each) for each in made)


# --- The pages of accounts


@pytest.fixture
def administrator() -> User:
    return somebody(ADMINISTRATOR)


def change_url(account: User) -> str:
    return reverse("admin:accounts_user_change", args=[account.pk])


def password_url(account: User) -> str:
    return reverse("admin:accounts_user_give_password", args=[account.pk])


NO_ROWS = {
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
}


def rows_of(account: User) -> dict[str, str]:
    """Return the memberships of an account as its page would send them."""
    memberships = list(account.memberships.order_by("valid_from"))
    data = {
        "memberships-TOTAL_FORMS": str(len(memberships)),
        "memberships-INITIAL_FORMS": str(len(memberships)),
    }
    for number, row in enumerate(memberships):
        data |= {
            f"memberships-{number}-id": str(row.pk),
            f"memberships-{number}-user": str(account.pk),
            f"memberships-{number}-organisation": str(row.organisation_id),
            f"memberships-{number}-group": str(row.group_id),
            f"memberships-{number}-valid_from": row.valid_from.isoformat(),
            f"memberships-{number}-valid_until": (
                row.valid_until.isoformat() if row.valid_until else ""
            ),
        }
    return data


def filled_in(client: Client, url: str, **typed: Any) -> dict[str, Any]:
    """Return what the form on a page would send, some of it typed anew."""
    return as_sent(client.get(url), **typed)


def test_administrator_adds_an_account_that_cannot_sign_in_yet(administrator: User) -> None:
    client = signed_in(administrator)

    response = client.post(
        reverse("admin:accounts_user_add"),
        {**NO_ROWS, "email": "Somebody@Test.example", "name": "Somebody"},
    )

    added = User.objects.get(email="somebody@test.example")
    assert response.headers["location"] == change_url(added)
    assert not added.has_usable_password()
    assert not added.is_superuser


def test_temporary_password_is_shown_once_and_works(administrator: User) -> None:
    account = UserFactory()

    response = signed_in(administrator).post(password_url(account))

    found = re.search(r"(?:\w{4}-){4}\w{4}", response.content.decode())
    assert found
    assert authenticate(username=account.email, password=found[0]) == account
    assert "no-store" in response.headers["cache-control"]
    log = LogEntry.objects.get(object_id=str(account.pk))
    assert log.user == administrator
    assert found[0] not in log.change_message
    assert found[0] not in signed_in(administrator).get(change_url(account)).content.decode()


def test_password_page_answers_only_to_post(administrator: User) -> None:
    account = UserFactory()

    assert signed_in(administrator).get(password_url(account)).status_code == 405
    assert User.objects.get(pk=account.pk).password == "!"


def test_temporary_password_ends_the_sessions_of_the_account(administrator: User) -> None:
    account = somebody(EDITOR)
    theirs = signed_in(account)

    signed_in(administrator).post(password_url(account))

    assert theirs.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("role", [EDITOR, NAP_COORDINATOR])
def test_only_an_administrator_gives_a_password(role: str) -> None:
    account = UserFactory()

    assert signed_in(somebody(role)).post(password_url(account)).status_code == 403
    assert User.objects.get(pk=account.pk).password == "!"


def test_nobody_gives_themselves_a_temporary_password(administrator: User) -> None:
    assert signed_in(administrator).post(password_url(administrator)).status_code == 403
    assert "give-password" not in signed_in(administrator).get(change_url(administrator)).text


def test_password_of_an_account_that_is_not_there(administrator: User) -> None:
    url = reverse("admin:accounts_user_give_password", args=[10**30])

    assert signed_in(administrator).post(url).status_code == 404


@pytest.mark.parametrize("which", ["superuser", "system"])
def test_administrator_cannot_touch_the_account(administrator: User, which: str) -> None:
    account = UserFactory(superuser=True) if which == "superuser" else User.objects.system()
    before = User.objects.values().get(pk=account.pk)
    client = signed_in(administrator)

    changed = client.post(
        change_url(account),
        {**NO_ROWS, "email": "taken@test.example", "name": "Taken", "is_active": "on"},
    )
    given = client.post(password_url(account))

    assert (changed.status_code, given.status_code) == (403, 403)
    assert User.objects.values().get(pk=account.pk) == before
    assert client.get(change_url(account)).status_code == 200


def test_administrator_cannot_make_anybody_superuser(administrator: User) -> None:
    account, client = UserFactory(), signed_in(administrator)
    sent = filled_in(client, change_url(account), name="X", is_superuser="on")

    client.post(change_url(account), sent)
    client.post(
        reverse("admin:accounts_user_add"),
        {**NO_ROWS, "email": "risen@test.example", "name": "R", "is_superuser": "on"},
    )

    account.refresh_from_db()
    assert account.name == "X"
    assert not account.is_superuser
    assert not User.objects.get(email="risen@test.example").is_superuser


def test_superuser_makes_a_superuser() -> None:
    account, client = UserFactory(), signed_in(UserFactory(superuser=True))

    client.post(change_url(account), filled_in(client, change_url(account), is_superuser="on"))

    account.refresh_from_db()
    assert account.is_superuser


def test_administrator_gives_a_role_on_the_page_of_the_account(administrator: User) -> None:
    account, ministry = UserFactory(), OrganisationFactory()
    client = signed_in(administrator)
    role = factories.Group.objects.get(name=EDITOR)
    row = {
        "user": str(account.pk),
        "organisation": str(ministry.pk),
        "group": str(role.pk),
        "valid_from": TODAY().isoformat(),
    }
    sent = filled_in(client, change_url(account)) | {"memberships-TOTAL_FORMS": "1"}

    response = client.post(
        change_url(account), sent | {f"memberships-0-{name}": value for name, value in row.items()}
    )

    assert response.status_code == 302
    assert User.objects.get(pk=account.pk).has_perm(CHANGE, ActionPointFactory(lead=ministry))


def test_administrator_cannot_give_themselves_a_role(administrator: User) -> None:
    client = signed_in(administrator)
    role = factories.Group.objects.get(name=NAP_COORDINATOR)
    new = {
        "organisation": str(OrganisationFactory().pk),
        "group": str(role.pk),
        "valid_from": "2020-01-01",
    }
    sent = filled_in(client, change_url(administrator), name="Another Name")

    answer = client.post(
        change_url(administrator),
        {
            **sent,
            **rows_of(administrator),
            "memberships-TOTAL_FORMS": "2",
            **{f"memberships-1-{name}": value for name, value in new.items()},
        },
    )
    alone = client.post(
        reverse("admin:actions_membership_add"), {**new, "user": str(administrator.pk)}
    )

    administrator.refresh_from_db()
    # The rest of the page is stored: it was not refused for something else.
    assert (answer.status_code, administrator.name) == (302, "Another Name")
    assert administrator.memberships.count() == 1
    assert alone.status_code == 200


def test_administrator_cannot_change_their_own_role(administrator: User) -> None:
    membership = administrator.memberships.get()
    role = factories.Group.objects.get(name=NAP_COORDINATOR)
    client = signed_in(administrator)

    refused = client.post(
        reverse("admin:actions_membership_change", args=[membership.pk]),
        {
            "user": str(administrator.pk),
            "organisation": str(membership.organisation_id),
            "group": str(role.pk),
            "valid_from": "2020-01-01",
        },
    )
    answer = client.post(
        change_url(administrator),
        {
            **filled_in(client, change_url(administrator), name="Another Name"),
            **rows_of(administrator),
            "memberships-0-group": str(role.pk),
            "memberships-0-valid_until": "2040-01-01",
        },
    )

    membership.refresh_from_db()
    administrator.refresh_from_db()
    assert refused.status_code == 403
    assert (answer.status_code, administrator.name) == (302, "Another Name")
    assert membership.valid_until is None
    assert membership.group.name == ADMINISTRATOR


def test_membership_that_has_begun_keeps_its_role_and_ministry(administrator: User) -> None:
    membership, client = MembershipFactory(), signed_in(administrator)
    role = factories.Group.objects.get(name=NAP_COORDINATOR)
    url = reverse("admin:actions_membership_change", args=[membership.pk])

    response = client.post(
        url,
        filled_in(
            client,
            url,
            user=str(UserFactory().pk),
            organisation=str(OrganisationFactory().pk),
            group=str(role.pk),
            valid_until=TODAY().isoformat(),
        ),
    )

    assert response.status_code == 302
    before = (membership.user_id, membership.organisation_id, membership.group_id)
    membership.refresh_from_db()
    assert (membership.user_id, membership.organisation_id, membership.group_id) == before
    assert membership.valid_until == TODAY()


def test_membership_that_begins_today_can_still_be_corrected(administrator: User) -> None:
    membership, client = MembershipFactory(valid_from=TODAY()), signed_in(administrator)
    ministry = OrganisationFactory()
    url = reverse("admin:actions_membership_change", args=[membership.pk])

    client.post(url, filled_in(client, url, organisation=str(ministry.pk)))

    membership.refresh_from_db()
    assert membership.organisation == ministry


@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=!",
        "password=!",
        "is_superuser__exact=1",
        "memberships__group=1",
        "email__startswith=a",
        "is_active__startswith=1",
        "logentry__id=1",
    ],
)
def test_no_question_about_accounts_beside_the_filters(administrator: User, query: str) -> None:
    client = signed_in(administrator)

    assert client.get(f"{reverse('admin:accounts_user_changelist')}?{query}").status_code == 400


def test_password_hash_stands_on_no_page(administrator: User) -> None:
    account = User.objects.create_user("hash@test.example", "correct horse battery", name="H")
    client = signed_in(administrator)
    _algorithm, *secret = account.password.split("$")

    pages = [
        reverse("admin:accounts_user_changelist"),
        change_url(account),
        reverse("admin:accounts_user_history", args=[account.pk]),
    ]

    for page in pages:
        assert max(secret, key=len) not in client.get(page).text


def test_address_of_another_account_is_refused_whatever_its_capitals(administrator: User) -> None:
    account = UserFactory(email="taken@test.example")

    response = signed_in(administrator).post(
        reverse("admin:accounts_user_add"),
        {**NO_ROWS, "email": "Taken@test.example", "name": "Second"},
    )

    assert response.status_code == 200
    assert User.objects.filter(email__iexact=account.email).count() == 1


def test_database_refuses_two_equal_memberships_at_once() -> None:
    membership = MembershipFactory()

    with pytest.raises(IntegrityError, match="membership_no_overlap"):
        MembershipFactory(
            user=membership.user, organisation=membership.organisation, valid_from="2026-01-01"
        )


def test_the_account_of_the_application_gets_no_role(administrator: User) -> None:
    page = signed_in(administrator).get(reverse("admin:actions_membership_add")).text

    assert SYSTEM_EMAIL not in page
    assert administrator.email not in page

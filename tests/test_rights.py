"""Changing accounts and roles: who may, and that each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from actions import rights
from actions.models import Membership
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    LONG_AGO,
    NAP_COORDINATOR,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    somebody,
)

pytestmark = pytest.mark.django_db

LATER = date(2090, 1, 1)


@pytest.fixture
def administrator() -> User:
    return somebody(ADMINISTRATOR)


def last() -> AuditEvent:
    return AuditEvent.objects.order_by("sequence").last()


def role(name: str = EDITOR) -> Group:
    return Group.objects.get(name=name)


def new_membership(user: User, **changed: Any) -> Membership:
    given = {"organisation": OrganisationFactory(), "group": role(), "valid_from": LONG_AGO}
    return Membership(user=user, **{**given, **changed})


# Accounts.


def test_a_new_account_stands_in_the_trail(administrator: User) -> None:
    account = User(email="kanarie@test.example", name="Kanarievogel")

    rights.save_account(account, actor=administrator)

    event = last()
    assert (event.action, event.actor) == ("account.made", administrator)
    assert (event.object_type, event.object_id) == ("accounts.user", str(account.pk))
    assert event.object_label == ""
    assert event.detail == {"is_active": [None, True], "is_superuser": [None, False]}
    assert User.objects.get(pk=account.pk).name == "Kanarievogel"


def test_a_change_of_an_account_stands_in_the_trail_with_before_and_after(
    administrator: User,
) -> None:
    account = UserFactory()
    account.is_active = False

    rights.save_account(account, actor=administrator)

    event = last()
    assert (event.action, event.detail) == ("account.change", {"is_active": [True, False]})
    assert not User.objects.get(pk=account.pk).is_active


@pytest.mark.parametrize("name", ["email", "name"])
def test_that_a_name_or_address_changed_stands_in_the_trail_and_not_what_it_was(
    administrator: User, name: str
) -> None:
    account = UserFactory(email="oude-kanarie@test.example", name="Oude Kanarie")
    setattr(account, name, "nieuwe-kanarie@test.example")

    rights.save_account(account, actor=administrator)

    event = last()
    assert (event.action, event.object_id) == ("account.change", str(account.pk))
    assert "kanarie" not in str(AuditEvent.objects.values().get(pk=event.pk)).lower()


def test_an_account_that_did_not_change_leaves_no_event(administrator: User) -> None:
    account = UserFactory()
    before = trail.head()

    rights.save_account(User.objects.get(pk=account.pk), actor=administrator)

    assert trail.head() == before


@pytest.mark.parametrize("new", [True, False], ids=["new", "existing"])
def test_only_a_superuser_makes_a_superuser(administrator: User, new: bool) -> None:
    account = User(email="new@test.example", name="New") if new else UserFactory()
    account.is_superuser = True
    before = trail.head()

    with pytest.raises(PermissionDenied):
        rights.save_account(account, actor=administrator)
    assert not User.objects.filter(is_superuser=True).exists()
    assert trail.head() == before

    rights.save_account(account, actor=UserFactory(superuser=True))
    assert User.objects.get(email=account.email).is_superuser
    assert last().detail["is_superuser"] == [None if new else False, True]


def test_an_administrator_does_not_rise_by_their_own_account(administrator: User) -> None:
    administrator.is_superuser = True

    # The flag on the instance that asks is not yet what is stored; it must not count.
    with pytest.raises(PermissionDenied):
        rights.save_account(administrator, actor=User.objects.get(pk=administrator.pk))

    assert not User.objects.get(pk=administrator.pk).is_superuser


@pytest.mark.parametrize("name", ["is_active", "is_superuser", "email"])
def test_an_administrator_touches_no_account_that_sets_up_the_installation(
    administrator: User, name: str
) -> None:
    account = UserFactory(superuser=True)
    before = User.objects.values().get(pk=account.pk)
    setattr(account, name, "taken@test.example" if name == "email" else False)

    with pytest.raises(PermissionDenied):
        rights.save_account(account, actor=administrator)
    with pytest.raises(PermissionDenied):
        rights.give_password(account, actor=administrator)

    assert User.objects.values().get(pk=account.pk) == before


def test_nobody_touches_the_account_of_the_application() -> None:
    account = User.objects.system()
    account.is_active = True

    for actor in (somebody(ADMINISTRATOR), UserFactory(superuser=True), User.objects.system()):
        with pytest.raises(PermissionDenied):
            rights.save_account(account, actor=actor)
        with pytest.raises(PermissionDenied):
            rights.give_password(account, actor=actor)

    assert not User.objects.system().is_active


def test_a_given_password_signs_in_and_only_that_it_was_given_is_told(
    administrator: User,
) -> None:
    account = UserFactory()

    password = rights.give_password(account, actor=administrator)

    assert authenticate(username=account.email, password=password) == account
    event = last()
    assert (event.action, event.actor) == ("account.password-given", administrator)
    assert (event.object_id, event.detail) == (str(account.pk), {})
    assert password not in str(AuditEvent.objects.values().get(pk=event.pk))


# Roles.


def test_a_given_role_stands_in_the_trail_with_all_of_it(administrator: User) -> None:
    organisation = OrganisationFactory(slug="canary")
    user = UserFactory(email="kanarie@test.example", name="Kanarievogel")
    membership = new_membership(user, organisation=organisation, valid_until=LATER)

    rights.save_membership(membership, actor=administrator)

    event = last()
    assert (event.action, event.actor) == ("rights.give", administrator)
    assert (event.object_type, event.object_id) == ("actions.membership", str(membership.pk))
    assert event.detail == {
        "user_id": [None, user.pk],
        "organisation_id": [None, organisation.pk],
        "group_id": [None, role().pk],
        "valid_from": [None, "2020-01-01"],
        "valid_until": [None, "2090-01-01"],
    }
    assert EDITOR in event.object_label
    assert "kanarie" not in str(AuditEvent.objects.values().get(pk=event.pk)).lower()


CHANGES: dict[str, Callable[[], Any]] = {
    "user_id": lambda: UserFactory().pk,
    "organisation_id": lambda: OrganisationFactory().pk,
    "group_id": lambda: role(NAP_COORDINATOR).pk,
    "valid_from": lambda: date(2021, 2, 3),
    "valid_until": lambda: LATER,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_role_stands_in_the_trail_with_before_and_after(
    administrator: User, name: str
) -> None:
    stored = MembershipFactory()
    membership = Membership.objects.get(pk=stored.pk)
    old, new = getattr(stored, name), CHANGES[name]()
    setattr(membership, name, new)

    rights.save_membership(membership, actor=administrator)

    event = last()
    assert (event.action, event.object_id) == ("rights.change", str(stored.pk))
    plain = [each.isoformat() if isinstance(each, date) else each for each in (old, new)]
    assert event.detail == {name: plain}
    assert getattr(Membership.objects.get(pk=stored.pk), name) == new


def test_a_role_that_did_not_change_leaves_no_event(administrator: User) -> None:
    membership = MembershipFactory()
    before = trail.head()

    rights.save_membership(Membership.objects.get(pk=membership.pk), actor=administrator)

    assert trail.head() == before


def test_nobody_gives_changes_or_ends_a_role_of_their_own(administrator: User) -> None:
    own, before = administrator.memberships.get(), trail.head()
    given = new_membership(administrator, group=role(NAP_COORDINATOR))
    longer = Membership.objects.get(pk=own.pk)
    longer.valid_until = LATER
    # Away to somebody else, and here from somebody else.
    away = Membership.objects.get(pk=own.pk)
    away.user = UserFactory()
    taken = MembershipFactory(role=NAP_COORDINATOR)
    taken.user = administrator

    for membership in (given, longer, away, taken):
        with pytest.raises(PermissionDenied):
            rights.save_membership(membership, actor=administrator)

    assert list(administrator.memberships.values("pk", "valid_until")) == [
        {"pk": own.pk, "valid_until": None}
    ]
    assert trail.head() == before


def test_roles_of_who_sets_up_the_installation_are_not_for_an_administrator(
    administrator: User,
) -> None:
    account = UserFactory(superuser=True)

    with pytest.raises(PermissionDenied):
        rights.save_membership(new_membership(account), actor=administrator)
    rights.save_membership(new_membership(account), actor=account)

    assert account.memberships.count() == 1


def test_a_change_that_the_database_refuses_leaves_no_event(administrator: User) -> None:
    held = MembershipFactory()
    again = new_membership(held.user, organisation=held.organisation, group=held.group)
    before = trail.head()

    with pytest.raises(IntegrityError), transaction.atomic():
        rights.save_membership(again, actor=administrator)

    assert trail.head() == before


def test_rights_end_on_the_day_that_is_written_down(administrator: User) -> None:
    stored = MembershipFactory(role=NAP_COORDINATOR)
    assert User.objects.get(pk=stored.user_id).has_perm("actions.approve_statusentry")
    stored.valid_until = timezone.localdate() + timedelta(days=0)

    rights.save_membership(stored, actor=administrator)

    assert not User.objects.get(pk=stored.user_id).has_perm("actions.approve_statusentry")


@pytest.mark.parametrize("who", [NAP_COORDINATOR, EDITOR, None, ""])
def test_without_permission_nothing_of_accounts_and_roles_can_be_changed(
    who: str | None,
) -> None:
    actor = somebody(who) if who else UserFactory() if who is None else AnonymousUser()
    account, before = UserFactory(), trail.head()
    account.is_active = False

    for change in (
        lambda: rights.save_account(account, actor=actor),
        lambda: rights.give_password(account, actor=actor),
        lambda: rights.save_membership(new_membership(account), actor=actor),
    ):
        with pytest.raises(PermissionDenied):
            change()

    assert User.objects.get(pk=account.pk).is_active
    assert not account.memberships.exists()
    assert trail.head() == before

"""Who may see and write which status entry, in which state, on which day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from actions import permissions
from actions.choices import EntryState, Origin, ResponsibilityRole
from actions.models import StatusEntry
from napmonitor.accounts.models import User
from tests import factories
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    ROLES,
    ActionPointFactory,
    MembershipFactory,
    OrganisationFactory,
    ParliamentaryDocumentFactory,
    ReportingRoundFactory,
    ResponsibilityFactory,
    StatusEntryFactory,
    UserFactory,
    group_with,
    somebody,
    write,
)

pytestmark = pytest.mark.django_db

SEES_ALL = {NAP_COORDINATOR, ADMINISTRATOR, READER}
WRITES = {EDITOR, MINISTRY_COORDINATOR}
PLACES = ("lead", "co-responsible", "implementing", "elsewhere")


def entry_at(place: str, ministry: factories.Organisation) -> StatusEntry:
    """Return an entry for which a ministry has this place."""
    point = ActionPointFactory(
        lead=ministry if place == "lead" else OrganisationFactory(),
        co_responsible=ministry if place == "co-responsible" else None,
    )
    if place == "implementing":
        ResponsibilityFactory(
            action_point=point, organisation=ministry, role=ResponsibilityRole.IMPLEMENTING
        )
    return StatusEntryFactory(action_point=point)


@pytest.mark.parametrize(
    ("role", "place", "state"), list(product(ROLES, PLACES, EntryState)), ids=str
)
def test_permission_truth_table_of_entries(role: str, place: str, state: EntryState) -> None:
    ministry = OrganisationFactory()
    entry = entry_at(place, ministry)
    StatusEntry.objects.filter(pk=entry.pk).update(state=state)
    entry.refresh_from_db()
    user = somebody(role, ministry)

    found = permissions.abilities(user, entry)

    answers = place in ("lead", "co-responsible")
    is_open = state in (EntryState.CONCEPT, EntryState.RETURNED)
    assert found == {
        "view": role in SEES_ALL or answers,
        "edit": (role in WRITES and answers and is_open)
        or (role == ADMINISTRATOR and (is_open or state == EntryState.RECONSTRUCTED)),
        "publish_reconstruction": False,
    }


def test_nobody_without_a_role_sees_an_entry() -> None:
    entry = StatusEntryFactory()

    for user in (AnonymousUser(), UserFactory(), UserFactory(superuser=True, inactive=True)):
        assert not any(permissions.abilities(user, entry).values())
        assert not permissions.visible_entries(user).exists()


def test_superuser_sees_and_edits_all() -> None:
    entry = StatusEntryFactory()

    assert permissions.can_view(UserFactory(superuser=True), entry)
    assert permissions.can_edit(UserFactory(superuser=True), entry)


@pytest.mark.parametrize("role", ROLES)
def test_permission_ends_with_the_membership(role: str) -> None:
    today = timezone.localdate()
    ministry = OrganisationFactory()
    entry = entry_at("lead", ministry)

    gone = somebody(role, ministry, valid_until=today)
    last_day = somebody(role, ministry, valid_until=today + timedelta(days=1))

    assert not permissions.can_view(gone, entry)
    assert not permissions.can_edit(gone, entry)
    assert permissions.can_view(last_day, entry)


def test_an_entry_is_listed_once_however_many_roles_lead_to_it() -> None:
    ministry = OrganisationFactory()
    entry = entry_at("lead", ministry)
    user = somebody(EDITOR, ministry)
    MembershipFactory(user=user, organisation=ministry, role=MINISTRY_COORDINATOR)

    assert list(permissions.visible_entries(user)) == [entry]


def test_a_role_without_the_right_to_read_opens_nothing_at_its_ministry() -> None:
    here, there = OrganisationFactory(), OrganisationFactory()
    user = somebody(EDITOR, here)
    MembershipFactory(user=user, organisation=there, group=group_with("actions.view_source"))

    assert permissions.can_view(user, entry_at("lead", here))
    assert not permissions.can_view(user, entry_at("lead", there))


def test_ministry_keeps_reading_what_it_answered_for_when_the_letter_went_out() -> None:
    before, after = OrganisationFactory(), OrganisationFactory()
    point = ActionPointFactory()
    ResponsibilityFactory(action_point=point, organisation=before, valid_until=date(2024, 7, 2))
    ResponsibilityFactory(action_point=point, organisation=after, valid_from=date(2024, 7, 2))
    letter = ParliamentaryDocumentFactory(date=date(2023, 10, 26))
    old = StatusEntryFactory(
        action_point=point,
        round=ReportingRoundFactory(plan=point.plan, year=2023, letter=letter),
    )
    new = StatusEntryFactory(
        action_point=point, round=ReportingRoundFactory(plan=point.plan, year=2024)
    )
    former, present = somebody(EDITOR, before), somebody(EDITOR, after)

    assert list(permissions.visible_entries(former)) == [old]
    assert set(permissions.visible_entries(present)) == {old, new}
    assert not permissions.can_edit(former, old)
    assert permissions.can_edit(present, old)


def test_ministry_that_answered_before_the_letter_does_not_read_its_round() -> None:
    before = OrganisationFactory()
    point = ActionPointFactory()
    ResponsibilityFactory(action_point=point, organisation=before, valid_until=date(2023, 10, 26))
    letter = ParliamentaryDocumentFactory(date=date(2023, 10, 26))
    StatusEntryFactory(
        action_point=point, round=ReportingRoundFactory(plan=point.plan, letter=letter)
    )

    assert not permissions.visible_entries(somebody(EDITOR, before)).exists()


def test_ministry_that_will_answer_tomorrow_does_not_read_yet() -> None:
    coming = OrganisationFactory()
    point = ActionPointFactory()
    ResponsibilityFactory(
        action_point=point,
        organisation=coming,
        valid_from=timezone.localdate() + timedelta(days=1),
    )
    StatusEntryFactory(action_point=point)

    assert not permissions.visible_entries(somebody(EDITOR, coming)).exists()


@pytest.mark.parametrize("role", ROLES)
def test_permission_to_publish_a_newer_reconstructed_text(role: str) -> None:
    ministry = OrganisationFactory()
    entry = entry_at("lead", ministry)
    write(entry, "From the letter.", origin=Origin.RECONSTRUCTED)

    found = permissions.can_publish_reconstruction(somebody(role, ministry), entry)

    assert found is (role == ADMINISTRATOR)


def test_nothing_to_publish_when_the_newest_text_is_public_or_of_a_ministry() -> None:
    user = somebody(ADMINISTRATOR)
    public = StatusEntryFactory(reconstructed="From the letter.")
    of_ministry = StatusEntryFactory(written="By the ministry.")
    approved = StatusEntryFactory(approved=True)
    write(approved, "From the letter.", origin=Origin.RECONSTRUCTED)

    for entry in (public, of_ministry, approved, StatusEntryFactory()):
        assert not permissions.can_publish_reconstruction(user, entry)


@pytest.mark.parametrize(
    ("account", "manages", "gives"),
    [("other", True, True), ("self", True, False), ("superuser", False, False)],
)
def test_permission_of_an_administrator_over_accounts(
    account: str, manages: bool, gives: bool
) -> None:
    user = somebody(ADMINISTRATOR)
    accounts = {"other": UserFactory(), "self": user, "superuser": UserFactory(superuser=True)}

    assert permissions.can_manage_account(user, accounts[account]) is manages
    assert permissions.can_give_roles(user, accounts[account]) is gives
    listed = permissions.accounts_to_give_roles(user).filter(pk=accounts[account].pk)
    assert listed.exists() is gives


def test_permission_over_the_account_of_the_application_is_nobodys() -> None:
    system = User.objects.system()

    for user in (somebody(ADMINISTRATOR), UserFactory(superuser=True)):
        assert not permissions.can_manage_account(user, system)
        assert not permissions.can_give_roles(user, system)
        assert system not in permissions.accounts_to_give_roles(user)


def test_superuser_manages_every_other_account_and_their_own() -> None:
    user = UserFactory(superuser=True)

    for account in (user, UserFactory(), UserFactory(superuser=True)):
        assert permissions.can_manage_account(user, account)
        assert permissions.can_give_roles(user, account)

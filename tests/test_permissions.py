"""Who may see and write which status entry, in which state, on which day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from actions import permissions, workflow
from actions.choices import EntryState, Origin, ResponsibilityRole
from actions.models import StatusEntry
from actions.permissions import Verb
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
from tests.workflow_people import cast

pytestmark = pytest.mark.django_db

SEES_ALL = {NAP_COORDINATOR, ADMINISTRATOR, READER}
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


@pytest.mark.parametrize("role", ROLES)
def test_permission_to_read_follows_from_the_place_of_the_ministry(role: str) -> None:
    ministry = OrganisationFactory()
    entries = {place: entry_at(place, ministry) for place in PLACES}
    user = somebody(role, ministry)

    ours = [entry.pk for entry in entries.values()]
    found = set(permissions.visible_entries(user).filter(pk__in=ours))

    expected = PLACES if role in SEES_ALL else ("lead", "co-responsible")
    assert found == {entries[place] for place in expected}
    for entry in entries.values():
        assert permissions.can_view(user, entry) is (entry in found)


def test_abilities_are_named_after_the_words_of_the_verbs() -> None:
    found = permissions.abilities(UserFactory(), StatusEntryFactory())

    assert set(found) == {
        *("view", "edit", "submit", "return", "approve", "reopen", "not-supplied", "sign-off"),
        *("remark", "answer-remark", "publish-correction", "reconstruct"),
        "publish-reconstruction",
    }
    assert set(found) == {verb.value for verb in Verb}


def test_steps_are_the_abilities_with_a_button() -> None:
    words = {verb.value for verb in Verb} - {"view", "edit", "reconstruct"}

    assert {verb.value for verb in permissions.STEPS} == words


def test_nobody_without_a_role_sees_an_entry() -> None:
    entry = StatusEntryFactory()

    for user in (AnonymousUser(), UserFactory(), UserFactory(superuser=True, inactive=True)):
        assert not any(permissions.abilities(user, entry).values())
        assert not permissions.visible_entries(user).exists()


def test_superuser_sees_and_edits_all() -> None:
    superuser, people = UserFactory(superuser=True), cast()
    read_from_letter = StatusEntryFactory()

    for entry in (people.entry, read_from_letter):
        assert permissions.can_view(superuser, entry)
        assert permissions.can_edit(superuser, entry)


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
        round=ReportingRoundFactory(
            plan=point.plan, year=2023, opened_on=date(2023, 6, 1), letter=letter
        ),
    )
    new = StatusEntryFactory(
        action_point=point,
        round=ReportingRoundFactory(plan=point.plan, year=2024, opened_on=date(2024, 8, 1)),
    )
    former, present = somebody(EDITOR, before), somebody(EDITOR, after)

    assert list(permissions.visible_entries(former)) == [old]
    assert set(permissions.visible_entries(present)) == {old, new}
    assert not permissions.can_edit(former, old)
    assert permissions.can_edit(present, old)


OPENED, SENT = date(2024, 3, 1), date(2024, 10, 1)


@pytest.mark.parametrize("role", [ResponsibilityRole.LEAD, ResponsibilityRole.CO_RESPONSIBLE])
@pytest.mark.parametrize(
    ("start", "end", "reads"),
    [
        (None, date(2024, 2, 1), False),
        (None, OPENED, False),
        (None, OPENED + timedelta(days=1), True),
        (date(2024, 4, 1), date(2024, 5, 1), True),
        (SENT, SENT + timedelta(days=1), True),
        (SENT + timedelta(days=1), date(2025, 1, 1), False),
        (date(2025, 1, 1), None, True),
    ],
    ids=["ended before", "ended on the first day", "held the first day", "held meanwhile"]
    + ["held the day of the letter", "held after the letter", "holds today"],
)
def test_ministry_reads_a_round_in_which_it_answered_at_any_time(
    role: ResponsibilityRole, start: date | None, end: date | None, reads: bool
) -> None:
    ministry = OrganisationFactory()
    each = ReportingRoundFactory(opened_on=OPENED, letter=ParliamentaryDocumentFactory(date=SENT))
    entry = StatusEntryFactory(action_point=ActionPointFactory(plan=each.plan), round=each)
    ResponsibilityFactory(
        action_point=entry.action_point,
        organisation=ministry,
        role=role,
        valid_from=start,
        valid_until=end,
    )

    assert permissions.can_view(somebody(EDITOR, ministry), entry) is reads


@pytest.mark.parametrize("opened", [True, False])
def test_ministry_that_answered_before_today_reads_a_round_without_letter_if_it_was_open(
    opened: bool,
) -> None:
    ministry, today = OrganisationFactory(), timezone.localdate()
    each = ReportingRoundFactory(opened_on=today - timedelta(days=9) if opened else None)
    entry = StatusEntryFactory(action_point=ActionPointFactory(plan=each.plan), round=each)
    ResponsibilityFactory(
        action_point=entry.action_point,
        organisation=ministry,
        valid_until=today - timedelta(days=1),
    )

    assert permissions.can_view(somebody(EDITOR, ministry), entry) is opened


def test_ministry_that_only_carried_out_never_reads() -> None:
    ministry = OrganisationFactory()
    each = ReportingRoundFactory(opened_on=OPENED, letter=ParliamentaryDocumentFactory(date=SENT))
    entry = StatusEntryFactory(action_point=ActionPointFactory(plan=each.plan), round=each)
    ResponsibilityFactory(
        action_point=entry.action_point,
        organisation=ministry,
        role=ResponsibilityRole.IMPLEMENTING,
    )

    for role in (EDITOR, MINISTRY_COORDINATOR):
        assert not permissions.visible_entries(somebody(role, ministry)).exists()


def test_time_at_one_ministry_and_place_of_another_do_not_add_up() -> None:
    mine, other = OrganisationFactory(), OrganisationFactory()
    entry = StatusEntryFactory(action_point=ActionPointFactory(lead=other), round__opened=True)
    ResponsibilityFactory(
        action_point=entry.action_point,
        organisation=mine,
        role=ResponsibilityRole.CO_RESPONSIBLE,
        valid_until=date(2019, 1, 1),
    )

    assert not permissions.can_view(somebody(EDITOR, mine), entry)


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
    approved = StatusEntryFactory()
    write(approved, "From the letter.", origin=Origin.RECONSTRUCTED)
    StatusEntry.objects.filter(pk=approved.pk).update(state=EntryState.APPROVED)
    approved.refresh_from_db()

    for entry in (public, of_ministry, approved, StatusEntryFactory()):
        assert not permissions.can_publish_reconstruction(user, entry)


def test_permission_to_correct_waits_for_another_approved_text() -> None:
    people = cast()
    entry = people.bring(people.entry, EntryState.APPROVED)
    assert not permissions.can_correct(people.first, entry)

    workflow.publish_round(people.round, actor=people.first)
    entry = StatusEntry.objects.get(pk=entry.pk)
    assert not permissions.can_correct(people.first, entry)

    workflow.reopen(entry, actor=people.first, reason="A number is wrong.")
    people.write(entry, "With the right number.")
    workflow.submit(entry, actor=people.submitter)
    workflow.approve(entry, actor=people.first, note="By telephone.")
    entry = StatusEntry.objects.get(pk=entry.pk)
    assert permissions.can_correct(people.first, entry)
    assert permissions.abilities(people.first, entry)["publish-correction"]
    assert not permissions.can_correct(people.submitter, entry)


@pytest.mark.parametrize("hand", ["wrote", "submitted"])
def test_permission_to_approve_is_not_for_who_had_a_hand_in_the_text(hand: str) -> None:
    people = cast()
    entry = people.bring(people.entry, EntryState.SUBMITTED)
    person = people.editor if hand == "wrote" else people.submitter
    MembershipFactory(user=person, organisation=OrganisationFactory(), role=NAP_COORDINATOR)
    person = User.objects.get(pk=person.pk)

    assert permissions.may(person, Verb.APPROVE, entry)
    assert permissions.has_hand_in(person, entry)
    assert not permissions.can_approve(person, entry)
    assert not permissions.abilities(person, entry)["approve"]
    assert not permissions.has_hand_in(people.first, entry)
    assert permissions.can_approve(people.first, entry)


def test_permission_to_sign_off_is_held_for_the_ministries_one_is_of() -> None:
    people = cast()
    entry = people.bring(people.entry, EntryState.SUBMITTED)

    assert permissions.signing_organisations(people.signer, entry) == {people.partner.pk}
    for person in (people.submitter, people.partner_editor, people.first, people.stranger):
        assert permissions.signing_organisations(person, entry) == set()
    assert permissions.signing_organisations(AnonymousUser(), entry) == set()
    assert permissions.signing_organisations(UserFactory(superuser=True), entry) == set()


ROUNDS = ("closed", "open", "coming", "out", "sent")


def round_that_is(kind: str) -> factories.ReportingRound:
    """Return a round that waits, takes texts, is published for later, is out, or was sent."""
    each = ReportingRoundFactory(
        opened=kind == "open", published=kind in ("coming", "out"), sent=kind == "sent"
    )
    if kind == "coming":
        each.released_at = timezone.now() + timedelta(days=1)
        each.save()
    each.refresh_from_db()
    return each


@pytest.mark.parametrize("kind", ROUNDS)
def test_permission_truth_table_of_rounds(kind: str) -> None:
    each = round_that_is(kind)
    people = {role: somebody(role) for role in ROLES}
    people["superuser"] = UserFactory(superuser=True)
    people["nobody"] = UserFactory()
    people["gone"] = somebody(NAP_COORDINATOR, valid_until=timezone.localdate())
    coordinate = {NAP_COORDINATOR, "superuser"}

    opens = {name for name, user in people.items() if permissions.can_open(user, each)}
    publishes = {name for name, user in people.items() if permissions.can_publish(user, each)}

    assert opens == (coordinate if kind in ("closed", "open") else set())
    assert publishes == (coordinate if kind in ("open", "coming") else set())
    assert not permissions.can_open(AnonymousUser(), each)
    assert not permissions.can_publish(AnonymousUser(), each)


def test_able_to_approve_are_those_with_the_right_by_a_role_today() -> None:
    today, ministry = timezone.localdate(), OrganisationFactory()
    able = somebody(NAP_COORDINATOR, ministry)
    by_another_role = UserFactory()
    approver = group_with("actions.approve_statusentry")
    MembershipFactory(user=by_another_role, organisation=ministry, group=approver)
    for role in set(ROLES) - {NAP_COORDINATOR}:
        somebody(role, ministry)
    somebody(NAP_COORDINATOR, ministry, valid_until=today)
    somebody(NAP_COORDINATOR, ministry, valid_from=today + timedelta(days=1))
    somebody(NAP_COORDINATOR, ministry, user=UserFactory(inactive=True))
    UserFactory(superuser=True)

    assert set(permissions.able_to_approve()) == {able, by_another_role}


def test_the_application_may_only_write_down_what_letters_say() -> None:
    system = User.objects.system()
    entries = (StatusEntryFactory(), cast().entry)

    may = {verb.value for verb in Verb for entry in entries if permissions.may(system, verb, entry)}

    assert may == {"reconstruct", "publish-reconstruction"}


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

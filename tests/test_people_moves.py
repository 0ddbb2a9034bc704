"""Somebody who leaves, or goes on in another role: rights, drafts, and what is said beforehand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from actions import drafts, permissions, rights, workflow
from actions.bookkeeping import contradictions
from actions.choices import EntryState
from actions.models import EntryDraft, Membership, Organisation
from actions.queries.leaving import leaving, nobody_writes
from actions.rights import Role
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    signed_in,
    somebody,
)
from tests.workflow_people import Cast, cast

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def later(days: int = 30) -> date:
    return TODAY() + timedelta(days=days)


@pytest.fixture
def administrator() -> User:
    return somebody(ADMINISTRATOR)


@pytest.fixture
def people() -> Cast:
    return cast(points=2)


def role(name: str = EDITOR, organisation: Organisation | None = None, **period: Any) -> Role:
    return Role(
        organisation or OrganisationFactory(named=True),
        Group.objects.get(name=name),
        **{"valid_from": TODAY(), **period},
    )


def given(account: User, administrator: User, **period: Any) -> Membership:
    """Give a role as the application does it, so that the trail tells of it."""
    held = role(**period)
    return rights.save_membership(
        Membership(
            user=account,
            organisation=held.organisation,
            group=held.group,
            valid_from=held.valid_from,
            valid_until=held.valid_until,
        ),
        actor=administrator,
    )


def told(action: str) -> AuditEvent:
    event = AuditEvent.objects.filter(action=action).order_by("sequence").last()
    assert event
    return event


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def untold() -> list[str]:
    """Return what contradicts the trail, but for roles that the factories stored."""
    keys = Membership.objects.values_list("pk", flat=True)
    known = {gettext("No event tells who gave role %d.") % key for key in keys}
    return [each for each in contradictions() if each not in known]


# Ending.


def test_end_today_ends_roles_account_and_sessions(administrator: User) -> None:
    account = given(UserFactory(), administrator, valid_from=date(2026, 1, 1)).user
    theirs = signed_in(account)
    assert theirs.get(reverse("admin:index")).status_code == 200

    rights.end_account(account, on=TODAY(), actor=administrator)

    assert not again(account).is_active
    assert account.memberships.get().valid_until == TODAY()
    assert theirs.get(reverse("admin:index")).status_code == 302
    event = told("account.ended")
    assert (event.actor, event.object_label) == (administrator, "")
    assert event.detail == {"until": [None, TODAY().isoformat()], "is_active": [True, False]}
    assert untold() == []
    assert trail.verify() == []


def test_end_on_a_later_day_changes_nothing_before_it(administrator: User) -> None:
    account = given(UserFactory(), administrator, valid_from=date(2026, 1, 1)).user

    rights.end_account(account, on=later(), actor=administrator)

    assert again(account).is_active
    assert again(account).is_staff
    for days, works in ((29, True), (30, False), (31, False)):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            assert again(account).is_staff is works
    assert untold() == []


def test_end_leaves_a_role_that_is_over_earlier_as_it_was(administrator: User) -> None:
    account = UserFactory()
    for end in (date(2021, 1, 1), later(5), None):
        MembershipFactory(user=account, valid_until=end)

    rights.end_account(account, on=later(), actor=administrator)

    ends = account.memberships.order_by("valid_until").values_list("valid_until", flat=True)
    assert list(ends) == [date(2021, 1, 1), later(5), later()]


@pytest.mark.parametrize("starts", [0, 10])
def test_role_that_begins_on_the_last_day_or_later_never_begins(
    administrator: User, starts: int
) -> None:
    account = UserFactory()
    held = given(account, administrator, valid_from=later(20 + starts))

    rights.end_account(account, on=later(20), actor=administrator)

    assert not account.memberships.exists()
    event = told("rights.withdraw")
    assert (event.object_id, event.actor) == (str(held.pk), administrator)
    assert event.detail["user_id"] == [account.pk, None]
    assert account.name not in str(AuditEvent.objects.values().get(pk=event.pk))
    assert untold() == []


def test_role_that_is_gone_without_an_event_is_still_found(administrator: User) -> None:
    held = given(UserFactory(), administrator)
    key = held.pk

    held.delete()

    assert untold() == [gettext("Role %s was given and is gone.") % key]


def test_account_that_ended_without_an_event_is_found() -> None:
    account = UserFactory()
    User.objects.filter(pk=account.pk).update(is_active=False)

    assert untold() == [gettext("What account %d may do is not what was decided.") % account.pk]


def test_end_yesterday_is_refused(administrator: User) -> None:
    account = somebody(EDITOR)

    with pytest.raises(rights.NotPossible) as refusal:
        rights.end_account(account, on=later(-1), actor=administrator)

    assert refusal.value.code == "past"
    assert account.memberships.get().valid_until is None


def test_roles_of_an_account_that_was_switched_off_can_still_be_ended(
    administrator: User,
) -> None:
    held = MembershipFactory(user__is_active=False)

    rights.end_account(held.user, on=TODAY(), actor=administrator)

    assert Membership.objects.get(pk=held.pk).valid_until == TODAY()
    assert "is_active" not in told("account.ended").detail


def test_account_without_a_role_ends_today_or_not_at_all(administrator: User) -> None:
    account = UserFactory()
    client = signed_in(administrator)

    with pytest.raises(rights.NotPossible) as refusal:
        rights.end_account(account, on=later(), actor=administrator)
    answer = client.post(page("transition", account, "end"), {"on": later().isoformat()})

    assert refusal.value.code == "no_role"
    assert "on" in answer.context["form"].errors
    assert again(account).is_active
    rights.end_account(account, on=TODAY(), actor=administrator)
    assert not again(account).is_active


@pytest.mark.parametrize("who", [EDITOR, NAP_COORDINATOR, READER, None])
def test_without_permission_nobody_ends_or_moves_anybody(who: str | None) -> None:
    actor, account = somebody(who) if who else UserFactory(), somebody(EDITOR)

    with pytest.raises(PermissionDenied):
        rights.end_account(account, on=TODAY(), actor=actor)
    with pytest.raises(PermissionDenied):
        rights.move(account, ends=[], role=role(), actor=actor)

    assert again(account).is_staff


def test_nobody_ends_or_moves_themselves_or_who_sets_up(administrator: User) -> None:
    superuser = UserFactory(superuser=True)
    for actor, account in (
        (administrator, administrator),
        (superuser, superuser),
        (administrator, superuser),
        (superuser, User.objects.system()),
    ):
        with pytest.raises(PermissionDenied):
            rights.end_account(account, on=TODAY(), actor=actor)
        with pytest.raises(PermissionDenied):
            rights.move(account, ends=[], role=role(), actor=actor)


# What it means.


def keep_draft(people: Cast) -> EntryDraft:
    return drafts.keep(
        people.entry, writer=people.editor, tab=uuid4(), read_version=0, typed={"narrative": ["x"]}
    )


def test_draft_passes_to_the_coordinator_of_the_ministry(administrator: User, people: Cast) -> None:
    kept = keep_draft(people)
    assert leaving(people.editor, TODAY()).drafts == 1
    assert drafts.left_behind(people.entry, people.submitter) == []

    rights.end_account(people.editor, on=TODAY(), actor=administrator)

    assert drafts.left_behind(people.entry, again(people.submitter)) == [kept]
    assert drafts.left_behind(people.entry, people.stranger) == []


def test_entries_that_nobody_else_can_write_are_named(people: Cast) -> None:
    codes = tuple(each.action_point.code for each in people.entries)

    # The submitter of the same ministry writes too.
    assert leaving(people.editor, TODAY()).without_writer == ()
    Membership.objects.get(user=people.submitter).delete()
    assert leaving(people.editor, TODAY()).without_writer == codes
    assert nobody_writes([people.lead.pk], TODAY()) == []
    Membership.objects.get(user=people.editor).delete()
    assert nobody_writes([people.lead.pk], TODAY()) == list(codes)


def test_others_who_are_gone_by_then_do_not_count(people: Cast) -> None:
    other = Membership.objects.get(user=people.submitter)
    other.valid_until = later(10)
    other.save()

    assert leaving(people.editor, later(5)).without_writer == ()
    assert len(leaving(people.editor, later(10)).without_writer) == 2


def test_fewer_than_two_who_approve_is_a_warning(people: Cast) -> None:
    able = permissions.able_to_approve().count()
    assert able >= 2

    found = leaving(people.first, TODAY())
    assert (found.approves, found.others_approve) == (True, able - 1)
    assert found.too_few_approve is (able - 1 < 2)
    assert not leaving(people.editor, TODAY()).too_few_approve


def test_what_it_means_costs_the_same_for_many(
    people: Cast, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(5):
        leaving(people.editor, TODAY())
    for _ in range(3):
        somebody(EDITOR, people.lead)
        keep_draft(people)
    with django_assert_num_queries(5):
        leaving(people.editor, TODAY())


# Moving.


def test_move_ends_the_old_role_on_the_day_the_new_one_begins(administrator: User) -> None:
    account = UserFactory()
    old = given(account, administrator, valid_from=date(2026, 1, 1))
    new = role(MINISTRY_COORDINATOR, valid_from=later())

    made = rights.move(account, ends=[old.pk], role=new, actor=administrator)

    assert Membership.objects.get(pk=old.pk).valid_until == later()
    assert (made.valid_from, made.valid_until) == (later(), None)
    for days, right in ((29, False), (30, True)):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            assert again(account).has_perm("actions.submit_statusentry") is right
    assert untold() == []
    assert trail.verify() == []


def test_move_within_a_ministry_changes_the_role_only(administrator: User) -> None:
    account = UserFactory()
    old = given(account, administrator, valid_from=date(2026, 1, 1))
    new = role(MINISTRY_COORDINATOR, old.organisation)

    rights.move(account, ends=[old.pk], role=new, actor=administrator)

    held = Membership.objects.on(TODAY()).get(user=account)
    assert (held.organisation, held.group) == (old.organisation, new.group)


def test_move_can_keep_a_role_beside_the_new_one(administrator: User) -> None:
    account = UserFactory()
    kept = given(account, administrator, valid_from=date(2026, 1, 1))

    rights.move(account, ends=[], role=role(READER), actor=administrator)

    assert Membership.objects.get(pk=kept.pk).valid_until is None
    assert Membership.objects.on(TODAY()).filter(user=account).count() == 2


def test_role_given_by_mistake_today_is_replaced_at_once(administrator: User) -> None:
    account = UserFactory()
    wrong = given(account, administrator)

    rights.move(account, ends=[wrong.pk], role=role(READER), actor=administrator)

    assert [each.group.name for each in account.memberships.all()] == [READER]
    assert untold() == []


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "kept"])
def test_move_to_the_same_role_is_refused_and_changes_nothing(
    administrator: User, ends: bool
) -> None:
    account = UserFactory()
    held = given(account, administrator, valid_from=date(2026, 1, 1))
    before = trail.head()

    with pytest.raises(rights.NotPossible) as refusal:
        rights.move(
            account,
            ends=[held.pk] if ends else [],
            role=role(EDITOR, held.organisation),
            actor=administrator,
        )

    assert refusal.value.code == "same"
    assert Membership.objects.get(pk=held.pk).valid_until is None
    assert trail.head() == before


def test_move_that_fails_halfway_leaves_the_old_role(administrator: User) -> None:
    account = UserFactory()
    old = given(account, administrator, valid_from=date(2026, 1, 1))
    backwards = role(READER, valid_until=later(-3))

    with pytest.raises(Exception, match=r"membership_period_in_order"):
        rights.move(account, ends=[old.pk], role=backwards, actor=administrator)

    assert Membership.objects.get(pk=old.pk).valid_until is None
    assert account.memberships.count() == 1


def test_move_of_a_role_of_somebody_else_or_one_that_ended_is_refused(
    administrator: User,
) -> None:
    account, other = somebody(EDITOR), MembershipFactory()

    with pytest.raises(rights.NotPossible) as refusal:
        rights.move(account, ends=[other.pk], role=role(READER), actor=administrator)

    assert refusal.value.code == "changed"
    assert Membership.objects.get(pk=other.pk).valid_until is None


def test_who_wrote_a_text_does_not_approve_it_in_another_role(
    administrator: User, people: Cast
) -> None:
    entry = people.bring(people.entry, EntryState.SUBMITTED)
    old = Membership.objects.get(user=people.editor)

    rights.move(
        people.editor,
        ends=[old.pk],
        role=role(NAP_COORDINATOR),
        actor=administrator,
    )

    moved = again(people.editor)
    assert moved.has_perm("actions.approve_statusentry")
    assert not permissions.can_approve(moved, entry)
    with pytest.raises((PermissionDenied, workflow.NotPossible)):
        workflow.approve(entry, actor=moved)
    assert entry.versions.filter(author=moved).exists()


# The pages.


def page(name: str, account: User, *args: str) -> str:
    return reverse(f"admin:accounts_user_{name}", args=[account.pk, *args])


def test_page_shows_what_ending_means_and_ends_nothing(administrator: User, people: Cast) -> None:
    Membership.objects.get(user=people.submitter).delete()
    keep_draft(people)

    answer = signed_in(administrator).get(page("end", people.editor), {"on": later().isoformat()})

    assert answer.context["left"].drafts == 1
    for entry in people.entries:
        assert entry.action_point.code in answer.text
    assert page("transition", people.editor, "end") in answer.text
    assert again(people.editor).is_active
    assert Membership.objects.get(user=people.editor).valid_until is None


def test_button_ends_the_account(administrator: User) -> None:
    account = somebody(EDITOR)
    client = signed_in(administrator)

    answer = client.post(page("transition", account, "end"), {"on": TODAY().isoformat()})

    assert answer.headers["location"] == page("change", account)
    assert not again(account).is_active
    shown = client.get(page("change", account))
    assert not shown.context["may_end"]
    assert not shown.context["may_move"]


@pytest.mark.parametrize("day", ["", "nonsense", "2020-01-01", "1-1-0001"])
def test_day_that_cannot_be_is_asked_again(administrator: User, day: str) -> None:
    account = somebody(EDITOR)
    client = signed_in(administrator)

    for answer in (
        client.get(page("end", account), {"on": day}),
        client.post(page("transition", account, "end"), {"on": day}),
    ):
        assert answer.status_code == 200
        assert answer.context["form"].errors
        assert page("transition", account, "end") not in answer.text

    assert again(account).is_active


def test_form_moves_somebody(administrator: User) -> None:
    account = somebody(EDITOR)
    held, new = account.memberships.get(), role(READER)
    client = signed_in(administrator)
    form = client.get(page("move", account)).context["form"]
    assert form.fields["ends"].initial == [held.pk]

    answer = client.post(
        page("move", account),
        {
            "ends": [held.pk],
            "organisation": new.organisation.pk,
            "group": new.group.pk,
            "valid_from": TODAY().isoformat(),
        },
    )

    assert answer.headers["location"] == page("change", account)
    assert Membership.objects.on(TODAY()).get(user=account).group.name == READER


def test_form_warns_when_nobody_writes_any_more(administrator: User, people: Cast) -> None:
    Membership.objects.get(user=people.submitter).delete()
    new = role(READER)

    answer = signed_in(administrator).post(
        page("move", people.editor),
        {
            "ends": [people.editor.memberships.get().pk],
            "organisation": new.organisation.pk,
            "group": new.group.pk,
            "valid_from": TODAY().isoformat(),
        },
        follow=True,
    )

    levels = [message.level_tag for message in answer.context["messages"]]
    assert levels == ["success", "warning"]


def test_form_that_moves_nobody_says_why(administrator: User) -> None:
    account = somebody(EDITOR)
    held = account.memberships.get()

    answer = signed_in(administrator).post(
        page("move", account),
        {
            "ends": [held.pk],
            "organisation": held.organisation.pk,
            "group": held.group.pk,
            "valid_from": TODAY().isoformat(),
        },
    )

    assert "group" in answer.context["form"].errors
    assert Membership.objects.get(pk=held.pk).valid_until is None


def test_pages_of_an_account_that_is_not_there(administrator: User) -> None:
    client = signed_in(administrator)
    gone = User(pk=10**8)

    for name in ("end", "move", "pseudonymise"):
        assert client.get(page(name, gone)).status_code == 404
    for step in ("end", "invite", "pseudonymise"):
        assert client.post(page("transition", gone, step)).status_code == 404
    assert client.post(page("transition", administrator, "nonsense")).status_code == 404


@pytest.mark.parametrize("who", [EDITOR, NAP_COORDINATOR, READER])
def test_who_may_not_gets_403_and_that_is_told(who: str) -> None:
    account = somebody(EDITOR)
    client = signed_in(somebody(who))

    for name in ("end", "move", "pseudonymise"):
        assert client.get(page(name, account)).status_code == 403
    assert client.post(page("move", account)).status_code == 403
    for step in ("end", "invite", "pseudonymise"):
        assert client.get(page("transition", account, step)).status_code == 405
        assert client.post(page("transition", account, step)).status_code == 403

    assert again(account).is_staff


@pytest.mark.parametrize("step", ["end", "invite", "pseudonymise", "move"])
def test_refusal_at_ones_own_account_stands_in_the_trail(administrator: User, step: str) -> None:
    client = signed_in(administrator)
    address = (
        page("move", administrator) if step == "move" else page("transition", administrator, step)
    )

    assert client.post(address, {"on": TODAY().isoformat()}).status_code == 403

    event = told(f"user.{step}")
    assert (event.result, event.object_id) == (Result.REFUSED, str(administrator.pk))
    assert again(administrator).is_active


def test_refusal_at_a_role_names_nobody(administrator: User) -> None:
    own = administrator.memberships.get()

    answer = signed_in(administrator).post(
        reverse("admin:actions_membership_change", args=[own.pk]), {"valid_until": "2090-01-01"}
    )

    assert answer.status_code == 403
    event = told("membership.change")
    assert event.object_id == str(own.pk)
    assert administrator.name not in event.object_label
    assert own.group.name in event.object_label

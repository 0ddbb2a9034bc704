"""Somebody moves to another ministry, and an action point does: rights go, what was done stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from actions import editing, permissions, rights, workflow
from actions.choices import EntryState, ResponsibilityRole
from actions.models import Membership, Responsibility, StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from tests.admin_pages import page
from tests.factories import (
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    overwrite,
    signed_in,
    somebody,
)
from tests.workflow_people import Cast, cast, content, events

pytestmark = pytest.mark.django_db

MOVES = date(2031, 5, 1)
BEFORE = MOVES - timedelta(days=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def at(day: date, hour: int = 12, minute: int = 0) -> time_machine.travel:
    """Be at a time of a day in the Netherlands."""
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=AMSTERDAM)
    return time_machine.travel(moment, tick=False)


def anew(user: User) -> User:
    """Return an account as another request would read it."""
    return User.objects.get(pk=user.pk)


def able(user: User, entry: StatusEntry) -> set[str]:
    """Return the words for all that somebody can do with an entry now."""
    found = permissions.abilities(anew(user), StatusEntry.objects.get(pk=entry.pk))
    return {word for word, can in found.items() if can}


@pytest.fixture
def people() -> Cast:
    """Make a round in which somebody wrote and submitted one day before they move."""
    made = cast(points=2, year=2030)
    mover = made.submitter
    membership = mover.memberships.get()
    with at(BEFORE):
        editing.save_text(made.entry, content("Written at A."), author=mover, read_version=0)
        workflow.submit(made.entry, actor=mover)
        administrator = made.administrator
        membership.valid_until = MOVES
        rights.save_membership(membership, actor=administrator)
        rights.save_membership(
            Membership(
                user=mover,
                organisation=administrator.memberships.get().organisation,
                group=made.first.memberships.get().group,
                valid_from=MOVES,
            ),
            actor=administrator,
        )
    return made


def test_old_rights_end_and_new_ones_begin_on_the_day_somebody_moves(people: Cast) -> None:
    of_ministry = people.entries[1]
    submitted = people.entries[0]

    with at(BEFORE, 23, 59):
        assert able(people.submitter, of_ministry) == {
            *("view", "edit", "submit", "remark", "answer-remark"),
        }
        assert able(people.submitter, submitted) == {"view", "remark", "answer-remark"}
    with at(MOVES, 0, 1):
        assert able(people.submitter, of_ministry) == {"view", "remark", "not-supplied"}
        # They coordinate now, and what they wrote at A they may return but never approve.
        assert able(people.submitter, submitted) == {"view", "remark", "return"}


def test_open_account_loses_and_gains_rights_at_midnight(people: Cast) -> None:
    mover, entry = anew(people.submitter), people.entries[1]

    with at(BEFORE, 23, 59):
        assert permissions.can_edit(mover, entry)
        assert not mover.has_perm("actions.approve_statusentry")
    with at(MOVES, 0, 0):
        assert not permissions.can_edit(mover, entry)
        assert mover.has_perm("actions.approve_statusentry")


def test_who_leaves_without_a_new_role_sees_nothing_from_that_day(people: Cast) -> None:
    leaver = somebody(MINISTRY_COORDINATOR, people.lead, valid_until=MOVES)

    with at(BEFORE):
        assert set(permissions.visible_entries(anew(leaver))) == set(people.entries)
    with at(MOVES):
        gone = anew(leaver)
        assert not permissions.visible_entries(gone).exists()
        assert not able(gone, people.entries[1])
        with pytest.raises(PermissionDenied):
            editing.save_text(people.entries[1], content(), author=gone, read_version=0)
        with pytest.raises(PermissionDenied):
            workflow.submit(people.entries[1], actor=gone)
    assert not people.entries[1].versions.exists()


def test_permission_to_open_pages_ends_with_the_last_role(people: Cast) -> None:
    leaver = somebody(MINISTRY_COORDINATOR, people.lead, valid_until=MOVES)
    addresses = [
        reverse("admin:index"),
        page(StatusEntry, "changelist"),
        page(StatusEntry, "change", people.entries[1].pk),
    ]

    with at(BEFORE, 23, 58):
        browser = signed_in(leaver)
        assert [browser.get(address).status_code for address in addresses] == [200, 200, 200]
    with at(MOVES, 0, 1):
        answers = [browser.get(address) for address in addresses]
        written = browser.post(addresses[2], {"narrative": "Too late."})

    assert {answer.status_code for answer in (*answers, written)} <= {302, 403, 404}
    for answer in (*answers, written):
        assert people.entries[1].action_point.title_nl not in answer.content.decode()
        if answer.status_code == 302:
            assert answer.url.startswith(reverse("admin:login"))
    assert not people.entries[1].versions.exists()


def test_permission_to_open_pages_goes_with_who_moves_to_another_ministry(people: Cast) -> None:
    elsewhere = OrganisationFactory(named=True)
    mover = somebody(MINISTRY_COORDINATOR, people.lead, valid_until=MOVES)
    MembershipFactory(
        user=mover, organisation=elsewhere, role=MINISTRY_COORDINATOR, valid_from=MOVES
    )
    address = page(StatusEntry, "change", people.entries[1].pk)

    with at(BEFORE, 23, 58):
        browser = signed_in(mover)
        assert browser.get(address).status_code == 200
    with at(MOVES, 0, 1):
        # The start page is theirs still, the text of the old ministry is not.
        assert browser.get(reverse("admin:index")).status_code == 200
        answer = browser.get(address)
        listed = browser.get(page(StatusEntry, "changelist"))

    assert answer.status_code in (302, 403, 404)
    for shown in (answer, listed):
        assert people.entries[1].action_point.title_nl not in shown.content.decode()


def test_what_somebody_wrote_and_did_keeps_their_name(people: Cast) -> None:
    mover = people.submitter

    with at(MOVES):
        entry = StatusEntry.objects.get(pk=people.entry.pk)
        version, step = entry.versions.get(), entry.transitions.get()

    assert (version.author, step.actor) == (mover, mover)
    assert str(version.author) == mover.name
    (saved,) = events("entry.save-text", entry)
    assert saved.actor == mover
    # In the role they had then, whatever they are now.
    assert saved.acting_as == f"{MINISTRY_COORDINATOR} ({people.lead.slug})"
    assert list(trail.verify()) == []


def test_who_moved_to_coordinate_cannot_approve_what_they_wrote_before(people: Cast) -> None:
    with at(MOVES):
        people.sign(people.entry)
        mover = anew(people.submitter)
        assert permissions.may(mover, permissions.Verb.APPROVE, people.entry)
        with pytest.raises(workflow.NotPossible) as refusal:
            workflow.approve(people.entry, actor=mover)

        assert refusal.value.code == "own_text"
        assert workflow.approve(people.entry, actor=people.first).state == EntryState.APPROVED


def test_who_moved_to_coordinate_cannot_approve_a_later_text_of_others(people: Cast) -> None:
    with at(MOVES + timedelta(days=40)):
        mover = anew(people.submitter)
        workflow.send_back(people.entry, actor=mover, reason="My own words, to be looked at.")
        people.write(people.entry, "Rewritten by the editor.")
        workflow.submit(people.entry, actor=somebody(MINISTRY_COORDINATOR, people.lead))
        people.sign(people.entry)
        with pytest.raises(workflow.NotPossible) as refusal:
            workflow.approve(people.entry, actor=mover)

    assert refusal.value.code == "own_text"


def test_who_moved_to_coordinate_approves_what_others_wrote(people: Cast) -> None:
    entry = people.entries[1]
    with at(BEFORE):
        people.write(entry)
        workflow.submit(entry, actor=somebody(MINISTRY_COORDINATOR, people.lead))
        people.sign(entry)
        with pytest.raises(PermissionDenied):
            workflow.approve(entry, actor=anew(people.submitter))

    with at(MOVES):
        approved = workflow.approve(entry, actor=anew(people.submitter))

    assert approved.state == EntryState.APPROVED
    assert events("entry.approve", entry)[0].acting_as.startswith(NAP_COORDINATOR)


def test_coordinator_who_moves_counts_from_the_first_day_to_the_last(people: Cast) -> None:
    for membership in Membership.objects.filter(user__in=[people.first, people.second]):
        membership.valid_until = MOVES + timedelta(days=10)
        membership.save()
    three = {people.first, people.second, people.submitter}

    for day, expected in (
        (BEFORE, three - {people.submitter}),
        (MOVES, three),
        (MOVES + timedelta(days=10), {people.submitter}),
    ):
        with at(day):
            assert set(permissions.able_to_approve()) & three == expected


def test_deputy_for_a_fortnight_has_the_rights_for_just_that_time(people: Cast) -> None:
    deputy = UserFactory()
    MembershipFactory(
        user=deputy,
        organisation=people.lead,
        role=MINISTRY_COORDINATOR,
        valid_from=MOVES,
        valid_until=MOVES + timedelta(days=14),
    )
    entry = people.entries[1]

    for days, holds in ((-1, False), (0, True), (13, True), (14, False)):
        with at(MOVES + timedelta(days=days)):
            assert permissions.can_edit(anew(deputy), entry) is holds
            assert permissions.can_view(anew(deputy), entry) is holds


# An action point that goes to another ministry.


@pytest.fixture
def moved_point(people: Cast) -> User:
    """Let the second point pass to another ministry; return who coordinates there."""
    new = OrganisationFactory(named=True)
    point = people.entries[1].action_point
    overwrite(
        Responsibility.objects.filter(action_point=point, role=ResponsibilityRole.LEAD),
        valid_until=MOVES,
    )
    Responsibility.objects.create(
        action_point=point,
        organisation=new,
        role=ResponsibilityRole.LEAD,
        basis="stated",
        valid_from=MOVES,
    )
    return somebody(MINISTRY_COORDINATOR, new)


def test_point_that_moves_takes_the_pen_along_and_leaves_the_old_round_readable(
    people: Cast, moved_point: User
) -> None:
    entry = people.entries[1]
    with at(BEFORE):
        editing.save_text(entry, content("By the old one."), author=people.editor, read_version=0)
        assert not permissions.can_view(anew(moved_point), entry)
        with pytest.raises(PermissionDenied):
            editing.save_text(entry, content(), author=anew(moved_point), read_version=1)

    with at(MOVES):
        old, new = anew(people.editor), anew(moved_point)
        assert permissions.can_view(old, entry)
        assert not permissions.can_edit(old, entry)
        with pytest.raises(PermissionDenied):
            editing.save_text(entry, content(), author=old, read_version=1)
        editing.save_text(entry, content("By the new one."), author=new, read_version=1)
        workflow.submit(entry, actor=new)

    versions = list(entry.versions.order_by("number").values_list("author", "narrative"))
    assert versions == [(people.editor.pk, "By the old one."), (new.pk, "By the new one.")]


def test_ministry_that_gave_a_point_away_does_not_read_the_next_round(
    people: Cast, moved_point: User
) -> None:
    point = people.entries[1].action_point
    with at(MOVES + timedelta(days=300)):
        following = type(people.round).objects.create(plan=people.round.plan, year=2031)
        workflow.open_round(following, actor=people.first)
        new_entry = StatusEntry.objects.get(round=following, action_point=point)
        old, new = anew(people.editor), anew(moved_point)

        assert permissions.can_view(old, people.entries[1])
        assert not permissions.can_view(old, new_entry)
        assert permissions.can_edit(new, new_entry)
        assert permissions.can_view(new, people.entries[1])


def test_permission_to_open_the_page_of_a_point_that_moved_is_to_read_only(
    people: Cast, moved_point: User
) -> None:
    entry = people.entries[1]
    address = page(StatusEntry, "change", entry.pk)

    with at(MOVES):
        read = signed_in(people.editor).get(address)
        signed_in(people.editor).post(address, {"narrative": "Still mine?"})
        writes = signed_in(moved_point).get(address)

    assert read.status_code == 200
    assert 'name="narrative"' not in read.content.decode()
    assert 'name="narrative"' in writes.content.decode()
    assert not entry.versions.exists()

"""The list of rights of a quarter, a year or a day: what stands in it, as a file, its review."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factory import LazyFunction

from actions import reviews, rights
from actions.models import Membership
from actions.queries.rights import (
    ChangeKind,
    Line,
    Mark,
    ReviewPeriod,
    RightsList,
    period_of,
    quarter_of,
    rights_list,
)
from actions.rights import Role
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    NAP_COORDINATOR,
    READER,
    MembershipFactory,
    OrganisationFactory,
    OrganisationNameFactory,
    UserFactory,
    group_with,
    signed_in,
    somebody,
)

pytestmark = pytest.mark.django_db

NOW = date(2026, 11, 21)
PAGE = "admin:actions_membership_rights"
FILE = "admin:actions_membership_rights_file"
REVIEWED = "admin:actions_membership_rights_reviewed"


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(f"{NOW}T12:00:00+01:00"):
        yield


@pytest.fixture
def administrator() -> User:
    return somebody(ADMINISTRATOR)


def period(word: str = "2026-Q4") -> ReviewPeriod:
    found = period_of(word)
    assert found
    return found


def of(word: str = "2026-Q4") -> RightsList:
    return rights_list(period(word))


def line(membership: Membership, word: str = "2026-Q4") -> Line:
    [found] = [each for each in of(word).roles if each.person == membership.user_id]
    return found


def people(word: str) -> set[int]:
    return {each.person for each in of(word).roles}


def given(administrator: User, user: User | None = None, **changed: Any) -> Membership:
    values = {
        "user": user or UserFactory(),
        "organisation": OrganisationFactory(named=True),
        "group": Group.objects.get(name=EDITOR),
        "valid_from": NOW,
    }
    return rights.save_membership(Membership(**values | changed), actor=administrator)


# The period.


@pytest.mark.parametrize(
    ("word", "first", "until"),
    [
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-11-21", date(2026, 11, 21), date(2026, 11, 22)),
    ],
)
def test_period_is_a_quarter_a_year_or_a_day(word: str, first: date, until: date) -> None:
    assert period_of(word) == ReviewPeriod(word, first, until)


@pytest.mark.parametrize(
    "word", ["", "2026-Q5", "2026-q1", "1999", "2026-13-01", "9999-12-31", "2026-Q1 ", "٢٠٢٦"]
)
def test_what_is_no_period_is_none(word: str) -> None:
    assert period_of(word) is None


@pytest.mark.parametrize(
    ("day", "word"), [(date(2026, 3, 31), "2026-Q1"), (date(2026, 10, 1), "2026-Q4")]
)
def test_day_lies_in_its_quarter(day: date, word: str) -> None:
    assert quarter_of(day) == word


@pytest.mark.parametrize("asked", ["period=nonsense", "day=nonsense", "", "period=%00", "day=1"])
def test_what_is_no_period_shows_this_quarter(administrator: User, asked: str) -> None:
    answer = signed_in(administrator).get(f"{reverse(PAGE)}?{asked}")

    assert answer.context["list"].period.word == "2026-Q4"


# Who is in it.


@pytest.mark.parametrize(
    ("start", "end", "held"),
    [
        (date(2026, 1, 1), None, True),
        (date(2026, 1, 1), date(2026, 10, 1), False),
        (date(2026, 1, 1), date(2026, 10, 2), True),
        (date(2026, 12, 31), None, True),
        (date(2027, 1, 1), None, False),
    ],
)
def test_role_that_held_on_any_day_of_the_period_is_in_the_list(
    start: date, end: date | None, held: bool
) -> None:
    membership = MembershipFactory(valid_from=start, valid_until=end)

    assert (membership.user_id in people("2026-Q4")) is held
    assert (membership.user_id in people(start.isoformat())) is True


def test_line_tells_who_where_what_and_since_when(administrator: User) -> None:
    organisation = OrganisationFactory()
    OrganisationNameFactory(
        organisation=organisation, abbreviation="EZK", valid_until=date(2024, 7, 2)
    )
    OrganisationNameFactory(
        organisation=organisation, abbreviation="EZ", valid_from=date(2024, 7, 2)
    )
    user = UserFactory(last_login=timezone.now() - timedelta(days=3))
    membership = given(administrator, user, organisation=organisation, valid_from=date(2024, 1, 1))

    found = line(membership)
    assert (found.name, found.email, found.is_active) == (user.name, user.email, True)
    assert (found.ministry, found.role) == ("EZ", EDITOR)
    assert (found.valid_from, found.valid_until) == (date(2024, 1, 1), None)
    assert found.last_seen == NOW - timedelta(days=3)
    assert (found.given_by, found.given_on) == (administrator.name, NOW)
    assert found.marks == ()
    # By the name of that time.
    assert line(membership, "2024-Q1").ministry == "EZK"


def test_system_account_is_not_in_the_list() -> None:
    User.objects.system()

    assert all(each.email != "systeem@nap-monitor.invalid" for each in of().lines)


def test_superusers_stand_apart(administrator: User) -> None:
    superuser = UserFactory(superuser=True)

    assert [each.person for each in of().set_up] == [superuser.pk]
    assert Mark.EVERY_RIGHT in of().set_up[0].marks
    assert superuser.pk not in {each.person for each in of().without_role}


def test_account_without_a_role_stands_apart() -> None:
    idle, ended = UserFactory(), UserFactory(inactive=True)
    over = somebody(EDITOR, valid_until=date(2026, 5, 1))
    future = somebody(EDITOR, valid_from=date(2027, 5, 1))

    found = {each.person: each.marks for each in of().without_role}

    assert set(found) == {idle.pk, over.pk}
    assert Mark.NO_ROLE in found[idle.pk]
    assert {ended.pk, future.pk}.isdisjoint(found)


# What to look at.


def seen(days: int | None) -> dict[str, Any]:
    # Worked out in the test, whose clock stands still on a day of its own.
    ago = None if days is None else LazyFunction(lambda: timezone.now() - timedelta(days=days))
    return {"user__last_login": ago}


@pytest.mark.parametrize(
    ("changed", "marks"),
    [
        (seen(1), set()),
        (seen(89), set()),
        (seen(91), {Mark.LONG_AWAY}),
        (seen(None), {Mark.NEVER_SIGNED_IN}),
        (seen(1) | {"user__is_active": False}, {Mark.ACCOUNT_ENDED}),
        (seen(None) | {"valid_until": date(2026, 11, 1)}, set()),
        (seen(None) | {"user__is_active": False, "valid_until": NOW}, set()),
        (seen(None) | {"valid_from": date(2026, 12, 1)}, set()),
    ],
)
def test_account_that_is_not_used_or_not_ended_well_is_marked(
    changed: dict[str, Any], marks: set[Mark]
) -> None:
    assert set(line(MembershipFactory(**changed)).marks) == marks


def test_role_at_a_ministry_that_is_gone_is_marked() -> None:
    gone = OrganisationFactory()
    OrganisationNameFactory(organisation=gone, valid_until=date(2026, 2, 23))

    assert Mark.MINISTRY_ENDED in line(MembershipFactory(organisation=gone, **seen(1))).marks


def test_two_roles_at_once_are_marked_and_one_after_the_other_not() -> None:
    both, moved = UserFactory(last_login=timezone.now()), UserFactory(last_login=timezone.now())
    for _ in range(2):
        MembershipFactory(user=both)
    MembershipFactory(user=moved, valid_until=date(2026, 11, 1))
    MembershipFactory(user=moved, valid_from=date(2026, 11, 1))

    marks = {each.person: each.marks for each in of().roles}

    assert marks[both.pk] == (Mark.SEVERAL_ROLES,)
    assert marks[moved.pk] == ()


def test_who_gives_roles_and_has_another_is_marked(administrator: User) -> None:
    administrator.last_login = timezone.now()
    administrator.save()
    MembershipFactory(user=administrator, role=EDITOR)

    found = [each.marks for each in of().roles if each.person == administrator.pk]

    assert found == [(Mark.SEVERAL_ROLES, Mark.NOT_SEPARATED)] * 2


# What changed.


def test_changes_of_the_period_are_told_newest_first(administrator: User) -> None:
    account = rights.invite(
        "nieuw@test.example",
        "Nieuw",
        Role(OrganisationFactory(named=True), Group.objects.get(name=EDITOR), NOW),
        actor=administrator,
    )
    with time_machine.travel("2027-02-03T12:00:00+01:00"):
        rights.end_account(account, on=timezone.localdate(), actor=administrator)

    autumn = [(each.kind, each.person, each.by) for each in of().changes]
    winter = [(each.kind, each.until) for each in of("2027-Q1").changes]

    by = administrator.name
    assert autumn == [
        (ChangeKind.GIVEN, account.pk, by),
        (ChangeKind.MADE, account.pk, by),
    ]
    assert winter == [
        (ChangeKind.ACCOUNT_ENDED, date(2027, 2, 3)),
        (ChangeKind.ENDED, date(2027, 2, 3)),
    ]
    assert of("2026-Q3").changes == ()


def test_role_that_was_taken_back_is_told_with_whose_it_was(administrator: User) -> None:
    membership = given(administrator, valid_from=date(2026, 12, 1))
    rights.end_account(membership.user, on=NOW, actor=administrator)

    found = {each.kind: each.person for each in of().changes}

    assert found[ChangeKind.WITHDRAWN] == membership.user_id


def test_list_costs_the_same_for_many(
    administrator: User, django_assert_max_num_queries: Any
) -> None:
    for number in (2, 6):
        for _ in range(number):
            given(administrator)
            UserFactory(superuser=True)
        with django_assert_max_num_queries(10):
            of()


# The page and the file.


def test_page_shows_lines_marks_and_changes(administrator: User) -> None:
    membership = given(administrator)

    answer = signed_in(administrator).get(reverse(PAGE), {"period": "2026-Q4"})

    assert membership.user.email in answer.text
    assert str(Mark.NEVER_SIGNED_IN.label) in answer.text
    assert answer.context["to_look_at"] >= 1


@pytest.mark.parametrize("who", [EDITOR, NAP_COORDINATOR, READER])
def test_without_permission_nobody_sees_takes_or_confirms_the_list(who: str) -> None:
    user = somebody(who)
    client = signed_in(user)

    assert client.get(reverse(PAGE)).status_code == 403
    assert client.post(reverse(FILE), {"period": "2026-Q4"}).status_code == 403
    assert client.post(reverse(REVIEWED), {"period": "2026-Q4"}).status_code == 403

    refused = AuditEvent.objects.filter(result=Result.REFUSED)
    assert set(refused.values_list("action", flat=True)) == {
        "membership.export",
        "membership.review",
    }
    with pytest.raises(PermissionDenied):
        reviews.exported("2026-Q4", rows=1, digest="", actor=user)
    with pytest.raises(PermissionDenied):
        reviews.confirm(period(), rows=1, digest="", seen="", actor=user)


def test_who_only_reads_sees_the_list_and_does_not_confirm_it() -> None:
    user = MembershipFactory(group=group_with("actions.view_membership", "accounts.view_user")).user
    client = signed_in(user)

    answer = client.get(reverse(PAGE))

    assert answer.status_code == 200
    assert answer.context["review_form"] is None
    assert client.post(reverse(REVIEWED), {"period": "2026-Q4"}).status_code == 403


def test_addresses_that_change_something_answer_only_to_post(administrator: User) -> None:
    client = signed_in(administrator)

    assert client.get(reverse(FILE)).status_code == 405
    assert client.get(reverse(REVIEWED)).status_code == 405
    assert client.post(reverse(PAGE)).status_code == 405


def rows(answer: Any) -> list[list[str]]:
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_file_holds_every_line_and_its_fingerprint_stands_in_the_trail(
    administrator: User,
) -> None:
    membership = given(administrator)
    superuser = UserFactory(superuser=True)

    answer = signed_in(administrator).post(reverse(FILE), {"period": "2026-Q4"})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="rechten-2026-Q4.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    header, *found = rows(answer)
    assert len({len(row) for row in (header, *found)}) == 1
    mails = [row[1] for row in found]
    assert {membership.user.email, superuser.email} <= set(mails)
    event = AuditEvent.objects.get(action="rights.export")
    assert event.actor == administrator
    assert event.detail == {
        "period": "2026-Q4",
        "rows": len(found),
        "sha256": sha256(answer.content).hexdigest(),
    }
    assert membership.user.name not in str(AuditEvent.objects.values().get(pk=event.pk))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_no_cell_of_the_file_is_a_formula(administrator: User, start: str) -> None:
    User.objects.filter(pk=given(administrator).user_id).update(name=f"{start}cmd|' /C calc'!A0")

    _header, *found = rows(signed_in(administrator).post(reverse(FILE), {"period": "2026"}))

    assert any("calc" in cell for row in found for cell in row)
    for row in found:
        for cell in row:
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


# The review.


def confirm(client: Client, word: str = "2026-Q4", **changed: Any) -> Any:
    form = client.get(reverse(PAGE), {"period": word}).context["review_form"]
    seen = form.initial["seen"] if form else ""
    return client.post(reverse(REVIEWED), {"period": word, "seen": seen, "remark": ""} | changed)


@pytest.mark.parametrize("word", ["2026-Q4", "2026", "2026-Q3"])
def test_review_stands_in_the_trail_and_on_the_page(administrator: User, word: str) -> None:
    given(administrator)
    client = signed_in(administrator)

    answer = confirm(client, word, remark="Twee rollen beëindigd.")

    assert answer.status_code == 302
    event = AuditEvent.objects.get(action="rights.reviewed")
    assert (event.actor, event.object_label) == (administrator, word)
    file = client.post(reverse(FILE), {"period": word})
    assert event.detail == {
        "period": word,
        "rows": len(rows(file)) - 1,
        "sha256": sha256(file.content).hexdigest(),
        "remark": "Twee rollen beëindigd.",
    }
    shown = client.get(answer.headers["location"])
    assert administrator.name in shown.text
    assert shown.context["list"].review.digest == event.detail["sha256"]
    assert of("2025").review is None
    assert trail.verify() == []


def test_fingerprint_is_the_same_in_every_language(administrator: User) -> None:
    client = signed_in(administrator)
    given(administrator)

    digests = {
        client.get(reverse(PAGE), headers={"accept-language": language})
        .context["review_form"]
        .initial["seen"]
        for language in ("nl", "en")
    }

    assert len(digests) == 1


def test_list_that_changed_since_it_was_opened_is_looked_at_again(administrator: User) -> None:
    client = signed_in(administrator)
    old = client.get(reverse(PAGE)).context["review_form"].initial["seen"]
    given(administrator)

    answer = confirm(client, seen=old)

    assert answer.status_code == 200
    assert answer.context["review_form"].errors
    assert not AuditEvent.objects.filter(action="rights.reviewed").exists()
    # What is shown now can be confirmed.
    again = answer.context["review_form"]["seen"].value()
    assert confirm(client, seen=again).status_code == 302


@pytest.mark.parametrize("remark", ["Mail naar x@y.example", "Rol van KANARIE VOGEL weg."])
def test_remark_with_a_name_or_an_address_is_refused(administrator: User, remark: str) -> None:
    UserFactory(name="Kanarie Vogel")

    answer = confirm(signed_in(administrator), remark=remark)

    assert "remark" in answer.context["review_form"].errors
    assert not AuditEvent.objects.filter(action="rights.reviewed").exists()


def test_long_remark_is_refused(administrator: User) -> None:
    answer = confirm(signed_in(administrator), remark="x" * 501)

    assert "remark" in answer.context["review_form"].errors


@pytest.mark.parametrize("asked", [{"period": "2027-Q1"}, {"day": "2026-11-21", "period": ""}])
def test_day_or_period_that_has_not_begun_is_not_reviewed(
    administrator: User, asked: dict[str, str]
) -> None:
    client = signed_in(administrator)

    assert client.get(reverse(PAGE), asked).context["review_form"] is None
    answer = client.post(reverse(REVIEWED), {"seen": "x", "remark": "", **asked})

    assert answer.status_code == 200
    assert not AuditEvent.objects.filter(action="rights.reviewed").exists()


def test_lists_lead_to_the_list_of_rights_only_for_who_may_see_it(administrator: User) -> None:
    for name in ("accounts_user_changelist", "actions_membership_changelist"):
        page = reverse(f"admin:{name}")
        assert reverse(PAGE) in signed_in(administrator).get(page).text
    only = MembershipFactory(group=group_with("actions.view_membership")).user
    page = reverse("admin:actions_membership_changelist")
    assert reverse(PAGE) not in signed_in(only).get(page).text

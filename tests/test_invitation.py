"""Inviting somebody: account, role and link at once, and the password they choose themselves."""

from __future__ import annotations

import logging
import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from pytest_django import Settings

from actions import invitations, rights
from actions.bookkeeping import contradictions
from actions.models import Organisation
from actions.rights import Role
from napmonitor.accounts.invitations import invited_by_key, key_of, tokens
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    NAP_COORDINATOR,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    group_with,
    signed_in,
    somebody,
)

pytestmark = pytest.mark.django_db

PASSWORD = "een lang eigen wachtwoord"
INVITE = "admin:accounts_user_invite"
LINK = "admin:accounts_user_invitation"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def administrator() -> User:
    return somebody(ADMINISTRATOR)


def typed(**changed: Any) -> dict[str, Any]:
    return {
        "email": "Nieuw@Test.example",
        "name": "Nieuwe Kanarie",
        "organisation": OrganisationFactory(named=True).pk,
        "group": Group.objects.get(name=EDITOR).pk,
        "valid_from": timezone.localdate().isoformat(),
        "valid_until": "",
    } | changed


def role() -> Role:
    group = Group.objects.get(name=EDITOR)
    return Role(OrganisationFactory(named=True), group, timezone.localdate())


def invited(administrator: User) -> User:
    return rights.invite("nieuw@test.example", "Nieuwe Kanarie", role(), actor=administrator)


def link_in_mail() -> str:
    found = re.search(r"https?://\S+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def actions_told() -> list[str]:
    return list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))


# Making it.


def test_one_form_makes_the_account_the_role_and_the_link(administrator: User) -> None:
    sent = typed(valid_until=(timezone.localdate() + timedelta(days=90)).isoformat())

    answer = signed_in(administrator).post(reverse(INVITE), sent)

    account = User.objects.get(email="nieuw@test.example")
    assert answer.headers["location"] == reverse("admin:accounts_user_change", args=[account.pk])
    assert not account.has_usable_password()
    membership = account.memberships.get()
    assert (membership.organisation_id, membership.group_id) == (
        sent["organisation"],
        sent["group"],
    )
    assert membership.valid_until is not None
    assert actions_told()[-3:] == ["account.made", "rights.give", "account.invited"]
    assert [message.to for message in mail.outbox] == [["nieuw@test.example"]]
    assert trail.verify() == []


def test_message_says_how_long_the_link_works_and_for_which_role(administrator: User) -> None:
    account = invited(administrator)

    assert invitations.send(account, "https://nap.example/x?key=1")

    message = mail.outbox[0]
    assert "https://nap.example/x?key=1" in message.body
    assert EDITOR in message.body
    assert "7" in message.body
    [(html, kind)] = message.alternatives
    assert (kind, "https://nap.example/x?key=1" in html) == ("text/html", True)
    assert "<style" not in html


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", ""),
        ("email", "no address"),
        ("name", ""),
        ("organisation", ""),
        ("group", ""),
        ("valid_from", ""),
        ("valid_from", "2020-01-01"),
        ("valid_until", "2020-01-01"),
    ],
)
def test_form_is_shown_again_at_the_field_that_is_wrong(
    administrator: User, name: str, value: str
) -> None:
    answer = signed_in(administrator).post(reverse(INVITE), typed(**{name: value}))

    assert answer.status_code == 200
    assert name in answer.context["form"].errors
    assert not User.objects.filter(email="nieuw@test.example").exists()
    assert not mail.outbox
    assert "account.made" not in actions_told()


def test_role_that_cannot_be_stored_leaves_no_account(administrator: User) -> None:
    wrong = Role(OrganisationFactory(), Group.objects.get(name=EDITOR), date(2020, 1, 1))

    with pytest.raises(rights.NotPossible) as refusal:
        rights.invite("nieuw@test.example", "Nieuw", wrong, actor=administrator)

    assert refusal.value.code == "past"
    assert not User.objects.filter(email="nieuw@test.example").exists()


def test_address_that_has_an_account_leads_to_that_account(administrator: User) -> None:
    known = UserFactory(email="nieuw@test.example", name="Bekende Kanarie")

    answer = signed_in(administrator).post(reverse(INVITE), typed())

    assert "email" in answer.context["form"].errors
    assert reverse("admin:accounts_user_change", args=[known.pk]) in answer.text
    assert User.objects.filter(email="nieuw@test.example").count() == 1
    assert not mail.outbox


def test_who_may_not_see_accounts_is_not_told_whose_address_it_is() -> None:
    group = group_with("accounts.add_user", "actions.change_membership")
    inviter = MembershipFactory(group=group).user
    known = UserFactory(email="nieuw@test.example", name="Bekende Kanarie")

    answer = signed_in(inviter).post(reverse(INVITE), typed())

    assert "email" in answer.context["form"].errors
    assert known.name not in answer.text
    assert reverse("admin:accounts_user_change", args=[known.pk]) not in answer.text


@pytest.mark.parametrize("who", [EDITOR, NAP_COORDINATOR])
def test_without_permission_nobody_is_invited(who: str) -> None:
    client = signed_in(somebody(who))

    assert client.get(reverse(INVITE)).status_code == 403
    assert client.post(reverse(INVITE), typed()).status_code == 403

    refused = AuditEvent.objects.get(action="user.invite")
    assert refused.result == Result.REFUSED
    assert not User.objects.filter(email="nieuw@test.example").exists()
    with pytest.raises(PermissionDenied):
        invited(somebody(who))


def test_account_stays_when_the_message_cannot_be_sent(
    administrator: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "tests.test_invitation.Broken"
    client = signed_in(administrator)

    with caplog.at_level(logging.ERROR):
        answer = client.post(reverse(INVITE), typed(), follow=True)

    account = User.objects.get(email="nieuw@test.example")
    [message] = answer.context["messages"]
    assert message.level_tag == "error"
    assert reverse("admin:accounts_user_transition", args=[account.pk, "invite"]) in answer.text
    assert "nieuw@" not in caplog.text
    assert tokens.make_token(account) not in caplog.text


class Broken:
    """A mail server that is not there."""

    def __init__(self, **_options: Any) -> None: ...

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError


# Inviting again.


def test_new_invitation_ends_the_link_before_it(administrator: User) -> None:
    account = invited(administrator)
    first = key_of(account)
    address = reverse("admin:accounts_user_transition", args=[account.pk, "invite"])

    answer = signed_in(administrator).post(address)

    assert answer.status_code == 302
    assert invited_by_key(first) is None
    key = link_in_mail().partition("key=")[2]
    assert invited_by_key(key) == account


def test_given_password_ends_the_link(administrator: User) -> None:
    account = invited(administrator)
    key = key_of(account)

    rights.give_password(account, actor=administrator)

    assert invited_by_key(key) is None
    assert User.objects.get(pk=account.pk).invited_at is None


def test_nobody_invites_an_ended_account_or_themselves(administrator: User) -> None:
    with pytest.raises(rights.NotPossible) as refusal:
        rights.invite_again(UserFactory(inactive=True), actor=administrator)
    assert refusal.value.code == "ended"
    for account in (administrator, UserFactory(superuser=True), User.objects.system()):
        with pytest.raises(PermissionDenied):
            rights.invite_again(account, actor=administrator)


def test_button_to_invite_again_refuses_and_tells_who_may_not() -> None:
    account = UserFactory()
    address = reverse("admin:accounts_user_transition", args=[account.pk, "invite"])
    client = signed_in(somebody(NAP_COORDINATOR))

    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 403
    assert User.objects.get(pk=account.pk).invited_at is None


# The link.


def opened(account: User) -> tuple[Client, Any]:
    client = Client()
    return client, client.get(reverse(LINK), {"key": key_of(account)})


def chosen(client: Client, password: str = PASSWORD) -> Any:
    return client.post(reverse(LINK), {"new_password1": password, "new_password2": password})


def test_link_leads_to_a_password_of_ones_own(administrator: User) -> None:
    account = invited(administrator)

    client, answer = opened(account)
    assert answer.headers["location"] == reverse(LINK)
    assert answer.headers["referrer-policy"] == "no-referrer"
    page = client.get(reverse(LINK))
    assert page.status_code == 200
    assert account.email in page.text
    assert key_of(account) not in page.text
    assert "no-store" in page.headers["cache-control"]
    assert page.headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert chosen(client).headers["location"] == reverse("admin:login")

    assert authenticate(username=account.email, password=PASSWORD) == account
    event = AuditEvent.objects.get(action="account.password-chosen")
    assert (event.actor, event.object_id, event.detail) == (account, str(account.pk), {})
    assert gettext("What account %d may do is not what was decided.") % account.pk not in list(
        contradictions()
    )


def test_key_stands_nowhere_in_the_trail(administrator: User) -> None:
    account = invited(administrator)
    key = key_of(account)
    client, _answer = opened(account)
    chosen(client)

    assert key not in str(list(AuditEvent.objects.values()))
    assert key.partition(".")[2] not in str(list(AuditEvent.objects.values()))


def test_link_works_once(administrator: User) -> None:
    account = invited(administrator)
    key = key_of(account)
    client, _answer = opened(account)
    other, _answer = opened(account)
    chosen(client)

    late = chosen(other, "een ander lang wachtwoord")

    assert late.status_code == 410
    assert Client().get(reverse(LINK), {"key": key}).status_code == 410
    assert authenticate(username=account.email, password=PASSWORD) == account
    assert invitations.accept(key, PASSWORD) is None


def test_reading_the_link_does_not_use_it(administrator: User) -> None:
    account = invited(administrator)

    for _ in range(3):
        client, answer = opened(account)

    assert answer.status_code == 302
    assert chosen(client).status_code == 302


@pytest.mark.parametrize(("days", "status"), [(6.9, 302), (7.1, 410)])
def test_link_works_for_seven_days(administrator: User, days: float, status: int) -> None:
    account = invited(administrator)

    with time_machine.travel(timezone.now() + timedelta(days=days)):
        _client, answer = opened(account)

    assert answer.status_code == status


@pytest.mark.parametrize(("setting", "days", "status"), [(1, 2, 410), (30, 8, 410), (0, 0.5, 302)])
def test_setting_makes_it_shorter_and_never_longer(
    administrator: User, settings: Settings, setting: int, days: float, status: int
) -> None:
    settings.NAP_INVITATION_DAYS = setting
    account = invited(administrator)

    with time_machine.travel(timezone.now() + timedelta(days=days)):
        assert opened(account)[1].status_code == status


def test_form_that_stayed_open_too_long_stores_nothing(administrator: User) -> None:
    account = invited(administrator)
    client, _answer = opened(account)

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        late = chosen(client)

    assert late.status_code in (302, 410)
    assert not User.objects.get(pk=account.pk).has_usable_password()


def test_ended_account_is_not_opened_by_its_link(administrator: User) -> None:
    account = invited(administrator)
    key = key_of(account)
    rights.end_account(account, on=timezone.localdate(), actor=administrator)

    assert Client().get(reverse(LINK), {"key": key}).status_code == 410


@pytest.mark.parametrize(
    "key", ["x", ".", "1.", "0.x", "999999999.a-b", "9" * 40, "1.a-b", "é.é", "1.\0", "-1.a-b"]
)
def test_what_is_no_link_says_the_same_as_a_link_that_is_too_old(key: str) -> None:
    answer = Client().get(reverse(LINK), {"key": key})

    assert answer.status_code == 410
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert gettext("This link no longer works") in answer.text


def test_key_of_one_account_opens_no_other(administrator: User) -> None:
    account, other = invited(administrator), UserFactory()
    other.invited_at = account.invited_at
    other.save()
    token = tokens.make_token(account)

    assert invited_by_key(f"{other.pk}.{token}") is None
    with pytest.raises(ValueError, match="invited"):
        tokens.make_token(UserFactory())


def test_page_without_a_link_leads_to_signing_in() -> None:
    answer = Client().get(reverse(LINK))

    assert answer.headers["location"] == reverse("admin:login")
    assert Client().post(reverse(LINK)).headers["location"] == reverse("admin:login")


@pytest.mark.parametrize("password", ["kort", "nieuw@test.example"])
def test_weak_password_is_refused(administrator: User, password: str) -> None:
    account = invited(administrator)
    client, _answer = opened(account)

    answer = chosen(client, password)

    assert answer.context["form"].errors
    assert not User.objects.get(pk=account.pk).has_usable_password()


def test_two_passwords_that_differ_are_refused(administrator: User) -> None:
    account = invited(administrator)
    client, _answer = opened(account)

    answer = client.post(
        reverse(LINK), {"new_password1": PASSWORD, "new_password2": f"{PASSWORD}!"}
    )

    assert "new_password2" in answer.context["form"].errors
    assert client.get(reverse(LINK)).status_code == 200


def test_page_of_an_account_says_how_the_invitation_stands(administrator: User) -> None:
    account = invited(administrator)
    client = signed_in(administrator)
    page = reverse("admin:accounts_user_change", args=[account.pk])

    assert gettext("Invite again") in client.get(page).text
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        later = signed_in(administrator).get(page)
    assert not later.context["invitation_open"]
    assert (
        gettext("Send a link to choose a password")
        in client.get(reverse("admin:accounts_user_change", args=[UserFactory().pk])).text
    )


def test_ministry_that_had_several_names_is_offered_once_and_can_be_chosen(
    administrator: User,
) -> None:
    renamed = Organisation.objects.get(slug="ezk")
    assert renamed.names.count() > 1
    client = signed_in(administrator)
    offered = list(client.get(reverse(INVITE)).context["form"].fields["organisation"].queryset)
    assert len(offered) == len(set(offered))

    client.post(reverse(INVITE), typed(organisation=renamed.pk))

    assert User.objects.get(email="nieuw@test.example").memberships.get().organisation == renamed

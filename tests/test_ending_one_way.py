"""An account ends and works again by its buttons only: no field of the form does the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext

from actions import pseudonyms, rights
from actions.models import Membership
from napmonitor.accounts.forgotten import tokens
from napmonitor.accounts.invitations import invited_by_key, key_of
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result
from tests.admin_pages import as_sent
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    NAP_COORDINATOR,
    OrganisationFactory,
    UserFactory,
    signed_in,
    somebody,
)

pytestmark = pytest.mark.django_db

PASSWORD = "een lang wachtwoord van eerder"


@pytest.fixture
def administrator() -> User:
    return somebody(ADMINISTRATOR)


@pytest.fixture
def ended(administrator: User) -> User:
    # Made as the application does, so that the trail tells of it from the start.
    account = User(email="kanarie@test.example", name="Kanarie Vogelaar")
    rights.save_account(account, actor=administrator)
    return rights.end_account(account, on=timezone.localdate(), actor=administrator)


def change(account: User) -> str:
    return reverse("admin:accounts_user_change", args=[account.pk])


def step(account: User, name: str) -> str:
    return reverse("admin:accounts_user_transition", args=[account.pk, name])


def is_active(account: User) -> bool:
    return User.objects.get(pk=account.pk).is_active


@pytest.mark.parametrize("who", ["administrator", "superuser"])
def test_form_of_an_account_neither_ends_nor_restarts_it(
    administrator: User, ended: User, who: str
) -> None:
    client = signed_in(administrator if who == "administrator" else UserFactory(superuser=True))
    works = somebody(EDITOR)
    for account, sent in ((works, {}), (works, {"is_active": ""}), (ended, {"is_active": "on"})):
        before = is_active(account)
        shown = client.get(change(account))

        answer = client.post(change(account), as_sent(shown, name="Another Name", **sent))

        assert answer.status_code == 302
        assert 'name="is_active"' not in shown.text
        assert "field-is_active" in shown.text
        assert is_active(account) is before
        assert User.objects.get(pk=account.pk).name == "Another Name"


def test_button_lets_an_ended_account_work_again_without_its_roles(
    administrator: User, ended: User
) -> None:
    client = signed_in(administrator)
    before = trail.contradictions()
    assert client.get(change(ended)).context["may_restart"]

    answer = client.post(step(ended, "restart"), follow=True)

    assert is_active(ended)
    assert not rights.open_roles(ended, timezone.localdate()).exists()
    context: Any = answer.context
    assert not context["may_restart"]
    assert context["may_end"]
    event = AuditEvent.objects.filter(action="account.change").latest("sequence")
    assert (event.actor, event.detail) == (administrator, {"is_active": [False, True]})
    assert trail.contradictions() == before
    assert trail.verify() == []


@pytest.mark.parametrize("has_chosen", [True, False])
def test_nothing_to_get_in_with_comes_back_with_a_restart(
    administrator: User, has_chosen: bool
) -> None:
    account = somebody(EDITOR)
    account.set_password(PASSWORD) if has_chosen else account.set_unusable_password()
    account.save()
    session, key = signed_in(account), key_of(rights.invite_again(account, actor=administrator))
    token = tokens.make_token(account)
    User.objects.filter(pk=account.pk).update(is_active=False)

    rights.restart_account(account, actor=administrator)
    rights.save_membership(
        Membership(
            user=account,
            organisation=OrganisationFactory(),
            group=Group.objects.get(name=EDITOR),
            valid_from=timezone.localdate(),
        ),
        actor=administrator,
    )

    account = User.objects.get(pk=account.pk)
    assert account.is_staff
    assert not account.has_usable_password()
    assert authenticate(username=account.email, password=PASSWORD) is None
    assert session.get(reverse("admin:index")).status_code == 302
    assert not tokens.check_token(account, token)
    assert invited_by_key(key) is None
    invited = rights.invite_again(account, actor=administrator)
    assert invited_by_key(key_of(invited)) == account


def test_page_says_that_nothing_comes_back_and_what_to_do_next(
    administrator: User, ended: User
) -> None:
    client = signed_in(administrator)
    before = client.get(change(ended))
    after = client.post(step(ended, "restart"), follow=True)

    for page, sentence in (
        (
            before,
            "Nothing of before comes back: no role, no password, no open session and no link that "
            "was sent. Give a new role first, and then send a link with which this person chooses "
            "a password.",
        ),
        (
            after,
            "The account works again, without a role and without a password. Give a role first, "
            "and then send a link to choose a password.",
        ),
    ):
        assert escape(gettext(sentence)) in page.text
    assert step(ended, "invite") in after.text


def test_button_that_is_pressed_twice_restarts_once(administrator: User, ended: User) -> None:
    client = signed_in(administrator)
    client.post(step(ended, "restart"))
    before = trail.head()

    assert client.post(step(ended, "restart")).status_code == 302

    assert trail.head() == before


def test_account_that_restarted_can_end_again(administrator: User, ended: User) -> None:
    rights.restart_account(ended, actor=administrator)
    rights.end_account(ended, on=timezone.localdate(), actor=administrator)

    assert not is_active(ended)
    assert pseudonyms.ended_on(ended) == timezone.localdate()


def test_button_answers_to_post_only_and_only_to_who_gives_roles(ended: User) -> None:
    coordinator = signed_in(somebody(NAP_COORDINATOR))

    assert signed_in(somebody(ADMINISTRATOR)).get(step(ended, "restart")).status_code == 405
    assert coordinator.post(step(ended, "restart")).status_code in (403, 404)
    assert Client().post(step(ended, "restart")).status_code in (302, 403)

    assert not is_active(ended)


@pytest.mark.parametrize("which", ["superuser", "system", "pseudonymised", "own"])
def test_administrator_restarts_no_account_that_they_may_not_touch(
    administrator: User, ended: User, which: str
) -> None:
    account = {
        "superuser": lambda: UserFactory(superuser=True, is_active=False),
        "system": User.objects.system,
        "pseudonymised": lambda: pseudonyms.pseudonymise(ended, actor=administrator),
        "own": lambda: administrator,
    }[which]()

    with pytest.raises(PermissionDenied):
        rights.restart_account(account, actor=administrator)

    answer = signed_in(administrator).post(step(account, "restart"))
    assert answer.status_code == 403
    refused = AuditEvent.objects.get(action="user.restart")
    assert (refused.result, refused.object_label) == (Result.REFUSED, "")
    assert not signed_in(administrator).get(change(account)).context["may_restart"]


def test_an_account_that_works_has_no_button_to_restart(administrator: User) -> None:
    works = somebody(EDITOR, valid_from=date(2026, 1, 1))

    assert not signed_in(administrator).get(change(works)).context["may_restart"]

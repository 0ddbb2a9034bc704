"""Everybody chooses which mail they get, and for themselves alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from actions.mail import preferences
from actions.models import MailPreference
from tests.factories import EDITOR, READER, UserFactory, signed_in, somebody

pytestmark = pytest.mark.django_db

PAGE = "/beheer/mail/"


@pytest.mark.parametrize("role", [EDITOR, READER])
def test_who_never_chose_gets_all_mail(role: str) -> None:
    page = signed_in(somebody(role)).get(PAGE)

    assert page.context["form"].initial == {"reminders": True, "digest": True}
    assert not MailPreference.objects.exists()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({}, (False, False)),
        ({"reminders": "on"}, (True, False)),
        ({"digest": "on"}, (False, True)),
        ({"reminders": "on", "digest": "on"}, (True, True)),
    ],
)
def test_choice_is_stored_and_shown(typed: dict[str, str], stored: tuple[bool, bool]) -> None:
    user = somebody(EDITOR)
    client = signed_in(user)

    for _twice in range(2):
        assert client.post(PAGE, typed).url == PAGE

    choice = preferences.chosen(user)
    assert (choice.reminders, choice.digest) == stored
    assert MailPreference.objects.count() == 1
    page = client.get(PAGE)
    assert len(page.context["messages"]) > 0
    assert page.text.count(" checked") == sum(stored)


def test_nobody_chooses_for_somebody_else() -> None:
    user, other = somebody(EDITOR), somebody(EDITOR)

    signed_in(user).post(PAGE, {"user": str(other.pk), "id": str(other.pk)})

    assert list(MailPreference.objects.values_list("user", flat=True)) == [user.pk]


def test_page_is_for_who_works_here() -> None:
    for client in (Client(), signed_in(UserFactory())):
        for answer in (client.get(PAGE), client.post(PAGE, {"digest": "on"})):
            assert answer.status_code in (302, 403)
    assert not MailPreference.objects.exists()


def test_page_takes_a_form_and_nothing_else() -> None:
    client = signed_in(somebody(EDITOR))

    assert client.put(PAGE).status_code == 405
    assert client.delete(PAGE).status_code == 405


def test_every_page_links_to_it() -> None:
    page: Any = signed_in(somebody(EDITOR)).get("/beheer/")

    assert f'href="{PAGE}"' in page.text

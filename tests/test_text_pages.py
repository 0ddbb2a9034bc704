"""The pages that are mostly text: they say who runs the site, or that it is not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from actions import formatting
from actions.choices import EvidenceClass, Progress
from actions.models import ActionPoint
from napmonitor.environment import env_address, env_link
from tests.public_site import words

PAGES = ("over", "contact", "toegankelijkheid", "privacy", "cookies", "open-data")
Queries = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def page(client: Client, name: str, language: str = "/en") -> str:
    response = client.get(f"{language}/{name}/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["", "/en"])
def test_a_page_has_one_main_heading_a_description_and_sets_no_cookie(client, name, language):
    response = client.get(f"{language}/{name}/")
    shown = response.content.decode()

    assert response.status_code == 200
    assert shown.count("<h1") == 1
    assert re.search(r'<meta name="description" content="[^"]{20,}"', shown)
    assert not response.cookies
    assert not re.search(r"<style|\sstyle=|\son\w+=", shown)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "queries"),
    [("over", 3), *((name, 1) for name in PAGES if name != "over")],
)
def test_a_page_costs_what_it_shows(client, name, queries, django_assert_num_queries: Queries):
    with django_assert_num_queries(queries):
        page(client, name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["contact", "toegankelijkheid", "privacy"])
def test_who_runs_the_site_can_be_written_to_once_they_say_how(
    client, name, settings: LazySettings
):
    settings.NAP_CONTACT = ""
    assert "mailto:" not in page(client, name)
    assert "has not entered a mail address" in words(page(client, name))

    settings.NAP_CONTACT = "nap@example.nl"
    assert 'href="mailto:nap@example.nl"' in page(client, name)
    assert "has not entered a mail address" not in words(page(client, name))


@pytest.mark.django_db
def test_the_statement_is_linked_once_there_is_one(client, settings: LazySettings):
    settings.NAP_ACCESSIBILITY_STATEMENT = ""
    assert "no formal accessibility statement yet" in words(page(client, "toegankelijkheid"))

    settings.NAP_ACCESSIBILITY_STATEMENT = "https://www.example.nl/verklaring/1"
    shown = page(client, "toegankelijkheid")
    assert 'href="https://www.example.nl/verklaring/1"' in shown
    assert "no formal accessibility statement yet" not in words(shown)


@pytest.mark.django_db
def test_about_explains_every_class_and_every_word_for_progress(client):
    shown = page(client, "over")

    for each in EvidenceClass:
        assert f"class--{each.value}" in shown
    for progress in Progress:
        assert f"progress--{progress.value}" in shown
        assert formatting.meaning(progress) in words(shown)
    for anchor in ("bewijs", "voortgang", "afgeleid", "namen", "grenzen"):
        assert f'id="{anchor}"' in shown


@pytest.mark.django_db
def test_about_names_who_takes_part_by_the_names_of_today(client):
    shown = words(page(client, "over"))

    for short in ("BZ", "EZK", "IenW", "Fin", "BZK", "JenV", "SZW"):
        assert f"({short})" in shown
    assert "(EZ)" not in shown


@pytest.mark.django_db
def test_about_is_there_without_a_plan(client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("actions.queries.public.plan_facts", lambda: None)

    assert "bewijs" not in re.findall(r'id="([^"]+)"', page(client, "over"))
    assert ActionPoint.objects.exists()


@pytest.mark.django_db
def test_cookies_are_named_as_they_are_set(client, django_user_model):
    user = django_user_model.objects.create(email="a@example.nl", name="A", is_superuser=True)
    shown = page(client, "cookies")
    client.get("/beheer/login/")
    client.force_login(user)

    assert set(client.cookies) == {"csrftoken", "sessionid"}
    for name in (*client.cookies, "messages"):
        assert f"<code>{name}</code>" in shown


@pytest.mark.django_db
def test_open_data_promises_nothing_that_is_not_there(client):
    shown = page(client, "open-data")

    assert "/api/" not in shown
    assert "/en/actiepunten/actiepunten.csv" in shown
    assert "/feeds/plan.atom" in shown
    assert gettext("The software has the licence EUPL-1.2.") in words(shown)


@pytest.mark.parametrize("value", ["", "nap@example.nl", "nap.monitor+x@mail.example.nl"])
def test_a_mail_address_to_write_to_is_read(value, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NAP_CONTACT", value)

    assert env_address("NAP_CONTACT") == value


@pytest.mark.parametrize(
    "value",
    [
        *("nap", "@example.nl", "nap@", "a@b@c", "Nap <nap@example.nl>", "a@b.nl, c@d.nl"),
        *("a@b.nl?subject=x", 'a"@b.nl', "a@b.nl\n", "mailto:a@b.nl"),
    ],
)
def test_what_is_no_mail_address_is_refused_by_name(value, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NAP_CONTACT", value)

    with pytest.raises(ImproperlyConfigured, match="NAP_CONTACT"):
        env_address("NAP_CONTACT")


def test_the_address_of_a_page_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NAP_X", "https://www.example.nl/register?id=1")

    assert env_link("NAP_X") == "https://www.example.nl/register?id=1"
    monkeypatch.delenv("NAP_X")
    assert env_link("NAP_X") == ""


@pytest.mark.parametrize(
    "value",
    [
        *("http://www.example.nl/", "javascript:alert(1)", "www.example.nl", "https://"),
        *("https://u:p@example.nl/", 'https://example.nl/"x', "https://example.nl/ x"),
        "https://[",
    ],
)
def test_what_is_no_page_is_refused_by_name(value, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NAP_X", value)

    with pytest.raises(ImproperlyConfigured, match="NAP_X"):
        env_link("NAP_X")

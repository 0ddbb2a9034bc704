"""How fresh a public page is: one version of all that is public, and the same page for everyone."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client
from django.utils import timezone, translation
from django.utils.http import parse_http_date

from actions import workflow
from actions.choices import EntryState
from actions.models import (
    ActionPoint,
    OrganisationName,
    ReportingRound,
    StatusEntry,
    UngpPrinciple,
)
from actions.models.history import history_of
from napmonitor.site import freshness
from napmonitor.site.freshness import public_version
from tests import edition_story as story
from tests import factories
from tests.factories import overwrite, signed_in, somebody
from tests.workflow_people import cast

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[object]]
PAGES = (
    "/",
    "/en/",
    "/?jaar=2023",
    "/actiepunten/",
    "/actiepunten/?tekst=keten",
    "/en/actiepunten/2.e/",
    "/plannen/2022-2026/actiepunten/2.e/",
    "/robots.txt",
)


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseCache]:
    """Keep pages, as in real use; other tests change rows past all rules, and keep none."""
    cache = LocMemCache("freshness", {})
    cache.clear()
    monkeypatch.setattr(freshness, "pages", lambda: cache)
    with translation.override("nl"):
        yield cache


def release(each: ReportingRound, moment: Any) -> None:
    overwrite(
        ReportingRound.objects.filter(pk=each.pk),
        released_at=moment,
        published_on=timezone.localdate(moment),
    )


# Every page.


@pytest.mark.parametrize("address", PAGES)
def test_a_page_says_how_fresh_it_is_and_is_not_sent_again_to_who_has_it(client, address):
    page = client.get(address)

    assert page.status_code == 200
    assert page["ETag"] == f'W/"{public_version().mark}"'
    assert parse_http_date(page["Last-Modified"]) == int(public_version().since.timestamp())
    for header in (
        {"If-None-Match": page["ETag"]},
        {"If-Modified-Since": page["Last-Modified"]},
    ):
        again = client.get(address, headers=header)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == page["ETag"]
        assert again["Vary"] == page["Vary"]
    other = client.get(address, headers={"If-None-Match": 'W/"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_the_same_for_who_is_signed_in_and_sets_no_cookie(address):
    stranger, official = Client(), signed_in(somebody(factories.NAP_COORDINATOR))

    for client in (official, stranger, official):
        page = client.get(address, headers={"Accept-Language": "fr"})
        assert not page.cookies
        assert page["Vary"] == "Accept-Encoding"
        assert page["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert page.content == Client().get(address).content


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_made_once_and_then_takes_one_query(
    client, address, django_assert_num_queries: Queries
):
    made = client.get(address)

    with django_assert_num_queries(1):
        again = client.get(address)

    assert again.content == made.content
    assert again["Content-Type"] == made["Content-Type"]
    assert again["Content-Security-Policy"] == made["Content-Security-Policy"]


def test_a_page_is_sent_small_to_who_can_open_it(client):
    plain = client.get("/actiepunten/")
    small = client.get("/actiepunten/", headers={"Accept-Encoding": "br, gzip"})

    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert len(small.content) == int(small["Content-Length"]) < len(plain.content) / 3


@pytest.mark.parametrize(
    ("accepted", "is_small"),
    [
        ("gzip", True),
        ("GZip", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("gzip ; q=0.001", True),
        ("gzip;q=0", False),
        ("br, gzip; q=0.000", False),
        ("gzip;q=much", False),
        ("no-gzip", False),
        ("*", False),
        ("", False),
    ],
)
def test_a_page_is_not_sent_small_to_who_says_not_to_open_it(client, accepted, is_small):
    page = client.get("/actiepunten/", headers={"Accept-Encoding": accepted})

    assert ("Content-Encoding" in page) == is_small
    assert page.content.startswith(b"\x1f\x8b") == is_small


def test_what_is_large_is_not_kept_as_anyone_can_ask_it_in_endless_ways(client, kept, monkeypatch):
    monkeypatch.setattr(freshness, "_WORTH_KEEPING", 1000)

    page = client.get("/actiepunten/actiepunten.xlsx")

    assert len(page.content) > 1000
    assert not kept._cache
    again = client.get("/actiepunten/actiepunten.xlsx", headers={"If-None-Match": page["ETag"]})
    assert again.status_code == 304


def test_asking_only_for_the_headers_gives_those_of_the_page(client):
    page, head = client.get("/"), client.head("/")

    assert head.status_code == 200
    assert head["ETag"] == page["ETag"]
    assert head["Content-Length"] == page["Content-Length"]


@pytest.mark.parametrize(
    ("address", "status"), [("/actiepunten/9.z/", 404), ("/?jaar=1999", 400), ("/?jaar=x", 400)]
)
def test_an_error_is_neither_kept_nor_said_to_hold(client, kept, address, status):
    for header in ({}, {"If-None-Match": "*"}, {"If-None-Match": f'W/"{public_version().mark}"'}):
        answer = client.get(address, headers=header)
        assert answer.status_code == status
        assert "ETag" not in answer
    assert not kept._cache


def test_the_same_address_on_another_host_is_another_page(client, settings, kept):
    settings.ALLOWED_HOSTS = ["een.example", "twee.example"]

    client.get("/", headers={"Host": "een.example"})
    client.get("/", headers={"Host": "twee.example"})

    assert len(kept._cache) == 2


def test_who_works_on_the_software_gets_each_page_anew(client, settings, kept):
    settings.DEBUG = True

    assert "ETag" not in client.get("/")
    assert not kept._cache


def test_a_work_screen_is_none_of_this():
    page = signed_in(somebody(factories.NAP_COORDINATOR)).get("/beheer/")

    assert "ETag" not in page
    assert "Cookie" in page["Vary"]


# What is public.


def test_the_version_takes_one_query(django_assert_num_queries: Queries):
    public_version()
    with django_assert_num_queries(1):
        public_version()


def test_nothing_written_behind_the_scenes_changes_the_version():
    people = cast()
    before = public_version()

    people.write(people.entry)
    people.bring(people.entry, EntryState.APPROVED)
    somebody(factories.EDITOR, people.lead)

    assert public_version() == before


def test_a_round_changes_the_version_from_the_moment_it_is_released_and_not_before(client):
    people = cast()
    people.bring(people.entry, EntryState.APPROVED)
    moment = timezone.now() + timedelta(minutes=10)
    entry = StatusEntry.objects.get(pk=people.entry.pk)
    overwrite(StatusEntry.objects.filter(pk=entry.pk), published_version=entry.latest_version)
    release(people.round, moment)
    address = f"/plannen/{people.round.plan.slug}/actiepunten/{entry.action_point.code}/"

    with time_machine.travel(moment - timedelta(seconds=1), tick=False):
        closed, page = public_version(), client.get(address)
    with time_machine.travel(moment + timedelta(seconds=1), tick=False):
        opened = public_version()
        later = client.get(address, headers={"If-None-Match": page["ETag"]})

    assert closed.mark != opened.mark
    assert closed.since < opened.since == moment
    assert "Much was done." not in page.text
    assert later.status_code == 200
    assert "Much was done." in later.text


def test_a_correction_of_what_is_out_changes_the_version():
    people = cast()
    people.bring(people.entry, EntryState.APPROVED)
    entry = StatusEntry.objects.get(pk=people.entry.pk)
    overwrite(StatusEntry.objects.filter(pk=entry.pk), published_version=entry.latest_version)
    release(people.round, timezone.now() - timedelta(minutes=1))
    before = public_version()
    workflow.reopen(entry, actor=people.first, reason="Een getal klopt niet.")
    people.write(entry, "Nu klopt het getal.")
    people.bring(entry, EntryState.APPROVED)
    assert public_version() == before

    entry.refresh_from_db()
    workflow.publish_correction(entry, actor=people.first, reason="Een getal klopte niet.")

    assert public_version().mark != before.mark
    assert public_version().since > before.since


def test_an_issued_edition_changes_the_version_when_its_round_is_out():
    with story.quick_rendering():
        people = story.ready_round()
        before = public_version()
        story.issued(people)
    assert public_version() == before

    release(people.round, timezone.now())

    assert public_version() != before


def renamed() -> None:
    name = OrganisationName.objects.first()
    assert name is not None
    name.name += " en meer"
    name.save()


def retitled() -> None:
    point = ActionPoint.objects.get(code="2.e", plan__slug="2022-2026")
    point.title_nl += " en meer"
    point.save()


def tied() -> None:
    point = ActionPoint.objects.get(code="2.e", plan__slug="2022-2026")
    point.principles.add(UngpPrinciple.objects.get(number=5))


@pytest.mark.parametrize(
    "change",
    [renamed, retitled, tied],
    ids=["name of a ministry", "title of an action point", "principle of an action point"],
)
def test_changed_reference_data_change_the_version(change):
    before = public_version()

    change()

    assert public_version().mark != before.mark


def test_what_was_written_first_and_is_there_last_changes_the_version():
    """Of two people who save at once, who began first may end last."""
    before = public_version()
    written = history_of(OrganisationName).objects.order_by("history_date").first()
    written.pk, written.history_date = -1, written.history_date - timedelta(hours=1)

    written.save(force_insert=True)

    assert public_version().mark != before.mark


def test_each_day_has_a_version_as_names_and_duties_have_dates():
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        today = public_version()
    with time_machine.travel(now + timedelta(days=1), tick=False):
        assert public_version().mark != today.mark


def test_other_software_or_settings_are_another_version(settings):
    before = public_version()
    settings.NAP_DEMO = not settings.NAP_DEMO
    freshness._software.cache_clear()
    try:
        assert public_version().mark != before.mark
    finally:
        settings.NAP_DEMO = not settings.NAP_DEMO
        freshness._software.cache_clear()
    assert public_version().mark == before.mark

"""The feeds: what became public, from the moment it did, as the Atom standard has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone, translation
from lxml import etree

from actions import workflow
from actions.choices import EntryState, Progress
from actions.models import (
    ActionPoint,
    Organisation,
    PlanParticipant,
    StatusEntry,
)
from tests.edition_story import issued, quick_rendering, ready_round
from tests.factories import PlanFactory, no_year_is_out
from tests.workflow_people import Cast, cast

pytestmark = pytest.mark.django_db

PLAN = "/feeds/plan.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Begin and end in Dutch: a request leaves its language behind."""
    with translation.override("nl"):
        yield


def feed(address: str = PLAN) -> etree._Element:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    return etree.fromstring(answer.content)


def entries(address: str = PLAN) -> list[etree._Element]:
    return feed(address).findall(f"{ATOM}entry")


def said(element: etree._Element, name: str) -> str:
    found = element.findall(f"{ATOM}{name}")
    assert len(found) == 1, name
    return found[0].text or ""


def keys(address: str = PLAN) -> list[str]:
    """Return the identities of the entries without what is the same of all."""
    return [said(each, "id").partition(":plan/")[2].partition("/")[2] for each in entries(address)]


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    assert found.tzinfo is not None
    return found


def current(**options: Any) -> Cast:
    """Return a round of what is now the current plan: of no other is a year out."""
    no_year_is_out()
    return cast(plan=PlanFactory(slug="z-current"), year=2031, **options)


def published(people: Cast, **options: Any) -> None:
    for entry in people.entries:
        people.bring(entry, EntryState.APPROVED)
    workflow.publish_round(people.round, actor=people.first, **options)


def check_atom(root: etree._Element, own: str) -> None:
    """Hold a feed against the rules of RFC 4287."""
    assert root.tag == f"{ATOM}feed"
    assert root.get(f"{XML}lang") == "nl"
    assert said(root, "title")
    assert root.find(f"{ATOM}author/{ATOM}name").text == "NAP-monitor"
    links = {each.get("rel"): each.get("href") for each in root.findall(f"{ATOM}link")}
    assert links["self"].endswith(own)
    assert all(each.startswith("http://testserver/") for each in links.values())
    own_id = said(root, "id")
    updated = moment(said(root, "updated"))
    seen = {own_id}
    for each in root.findall(f"{ATOM}entry"):
        assert said(each, "title")
        assert said(each, "summary")
        assert moment(said(each, "published")) <= moment(said(each, "updated")) <= updated
        link = each.find(f"{ATOM}link")
        assert link.get("rel") == "alternate"
        assert link.get("href").startswith("http://testserver/")
        assert said(each, "id").startswith("tag:testserver,2026:")
        assert said(each, "id") not in seen
        seen.add(said(each, "id"))


@pytest.mark.parametrize(
    "address", [PLAN, "/feeds/ministeries/bz.atom", "/feeds/actiepunten/2.e.atom"]
)
def test_every_feed_follows_the_atom_standard(address: str) -> None:
    root = feed(address)

    check_atom(root, address)
    moments = [moment(said(each, "published")) for each in root.findall(f"{ATOM}entry")]
    assert moments
    assert moments == sorted(moments, reverse=True)
    assert len(moments) <= 100


def test_feed_in_which_nothing_is_yet_is_valid_and_says_the_same_each_time() -> None:
    current()

    root = feed()

    check_atom(root, PLAN)
    assert root.findall(f"{ATOM}entry") == []
    assert etree.tostring(root) == etree.tostring(feed())


def test_year_of_an_action_point_comes_with_its_release_under_its_own_identity() -> None:
    people = current()
    published(people)

    found = entries()
    code = people.entry.action_point.code
    people.round.refresh_from_db()

    assert keys() == [f"actiepunt/{code}/2031"]
    assert code in said(found[0], "title")
    assert "Much was done." in said(found[0], "summary")
    assert str(Progress.IN_PROGRESS.label) in said(found[0], "summary")
    assert moment(said(found[0], "published")) == people.round.released_at
    assert found[0].find(f"{ATOM}link").get("href").endswith(f"/actiepunten/{code}/#jaar-2031")


def test_nothing_of_an_embargo_is_there_until_it_passes_without_a_write() -> None:
    people = current()
    published(people, released_at=timezone.now() + timedelta(days=2))

    before = keys()
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        after = keys()

    assert before == []
    assert len(after) == 1


def test_correction_is_news_with_its_reason_and_renews_the_year() -> None:
    people = current()
    published(people)
    entry = people.entry
    workflow.reopen(entry, actor=people.first, reason="A wrong number.")
    people.write(entry, "Three countries, not four.")
    workflow.submit(entry, actor=people.submitter)
    people.sign(entry)
    workflow.approve(entry, actor=people.first)
    waiting = keys()
    workflow.publish_correction(entry, actor=people.first, reason="It was <three>, not four.")

    newest, year = entries()
    code = entry.action_point.code

    assert waiting == [f"actiepunt/{code}/2031"]
    assert keys() == [f"actiepunt/{code}/2031/correctie/2", f"actiepunt/{code}/2031"]
    # A summary is HTML within XML.
    assert said(newest, "summary") == "It was &lt;three&gt;, not four."
    assert said(year, "updated") == said(newest, "published")
    assert said(year, "published") < said(year, "updated")
    check_atom(feed(), PLAN)
    assert keys(f"/feeds/actiepunten/{code}.atom") == keys()


def test_issued_documents_are_in_the_feed_of_the_plan_once_their_round_is_released() -> None:
    no_year_is_out()
    people = ready_round()
    with quick_rendering():
        issued(people)
    before = keys()
    workflow.publish_round(people.round, actor=people.first)

    documents = [key for key in keys() if key.startswith("rapportage/")]

    assert before == []
    assert sorted(documents) == [
        f"rapportage/{people.round.year}/{name}/1"
        for name in ("beslisnota", "kamerbrief", "voortgangsrapportage")
    ]
    check_atom(feed(), PLAN)


def test_feed_of_a_ministry_holds_what_it_answers_for_today() -> None:
    people = current()
    published(people)
    other = Organisation.objects.get(slug="szw")
    PlanParticipant.objects.create(plan=people.round.plan, organisation=other)
    key = f"actiepunt/{people.entry.action_point.code}/2031"

    assert keys(f"/feeds/ministeries/{people.lead.slug}.atom") == [key]
    assert keys(f"/feeds/ministeries/{people.partner.slug}.atom") == [key]
    assert keys("/feeds/ministeries/szw.atom") == []


@pytest.mark.parametrize(
    "address", ["/feeds/actiepunten/9.z.atom", "/feeds/ministeries/niemand.atom"]
)
def test_feed_of_what_does_not_exist_is_not_found(address: str) -> None:
    assert Client().get(address).status_code == 404


def test_no_feed_holds_more_than_a_hundred_entries() -> None:
    assert StatusEntry.objects.public().count() > 100

    assert len(entries()) == 100


def test_identities_stay_when_titles_change() -> None:
    before = keys()
    for point in ActionPoint.objects.in_plan():
        point.title_nl = f"Nieuw: {point.title_nl}"
        point.save()

    assert keys() == before


@pytest.mark.parametrize(
    ("address", "most"),
    [(PLAN, 5), ("/feeds/ministeries/bz.atom", 6), ("/feeds/actiepunten/2.e.atom", 5)],
)
def test_feed_asks_the_database_a_few_times_only(
    address: str, most: int, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(most):
        feed(address)


def test_feed_is_dutch_whatever_the_reader_asks_for() -> None:
    with translation.override("en"):
        english = Client().get(PLAN, headers={"accept-language": "en"}).content

    assert english == Client().get(PLAN).content

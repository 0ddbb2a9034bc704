"""The pages of the UN Guiding Principles: all 31, in our own words, and what is tied to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.utils import translation
from django.utils.translation import gettext

from actions.models import ActionPoint, Plan, UngpPrinciple
from actions.queries import public
from tests.many import many_points
from tests.public_site import html, words

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    with translation.override("nl"):
        yield


@pytest.mark.parametrize("language", ["nl", "en"])
def test_all_principles_are_listed_under_their_pillars(client, language):
    prefix = "" if language == "nl" else "/en"
    page = html(client, f"{prefix}/ungp/")

    assert re.findall(rf'href="{prefix}/ungp/(\d+)/"', page) == [str(n) for n in range(1, 32)]
    for each in UngpPrinciple.objects.all():
        title = each.title_nl if language == "nl" else each.title_en
        assert title.replace("'", "&#x27;") in page
    for pillar, count in ((1, 10), (2, 14), (3, 7)):
        part = page.split(f'id="pijler-{pillar}"')[1].split("</section>")[0]
        assert part.count("<tr>") == count + 1
        assert f'href="{prefix}/pijlers/{pillar}/"' in part


@pytest.mark.parametrize("address", ["/ungp/", "/ungp/7/"])
def test_a_page_says_whose_words_these_are_and_where_the_official_text_is(client, address):
    page = html(client, address)

    assert gettext("The short titles are our own words. They are not the official text.") in page
    assert 'href="https://www.ohchr.org/en/' in page


@pytest.mark.parametrize("address", ["/ungp/", "/ungp/7/"])
def test_what_is_not_established_is_said_with_what_would_be_needed(client, address):
    page = words(html(client, address))

    said = "It has not been established which action point belongs to which principle."
    assert gettext(said) in page


def test_tied_points_are_counted_but_never_those_outside_the_plan(client):
    principle = UngpPrinciple.objects.get(number=7)
    for code in ("1.g", "1.h", "2.f"):
        ActionPoint.objects.get(code=code).principles.add(principle)

    page = html(client, "/ungp/")
    row = page.split('href="/ungp/7/"')[1].split("</tr>")[0]
    other = page.split('href="/ungp/8/"')[1].split("</tr>")[0]

    assert re.findall(r"<td[^>]*>(\d+)</td>", row) == ["2"]
    assert gettext("not established") in other
    assert 'class="notice"><p><strong>' not in page


def test_a_principle_shows_the_points_tied_to_it_with_their_progress(client):
    ActionPoint.objects.get(code="1.g").principles.add(7)

    page = html(client, "/ungp/7/")

    assert re.findall(r'href="/actiepunten/([^/]+)/"', page) == ["1.g"]
    row = page.split('href="/actiepunten/1.g/"')[1].split("</tr>")[0]
    assert re.findall(r"#stand-(\w+)", row) == ["no_status", "source_missing", "in_progress"]


def test_a_principle_has_its_title_in_both_languages(client):
    principle = UngpPrinciple.objects.get(number=17)

    for address in ("/ungp/17/", "/en/ungp/17/"):
        page = html(client, address)
        assert principle.title_nl in page
        assert principle.title_en in page
        assert 'href="/pijlers/2/"' in page or 'href="/en/pijlers/2/"' in page


@pytest.mark.parametrize(
    ("number", "previous", "following"), [(1, None, 2), (7, 6, 8), (24, 23, 25), (31, 30, None)]
)
def test_the_principles_before_and_after_are_linked(client, number, previous, following):
    page = html(client, f"/ungp/{number}/")

    assert (f'rel="prev" href="/ungp/{previous}/"' in page) == (previous is not None)
    assert (f'rel="next" href="/ungp/{following}/"' in page) == (following is not None)


@pytest.mark.parametrize("number", ["0", "32", "-1", "9" * 30, "zeven"])
def test_there_are_31_principles(client, number):
    assert client.get(f"/ungp/{number}/").status_code == 404


def test_the_principles_are_there_without_a_plan(client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("actions.queries.public._plans", lambda slug: Plan.objects.none())

    assert "31" in html(client, "/ungp/")
    assert client.get("/ungp/31/").status_code == 200


@pytest.mark.parametrize("ten_times", [False, True])
def test_a_principle_costs_the_same_queries_whatever_the_size(
    ten_times, django_assert_num_queries: Queries
):
    plan = many_points(330, 30) if ten_times else Plan.objects.get(slug="2022-2026")
    for point in ActionPoint.objects.filter(plan=plan):
        point.principles.add(7)

    with django_assert_num_queries(2):
        facts = public.plan_facts()
        assert facts is not None
        groups = public.listed_principles(facts.slug)
    with django_assert_num_queries(5):
        rounds = public.released_rounds(facts.slug)
        detail = public.principle_detail(facts, rounds, 7)

    assert sum(each.points for _title, group in groups for each in group) == facts.in_plan
    assert detail is not None
    assert len(detail.points) == facts.in_plan + facts.outside

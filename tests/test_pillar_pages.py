"""The pages of the three pillars: what they count, show side by side and lead to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.utils import translation
from django.utils.translation import gettext

from actions.choices import DUTCH, Progress
from actions.models import ActionPoint, Plan
from actions.queries import public
from tests.factories import (
    ActionPointFactory,
    ReportingRoundFactory,
    StatusEntryFactory,
    no_year_is_out,
    overwrite,
    write,
)
from tests.many import many_points
from tests.public_site import html, words

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    with translation.override("nl"):
        yield


def section(page: str, anchor: str) -> str:
    return page.split(f'id="{anchor}"')[1].split("</section>")[0]


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_the_counts_are_those_of_the_overview_and_of_the_list_they_open(client, number, year):
    response = client.get(f"/pijlers/{number}/?jaar={year}")
    standing = response.context["standing"]
    counted = public.progress_per_pillar("2022-2026", year)[number - 1]

    assert {line.progress: line.total for line in standing.lines} == counted.counts
    assert {line.progress: line.derived for line in standing.lines} == counted.derived
    for part in response.context["bar"].parts:
        query = f"pijler={number}&amp;jaar={year}&amp;voortgang={DUTCH[part.progress]}"
        assert f'href="/actiepunten/?{query}"' in response.content.decode()
        assert client.get(f"/actiepunten/?{query.replace('&amp;', '&')}").status_code == 200


def test_the_latest_year_is_shown_unless_another_is_chosen(client):
    assert client.get("/pijlers/1/").context["year"] == 2025
    assert client.get("/pijlers/1/?jaar=2023").context["year"] == 2023


@pytest.mark.parametrize("value", ["2026", "abc", "2025%00"])
def test_a_year_that_is_not_public_is_a_400_that_names_the_filter(client, value):
    page = html(client, f"/pijlers/1/?jaar={value}", 400)

    assert "<code>jaar</code>" in page
    assert 'href="/pijlers/1/?jaar=2025"' in page
    assert '<meta name="robots" content="noindex">' in page
    assert 'rel="canonical"' not in page


@pytest.mark.parametrize("number", ["0", "4", "33", "9" * 30, "-1", "een"])
def test_there_are_three_pillars(client, number):
    assert client.get(f"/pijlers/{number}/").status_code == 404


def test_every_point_of_the_pillar_is_shown_with_every_year(client):
    matrix = section(html(client, "/pijlers/2/"), "actiepunten")
    points = ActionPoint.objects.filter(plan__slug="2022-2026", pillar=2, in_plan=True)

    assert re.findall(r'href="/actiepunten/([^/]+)/"', matrix) == [each.code for each in points]
    for point in points:
        row = matrix.split(f'href="/actiepunten/{point.code}/"')[1].split("</tr>")[0]
        detail = public.action_point(point.code)
        assert detail is not None
        expected = [each.progress.value for each in reversed(detail.years)]
        assert re.findall(r"#stand-(\w+)", row) == expected
        assert re.findall(r'data-label="(\d+)"', row) == ["2023", "2024", "2025"]
        derived = [each.stand is not None and each.stand.is_derived for each in detail.years]
        assert row.count('class="mark--derived"') == sum(derived)


def test_a_mark_is_told_in_words_too(client):
    matrix = words(section(html(client, "/pijlers/1/"), "actiepunten")).lower()

    for progress in (Progress.IN_PROGRESS, Progress.SOURCE_MISSING, Progress.NOT_MENTIONED):
        assert str(progress.label).lower() in matrix


def test_every_mark_that_is_used_is_drawn_on_the_page(client):
    page = html(client, "/pijlers/1/")

    assert set(re.findall(r'href="#(stand-\w+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


def test_the_subject_outside_the_plan_stands_apart_and_is_not_counted(client):
    page = html(client, "/pijlers/2/")

    assert 'href="/actiepunten/2.f/"' in section(page, "buiten")
    assert page.count('href="/actiepunten/2.f/"') == 1
    assert client.get("/pijlers/2/").context["standing"].total == 5
    assert 'id="buiten"' not in html(client, "/pijlers/1/")


def test_the_bar_has_a_title_and_says_the_same_as_the_table(client):
    response = client.get("/pijlers/1/")
    page = response.content.decode()
    drawing = page.split('<svg class="bar"')[1].split("</desc>")[0]

    assert 'role="img"' in drawing
    assert "<title" in drawing
    parts = response.context["bar"].parts
    assert [(each.progress, each.count) for each in parts] == [
        (line.progress, line.total) for line in response.context["standing"].lines if line.total
    ]
    for part in parts:
        assert f"{part.count} {part.progress.label}" in words(drawing)
    assert sum(float(each.width.rstrip("%")) for each in parts) == pytest.approx(100, abs=0.01)


def test_who_answers_is_counted_and_leads_to_its_page(client):
    who = section(html(client, "/pijlers/3/"), "wie")
    points = ActionPoint.objects.filter(plan__slug="2022-2026", pillar=3, in_plan=True)
    details = [public.action_point(each.code) for each in points]
    of_jenv = [
        each
        for each in details
        if each and "jenv" in {who.organisation.slug for who in each.responsible}
    ]

    assert 'href="/ministeries/jenv/"' in who
    line = who.split('href="/ministeries/jenv/"')[1].split("</li>")[0]
    assert re.findall(r"\d+", words(line)) == [str(len(of_jenv))]


def test_the_principles_of_the_pillar_are_listed_in_our_own_words(client):
    shown = section(html(client, "/pijlers/3/"), "beginselen")

    assert re.findall(r'href="/ungp/(\d+)/"', shown) == [str(number) for number in range(25, 32)]
    assert gettext("The short titles are our own words. They are not the official text.") in shown
    assert "https://www.ohchr.org/" in shown


def test_a_text_that_is_not_public_has_no_part_in_it(client):
    plan = Plan.objects.get(slug="2022-2026")
    hidden = StatusEntryFactory(
        action_point=ActionPoint.objects.get(plan=plan, code="3.h"),
        round=ReportingRoundFactory(plan=plan, year=2019),
    )
    write(hidden, "Kanarie.")

    page = html(client, "/pijlers/3/")

    assert "Kanarie" not in page
    assert "2019" not in page


def test_a_plan_without_a_public_year_shows_its_points(client):
    no_year_is_out()
    point = ActionPointFactory(plan__slug="9999-9999", code="9.z")

    page = html(client, f"/pijlers/{point.pillar_id}/")

    assert point.title_nl in page
    assert 'id="stand"' not in page


def test_a_pillar_without_action_points_says_so(client):
    no_year_is_out()
    point = ActionPointFactory(plan__slug="9999-9999")
    other = 1 if point.pillar_id != 1 else 2

    page = words(html(client, f"/pijlers/{other}/"))

    assert gettext("There are no action points under this pillar.") in page


def test_without_a_plan_the_page_says_so(client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("actions.queries.public._plans", lambda slug: Plan.objects.none())

    assert client.get("/pijlers/1/").templates[0].name == "site/no_plan.html"


def test_a_title_in_another_language_is_marked(client):
    overwrite(ActionPoint.objects.filter(code="1.a"), title_en="")

    page = html(client, "/en/pijlers/1/")

    assert 'href="/en/actiepunten/1.a/" lang="nl"' in page
    assert 'href="/en/actiepunten/1.b/" lang="en"' in page


@pytest.mark.parametrize("ten_times", [False, True])
def test_a_pillar_costs_the_same_queries_whatever_the_size(
    client, ten_times, django_assert_num_queries: Queries
):
    if ten_times:
        many_points(330, 30)
    rounds = None

    with django_assert_num_queries(6):
        facts = public.plan_facts()
        assert facts is not None
        rounds = public.released_rounds(facts.slug)
        detail = public.pillar_detail(facts, rounds, 1)

    assert detail is not None
    assert len(detail.points) == (110 if ten_times else 20)
    assert client.get("/pijlers/1/").status_code == 200

"""The overview: how the plan stands in one sentence, in bars and in a table, and what changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from actions.bars import bar, bars
from actions.choices import EntryState, Progress
from actions.models import ActionPoint, Plan, ReportingRound, StatusEntry
from actions.queries import public
from actions.queries.records import Changes
from tests.factories import (
    ActionPointFactory,
    PlanFactory,
    ReportingRoundFactory,
    StatusEntryFactory,
    overwrite,
)
from tests.many import FIRST_YEAR, many_points
from tests.public_site import words

pytestmark = pytest.mark.django_db

PLAN = "2022-2026"
Queries = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def page(client: Client, address: str = "/en/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def section(client: Client, name: str, address: str = "/en/") -> str:
    return page(client, address).split(f'aria-labelledby="{name}"')[1].split("</section>")[0]


def lead(client: Client, address: str = "/en/") -> str:
    return words(page(client, address).split('class="lead"')[1].split("</p>")[0])


# --- The answer


def test_the_first_sentence_says_what_is_known_and_what_is_not(client):
    said = lead(client)

    assert re.findall(r"\d+", said) == ["33", "2025", "10", "10", "23", "7", "16"]
    assert "10 in progress" in said
    assert "7 reported without a status, 16 not mentioned." in said


def test_a_year_without_a_report_is_said_to_be_one(client):
    said = lead(client, "/en/?jaar=2024")

    assert "none of the 33" in said
    assert "33 report not available" in said


def test_the_answer_comes_with_how_sure_the_list_is(client):
    top = words(page(client).split('class="hero"')[1].split('class="doors"')[0])

    assert gettext("The official list has not been entered yet.") in top
    for each in ("13 of class A", "14 of class B", "2 of class C", "4 of class D"):
        assert each in top


def test_nothing_is_said_of_a_working_list_once_the_official_list_is_there(client):
    for number, point in enumerate(ActionPoint.objects.in_plan(), start=1):
        overwrite(ActionPoint.objects.filter(pk=point.pk), official_number=str(number))

    assert 'class="hero__known"' not in page(client)


def test_three_questions_and_a_search_lead_on(client):
    doors = page(client).split('class="doors"')[1].split("</div>")[0]

    assert re.findall(r'<li><a href="([^"]+)"', doors) == [
        *("#stand", "/en/actiepunten/", "/en/ministeries/")
    ]
    assert 'action="/en/actiepunten/" method="get" role="search"' in doors
    assert 'name="tekst"' in doors


# --- Bars


@pytest.mark.parametrize("address", ["/", "/en/"])
@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_each_bar_has_a_name_and_the_same_numbers_as_the_table(client, address, year):
    found = re.findall(r"<svg class=\"bar\".*?</svg>", page(client, f"{address}?jaar={year}"), re.S)

    assert len(found) == 3
    for drawing, pillar in zip(found, public.progress_per_pillar(PLAN, year), strict=True):
        assert 'role="img"' in drawing
        assert "<title" in drawing
        counts = [count for count in pillar.counts.values() if count]
        described = re.findall(r"\d+", words(drawing.split("<desc")[1].split("</desc>")[0]))[2:]
        assert [int(each) for each in described] == counts
        assert [int(each) for each in re.findall(r">(\d+)</text>", drawing)] == counts
        assert drawing.count("<rect") == len(counts)


def test_sizes_are_written_with_a_point_in_every_language(client):
    for address in ("/", "/en/"):
        sizes = re.findall(r'<rect class="part[^>]* width="([^"]+)"', page(client, address))
        assert sizes
        assert all(re.fullmatch(r"\d+(\.\d+%)?", each) for each in sizes)


def test_every_answer_and_silence_has_a_fill_of_its_own(client):
    found = page(client)

    for progress in Progress:
        assert found.count(f'id="patroon-{progress.value}"') == 1
        assert f'fill="url(#patroon-{progress.value})"' in found


def test_bars_share_one_scale_and_leave_a_number_out_where_it_has_no_room():
    counts = dict.fromkeys(Progress, 0)
    long = counts | {Progress.NO_STATUS: 3, Progress.COMPLETED: 97}

    first, second = bars([long, {Progress.NOT_STARTED: 50}])

    assert [(each.start, each.width) for each in first.parts] == [
        ("0.000%", "97.000%"),
        ("97.000%", "3.000%"),
    ]
    assert [each.has_room for each in first.parts] == [True, False]
    assert [(each.width, each.middle) for each in second.parts] == [("50.000%", "25.000%")]


def test_a_number_of_two_digits_needs_twice_the_room():
    counts = {Progress.IN_PROGRESS: 12, Progress.COMPLETED: 9, Progress.NO_STATUS: 179}

    assert [each.has_room for each in bar(counts).parts] == [False, True, True]


def test_no_line_or_an_empty_one_is_no_bar():
    assert bars([]) == ()
    assert bars([dict.fromkeys(Progress, 0)])[0].parts == ()
    assert bar({}).parts == ()


# --- What changed


def changes(year: int, plan: str = PLAN) -> Changes | None:
    years = [each.year for each in public.released_rounds(plan)]
    return public.changes_since(plan, year, public.progress_per_year(plan, years))


def test_a_year_is_compared_with_the_last_one_that_has_data():
    found = changes(2025)

    assert found is not None
    assert (found.since, found.unavailable) == (2023, (2024,))


def test_what_changed_is_what_two_years_of_the_list_say_otherwise():
    found = changes(2025)
    assert found is not None
    then, now = (
        {
            each.action_point.code: each.published_version.progress
            for each in StatusEntry.objects.public()
            .in_plan()
            .filter(round__year=year)
            .select_related("action_point", "published_version")
            .order_by("action_point__pillar", "action_point__code")
            if each.published_version
        }
        for year in (2023, 2025)
    )
    silent = Progress.NOT_MENTIONED

    assert [each.code for each in found.new] == [
        code for code in now if then[code] == silent != now[code]
    ]
    assert [each.code for each in found.gone] == [
        code for code in now if now[code] == silent != then[code]
    ]
    assert [each.code for each in found.progress] == [
        code for code in now if then[code] != now[code] and silent not in (then[code], now[code])
    ]
    assert all((then[each.code], now[each.code]) == (each.before, each.after) for each in found.new)


def test_the_page_counts_and_links_every_change(client):
    found = changes(2025)
    shown = section(client, "veranderd")
    assert found is not None

    assert re.findall(r"<strong>(\d+)</strong>", shown) == [
        str(len(each)) for each in (found.progress, found.new, found.gone)
    ]
    for point in (*found.progress, *found.new, *found.gone):
        assert f'href="/en/actiepunten/{point.code}/"' in shown
    assert "2024" in words(shown)
    assert "So we compare 2025 with 2023." in words(shown)


def test_the_first_year_and_one_without_a_report_are_compared_with_nothing(client):
    assert changes(2023) is None
    assert changes(2024) is None
    assert "first year" in words(section(client, "veranderd", "/en/?jaar=2023"))
    assert "no report was available" in words(section(client, "veranderd", "/en/?jaar=2024"))


def two_years(before: str, after: str) -> Plan:
    """Return a plan with one point of which two released years say this."""
    plan = PlanFactory()
    point = ActionPointFactory(plan=plan)
    for year, progress in ((2030, before), (2031, after)):
        round_ = ReportingRoundFactory(plan=plan, year=year, released=True)
        entry = StatusEntryFactory(action_point=point, round=round_, reconstructed="Tekst.")
        version = entry.versions.create(
            number=9,
            author=entry.versions.latest("number").author,
            progress=progress,
            progress_basis="stated" if progress in ("in_progress", "completed") else "",
        )
        StatusEntry.objects.filter(pk=entry.pk).update(published_version=version)
    return plan


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        ("in_progress", "completed", (1, 0, 0)),
        ("no_status", "in_progress", (1, 0, 0)),
        ("not_mentioned", "no_status", (0, 1, 0)),
        ("completed", "not_mentioned", (0, 0, 1)),
        ("completed", "completed", (0, 0, 0)),
    ],
)
def test_a_change_is_another_progress_a_new_mention_or_a_mention_less(before, after, counts):
    plan = two_years(before, after)

    found = changes(2031, plan.slug)

    assert found is not None
    assert tuple(len(each) for each in (found.progress, found.new, found.gone)) == counts


def test_what_was_written_but_not_published_is_no_change():
    plan = two_years("in_progress", "in_progress")
    entry = StatusEntry.objects.get(round__plan=plan, round__year=2031)
    later = entry.versions.create(
        number=10,
        author=entry.versions.latest("number").author,
        progress="completed",
        progress_basis="stated",
    )
    StatusEntry.objects.filter(pk=entry.pk).update(latest_version=later, state=EntryState.CONCEPT)

    found = changes(2031, plan.slug)

    assert found is not None
    assert found.progress == ()


def test_a_subject_outside_the_plan_is_no_change():
    assert "2.f" not in {
        each.code
        for found in (changes(2025),)
        if found
        for each in (*found.progress, *found.new, *found.gone)
    }


# --- The latest report


def test_the_latest_report_is_named_with_how_late_it_was(client):
    shown = section(client, "lezen", "/en/?jaar=2023")

    assert "118 days later" in words(shown)
    assert 'href="/en/tijdlijn/#te-laat"' in shown
    assert "2026D03404" in shown
    assert 'href="/en/rapportages/"' in shown


def test_a_letter_that_came_on_time_is_not_called_late(client):
    overwrite(ReportingRound.objects.filter(year=2025), promised_on=datetime(2026, 12, 1).date())

    assert "later" not in words(section(client, "lezen"))


# --- Queries


@pytest.mark.parametrize("points", [0, 330])
def test_the_overview_costs_seven_queries(client, points, django_assert_num_queries: Queries):
    if points:
        many_points(points, 10)
    last = FIRST_YEAR + 9 if points else 2025

    with django_assert_num_queries(7):
        response = client.get(f"/?jaar={last}")

    assert response.status_code == 200

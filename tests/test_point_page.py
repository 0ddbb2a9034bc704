"""The page of one action point: at a glance, two years compared, cited and followed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext

from actions.choices import Progress
from actions.comparing import Change, TwoYears, YearsCompared
from actions.models import ActionPoint, ReportingRound, StatusEntry, UngpPrinciple
from actions.models.steps import Correction
from actions.queries import public
from actions.richtext import MAX_CHARACTERS
from napmonitor.accounts.models import User
from tests.factories import (
    ActionPointFactory,
    ReportingRoundFactory,
    StatusEntryFactory,
    no_year_is_out,
    overwrite,
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
    """Return the section with this heading, up to the heading of the next."""
    return page.split(f'id="{anchor}"')[1].split("<h2")[0]


def told(*texts: str) -> tuple[str, list[StatusEntry]]:
    """Make a point with a public text in each year from 2021; return its address and entries."""
    point = ActionPointFactory()
    entries = [
        StatusEntryFactory(
            action_point=point,
            round=ReportingRoundFactory(plan=point.plan, year=year, released=True),
            reconstructed=text,
        )
        for year, text in enumerate(texts, start=2021)
    ]
    return f"/plannen/{point.plan.slug}/actiepunten/{point.code}/", entries


def compared(client: Client, address: str) -> YearsCompared:
    found = client.get(address).context["compared"]
    assert isinstance(found, YearsCompared)
    return found


# --- At a glance


def test_every_year_is_shown_at_a_glance_oldest_first(client):
    strip = section(html(client, "/actiepunten/1.f/"), "verloop")

    assert re.findall(r'href="#jaar-(\d+)"', strip) == ["2023", "2024", "2025"]
    for progress in (Progress.IN_PROGRESS, Progress.SOURCE_MISSING):
        assert str(progress.label).lower() in words(strip).lower()
    assert strip.count('class="derived"') == 2


def test_a_point_without_a_public_year_has_no_strip_and_nothing_to_compare(client):
    no_year_is_out()
    point = ActionPointFactory(plan__slug="9999-9999", code="9.z")

    page = html(client, "/actiepunten/9.z/")

    assert point.title_nl in page
    assert 'id="verloop"' not in page
    assert 'id="verschil"' not in page


def test_the_text_of_the_point_is_called_official_only_when_it_is(client):
    provisional = words(html(client, "/actiepunten/1.g/"))
    overwrite(ActionPoint.objects.filter(code="1.g"), official_text="De officiële tekst.")
    official = words(html(client, "/actiepunten/1.g/"))

    said = gettext("This is the official text of the plan.")
    assert said not in provisional
    assert said in official
    assert "De officiële tekst." in official


def test_milestones_are_said_not_to_be_entered(client):
    facts = words(section(html(client, "/actiepunten/1.a/"), "gegevens"))

    assert gettext("Milestones and measuring points") in facts
    assert gettext("The list of the plan with these has not been entered here.") in facts


def test_principles_lead_to_their_pages(client):
    principles = list(UngpPrinciple.objects.filter(number__in=[31, 7]))
    ActionPoint.objects.get(code="1.g").principles.set(principles)

    facts = section(html(client, "/actiepunten/1.g/"), "gegevens")

    assert re.findall(r'href="/ungp/(\d+)/"', facts) == ["7", "31"]
    assert gettext("not established") not in words(facts)


def test_counts_of_the_plan_stay_right_with_several_principles():
    before = public.action_point("1.g")
    ActionPoint.objects.get(code="1.g").principles.set(UngpPrinciple.objects.all()[:5])

    after = public.action_point("1.g")

    assert before is not None
    assert after is not None
    assert after.plan == before.plan
    assert [each.number for each in after.principles] == [1, 2, 3, 4, 5]


def test_a_ministry_and_a_pillar_lead_to_their_pages_and_others_do_not(client):
    page = html(client, "/actiepunten/2.e/")

    assert 'href="/pijlers/2/"' in page
    assert 'href="/ministeries/bz/"' in page
    assert 'href="/ministeries/rvo/"' not in page
    assert "(RVO)" in page


def test_the_points_before_and_after_are_those_of_the_list(client):
    listed = list(ActionPoint.objects.filter(plan__slug="2022-2026").values_list("code", flat=True))

    for place, code in enumerate(listed):
        point = public.action_point(code)
        assert point is not None
        assert (point.previous and point.previous.code) == (listed[place - 1] if place else None)
        assert (point.next and point.next.code) == (listed[place + 1 : place + 2] or [None])[0]
    assert 'rel="prev"' not in html(client, "/actiepunten/1.a/")


# --- What changed between two years


def test_the_last_two_years_with_a_text_are_compared(client):
    both = compared(client, "/actiepunten/2.e/")

    years = {each.round.year: each for each in (both.before, both.after)}
    assert list(years) == [2024, 2025]
    assert both.texts


def test_a_year_without_a_text_is_passed_over_and_says_so_when_it_is_asked_for(client):
    address, entries = told("Eerst.", "Dan.", "Nu.")
    overwrite(ReportingRound.objects.filter(pk=entries[1].round_id), released_at=None)
    ReportingRoundFactory(plan=entries[0].round.plan, year=2025, released=True)

    usual = compared(client, address)
    page = words(section(html(client, f"{address}?van=2021&tot=2025"), "verschil"))

    assert (usual.before.round.year, usual.after.round.year) == (2021, 2023)
    sentence = "Of %(year)s no text about this subject is public, so no texts can be compared."
    assert gettext(sentence) % {"year": 2025} in page
    assert gettext(sentence) % {"year": 2021} not in page


def test_the_words_that_changed_are_marked_in_words_too(client):
    address, _entries = told(
        "Het **plan** is in 2021 van start gegaan met drie ministeries.\n\nDit blijft.",
        "Het **plan** is in 2022 van start gegaan met vier ministeries.\n\nDit blijft.",
    )

    shown = section(html(client, address), "verschil")

    for tag, word, years in (
        ("del", "removed:", ["2021", "drie"]),
        ("ins", "added:", ["2022", "vier"]),
    ):
        marked = re.findall(rf'<{tag}><span class="unseen" lang="nl">(.+?)</{tag}>', shown)
        assert [gettext(word) in each for each in marked] == [True, True]
        assert [words(each).rstrip("]").split()[-1] for each in marked] == years
    assert "Dit blijft." in words(shown)
    assert "**" not in shown


def test_a_text_that_is_wholly_new_stands_beside_the_old_one(client):
    address, _entries = told("De wet ligt bij de Raad van State.", "Zes bedrijven doen nu mee.")

    shown = section(html(client, address), "verschil")

    assert 'class="beside"' in shown
    assert "<ins>" not in shown
    assert "De wet ligt bij de Raad van State." in shown
    assert "Zes bedrijven doen nu mee." in shown


def test_an_equal_text_is_said_to_be_the_same(client):
    address, _entries = told("Alles blijft.", "Alles blijft.")

    shown = words(section(html(client, address), "verschil"))

    assert gettext("The text is the same in both years.") in shown


def test_the_older_year_comes_first_however_it_is_asked(client):
    one = compared(client, "/actiepunten/1.a/?van=2025&tot=2023")

    assert (one.before.round.year, one.after.round.year) == (2023, 2025)


def test_one_year_twice_is_said_to_show_nothing(client):
    page = html(client, "/actiepunten/1.a/?van=2023&tot=2023")

    said = "You chose %(to)s twice. Choose two different years to see what changed."
    assert gettext(said) % {"to": 2023} in words(section(page, "verschil"))


def test_one_year_that_is_asked_for_keeps_the_other_as_it_was(client):
    found = compared(client, "/actiepunten/1.a/?van=2023")

    assert (found.before.round.year, found.after.round.year) == (2023, 2025)


@pytest.mark.parametrize("query", ["van=abc", "tot=2026", "van=2023&tot=1900", "tot=2025%00"])
def test_a_year_that_is_not_public_is_a_400_that_names_the_filter(client, query):
    page = html(client, f"/actiepunten/1.a/?{query}", 400)

    name = re.findall(r"<code>(van|tot)</code>", page)
    assert name
    for year in (2025, 2024, 2023):
        assert f'href="/actiepunten/1.a/?{name[0]}={year}"' in page


def test_nothing_is_asked_when_a_year_is_left_empty(client):
    assert client.get("/actiepunten/1.a/?van=&tot=").status_code == 200


def test_progress_is_compared_only_when_it_is_known_in_both_years(client):
    known = compared(client, "/actiepunten/1.f/?van=2023&tot=2025")
    silent = compared(client, "/actiepunten/1.f/?van=2023&tot=2024")

    assert known.progress == Change.SAME
    assert silent.progress == Change.UNKNOWN


def test_other_progress_is_a_change(client):
    address, entries = told("Loopt.", "Klaar.")
    newest = entries[1]
    done = newest.versions.create(
        number=9,
        author=newest.versions.latest("number").author,
        progress=Progress.COMPLETED,
        progress_basis="stated",
        narrative="Klaar.",
    )
    overwrite(StatusEntry.objects.filter(pk=newest.pk), published_version=done)

    assert compared(client, address).progress == Change.CHANGED


def test_a_new_name_of_a_ministry_is_not_another_ministry(client):
    found = compared(client, "/actiepunten/1.e/?van=2023&tot=2025")

    assert found.responsible == Change.RENAMED


def test_a_shared_text_is_compared_as_the_text_of_the_point(client):
    found = compared(client, "/actiepunten/1.a/?van=2023&tot=2025")

    assert found.texts[0].after.startswith("De dialoog tussen bedrijven")


def test_the_choice_stays_in_the_form(client):
    shown = section(html(client, "/actiepunten/1.a/?van=2023&tot=2024"), "verschil")

    assert re.findall(r'<option value="(\d+)" selected>', shown) == ["2023", "2024"]
    assert 'method="get"' in shown


# --- Citing, following, corrections


def test_a_citation_names_what_it_is_with_the_day_of_the_last_publication(client):
    cited = words(section(html(client, "/en/actiepunten/1.e/"), "verwijzen"))

    for part in (
        "NAP-monitor",
        "Action point 1.e",
        "reported on 2023 to 2025",
        "/en/plannen/2022-2026/actiepunten/1.e/",
    ):
        assert part in cited
    with translation.override("en"):
        day = public.action_point("1.e")
    assert day is not None
    assert str(day.updated_on) == "2026-01-26"


def test_a_correction_is_the_last_change_and_is_told_once(
    client, django_assert_num_queries: Queries
):
    address, entries = told("Eerst.", "Dan.")
    for day in (3, 4):
        Correction.objects.create(
            entry=entries[0],
            version=entries[0].published_version,
            reason=f"Verbeterd op {day}.",
            actor=User.objects.system(),
            at=timezone.make_aware(datetime(2022, 5, day, 12)),
        )
    before_it_was_out = timezone.make_aware(datetime(2020, 1, 1))
    Correction.objects.create(
        entry=entries[1],
        version=entries[1].published_version,
        reason="Nooit te zien.",
        actor=User.objects.system(),
        at=before_it_was_out,
    )

    plan, code = entries[0].round.plan.slug, entries[0].action_point.code
    with django_assert_num_queries(7):
        point = public.action_point(code, plan)

    assert point is not None
    assert str(point.updated_on) == "2022-05-04"
    assert [each.reason for each in point.years[1].corrections] == [
        "Verbeterd op 4.",
        "Verbeterd op 3.",
    ]
    assert len(point.years) == 2
    assert html(client, address).count("Verbeterd op 4.") == 1
    assert "Nooit te zien." not in html(client, address)


def test_a_point_of_the_current_plan_can_be_followed(client):
    followed = section(html(client, "/actiepunten/1.a/"), "verwijzen")

    assert 'href="/feeds/actiepunten/1.a.atom"' in followed


def test_a_point_of_an_earlier_plan_has_no_feed(client):
    later = ActionPointFactory(plan__slug="9999-9999")
    ReportingRoundFactory(plan=later.plan, released_at=timezone.now())

    page = html(client, "/plannen/2022-2026/actiepunten/1.a/")

    assert ".atom" not in section(page, "verwijzen")


# --- Cost


def test_the_largest_page_is_made_in_time(client, django_assert_num_queries: Queries):
    text = "Een lange tekst over wat er in dit jaar is gedaan en wat er nog komt. "
    # Room for the digit that each year puts behind a word.
    long = (text * (MAX_CHARACTERS // len(text) - 5)).strip()
    address, _entries = told(*(long.replace("jaar", f"jaar{year}") for year in range(10)))
    client.get(address)

    start = time.process_time()
    # One of them is whether something public changed.
    with django_assert_num_queries(8):
        page = html(client, f"{address}?van=2021&tot=2030")

    assert page.count('<section class="year"') == 10
    assert time.process_time() - start < 3


@pytest.mark.parametrize("ten_times", [False, True])
def test_a_point_costs_seven_queries_whatever_the_size(
    client, ten_times, django_assert_num_queries: Queries
):
    code = "2.e"
    if ten_times:
        many_points(330, 30)
        code = "p7"

    for address in (f"/actiepunten/{code}/", f"/en/actiepunten/{code}/"):
        with django_assert_num_queries(7):
            point = public.action_point(code)
        assert point is not None
        assert client.get(address).status_code == 200


def test_the_form_needs_two_years():
    point = public.action_point("1.a")
    assert point is not None

    form = TwoYears(QueryDict(""), point.years[:1])

    assert form.problems() == []
    assert form.compared() is None

"""The pages of the ministries: who answers for what, under every name, and how that stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext

from actions.choices import OrganisationKind, Progress
from actions.models import ActionPoint, Organisation, Responsibility
from actions.queries import public
from tests.factories import (
    ActionPointFactory,
    OrganisationFactory,
    OrganisationNameFactory,
    ResponsibilityFactory,
    StatusEntryFactory,
    SuccessionFactory,
    no_year_is_out,
    overwrite,
)
from tests.many import many_points
from tests.public_site import html, words

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[object]]
YESTERDAY = timezone.localdate() - timedelta(days=1)


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    with translation.override("nl"):
        yield


def main(page: str) -> str:
    return page.split("<main")[1].split("</main>")[0]


def section(page: str, name: str) -> str:
    return page.split(f'aria-labelledby="{name}"')[1].split("</section>")[0]


def row(page: str, slug: str) -> str:
    """Return the row of one organisation in the list, as words."""
    found = next(each for each in page.split("<tr>") if f'/ministeries/{slug}/"' in each)
    return words(found.split("</tr>")[0])


# --- The list


def test_the_list_counts_what_each_ministry_answers_for(client):
    page = html(client, "/ministeries/")

    assert "(BZ)" in row(page, "bz")
    assert re.search(r"\b24 0 \b", row(page, "bz"))
    assert re.search(r"\b3 1 \b", row(page, "jenv"))
    assert gettext("coordinates the plan") in row(page, "bz")
    assert gettext("coordinates the plan") not in row(page, "jenv")


def test_a_ministry_without_points_is_in_the_list_and_says_so(client):
    page = html(client, "/ministeries/")

    assert gettext(
        "Takes part in the plan. No subject on our working list names this ministry."
    ) in row(page, "bzk")


@pytest.mark.parametrize("year", [2023, 2025])
def test_the_numbers_are_those_of_the_chosen_year(client, year):
    page = section(html(client, f"/ministeries/?jaar={year}"), "ministeries")
    counted = re.findall(rf"ministerie=(\w+)&amp;jaar={year}&amp;voortgang=(\w+)\">\s*(\d+) ", page)

    listed = {
        each.facts.slug: each.tally.total
        for each in public.organisation_lists("2022-2026", year).ministries
        if each.tally.total
    }
    sums: dict[str, int] = {}
    for slug, _progress, number in counted:
        sums[slug] = sums.get(slug, 0) + int(number)
    assert sums == listed


def test_an_embargoed_year_shows_nothing(client):
    no_year_is_out()
    point = ActionPointFactory(plan__slug="2099", lead=OrganisationFactory(named=True))
    later = timezone.now() + timedelta(days=1)
    StatusEntryFactory(action_point=point, round__released_at=later, reconstructed="Geheim")

    page = html(client, "/ministeries/")

    assert "jaar=" not in section(page, "ministeries")


def test_who_carries_out_is_listed_with_what(client):
    page = section(html(client, "/ministeries/"), "uitvoering")

    assert "3.e" in row(page, "raad-voor-rechtsbijstand")
    assert gettext("derived") in row(page, "rvo")
    assert "VNO-NCW (VNO-NCW)" not in page


def test_a_ministry_that_ended_is_named_apart_with_where_its_work_went(client):
    page = section(html(client, "/ministeries/"), "opgeheven")

    assert "Klimaat en Groene Groei (KGG)" in page
    assert "(EZK)" in page


# --- One ministry


def test_a_page_shows_every_released_year_of_each_point_side_by_side(client):
    page = section(html(client, "/ministeries/jenv/"), "jaren")

    assert page.count("<tr>") - page.count("<thead>") == 4
    years = re.findall(r'data-label="(\d{4})"', page)
    assert years == ["2023", "2024", "2025"] * 4
    assert str(Progress.SOURCE_MISSING.label) in page


def test_lead_comes_before_co_responsible_and_derived_says_so(client):
    page = words(section(html(client, "/ministeries/fin/"), "jaren"))

    lead, together = gettext("as responsible"), gettext("as co-responsible")
    assert page.index(lead) < page.index(together)
    assert f"({gettext('derived')})" in page


def test_a_subject_outside_the_plan_stands_apart_and_does_not_count(client):
    page = html(client, "/ministeries/bz/")

    assert page.index(">2.e<") < page.index(">2.f<")
    assert words(section(page, "jaren")).count(gettext("outside the plan")) == 1
    footer = section(page, "stand").split("<tfoot>")[1]
    assert words(footer).startswith(f"{gettext('Together')} 24")


def test_all_names_are_shown_with_their_periods_newest_first(client):
    page = words(section(html(client, "/ministeries/ezk/"), "namen"))

    names = re.findall(r"inisterie van Economische Zaken( en Klimaat)? EZ", page)
    assert names == [" en Klimaat", "", " en Klimaat", ""]
    assert "2 juli 2024" in page
    assert "23 februari 2026" in page


def test_a_ministry_says_what_it_came_from_and_went_into(client):
    page = section(html(client, "/ministeries/ezk/"), "namen")

    assert page.count('href="/ministeries/kgg/"') == 2


def test_a_ministry_that_ended_says_so_and_where_its_work_went(client):
    page = html(client, "/ministeries/kgg/")

    assert "23 februari 2026" in words(page.split("</header>")[1])
    assert 'href="/ministeries/ezk/"' in page
    assert gettext("No subject on our working list names it.") in page


def test_a_ministry_that_is_still_there_does_not_seem_to_have_ended(client):
    page = html(client, "/ministeries/ezk/")

    assert "1.e" in page
    assert 'aria-labelledby="stand"' in page


@pytest.mark.parametrize(
    ("word", "slug", "status"),
    [
        ("EZK", "ezk", 301),
        ("Ezk", "ezk", 301),
        ("ez", "ezk", 302),
        ("EZ", "ezk", 302),
        ("venj", "jenv", 302),
        ("VenJ", "jenv", 302),
        ("IenM", "ienw", 302),
        ("KGG", "kgg", 301),
        ("RVO", "rvo", 301),
    ],
)
@pytest.mark.parametrize("language", ["", "/en"])
def test_every_abbreviation_it_ever_had_leads_to_its_page(client, language, word, slug, status):
    response = client.get(f"{language}/ministeries/{word}/?jaar=2024")

    assert response.status_code == status
    assert response["Location"] == f"{language}/ministeries/{slug}/?jaar=2024"


def test_an_abbreviation_goes_to_who_has_it_today():
    old = OrganisationFactory(slug="oud")
    new = OrganisationFactory(slug="nieuw")
    OrganisationNameFactory(organisation=old, abbreviation="ABC", valid_until=YESTERDAY)
    OrganisationNameFactory(organisation=new, abbreviation="ABC", valid_from=YESTERDAY)
    SuccessionFactory(predecessor=old, successor=new)
    ResponsibilityFactory(
        organisation=new,
        action_point=ActionPoint.objects.get(plan__slug="2022-2026", code="1.e"),
        role="co_responsible",
    )

    found = public.organisation_detail("2022-2026", [], "abc")

    assert found is not None
    assert found.facts.slug == "nieuw"


@pytest.mark.parametrize("slug", ["onbekend", "bz2", "VWS"])
def test_an_unknown_organisation_is_not_found(client, slug):
    html(client, f"/ministeries/{slug}/", 404)


def test_an_organisation_without_a_part_in_the_plan_has_no_page(client):
    made = OrganisationFactory(named=True)

    html(client, f"/ministeries/{made.slug}/", 404)


@pytest.mark.parametrize("address", ["/ministeries/", "/ministeries/bz/"])
def test_a_year_that_cannot_be_is_refused_by_name(client, address):
    page = html(client, f"{address}?jaar=1999", 400)

    assert "<code>jaar</code>" in page


def test_who_carries_out_has_a_page_without_a_feed_or_list(client):
    page = html(client, "/ministeries/rvo/")

    assert gettext("to carry out") in words(section(page, "jaren"))
    assert ".atom" not in main(page)
    assert "ministerie=rvo" not in main(page)


def test_a_ministry_leads_to_its_list_feed_and_register(client):
    page = html(client, "/ministeries/szw/")

    assert 'href="/actiepunten/?ministerie=szw&amp;jaar=2025"' in page
    assert 'href="/feeds/ministeries/szw.atom"' in page
    assert "https://identifier.overheid.nl/tooi/id/ministerie/mnre1073" in page


def test_what_it_no_longer_answers_for_is_shown_apart(client):
    szw = Organisation.objects.get(slug="szw")
    held = Responsibility.objects.filter(organisation=szw).order_by("pk").first()
    overwrite(
        Responsibility.objects.filter(pk=held.pk),
        valid_from=date(2022, 9, 1),
        valid_until=date(2024, 7, 2),
    )

    page = html(client, "/ministeries/szw/")

    before = words(section(page, "vroeger"))
    assert held.action_point.code in before
    assert "1 september 2022" in before
    assert "2 juli 2024" in before
    assert f'/actiepunten/{held.action_point.code}/"' not in section(page, "jaren")


def test_a_point_without_public_text_counts_as_report_not_available():
    point = ActionPointFactory(lead=OrganisationFactory(named=True, slug="los"))
    StatusEntryFactory(
        action_point=point,
        round__released_at=timezone.now() - timedelta(days=1),
        written="Nog niet openbaar",
    )
    plan = point.plan.slug

    found = public.organisation_detail(plan, public.released_rounds(plan), "los")
    listed = public.organisation_lists(plan, public.released_rounds(plan)[0].year)

    assert found is not None
    assert [each.progress for each in found.now[0].years] == [Progress.SOURCE_MISSING]
    assert listed.ministries[0].tally.counts == ((Progress.SOURCE_MISSING, 1),)


def test_an_agency_never_counts_as_a_ministry():
    agency = OrganisationFactory(named=True, kind=OrganisationKind.AGENCY)
    point = ActionPointFactory()
    ResponsibilityFactory(action_point=point, organisation=agency, role="implementing")

    lists = public.organisation_lists(point.plan.slug, None)

    assert agency.slug not in {each.facts.slug for each in lists.ministries}
    assert [each.facts.slug for each in lists.implementers] == [agency.slug]


@pytest.mark.parametrize("address", ["/ministeries/", "/ministeries/bz/", "/ministeries/kgg/"])
def test_an_english_page_marks_what_is_dutch(client, address):
    page = html(client, f"/en{address}")

    assert '<html lang="en">' in page
    assert 'lang="nl">' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("address", ["/ministeries/", "/ministeries/bz/", "/ministeries/kgg/"])
def test_a_page_has_no_style_or_script_of_its_own(client, address):
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", main(html(client, address)))


def test_each_bar_says_what_the_list_beside_it_says(client):
    listed = public.organisation_lists("2022-2026", 2025).ministries
    page = html(client, "/ministeries/")
    own = html(client, "/ministeries/jenv/")

    for each in (each for each in listed if each.tally.total):
        said = ", ".join(f"{count} {progress.label}" for progress, count in each.tally.counts)
        drawing = page.split(f'id="balk-{each.facts.slug}-delen">')[1].split("</desc>")[0]
        assert said in drawing
        if each.facts.slug == "jenv":
            assert said in own.split('id="balk-jenv-delen">')[1].split("</desc>")[0]


@pytest.mark.parametrize("points", [6, 60])
def test_the_pages_cost_the_same_for_a_plan_of_any_size(
    points, django_assert_max_num_queries: Queries, client
):
    many_points(points, 3)
    client.get("/ministeries/")

    for address in ("/ministeries/", "/ministeries/bz/"):
        with django_assert_max_num_queries(7):
            html(client, address)

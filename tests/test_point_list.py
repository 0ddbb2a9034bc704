"""The list of action points: its pages, its files, what it tells and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from tests.many import many_points

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[object]]


def html(client: Client, query: str = "", status: int = 200) -> str:
    response = client.get(f"/actiepunten/{query}")
    assert response.status_code == status
    return response.content.decode()


def test_the_real_plan_stands_on_one_page(client: Client) -> None:
    page = html(client)

    assert page.count('<th scope="row">') == 34
    assert 'class="pages"' not in page
    html(client, "?pagina=2", 404)


def test_a_long_list_leads_to_its_other_pages(client: Client) -> None:
    many_points(120, 1)

    page = html(client, "?pagina=2&sorteer=titel&ministerie=")
    pages = page.split('<nav class="pages"')[1].split("</nav>")[0]

    assert 'rel="prev" href="?sorteer=titel"' in pages
    assert 'rel="next" href="?sorteer=titel&amp;pagina=3"' in pages
    assert len(re.findall('aria-current="page"', pages)) == 1
    assert page.count('<th scope="row">') == 50
    assert 'name="pagina"' not in page


def test_the_files_are_of_what_is_filtered_and_links_hold_no_empty_filter(client: Client) -> None:
    page = html(client, "?tekst=&pijler=1&jaar=2023&ministerie=&sorteer=code")

    for to in ("csv", "xlsx", "ods"):
        assert f'href="/actiepunten/actiepunten.{to}?jaar=2023&amp;pijler=1"' in page
    assert not re.search(r'href="[^"]*(\?|&amp;)\w+=(&|")', page.split("<main")[1])


def test_a_chosen_filter_can_be_dropped(client: Client) -> None:
    chosen = html(client, "?pijler=1&kamerstuk=ja").split('class="chosen"')[1].split("</ul>")[0]

    assert 'href="?kamerstuk=ja"' in chosen
    assert 'href="?pijler=1"' in chosen
    assert 'class="chosen"' not in html(client, "?jaar=2023&sorteer=titel")


def test_a_filter_that_is_folded_away_is_unfolded_when_it_is_used(client: Client) -> None:
    assert '<details class="filter__more">' in html(client)
    assert '<details class="filter__more" open>' in html(client, "?bewijs=A")


def test_a_reader_is_told_what_else_was_looked_for(client: Client) -> None:
    page = html(client, "?tekst=herstel")

    with translation.override("nl"):
        assert gettext("Also searched for:") in page
    assert '<span lang="nl">remedie</span>' in page
    assert 'class="result__also"' not in html(client, "?tekst=wamca")


@pytest.mark.parametrize("ten_times", [False, True])
def test_every_way_to_narrow_the_list_costs_the_same(
    client: Client, ten_times: bool, django_assert_num_queries: Queries
) -> None:
    if ten_times:
        many_points(330, 10)
    # Every text is read once after something public changed.
    html(client, "?tekst=de")

    # One of these asks how fresh the page is.
    for query, queries in (
        ("", 7),
        ("?pijler=1&ministerie=bz&sorteer=voortgang", 7),
        ("?sorteer=ministerie&bewijs=B", 7),
        ("?kamerstuk=ja&doorlopend=onbekend&sorteer=titel", 7),
        ("?tekst=de&pijler=1", 7),
        ("?tekst=bestaatniet&pijler=1", 5),
    ):
        with django_assert_num_queries(queries):
            html(client, query)

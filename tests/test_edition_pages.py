"""The pages of all years and of one: what they tell of documents, and what never was public."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from actions.models import Plan, ReportingRound
from reports import issuing, published
from reports.choices import Audience, Format, Kind, Stage
from reports.models import EditionFile
from tests import edition_story as story
from tests.factories import overwrite
from tests.many import many_points
from tests.workflow_people import Cast

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[object]]
LIST = "/rapportages/"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no file be laid out, and let every test begin and end in Dutch."""
    monkeypatch.setattr("reports.jobs.gc.collect", lambda: 0)
    with story.quick_rendering(), translation.override("nl"):
        yield


@pytest.fixture
def people() -> Cast:
    """Make a round that is ready for documents, of the plan that is the current one."""
    people = story.ready_round()
    overwrite(Plan.objects.filter(pk=people.round.plan_id), slug="9022-9026")
    people.round.plan.refresh_from_db()
    return people


def release(people: Cast, moment: Any = None) -> None:
    overwrite(
        ReportingRound.objects.filter(pk=people.round.pk),
        released_at=moment or timezone.now() - timedelta(minutes=1),
        published_on=timezone.localdate(),
    )


def second_edition(people: Cast) -> None:
    """Issue another edition over the one that is out."""
    people.round.refresh_from_db()
    freeze = story.frozen(people)
    story.decided(people, freeze)
    story.opened(freeze, people.second)
    issuing.issue(freeze, actor=people.second)


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.text


def of_year(people: Cast) -> str:
    return reverse("site:year", args=[people.round.year])


# --- Which years there are


def test_years_stand_newest_first_with_their_letter_and_how_late_it_was(client):
    text = page(client, LIST)

    places = [text.index(f'id="jaar-{year}"') for year in (2025, 2024, 2023)]
    assert places == sorted(places)
    assert "https://zoek.officielebekendmakingen.nl/kst-32735-401.html" in text
    assert "118" in text.split('id="jaar-2025"')[1].split("</dl>")[0]
    of_2024 = text.split('id="jaar-2024"')[1].split("</dl>")[0]
    assert gettext("a letter with a report") in of_2024
    assert 'href="/rapportages/2024/"' in text


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_a_released_year_has_a_page_without_documents_too(client, year):
    text = page(client, f"/rapportages/{year}/")

    assert gettext("This site keeps no documents of its own about this year.") in text
    assert text.count("<h1") == 1
    assert ('rel="prev"' in text) == (year > 2023)
    assert ('rel="next"' in text) == (year < 2025)


@pytest.mark.parametrize("year", [2022, 2026, 1, 99999])
def test_a_year_that_is_not_there_or_not_out_is_not_found(client, year):
    page(client, f"/rapportages/{year}/", status=404)


def test_the_year_shows_the_statement_and_numbers_that_open_the_list(client):
    text = page(client, "/rapportages/2025/")

    assert 'class="statement"' in text
    assert "/actiepunten/?jaar=2025&amp;voortgang=in_uitvoering" in text
    assert 'id="werklijst"' in text


def test_a_year_is_compared_with_the_last_one_of_which_something_is_known(client):
    text = page(client, "/rapportages/2025/")
    table = text.split('class="edition-standing stacked')[1].split("</table>")[0]

    # Of 2024 the report was not available.
    assert 'data-label="2023"' in table
    assert 'data-label="2024"' not in table
    assert "/?jaar=2025#veranderd" in text
    of_first = page(client, "/rapportages/2023/").split('class="edition-standing stacked')[1]
    assert gettext("Difference") not in of_first.split("</table>")[0]


def test_a_year_of_which_nothing_is_known_is_compared_with_none(client):
    text = page(client, "/rapportages/2024/")
    table = text.split('class="edition-standing stacked')[1].split("</table>")[0]

    # Fewer points would seem to be under way; the overview has nothing to compare either.
    assert gettext("Difference") not in table
    assert 'data-label="2023"' not in table
    assert "#veranderd" not in text


def test_english_pages_say_that_the_documents_are_dutch(client):
    assert 'class="remark"' in page(client, f"/en{LIST}")
    assert 'class="remark"' not in page(client, LIST)


# --- Which documents


def test_what_is_not_issued_or_not_released_is_nowhere(people, client):
    story.frozen(people, Stage.CONCEPT)
    release(people)
    text = page(client, of_year(people))
    assert gettext("This site keeps no documents of its own about this year.") in text
    assert published.public_editions() == {}


def test_nothing_is_there_before_the_release(people, client):
    story.issued(people)

    assert published.public_editions() == {}
    page(client, of_year(people), status=404)


def test_every_file_is_there_with_its_size_and_hash(people, client):
    freeze = story.issued(people)
    release(people)

    text, listed = page(client, of_year(people)), page(client, LIST)

    editions = published.public_editions()[people.round.year]
    assert [each.document.kind for each in editions] == list(Kind)
    for edition in editions:
        assert [file.format for file in edition.files] == list(Format)
        assert edition.issued_on == timezone.localdate()
        for file in edition.files:
            stored = EditionFile.objects.get(
                version__freeze=freeze,
                version__edition__kind=edition.document.kind,
                format=file.format,
                audience=Audience.PUBLIC,
            )
            assert (file.size, file.sha256) == (stored.size, stored.sha256)
            assert file.sha256 in text
            address = reverse(
                "reports:document",
                args=[people.round.year, edition.document.name, file.format.value],
            )
            assert f'href="{address}"' in text
            assert f'href="{address}"' in listed
            assert f"{file.kilobytes} kB" in text


def test_internal_files_of_a_note_are_not_told_of(people, client):
    freeze = story.issued(people)
    release(people)

    text = page(client, of_year(people))

    internal = EditionFile.objects.filter(version__freeze=freeze, audience=Audience.INTERNAL)
    assert internal.exists()
    for file in internal:
        # A note without anything internal has the same bytes for both.
        if not EditionFile.objects.filter(sha256=file.sha256, audience=Audience.PUBLIC).exists():
            assert file.sha256 not in text


def test_a_reconstruction_says_so_and_leads_to_what_was_sent(client, monkeypatch):
    edition = published.PublicEdition(
        published.PublicDocument(Kind.LETTER, 1, "", is_reconstruction=True),
        date(2030, 1, 2),
        (published.PublicFile(Format.PDF, 999, "f" * 64),),
        (),
    )
    monkeypatch.setattr(published, "public_editions", lambda year=None: {2023: (edition,)})

    for text in (page(client, LIST), page(client, "/rapportages/2023/")):
        assert gettext("Reconstruction") in text
        assert "https://zoek.officielebekendmakingen.nl/kst-32735-377.html" in text
    assert (
        gettext("It is not the letter that was sent.") in text
        or gettext("We made this text from public sources. It is not the letter that was sent.")
        in text
    )


def test_an_edition_that_was_replaced_is_told_with_the_reason(people, client):
    story.issued(people)
    release(people)
    assert "Beter." not in page(client, of_year(people))

    second_edition(people)

    letter = published.public_editions(people.round.year)[people.round.year][0]
    today = timezone.localdate()
    assert letter.document.edition == 2
    assert letter.earlier == (published.Superseded(1, today, today, 2, "Beter."),)
    assert "Beter." in page(client, of_year(people))
    assert "Beter." in page(client, LIST)


def test_an_edition_that_was_replaced_before_it_was_out_is_not_told_of(people, client):
    story.issued(people)
    second_edition(people)
    assert published.public_editions() == {}

    release(people, timezone.now())

    for edition in published.public_editions(people.round.year)[people.round.year]:
        assert edition.document.edition == 2
        assert edition.earlier == ()


# --- What it costs


def test_pages_cost_the_same_for_any_number_of_points_and_years(
    people, client, django_assert_num_queries: Queries
):
    story.issued(people)
    release(people)
    # The language and the freshness of a page are asked apart.
    client.get(LIST)
    costs = count(client, LIST), count(client, of_year(people))
    assert max(costs) <= 8

    many_points(points=40, years=6)

    assert count(client, LIST) == costs[0]
    assert count(client, "/rapportages/2014/") == costs[1]


def count(client: Client, address: str) -> int:
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        page(client, address)
    return len(asked)

"""The register of parliamentary documents: what is in it, and what refers to each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext

from actions.choices import DUTCH, DocumentKind
from actions.models import ParliamentaryDocument
from actions.queries import public
from tests.factories import (
    ActionPointFactory,
    ParliamentaryDocumentFactory,
    ReportingRoundFactory,
    StatusEntryFactory,
)
from tests.many import many_points
from tests.public_site import html, words

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[object]]
NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    with translation.override("nl"):
        yield


def main(page: str) -> str:
    return page.split("<main")[1].split("</main>")[0]


def shown(page: str) -> list[str]:
    """Return which documents a page of the register lists, in order."""
    return re.findall(r'<th scope="row"><a href="/kamerstukken/([^"/]+)/"', page)


def released():
    return timezone.now() - timedelta(days=1)


# --- The register


def test_the_register_lists_every_document_newest_first(client):
    found = shown(html(client, "/kamerstukken/"))

    assert len(found) == ParliamentaryDocument.objects.count()
    assert found[:3] == ["kst-36180-196", "2026D03404", "kst-36712-9"]
    dates = [
        each.date
        for each in public.listed_documents([d.key for d in public.registered_documents()])
    ]
    known = [each for each in dates if each]
    assert dates == [*sorted(known, reverse=True), *[None] * (len(dates) - len(known))]


def test_a_document_without_kamerstuk_number_says_so_with_the_number_it_has(client):
    page = html(client, "/kamerstukken/")
    row = words(page.split("/kamerstukken/2026D03404/")[1].split("</tr>")[0])

    assert gettext("Kamerstuk number not known yet") in row
    assert "2026D03404" in row


def test_a_number_stands_in_its_official_form_with_its_official_place(client):
    page = html(client, "/kamerstukken/?tekst=kst-32735-377")

    assert f"Kamerstuk{NBSP}32{NBSP}735, nr.{NBSP}377" in page
    assert "https://zoek.officielebekendmakingen.nl/kst-32735-377.html" in page


@pytest.mark.parametrize(
    "asked",
    [
        "kst-32735-377",
        "32735, nr. 377",
        "32 735, nr. 377",
        "Kamerstuk 32 735 nr. 377",
        "2023D44741",
        "2023z18578",
        "voortgang in 2023",
        "Schreinemacher voortgang",
    ],
)
def test_a_document_is_found_by_each_of_its_numbers_and_by_words(client, asked):
    page = client.get("/kamerstukken/", {"tekst": asked}).content.decode()

    assert "kst-32735-377" in shown(page)


def test_kind_and_year_narrow_the_register(client):
    motions = shown(html(client, "/kamerstukken/?soort=motie"))
    of_year = shown(html(client, "/kamerstukken/?jaar=2025"))
    undated = shown(html(client, "/kamerstukken/?jaar=onbekend"))

    assert len(motions) == ParliamentaryDocument.objects.filter(kind="motion").count()
    assert len(of_year) == ParliamentaryDocument.objects.filter(date__year=2025).count()
    assert len(undated) == ParliamentaryDocument.objects.filter(date=None).count()


def test_every_kind_has_a_dutch_code_of_its_own():
    codes = [DUTCH[each] for each in DocumentKind]

    assert len(set(codes)) == len(codes)


def test_nothing_found_says_what_to_try(client):
    page = html(client, "/kamerstukken/?tekst=bestaatniet")

    assert gettext("No document matches all these filters") in page
    assert shown(page) == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("soort=x", "soort"),
        ("jaar=1900", "jaar"),
        ("pagina=x", "pagina"),
        ("pagina=0", "pagina"),
        ("pagina=-1", "pagina"),
        ("pagina=99999999999", "pagina"),
        ("tekst=" + "a" * 201, "tekst"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_by_name(client, query, name):
    assert f"<code>{name}</code>" in html(client, f"/kamerstukken/?{query}", 400)


def test_a_page_that_is_not_there_is_not_found(client):
    html(client, "/kamerstukken/?pagina=2", 404)
    html(client, "/kamerstukken/kst-32735-377/?pagina=2", 404)


def test_pages_of_fifty_keep_the_filters(client):
    for number in range(60):
        ParliamentaryDocumentFactory(kind="motion", date=date(2000, 1, 1 + number % 28))

    first = html(client, "/kamerstukken/?soort=motie&jaar=2000")
    second = html(client, "/kamerstukken/?soort=motie&jaar=2000&pagina=2")

    assert len(shown(first)) == 50
    assert len(shown(second)) == 10
    assert not set(shown(first)) & set(shown(second))
    assert "soort=motie&amp;jaar=2000&amp;pagina=2" in first or (
        "jaar=2000&amp;soort=motie&amp;pagina=2" in first
    )


# --- What is not public yet


def test_the_letter_of_a_year_that_is_not_out_is_nowhere(client):
    letter = ParliamentaryDocumentFactory(title="Geheime brief", document_number="2026D99999")
    report = ParliamentaryDocumentFactory(title="Geheim rapport", document_number="2026D99998")
    annex = ParliamentaryDocumentFactory(title="Geheime bijlage", annex_of=letter)
    ReportingRoundFactory(letter=letter, report=report, released_at=None)

    assert "Gehei" not in html(client, "/kamerstukken/")
    for each in ("2026D99999", "2026D99998", "2026D99999-bijlage-1", f"document-{annex.pk}"):
        html(client, f"/kamerstukken/{each}/", 404)
    assert "2026D99999" not in public.document_addresses()


def test_a_document_of_a_day_to_come_is_nowhere(client):
    tomorrow = timezone.localdate() + timedelta(days=1)
    ParliamentaryDocumentFactory(title="Morgen", document_number="2026D88888", date=tomorrow)

    assert "Morgen" not in html(client, "/kamerstukken/")
    html(client, "/kamerstukken/2026D88888/", 404)


def test_a_text_that_is_not_public_is_not_among_what_refers(client):
    point = ActionPointFactory(title_nl="Onderwerp in concept")
    StatusEntryFactory(
        action_point=point,
        round__released_at=released(),
        written="Zie Kamerstuk 32 735, nr. 377. Nog geheim.",
    )

    page = html(client, "/kamerstukken/kst-32735-377/")

    assert "Onderwerp in concept" not in page
    assert "Nog geheim" not in page


# --- One document


@pytest.mark.parametrize(
    ("number", "canonical", "status"),
    [
        ("2023D44741", "kst-32735-377", 301),
        ("2023d44741", "kst-32735-377", 301),
        ("KST-32735-377", "kst-32735-377", 301),
        ("32735-377", "kst-32735-377", 302),
        ("2023Z18578", "kst-32735-377", 302),
        ("2026Z01420", "2026D03404", 302),
        ("BZ2405682", "kst-32735-401-bijlage-2", 302),
        ("kst-35000-xvii-34", "kst-35000-XVII-34", 301),
    ],
)
@pytest.mark.parametrize("language", ["", "/en"])
def test_any_other_number_leads_to_the_address_of_the_document(
    client, language, number, canonical, status
):
    response = client.get(f"{language}/kamerstukken/{number}/")

    assert response.status_code == status
    assert response["Location"] == f"{language}/kamerstukken/{canonical}/"


def test_every_document_of_the_register_has_a_page(client):
    for identifier in public.document_addresses():
        html(client, f"/kamerstukken/{identifier}/")


def test_a_document_without_any_number_has_a_page(client):
    made = ParliamentaryDocumentFactory(
        title="Zonder nummer", publication_id=None, document_number=None
    )

    assert "Zonder nummer" in html(client, f"/kamerstukken/document-{made.pk}/")


def test_an_odd_number_does_not_break_the_register(client):
    made = ParliamentaryDocumentFactory(title="Vreemd", publication_id="COM(2022) 409")

    assert f"/kamerstukken/document-{made.pk}/" in html(client, "/kamerstukken/?tekst=vreemd")


@pytest.mark.parametrize("number", ["kst-1-1", "2001D00001", "x", "document-0", "a-bijlage-1"])
def test_an_unknown_number_is_not_found(client, number):
    html(client, f"/kamerstukken/{number}/", 404)


def test_a_page_tells_all_numbers_and_who_signed(client):
    page = words(html(client, "/kamerstukken/kst-32735-377/"))

    for each in ("2023D44741", "2023Z18578", "Schreinemacher", "26 oktober 2023"):
        assert each in page


def test_annexes_lead_both_ways(client):
    letter = html(client, "/kamerstukken/kst-32735-401/")
    note = html(client, "/kamerstukken/kst-32735-401-bijlage-2/")

    assert 'href="/kamerstukken/kst-32735-401-bijlage-1/"' in letter
    assert 'href="/kamerstukken/kst-32735-401-bijlage-2/"' in letter
    assert 'href="/kamerstukken/kst-32735-401/"' in note


def test_a_letter_leads_to_our_documents_of_that_year(client):
    page = html(client, "/kamerstukken/kst-32735-377/")

    assert 'href="/rapportages/2023/"' in page


def test_the_plan_and_the_letter_that_brought_it_say_so(client):
    plan = html(client, "/kamerstukken/kst-32735-344-bijlage-1/")
    letter = html(client, "/kamerstukken/kst-32735-344/")

    assert 'aria-labelledby="plaats"' in plan
    assert 'aria-labelledby="plaats"' in letter
    assert 'aria-labelledby="plaats"' not in html(client, "/kamerstukken/kst-36180-168/")


def test_what_names_it_is_quoted_with_the_words_around(client):
    page = html(client, "/kamerstukken/kst-32735-344/")

    assert 'href="/actiepunten/3.c/#jaar-2025"' in page
    assert "<mark>Kamerstuk 32 735, nr. 344</mark>" in page.replace(NBSP, " ")
    quote = words(page.split("<blockquote")[1].split("</blockquote>")[0])
    assert "Zie Kamerstuk" in quote.replace(NBSP, " ")


def test_a_quote_shows_the_words_without_the_marks_of_the_text(client):
    point = ActionPointFactory()
    StatusEntryFactory(
        action_point=point,
        round__released_at=released(),
        reconstructed="Dit is **heel** belangrijk (Kamerstuk 26 485, nr. 345), zeker.",
    )
    found = public.document_detail("kst-26485-345", 1)

    assert found is not None
    mention = next(each for each in found[0].mentions if each.code == point.code)
    assert (mention.before, mention.after) == ("Dit is heel belangrijk (", "), zeker.")


def test_the_second_of_two_references_has_its_own_words():
    point = ActionPointFactory()
    StatusEntryFactory(
        action_point=point,
        round__released_at=released(),
        reconstructed="Eerst Kamerstuk 26 485, nr. 345 en later Kamerstuk 26 485, nr. 345 weer.",
    )
    found = public.document_detail("kst-26485-345", 1)

    assert found is not None
    one, two = [each for each in found[0].mentions if each.code == point.code]
    assert one.before == "Eerst "
    assert two.after == " weer."


def test_what_rests_on_it_is_listed_by_year(client):
    page = html(client, "/kamerstukken/kst-32735-377/").split('aria-labelledby="bron"')[1]

    assert 'href="/actiepunten/1.e/#jaar-2023"' in page
    assert "<strong>S1</strong>" in page


@pytest.mark.parametrize("address", ["/kamerstukken/", "/kamerstukken/kst-32735-344/"])
def test_an_english_page_marks_what_is_dutch(client, address):
    page = html(client, f"/en{address}")

    assert '<html lang="en">' in page
    assert 'lang="nl">' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize(
    "address", ["/kamerstukken/", "/kamerstukken/kst-32735-344/", "/kamerstukken/kst-32735-377/"]
)
def test_a_page_has_no_style_or_script_of_its_own(client, address):
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", main(html(client, address)))


@pytest.mark.parametrize("points", [6, 60])
def test_the_pages_cost_the_same_for_a_plan_of_any_size(
    points, django_assert_max_num_queries: Queries, client
):
    many_points(points, 3)
    addresses = (
        "/kamerstukken/",
        "/kamerstukken/?tekst=brief",
        "/kamerstukken/kst-32735-401/",
        "/kamerstukken/kst-32735-377/",
        "/kamerstukken/kst-32735-344-bijlage-1/",
    )

    for address in addresses:
        with django_assert_max_num_queries(7):
            html(client, address)

"""The public pages as a visitor gets them: what they say, refuse and never show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection
from django.template.loader import render_to_string
from django.test import Client
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext

from actions import richtext
from actions.choices import DUTCH, EvidenceClass, Progress
from actions.models import ActionPoint, ActionPointLink, Plan, StatusEntry, UngpPrinciple
from tests.factories import (
    ActionPointFactory,
    ReportingRoundFactory,
    SourceFactory,
    StatusEntryFactory,
    no_year_is_out,
    overwrite,
)
from tests.many import many_points
from tests.public_site import html, words

pytestmark = pytest.mark.django_db

PAGES = ("/", "/actiepunten/", "/actiepunten/2.e/")
Queries = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Begin and end in Dutch: a request leaves its language behind."""
    with translation.override("nl"):
        yield


def text(client: Client, address: str, status: int = 200) -> str:
    """Return a page as words: tags out, spaces as one."""
    return words(html(client, address, status))


def year_of(client: Client, code: str, year: int) -> str:
    """Return the markup of one year on the page of an action point."""
    page = html(client, f"/actiepunten/{code}/")
    return page.split(f'id="jaar-{year}"')[1].split("</section>")[0]


def label(progress: Progress) -> str:
    return str(progress.label).lower()


# --- Everywhere


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("address", [*PAGES, "/actiepunten/2.f/"])
def test_every_page_says_that_this_is_a_working_list_and_how_strong_it_is(
    client, address, language
):
    page = html(client, language + address)
    notice = words(page.split('aria-labelledby="werklijst"')[1].split("</aside>")[0])

    with translation.override("en" if language else "nl"):
        assert gettext("This is a working list, not the official list") in notice
        assert gettext("The official list has not been entered yet.") in notice
        for each, count in (("A", 13), ("B", 14), ("C", 2), ("D", 4)):
            assert f"{count} {gettext('of class %(class)s') % {'class': each}}" in notice
        assert f"1 {gettext('outside the plan, never counted')}" in notice
    assert "33" in notice


def test_the_notice_goes_once_the_official_list_is_there(client):
    for number, point in enumerate(ActionPoint.objects.in_plan(), start=1):
        point.official_number = str(number)
        point.save()

    for address in PAGES:
        assert 'id="werklijst"' not in html(client, address)


@pytest.mark.parametrize("address", [*PAGES, "/plannen/2022-2026/actiepunten/2.e/"])
def test_a_page_leads_to_itself_in_the_other_language(client, address):
    assert f'href="/en{address}" lang="en"' in html(client, address)
    assert f'href="{address}" lang="nl"' in html(client, f"/en{address}")


def test_the_other_language_keeps_the_filters(client):
    assert 'href="/en/actiepunten/?pijler=2&amp;jaar=2024"' in html(
        client, "/actiepunten/?pijler=2&jaar=2024"
    )


@pytest.mark.parametrize("address", PAGES)
def test_an_english_page_marks_what_is_dutch(client, address):
    page = html(client, f"/en{address}")

    assert '<html lang="en">' in page
    assert 'lang="nl"' in page
    assert 'class="remark"' in page
    assert 'class="remark"' not in html(client, address)


def test_a_page_has_one_main_heading_and_a_way_past_the_menu(client):
    for address in PAGES:
        page = html(client, address)
        assert page.count("<h1") == 1
        assert page.index('href="#inhoud"') < page.index("<nav")
        assert 'id="inhoud"' in page


@pytest.mark.parametrize("address", [*PAGES, "/niets", "/actiepunten/?jaar=abc"])
def test_a_page_has_no_style_or_script_of_its_own(client, address):
    response = client.get(address)
    page = response.content.decode()

    assert "default-src 'none'" in response["Content-Security-Policy"]
    # A block of data runs nothing, and the policy does not count it as a script.
    page = page.replace('<script type="application/ld+json">', "")
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize("address", [*PAGES, "/actiepunten/?tekst=remedie"])
def test_a_page_needs_no_session(client, address):
    response = client.get(address)

    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_only_get_and_head_are_allowed(client):
    for address in (*PAGES, "/healthz", "/robots.txt"):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200


def test_the_demonstration_says_what_it_is(client, settings: LazySettings):
    assert 'class="demonstration"' not in html(client, "/")

    settings.NAP_DEMO = True

    assert 'class="demonstration"' in html(client, "/")


def test_every_link_within_the_site_leads_somewhere(client):
    waiting = ["/", "/en/", "/actiepunten/1.a/", "/actiepunten/?pijler=3&ministerie=fin"]
    seen: set[object] = set()
    while waiting:
        address = waiting.pop()
        # One of each sort: the same view, in the same language, with the same filters.
        parts = urlsplit(address)
        with translation.override("nl"):
            view = resolve(parts.path.removeprefix("/en")).view_name
        sort = (view, address[:4] == "/en/", *parse_qs(parts.query))
        if sort in seen or address.startswith("/beheer/") or view == "actions:action-points-file":
            continue
        seen.add(sort)
        page = html(client, address)
        anchors = re.findall(r'\sid="([^"]+)"', page)
        assert len(set(anchors)) == len(anchors), f"an id twice on {address}"
        for link in re.findall(r'<a [^>]*?href="([^"]+)"', page):
            path, _hash, anchor = unescape(link).partition("#")
            assert path or anchor in anchors, f"{link} on {address}"
            if path.startswith(("/", "?")):
                waiting.append(urljoin(address, path))
            else:
                assert not path or path.startswith("https://"), f"{link} on {address}"
    assert len(seen) > 15


# --- Overview


def test_overview_counts_per_pillar_and_links_to_those_points(client):
    page = html(client, "/")

    assert "?pijler=1&amp;jaar=2025&amp;voortgang=niet_genoemd" in page
    assert "?jaar=2025&amp;voortgang=in_uitvoering" in page
    assert "voortgang=afgerond" not in page


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_every_number_on_the_overview_is_that_of_the_list_it_opens(client, year):
    links = re.findall(r'href="(/actiepunten/\?[^"]+)">(\d+)<', html(client, f"/?jaar={year}"))

    assert links
    for address, count in links:
        result = client.get(address.replace("&amp;", "&")).context["result"]
        assert result.in_plan == int(count)


def test_overview_says_how_many_are_derived(client):
    found = client.get("/").context["standing"].lines

    line = next(each for each in found if each.progress == Progress.IN_PROGRESS)
    assert (line.total, line.derived) == (10, 10)
    with translation.override("nl"):
        assert gettext("derived") in text(client, "/")


def test_the_statement_of_the_cabinet_is_shown_with_its_source_and_not_per_point(client):
    page = html(client, "/")
    statement = page.split("<blockquote")[1].split("</figure>")[0]

    assert "alle 33 actiepunten voltooid of in uitvoering" in words(statement)
    assert "2026D03404" in statement
    assert "alle 33 actiepunten" not in text(client, "/actiepunten/1.c/")


@pytest.mark.parametrize("address", ["/", "/actiepunten/"])
def test_nothing_of_a_year_that_is_not_out_is_shown(client, address):
    assert "jaar=2026" not in html(client, address)
    assert "30 september 2026" not in text(client, address)
    assert client.get(f"{address}?jaar=2026").status_code == 400


@pytest.mark.parametrize("address", ["/", "/actiepunten/", "/en/"])
def test_without_a_plan_a_page_says_so(client, address, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("actions.queries.public._plans", lambda slug: Plan.objects.none())

    response = client.get(address)

    assert response.status_code == 200
    assert response.templates[0].name == "site/no_plan.html"


def test_a_plan_without_an_open_year_is_shown(client):
    no_year_is_out()
    point = ActionPointFactory(plan__slug="9999-9999", code="9.z", evidence_class="")

    assert client.get("/").context.get("standing") is None
    assert point.title_nl in text(client, "/actiepunten/")
    assert point.title_nl in text(client, "/actiepunten/9.z/")


# --- List


def test_list_shows_every_point_with_its_evidence_and_sources(client):
    page = html(client, "/actiepunten/")

    for point in ActionPoint.objects.prefetch_related("sources__source"):
        row = page.split(f'href="/actiepunten/{point.code}/"')[1].split("</tr>")[0]
        assert f"class--{point.evidence_class}" in row
        for source in point.sources.all():
            assert f'href="#bron-{source.source.code}"' in row
            assert f'id="bron-{source.source.code}"' in page


def test_the_subject_outside_the_plan_stands_apart(client):
    page = html(client, "/actiepunten/")
    outside = page.split('aria-labelledby="buiten"')[1].split("</section>")[0]

    assert re.findall(r'<th scope="row"><a href="([^"]+)"', outside) == ["/actiepunten/2.f/"]
    assert page.count('href="/actiepunten/2.f/"') == 1


def test_list_says_of_silence_that_it_is_silence(client):
    page = text(client, "/actiepunten/?jaar=2024").lower()

    with translation.override("nl"):
        # One in the filter, one for each of 34 rows.
        assert page.count(label(Progress.SOURCE_MISSING)) == 35
        assert page.count(label(Progress.COMPLETED)) == 1


def test_list_marks_what_is_derived(client):
    page = html(client, "/actiepunten/")
    row = page.split('href="/actiepunten/1.f/"')[1].split("</tr>")[0]

    assert row.count('class="derived"') == 2


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("tekst=wamca", ["3.f"]),
        ("tekst=OMNIBUS", ["2.a", "2.b"]),
        ("tekst=human+trafficking", ["1.b"]),
        ("tekst=gëïnformeerd+slotalinea", []),
        ("pijler=3&ministerie=jenv", ["3.e", "3.f"]),
        ("pijler=2&jaar=2023&voortgang=rapportage_niet_beschikbaar", []),
        ("ministerie=bzk", []),
        ("jaar=2023&voortgang=in_uitvoering&ministerie=szw", ["1.d"]),
    ],
)
def test_list_is_narrowed_by_what_the_address_says(client, query, codes):
    result = client.get(f"/actiepunten/?{query}").context["result"]

    assert [each.row.code for each in result.points] == codes


def test_the_number_of_results_is_announced(client):
    page = html(client, "/actiepunten/?pijler=2")
    status = words(page.split('role="status"')[1].split("</div>")[0])

    assert re.findall(r"\d+", status) == ["5", "33", "1"]


def test_an_empty_result_says_which_filter_to_leave_out(client):
    page = html(client, "/actiepunten/?pijler=2&ministerie=szw&jaar=2023")
    advice = page.split('class="nothing"')[1].split("</div>")[0]

    assert 'href="?jaar=2023&amp;ministerie=szw"' in advice
    assert 'href="?jaar=2023&amp;pijler=2"' in advice
    assert 'href="/actiepunten/"' in advice


def test_chosen_filters_stay_in_the_form(client):
    page = html(client, "/actiepunten/?tekst=a%22%3Cb&voortgang=niet_genoemd&jaar=2023")

    assert 'value="a&quot;&lt;b"' in page
    assert '<option value="niet_genoemd" selected>' in page
    assert '<option value="2023" selected>' in page


@pytest.mark.parametrize(
    ("given", "status"), [("ez", 302), ("EZ", 302), ("EZK", 302), ("ezk", 200)]
)
def test_every_abbreviation_of_a_ministry_leads_to_its_slug(client, given, status):
    response = client.get(f"/actiepunten/?jaar=2023&ministerie={given}&tekst=x+y")

    assert response.status_code == status
    if status == 302:
        assert response["Location"] == "/actiepunten/?jaar=2023&ministerie=ezk&tekst=x+y"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/actiepunten/?jaar=abc", ["2025", "2024", "2023"]),
        ("/?jaar=abc", ["2025", "2024", "2023"]),
        ("/actiepunten/?jaar=2025%00", ["2025", "2024", "2023"]),
        ("/actiepunten/?pijler=0", ["1", "2", "3"]),
        ("/actiepunten/?ministerie=vws", ["bz", "bzk", "ezk", "fin", "ienw", "jenv", "szw"]),
        ("/actiepunten/?voortgang=klaar", [DUTCH[progress] for progress in Progress]),
    ],
)
def test_a_value_that_does_not_exist_is_answered_with_those_that_do(client, address, allowed):
    page = html(client, address, 400)
    path, _mark, query = address.partition("?")
    name = query.partition("=")[0]

    assert f"<code>{name}</code>" in page
    for value in allowed:
        assert f'href="{path}?{name}={value}"' in page
    assert f'class="button" href="{path}"' in page


def test_what_was_asked_is_shown_as_text(client):
    page = html(client, "/actiepunten/?jaar=%3Cscript%3Ealert(1)%3C/script%3E", 400)

    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_words_that_are_too_long_are_refused_with_the_reason(client):
    page = html(client, f"/actiepunten/?tekst={'a' * 201}", 400)

    assert "<code>tekst</code>" in page
    assert "200" in page


def test_an_unknown_parameter_is_ignored(client):
    assert client.get("/actiepunten/?utm_source=krant&page=9").status_code == 200


# --- Action point


def test_a_year_shows_the_names_of_that_year(client):
    assert "(EZK)" in year_of(client, "1.e", 2023)
    assert "(EZ)" in year_of(client, "1.e", 2025)
    assert "(EZK)" not in year_of(client, "1.e", 2025)


def test_years_come_newest_first_and_only_those_that_are_out(client):
    page = html(client, "/actiepunten/2.e/")

    assert re.findall(r'id="jaar-(\d+)"', page) == ["2025", "2024", "2023"]


def test_a_point_says_what_is_not_known(client):
    page = html(client, "/actiepunten/1.p/")
    facts = words(page.split('<dl class="facts">')[1].split("</dl>")[0])

    with translation.override("nl"):
        assert facts.count(gettext("not entered yet")) == 2
        assert gettext("not established") in facts
        assert gettext("No source names an organisation.") in facts


def test_a_point_shows_its_evidence_with_the_reason(client):
    page = text(client, "/actiepunten/1.d/")
    point = ActionPoint.objects.get(code="1.d")

    assert EvidenceClass(point.evidence_class).value == "B"
    assert " ".join(point.evidence_note.split()) in page


def test_a_point_links_its_sources_and_the_letter_of_each_year(client):
    page = html(client, "/actiepunten/1.b/")

    for entry in StatusEntry.objects.public().filter(action_point__code="1.b"):
        assert entry.round.letter is not None
        assert entry.round.letter.url in page
    for each in ActionPoint.objects.get(code="1.b").sources.all():
        assert each.source.url.replace("&", "&amp;") in page


@pytest.mark.parametrize(
    ("code", "year", "progress"),
    [
        ("1.c", 2025, Progress.NOT_MENTIONED),
        ("1.c", 2024, Progress.SOURCE_MISSING),
        ("2.f", 2025, Progress.NO_STATUS),
    ],
)
def test_silence_is_shown_as_what_it_is(client, code, year, progress):
    shown = year_of(client, code, year)

    assert f"progress--{progress.value}" in shown
    with translation.override("nl"):
        assert label(progress) in words(shown).lower()


def test_a_progress_is_marked_as_derived_only_when_it_is(client):
    stated = year_of(client, "1.d", 2023).split("</div>")[0]
    derived = year_of(client, "1.f", 2025).split("</div>")[0]

    assert 'class="derived"' not in stated
    assert 'class="derived"' in derived


def test_a_shared_text_is_shown_with_a_link_to_the_other_point(client):
    shown = year_of(client, "1.a", 2025)

    assert 'href="/plannen/2022-2026/actiepunten/1.n/#jaar-2025"' in shown
    assert "De dialoog tussen bedrijven" in words(shown)


def test_parliament_informed_before_names_sender_and_document(client):
    shown = year_of(client, "1.o", 2025)

    assert "de minister van Buitenlandse Zaken en de minister voor" in words(shown)
    assert "kst-32735-403" in shown


def test_what_comes_next_is_shown(client):
    assert "De handreiking verschijnt begin 2026." in words(year_of(client, "1.g", 2025))


def test_a_text_is_rendered_with_footnotes_and_references_linked(client):
    shown = year_of(client, "2.e", 2025)

    assert '<sup id="jaar-2025-plaats-1"><a href="#jaar-2025-noot-1">1</a></sup>' in shown
    assert '<li id="jaar-2025-noot-1">' in shown
    assert 'href="#jaar-2025-plaats-1"' in shown
    assert "[^1]" not in shown


def test_what_an_official_typed_can_never_be_markup(client, monkeypatch):
    # Saving refuses such a text; here it came in by another way.
    monkeypatch.setattr(richtext, "problems", lambda text: [])
    round_ = ReportingRoundFactory(released=True, year=2020)
    entry = StatusEntryFactory(
        action_point__plan=round_.plan,
        round=round_,
        reconstructed=(
            "<script>alert(1)</script> **vet** [x](javascript:alert(1)) "
            "[y](https://example.nl/?a=1&b=2)\n\n"
            "### Kop\n\n#### Kleiner\n\n1. een\n2. twee\n\n- punt\n  - dieper\n\n"
            "| a | b |\n| --- | --- |\n| 1 | 2 |"
        ),
    )
    address = f"/plannen/{round_.plan.slug}/actiepunten/{entry.action_point.code}/"

    page = re.sub(r"\s*(</?(?:h\d|ol|ul|li|th)\b[^>]*>)\s*", r"\1", html(client, address))

    assert "<script>" not in page
    assert 'href="javascript' not in page
    assert "<strong>vet</strong>" in page
    assert 'href="https://example.nl/?a=1&amp;b=2"' in page
    assert "<h4>Kop</h4>" in page
    assert "<h5>Kleiner</h5>" in page
    assert '<ol start="1"><li>een</li>' in page
    assert "<li>punt<ul><li>dieper</li></ul></li>" in page
    assert '<th scope="col">a</th>' in page


def test_a_source_address_can_never_be_a_script(client):
    point = ActionPoint.objects.get(code="1.a")
    point.sources.create(source=SourceFactory(title="<b>x</b>"))

    assert "&lt;b&gt;x&lt;/b&gt;" in html(client, "/actiepunten/1.a/")


def test_principles_are_listed_when_they_are_known(client):
    principle = UngpPrinciple.objects.get(number=7)
    ActionPoint.objects.get(code="1.g").principles.add(principle)

    assert f"7. {principle.title_nl}" in text(client, "/actiepunten/1.g/")


def test_official_number_and_text_are_shown_once_known(client):
    overwrite(
        ActionPoint.objects.filter(code="1.g"),
        official_number="12",
        official_text="De <officiële> tekst.",
    )

    page = html(client, "/actiepunten/1.g/")

    assert "De &lt;officiële&gt; tekst." in page
    assert "<dd>12</dd>" in page


def test_a_point_links_to_what_it_became(client):
    other = ActionPointFactory()
    point = ActionPoint.objects.get(code="1.g")
    ActionPointLink.objects.create(
        from_point=point, to_point=other, kind="continued", reason="Gaat door.", date="2026-01-01"
    )

    page = html(client, "/plannen/2022-2026/actiepunten/1.g/")

    assert f'href="/plannen/{other.plan.slug}/actiepunten/{other.code}/"' in page
    assert "Gaat door." in page


def test_a_point_that_was_discontinued_says_why(client):
    round_ = ReportingRoundFactory(released=True, year=2020)
    entry = StatusEntryFactory(action_point__plan=round_.plan, round=round_, reconstructed="Tekst.")
    StatusEntry.objects.filter(pk=entry.pk).update(published_version=discontinued(entry))

    page = text(client, f"/plannen/{round_.plan.slug}/actiepunten/{entry.action_point.code}/")

    assert "Het geld was op." in page


def discontinued(entry: StatusEntry) -> Any:
    return entry.versions.create(
        number=9,
        author=entry.versions.latest("number").author,
        progress=Progress.DISCONTINUED,
        progress_basis="stated",
        discontinued_reason="Het geld was op.",
    )


def test_the_permanent_address_shows_the_same_point(client):
    assert client.get("/plannen/2022-2026/actiepunten/1.e/").context["point"].code == "1.e"
    assert "/plannen/2022-2026/actiepunten/1.e/" in html(client, "/actiepunten/1.e/")


@pytest.mark.parametrize(
    "address",
    [
        "/actiepunten/9.z/",
        "/actiepunten/1.E/",
        "/actiepunten/1.e%00/",
        "/actiepunten/..%2f/",
        "/plannen/2014/actiepunten/1.e/",
        "/plannen/2026-2030/actiepunten/1.e/",
        "/plannen/2022-2026/actiepunten/33/",
        "/niets",
        "/en/niets",
    ],
)
def test_what_does_not_exist_is_not_found_and_says_what_to_do(client, address):
    page = html(client, address, 404)
    home = "/en/" if address.startswith("/en/") else "/"

    assert f'<a href="{home}actiepunten/">' in page
    assert page.count("<h1") == 1


# --- Errors and machines


def test_a_request_that_cannot_be_read_gets_a_page_of_ours(client, settings: LazySettings):
    page = html(client, "/actiepunten/?" + "&".join(f"a{n}=1" for n in range(2000)), 400)

    assert 'class="wordmark"' in page


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_an_error_page_needs_nothing_but_a_request(name, rf):
    page = render_to_string(name, request=rf.get("/"))

    assert 'class="wordmark"' in page
    assert 'href="/actiepunten/"' in page


def test_a_fault_of_ours_gets_a_page_of_ours(client, monkeypatch: pytest.MonkeyPatch):
    def fail(*_arguments: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("actions.queries.public.plan_facts", fail)
    client.raise_request_exception = False

    page = html(client, "/", 500)

    assert 'class="wordmark"' in page
    assert "secret detail" not in page


def test_healthz_says_ok(client, django_assert_num_queries: Queries):
    with django_assert_num_queries(1):
        response = client.get("/healthz")

    assert response.content == b"ok"
    assert response["Content-Type"] == "text/plain"
    assert "no-store" in response["Cache-Control"]


def test_healthz_fails_when_the_database_does(client, monkeypatch: pytest.MonkeyPatch):
    def fail() -> None:
        raise DatabaseError("password=hunter2")

    monkeypatch.setattr(connection, "cursor", fail)

    response = client.get("/healthz")

    assert response.status_code == 503
    assert b"hunter2" not in response.content


def test_robots_stay_out_of_the_tool_of_the_officials(client):
    assert "Disallow: /beheer/" in html(client, "/robots.txt")


# --- Queries: the same for a plan of any size


COSTS = {
    "/": 7,
    "/en/": 7,
    "/actiepunten/": 7,
    "/en/actiepunten/": 7,
    "/actiepunten/{code}/": 8,
    "/en/actiepunten/{code}/": 8,
}


@pytest.mark.parametrize("ten_times", [False, True])
def test_a_page_costs_the_same_queries_whatever_the_size(
    client, ten_times, django_assert_num_queries: Queries
):
    code = "2.e"
    if ten_times:
        many_points(330, 30)
        code = "p7"

    for address, queries in COSTS.items():
        with django_assert_num_queries(queries):
            assert client.get(address.format(code=code)).status_code == 200

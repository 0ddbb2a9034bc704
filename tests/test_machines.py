"""What machines read: addresses and languages of a page, data about it, files at the root."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone, translation
from lxml import etree
from pytest_django import Settings

from actions.models import ActionPoint, Plan
from napmonitor import environment
from napmonitor.site import structured
from tests.factories import ReportingRoundFactory

PAGES = ("/", "/actiepunten/", "/actiepunten/2.e/", "/en/", "/en/actiepunten/2.e/")
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
SITE = "https://nap.example.nl"


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Begin and end in Dutch: a request leaves its language behind."""
    with translation.override("nl"):
        yield


def head(address: str) -> Any:
    answer = Client().get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "lxml").head


def link(found: Any, **attributes: str) -> str:
    (element,) = found.find_all("link", attrs=attributes)
    return str(element["href"])


def meta(found: Any, name: str) -> str:
    (element,) = [
        each for each in found.find_all("meta") if name in (each.get("property"), each.get("name"))
    ]
    return str(element["content"])


def data(found: Any) -> list[dict[str, Any]]:
    blocks = found.find_all("script", type="application/ld+json")
    return [json.loads(each.string) for each in blocks]


# --- In the head of a page


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_page_names_its_address_in_each_language(address: str) -> None:
    found = head(address)
    plain = address.removeprefix("/en")

    assert link(found, rel="canonical") == f"http://testserver{address}"
    assert link(found, hreflang="nl") == f"http://testserver{plain}"
    assert link(found, hreflang="en") == f"http://testserver/en{plain}"
    assert link(found, hreflang="x-default") == f"http://testserver{plain}"


@pytest.mark.django_db
def test_addresses_are_those_of_the_site_as_it_is_set(settings: Settings) -> None:
    settings.NAP_BASE_URL = SITE

    found = head("/actiepunten/?pijler=2&jaar=2024&voortgang=afgerond")

    assert link(found, rel="canonical") == f"{SITE}/actiepunten/?jaar=2024"
    assert link(found, hreflang="en") == f"{SITE}/en/actiepunten/?jaar=2024"
    assert meta(found, "og:url") == f"{SITE}/actiepunten/?jaar=2024"
    assert meta(found, "og:image") == f"{SITE}/kaarten/nl/actiepunten.png?jaar=2024"


@pytest.mark.django_db
def test_action_point_of_the_current_plan_goes_by_its_short_address() -> None:
    found = head("/en/plannen/2022-2026/actiepunten/2.e/")

    assert link(found, rel="canonical") == "http://testserver/en/actiepunten/2.e/"


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_page_tells_what_a_link_to_it_shows(address: str) -> None:
    found = head(address)

    title = found.title.string.removesuffix(" – NAP-monitor").strip()
    assert meta(found, "og:title") == title
    assert meta(found, "og:description") == " ".join(meta(found, "description").split())
    assert meta(found, "og:locale") == ("en_GB" if address.startswith("/en") else "nl_NL")
    assert meta(found, "twitter:card") == "summary_large_image"
    card = meta(found, "og:image").removeprefix("http://testserver")
    assert Client().get(card)["Content-Type"] == "image/png"


@pytest.mark.django_db
def test_signs_in_a_title_are_the_same_signs_in_the_card_of_a_link() -> None:
    point = ActionPoint.objects.get(code="2.e")
    point.title_nl = 'Een "titel" met <b> & meer'
    point.save()

    assert meta(head("/actiepunten/2.e/"), "og:title").endswith('Een "titel" met <b> & meer')


@pytest.mark.django_db
def test_page_leads_to_the_feeds_that_belong_to_it() -> None:
    def feeds(address: str) -> list[str]:
        found = head(address).find_all("link", type="application/atom+xml")
        assert all(each["title"] for each in found)
        return [each["href"].removeprefix("http://testserver/feeds/") for each in found]

    assert feeds("/") == ["plan.atom"]
    assert feeds("/en/actiepunten/2.e/") == ["actiepunten/2.e.atom", "plan.atom"]
    assert feeds("/ministeries/bz/") == ["ministeries/bz.atom", "plan.atom"]


@pytest.mark.django_db
def test_page_that_cannot_be_shown_names_no_address_and_is_not_kept_by_search_engines() -> None:
    answer = Client().get("/niets/")

    found = BeautifulSoup(answer.content, "lxml").head
    assert answer.status_code == 404
    assert found.find_all("link", rel="canonical") == []
    assert meta(found, "robots") == "noindex"


# --- Data in a page


@pytest.mark.django_db
def test_trail_of_a_page_is_there_as_data() -> None:
    (trail,) = [each for each in data(head("/actiepunten/2.e/")) if "itemListElement" in each]

    items = trail["itemListElement"]
    assert trail["@type"] == "BreadcrumbList"
    assert [each["position"] for each in items] == list(range(1, len(items) + 1))
    assert items[0]["item"] == "http://testserver/"
    assert items[-1]["item"] == "http://testserver/actiepunten/2.e/"
    assert all(each["name"] for each in items)


def test_no_text_ends_a_block_of_data() -> None:
    hostile = "</script><script>alert(1)</script><!-- & \u2028"

    block = structured.script({"@type": "Thing", "name": hostile})

    inside = re.fullmatch(r'<script type="application/ld\+json">(.*)</script>', block)[1]
    assert not set(inside) & set("<>&\u2028")
    assert json.loads(inside)["name"] == hostile


def test_trail_is_read_as_a_reader_sees_it() -> None:
    markup = '<ol><li><a href="/">Over<b>zicht</b></a></li><li>A &amp; <i>B</i></li><li> </li></ol>'

    found = structured.breadcrumbs(markup, f"{SITE}/a/", SITE)

    assert [(each["name"], each["item"]) for each in found["itemListElement"]] == [
        ("Overzicht", f"{SITE}/"),
        ("A & B", f"{SITE}/a/"),
    ]
    assert structured.breadcrumbs("", f"{SITE}/a/", SITE) is None


def test_set_of_data_names_its_files_and_years() -> None:
    found = structured.dataset(
        name="n",
        description="d",
        address=f"{SITE}/",
        home=SITE,
        language="nl",
        files={"csv": f"{SITE}/a.csv"},
        years=[2025, 2023],
    )

    assert found["temporalCoverage"] == "2023/2025"
    assert found["distribution"] == [
        {"@type": "DataDownload", "encodingFormat": "text/csv", "contentUrl": f"{SITE}/a.csv"}
    ]


# --- The sitemap


def places(client: Client) -> Any:
    answer = client.get("/sitemap.xml")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/xml")
    return etree.fromstring(answer.content)


@pytest.mark.django_db
def test_sitemap_names_every_page_in_both_languages_with_its_twin() -> None:
    found = {
        each.findtext(f"{SITEMAP}loc"): {
            twin.get("hreflang"): twin.get("href") for twin in each.findall(f"{XHTML}link")
        }
        for each in places(Client())
    }

    assert found["http://testserver/en/actiepunten/2.e/"] == {
        "nl": "http://testserver/actiepunten/2.e/",
        "en": "http://testserver/en/actiepunten/2.e/",
        "x-default": "http://testserver/actiepunten/2.e/",
    }
    for point in ActionPoint.objects.all():
        assert f"http://testserver/actiepunten/{point.code}/" in found
    for number in range(1, 32):
        assert f"http://testserver/ungp/{number}/" in found
    assert len(found) % 2 == 0


@pytest.mark.django_db
def test_every_address_of_the_sitemap_is_a_page_that_goes_by_it() -> None:
    client = Client()
    wrong = []
    for each in places(client):
        address = each.findtext(f"{SITEMAP}loc").removeprefix("http://testserver")
        answer = client.get(address)
        canonical = f'<link rel="canonical" href="http://testserver{address}">'
        if answer.status_code != 200 or canonical not in answer.text:
            wrong.append((address, answer.status_code))

    assert wrong == []


@pytest.mark.django_db
def test_sitemap_says_when_a_point_changed_last_and_names_no_round_that_is_not_out() -> None:
    plan = Plan.objects.get(slug="2022-2026")
    ReportingRoundFactory(plan=plan, year=2031, released_at=timezone.now() + timedelta(days=1))

    found = {each.findtext(f"{SITEMAP}loc"): each for each in places(Client())}

    point = found["http://testserver/actiepunten/2.e/"]
    assert point.findtext(f"{SITEMAP}lastmod") == "2026-01-26"
    assert "http://testserver/rapportages/2025/" in found
    assert "http://testserver/rapportages/2031/" not in found


@pytest.mark.django_db
def test_sitemap_asks_the_database_a_few_times_only(
    settings: Settings, django_assert_max_num_queries: Any
) -> None:
    settings.NAP_BASE_URL = SITE

    with django_assert_max_num_queries(8):
        found = places(Client())

    assert found[0].findtext(f"{SITEMAP}loc") == f"{SITE}/"


# --- At the root


@pytest.mark.django_db
def test_robots_may_read_all_but_the_work_screens(settings: Settings) -> None:
    settings.NAP_BASE_URL = SITE

    assert Client().get("/robots.txt").text.splitlines() == [
        "User-agent: *",
        "Disallow: /beheer/",
        "",
        f"Sitemap: {SITE}/sitemap.xml",
    ]


SECURITY = "/.well-known/security.txt"


@pytest.mark.django_db
def test_nobody_is_named_for_weaknesses_until_somebody_is_set() -> None:
    assert Client().get(SECURITY).status_code == 404


@pytest.mark.django_db
def test_who_is_told_of_a_weakness_stands_in_the_file_until_the_day_that_was_set(
    settings: Settings,
) -> None:
    settings.NAP_BASE_URL = SITE
    settings.NAP_SECURITY_CONTACT = ["mailto:security@example.nl", "https://example.nl/cvd"]
    settings.NAP_SECURITY_EXPIRES = timezone.localdate() + timedelta(days=1)

    answer = Client().get(SECURITY)

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        "Contact: mailto:security@example.nl",
        "Contact: https://example.nl/cvd",
        f"Expires: {settings.NAP_SECURITY_EXPIRES.isoformat()}T00:00:00Z",
        f"Canonical: {SITE}{SECURITY}",
        "Preferred-Languages: nl, en",
    ]

    settings.NAP_SECURITY_EXPIRES = timezone.localdate()
    assert Client().get(SECURITY).status_code == 404


@pytest.mark.django_db
def test_file_of_another_organisation_goes_before_our_own(settings: Settings) -> None:
    settings.NAP_SECURITY_TXT = "https://example.nl/.well-known/security.txt"

    answer = Client().get(SECURITY)

    assert (answer.status_code, answer["Location"]) == (302, settings.NAP_SECURITY_TXT)


@pytest.mark.parametrize("value", ["security@example.nl", "http://example.nl", "mailto:", "https"])
def test_contact_that_is_no_address_stops_the_start(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAP_SECURITY_CONTACT", value)

    with pytest.raises(ImproperlyConfigured, match="NAP_SECURITY_CONTACT"):
        environment.env_contacts("NAP_SECURITY_CONTACT")


@pytest.mark.parametrize("value", ["", "tomorrow", "2027-02-30"])
def test_contact_without_a_day_on_which_it_ends_stops_the_start(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAP_SECURITY_EXPIRES", value)

    with pytest.raises(ImproperlyConfigured, match="NAP_SECURITY_EXPIRES"):
        environment.env_date("NAP_SECURITY_EXPIRES", required=True)


def test_day_on_which_a_contact_ends_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAP_SECURITY_EXPIRES", raising=False)
    assert environment.env_date("NAP_SECURITY_EXPIRES", required=False) is None

    monkeypatch.setenv("NAP_SECURITY_EXPIRES", "2027-06-30")
    assert environment.env_date("NAP_SECURITY_EXPIRES", required=True) == date(2027, 6, 30)

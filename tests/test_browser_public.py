"""The public pages in a real browser: accessible, whole under the strict policy, and readable.

The fixture `page` fails a test when the console or the content policy complains. The plan is
loaded again before each test here, so each looks at all pages.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.public_site import RICHEST, WRONG, every_page, with_editions

pytestmark = pytest.mark.browser

# The other language only where its pages are made in another way.
PAGES = (*RICHEST, "/en/", "/en/actiepunten/1.b/", "/en/rapportages/2025/kamerbrief/")
SMALL = """
() => [...document.querySelectorAll(
    "nav a, button, select, input, .standing td a, .codes a, .chosen a, .button, .wordmark"
  )]
  .map((each) => [each.textContent.trim(), each.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, problems: list[str], scheme: str) -> None:
    with_editions()
    page.emulate_media(color_scheme=scheme)

    assert found_by_axe(page, [*PAGES, *(address for address, _status in WRONG)]) == []

    # The browser notes each page that is not there; everything else it says is a problem.
    assert len([each for each in problems if "Failed to load resource" in each]) == len(WRONG)
    problems[:] = [each for each in problems if "Failed to load resource" not in each]


@pytest.mark.soak
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_soak_axe_finds_nothing_on_any_page(page: Page, client: Client, scheme: str) -> None:
    with_editions()
    page.emulate_media(color_scheme=scheme)
    # Each page leads to the same page in the other language.
    addresses = every_page(client)
    assert len(addresses) > 2 * len(RICHEST)

    assert found_by_axe(page, addresses) == []


def found_by_axe(page: Page, addresses: Iterable[str]) -> list[str]:
    """Return what axe finds on these pages."""
    found = []
    for address in addresses:
        page.goto(address)
        results = Axe().run(page)
        if results.violations_count:
            found.append(f"{address}\n{results.generate_report()}")
    return found


def test_a_page_never_scrolls_sideways(page: Page) -> None:
    with_editions()
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for address in PAGES:
            page.goto(address)
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wider <= 0, f"{address} at {width} pixels"


def test_what_can_be_pressed_is_large_enough_and_the_typeface_is_there(page: Page) -> None:
    """24 pixels is the target size of WCAG 2.2; links within a sentence are excepted."""
    with_editions()
    page.set_viewport_size({"width": 320, "height": 900})

    for address in PAGES:
        page.goto(address)
        assert page.evaluate(SMALL) == [], address
        assert page.evaluate(
            "document.fonts.ready.then(() => document.fonts.check('16px Fira Sans'))"
        )


def test_the_keyboard_passes_the_menu_and_the_form_needs_no_javascript(
    page: Page, chromium: Browser, live_server: LiveServer
) -> None:
    page.goto("/actiepunten/")

    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#inhoud")).to_be_focused()

    plain = chromium.new_page(java_script_enabled=False, base_url=live_server.url)
    plain.goto("/actiepunten/")
    plain.locator("#id_tekst").fill("wamca")
    plain.locator("#id_pijler").select_option("3")
    plain.locator("form.filter button").click()
    expect(plain.locator("tbody th")).to_have_count(1)
    expect(plain.locator("tbody th .code")).to_have_text("3.f")
    plain.close()


def test_the_keyboard_alone_leads_from_the_overview_to_a_filter_a_point_and_its_letter(
    page: Page,
) -> None:
    with_editions()
    page.goto("/")

    tab_to(page, 'nav a[href="/actiepunten/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/actiepunten/")
    tab_to(page, "#id_tekst")
    page.keyboard.type("wamca")
    page.keyboard.press("Enter")
    page.wait_for_url("**tekst=wamca**")
    tab_to(page, 'a[href$="/actiepunten/3.f/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/actiepunten/3.f/**")
    tab_to(page, 'main a[href*="/kamerstukken/2026D03404/"], main a[href*="did=2026D03404"]')
    assert page.evaluate("document.activeElement.href")


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until something has the focus, which shows where it is at each step."""
    for _press in range(200):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({wanted!r})"):
            return
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'"), (
            page.evaluate("document.activeElement.outerHTML")
        )
    pytest.fail(f"Tab never comes to {wanted}")

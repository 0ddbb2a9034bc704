"""The public pages in a real browser: accessible, whole under the strict policy, and readable.

The fixture `page` fails a test when the console or the content policy complains. The plan is
loaded again before each test here, so each looks at all pages.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/?jaar=2024",
    "/actiepunten/",
    "/actiepunten/?pijler=2&ministerie=szw",
    "/actiepunten/2.e/",
    "/actiepunten/2.f/",
    "/en/actiepunten/1.b/",
)
SMALL = """
() => [...document.querySelectorAll(
    "nav a, button, select, input, .standing td a, .codes a, .chosen a, .button, .wordmark"
  )]
  .map((each) => [each.textContent.trim(), each.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)

    for address in PAGES:
        page.goto(address)
        results = Axe().run(page)
        assert results.violations_count == 0, f"{address}\n{results.generate_report()}"


def test_a_page_never_scrolls_sideways(page: Page) -> None:
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for address in PAGES:
            page.goto(address)
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wider <= 0, f"{address} at {width} pixels"


def test_what_can_be_pressed_is_large_enough_and_the_typeface_is_there(page: Page) -> None:
    """24 pixels is the target size of WCAG 2.2; links within a sentence are excepted."""
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

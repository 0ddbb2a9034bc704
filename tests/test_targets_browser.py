"""What one presses in the work screens is large enough, and tables fit on a telephone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from actions.models import ReportingRound, StatusEntry
from tests import admin_pages
from tests.factories import EDITOR, NAP_COORDINATOR, write
from tests.test_admin_browser import entry, open_round, sign_in

pytestmark = pytest.mark.browser

# A link in a sentence is as high as its line; a box in a label is pressed with the label.
SMALL = """least => [...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]"
)].filter((each) => {
  const { width, height } = each.getBoundingClientRect();
  const sentence = getComputedStyle(each).display === "inline" && each.closest("p");
  const whole = each.closest("label")?.getBoundingClientRect().height >= 24;
  if (!width || sentence || whole || each.closest(".skip-to-content-link")) return false;
  const main = each.matches("#content :is(.button, [type=submit])");
  return width < 24 || height < (main ? least : 24);
}).map((each) => each.outerHTML.slice(0, 200))"""


def overview() -> str:
    each = ReportingRound.objects.get(year=2026)
    return reverse("admin:actions_reportinground_overview", args=[each.pk])


@pytest.mark.parametrize(("width", "least"), [(390, 44), (1280, 24)])
def test_everything_one_presses_is_large_enough(page: Page, width: int, least: int) -> None:
    open_round(2026)
    own = entry("1.c", 2026)
    write(own, "Tekst.")
    page.set_viewport_size({"width": width, "height": 900})
    change = admin_pages.page(StatusEntry, "change", own.pk)
    pages = {
        EDITOR: ["/beheer/", "/beheer/texts/", "/beheer/mail/", change],
        NAP_COORDINATOR: [
            *("/beheer/", overview(), change),
            reverse("admin:actions_reportinground_set_up"),
            admin_pages.page(ReportingRound, "change", own.round_id),
            admin_pages.page(StatusEntry, "changelist"),
        ],
    }
    small = []
    for role, addresses in pages.items():
        page.context.clear_cookies()
        sign_in(page, role, "szw" if role == EDITOR else "bz")
        for address in addresses:
            page.goto(address)
            small += [f"{address} {each}" for each in page.evaluate(SMALL, least)]
    assert not small, "\n".join(small)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_overview_of_a_round_is_whole_on_a_narrow_screen(page: Page, width: int) -> None:
    open_round(2026)
    sign_in(page, NAP_COORDINATOR, "bz")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(overview())
    outside = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll(".nap-scroll")]
        .map((each) => each.scrollWidth - each.clientWidth)"""
    )
    assert max(outside) <= 0
    line = page.locator(".nap-figures tbody tr").first
    assert line.get_by_role("button").is_visible()
    label = line.locator("td").first.evaluate("each => getComputedStyle(each, '::before').content")
    assert label.startswith('"Concept')

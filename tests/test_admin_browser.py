"""The work screens in a real browser: accessible, whole under the strict policy, and usable.

The fixture `page` fails a test when the console or the content policy complains.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from actions import workflow
from actions.models import EntryVersion, Organisation, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from tests import admin_pages
from tests.factories import ADMINISTRATOR, EDITOR, NAP_COORDINATOR, UserFactory, somebody, write

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"


def sign_in(page: Page, role: str, ministry: str) -> User:
    """Sign in through the form as somebody with a role at a ministry of the plan."""
    user = somebody(role, Organisation.objects.get(slug=ministry))
    user.set_password(PASSWORD)
    user.save()
    page.goto("/beheer/")
    page.locator("#id_username").fill(user.email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()
    expect(page.locator("#user-tools")).to_contain_text(user.name)
    return user


def entry(code: str, year: int) -> StatusEntry:
    return StatusEntry.objects.get(action_point__code=code, round__year=year)


def open_round(year: int) -> None:
    """Let the ministries write in a round of the plan."""
    coordinators = [somebody(NAP_COORDINATOR) for _ in range(2)]
    workflow.open_round(ReportingRound.objects.get(year=year), actor=coordinators[0])


def own_pages() -> list[str]:
    """Return the pages to which we add something of our own."""
    return [
        "/beheer/",
        admin_pages.page(StatusEntry, "changelist"),
        admin_pages.page(StatusEntry, "change", entry("1.d", 2026).pk),
        admin_pages.page(StatusEntry, "change", entry("1.d", 2023).pk),
        admin_pages.page(User, "change", User.objects.order_by("pk").last().pk),
        admin_pages.page(Organisation, "change", Organisation.objects.get(slug="ezk").pk),
    ]


def faults(page: Page) -> list[str]:
    """Return what axe finds on a page, and how far it scrolls sideways."""
    # Without `preload`, which writes styles into the page.
    options = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
    results = Axe().run(page, options=options)
    found = [f"{page.url}\n{results.generate_report()}"] if results.violations_count else []
    for width in (400, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [f"{page.url} is {wider} wider than {width} pixels"] if wider > 0 else []
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_work_screens_are_accessible_and_never_scroll_sideways(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    open_round(2026)
    write(entry("1.d", 2026), "Text.")
    write(entry("1.d", 2023), "Better read.", origin="reconstructed")
    UserFactory()
    page.goto("/beheer/login/")
    found = faults(page)
    sign_in(page, ADMINISTRATOR, "bz")

    # All other pages are looked at by whoever follows the links to them: test_admin_crawl.py.
    for address in own_pages():
        page.goto(address)
        found += faults(page)

    assert not found, "\n".join(found)


def test_an_editor_writes_and_keeps_what_was_typed_when_somebody_was_first(page: Page) -> None:
    open_round(2026)
    user = sign_in(page, EDITOR, "szw")
    own = entry("1.d", 2026)
    page.locator("a[href$='/statusentry/']").first.click()
    page.locator("#result_list a", has_text="1.d").first.click()

    page.locator("#id_narrative").fill("Eerste tekst.")
    page.locator("[name=_continue]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert EntryVersion.objects.get(entry=own).author == user

    write(own, "Van een ander.")
    page.locator("#id_narrative").fill("Tweede tekst.")
    page.locator("[name=_continue]").click()
    clash = page.locator(".nap-clash", has=page.locator("textarea[name=narrative]"))
    expect(clash).to_contain_text("Van een ander.")
    expect(clash.locator("textarea")).to_have_value("Tweede tekst.")
    assert EntryVersion.objects.filter(entry=own).count() == 2
    assert not faults(page)

    page.locator("[name=_continue]").click()
    expect(page.locator("#id_narrative")).to_have_value("Tweede tekst.")
    assert EntryVersion.objects.filter(entry=own).count() == 3


def test_an_administrator_adds_a_row_and_reads_a_password_once(page: Page) -> None:
    sign_in(page, ADMINISTRATOR, "bz")
    page.goto(admin_pages.page(User, "add"))
    page.locator("#id_email").fill("nieuw@test.example")
    page.locator("#id_name").fill("Nieuw")
    page.locator(".add-row a").click()
    page.locator("#id_memberships-0-organisation").select_option(index=1)
    page.locator("#id_memberships-0-group").select_option(index=1)
    page.locator("#id_memberships-0-valid_from").fill("01-01-2026")
    page.locator("[name=_save]").click()

    page.locator("form[action*='give-password'] button").click()

    password = page.locator(".nap-password").inner_text()
    added = User.objects.get(email="nieuw@test.example")
    assert added.check_password(password.strip())
    assert added.memberships.count() == 1

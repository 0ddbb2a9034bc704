"""The work of a whole year, played by five roles in a real browser; by keyboard alone too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from actions import workflow
from actions.choices import EntryState
from actions.models import Organisation, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from tests import admin_pages
from tests.factories import EDITOR, MINISTRY_COORDINATOR, NAP_COORDINATOR, READER, somebody
from tests.hands import Keyboard, Mouse
from tests.test_admin_browser import PASSWORD, entry

pytestmark = pytest.mark.browser

YEAR = 2026
# The Ministry of Finance holds the pen, Justice and Security answers along.
POINT, LEAD, BESIDE = "2.b", "fin", "jenv"
FIRST = "De gesprekken met banken zijn begonnen."
BETTER = "De gesprekken met drie banken zijn in mei begonnen."


class Player:
    """One person at a time behind the browser."""

    def __init__(self, page: Page, hand: Mouse) -> None:
        self.page, self.hand = page, hand

    def enter(self, user: User) -> None:
        """Sign in as somebody and look at the first page."""
        # What the page before still asks belongs to who was signed in then.
        self.page.goto("about:blank")
        self.page.context.clear_cookies()
        user.set_password(PASSWORD)
        user.save()
        self.page.goto("/beheer/login/")
        self.hand.write(self.page.locator("#id_username"), user.email)
        self.hand.write(self.page.locator("#id_password"), PASSWORD)
        self.hand.press(self.page.locator("[type=submit]"))
        expect(self.page.locator("#user-tools")).to_contain_text(user.name)

    def open_task(self, place: str) -> None:
        """Follow the one button behind the action point in a list of the first page."""
        row = self.page.locator(f"section[aria-labelledby={place}-heading] tr", has_text=POINT)
        self.hand.press(row.locator("a.button"))

    def succeeds(self) -> None:
        expect(self.page.locator(".messagelist .success")).to_be_visible()

    def write_text(self, words: str) -> None:
        self.hand.choose(self.page.locator("#id_progress"), "in uitvoering")
        self.hand.write(self.page.locator("#id_narrative"), words)
        self.hand.press(self.page.locator("[name=_continue]"))
        self.succeeds()

    def take(self, step: str) -> None:
        """Press the button of a step that is on the page."""
        form = self.page.locator(f"form[action*='/transition/{step}/']")
        self.hand.press(form.locator("[type=submit]"))


def read_by_everyone(page: Page) -> None:
    """Look at the public page of the action point, signed out."""
    page.context.clear_cookies()
    page.goto(f"/actiepunten/{POINT}/")


def finish_the_others(each: ReportingRound, coordinator: User) -> None:
    for other in each.entries.exclude(action_point__code=POINT):
        workflow.mark_not_supplied(other, actor=coordinator, reason="Not part of this story.")


@pytest.mark.parametrize("hand", [Mouse, Keyboard])
def test_year_goes_from_opening_to_the_public_page(
    page: Page, hand: Callable[[Page], Mouse]
) -> None:
    lead, beside = (Organisation.objects.get(slug=slug) for slug in (LEAD, BESIDE))
    first, second = somebody(NAP_COORDINATOR), somebody(NAP_COORDINATOR)
    editor, submitter = somebody(EDITOR, lead), somebody(MINISTRY_COORDINATOR, lead)
    signer, reader = somebody(MINISTRY_COORDINATOR, beside), somebody(READER)
    each = ReportingRound.objects.get(year=YEAR)
    round_page = admin_pages.page(ReportingRound, "change", each.pk)
    play = Player(page, hand(page))

    play.enter(first)
    page.goto(round_page)
    play.take("open")
    play.succeeds()

    play.enter(editor)
    play.open_task("to-write")
    play.write_text(FIRST)

    play.enter(submitter)
    play.open_task("to-write")
    play.hand.press(page.locator("[name=_submit_entry]"))
    play.succeeds()

    play.enter(signer)
    play.open_task("to-sign")
    play.hand.tick(page.locator("[name=verdict]").first)
    play.take("sign-off")
    play.succeeds()

    play.enter(first)
    play.open_task("to-review")
    play.hand.write(page.locator("#return-reason"), "Noem hoeveel banken, en wanneer.")
    play.take("return")
    play.succeeds()

    play.enter(editor)
    expect(page.locator("#content")).to_contain_text("Noem hoeveel banken")
    play.open_task("to-write")
    expect(page.locator(".nap-notice")).to_contain_text("Noem hoeveel banken")
    play.write_text(BETTER)

    play.enter(submitter)
    play.open_task("to-write")
    play.hand.press(page.locator("[name=_submit_entry]"))
    play.succeeds()

    play.enter(signer)
    play.open_task("to-sign")
    play.hand.tick(page.locator("[name=verdict]").first)
    play.take("sign-off")
    play.succeeds()

    play.enter(second)
    play.open_task("to-review")
    play.take("approve")
    play.succeeds()

    finish_the_others(each, first)
    play.enter(first)
    page.goto(round_page)
    play.take("publish")
    play.succeeds()

    play.enter(reader)
    page.goto(admin_pages.page(StatusEntry, "change", entry(POINT, YEAR).pk))
    expect(page.locator("#content")).to_contain_text(BETTER)
    expect(page.locator("#id_narrative")).to_have_count(0)

    read_by_everyone(page)
    expect(page.locator("main")).to_contain_text(BETTER)
    assert entry(POINT, YEAR).state == EntryState.APPROVED

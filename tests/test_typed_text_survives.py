"""What an official typed survives whatever happens, in a real browser."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, expect

from actions.models import EntryDraft, StatusEntry
from tests import admin_pages
from tests.factories import EDITOR, overwrite, write
from tests.processes import address_of, kill, serve_on
from tests.test_admin_browser import PASSWORD, entry, open_round, sign_in

pytestmark = pytest.mark.browser

TYPED = "De pilot is in maart gestart, met twaalf bedrijven."
MORE = " In mei kwamen er twee bij."
# In milliseconds. Nothing older than 20 seconds may be lost; a draft is kept in half that time.
SOON = 10_000
NARRATIVE = "#id_narrative"
STATE = "#draft-state"


@dataclass(frozen=True, slots=True)
class Desk:
    """An official behind the page of a text, with a clock to turn."""

    page: Page
    email: str
    path: str

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def type(self, words: str) -> None:
        self.page.locator(NARRATIVE).press_sequentially(words)

    def wait_for_draft(self) -> None:
        """Let the time pass in which a draft must have been kept."""
        self.page.clock.run_for(SOON)
        expect(self.page.locator(STATE)).to_contain_text("bewaard om")

    def save(self) -> None:
        self.page.locator("[name=_continue]").click()

    def saves(self) -> None:
        self.save()
        expect(self.page.locator(".messagelist .success")).to_be_visible()

    def still_shows(self, words: str) -> None:
        expect(self.page.locator(NARRATIVE)).to_have_value(words)

    def sign_in_beside(self) -> None:
        """Sign in again in another tab, by the link that the page offers."""
        with self.context.expect_page() as opened:
            self.page.locator(f"{STATE} a").click()
        beside = opened.value
        beside.locator("#id_username").fill(self.email)
        beside.locator("#id_password").fill(PASSWORD)
        beside.locator("[type=submit]").click()
        expect(beside.locator("#user-tools")).to_be_visible()
        beside.close()

    def opens_again(self) -> Page:
        """Open the page anew, in another tab."""
        page = self.context.new_page()
        page.goto(self.path)
        return page


@pytest.fixture
def desk(page: Page) -> Desk:
    open_round(2026)
    user = sign_in(page, EDITOR, "szw")
    page.clock.install()
    path = admin_pages.page(StatusEntry, "change", entry("1.c", 2026).pk)
    page.goto(path)
    return Desk(page, user.email, path)


def stored() -> str:
    version = entry("1.c", 2026).latest_version
    return version.narrative if version else ""


def clash(page: Page) -> Locator:
    return page.locator(".nap-clash", has_text="Wat er is bereikt")


def drafts() -> list[str]:
    found = EntryDraft.objects.order_by("pk")
    return [draft.typed["narrative"][0] for draft in found if "narrative" in draft.typed]


def test_text_is_kept_as_a_draft_before_twenty_seconds_have_passed(desk: Desk) -> None:
    desk.type(TYPED)
    desk.wait_for_draft()
    assert drafts() == [TYPED]
    desk.type(MORE)
    desk.page.clock.run_for(SOON)
    expect.set_options(timeout=5_000)
    desk.saves()
    assert stored() == TYPED + MORE
    assert drafts() == []


def test_draft_is_of_its_writer_only(desk: Desk) -> None:
    desk.type(TYPED)
    desk.wait_for_draft()
    colleague = desk.page.context.browser
    assert colleague is not None
    other = colleague.new_context(base_url=desk.page.url.partition("/beheer")[0])
    page = other.new_page()
    sign_in(page, EDITOR, "szw")
    page.goto(desk.path)
    expect(page.locator(NARRATIVE)).to_have_value("")
    assert TYPED not in page.content()
    other.close()


def test_text_survives_a_session_that_ended(desk: Desk, problems: list[str]) -> None:
    desk.type(TYPED)
    Session.objects.all().delete()
    desk.save()
    expect(desk.page.locator(f"{STATE} a")).to_be_visible()
    desk.still_shows(TYPED)
    desk.sign_in_beside()
    desk.type(MORE)
    desk.saves()
    assert stored() == TYPED + MORE
    assert drafts() == []
    # The browser tells that the server refused.
    problems[:] = [each for each in problems if "403" not in each]


def test_draft_goes_on_after_signing_in_again(desk: Desk, problems: list[str]) -> None:
    Session.objects.all().delete()
    desk.type(TYPED)
    desk.page.clock.run_for(SOON)
    expect(desk.page.locator(f"{STATE} a")).to_be_visible()
    desk.sign_in_beside()
    desk.page.clock.run_for(SOON)
    expect(desk.page.locator(STATE)).to_contain_text("bewaard om")
    assert drafts() == [TYPED]
    problems[:] = [each for each in problems if "403" not in each]


def test_text_survives_a_closed_tab_and_the_page_warns_first(desk: Desk) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desk.page.on("dialog", leave)
    desk.type(TYPED)
    context = desk.context
    with desk.page.expect_event("close"):
        desk.page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    again = context.new_page()
    again.goto(desk.path)
    assert stored() == ""
    again.locator(".nap-offer a").first.click()
    expect(again.locator(NARRATIVE)).to_have_value(TYPED)
    again.locator("[name=_continue]").click()
    expect(again.locator(".messagelist .success")).to_be_visible()
    assert stored() == TYPED
    assert drafts() == []


def test_texts_of_two_tabs_are_both_kept(desk: Desk) -> None:
    beside = Desk(desk.opens_again(), desk.email, desk.path)
    desk.type("Uit het eerste venster.")
    desk.wait_for_draft()
    beside.type("Uit het tweede venster.")
    beside.page.wait_for_timeout(100)
    beside.page.evaluate("dispatchEvent(new Event('pagehide'))")
    desk.saves()
    beside.save()
    expect(clash(beside.page)).to_contain_text("tweede")
    expect(clash(beside.page)).to_contain_text("eerste")
    assert stored() == "Uit het eerste venster."
    assert drafts() == ["Uit het tweede venster."]


def test_text_survives_a_lost_network(desk: Desk, problems: list[str]) -> None:
    desk.context.set_offline(True)
    desk.type(TYPED)
    desk.page.clock.run_for(SOON)
    expect(desk.page.locator(STATE)).to_contain_text("Geen verbinding")
    desk.save()
    desk.still_shows(TYPED)
    desk.context.set_offline(False)
    expect(desk.page.locator(STATE)).to_contain_text("bewaard om")
    assert drafts() == [TYPED]
    desk.saves()
    assert stored() == TYPED
    problems[:] = [each for each in problems if "ERR_INTERNET_DISCONNECTED" not in each]


def test_text_typed_offline_is_kept_later_although_the_tab_was_hidden(
    desk: Desk, problems: list[str]
) -> None:
    desk.context.set_offline(True)
    desk.type(TYPED)
    hide = "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
    desk.page.evaluate(f"{hide}; document.dispatchEvent(new Event('visibilitychange'))")
    expect(desk.page.locator(STATE)).to_contain_text("Geen verbinding")
    desk.context.set_offline(False)
    desk.wait_for_draft()
    assert drafts() == [TYPED]
    problems[:] = [each for each in problems if "ERR_INTERNET_DISCONNECTED" not in each]


def test_double_click_saves_once(desk: Desk) -> None:
    desk.type(TYPED)
    desk.page.locator("[name=_continue]").dblclick()
    expect(desk.page.locator(".messagelist .success")).to_be_visible()
    assert entry("1.c", 2026).versions.count() == 1


def test_text_is_not_kept_under_the_name_of_who_signed_in_in_another_tab(
    desk: Desk, problems: list[str]
) -> None:
    beside = desk.context.new_page()
    desk.context.clear_cookies()
    other = sign_in(beside, EDITOR, "szw")
    desk.type(TYPED)
    desk.save()
    expect(desk.page.locator(STATE)).to_contain_text("iemand anders")
    desk.still_shows(TYPED)
    assert not EntryDraft.objects.filter(writer=other).exists()
    assert stored() == ""
    problems[:] = [each for each in problems if "409" not in each and "403" not in each]


def test_text_survives_a_conflict(desk: Desk) -> None:
    desk.type(TYPED)
    write(entry("1.c", 2026), "Van een ander.")
    desk.save()
    expect(clash(desk.page)).to_contain_text("Van een ander")
    expect(clash(desk.page).locator("[value=mine]")).to_be_checked()
    desk.page.locator("[name=_continue]").click()
    expect(desk.page.locator(".messagelist .success")).to_be_visible()
    assert stored() == TYPED
    assert drafts() == []


def test_text_survives_a_killed_server(page: Page) -> None:
    open_round(2026)
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
        server = serve_on(listening, 1)
        home = address_of(listening)
        context = page.context.browser.new_context(base_url=home, locale="nl-NL")  # type: ignore[union-attr]
        try:
            opened = context.new_page()
            user = sign_in(opened, EDITOR, "szw")
            desk = Desk(
                opened, user.email, admin_pages.page(StatusEntry, "change", entry("1.c", 2026).pk)
            )
            opened.goto(desk.path)
            desk.type(TYPED)
            kill(server)
            desk.save()
            expect(opened.locator(STATE)).to_contain_text("Geen verbinding", timeout=20_000)
            desk.still_shows(TYPED)
            server = serve_on(listening, 1)
            desk.saves()
            assert stored() == TYPED
        finally:
            context.close()
            kill(server)


def test_right_that_ended_while_typing_is_said_and_the_text_stays(
    desk: Desk, problems: list[str]
) -> None:
    desk.type(TYPED)
    overwrite(StatusEntry.objects.filter(pk=entry("1.c", 2026).pk), state="submitted")
    desk.wait_for_draft()
    desk.save()
    expect(desk.page.locator("textarea[readonly]").first).to_have_value(TYPED)
    assert drafts() == [TYPED]
    problems[:] = [each for each in problems if "409" not in each]

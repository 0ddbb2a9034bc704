"""The editor of a document in a real browser: with the keyboard, with a preview, for everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from actions.models import ReportingRound
from reports.models import EditionParagraph
from tests.factories import NAP_COORDINATOR
from tests.test_admin_browser import faults, sign_in

pytestmark = pytest.mark.browser

FIRST = "inleiding-plan"


@pytest.fixture
def editor(page: Page) -> Page:
    """Open the letter over 2025 as who makes it."""
    sign_in(page, NAP_COORDINATOR, "bz")
    page.goto(f"/beheer/production/{ReportingRound.objects.get(year=2025).pk}/letter/")
    return page


def paragraph(page: Page, node_id: str) -> Locator:
    return page.locator(f"[id='{node_id}']")


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("[data-panel] iframe")


def step(page: Page, node_id: str, value: str) -> Locator:
    return paragraph(page, node_id).locator(f"[name=step][value={value}]")


@pytest.mark.parametrize("width", [1280, 1600])
def test_a_coordinator_writes_sees_saves_moves_and_undoes_with_the_keyboard(
    editor: Page, width: int
) -> None:
    editor.set_viewport_size({"width": width, "height": 900})
    area = paragraph(editor, FIRST).locator("textarea")
    built = area.input_value()

    area.focus()
    editor.keyboard.press("Control+a")
    editor.keyboard.type("Eerst dit, **vet**.")
    expect(preview(editor).locator("strong", has_text="vet")).to_be_visible()
    expect(preview(editor).locator(".here")).to_have_text("Eerst dit, vet.")
    expect(paragraph(editor, FIRST).locator("[data-unsaved]")).to_be_visible()
    editor.keyboard.press("Tab")
    expect(step(editor, FIRST, "save")).to_be_focused()
    editor.keyboard.press("Enter")

    # The page opens where one was, and says there what was done.
    expect(paragraph(editor, FIRST)).to_be_focused()
    expect(paragraph(editor, FIRST).get_by_role("status")).to_be_visible()
    expect(paragraph(editor, FIRST).locator("textarea")).to_have_value("Eerst dit, **vet**.")
    assert EditionParagraph.objects.get(node_id=FIRST).own == "Eerst dit, **vet**."

    step(editor, FIRST, "down").focus()
    editor.keyboard.press("Enter")
    expect(paragraph(editor, FIRST)).to_be_focused()
    expect(editor.locator("article").nth(1)).to_have_attribute("id", FIRST)

    step(editor, FIRST, "up").focus()
    editor.keyboard.press("Enter")
    expect(editor.locator("article").first).to_have_attribute("id", FIRST)
    step(editor, FIRST, "built").focus()
    editor.keyboard.press("Enter")
    expect(step(editor, FIRST, "built")).to_have_count(0)
    expect(paragraph(editor, FIRST).locator("textarea")).to_have_value(built)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_editor_are_accessible(editor: Page, scheme: str) -> None:
    editor.emulate_media(color_scheme=scheme)
    paragraph(editor, FIRST).locator("textarea").fill("Een stuk.\n\nNog een stuk.")
    expect(preview(editor).locator(".here")).to_be_visible()
    found = faults(editor)
    step(editor, FIRST, "save").click()
    expect(paragraph(editor, FIRST).get_by_role("status")).to_be_visible()
    step(editor, FIRST, "leave-out").click()
    expect(step(editor, FIRST, "put-back")).to_be_visible()
    found += faults(editor)
    step(editor, FIRST, "put-back").click()
    paragraph(editor, FIRST).locator(".nap-more-link").click()
    expect(editor.locator("[name=piece]")).to_have_count(1)
    found += faults(editor)
    editor.goto(f"/beheer/production/{ReportingRound.objects.get(year=2025).pk}/letter/rebuild/")
    found += faults(editor)

    assert not found, "\n".join(found)


def test_an_address_within_a_paragraph_leads_to_it(editor: Page) -> None:
    editor.goto(f"{editor.url}#{FIRST}-2")

    expect(paragraph(editor, FIRST)).to_be_focused()


def test_the_preview_stays_itself_whatever_is_typed(editor: Page) -> None:
    area = paragraph(editor, FIRST).locator("textarea")
    area.fill("</style><script>alert(1)</script><img src=x onerror=alert(2)> Gewoon.")

    expect(preview(editor).locator(".here")).to_contain_text("<script>alert(1)</script>")
    expect(preview(editor).locator("img, script")).to_have_count(0)


def test_who_leaves_with_a_text_that_is_not_saved_is_warned(editor: Page) -> None:
    asked: list[str] = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    paragraph(editor, FIRST).locator("textarea").press_sequentially("Niet bewaard. ")

    editor.goto("/beheer/")

    assert asked == ["beforeunload"]

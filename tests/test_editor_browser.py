"""The editor of a status in a real browser: layout, paste, preview, references, length."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from actions.models import StatusEntry
from tests import admin_pages
from tests.factories import EDITOR
from tests.test_admin_browser import entry, faults, open_round, sign_in
from tests.test_pasting import COMPLETE, NOTES, sample

pytestmark = pytest.mark.browser

NARRATIVE = "#id_narrative"
PASTE = """([selector, html]) => {
  const clipboard = new DataTransfer();
  clipboard.setData("text/html", html);
  clipboard.setData("text/plain", "Only plain words.");
  const options = { clipboardData: clipboard, bubbles: true, cancelable: true };
  document.querySelector(selector).dispatchEvent(new ClipboardEvent("paste", options));
}"""


@pytest.fixture
def editor(page: Page) -> Page:
    """Open the text of an action point as the official who writes it."""
    open_round(2026)
    sign_in(page, EDITOR, "szw")
    page.goto(admin_pages.page(StatusEntry, "change", entry("1.c", 2026).pk))
    return page


def preview(page: Page) -> Locator:
    return page.locator('[data-preview-for="narrative"]')


def button(page: Page, name: str) -> Locator:
    return page.locator("markdown-toolbar[for=id_narrative]").get_by_role(
        "button", name=name, exact=True
    )


@pytest.mark.parametrize("program", ["word", "libreoffice"])
def test_text_pasted_from_a_document_arrives_complete_and_can_be_saved(
    editor: Page, program: str
) -> None:
    editor.locator(NARRATIVE).focus()
    editor.evaluate(PASTE, [NARRATIVE, sample(program)])
    expect(editor.locator(NARRATIVE)).to_have_value(f"{COMPLETE}\n\n{NOTES}")
    for tag, count in {"strong": 2, "ul ul ul": 1, "table": 1, "ol > li": 4, "sup": 2}.items():
        expect(preview(editor).locator(tag)).to_have_count(count)
    editor.locator("[name=_continue]").click()
    expect(editor.locator(".messagelist .success")).to_be_visible()
    version = entry("1.c", 2026).latest_version
    assert version is not None
    assert version.narrative == f"{COMPLETE}\n\n{NOTES}"


def test_text_is_pasted_between_the_words_around_the_cursor(editor: Page) -> None:
    editor.locator(NARRATIVE).fill("VoorNa")
    editor.evaluate("each => document.querySelector(each).setSelectionRange(4, 4)", NARRATIVE)
    editor.evaluate(PASTE, [NARRATIVE, "<b>vet</b>"])
    expect(editor.locator(NARRATIVE)).to_have_value("Voor**vet**Na")
    editor.keyboard.press("Control+z")
    expect(editor.locator(NARRATIVE)).to_have_value("VoorNa")


def test_plain_words_are_pasted_by_the_browser_itself(editor: Page) -> None:
    stopped = editor.evaluate(
        PASTE.replace("document.querySelector", "return !document.querySelector"),
        [NARRATIVE, "<p>Only plain words.</p>"],
    )
    assert not stopped


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Vet", "**tekst**"),
        ("Cursief", "_tekst_"),
        ("Lijst", "- tekst"),
        ("Genummerde lijst", "1. tekst"),
        ("Kop", "### tekst"),
        ("Link", "[tekst](url)"),
        ("Voetnoot", "tekst[^1]\n\n[^1]: tekst van de voetnoot"),
    ],
)
def test_button_gives_the_chosen_words_a_layout(editor: Page, name: str, expected: str) -> None:
    editor.locator(NARRATIVE).fill("tekst")
    editor.locator(NARRATIVE).select_text()
    button(editor, name).click()
    expect(editor.locator(NARRATIVE)).to_have_value(expected)


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        ("- een", "- een\n- twee"),
        ("* een", "* een\n* twee"),
        ("1. een", "1. een\n2. twee"),
        ("- een\n  9) een", "- een\n  9) een\n  10) twee"),
        ("geen lijst", "geen lijst\ntwee"),
        ("Dat was op\n26. oktober", "Dat was op\n26. oktober\ntwee"),
        ("* * *", "* * *\ntwee"),
    ],
)
def test_enter_in_a_list_begins_its_next_line(editor: Page, begin: str, expected: str) -> None:
    editor.locator(NARRATIVE).fill(begin)
    editor.locator(NARRATIVE).press("Control+End")
    editor.keyboard.press("Enter")
    editor.keyboard.type("twee")
    expect(editor.locator(NARRATIVE)).to_have_value(expected)


def test_enter_on_an_empty_line_of_a_list_ends_it_and_can_be_undone(editor: Page) -> None:
    area = editor.locator(NARRATIVE)
    area.press_sequentially("- een")
    editor.keyboard.press("Enter")
    expect(area).to_have_value("- een\n- ")
    editor.keyboard.press("Control+z")
    expect(area).to_have_value("- een")

    editor.keyboard.press("Enter")
    editor.keyboard.press("Enter")
    editor.keyboard.type("Geen lijst.")
    expect(area).to_have_value("- een\n\nGeen lijst.")
    expect(editor.locator("[data-count-for=id_narrative]")).to_contain_text("18 van")
    expect(preview(editor).locator("li")).to_have_text("een")
    expect(preview(editor)).to_contain_text("Geen lijst.")


def test_shift_and_enter_in_a_list_only_breaks_the_line(editor: Page) -> None:
    editor.locator(NARRATIVE).press_sequentially("- een")
    editor.keyboard.press("Shift+Enter")
    editor.keyboard.type("nog een")
    expect(editor.locator(NARRATIVE)).to_have_value("- een\nnog een")
    expect(preview(editor)).to_contain_text("nog een")


def test_preview_and_references_follow_what_is_typed(editor: Page) -> None:
    expect(preview(editor)).to_be_hidden()
    editor.locator(NARRATIVE).press_sequentially("Het **begon**; zie Kamerstuk 32 735, nr. 377.")
    expect(preview(editor).locator("strong")).to_have_text("begon")
    expect(preview(editor).locator("a")).to_have_attribute("href", _official("kst-32735-377"))
    found = editor.locator('[data-assist-for="narrative"]')
    expect(found).to_contain_text("Kamerstuk 32 735, nr. 377")
    expect(editor.locator("[data-count-for=id_narrative]")).to_contain_text("45 van 20000 tekens")


def _official(number: str) -> str:
    return f"https://zoek.officielebekendmakingen.nl/{number}.html"


def test_question_that_only_follows_from_an_answer_appears_with_it(editor: Page) -> None:
    expect(editor.locator("#id_discontinued_reason")).to_be_hidden()
    editor.locator("#id_progress").select_option("discontinued")
    expect(editor.locator("#id_discontinued_reason")).to_be_visible()
    editor.locator("#id_progress").select_option("completed")
    expect(editor.locator("#id_discontinued_reason")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_editor_in_use_is_accessible_and_never_scrolls_sideways(editor: Page, scheme: str) -> None:
    editor.emulate_media(color_scheme=scheme)
    editor.locator(NARRATIVE).fill(f"{COMPLETE}\n\n{NOTES}")
    expect(preview(editor).locator("table")).to_be_visible()
    assert not faults(editor), "\n".join(faults(editor))


def test_without_script_a_text_is_written_and_saved(page: Page) -> None:
    open_round(2026)
    sign_in(page, EDITOR, "szw")
    state = page.context.storage_state()
    browser = page.context.browser
    assert browser is not None
    home = page.url.partition("/beheer")[0]
    context = browser.new_context(base_url=home, java_script_enabled=False, storage_state=state)
    plain = context.new_page()
    plain.goto(admin_pages.page(StatusEntry, "change", entry("1.c", 2026).pk))
    expect(plain.locator("markdown-toolbar").first).to_be_hidden()
    plain.locator(NARRATIVE).fill("Zonder script.")
    plain.locator("[name=_continue]").click()
    expect(plain.locator(".messagelist .success")).to_be_visible()
    context.close()
    version = entry("1.c", 2026).latest_version
    assert version is not None
    assert version.narrative == "Zonder script."


def test_sending_one_form_asks_before_what_was_typed_in_another_is_lost(editor: Page) -> None:
    said: list[str] = []
    editor.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    editor.locator("#remark-text").fill("Nog een opmerking.")
    editor.locator(NARRATIVE).fill("Een tekst.")
    editor.locator("[name=_continue]").click()
    expect(editor.locator("#remark-text")).to_have_value("Nog een opmerking.")
    assert len(said) == 1
    assert "niet is verstuurd" in said[0]
    version = entry("1.c", 2026).latest_version
    assert version is None

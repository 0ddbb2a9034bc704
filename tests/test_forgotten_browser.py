"""Who forgot their password gets back to work in a browser, on pages that everybody can use."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.factories import EDITOR, somebody
from tests.test_admin_browser import faults

NEW = "een ander lang wachtwoord"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_somebody_chooses_another_password_and_signs_in_with_it(
    page: Page, scheme: str, problems: list[str], settings: Settings
) -> None:
    settings.NAP_BASE_URL = "https://nap.example.nl"
    page.emulate_media(color_scheme=scheme)
    user = somebody(EDITOR)
    user.password = make_password("vergeten, dus niet meer bekend")
    user.save()

    page.goto("/beheer/login/")
    page.locator(".password-reset-link a").click()
    found = faults(page)
    page.locator("#id_email").fill(user.email)
    page.locator("[type=submit]").click()
    expect(page).to_have_url(re.compile("/asked/$"))
    found += faults(page)
    # The mail is sent beside the answer.
    for _ in range(50):
        if mail.outbox:
            break
        page.wait_for_timeout(100)
    link = re.search(r"/beheer/password_reset/\S+", str(mail.outbox[0].body))
    assert link
    page.goto(link[0])
    found += faults(page)
    page.locator("#id_new_password1").fill(NEW)
    page.locator("#id_new_password2").fill(NEW)
    page.locator("[type=submit]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    page.locator("#id_username").fill(user.email)
    page.locator("#id_password").fill(NEW)
    page.locator("[type=submit]").click()
    expect(page.locator("#user-tools")).to_contain_text(user.name)

    for address in (link[0], "/beheer/niets/"):
        page.goto(address)
        found += faults(page)
    # A browser complains of every page that was not found; that is all it may complain of.
    assert [re.findall(r" (4\d\d) ", each) for each in problems] == [["410"], ["404"]]
    problems.clear()
    page.locator("a.button").click()
    expect(page).to_have_url(re.compile("/beheer/$"))
    assert not found, "\n".join(found)

"""Pages that cannot be shown lead officials back to their work, and everybody else to the site."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext
from pytest_django import Settings

from actions.models import Organisation
from napmonitor.site import errors
from tests.admin_pages import page
from tests.factories import EDITOR, NAP_COORDINATOR, READER, signed_in, somebody

pytestmark = pytest.mark.django_db

HOME = "/beheer/"
TEXT = "De pilot begint <nu> in drie landen."


def leads_back(response: Any) -> bool:
    text = response.content.decode()
    return f'href="{HOME}"' in text and 'class="wordmark"' not in text


def answers_of(path: str) -> dict[int, Any]:
    """Return the answer for each way in which a page can fail."""
    request = RequestFactory().get(path)
    fault = Exception("secret detail")
    return {
        400: errors.bad_request(request, fault),
        403: errors.permission_denied(request, fault),
        404: errors.page_not_found(request, fault),
        500: errors.server_error(request),
    }


@pytest.mark.parametrize("path", [HOME, "/beheer/accounts/user/7/change/"])
def test_every_error_in_the_work_screens_leads_back_to_the_first_page(path: str) -> None:
    for status, answer in answers_of(path).items():
        assert answer.status_code == status
        assert leads_back(answer), status
        assert answer.content.count(b"<h1") == 1
        assert "no-store" in answer.headers["Cache-Control"]
        assert b"secret detail" not in answer.content


@pytest.mark.parametrize("path", ["/", "/en/niets", "/beheerder/"])
def test_every_error_elsewhere_leads_to_the_public_site(path: str) -> None:
    for status, answer in answers_of(path).items():
        assert answer.status_code == status
        assert b'class="wordmark"' in answer.content
        assert b"secret detail" not in answer.content


@pytest.mark.parametrize("path", ["/", HOME])
def test_no_error_page_asks_the_database_or_a_context_processor(
    path: str, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("nothing works today")

    for name in ("auth", "messages"):
        monkeypatch.setattr(f"django.contrib.{name}.context_processors.{name}", fail)
    monkeypatch.setattr(connection, "cursor", fail)
    request = RequestFactory().get(path)

    assert errors.server_error(request).status_code == 500
    assert set(answers_of(path)) == {400, 403, 404, 500}
    assert errors.csrf_failure(RequestFactory().post(path)).status_code == 403


def test_fault_in_the_work_screens_gets_a_page_that_leads_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("secret detail")

    client = signed_in(somebody(EDITOR))
    monkeypatch.setattr("actions.queries.work.work_of", fail)
    client.raise_request_exception = False

    answer = client.get(HOME)

    assert answer.status_code == 500
    assert leads_back(answer)
    assert "secret detail" not in answer.text


def test_who_asks_for_what_is_not_there_or_not_theirs_is_led_back() -> None:
    client = signed_in(somebody(READER))
    many = {f"field{number}": "1" for number in range(2000)}

    unknown = client.get("/beheer/niets/")
    closed = client.get(page(Organisation, "add"))
    unreadable = client.post(reverse("admin:password_change"), many)

    answers = (unknown, closed, unreadable)
    assert [each.status_code for each in answers] == [404, 403, 400]
    assert all(leads_back(each) for each in answers)


# A page that was too old.


def strict(role: str = NAP_COORDINATOR) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(somebody(role)).cookies
    return client


def test_text_sent_from_a_page_that_was_too_old_is_given_back() -> None:
    answer = strict().post(HOME, {"narrative": TEXT, "csrfmiddlewaretoken": "x" * 64})

    assert answer.status_code == 403
    assert leads_back(answer)
    assert escape(TEXT) in answer.text
    assert TEXT not in answer.text
    assert gettext("What you sent is not stored") in answer.text


def test_password_is_not_given_back() -> None:
    typed = {"username": "x@test.example", "password": "een lang wachtwoord"}

    answer = Client(enforce_csrf_checks=True).post(reverse("admin:login"), typed)

    assert answer.status_code == 403
    assert leads_back(answer)
    assert "een lang wachtwoord" not in answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_words_of_another_site_are_not_shown_on_our_page(site: str) -> None:
    answer = strict().post(HOME, {"narrative": TEXT}, headers={"sec-fetch-site": site})

    assert answer.status_code == 403
    assert escape(TEXT) not in answer.text


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ("http://testserver", True),
        ("https://nap.example.nl", True),
        ("https://testserver", False),
        ("http://testserver:8080", False),
        ("http://evil.example", False),
        ("http://testserver.evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_words_are_shown_only_when_their_origin_is_this_site(
    origin: str, shown: bool, settings: Settings
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://nap.example.nl"]

    answer = strict().post(HOME, {"narrative": TEXT}, headers={"origin": origin})

    assert answer.status_code == 403
    assert (escape(TEXT) in answer.text) is shown


@pytest.mark.parametrize(
    "name",
    [
        *("opened", "form-0-opened", "initial-narrative", "initial-form-0-narrative"),
        *("form-TOTAL_FORMS", "form-INITIAL_FORMS", "form-MIN_NUM_FORMS", "form-MAX_NUM_FORMS"),
        *("csrfmiddlewaretoken", "old_password", "new_password1"),
        *("tab", "writer", "turn", "read_version", "entries-3-read_version"),
    ],
)
def test_hidden_marks_are_not_given_back(name: str) -> None:
    answer = strict().post(HOME, {name: TEXT, "entries-3-narrative": "Een andere zin."})

    assert escape(TEXT) not in answer.text
    assert "Een andere zin." in answer.text


@pytest.mark.parametrize("name", ["narrative", "what_opened", "form-0-title", "return-reason"])
def test_texts_with_a_name_that_resembles_a_mark_are_given_back(name: str) -> None:
    assert escape(TEXT) in strict().post(HOME, {name: TEXT}).text


def test_page_that_was_too_old_elsewhere_leads_to_the_public_site() -> None:
    answer = errors.csrf_failure(RequestFactory().post("/", {"q": TEXT}))

    assert answer.status_code == 403
    assert b'class="wordmark"' in answer.content
    assert escape(TEXT).encode() not in answer.content

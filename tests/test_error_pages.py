"""Pages that cannot be shown lead officials back to their work, and everybody else to the site."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
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


# Everybody else.


def page_of(address: str, **options: Any) -> Any:
    client = Client(raise_request_exception=False)
    return client.get(address, **options)


@pytest.mark.parametrize(("address", "language"), [("/niets/", "nl"), ("/en/niets/", "en")])
def test_error_speaks_the_language_of_the_address_whatever_the_browser_asks(
    address: str, language: str
) -> None:
    for asked in ("nl", "en"):
        answer = page_of(address, headers={"accept-language": asked})

        assert answer.status_code == 404
        assert f'<html lang="{language}">' in answer.text
        assert answer.headers["Content-Language"] == language
        with translation.override(language):
            assert escape(gettext("This page does not exist")) in answer.text
            assert escape(gettext("What can you do?")) in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/actiepunten/9.z/",
        "/en/plannen/1999-2001/actiepunten/2.e/",
        "/pijlers/4/",
        "/ungp/32/",
        "/ministeries/niemand/",
        "/kamerstukken/kst-1-1/",
        "/rapportages/1999/",
        "/rapportages/1999/kamerbrief/",
        "/rapportages/1999/kamerbrief.pdf",
        "/feeds/niets.atom",
        "/kaarten/nl/niets.png",
        "/static/niets.css",
    ],
)
def test_what_does_not_exist_is_not_found_with_a_page_that_says_what_to_do(address: str) -> None:
    answer = page_of(address)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert 'name="tekst"' in answer.text


@pytest.mark.parametrize("fault", [OperationalError, InterfaceError])
@pytest.mark.parametrize(("address", "language"), [("/", "nl"), ("/en/", "en")])
def test_page_without_its_database_says_to_come_back(
    fault: type[Exception], address: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise fault("secret detail")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)

    answer = page_of(address)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "120"
    assert "no-store" in answer.headers["Cache-Control"]
    assert f'<html lang="{language}">' in answer.text
    assert "secret detail" not in answer.text
    with translation.override(language):
        assert escape(gettext("The site is not available now")) in answer.text


def test_fault_of_our_own_in_the_database_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise ProgrammingError("secret detail")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)

    answer = page_of("/")

    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
    assert "secret detail" not in answer.text


def test_officials_without_the_database_are_told_to_copy_their_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = signed_in(somebody(EDITOR))
    client.raise_request_exception = False

    def fail(*_arguments: object) -> None:
        raise OperationalError("secret detail")

    monkeypatch.setattr("actions.queries.work.work_of", fail)

    answer = client.get(HOME)

    assert answer.status_code == 503
    assert leads_back(answer)
    assert escape(gettext("The database does not answer")) in answer.text


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
@pytest.mark.parametrize("address", ["/", "/en/actiepunten/", "/feeds/plan.atom", "/robots.txt"])
def test_page_that_can_only_be_read_says_so_to_who_sends_something(
    method: str, address: str
) -> None:
    answer = getattr(Client(), method)(address)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    with translation.override("en" if address.startswith("/en") else "nl"):
        assert escape(gettext("This page can only be read")) in answer.text


def test_host_that_is_not_ours_gets_a_page_that_names_no_address() -> None:
    answer = page_of("/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "evil.example" not in answer.text


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

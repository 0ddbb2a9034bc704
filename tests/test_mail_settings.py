"""Where mail goes, from whom, and to which site its links lead."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from napmonitor.environment import MailServer, env_base_url, env_mail_server, env_sender
from tests.test_environment import KEY, start


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", MailServer()),
        ("console:", MailServer()),
        ("smtp://relay", MailServer("relay")),
        ("smtp://relay:2525/", MailServer("relay", 2525)),
        (
            "smtp+starttls://u:p%40%3A@mail.example.nl",
            MailServer("mail.example.nl", 587, "u", "p@:", starttls=True),
        ),
        (
            "smtps://u:p@mail.example.nl:4650",
            MailServer("mail.example.nl", 4650, "u", "p", tls=True),
        ),
    ],
)
def test_mail_server_is_read_from_a_url(url: str, server: MailServer, monkeypatch: Any) -> None:
    monkeypatch.setenv("NAP_EMAIL_URL", url)

    assert env_mail_server("NAP_EMAIL_URL") == server


def test_without_a_server_mail_is_shown_on_the_console() -> None:
    assert MailServer().backend.endswith("console.EmailBackend")
    assert MailServer("relay").backend.endswith("smtp.EmailBackend")


@pytest.mark.parametrize("url", ["https://nap.example.nl", "http://127.0.0.1:8000", "http://[::1]"])
@pytest.mark.parametrize("end", ["", "/"])
def test_address_of_the_site_has_no_slash_at_the_end(url: str, end: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("NAP_BASE_URL", url + end)

    assert env_base_url("NAP_BASE_URL", default="") == url


@pytest.mark.parametrize(
    "value",
    [
        *("nap.example.nl", "ftp://nap.example.nl", "https://", "https://nap.example.nl/beheer"),
        *("https://nap.example.nl?a=1", "https://nap.example.nl#a", "https://u:p@nap.example.nl"),
        *("https://nap.example.nl:x", "https://nap.example.nl:0", "https://a b", 'https://a"b'),
        "https://[",
    ],
)
def test_what_is_no_address_of_a_site_is_refused(value: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("NAP_BASE_URL", value)

    with pytest.raises(ImproperlyConfigured, match="NAP_BASE_URL"):
        env_base_url("NAP_BASE_URL", default="")


@pytest.mark.parametrize("value", ["nap@example.nl", "NAP-monitor <nap@example.nl>"])
def test_sender_is_an_address_with_or_without_a_name(value: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("NAP_MAIL_FROM", value)

    assert env_sender("NAP_MAIL_FROM", required=True) == value


@pytest.mark.parametrize(
    "value", ["nap", "NAP <nap>", "@example.nl", "nap@", "a@b.nl\nBcc: c@d.nl"]
)
def test_what_is_no_sender_is_refused(value: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("NAP_MAIL_FROM", value)

    with pytest.raises(ImproperlyConfigured, match="NAP_MAIL_FROM"):
        env_sender("NAP_MAIL_FROM", required=False)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"NAP_EMAIL_URL": "smtp://u:geheim@"}, "NAP_EMAIL_URL"),
        ({"NAP_EMAIL_URL": "http://u:geheim@host"}, "NAP_EMAIL_URL"),
        ({"NAP_EMAIL_URL": "smtp://u:geheim@host:0"}, "NAP_EMAIL_URL"),
        ({"NAP_EMAIL_URL": "smtp://u:geheim@host:99999"}, "NAP_EMAIL_URL"),
        ({"NAP_EMAIL_URL": "smtp://u:geheim@host/?tls=1"}, "NAP_EMAIL_URL"),
        ({"NAP_EMAIL_URL": "smtp://host"}, "NAP_MAIL_FROM"),
        ({"NAP_BASE_URL": "nap"}, "NAP_BASE_URL"),
    ],
)
def test_wrong_mail_setting_stops_the_start_in_one_sentence(
    environment: dict[str, str], named: str
) -> None:
    result = start(NAP_SECRET_KEY=KEY, **environment)

    assert result.returncode != 0
    assert named in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    # A URL can hold a password.
    assert "geheim" not in result.stderr

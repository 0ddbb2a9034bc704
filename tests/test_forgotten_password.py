"""Who forgot their password asks for a link, and nobody learns from it who has an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from html import unescape
from threading import Event, current_thread
from typing import Any

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext
from pytest_django import Settings

from actions import forgotten, invitations, rights
from napmonitor.accounts.forgotten import minutes_valid, tokens
from napmonitor.accounts.invitations import invited_by_key, key_of
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent
from napmonitor.site import forgotten as site
from tests.factories import ADMINISTRATOR, EDITOR, UserFactory, signed_in, somebody
from tests.test_workflow_races import Call, at_once

pytestmark = pytest.mark.django_db

SITE = "https://nap.example.nl"
OLD, NEW = "het oude wachtwoord van iemand", "een ander lang wachtwoord"
EMAIL = "kanarie@test.example"
ASKED, DONE = "session.password-asked", "account.password-reset"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _in_this_thread(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.NAP_BASE_URL = SITE
    monkeypatch.setattr(site, "do_aside", site.safely)


@pytest.fixture
def account() -> User:
    return known(somebody(EDITOR))


def known(account: User) -> User:
    """Give somebody the address and the password that the tests type."""
    account.email, account.password = EMAIL, make_password(OLD)
    account.save()
    return account


def ask(email: str = EMAIL, **options: Any) -> Any:
    return Client().post(reverse("admin_password_reset"), {"email": email}, **options)


def link() -> str:
    """Return the path of the link in the last mail."""
    found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def opened(client: Client | None = None) -> tuple[Client, str]:
    """Return a browser that followed the link of the last mail, and where that led."""
    client = client or Client()
    return client, client.get(link()).headers["location"]


def typed(password: str = NEW) -> dict[str, str]:
    return {"new_password1": password, "new_password2": password}


def told(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("sequence"))


# Asking.


def test_page_to_sign_in_leads_to_the_page_to_ask() -> None:
    page = Client().get(reverse("admin:login"))

    assert f'href="{reverse("admin_password_reset")}"' in page.text
    assert Client().get(reverse("admin_password_reset")).status_code == 200


def test_mail_has_a_link_as_text_and_as_html_and_says_how_long_it_works(account: User) -> None:
    ask(EMAIL.upper())

    [message] = mail.outbox
    assert message.to == [EMAIL]
    [(html, kind)] = message.alternatives  # type: ignore[attr-defined]
    assert kind == "text/html"
    for said in (str(message.body), unescape(str(html))):
        assert link() in said
        assert account.name in said
        assert str(minutes_valid()) in said
    assert "<script" not in str(html)


def test_link_leads_to_the_site_and_not_to_what_a_request_says(
    account: User, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    ask(headers={"host": "evil.example"})

    assert f"{SITE}/beheer/password_reset/" in str(mail.outbox[0].body)
    assert "evil.example" not in str(mail.outbox[0].body)


def test_without_an_address_of_the_site_no_link_is_sent_and_the_page_says_whom_to_ask(
    account: User, settings: Settings
) -> None:
    settings.NAP_BASE_URL = ""
    sentence = escape(
        gettext(
            "This installation sends no mail with a link. Ask your functional administrator for a "
            "temporary password."
        )
    )

    for page in (Client().get(reverse("admin_password_reset")), ask(), ask("ander@test.example")):
        assert page.status_code == 200
        assert sentence in page.text
        assert 'name="email"' not in page.text
    assert (mail.outbox, told(ASKED)) == ([], [])
    settings.NAP_BASE_URL = SITE
    assert sentence not in Client().get(reverse("admin_password_reset")).text


def nobody() -> None:
    """Make no account at all."""


def ended() -> None:
    known(somebody(EDITOR))
    account = User.objects.get(email=EMAIL)
    rights.end_account(account, on=timezone.localdate(), actor=somebody(ADMINISTRATOR))


def without_a_role() -> None:
    known(UserFactory())


def whose_role_is_over() -> None:
    known(somebody(EDITOR, valid_until=timezone.localdate()))


def without_a_password() -> None:
    known(somebody(EDITOR))
    account = User.objects.get(email=EMAIL)
    account.set_unusable_password()
    account.save()


@pytest.mark.parametrize(
    "make", [nobody, ended, without_a_role, whose_role_is_over, without_a_password]
)
def test_who_cannot_sign_in_gets_no_mail_and_reads_the_same(make: Callable[[], None]) -> None:
    works = somebody(EDITOR)
    works.email, works.password = "ander@test.example", make_password(OLD)
    works.save()
    found = ask(works.email)
    make()

    answer = ask()

    assert [message.to for message in mail.outbox] == [[works.email]]
    assert [event.object_id for event in told(ASKED)] == [str(works.pk)]
    assert (answer.status_code, answer.content) == (found.status_code, found.content)
    assert dict(answer.headers) == dict(found.headers)
    assert EMAIL not in Client().get(answer.headers["location"]).text


@pytest.mark.parametrize(
    "email", ["", "geen adres", "a@b", "x" * 300 + "@test.example", "a\0@b.nl"]
)
def test_what_is_no_address_is_asked_again(email: str) -> None:
    answer = ask(email)

    assert answer.status_code == 200
    assert "errorlist" in answer.text


def test_answer_is_the_same_work_for_every_address(
    account: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    left: list[Call] = []
    monkeypatch.setattr(site, "do_aside", left.append)

    for email in (EMAIL, "ander@test.example"):
        with django_assert_num_queries(0):
            assert ask(email).status_code == 302

    assert len(left) == 2
    assert (mail.outbox, told(ASKED)) == ([], [])
    for work in left:
        work()
    assert [message.to for message in mail.outbox] == [[EMAIL]]


@pytest.mark.django_db(transaction=True)
def test_connection_is_closed_before_the_mail_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    known(somebody(EDITOR))
    aside, may_go_on = site.Aside(2), Event()
    monkeypatch.setattr(site, "do_aside", aside)
    sends = forgotten.send_link
    threads: list[str] = []

    def slow(*arguments: Any) -> bool:
        threads.append(current_thread().name)
        assert may_go_on.wait(60)
        return sends(*arguments)

    monkeypatch.setattr(forgotten, "send_link", slow)

    # The answer is there and closed while the server that takes the mail has said nothing yet.
    assert ask(REMOTE_ADDR="192.0.2.7").status_code == 302
    assert mail.outbox == []
    may_go_on.set()
    aside.wait()

    assert [message.to for message in mail.outbox] == [[EMAIL]]
    assert [event.origin for event in told(ASKED)] == ["browser 192.0.2.7"]
    assert threads == ["aside"]


def test_thread_goes_on_after_a_fault_and_closes_its_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    aside, done, closed = site.Aside(5), [], []
    monkeypatch.setattr(site.connections, "close_all", lambda: closed.append(current_thread()))

    def fail() -> None:
        raise RuntimeError(EMAIL)

    aside(fail)
    aside(lambda: done.append(current_thread()))
    aside.wait()

    assert closed == [done[0], done[0]]
    assert done[0] != current_thread()
    assert done[0].daemon
    assert "RuntimeError" in caplog.text
    assert EMAIL not in caplog.text


def test_no_more_than_so_much_waits_at_once(caplog: pytest.LogCaptureFixture) -> None:
    aside, begun, may_go_on = site.Aside(2), Event(), Event()
    done: list[int] = []

    def hold() -> None:
        begun.set()
        assert may_go_on.wait(60)

    aside(hold)
    assert begun.wait(60)
    for number in range(4):
        aside(partial(done.append, number))
    may_go_on.set()
    aside.wait()

    assert done == [0, 1]
    assert caplog.text.count("left out") == 2


def test_fault_after_the_answer_is_told_without_the_address(
    account: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: Any) -> None:
        raise RuntimeError(EMAIL)

    monkeypatch.setattr(forgotten, "ask", fail)

    assert ask().status_code == 302

    assert "RuntimeError" in caplog.text
    assert EMAIL not in caplog.text


def test_server_that_takes_no_mail_gives_nothing_away(
    account: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise ConnectionRefusedError(EMAIL)

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)

    assert ask().status_code == 302

    assert "ConnectionRefusedError" in caplog.text
    assert EMAIL not in caplog.text


# Not too often.


def test_account_gets_no_more_than_a_few_links_in_an_hour(account: User) -> None:
    for _ in range(forgotten.MOST_FOR_ACCOUNT + 2):
        assert ask().status_code == 302

    assert len(mail.outbox) == len(told(ASKED)) == forgotten.MOST_FOR_ACCOUNT
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        ask()
    assert len(mail.outbox) == forgotten.MOST_FOR_ACCOUNT + 1


def test_machine_gets_no_more_than_so_many_links_in_an_hour(
    account: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgotten, "MOST_FROM_MACHINE", 2)
    for number in range(3):
        other = somebody(EDITOR)
        other.email, other.password = f"{number}@test.example", make_password(OLD)
        other.save()
        ask(other.email, REMOTE_ADDR="192.0.2.7")

    assert len(mail.outbox) == 2
    ask(REMOTE_ADDR="192.0.2.70")
    assert len(mail.outbox) == 3


def test_machines_without_an_address_count_as_one(
    account: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgotten, "MOST_FROM_MACHINE", 2)
    ask(REMOTE_ADDR="192.0.2.7")
    for number in range(3):
        other = somebody(EDITOR)
        other.email, other.password = f"{number}@test.example", make_password(OLD)
        other.save()
        ask(other.email, REMOTE_ADDR="")

    assert [event.origin for event in told(ASKED)] == ["browser 192.0.2.7", "browser", "browser"]
    assert len(mail.outbox) == 3


# Choosing.


def test_link_lets_somebody_choose_a_password_and_sign_in(account: User) -> None:
    ask()
    client, page = opened()

    shown = client.get(page)
    answer = client.post(page, typed(), follow=True)

    assert tokens.make_token(account) not in page
    assert EMAIL in shown.text
    assert answer.redirect_chain == [(reverse("admin:login"), 302)]
    assert gettext("Your password is stored. Sign in with it.") in answer.text
    assert authenticate(username=EMAIL, password=NEW) == account
    assert authenticate(username=EMAIL, password=OLD) is None


def test_request_and_change_stand_in_the_trail_without_a_name(account: User) -> None:
    ask(REMOTE_ADDR="192.0.2.7")
    client, page = opened()
    client.post(page, typed())

    [asked], [done] = told(ASKED), told(DONE)
    assert (asked.actor, asked.object_id) == (None, str(account.pk))
    assert asked.origin == "browser 192.0.2.7"
    assert (done.actor, done.object_id, done.origin) == (account, str(account.pk), "browser")
    for event in (asked, done):
        assert (event.object_label, event.detail) == ("", {})
    assert trail.verify() == []


def test_all_sessions_of_the_account_end_with_another_password(account: User) -> None:
    elsewhere = [signed_in(account), signed_in(account)]
    assert all(each.get(reverse("admin:index")).status_code == 200 for each in elsewhere)

    ask()
    client, page = opened(elsewhere[0])
    client.post(page, typed())

    assert all(each.get(reverse("admin:index")).status_code == 302 for each in elsewhere)


def test_link_of_an_invitation_ends_with_another_password(account: User) -> None:
    rights.invite_again(account, actor=somebody(ADMINISTRATOR))
    account.refresh_from_db()
    key = key_of(account)
    ask()
    client, page = opened()
    client.post(page, typed())

    assert invited_by_key(key) is None


@pytest.mark.parametrize("password", ["kort", EMAIL])
def test_weak_password_is_refused_and_the_link_still_works(account: User, password: str) -> None:
    ask()
    client, page = opened()

    weak = client.post(page, typed(password))

    assert weak.status_code == 200
    assert "errorlist" in weak.text
    assert client.post(page, typed()).status_code == 302


def used(account: User) -> None:
    client, page = opened()
    client.post(page, typed())


def signed_in_meanwhile(account: User) -> None:
    Client().post(reverse("admin:login"), {"username": EMAIL, "password": OLD})
    account.refresh_from_db()
    assert account.last_login


def ended_meanwhile(account: User) -> None:
    rights.end_account(account, on=timezone.localdate(), actor=somebody(ADMINISTRATOR))


def given_another(account: User) -> None:
    rights.give_password(account, actor=somebody(ADMINISTRATOR))


def at_another_address(account: User) -> None:
    User.objects.filter(pk=account.pk).update(email="nieuw@test.example")


@pytest.mark.parametrize(
    "happen",
    [used, signed_in_meanwhile, ended_meanwhile, given_another, at_another_address],
)
def test_link_ends(account: User, happen: Callable[[User], None]) -> None:
    ask()
    before, page = opened()
    happen(account)
    stored = User.objects.values("password").get(pk=account.pk)

    fresh, late = Client().get(link()), before.post(page, typed("nog een ander wachtwoord"))

    assert (fresh.status_code, late.status_code) == (410, 410)
    assert reverse("admin_password_reset") in fresh.text
    assert EMAIL not in fresh.text
    assert User.objects.values("password").get(pk=account.pk) == stored


def test_link_works_for_an_hour(account: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as now:
        ask()
        client, page = opened()
        now.shift(minutes_valid() * 60 - 1)
        assert client.get(page).status_code == 200
        now.shift(2)
        assert client.post(page, typed()).status_code == 410
        assert Client().get(link()).status_code == 410


@pytest.mark.parametrize("key", ["MQ", "%00", "9" * 40, "a.b", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
@pytest.mark.parametrize("token", ["set-password", "x", "cq3a-0123456789", "é"])
def test_nonsense_is_a_link_that_no_longer_works(key: str, token: str) -> None:
    answer = Client().get(f"/beheer/password_reset/{key}/{token}/")

    assert answer.status_code == 410


def test_token_of_an_invitation_is_none_for_a_forgotten_password(account: User) -> None:
    rights.invite_again(account, actor=somebody(ADMINISTRATOR))
    account.refresh_from_db()
    _number, _dot, token = key_of(account).partition(".")

    assert not tokens.check_token(account, token)
    assert invited_by_key(f"{account.pk}.{tokens.make_token(account)}") is None


def test_how_long_a_link_works_says_nothing_of_invitations(
    account: User, settings: Settings
) -> None:
    settings.PASSWORD_RESET_TIMEOUT = 60
    invited = rights.invite_again(account, actor=somebody(ADMINISTRATOR))
    assert invitations.send(invited, "https://nap.example/x")

    with time_machine.travel(timezone.now() + timedelta(days=6)):
        assert invited_by_key(key_of(invited)) == invited


@pytest.mark.django_db(transaction=True)
def test_link_that_two_use_at_once_works_once() -> None:
    account = known(somebody(EDITOR))
    ask()
    browsers = [opened(), opened()]

    answers = at_once(
        *(
            partial(client.post, page, typed(f"{NEW} {number}"))
            for number, (client, page) in enumerate(browsers)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [302, 410]  # type: ignore[attr-defined]
    assert len(told(DONE)) == 1
    account.refresh_from_db()
    assert account.check_password(f"{NEW} 0") or account.check_password(f"{NEW} 1")

"""Signing in and out, and what is kept of who failed to."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.signals import user_login_failed
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from napmonitor.accounts.models import User
from napmonitor.audit import origin, trail
from napmonitor.audit.middleware import client_address
from napmonitor.audit.models import AuditEvent, FailedSignIn
from tests.factories import NAP_COORDINATOR, MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "for this test alone"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Make passwords cheap: how dear they are in real use is not tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def member(email: str = "kanarie@test.example") -> User:
    """Return a coordinator of the ministry `canary` who knows the password."""
    user = UserFactory(email=email, password=make_password(PASSWORD))
    organisation = OrganisationFactory(slug="canary")
    MembershipFactory(user=user, role=NAP_COORDINATOR, organisation=organisation)
    return user


def sign_in(username: str, password: str = PASSWORD, **headers: Any) -> Client:
    client = Client()
    form = {"username": username, "password": password}
    client.post(reverse("admin:login"), form, **headers)
    return client


def sessions() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action__startswith="session.").order_by("sequence"))


def everything() -> str:
    """Return all that the trail and the failed sign-ins hold, as one text."""
    rows = [*AuditEvent.objects.values(), *FailedSignIn.objects.values()]
    return str([list(row.values()) for row in rows])


def test_signing_in_and_out_stand_in_the_trail_with_the_address() -> None:
    user = member()

    client = sign_in(user.email, REMOTE_ADDR="192.0.2.7")
    client.post(reverse("admin:logout"), REMOTE_ADDR="2001:db8::7")

    start, end = sessions()
    assert (start.action, end.action) == ("session.start", "session.end")
    assert (start.origin, end.origin) == ("browser 192.0.2.7", "browser 2001:db8::7")
    for event in (start, end):
        assert (event.actor, event.acting_as) == (user, f"{NAP_COORDINATOR} (canary)")
        assert (event.object_type, event.object_id) == ("accounts.user", str(user.pk))
        assert (event.object_label, event.detail) == ("", {})
    assert not FailedSignIn.objects.exists()
    assert trail.verify() == []


def test_signing_out_without_a_session_leaves_nothing() -> None:
    Client().post(reverse("admin:logout"))

    assert sessions() == []


@pytest.mark.parametrize("typed", ["kanarie@test.example", "Kanarie@TEST.example"])
def test_a_wrong_password_is_noted_with_the_account_and_the_address(typed: str) -> None:
    user = member()

    sign_in(typed, "not this one", REMOTE_ADDR="192.0.2.7")

    failed = FailedSignIn.objects.get()
    assert (failed.account, failed.address) == (user, "192.0.2.7")
    assert sessions() == []


@pytest.mark.parametrize(
    "typed",
    [
        "nobody-with-this@test.example",
        "a-password-in-the-wrong-box",
        "a-null\0-character@test.example",
        "kanarie@test.example\0",
        "x" * 5_000,
        "'; DROP TABLE audit_failedsignin; --",
        "\N{GRINNING FACE} \N{LATIN SMALL LETTER E WITH ACUTE}",
    ],
)
def test_what_was_typed_for_an_unknown_account_is_kept_nowhere(typed: str) -> None:
    member()

    sign_in(typed, f"{typed} as password")

    # A null character does not pass the form: then nobody even tried.
    for failed in FailedSignIn.objects.all():
        assert failed.account is None
    assert FailedSignIn.objects.count() == ("\0" not in typed)
    assert typed[:250] not in everything()
    assert "password" not in everything()


def test_a_null_character_that_comes_by_another_way_breaks_nothing() -> None:
    member()

    user_login_failed.send(sender=None, credentials={"username": "kanarie@test.example\0"})

    failed = FailedSignIn.objects.get()
    assert (failed.account, failed.address) == (None, "")


def test_an_account_that_ended_fails_to_sign_in_and_that_is_noted() -> None:
    user = member()
    User.objects.filter(pk=user.pk).update(is_active=False)

    sign_in(user.email)

    assert FailedSignIn.objects.get().account == user
    assert sessions() == []


def test_failed_sign_ins_do_not_lengthen_the_trail() -> None:
    before = trail.head()

    for number in range(3):
        sign_in(f"stranger{number}@test.example")

    assert trail.head() == before
    assert FailedSignIn.objects.count() == 3


FORGED = "203.0.113.9"


@pytest.mark.parametrize(
    ("behind_proxy", "header", "expected"),
    [
        (False, None, "192.0.2.7"),
        (False, FORGED, "192.0.2.7"),
        (False, f"{FORGED}, 198.51.100.1", "192.0.2.7"),
        (True, None, "192.0.2.7"),
        (True, "", "192.0.2.7"),
        (True, "198.51.100.1", "198.51.100.1"),
        (True, f"{FORGED}, 198.51.100.1", "198.51.100.1"),
        (True, f"{FORGED},10.0.0.1,198.51.100.1", "198.51.100.1"),
        (True, "2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:1234:5678:9abc:def0:1234:5678"),
        (True, "x" * 100, "x" * 45),
    ],
)
def test_the_address_is_that_of_the_other_machine_or_what_our_proxy_says_of_it(
    settings: Settings, behind_proxy: bool, header: str | None, expected: str
) -> None:
    settings.BEHIND_PROXY = behind_proxy
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "192.0.2.7"
    if header is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = header

    assert client_address(request) == expected


@pytest.mark.parametrize("behind_proxy", [False, True])
def test_a_forged_header_changes_no_address_in_the_trail(
    settings: Settings, behind_proxy: bool
) -> None:
    settings.BEHIND_PROXY = behind_proxy
    user = member()
    headers = {
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_X_FORWARDED_FOR": f"{FORGED}, 198.51.100.1",
        "HTTP_X_REAL_IP": FORGED,
        "HTTP_FORWARDED": f"for={FORGED}",
    }

    sign_in(user.email, **headers)
    sign_in(user.email, "not this one", **headers)

    address = "198.51.100.1" if behind_proxy else "192.0.2.7"
    assert [event.origin for event in sessions()] == [f"browser {address}"]
    assert FailedSignIn.objects.get().address == address
    assert FORGED not in everything()


def test_no_address_is_kept_of_anything_but_getting_in_and_out() -> None:
    user = member()
    client = sign_in(user.email, REMOTE_ADDR="192.0.2.7")

    changed = {
        "old_password": PASSWORD,
        "new_password1": "another one, for this test",
        "new_password2": "another one, for this test",
    }
    client.post(reverse("admin:password_change"), changed, REMOTE_ADDR="192.0.2.7")

    event = AuditEvent.objects.get(action="account.password-changed")
    assert (event.actor, event.origin, event.detail) == (user, "browser", {})
    assert event.object_id == str(user.pk)
    assert "another one" not in everything()


def test_a_password_that_was_not_changed_leaves_nothing() -> None:
    client = sign_in(member().email)
    wrong = {"old_password": "x", "new_password1": "y", "new_password2": "z"}

    client.get(reverse("admin:password_change"))
    client.post(reverse("admin:password_change"), wrong)

    assert not AuditEvent.objects.filter(action="account.password-changed").exists()


def test_after_a_request_nothing_is_left_of_where_it_came_from() -> None:
    before = origin.current()

    sign_in(member().email, REMOTE_ADDR="192.0.2.7")

    assert origin.current() == before


# The first account of an installation.


def make_superuser(**options: Any) -> None:
    call_command("createsuperuser", interactive=False, stdout=StringIO(), **options)


def test_createsuperuser_stands_in_the_trail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    make_superuser(email="eerste@test.example", name="Kanarievogel")

    account = User.objects.get(is_superuser=True)
    event = AuditEvent.objects.get(action="account.made")
    assert (event.actor, event.object_id) == (User.objects.system(), str(account.pk))
    assert event.detail == {"sets_up_installation": True}
    for canary in ("eerste", "Kanarievogel", PASSWORD):
        assert canary not in everything()


def test_createsuperuser_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = trail.head()

    with pytest.raises(CommandError):
        make_superuser(email=UserFactory().email, name="x")
    monkeypatch.setattr(trail, "record", _broken)
    with pytest.raises(ZeroDivisionError):
        make_superuser(email="eerste@test.example", name="x")

    assert not User.objects.filter(is_superuser=True).exists()
    assert trail.head() == before


def _broken(*_arguments: Any, **_options: Any) -> None:
    raise ZeroDivisionError


@pytest.fixture
def manage(tmp_path: Path) -> Iterator[Any]:
    """Run a command of `manage.py` on an empty database of its own, as an administrator does."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite3'}",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=django_settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_an_installation_tells_by_which_command_and_verifies_it(
    manage: Any, tmp_path: Path
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("it has a database of its own")
    assert manage("migrate", "--verbosity", "0").returncode == 0
    made = manage("createsuperuser", "--noinput", "--email", "a@test.example", "--name", "A")
    assert made.returncode == 0, made.stderr

    holds = manage("verify_audit")
    base = sqlite3.connect(tmp_path / "own.sqlite3")
    rows = base.execute("SELECT action, origin FROM audit_auditevent").fetchall()
    for part in ("update", "delete", "insert"):
        base.execute(f"DROP TRIGGER auditevent_append_only_{part}")
    base.execute("UPDATE audit_auditevent SET object_id = 99")
    base.commit()
    base.close()
    broken = manage("verify_audit")

    assert rows == [("account.made", "command createsuperuser")]
    assert holds.returncode == 0, holds.stderr
    assert re.search(r"\b1:[0-9a-f]{64}$", holds.stdout.strip())
    assert broken.returncode == 1
    assert "1" in broken.stderr.splitlines()[0]
    assert "auditevent_append_only_update" in broken.stderr
    assert "Traceback" not in broken.stderr

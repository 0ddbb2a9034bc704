"""Many officials who write at the same time, each their own text, on a server as in real use."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from itertools import cycle
from typing import Any
from urllib.parse import urlencode, urlsplit

import lxml.html
from django.contrib.auth.hashers import make_password

from actions import workflow
from actions.models import Organisation, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from tests.admin_pages import page
from tests.factories import EDITOR, NAP_COORDINATOR, UserFactory, somebody
from tests.processes import served

PASSWORD = "a password of many people"
YEAR = 2026
SERVERS = 3


@dataclass(slots=True)
class Editor:
    """One official with a browser and a text of their own."""

    user: User
    path: str
    server: HTTPConnection | None = None
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def sign_in(self, address: str) -> None:
        self.server = HTTPConnection(address, timeout=60)
        login = "/beheer/login/"
        typed = {"username": self.user.email, "password": PASSWORD}
        self._ask(login, self._form(login, "username") | typed)

    def work(self, saves: int, thinking: float) -> None:
        """Open the text and save it again and again, with a pause to type in."""
        time.sleep(random.uniform(0, thinking))  # noqa: S311
        for number in range(saves):
            sent = self._form(self.path, "narrative")
            time.sleep(random.uniform(0.5, 1.5) * thinking)  # noqa: S311
            sent |= {"progress": "in_progress", "narrative": f"Tekst {number}, met **nadruk**."}
            started = time.perf_counter()
            status, answer = self._ask(self.path, {**sent, "_continue": "1"})
            self.times.append(time.perf_counter() - started)
            if status != HTTPStatus.FOUND:
                self.failures.append(f"{status}: {answer[:500]}")

    def _form(self, path: str, name: str) -> dict[str, str]:
        """Return what a page would send back of the form that has this field."""
        document = lxml.html.fromstring(self._ask(path)[1])
        form: Any = next(each for each in document.forms if name in each.fields)
        return dict(form.form_values())

    def _ask(self, path: str, sent: dict[str, str] | None = None) -> tuple[int, str]:
        """Get a page, or send a form; a redirect is an answer and is not followed."""
        assert self.server is not None
        cookies = "; ".join(f"{name}={each.value}" for name, each in self.cookies.items())
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if sent else {}
        body = urlencode(sent) if sent else None
        self.server.request("POST" if sent else "GET", path, body, {"Cookie": cookies, **kind})
        answer = self.server.getresponse()
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(header)
        return answer.status, answer.read().decode()


def coordinator() -> User:
    return User.objects.filter(memberships__group__name=NAP_COORDINATOR).earliest("pk")


def open_round(editors: int) -> tuple[ReportingRound, list[Editor]]:
    """Open a round of the real plan; return it with so many editors, each with a text."""
    coordinators = [somebody(NAP_COORDINATOR, Organisation.objects.get(slug="bz")) for _ in "ab"]
    each = ReportingRound.objects.get(year=YEAR)
    workflow.open_round(each, actor=coordinators[0])
    entries = [
        entry
        for entry in StatusEntry.objects.filter(round=each).order_by("action_point__code")
        if entry.answering_organisation_ids()
    ]
    accounts = UserFactory.create_batch(editors, password=make_password(PASSWORD))
    made = []
    for account, entry in zip(accounts, cycle(entries), strict=False):
        lead = Organisation.objects.get(pk=entry.answering_organisation_ids()[0])
        somebody(EDITOR, lead, user=account)
        made.append(Editor(account, page(StatusEntry, "change", entry.pk)))
    return each, made


def save_at_once(everybody: list[Editor], saves: int, thinking: float) -> list[float]:
    """Let editors work at the same time; return the seconds that each save took."""
    with served(SERVERS) as home:
        for editor in everybody:
            editor.sign_in(urlsplit(home).netloc)
        threads = [threading.Thread(target=each.work, args=(saves, thinking)) for each in everybody]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    failures = [failure for each in everybody for failure in each.failures]
    if failures:
        raise RuntimeError(f"{len(failures)} saves failed: {failures[0]}")
    return [seconds for each in everybody for seconds in each.times]

"""Many people save one text at once, on a server as in real use: no saved text is lost."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor as Cookies
from urllib.request import Request, build_opener

import lxml.html
import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.urls import reverse

from actions.models import EntryVersion, StatusEntry, Transition
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from tests.admin_pages import page
from tests.factories import EDITOR, UserFactory, somebody
from tests.processes import served
from tests.workflow_people import cast, events

PASSWORD = "a password of many people"
SERVERS = 3
# Somebody who is told this often that others were first has found a fault of ours.
PATIENCE = 400


@dataclass(slots=True)
class Writer:
    """One person with a browser, who keeps on saving until all is in."""

    user: User
    address: str
    browser: Any = None
    saved: list[str] = field(default_factory=list)
    conflicts: int = 0
    failure: BaseException | None = None

    def work(self, path: str, saves: int) -> None:
        """Open the page and save this many texts of one's own over whatever is there."""
        try:
            self._sign_in()
            opened = self._open(path)
            for number in range(saves):
                words = f"Text {number} of {self.user.pk}."
                opened = self._save(opened, path, words)
                self.saved.append(words)
        except BaseException as failure:
            # Whatever it is, the test looks at it.
            self.failure = failure
        finally:
            connection.close()

    def _sign_in(self) -> None:
        self.browser = build_opener(Cookies())
        path = reverse("admin:login")
        form = self._open(path).forms[0]
        sent = {**dict(form.form_values()), "username": self.user.email, "password": PASSWORD}
        assert self._open(path, sent).find('.//form[@id="login-form"]') is None

    def _save(self, opened: Any, path: str, words: str) -> Any:
        """Save, and choose one's own words as often as others were first; return the next page."""
        for _try in range(PATIENCE):
            answer = self._send(opened, path, words)
            if said := answer.find_class("success"):
                assert len(said) == 1
                return answer
            assert answer.find_class("nap-clash"), answer.text_content()[:500]
            assert words in answer.text_content(), "what was typed is gone"
            self.conflicts += 1
            opened = answer
        raise AssertionError("never saved")

    def _send(self, opened: Any, path: str, words: str) -> Any:
        form = next(each for each in opened.forms if "read_version" in each.fields)
        sent = dict(form.form_values())
        chosen = {name: "mine" for name in sent if name.startswith("choose-")}
        return self._open(path, {**sent, **chosen, "narrative": words, "_continue": "1"})

    def _open(self, path: str, sent: dict[str, str] | None = None) -> Any:
        url = urljoin(self.address, path)
        body = urlencode(sent).encode() if sent else None
        request = Request(url, body, {"Referer": url})  # noqa: S310
        answer: HTTPResponse = self.browser.open(request, timeout=120)
        return lxml.html.fromstring(answer.read().decode())


def save_at_once(users: int, saves: int) -> None:
    """Let so many people save so often; each text that was shown as saved is there, once."""
    people = cast()
    entry = people.entry
    path = page(StatusEntry, "change", entry.pk)
    accounts = UserFactory.create_batch(users, password=make_password(PASSWORD))
    for account in accounts:
        somebody(EDITOR, people.lead, user=account)
    before = Transition.objects.filter(entry=entry).count()

    with served(SERVERS) as address:
        writers = [Writer(account, address) for account in accounts]
        threads = [threading.Thread(target=each.work, args=(path, saves)) for each in writers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    failures = [each.failure for each in writers if each.failure]
    assert not failures, failures
    told = sorted((each.user.pk, words) for each in writers for words in each.saved)
    assert len(told) == users * saves
    stored = entry.versions.values_list("author", "narrative")
    assert sorted(stored) == told
    numbers = entry.versions.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(told) + 1))
    entry.refresh_from_db()
    assert entry.latest_version == EntryVersion.objects.get(entry=entry, number=len(told))
    assert Transition.objects.filter(entry=entry).count() == before
    assert len(events("entry.save-text", entry)) == len(told)
    # It was a race: nobody could have been first each time.
    assert sum(each.conflicts for each in writers) >= len(told) // 4
    assert list(trail.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_no_text_of_8_people_who_each_save_2_times_at_once_is_lost() -> None:
    save_at_once(8, 2)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_soak_no_text_of_16_people_who_each_save_25_times_at_once_is_lost() -> None:
    save_at_once(16, 25)

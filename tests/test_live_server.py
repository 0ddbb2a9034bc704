"""The live server of the browser tests: no request works on while the tables are emptied."""

from __future__ import annotations

from http.client import HTTPConnection, RemoteDisconnected

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.browser import Doorway

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_request_that_comes_too_late_is_not_let_in(
    live_server: LiveServer, settled: None, doorway: Doorway
) -> None:
    browser = HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=30)
    browser.request("GET", "/contact/", headers={"Connection": "close"})
    with browser.getresponse() as answer:
        assert answer.status == 200
    doorway.close()
    browser.request("GET", "/contact/", headers={"Connection": "close"})
    with pytest.raises(RemoteDisconnected):
        browser.getresponse()
    assert not doorway.inside

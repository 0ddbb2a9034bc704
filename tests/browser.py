"""A browser for the tests: Chromium that reaches this machine only, and tells what went wrong."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock, Thread, current_thread

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright
from pytest_django.live_server_helper import LiveServer

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Seconds in which any answer is given.
PATIENCE = 20
ELSEWHERE = re.compile(r"^(?!http://127\.0\.0\.1[:/])")
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  reportViolation(`${event.effectiveDirective} blocked ${event.blockedURI} in ${event.documentURI}`)
);
"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start one Chromium for the run."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, where Django would refuse to use the ORM.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        executable = shutil.which("chromium") or playwright.chromium.executable_path
        if not Path(executable).exists():
            pytest.fail("There is no Chromium; `make test` installs it.")
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def problems() -> list[str]:
    """What the browser complained of; a test that expects a complaint takes it off this list."""
    return []


class Doorway:
    """Lets requests to the live server in while a test runs, and knows which are inside."""

    def __init__(self) -> None:
        self.open = False
        self.inside: set[Thread] = set()
        # All that may still hold a connection to the database.
        self.seen: set[Thread] = set()
        self.lock = Lock()

    def enter(self, sender: object, **_signal: object) -> None:
        """Let a request in; the server drops one that comes too late without a word."""
        if not _is_server(sender):
            return
        with self.lock:
            if not self.open:
                raise ConnectionAbortedError
            self.inside.add(current_thread())
            self.seen.add(current_thread())

    def leave(self, **_signal: object) -> None:
        """Note that the request of this thread is answered."""
        with self.lock:
            self.inside.discard(current_thread())

    def close(self) -> None:
        """Let nothing in any more, and wait until all inside have left."""
        with self.lock:
            self.open = False
        _wait_for(self.inside)
        self.seen = {thread for thread in self.seen if thread.is_alive()}


def _wait_for(threads: set[Thread]) -> None:
    deadline = time.monotonic() + PATIENCE
    while any(thread.is_alive() for thread in list(threads)):
        assert time.monotonic() < deadline, "The live server still works on a request."
        time.sleep(0.02)


@pytest.fixture(scope="session")
def doorway() -> Iterator[Doorway]:
    """Stand before the live server for the whole run: a request can come between two tests."""
    doorway = Doorway()
    request_started.connect(doorway.enter)
    request_finished.connect(doorway.leave)
    yield doorway
    # Each closes its connection at its end, and a database that is in use can't be removed.
    _wait_for(doorway.seen)
    request_started.disconnect(doorway.enter)
    request_finished.disconnect(doorway.leave)


def _is_server(sender: object) -> bool:
    """Tell the handlers of the live server, one around the other, from the client of a test."""
    return isinstance(sender, type) and issubclass(sender, WSGIHandler)


@pytest.fixture
def settled(live_server: LiveServer, doorway: Doorway) -> Iterator[None]:
    """Let the live server answer what it was asked before the tables are emptied under it.

    A page that is closed leaves requests behind, some of them still on their way, and one that
    reads or writes keeps a table locked.
    """
    doorway.open = True
    yield
    doorway.close()


@pytest.fixture
def page(
    chromium: Browser, live_server: LiveServer, settled: None, problems: list[str]
) -> Iterator[Page]:
    """Open a page of the live server in a new profile, and fail when the browser complains."""

    def block(route: Route) -> None:
        problems.append(f"request to elsewhere: {route.request.url}")
        route.abort()

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"{message.text} {message.location['url']}")

    context = chromium.new_context(base_url=live_server.url, locale="nl-NL")
    context.route(ELSEWHERE, block)
    context.expose_function("reportViolation", lambda text: problems.append(text))
    context.add_init_script(REPORT_VIOLATIONS)
    context.on("console", note)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert not problems, "\n".join(problems)

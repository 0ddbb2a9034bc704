"""What all tests share: which tests run on which database, and what the database starts with."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import blocking_manager_key
from whitenoise.base import WhiteNoise

from actions import fixtures
from actions.models import Plan
from actions.queries import listing
from tests.flushing import allow_flush
from tests.snapshots import Snapshot

SNAPSHOT = pytest.StashKey[Snapshot]()
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--count-file", type=Path, help="write here how many tests ran")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests by what they use, and keep those that belong on the chosen database."""
    on_postgresql = config.getoption("database") == "postgresql"
    with_soak = "soak" in config.getoption("markexpr")
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        in_browser = item.get_closest_marker("browser") is not None
        if in_browser or uses_database(item):
            item.add_marker("database")
            belongs = on_postgresql or not in_browser
            if item.get_closest_marker("files") and not in_browser:
                belongs = not on_postgresql
        else:
            belongs = not on_postgresql
        if item.get_closest_marker("soak") and not with_soak:
            belongs = False
        (kept if belongs else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def pytest_collection_finish() -> None:
    """Keep Python from walking again and again through all that was imported, and never goes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def uses_database(item: pytest.Item) -> bool:
    """Tell whether a test asks for the database, itself or through a fixture."""
    return (
        item.get_closest_marker("django_db") is not None
        or not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
    )


class Counter:
    """Counts the tests that ran, with xdist too, for the closing line of `make test`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts = {"with database": 0, "without database": 0}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and not report.skipped:
            kind = "with database" if "database" in report.keywords else "without database"
            self.counts[kind] += 1

    def pytest_sessionfinish(self) -> None:
        self.path.write_text(json.dumps(self.counts), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("count_file")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Counter(path))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Keep SQLite in a file, as in real use: in memory it locks in another way."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database.setdefault("TEST", {})["NAME"] = str(path)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Load, once after the migrations, what every test may count on: the real plan."""
    with django_db_blocker.unblock():
        load_plan()
        request.session.stash[SNAPSHOT] = Snapshot()


@pytest.fixture(scope="session", autouse=True)
def append_only_tables_can_be_emptied() -> Iterator[None]:
    """Let Django empty all tables after a test with real transactions."""
    with pytest.MonkeyPatch.context() as patch:
        allow_flush(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def pages_are_made_anew() -> Iterator[None]:
    """Keep no public page: tests change rows past all rules, and look at the page after that."""
    backend = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings.CACHES, "pages", backend)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_are_read_once() -> Iterator[None]:
    """Let all clients share what WhiteNoise finds in the folder of static files.

    It reads over a thousand files when a client asks its first page, and most tests have a client.
    """
    read = WhiteNoise.update_files_dictionary
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def share(self: WhiteNoise, root: str, prefix: str) -> None:
        if (root, prefix) not in found:
            read(self, root, prefix)
            found[root, prefix] = dict(self.files)
        self.files.update(found[root, prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", share)
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_are_stored_in_no_time() -> Iterator[None]:
    """Work out the hash of a password once in place of a million times.

    What is stored is of the same kind, so a process of its own accepts it too.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Put the plan back for a test that finds the tables emptied by one before it.

    Here no transaction is open yet, so what is put back is there for the tests after it too.
    """
    # Tests change rows past all rules, which no state of what is public shows.
    listing._words_of.cache_clear()
    snapshot = item.session.stash.get(SNAPSHOT, None)
    if snapshot and uses_database(item):
        with item.config.stash[blocking_manager_key].unblock():
            if not Plan.objects.exists():
                snapshot.put_back()


def load_plan() -> None:
    """Put the real plan in the test database, as `make setup` does."""
    fixtures.load(settings.BASE_DIR / "fixtures")


@pytest.fixture(scope="session")
def live_server(live_server: LiveServer) -> Iterator[LiveServer]:
    """Serve the collected static files through WhiteNoise, as in real use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "_should_handle", lambda handler, path: False)
        yield live_server

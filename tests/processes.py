"""Processes of their own on the database of the running test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """Return the environment in which a process finds the settings of this test."""
    return os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "napmonitor.settings",
        "NAP_ENV_FILE": "",
        "NAP_SECRET_KEY": "for-tests-only-" * 4,
    }


def database_url() -> str:
    """Return where the database of the running test is."""
    here = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{here['NAME']}"
    password = f":{quote(here['PASSWORD'], safe='')}" if here["PASSWORD"] else ""
    port = f":{here['PORT']}" if here["PORT"] else ""
    host = quote(here["HOST"], safe="")
    return f"postgresql://{quote(here['USER'])}{password}@{host}{port}/{here['NAME']}"


@contextmanager
def served(workers: int) -> Iterator[str]:
    """Serve the site as in real use, with several processes; give its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        server = serve_on(listening, workers)
        try:
            yield address_of(listening)
        finally:
            server.terminate()
            server.wait(timeout=60)


def address_of(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def serve_on(listening: socket.socket, workers: int) -> subprocess.Popen[bytes]:
    """Serve the site on an open socket and return the process, once it answers."""
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "napmonitor.wsgi", "--no-control-socket"),
            *(f"--bind=fd://{listening.fileno()}", f"--workers={workers}"),
            *("--log-level=warning", "--timeout=60"),
        ],
        cwd=ROOT,
        env=environment(),
        pass_fds=[listening.fileno()],
        start_new_session=True,
    )
    _wait_for(f"{address_of(listening)}/healthz", server)
    return server


def kill(server: subprocess.Popen[bytes]) -> None:
    """End a server and its workers as a power failure would."""
    os.killpg(server.pid, signal.SIGKILL)
    server.wait(timeout=60)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=30).close()  # noqa: S310
        except (URLError, TimeoutError):
            assert server.poll() is None, "the server stopped at once"
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")

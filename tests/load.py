"""The public site under load: requests that come whether or not the last one was answered.

All traffic stays on this machine. The same bytes are asked of nginx as static files, to compare.
"""

from __future__ import annotations

import asyncio
import os
import platform
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
PER_SECOND, SECONDS = 50, 30
PROCESSES = 2
# Asked one by one before anything is measured: each process loads itself at its first pages.
WARMING = 30
# Longer than this is an error, whatever comes after it.
PATIENCE = 20
_NGINX = """
daemon off; worker_processes {processes}; pid {folder}/pid; error_log stderr error;
events {{ worker_connections 256; }}
http {{
  access_log off; default_type application/octet-stream; sendfile on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen {host}:{port}; root {folder}/files; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of one request, and how many milliseconds after it should have been sent."""

    status: int
    content: bytes
    ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What readers met: how many asked, how many got no page, and how long they waited."""

    requests: int
    errors: int
    median: float
    p95: float
    slowest: float


def pages(points: int, years: Sequence[int]) -> list[str]:
    """Return what is asked, in one fixed order: overviews, lists and single points, in turn."""
    chance = random.Random(33)  # noqa: S311
    asked = []
    for number in range(PER_SECOND * SECONDS):
        year, point = chance.choice(years), chance.randint(1, points)
        asked.append(
            (
                f"/?jaar={year}",
                f"/actiepunten/?jaar={year}&pijler={chance.randint(1, 3)}",
                f"/actiepunten/p{point}/",
            )[number % 3]
        )
    return asked


def load(port: int, asked: Sequence[str]) -> tuple[Figures, list[Answer]]:
    """Ask these addresses, PER_SECOND a second; each over a connection of its own."""
    answers = asyncio.run(_all(port, asked))
    times = sorted(each.ms for each in answers)
    errors = sum(each.status != 200 for each in answers)
    p95 = times[int(len(times) * 0.95)]
    return Figures(len(answers), errors, times[len(times) // 2], p95, times[-1]), answers


async def _all(port: int, asked: Sequence[str]) -> list[Answer]:
    start = time.perf_counter() + 0.5
    moments = [start + number / PER_SECOND for number in range(len(asked))]
    return await asyncio.gather(
        *(_one(port, path, moment) for path, moment in zip(asked, moments, strict=True))
    )


async def _one(port: int, path: str, moment: float) -> Answer:
    await asyncio.sleep(max(moment - time.perf_counter(), 0))
    try:
        async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
            reader, writer = await asyncio.open_connection(HOST, port)
            stack.callback(writer.close)
            lines = (f"GET {path} HTTP/1.1", f"Host: {HOST}:{port}", "Accept-Encoding: gzip")
            writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
            answer = await reader.read(-1)
        head, _blank, content = answer.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
    except (OSError, TimeoutError, IndexError, ValueError):
        status, content = 0, b""
    return Answer(status, content, (time.perf_counter() - moment) * 1000)


@contextmanager
def site(environment: dict[str, str], port: int) -> Iterator[None]:
    """Serve the site with as many processes as `make demo`."""
    served = [sys.executable, "-m", "gunicorn", "napmonitor.wsgi", "--bind", f"{HOST}:{port}"]
    options = ["--workers", str(PROCESSES), "--no-control-socket", "--log-level", "error"]
    with _running([*served, *options], environment, port):
        yield


@contextmanager
def static_files(contents: Sequence[bytes]) -> Iterator[int | None]:
    """Serve these contents as the files 0, 1, 2... with nginx; yield its port, None without it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = _nginx(folder)
        if program is None:
            yield None
            return
        # It works as another user where this one is root.
        folder.chmod(0o755)
        (folder / "files").mkdir()
        for number, content in enumerate(contents):
            (folder / "files" / str(number)).write_bytes(content)
        port = _free_port()
        settings = _NGINX.format(folder=folder, host=HOST, port=port, processes=PROCESSES)
        (folder / "nginx.conf").write_text(settings, encoding="utf-8")
        with _running([program, "-p", name, "-c", str(folder / "nginx.conf")], None, port):
            yield port


def _nginx(folder: Path) -> str | None:
    """Return the program; where it is not installed, unpack its package without installing it.

    Installed it would begin to serve by itself.
    """
    if found := shutil.which("nginx"):
        return found
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return None
    command = ["apt-get", "--quiet", "download", "nginx"]
    subprocess.run(command, cwd=folder, check=False, capture_output=True)
    for package in folder.glob("nginx_*.deb"):
        subprocess.run(["dpkg", "-x", str(package), str(folder / "package")], check=True)
    program = folder / "package" / "usr" / "sbin" / "nginx"
    return str(program) if program.exists() and _works(program) else None


def _works(program: Path) -> bool:
    return subprocess.run([program, "-v"], check=False, capture_output=True).returncode == 0


@contextmanager
def _running(command: list[str], environment: dict[str, str] | None, port: int) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, lambda: process.poll() is None)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, lives: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and lives():
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def report(environment: dict[str, str], points: int, years: Sequence[int]) -> None:
    """Print what readers of the overview, the lists and the points meet, beside static files.

    First while nothing is made yet, as right after a publication; then once these pages are.
    """
    asked = pages(points, years)
    port = _free_port()
    with (
        tempfile.TemporaryDirectory() as kept,
        site(environment | {"NAP_CACHE_DIR": kept}, port),
    ):
        for path in asked[-WARMING:]:
            asyncio.run(_one(port, path, time.perf_counter()))
        first, _answers = load(port, asked)
        figures, answers = load(port, asked)
    different = sorted({each.content for each in answers})
    numbers = {content: number for number, content in enumerate(different)}
    print(
        f"  {PER_SECOND} requests a second for {SECONDS} seconds, {PROCESSES} processes on "
        f"{os.cpu_count()} cores ({platform.machine()}), {len(set(asked))} different addresses"
    )
    _print("site, nothing made yet", first)
    _print("site, pages made", figures)
    with static_files(different) as port_of_files:
        if port_of_files is None:
            print("  nginx is not there, so there is nothing to compare with")
            return
        files, _same = load(port_of_files, [f"/{numbers[each.content]}" for each in answers])
    _print("nginx", files)
    print(
        f"  the site takes {figures.median / files.median:.1f} times as long as nginx with the "
        f"same bytes in a file (p95: {figures.p95 / files.p95:.1f} times)"
    )


def _print(name: str, figures: Figures) -> None:
    print(
        f"  {name:<24} median {figures.median:>7.1f} ms   p95 {figures.p95:>7.1f} ms   slowest "
        f"{figures.slowest:>7.1f} ms   {figures.errors} errors in {figures.requests} requests"
    )

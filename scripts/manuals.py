"""Make the pictures in the manuals from the running system: `make manuals`.

A database in a temporary folder gets the real plan, the demonstration accounts and a story of a
year. A server on a free port shows it, and a browser takes the pictures.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.error import URLError

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "manuals" / "pictures"
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--lang=nl-NL"]
WIDTH, HEIGHT = 1280, 900
WHOLE = "document.documentElement.scrollHeight"
AROUND = 12
COLOURS = 64
PATIENCE = 60
# A browser without its Dutch package shows days as Americans write them; people here see them so.
DUTCH_DAYS = """() => {
  for (const box of document.querySelectorAll("input[type=date], input[type=time]")) {
    const [kind, value] = [box.type, box.value];
    const empty = kind === "date" ? "dd-mm-jjjj" : "--:--";
    box.dataset.was = `${kind} ${value}`;
    box.type = "text";
    box.value = value.split("-").reverse().join("-") || empty;
    box.style.width = "9em";
  }
}"""
AS_IT_WAS = """() => {
  for (const box of document.querySelectorAll("input[data-was]")) {
    const [kind, value] = box.dataset.was.split(" ");
    delete box.dataset.was;
    box.type = kind;
    box.value = value;
    box.style.width = "";
  }
}"""


class Camera:
    """Opens pages as somebody, and keeps pictures of parts of them."""

    def __init__(self, browser: Browser, home: str, folder: Path) -> None:
        self.browser, self.home, self.folder = browser, home, folder
        self.missing: list[str] = []

    def page(self, cookies: dict[str, str]) -> Page:
        """Open a browser window of its own, signed in with these cookies."""
        context = self.browser.new_context(
            base_url=self.home,
            locale="nl-NL",
            color_scheme="light",
            viewport={"width": WIDTH, "height": HEIGHT},
            reduced_motion="reduce",
        )
        context.add_cookies(
            [{"name": name, "value": value, "url": self.home} for name, value in cookies.items()]
        )
        context.set_default_timeout(PATIENCE * 1000 / 4)
        return context.new_page()

    def take(self, name: str, page: Page, *parts: str, most: int = 1100) -> None:
        """Keep a picture of the parts of a page together, no higher than `most`."""
        absent = [part for part in parts if not page.locator(part).count()]
        if absent:
            self.missing.append(f"{name}: {absent} is not on {page.url}")
            return
        # As high as the page: what sticks to the window stands where it belongs.
        page.set_viewport_size({"width": WIDTH, "height": page.evaluate(WHOLE)})
        page.wait_for_load_state("networkidle")
        page.evaluate(DUTCH_DAYS)
        boxes = [page.locator(part).first.bounding_box() for part in parts]
        seen = [box for box in boxes if box]
        left = max(0, min(box["x"] for box in seen) - AROUND)
        top = max(0, min(box["y"] for box in seen) - AROUND)
        right = min(WIDTH, max(box["x"] + box["width"] for box in seen) + AROUND)
        bottom = max(box["y"] + box["height"] for box in seen) + AROUND
        clip = {
            "x": left,
            "y": top,
            "width": right - left,
            "height": min(bottom - top, most),
        }
        shot = page.screenshot(clip=clip)  # type: ignore[arg-type]
        page.evaluate(AS_IT_WAS)
        picture = (
            Image.open(BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        )
        picture.save(self.folder / f"{name}.png", optimize=True)
        print(f"{name}.png")


@contextmanager
def served() -> Iterator[str]:
    """Serve the site on a free port as in real use, and end that server alone."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        home = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "napmonitor.wsgi", "--no-control-socket"),
                *(f"--bind=fd://{listening.fileno()}", "--workers=2", "--log-level=warning"),
            ],
            cwd=ROOT,
            pass_fds=[listening.fileno()],
        )
        try:
            _wait_for(f"{home}/healthz", server)
            yield home
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=PATIENCE).close()  # noqa: S310
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server does not answer.")


def settle_in(folder: str) -> None:
    """Let this process and the server use a database of their own, and none of the developer."""
    sys.path.append(str(ROOT))
    os.environ |= {
        "DATABASE_URL": f"sqlite:///{folder}/manuals.sqlite3",
        "DJANGO_SETTINGS_MODULE": "napmonitor.settings",
        # Playwright keeps an event loop in this thread, where Django would refuse to use the ORM.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "NAP_DEMO": "True",
        "NAP_ENV_FILE": "",
        "NAP_SECRET_KEY": secrets.token_urlsafe(64),
    }


def surroundings() -> dict[str, str | float | bool]:
    """Return what the browser starts with: Dutch, and the fonts of screens, not of letters."""
    left_out = ("FONTCONFIG_FILE",)
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "LANGUAGE": "nl"}


def main() -> None:
    """Play the story and take every picture anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=PICTURES, help="where the pictures go")
    target = parser.parse_args().folder
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settle_in(folder)
        # Only now: its models cannot be read before Django knows where the database is.
        import manual_story

        story = manual_story.begin()
        with served() as home, sync_playwright() as playwright:
            executable = shutil.which("chromium") or playwright.chromium.executable_path
            browser = playwright.chromium.launch(
                executable_path=executable, args=BROWSER, env=surroundings()
            )
            camera = Camera(browser, home, target)
            story.play(camera)
            browser.close()
    if camera.missing:
        raise SystemExit("\n".join(camera.missing))


if __name__ == "__main__":
    main()

"""The public site as tests go through it: one full page of each type, and every address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

from django.core.management import call_command
from django.test import Client

from tests import edition_story as story

# Of each type of page the one with most on it.
RICHEST = (
    "/",
    "/?jaar=2024",
    "/actiepunten/",
    "/actiepunten/?pijler=1&tekst=IMVO-steunpunt&sorteer=titel",
    "/actiepunten/?tekst=nergens-te-vinden",
    "/actiepunten/1.p/",
    "/actiepunten/2.e/?van=2023&tot=2025",
    "/actiepunten/2.f/",
    "/plannen/2022-2026/actiepunten/1.b/",
    "/pijlers/1/",
    "/ungp/",
    "/ungp/31/",
    "/ministeries/",
    "/ministeries/bz/",
    "/ministeries/ezk/",
    "/kamerstukken/",
    "/kamerstukken/kst-32735-377/",
    "/rapportages/",
    "/rapportages/2025/",
    "/rapportages/2025/kamerbrief/",
    "/rapportages/2023/voortgangsrapportage/",
    "/rapportages/2024/beslisnota/",
    "/tijdlijn/",
    "/open-data/",
    "/over/",
    "/contact/",
    "/toegankelijkheid/",
    "/privacy/",
    "/cookies/",
)
# What somebody sees who went wrong, with the status that says so.
WRONG = (("/actiepunten/9.z/", 404), ("/rapportages/1999/", 404), ("/?jaar=1999", 400))
_LINK = re.compile(r'(?:href|src)="([^"]+)"')
# Files of the house style are checked apart, and the work screens are not public.
_ELSEWHERE = ("/static/", "/beheer/")


def html(client: Client, address: str, status: int = 200) -> str:
    """Return a page as markup; it must answer with this status."""
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def words(markup: str) -> str:
    """Return markup as words: tags out, spaces as one."""
    return " ".join(re.sub(r"<[^>]+>", " ", markup).replace("&nbsp;", " ").split())


def in_both_languages(addresses: tuple[str, ...]) -> list[str]:
    return [prefix + address for address in addresses for prefix in ("", "/en")]


def with_editions() -> None:
    """Issue the editions of past years, with real documents and quick files."""
    with story.quick_rendering():
        call_command("make_editions")


def every_address(client: Client, start: str = "/") -> Iterator[tuple[str, bytes]]:
    """Yield every address of this site that pages lead to, with what it answers.

    Filters are followed as far as a page links to them; nothing may answer but 200.
    """
    seen, waiting = {start}, [start]
    while waiting:
        address = waiting.pop()
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, f"{address} gives {answer.status_code}"
        yield address, answer.content
        if answer["Content-Type"].startswith("text/html"):
            for link in _links(address, answer.content.decode()):
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)


def every_page(client: Client, start: str = "/") -> dict[str, bytes]:
    """Return the markup of every page that this one leads to, by address; no stored documents."""
    return {
        address: content
        for address, content in every_address(client, start)
        if content.lstrip().startswith(b"<!doctype html>") and not address.endswith(".html")
    }


def _links(address: str, page: str) -> Iterator[str]:
    for found in _LINK.findall(page):
        link = urldefrag(urljoin(f"http://testserver{address}", unescape(found))).url
        parts = urlsplit(link)
        if parts.netloc == "testserver" and not parts.path.startswith(_ELSEWHERE):
            yield parts._replace(scheme="", netloc="").geturl()

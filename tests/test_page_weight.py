"""What a page weighs: all that a browser loads first, as it goes over the line, from here alone."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.conf import settings
from django.templatetags.static import static
from django.test import Client

pytestmark = pytest.mark.django_db

MOST = 100_000
MOST_SCRIPT = 15_000
# The richest page of each type, as far as the real plan fills it.
PAGES = (
    "/",
    "/actiepunten/",
    "/actiepunten/1.b/",
    "/actiepunten/2.e/",
    "/pijlers/1/",
    "/ungp/",
    "/ungp/1/",
    "/ministeries/",
    "/ministeries/bz/",
    "/kamerstukken/",
    "/kamerstukken/kst-32735-377/",
    "/rapportages/",
    "/rapportages/2025/",
    "/tijdlijn/",
    "/open-data/",
    "/over/",
    "/contact/",
    "/toegankelijkheid/",
    "/privacy/",
    "/cookies/",
    "/en/",
    "/en/actiepunten/2.e/",
)
# Links that a browser does not load by itself.
NOT_LOADED = {"canonical", "alternate", "next", "prev", "search", "license"}
COMPRESSED_ALREADY = {".woff2", ".png", ".jpg"}


class Loads(HTMLParser):
    """Reads from a page what a browser loads with it."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "link" and not NOT_LOADED & set((has.get("rel") or "").split()):
            self.addresses.append(has.get("href") or "")
        elif tag in {"img", "script", "iframe", "source", "audio", "video", "embed", "input"}:
            self.addresses += [has[name] or "" for name in ("src", "srcset") if has.get(name)]
        elif tag == "object" and has.get("data"):
            self.addresses.append(has["data"] or "")
        assert "style" not in has


def loaded_with(address: str, markup: str) -> set[str]:
    """Return the addresses that a browser loads with a page, those that stylesheets name too."""
    found: set[str] = set()
    waiting = [urljoin(address, each) for each in Loads(markup).addresses]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += [urljoin(each, name) for name in named_in(each)]
    return found


def named_in(address: str) -> Iterator[str]:
    """Give what a stylesheet refers to; nothing for another file."""
    if address.endswith(".css"):
        rules = re.sub(r"/\*.*?\*/", "", file(address).read_text(), flags=re.S)
        for quoted in re.findall(r"url\(([^)]*)\)|@import\s+([\"'][^\"']+)", rules):
            yield "".join(quoted).strip("\"' ")


def file(address: str) -> Path:
    """Return the collected file behind an address of this site."""
    assert not urlsplit(address).netloc, f"{address} is of another host"
    assert address.startswith("/static/"), address
    return Path(settings.STATIC_ROOT) / unquote(urlsplit(address).path.removeprefix("/static/"))


def weight(address: str) -> int:
    """Return how many bytes a static file is over the line."""
    content = file(address).read_bytes()
    if file(address).suffix in COMPRESSED_ALREADY:
        return len(content)
    return len(gzip.compress(content, 9))


@pytest.mark.parametrize("address", PAGES)
def test_a_page_weighs_at_most_100_kb_with_all_it_loads(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    markup = response.content.decode()

    loads = {each: weight(each) for each in loaded_with(address, markup)}
    whole = len(gzip.compress(response.content, 6)) + sum(loads.values())
    scripts = sum(size for each, size in loads.items() if each.endswith((".js", ".mjs")))

    assert any(each.endswith(".css") for each in loads)
    assert whole <= MOST, f"{whole} bytes: {loads}"
    assert scripts <= MOST_SCRIPT


def test_what_stylesheets_refer_to_is_counted() -> None:
    """The two typefaces are in a stylesheet, so a page that names only that one loads them."""
    loads = loaded_with("/", f'<link rel="stylesheet" href="{static("site/tokens.css")}">')

    assert sum(each.endswith(".woff2") for each in loads) == 2
    assert sum(map(weight, loads)) > 40_000


def test_something_of_another_host_is_refused() -> None:
    with pytest.raises(AssertionError, match="another host"):
        [weight(each) for each in loaded_with("/", '<img src="https://example.org/a.png">')]

"""Rendering reads static files and nothing else: no other file, no network."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import weasyprint
from django.contrib.staticfiles import finders
from pytest_django import Settings

from actions.richtext import Run
from reports.document import (
    AnnexReport,
    Banner,
    Block,
    Chart,
    Facts,
    Footnote,
    Heading,
    Item,
    ItemList,
    Note,
    Paragraph,
    Section,
    Series,
    Standing,
    Table,
)
from reports.renderers.fetching import StaticFetcher
from reports.renderers.html import render_html
from reports.renderers.pdf import render_pdf
from tests.tagged import read, squeezed

VECTORS = [
    '<img src="file://{canary}">',
    '<img src="{canary}">',
    '<link rel="attachment" href="file://{canary}">',
    '<a rel="attachment" href="file://{canary}">x</a>',
    '<link rel="stylesheet" href="file://{canary}">',
    '<style>@import url("file://{canary}");</style>',
    '<object data="file://{canary}"></object>',
    '<embed src="file://{canary}">',
    '<iframe src="file://{canary}"></iframe>',
    '<p style="background: url(file://{canary})">x</p>',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{canary}"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="file://{canary}#a"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    '<image xlink:href="file://{canary}"/></svg>',
    '<style>@font-face {{ font-family: x; src: url("file://{canary}") }} p {{ font-family: x }}'
    "</style><p>x</p>",
    '<base href="file:///"><img src="{canary}">',
    '<img src="static:../../{canary}">',
    '<img src="static:%2e%2e/%2e%2e/{canary}">',
    '<img src="static://host/{canary}">',
    '<img src="static:link.svg">',
    '<img src="house:../{canary}">',
    '<img src="house:{canary}">',
    '<img src="house:emblem.svg">',
    "<img src='data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E"
    "%3Cimage href=%22file://{canary}%22/%3E%3C/svg%3E'>",
    '<img src="http://127.0.0.1:{port}/a.png">',
    '<img src="//127.0.0.1:{port}/a.png">',
    '<style>@import url("http://127.0.0.1:{port}/a.css");</style>',
    '<link rel="stylesheet" href="http://127.0.0.1:{port}/b.css">',
    '<link rel="attachment" href="http://127.0.0.1:{port}/b.txt">',
    '<p style="background: url(http://127.0.0.1:{port}/c.png)">x</p>',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:{port}/e.png"/></svg>',
    '<img src="ftp://127.0.0.1:{port}/d.png">',
]


@pytest.fixture
def canary(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that nothing may read, with a link to it from every folder that may be read."""
    path = tmp_path / "geheim.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>KANARIE</text></svg>')
    for name in ("static", "house"):
        (tmp_path / name).mkdir()
    (tmp_path / "static" / "link.svg").symlink_to(path)
    (tmp_path / "house" / "emblem.svg").symlink_to(path)
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, tmp_path / "static"]
    own = finders.FileSystemFinder()
    monkeypatch.setattr(finders, "get_finders", lambda: iter([own]))
    settings.NAP_HOUSE_STYLE = tmp_path / "house"
    return path


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Which files were opened; a hook cannot be taken off again, so it listens on demand."""
    _heard.clear()
    _LISTENING.append(True)
    yield _heard
    _LISTENING.clear()


_heard: list[str] = []
_LISTENING: list[bool] = []


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if _LISTENING and event == "open":
        _heard.append(str(arguments[0]))


sys.addaudithook(_listen)


@pytest.mark.parametrize("vector", VECTORS)
def test_no_vector_reads_a_file_or_calls_out(vector: str, canary: Path, opened: list[str]) -> None:
    with listening() as (port, called):
        pdf = weasyprint.HTML(
            string=f"<html lang=nl><title>t</title>{vector.format(canary=canary, port=port)}",
            base_url="static:/",
            url_fetcher=StaticFetcher(),
        ).write_pdf(uncompressed_pdf=True)

        assert not called()
    assert b"KANARIE" not in pdf
    assert not [path for path in opened if Path(path).name in HIDDEN]


HIDDEN = {"geheim.svg", "link.svg", "emblem.svg"}


@contextmanager
def listening() -> Iterator[tuple[int, Callable[[], bool]]]:
    """Give a port on this machine, and what tells whether anybody called there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)

        def called() -> bool:
            try:
                listener.accept()[0].close()
            except TimeoutError:
                return False
            return True

        yield listener.getsockname()[1], called


def test_no_vector_works_as_text_of_a_document(canary: Path, opened: list[str]) -> None:
    """The text of every kind of node, also where it would end the markup around it."""
    with listening() as (port, called):
        words = [each.format(canary=canary, port=port) for each in VECTORS]
        document = said(" ".join(f"\"'></p></style>{each}" for each in words))

        pdf = render_pdf(document).content
        html = [render_html(document, look).content for look in ("reading", "page")]

        assert not called()
    assert not [path for path in opened if Path(path).name in HIDDEN]
    assert squeezed(f"</style>{words[0]}") in squeezed(read(pdf).root.text())
    for each in html:
        assert b"<img" not in each
        assert b"&lt;img" in each
        assert each.count(b"</style>") == 1


def said(words: str) -> AnnexReport:
    """A report with these words in every kind of node."""
    run = (Run(words), Run(words, strong=True))
    blocks: tuple[Block, ...] = (
        Paragraph("alinea", (*run, Run("", note="noot")), lead=words),
        Heading("kop", run),
        ItemList("lijst", (Item("punt", run),)),
        Table("tabel", words, (run,), ((run,),), (100,)),
        Facts("feiten", ((words, run),)),
        Note("kader", (Paragraph("kader-1", run),)),
        Chart("figuur", words, words, (words,), (Series(words, (1,)),)),
    )
    return AnnexReport(
        title=words,
        subtitle=words,
        language="nl",
        year=2025,
        standing=Standing.CONCEPT,
        dated=date(2026, 1, 26),
        date_line=words,
        banner=Banner(words, words, words),
        sender=words,
        opening=(),
        sections=(Section("deel", words, blocks),),
        footnotes=(Footnote("noot", run),),
    )


@pytest.mark.parametrize(
    "url",
    [
        "static:../manage.py",
        "static:/etc/passwd",
        "house:emblem.svg",
        "file:///etc/passwd",
        "https://example.org/",
    ],
)
def test_the_fetcher_refuses_what_is_not_a_static_file(url: str) -> None:
    with pytest.raises(ValueError, match="not a static file"):
        StaticFetcher().fetch(url)


def test_the_fetcher_gives_a_static_file() -> None:
    response = StaticFetcher().fetch("static:reports/text.css")

    assert b"DejaVu Sans" in response.read()

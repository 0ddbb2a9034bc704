"""Rendering reads static files and nothing else: no other file, no network."""

from __future__ import annotations

import socket

import pytest
import weasyprint

from reports.renderers.fetching import StaticFetcher

VECTORS = [
    '<img src="file://{canary}">',
    '<img src="{canary}">',
    '<link rel="attachment" href="file://{canary}">',
    '<a rel="attachment" href="file://{canary}">x</a>',
    '<link rel="stylesheet" href="file://{canary}">',
    '<style>@import url("file://{canary}");</style>',
    '<object data="file://{canary}"></object>',
    '<embed src="file://{canary}">',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{canary}"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="file://{canary}#a"/></svg>',
    '<style>@font-face {{ font-family: x; src: url("file://{canary}") }} p {{ font-family: x }}'
    "</style><p>x</p>",
    '<base href="file:///"><img src="{canary}">',
    '<img src="static:../../{canary}">',
    '<img src="static:%2e%2e/%2e%2e/{canary}">',
    '<img src="static://host/{canary}">',
    '<img src="http://127.0.0.1:{port}/a.png">',
    '<style>@import url("http://127.0.0.1:{port}/a.css");</style>',
    '<link rel="stylesheet" href="http://127.0.0.1:{port}/b.css">',
    '<p style="background: url(http://127.0.0.1:{port}/c.png)">x</p>',
    '<img src="ftp://127.0.0.1:{port}/d.png">',
]


@pytest.mark.parametrize("vector", VECTORS)
def test_no_vector_reads_a_file_or_calls_out(vector, tmp_path):
    canary = tmp_path / "geheim.svg"
    canary.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>KANARIE</text></svg>')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        port = listener.getsockname()[1]

        pdf = weasyprint.HTML(
            string=f"<html lang=nl><title>t</title>{vector.format(canary=canary, port=port)}",
            base_url="static:/",
            url_fetcher=StaticFetcher(),
        ).write_pdf(uncompressed_pdf=True)

        with pytest.raises(TimeoutError):
            listener.accept()
    assert b"KANARIE" not in pdf


@pytest.mark.parametrize(
    "url",
    ["static:../manage.py", "static:/etc/passwd", "file:///etc/passwd", "https://example.org/"],
)
def test_the_fetcher_refuses_what_is_not_a_static_file(url):
    with pytest.raises(ValueError, match="not a static file"):
        StaticFetcher().fetch(url)


def test_the_fetcher_gives_a_static_file():
    response = StaticFetcher().fetch("static:reports/text.css")

    assert b"DejaVu Sans" in response.read()

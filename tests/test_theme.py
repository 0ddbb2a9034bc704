"""The theme of a ministry: it comes after our own look, and without one there is a plain name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from pytest_django import Settings

from napmonitor.environment import Theme, env_theme
from napmonitor.site.menu import main_menu

OWNER = "Ministerie van Verzonnen Zaken"
STYLES = '@font-face {font-family: Own; src: url("fonts/own.woff2")} :root {--brand: #640}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "theme"
    (folder / "fonts").mkdir(parents=True)
    (folder / "theme.css").write_text(STYLES)
    (folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (folder / "owner.txt").write_text(f"{OWNER}\n")
    (folder / "fonts" / "own.woff2").write_bytes(b"wOF2")
    return folder


@pytest.fixture
def theme(folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Theme]:
    """Install the made-up theme; the files of the tests were collected without it."""
    monkeypatch.setenv("NAP_THEME", str(folder))
    theme = env_theme("NAP_THEME")
    assert theme is not None
    settings.NAP_THEME = theme
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, ("theme", theme.folder)]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    finders.get_finder.cache_clear()
    yield theme
    finders.get_finder.cache_clear()


def page(path: str = "/") -> str:
    """Return a page without content, as it is around every other."""
    request = RequestFactory().get(path)
    with translation.override("nl"):
        return render_to_string("404.html", {"request": request}, request)


def stylesheets(markup: str) -> list[str]:
    return re.findall(r'<link rel="stylesheet"(?: media="\w+")? href="/static/([^"]+)"', markup)


def test_a_theme_is_read_after_our_own_styles(theme: Theme) -> None:
    names = stylesheets(page())

    assert "theme/theme.css" in names
    assert names.index("theme/theme.css") > names.index("site/base.css")
    assert names.index("theme/theme.css") > names.index("site/tokens.css")


def test_a_logo_says_whose_it_is(theme: Theme) -> None:
    logo = re.search(r'<img [^>]*src="/static/theme/logo.svg"[^>]*>', page())

    assert logo
    assert f'alt="{OWNER}"' in logo[0]


def test_our_typeface_is_not_asked_for_beforehand_when_a_theme_has_styles(theme: Theme) -> None:
    assert 'rel="preload"' not in page()


def test_all_that_the_theme_holds_is_served(
    theme: Theme, settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path / "collected"
    call_command("collectstatic", interactive=False, verbosity=0)

    for name in ("theme.css", "logo.svg", "fonts/own.woff2"):
        assert (tmp_path / "collected" / "theme" / name).is_file()


def test_without_a_theme_there_is_a_plain_name(settings: Settings) -> None:
    settings.NAP_THEME = None
    markup = page()

    assert "<img" not in markup
    assert "theme/" not in markup
    assert "NAP-monitor</a>" in markup
    assert markup.count('rel="preload"') == 2


def test_every_file_of_a_theme_may_lack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAP_THEME", str(tmp_path))

    assert env_theme("NAP_THEME") == Theme(tmp_path)
    monkeypatch.delenv("NAP_THEME")
    assert env_theme("NAP_THEME") is None


def test_a_theme_that_cannot_be_used_stops_the_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAP_THEME", str(folder / "theme.css"))
    with pytest.raises(ImproperlyConfigured, match="NAP_THEME must be a folder"):
        env_theme("NAP_THEME")

    monkeypatch.setenv("NAP_THEME", str(folder))
    (folder / "owner.txt").write_text(" \n")
    with pytest.raises(ImproperlyConfigured, match=r"logo.svg but no owner.txt"):
        env_theme("NAP_THEME")

    (folder / "owner.txt").write_bytes(b"\xff")
    with pytest.raises(ImproperlyConfigured, match="cannot be read as text"):
        env_theme("NAP_THEME")


@pytest.mark.parametrize(
    ("view", "current"),
    [
        ("site:overview", ["page", "", "", "", "", "", ""]),
        ("actions:action-point", ["", "true", "", "", "", "", ""]),
        ("actions:ministry", ["", "", "true", "", "", "", ""]),
        ("site:reading", ["", "", "", "true", "", "", ""]),
        ("actions:documents", ["", "", "", "", "", "page", ""]),
        ("", [""] * 7),
    ],
)
def test_the_menu_says_in_which_part_of_the_site_a_page_is(view: str, current: list[str]) -> None:
    assert [item.current for item in main_menu(view)] == current

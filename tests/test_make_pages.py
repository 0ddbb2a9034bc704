"""Public pages that are made before somebody asks them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

import pytest
from django.conf import LazySettings
from django.core.cache.backends.filebased import FileBasedCache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from napmonitor.site import freshness

pytestmark = pytest.mark.django_db
SITE = "http://localhost"
Queries: TypeAlias = Callable[[int], AbstractContextManager[object]]
Captured: TypeAlias = pytest.CaptureFixture[str]


@pytest.fixture
def kept(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep pages in a folder, as processes that share it do."""
    cache = FileBasedCache(str(tmp_path), {})
    monkeypatch.setattr(freshness, "pages", lambda: cache)
    settings.NAP_CACHE_DIR, settings.NAP_BASE_URL = tmp_path, SITE
    return tmp_path


@pytest.mark.parametrize("address", ["/", "/en/", "/actiepunten/", "/actiepunten/2.e/", "/over/"])
def test_a_page_that_was_made_beforehand_takes_one_query(
    kept: Path, address: str, django_assert_num_queries: Queries
) -> None:
    call_command("make_pages")

    with django_assert_num_queries(1):
        page = Client(headers={"Host": "localhost"}).get(address)

    assert page.status_code == 200


def test_it_says_how_many_pages_are_ready(kept: Path, capsys: Captured) -> None:
    call_command("make_pages")

    said = capsys.readouterr().out
    assert int(said.split()[0]) == len(list(kept.glob("*.djcache"))) > 100


def test_without_a_folder_nothing_can_be_made_beforehand(settings: LazySettings) -> None:
    settings.NAP_CACHE_DIR = None

    with pytest.raises(CommandError, match="NAP_CACHE_DIR"):
        call_command("make_pages")


def test_a_page_that_can_not_be_made_is_named(
    kept: Path, settings: LazySettings, capsys: Captured
) -> None:
    settings.ALLOWED_HOSTS = ["elsewhere.example"]

    with pytest.raises(CommandError):
        call_command("make_pages")

    assert "400 /actiepunten/" in capsys.readouterr().err

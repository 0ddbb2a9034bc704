"""The public pages before the Nu HTML checker: no error in any of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from tests.public_site import RICHEST, WRONG, every_page, in_both_languages, with_editions

pytestmark = [pytest.mark.django_db, pytest.mark.files]

CHECKER = Path(settings.BASE_DIR) / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def errors(folder: Path, pages: dict[str, bytes]) -> list[str]:
    """Return what the checker says is wrong, each with the address of its page."""
    names = {}
    for number, (address, page) in enumerate(pages.items()):
        path = folder / f"{number}.html"
        path.write_bytes(page)
        names[path.name] = address
    options = ["--format", "json", "--exit-zero-always", "--errors-only"]
    run = subprocess.run(
        ["java", "-Xss8m", "-jar", str(CHECKER), *options, str(folder)],
        capture_output=True,
        check=True,
        text=True,
    )
    return [
        f"{names[Path(each['url']).name]} line {each.get('lastLine')}: {each['message']}"
        f" ({each.get('extract', '')!r})"
        for each in json.loads(run.stderr)["messages"]
    ]


def test_the_richest_page_of_each_type_is_valid_in_both_languages(client: Client, tmp_path: Path):
    with_editions()
    pages = {}
    for address in in_both_languages(RICHEST):
        answer = client.get(address)
        assert answer.status_code == 200, address
        pages[address] = answer.content
    for address, status in WRONG:
        answer = client.get(address)
        assert answer.status_code == status, address
        pages[address] = answer.content

    assert errors(tmp_path, pages) == []


def test_the_checker_finds_what_is_wrong(tmp_path: Path):
    page = b'<!doctype html><html lang="nl"><title>x</title><img src="x"><p id="a"><p id="a">'

    found = errors(tmp_path, {"/fout/": page})

    assert len(found) == 2
    assert all(each.startswith("/fout/ line 1") for each in found)


@pytest.mark.soak
def test_soak_every_page_is_valid(client: Client, tmp_path: Path):
    with_editions()
    # Each page leads to the same page in the other language.
    with translation.override("nl"):
        pages = every_page(client)
    assert len(pages) > 2 * len(RICHEST)

    assert errors(tmp_path, pages) == []

"""The manuals name pictures and buttons that are there, and the command makes every picture."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

MANUALS = Path(settings.BASE_DIR) / "docs" / "manuals"
ROLES = (
    "redacteur",
    "coordinator-ministerie",
    "nap-coordinator",
    "documenten-maken",
    "functioneel-beheerder",
    "lezer",
)
PICTURE = re.compile(r"!\[([^\]]+)\]\(pictures/([\w-]+)\.png\)")
# A question that somebody has, and not a button.
QUESTION = "…"
MOST, MOST_TOGETHER = 150_000, 2_000_000


def manual(role: str) -> str:
    return (MANUALS / f"{role}.md").read_text(encoding="utf-8")


def words() -> list[re.Pattern[str]]:
    """Return every Dutch text of the application, with anything where a value is filled in."""
    text = (Path(settings.BASE_DIR) / "locale/nl/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    found = re.findall(r'^msgstr(?:\[\d\])? ((?:"[^\n]*"\n)+)', text, re.MULTILINE)
    # What translators write between quotation marks is written as in a program.
    plain = ["".join(ast.literal_eval(line) for line in each.splitlines()) for each in found]
    return [
        re.compile(re.sub(r"%\\?\(\w+\\?\)[sd]|%[sd]", ".+", re.escape(each)), re.IGNORECASE)
        for each in plain
        if each
    ]


def test_each_role_has_a_manual_and_there_are_no_others() -> None:
    assert {path.stem for path in MANUALS.glob("*.md")} == {*ROLES, "README"}
    assert all(f"({role}.md)" in manual("README") for role in ROLES)


def test_each_picture_is_there_and_is_used() -> None:
    named = {name for role in ROLES for _words, name in PICTURE.findall(manual(role))}
    there = {path.stem for path in (MANUALS / "pictures").iterdir()}

    assert named == there


def test_the_command_makes_each_picture() -> None:
    story = (Path(settings.BASE_DIR) / "scripts/manual_story.py").read_text(encoding="utf-8")
    made = re.findall(r'camera\.take\(\s*"([\w-]+)"', story)

    assert len(made) == len(set(made))
    assert set(made) == {path.stem for path in (MANUALS / "pictures").iterdir()}


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (MANUALS / "pictures").iterdir()}

    assert {name: size for name, size in sizes.items() if size > MOST} == {}
    assert sum(sizes.values()) < MOST_TOGETHER


@pytest.mark.parametrize("role", ROLES)
def test_a_manual_names_no_button_that_is_not_there(role: str) -> None:
    known = words()
    text = " ".join(manual(role).split())
    bold = [each.strip(" .:") for each in re.findall(r"\*\*([^*]+)\*\*", text)]
    buttons = [each for each in bold if not each.startswith(QUESTION)]

    assert buttons
    assert [each for each in buttons if not any(one.fullmatch(each) for one in known)] == []


@pytest.mark.parametrize("role", ROLES)
def test_the_links_of_a_manual_lead_somewhere(role: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", manual(role))

    assert [each for each in links if not (MANUALS / each).exists()] == []

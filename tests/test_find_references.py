"""The command prints JSON lines whose places fit the file, or one sentence that says why not."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from actions.management.commands.find_references import Command

TEXT = "Zie Kamerstukken 32735, nr. 344 en nr. 401 (één plan), en COM(2022) 71."


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def run(file) -> str:
    """Give what the command prints."""
    out = io.StringIO()
    call_command("find_references", str(file), stdout=out)
    return out.getvalue()


def lines(file) -> list[dict[str, Any]]:
    """Give the JSON objects that the command prints, one on each line."""
    return [json.loads(line) for line in run(file).splitlines()]


def test_each_id_is_one_line_with_the_place_of_its_literal(tmp_path):
    file = tmp_path / "brief.txt"
    file.write_text(TEXT, encoding="utf-8")

    found = lines(file)

    assert [list(line) for line in found] == [["literal", "start", "end", "kind", "id", "url"]] * 3
    assert [line["id"] for line in found] == ["kst-32735-344", "kst-32735-401", "COM(2022)71"]
    assert [line["kind"] for line in found] == ["kamerstuk", "kamerstuk", "com"]
    assert found[0]["literal"] == found[1]["literal"] == "Kamerstukken 32735, nr. 344 en nr. 401"
    assert found[0]["url"] == "https://zoek.officielebekendmakingen.nl/kst-32735-344.html"
    assert all(TEXT[line["start"] : line["end"]] == line["literal"] for line in found)


def test_literals_are_printed_as_they_are(tmp_path):
    file = tmp_path / "brief.txt"
    file.write_text("Kamerstuk 32\u00a0735, nr.\u202f344", encoding="utf-8")

    assert '"literal": "Kamerstuk 32\u00a0735, nr.\u202f344"' in run(file)


def test_a_byte_order_mark_is_not_counted(tmp_path):
    plain, marked = tmp_path / "plain.txt", tmp_path / "marked.txt"
    plain.write_bytes(TEXT.encode())
    marked.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())

    assert run(marked) == run(plain)


def test_windows_line_ends_count_as_the_two_characters_they_are(tmp_path):
    file = tmp_path / "brief.txt"
    file.write_bytes(b"Een.\r\n\r\nKamerstuk 26 485, nr. \r\n405")

    (found,) = lines(file)

    assert (found["start"], found["end"]) == (8, 35)
    assert found["literal"] == "Kamerstuk 26 485, nr. \r\n405"


def test_a_dash_reads_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode()), encoding="ascii"))

    assert len(lines("-")) == 3


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", "Geen verwijzing, wél tekst.".encode()])
def test_a_text_without_references_prints_nothing(tmp_path, content):
    file = tmp_path / "brief.txt"
    file.write_bytes(content)

    assert run(file) == ""


@pytest.mark.parametrize(
    "content",
    [
        b"Kamerstuk 36547 \xff\xfe",
        "Kamerstuk 36547 één".encode("latin-1"),
        "Kamerstuk 36547".encode("utf-16"),
        b"Kamerstuk 36547\x00",
        b"PK\x03\x04\x00\x00Kamerstuk 36547",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\nKamerstuk 36547",
    ],
)
def test_what_is_no_text_is_refused_before_anything_is_printed(tmp_path, content):
    file = tmp_path / "brief.docx"
    file.write_bytes(content)
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"brief\.docx is not text in UTF-8\.$"):
        call_command("find_references", str(file), stdout=out)

    assert out.getvalue() == ""


def test_standard_input_that_is_no_text_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="ascii"))

    with pytest.raises(CommandError, match=r"^Standard input is not text in UTF-8\.$"):
        run("-")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(
        CommandError, match=r"^Cannot read .*weg\.txt: No such file or directory\.$"
    ):
        run(tmp_path / "weg.txt")


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(CommandError, match=r"^Cannot read .*: Is a directory\.$"):
        run(tmp_path)


def test_bad_input_ends_with_status_1_one_sentence_and_no_output(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "find_references", str(tmp_path / "weg.txt")])

    printed = capsys.readouterr()
    assert ended.value.code == 1
    assert printed.out == ""
    assert printed.err.startswith("CommandError: Cannot read ")
    assert len(printed.err.splitlines()) == 1

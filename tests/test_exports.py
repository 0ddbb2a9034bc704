"""Tables as files: separated for Dutch spreadsheets, and never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from odfdo import Document

from actions.exports import COLUMNS, csv_response, safe_cell
from tests import officecheck
from tests.factories import ActionPointFactory, ReportingRoundFactory
from tests.many import many_points
from tests.officecheck import even

Download: TypeAlias = Callable[[str], bytes]
Queries: TypeAlias = Callable[[int], AbstractContextManager[object]]


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+31 70 123", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", " =1+1", "=cmd|'/c'!A1"),
        *("\uff1d1+1", "\uff20SUM(A1)", "\u00a0=1+1", "\u3000\uff0b1", " \x0b-1"),
    ],
)
def test_what_looks_like_a_formula_becomes_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Stap 1 = klaar", "a-b", "'s-Gravenhage", "", 12])
def test_other_text_stays_as_it_is(value: object) -> None:
    assert safe_cell(value) == str(value)


def test_nothing_is_an_empty_cell() -> None:
    assert safe_cell(None) == ""


def test_file_comes_back_as_it_went_in() -> None:
    row = ["AP-1", 'met "aanhalingstekens"; en\neen regel', "coördinatie"]

    response = csv_response("tabel.csv", ["code", "=kop", "woord"], [row])

    text = response.content.decode("utf-8-sig")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response["Content-Disposition"] == 'attachment; filename="tabel.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(text.splitlines(keepends=True), delimiter=";")) == [
        ["code", "'=kop", "woord"],
        row,
    ]


# --- The file of the list of action points

HOSTILE = (
    "=cmd|'/c'!A1",
    "+1",
    "-1",
    "@SUM(A1)",
    "https://example.org",
    "a\x07b\ttab  twee\nregel",
    "<b>&",
)


def rows_of(content: bytes, to: str) -> list[list[str]]:
    """Return the header and rows of a file, each cell as text."""
    if to == "csv":
        return list(csv.reader(io.StringIO(content.decode())))
    if to == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    table = Document(io.BytesIO(content)).body.get_table(0)
    return [["" if cell is None else str(cell) for cell in row] for row in table.iter_values()]


@pytest.fixture
def download(client: Client) -> Callable[[str], bytes]:
    def get(address: str) -> bytes:
        response = client.get(f"/actiepunten/actiepunten.{address}")
        assert response.status_code == 200
        return response.content

    return get


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["csv", "xlsx", "ods"])
def test_every_format_holds_exactly_what_is_filtered(to: str, download: Download) -> None:
    header, *rows = rows_of(download(f"{to}?pijler=3&sorteer=titel&jaar=2023"), to)

    assert header == [column.name for column in COLUMNS]
    assert sorted(row[1] for row in rows) == [f"3.{letter}" for letter in "abcdefgh"]
    assert {row[header.index("jaar")] for row in rows} == {"2023"}
    assert {row[header.index("pijler")] for row in rows} == {"3"}
    point = next(row for row in rows if row[1] == "3.b")
    assert point[header.index("adres")].endswith("/plannen/2022-2026/actiepunten/3.b/")
    assert "n.v.t." not in point


@pytest.mark.django_db
def test_formats_say_the_same(download: Download) -> None:
    as_csv = [
        [cell[1:] if cell.startswith(("'=", "'+", "'-", "'@")) else cell for cell in row]
        for row in rows_of(download("csv"), "csv")
    ]

    assert len(as_csv) == 35
    assert rows_of(download("xlsx"), "xlsx") == as_csv
    assert [[even(cell) for cell in row] for row in rows_of(download("ods"), "ods")] == [
        [even(cell) for cell in row] for row in as_csv
    ]


@pytest.mark.django_db
@pytest.mark.files
@pytest.mark.parametrize("to", ["xlsx", "ods"])
def test_another_program_reads_the_same_in_a_file(
    to: str, download: Download, tmp_path: Path
) -> None:
    content = download(to)

    # It fills its own OpenDocument tables to a million rows, so what it read is asked as XLSX.
    files = officecheck.opened({f"lijst.{to}": content}, "xlsx", tmp_path)

    (written,) = files.values()
    assert [[even(cell) for cell in row] for row in rows_of(written, "xlsx")] == [
        [even(cell) for cell in row] for row in rows_of(content, to)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["csv", "xlsx", "ods"])
def test_the_same_data_give_the_same_bytes_in_any_language(to: str, client: Client) -> None:
    first = client.get(f"/actiepunten/actiepunten.{to}?jaar=2023")
    second = client.get(f"/en/actiepunten/actiepunten.{to}?jaar=2023")

    assert first.content == second.content
    assert first["Content-Disposition"] == second["Content-Disposition"]


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["csv", "xlsx", "ods"])
def test_no_cell_is_a_formula_or_a_link(to: str, download: Download) -> None:
    round_ = ReportingRoundFactory(released=True, plan__slug="9999-9999")
    for number, text in enumerate(HOSTILE):
        ActionPointFactory(plan=round_.plan, code=f"h{number}", title_nl=text)

    content = download(to)

    titles = [row[3] for row in rows_of(content, to)[1:]]
    if to == "csv":
        assert titles == [safe_cell(text) for text in HOSTILE]
        return
    assert [even(title) for title in titles] == [
        even(text.replace("\x07", "\ufffd")) for text in HOSTILE
    ]
    for name, part in officecheck.parts(content).items():
        if name.endswith(".xml"):
            assert b"<f>" not in part
            assert b"table:formula" not in part
            assert b"<hyperlink" not in part
            assert b"<text:a" not in part


@pytest.mark.django_db
def test_a_file_of_nothing_has_its_header(download: Download) -> None:
    for to in ("csv", "xlsx", "ods"):
        header = rows_of(download(f"{to}?tekst=bestaatniet"), to)[0]
        assert header[:3] == ["plan", "code", "officieelNummer"]


@pytest.mark.django_db
def test_what_a_file_is_called_says_what_is_in_it(client: Client) -> None:
    def name(query: str) -> str:
        return client.get(f"/actiepunten/actiepunten.csv{query}")["Content-Disposition"]

    assert name("") == 'attachment; filename="actiepunten-2022-2026-2025.csv"'
    assert "actiepunten-2022-2026-2023-gefilterd.csv" in name("?jaar=2023&pijler=1")


@pytest.mark.django_db
def test_a_file_refuses_what_the_page_refuses(client: Client) -> None:
    assert client.get("/actiepunten/actiepunten.csv?pijler=9").status_code == 400
    assert client.get("/actiepunten/actiepunten.pdf", follow=True).status_code == 404
    assert client.get("/actiepunten/actiepunten.ods?ministerie=EZ").status_code == 302


@pytest.mark.django_db
def test_names_are_those_of_the_year(download: Download) -> None:
    for year, name in ((2023, "(EZK)"), (2025, "(EZ)")):
        header, *rows = rows_of(download(f"csv?jaar={year}"), "csv")
        row = next(row for row in rows if row[1] == "1.e")
        assert row[header.index("verantwoordelijk")] == "ezk"
        assert name in row[header.index("verantwoordelijkNaam")]


@pytest.mark.django_db
def test_a_file_costs_the_same_queries_whatever_the_size(
    client: Client, django_assert_num_queries: Queries
) -> None:
    with CaptureQueriesContext(connection) as small:
        client.get("/actiepunten/actiepunten.csv")
    many_points(120, 3)

    with django_assert_num_queries(len(small)):
        client.get("/actiepunten/actiepunten.csv")

"""Tables as files: separated for Dutch spreadsheets, and never a formula."""

from __future__ import annotations

import csv

import pytest

from actions.exports import csv_response, safe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+31 70 123", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", " =1+1", "=cmd|'/c'!A1"]
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

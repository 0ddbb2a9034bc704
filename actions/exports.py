"""Tables as files that a spreadsheet opens as they are meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from django.http import HttpResponse

# A spreadsheet takes a cell that begins like this for a formula and carries it out.
_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
# Says in which encoding the file is; without it Excel guesses wrongly.
_BYTE_ORDER_MARK: Final = "\ufeff"


def csv_response(
    filename: str, header: Sequence[object], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """Return a table as a file to download, separated as Dutch spreadsheets expect it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe_cell(each) for each in header])
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(
        _BYTE_ORDER_MARK + text.getvalue(), "text/csv; charset=utf-8", headers=headers
    )


def safe_cell(value: object) -> str:
    """Return what stands in a cell, as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    # Spaces before it do not keep every spreadsheet from seeing a formula.
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_FORMULA) else text

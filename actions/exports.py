"""Tables as files that a spreadsheet opens as they are meant."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from html import escape
from typing import Final, TypeAlias

import xlsxwriter
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from odfdo import Document, Element

from actions.choices import DUTCH, Basis, ResponsibilityRole
from actions.queries.listing import PointInFile
from actions.queries.records import PlanFacts, Responsible, Round

# A spreadsheet takes a cell that begins like this for a formula and carries it out.
_STARTS_FORMULA: Final = (
    *("=", "+", "-", "@", "\t", "\r", "\n"),
    # The same signs in full width.
    *("\uff1d", "\uff0b", "\uff0d", "\uff20"),
)
# Says in which encoding the file is; without it Excel guesses wrongly.
_BYTE_ORDER_MARK: Final = "\ufeff"
# What a file in XML cannot hold.
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A file is dated by its data; this is the moment of each where nothing has a date.
_NO_MOMENT: Final = datetime(2000, 1, 1)
_SHEET: Final = "actiepunten"
# Between the values in one cell.
_BETWEEN: Final = "; "

Value: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its name, what stands in it, and its width in characters."""

    name: str
    value: Callable[[PlanFacts, PointInFile], Value]
    width: int = 16


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
    # White space before it does not keep every spreadsheet from seeing a formula.
    begins = (text.lstrip(" "), text.lstrip())
    return f"'{text}" if any(each.startswith(_STARTS_FORMULA) for each in begins) else text


def point_file(
    to: str, facts: PlanFacts, points: Iterable[PointInFile], shown: Round | None, *, some: bool
) -> HttpResponse:
    """Return these action points as a file; the same bytes for the same data, in any language.

    `to` is csv, xlsx or ods; `some` says that points were left out by a filter.
    """
    with translation.override("nl"):
        rows = [[column.value(facts, point) for column in COLUMNS] for point in points]
    parts = ("actiepunten", facts.slug, str(shown.year) if shown else "", "gefilterd" * some)
    name = "-".join(part for part in parts if part)
    title = f"Actiepunten {facts.slug}" + (f", stand over {shown.year}" if shown else "")
    sent = shown.sent_on if shown else None
    content_type, make = _FORMATS[to]
    return HttpResponse(
        make(title, datetime.combine(sent, time()) if sent else _NO_MOMENT, rows),
        content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}.{to}"'},
    )


def _csv(_title: str, _dated: datetime, rows: Iterable[Sequence[Value]]) -> bytes:
    """Return a table for machines, as open data has it: UTF-8, with commas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    return text.getvalue().encode(errors="replace")


def _xlsx(title: str, dated: datetime, rows: Iterable[Sequence[Value]]) -> bytes:
    file = io.BytesIO()
    as_text = {
        *("strings_to_formulas", "strings_to_urls", "strings_to_numbers"),
    }
    options = dict.fromkeys(as_text, False) | {"constant_memory": True}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": title, "created": dated, "language": "nl"})
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"valign": "top"})
        sheet = book.add_worksheet(_SHEET)
        sheet.freeze_panes(1, 2)
        for at, column in enumerate(COLUMNS):
            sheet.set_column(at, at, column.width, wrapped)
        for at, column in enumerate(COLUMNS):
            sheet.write_string(0, at, column.name, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(last, at, value)
                elif value:
                    sheet.write_string(last, at, _in_xml(value))
        sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    return file.getvalue()


def _ods(title: str, dated: datetime, rows: Sequence[Sequence[Value]]) -> bytes:
    document = Document("spreadsheet")
    document.meta.title = title
    document.meta.language = "nl"
    document.meta.creation_date = document.meta.date = dated
    for at, column in enumerate(COLUMNS):
        document.insert_style(_ODS_WIDTH.format(at, column.width * 0.2), automatic=True)
    document.insert_style(_ODS_BOLD, automatic=True)
    columns = "".join(_ODS_COLUMN.format(at) for at, _column in enumerate(COLUMNS))
    header = "".join(_ods_cell(column.name, ' table:style-name="kop"') for column in COLUMNS)
    body = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    document.body.clear()
    document.body.append(_element(_ODS_PLACE))
    document.body.append(
        _element(_ODS_FILTER.format(_SHEET, _letters(len(COLUMNS)), len(rows) + 1))
    )
    file = io.BytesIO()
    document.save(file)
    table = (
        f'<table:table table:name="{_SHEET}">{columns}<table:table-header-rows>'
        f"<table:table-row>{header}</table:table-row></table:table-header-rows>"
        f"{body or _ODS_EMPTY}</table:table>"
    )
    return _filled(file.getvalue(), table)


# Where the table comes in the finished file: as elements, a large plan takes minutes.
_ODS_PLACE: Final = f'<table:table table:name="{_SHEET}"/>'
_ODS_WIDTH: Final = (
    '<style:style style:name="breed{}" style:family="table-column">'
    '<style:table-column-properties style:column-width="{:.1f}cm"/></style:style>'
)
_ODS_BOLD: Final = (
    '<style:style style:name="kop" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
)
_ODS_COLUMN: Final = '<table:table-column table:style-name="breed{}"/>'
_ODS_EMPTY: Final = "<table:table-row><table:table-cell/></table:table-row>"
_ODS_FILTER: Final = (
    '<table:database-ranges><table:database-range table:name="lijst" '
    'table:target-range-address="{0}.A1:{0}.{1}{2}" table:display-filter-buttons="true"/>'
    "</table:database-ranges>"
)


def _ods_cell(value: Value, style: str = "") -> str:
    if isinstance(value, int):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    if not value:
        return "<table:table-cell/>"
    lines = "".join(
        f"<text:p>{_SPACES.sub(_kept, escape(line, quote=False))}</text:p>"
        for line in re.split("\r\n|\r|\n", _in_xml(value))
    )
    return f'<table:table-cell office:value-type="string"{style}>{lines}</table:table-cell>'


# White space that the format would otherwise make one space of, or leave out.
_SPACES: Final = re.compile("\t|^ | $|(?<= ) +")


def _kept(found: re.Match[str]) -> str:
    return "<text:tab/>" if found[0] == "\t" else f'<text:s text:c="{len(found[0])}"/>'


def _element(text: str) -> Element:
    made: Element = Element.from_tag(text)
    return made


def _letters(number: int) -> str:
    """Return the letters of a column, A for 1 and AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _filled(content: bytes, table: str) -> bytes:
    """Return an ODS file with its table, and without the moment at which it was made."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for each in old.infolist():
            part = old.read(each)
            if each.filename == "content.xml":
                before, place, after = part.partition(_ODS_PLACE.encode())
                if not place:
                    raise ValueError("The file has no place for the table.")
                part = before + table.encode() + after
            new.writestr(zipfile.ZipInfo(each.filename), part, each.compress_type)
    return file.getvalue()


def _in_xml(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


_FORMATS: Final[Mapping[str, tuple[str, Callable[[str, datetime, list[list[Value]]], bytes]]]] = {
    "csv": ("text/csv; charset=utf-8; header=present", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", _ods),
}


# --- The columns. Their names and codes never change; other files are made from them.


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _yes_no(answer: bool | None) -> str:
    return {True: "ja", False: "nee", None: ""}[answer]


def _answering(point: PointInFile) -> list[Responsible]:
    return [each for each in point.responsible if each.role != ResponsibilityRole.IMPLEMENTING]


def _carrying_out(point: PointInFile) -> list[Responsible]:
    return [each for each in point.responsible if each.role == ResponsibilityRole.IMPLEMENTING]


def _slugs(responsible: Iterable[Responsible]) -> str:
    return _BETWEEN.join(each.organisation.slug for each in responsible)


def _names(responsible: Iterable[Responsible]) -> str:
    return _BETWEEN.join(each.organisation.full for each in responsible)


def _basis(responsible: Iterable[Responsible]) -> str:
    return _BETWEEN.join(DUTCH[each.basis] for each in responsible)


def _told(point: PointInFile, name: str) -> str:
    return getattr(point.written, name) if point.written else ""


def _permanent(facts: PlanFacts, point: PointInFile) -> str:
    path = reverse("actions:plan-action-point", args=[facts.slug, point.code])
    return f"{settings.NAP_BASE_URL}{path}"


COLUMNS: Final = (
    Column("plan", lambda facts, _point: facts.slug, 11),
    Column("code", lambda _facts, point: point.code, 8),
    Column("officieelNummer", lambda _facts, point: point.official_number),
    Column("titel", lambda _facts, point: point.title_nl, 50),
    Column("titelEngels", lambda _facts, point: point.title_en, 50),
    Column("pijler", lambda _facts, point: point.pillar, 7),
    Column("pijlerNaam", lambda _facts, point: point.pillar_title, 30),
    Column("binnenPlan", lambda _facts, point: _yes_no(point.in_plan), 11),
    Column("bewijsklasse", lambda _facts, point: point.evidence_class or "", 12),
    Column(
        "bewijsklasseNaam",
        lambda _facts, point: str(point.evidence_class.label) if point.evidence_class else "",
        30,
    ),
    Column("begindatum", lambda _facts, point: _day(point.starts_on), 11),
    Column("einddatum", lambda _facts, point: _day(point.due_on), 11),
    Column("jaar", lambda _facts, point: point.year or "", 6),
    Column("voortgang", lambda _facts, point: DUTCH.get(point.progress or "", ""), 24),
    Column(
        "voortgangNaam",
        lambda _facts, point: str(point.progress.label) if point.progress else "",
        24,
    ),
    Column("voortgangAfgeleid", lambda _facts, point: _is_derived(point)),
    Column(
        "planning",
        lambda _facts, point: DUTCH[point.written.schedule] if point.written else "",
        11,
    ),
    Column(
        "looptDoor",
        lambda _facts, point: _yes_no(
            point.written.continues_after_plan if point.written else None
        ),
        10,
    ),
    Column("verantwoordelijk", lambda _facts, point: _slugs(_answering(point))),
    Column("verantwoordelijkNaam", lambda _facts, point: _names(_answering(point)), 40),
    Column("verantwoordelijkGrond", lambda _facts, point: _basis(_answering(point))),
    Column("uitvoerder", lambda _facts, point: _slugs(_carrying_out(point))),
    Column("uitvoerderNaam", lambda _facts, point: _names(_carrying_out(point)), 40),
    Column("gerapporteerdBij", lambda _facts, point: _told(point, "reported_with")),
    Column("herkomst", lambda _facts, point: DUTCH.get(_told(point, "origin"), ""), 18),
    Column("standVanZaken", lambda _facts, point: _told(point, "narrative"), 60),
    Column("vooruitblik", lambda _facts, point: _told(point, "outlook"), 40),
    Column("redenVanVervallen", lambda _facts, point: _told(point, "discontinued_reason"), 30),
    Column(
        "bronnen",
        lambda _facts, point: _BETWEEN.join(point.written.sources if point.written else ()),
        40,
    ),
    Column("bronnenActiepunt", lambda _facts, point: _BETWEEN.join(point.sources), 40),
    Column("adres", _permanent, 50),
)


def _is_derived(point: PointInFile) -> str:
    """Say of an answer whether it was derived; silence has nothing to derive."""
    if point.written is None or point.written.basis is None:
        return ""
    return _yes_no(point.written.basis == Basis.DERIVED)

"""The public data of one year as text: the same bytes for the same data, and nothing lost."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions import choices
from actions.models import OrganisationName
from reports.builder import year_snapshot
from reports.snapshot import (
    SILENT,
    Snapshot,
    SnapshotMinistry,
    SnapshotPoint,
    SnapshotSource,
    from_json,
    sha256,
    snapshot,
    to_csv,
    to_json,
)
from tests.factories import overwrite
from tests.trees import report

BZ = SnapshotMinistry("bz", "ministerie van Buitenlandse Zaken", "BZ", "lead", "stated")
POINT = SnapshotPoint(
    code="1.a",
    title="Één titel",
    pillar=1,
    in_plan=True,
    progress="in_progress",
    basis="derived",
    schedule="delayed",
    continues=True,
    responsible=(BZ, SnapshotMinistry("rvo", "RVO", "", "implementing", "derived")),
    narrative="Regel een.\n\n- punt; met “tekens”",
    outlook="Later.",
    letter_passage="Voor de brief.",
    discontinued_reason="",
    reported_with="",
    version=3,
    sources=(SnapshotSource("S1", "Kamerstuk 32 735, nr. 401", "https://example.org/"),),
)
ONE = Snapshot("2022-2026", "Het plan", 2025, (POINT,), is_released=True, by_ministries=False)


def cells(each: Snapshot) -> list[dict[str, str]]:
    text = to_csv(each).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_text_is_canonical() -> None:
    text = to_json(ONE)

    data = json.loads(text)
    assert text == json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "Één titel" in text
    assert to_json(from_json(text)) == text


def test_hash_is_that_of_the_bytes_and_of_nothing_else() -> None:
    text = to_json(ONE)

    assert sha256(text) == sha256(to_json(replace(ONE)))
    assert sha256(text) != sha256(to_json(replace(ONE, year=2024)))
    assert sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.text(), st.text(), st.sampled_from([True, False, None]), st.integers(0, 10**9))
def test_whatever_was_written_comes_back(
    title: str, narrative: str, continues: bool | None, version: int
) -> None:
    point = replace(
        POINT, title=title, narrative=narrative, continues=continues, version=version, sources=()
    )
    each = replace(ONE, points=(point, POINT))

    assert from_json(to_json(each)) == each


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "null", '{"format":1}', '{"format":2,"points":[]}', "1", '"format"'),
        to_json(ONE).replace('"title"', '"titel"'),
        to_json(ONE).replace('"sources"', '"bronnen"'),
        to_json(ONE).replace('"format":1', '"format":2'),
        to_json(ONE)[:-1],
    ],
)
def test_text_that_holds_no_snapshot_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what JSON says of it differs
        from_json(text)


def test_file_for_a_spreadsheet_has_a_row_for_each_point_in_dutch() -> None:
    content = to_csv(ONE)
    (row,) = cells(ONE)

    assert content.startswith(b"\xef\xbb\xbfjaar;code;")
    assert row["voortgang"] == "in_uitvoering"
    assert row["voortgang_basis"] == "afgeleid"
    assert row["verantwoordelijk"] == BZ.name
    assert row["uitvoerend"] == "RVO (afgeleid)"
    assert row["stand_van_zaken"] == POINT.narrative
    assert row["loopt_door_na_plan"] == "ja"
    assert "nr. 401 https://example.org/" in row["bronnen"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  ="])
def test_no_cell_is_a_formula(start: str) -> None:
    words = f"{start}HYPERLINK(1)"
    point = replace(POINT, title=words, narrative=words, outlook=words, reported_with=words)

    (row,) = cells(replace(ONE, points=(point,)))

    assert {row[name][0] for name in ("titel", "stand_van_zaken", "vooruitblik")} == {"'"}


def test_silence_is_what_the_choices_call_silence() -> None:
    assert SILENT - {""} == {each.value for each in choices.SILENCE}
    assert replace(POINT, progress="").is_silent
    assert not POINT.is_silent


def test_reading_stored_data_needs_no_django() -> None:
    code = "import sys, reports.snapshot, reports.comparison\nsys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.django_db
@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_real_year_is_stored_whole(year: int) -> None:
    found = report(year)
    each = snapshot(found)

    assert [point.code for point in each.points] == [point.row.code for point in found.points]
    assert len(each.points) == 34
    assert from_json(to_json(each)) == each
    assert len(cells(each)) == 34
    for stored, point in zip(each.points, found.points, strict=True):
        assert stored.narrative == (point.stand.narrative if point.stand else "")
        assert stored.version == (point.stand.version if point.stand else 0)


@pytest.mark.django_db
def test_same_year_is_the_same_text_until_a_name_changes() -> None:
    before = to_json(year_snapshot(2025))
    assert to_json(year_snapshot(2025)) == before

    overwrite(OrganisationName.objects.filter(organisation__slug="bz"), name="ministerie van X")

    assert to_json(year_snapshot(2025)) != before
    # What was stored keeps the name of then.
    assert "Buitenlandse Zaken" in before

"""What differs between two snapshots: who, how far, which words; silence is never progress."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from actions.differences import Kind
from reports.builder.difference import Sides, build_difference
from reports.comparison import Comparison, Movement, PointComparison, compare_snapshots
from reports.document import AnnexReport, Heading, Paragraph, Section, Standing, Table, nodes
from reports.snapshot import Snapshot, SnapshotPoint
from tests.test_snapshot import BZ, ONE, POINT
from tests.trees import ids, points, table, words

SIDES = Sides("2023", "2025")
SZW = replace(BZ, slug="szw", name="ministerie van SZW", abbreviation="SZW")
LONG = (
    "Het kabinet heeft in het afgelopen jaar twee pilots gestart met bedrijven in de textiel, en "
    "bespreekt de uitkomst daarvan met de sector."
)


def of(*each: SnapshotPoint, **other: object) -> Snapshot:
    return replace(ONE, points=each, **other)  # type: ignore[arg-type]


def one(before: SnapshotPoint, after: SnapshotPoint) -> PointComparison:
    (found,) = compare_snapshots(of(before), of(after)).points
    return found


def document(comparison: Comparison, *, is_public: bool = True) -> AnnexReport:
    moment = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
    return build_difference(comparison, SIDES, moment=moment, is_public=is_public)


def built(before: SnapshotPoint, after: SnapshotPoint) -> AnnexReport:
    return document(compare_snapshots(of(before), of(after)))


def told(found: AnnexReport) -> str:
    """Return all words of the sections."""
    parts = []
    for node in nodes(found):
        parts.append(getattr(node, "title", "") or getattr(node, "lead", ""))
        parts.append("".join(run.text for run in getattr(node, "runs", ())))
        for row in getattr(node, "rows", ()):
            for cell in row:
                parts.append(cell if isinstance(cell, str) else "".join(run.text for run in cell))
    return "\n".join(parts)


def strong(found: AnnexReport, side: str) -> list[str]:
    """Return the words in bold of one of the two texts of point 1.a."""
    return [
        run.text.strip()
        for node in nodes(found)
        if isinstance(node, Paragraph) and node.id.startswith(f"punt-1.a-narrative-{side}")
        for run in node.runs
        if run.strong
    ]


@pytest.mark.parametrize(
    ("before", "after", "movement"),
    [
        ("not_started", "in_progress", Movement.FURTHER),
        ("in_progress", "completed", Movement.FURTHER),
        ("completed", "in_progress", Movement.BACK),
        ("in_progress", "discontinued", Movement.OTHER),
        ("discontinued", "in_progress", Movement.OTHER),
        ("in_progress", "in_progress", Movement.SAME),
        ("no_status", "completed", Movement.NOW_KNOWN),
        ("", "not_started", Movement.NOW_KNOWN),
        ("completed", "not_mentioned", Movement.NOW_SILENT),
        ("in_progress", "source_missing", Movement.NOW_SILENT),
        ("no_status", "not_mentioned", Movement.STILL_SILENT),
        ("", "source_missing", Movement.STILL_SILENT),
        ("", "", Movement.STILL_SILENT),
    ],
)
def test_silence_is_neither_progress_nor_decline(
    before: str, after: str, movement: Movement
) -> None:
    found = one(replace(POINT, progress=before), replace(POINT, progress=after))

    assert found.movement is movement
    assert found.progress_differs is (before != after)
    assert found.differs is (before != after)


def test_derived_after_stated_is_told_but_is_no_movement() -> None:
    found = one(POINT, replace(POINT, basis="stated"))

    assert found.movement is Movement.SAME
    assert found.progress_differs


def test_ministry_with_another_name_is_no_other_ministry() -> None:
    renamed = replace(BZ, name="ministerie van Buitenlandse Zaken en Handel", abbreviation="BZH")
    after = replace(POINT, responsible=(renamed, *POINT.responsible[1:]))
    comparison = compare_snapshots(of(POINT), of(after))
    (found,) = comparison.points

    assert not found.ministries.changed
    assert not comparison.changed
    assert [(each.before.name, each.after.name) for each in comparison.renamed] == [
        (BZ.name, renamed.name)
    ]
    made = document(comparison)
    assert words(made, "organisaties-naam-bz") == f"{BZ.name} heet nu {renamed.name}"
    assert "organisaties-tabel" not in ids(made)


def test_who_came_and_who_went_is_told_with_the_role() -> None:
    after = replace(POINT, responsible=(SZW, replace(BZ, role="co_responsible")))
    comparison = compare_snapshots(of(POINT), of(after))
    (found,) = comparison.points

    assert [(each.slug, each.role) for each in found.ministries.came] == [
        ("szw", "lead"),
        ("bz", "co_responsible"),
    ]
    assert [(each.slug, each.role) for each in found.ministries.went] == [
        ("bz", "lead"),
        ("rvo", "implementing"),
    ]
    assert comparison.counts.ministries == 1
    ((_name, came, went),) = table(document(comparison), "organisaties-tabel")
    assert came == f"{SZW.name} (verantwoordelijk) en {BZ.name} (medeverantwoordelijk)"
    assert went == f"{BZ.name} (verantwoordelijk) en RVO (uitvoering, afgeleid)"


def test_moved_point_is_the_same_point_in_another_place() -> None:
    moved = replace(POINT, pillar=2, in_plan=False, title="Andere titel")
    other = replace(POINT, code="1.b")
    comparison = compare_snapshots(of(POINT, other), of(other, moved))
    found = next(each for each in comparison.points if each.latest.code == "1.a")

    assert found.fields == ("title", "pillar", "in_plan")
    assert [each.latest.code for each in comparison.changed] == ["1.a"]
    assert not found.is_new
    assert not found.is_gone
    made = document(comparison)
    assert "was: hoort bij het plan; is nu: valt buiten het plan" in told(made)
    assert table(made, "voortgang-buiten")[0][0] == "1.a Andere titel"


def test_order_of_the_list_is_no_difference() -> None:
    other = replace(POINT, code="1.b")

    assert not compare_snapshots(of(POINT, other), of(other, POINT)).changed


def test_new_and_gone_points_are_told_apart_and_counted() -> None:
    new, gone = replace(POINT, code="1.b"), replace(POINT, code="1.c")
    comparison = compare_snapshots(of(POINT, gone), of(POINT, new))

    assert [(each.latest.code, each.is_new, each.is_gone) for each in comparison.changed] == [
        ("1.b", True, False),
        ("1.c", False, True),
    ]
    assert (comparison.counts.new, comparison.counts.gone, comparison.counts.changed) == (1, 1, 2)
    made = document(comparison)
    assert words(made, "punt-1.b-nieuw") == "Dit onderwerp is nieuw in 2025."
    assert words(made, "punt-1.c-weg") == "Dit onderwerp staat alleen in 2023."
    assert ["1.c Één titel", "in uitvoering (afgeleid)", "–", "alleen in 2023"] in table(
        made, "voortgang-tabel"
    )


def test_points_outside_the_plan_count_nowhere() -> None:
    outside = replace(POINT, in_plan=False)
    counts = compare_snapshots(of(outside), of(replace(outside, progress="completed"))).counts

    assert (counts.points, counts.changed, sum(counts.movements.values())) == (0, 0, 0)


def test_what_a_text_says_is_not_compared_with_a_year_without_a_text() -> None:
    nothing = replace(
        POINT, version=0, progress="", basis="", schedule="", continues=None, narrative=""
    )

    assert one(nothing, POINT).fields == ()
    assert one(POINT, replace(POINT, schedule="on_schedule")).fields == ("schedule",)


def test_pieces_hold_both_texts_without_signs_for_the_layout() -> None:
    found = one(
        replace(POINT, narrative=f"### Kop\n\n{LONG}"),
        replace(POINT, narrative=f"### Kop\n\n{LONG.replace('twee', '**drie**')}"),
    )
    (change,) = found.texts

    assert change.field == "narrative"
    assert not change.is_rewritten
    kinds = {piece.text.strip(): piece.kind for piece in change.pieces}
    assert kinds["twee"] is Kind.REMOVED
    assert kinds["drie"] is Kind.ADDED
    assert change.before == f"Kop\n{LONG}"


def test_document_shows_both_texts_with_the_changed_words_in_bold() -> None:
    made = built(
        replace(POINT, narrative=LONG), replace(POINT, narrative=LONG.replace("twee", "drie"))
    )

    assert strong(made, "was") == ["twee"]
    assert strong(made, "nu") == ["drie"]
    assert words(made, "punt-1.a-narrative-was-1") == LONG
    assert words(made, "punt-1.a-narrative-nu-1") == LONG.replace("twee", "drie")


def test_text_that_is_mostly_new_has_no_bold_words() -> None:
    made = built(
        replace(POINT, narrative=LONG), replace(POINT, narrative="Iets heel anders is gebeurd.")
    )

    assert not strong(made, "was")
    assert not strong(made, "nu")
    assert words(made, "punt-1.a-narrative-nu-1") == "Iets heel anders is gebeurd."


def test_text_on_one_side_only_says_so_on_the_other() -> None:
    made = built(replace(POINT, narrative=""), replace(POINT, narrative="Eerst.\n\nDan."))

    assert words(made, "punt-1.a-narrative-was") == "Er is geen tekst."
    assert words(made, "punt-1.a-narrative-nu-2") == "Dan."


def test_only_another_layout_is_told_as_that() -> None:
    made = built(replace(POINT, narrative=LONG), replace(POINT, narrative=f"**{LONG}**"))

    assert "De woorden zijn gelijk" in words(made, "punt-1.a-narrative-opmaak")


def test_document_without_a_difference_says_so_and_nothing_more() -> None:
    made = document(compare_snapshots(ONE, ONE))

    assert words(made, "samenvatting-geen").startswith("Er is geen verschil tussen 2023 en 2025")
    assert [each.id for each in made.sections] == ["samenvatting"]


def test_document_never_calls_silence_progress() -> None:
    silent = replace(POINT, progress="not_mentioned", basis="")
    made = built(POINT, silent)

    assert table(made, "voortgang-tabel") == [
        ["1.a Één titel", "in uitvoering (afgeleid)", "niet genoemd", "alleen in 2023 een status"]
    ]
    assert "zegt dat niets over de uitvoering" in words(made, "samenvatting-2")


def test_year_that_is_not_out_is_not_called_missing() -> None:
    nothing = replace(POINT, progress="", version=0)
    comparison = compare_snapshots(of(POINT), of(nothing, is_released=False))
    asked = compare_snapshots(of(POINT), of(nothing, by_ministries=True))

    assert table(document(comparison), "voortgang-tabel")[0][2] == "nog niet vastgesteld"
    assert table(document(asked), "voortgang-tabel")[0][2] == "niet aangeleverd"


def test_document_says_when_not_all_of_it_is_public() -> None:
    comparison = compare_snapshots(ONE, ONE)
    public, internal = document(comparison), document(comparison, is_public=False)

    assert (public.standing, internal.standing) == (Standing.FINAL, Standing.CONCEPT)
    assert internal.banner is not None
    assert "Niet openbaar" in internal.banner.text
    assert public.banner is not None
    assert "Niet openbaar" not in public.banner.text
    assert public.title == "Verschil tussen de rapportages over 2023 en 2025"
    assert "14.05" in public.date_line


def test_ids_are_unique_and_headings_never_skip_a_level() -> None:
    after = replace(POINT, code="1.b", narrative="Nieuw.", outlook="Ook nieuw.")
    made = document(
        compare_snapshots(
            of(POINT, replace(POINT, code="1.b")), of(replace(POINT, narrative="X"), after)
        )
    )
    found = [node.id for node in nodes(made)]

    assert len(found) == len(set(found))
    assert set(points(made)) == {"1.a", "1.b"}
    for section in points(made).values():
        assert isinstance(section, Section)
        assert {each.level for each in section.blocks if isinstance(each, Heading)} == {1}
    assert all(sum(node.widths) == 100 for node in nodes(made) if isinstance(node, Table))


def test_two_plans_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different plans"):
        compare_snapshots(ONE, replace(ONE, plan="2027-2030"))

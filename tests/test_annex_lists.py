"""What closes the annex: what changed, the references, the colophon; and its ids."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from actions.choices import Basis, Origin, ResponsibilityRole
from actions.citations import find_references, spelled
from actions.models import StatusEntry
from actions.queries.records import Name, Registered, Responsible
from napmonitor.audit import trail
from reports.builder.annex import build_annex
from reports.builder.digest import data_digest
from reports.document import Facts, ItemList, Table, nodes
from tests.trees import annex, ids, report, section, table, words

pytestmark = pytest.mark.django_db


# --- What changed


def test_the_changes_are_against_the_last_year_with_data_and_say_so():
    document = annex(2025)

    assert section(document, "veranderd").title == "Wat er is veranderd sinds 2023"
    assert words(document, "veranderd-jaar") == (
        "De vergelijking is met 2023. Over 2024 is per onderwerp geen voortgang bekend."
    )


def test_the_table_of_changes_holds_every_point_of_the_plan_that_stands_otherwise():
    before, after = (
        dict(
            StatusEntry.objects.public()
            .in_plan()
            .filter(round__year=year)
            .values_list("action_point__code", "published_version__progress")
        )
        for year in (2023, 2025)
    )

    rows = table(annex(2025), "veranderd-voortgang-tabel")

    assert {row[0].split()[0] for row in rows} == {
        code for code in before if before[code] != after[code]
    }
    assert [
        "1.d Actieplan Arbeidsmarktdiscriminatie 2022-2025",
        "in uitvoering",
        "niet genoemd",
    ] in rows


def test_silence_is_no_change_in_the_work():
    assert "zegt dat niets over de uitvoering" in words(annex(2025), "veranderd-voortgang")


def test_the_first_year_and_a_year_without_data_say_why_nothing_is_compared():
    assert "niets om mee te vergelijken" in words(annex(2023), "veranderd-geen")
    assert "niet te maken" in words(annex(2024), "veranderd-onbekend")


def test_nothing_changed_is_said_in_words():
    each = report(2025)
    same = tuple(replace(point, compared=point.stand) for point in each.points)

    document = build_annex(replace(each, points=same))

    assert words(document, "veranderd-voortgang-geen") == (
        "De voortgang staat bij alle onderwerpen hetzelfde vermeld als in 2023."
    )
    assert "veranderd-voortgang-tabel" not in ids(document)


def test_a_new_name_of_a_ministry_is_no_change_of_who_answers():
    assert words(annex(2025), "veranderd-verantwoordelijk-geen") == (
        "In de verantwoordelijke en uitvoerende organisaties zijn geen wijzigingen bekend."
    )


def test_who_came_and_who_went_is_shown():
    each = report(2025)
    first = each.points[0]
    other = Responsible(
        Name("szw", "ministerie van SZW", "SZW"), ResponsibilityRole.LEAD, Basis.STATED
    )
    moved = replace(first, row=replace(first.row, responsible=(other,)))

    rows = table(
        build_annex(replace(each, points=(moved, *each.points[1:]))),
        "veranderd-verantwoordelijk-tabel",
    )

    assert rows[0][1] == "ministerie van SZW (verantwoordelijk)"
    assert rows[0][2].startswith("ministerie van Buitenlandse Zaken (verantwoordelijk, afgeleid)")


def test_a_point_without_any_earlier_year_is_new():
    each = report(2025)
    new = replace(each.points[5], previous=None, compared=None)

    document = build_annex(replace(each, points=(*each.points[:5], new, *each.points[6:])))

    assert words(document, "veranderd-nieuw-1.f").endswith("(in uitvoering (afgeleid))")
    assert "1.f" not in str(table(document, "veranderd-voortgang-tabel"))


# --- References


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_every_official_reference_is_listed_once_and_spelled_the_one_way(year):
    document = annex(year)
    list_ = section(document, "verwijzingen")
    lines = [item for block in list_.blocks if isinstance(block, ItemList) for item in block.items]
    rest = replace(document, sections=tuple(s for s in document.sections if s != list_))

    named = {
        found.id
        for node in nodes(rest)
        for runs in _runs(node)
        for found in find_references("".join(run.text for run in runs))
    }

    names = [line.runs[0].text for line in lines]
    assert len(names) == len(set(names))
    assert {spelled(each) or each for each in named} <= set(names)
    assert all(line.runs[0].href for line in lines)


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_every_official_reference_is_a_link(year):
    unlinked = [
        (node.id, run.text)
        for node in nodes(annex(year))
        for runs in _runs(node)
        for run in runs
        if not run.href and find_references(run.text)
    ]

    assert unlinked == []


def _runs(node: object):
    if isinstance(node, Table):
        return [cell for row in node.rows for cell in row]
    if isinstance(node, Facts):
        return [value for _name, value in node.rows]
    return [node.runs] if hasattr(node, "runs") else []


def test_a_reference_bears_the_title_that_the_register_knows():
    assert words(annex(2025), "verwijzing-kst-32735-401") == (
        "Kamerstuk 32 735, nr. 401: Brief bij de voortgangsrapportage 2024 van het NAP"
    )


def test_references_stand_by_kind_and_number():
    headings = [
        block.runs[0].text
        for block in section(annex(2025), "verwijzingen").blocks
        if not isinstance(block, ItemList)
    ]
    numbers = [
        item.id
        for block in section(annex(2023), "verwijzingen").blocks
        if isinstance(block, ItemList)
        for item in block.items
        if item.id.startswith("verwijzing-kst-22112")
    ]

    assert headings[:2] == ["Kamerstukken", "Kamerdossiers"]
    assert numbers == sorted(numbers, key=lambda each: int(each.rpartition("-")[2]))
    assert len(numbers) > 3


def test_two_numbers_of_one_document_are_one_reference():
    each = report(2025)
    first = each.points[0]
    described = replace(first, description="Zie 2023D44741 en Kamerstuk 32 735, nr. 377.")
    unknown = replace(each, points=(described, *each.points[1:]))
    numbers = ("kst-32735-377", "2023D44741")
    known = replace(unknown, register=(*each.register, Registered(numbers, "Brief")))
    both = {f"verwijzing-{number}" for number in numbers}

    assert both <= ids(build_annex(unknown))
    assert both & ids(build_annex(known)) == {"verwijzing-kst-32735-377"}


# --- Colophon


def test_the_colophon_names_the_edition_the_date_the_data_and_the_audit_trail():
    each = report(2025)
    assert each.audit is not None
    rows = {
        name: "".join(run.text for run in value)
        for block in annex(2025).colophon
        if isinstance(block, Facts)
        for name, value in block.rows
    }

    assert rows["Editie"] == "reconstructie, geen editie"
    assert rows["Datum van de brief"].replace("\N{NO-BREAK SPACE}", " ") == "26 januari 2026"
    assert rows["Gegevens (SHA-256)"].replace(" ", "") == data_digest(each)
    assert rows["Auditspoor"].replace(" ", "") == (
        f"gebeurtenis{each.audit.sequence},{each.audit.hash}"
    )


def test_a_concept_has_no_edition_number_yet():
    (each,) = [block for block in annex(2026).colophon if isinstance(block, Facts)]

    assert each.rows[0][1][0].text == "concept, nog geen editienummer"


def test_a_year_that_was_sent_is_no_concept_in_its_colophon():
    each = report(2025)
    points = tuple(
        replace(point, stand=replace(point.stand, origin=Origin.REPORTED)) if point.stand else point
        for point in each.points
    )

    document = build_annex(replace(each, points=points))

    (rows,) = [block.rows for block in document.colophon if isinstance(block, Facts)]
    assert rows[0][1][0].text == "nog geen editienummer"
    assert document.banner is not None
    assert document.banner.text == (
        "Gemaakt uit de gepubliceerde gegevens. Dit is niet het verzonden document zelf."
    )
    assert "Volgens het kabinet" not in str(document)


@pytest.mark.parametrize(
    ("waiting", "told"), [(1, "1 tekst die nog niet is"), (2, "2 teksten die nog niet zijn")]
)
def test_a_year_that_was_sent_with_a_text_that_is_not_out_is_not_called_public(waiting, told):
    each = report(2025)
    stands = [
        replace(point.stand, origin=Origin.REPORTED, is_public=at >= waiting)
        for at, point in enumerate(each.points)
        if point.stand
    ]
    points = tuple(
        replace(point, stand=stand) for point, stand in zip(each.points, stands, strict=True)
    )

    document = build_annex(replace(each, points=points))

    assert document.banner is not None
    assert document.banner.text == (
        f"Niet openbaar. Gemaakt uit de gepubliceerde gegevens en {told} gepubliceerd. "
        "Dit is niet het verzonden document zelf."
    )


def test_the_code_of_the_data_changes_with_any_of_it_and_with_nothing_else():
    each = report(2025)
    first = each.points[0]
    other = replace(each, points=(replace(first, time_path="Later."), *each.points[1:]))

    assert data_digest(report(2025)) == data_digest(each)
    assert data_digest(other) != data_digest(each)
    assert data_digest(replace(each, audit=None)) == data_digest(each)


def test_reading_a_document_does_not_change_it():
    before = annex(2025)

    trail.record("document.read", actor=None, label="Voortgangsrapportage 2025")

    assert annex(2025) == before


def test_work_on_a_text_of_the_year_moves_the_link_and_work_on_another_year_does_not():
    before = report(2025).audit
    assert before is not None

    trail.record("entry.approve", actor=None, about=_entry(2023))
    same = report(2025).audit
    trail.record("entry.approve", actor=None, about=_entry(2025))
    moved = report(2025).audit

    assert same == before
    assert moved is not None
    assert moved.sequence > before.sequence


def _entry(year: int) -> StatusEntry:
    return StatusEntry.objects.filter(round__year=year, round__plan__slug="2022-2026")[0]


def test_ids_stay_the_same_when_other_parts_change():
    whole = report(2025)
    fewer = replace(
        whole, points=tuple(each for each in whole.points if each.row.code != "1.f"), previous=None
    )

    before = {node.id: node for node in nodes(build_annex(whole))}
    after = {node.id: node for node in nodes(build_annex(fewer))}

    assert set(after) < set(before)
    assert all(re.match("punt-1.f|veranderd-jaar", each) for each in set(before) - set(after))
    assert after["punt-2.a-stand-1"] == before["punt-2.a-stand-1"]

"""What the annex over a year says, looked at as a tree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.choices import Progress
from actions.queries import public
from reports.builder import DocumentKind, build
from reports.builder.annex import build_annex
from reports.document import AnnexReport, Facts, Section, Table, nodes

pytestmark = pytest.mark.django_db


def annex(year: int) -> AnnexReport:
    document = build(DocumentKind.ANNEX, year)
    assert isinstance(document, AnnexReport)
    return document


def points(document: AnnexReport) -> dict[str, Section]:
    return {
        inner.id.removeprefix("punt-"): inner
        for section in document.sections
        for inner in section.sections
    }


def facts(section: Section) -> dict[str, str]:
    (block,) = [block for block in section.blocks if isinstance(block, Facts)]
    return {name: "".join(run.text for run in value) for name, value in block.rows}


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_every_subject_has_a_block_and_the_one_outside_the_plan_stands_apart(year):
    document = annex(year)

    assert len(points(document)) == 34
    (outside,) = [section for section in document.sections if section.id == "buiten-plan"]
    assert [inner.id for inner in outside.sections] == ["punt-2.f"]


def test_a_block_names_who_answered_by_the_name_of_that_year():
    assert "Economische Zaken en Klimaat" in facts(points(annex(2023))["1.e"])["Verantwoordelijk"]
    assert "Klimaat" not in facts(points(annex(2025))["1.e"])["Verantwoordelijk"]


def test_derived_responsibility_and_progress_say_so():
    each = facts(points(annex(2025))["2.a"])

    assert each["Verantwoordelijk"] == "ministerie van Buitenlandse Zaken (afgeleid)"
    assert each["Voortgang 2025"] == "in uitvoering (afgeleid)"


def test_a_stated_progress_bears_no_mark():
    assert facts(points(annex(2023))["1.d"])["Voortgang 2023"] == "in uitvoering"


def test_silence_is_shown_as_what_it_is():
    each = facts(points(annex(2025))["1.c"])

    assert each["Voortgang 2025"] == "niet genoemd"
    assert each["Voortgang 2024"] == "rapportage niet beschikbaar"


def test_the_figures_add_up_to_the_points_in_the_plan_and_none_is_completed():
    (table,) = [
        node
        for node in nodes(annex(2025))
        if isinstance(node, Table) and node.id == "samenvatting-cijfers"
    ]
    totals = ["".join(run.text for run in cell) for cell in table.rows[-1]]

    assert totals[0] == "Samen"
    assert sum(int(each) for each in totals[1:-1]) == int(totals[-1]) == 33
    assert "Afgerond" not in table.header


def test_a_summary_with_every_kind_of_progress_still_fits_its_columns():
    plan = public.plan_facts()
    assert plan is not None
    report = public.year_report(plan, 2025)
    assert report is not None
    pillars = tuple(replace(pillar, counts=dict.fromkeys(Progress, 1)) for pillar in report.pillars)

    document = build_annex(replace(report, pillars=pillars))

    (table,) = [
        node
        for node in nodes(document)
        if isinstance(node, Table) and node.id == "samenvatting-cijfers"
    ]
    assert sum(table.widths) == 100
    assert min(table.widths) > 0


def test_the_reading_guide_says_that_this_is_a_working_list():
    (guide,) = [section for section in annex(2025).sections if section.id == "leeswijzer"]
    words = "".join(run.text for run in guide.blocks[0].runs)

    assert "33 actiepunten" in words
    assert "officiële lijst is nog niet ingevoerd" in words
    assert "13 van klasse A, 14 van klasse B, 2 van klasse C, 4 van klasse D" in words


def test_the_ids_of_all_nodes_differ():
    ids = [node.id for node in nodes(annex(2025))]

    assert len(ids) == len(set(ids))

"""What the annex over a year says of each action point, and its figures, as a tree."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from actions.choices import Origin, Progress, Schedule
from actions.queries import public
from actions.queries.records import AuditLink
from reports.builder.annex import build_annex
from reports.builder.standing import Imprint, working_list
from reports.builder.texts import columns, linked
from reports.document import AnnexReport, Chart, Facts, Heading, ItemList, Paragraph, Table, nodes
from tests.trees import annex, facts, points, report, table, words

pytestmark = pytest.mark.django_db


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
    assert columns("Afgerond")[0] not in table.header


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


@pytest.mark.parametrize("year", [2023, 2025])
def test_a_year_with_only_a_letter_is_no_reconstruction_of_a_report(year):
    document = annex(year)

    assert document.banner is not None
    assert document.banner.text == (
        "Reconstructie uit openbare bronnen. Er is een brief verzonden, geen rapportage."
    )
    assert _calls_itself_an_overview(document)


def test_a_year_whose_report_was_not_there_to_read_is_no_reconstruction_of_it_either():
    document = annex(2024)

    assert document.banner is not None
    assert document.banner.text == (
        "Reconstructie uit openbare bronnen. De verzonden rapportage was niet beschikbaar."
    )
    assert _calls_itself_an_overview(document)


def _calls_itself_an_overview(document: AnnexReport) -> bool:
    told = words(document, "verantwoording-1")
    (heading,) = [each for each in document.colophon if each.id == "verantwoording"]
    return (
        document.title == f"Overzicht voortgang {document.year}"
        and document.date_line.startswith("Gemaakt uit openbare bronnen. De brief aan de Tweede")
        and told.startswith("NAP-monitor heeft dit overzicht gemaakt")
        and "Dit overzicht is niet ondertekend" in told
        and isinstance(heading, Heading)
        and heading.runs[0].text == "Over dit overzicht"
    )


def test_a_year_whose_report_is_known_is_a_reconstruction_of_it():
    each = report(2025)
    known = replace(each, round=replace(each.round, report=each.round.letter))

    document = build_annex(known)

    assert document.title == "Voortgangsrapportage 2025"
    assert document.date_line.replace("\N{NO-BREAK SPACE}", " ") == "26 januari 2026"
    assert document.banner is not None
    assert "niet de rapportage die is verzonden" in document.banner.text
    assert "Deze reconstructie is niet ondertekend" in words(document, "verantwoording-1")


def test_the_cover_of_a_concept_says_what_is_not_known_yet():
    document = annex(2026)

    assert document.title == "Voortgangsrapportage 2026"
    assert document.date_line == "Datum: nog niet bekend"


def test_a_plan_without_points_and_with_one_say_so_in_good_dutch():
    plan = report(2025).plan
    empty = replace(plan, in_plan=0, officially_numbered=0, expected=None)
    one = replace(empty, in_plan=1, officially_numbered=1)

    assert working_list(empty) == "Er zijn nog geen actiepunten ingevoerd."
    assert working_list(one) == (
        "Het plan telt 1 actiepunt, met het officiële nummer en de officiële tekst."
    )


@pytest.mark.parametrize(
    ("name", "together"),
    [
        ("R.J. Klever", "R.J.~Klever"),
        ("A.B. van der Velde", "A.B.~van~der~Velde"),
        ("Aukje de Vries", "Aukje de Vries"),
        ("art. 5 en blz. Drie", "art. 5 en blz. Drie"),
    ],
)
def test_no_line_ends_between_initials_and_a_surname(name, together):
    runs = linked(f"Zo schreef {name}.")

    assert "".join(run.text for run in runs) == (f"Zo schreef {together.replace('~', chr(0xA0))}.")


# --- Colophon


def _edition(document: AnnexReport) -> dict[str, str]:
    (each,) = [block for block in document.colophon if isinstance(block, Facts)]
    return {name: "".join(run.text for run in value) for name, value in each.rows}


def test_an_edition_names_its_number_the_day_it_was_frozen_and_the_trail_as_it_ended_then():
    frozen = Imprint("2", date(2026, 1, 20), AuditLink(4000, "ab" * 32))
    document = build_annex(report(2025), frozen)

    rows = {
        name: value.replace("\N{NO-BREAK SPACE}", " ") for name, value in _edition(document).items()
    }
    assert rows["Editie"] == "2"
    assert rows["Bevroren op"] == "20 januari 2026"
    assert rows["Auditspoor"] == f"gebeurtenis 4000, {' '.join(['abababab'] * 8)}"
    assert words(document, "editie-1").endswith("op het moment dat deze editie is bevroren.")


def test_what_is_no_edition_says_that_it_names_only_work_on_its_texts():
    document = annex(2025)

    assert "Bevroren op" not in _edition(document)
    assert "de laatste gebeurtenis over de teksten van dit jaar" in words(document, "editie-1")


# --- Blocks


def test_a_block_shows_this_year_the_year_before_and_the_last_year_with_data():
    each = facts(points(annex(2025))["1.d"])

    assert each["Voortgang 2025"] == "niet genoemd"
    assert each["Voortgang 2024"] == "rapportage niet beschikbaar"
    assert each["Voortgang 2023"] == "in uitvoering"


def test_a_year_that_is_not_out_is_undecided_and_never_called_unavailable():
    document = annex(2026)

    assert facts(points(document)["1.d"])["Voortgang 2026"] == "nog niet vastgesteld"
    assert table(document, "samenvatting-cijfers")[-1] == ["Samen", "33", "33"]
    assert ["Nog niet vastgesteld", "Er is over dit jaar nog geen tekst vastgesteld."] in table(
        document, "leeswijzer-voortgang"
    )


def test_a_block_tells_what_the_point_is_in_the_official_words_when_they_are_known():
    each = report(2025)
    known = replace(each.points[0], official_number="1", official_text="Wij doen het.")

    ours = points(build_annex(each))["1.a"]
    official = points(build_annex(replace(each, points=(known, *each.points[1:]))))["1.a"]

    leads = [block.lead for point in (ours, official) for block in point.blocks if _is_what(block)]
    assert leads == ["Omschrijving.", "Officiële tekst van actiepunt 1."]


def _is_what(block: object) -> bool:
    return isinstance(block, Paragraph) and "-tekst-" in block.id


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_every_text_of_a_year_bears_its_version_and_stands_with_its_sources(year):
    for section in points(annex(year)).values():
        texts = [block for block in section.blocks if isinstance(block, Paragraph)]
        if any(text.versions for text in texts):
            assert [block for block in section.blocks if isinstance(block, ItemList)]
        for text in texts:
            assert bool(text.versions) == bool(re.search("-(stand|vooruit|samen)", text.id))


@pytest.mark.parametrize(
    ("released", "told"),
    [
        (False, "De tekst over dit onderwerp komt bij {} te staan en is nog niet vastgesteld."),
        (True, "De tekst over dit onderwerp zou bij {} staan, maar is niet vastgesteld."),
    ],
)
def test_a_text_that_stands_with_another_is_not_said_to_be_there_before_it_is(released, told):
    each = report(2025)
    (covered,) = [point for point in each.points if point.row.code == "1.a"]
    assert covered.stand is not None
    covering = covered.stand.reported_with
    points = tuple(
        replace(point, stand=None) if point.row.code == covering else point for point in each.points
    )
    round_ = replace(each.round, is_released=released)

    document = build_annex(replace(each, points=points, round=round_))

    assert words(document, "punt-1.a-samen") == told.format(covering)
    assert words(build_annex(each), "punt-1.a-samen") == (
        f"De tekst bij {covering} gaat ook over dit onderwerp."
    )


def test_a_text_that_a_ministry_supplied_names_the_ministry_as_its_source():
    each = report(2025)
    stand = each.points[4].stand
    assert stand is not None
    supplied = replace(
        *(stand,),
        **{"origin": Origin.REPORTED, "version": 3, "sources": (), "narrative": "Het loopt."},
        schedule=Schedule.DELAYED,
        continues_after_plan=True,
    )
    changed = replace(each.points[4], stand=supplied)

    document = build_annex(replace(each, points=(*each.points[:4], changed, *each.points[5:])))

    assert words(document, "punt-1.e-bronnenlijst-opgave") == (
        "Opgave van het ministerie van Economische Zaken, versie 3 van de tekst"
    )
    assert facts(points(document)["1.e"])["Planning"] == "vertraagd"
    assert facts(points(document)["1.e"])["Loopt door na het plan"] == "ja"


# --- Figures


def test_the_charts_say_what_their_tables_say():
    document = annex(2025)
    charts = {each.id: each for each in nodes(document) if isinstance(each, Chart)}

    for chart, beside in (
        ("samenvatting-grafiek", "samenvatting-cijfers"),
        ("samenvatting-jaren-grafiek", "samenvatting-jaren"),
    ):
        rows = [row for row in table(document, beside) if row[0] != "Samen"]
        assert [row[0] for row in rows] == list(charts[chart].bars)
        for place, row in enumerate(rows):
            numbers = [each.values[place] for each in charts[chart].series]
            assert [str(number) for number in numbers] == row[1:-1]
            assert all(str(number) in charts[chart].alternative for number in numbers if number)


def test_a_year_stands_beside_the_last_year_with_data():
    assert [row[0] for row in table(annex(2025), "samenvatting-jaren")] == ["2023", "2025"]


@pytest.mark.parametrize("year", [2024, 2026])
def test_a_year_of_which_nothing_is_known_has_no_chart(year):
    assert not [node for node in nodes(annex(year)) if isinstance(node, Chart)]

"""The decision note: what it says of a year, where that stands, and what stays inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from actions import editing, workflow
from actions.choices import EntryState
from actions.models import Office, OfficeHolding, PlanParticipant
from actions.queries import decision
from napmonitor.accounts.models import User
from reports.builder import (
    HandledRemark,
    TakenDecision,
    build_decision_note,
    build_note,
    known_names,
    public_note,
    read_year,
)
from reports.builder.note import Pages
from reports.document import DecisionNote, DocumentKind, Facts, Item, Paragraph, Standing, nodes
from reports.names import Names, Official, find_names
from tests import factories
from tests.workflow_people import Cast, cast, content

pytestmark = pytest.mark.django_db

PAGES: Pages = {
    DocumentKind.LETTER: {"pijler-1": 1, "pijler-2": 3},
    DocumentKind.ANNEX: {"pijler-1": 5, "punt-1.a": 6},
}


def texts(note: DecisionNote, section: str) -> list[str]:
    """Return the sentences and points of one section, with the words that open them."""
    found = next(each for each in note.sections if each.id == section)
    items = [item for block in found.blocks for item in getattr(block, "items", (block,))]
    return [
        f"{getattr(each, 'lead', '')} {''.join(run.text for run in each.runs)}".strip()
        for each in items
        if isinstance(each, Paragraph | Item)
    ]


def head(note: DecisionNote) -> dict[str, str]:
    assert isinstance(note.head, Facts)
    return {name: "".join(run.text for run in runs) for name, runs in note.head.rows}


def of(people: Cast, pages: Pages = PAGES) -> DecisionNote:
    return build_decision_note(people.round.year, pages, plan=people.round.plan.slug)


def even(words: str) -> str:
    return words.replace("\N{NO-BREAK SPACE}", " ")


def test_a_reconstruction_of_a_known_note_bears_its_date_and_reference_and_links_to_it():
    note = build_decision_note(2024, PAGES)

    assert note.standing == Standing.RECONSTRUCTED
    assert note.banner is not None
    assert note.banner.text == (
        "Reconstructie uit openbare bronnen. Dit is niet de nota die is voorgelegd."
    )
    assert even(note.banner.link_text) == "De openbare nota: bijlage bij Kamerstuk 32 735, nr. 401"
    assert note.banner.href == "https://zoek.officielebekendmakingen.nl/kst-32735-401.html"
    assert note.dated == date(2024, 10, 14)
    assert even(note.date_line) == "14 oktober 2024"
    assert [(each.heading, even(each.lines[0])) for each in note.references[:2]] == [
        ("Datum", "14 oktober 2024"),
        ("Onze referentie", "BZ2405682"),
    ]
    assert [even(each) for each in texts(note, "besluit")] == [
        "Zie de openbare nota van 14 oktober 2024 (BZ2405682)."
    ]
    assert head(note)["Uiterlijk bij"] == "zie de openbare nota"


@pytest.mark.parametrize("year", [2023, 2025])
def test_where_no_note_is_known_the_document_says_that_it_reconstructs_none(year):
    note = build_decision_note(year, PAGES)

    nothing = "Over dit jaar is geen nota bekend. Dit overzicht is gemaakt uit openbare bronnen."
    assert note.banner is not None
    assert note.banner.text == nothing
    assert texts(note, "besluit") == [nothing]
    assert (note.dated, note.date_line) == (None, "niet bekend")
    assert [each.lines for each in note.references[:2]] == [("niet bekend",)] * 2
    assert head(note)["Uiterlijk bij"] == "niet bekend"
    assert "deze nota" not in str(note).casefold()


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_who_signed_the_letter_is_not_taken_for_who_the_note_went_to(year):
    found = head(build_decision_note(year, PAGES))

    assert found["Aan"] == found["Van"] == found["Afgestemd met"] == "niet bekend"


def test_a_note_that_is_still_to_be_decided_asks_for_a_decision():
    note = build_decision_note(2026, PAGES)

    assert note.standing == Standing.CONCEPT
    assert texts(note, "besluit")[0] == (
        "Akkoord te gaan met de Kamerbrief ‘Voortgang in 2026 van het Nationaal Actieplan "
        "bedrijfsleven en mensenrechten 2022-2026’ en de voortgangsrapportage."
    )
    assert head(note)["Uiterlijk bij"] == head(note)["Van"] == "nog in te vullen"


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_the_promise_to_parliament_stands_in_the_occasion_without_a_day_nobody_named(year):
    note = build_decision_note(year, PAGES)

    assert "Toegezegd is jaarlijks in september; een dag is niet genoemd." in texts(
        note, "aanleiding"
    )
    assert "30 september" not in even(str(note))


def test_a_promised_day_is_named_when_that_is_all_that_is_known():
    people = cast(promised_on=date(2032, 9, 30))

    assert even(texts(of(people), "aanleiding")[1]) == (
        "Aan de Kamer is toegezegd dit uiterlijk op 30 september 2032 te doen."
    )


def test_a_note_over_a_letter_that_is_sent_asks_for_no_decision():
    people = cast(sent=True)
    people.bring(people.entry, EntryState.APPROVED)
    workflow.publish_round(people.round, actor=people.first)

    note = of(people)

    assert note.banner is not None
    assert note.banner.text == (
        "Gemaakt uit de gepubliceerde gegevens. Dit is niet het verzonden document zelf."
    )
    (advised,) = texts(note, "besluit")
    assert advised.endswith("Er wordt geen besluit meer gevraagd.")
    assert "goedgekeurd" not in " ".join(texts(note, "toelichting"))
    assert "nog in te vullen" not in head(note).values()


def test_annexes_are_those_of_the_letter_without_the_note_itself():
    attached = head(build_decision_note(2024, PAGES))["Bijlagen"]

    assert "Voortgangsrapportage" in attached
    assert "beslisnota" not in attached.casefold()
    assert head(build_decision_note(2023, PAGES))["Bijlagen"] == "Kamerbrief"


def test_key_points_say_on_which_pages_of_letter_and_annex_they_stand():
    first, second, third = pillars(2026)

    assert "(zie Kamerbrief p. 1, voortgangsrapportage p. 5)" in first
    assert "(zie Kamerbrief p. 3)" in second
    assert "zie" not in third


def pillars(year: int) -> list[str]:
    found = texts(build_decision_note(year, PAGES), "kernpunten")
    return [even(text) for text in found if text.startswith("Pijler ")]


def test_pages_of_a_reconstruction_are_called_so_and_none_is_of_a_report_that_was_not_sent():
    both = "(zie in deze reconstructie Kamerbrief p. 1, voortgangsrapportage p. 5)"
    assert both in pillars(2024)[0]
    for year in (2023, 2025):
        assert "(zie in deze reconstructie Kamerbrief p. 1)" in pillars(year)[0]


def test_a_report_that_was_not_available_is_told_in_a_sentence():
    assert pillars(2024)[0].startswith(
        "Pijler 1, 20 onderwerpen op de werklijst: van alle 20 is de rapportage niet beschikbaar"
    )


def test_silence_is_never_called_completed():
    points = " ".join(texts(build_decision_note(2025, PAGES), "kernpunten"))

    assert "niet genoemd" in points
    assert "afgerond" not in points


def test_a_note_says_how_far_the_texts_are():
    people = cast(points=3)
    people.bring(people.entries[0], EntryState.APPROVED)
    people.bring(people.entries[1], EntryState.RETURNED)

    told = texts(of(people), "toelichting")

    codes = [entry.action_point.code for entry in people.entries]
    assert "Van de 3 teksten is er 1 goedgekeurd." in told
    assert f"Teruggestuurd naar het ministerie: {codes[1]}." in told
    assert f"Nog niet ingediend: {codes[2]}." in told


@pytest.mark.parametrize(
    ("points", "approved", "told"),
    [
        (1, 0, "De enige tekst is nog niet goedgekeurd."),
        (1, 1, "De enige tekst is goedgekeurd."),
        (3, 0, "Van de 3 teksten is nog geen enkele goedgekeurd."),
        (3, 2, "Van de 3 teksten zijn er 2 goedgekeurd."),
    ],
)
def test_how_many_texts_are_approved_is_said_in_good_dutch(points, approved, told):
    people = cast(points=points)
    for entry in people.entries[:approved]:
        people.bring(entry, EntryState.APPROVED)

    assert told in texts(of(people), "toelichting")


def test_who_was_not_asked_about_one_of_its_points_did_not_agree():
    people = cast()
    people.bring(people.entry, EntryState.APPROVED)
    assert head(of(people))["Afgestemd met"] != "nog in te vullen"

    factories.ActionPointFactory(
        plan=people.round.plan, lead=people.lead, co_responsible=people.partner
    )

    assert head(of(people))["Afgestemd met"] == "nog in te vullen"


def test_a_point_outside_the_plan_without_an_entry_stops_nobody():
    people = cast()
    people.bring(people.entry, EntryState.APPROVED)
    factories.ActionPointFactory(plan=people.round.plan, lead=people.lead, in_plan=False)

    assert str(people.lead.names.get().name) in head(of(people))["Afgestemd met"]


def test_who_agreed_is_who_has_all_texts_approved_and_signed_off():
    people = cast(points=2)
    people.bring(people.entries[0], EntryState.APPROVED)
    assert head(of(people))["Afgestemd met"] == "nog in te vullen"

    people.bring(people.entries[1], EntryState.APPROVED)

    agreed = head(of(people))["Afgestemd met"]
    for each in (people.lead, people.partner):
        assert str(each.names.get().name) in agreed


def test_who_did_not_sign_off_did_not_agree():
    people = cast()
    people.write(people.entry)
    workflow.submit(people.entry, actor=people.submitter)
    workflow.approve(people.entry, actor=people.first, note="They were asked twice.")

    agreed = head(of(people))["Afgestemd met"]

    assert str(people.lead.names.get().name) in agreed
    assert str(people.partner.names.get().name) not in agreed


@pytest.fixture
def people() -> Cast:
    """A round with a note inside on one text, and another that was not supplied."""
    people = cast(points=2)
    noted = content(internal_note="Eerste regel.\n\nTweede regel.")
    editing.save_text(people.entries[0], noted, author=people.editor, read_version=0)
    workflow.mark_not_supplied(people.entries[1], actor=people.first, reason="Niemand wilde.")
    return people


def test_internal_notes_and_reasons_stand_inside_with_a_ground(people):
    inside = [node for node in nodes(of(people)) if node.is_internal]

    assert [node.ground for node in inside] == ["5.2.1"] * 3
    told = " ".join(texts(of(people), "niet-openbaar"))
    for words in ("Eerste regel.", "Tweede regel.", "Niemand wilde."):
        assert words in told


def test_the_public_note_says_the_ground_in_their_place(people):
    public = public_note(of(people))

    assert texts(public, "niet-openbaar") == ["[5.2.1]"]
    explained = [node for node in nodes(public) if node.id == "gronden-lijst-1"]
    assert "persoonlijke beleidsopvattingen" in explained[0].runs[0].text


def test_names_that_are_left_out_bring_their_own_ground():
    note = build_decision_note(2025, PAGES)
    named = replace(note, subject="Vraag van Anna Bakker")

    public = public_note(named, Names([Official("Anna Bakker")]))

    assert public.subject == "Vraag van [5.1.2e]"
    assert any("de persoonlijke levenssfeer" in run.text for run in _runs(public))


def _runs(note: DecisionNote):
    return [run for node in nodes(note) for run in getattr(node, "runs", ())]


def test_a_note_without_anything_inside_explains_no_grounds():
    note = public_note(build_decision_note(2026, PAGES))

    assert texts(note, "niet-openbaar") == ["Niet van toepassing."]
    assert not [node for node in nodes(note) if node.id.startswith("gronden")]


def test_remarks_are_handled_point_by_point_with_their_place_then_and_now():
    def remark(node_id: str, before: int | None = None) -> HandledRemark:
        return HandledRemark(
            "Korter.",
            "verwerkt",
            "Zie Kamerstuk 32 735, nr. 377.",
            DocumentKind.ANNEX,
            node_id,
            before,
        )

    remarks = [remark("punt-1.a", 21), remark("punt-1.a", 6), remark("punt-1.a"), remark("weg", 9)]
    note = build_decision_note(2025, PAGES, remarks=remarks)

    (section,) = [each for each in note.sections if each.id == "opmerkingen"]
    (table,) = section.blocks
    places = [row[2][0].text.replace("\N{NO-BREAK SPACE}", " ") for row in table.rows]
    assert places == [
        "Voortgangsrapportage, eerst p. 21, nu p. 6",
        "Voortgangsrapportage, p. 6",
        "Voortgangsrapportage, p. 6",
        "Voortgangsrapportage, stond op p. 9",
    ]
    assert any("kst-32735-377" in run.href for run in table.rows[0][1])


def test_a_remark_names_who_made_it_and_the_version_that_was_read():
    def remark(kind: DocumentKind, node_id: str) -> HandledRemark:
        return HandledRemark(
            *("Korter.", "overgenomen", "Gedaan.", kind, node_id, 21),
            version=2,
            who="minister",
            about="over de inhoud",
        )

    remarks = [
        remark(DocumentKind.ANNEX, "punt-1.a"),
        remark(DocumentKind.ANNEX, "weg"),
        remark(DocumentKind.DECISION_NOTE, "aanleiding-1"),
    ]
    note = build_decision_note(2025, PAGES, remarks=remarks)

    (section,) = [each for each in note.sections if each.id == "opmerkingen"]
    (table,) = section.blocks
    assert [even(row[2][0].text) for row in table.rows] == [
        "Voortgangsrapportage, eerst p. 21 (versie 2), nu p. 6",
        "Voortgangsrapportage, stond op p. 21 (versie 2)",
        "Nota, p. 21 (versie 2)",
    ]
    assert [run.text for run in table.rows[0][0]] == ["Minister, over de inhoud: ", "Korter."]


def test_earlier_decisions_stand_in_the_note_with_their_condition():
    def decision(**other: Any) -> TakenDecision:
        values = {"condition": "", "version": 1}
        return TakenDecision(
            *("staatssecretaris", date(2026, 11, 3), "akkoord"), **(values | other)
        )

    read = read_year(2026)
    decisions = [
        decision(),
        decision(condition="Noem de bedragen", has_condition=True),
        decision(condition="Korter.", has_condition=True, met_in=3),
        decision(condition="Te lang."),
    ]
    note = build_note(read.report, read.facts, PAGES, decisions=decisions)

    opening = "Staatssecretaris, 3 november 2026, over versie 1: akkoord."
    assert [even(each) for each in texts(note, "besluiten")] == [
        opening,
        f"{opening} Voorwaarde: Noem de bedragen. Nog niet verwerkt.",
        f"{opening} Voorwaarde: Korter. Verwerkt in versie 3.",
        f"{opening} Te lang.",
    ]


def test_accounts_are_offered_for_leaving_out_and_office_holders_are_not():
    factories.UserFactory(name="Anna Bakker", email="anna@example.org")
    factories.UserFactory(name="Aukje de Vries", email="other@example.org")
    note = build_decision_note(2025, PAGES)
    named = replace(
        note,
        subject="Vraag",
        sections=(replace(note.sections[0], title="Van Anna Bakker voor Aukje de Vries"),),
    )

    found = find_names(named, known_names())
    assert [each.literal for each in found] == ["Anna Bakker"]


def test_an_account_that_was_made_unrecognisable_is_no_name():
    user = factories.UserFactory(name="Anna Bakker")
    factories.overwrite(
        User.objects.filter(pk=user.pk), is_active=False, pseudonymised_at=user.date_joined
    )

    assert "Anna Bakker" not in [name for name, _email in decision.officials()]


def test_the_next_note_goes_to_who_holds_the_office_that_signed_last():
    bz = PlanParticipant.objects.get(plan__slug="2022-2026", coordinates=True).organisation
    held = OfficeHolding.objects.filter(office__organisation=bz, valid_until=None)
    factories.overwrite(held, valid_until=date(2026, 3, 1))
    office = Office.objects.get(holdings__person="Aukje de Vries")
    factories.OfficeHoldingFactory(office=office, person="N. Nieuw", valid_from=date(2026, 4, 1))

    assert "N.\xa0Nieuw" in head(build_decision_note(2026, PAGES))["Aan"]


def test_the_facts_ask_as_many_questions_for_many_points_as_for_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
):
    people = cast(points=6)
    for entry in people.entries:
        people.bring(entry, EntryState.APPROVED)

    with django_assert_max_num_queries(9):
        decision.decision_facts(people.round.plan.slug, people.round.year)


def test_ids_are_unique_and_stay_when_another_point_gets_a_note(people):
    before = {node.id for node in nodes(of(people)) if node.is_internal}
    ids = [node.id for node in nodes(of(people))]
    assert len(ids) == len(set(ids))

    third = factories.StatusEntryFactory(
        action_point=factories.ActionPointFactory(plan=people.round.plan, lead=people.lead),
        round=people.round,
    )
    workflow.mark_not_supplied(third, actor=people.first, reason="Te laat.")

    assert before < {node.id for node in nodes(of(people)) if node.is_internal}

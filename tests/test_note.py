"""The decision note: what it says of a year, where that stands, and what stays inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from actions import editing, workflow
from actions.choices import EntryState
from actions.models import Office, OfficeHolding, PlanParticipant
from actions.queries import decision
from napmonitor.accounts.models import User
from reports.builder import HandledRemark, build_decision_note, names_in, public_note
from reports.builder.note import Pages
from reports.document import DecisionNote, DocumentKind, Facts, Item, Paragraph, Standing, nodes
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


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_a_note_over_a_past_year_says_what_is_not_known(year):
    note = build_decision_note(year, PAGES)

    assert note.standing == Standing.RECONSTRUCTED
    assert note.banner is not None
    assert "niet de nota die is verzonden" in note.banner.text
    assert texts(note, "besluit") == [
        "Welk besluit is geadviseerd, is niet uit openbare bronnen bekend."
    ]
    assert head(note)["Van"] == head(note)["Afgestemd met"] == "niet bekend"


@pytest.mark.parametrize(
    ("year", "office", "person"),
    [
        (2023, "Minister voor Buitenlandse Handel en Ontwikkelingssamenwerking", "Schreinemacher"),
        (2024, "Minister voor Buitenlandse Handel en Ontwikkelingshulp", "Klever"),
        (2025, "Staatssecretaris Buitenlandse Handel en Ontwikkelingshulp", "de Vries"),
    ],
)
def test_it_goes_to_whoever_signed_the_letter(year, office, person):
    to = head(build_decision_note(year, PAGES))["Aan"]

    assert to.startswith(office)
    assert person in to


def test_a_note_that_is_still_to_be_decided_asks_for_a_decision():
    note = build_decision_note(2026, PAGES)

    assert note.standing == Standing.CONCEPT
    assert "Akkoord te gaan" in texts(note, "besluit")[0]
    assert head(note)["Uiterlijk bij"].replace("\N{NO-BREAK SPACE}", " ").startswith("30 september")
    assert head(note)["Van"] == "nog in te vullen"


def test_annexes_are_those_of_the_letter_without_the_note_itself():
    attached = head(build_decision_note(2024, PAGES))["Bijlagen"]

    assert "Voortgangsrapportage" in attached
    assert "beslisnota" not in attached.casefold()
    assert head(build_decision_note(2023, PAGES))["Bijlagen"] == "Kamerbrief"


def test_key_points_say_on_which_pages_of_letter_and_annex_they_stand():
    points = texts(build_decision_note(2025, PAGES), "kernpunten")

    (first,) = [text for text in points if text.startswith("Pijler 1")]
    (second,) = [text for text in points if text.startswith("Pijler 2")]
    (third,) = [text for text in points if text.startswith("Pijler 3")]
    assert (
        "(zie Kamerbrief p.\N{NO-BREAK SPACE}1, voortgangsrapportage p.\N{NO-BREAK SPACE}5)"
        in first
    )
    assert "(zie Kamerbrief p.\N{NO-BREAK SPACE}3)" in second
    assert "zie" not in third


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
    assert "Van de 3 teksten zijn er 1 goedgekeurd." in told
    assert f"Teruggestuurd naar het ministerie: {codes[1]}." in told
    assert f"Nog niet ingediend: {codes[2]}." in told


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

    assert texts(public, "niet-openbaar") == ["[5.2.1]"] * 3
    explained = [node for node in nodes(public) if node.id == "gronden-lijst-1"]
    assert "persoonlijke beleidsopvattingen" in explained[0].runs[0].text


def test_names_that_are_left_out_bring_their_own_ground():
    note = build_decision_note(2025, PAGES)
    named = replace(note, subject="Vraag van Anna Bakker")

    public = public_note(named, ["Anna Bakker"])

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


def test_accounts_are_offered_for_leaving_out_and_office_holders_are_not():
    factories.UserFactory(name="Anna Bakker", email="anna@example.org")
    factories.UserFactory(name="Aukje de Vries", email="other@example.org")
    note = build_decision_note(2025, PAGES)
    named = replace(
        note,
        subject="Vraag",
        sections=(replace(note.sections[0], title="Van Anna Bakker voor Aukje de Vries"),),
    )

    assert [each.literal for each in names_in(named)] == ["Anna Bakker"]


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

    assert "N. Nieuw" in head(build_decision_note(2026, PAGES))["Aan"]


def test_the_facts_ask_as_many_questions_for_many_points_as_for_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
):
    people = cast(points=6)
    for entry in people.entries:
        people.bring(entry, EntryState.APPROVED)

    with django_assert_max_num_queries(8):
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

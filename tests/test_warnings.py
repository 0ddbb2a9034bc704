"""What is not right yet in the documents: each warning is there, leads somewhere, and goes away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import urldefrag

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions import remarks, workflow
from actions.choices import Answer, EntryState, RemarkField, Verdict
from actions.models import ReportingRound
from actions.richtext import Run
from reports import handling, paragraphs
from reports.arrangement import Stored, stored
from reports.builder import build_letter, read_year
from reports.came_back import name_of
from reports.choices import Handling, Kind, Outcome, RouteRole, Stage
from reports.document import AnnexReport, Item, ItemList, Paragraph, Section, Standing, Table
from reports.handling import RouteLine
from reports.models import EditionVersion, NameChoice
from reports.warnings import (
    PAGE_CHARACTERS,
    Links,
    Text,
    Warning,
    outdated,
    too_long,
    unmentioned,
    unnumbered,
    warnings_of,
    without_shape,
)
from tests import edition_story as story
from tests import factories
from tests.factories import overwrite, signed_in
from tests.test_handling import LINES, decided, handled, remark, taking_part
from tests.workflow_people import Cast

LINKS = Links(7)


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest) -> Iterator[None]:
    with story.quick_rendering():
        yield


@pytest.fixture
def people(db: None) -> Cast:
    """A round about which nothing is to be said."""
    made = story.ready_round()
    handling.set_route(made.round, LINES, actor=made.first)
    return made


def found(people: Cast, code: str = "") -> list[Warning]:
    each = ReportingRound.objects.select_related("plan", "letter").get(pk=people.round.pk)
    return [one for one in warnings_of(each) if code in ("", one.code)]


def leads_somewhere(people: Cast, warning: Warning) -> None:
    """Check that a coordinator can open what a warning links to, as far as that is made here."""
    editor = reverse("admin:production_round", args=[people.round.pk])
    path = urldefrag(warning.href).url
    if path in {f"{editor}{kind}/" for kind in Kind}:
        return
    assert signed_in(people.first).get(path).status_code == 200, warning


def the_one(people: Cast, code: str) -> Warning:
    (warning,) = found(people, code)
    assert warning.sentence.strip()
    leads_somewhere(people, warning)
    return warning


def test_a_round_that_is_ready_has_no_warnings(people):
    assert found(people) == []


# Each is there, and goes away when it is solved.


def test_a_text_that_is_not_approved(people):
    workflow.reopen(people.entry, actor=people.second, reason="Een fout.")
    warning = the_one(people, "unapproved")
    assert people.entry.action_point.code in warning.sentence
    assert str(people.entry.pk) in warning.href

    workflow.mark_not_supplied(people.entry, actor=people.first, reason="Niets meer.")

    assert found(people, "unapproved") == []


def test_a_point_outside_the_plan_need_not_be_approved(people):
    workflow.reopen(people.entry, actor=people.second, reason="Een fout.")
    overwrite(
        type(people.entry.action_point).objects.filter(pk=people.entry.action_point_id),
        in_plan=False,
    )

    assert found(people, "unapproved") == []


def test_an_open_remark_on_a_text(people):
    people.entry.refresh_from_db()
    number = people.entry.latest_version.number
    made = remarks.make(
        people.entry,
        text="Korter.",
        author=people.first,
        read_version=number,
        field=RemarkField.NARRATIVE,
    )
    assert the_one(people, "open_remark_on_text").href.endswith("#remarks-heading")

    remarks.answer(
        made, answer=Answer.REJECTED, actor=people.editor, read_version=number, reason="Het moet."
    )

    assert found(people, "open_remark_on_text") == []


def test_an_open_remark_on_a_document(people):
    letter = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.LETTER)
    made = remark(letter, people, text="Dit kan korter.")
    assert "Dit kan korter." in the_one(people, "open_remark").sentence

    handled(made, people, handling=Handling.NOT_TAKEN)

    assert found(people, "open_remark") == []


def test_a_condition_that_is_not_met(people):
    note = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.DECISION_NOTE)
    made = decided(note, people, outcome=Outcome.WITH_CHANGE, condition="Noem de bedragen.")
    assert "Noem de bedragen." in the_one(people, "condition").sentence
    later = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.DECISION_NOTE)

    handling.meet_condition(made, version=later, actor=people.first)

    assert found(people, "condition") == []


def test_a_letter_without_date_signatory_or_row(people):
    letter, signatory = people.round.letter, people.round.letter.signatory
    letter.date = letter.signatory = None
    letter.save()
    the_one(people, "no_date")
    the_one(people, "no_signatory")

    letter.date, letter.signatory = date(2026, 11, 1), signatory
    letter.save()
    assert found(people, "no_date") == found(people, "no_signatory") == []

    people.round.letter = None
    people.round.save()
    the_one(people, "no_letter")


def test_a_note_that_does_not_say_from_whom_it_comes(people):
    handling.set_route(people.round, [RouteLine(RouteRole.TO, "Minister")], actor=people.first)
    the_one(people, "no_route")

    handling.set_route(people.round, LINES, actor=people.first)

    assert found(people, "no_route") == []


def test_a_note_without_an_addressee_of_its_own_needs_a_line(people):
    handling.set_route(people.round, LINES[1:], actor=people.first)
    # The office that signs the letter stands there by itself.
    assert found(people, "no_route") == []

    people.round.letter.signatory = None
    people.round.letter.save()

    assert len(found(people, "no_route")) == 1


def test_a_letter_without_any_number(people):
    letter = people.round.letter
    letter.sender_reference = ""
    letter.save()
    assert letter.title in the_one(people, "no_number").sentence

    letter.document_number = "2026D00001"
    letter.save()

    assert found(people, "no_number") == []


def test_a_source_that_is_a_document_without_a_number(people):
    document = factories.ParliamentaryDocumentFactory(
        title="Een stuk", publication_id=None, document_number=None
    )
    source = factories.SourceFactory(document=document)
    people.entry.refresh_from_db()
    people.entry.latest_version.sources.create(source=source)
    assert "Een stuk" in the_one(people, "no_number").sentence

    document.publication_id = "kst-32735-999"
    document.save()

    assert found(people, "no_number") == []


def test_an_annex_goes_by_the_number_of_what_it_belongs_to(people):
    letter = factories.ParliamentaryDocumentFactory(publication_id="kst-32735-998")
    annex = factories.ParliamentaryDocumentFactory(
        publication_id=None, document_number=None, annex_of=letter
    )
    people.entry.refresh_from_db()
    people.entry.latest_version.sources.create(source=factories.SourceFactory(document=annex))

    assert found(people, "no_number") == []


def test_a_name_nobody_said_anything_of(people):
    factories.UserFactory(name="Anna Bakker")
    handling.set_route(
        people.round, [*LINES, RouteLine(RouteRole.VIA, "Anna Bakker")], actor=people.first
    )
    assert "Anna Bakker" in the_one(people, "name").sentence

    handling.choose_name(people.round, "Anna Bakker", True, actor=people.first)
    assert found(people, "name") == []

    NameChoice.objects.all().delete()
    handling.choose_name(people.round, "Anna Bakker", False, actor=people.first)
    assert found(people, "name") == []


def say(
    letter: EditionVersion, people: Cast, verdict: Verdict, why: str = "", *, lead: bool = False
) -> None:
    """Let one of the two ministries answer."""
    who = (people.lead, people.submitter) if lead else (people.partner, people.signer)
    handling.sign_off(letter, organisation=who[0], actor=who[1], verdict=verdict, remark=why)


def test_who_did_not_sign_off_is_told_once_others_answered(people):
    taking_part(people)
    letter = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.LETTER)
    assert found(people, "not_signed_off") == []

    say(letter, people, Verdict.AGREED, lead=True)

    sentence = the_one(people, "not_signed_off").sentence
    assert name_of(people.partner) in sentence
    assert name_of(people.lead) not in sentence

    say(letter, people, Verdict.AGREED)

    assert found(people, "not_signed_off") == []


@pytest.mark.parametrize("what", ["decided", "final"])
def test_who_did_not_sign_off_is_told_when_the_final_version_is_near(people, what):
    taking_part(people)
    freeze = story.frozen(people, Stage.FINAL if what == "final" else Stage.CONCEPT)
    if what == "decided":
        story.decided(people, freeze)

    the_one(people, "not_signed_off")


def test_a_ministry_that_does_not_agree(people):
    taking_part(people)
    letter = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.LETTER)
    say(letter, people, Verdict.NOT_AGREED, "Te lang.")
    sentence = the_one(people, "not_agreed").sentence
    assert name_of(people.partner) in sentence
    assert "Te lang." in sentence

    say(letter, people, Verdict.AGREED)

    assert found(people, "not_agreed") == []


def test_another_version_does_not_make_a_no_into_a_yes(people):
    taking_part(people)
    letter = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.LETTER)
    say(letter, people, Verdict.NOT_AGREED, "Te lang.")
    arrange(people, own="Korter.")
    story.frozen(people, Stage.CONCEPT)

    assert "1.1" in the_one(people, "not_agreed").sentence


def test_a_version_with_the_same_words_asks_no_ministry_again(people):
    taking_part(people)
    letter = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.LETTER)
    for lead in (True, False):
        say(letter, people, Verdict.AGREED, lead=lead)
    story.frozen(people, Stage.CONCEPT)
    assert found(people, "not_signed_off") == []

    arrange(people, own="Andere woorden.")
    story.frozen(people, Stage.CONCEPT)

    the_one(people, "not_signed_off")


def arrange(people: Cast, **changes: Any) -> str:
    """Let a coordinator change the first paragraph on a text; return its id."""
    each = people.round
    document = build_letter(read_year(each.year, plan=each.plan.slug).report)
    rows = list(stored(document))
    number = next(number for number, row in enumerate(rows) if row.versions)
    values = {name: getattr(rows[number], name) for name in Stored.__dataclass_fields__}
    rows[number] = Stored(**values | changes)
    paragraphs.store(each, Kind.LETTER, rows, actor=people.first, what="test")
    return rows[number].node_id


def test_a_newer_text_than_the_own_text_was_written_on(people):
    node_id = arrange(people, own="Mijn eigen woorden.")
    assert found(people, "outdated") == []
    workflow.reopen(people.entry, actor=people.second, reason="Een fout.")
    people.write(people.entry, "Beter.")
    assert found(people, "outdated") == []

    workflow.submit(people.entry, actor=people.submitter)
    people.sign(people.entry)
    workflow.approve(people.entry, actor=people.first)

    warning = the_one(people, "outdated")
    assert "Mijn eigen woorden." in warning.sentence
    assert warning.href.endswith(f"/letter/#{node_id}")


def test_a_point_of_which_the_letter_says_nothing(people):
    arrange(people, left_out=True)
    warning = the_one(people, "unmentioned")
    assert people.entry.action_point.code in warning.sentence

    arrange(people, left_out=False)

    assert found(people, "unmentioned") == []


def test_a_character_that_the_fonts_do_not_have(people):
    node_id = arrange(people, own="Mijn eigen \N{PARTY POPPER} woorden.")
    warning = the_one(people, "no_shape")
    assert "\N{PARTY POPPER}" in warning.sentence
    assert node_id in warning.href

    arrange(people, own="Mijn eigen woorden.")

    assert found(people, "no_shape") == []


def test_a_paragraph_longer_than_a_page(people):
    arrange(people, own="woord " * (PAGE_CHARACTERS // 6 + 10))
    the_one(people, "too_long")

    arrange(people, own="Kort.")

    assert found(people, "too_long") == []


def test_warnings_cost_the_same_queries_for_any_number_of_points(people):
    def asked(of: Cast) -> int:
        each = ReportingRound.objects.select_related("plan", "letter").get(pk=of.round.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            warnings_of(each)
        return len(queries)

    few = asked(people)
    many = story.ready_round(points=12)
    for entry in many.entries[:3]:
        workflow.reopen(entry, actor=many.second, reason="Een fout.")

    assert asked(many) <= few + 1
    assert few <= 50


# What needs no database.


def text(**other: Any) -> Text:
    values: dict[str, Any] = {
        "entry": 3,
        "code": "1.a",
        "title": "Een punt",
        "in_plan": True,
        "state": EntryState.APPROVED,
        "version": 2,
        "informed": "",
        "open_remarks": 0,
    }
    return Text(**values | other)


def annex(*blocks: Any) -> AnnexReport:
    section = Section("pijler-1", "Pijler 1", blocks)
    return AnnexReport("T", "", "nl", 2026, Standing.CONCEPT, None, "", None, "", (), (section,))


def paragraph(words: str, **other: Any) -> Paragraph:
    return Paragraph("p-1", (Run(words),), **other)


@pytest.mark.parametrize(("length", "count"), [(PAGE_CHARACTERS, 0), (PAGE_CHARACTERS + 1, 1)])
def test_a_page_is_as_long_as_it_is(length, count):
    long = annex(paragraph("x" * length))
    point = annex(ItemList("l", (Item("l-1", (Run("x" * length),)),)))

    for document in (long, point):
        assert len(list(too_long({Kind.ANNEX: document}, LINKS))) == count


def test_a_long_table_breaks_and_is_no_long_paragraph():
    table = Table("t", "", ((Run("x"),),), (((Run("x" * 9_000),),),), (100,))

    assert list(too_long({Kind.ANNEX: annex(table)}, LINKS)) == []


def test_each_passage_with_a_sign_without_shape_is_told_once():
    document = annex(paragraph("\N{PARTY POPPER} en \N{PARTY POPPER}"))

    (warning,) = without_shape({Kind.ANNEX: document}, LINKS)

    assert "“\N{PARTY POPPER}”" in warning.sentence


def test_ordinary_signs_have_a_shape():
    document = annex(paragraph("Één € – ‘ja’ … ½\N{NO-BREAK SPACE}%"))

    assert list(without_shape({Kind.ANNEX: document}, LINKS)) == []


def test_a_text_is_mentioned_where_a_paragraph_speaks_of_any_version_of_it():
    document = annex(paragraph("x", versions=("1.a/2026/1",)))

    assert list(unmentioned(document, [text()], LINKS)) == []
    codes = [text(code="1.b"), text(code="1.c", in_plan=False), text(code="1.d", version=0)]
    assert len(list(unmentioned(document, codes, LINKS))) == 1


def test_an_own_text_over_the_newest_text_is_not_outdated():
    def row(version: int, **other: Any) -> Stored:
        values: dict[str, Any] = {"own": "Eigen.", "versions": (f"1.a/2026/{version}",)}
        return Stored("p-1", "pijler-1", **values | other)

    def count(*rows: Stored) -> int:
        return len(list(outdated({Kind.LETTER: rows}, [text()], LINKS)))

    assert count(row(2)) == count(row(1, own="")) == count(row(1, left_out=True)) == 0
    assert count(row(1)) == 1


@pytest.mark.parametrize(
    ("informed", "count"),
    [("", 0), ("Kamerstuk 32 735, nr. 401", 0), ("de brief van vorig jaar", 1)],
)
def test_where_parliament_was_told_before_has_a_number(informed, count):
    none: Any = SimpleNamespace(letter_id=None, report_id=None)

    assert len(list(unnumbered([], [text(informed=informed)], none, LINKS))) == count

"""What comes back from up the line: who enters it and when, and what the note says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from actions.choices import Verdict
from actions.models import PlanParticipant
from actions.workflow import NotPossible
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent
from reports import handling, issuing, permissions, production
from reports.choices import Audience, Handling, Kind, Outcome, RemarkKind, RouteRole, Stage
from reports.document import nodes
from reports.handling import RouteLine
from reports.models import (
    ConditionMet,
    Decision,
    EditionRemark,
    EditionSignOff,
    EditionVersion,
    Freeze,
    NameChoice,
    RemarkHandling,
    RouteStep,
)
from tests import edition_story as story
from tests import factories
from tests.test_workflow_races import anew, at_once, kinds
from tests.workflow_people import Cast, events

pytestmark = pytest.mark.django_db

WRITTEN = (
    *(ConditionMet, Decision, EditionRemark, EditionSignOff, NameChoice, RemarkHandling),
    *(RouteStep, AuditEvent),
)


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with story.quick_rendering():
        yield


@pytest.fixture
def people() -> Cast:
    return story.ready_round()


@pytest.fixture
def freeze(people: Cast) -> Freeze:
    """A concept that went up the line."""
    return story.frozen(people, Stage.CONCEPT)


@pytest.fixture
def letter(freeze: Freeze) -> EditionVersion:
    return story.version_of(freeze, Kind.LETTER)


@pytest.fixture
def note(freeze: Freeze) -> EditionVersion:
    return story.version_of(freeze, Kind.DECISION_NOTE)


def taking_part(people: Cast) -> None:
    """Let both ministries take part in the plan."""
    for organisation in (people.lead, people.partner):
        PlanParticipant.objects.create(plan=people.round.plan, organisation=organisation)


def place(version: EditionVersion, start: str = "stand-") -> str:
    """Return the first passage of a version with such an id."""
    found = nodes(version.document(Audience.INTERNAL))
    return next(node.id for node in found if node.id.startswith(start))


def remark(version: EditionVersion, people: Cast, **other: Any) -> EditionRemark:
    asked = {
        "actor": people.first,
        "node_id": place(version),
        "on_behalf_of": "minister",
        "text": "Korter.",
        "proposal": "Er is veel gedaan.",
    }
    return handling.add_remark(version, **asked | other)


def handled(each: EditionRemark, people: Cast, **other: Any) -> RemarkHandling:
    asked = {"actor": people.first, "handling": Handling.TAKEN, "answer": "De zin is korter."}
    return handling.handle_remark(each, **asked | other)


def decided(version: EditionVersion, people: Cast, **other: Any) -> Decision:
    asked = {
        "actor": people.first,
        "office": people.round.letter.signatory.office,
        "decided_on": timezone.localdate(),
        "outcome": Outcome.AGREED,
    }
    return handling.decide(version, **asked | other)


def counted() -> list[int]:
    return [model.objects.count() for model in WRITTEN]


class refused:  # noqa: N801  reads as a sentence
    """Expect a refusal with this code and at this field, which wrote nothing."""

    def __init__(self, code: str, field: str = "") -> None:
        self.code, self.field = code, field

    def __enter__(self) -> None:
        self.before = counted()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        assert isinstance(error, NotPossible), error
        assert (error.code, error.field) == (self.code, self.field)
        assert str(error).endswith(".")
        assert counted() == self.before
        return True


def issue(people: Cast, freeze: Freeze) -> None:
    story.decided(people, freeze)
    story.opened(freeze, people.second)
    issuing.issue(freeze, actor=people.second)


# Remarks.


def test_a_remark_is_stored_on_its_passage_for_who_made_it(people, letter):
    made = remark(letter, people, kind=RemarkKind.FACT, quote="veel")

    made.refresh_from_db()
    assert (made.version, made.node_id, made.on_behalf_of) == (letter, place(letter), "minister")
    assert (made.kind, made.text, made.quote) == (RemarkKind.FACT, "Korter.", "veel")
    assert made.author == people.first
    (event,) = events("edition.remark", people.round)
    assert event.actor == people.first
    assert event.detail["place"] == made.node_id
    assert list(trail.verify()) == []


def test_who_enters_a_remark_has_a_hand_in_the_note_that_holds_it(people, letter):
    remark(letter, people, actor=people.second)

    assert people.second.pk in production.hands(people.round)


def test_who_handles_a_remark_did(people, letter):
    handled(remark(letter, people), people, actor=people.second)

    assert people.second.pk in production.hands(people.round)


def test_a_remark_points_at_a_passage_that_is_there(people, letter):
    with refused("no_place", "node_id"):
        remark(letter, people, node_id="stand-nergens-1")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"text": " \u200b "}, "text"),
        ({"on_behalf_of": "  "}, "on_behalf_of"),
        ({"on_behalf_of": "x" * 201}, "on_behalf_of"),
        ({"kind": "gossip"}, "kind"),
        ({"text": "x" * 20_001}, "__all__"),
    ],
)
def test_a_remark_that_says_nothing_or_too_much_is_not_stored(people, letter, asked, field):
    with pytest.raises(ValidationError) as refusal:
        remark(letter, people, **asked)

    assert field in refusal.value.message_dict
    assert not EditionRemark.objects.exists()


def test_an_issued_edition_takes_no_remarks(people):
    freeze = story.issued(people)

    with refused("issued"):
        remark(story.version_of(freeze, Kind.LETTER), people)


def test_a_remark_is_handled_once(people, letter):
    made = remark(letter, people)
    handled(made, people)

    with refused("handled"):
        handled(made, people, answer="Toch niet.")
    assert RemarkHandling.objects.get().answer == "De zin is korter."
    assert list(trail.verify()) == []


def test_the_database_itself_takes_one_handling_and_changes_none(people, letter):
    made = handled(remark(letter, people), people)

    with pytest.raises(IntegrityError), transaction.atomic():
        RemarkHandling.objects.create(
            remark=made.remark, handling="taken", answer="Nog eens.", actor=people.first
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        RemarkHandling.objects.filter(pk=made.pk).update(answer="Anders.")


def test_a_handling_says_how(people, letter):
    made = remark(letter, people)

    with pytest.raises(ValidationError):
        handled(made, people, answer=" … ")
    assert not RemarkHandling.objects.exists()


def test_a_passage_that_moved_is_one_of_the_document(people, letter):
    made = remark(letter, people)

    with refused("no_place", "node_id"):
        handled(made, people, node_id="stand-nergens-1")
    other = place(letter, "inleiding-")
    assert handled(made, people, node_id=other).node_id == other


def test_a_passage_that_stayed_has_no_new_place(people, letter):
    made = remark(letter, people)

    assert handled(made, people, node_id=made.node_id).node_id == ""


def test_a_remark_on_an_issued_edition_is_handled_no_more(people, letter, freeze):
    made = remark(letter, people)
    # Past the rule that nothing is issued with an open remark.
    handled_later = EditionRemark.objects.get(pk=made.pk)
    handled(made, people)
    issue(people, story.frozen(people))

    with refused("issued"):
        handled(handled_later, people)


@pytest.mark.parametrize("who", ["editor", "submitter", "signer", "administrator", "reader"])
def test_only_who_makes_the_documents_enters_what_came_back(people, letter, note, who):
    stranger = getattr(people, who)
    made = remark(letter, people)
    condition = decided(note, people, outcome=Outcome.WITH_CHANGE, condition="Korter.")
    before = counted()

    for step in (
        partial(remark, letter, people, actor=stranger),
        partial(handled, made, people, actor=stranger),
        partial(decided, note, people, actor=stranger),
        partial(handling.meet_condition, condition, version=note, actor=stranger),
        partial(handling.set_route, people.round, [], actor=stranger),
        partial(handling.choose_name, people.round, "Anna", True, actor=stranger),
    ):
        with pytest.raises(PermissionDenied):
            step()
    assert counted() == before


# Sign-offs.


def signed(version: EditionVersion, people: Cast, **other: Any) -> EditionSignOff:
    asked = {"actor": people.signer, "organisation": people.partner, "verdict": Verdict.AGREED}
    return handling.sign_off(version, **asked | other)


def test_a_ministry_that_takes_part_signs_off_the_letter(people, letter):
    taking_part(people)

    made = signed(letter, people, verdict=Verdict.AGREED_WITH_REMARK, remark="Let op de datum.")

    assert (made.version, made.organisation, made.actor) == (letter, people.partner, people.signer)
    (event,) = events("edition.sign-off", people.round)
    assert event.detail["for"] == people.partner.slug
    assert list(trail.verify()) == []


def test_nobody_signs_off_for_a_ministry_that_is_not_theirs(people, letter):
    taking_part(people)

    for who in (people.first, people.submitter, people.partner_editor, people.stranger):
        with pytest.raises(PermissionDenied):
            signed(letter, people, actor=who)
    assert not EditionSignOff.objects.exists()


def test_a_ministry_that_takes_no_part_signs_nothing(people, letter):
    assert permissions.signing_organisations(people.signer, people.round) == set()
    with pytest.raises(PermissionDenied):
        signed(letter, people)


def test_only_the_newest_letter_is_signed_off(people, letter, note):
    taking_part(people)

    with refused("other_kind"):
        signed(note, people)
    story.frozen(people, Stage.CONCEPT)
    with refused("overtaken"):
        signed(letter, people)


@pytest.mark.parametrize("verdict", [Verdict.AGREED_WITH_REMARK, Verdict.NOT_AGREED])
def test_who_does_not_simply_agree_says_why(people, letter, verdict):
    taking_part(people)

    with pytest.raises(ValidationError):
        signed(letter, people, verdict=verdict, remark=" ")


# Decisions.


def test_a_decision_is_stored_with_its_day_and_office(people, note):
    made = decided(note, people)

    assert (made.version, made.decided_on) == (note, timezone.localdate())
    (event,) = events("edition.decide", people.round)
    assert event.detail["outcome"] == "agreed"
    assert list(trail.verify()) == []


def test_who_enters_a_decision_has_a_hand_in_the_note_that_holds_it(people, note):
    decided(note, people, actor=people.second)

    assert people.second.pk in production.hands(people.round)


def test_a_decision_is_about_the_note_and_on_a_day_that_can_be(people, letter, note):
    today = timezone.localdate()

    with refused("other_kind"):
        decided(letter, people)
    with refused("future", "decided_on"):
        decided(note, people, decided_on=today + timedelta(days=1))
    with refused("too_early", "decided_on"):
        decided(note, people, decided_on=today - timedelta(days=1))


def test_an_office_decides_while_it_is_there(people, note):
    ended = factories.OfficeFactory(
        organisation=people.lead, valid_from=None, valid_until=timezone.localdate()
    )

    with refused("no_office", "office"):
        decided(note, people, office=ended)


@pytest.mark.parametrize("outcome", [Outcome.WITH_CHANGE, Outcome.NOT_AGREED])
def test_a_decision_that_is_no_plain_yes_says_what_must_change(people, note, outcome):
    with pytest.raises(ValidationError):
        decided(note, people, outcome=outcome, condition=" ")


def test_an_issued_edition_takes_no_decision(people):
    freeze = story.issued(people)

    with refused("issued"):
        decided(story.version_of(freeze, Kind.DECISION_NOTE), people)


def test_a_condition_is_met_in_a_later_version_and_once(people, note, letter):
    made = decided(note, people, outcome=Outcome.WITH_CHANGE, condition="Korter.")
    with refused("not_later", "version"):
        handling.meet_condition(made, version=note, actor=people.first)
    later = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.DECISION_NOTE)

    handling.meet_condition(made, version=later, actor=people.second)

    assert not issuing.open_conditions(people.round).exists()
    with refused("met"):
        handling.meet_condition(made, version=later, actor=people.first)
    assert list(trail.verify()) == []


def test_a_plain_yes_has_no_condition_to_meet(people, note):
    made = decided(note, people)
    later = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.DECISION_NOTE)

    with refused("no_condition"):
        handling.meet_condition(made, version=later, actor=people.first)


# The head of the note, and the names in it.


LINES = [
    RouteLine(RouteRole.TO, "Minister"),
    RouteLine(RouteRole.SENDER, "DG BEB"),
    RouteLine(RouteRole.VIA, "SG"),
    RouteLine(RouteRole.VIA, "PSG"),
    RouteLine(RouteRole.DUE, "1 december"),
]


def test_the_head_of_the_note_says_the_lines_in_their_order(people):
    handling.set_route(people.round, LINES, actor=people.first)

    route = production.route(people.round)
    assert (route.to, route.sender, route.via) == (("Minister",), ("DG BEB",), ("SG", "PSG"))
    assert route.due == "1 december"
    assert handling.route_lines(people.round) == tuple(LINES)
    assert people.first.pk in production.hands(people.round)


def test_lines_that_stay_are_not_written_again(people):
    handling.set_route(people.round, LINES, actor=people.first)
    keys = dict(RouteStep.objects.values_list("who", "pk"))

    handling.set_route(people.round, [*LINES[:3], LINES[4]], actor=people.first)
    handling.set_route(people.round, [*LINES[:3], LINES[4]], actor=people.second)

    assert dict(RouteStep.objects.values_list("who", "pk")) == {
        who: key for who, key in keys.items() if who != "PSG"
    }
    assert len(events("edition.write", people.round)) == 2
    assert people.second.pk not in production.hands(people.round)


def test_who_saw_other_lines_overwrites_nothing(people):
    seen = handling.mark_of(handling.route_lines(people.round))
    handling.set_route(people.round, LINES, actor=people.first, read=seen)

    with refused("other_text"):
        handling.set_route(people.round, LINES[:1], actor=people.second, read=seen)


def test_an_empty_line_is_not_stored(people):
    with pytest.raises(ValidationError), transaction.atomic():
        handling.set_route(people.round, [RouteLine(RouteRole.TO, " ")], actor=people.first)
    assert not RouteStep.objects.exists()


def test_what_was_said_of_a_name_can_be_said_otherwise(people):
    handling.choose_name(people.round, "Anna  Bakker ", True, actor=people.first)
    handling.choose_name(people.round, "Anna Bakker", True, actor=people.second)
    assert people.second.pk not in production.hands(people.round)

    handling.choose_name(people.round, "Anna Bakker", False, actor=people.second)

    (choice,) = NameChoice.objects.all()
    assert (choice.name, choice.leave_out) == ("Anna Bakker", False)
    assert people.second.pk in production.hands(people.round)
    assert "Bakker" not in str(list(AuditEvent.objects.values_list("detail", "object_label")))


def test_a_name_is_written_down(people):
    with refused("no_name", "name"):
        handling.choose_name(people.round, " - ", True, actor=people.first)
    with pytest.raises(ValidationError):
        handling.choose_name(people.round, "x" * 201, True, actor=people.first)


# What the note says of it.


def words(document: Any, section: str) -> str:
    found = next(each for each in document.sections if each.id == section)
    return str(found).replace(r"\xa0", " ")


def test_the_next_note_tells_of_remarks_decisions_and_route(people, letter, note):
    made = remark(letter, people, text="Dit kan korter.")
    handled(made, people)
    condition = decided(note, people, outcome=Outcome.WITH_CHANGE, condition="Noem de bedragen")
    handling.set_route(people.round, LINES, actor=people.first)
    second = story.frozen(people, Stage.CONCEPT)
    told = story.version_of(second, Kind.DECISION_NOTE).document(Audience.INTERNAL)

    table = words(told, "opmerkingen")
    for expected in (
        "Minister, over de inhoud: ",
        "Dit kan korter.",
        "Overgenomen. De zin is korter.",
        "Kamerbrief, p. ",
    ):
        assert expected in table, expected
    day = production.taken_decisions(people.round)
    assert [each.condition for each in day] == ["Noem de bedragen"]
    assert "Voorwaarde: Noem de bedragen. Nog niet verwerkt." in words(told, "besluiten")
    head = {name: runs[0].text for name, runs in told.head.rows}
    assert (head["Aan"], head["Via"]) == ("Minister", "SG; PSG")

    handling.meet_condition(
        condition, version=story.version_of(second, Kind.DECISION_NOTE), actor=people.first
    )
    third = story.version_of(story.frozen(people), Kind.DECISION_NOTE)
    assert "Verwerkt in versie 2." in words(third.document(Audience.INTERNAL), "besluiten")


def test_a_remark_nobody_handled_is_not_in_the_note(people, letter):
    remark(letter, people)
    note = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.DECISION_NOTE)

    document = note.document(Audience.INTERNAL)
    assert not [each for each in document.sections if each.id == "opmerkingen"]


# Two at once.


@pytest.mark.django_db(transaction=True)
def test_of_two_who_handle_one_remark_at_once_exactly_one_does(transactional_db):
    people = story.ready_round()
    letter = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.LETTER)
    first, second = anew(people.first), anew(people.second)

    for _number in range(10):
        made = remark(letter, people)
        ended = at_once(*(partial(handled, made, people, actor=actor) for actor in (first, second)))

        assert kinds(ended) == ["NotPossible", "RemarkHandling"], ended
    assert RemarkHandling.objects.count() == 10
    assert list(trail.verify()) == []
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_fill_in_the_head_at_once_the_second_is_told(transactional_db):
    people = story.ready_round()
    first, second = anew(people.first), anew(people.second)
    seen = handling.mark_of(())

    ended = at_once(
        *(
            partial(handling.set_route, people.round, [line], actor=actor, read=seen)
            for line, actor in ((LINES[0], first), (LINES[1], second))
        )
    )

    assert kinds(ended) == ["NoneType", "NotPossible"], ended
    assert RouteStep.objects.count() == 1
    connection.close()

"""The pages for what comes back: who finds them, what they show, and what they take in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions.choices import Verdict
from napmonitor.audit.models import AuditEvent, Result
from reports import handling
from reports.choices import Kind, Outcome, Stage
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
from tests.factories import signed_in
from tests.test_handling import LINES, handled, place, remark, taking_part
from tests.test_warnings import arrange
from tests.workflow_people import Cast

pytestmark = pytest.mark.django_db

PAGES = ("remarks", "route", "names", "decisions")


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with story.quick_rendering():
        yield


@pytest.fixture
def people() -> Cast:
    return story.ready_round()


@pytest.fixture
def freeze(people: Cast) -> Freeze:
    return story.frozen(people, Stage.CONCEPT)


@pytest.fixture
def letter(freeze: Freeze) -> EditionVersion:
    return story.version_of(freeze, Kind.LETTER)


@pytest.fixture
def coordinator(people: Cast) -> Client:
    return signed_in(people.first)


def address(people: Cast, name: str, *args: Any) -> str:
    return reverse(f"admin:production_{name}", args=[people.round.pk, *args])


def errors(answer: Any, name: str = "form") -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context[name].errors)


# Who finds them.


@pytest.mark.parametrize("name", PAGES)
def test_who_does_not_make_documents_finds_no_such_page(people, freeze, name):
    for who in ("editor", "submitter", "signer", "administrator", "reader", "stranger"):
        client = signed_in(getattr(people, who))
        assert client.get(address(people, name)).status_code == 404, who
        assert client.post(address(people, name), {"name": "x"}).status_code == 404, who
    refused = AuditEvent.objects.filter(action="edition.write", result=Result.REFUSED)
    assert refused.count() == 6


@pytest.mark.parametrize("name", PAGES)
def test_who_makes_documents_finds_each_page_before_there_is_a_version(people, coordinator, name):
    answer = coordinator.get(address(people, name))

    assert answer.status_code == 200


def test_a_round_that_is_not_there_has_no_pages(people, coordinator):
    for name in PAGES:
        assert (
            coordinator.get(reverse(f"admin:production_{name}", args=[999_999])).status_code == 404
        )


# Remarks.


def entered(letter: EditionVersion, **other: Any) -> dict[str, Any]:
    asked = {
        "version": letter.pk,
        "node_id": place(letter),
        "on_behalf_of": "DG BEB",
        "kind": "wording",
        "text": "Dit kan korter.",
    }
    return asked | other


def test_a_remark_is_entered_and_shown_with_its_passage_and_page(people, letter, coordinator):
    answer = coordinator.post(address(people, "remarks"), entered(letter), follow=True)

    made = EditionRemark.objects.get()
    assert (made.version, made.on_behalf_of, made.author) == (letter, "DG BEB", people.first)
    (group,) = answer.context["groups"]
    (line,) = group.lines
    assert line.passage.endswith("Much was done.")
    assert line.before.page == letter.files.get(format="pdf").pages[made.node_id]
    assert (line.now, line.handling, answer.context["open_count"]) == (None, None, 1)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \u200b"}, "__all__"),
        ({"on_behalf_of": ""}, "on_behalf_of"),
        ({"node_id": "nergens"}, "node_id"),
        ({"node_id": ""}, "node_id"),
        ({"kind": "gossip"}, "kind"),
        ({"text": "x" * 20_001}, "text"),
    ],
)
def test_what_was_typed_wrong_is_shown_again(people, letter, coordinator, asked, field):
    answer = coordinator.post(
        address(people, "remarks"), entered(letter, proposal="Mijn voorstel.") | asked
    )

    assert list(errors(answer)) == [field]
    assert "Mijn voorstel." in answer.content.decode()
    assert not EditionRemark.objects.exists()


def test_passages_stand_per_section_with_their_page(people, letter, coordinator):
    answer = coordinator.get(address(people, "remarks"))

    choices = dict(answer.context["form"].fields["node_id"].choices)
    assert "Inleiding" in choices
    for _part, found in choices.items():
        assert all(re.match(r"p\. \d+: ", label) for _node, label in found), found


def test_another_version_is_chosen_by_its_key_and_only_of_this_round(people, freeze, coordinator):
    annex = story.version_of(freeze, Kind.ANNEX)
    other = story.ready_round()
    foreign = story.version_of(story.frozen(other, Stage.CONCEPT), Kind.LETTER)

    answer = coordinator.get(address(people, "remarks"), {"version": annex.pk})

    assert answer.context["chosen"] == annex
    for wrong in (foreign.pk, "x", 0):
        asked = {"version": wrong}
        assert coordinator.get(address(people, "remarks"), asked).status_code == 404


def test_an_issued_edition_is_not_offered(people, coordinator):
    story.issued(people)

    answer = coordinator.get(address(people, "remarks"))

    assert answer.context["chosen"] is None
    assert answer.context["form"] is None


def test_a_remark_is_handled_with_the_proposal_and_the_editor_at_hand(people, letter, coordinator):
    made = remark(letter, people)
    page = address(people, "remark", made.pk)

    answer = coordinator.get(page)

    content = answer.content.decode()
    assert made.proposal in content
    href = f"{reverse('admin:production_round', args=[people.round.pk])}letter/#{made.node_id}"
    assert href in content
    answer = coordinator.post(page, {"handling": "partly", "answer": "Half korter."}, follow=True)
    assert RemarkHandling.objects.get().handling == "partly"
    assert answer.context["open_count"] == 0
    assert coordinator.get(page).context["form"] is None


def test_a_remark_that_somebody_else_handled_is_told_and_what_was_typed_stays(
    people, letter, coordinator
):
    made = remark(letter, people)
    handled(made, people, actor=people.second)

    answer = coordinator.post(
        address(people, "remark", made.pk), {"handling": "taken", "answer": "Mijn antwoord."}
    )

    assert answer.status_code == 200
    assert RemarkHandling.objects.get().actor == people.second


def test_handling_says_what_and_how(people, letter, coordinator):
    made = remark(letter, people)

    answer = coordinator.post(address(people, "remark", made.pk), {"answer": ""})

    assert set(errors(answer)) == {"handling", "answer"}
    assert not RemarkHandling.objects.exists()


def test_a_remark_shows_where_it_stands_in_the_newest_version(people, letter, coordinator):
    made = remark(letter, people)
    handled(made, people, node_id=place(letter, "inleiding-"))
    newest = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.LETTER)

    (group,) = coordinator.get(address(people, "remarks")).context["groups"]

    (line,) = group.lines
    assert line.now.version == newest
    assert line.now.page == newest.files.get(format="pdf").pages[place(letter, "inleiding-")]
    assert line.before.page == letter.files.get(format="pdf").pages[made.node_id]


def test_a_remark_of_another_round_is_not_found(people, letter, coordinator):
    other = story.ready_round()
    foreign = story.version_of(story.frozen(other, Stage.CONCEPT), Kind.LETTER)
    made = remark(foreign, other)

    assert coordinator.get(address(people, "remark", made.pk)).status_code == 404


def test_many_remarks_ask_as_many_questions_as_one(
    people, letter, coordinator, django_assert_max_num_queries
):
    for _number in range(12):
        remark(letter, people)
    coordinator.get(address(people, "remarks"))

    with django_assert_max_num_queries(20):
        coordinator.get(address(people, "remarks"))


# The head of the note, and names.


def test_the_head_is_filled_in_line_by_line(people, coordinator):
    read = handling.mark_of(())
    asked = {"read": read, "to": "Minister", "via": "SG\r\n\r\n PSG ", "due": "1 december"}

    coordinator.post(address(people, "route"), asked)

    assert [(step.role, step.who) for step in RouteStep.objects.order_by("pk")] == [
        ("to", "Minister"),
        ("via", "SG"),
        ("via", "PSG"),
        ("due", "1 december"),
    ]
    answer = coordinator.get(address(people, "route"))
    assert answer.context["form"]["via"].value() == "SG\nPSG"


def test_who_saw_another_head_sees_both(people, coordinator):
    read = handling.mark_of(())
    handling.set_route(people.round, LINES, actor=people.second, read=read)

    answer = coordinator.post(address(people, "route"), {"read": read, "to": "Mijn regel"})

    assert "__all__" in errors(answer)
    assert "Mijn regel" in answer.content.decode()
    assert "DG BEB" in answer.content.decode()
    assert RouteStep.objects.count() == len(LINES)


def test_a_line_that_is_too_long_is_told(people, coordinator):
    asked = {"read": handling.mark_of(()), "to": "x" * 201}

    answer = coordinator.post(address(people, "route"), asked)

    assert errors(answer)
    assert not RouteStep.objects.exists()


def test_names_in_the_note_are_kept_left_out_or_added(people, coordinator):
    factories.UserFactory(name="Anna Bakker")
    handling.set_route(
        people.round, [handling.RouteLine("from", "Anna Bakker, DG BEB")], actor=people.first
    )
    page = address(people, "names")

    (line,) = coordinator.get(page).context["names"]
    assert (line.name, line.leave_out) == ("Anna Bakker", None)
    assert line.around == ("Anna Bakker, DG BEB",)

    coordinator.post(page, {"name": "Anna Bakker", "keep": "1"})
    coordinator.post(page, {"name": "Piet Pen"})

    lines = {line.name: line for line in coordinator.get(page).context["names"]}
    assert {name: line.leave_out for name, line in lines.items()} == {
        "Anna Bakker": False,
        "Piet Pen": True,
    }
    assert lines["Piet Pen"].around == ()
    assert list(errors(coordinator.post(page, {"name": ""}))) == ["name"]
    assert NameChoice.objects.count() == 2


# Decisions and sign-offs.


def deciding(people: Cast, note: EditionVersion, **other: Any) -> dict[str, Any]:
    asked = {
        "version": note.pk,
        "office": people.round.letter.signatory.office_id,
        "decided_on": timezone.localdate().isoformat(),
        "outcome": "with-change",
        "condition": "Noem de bedragen.",
    }
    return {f"decision-{name}": value for name, value in (asked | other).items()}


@pytest.fixture
def deciders(people: Cast) -> Cast:
    """The round, with its ministries in the plan and so their offices in the list."""
    taking_part(people)
    return people


def test_a_decision_is_entered_and_its_condition_met_in_a_later_version(
    deciders, freeze, coordinator
):
    people, page = deciders, address(deciders, "decisions")
    coordinator.post(page, deciding(people, story.version_of(freeze, Kind.DECISION_NOTE)))
    decision = Decision.objects.get()
    (line,) = coordinator.get(page).context["lines"]
    assert (line.waits, line.form) == (True, None)
    later = story.version_of(story.frozen(people, Stage.CONCEPT), Kind.DECISION_NOTE)

    (line,) = coordinator.get(page).context["lines"]
    assert line.form is not None
    coordinator.post(page, {"met": decision.pk, f"met-{decision.pk}-version": later.pk})

    assert ConditionMet.objects.get().version == later
    (line,) = coordinator.get(page).context["lines"]
    assert (line.waits, line.form) == (False, None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"condition": ""}, "condition"),
        ({"decided_on": "2999-01-01"}, "decided_on"),
        ({"decided_on": "0001-01-01"}, "decided_on"),
        ({"decided_on": "morgen"}, "decided_on"),
        ({"office": 0}, "office"),
        ({"outcome": "perhaps"}, "outcome"),
        ({"version": 0}, "version"),
    ],
)
def test_a_decision_that_cannot_be_is_told_at_its_field(
    deciders, freeze, coordinator, asked, field
):
    note = story.version_of(freeze, Kind.DECISION_NOTE)

    answer = coordinator.post(address(deciders, "decisions"), deciding(deciders, note, **asked))

    assert field in errors(answer)
    assert not Decision.objects.exists()


def test_a_condition_of_nothing_is_not_met(deciders, freeze, coordinator):
    for wrong in ("x", "0", "9" * 30):
        asked = {"met": wrong}
        assert coordinator.post(address(deciders, "decisions"), asked).status_code == 404


def test_a_ministry_reads_the_letter_and_answers(deciders, freeze, letter):
    people, page = deciders, address(deciders, "sign_off")
    client = signed_in(people.signer)

    answer = client.get(page)

    files = [file.version.edition.kind for file in answer.context["files"]]
    assert sorted(files) == ["annex", "letter"]
    for file in answer.context["files"]:
        assert client.get(reverse("admin:production_file", args=[file.pk])).status_code == 200
    asked = {"version": letter.pk, "organisation": people.partner.pk, "verdict": "agreed"}
    answer = client.post(page, asked, follow=True)
    assert EditionSignOff.objects.get().organisation == people.partner
    assert len(answer.context["given"]) == 1


def test_a_letter_that_changed_meanwhile_is_not_signed_off(deciders, freeze, letter):
    client = signed_in(deciders.signer)
    story.frozen(deciders, Stage.CONCEPT)
    asked = {"version": letter.pk, "organisation": deciders.partner.pk, "verdict": "agreed"}

    answer = client.post(address(deciders, "sign_off"), asked)

    assert "__all__" in errors(answer)
    assert not EditionSignOff.objects.exists()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"verdict": "not_agreed"}, "remark"),
        ({"verdict": ""}, "verdict"),
        ({"organisation": 0}, "organisation"),
    ],
)
def test_an_answer_that_says_too_little_is_asked_again(deciders, freeze, letter, asked, field):
    right = {"version": letter.pk, "organisation": deciders.partner.pk, "verdict": "agreed"}

    answer = signed_in(deciders.signer).post(address(deciders, "sign_off"), right | asked)

    assert field in errors(answer)
    assert not EditionSignOff.objects.exists()


def test_nobody_answers_for_another_ministry(deciders, freeze, letter):
    asked = {"version": letter.pk, "organisation": deciders.lead.pk, "verdict": "agreed"}

    answer = signed_in(deciders.signer).post(address(deciders, "sign_off"), asked)

    assert "organisation" in errors(answer)


def test_who_signs_off_for_nobody_finds_no_such_page(deciders, freeze):
    for who in ("editor", "stranger", "administrator", "reader", "first"):
        client = signed_in(getattr(deciders, who))
        assert client.get(address(deciders, "sign_off")).status_code == 404, who
        assert client.post(address(deciders, "sign_off"), {}).status_code == 404, who


def test_the_coordinator_sees_who_still_has_to_sign_off(deciders, freeze, letter, coordinator):
    handling.sign_off(
        letter, organisation=deciders.partner, verdict=Verdict.AGREED, actor=deciders.signer
    )

    answers = coordinator.get(address(deciders, "decisions")).context["answers"]
    assert {each.organisation: each.is_asked for each in answers} == {
        deciders.lead: True,
        deciders.partner: False,
    }

    arrange(deciders, own="Andere woorden.")
    story.frozen(deciders, Stage.CONCEPT)
    answers = coordinator.get(address(deciders, "decisions")).context["answers"]
    assert all(each.is_asked for each in answers)
    assert [each.earlier is not None for each in answers].count(True) == 1


def test_a_decision_on_an_issued_edition_is_still_shown(deciders, coordinator):
    story.issued(deciders)

    answer = coordinator.get(address(deciders, "decisions"))

    assert [line.decision.outcome for line in answer.context["lines"]] == [Outcome.AGREED]
    assert answer.context["form"] is None

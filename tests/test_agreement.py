"""What who issues sees of what was agreed to: which version, what differs, and who did not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from actions.choices import Verdict
from napmonitor.audit.models import AuditEvent
from reports import handling, issuing
from reports.agreement import agreement_of
from reports.choices import Kind, Outcome, Stage
from reports.models import Freeze
from tests import edition_story as story
from tests.factories import signed_in
from tests.test_handling import taking_part
from tests.test_warnings import arrange, say
from tests.workflow_people import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with story.quick_rendering(), translation.override("en"):
        yield


@pytest.fixture
def people() -> Cast:
    made = story.ready_round()
    taking_part(made)
    return made


@pytest.fixture
def concept(people: Cast) -> Freeze:
    return story.frozen(people, Stage.CONCEPT)


def shown(people: Cast, freeze: Freeze) -> str:
    client = signed_in(people.second)
    client.cookies["django_language"] = "en"
    answer = client.get(reverse("admin:production_issue", args=[freeze.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def letter_of(freeze: Freeze) -> Any:
    return story.version_of(freeze, Kind.LETTER)


def test_a_decision_on_the_set_itself_leaves_nothing_to_differ(people):
    freeze = story.frozen(people)
    story.decided(people, freeze)

    found = agreement_of(freeze)

    assert (found.version, found.is_this, found.changed) == ("1.1", True, ())
    assert "1.1" in shown(people, freeze)


def test_what_differs_from_the_version_that_was_agreed_to(people, concept):
    story.decided(people, concept)
    arrange(people, own="Dit kwam er na het besluit bij.")
    freeze = story.frozen(people)

    found = agreement_of(freeze)

    assert (found.version, found.is_this) == ("1.1", False)
    (letter,) = [each for each in found.changed if each.kind == Kind.LETTER]
    came = [piece.text for change in letter.changes for piece in change.pieces]
    assert any("na het besluit" in text for text in came)
    assert "na het besluit" in shown(people, freeze)


def test_a_set_with_the_words_that_were_agreed_to_shows_no_difference_in_the_letter(
    people, concept
):
    story.decided(people, concept)

    found = agreement_of(story.frozen(people))

    assert [each.kind for each in found.changed if each.kind != Kind.DECISION_NOTE] == []


def test_without_a_decision_no_version_was_agreed_to(people):
    freeze = story.frozen(people)

    assert (agreement_of(freeze).version, agreement_of(freeze).decisions) == ("", ())


def test_a_decision_against_it_is_told_and_is_no_version_that_was_agreed_to(people, concept):
    story.decided(people, concept, Outcome.NOT_AGREED)

    found = agreement_of(concept)

    assert [each.outcome for each in found.decisions] == [Outcome.NOT_AGREED]
    assert found.version == ""


def test_who_issues_sees_who_does_not_agree_and_who_said_nothing(people, concept):
    say(letter_of(concept), people, Verdict.NOT_AGREED, "Dit klopt niet.")
    arrange(people, own="Andere woorden.")
    freeze = story.frozen(people)
    story.decided(people, freeze)

    found = agreement_of(freeze)

    assert [each.organisation for each in found.against] == [people.partner]
    assert [each.organisation for each in found.silent] == [people.lead]
    assert found.agreeing == []
    page = shown(people, freeze)
    assert "Dit klopt niet." in page
    assert page.index("against-heading") < page.index("checks-heading")


def test_an_agreement_stands_while_the_letter_says_the_same(people, concept):
    say(letter_of(concept), people, Verdict.AGREED)

    found = agreement_of(story.frozen(people))

    assert [each.organisation for each in found.agreeing] == [people.partner]


def test_that_a_ministry_did_not_agree_stands_in_the_trail_when_it_is_issued(people):
    freeze = story.frozen(people)
    say(letter_of(freeze), people, Verdict.NOT_AGREED, "Dit klopt niet.")
    story.decided(people, freeze)
    story.opened(freeze, people.second)

    issuing.issue(freeze, actor=people.second)

    event = AuditEvent.objects.filter(action="edition.issue").latest("sequence")
    assert event.detail["not_agreed"] == [people.partner.slug]


def test_what_was_answered_of_a_later_version_is_not_told_of_an_earlier_one(people, concept):
    later = story.frozen(people)
    handling.sign_off(
        letter_of(later),
        organisation=people.partner,
        actor=people.signer,
        verdict=Verdict.NOT_AGREED,
        remark="Nee.",
    )

    assert agreement_of(concept).against == []


def test_queries_are_the_same_for_more_answers(people, concept, django_assert_max_num_queries):
    story.decided(people, concept)
    for lead in (True, False):
        say(letter_of(concept), people, Verdict.AGREED, lead=lead)
    arrange(people, own="Andere woorden.")
    freeze = story.frozen(people)

    with django_assert_max_num_queries(8):
        agreement_of(freeze)

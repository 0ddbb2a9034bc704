"""A concept is made of approved texts; what is not approved is in none, and nothing is public."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from actions import editing, workflow
from actions.choices import EntryState, Progress
from actions.queries import concept, public
from reports.builder import DocumentKind, build
from reports.document import Document, Paragraph, Standing, nodes
from tests import factories
from tests.edition_story import give_letter
from tests.workflow_people import Cast, cast, content

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    """A round with a text that is approved, one that is submitted and one that is a concept."""
    people = cast(points=3)
    for entry, state in zip(
        people.entries,
        (EntryState.APPROVED, EntryState.SUBMITTED, EntryState.CONCEPT),
        strict=True,
    ):
        people.bring(entry, state)
    return people


def document(people: Cast, kind: DocumentKind, *, with_approved: bool) -> Document:
    year, plan = people.round.year, people.round.plan.slug
    return build(kind, year, plan=plan, with_approved=with_approved)


def versions(made: Document) -> set[str]:
    return {
        version for node in nodes(made) if isinstance(node, Paragraph) for version in node.versions
    }


@pytest.mark.parametrize("kind", [DocumentKind.LETTER, DocumentKind.ANNEX])
def test_only_the_approved_text_is_in_a_concept(people, kind):
    made = document(people, kind, with_approved=True)

    approved = people.entries[0].action_point.code
    assert made.standing == Standing.CONCEPT
    assert versions(made) == {f"{approved}/{people.round.year}/1"}


@pytest.mark.parametrize("kind", [DocumentKind.LETTER, DocumentKind.ANNEX])
def test_a_document_for_everyone_holds_nothing_of_a_round_that_is_not_out(people, kind):
    made = document(people, kind, with_approved=False)

    assert versions(made) == set()
    assert "Much was done" not in str(made)


def test_the_numbers_of_a_concept_are_those_of_its_texts(people):
    facts = public.plan_facts(people.round.plan.slug)
    assert facts is not None

    report = concept.concept_report(facts, people.round.year)

    assert report is not None
    counts = [pillar.counts for pillar in report.pillars]
    assert sum(each[Progress.IN_PROGRESS] for each in counts) == 1
    assert sum(each[Progress.SOURCE_MISSING] for each in counts) == 2


def test_an_approved_correction_takes_the_place_of_what_is_public():
    people = cast()
    entry = people.bring(people.entry, EntryState.APPROVED)
    workflow.publish_round(people.round, actor=people.second)
    entry.refresh_from_db()
    workflow.reopen(entry, actor=people.first, reason="Een fout.")
    people.write(entry, "Beter gezegd.")
    workflow.submit(entry, actor=people.submitter)
    people.sign(entry)
    workflow.approve(entry, actor=people.first)
    people.round.refresh_from_db()
    give_letter(people)

    code, year = entry.action_point.code, people.round.year
    corrected = document(people, DocumentKind.ANNEX, with_approved=True)
    published = document(people, DocumentKind.ANNEX, with_approved=False)
    assert versions(corrected) == {f"{code}/{year}/2"}
    assert versions(published) == {f"{code}/{year}/1"}
    assert [
        each.banner and "nog niet is gepubliceerd" in each.banner.text
        for each in (corrected, published)
    ] == [True, False]


def test_a_correction_that_is_not_public_is_not_told_as_the_progress_of_an_earlier_year():
    people = cast(year=2031)
    entry = people.bring(people.entry, EntryState.APPROVED)
    workflow.publish_round(people.round, actor=people.second)
    workflow.reopen(entry, actor=people.first, reason="Een fout.")
    corrected = content(progress=Progress.COMPLETED)
    entry.refresh_from_db()
    editing.save_text(entry, corrected, author=people.editor, read_version=1)
    workflow.submit(entry, actor=people.submitter)
    people.sign(entry)
    workflow.approve(entry, actor=people.first)
    factories.ReportingRoundFactory(plan=people.round.plan, year=2032, opened=True)
    facts = public.plan_facts(people.round.plan.slug)
    assert facts is not None

    report = concept.concept_report(facts, 2032)

    assert report is not None
    (point,) = report.points
    for before in (point.previous, point.compared):
        assert before is not None
        assert (before.progress, before.version) == (Progress.IN_PROGRESS, 1)


def test_a_concept_asks_as_many_questions_for_many_texts(
    people, django_assert_max_num_queries: DjangoAssertNumQueries
):
    with django_assert_max_num_queries(15):
        document(people, DocumentKind.ANNEX, with_approved=True)

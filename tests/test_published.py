"""What everyone reads of a round that ministries wrote: its texts, corrections and silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from actions import workflow
from actions.choices import EntryState
from actions.models import StatusEntry
from actions.queries import public
from actions.queries.records import YearOfPoint
from tests.factories import overwrite
from tests.workflow_people import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    """Make a published round of one text, and one point over which nothing was supplied."""
    made = cast(points=2)
    made.bring(made.entries[0], EntryState.APPROVED)
    made.bring(made.entries[1], EntryState.NOT_SUPPLIED)
    workflow.publish_round(made.round, actor=made.first)
    return made


def correct(people: Cast, narrative: str, reason: str) -> None:
    """Take another text through the whole way, and publish it as a correction."""
    entry = people.entry
    workflow.reopen(entry, actor=people.first, reason="Internal: who was wrong.")
    people.write(entry, narrative)
    workflow.submit(entry, actor=people.submitter)
    people.sign(entry)
    workflow.approve(entry, actor=people.first)
    workflow.publish_correction(entry, actor=people.second, reason=reason)


def year_of(entry: StatusEntry) -> YearOfPoint:
    detail = public.action_point(entry.action_point.code, entry.action_point.plan.slug)
    (year,) = detail.years
    return year


def page_of(entry: StatusEntry) -> str:
    args = [entry.action_point.plan.slug, entry.action_point.code]
    response = Client().get(reverse("actions:plan-action-point", args=args))
    assert response.status_code == 200
    return response.text


def test_every_correction_is_read_beside_the_new_text_newest_first(people: Cast) -> None:
    correct(people, "With another number.", "The number was <wrong>.")
    correct(people, "With the right number.", "The number was wrong again.")

    year, page = year_of(people.entry), page_of(people.entry)

    reasons = ["The number was wrong again.", "The number was <wrong>."]
    assert [each.reason for each in year.corrections] == reasons
    assert {each.on for each in year.corrections} == {timezone.localdate()}
    assert year.stand.narrative == "With the right number."
    assert page.index("The number was wrong again.") < page.index("The number was &lt;wrong&gt;.")
    assert "With another number." not in page
    assert "Internal" not in page


def test_text_that_was_not_corrected_says_nothing_of_corrections(people: Cast) -> None:
    assert year_of(people.entry).corrections == ()


def test_what_was_corrected_before_anyone_could_read_it_is_not_told(people: Cast) -> None:
    overwrite(
        type(people.round).objects.filter(pk=people.round.pk),
        released_at=timezone.now() + timedelta(days=1),
    )
    correct(people, "With the right number.", "The number was wrong.")
    assert "The number was wrong." not in page_of(people.entry)

    overwrite(type(people.round).objects.filter(pk=people.round.pk), released_at=timezone.now())

    year = year_of(people.entry)
    assert year.stand.narrative == "With the right number."
    assert year.corrections == ()


def test_page_says_that_the_ministry_supplied_nothing_and_not_why(people: Cast) -> None:
    page = page_of(people.entries[1])

    with translation.override("nl"):
        sentence = gettext("The ministry did not supply a text about this subject for this year.")
    assert sentence in page
    assert "Nothing came." not in page

"""The overview of a round for the coordinators."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions import remarks, workflow
from actions.choices import EntryState, RemarkField
from actions.models import ReportingRound, StatusEntry
from tests.factories import ActionPointFactory, StatusEntryFactory, overwrite, signed_in
from tests.workflow_people import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    made = cast(points=4)
    made.bring(made.entries[1], EntryState.SUBMITTED)
    made.bring(made.entries[2], EntryState.RETURNED)
    made.bring(made.entries[3], EntryState.APPROVED)
    return made


@pytest.fixture
def coordinator(people: Cast) -> Client:
    return signed_in(people.first)


def overview(people: Cast) -> str:
    return reverse("admin:actions_reportinground_overview", args=[people.round.pk])


def approve(people: Cast) -> str:
    return reverse("admin:actions_reportinground_approve", args=[people.round.pk])


def code(entry: StatusEntry) -> str:
    return entry.action_point.code


def shown(client: Client, people: Cast, query: str = "") -> list[str]:
    answer = client.get(f"{overview(people)}?{query}")
    assert answer.status_code == 200
    return [row.task.code for row in answer.context["rows"]]


def chosen(*entries: StatusEntry) -> list[str]:
    found = []
    for entry in entries:
        entry.refresh_from_db()
        found.append(f"{entry.pk}:{entry.latest_version.number if entry.latest_version else 0}")
    return found


def test_counts_per_ministry_are_those_of_the_points_of_the_plan(
    coordinator: Client, people: Cast
) -> None:
    StatusEntryFactory(
        round=people.round,
        action_point=ActionPointFactory(plan=people.round.plan, lead=people.lead, in_plan=False),
    )

    context = coordinator.get(overview(people)).context

    (line,) = context["lines"]
    assert line.ministry.slug == people.lead.slug
    assert line.counts == context["total"].counts == (1, 1, 1, 1, 0)
    assert (line.total, len(context["rows"])) == (4, 5)


def test_filters_show_what_they_say(coordinator: Client, people: Cast) -> None:
    concept, submitted, returned, approved = people.entries
    overwrite(
        ReportingRound.objects.filter(pk=people.round.pk),
        ministry_deadline=timezone.localdate() - timedelta(days=1),
    )
    remarks.make(
        submitted,
        text="Which year?",
        author=people.first,
        read_version=submitted.latest_version.number,
        field=RemarkField.NARRATIVE,
    )

    assert shown(coordinator, people, "state=submitted") == [code(submitted)]
    assert sorted(shown(coordinator, people, "only=late")) == sorted(
        [code(concept), code(returned)]
    )
    assert shown(coordinator, people, "only=returned") == [code(returned)]
    assert shown(coordinator, people, "only=unsigned") == [code(submitted)]
    assert shown(coordinator, people, "only=remarks") == [code(submitted)]
    assert len(shown(coordinator, people, f"ministry={people.lead.slug}")) == 4
    assert shown(coordinator, people, f"ministry={people.lead.slug}&state=approved") == [
        code(approved)
    ]
    # What is no choice is no filter.
    assert len(shown(coordinator, people, "ministry=nobody&state=x&only=y")) == 4


def test_what_changed_since_the_last_visit_is_new(coordinator: Client, people: Cast) -> None:
    assert shown(coordinator, people, "only=new") == []

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        workflow.send_back(people.entries[1], actor=people.second, reason="Say more.")
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        assert shown(coordinator, people, "only=new") == [code(people.entries[1])]
        # Who looks again within the hour is still on the same visit.
        assert shown(coordinator, people, "only=new") == [code(people.entries[1])]
    with time_machine.travel(timezone.now() + timedelta(hours=5)):
        assert shown(coordinator, people, "only=new") == []


def test_several_are_approved_each_with_its_own_checks_and_outcome(
    coordinator: Client, people: Cast
) -> None:
    concept, ready, returned, approved = people.entries
    people.sign(ready)

    answer = coordinator.post(approve(people), {"entry": chosen(*people.entries)})

    outcomes = {each.entry: bool(each.refusal) for each in answer.context["outcomes"]}
    assert outcomes == {concept: True, ready: False, returned: True, approved: True}
    ready.refresh_from_db()
    concept.refresh_from_db()
    assert (ready.state, concept.state) == (EntryState.APPROVED, EntryState.CONCEPT)


def test_text_that_changed_after_the_overview_was_opened_is_not_approved(
    coordinator: Client, people: Cast
) -> None:
    entry = people.entries[1]
    sent = {"entry": chosen(entry), "note": "By telephone."}
    workflow.send_back(entry, actor=people.second, reason="Say more.")
    people.write(entry, "Something else.")
    workflow.submit(entry, actor=people.submitter)

    (outcome,) = coordinator.post(approve(people), sent).context["outcomes"]

    assert outcome.refusal
    entry.refresh_from_db()
    assert entry.state == EntryState.SUBMITTED


@pytest.mark.parametrize("words", [["x"], ["1"], ["9" * 30 + ":1"], [":"], ["-1:1"], []])
def test_what_is_no_choice_is_passed_over(
    coordinator: Client, people: Cast, words: list[str]
) -> None:
    assert coordinator.post(approve(people), {"entry": words}).context["outcomes"] == []


def test_entry_of_another_round_is_passed_over(coordinator: Client, people: Cast) -> None:
    other = cast()
    other.bring(other.entry, EntryState.SUBMITTED)

    answer = coordinator.post(approve(people), {"entry": chosen(other.entry), "note": "Yes."})

    assert answer.context["outcomes"] == []


@pytest.mark.parametrize(
    ("who", "sees"),
    [("editor", 403), ("signer", 403), ("stranger", 403), ("reader", 200), ("administrator", 200)],
)
def test_permission_to_see_and_to_approve_several(people: Cast, who: str, sees: int) -> None:
    client = signed_in(getattr(people, who))

    assert client.get(overview(people)).status_code in {sees, 404 if sees == 403 else sees}
    answer = client.post(approve(people), {"entry": chosen(people.entries[1]), "note": "Yes."})

    assert answer.status_code in (403, 404)
    people.entries[1].refresh_from_db()
    assert people.entries[1].state == EntryState.SUBMITTED


def test_overview_costs_the_same_queries_for_any_number(
    coordinator: Client, people: Cast, django_assert_max_num_queries: Any
) -> None:
    coordinator.get(overview(people))

    with django_assert_max_num_queries(10):
        coordinator.get(overview(people))

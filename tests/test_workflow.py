"""Transitions: each locks, checks, changes and logs, or leaves all as it was."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from actions import workflow
from actions.choices import EntryState, Origin
from actions.models import StatusEntry, Transition
from tests.factories import StatusEntryFactory, UserFactory, write

pytestmark = pytest.mark.django_db


def test_publish_reconstruction_publishes_the_newest_text_and_logs_it() -> None:
    entry, actor = StatusEntryFactory(), UserFactory()
    write(entry, "From the letter.", origin=Origin.RECONSTRUCTED)

    returned = workflow.publish_reconstruction(entry, actor=actor, note="Letter of 2023.")

    entry.refresh_from_db()
    assert returned == entry
    assert entry.state == EntryState.RECONSTRUCTED
    assert entry.published_version == entry.latest_version
    step = Transition.objects.get(entry=entry)
    assert (step.actor, step.note, step.version) == (actor, "Letter of 2023.", entry.latest_version)
    assert (step.from_state, step.to_state) == (EntryState.CONCEPT, EntryState.RECONSTRUCTED)


def test_publish_reconstruction_is_public_only_with_its_round() -> None:
    waiting = StatusEntryFactory(reconstructed="From the letter.")
    out = StatusEntryFactory(reconstructed="From the letter.", round__released=True)

    public = StatusEntry.objects.public()

    assert waiting not in public
    assert out in public


def test_publish_reconstruction_of_a_correction_moves_the_pointer() -> None:
    entry = StatusEntryFactory(reconstructed="From the letter.")
    first = entry.published_version
    write(entry, "Better read.", origin=Origin.RECONSTRUCTED)
    assert entry.published_version == first

    workflow.publish_reconstruction(entry, actor=UserFactory(), note="Misread.")

    entry.refresh_from_db()
    assert entry.published_version == entry.latest_version != first
    steps = [(step.from_state, step.to_state) for step in entry.transitions.all()]
    assert steps[1] == (EntryState.RECONSTRUCTED, EntryState.RECONSTRUCTED)


@pytest.mark.parametrize(
    "state",
    [state for state in EntryState if state not in ("concept", "reconstructed")],
)
def test_publish_reconstruction_refuses_what_is_in_the_hands_of_a_ministry(
    state: EntryState,
) -> None:
    entry = StatusEntryFactory()
    write(entry, "From the letter.", origin=Origin.RECONSTRUCTED)
    StatusEntry.objects.filter(pk=entry.pk).update(state=state)

    refused(entry)


def test_publish_reconstruction_refuses_a_text_of_a_ministry() -> None:
    refused(StatusEntryFactory(written="By the ministry."))


def test_publish_reconstruction_refuses_an_empty_entry() -> None:
    refused(StatusEntryFactory())


def test_publish_reconstruction_refuses_what_is_already_published() -> None:
    refused(StatusEntryFactory(reconstructed="From the letter."))


def refused(entry: StatusEntry) -> None:
    """Assert that publishing is not possible and leaves all as it was."""
    before = StatusEntry.objects.values().get(pk=entry.pk)
    steps = entry.transitions.count()

    with pytest.raises(workflow.NotPossible):
        workflow.publish_reconstruction(entry, actor=UserFactory(), note="Letter.")

    assert StatusEntry.objects.values().get(pk=entry.pk) == before
    assert entry.transitions.count() == steps


def test_publish_reconstruction_reads_the_entry_anew() -> None:
    entry = StatusEntryFactory()
    write(entry, "From the letter.", origin=Origin.RECONSTRUCTED)
    stale = StatusEntry.objects.get(pk=entry.pk)
    StatusEntry.objects.filter(pk=entry.pk).update(state=EntryState.APPROVED)

    with pytest.raises(workflow.NotPossible):
        workflow.publish_reconstruction(stale, actor=UserFactory(), note="Letter.")


def test_database_refuses_a_state_that_does_not_exist() -> None:
    entry = StatusEntryFactory()

    with pytest.raises(IntegrityError, match="statusentry_state_known"), transaction.atomic():
        StatusEntry.objects.filter(pk=entry.pk).update(state="published")


@pytest.mark.parametrize("route", ["update", "delete"])
def test_database_refuses_to_change_the_log(route: str) -> None:
    step = StatusEntryFactory(reconstructed="From the letter.").transitions.get()
    rows = Transition.objects.filter(pk=step.pk)
    routes = {"update": lambda: rows.update(note=""), "delete": lambda: rows._raw_delete("default")}

    with pytest.raises(IntegrityError, match="transition_append_only"), transaction.atomic():
        routes[route]()

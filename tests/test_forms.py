"""What the form of a status entry offers to whom."""

from __future__ import annotations

import pytest

from actions import workflow
from actions.choices import Progress
from actions.forms import StatusEntryForm
from actions.models import ReportingRound, StatusEntry
from tests.factories import NAP_COORDINATOR, somebody

pytestmark = pytest.mark.django_db


def offered(year: int) -> set[str]:
    entry = StatusEntry.objects.get(action_point__code="1.c", round__year=year)
    return {value for value, _label in StatusEntryForm(instance=entry).fields["progress"].choices}


def test_a_ministry_is_not_offered_what_is_said_of_letters_only():
    coordinator, _deputy = somebody(NAP_COORDINATOR), somebody(NAP_COORDINATOR)
    workflow.open_round(ReportingRound.objects.get(year=2026), actor=coordinator)

    assert not offered(2026) & {Progress.NOT_MENTIONED, Progress.SOURCE_MISSING}
    assert {Progress.IN_PROGRESS, Progress.NO_STATUS} <= offered(2026)


def test_a_reconstruction_keeps_every_kind_of_silence():
    assert {Progress.NOT_MENTIONED, Progress.SOURCE_MISSING} <= offered(2023)

"""When what is public of the plan changed last, without reading any of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Model, QuerySet

from actions.choices import EntryState
from actions.models import ActionPoint, Correction, Membership, ReportingRound, Transition
from actions.models.history import history_of, many_of, tracked_models
from actions.moments import Moment, last

# Who works where stands on no public page.
_NOT_SHOWN = (Membership,)


def public_changes(now: datetime) -> Iterator[QuerySet[Model, Moment]]:
    """Yield a query of one row for each way in which what is public can change; for a union.

    Rounds and texts count from their release on, reference data from when they were saved.
    """
    released = ReportingRound.objects.released(now)
    yield last("released", released, "released_at")
    yield last("corrected", Correction.objects.filter(entry__round__in=released), "at")
    from_letters = Transition.objects.filter(to_state=EntryState.RECONSTRUCTED)
    yield last("read from a letter", from_letters, "at")
    for model in tracked_models():
        if model._meta.app_label == "actions" and model not in _NOT_SHOWN:
            yield last(model.__name__, history_of(model).objects.all(), "history_date")
    for field, history in many_of(ActionPoint):
        yield last(field.name, history.objects.all(), "history__history_date")

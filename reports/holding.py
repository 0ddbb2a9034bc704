"""One step at a time in the documents of a round."""

from __future__ import annotations

from actions.models import ReportingRound


def held(each: ReportingRound) -> ReportingRound:
    """Hold a round until the transaction ends, and return it as it is by then."""
    rounds = ReportingRound.objects.select_for_update(of=("self",))
    return rounds.select_related("plan").get(pk=each.pk)

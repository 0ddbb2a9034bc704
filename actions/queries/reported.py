"""What a page about the yearly documents needs of the plan, and only what is public."""

from __future__ import annotations

from collections.abc import Iterable

from actions.models import ActionPoint, Plan


def known_codes(codes: Iterable[str]) -> frozenset[str]:
    """Return which of these codes an action point of the current plan has; 1 query."""
    points = ActionPoint.objects.filter(plan__in=Plan.objects.current(), code__in=sorted(codes))
    return frozenset(points.values_list("code", flat=True))

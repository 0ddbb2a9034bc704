"""The last of some rows: its number and when that was, without reading what is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import CharField, Max, QuerySet, Value

# What of: its name; the number of the last row; its moment. The last two are None without rows.
Moment: TypeAlias = tuple[str, int | None, datetime | None]


def last(kind: str, rows: QuerySet[Any], moment: str) -> QuerySet[Any, Moment]:
    """Return a query of one row, fit for a union with others of the same kind."""
    found: QuerySet[Any, Moment] = (
        rows.order_by()
        .values(of_what=Value(kind, CharField()))
        .annotate(last_number=Max("pk"), last_moment=Max(moment))
        .values_list("of_what", "last_number", "last_moment")
    )
    return found

"""How many rows there are and when the last was, without reading what is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import CharField, Count, Max, QuerySet, Value

# What of: its name; how many rows; the moment of the last, None without rows.
Moment: TypeAlias = tuple[str, int, datetime | None]


def last(kind: str, rows: QuerySet[Any], moment: str) -> QuerySet[Any, Moment]:
    """Return a query of one row, fit for a union with others of the same kind.

    Counted, and not only the last: what was written first may be there for others last.
    """
    found: QuerySet[Any, Moment] = (
        rows.order_by()
        .values(of_what=Value(kind, CharField()))
        .annotate(how_many=Count("pk"), last_moment=Max(moment))
        .values_list("of_what", "how_many", "last_moment")
    )
    return found

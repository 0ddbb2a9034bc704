"""How many rows there are and when the last was, without reading what is in them.

Asked with each request, so the question is put into SQL once: that takes twenty times as long as
its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeAlias

from django.db import connection
from django.db.models import CharField, Count, DateTimeField, Max, QuerySet, Value

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


# Yields a query of one row for each thing that counts at a moment.
Rows: TypeAlias = Callable[[datetime], Iterable[QuerySet[Any, Moment]]]
# Stands in the SQL where the moment of asking comes; no row has it.
_ASKED_AT: Final = datetime(1, 1, 1, 12, tzinfo=UTC)


def moments(now: datetime, *sources: Rows) -> list[Moment]:
    """Return the rows of these sources at a moment, in order of their names; 1 query.

    A source may use the moment only as a value to compare with.
    """
    sql, parameters = _question(connection.vendor, sources)
    adapt = connection.ops.adapt_datetimefield_value
    asked_at, at = adapt(_ASKED_AT), adapt(now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [at if each == asked_at else each for each in parameters])
        found = cursor.fetchall()
    return sorted((kind, how_many, _moment(last)) for kind, how_many, last in found)


@cache
def _question(_vendor: str, sources: tuple[Rows, ...]) -> tuple[str, tuple[Any, ...]]:
    rows = [each for source in sources for each in source(_ASKED_AT)]
    sql, parameters = rows[0].union(*rows[1:], all=True).query.sql_with_params()
    return sql, tuple(parameters)


def _moment(found: object) -> datetime | None:
    """Return a moment as the database gives it: SQLite has a text for it."""
    value: Any = found
    field = Value(None, DateTimeField())
    for convert in connection.ops.get_db_converters(field):
        value = convert(value, field, connection)
    return value if isinstance(value, datetime) else None

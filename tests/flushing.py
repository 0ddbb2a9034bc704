"""Let the test runner empty tables between tests although some of them are append-only.

After a test with real transactions Django empties every table. Append-only tables refuse that, as
they should; here, and only here, their triggers are set aside for that moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.utils import CursorWrapper
from django.db.transaction import atomic

# Seconds in which any work in the database ends.
PATIENCE = 20
AT_WORK = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_type = 'client backend' AND state <> 'idle'
"""
# Which tables hold rows, and which of those have triggers of ours, in one question.
FILLED = """
SELECT format('SELECT %%L, %%L::boolean WHERE EXISTS (SELECT FROM %%I)', relname, EXISTS (
  SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND NOT tgisinternal
), relname)
FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


def allow_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Django's flush work until the patch is undone."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_without_triggers(self: BaseDatabaseOperations, sql_list: list[str]) -> Any:
        if self.connection.vendor == "postgresql":
            return _delete_all(self.connection)
        with _without_triggers(self.connection):
            return flush(self, sql_list)

    monkeypatch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_without_triggers)


@contextmanager
def _without_triggers(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for _name, sql in triggers:
                cursor.execute(sql)


def _delete_all(connection: BaseDatabaseWrapper) -> None:
    """Delete every row of every table that has one.

    Django's TRUNCATE of all tables waits for who only reads, such as a request that a closed page
    left behind, and can lock up with it. It also takes far longer: most tables are empty.
    """
    _wait_for_others(connection)
    tables = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        cursor.execute(FILLED, [tables])
        cursor.execute(" UNION ALL ".join(row[0] for row in cursor.fetchall()))
        filled: list[tuple[str, bool]] = cursor.fetchall()
        guarded = [name for name, has_triggers in filled if has_triggers]
        with atomic():
            _each(cursor, guarded, 'ALTER TABLE "{}" DISABLE TRIGGER USER')
            _each(cursor, [name for name, _ in filled], 'DELETE FROM "{}"')
            # A table of which references must still be looked at can't be altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            _each(cursor, guarded, 'ALTER TABLE "{}" ENABLE TRIGGER USER')
        # What was deleted stays in the file, and the next tests would read past it.
        _each(cursor, [name for name, _ in filled], 'VACUUM "{}"')


def _wait_for_others(connection: BaseDatabaseWrapper) -> None:
    """Wait until nobody else is at work in this database: a server that a test killed, or a thread.

    What still writes could lock up with the emptying of the tables, or add a row behind it.
    """
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(AT_WORK)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


def _each(cursor: CursorWrapper, tables: list[str], statement: str) -> None:
    for table in tables:
        cursor.execute(statement.format(table))

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

# Seconds in which any work in the database ends.
PATIENCE = 20
AT_WORK = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_type = 'client backend' AND state <> 'idle'
"""


def allow_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Django's flush work until the patch is undone."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_without_triggers(self: BaseDatabaseOperations, sql_list: list[str]) -> Any:
        with _without_triggers(self.connection):
            return flush(self, sql_list)

    monkeypatch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_without_triggers)


@contextmanager
def _without_triggers(connection: BaseDatabaseWrapper) -> Iterator[None]:
    if connection.vendor == "sqlite":
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
        return
    _wait_for_others(connection)
    tables = connection.introspection.django_table_names(only_existing=True)
    _each_table(connection, tables, "DISABLE")
    try:
        yield
    finally:
        _each_table(connection, tables, "ENABLE")


def _wait_for_others(connection: BaseDatabaseWrapper) -> None:
    """Wait until nobody else is at work in this database: a server that a test killed, or a thread.

    What still reads or writes would lock up with the emptying of the tables.
    """
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(AT_WORK)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


def _each_table(connection: BaseDatabaseWrapper, tables: list[str], verb: str) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" {verb} TRIGGER USER')

"""All rows of the test database as they were at one moment, to put back after it was emptied.

Loading the plan takes seconds and each test with real transactions empties the tables; putting the
same rows back takes a fraction of that.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

# What Django fills again after it emptied all tables.
MADE_BY_MIGRATE = ("auth_permission", "django_content_type")


class Snapshot:
    """What was in the database when this was made."""

    def __init__(self) -> None:
        if connection.vendor == "sqlite":
            self._file = sqlite3.connect(":memory:", check_same_thread=False)
            connection.ensure_connection()
            connection.connection.backup(self._file)
        else:
            with connection.cursor() as cursor:
                self._rows = {
                    model._meta.db_table: _copied(cursor, model._meta.db_table)
                    for model in _models()
                }

    def put_back(self) -> None:
        """Replace whatever rows there are by these."""
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            self._file.backup(connection.connection)
        else:
            self._put_back_rows()
        ContentType.objects.clear_cache()

    def _put_back_rows(self) -> None:
        # Keys between tables are looked at when the transaction ends, so any order will do.
        with transaction.atomic(), connection.cursor() as cursor:
            for table in MADE_BY_MIGRATE:
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608
            for table, rows in self._rows.items():
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
            # A table that was made anew would give its first numbers again.
            for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(statement)


def _models() -> list[type[Model]]:
    models = apps.get_models(include_auto_created=True)
    return [model for model in models if model._meta.managed and not model._meta.proxy]


def _copied(cursor: Any, table: str) -> bytes:
    with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(part) for part in copy)

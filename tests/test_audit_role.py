"""The database role that docs/audit-trail.md advises: enough to work with, too little to tamper."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from actions import workflow
from actions.choices import EntryState
from napmonitor.audit import trail
from napmonitor.audit.constraints import AppendOnly
from tests.workflow_people import cast

pytestmark = pytest.mark.django_db

APPEND_ONLY = sorted(
    model._meta.db_table
    for model in apps.get_models()
    if any(isinstance(rule, AppendOnly) for rule in model._meta.constraints)
)


@pytest.fixture
def application() -> Iterator[None]:
    """Work as the role that the page makes, on PostgreSQL."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite knows no roles")
    page = (settings.BASE_DIR / "docs" / "audit-trail.md").read_text(encoding="utf-8")
    (statements,) = re.findall(r"```sql\n(.*?)```", page, flags=re.DOTALL)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE nap_application")
        cursor.execute(statements)
        cursor.execute("SET LOCAL ROLE nap_application")
        yield
        cursor.execute("RESET ROLE")


def test_application_with_few_rights_goes_through_the_whole_year(application: None) -> None:
    people = cast()
    people.bring(people.entry, EntryState.APPROVED)

    workflow.publish_round(people.round, actor=people.first)

    assert trail.verify() == []


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE "{}" SET id = id',
        'DELETE FROM "{}"',
        'TRUNCATE "{}" CASCADE',
        'ALTER TABLE "{}" DISABLE TRIGGER USER',
        'DROP TABLE "{}" CASCADE',
    ],
)
def test_application_with_few_rights_comes_nowhere_near_what_is_append_only(
    application: None, table: str, statement: str
) -> None:
    statement = statement.replace("id = id", "hash = hash") if "audit" in table else statement

    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))

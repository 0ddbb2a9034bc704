"""Look whether the rules of the database are there: after every migration, and when asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.core.management.base import CommandError
from django.db import DatabaseError, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from napmonitor.audit.constraints import DatabaseRule


def missing_rules(using: str = "default") -> Iterator[tuple[type[models.Model], str]]:
    """Yield what the database should refuse and does not: the model and the name of the rule.

    A rule counts as missing when it was dropped, switched off, or replaced by something else.
    """
    for model, _rule, name in _missing(using):
        yield model, name


def _missing(using: str) -> Iterator[tuple[type[models.Model], DatabaseRule, str]]:
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    for model in apps.get_models():
        if model._meta.db_table in tables:
            for rule in model._meta.constraints:
                if isinstance(rule, DatabaseRule):
                    for name in rule.missing(model, connection):
                        yield model, rule, name


def check_rules(
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **_options: Any,
) -> list[checks.CheckMessage]:
    """Be an error of `manage.py check --database default` for each rule that is missing."""
    return [
        checks.Error(
            f"The database does not hold the rule {name} of {model._meta.label}.",
            hint="Run manage.py restore_rules, then manage.py verify_audit.",
            obj=model,
            id="audit.E001",
        )
        for using in databases or ()
        if _is_migrated(using)
        for model, name in missing_rules(using)
    ]


def check_after_migration(sender: AppConfig, using: str, **_signal: Any) -> None:
    """Stop a migration that left a rule behind; looked at once, after the last app."""
    last = [each for each in apps.get_app_configs() if each.models_module][-1]
    if sender.label == last.label and _is_migrated(using):
        found = [name for _model, name in missing_rules(using)]
        if found:
            raise CommandError(
                _("These rules are missing in the database after the migration: %s.")
                % ", ".join(found)
            )


def restore(using: str = "default") -> list[str]:
    """Put back the triggers and constraints that are missing, and return their names.

    What cannot be put back, because rows break it, stays missing and is not in the list.
    """
    connection = connections[using]
    editor = connection.schema_editor(collect_sql=True)
    missing = {name: (model, rule) for model, rule, name in _missing(using)}
    for model, rule in set(missing.values()):
        with (
            contextlib.suppress(DatabaseError),
            transaction.atomic(using),
            connection.cursor() as cursor,
        ):
            for statement in rule.repair(model, editor):
                cursor.execute(statement)
    return sorted(set(missing) - {name for _model, name in missing_rules(using)})


def _is_migrated(using: str) -> bool:
    """Tell whether every migration has run: before that, a rule may still have to come."""
    executor = MigrationExecutor(connections[using])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())

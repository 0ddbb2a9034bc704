"""Constraints that Django does not have, as real rules in both databases.

They stand in `Meta.constraints` and travel through migrations like Django's own. PostgreSQL gets
its native form. SQLite gets triggers, which are deferred statements of the table itself: when
Django rebuilds a table there (any changed field), the rules are made again with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import Q
from django.db.models.constraints import BaseConstraint


class DatabaseRule(BaseConstraint):
    """What the three rules share: one way in on creation and one on a later migration."""

    # The stubs of the three methods that Django calls are wider than any call.

    def postgresql_clause(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        """Return the rule as a table constraint; empty when it is a trigger there too."""
        return ""

    def statements(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> Iterable[str]:
        """Return the statements that make the rule; `%(table)s` stands for the quoted table."""
        return ()

    def removal(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        """Return the PostgreSQL statement that ends the rule."""
        return f"ALTER TABLE %(table)s DROP CONSTRAINT {editor.quote_name(self.name)}"

    def constraint_sql(  # type: ignore[override]
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> str | None:
        clause = self._clause(model, schema_editor)
        for template in self.statements(model, schema_editor):
            schema_editor.deferred_sql.append(_statement(template, model, schema_editor))
        return f"CONSTRAINT {schema_editor.quote_name(self.name)} {clause}" if clause else None

    def create_sql(  # type: ignore[override]
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> Statement:
        # Only PostgreSQL comes here: on SQLite Django rebuilds the table, through constraint_sql.
        clause = self._clause(model, schema_editor)
        if clause:
            name = schema_editor.quote_name(self.name)
            template = f"ALTER TABLE %(table)s ADD CONSTRAINT {name} {clause}"
        else:
            template = "; ".join(self.statements(model, schema_editor))
        return _statement(template, model, schema_editor)

    def remove_sql(  # type: ignore[override]
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> Statement:
        return _statement(self.removal(model, schema_editor), model, schema_editor)

    def missing(self, model: type[models.Model], connection: BaseDatabaseWrapper) -> list[str]:
        """Return the names of what makes this rule and is not in the database as it should be."""
        editor = connection.schema_editor(collect_sql=True)
        if not is_sqlite(editor):
            return self.missing_on_postgresql(model, connection)
        table = editor.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            found = {name: _squeezed(sql) for name, sql in cursor.fetchall()}
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s",
                [model._meta.db_table],
            )
            definition = _squeezed((cursor.fetchone() or ("",))[0])
        expected = [each % {"table": table} for each in self.statements(model, editor)]
        broken = [
            name
            for sql in expected
            for name in [sql.split('"')[1]]
            if found.get(name) != _squeezed(sql)
        ]
        clause = self._clause(model, editor)
        return broken + ([self.name] if clause and _squeezed(clause) not in definition else [])

    def repair(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> Iterable[str]:
        """Return the statements that put the rule back, whatever is left of it.

        A clause within the definition of a table cannot get lost on SQLite, nor be put back.
        """
        table = {"table": editor.quote_name(model._meta.db_table)}
        if is_sqlite(editor):
            for template in self.statements(model, editor):
                sql = template % table
                yield f'DROP TRIGGER IF EXISTS "{sql.split(chr(34))[1]}"'
                yield sql
            return
        for statement in self.removal(model, editor).split("; "):
            yield statement.replace("DROP CONSTRAINT", "DROP CONSTRAINT IF EXISTS") % table
        yield str(self.create_sql(model, editor))

    def missing_on_postgresql(
        self, model: type[models.Model], connection: BaseDatabaseWrapper
    ) -> list[str]:
        with connection.cursor() as cursor:
            # A foreign key is held by triggers, which can be switched off.
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conname = %s AND conrelid = to_regclass(%s) AND convalidated AND NOT EXISTS "
                "(SELECT 1 FROM pg_trigger "
                "WHERE tgconstraint = pg_constraint.oid AND tgenabled NOT IN ('O', 'A'))",
                [self.name, connection.ops.quote_name(model._meta.db_table)],
            )
            (definition,) = cursor.fetchone() or ("",)
        clause = self.postgresql_clause(model, connection.schema_editor(collect_sql=True))
        return [] if _bare(definition) == _bare(clause) else [self.name]

    def _clause(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        return "" if is_sqlite(editor) else self.postgresql_clause(model, editor)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DatabaseRule):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), self.name))


class NoOverlap(DatabaseRule):
    """Of rows alike in `fields` (numbers), no two half-open periods [from, until) overlap.

    A missing date is open. `where` narrows the rule to rows with these exact values.
    """

    def __init__(
        self,
        *,
        name: str,
        fields: Sequence[str],
        period: tuple[str, str] = ("valid_from", "valid_until"),
        where: dict[str, Any] | None = None,
        violation_error_code: str | None = None,
        violation_error_message: Any = None,
    ) -> None:
        super().__init__(
            name=name,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )
        self.fields, self.period, self.where = tuple(fields), tuple(period), dict(where or {})

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        kwargs["fields"] = self.fields
        if self.period != ("valid_from", "valid_until"):
            kwargs["period"] = self.period
        if self.where:
            kwargs["where"] = self.where
        return path, args, kwargs

    def postgresql_clause(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        # An int8range of one number is equality that gist knows without an extension.
        keys = [
            f"int8range({column}, {column}, '[]') WITH &&"
            for column in _columns(model, editor, self.fields)
        ]
        start, end = _columns(model, editor, self.period)
        clause = f"EXCLUDE USING gist ({', '.join(keys)}, daterange({start}, {end}) WITH &&)"
        if self.where:
            clause += f" WHERE ({' AND '.join(self._conditions(model, editor, ''))})"
        return clause

    def statements(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> Iterable[str]:
        if not is_sqlite(editor):
            return
        start, end = _columns(model, editor, self.period)
        (key,) = _columns(model, editor, [model._meta.pk.attname])
        same = [f"other.{c} = NEW.{c}" for c in _columns(model, editor, self.fields)]
        overlap = [
            f"(other.{start} IS NULL OR NEW.{end} IS NULL OR other.{start} < NEW.{end})",
            f"(NEW.{start} IS NULL OR other.{end} IS NULL OR NEW.{start} < other.{end})",
        ]
        mine = self._conditions(model, editor, "NEW.")
        others = self._conditions(model, editor, "other.")
        clash = " AND ".join([f"other.{key} <> NEW.{key}", *same, *overlap, *mine, *others])
        for event in ("INSERT", "UPDATE"):
            yield (
                f"CREATE TRIGGER {editor.quote_name(f'{self.name}_{event.lower()}')} "
                f"AFTER {event} ON %(table)s BEGIN "
                f"SELECT RAISE(ABORT, '{self.name}') "
                f"WHERE EXISTS (SELECT 1 FROM %(table)s AS other WHERE {clash}); END"
            )

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Iterable[str] | None = None,
        using: str = "default",
    ) -> None:
        named = {*self.fields, *self.period, *self.where}
        if exclude and named & set(exclude):
            return
        if any(getattr(instance, name) != value for name, value in self.where.items()):
            return
        start, end = (getattr(instance, name) for name in self.period)
        start_name, end_name = self.period
        keys = [_attname(model, name) for name in self.fields]
        same = {key: getattr(instance, key) for key in keys}
        if None in same.values():
            return
        others = model._default_manager.using(using).filter(**same, **self.where)
        if end is not None:
            others = others.filter(Q(**{start_name: None}) | Q(**{f"{start_name}__lt": end}))
        if start is not None:
            others = others.filter(Q(**{end_name: None}) | Q(**{f"{end_name}__gt": start}))
        if others.exclude(pk=instance.pk).exists():
            raise ValidationError(
                self.get_violation_error_message(), code=self.violation_error_code
            )

    def _conditions(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor, prefix: str
    ) -> list[str]:
        return [
            f"{prefix}{column} = {editor.quote_value(value)}"
            for column, value in zip(
                _columns(model, editor, self.where), self.where.values(), strict=True
            )
        ]


# The body of the function behind the triggers of PostgreSQL; the name of the rule is its argument.
_REFUSE = (
    "BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END"
)
# As PostgreSQL itself writes these triggers; anything else, a condition too, is another trigger.
_TRIGGERS = {
    "row": "BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW",
    "statement": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
}


class AppendOnly(DatabaseRule):
    """Rows are added and never changed or removed, by whatever route."""

    def statements(
        self, model: type[models.Model], editor: BaseDatabaseSchemaEditor
    ) -> Iterable[str]:
        name = self.name
        if not is_sqlite(editor):
            yield (
                "CREATE OR REPLACE FUNCTION nap_append_only() RETURNS trigger LANGUAGE plpgsql "
                f"AS $$ {_REFUSE.replace('%', '%%')} $$"
            )
            for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
                trigger = editor.quote_name(f"{name}_{each.lower()}")
                yield (
                    f"CREATE TRIGGER {trigger} BEFORE {event} ON %(table)s "
                    f"FOR EACH {each} EXECUTE FUNCTION nap_append_only('{name}')"
                )
            return
        for event in ("UPDATE", "DELETE"):
            trigger = editor.quote_name(f"{name}_{event.lower()}")
            yield (
                f"CREATE TRIGGER {trigger} BEFORE {event} ON %(table)s "
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
        # INSERT OR REPLACE deletes without a delete trigger unless the connection asks for one.
        (key,) = _columns(model, editor, [model._meta.pk.attname])
        yield (
            f"CREATE TRIGGER {editor.quote_name(f'{name}_insert')} BEFORE INSERT ON %(table)s "
            f"WHEN EXISTS (SELECT 1 FROM %(table)s AS old WHERE old.{key} = NEW.{key}) "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )

    def missing_on_postgresql(
        self, model: type[models.Model], connection: BaseDatabaseWrapper
    ) -> list[str]:
        with connection.cursor() as cursor:
            # Switched off for everyone or only where nothing is replicated: both are broken.
            cursor.execute(
                "SELECT pg_get_triggerdef(pg_trigger.oid, true) "
                "FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
                "WHERE tgrelid = to_regclass(%s) AND tgenabled IN ('O', 'A') "
                "AND trim(prosrc) = %s",
                [connection.ops.quote_name(model._meta.db_table), _REFUSE],
            )
            found = {definition for (definition,) in cursor.fetchall()}
        table = model._meta.db_table
        return [
            f"{self.name}_{each}"
            for each, when in _TRIGGERS.items()
            if f"CREATE TRIGGER {self.name}_{each} {when.format(table=table)} "
            f"EXECUTE FUNCTION nap_append_only('{self.name}')" not in found
        ]

    def removal(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        return "; ".join(
            f"DROP TRIGGER IF EXISTS {editor.quote_name(f'{self.name}_{each}')} ON %(table)s"
            for each in ("row", "statement")
        )

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Iterable[str] | None = None,
        using: str = "default",
    ) -> None:
        if not instance._state.adding:
            raise ValidationError(
                self.get_violation_error_message(), code=self.violation_error_code
            )


class SameParent(DatabaseRule):
    """The row that `field` points at has the same parent as this row.

    A foreign key over two columns: `own` of this row equals `theirs` of the other. The other model
    needs a unique constraint over its key and `theirs`.
    """

    def __init__(
        self,
        *,
        name: str,
        field: str,
        own: str,
        theirs: str,
        violation_error_code: str | None = None,
        violation_error_message: Any = None,
    ) -> None:
        super().__init__(
            name=name,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )
        self.field, self.own, self.theirs = field, own, theirs

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        kwargs.update(field=self.field, own=self.own, theirs=self.theirs)
        return path, args, kwargs

    def postgresql_clause(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        columns = ", ".join(_columns(model, editor, [self.field, self.own]))
        other = _related(model, self.field)
        targets = ", ".join(_columns(other, editor, [other._meta.pk.attname, self.theirs]))
        table = editor.quote_name(other._meta.db_table.removeprefix("new__"))
        return (
            f"FOREIGN KEY ({columns}) REFERENCES {table} ({targets}) DEFERRABLE INITIALLY DEFERRED"
        )

    def _clause(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        # SQLite knows this form too, within the table's definition.
        return self.postgresql_clause(model, editor)

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Iterable[str] | None = None,
        using: str = "default",
    ) -> None:
        if exclude and {self.field, self.own} & set(exclude):
            return
        other = getattr(instance, self.field, None)
        if other is None:
            return
        own = getattr(instance, _attname(model, self.own))
        if getattr(other, _attname(type(other), self.theirs)) != own:
            raise ValidationError(
                self.get_violation_error_message(), code=self.violation_error_code
            )


def is_sqlite(editor: BaseDatabaseSchemaEditor) -> bool:
    """Tell which of the two databases a schema editor writes for."""
    return editor.connection.vendor == "sqlite"


def _squeezed(sql: str) -> str:
    return " ".join(sql.split())


def _bare(sql: str) -> str:
    """Return a clause without what PostgreSQL adds when it writes it back: casts and brackets."""
    return re.sub(r"::(character varying|\w+)|[\s\"()]", "", sql)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model.__name__}.{name} has no column")
    return field


def _attname(model: type[models.Model], name: str) -> str:
    return _field(model, name).attname


def _related(model: type[models.Model], name: str) -> type[models.Model]:
    related = _field(model, name).related_model
    if not isinstance(related, type):
        raise TypeError(f"{model.__name__}.{name} points at no model")
    return related


def _columns(
    model: type[models.Model], editor: BaseDatabaseSchemaEditor, names: Iterable[str]
) -> list[str]:
    """Return the quoted columns of fields."""
    return [str(editor.quote_name(str(_field(model, name).column))) for name in names]


def _statement(
    template: str, model: type[models.Model], editor: BaseDatabaseSchemaEditor
) -> Statement:
    # A Statement, because SQLite renames `new__table` in what is deferred after a rebuild.
    return Statement(template, table=Table(model._meta.db_table, editor.quote_name))


def checks_hold(rules: Iterable[BaseConstraint], row: models.Model) -> bool:
    """Tell with one question to the database whether all checks among some rules hold for a row.

    Django asks three for each check; who saves a text would wait for sixty. Says nothing about
    rules of another kind.
    """
    conditions = [rule.condition for rule in rules if isinstance(rule, models.CheckConstraint)]
    if not conditions:
        return True
    together = models.CheckConstraint(
        condition=reduce(and_, (Q(each) for each in conditions)), name="together"
    )
    try:
        together.validate(type(row), row)
    except ValidationError:
        return False
    return True


class ChecksTogether(models.Model):
    """A model whose checks are asked at once; apart, for their sentences, when one is broken."""

    class Meta:
        abstract = True

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[BaseConstraint]]]:
        """Return the rules that `full_clean` still has to ask one by one."""
        asked = []
        for model, rules in super().get_constraints():
            if checks_hold(rules, self):
                rules = [each for each in rules if not isinstance(each, models.CheckConstraint)]
            asked.append((model, rules))
        return asked

"""The rules of the database are there, are missed when they are not, and can be put back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from django.apps import apps
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import translation

from actions.models import EntryVersion, OrganisationName
from napmonitor.accounts.models import User
from napmonitor.audit import rules
from napmonitor.audit.constraints import AppendOnly, DatabaseRule, NoOverlap, SameParent
from napmonitor.audit.models import AuditEvent
from tests.factories import OrganisationNameFactory

pytestmark = pytest.mark.django_db

# Every rule of every model, so that a new one is here too.
RULES: dict[str, tuple[type[models.Model], DatabaseRule]] = {
    rule.name: (model, rule)
    for model in apps.get_models()
    for rule in model._meta.constraints
    if isinstance(rule, DatabaseRule)
}
KINDS = (AppendOnly, NoOverlap, SameParent)


def execute(*statements: str) -> None:
    # PostgreSQL changes no table while foreign keys wait to be looked at.
    connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def missing() -> set[str]:
    """Return what the system check finds, as the names of rules."""
    found = rules.check_rules(databases=["default"])
    assert {(each.id, each.level) for each in found} <= {("audit.E001", checks.ERROR)}
    return {each.msg.split()[7] for each in found}


def triggers(rule: DatabaseRule) -> dict[str, str]:
    """Return the triggers of a rule on SQLite with the statement that made each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name: sql for name, sql in cursor.fetchall() if name.startswith(f"{rule.name}_")}


def drop(name: str) -> None:
    model, rule = RULES[name]
    table = f'"{model._meta.db_table}"'
    if connection.vendor == "sqlite":
        if isinstance(rule, SameParent):
            rewrite_table(model, f'CONSTRAINT "{name}"', 'CONSTRAINT "x" CHECK (1), CONSTRAINT "y"')
            rewrite_table(model, rule._clause(model, connection.schema_editor()), "CHECK (1)")
        else:
            execute(*(f'DROP TRIGGER "{each}"' for each in triggers(rule)))
    elif isinstance(rule, AppendOnly):
        execute(*(f"DROP TRIGGER {name}_{part} ON {table}" for part in ("row", "statement")))
    else:
        execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def rewrite_table(model: type[models.Model], old: str, new: str) -> None:
    """Change the definition of a table on SQLite, where no statement does that."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA writable_schema = ON")
        cursor.execute(
            "UPDATE sqlite_master SET sql = replace(sql, %s, %s) "
            "WHERE type = 'table' AND name = %s",
            [old, new, model._meta.db_table],
        )
        cursor.execute("PRAGMA writable_schema = OFF")


def replace(name: str) -> None:
    """Put something under the name of a rule that holds nothing."""
    model, rule = RULES[name]
    table = f'"{model._meta.db_table}"'
    if connection.vendor == "sqlite":
        found = triggers(rule)
        drop(name)
        for trigger, sql in found.items():
            execute(f"{sql.partition('BEGIN')[0]} BEGIN SELECT '{trigger}'; END")
    elif isinstance(rule, AppendOnly):
        drop(name)
        execute(
            "CREATE OR REPLACE FUNCTION pg_temp.nothing() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NEW; END $$",
            f"CREATE TRIGGER {name}_row BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pg_temp.nothing()",
            f"CREATE TRIGGER {name}_statement BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.nothing()",
        )
    else:
        drop(name)
        execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (true)")


def weaken(name: str) -> None:
    """Put a rule of the same kind under the name, that holds less."""
    model, rule = RULES[name]
    key = model._meta.pk.column
    drop(name)
    table = f'"{model._meta.db_table}"'
    if isinstance(rule, NoOverlap):
        clause = f"EXCLUDE USING gist (int8range({key}, {key}, '[]') WITH &&)"
    else:
        clause = f"FOREIGN KEY ({key}) REFERENCES {table} ({key}) DEFERRABLE INITIALLY DEFERRED"
    execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {clause}")


def disable(name: str) -> None:
    """Switch off what holds a rule and leave the rule itself in place."""
    model, _rule = RULES[name]
    execute(f'ALTER TABLE "{model._meta.db_table}" DISABLE TRIGGER ALL')


def test_there_are_rules_of_every_kind() -> None:
    assert {type(rule) for _model, rule in RULES.values()} == set(KINDS)


def test_check_is_silent_on_a_healthy_database() -> None:
    assert missing() == set()
    assert list(rules.missing_rules()) == []
    call_command("check", databases=["default"])


@pytest.mark.parametrize("name", sorted(RULES))
def test_check_names_a_dropped_rule_and_its_model(name: str) -> None:
    model, _rule = RULES[name]

    drop(name)

    found = rules.check_rules(databases=["default"])
    assert found
    assert {each.obj for each in found} == {model}
    assert all(each.startswith(name) for each in missing())
    with pytest.raises(CommandError, match="audit.E001"):
        call_command("check", databases=["default"])


@pytest.mark.parametrize("name", sorted(RULES))
def test_check_names_a_replaced_rule(name: str) -> None:
    if connection.vendor == "sqlite" and isinstance(RULES[name][1], SameParent):
        pytest.skip("there it is a part of the table, not a thing of its own")

    replace(name)

    assert missing()
    assert all(each.startswith(name) for each in missing())


@pytest.mark.parametrize(
    "name", sorted(name for name, (_m, rule) in RULES.items() if not isinstance(rule, AppendOnly))
)
def test_check_names_a_weakened_constraint(name: str) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("there these are triggers, or a part of the table")

    weaken(name)

    assert missing() == {name}


@pytest.mark.parametrize(
    "name", sorted(name for name, (_m, rule) in RULES.items() if not isinstance(rule, NoOverlap))
)
def test_check_names_a_rule_that_was_switched_off(name: str) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("this database cannot switch a rule off")

    disable(name)

    assert any(each.startswith(name) for each in missing())


def test_check_looks_at_no_database_that_it_was_not_asked_about() -> None:
    drop("auditevent_append_only")

    assert rules.check_rules(databases=None) == []
    assert rules.check_rules(databases=[]) == []


def test_check_gives_no_false_alarm_while_migrations_are_pending() -> None:
    drop("auditevent_append_only")
    MigrationRecorder(connection).migration_qs.filter(app="audit").delete()

    assert missing() == set()


def test_migration_that_lost_a_rule_stops_with_its_name() -> None:
    drop("auditevent_append_only")

    with pytest.raises(CommandError, match="auditevent_append_only"):
        call_command("migrate", verbosity=0)


def test_migration_that_lost_nothing_passes() -> None:
    call_command("migrate", verbosity=0)


def restore() -> tuple[str, str]:
    """Run the command in English; return what it prints, and the error."""
    output = StringIO()
    with translation.override("en"):
        try:
            call_command("restore_rules", stdout=output)
        except CommandError as error:
            return output.getvalue().strip(), str(error)
    return output.getvalue().strip(), ""


@pytest.mark.parametrize("damage", [drop, replace], ids=["dropped", "replaced"])
def test_restore_rules_puts_back_every_rule_and_notes_that_in_the_trail(
    damage: Callable[[str], None],
) -> None:
    names = [
        name
        for name, (_model, rule) in sorted(RULES.items())
        if connection.vendor == "postgresql" or not isinstance(rule, SameParent)
    ]
    for name in names:
        damage(name)
    lost = missing()
    assert len(lost) >= len(names)

    printed, error = restore()

    assert error == ""
    assert missing() == set()
    assert printed == f"Put back: {', '.join(sorted(lost))}. Now run verify_audit."
    event = AuditEvent.objects.order_by("sequence").last()
    assert (event.action, event.actor) == ("rules.restored", User.objects.system())
    assert event.detail == {"rules": sorted(lost)}


def test_a_restored_rule_refuses_again() -> None:
    version = EntryVersion.objects.first()
    replace("entryversion_append_only")
    EntryVersion.objects.filter(pk=version.pk).update(narrative="Got through.")

    restore()

    with (
        pytest.raises(IntegrityError, match="entryversion_append_only"),
        transaction.atomic(),
    ):
        EntryVersion.objects.filter(pk=version.pk).update(narrative="Again.")


def test_restore_rules_names_what_stored_rows_forbid_and_puts_back_the_rest() -> None:
    drop("organisationname_no_overlap")
    drop("auditevent_append_only")
    name = OrganisationName.objects.filter(valid_until=None).first()
    OrganisationNameFactory(organisation=name.organisation, valid_from=date(2030, 1, 1))

    printed, error = restore()

    assert "auditevent_append_only_" in printed
    # On SQLite the rule looks at what is written from now on.
    left = {"organisationname_no_overlap"} if connection.vendor == "postgresql" else set()
    assert missing() == left
    assert all(each in error and each not in printed for each in left)


def test_restore_rules_says_so_when_it_cannot_put_a_rule_back() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("there every rule can be put back")
    drop("statusentry_latest_version_is_own")
    events = AuditEvent.objects.count()

    printed, error = restore()

    assert printed == ""
    assert "statusentry_latest_version_is_own" in error
    assert AuditEvent.objects.count() == events


def test_restore_rules_has_nothing_to_do_on_a_healthy_database() -> None:
    events = AuditEvent.objects.count()

    assert restore() == ("No rule is missing.", "")
    assert AuditEvent.objects.count() == events


@pytest.mark.django_db(transaction=True)
def test_every_rule_survives_a_rebuild_of_its_table() -> None:
    """On SQLite a changed field rebuilds the table, which takes its triggers with it."""
    for model in {model for model, _rule in RULES.values()}:
        field = next(
            each
            for each in model._meta.concrete_fields
            if not each.primary_key and not each.null and not each.is_relation
        )
        nullable = field.clone()
        nullable.null = True
        nullable.set_attributes_from_name(field.name)
        nullable.model = model
        with connection.schema_editor() as editor:
            editor.alter_field(model, field, nullable)
        rebuilt = missing()
        with connection.schema_editor() as editor:
            editor.alter_field(model, nullable, field)

        assert rebuilt == set(), model
        assert missing() == set(), model


@pytest.mark.django_db(transaction=True)
def test_every_rule_is_there_after_going_back_and_forward_again() -> None:
    try:
        call_command("migrate", "actions", "0001", verbosity=0)
        call_command("migrate", "audit", "zero", verbosity=0)
        # Some rules are not there now, and nobody calls that an error.
        assert list(rules.missing_rules()) == []
        assert missing() == set()
        tables = set(connection.introspection.table_names())
        assert not {"audit_auditevent", "actions_signoff"} & tables
    finally:
        call_command("migrate", verbosity=0)

    assert missing() == set()
    assert {"audit_auditevent", "actions_signoff"} <= set(connection.introspection.table_names())


@pytest.mark.django_db(transaction=True)
def test_migration_from_an_older_state_stops_on_a_rule_that_was_already_lost() -> None:
    try:
        call_command("migrate", "audit", "zero", verbosity=0)
        drop("entryversion_append_only")
        assert missing() == set()
        with pytest.raises(CommandError, match="entryversion_append_only"):
            call_command("migrate", verbosity=0)
    finally:
        rules.restore()

    call_command("migrate", verbosity=0)
    assert missing() == set()

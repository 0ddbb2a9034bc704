"""Tampering with what is append-only: refused by the database, or found afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from napmonitor.audit import rules, trail
from napmonitor.audit.models import AuditEvent, AuditHead
from tests.audit_story import APPEND_ONLY, row_of, tell_of

pytestmark = pytest.mark.django_db

EACH = pytest.mark.parametrize("label", sorted(APPEND_ONLY))
SEALED = sorted(set(APPEND_ONLY) - {"audit.auditevent"})


@pytest.fixture(autouse=True)
def _story(request: pytest.FixtureRequest) -> None:
    asked = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    tell_of(asked.get("label", "actions."))
    # PostgreSQL changes no table while foreign keys wait to be looked at.
    connection.check_constraints()


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def found() -> list[tuple[str, int | None, str]]:
    return [(each.code, each.sequence, each.subject) for each in trail.verify()]


@contextmanager
def undone() -> Iterator[None]:
    """Undo all that was done in the database."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def refusal(write: Callable[[], object]) -> str:
    """Return with which words the database refuses; nothing when it does not."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError as error:
        return str(error)
    return ""


def drop_rule(label: str) -> None:
    """Take the rule of an append-only table away, as somebody who owns the table can."""
    model, rule = APPEND_ONLY[label]
    table = f'"{model._meta.db_table}"'
    if connection.vendor == "postgresql":
        parts = ("row", "statement")
        execute(*(f"DROP TRIGGER {rule.name}_{part} ON {table}" for part in parts))
    else:
        parts = ("update", "delete", "insert")
        execute(*(f"DROP TRIGGER {rule.name}_{part}" for part in parts))


def columns(model: type[models.Model]) -> list[str]:
    return [f'"{field.column}"' for field in model._meta.concrete_fields]


def other_unique_keys(model: type[models.Model]) -> list[tuple[str, ...]]:
    """Return what else than the key is unique, as field names."""
    alone = [(field.name,) for field in model._meta.concrete_fields if field.unique]
    together = [tuple(rule.fields) for rule in model._meta.total_unique_constraints]
    return [each for each in alone + together if model._meta.pk.name not in each]


def copied(row: models.Model, **changed: Any) -> models.Model:
    """Return a row like this one, under a key of its own and not stored."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**{**values, row._meta.pk.attname: row.pk + 10_000, **changed})


def forged(row: models.Model) -> models.Model:
    """Return a copy of a row that breaks no rule of its table."""
    changed: dict[str, Any] = {}
    for names in other_unique_keys(type(row)):
        fields = [row._meta.get_field(name) for name in names]
        # The last column in which another value makes the key a new one.
        field, value = next(
            (field, value)
            for field in reversed(fields)
            for value in other_values(row, field, [each for each in fields if each != field])
        )
        changed[field.attname] = value
    return copied(row, **changed)


def other_values(
    row: models.Model, field: models.Field[Any, Any], beside: list[models.Field[Any, Any]]
) -> list[Any]:
    """Return what a column could hold that no row has beside the same other columns."""
    same = {each.attname: getattr(row, each.attname) for each in beside}
    taken = set(type(row)._default_manager.filter(**same).values_list(field.attname, flat=True))
    if field.related_model:
        known = list(field.related_model._default_manager.values_list("pk", flat=True))
    elif field.choices:
        known = [value for value, _label in field.flatchoices]
    else:
        known = [getattr(row, field.attname) + 99]
    return [value for value in known if value not in taken]


# Ways to change or remove one row of a table, each with the databases that have them.
Statement = Callable[[type[models.Model], Any], str]
BOTH, ONLY_SQLITE, ONLY_POSTGRESQL = {"sqlite", "postgresql"}, {"sqlite"}, {"postgresql"}


def _where(model: type[models.Model], key: Any) -> str:
    return f'WHERE "{model._meta.pk.column}" = {key}'


def _upsert(model: type[models.Model], key: Any) -> str:
    names, pk = ", ".join(columns(model)), f'"{model._meta.pk.column}"'
    last = columns(model)[-1]
    return (
        f'INSERT INTO "{model._meta.db_table}" ({names}) '  # noqa: S608
        f'SELECT {names} FROM "{model._meta.db_table}" {_where(model, key)} '
        f"ON CONFLICT ({pk}) DO UPDATE SET {last} = excluded.{last}"
    )


def _replace(verb: str) -> Statement:
    return lambda model, key: (
        f'{verb} INTO "{model._meta.db_table}" SELECT * '  # noqa: S608
        f'FROM "{model._meta.db_table}" {_where(model, key)}'
    )


def _merge(then: str) -> Statement:
    return lambda model, key: (
        f'MERGE INTO "{model._meta.db_table}" AS into_ USING (SELECT {key} AS key) AS using_ '
        f'ON into_."{model._meta.pk.column}" = using_.key WHEN MATCHED THEN '
        + then.format(last=columns(model)[-1])
    )


ROUTES: dict[str, tuple[set[str], Statement]] = {
    "update": (
        BOTH,
        lambda model, key: (
            f'UPDATE "{model._meta.db_table}" SET {columns(model)[-1]} = {columns(model)[-1]} '  # noqa: S608
            f"{_where(model, key)}"
        ),
    ),
    "update key": (
        BOTH,
        lambda model, key: (
            f'UPDATE "{model._meta.db_table}" SET {columns(model)[0]} = 99999 {_where(model, key)}'  # noqa: S608
        ),
    ),
    "delete": (
        BOTH,
        lambda model, key: f'DELETE FROM "{model._meta.db_table}" {_where(model, key)}',  # noqa: S608
    ),
    "upsert": (BOTH, _upsert),
    "insert or replace": (ONLY_SQLITE, _replace("INSERT OR REPLACE")),
    "replace into": (ONLY_SQLITE, _replace("REPLACE")),
    "update or replace": (
        ONLY_SQLITE,
        lambda model, key: (
            f'UPDATE OR REPLACE "{model._meta.db_table}" '  # noqa: S608
            f"SET {columns(model)[-1]} = {columns(model)[-1]} {_where(model, key)}"
        ),
    ),
    "merge update": (ONLY_POSTGRESQL, _merge("UPDATE SET {last} = into_.{last}")),
    "merge delete": (ONLY_POSTGRESQL, _merge("DELETE")),
    "truncate": (
        ONLY_POSTGRESQL,
        lambda model, key: f'TRUNCATE "{model._meta.db_table}" CASCADE',
    ),
}


@EACH
def test_every_append_only_table_refuses_to_change_or_lose_a_row(label: str) -> None:
    (model, _rule), key = APPEND_ONLY[label], row_of(label).pk
    before = list(model._default_manager.order_by("pk").values())

    for route, (databases, statement) in ROUTES.items():
        if connection.vendor in databases:
            # TRUNCATE CASCADE may meet the rule of a table that refers to this one first.
            assert "_append_only" in refusal(partial(execute, statement(model, key))), route

    assert list(model._default_manager.order_by("pk").values()) == before


@EACH
def test_replacing_a_row_is_refused_on_a_connection_that_is_not_ours_too(label: str) -> None:
    """What is replaced meets no delete trigger there: `recursive_triggers` is off."""
    if connection.vendor != "sqlite":
        pytest.skip("this database has no INSERT OR REPLACE")
    (model, rule), key = APPEND_ONLY[label], row_of(label).pk
    execute("PRAGMA recursive_triggers = OFF")

    try:
        for route in ("insert or replace", "replace into", "update or replace", "upsert"):
            refused = refusal(partial(execute, ROUTES[route][1](model, key)))
            assert rule.name in refused, route
    finally:
        execute("PRAGMA recursive_triggers = ON")


@EACH
def test_every_append_only_table_refuses_the_routes_of_django(label: str) -> None:
    (model, rule), row = APPEND_ONLY[label], row_of(label)
    field = next(each for each in model._meta.concrete_fields if not each.primary_key)
    rows = model._default_manager.filter(pk=row.pk)
    same = {field.attname: getattr(row, field.attname)}
    routes = {
        "save": row.save,
        "update": lambda: rows.update(**same),
        "update or create": lambda: rows.update_or_create(pk=row.pk, defaults=same),
        "bulk update": lambda: model._default_manager.bulk_update([row], [field.name]),
        "bulk upsert": lambda: model._default_manager.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=[model._meta.pk.name],
            update_fields=[field.name],
        ),
        # Around Django's own protection, straight to the table.
        "raw delete": lambda: rows._raw_delete("default"),
    }

    for route, write in routes.items():
        assert rule.name in refusal(write), route


def replace_by(row: models.Model) -> str:
    """Return a statement that puts a row alike, but for its key, in the place of this one."""
    names = columns(type(row))
    pk = f'"{row._meta.pk.column}"'
    values = ", ".join(f"{pk} + 10000" if name == pk else name for name in names)
    table = row._meta.db_table
    return (
        f'INSERT OR REPLACE INTO "{table}" ({", ".join(names)}) '  # noqa: S608
        f'SELECT {values} FROM "{table}" {_where(type(row), row.pk)}'
    )


@EACH
def test_a_row_is_not_replaced_by_another_unique_key_and_found_where_that_is_possible(
    label: str,
) -> None:
    """What a replaced row meets is a setting of each connection: ours has it, others may not."""
    if connection.vendor != "sqlite":
        pytest.skip("this database has no INSERT OR REPLACE")
    (model, rule), row = APPEND_ONLY[label], row_of(label)

    for key in other_unique_keys(model):
        assert rule.name in refusal(partial(execute, replace_by(row))), key
        execute("PRAGMA recursive_triggers = OFF")
        with undone():
            try:
                execute(replace_by(row))
            finally:
                execute("PRAGMA recursive_triggers = ON")
            problems = found()
        assert problems[0] in (
            ("missing", row.pk, ""),
            ("unknown_row", None, f"{label} {row.pk + 10_000}"),
        ), key


def other_value(field: models.Field[Any, Any], value: Any) -> Any:
    """Return another value of the same kind."""
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateTimeField):
        return value.replace(microsecond=(value.microsecond + 1) % 1_000_000)
    if isinstance(field, models.DateField):
        return value + timedelta(days=1)
    if isinstance(field, models.BinaryField):
        return bytes(value) + b"x"
    if isinstance(field, models.JSONField):
        return [*value, 1] if isinstance(value, list) else {**value, "more": 1}
    if isinstance(field, models.IntegerField):
        return value + 1
    if field.related_model:
        return field.related_model._default_manager.exclude(pk=value).values_list("pk")[0][0]
    if field.choices:
        return next(each for each, _label in field.flatchoices if each != value)
    return f"{value[:-1]}x"


@EACH
def test_any_changed_column_is_found_when_the_rule_was_dropped(label: str) -> None:
    (model, _rule), row = APPEND_ONLY[label], row_of(label)
    drop_rule(label)
    seen = {}

    for field in model._meta.concrete_fields:
        if not field.primary_key:
            with undone():
                try:
                    with transaction.atomic():
                        value = other_value(field, getattr(row, field.attname))
                        model._default_manager.filter(pk=row.pk).update(**{field.attname: value})
                except IntegrityError:
                    continue  # Another rule of the table forbids this value.
                seen[field.name] = found()[:1]

    if label == "audit.auditevent":
        expected = {("changed", row.pk, ""), ("unlinked", row.pk, "")}
    else:
        expected = {("changed_row", None, f"{label} {row.pk}")}
    assert len(seen) >= 2
    assert {name for name, first in seen.items() if not set(first) & expected} == set()


@pytest.mark.parametrize("label", SEALED)
def test_a_removed_row_is_found_when_the_rule_was_dropped(label: str) -> None:
    (model, _rule), row = APPEND_ONLY[label], row_of(label)
    drop_rule(label)

    with undone():
        model._default_manager.filter(pk=row.pk)._raw_delete("default")
        problems = found()

    assert problems == [("missing_row", None, f"{label} {row.pk}")]


@pytest.mark.parametrize("label", SEALED)
def test_a_forged_row_without_an_event_is_found(label: str) -> None:
    row = forged(row_of(label))

    with undone():
        row.save(force_insert=True)
        problems = found()

    assert problems == [("unknown_row", None, f"{label} {row.pk}")]


def test_every_append_only_table_is_sealed_or_the_trail_itself() -> None:
    assert set(trail._sealed) == set(SEALED)


@EACH
def test_a_dropped_rule_is_missed(label: str) -> None:
    model, rule = APPEND_ONLY[label]

    drop_rule(label)

    missing = list(rules.missing_rules())
    assert {each for each, _name in missing} == {model}
    assert {name.rpartition("_")[0] for _model, name in missing} == {rule.name}


def disable_on_postgresql(label: str) -> None:
    execute(f'ALTER TABLE "{APPEND_ONLY[label][0]._meta.db_table}" DISABLE TRIGGER USER')


def enable_for_replicas_only(label: str) -> None:
    model, rule = APPEND_ONLY[label]
    execute(f'ALTER TABLE "{model._meta.db_table}" ENABLE REPLICA TRIGGER {rule.name}_row')


def replace_function(label: str) -> None:
    execute(
        "CREATE OR REPLACE FUNCTION nap_append_only() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN NEW; END $$"
    )


def replace_trigger_with_a_condition(label: str) -> None:
    model, rule = APPEND_ONLY[label]
    execute(
        f'DROP TRIGGER {rule.name}_row ON "{model._meta.db_table}"',
        f'CREATE TRIGGER {rule.name}_row BEFORE UPDATE OR DELETE ON "{model._meta.db_table}" '
        f"FOR EACH ROW WHEN (false) EXECUTE FUNCTION nap_append_only('{rule.name}')",
    )


def replace_trigger_on_some_column(label: str) -> None:
    model, rule = APPEND_ONLY[label]
    key = model._meta.pk.column
    execute(
        f'DROP TRIGGER {rule.name}_row ON "{model._meta.db_table}"',
        f"CREATE TRIGGER {rule.name}_row BEFORE DELETE OR UPDATE OF {key} "
        f'ON "{model._meta.db_table}" FOR EACH ROW '
        f"EXECUTE FUNCTION nap_append_only('{rule.name}')",
    )


def replace_trigger_on_sqlite(label: str) -> None:
    model, rule = APPEND_ONLY[label]
    execute(
        f"DROP TRIGGER {rule.name}_update",
        f'CREATE TRIGGER {rule.name}_update BEFORE UPDATE ON "{model._meta.db_table}" '
        "BEGIN SELECT 1; END",
    )


# How a rule is put out of action while its name stays.
SILENCED: dict[str, dict[str, Callable[[str], None]]] = {
    "postgresql": {
        "disabled": disable_on_postgresql,
        "for replicas only": enable_for_replicas_only,
        "other function": replace_function,
        "other condition": replace_trigger_with_a_condition,
        "other columns": replace_trigger_on_some_column,
    },
    "sqlite": {"other body": replace_trigger_on_sqlite},
}


@EACH
def test_a_silenced_rule_is_missed_and_what_it_let_through_is_found(label: str) -> None:
    (model, rule), row = APPEND_ONLY[label], row_of(label)

    for how, silence in SILENCED[connection.vendor].items():
        with undone():
            silence(label)
            missing = {name for _model, name in rules.missing_rules()}
            change_something(model, row)
            problems = found()

        assert missing & {f"{rule.name}_row", f"{rule.name}_update"}, how
        assert problems, how
    assert list(rules.missing_rules()) == []


@EACH
def test_a_change_made_in_the_role_of_a_replica_is_found(label: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("this database has no such setting")
    (model, _rule), row = APPEND_ONLY[label], row_of(label)

    with undone():
        execute("SET LOCAL session_replication_role = replica")
        change_something(model, row)
        problems = found()

    assert problems


def change_something(model: type[models.Model], row: models.Model) -> None:
    """Change the first column that may have another value."""
    for field in model._meta.concrete_fields:
        if not field.primary_key and not field.is_relation and not field.choices:
            value = other_value(field, getattr(row, field.attname))
            with contextlib.suppress(IntegrityError), transaction.atomic():
                model._default_manager.filter(pk=row.pk).update(**{field.attname: value})
                return
    pytest.fail("no column could be changed")


# The chain itself. Whoever gets this far owns the tables: nothing is refused, all is found.


def middle() -> AuditEvent:
    events = AuditEvent.objects.order_by("sequence")
    return events[events.count() // 2]


def last() -> AuditEvent:
    return AuditEvent.objects.order_by("sequence").last()


def set_head(event: AuditEvent) -> None:
    AuditHead.objects.update(sequence=event.sequence, hash=event.hash)


def appended(**changed: Any) -> AuditEvent:
    """Return a forged event that fits at the end, but for what is changed."""
    end = last()
    fitting = {"sequence": end.sequence + 1, "previous_hash": end.hash, "action": "forged"}
    event = copied(end, **{**fitting, **changed})
    assert isinstance(event, AuditEvent)
    event.hash = changed.get("hash") or trail._hash(event)
    return event


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "head"),
        ({"hash": "f" * 64}, "changed"),
        ({"previous_hash": "f" * 64}, "unlinked"),
    ],
    ids=str,
)
def test_an_event_forged_at_the_end_is_found(changed: dict[str, Any], code: str) -> None:
    event = appended(**changed)

    event.save(force_insert=True)

    assert found()[0] == (code, event.sequence, "")


def test_an_event_forged_at_the_end_with_a_skipped_number_is_found() -> None:
    end = last().sequence
    event = appended()
    event.sequence = end + 2
    event.hash = trail._hash(event)

    event.save(force_insert=True)
    set_head(event)

    assert found() == [("missing", end + 1, "")]


def test_a_second_event_after_the_same_one_is_refused() -> None:
    event = appended(previous_hash=middle().previous_hash)

    with pytest.raises(IntegrityError), transaction.atomic():
        event.save(force_insert=True)


def test_an_event_taken_from_the_middle_is_found_where_it_was() -> None:
    event = middle()
    drop_rule("audit.auditevent")

    AuditEvent.objects.filter(pk=event.pk)._raw_delete("default")

    assert found()[0] == ("missing", event.sequence, "")


def test_events_renumbered_over_a_gap_are_found() -> None:
    """The number is within the hash: closing a gap changes every event after it."""
    event = middle()
    drop_rule("audit.auditevent")

    AuditEvent.objects.filter(pk=event.pk)._raw_delete("default")
    for each in AuditEvent.objects.filter(pk__gt=event.pk).order_by("pk"):
        AuditEvent.objects.filter(pk=each.pk).update(sequence=each.sequence - 1)

    assert found()[0] == ("unlinked", event.sequence, "")


def test_two_events_that_changed_places_are_found_at_the_first() -> None:
    one, free = middle(), 10**9
    drop_rule("audit.auditevent")

    for old, new in (
        (one.sequence, free),
        (one.sequence + 1, one.sequence),
        (free, one.sequence + 1),
    ):
        AuditEvent.objects.filter(sequence=old).update(sequence=new)

    assert found()[0] == ("unlinked", one.sequence, "")


def test_events_cut_off_at_the_end_are_found_by_the_head() -> None:
    drop_rule("audit.auditevent")
    keep = middle().sequence

    AuditEvent.objects.filter(sequence__gt=keep)._raw_delete("default")

    assert found()[0] == ("head", keep, "")


def test_events_cut_off_with_the_head_set_back_are_found_by_an_anchor_and_by_seals() -> None:
    drop_rule("audit.auditevent")
    anchor, event = trail.head(), middle()
    kept = f"{event.sequence}:{event.hash}"

    AuditEvent.objects.filter(sequence__gt=event.sequence)._raw_delete("default")
    set_head(event)

    assert trail.holds(kept)
    assert not trail.holds(anchor)
    # What the lost events sealed now stands there without any.
    assert {code for code, _sequence, _subject in found()} == {"unknown_row"}


def test_one_event_cut_off_with_the_head_set_back_is_found_by_an_anchor_alone() -> None:
    trail.record("canary", actor=None)
    drop_rule("audit.auditevent")
    anchor, event = trail.head(), last()

    AuditEvent.objects.filter(pk=event.pk)._raw_delete("default")
    set_head(last())

    assert found() == []
    assert not trail.holds(anchor)


def test_a_chain_that_was_written_anew_is_found_by_an_anchor_alone() -> None:
    drop_rule("audit.auditevent")
    anchor, first = trail.head(), middle()

    previous = None
    for event in AuditEvent.objects.filter(pk__gte=first.pk).order_by("pk"):
        event.action = "rewritten" if event.pk == first.pk else event.action
        event.previous_hash = previous or event.previous_hash
        event.hash = previous = trail._hash(event)
        AuditEvent.objects.filter(pk=event.pk).update(
            action=event.action, previous_hash=event.previous_hash, hash=event.hash
        )
    set_head(last())

    assert found() == []
    assert not trail.holds(anchor)


@pytest.mark.parametrize(
    "change", [{"sequence": 10**6}, {"sequence": 1}, {"hash": "f" * 64}], ids=str
)
def test_a_changed_head_is_found(change: dict[str, Any]) -> None:
    end = last().sequence

    AuditHead.objects.update(**change)

    assert found() == [("head", end, "")]


def test_a_removed_head_is_found_and_nothing_is_added_after_it() -> None:
    end = last().sequence

    AuditHead.objects.all().delete()

    assert found() == [("head", end, "")]
    with pytest.raises(IntegrityError), transaction.atomic():
        trail.record("canary", actor=None)


def test_a_removed_trail_is_found() -> None:
    drop_rule("audit.auditevent")

    AuditEvent.objects.all()._raw_delete("default")

    assert found()[0] == ("head", 0, "")

"""Every change of reference data leaves a row in its history, and nothing goes past it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection, models, transaction

from actions import fixtures, rights, workflow
from actions.models import (
    ActionPoint,
    ActionPointLink,
    ActionPointSource,
    Membership,
    Office,
    OfficeHolding,
    Organisation,
    OrganisationName,
    ParliamentaryDocument,
    Pillar,
    Plan,
    PlanParticipant,
    ReportingRound,
    Responsibility,
    Source,
    Succession,
    UngpPrinciple,
)
from actions.models.history import PastTheHistory, history_of, many_of, tracked_models
from reports.models import Dispatch, EditionParagraph, NameChoice, RouteStep
from tests import factories
from tests.conftest import load_plan

pytestmark = pytest.mark.django_db

TRACKED = {
    ActionPoint,
    ActionPointLink,
    ActionPointSource,
    Membership,
    Office,
    OfficeHolding,
    Organisation,
    OrganisationName,
    ParliamentaryDocument,
    Pillar,
    Plan,
    PlanParticipant,
    ReportingRound,
    Responsibility,
    Source,
    Succession,
    UngpPrinciple,
}
# What coordinators work in before a document is fixed, and what they fill in after it was sent.
IN_WORK = {Dispatch, EditionParagraph, NameChoice, RouteStep}
BY_NAME = sorted(TRACKED, key=lambda model: model.__name__)


def kinds(row: models.Model) -> list[str]:
    """Return what its history says happened to a row, oldest first."""
    rows = history_of(type(row)).objects.filter(**{row._meta.pk.attname: row.pk})
    return list(rows.order_by("history_id").values_list("history_type", flat=True))


def last(row: models.Model) -> models.Model:
    rows = history_of(type(row)).objects.filter(**{row._meta.pk.attname: row.pk})
    return rows.latest("history_id")


def counts() -> dict[str, int]:
    """Return how long every history is."""
    histories = [history_of(model) for model in TRACKED]
    histories += [many for model in TRACKED for _field, many in many_of(model)]
    return {each.__name__: each.objects.count() for each in histories}


# What is tracked, and as what.


def test_all_reference_data_is_tracked_and_no_text_is() -> None:
    tracked = tracked_models()

    assert set(tracked) == TRACKED | IN_WORK
    assert [field.name for field, _history in many_of(ActionPoint)] == ["principles"]


def test_history_has_no_page_and_no_rights_of_its_own() -> None:
    histories = {history_of(model) for model in TRACKED}
    histories |= {many for model in TRACKED for _field, many in many_of(model)}

    rights_on_them = Permission.objects.filter(codename__contains="historical")

    assert len(histories) == 18
    assert not [each for each in histories if admin.site.is_registered(each)]
    assert not rights_on_them.exists()


def test_package_brings_no_command_that_deletes_history() -> None:
    assert not apps.is_installed("simple_history")


# What adds a row.


@pytest.mark.parametrize("model", BY_NAME, ids=lambda model: model.__name__)
def test_real_plan_stands_in_the_history_as_added_by_the_application(
    model: type[models.Model],
) -> None:
    rows = history_of(model).objects.all()

    if model in (Membership, ActionPointLink):
        # The real plan has none.
        assert rows.count() == model._default_manager.count() == 0
        return
    assert rows.count() == model._default_manager.count() > 0
    assert set(rows.values_list("history_type", "history_user")) == {("+", None)}


def test_each_save_with_a_change_adds_a_row_with_the_new_values() -> None:
    source = factories.SourceFactory(title="First")

    source.title = "Second"
    source.save()

    assert kinds(source) == ["+", "~"]
    assert last(source).title == "Second"


def test_save_without_a_change_adds_no_row() -> None:
    point = factories.ActionPointFactory(starts_on="2024-01-01")

    point.save()
    ActionPoint.objects.get(pk=point.pk).save()

    assert kinds(point) == ["+"]


def test_change_and_change_back_are_two_rows() -> None:
    source = factories.SourceFactory(title="First")

    for title in ("Second", "First"):
        source.title = title
        source.save()

    assert kinds(source) == ["+", "~", "~"]


def test_save_of_some_fields_records_what_is_stored_and_no_more() -> None:
    source = factories.SourceFactory(title="First", note="")
    source.title, source.note = "Second", "Never stored"

    source.save(update_fields=["title"])

    assert kinds(source) == ["+", "~"]
    assert (last(source).title, last(source).note) == ("Second", "")


def test_save_of_fields_that_did_not_change_adds_no_row() -> None:
    source = factories.SourceFactory(title="First")
    source.note = "Never stored"

    source.save(update_fields=["title"])

    assert kinds(source) == ["+"]


def test_ways_of_django_that_save_leave_a_row_too() -> None:
    made, _created = Source.objects.get_or_create(code="W1", defaults={"title": "First"})
    Source.objects.update_or_create(code="W1", defaults={"title": "Second"})
    document = factories.ParliamentaryDocumentFactory()
    document.sources.create(code="W2", title="Third")

    assert kinds(made) == ["+", "~"]
    assert kinds(Source.objects.get(code="W2")) == ["+"]


def test_principles_of_an_action_point_are_kept_with_it() -> None:
    point = factories.ActionPointFactory()

    point.principles.set([1, 2])
    point.principles.set([1, 2])
    point.principles.remove(1)

    ((_field, history),) = many_of(ActionPoint)
    held = [
        sorted(history.objects.filter(history=each).values_list("ungpprinciple_id", flat=True))
        for each in point.history.order_by("history_id")
    ]
    assert held == [[], [1, 2], [2]]


def test_principles_are_not_set_from_the_other_side() -> None:
    point = factories.ActionPointFactory()
    principle = UngpPrinciple.objects.get(number=1)

    with pytest.raises(PastTheHistory), transaction.atomic():
        principle.action_points.add(point)

    assert not point.principles.exists()
    assert kinds(principle) == ["+"]


def test_deleting_leaves_a_row_that_stays() -> None:
    named = ActionPointSource.objects.create(
        action_point=factories.ActionPointFactory(), source=factories.SourceFactory(), detail="p. 3"
    )
    key = named.pk

    named.delete()

    rows = ActionPointSource.history.filter(id=key).order_by("history_id")
    assert [(each.history_type, each.detail) for each in rows] == [("+", "p. 3"), ("-", "p. 3")]


def test_what_is_deleted_with_another_row_leaves_a_row_too() -> None:
    named = ActionPointSource.objects.create(
        action_point=factories.ActionPointFactory(), source=factories.SourceFactory()
    )
    key = named.pk

    ActionPoint.objects.filter(pk=named.action_point_id).delete()

    rows = ActionPointSource.history.filter(id=key)
    assert set(rows.values_list("history_type", flat=True)) == {"+", "-"}


def test_history_goes_with_the_change_when_that_is_undone() -> None:
    before = counts()

    with transaction.atomic():
        factories.SourceFactory()
        transaction.set_rollback(True)

    assert counts() == before


def test_account_in_a_history_cannot_be_deleted() -> None:
    user = factories.UserFactory()
    source = factories.SourceFactory()
    source._history_user = user
    source.title = "Second"
    source.save()

    with pytest.raises(models.ProtectedError):
        user.delete()

    assert last(source).history_user == user


def test_giving_a_role_leaves_a_row() -> None:
    administrator = factories.UserFactory(superuser=True)
    membership = factories.MembershipFactory.build(
        user=factories.UserFactory(),
        organisation=Organisation.objects.get(slug="bz"),
        role=factories.READER,
    )

    rights.save_membership(membership, actor=administrator)
    membership.valid_until = date(2030, 1, 1)
    rights.save_membership(membership, actor=administrator)

    assert kinds(membership) == ["+", "~"]


def test_opening_a_round_leaves_a_row() -> None:
    each = factories.ReportingRoundFactory()
    for _coordinator in range(workflow.COORDINATORS_NEEDED):
        actor = factories.somebody(factories.NAP_COORDINATOR)

    workflow.open_round(each, actor=actor)
    workflow.open_round(each, actor=actor)

    assert kinds(each) == ["+", "~"]
    assert last(each).opened_on is not None


# The commands.


def test_loading_the_plan_again_adds_no_row() -> None:
    before = counts()

    load_plan()

    assert counts() == before
    assert before["HistoricalActionPoint"] == ActionPoint.objects.count()


def test_loading_the_plan_puts_back_what_was_changed_with_one_row_each() -> None:
    point = ActionPoint.objects.get(code="1.a")
    title = point.title_nl
    point.title_nl = "Otherwise"
    point.save()
    before = counts()

    fixtures.load(settings.BASE_DIR / "fixtures")

    assert last(point).title_nl == title
    assert last(point).history_user is None
    assert sum(counts().values()) == sum(before.values()) + 1


# What would go past it.


@pytest.mark.parametrize("model", BY_NAME, ids=lambda model: model.__name__)
def test_writing_many_rows_at_once_is_refused(model: type[models.Model]) -> None:
    rows = model._default_manager
    (field, *_others) = [each.name for each in model._meta.concrete_fields if not each.primary_key]

    with pytest.raises(PastTheHistory):
        rows.update(**{field: None})
    with pytest.raises(PastTheHistory):
        rows.filter(pk=1).update(**{field: None})
    with pytest.raises(PastTheHistory):
        rows.bulk_create([model()])
    with pytest.raises(PastTheHistory):
        rows.bulk_update([model(pk=1)], [field])


def test_writing_many_rows_at_once_is_refused_by_way_of_another_row_too() -> None:
    organisation = Organisation.objects.get(slug="bz")
    source = factories.SourceFactory(document=factories.ParliamentaryDocumentFactory())

    with pytest.raises(PastTheHistory):
        organisation.names.update(name="Otherwise")
    with pytest.raises(PastTheHistory):
        source.document.sources.clear()

    assert not organisation.names.filter(name="Otherwise").exists()


def test_no_row_can_be_saved_without_its_history() -> None:
    source = factories.SourceFactory()

    assert not hasattr(source, "save_without_historical_record")
    source.skip_history_when_saving = True
    source.title = "Second"
    source.save()

    assert kinds(source) == ["+", "~"]


MANY_AT_ONCE = {
    *("update", "bulk_create", "bulk_update"),
    *("aupdate", "abulk_create", "abulk_update"),
}
BACK_DOORS = {
    *("_base_manager", "_raw_delete", "_update", "through"),
    *("save_without_historical_record", "skip_history_when_saving", "SIMPLE_HISTORY_ENABLED"),
    *("bulk_create_with_history", "bulk_update_with_history", "update_change_reason"),
}
# Reached from another row: these hold rows of a tracked model.
ACCESSORS = {
    relation.get_accessor_name()
    for model in TRACKED
    for relation in {field.remote_field for field in model._meta.fields if field.is_relation}
    if not relation.hidden and relation.multiple
}


def past_the_history(code: str) -> Iterator[int]:
    """Yield the lines of a program that would change tracked rows without a trace."""
    names = {model.__name__ for model in TRACKED}
    for node in ast.walk(ast.parse(code)):
        if _name(node) in BACK_DOORS:
            yield node.lineno
        elif isinstance(node, ast.Call) and _many_at_once(node.func):
            for each in ast.walk(node.func.value):
                known = names | ACCESSORS if isinstance(each, ast.Attribute) else names
                if _name(each) in known:
                    yield node.lineno


def _many_at_once(called: ast.AST) -> bool:
    return isinstance(called, ast.Attribute) and called.attr in MANY_AT_ONCE


def _name(node: ast.AST) -> str:
    """Return the name that is used or imported here; empty for all else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return node.name if isinstance(node, ast.alias) else ""


@pytest.mark.parametrize(
    "code",
    [
        "Plan.objects.update(note='')",
        "m.Plan.objects.filter(pk=1).exclude(pk=2).update(note='')",
        "ActionPoint.objects.bulk_create([])",
        "Source._default_manager.bulk_update([], ['title'])",
        "await Source.objects.aupdate(title='')",
        "organisation.names.filter(pk=1).update(name='')",
        "point.responsibilities.bulk_create([])",
        "row._base_manager.update(x=1)",
        "rows._raw_delete('default')",
        "point.principles.through.objects.bulk_create([])",
        "row.skip_history_when_saving = True",
        "SIMPLE_HISTORY_ENABLED = False",
        "from simple_history.utils import bulk_create_with_history",
    ],
)
def test_scan_finds_what_goes_past_the_history(code: str) -> None:
    assert list(past_the_history(code)) != []


@pytest.mark.parametrize(
    "code",
    [
        "values.update(note='')",
        "StatusEntry.objects.filter(pk=1).update(state='')",
        "Citation.objects.bulk_create([])",
        "plan.update(note='')",
    ],
)
def test_scan_leaves_other_writing_alone(code: str) -> None:
    assert list(past_the_history(code)) == []


def test_no_program_of_ours_goes_past_the_history() -> None:
    paths = [
        path
        for folder in ("actions", "napmonitor", "reports", "scripts")
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]

    found = [f"{path}:{line}" for path in paths for line in past_the_history(_read(path))]

    assert len(paths) > 50
    assert found == []


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# The migration.


@pytest.mark.django_db(transaction=True)
def test_history_can_be_taken_out_of_the_database_and_put_back() -> None:
    rows = {model: model._default_manager.count() for model in TRACKED}

    call_command("migrate", "actions", "0002", verbosity=0)
    without = set(_tables())
    call_command("migrate", verbosity=0)

    histories = {history_of(model)._meta.db_table for model in TRACKED}
    assert not histories & without
    assert histories <= set(_tables())
    assert {model: model._default_manager.count() for model in TRACKED} == rows
    assert set(counts().values()) == {0}


@pytest.mark.django_db(transaction=True)
def test_row_from_before_its_history_gets_one_at_its_next_save() -> None:
    call_command("migrate", "actions", "0002", verbosity=0)
    call_command("migrate", verbosity=0)
    organisation = Organisation.objects.get(slug="bz")

    organisation.save()
    organisation.save()

    assert kinds(organisation) == ["~"]


def _tables() -> list[str]:
    return connection.introspection.table_names()

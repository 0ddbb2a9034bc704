"""Rows below a form, refusals of the database, and the questions a list answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError
from django.test import Client

from actions.admin.policy import PolicyAdmin
from actions.models import (
    ActionPoint,
    Membership,
    Office,
    Organisation,
    OrganisationName,
    Plan,
    Source,
    Succession,
)
from tests import factories
from tests.admin_pages import as_sent, errors, page, registered
from tests.factories import ADMINISTRATOR, signed_in, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(somebody(ADMINISTRATOR))


@pytest.fixture
def organisation() -> Organisation:
    return factories.OrganisationFactory()


def url_of(organisation: Organisation) -> str:
    return page(Organisation, "change", organisation.pk)


def names(organisation: Organisation) -> list[tuple[str, date | None, date | None]]:
    rows = organisation.names.order_by("pk")
    return list(rows.values_list("name", "valid_from", "valid_until"))


def new_names(data: dict[str, Any], *rows: tuple[str, str, str]) -> dict[str, Any]:
    """Return what is sent with new rows for names below those that are there."""
    first = int(data["names-INITIAL_FORMS"])
    sent = data | {"names-TOTAL_FORMS": str(first + len(rows))}
    for number, (name, start, end) in enumerate(rows, start=first):
        sent |= {
            f"names-{number}-organisation": "",
            f"names-{number}-name": name,
            f"names-{number}-valid_from": start,
            f"names-{number}-valid_until": end,
        }
    return sent


MAY, JUNE = "2024-05-01", "2024-06-01"


def test_a_name_ends_on_the_day_the_next_starts_in_one_save(
    client: Client, organisation: Organisation
) -> None:
    factories.OrganisationNameFactory(organisation=organisation, name="Old")
    data = as_sent(client.get(url_of(organisation)), **{"names-0-valid_until": MAY})

    response = client.post(url_of(organisation), new_names(data, ("New", MAY, "")))

    assert response.status_code == 302, errors(response)
    assert names(organisation) == [("Old", None, date(2024, 5, 1)), ("New", date(2024, 5, 1), None)]


@pytest.mark.parametrize("moved", ["2024-04-01", "2024-07-01"])
def test_a_boundary_between_two_names_is_moved_in_one_save(
    client: Client, organisation: Organisation, moved: str
) -> None:
    for start, end in ((None, MAY), (MAY, None)):
        factories.OrganisationNameFactory(
            organisation=organisation, name="N", valid_from=start, valid_until=end
        )
    data = as_sent(
        client.get(url_of(organisation)),
        **{"names-0-valid_until": moved, "names-1-valid_from": moved},
    )

    response = client.post(url_of(organisation), data)

    assert response.status_code == 302, errors(response)
    day = date.fromisoformat(moved)
    assert names(organisation) == [("N", None, day), ("N", day, None)]


@pytest.mark.parametrize(
    "rows",
    [
        [("One", "", ""), ("Two", "", "")],
        [("One", "", JUNE), ("Two", MAY, "")],
        [("One", MAY, JUNE), ("Two", MAY, JUNE)],
    ],
)
def test_two_new_rows_that_overlap_are_refused_with_a_sentence_at_the_second(
    client: Client, organisation: Organisation, rows: list[tuple[str, str, str]]
) -> None:
    data = as_sent(client.get(url_of(organisation)))

    response = client.post(url_of(organisation), new_names(data, *rows))

    (formset,) = (each.formset for each in response.context["inline_admin_formsets"])
    rule = next(each for each in OrganisationName._meta.constraints if "overlap" in each.name)
    assert formset.forms[0].errors == {}
    assert formset.forms[1].non_field_errors() == [rule.get_violation_error_message()]
    assert formset.forms[1]["name"].value() == "Two"
    assert names(organisation) == []


def test_new_rows_of_a_new_organisation_that_overlap_are_refused(client: Client) -> None:
    data = as_sent(client.get(page(Organisation, "add")), slug="new", kind="ministry")

    response = client.post(
        page(Organisation, "add"), new_names(data, ("One", "", ""), ("Two", "", ""))
    )

    assert errors(response)
    assert not Organisation.objects.filter(slug="new").exists()


def test_rows_that_touch_are_accepted(client: Client, organisation: Organisation) -> None:
    data = as_sent(client.get(url_of(organisation)))

    response = client.post(
        url_of(organisation), new_names(data, ("One", "", MAY), ("Two", MAY, JUNE))
    )

    assert response.status_code == 302
    assert len(names(organisation)) == 2


def test_two_rows_that_change_places_are_refused_with_a_sentence_and_kept_as_typed(
    client: Client, organisation: Organisation
) -> None:
    for start, end in ((None, MAY), (MAY, None)):
        factories.OrganisationNameFactory(
            organisation=organisation, name="N", valid_from=start, valid_until=end
        )
    before = names(organisation)
    data = as_sent(
        client.get(url_of(organisation)),
        **{
            "names-0-name": "Typed",
            "names-0-valid_from": MAY,
            "names-0-valid_until": "",
            "names-1-valid_from": "",
            "names-1-valid_until": MAY,
        },
    )

    response = client.post(url_of(organisation), data)

    rule = next(each for each in OrganisationName._meta.constraints if "overlap" in each.name)
    assert errors(response) == [rule.get_violation_error_message()]
    assert 'value="Typed"' in response.text
    assert names(organisation) == before


def test_the_pen_changes_hands_in_one_save(client: Client) -> None:
    point = factories.ActionPointFactory(
        co_responsible=factories.OrganisationFactory(), lead=factories.OrganisationFactory()
    )
    url = page(ActionPoint, "change", point.pk)
    opened = client.get(url)
    roles = [
        form["role"].html_name
        for form in opened.context["inline_admin_formsets"][0].formset.forms
        if form.instance.pk
    ]
    rows = list(point.responsibilities.order_by("action_point", "id"))
    turned = {
        name: "co_responsible" if row.role == "lead" else "lead"
        for name, row in zip(roles, rows, strict=True)
    }

    response = client.post(url, as_sent(opened, **turned))

    assert response.status_code == 302, errors(response)
    before = {row.pk: row.role for row in rows}
    assert all(row.role != before[row.pk] for row in point.responsibilities.all())


def test_same_source_twice_below_an_action_point_is_refused(client: Client) -> None:
    point, source = factories.ActionPointFactory(), factories.SourceFactory()
    url = page(ActionPoint, "change", point.pk)
    data = as_sent(client.get(url), **{"sources-TOTAL_FORMS": "2"})
    for number in range(2):
        data |= {f"sources-{number}-source": source.pk, f"sources-{number}-detail": "p. 1"}

    assert errors(client.post(url, data))
    assert not point.sources.exists()


def test_what_only_the_database_sees_is_a_sentence_and_no_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = factories.SourceFactory()
    url = page(Source, "change", source.pk)
    data = as_sent(client.get(url), title="Typed <title>")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError("CHECK constraint failed: source_availability_known")

    monkeypatch.setattr(Source, "save", refuse)
    response = client.post(url, data)

    rule = next(each for each in Source._meta.constraints if "availability" in each.name)
    assert errors(response) == [rule.get_violation_error_message()]
    assert "Typed &lt;title&gt;" in response.text


def test_refusal_without_a_known_rule_is_a_sentence_too(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = page(Source, "add")
    data = as_sent(client.get(url), code="N1", title="Typed")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setattr(Source, "save", refuse)

    (sentence,) = errors(client.post(url, data))
    assert "UNIQUE" not in sentence


def test_refusal_is_forgotten_with_the_next_request(
    client: Client, organisation: Organisation
) -> None:
    test_two_rows_that_change_places_are_refused_with_a_sentence_and_kept_as_typed(
        client, organisation
    )

    opened = client.get(url_of(organisation))
    response = client.post(url_of(organisation), as_sent(opened))

    assert response.status_code == 302


def test_period_that_ends_before_it_starts_is_refused_on_every_page_with_a_period(
    client: Client,
) -> None:
    backwards = {"valid_from": JUNE, "valid_until": MAY}
    membership = factories.MembershipFactory()
    office = factories.OfficeFactory()

    for row in (membership, office):
        url = page(type(row), "change", row.pk)
        assert errors(client.post(url, as_sent(client.get(url), **backwards)))
    for model in (Membership, Office):
        assert not model.objects.filter(valid_from=JUNE).exists()


@pytest.mark.parametrize("model", registered(), ids=lambda model: model._meta.label)
def test_every_filter_that_is_offered_works(client: Client, model: Any) -> None:
    url = page(model, "changelist")
    filters = client.get(url).context["cl"].filter_specs
    changelist = client.get(url).context["cl"]

    for each in filters:
        for choice in each.choices(changelist):
            assert client.get(url + choice["query_string"]).status_code == 200


@pytest.mark.parametrize("model", registered(), ids=lambda model: model._meta.label)
def test_every_column_sorts_and_every_search_answers(client: Client, model: Any) -> None:
    page_class = admin.site.get_model_admin(model)
    url = page(model, "changelist")

    for number in range(1, len(page_class.list_display) + 1):
        assert client.get(f"{url}?o={number}&p=1").status_code in (200, 302)
    for question in ("%", "\\", '"', "é b", "x" * 300):
        assert client.get(url, {"q": question}).status_code == 200


@pytest.mark.parametrize("model", registered(), ids=lambda model: model._meta.label)
def test_no_question_is_answered_that_no_filter_asks(client: Client, model: Any) -> None:
    page_class = admin.site.get_model_admin(model)
    assert isinstance(page_class, PolicyAdmin)
    offered = {str(getattr(each, "parameter_name", each)) for each in page_class.list_filter}
    url = page(model, "changelist")

    for field in model._meta.get_fields():
        if field.name in offered:
            continue
        for ending in ("", "__exact", "__startswith", "__regex", "__isnull", "__gt", "__in"):
            response = client.get(url, {f"{field.name}{ending}": "1"})
            assert response.status_code == 400, (field.name, ending)


def test_succession_of_an_organisation_by_itself_is_refused(
    client: Client, organisation: Organisation
) -> None:
    url = page(Succession, "add")
    data = as_sent(
        client.get(url),
        predecessor=organisation.pk,
        successor=organisation.pk,
        kind="split_off",
        date=MAY,
    )

    assert errors(client.post(url, data))


def test_plan_cannot_follow_itself(client: Client) -> None:
    plan = factories.PlanFactory()
    url = page(Plan, "change", plan.pk)

    assert errors(client.post(url, as_sent(client.get(url), predecessor=plan.pk)))

"""The functional administrator keeps every model; nobody changes what is only added to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse

from actions import citations
from actions.admin.parliament import SourceAdmin
from actions.admin.policy import PolicyAdmin, PolicyInline
from actions.choices import EntryState, SuccessionKind
from actions.models import (
    ActionPoint,
    ActionPointLink,
    ActionPointSource,
    EntryVersion,
    Membership,
    Office,
    Organisation,
    ParliamentaryDocument,
    Pillar,
    Plan,
    ReportingRound,
    Source,
    StatusEntry,
    Succession,
    UngpPrinciple,
)
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, FailedSignIn
from tests import factories
from tests.admin_pages import as_sent, errors, page, registered
from tests.factories import ADMINISTRATOR, EDITOR, NAP_COORDINATOR, signed_in, somebody

pytestmark = pytest.mark.django_db

# One row of each, and what the administrator types into it.
ROWS: dict[type[Model], tuple[Callable[[], Model], dict[str, str]]] = {
    ActionPoint: (factories.ActionPointFactory, {"title_nl": "Ander punt"}),
    ActionPointLink: (factories.ActionPointLinkFactory, {"reason": "Another reason."}),
    EntryVersion: (
        lambda: factories.StatusEntryFactory(written="Text.").latest_version,
        {"narrative": "Other text."},
    ),
    Membership: (factories.MembershipFactory, {"valid_until": "2040-01-01"}),
    Office: (factories.OfficeFactory, {"title": "Another office"}),
    Organisation: (factories.OrganisationFactory, {"tooi_code": "mnre9999"}),
    ParliamentaryDocument: (factories.ParliamentaryDocumentFactory, {"title": "Another letter"}),
    Pillar: (lambda: Pillar.objects.get(pk=1), {"title_nl": "Andere pijler"}),
    Plan: (factories.PlanFactory, {"title_nl": "Ander plan"}),
    ReportingRound: (factories.ReportingRoundFactory, {"note": "Another note."}),
    Source: (factories.SourceFactory, {"title": "Another source"}),
    StatusEntry: (factories.StatusEntryFactory, {"narrative": "Another text."}),
    Succession: (factories.SuccessionFactory, {"note": "Another note."}),
    AuditEvent: (lambda: recorded(), {}),
    FailedSignIn: (lambda: FailedSignIn.objects.create(), {}),
    UngpPrinciple: (lambda: UngpPrinciple.objects.get(pk=1), {"title_nl": "Ander beginsel"}),
    User: (factories.UserFactory, {"name": "Another name"}),
}
APPEND_ONLY = {AuditEvent, EntryVersion, FailedSignIn}
NOT_ADDED = {AuditEvent, EntryVersion, FailedSignIn, Pillar, StatusEntry, UngpPrinciple}


def recorded() -> AuditEvent:
    trail.record("test.event", actor=None)
    return AuditEvent.objects.get(action="test.event")


@pytest.fixture
def client() -> Client:
    return signed_in(somebody(ADMINISTRATOR))


def new_row(model: type[Model]) -> dict[str, Any]:
    """Return what has to be typed for a new row."""
    return {
        ActionPoint: lambda: {
            "plan": factories.PlanFactory().pk,
            "pillar": 1,
            "code": "n.1",
            "title_nl": "Nieuw punt",
            "in_plan": "on",
        },
        ActionPointLink: lambda: {
            "from_point": factories.ActionPointFactory().pk,
            "kind": "dropped",
            "reason": "It ended.",
            "date": "2026-01-01",
        },
        Membership: lambda: {
            "user": factories.UserFactory().pk,
            "organisation": factories.OrganisationFactory().pk,
            "group": factories.Group.objects.get(name=EDITOR).pk,
            "valid_from": "2026-01-01",
        },
        Office: lambda: {
            "slug": "new-office",
            "title": "New office",
            "organisation": factories.OrganisationFactory().pk,
        },
        Organisation: lambda: {"slug": "new-organisation", "kind": "ministry"},
        ParliamentaryDocument: lambda: {"kind": "letter", "title": "New letter"},
        Plan: lambda: {"slug": "new-plan", "title_nl": "Nieuw", "title_en": "New"},
        ReportingRound: lambda: {"plan": factories.PlanFactory().pk, "year": "2030"},
        Source: lambda: {"code": "N1", "title": "New source"},
        Succession: lambda: {
            "predecessor": factories.OrganisationFactory().pk,
            "successor": factories.OrganisationFactory().pk,
            "kind": SuccessionKind.MERGED_INTO,
            "date": "2026-01-01",
        },
        User: lambda: {"email": "new@test.example", "name": "New person"},
    }[model]()


def test_every_registered_model_is_on_the_policy_and_in_these_tests() -> None:
    assert set(registered()) == set(ROWS)
    for model in registered():
        page_class = admin.site.get_model_admin(model)
        assert isinstance(page_class, PolicyAdmin)
        assert all(issubclass(inline, PolicyInline) for inline in page_class.inlines)


def test_a_page_beside_the_policy_is_refused() -> None:
    admin.site.unregister(Source)
    try:
        with pytest.raises(ImproperlyConfigured):
            admin.site.register(Source, admin.ModelAdmin)
    finally:
        admin.site.register(Source, SourceAdmin)


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label)
def test_administrator_opens_and_saves_every_model(client: Client, model: type[Model]) -> None:
    make, typed = ROWS[model]
    row = make()
    opened = client.get(page(model, "change", row.pk))
    assert opened.status_code == 200
    assert client.get(page(model, "history", row.pk)).status_code == 200
    assert client.get(page(model, "changelist")).status_code == 200

    saved = client.post(page(model, "change", row.pk), as_sent(opened, **typed))

    if model in APPEND_ONLY:
        assert saved.status_code == 403
        return
    assert saved.status_code == 302, errors(saved)
    row.refresh_from_db()
    stored = row.latest_version if isinstance(row, StatusEntry) else row
    assert {name: str(getattr(stored, name)) for name in typed} == typed


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label)
def test_administrator_adds_to_every_model_that_grows_by_hand(
    client: Client, model: type[Model]
) -> None:
    opened = client.get(page(model, "add"))
    if model in NOT_ADDED:
        assert opened.status_code == 403
        assert client.post(page(model, "add")).status_code == 403
        return
    before = model._default_manager.count()

    typed = new_row(model)
    saved = client.post(page(model, "add"), as_sent(opened, **typed))

    assert saved.status_code == 302, errors(saved)
    assert model._default_manager.count() == before + 1


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("superuser", [False, True])
def test_nothing_is_deleted(model: type[Model], superuser: bool) -> None:
    row = ROWS[model][0]()
    user = factories.UserFactory(superuser=True) if superuser else somebody(ADMINISTRATOR)
    client = signed_in(user)

    refused = client.post(page(model, "delete", row.pk), {"post": "yes"})
    listed = client.get(page(model, "changelist"))
    client.post(
        page(model, "changelist"),
        {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"},
    )

    assert refused.status_code == 403
    assert 'name="action"' not in listed.text
    assert model._default_manager.filter(pk=row.pk).exists()


def test_append_only_models_refuse_even_the_superuser() -> None:
    version = factories.StatusEntryFactory(written="Text.").latest_version
    client = signed_in(factories.UserFactory(superuser=True))

    for url in (page(EntryVersion, "add"), page(EntryVersion, "delete", version.pk)):
        assert client.get(url).status_code == client.post(url).status_code == 403
    opened = client.get(page(EntryVersion, "change", version.pk))
    assert "<textarea" not in opened.text
    assert client.post(page(EntryVersion, "change", version.pk), {}).status_code == 403


@pytest.mark.parametrize(
    "name", ["transition", "citation", "entrysource", "signoff", "correction", "entryremark"]
)
def test_other_append_only_rows_have_no_page(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:actions_{name}_changelist")


def test_roles_have_no_page() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_group_changelist")


@pytest.mark.parametrize("path", ["r/1/1/", "autocomplete/?app_label=actions&model_name=source"])
def test_addresses_that_take_any_model_are_gone(client: Client, path: str) -> None:
    assert client.get(f"/beheer/{path}").status_code == 404


COORDINATOR_CHANGES = {ParliamentaryDocument, ReportingRound, Source}
COORDINATOR_SEES = COORDINATOR_CHANGES | {
    *(ActionPoint, EntryVersion, Office, Organisation, Plan, StatusEntry)
}


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label)
def test_nap_coordinator_reads_the_plan_and_keeps_rounds_and_sources(model: type[Model]) -> None:
    make, typed = ROWS[model]
    row = make()
    coordinator = signed_in(somebody(NAP_COORDINATOR))

    opened = coordinator.get(page(model, "change", row.pk))
    assert opened.status_code == (200 if model in COORDINATOR_SEES else 403)

    data = as_sent(opened, **typed) if opened.status_code == 200 else typed
    saved = coordinator.post(page(model, "change", row.pk), data)
    assert saved.status_code == (302 if model in COORDINATOR_CHANGES else 403)


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label)
def test_editor_has_no_page_but_that_of_entries(model: type[Model]) -> None:
    row = ROWS[model][0]()
    editor = signed_in(somebody(EDITOR))

    allowed = model in (StatusEntry, EntryVersion)
    assert editor.get(page(model, "changelist")).status_code == (200 if allowed else 403)
    # An entry of another ministry is answered like one that is not there: back to the first page.
    assert editor.get(page(model, "change", row.pk)).status_code == (302 if allowed else 403)
    shown = page(model, "changelist") in editor.get(reverse("admin:index")).text
    assert shown is (model is StatusEntry)


# --- Rules of single pages


def test_a_key_in_addresses_is_fixed_once_the_row_is_there(client: Client) -> None:
    for row in (
        factories.OrganisationFactory(),
        factories.OfficeFactory(),
        factories.PlanFactory(),
    ):
        opened = client.get(page(type(row), "change", row.pk))
        client.post(page(type(row), "change", row.pk), as_sent(opened, slug="other"))

        before = row.slug
        row.refresh_from_db()
        assert row.slug == before


def test_action_point_keeps_plan_and_code_once_something_was_written(client: Client) -> None:
    point = factories.ActionPointFactory()
    entry = factories.StatusEntryFactory(action_point=point)
    url = page(ActionPoint, "change", point.pk)
    other = factories.PlanFactory()

    client.post(url, as_sent(client.get(url), plan=other.pk, code="n.1"))
    point.refresh_from_db()
    assert (point.plan, point.code) == (entry.round.plan, "n.1")

    factories.write(entry, "Text.")
    client.post(url, as_sent(client.get(url), code="n.2"))
    point.refresh_from_db()
    assert point.code == "n.1"


def test_saving_an_action_point_ties_its_references(client: Client) -> None:
    point = factories.ActionPointFactory()
    url = page(ActionPoint, "change", point.pk)

    client.post(url, as_sent(client.get(url), description="Zie Kamerstuk 32 735, nr. 377."))

    assert [row.identifier for row in point.citations.all()] == ["kst-32735-377"]
    assert "kst-32735-377" in client.get(url).text


def test_saving_a_document_ties_the_references_that_waited_for_its_number(client: Client) -> None:
    entry = factories.StatusEntryFactory(written="Zie Kamerstuk 36 999, nr. 12.")
    document = factories.ParliamentaryDocumentFactory()
    url = page(ParliamentaryDocument, "change", document.pk)

    client.post(url, as_sent(client.get(url), publication_id="kst-36999-12"))

    assert entry.latest_version.citations.get().document == document


@pytest.mark.parametrize("number", ["32735-377", "kst 32735-377", "x"])
def test_publication_number_that_leads_nowhere_is_refused(client: Client, number: str) -> None:
    document = factories.ParliamentaryDocumentFactory()
    url = page(ParliamentaryDocument, "change", document.pk)

    response = client.post(url, as_sent(client.get(url), publication_id=number))

    assert list(response.context["adminform"].form.errors) == ["publication_id"]


def test_every_document_of_the_real_plan_has_a_number_that_the_page_takes() -> None:
    numbers = ParliamentaryDocument.objects.exclude(publication_id=None)

    for number in numbers.values_list("publication_id", flat=True):
        assert citations.url_for(number)


def test_new_round_has_no_entries_until_a_coordinator_opens_it(client: Client) -> None:
    points = [factories.ActionPointFactory()]
    points.append(factories.ActionPointFactory(plan=points[0].plan))
    coordinators = [somebody(NAP_COORDINATOR) for _ in range(2)]

    client.post(
        page(ReportingRound, "add"),
        as_sent(client.get(page(ReportingRound, "add")), plan=points[0].plan.pk, year="2033"),
    )
    each = ReportingRound.objects.get(year=2033)
    empty = each.entries.exists()
    signed_in(coordinators[0]).post(step(each, "open"))

    assert not empty
    assert {entry.action_point for entry in each.entries.all()} == set(points)
    assert {entry.state for entry in each.entries.all()} == {EntryState.CONCEPT}


def step(each: ReportingRound, name: str) -> str:
    return reverse("admin:actions_reportinground_transition", args=[each.pk, name])


def test_opening_a_round_without_two_coordinators_says_so_and_opens_nothing() -> None:
    each = factories.ReportingRoundFactory()
    factories.ActionPointFactory(plan=each.plan)

    response = signed_in(somebody(NAP_COORDINATOR)).post(step(each, "open"), follow=True)

    each.refresh_from_db()
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert (each.opened_on, each.entries.count()) == (None, 0)


def test_publishing_a_round_that_is_not_finished_shows_why_and_what_was_typed() -> None:
    entry = factories.StatusEntryFactory(round__opened=True)
    client = signed_in(somebody(NAP_COORDINATOR))
    typed = {"released_at_0": "2090-01-01", "released_at_1": "10:00"}

    response = client.post(step(entry.round, "publish"), typed)

    assert entry.action_point.code in response.context["form"].non_field_errors()[0]
    assert 'value="2090-01-01"' in response.text
    entry.round.refresh_from_db()
    assert entry.round.published_on is None


def test_round_in_the_past_is_not_published_from_the_past() -> None:
    entry = factories.StatusEntryFactory(round__opened=True, approved=True, written="Text.")
    typed = {"released_at_0": "2020-01-01", "released_at_1": "10:00"}

    response = signed_in(somebody(NAP_COORDINATOR)).post(step(entry.round, "publish"), typed)

    assert response.context["form"].errors["released_at"]


@pytest.mark.parametrize("name", ["open", "publish"])
def test_steps_of_a_round_are_for_coordinators_and_a_refusal_is_in_the_trail(
    client: Client, name: str
) -> None:
    each = factories.ReportingRoundFactory()

    assert client.post(step(each, name)).status_code == 403
    assert client.get(step(each, name)).status_code == 405
    assert AuditEvent.objects.filter(action=f"round.{name}", result="refused").count() == 1


def test_deadline_before_the_opening_is_explained_at_the_field(client: Client) -> None:
    each = factories.ReportingRoundFactory()
    url = page(ReportingRound, "change", each.pk)
    typed = {"opens_on": "2031-05-01", "ministry_deadline": "2031-04-01", "note": "Kept."}

    response = client.post(url, as_sent(client.get(url), **typed))

    assert list(response.context["adminform"].form.errors) == ["ministry_deadline"]
    assert "Kept." in response.text


def test_new_action_point_gets_an_entry_in_the_open_rounds(client: Client) -> None:
    waiting = factories.ReportingRoundFactory(opened=True)
    factories.ReportingRoundFactory(plan=waiting.plan, year=2030, published=True)
    factories.ReportingRoundFactory(plan=waiting.plan, year=2032)
    url = page(ActionPoint, "add")

    client.post(url, as_sent(client.get(url), **(new_row(ActionPoint) | {"plan": waiting.plan.pk})))

    assert StatusEntry.objects.get(action_point__plan=waiting.plan).round == waiting


def test_release_that_has_passed_is_not_taken_back(client: Client) -> None:
    each = factories.ReportingRoundFactory(released=True)
    each.refresh_from_db()
    url = page(ReportingRound, "change", each.pk)

    client.post(url, as_sent(client.get(url), released_at_0="", released_at_1="", note="New."))

    before = each.released_at
    each.refresh_from_db()
    assert (each.released_at, each.note) == (before, "New.")


def test_source_of_an_action_point_can_be_removed(client: Client) -> None:
    point = factories.ActionPointFactory()
    ActionPointSource.objects.create(action_point=point, source=factories.SourceFactory())
    url = page(ActionPoint, "change", point.pk)

    response = client.post(url, as_sent(client.get(url), **{"sources-0-DELETE": "on"}))

    assert response.status_code == 302
    assert not point.sources.exists()


def test_choices_name_an_organisation_as_it_is_called_today(client: Client) -> None:
    text = client.get(page(Membership, "add")).text

    assert "SZW – ministerie van Sociale Zaken en Werkgelegenheid" in text

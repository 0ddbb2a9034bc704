"""The page with the history of an object: what it tells, to whom, and that it is only read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import clear_url_caches
from django.utils import timezone, translation
from playwright.sync_api import Page
from pytest_django import Settings

from actions import permissions
from actions.admin.history import ACTIONS, Line
from actions.admin.organisations import OrganisationAdmin
from actions.admin.plan import ActionPointAdmin
from actions.models import (
    ActionPoint,
    ActionPointSource,
    Organisation,
    Source,
    StatusEntry,
    UngpPrinciple,
)
from actions.models.history import history_of, tracked_models
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result
from tests import factories
from tests.admin_pages import as_sent, errors, page, registered
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    NAP_COORDINATOR,
    READER,
    group_with,
    signed_in,
    somebody,
)
from tests.test_admin_browser import faults, sign_in

pytestmark = pytest.mark.django_db

CANARY = "canary-4711"
VERBS = ("post", "put", "patch", "delete", "options", "trace")


@pytest.fixture(autouse=True)
def in_english(settings: Settings) -> Iterator[None]:
    """Show the work screens, which are Dutch, in the language of these tests."""
    was, settings.LANGUAGE_CODE = settings.LANGUAGE_CODE, "en"
    with translation.override("en"):
        yield
    # Addresses that were made meanwhile have no /en/ in them, and are kept for later tests.
    settings.LANGUAGE_CODE = was
    clear_url_caches()


@pytest.fixture
def administrator() -> User:
    return somebody(ADMINISTRATOR)


@pytest.fixture
def client(administrator: User) -> Client:
    return signed_in(administrator)


def holder_of(*labels: str) -> User:
    """Return a person with just these rights."""
    return factories.MembershipFactory(group=group_with(*labels)).user


def history(client: Client, row: Model, **asked: Any) -> Any:
    response = client.get(page(type(row), "history", row.pk), asked)
    assert response.status_code == 200
    return response


def lines(client: Client, row: Model) -> list[Line]:
    return list(history(client, row).context["lines"])


def told(line: Line) -> dict[str, list[tuple[str, str]]]:
    """Return what a line says of each field, as it is read."""
    return {
        change.label: [(word, side.whole or side.text) for word, side in change.sides]
        for change in line.changes
    }


def everything() -> dict[str, int]:
    """Return how many rows there are of all that could be written."""
    models = [*registered(), *(history_of(each) for each in tracked_models()), AuditEvent]
    return {model._meta.label: model._default_manager.count() for model in models}


def change(client: Client, row: Model, **typed: Any) -> None:
    address = page(type(row), "change", row.pk)
    response = client.post(address, as_sent(client.get(address), **typed))
    assert response.status_code == 302, errors(response)


# Every way to save here leaves a line, with the person who saved.


def test_added_and_changed_by_hand_stands_in_the_history(
    client: Client, administrator: User
) -> None:
    typed = {"slug": "new-one", "kind": "ministry"}
    client.post(page(Organisation, "add"), as_sent(client.get(page(Organisation, "add")), **typed))
    organisation = Organisation.objects.get(slug="new-one")

    change(client, organisation, tooi_code="mnre9999", kind="agency")

    changed, added = lines(client, organisation)
    assert (changed.what, added.what) == ("Changed", "Added")
    assert {changed.who, added.who} == {administrator.name}
    assert told(changed) == {
        "Kind": [("was", "ministry"), ("became", "executive agency")],
        "TOOI code": [("was", "–"), ("became", "mnre9999")],
    }
    assert told(added)["Short name in addresses"] == [("", "new-one")]


def test_save_by_hand_without_a_change_leaves_no_line(client: Client) -> None:
    organisation = factories.OrganisationFactory(named=True)
    before = len(lines(client, organisation))

    change(client, organisation)

    assert len(lines(client, organisation)) == before == 2


def test_rows_below_the_form_stand_in_the_history(client: Client, administrator: User) -> None:
    organisation = factories.OrganisationFactory()
    new = {
        "names-TOTAL_FORMS": "1",
        "names-0-organisation": organisation.pk,
        "names-0-name": "Ministry of Tests",
        "names-0-abbreviation": "MT",
    }
    change(client, organisation, **new)

    change(client, organisation, **{"names-0-valid_until": "2026-03-01"})

    ended, named, _added = lines(client, organisation)
    assert ended.who == named.who == administrator.name
    assert (named.what, ended.what) == ("Added", "Changed")
    assert ended.subject == "name of an organisation, Ministry of Tests, MT"
    assert told(ended) == {"Until": [("was", "–"), ("became", "March 1, 2026")]}


def test_row_deleted_below_the_form_stays_in_the_history(
    client: Client, administrator: User
) -> None:
    point = factories.ActionPointFactory()
    source = factories.SourceFactory(code="S99", title="Gone source")
    ActionPointSource.objects.create(action_point=point, source=source, detail="p. 3")

    change(client, point, **{"sources-0-DELETE": "on"})

    deleted = lines(client, point)[0]
    assert not point.sources.exists()
    assert (deleted.what, deleted.who) == ("Deleted", administrator.name)
    assert deleted.subject == "source of an action point, S99 Gone source, p. 3"
    assert told(deleted) == {
        "Source": [("was", "S99 Gone source")],
        "Where in the source": [("was", "p. 3")],
    }


def test_principles_chosen_by_hand_stand_in_the_history(client: Client) -> None:
    point = factories.ActionPointFactory()
    one, two = UngpPrinciple.objects.filter(number__in=(1, 2)).order_by("number")
    change(client, point, principles=["1"])

    change(client, point, principles=["1", "2"])

    assert told(lines(client, point)[0]) == {
        "UN guiding principles": [("was", str(one)), ("became", f"{one}; {two}")]
    }


def test_role_that_is_given_and_ended_stands_in_the_history_of_the_person(
    client: Client, administrator: User
) -> None:
    membership = factories.MembershipFactory(role=READER)
    change(client, membership, valid_until="2040-01-01")

    of_person, of_role = lines(client, membership.user)[0], lines(client, membership)[0]

    assert of_person.subject.startswith("membership, ")
    assert of_person.subject.endswith(f", {READER}")
    assert of_person.who == of_role.who == administrator.name
    assert told(of_person) == told(of_role)
    assert told(of_role) == {"Until": [("was", "–"), ("became", "Jan. 1, 2040")]}


def test_what_the_application_wrote_says_so(client: Client) -> None:
    organisation = Organisation.objects.get(slug="bz")

    assert {line.who for line in lines(client, organisation)} == {"the application"}


def test_row_from_before_its_history_is_called_first_recorded(client: Client) -> None:
    source = factories.SourceFactory(title="As it was")
    Source.history.filter(id=source.pk).delete()
    source.save()

    (line,) = lines(client, source)

    assert line.what == "First recorded"
    assert told(line)["Title"] == [("", "As it was")]


# How values are read.


def test_values_are_read_as_words(client: Client) -> None:
    plan = factories.PlanFactory()
    responsibility = factories.ResponsibilityFactory(
        organisation=Organisation.objects.get(slug="bz")
    )
    point = responsibility.action_point
    point.in_plan, point.plan, point.due_on = False, plan, date(2026, 7, 1)
    point.evidence_class = "X"
    point.save()

    changed = told(lines(client, point)[0])

    assert changed["Part of the plan"] == [("was", "yes"), ("became", "no")]
    assert changed["Plan"][1] == ("became", str(plan))
    assert changed["Due on"] == [("was", "–"), ("became", "July 1, 2026")]
    assert changed["Strength of the evidence"][1] == (
        "became",
        "reported, but not part of the plan",
    )


def test_organisation_is_called_by_its_name(client: Client) -> None:
    office = factories.OfficeFactory()
    office.organisation = Organisation.objects.get(slug="bz")
    office.save()

    (_was, became) = told(lines(client, office)[0])["Organisation"]

    assert became == ("became", "BZ – ministerie van Buitenlandse Zaken")


def test_date_is_read_in_the_language_of_the_page(client: Client, settings: Settings) -> None:
    point = factories.ActionPointFactory()
    point.due_on = date(2026, 7, 1)
    point.save()

    settings.LANGUAGE_CODE = "nl"
    dutch = history(client, point).text

    assert "1 juli 2026" in dutch
    assert "July" not in dutch


def test_long_text_is_shortened_with_all_of_it_to_open(client: Client) -> None:
    text = f"{'Words. ' * 100}The end."
    point = factories.ActionPointFactory()
    point.description = text
    point.save()

    response = history(client, point)

    (_was, (_word, became)) = response.context["lines"][0].changes[0].sides
    assert became.whole == text
    assert len(became.text) <= 120
    assert f"<details><summary>{became.text}</summary>{text}</details>" in response.text


def test_markup_in_a_value_is_shown_and_not_run(client: Client) -> None:
    source = factories.SourceFactory(title="<script>alert(1)</script>")

    response = history(client, source)

    assert "<script>alert(1)" not in response.text
    assert "&lt;script&gt;alert(1)" in response.text


def test_value_that_is_no_choice_any_more_is_shown_as_it_was_stored(client: Client) -> None:
    source = factories.SourceFactory()
    Source.history.filter(id=source.pk).update(availability="by-pigeon")

    assert told(lines(client, source)[0])["How much could be read"] == [("", "by-pigeon")]


# Objects that are not tracked: the audit trail.


def test_history_of_an_account_tells_what_the_trail_knows_of_it(
    client: Client, administrator: User
) -> None:
    account = factories.UserFactory()
    trail.record("account.made", actor=administrator, about=account)
    trail.record("something.new", actor=None, about=account, result=Result.REFUSED)

    newest, oldest = lines(client, account)

    assert (oldest.what, oldest.who, oldest.result) == (
        "Made the account",
        administrator.name,
        "done",
    )
    assert oldest.role.startswith(ADMINISTRATOR)
    assert (newest.what, newest.who, newest.result) == (
        "something.new",
        "the application",
        "refused",
    )


def test_history_of_an_entry_tells_of_its_text_and_steps_and_of_no_other(
    client: Client,
) -> None:
    entry = factories.StatusEntryFactory(reconstructed="Text.")
    factories.StatusEntryFactory(reconstructed="Other text.")

    found = [line.what for line in lines(client, entry)]

    assert found == ["Published what a public letter says", "Saved a version of the text"]


def recorded_actions() -> set[str]:
    """Return what our programs write in the trail, as far as it stands in them word for word."""
    found = {f"entry.{verb.value}" for verb in permissions.STEPS}
    for folder in ("actions", "napmonitor"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "trail.record":
                    words = [getattr(each, "value", None) for each in ast.walk(node.args[0])]
                    found |= {each for each in words if isinstance(each, str)}
    return {each for each in found if not each.endswith(".")}


def test_every_action_that_is_recorded_has_a_sentence() -> None:
    recorded = recorded_actions()

    assert {"round.open", "rights.give", "entry.submit", "session.start"} <= recorded
    assert recorded <= set(ACTIONS)


def test_object_of_which_nothing_is_known_says_so(client: Client) -> None:
    account = factories.UserFactory()

    response = history(client, account)

    assert response.context["lines"] == []
    assert "Nothing has been recorded of this yet." in response.text


# Rows that moved.


def test_row_that_moved_is_told_on_both_pages_and_later_changes_on_the_new_one(
    client: Client,
) -> None:
    first, second = factories.ActionPointFactory(), factories.ActionPointFactory()
    moved = factories.ResponsibilityFactory(action_point=first, note="While at the first.")
    moved.action_point, moved.note = second, "While at the second."
    moved.save()
    moved.note = "Later."
    moved.save()

    left = [line for line in lines(client, first) if line.subject]
    came = [line for line in lines(client, second) if line.subject]

    assert [line.what for line in left] == ["Moved from here", "Added"]
    where = ActionPointAdmin(ActionPoint, admin.site).choice_label
    to = [("was", where(first)), ("became", where(second))]
    assert told(left[0]) == {"Action point": to}
    assert [line.what for line in came] == ["Changed", "Changed"]
    assert told(came[1])["Action point"] == to
    assert told(came[1])["Note"] == [("", "While at the second.")]
    assert told(came[0]) == {"Note": [("was", "While at the second."), ("became", "Later.")]}


def test_row_that_came_back_is_told_again(client: Client) -> None:
    first, second = factories.ActionPointFactory(), factories.ActionPointFactory()
    moved = factories.ResponsibilityFactory(action_point=first)
    for point in (second, first):
        moved.action_point = point
        moved.save()

    kinds = [line.what for line in lines(client, first) if line.subject]

    assert kinds == ["Changed", "Moved from here", "Added"]


# Who may read, and what.


def test_permission_to_view_shows_the_history_and_changes_nothing() -> None:
    source = factories.SourceFactory()
    client = signed_in(holder_of("actions.view_source"))
    before = everything()

    shown = lines(client, source)
    answers = [getattr(client, verb)(page(Source, "history", source.pk)) for verb in VERBS]
    refused = client.post(page(Source, "change", source.pk), {"code": "X", "title": "X"})

    assert [line.what for line in shown] == ["Added"]
    assert {answer.status_code for answer in answers} == {405}
    assert refused.status_code == 403
    # That somebody tried is all that was added.
    tried = AuditEvent.objects.order_by("sequence").last()
    assert (tried.action, tried.result) == ("source.change", Result.REFUSED)
    assert everything() == before | {"audit.AuditEvent": before["audit.AuditEvent"] + 1}


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_can_be_sent_to_a_history(verb: str) -> None:
    client = signed_in(factories.UserFactory(superuser=True))
    rows = [
        factories.SourceFactory(),
        factories.ActionPointFactory(),
        factories.MembershipFactory(),
        factories.StatusEntryFactory(written="Text."),
    ]
    before = everything()

    for row in rows:
        response = getattr(client, verb)(page(type(row), "history", row.pk))
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD"

    assert everything() == before


def test_head_is_answered_without_a_page(client: Client) -> None:
    response = client.head(page(Source, "history", factories.SourceFactory().pk))

    assert (response.status_code, response.content) == (200, b"")


def test_no_address_holds_a_row_of_a_history() -> None:
    client = signed_in(factories.UserFactory(superuser=True))
    source = factories.SourceFactory(title=CANARY)
    row = Source.history.get(id=source.pk)
    before = everything()

    for address in (
        f"{page(Source, 'history', source.pk)}{row.pk}/",
        f"/beheer/actions/historicalsource/{row.pk}/change/",
        "/beheer/actions/historicalsource/add/",
        "/beheer/actions/historicalsource/",
    ):
        assert CANARY not in client.get(address, follow=True).text, address
        assert client.post(address, {"title": "Otherwise"}).status_code in (302, 404), address

    assert everything() == before
    source.refresh_from_db()
    assert source.title == CANARY


def test_permission_is_needed_for_the_page_whether_the_object_is_there_or_not() -> None:
    client = signed_in(somebody(EDITOR))
    there, absent = factories.SourceFactory().pk, 10**9

    answers = [client.get(page(Source, "history", key)).status_code for key in (there, absent)]

    assert answers == [403, 403]


def test_foreign_entry_answers_like_an_absent_one() -> None:
    foreign = factories.StatusEntryFactory(written="Text of others.")
    own = factories.StatusEntryFactory(written="Own text.")
    lead = Organisation.objects.get(responsibilities__action_point=own.action_point)
    client = signed_in(somebody(EDITOR, lead))

    def answer(key: int) -> tuple[int, str, str]:
        response = client.get(page(StatusEntry, "history", key))
        sentence = client.get(response["Location"]).text if response.has_header("Location") else ""
        return response.status_code, response.get("Location", ""), sentence.replace(str(key), "")

    foreign_answer, absent_answer = answer(foreign.pk), answer(10**9)

    assert foreign_answer[:2] == absent_answer[:2] == (302, "/beheer/")
    assert "Text of others." not in foreign_answer[2]
    assert client.get(page(StatusEntry, "history", own.pk)).status_code == 200


def test_deleted_object_answers_like_an_absent_one(client: Client) -> None:
    source = factories.SourceFactory()
    key = source.pk
    source.delete()

    answers = [client.get(page(Source, "history", each)) for each in (key, 10**9)]

    assert [each.status_code for each in answers] == [302, 302]
    assert len({each["Location"] for each in answers}) == 1


def test_rows_below_the_form_are_told_only_to_who_may_see_them() -> None:
    organisation = factories.OrganisationFactory(named=True)

    without = signed_in(holder_of("actions.view_organisation"))
    with_names = signed_in(holder_of("actions.view_organisation", "actions.view_organisationname"))

    only_adds = signed_in(holder_of("actions.view_organisation", "actions.add_organisationname"))

    assert [line.subject for line in lines(without, organisation)] == [""]
    assert [line.subject for line in lines(only_adds, organisation)] == [""]
    assert len(lines(with_names, organisation)) == 2


def out_of_sight(self: Any, user: Any, rows: Any) -> Any:
    """Be a scope in which one organisation does not exist."""
    return rows.exclude(slug=CANARY)


def test_related_object_out_of_scope_is_not_named(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = factories.OrganisationFactory(slug=CANARY)
    factories.OrganisationNameFactory(organisation=secret, name=CANARY, abbreviation=CANARY)
    responsibility = factories.ResponsibilityFactory(organisation=secret)
    point = responsibility.action_point
    responsibility.organisation = Organisation.objects.get(slug="bz")
    responsibility.save()
    assert CANARY in history(client, point).text

    monkeypatch.setattr(OrganisationAdmin, "scope", out_of_sight)
    response = history(client, point)

    assert CANARY not in response.text
    changed = told(response.context["lines"][0])
    assert changed["Organisation"][0] == ("was", "–")
    assert client.get(page(Organisation, "history", secret.pk)).status_code == 302


def test_principle_out_of_scope_is_not_named(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = factories.ActionPointFactory()
    point.principles.set([1, 2])
    related = admin.site.get_model_admin(UngpPrinciple)
    monkeypatch.setattr(related, "scope", lambda user, rows: rows.exclude(pk=2))

    changed = told(lines(client, point)[0])["UN guiding principles"]

    assert changed == [("was", "–"), ("became", f"{UngpPrinciple.objects.get(pk=1)}; –")]


def test_related_object_that_is_gone_reads_as_one_out_of_sight(client: Client) -> None:
    document = factories.ParliamentaryDocumentFactory(title="Gone letter")
    source = factories.SourceFactory(document=document)
    source.document = None
    source.save()
    document.delete()

    changed = told(lines(client, source)[0])["Parliamentary document"]

    assert changed == [("was", "–"), ("became", "–")]


def test_address_of_a_person_is_shown_only_to_who_may_see_accounts() -> None:
    membership = factories.MembershipFactory()
    with_accounts = signed_in(holder_of("actions.view_membership", "accounts.view_user"))
    without = signed_in(holder_of("actions.view_membership"))

    assert membership.user.email in history(with_accounts, membership).text
    assert membership.user.email not in history(without, membership).text
    assert membership.user.name in history(without, membership).text


def test_coordinator_reads_the_history_of_a_document(administrator: User) -> None:
    document = factories.ParliamentaryDocumentFactory()
    client = signed_in(somebody(NAP_COORDINATOR))

    assert [line.what for line in lines(client, document)] == ["Added"]


# The page itself.


def test_history_is_newest_first_and_fifty_to_a_page(client: Client) -> None:
    source = factories.SourceFactory(title="Title 0")
    for number in range(1, 60):
        source.title = f"Title {number}"
        source.save()

    first = history(client, source).context["lines"]
    second = history(client, source, p="2").context["lines"]

    assert (len(first), len(second)) == (50, 10)
    shown = [told(line)["Title"][-1][1] for line in (*first, *second)]
    assert shown == [f"Title {number}" for number in reversed(range(60))]


@pytest.mark.parametrize("asked", ["0", "-1", "two", "9" * 40, "\0", "1.5", ""])
def test_page_that_is_not_there_shows_one_that_is(client: Client, asked: str) -> None:
    source = factories.SourceFactory()

    assert len(history(client, source, p=asked).context["lines"]) == 1


def test_lines_of_several_models_are_in_the_order_of_their_moments(client: Client) -> None:
    organisation = factories.OrganisationFactory()
    for number in range(3):
        factories.OrganisationNameFactory(
            organisation=organisation,
            valid_from=date(2020 + number, 1, 1),
            valid_until=date(2021 + number, 1, 1),
        )
        organisation.tooi_code = f"mnre{number}"
        organisation.save()

    shown = lines(client, organisation)

    moments = [line.at for line in shown]
    assert moments == sorted(moments, reverse=True)
    assert [bool(line.subject) for line in shown] == [False, True] * 3 + [False]
    assert timezone.now() - moments[0] < timedelta(minutes=5)


def test_queries_do_not_grow_with_the_number_of_lines(client: Client) -> None:
    point = factories.ActionPointFactory()

    def grow(number: int) -> None:
        source = factories.SourceFactory(document=factories.ParliamentaryDocumentFactory())
        ActionPointSource.objects.create(action_point=point, source=source)
        factories.ResponsibilityFactory(
            action_point=point,
            role="implementing",
            organisation=factories.OrganisationFactory(named=True),
        )
        point.plan = factories.PlanFactory()
        point.save()
        point.principles.set([number % 31 + 1])

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            history(client, point)
        return len(queries)

    grow(1)
    few = count()
    for number in range(2, 12):
        grow(number)

    assert len(lines(client, point)) > 40
    assert count() == few


class Table(HTMLParser):
    """Reads what a screen reader needs of the table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scopes: list[str | None] = []
        self.rows = self.captions = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))
        self.rows += tag == "tr"
        self.captions += tag == "caption"


def test_table_has_a_caption_and_a_scope_for_each_heading(client: Client) -> None:
    source = factories.SourceFactory()
    source.title = "Second"
    source.save()

    table = Table(history(client, source).text)

    assert table.captions == 1
    assert table.scopes == ["col"] * 4 + ["row"] * 2
    assert table.rows == 3


@pytest.mark.parametrize("model", registered(), ids=lambda model: model._meta.label)
def test_history_of_every_model_opens(model: type[Model]) -> None:
    client = signed_in(factories.UserFactory(superuser=True))
    factories.StatusEntryFactory(written="Text.")
    factories.ActionPointLinkFactory()
    trail.record("account.made", actor=None, about=factories.UserFactory())
    row = model._default_manager.first()

    if row is not None:
        assert client.get(page(model, "history", row.pk)).status_code == 200


def told_at_length() -> list[str]:
    """Return the pages of a point and of an account with every kind of line and value."""
    point, other = factories.ActionPointFactory(), factories.ActionPointFactory()
    source = ActionPointSource.objects.create(
        action_point=point, source=factories.SourceFactory(title="W" * 200)
    )
    point.description, point.in_plan, point.evidence_class = "Words. " * 200, False, ""
    point.save()
    point.principles.set([1, 2, 3])
    moved = factories.ResponsibilityFactory(action_point=point)
    moved.action_point = other
    moved.save()
    source.delete()
    membership = factories.MembershipFactory()
    for number in range(120):
        membership.valid_until = date(2030, 1, 1) + timedelta(days=number)
        membership.save()
    trail.record("account.made", actor=somebody(ADMINISTRATOR), about=membership.user)
    return [page(type(row), "history", row.pk) for row in (point, membership.user)]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_history_is_accessible_and_fits_a_narrow_screen(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    addresses = told_at_length()
    sign_in(page, ADMINISTRATOR, "bz")
    found = []

    for address in addresses:
        page.goto(address)
        assert page.locator(".nap-changes tbody tr").count() > 3
        found += faults(page)
        page.set_viewport_size({"width": 320, "height": 800})
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [f"{address} is {wider} wider than 320 pixels"] if wider > 0 else []

    assert not found, "\n".join(found)

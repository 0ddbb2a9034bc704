"""Every screen says what it is for, and every field what to fill in; tomorrow's as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils import translation

from actions.admin import help as screens
from actions.admin import help_fields
from actions.models import Organisation, StatusEntry
from napmonitor.accounts.models import User
from tests import factories
from tests.admin_pages import page, registered
from tests.factories import EDITOR, NAP_COORDINATOR, READER, signed_in, somebody
from tests.test_admin_browser import entry, open_round
from tests.test_admin_crawl import LEFT_OUT, closed_to_all, names
from tests.test_admin_sweep import canary_row

pytestmark = pytest.mark.django_db

LONGEST = 700
# Forms with which somebody chooses what a page shows; the page says beside them what they do.
FILTERS = {"CompareForm", "OverviewFilter", "PeriodForm", "RemarkFilter"}
# Not seen by anybody: the number of the version that was open. The fields of a step stand in the
# page of the editor, which says itself what each is for.
HIDDEN = {"RestoreForm", "StepForm"}


def pages(superuser: User) -> list[str]:
    """Return the names of all addresses that show a page."""
    found = set(names(admin.site.get_urls()))
    return sorted(found - LEFT_OUT.keys() - closed_to_all(superuser))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_screen_says_what_it_is_for_in_a_few_sentences(language: str) -> None:
    superuser = factories.UserFactory(superuser=True)

    with translation.override(language):
        said = {name: screens.of_screen(name, superuser) for name in pages(superuser)}

    assert [name for name, text in said.items() if not text] == []
    assert {name: len(text) for name, text in said.items() if len(text) > LONGEST} == {}
    assert {name for name, text in said.items() if len(re.findall(r"[.?]( |$)", text)) < 2} == set()


def test_no_screen_is_explained_that_is_not_there() -> None:
    known = set(names(admin.site.get_urls()))
    prefixes = {f"{model._meta.app_label}_{model._meta.model_name}" for model in registered()}

    assert screens.SCREENS.keys() | screens.SHOWN_AGAIN.keys() <= known
    assert set(screens.SHOWN_AGAIN.values()) <= screens.SCREENS.keys()
    assert screens.ABOUT.keys() == prefixes


def test_who_writes_and_who_reviews_read_what_they_may_do() -> None:
    def read_by(role: str) -> str:
        return screens.of_screen("actions_statusentry_change", somebody(role))

    assert str(screens.WRITES) in read_by(EDITOR)
    assert str(screens.REVIEWS) not in read_by(EDITOR)
    assert str(screens.REVIEWS) in read_by(NAP_COORDINATOR)
    assert str(screens.WRITES) not in read_by(NAP_COORDINATOR)
    assert read_by(READER) == str(screens.READS)


def test_the_explanation_stands_on_the_page_and_opens_without_a_script() -> None:
    client = signed_in(somebody(READER))

    first = client.get("/beheer/").text

    assert re.search(r'<details class="nap-help"><summary>[^<]+</summary><p>[^<]+</p>', first)
    assert 'class="nap-help"' in Client().get("/beheer/login/").text


def test_who_was_signed_out_reads_no_explanation_of_the_page_they_lost() -> None:
    point = factories.StatusEntryFactory()

    lost = Client().post(page(StatusEntry, "change", point.pk), {"narrative": "Two words."})

    assert lost.status_code == 403
    assert "nap-help" not in lost.text


def test_nobody_is_told_of_an_address_that_is_not_there(rf: Any) -> None:
    request = rf.get("/beheer/nothing/")
    request.user = AnonymousUser()

    assert screens.of_request(request) == ""


def test_every_field_of_every_page_says_what_to_fill_in() -> None:
    client = signed_in(factories.UserFactory(superuser=True))
    factories.ActionPointLinkFactory()
    silent = []
    for model in registered():
        row = model._default_manager.first() or canary_row(model)
        for address in (page(model, "add"), page(model, "change", row.pk)):
            response = client.get(address)
            if response.status_code == 200:
                silent += [f"{model._meta.label} {name}" for name in without_help(response)]

    assert sorted(set(silent)) == []


@pytest.mark.parametrize("role", [EDITOR, READER])
def test_every_field_of_a_text_says_what_it_is_for_who_writes_and_for_who_reads(role: str) -> None:
    open_round(2026)
    each = entry("1.d", 2026)
    client = signed_in(somebody(role, Organisation.objects.get(slug="szw")))

    response = client.get(page(StatusEntry, "change", each.pk))

    assert response.status_code == 200
    assert bool(response.context.get("sections")) == (role == EDITOR)
    assert sorted(set(without_help(response))) == []


def without_help(response: Any) -> Iterator[str]:
    """Yield the visible fields on a page under which nothing stands."""
    for fieldset in response.context["adminform"]:
        for line in fieldset:
            for each in line:
                bound = each.field
                told = bound["help_text"] if isinstance(bound, dict) else bound.help_text
                hidden = not isinstance(bound, dict) and bound.is_hidden
                if not told and not hidden:
                    yield bound["name"] if isinstance(bound, dict) else bound.name
    for formset in response.context["inline_admin_formsets"]:
        for column in formset.fields():
            hidden = getattr(column["widget"], "is_hidden", True)
            if not column["help_text"] and not hidden:
                yield f"{formset.formset.prefix}.{column['name']}"


def test_what_a_column_asks_stands_below_the_table_and_is_tied_to_each_box() -> None:
    client = signed_in(factories.UserFactory(superuser=True))

    text = client.get(page(Organisation, "change", Organisation.objects.get(slug="ezk").pk)).text

    asked = set(re.findall(r'aria-describedby="(names-[\w-]+)"', text))
    assert asked == {
        f"names-{name}-help"
        for name in ("name", "abbreviation", "valid_from", "valid_until", "note")
    }
    assert all(text.count(f'id="{each}"') == 1 for each in asked)


def test_every_field_that_a_step_asks_says_what_to_fill_in() -> None:
    silent = [
        f"{form.__name__} {name}"
        for form in forms_of_pages()
        for name, field in form.base_fields.items()
        if not field.help_text and not field.widget.is_hidden
    ]

    assert silent == []


def forms_of_pages() -> list[Any]:
    """Return the forms that are no page of a model, wherever they are written."""
    admin.site.get_urls()
    waiting, found = [forms.Form], []
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.startswith(("actions.admin", "reports.admin")):
            found.append(form)
    assert {form.__name__ for form in found} >= FILTERS | HIDDEN
    return [form for form in found if form.__name__ not in FILTERS | HIDDEN]


def test_no_field_is_explained_that_is_not_there() -> None:
    known = {model._meta.label_lower: model for model in registered()}
    known |= {
        inline.model._meta.label_lower: inline
        for each in admin.site._registry.values()
        for inline in each.inlines
    }

    for label, texts in help_fields.FIELDS.items():
        place: Any = known[label]
        page_of: Any = admin.site._registry.get(place, place)
        model = getattr(page_of, "model", place)
        fields = {field.name for field in model._meta.get_fields()}
        shown = {*fields, *getattr(page_of, "readonly_fields", ())}
        written = {field.name for field in model._meta.get_fields()} | shown
        if label == "actions.statusentry":
            written |= set(help_fields.TEXTS)
        assert texts.keys() - written == set(), label


def test_help_is_there_on_the_page_that_takes_texts_along() -> None:
    user = somebody(EDITOR, Organisation.objects.get(slug="szw"))
    open_round(2026)
    factories.write(entry("1.d", 2026), "Text.")

    text = signed_in(user).get(reverse("admin:own_texts")).text

    for each in re.findall(r'aria-describedby="([^"]+)"', text):
        assert f'id="{each}"' in text

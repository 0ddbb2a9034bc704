"""Two people and one row: nobody writes over what another stored after the page was opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions import forms, workflow
from actions.choices import EntryState
from actions.models import ActionPoint, Membership, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from tests.admin_pages import as_sent, page
from tests.factories import ReportingRoundFactory, overwrite, signed_in
from tests.test_workflow_races import anew, at_once, wait_until_another_waits
from tests.workflow_people import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def administrator(people: Cast) -> Client:
    return signed_in(people.administrator)


def meanwhile(monkeypatch: pytest.MonkeyPatch, form: type, act: Callable[[], object]) -> Thread:
    """Let somebody else act, on another connection, while a form of this class is being stored."""
    check = form.clean
    other = Thread(target=lambda: at_once(act))
    begun: list[bool] = []

    def clean(self: Any) -> Any:
        if not begun:
            begun.append(True)
            other.start()
            wait_until_another_waits()
        return check(self)

    monkeypatch.setattr(form, "clean", clean)
    return other


@pytest.mark.django_db(transaction=True)
def test_note_on_a_round_does_not_take_back_its_publication(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.bring(people.entry, EntryState.APPROVED)
    client, url = signed_in(people.second), page(ReportingRound, "change", people.round.pk)
    sent = as_sent(client.get(url), note="A note.")
    publish = partial(workflow.publish_round, people.round, actor=anew(people.first))
    other = meanwhile(monkeypatch, forms.ReportingRoundForm, publish)

    assert client.post(url, sent).status_code == 302
    other.join()

    people.round.refresh_from_db()
    assert people.round.note == "A note."
    assert people.round.published_on is not None
    assert people.round.released_at is not None


@pytest.mark.django_db(transaction=True)
def test_note_on_a_round_does_not_close_it_again(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = ReportingRoundFactory(plan=people.round.plan, year=2032)
    client, url = signed_in(people.second), page(ReportingRound, "change", each.pk)
    sent = as_sent(client.get(url), note="A note.")
    open_it = partial(workflow.open_round, each, actor=anew(people.first))
    other = meanwhile(monkeypatch, forms.ReportingRoundForm, open_it)

    assert client.post(url, sent).status_code == 302
    other.join()

    each.refresh_from_db()
    assert (each.note, each.opened_on is not None) == ("A note.", True)


@pytest.mark.django_db(transaction=True)
def test_other_name_for_an_account_does_not_bring_back_its_old_password(
    people: Cast, administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = people.editor
    account.set_password("the old password of somebody")
    account.save()
    url = page(User, "change", account.pk)
    sent = as_sent(administrator.get(url), name="Another Name")

    def change_password() -> None:
        row = User.objects.get(pk=account.pk)
        row.set_password("the new password of somebody")
        row.save(update_fields=["password"])

    other = meanwhile(monkeypatch, forms.UserForm, change_password)
    assert administrator.post(url, sent).status_code == 302
    other.join()

    account.refresh_from_db()
    assert account.name == "Another Name"
    assert account.check_password("the new password of somebody")


def test_form_that_was_opened_before_does_not_open_an_ended_account(
    people: Cast, administrator: Client
) -> None:
    url = page(User, "change", people.editor.pk)
    sent = as_sent(administrator.get(url), name="Another Name", is_active="on")
    end = reverse("admin:accounts_user_transition", args=[people.editor.pk, "end"])
    administrator.post(end, {"on": timezone.localdate().isoformat()})

    administrator.post(url, sent)

    people.editor.refresh_from_db()
    assert (people.editor.is_active, people.editor.name) == (False, "Another Name")


def test_form_that_was_opened_before_does_not_prolong_an_ended_role(
    people: Cast, administrator: Client
) -> None:
    membership = people.editor.memberships.get()
    url = page(User, "change", people.editor.pk)
    sent = as_sent(administrator.get(url), name="Another Name")
    overwrite(Membership.objects.filter(pk=membership.pk), valid_until=date(2030, 1, 1))

    assert administrator.post(url, sent).status_code == 302

    membership.refresh_from_db()
    assert membership.valid_until == date(2030, 1, 1)


def test_field_that_only_the_other_changed_keeps_what_they_wrote(
    people: Cast, administrator: Client
) -> None:
    point = people.entry.action_point
    url = page(ActionPoint, "change", point.pk)
    first = as_sent(administrator.get(url), description="Of the first.")
    second = as_sent(administrator.get(url), evidence_note="Of the second.")

    for sent in (first, second):
        assert administrator.post(url, sent).status_code == 302

    point.refresh_from_db()
    assert (point.description, point.evidence_note) == ("Of the first.", "Of the second.")


def test_field_that_both_changed_is_shown_with_both_and_is_a_choice_after_that(
    people: Cast, administrator: Client
) -> None:
    point = people.entry.action_point
    url = page(ActionPoint, "change", point.pk)
    first = as_sent(administrator.get(url), description="Of the first.")
    second = as_sent(administrator.get(url), description="Of the second.")
    administrator.post(url, first)

    shown = administrator.post(url, second)

    form = shown.context["adminform"].form
    assert list(form.errors) == ["description"]
    assert "Of the first." in form.errors.as_text()
    assert form["description"].value() == "Of the second."
    point.refresh_from_db()
    assert point.description == "Of the first."

    assert administrator.post(url, as_sent(shown)).status_code == 302
    point.refresh_from_db()
    assert point.description == "Of the second."


def test_form_without_its_marks_changes_nothing(people: Cast, administrator: Client) -> None:
    point = people.entry.action_point
    url = page(ActionPoint, "change", point.pk)
    sent = as_sent(administrator.get(url), description="Without marks.")
    del sent["opened"]

    assert administrator.post(url, sent).status_code == 200

    point.refresh_from_db()
    assert point.description != "Without marks."


@pytest.mark.django_db(transaction=True)
def test_two_entries_that_are_reported_with_each_other_at_once_do_not_lock_up() -> None:
    people = cast(points=2)
    one, other = people.entries
    for entry in people.entries:
        people.write(entry)

    for number in range(5):
        StatusEntry.objects.filter(round=people.round).update(reported_with=None)
        posts = []
        for user, entry, beside in ((people.editor, one, other), (people.submitter, other, one)):
            client, url = signed_in(anew(user)), page(StatusEntry, "change", entry.pk)
            words = f"Text {number} of {user.pk}."
            sent = as_sent(client.get(url), narrative=words, reported_with=beside.pk)
            posts.append(partial(client.post, url, sent))

        ended = at_once(*posts)

        # The second is told that it would be a chain.
        assert sorted(response.status_code for response in ended) == [200, 302], ended


def test_chosen_words_of_the_other_stay_chosen_when_something_else_is_wrong(people: Cast) -> None:
    people.write(people.entry, "At first.")
    client, url = signed_in(people.editor), page(StatusEntry, "change", people.entry.pk)
    sent = as_sent(client.get(url), narrative="Mine.", progress="in_progress")
    people.write(people.entry, "Theirs.")
    conflict = client.post(url, sent)
    again: dict[str, Any] = {}
    for name, value in conflict.context["typed"]:
        again.setdefault(name, []).append(value)
    again |= {"narrative": "Mine.", "choose-narrative": "theirs", "progress": "discontinued"}
    again |= {"read_version": conflict.context["newest"].number, "choose-progress": "mine"}

    wrong = client.post(url, again)
    form = wrong.context["adminform"].form
    assert "discontinued_reason" in form.errors
    assert form["narrative"].value() == "Theirs."
    client.post(url, as_sent(wrong, discontinued_reason="It ended."))

    people.entry.refresh_from_db()
    assert people.entry.latest_version.narrative == "Theirs."
    assert people.entry.latest_version.progress == "discontinued"


def test_saving_twice_by_a_double_click_is_saving_once(people: Cast) -> None:
    client, url = signed_in(people.editor), page(StatusEntry, "change", people.entry.pk)
    sent = as_sent(client.get(url), narrative="Mine.")

    for _click in range(2):
        assert client.post(url, sent).status_code == 302

    assert people.entry.versions.count() == 1


@pytest.mark.django_db(transaction=True)
def test_other_password_does_not_open_an_account_that_ended_meanwhile(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, old, new = people.editor, "the old password of somebody", "the new one of somebody"
    account.set_password(old)
    account.save()
    client = signed_in(account)

    def end() -> None:
        row = User.objects.get(pk=account.pk)
        row.is_active = False
        row.save(update_fields=["is_active"])

    other = meanwhile(monkeypatch, AdminPasswordChangeForm, end)
    sent = {"old_password": old, "new_password1": new, "new_password2": new}
    client.post(reverse("admin:password_change"), sent)
    other.join()

    account.refresh_from_db()
    assert account.check_password(new)
    assert not account.is_active

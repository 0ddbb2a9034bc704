"""A coordinator reminds a ministry from the overview of a round."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from actions import workflow
from actions.choices import EntryState
from actions.mail import plans, preferences, requests, sending
from actions.models import ActionPoint, ReportingRound, SentMail
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from tests.factories import (
    EDITOR,
    ActionPointFactory,
    OrganisationFactory,
    StatusEntryFactory,
    overwrite,
    signed_in,
    somebody,
)
from tests.test_mail import Failing, failing, html_of, quiet, receivers, sent_to, site
from tests.test_workflow_races import anew, at_once
from tests.workflow_people import Cast, cast, events

__all__ = ["failing", "site"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    made = cast(points=3, ministry_deadline=timezone.localdate() + timedelta(days=30))
    made.bring(made.entries[2], EntryState.SUBMITTED)
    return made


def remind(people: Cast, actor: User | None = None, words: str = "") -> requests.Reminded:
    return requests.remind(
        people.round, ministry=people.lead.slug, actor=actor or people.first, words=words
    )


def address(people: Cast, page: str = "remind") -> str:
    return reverse(f"admin:actions_reportinground_{page}", args=[people.round.pk])


def press(people: Cast, client: Client, words: str = "") -> Any:
    typed = {"ministry": people.lead.slug, "words": words}
    return client.post(address(people), typed)


def test_who_must_act_of_that_ministry_is_mailed_with_the_words(people: Cast) -> None:
    elsewhere = cast(points=1)
    other = somebody(EDITOR, people.lead)

    done = remind(people, words="Graag voor vrijdag.\r\n\r\n<b>Dank</b>\x00")

    assert (done.people, done.coordinators, done.failed) == (2, 0, 0)
    assert receivers() == {people.editor.email, other.email}
    assert elsewhere.editor.email not in receivers()
    (message,) = sent_to(other)
    assert "Graag voor vrijdag.\n\n<b>Dank</b>\n" in message.body
    assert "&lt;b&gt;Dank&lt;/b&gt;" in html_of(message)
    assert people.first.name in message.body
    assert message.reply_to == [people.first.email]
    for entry, there in zip(people.entries, (True, True, False), strict=True):
        assert (f"{entry.action_point.code} " in message.body) is there


def test_audit_trail_says_which_ministry_and_how_many_people(people: Cast) -> None:
    remind(people, words="Graag.")

    (event,) = events("round.remind", people.round)
    assert (event.actor, event.detail) == (
        people.first,
        {"organisation": people.lead.slug, "people": 1},
    )
    assert list(trail.verify()) == []


def test_ministry_is_reminded_once_a_day_and_again_the_next(people: Cast) -> None:
    remind(people)
    with pytest.raises(workflow.NotPossible) as refusal:
        remind(people, people.second)
    assert refusal.value.code == "already"
    assert len(mail.outbox) == 1

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        remind(people, people.second)
        assert requests.last_reminded(people.round) == {people.lead.slug: timezone.localdate()}
    assert len(mail.outbox) == 2


def test_chain_goes_up_to_the_other_coordinators_of_the_plan(people: Cast) -> None:
    quiet(people.editor, digest=True)
    assert remind(people).people == 1
    assert receivers() == {people.submitter.email}

    mail.outbox.clear()
    SentMail.objects.all().delete()
    quiet(people.submitter)
    done = remind(people)
    assert (done.people, done.coordinators) == (0, 1)
    assert receivers() == {people.second.email}
    assert gettext("Nobody at the ministry gets this mail") in mail.outbox[0].body

    SentMail.objects.all().delete()
    quiet(people.second)
    with pytest.raises(workflow.NotPossible) as refusal:
        remind(people)
    assert refusal.value.code == "nobody"
    assert not SentMail.objects.exists()
    assert len(events("round.remind", people.round)) == 2


def test_ministry_with_nothing_to_submit_or_unknown_is_not_reminded(people: Cast) -> None:
    for slug in (people.partner.slug, "nobody", "", "\x00", "x" * 300):
        with pytest.raises(workflow.NotPossible) as refusal:
            requests.remind(people.round, ministry=slug, actor=people.first)
        assert refusal.value.code == "nothing"

    overwrite(
        ReportingRound.objects.filter(pk=people.round.pk),
        published_on=timezone.localdate(),
        released_at=timezone.now(),
    )
    with pytest.raises(workflow.NotPossible) as refusal:
        remind(people)
    assert refusal.value.code == "nothing"
    assert mail.outbox == []


def test_words_have_an_end(people: Cast) -> None:
    with pytest.raises(workflow.NotPossible) as refusal:
        remind(people, words="x" * (requests.MAX_WORDS + 1))
    assert (refusal.value.code, refusal.value.field) == ("too_long", "words")

    remind(people, words="x" * requests.MAX_WORDS)
    assert len(mail.outbox) == 1


def test_without_the_address_of_the_site_nobody_is_reminded(people: Cast, settings: Any) -> None:
    settings.NAP_BASE_URL = ""

    with pytest.raises(workflow.NotPossible) as refusal:
        remind(people)

    assert refusal.value.code == "no_address"


def test_what_fails_can_be_tried_again_the_same_day(people: Cast, failing: type[Failing]) -> None:
    failing.refuses = {people.editor.email}
    done = remind(people)
    assert (done.people, done.failed) == (0, 1)
    (event,) = events("round.remind-failed", people.round)
    assert event.detail == {"organisation": people.lead.slug, "people": 1}

    failing.refuses = set()
    assert remind(people).people == 1


def test_who_was_reminded_by_hand_is_not_told_that_it_is_new(people: Cast) -> None:
    remind(people)

    assert people.editor.pk not in {plan.to.key for plan in plans.of_today()}


@pytest.mark.parametrize(
    "who", ["editor", "submitter", "signer", "reader", "administrator", "stranger"]
)
def test_permission_to_remind_is_of_coordinators_alone(people: Cast, who: str) -> None:
    user = getattr(people, who)
    with pytest.raises(PermissionDenied):
        remind(people, user)

    answer = press(people, signed_in(user))

    assert answer.status_code == 403
    assert mail.outbox == []
    (event,) = events("round.remind", people.round)
    assert (event.actor, event.result) == (user, "refused")


# The page.


def test_button_stands_by_ministries_with_something_to_submit(people: Cast) -> None:
    button = f'name="ministry" value="{people.lead.slug}"'
    client = signed_in(people.first)
    assert button in client.get(address(people, "overview")).text
    assert button not in signed_in(people.reader).get(address(people, "overview")).text

    for entry in people.entries[:2]:
        people.bring(entry, EntryState.SUBMITTED)
    assert button not in client.get(address(people, "overview")).text


def reach(people: Cast, actor: User | None = None) -> requests.Reach | None:
    page = signed_in(actor or people.first).get(address(people, "overview"))
    (line,) = page.context["lines"]
    return line.reach


def test_overview_says_who_will_be_mailed_and_that_is_who_is(people: Cast) -> None:
    other = somebody(EDITOR, people.lead)
    names = {people.editor.name, other.name}

    said = reach(people)

    assert said is not None
    assert (set(said.people), said.coordinators) == (names, ())
    assert remind(people).people == len(names)
    assert reach(people, people.reader) is None


def test_overview_says_that_coordinators_stand_in_or_that_nobody_does(people: Cast) -> None:
    quiet(people.editor, people.submitter)
    assert reach(people) == requests.Reach((), (people.second.name,))

    quiet(people.second)
    assert reach(people) == requests.Reach((), ())
    button = f'name="ministry" value="{people.lead.slug}"'
    assert button not in signed_in(people.first).get(address(people, "overview")).text


def test_coordinator_is_told_who_was_mailed_and_sees_when(people: Cast) -> None:
    client = signed_in(people.first)

    answer = press(people, client, "Graag voor vrijdag.")
    assert answer.url == address(people, "overview")
    page = client.get(answer.url)

    (message,) = page.context["messages"]
    assert "1" in message.message
    assert people.lead.names.get().abbreviation in message.message
    (line,) = page.context["lines"]
    assert line.reminded == timezone.localdate()


def test_refusal_keeps_the_words(people: Cast) -> None:
    client = signed_in(people.first)
    press(people, client)

    for words in ("Toch nog eens.", "x" * 1001):
        page = press(people, client, words)

        assert page.status_code == 200
        assert f"{words}</textarea>" in page.text
    assert len(mail.outbox) == 1
    # From here the filter and its links go to the overview itself.
    assert f'action="{address(people, "overview")}#points"' in page.text


def test_only_a_post_reminds_and_of_a_round_that_is_there(people: Cast) -> None:
    client = signed_in(people.first)

    assert client.get(address(people)).status_code == 405
    absent = reverse("admin:actions_reportinground_remind", args=[0])
    assert client.post(absent, {"ministry": people.lead.slug}).status_code == 404
    assert mail.outbox == []


def test_overview_costs_the_same_queries_with_many_ministries(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(people.first)
    remind(people)
    for _number in range(3):
        point = ActionPointFactory(plan=people.round.plan, lead=OrganisationFactory(named=True))
        StatusEntryFactory(round=people.round, action_point=point)
    client.get(address(people, "overview"))

    with django_assert_max_num_queries(11):
        client.get(address(people, "overview"))


def test_mail_is_in_the_language_of_the_site_whatever_the_screen_has(people: Cast) -> None:
    points = ActionPoint.objects.filter(pk=people.entry.action_point_id)
    overwrite(points, title_nl="Rechtsbijstand", title_en="Legal aid")

    typed = {"ministry": people.lead.slug}
    signed_in(people.first).post(address(people), typed, headers={"accept-language": "en"})

    (message,) = mail.outbox
    assert "Rechtsbijstand" in message.body
    assert "Legal aid" not in message.body
    assert '<html lang="nl">' in html_of(message)


# Two at once.


@pytest.mark.django_db(transaction=True)
def test_two_commands_at_once_send_each_mail_once() -> None:
    people = cast(points=2, ministry_deadline=timezone.localdate() + timedelta(days=7))
    for _number in range(4):
        somebody(EDITOR, people.lead)
    people.bring(people.entry, EntryState.SUBMITTED)

    for days in range(5):
        mail.outbox.clear()
        SentMail.objects.all().delete()
        planned = plans.of_today()
        assert len(planned) == 8, days

        ended = at_once(*[partial(sending.send_all, planned)] * 2)

        assert all(isinstance(each, sending.Outcome) for each in ended), ended
        assert sum(len(each.sent) for each in ended) == len(mail.outbox) == 8
        assert len(receivers()) == 8
        assert [each for end in ended for each in end.failed] == []


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_at_once_remind_once() -> None:
    people = cast(points=2)
    first, second = anew(people.first), anew(people.second)

    for _number in range(5):
        mail.outbox.clear()
        SentMail.objects.all().delete()
        ended = at_once(partial(remind, people, first), partial(remind, people, second))

        assert sorted(type(each).__name__ for each in ended) == ["NotPossible", "Reminded"], ended
        assert receivers() == {people.editor.email}
        assert len(mail.outbox) == 1
    assert preferences.chosen(first).reminders

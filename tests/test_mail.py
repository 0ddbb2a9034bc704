"""Who gets which mail, with which words, and never the same twice."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from actions import remarks, workflow
from actions.choices import EntryState, RemarkField
from actions.mail import plans, preferences, sending
from actions.mail.recipients import Kind
from actions.models import Membership, ReportingRound, SentMail, StatusEntry
from actions.queries import work
from napmonitor.accounts.models import User
from tests import factories
from tests.factories import (
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    overwrite,
    somebody,
)
from tests.workflow_people import Cast, cast

pytestmark = pytest.mark.django_db

SITE = "https://nap.test.example"
DEADLINE = date(2031, 3, 15)


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.NAP_BASE_URL = SITE


@pytest.fixture
def people() -> Cast:
    return cast(points=3, ministry_deadline=DEADLINE)


def on(days: int) -> time_machine.travel:
    """Make today so many days after the deadline."""
    return time_machine.travel(f"{DEADLINE + timedelta(days=days)}T08:00:00+01:00", tick=False)


def send(*options: str) -> str:
    out = StringIO()
    call_command("send_mail", *options, stdout=out)
    return out.getvalue()


def sent_to(user: User) -> list[mail.EmailMultiAlternatives]:
    return [message for message in mail.outbox if message.to == [user.email]]


def receivers() -> set[str]:
    return {address for message in mail.outbox for address in message.to}


def quiet(*users: User, reminders: bool = False, digest: bool = False) -> None:
    for user in users:
        preferences.choose(user, reminders=reminders, digest=digest)


def html_of(message: mail.EmailMultiAlternatives) -> str:
    (part,) = message.alternatives
    assert part.mimetype == "text/html"
    return part.content


def code(entry: StatusEntry) -> str:
    return entry.action_point.code


def all_told(people: Cast) -> None:
    """Send what is new, so that a test sees only what comes after it."""
    send()
    mail.outbox.clear()


# Reminders.


@pytest.mark.parametrize(
    ("days", "last"),
    [
        *((-15, None), (-14, -14), (-13, -14), (-8, -14), (-7, -7), (-2, -7), (-1, -1)),
        *((0, -1), (1, 1), (6, 1), (7, 7), (90, 7)),
    ],
)
def test_moment_is_the_last_one_that_passed(days: int, last: int | None) -> None:
    assert plans.moment(DEADLINE, DEADLINE + timedelta(days=days)) == last


def test_editor_is_reminded_of_all_points_in_one_mail_and_once_per_moment(people: Cast) -> None:
    quiet(people.editor, reminders=True)
    with on(-14):
        send()
        send()
    with on(-13):
        send()
    (first,) = sent_to(people.editor)
    with on(-7):
        send()
    with on(7):
        # The moments in between were missed; they are not made up for.
        send()
        send()

    assert len(sent_to(people.editor)) == 3
    for entry in people.entries:
        assert first.body.count(f"{code(entry)} {entry.action_point.title}") == 1
        address = f"{SITE}/beheer/actions/statusentry/{entry.pk}/change/"
        assert first.body.count(address) == html_of(first).count(f'"{address}"') == 1
    assert not receivers() & {people.partner_editor.email, people.stranger.email}


def test_another_deadline_is_another_reminder(people: Cast) -> None:
    quiet(people.editor, reminders=True)
    with on(-7):
        send()
        overwrite(
            ReportingRound.objects.filter(pk=people.round.pk),
            ministry_deadline=DEADLINE + timedelta(days=1),
        )
        send()

    assert len(sent_to(people.editor)) == 2


def test_only_what_is_open_to_write_is_reminded_of(people: Cast) -> None:
    quiet(people.editor, reminders=True)
    with on(-7):
        people.bring(people.entries[0], EntryState.SUBMITTED)
        people.bring(people.entries[1], EntryState.RETURNED)
        send()

    (message,) = sent_to(people.editor)
    assert code(people.entries[0]) not in message.body
    assert code(people.entries[1]) in message.body
    # Why it came back is for who signs in.
    assert "Say more." not in message.body + html_of(message)
    assert "Much was done." not in message.body + html_of(message)


def test_round_that_is_not_open_or_is_published_reminds_nobody(people: Cast) -> None:
    overwrite(
        ReportingRound.objects.filter(pk=people.round.pk),
        published_on=DEADLINE,
        released_at=timezone.now(),
    )
    closed = cast(ministry_deadline=DEADLINE)
    overwrite(ReportingRound.objects.filter(pk=closed.round.pk), opened_on=None)

    with on(1):
        send()

    assert mail.outbox == []


def test_reminder_says_what_and_by_when(people: Cast) -> None:
    ministry = people.lead.names.get().abbreviation
    with on(-7):
        send()
    with on(1):
        send()

    before, late = sent_to(people.editor)
    day = date_format(DEADLINE, "MONTH_DAY_FORMAT")
    for message in (before, late):
        assert ministry in message.subject
        assert day in message.subject
        assert "3" in message.subject
        assert people.editor.name in message.body
        assert people.submitter.name not in message.body
        assert f"{SITE}/beheer/\n" in message.body
        assert f"{SITE}/beheer/mail/" in message.body
        assert EDITOR in message.body
        assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert gettext("late") in late.body
    assert gettext("late") not in before.body


def test_who_submits_is_reminded_of_a_text_that_others_finished(people: Cast) -> None:
    with on(-7):
        people.write(people.entries[0])
        send()

    (message,) = sent_to(people.submitter)
    assert code(people.entries[0]) in message.body
    assert code(people.entries[1]) not in message.body


def test_text_that_came_back_is_for_the_writer_until_it_is_written_again(people: Cast) -> None:
    entry = people.entries[0]
    people.bring(entry, EntryState.RETURNED)
    (task,) = work.tasks(StatusEntry.objects.filter(pk=entry.pk))
    assert not task.can_be_submitted

    people.write(entry, "More.")

    (task,) = work.tasks(StatusEntry.objects.filter(pk=entry.pk))
    assert task.can_be_submitted


# The chain.


def told(people: Cast, kind: Kind = Kind.REMINDER) -> set[str]:
    with on(-7):
        mail.outbox.clear()
        SentMail.objects.all().delete()
        send()
    return receivers()


def test_without_editors_the_coordinator_of_the_ministry_gets_it_and_then_the_nap_coordinators(
    people: Cast,
) -> None:
    assert told(people) == {people.editor.email}

    overwrite(Membership.objects.filter(user=people.editor), valid_until=DEADLINE - timedelta(9))
    assert told(people) == {people.submitter.email}

    overwrite(User.objects.filter(pk=people.submitter.pk), is_active=False)
    assert told(people) == {people.first.email, people.second.email}
    assert gettext("Nobody at the ministry gets this mail") in mail.outbox[0].body


def test_who_wants_no_mail_is_passed_over_and_the_next_is_told(people: Cast) -> None:
    other = somebody(EDITOR, people.lead)
    quiet(people.editor)
    assert told(people) == {other.email}

    quiet(other)
    assert told(people) == {people.submitter.email}

    quiet(people.submitter)
    assert told(people) == {people.first.email, people.second.email}

    quiet(people.first, people.second)
    assert told(people) == set()


def test_each_kind_of_mail_has_its_own_choice(people: Cast) -> None:
    quiet(people.editor, digest=True)

    with on(-7):
        send()

    # The coordinator is told of the deadline, the editor that there is something new.
    (reminder,) = sent_to(people.submitter)
    (digest,) = sent_to(people.editor)
    assert reminder.subject != digest.subject


def test_role_that_has_not_begun_or_has_ended_gets_nothing(people: Cast) -> None:
    today = DEADLINE - timedelta(days=7)
    ended = somebody(EDITOR, people.lead, valid_until=today)
    coming = somebody(EDITOR, people.lead, valid_from=today + timedelta(days=1))
    last_day = somebody(EDITOR, people.lead, valid_until=today + timedelta(days=1))

    assert told(people) == {people.editor.email, last_day.email}
    assert not receivers() & {ended.email, coming.email}


def test_superuser_and_the_application_get_nothing(people: Cast) -> None:
    superuser = factories.UserFactory(superuser=True)
    for user in (superuser, User.objects.system()):
        factories.MembershipFactory(user=user, organisation=people.lead)

    assert told(people) == {people.editor.email}


def test_mail_and_first_page_ask_the_same(people: Cast) -> None:
    people.bring(people.entries[1], EntryState.SUBMITTED)
    people.bring(people.entries[2], EntryState.SUBMITTED)
    comment(people, people.entries[2])
    with on(-20):
        send()

    for user, lists in (
        (people.editor, ("to_write", "to_answer")),
        (people.signer, ("to_sign",)),
        (people.first, ("to_review",)),
    ):
        found = work.work_of(User.objects.get(pk=user.pk))
        (message,) = sent_to(user)
        asked = [task for name in lists for task in getattr(found, name)]
        assert asked
        assert {task.code for task in asked} == {
            code(entry) for entry in people.entries if f"{code(entry)} " in message.body
        }


# The daily overview.


def comment(people: Cast, entry: StatusEntry) -> None:
    entry.refresh_from_db()
    remarks.make(
        entry,
        text="Which year?",
        author=people.first,
        read_version=entry.latest_version.number,
        field=RemarkField.NARRATIVE,
    )


def test_open_round_is_new_once(people: Cast) -> None:
    with on(-60):
        send()
        send()
    with on(-59):
        send()

    assert receivers() == {people.editor.email}
    (message,) = mail.outbox
    assert all(code(entry) in message.body for entry in people.entries)


def test_each_new_thing_is_told_once_to_who_must_act(people: Cast) -> None:
    entry = people.entry
    with on(-60):
        all_told(people)
    with on(-59):
        people.bring(entry, EntryState.SUBMITTED)
        send()
    assert receivers() == {people.signer.email, people.first.email, people.second.email}
    assert len(mail.outbox) == 3

    mail.outbox.clear()
    with on(-58):
        comment(people, entry)
        send()
        send()
    assert receivers() == {people.editor.email}

    mail.outbox.clear()
    with on(-57):
        workflow.send_back(entry, actor=people.first, reason="Say more.")
        send()
    (message,) = mail.outbox
    assert message.to == [people.editor.email]
    assert gettext("Came back to you") in message.body
    assert "Say more." not in message.body + html_of(message)
    assert people.first.name not in message.body + html_of(message)

    mail.outbox.clear()
    with on(-56):
        people.write(entry, "More.")
        send()
    assert receivers() == {people.submitter.email}

    mail.outbox.clear()
    with on(-55):
        send()
    assert mail.outbox == []


def test_what_was_told_is_told_again_when_it_is_asked_again(people: Cast) -> None:
    with on(-60):
        people.bring(people.entry, EntryState.SUBMITTED)
        all_told(people)
    with on(-59):
        workflow.send_back(people.entry, actor=people.first, reason="Say more.")
        people.write(people.entry, "More.")
        workflow.submit(people.entry, actor=people.submitter)
        send()

    assert {people.signer.email, people.first.email} <= receivers()


def test_there_is_one_overview_a_day_and_the_rest_comes_the_next_day(people: Cast) -> None:
    with on(-60):
        all_told(people)
        people.bring(people.entries[0], EntryState.SUBMITTED)
        send()
        people.bring(people.entries[1], EntryState.SUBMITTED)
        send()
    assert len(sent_to(people.first)) == 1
    with on(-59):
        send()

    _today, tomorrow = sent_to(people.first)
    assert code(people.entries[1]) in tomorrow.body
    assert code(people.entries[0]) not in tomorrow.body


def test_who_was_reminded_of_something_is_not_told_that_it_is_new(people: Cast) -> None:
    with on(-7):
        send()
    with on(-6):
        send()

    assert len(sent_to(people.editor)) == 1


# The form of a mail.


def test_title_with_line_ends_puts_nothing_in_the_header(people: Cast) -> None:
    overwrite(people.lead.names.all(), abbreviation="SZW\nBcc: x@y.nl")
    overwrite(
        type(people.entry.action_point).objects.filter(pk=people.entry.action_point_id),
        title_nl="Titel\r\nBcc: x@test.example <b>&",
    )

    with on(-7):
        send()

    (message,) = sent_to(people.editor)
    assert "\n" not in message.subject
    assert message.recipients() == [people.editor.email]
    assert "<b>&" in message.body
    assert "&lt;b&gt;&amp;" in html_of(message)
    assert "<b>" not in html_of(message)
    assert "Bcc" not in message.message()


def test_text_and_html_say_the_same_and_html_fetches_nothing(people: Cast) -> None:
    with on(-7):
        send()

    (message,) = sent_to(people.editor)
    html = html_of(message)
    for words in (message.subject, people.editor.name, EDITOR, *map(code, people.entries)):
        assert words in html
    for words in ("<img", "<script", "src=", "url(", "@import"):
        assert words not in html
    assert all(address.startswith(f"{SITE}/beheer/") for address in addresses(html))


def addresses(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('href="')[1:]]


def test_very_long_list_is_cut_and_says_so(people: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr("actions.mail.messages.MOST_POINTS", 2)

    with on(-7):
        send()

    (message,) = sent_to(people.editor)
    assert sum(f"{code(entry)} " in message.body for entry in people.entries) == 2


def test_link_lands_on_the_right_page_after_signing_in(people: Cast, client: Any) -> None:
    people.editor.set_password("correct horse battery staple")
    people.editor.save()
    with on(-7):
        send()
        links = addresses(html_of(sent_to(people.editor)[0]))
        assert len(links) == 5

        for link in links:
            client.logout()
            login = client.get(link.removeprefix(SITE))
            assert login.url.startswith(f"{reverse('admin:login')}?next=")
            landed = client.post(
                login.url,
                {"username": people.editor.email, "password": "correct horse battery staple"},
            )
            assert f"{SITE}{landed.url}" == link
            assert client.get(landed.url).status_code == 200


# Sending.


class Failing(EmailBackend):
    """A server that refuses some addresses; `refuses` is set by the test."""

    refuses: set[str] = set()
    failure: Exception = OSError("refused person@test.example")
    tried = 0
    reached = 0
    is_there = True

    def open(self) -> bool | None:
        type(self).reached += 1
        if not self.is_there:
            raise ConnectionRefusedError
        return super().open()

    def send_messages(self, messages: Any) -> int:
        type(self).tried += 1
        if {address for each in messages for address in each.to} & self.refuses:
            raise self.failure
        return int(super().send_messages(messages) or 0)


@pytest.fixture
def failing(settings: Any) -> type[Failing]:
    settings.EMAIL_BACKEND = "tests.test_mail.Failing"
    Failing.refuses, Failing.tried = set(), 0
    Failing.reached, Failing.is_there = 0, True
    Failing.failure = OSError("refused person@test.example")
    return Failing


@pytest.mark.parametrize("failure", [OSError("refused"), ValueError("header"), TimeoutError()])
def test_address_that_fails_stops_no_other_and_is_tried_again(
    people: Cast, failing: type[Failing], failure: Exception, caplog: Any
) -> None:
    other = somebody(EDITOR, people.lead)
    failing.refuses, failing.failure = {people.editor.email}, failure

    with on(-7):
        with pytest.raises(CommandError):
            send()
        assert receivers() == {other.email}
        assert people.editor.email not in caplog.text

        failing.refuses = set()
        send()
        send()

    assert len(sent_to(people.editor)) == len(sent_to(other)) == 1


def test_server_that_is_down_is_asked_a_few_times_only(
    people: Cast, failing: type[Failing]
) -> None:
    failing.refuses = {somebody(EDITOR, people.lead).email for _ in range(8)}
    failing.refuses |= {people.editor.email}

    with on(-7), pytest.raises(CommandError) as problem:
        send()

    assert failing.tried == sending.MOST_FAILURES
    assert "9" in str(problem.value)
    assert not SentMail.objects.exists()


def test_server_that_is_not_there_is_tried_once_and_at_the_next_run(
    people: Cast, failing: type[Failing]
) -> None:
    somebody(EDITOR, people.lead)
    failing.is_there = False
    with on(-7):
        with pytest.raises(CommandError):
            send()
        assert (failing.reached, failing.tried) == (1, 0)

        failing.is_there = True
        send()

    assert len(mail.outbox) == 2


def test_failure_of_our_own_gives_the_claim_back(people: Cast, monkeypatch: Any) -> None:
    def broken(*_args: object) -> None:
        raise KeyError("template")

    monkeypatch.setattr("actions.mail.messages.compose", broken)

    with on(-7), pytest.raises(KeyError):
        send()

    assert not SentMail.objects.exists()


def test_what_another_command_claimed_meanwhile_is_not_sent(people: Cast) -> None:
    with on(-7):
        planned = plans.of_today()
        send()
        mail.outbox.clear()

        outcome = sending.send_all(planned)

    assert outcome == sending.Outcome((), ())
    assert mail.outbox == []


def test_account_that_ended_meanwhile_gets_nothing(people: Cast) -> None:
    with on(-7):
        planned = plans.of_today()
        overwrite(User.objects.filter(pk=people.editor.pk), is_active=False)

        sending.send_all(planned)

    assert sent_to(people.editor) == []


# The command.


def test_command_counts_what_it_sent_and_a_dry_run_sends_nothing(people: Cast) -> None:
    people.bring(people.entry, EntryState.SUBMITTED)
    with on(-7):
        dry = send("--dry-run")
        assert (mail.outbox, SentMail.objects.count()) == ([], 0)
        real = send()
        again = send()

    # One editor is reminded; one signer and two coordinators have something new.
    assert dry == real
    assert [line.rpartition(": ")[2] for line in real.splitlines()] == ["1", "3"]
    assert [line.rpartition(": ")[2] for line in again.splitlines()] == ["0", "0"]


def test_command_without_the_address_of_the_site_says_so(people: Cast, settings: Any) -> None:
    settings.NAP_BASE_URL = ""

    with on(-7), pytest.raises(CommandError, match="NAP_BASE_URL"):
        send()


def test_planning_costs_the_same_queries_for_any_number(
    django_assert_num_queries: Any, people: Cast
) -> None:
    people.write(people.entry)
    with on(-7):
        with django_assert_num_queries(5):
            assert len(plans.of_today()) == 2
        for _ in range(3):
            more = cast(points=4, ministry_deadline=DEADLINE)
            more.bring(more.entries[0], EntryState.SUBMITTED)
            somebody(EDITOR, more.lead)
            somebody(NAP_COORDINATOR)
        with django_assert_num_queries(5):
            assert len(plans.of_today()) > 10


def test_role_is_read_as_rights_and_not_by_its_name(people: Cast) -> None:
    overwrite(Group.objects.filter(name=EDITOR), name="Schrijver")
    overwrite(Group.objects.filter(name=MINISTRY_COORDINATOR), name="Indiener")

    assert told(people) == {people.editor.email}

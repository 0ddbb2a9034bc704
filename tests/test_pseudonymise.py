"""Ended accounts become unrecognisable: the person goes, role, ministry and work stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from pytest_django import Settings

from actions import drafts, pseudonyms, rights
from actions.bookkeeping import contradictions
from actions.choices import EntryState
from actions.models import EntryDraft, MailPreference, Membership, RoundVisit, SentMail
from actions.rights import Role
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result
from tests.admin_pages import as_sent
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    MembershipFactory,
    OrganisationFactory,
    OrganisationNameFactory,
    UserFactory,
    signed_in,
    somebody,
)
from tests.workflow_people import cast

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
NAME, EMAIL = "Kanarie Vogelaar-Ünal", "kanarie.vogelaar@test.example"
PASSWORD = "een lang wachtwoord"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def administrator() -> User:
    return somebody(ADMINISTRATOR)


def ministry(abbreviation: str = "SZW") -> Any:
    organisation = OrganisationFactory()
    OrganisationNameFactory(organisation=organisation, abbreviation=abbreviation)
    return organisation


def worked(administrator: User) -> User:
    """Return somebody who was there for a while, and whose role the trail tells of."""
    account = User(email=EMAIL, name=NAME)
    rights.save_account(account, actor=administrator)
    rights.save_membership(
        Membership(
            user=account,
            organisation=ministry(),
            group=Group.objects.get(name=EDITOR),
            valid_from=date(2026, 1, 1),
        ),
        actor=administrator,
    )
    return account


def ended(administrator: User) -> User:
    return rights.end_account(worked(administrator), on=TODAY(), actor=administrator)


def again(account: User) -> User:
    return User.objects.get(pk=account.pk)


def untold() -> list[str]:
    keys = Membership.objects.values_list("pk", flat=True)
    known = {gettext("No event tells who gave role %d.") % key for key in keys}
    return [each for each in contradictions() if each not in known]


def everything_stored() -> str:
    """Return every value in the database, as text."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        if model is not Session:
            found += [str(list(model._default_manager.values_list()))]
    return " ".join(found).lower()


# What becomes of it.


def test_name_and_address_become_number_ministry_and_role(administrator: User) -> None:
    account = ended(administrator)

    pseudonyms.pseudonymise(account, actor=administrator)

    gone = again(account)
    assert gone.name == f"Oud-medewerker {gone.pk} (SZW, {EDITOR})"
    assert gone.email == f"oud-medewerker-{gone.pk}@nap-monitor.invalid"
    assert not gone.has_usable_password()
    assert (gone.is_active, gone.last_login, gone.invited_at) == (False, None, None)
    assert gone.pseudonymised_at is not None
    assert gone.memberships.get().group.name == EDITOR


def test_it_is_told_without_a_name_and_the_trail_holds(administrator: User) -> None:
    account = ended(administrator)

    pseudonyms.pseudonymise(account, actor=administrator)

    event = AuditEvent.objects.get(action="account.pseudonymised")
    assert (event.actor, event.object_id) == (administrator, str(account.pk))
    assert event.detail == {"pseudonymised": [False, True]}
    assert trail.verify() == []
    assert untold() == []


def test_verify_audit_finds_who_was_made_unrecognisable_past_the_application(
    administrator: User,
) -> None:
    account = ended(administrator)
    User.objects.filter(pk=account.pk).update(pseudonymised_at=timezone.now())

    assert untold() == [
        gettext("No event tells that account %d was made unrecognisable.") % account.pk
    ]


def test_name_and_address_stand_nowhere_any_more(administrator: User) -> None:
    client = signed_in(administrator)
    new = {"organisation": ministry().pk, "group": Group.objects.get(name=EDITOR).pk}
    day = TODAY().isoformat()
    client.post(
        reverse("admin:accounts_user_invite"),
        {"email": EMAIL, "name": NAME, "valid_from": day, **new},
    )
    account = User.objects.get(email=EMAIL)
    page = reverse("admin:accounts_user_change", args=[account.pk])
    # A role beside it from the page of the account, and one from the list of roles.
    rows = {
        "memberships-TOTAL_FORMS": "2",
        "memberships-1-organisation": ministry("VWS").pk,
        "memberships-1-group": new["group"],
        "memberships-1-valid_from": day,
    }
    assert client.post(page, as_sent(client.get(page)) | rows).status_code == 302
    role = {**new, "group": Group.objects.get(name=MINISTRY_COORDINATOR).pk}
    added = client.post(
        reverse("admin:actions_membership_add"),
        {"user": account.pk, "valid_from": day, "valid_until": "", **role},
    )
    assert added.status_code == 302
    client.post(reverse("admin:accounts_user_give_password", args=[account.pk]))
    client.post(reverse("admin:accounts_user_transition", args=[account.pk, "end"]), {"on": day})
    assert "kanarie" in everything_stored()

    answer = client.post(
        reverse("admin:accounts_user_transition", args=[account.pk, "pseudonymise"])
    )

    assert answer.status_code == 302
    stored = everything_stored()
    for word in ("kanarie", "vogelaar", "\\u00dcnal", "ünal"):
        assert word.lower() not in stored
    assert LogEntry.objects.filter(object_id=str(account.pk)).exists()
    assert trail.verify() == []


def test_name_that_was_changed_before_is_gone_from_the_log_too(administrator: User) -> None:
    account = worked(administrator)
    client = signed_in(administrator)
    page = reverse("admin:accounts_user_change", args=[account.pk])
    for name in ("Eerdere Kanarienaam", "Latere Naam"):
        sent = as_sent(client.get(page), name=name)
        assert client.post(page, sent).status_code == 302
    rights.end_account(again(account), on=TODAY(), actor=administrator)

    pseudonyms.pseudonymise(account, actor=administrator)

    assert "kanarie" not in everything_stored()


def test_what_was_written_stays_with_the_account(administrator: User) -> None:
    people = cast()
    version = people.write(people.entry)
    rights.end_account(people.editor, on=TODAY(), actor=administrator)

    pseudonyms.pseudonymise(people.editor, actor=administrator)

    version.refresh_from_db()
    assert version.author == again(people.editor)
    assert str(version.author).startswith("Oud-medewerker")
    assert trail.verify() == []


def test_draft_of_an_open_text_is_passed_on_and_others_are_deleted(administrator: User) -> None:
    people = cast(points=2)
    for entry in people.entries:
        drafts.keep(entry, writer=people.editor, tab=uuid4(), read_version=0, typed={"a": ["x"]})
    people.bring(people.entries[1], EntryState.APPROVED)
    rights.end_account(people.editor, on=TODAY(), actor=administrator)

    pseudonyms.pseudonymise(people.editor, actor=administrator)

    [left] = EntryDraft.objects.filter(writer=people.editor)
    assert left.entry == people.entries[0]
    assert drafts.left_behind(people.entries[0], again(people.submitter)) == [left]


def test_what_was_of_one_person_is_deleted(administrator: User) -> None:
    people = cast()
    for user in (people.editor, people.submitter):
        MailPreference.objects.create(user=user, digest=False)
        RoundVisit.objects.create(round=people.round, visitor=user)
        SentMail.objects.create(to=user, key="deadline")
    rights.end_account(people.editor, on=TODAY(), actor=administrator)

    pseudonyms.pseudonymise(people.editor, actor=administrator)

    for model, field in ((MailPreference, "user"), (RoundVisit, "visitor"), (SentMail, "to")):
        rows: models.Manager[Any] = model._default_manager
        assert list(rows.values_list(field, flat=True)) == [people.submitter.pk]


def test_ministry_is_named_as_it_was_called_then(administrator: User) -> None:
    organisation = OrganisationFactory()
    OrganisationNameFactory(
        organisation=organisation, abbreviation="LNV", valid_until=date(2024, 7, 2)
    )
    OrganisationNameFactory(
        organisation=organisation, abbreviation="LVVN", valid_from=date(2024, 7, 2)
    )
    account = somebody(EDITOR, organisation, valid_until=date(2024, 7, 2))

    assert pseudonyms.pseudonym(account) == f"Oud-medewerker {account.pk} (LNV, {EDITOR})"


def test_account_that_never_had_a_role_gets_a_number_only(administrator: User) -> None:
    account = UserFactory(inactive=True)

    assert pseudonyms.pseudonymise(account, actor=administrator).name == (
        f"Oud-medewerker {account.pk}"
    )


def test_role_that_ended_on_the_day_it_began_is_kept_in_the_name(administrator: User) -> None:
    group = Group.objects.get(name=EDITOR)
    role = Role(ministry(), group, TODAY())
    account = rights.invite(EMAIL, NAME, role, actor=administrator)
    rights.end_account(account, on=TODAY(), actor=administrator)
    assert not account.memberships.exists()

    gone = pseudonyms.pseudonymise(account, actor=administrator)

    assert gone.name == f"Oud-medewerker {gone.pk} (SZW, {EDITOR})"


# What it can never do again.


def test_old_address_signs_in_nobody_and_is_free_for_a_new_account(administrator: User) -> None:
    account = worked(administrator)
    account.set_password(PASSWORD)
    account.save()
    assert authenticate(username=EMAIL, password=PASSWORD) == account
    theirs = signed_in(account)
    rights.end_account(account, on=TODAY(), actor=administrator)

    gone = pseudonyms.pseudonymise(account, actor=administrator)

    assert authenticate(username=EMAIL, password=PASSWORD) is None
    assert authenticate(username=gone.email, password=PASSWORD) is None
    assert theirs.get(reverse("admin:index")).status_code == 302
    role = Role(ministry(), Group.objects.get(name=EDITOR), TODAY())
    new = rights.invite(EMAIL, NAME, role, actor=administrator)
    assert new.pk != gone.pk


def test_it_cannot_be_undone(administrator: User) -> None:
    account = pseudonyms.pseudonymise(ended(administrator), actor=administrator)
    before = User.objects.values().get(pk=account.pk)
    account.is_active = True
    role = Role(ministry(), Group.objects.get(name=EDITOR), TODAY())
    membership = Membership(
        user=account, organisation=role.organisation, group=role.group, valid_from=TODAY()
    )

    for actor in (administrator, UserFactory(superuser=True), User.objects.system()):
        for change in (
            lambda actor=actor: rights.save_account(account, actor=actor),
            lambda actor=actor: rights.give_password(account, actor=actor),
            lambda actor=actor: rights.invite_again(account, actor=actor),
            lambda actor=actor: rights.save_membership(membership, actor=actor),
            lambda actor=actor: rights.move(account, ends=[], role=role, actor=actor),
            lambda actor=actor: rights.end_account(account, on=TODAY(), actor=actor),
            lambda actor=actor: pseudonyms.pseudonymise(account, actor=actor),
        ):
            with pytest.raises(PermissionDenied):
                change()

    assert User.objects.values().get(pk=account.pk) == before


def test_database_keeps_it_ended(administrator: User) -> None:
    account = pseudonyms.pseudonymise(ended(administrator), actor=administrator)

    for change in ({"is_active": True}, {"is_superuser": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=account.pk).update(**change)


def test_page_of_it_can_only_be_read(administrator: User) -> None:
    account = pseudonyms.pseudonymise(ended(administrator), actor=administrator)
    client = signed_in(administrator)
    page = reverse("admin:accounts_user_change", args=[account.pk])

    answer = client.get(page)

    assert answer.status_code == 200
    assert not answer.context["has_change_permission"]
    for name in ("may_move", "may_end", "may_pseudonymise", "may_give_password"):
        assert not answer.context[name]
    assert client.post(page, {"name": "Terug"}).status_code == 403
    role = account.memberships.get()
    change = reverse("admin:actions_membership_change", args=[role.pk])
    assert not client.get(change).context["has_change_permission"]
    offered = client.get(reverse("admin:actions_membership_add")).context["adminform"].form
    assert account not in offered.fields["user"].queryset


# Who and when.


def test_nobody_who_works_here_is_made_unrecognisable(administrator: User) -> None:
    held = somebody(EDITOR)
    future = MembershipFactory(valid_from=TODAY() + timedelta(days=5)).user
    waiting = UserFactory()
    for account in (held, future, waiting, administrator):
        assert pseudonyms.ended_on(account) is None or account == administrator
        with pytest.raises(PermissionDenied):
            pseudonyms.pseudonymise(account, actor=administrator)
        assert again(account).pseudonymised_at is None


def test_superusers_and_the_application_never_are(administrator: User) -> None:
    superuser = UserFactory(superuser=True, inactive=True)
    for actor in (administrator, UserFactory(superuser=True), User.objects.system()):
        for account in (superuser, User.objects.system()):
            with pytest.raises(PermissionDenied):
                pseudonyms.pseudonymise(account, actor=actor)


@pytest.mark.parametrize("who", [EDITOR, NAP_COORDINATOR, None])
def test_without_permission_nobody_makes_an_account_unrecognisable(
    administrator: User, who: str | None
) -> None:
    account = ended(administrator)

    with pytest.raises(PermissionDenied):
        pseudonyms.pseudonymise(account, actor=somebody(who) if who else UserFactory())

    assert again(account).name == NAME


def test_account_whose_last_role_is_over_has_ended(administrator: User) -> None:
    over = somebody(EDITOR, valid_until=date(2026, 3, 1))

    assert pseudonyms.ended_on(over) == date(2026, 3, 1)
    gone = pseudonyms.pseudonymise(over, actor=administrator)

    assert not gone.is_active
    assert AuditEvent.objects.get(action="account.pseudonymised").detail["is_active"] == [
        True,
        False,
    ]
    assert untold() == []


def test_role_that_was_left_open_ends_with_it(administrator: User) -> None:
    account = worked(administrator)
    account.is_active = False
    rights.save_account(account, actor=administrator)

    pseudonyms.pseudonymise(account, actor=administrator)

    assert account.memberships.get().valid_until == TODAY()
    assert untold() == []


def test_account_ended_on_the_day_it_was_last_switched_off(administrator: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        account = UserFactory()
        account.is_active = False
        rights.save_account(account, actor=administrator)
    account = again(account)
    account.is_active = True
    rights.save_account(account, actor=administrator)
    account = again(account)
    account.is_active = False
    rights.save_account(account, actor=administrator)

    assert pseudonyms.ended_on(account) == TODAY()


def restarted(administrator: User, days_ago: int) -> User:
    """Return an account that ended long ago and was started again so many days ago."""
    with time_machine.travel(timezone.now() - timedelta(days=500)):
        account = worked(administrator)
        role = account.memberships.get()
        role.valid_from = TODAY() - timedelta(days=1)
        rights.save_membership(role, actor=administrator)
        rights.end_account(account, on=TODAY(), actor=administrator)
    with time_machine.travel(timezone.now() - timedelta(days=days_ago)):
        return rights.restart_account(account, actor=administrator)


def test_account_that_was_started_again_waits_for_a_role_from_that_day(
    administrator: User,
) -> None:
    account = restarted(administrator, days_ago=1)

    assert pseudonyms.ended_on(account) == TODAY() - timedelta(days=1)
    assert pseudonyms.may_pseudonymise(administrator, account)
    run()
    assert again(account).name == NAME

    with time_machine.travel(timezone.now() + timedelta(days=365)):
        run()
    assert again(account).pseudonymised_at is not None


def test_role_that_ended_after_the_restart_counts_from_its_own_end(administrator: User) -> None:
    account = restarted(administrator, days_ago=100)
    MembershipFactory(
        user=account,
        valid_from=TODAY() - timedelta(days=90),
        valid_until=TODAY() - timedelta(days=80),
    )

    assert pseudonyms.ended_on(account) == TODAY() - timedelta(days=80)


# The command.


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("pseudonymise_accounts", *arguments, stdout=out)
    return out.getvalue()


def test_command_takes_accounts_that_ended_a_year_ago(administrator: User) -> None:
    account, recent = ended(administrator), somebody(EDITOR)
    with time_machine.travel(timezone.now() + timedelta(days=364)):
        rights.end_account(recent, on=TODAY(), actor=administrator)
        run()
        assert again(account).pseudonymised_at is None

    with time_machine.travel(timezone.now() + timedelta(days=366)):
        said = run()

    assert again(account).pseudonymised_at is not None
    assert again(recent).pseudonymised_at is None
    assert again(account).name in said
    assert "kanarie" not in said.lower()
    event = AuditEvent.objects.get(action="account.pseudonymised")
    assert event.actor == User.objects.system()
    assert trail.verify() == []


def test_dry_run_says_what_would_be_done_and_changes_nothing(
    administrator: User, settings: Settings
) -> None:
    settings.NAP_PSEUDONYMISE_AFTER_DAYS = 0
    account = ended(administrator)
    before = trail.head()

    said = run("--dry-run")

    assert pseudonyms.pseudonym(account) in said
    assert again(account).name == NAME
    assert trail.head() == before


def test_setting_says_after_how_many_days(administrator: User, settings: Settings) -> None:
    settings.NAP_PSEUDONYMISE_AFTER_DAYS = 10
    account = ended(administrator)

    assert list(pseudonyms.due(TODAY() + timedelta(days=9))) == []
    assert list(pseudonyms.due(TODAY() + timedelta(days=10))) == [account]


def test_running_twice_does_nothing_more(administrator: User, settings: Settings) -> None:
    settings.NAP_PSEUDONYMISE_AFTER_DAYS = 0
    ended(administrator)
    run()
    before = trail.head()

    run()

    assert trail.head() == before


@pytest.mark.parametrize("where", ["pseudonym", "ended_on"])
def test_account_that_fails_stops_no_other_and_is_reported_without_a_name(
    administrator: User, settings: Settings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    settings.NAP_PSEUDONYMISE_AFTER_DAYS = 0
    broken = ended(administrator)
    others = [somebody(EDITOR), somebody(EDITOR)]
    for each in others:
        rights.end_account(each, on=TODAY(), actor=administrator)
    works = getattr(pseudonyms, where)

    def fail(account: User) -> Any:
        if account.pk == broken.pk:
            raise IntegrityError(f"duplicate {EMAIL}")
        return works(account)

    monkeypatch.setattr(pseudonyms, where, fail)
    out, errors = StringIO(), StringIO()

    with pytest.raises(CommandError) as ended_with:
        call_command("pseudonymise_accounts", stdout=out, stderr=errors)

    assert ended_with.value.returncode != 0
    assert all(again(each).pseudonymised_at for each in others)
    assert all(again(each).name in out.getvalue() for each in others)
    assert again(broken).name == NAME
    assert f"{broken.pk}" in errors.getvalue()
    assert "IntegrityError" in errors.getvalue()
    assert EMAIL not in out.getvalue() + errors.getvalue() + str(ended_with.value)
    assert trail.verify() == []

    monkeypatch.setattr(pseudonyms, where, works)
    run()
    assert again(broken).pseudonymised_at is not None


def superuser_now(account: User, administrator: User) -> None:
    User.objects.filter(pk=account.pk).update(is_superuser=True)


def started_again(account: User, administrator: User) -> None:
    rights.restart_account(account, actor=administrator)


def unrecognisable_now(account: User, administrator: User) -> None:
    pseudonyms.pseudonymise(account, actor=administrator)


@pytest.mark.parametrize("happen", [superuser_now, started_again, unrecognisable_now])
def test_account_that_changed_after_it_was_listed_is_left_alone_and_is_no_failure(
    administrator: User, monkeypatch: pytest.MonkeyPatch, happen: Callable[..., None]
) -> None:
    account = ended(administrator)
    candidates, listed = pseudonyms._candidates, []

    def overtaken() -> Any:
        if listed:
            return candidates()
        listed.extend(candidates())
        happen(account, administrator)
        return listed

    with time_machine.travel(timezone.now() + timedelta(days=366)):
        monkeypatch.setattr(pseudonyms, "_candidates", overtaken)
        outcome = pseudonyms.pseudonymise_due(actor=User.objects.system())

    assert listed == [account]
    assert outcome == pseudonyms.Outcome((), ())
    assert (again(account).name == NAME) is (happen is not unrecognisable_now)


# The page.


def test_page_shows_what_it_means_and_does_nothing(administrator: User) -> None:
    account = ended(administrator)

    answer = signed_in(administrator).get(
        reverse("admin:accounts_user_pseudonymise", args=[account.pk])
    )

    assert pseudonyms.pseudonym(account) in answer.text
    assert again(account).name == NAME


def test_refusal_stands_in_the_trail_without_a_name(administrator: User) -> None:
    account = worked(administrator)

    answer = signed_in(administrator).post(
        reverse("admin:accounts_user_transition", args=[account.pk, "pseudonymise"])
    )

    assert answer.status_code == 403
    event = AuditEvent.objects.get(action="user.pseudonymise")
    assert (event.result, event.object_label) == (Result.REFUSED, "")

"""Setting up a round: what is shown first, what is made, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions import workflow
from actions.choices import OrganisationKind
from actions.holidays import is_day_off
from actions.models import Plan, ReportingRound
from actions.queries.coming_round import coming_round
from napmonitor.accounts.models import User
from napmonitor.audit.models import AuditEvent, Result
from tests import factories
from tests.factories import (
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    signed_in,
    somebody,
)
from tests.workflow_people import denied, events, not_possible

pytestmark = pytest.mark.django_db

SET_UP = reverse("admin:actions_reportinground_set_up")
OPENS, DEADLINE, PROMISED = date(2032, 1, 5), date(2032, 2, 2), date(2032, 4, 1)


@pytest.fixture
def plan() -> Plan:
    """A plan with a point of one ministry that another signs, and a point of nobody."""
    lead = factories.OrganisationFactory(named=True)
    partner = factories.OrganisationFactory(named=True)
    made = factories.PlanFactory()
    factories.ActionPointFactory(plan=made, lead=lead, co_responsible=partner, code="t.a")
    factories.ActionPointFactory(plan=made, code="t.b")
    return made


@pytest.fixture
def coordinator() -> User:
    foreign_affairs = factories.OrganisationFactory(named=True)
    somebody(NAP_COORDINATOR, foreign_affairs)
    return somebody(NAP_COORDINATOR, foreign_affairs)


def asked(plan: Plan, **other: Any) -> dict[str, Any]:
    return {
        "plan": plan.pk,
        "year": 2031,
        "opens_on": OPENS.isoformat(),
        "ministry_deadline": DEADLINE.isoformat(),
        "promised_on": PROMISED.isoformat(),
    } | other


def set_up(plan: Plan, actor: User, **other: Any) -> ReportingRound:
    options = {"opens_on": OPENS, "ministry_deadline": DEADLINE, "promised_on": PROMISED} | other
    return workflow.set_up_round(plan, 2031, actor=actor, **options)


def made_of(plan: Plan) -> ReportingRound | None:
    return ReportingRound.objects.filter(plan=plan).first()


def preview(client: Client, plan: Plan, **other: Any) -> Any:
    answer = client.post(SET_UP, asked(plan) | other)
    assert answer.status_code == 200
    return answer


# The domain.


def test_round_is_made_with_its_dates_and_stands_in_the_trail(
    plan: Plan, coordinator: User
) -> None:
    made = set_up(plan, coordinator)

    assert (made.opens_on, made.ministry_deadline, made.promised_on) == (OPENS, DEADLINE, PROMISED)
    assert made.opened_on is None
    assert not made.entries.exists()
    (event,) = events("round.set-up", made)
    assert event.detail == {
        "year": 2031,
        "opens_on": "2032-01-05",
        "ministry_deadline": "2032-02-02",
        "promised_on": "2032-04-01",
    }
    assert not events("round.open", made)


def test_round_is_made_and_opened_in_one_go(plan: Plan, coordinator: User) -> None:
    made = set_up(plan, coordinator, open_now=True)

    assert made.opened_on == timezone.localdate()
    assert made.entries.count() == 2
    assert events("round.open", made)


def test_round_that_cannot_be_opened_is_not_made(plan: Plan) -> None:
    alone = somebody(NAP_COORDINATOR)

    with not_possible("too_few_coordinators"):
        set_up(plan, alone, open_now=True)

    assert made_of(plan) is None


def test_second_round_of_a_year_is_refused(plan: Plan, coordinator: User) -> None:
    set_up(plan, coordinator)

    with not_possible("round_exists", "year"):
        set_up(plan, coordinator)


@pytest.mark.parametrize(
    ("dates", "code", "field"),
    [
        ({"ministry_deadline": OPENS - timedelta(1)}, "deadline_before_opening", None),
        ({"promised_on": DEADLINE - timedelta(1)}, "promised_before_deadline", "promised_on"),
    ],
)
def test_dates_that_contradict_each_other_are_refused(
    plan: Plan, coordinator: User, dates: dict[str, date], code: str, field: str | None
) -> None:
    with not_possible(code, field or "ministry_deadline"):
        set_up(plan, coordinator, **dates)


def test_dates_may_be_the_same_day_and_nothing_need_be_promised(
    plan: Plan, coordinator: User
) -> None:
    made = set_up(plan, coordinator, ministry_deadline=OPENS, promised_on=None)

    assert made.promised_on is None


@pytest.mark.parametrize("role", [EDITOR, MINISTRY_COORDINATOR, READER])
def test_permission_to_set_up_a_round_is_of_coordinators(plan: Plan, role: str) -> None:
    with denied():
        set_up(plan, somebody(role))


# The preview.


def test_preview_names_ministries_points_signers_and_people(plan: Plan) -> None:
    lead, partner = (
        plan.action_points.get(code="t.a").responsibilities.get(role=role).organisation
        for role in ("lead", "co_responsible")
    )
    writer = somebody(EDITOR, lead)
    both = somebody(EDITOR, lead)
    factories.MembershipFactory(user=both, organisation=lead, role=MINISTRY_COORDINATOR)
    signer = somebody(MINISTRY_COORDINATOR, partner)
    somebody(EDITOR, lead, valid_until=OPENS)
    gone = somebody(EDITOR, lead)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    coming = coming_round(plan, OPENS)

    by_slug = {each.name.slug: each for each in coming.ministries}
    writes, signs = by_slug[lead.slug], by_slug[partner.slug]
    assert coming.entries == 2
    assert [each.code for each in coming.without_lead] == ["t.b"]
    assert [each.code for each in writes.writes] == ["t.a"]
    assert [each.slug for each in writes.writes[0].signing] == [partner.slug]
    assert (writes.signs, signs.writes, signs.signs) == ((), (), ("t.a",))
    assert {each.name for each in writes.people} == {writer.name, both.name}
    assert len(writes.people) == 2
    assert [each.name for each in signs.people] == [signer.name]
    assert not writes.has_nobody
    assert not signs.has_nobody


def test_ministry_where_nobody_can_submit_or_sign_off_is_flagged(plan: Plan) -> None:
    lead = plan.action_points.get(code="t.a").responsibilities.get(role="lead").organisation
    somebody(EDITOR, lead)

    coming = coming_round(plan, OPENS)

    assert all(each.has_nobody for each in coming.ministries)


def test_preview_is_of_the_day_of_opening(plan: Plan) -> None:
    later = factories.OrganisationFactory(named=True)
    point = plan.action_points.get(code="t.b")
    factories.ResponsibilityFactory(action_point=point, organisation=later, valid_from=OPENS)

    before, on_the_day = coming_round(plan, OPENS - timedelta(1)), coming_round(plan, OPENS)

    assert [each.code for each in before.without_lead] == ["t.b"]
    assert on_the_day.without_lead == ()
    assert later.slug in {each.name.slug for each in on_the_day.ministries}


def test_preview_costs_the_same_queries_for_any_number(
    plan: Plan, django_assert_num_queries: Any
) -> None:
    for _number in range(5):
        ministry = factories.OrganisationFactory(named=True)
        factories.ActionPointFactory(plan=plan, lead=ministry)
        somebody(EDITOR, ministry)

    with django_assert_num_queries(3):
        coming_round(plan, OPENS)


def test_preview_makes_what_it_said(plan: Plan, coordinator: User) -> None:
    said = coming_round(plan, timezone.localdate()).entries

    assert set_up(plan, coordinator, open_now=True).entries.count() == said


# The page.


@pytest.mark.parametrize(
    ("slug", "ends_on", "years", "proposed"),
    [
        ("9022-9026", None, [2023, 2024], 2025),
        ("9014", None, [2023], 2024),
        ("9014", date(2023, 12, 31), [2023], None),
        ("2095-2098", None, [2097], 2098),
        ("2095-2098", None, [2097, 2098], None),
        ("9014", None, [], 2026),
        ("9014", date(2025, 6, 1), [], 2025),
    ],
)
def test_page_proposes_the_first_year_of_the_plan_without_a_round(
    coordinator: User, slug: str, ends_on: date | None, years: list[int], proposed: int | None
) -> None:
    newest = factories.PlanFactory(slug=slug, ends_on=ends_on)
    for year in years:
        factories.ReportingRoundFactory(plan=newest, year=year)

    with time_machine.travel("2026-11-21 12:00"):
        answer = signed_in(coordinator).get(SET_UP)

    initial = answer.context["form"].initial
    assert (initial["plan"], initial["year"]) == (newest, proposed)
    said = answer.context["no_further_year"]
    assert bool(said) == (proposed is None)
    assert proposed or all(str(year) in said for year in years)


def test_year_after_the_plan_is_a_warning(plan: Plan, coordinator: User) -> None:
    number = len(preview(signed_in(coordinator), plan).context["warnings"])
    factories.overwrite(Plan.objects.filter(pk=plan.pk), ends_on=date(2030, 12, 31))

    assert len(preview(signed_in(coordinator), plan).context["warnings"]) == number + 1


def test_preview_on_the_page_makes_nothing_yet(plan: Plan, coordinator: User) -> None:
    answer = preview(signed_in(coordinator), plan)

    assert answer.context["coming"].entries == 2
    assert answer.context["enough_approvers"]
    assert made_of(plan) is None


@pytest.mark.parametrize("button", ["_make", "_open"])
def test_buttons_after_the_preview_make_the_round(
    plan: Plan, coordinator: User, button: str
) -> None:
    client = signed_in(coordinator)
    mark = preview(client, plan).context["mark"]

    answer = client.post(SET_UP, asked(plan, previewed=mark, **{button: "1"}))

    made = made_of(plan)
    assert made is not None
    assert answer.url == reverse("admin:actions_reportinground_change", args=[made.pk])
    assert (made.opened_on is not None) == (button == "_open")


def test_nothing_is_made_that_was_not_previewed(plan: Plan, coordinator: User) -> None:
    client = signed_in(coordinator)
    mark = preview(client, plan).context["mark"]

    other = asked(plan, previewed=mark, _open="1", ministry_deadline="2032-03-01")
    answer = client.post(SET_UP, other)
    unseen = client.post(SET_UP, asked(plan, _make="1"))

    assert answer.context["coming"] is not None
    assert unseen.context["coming"] is not None
    assert made_of(plan) is None


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"ministry_deadline": "2032-01-01"}, "ministry_deadline"),
        ({"promised_on": "2032-01-10"}, "promised_on"),
        ({"ministry_deadline": ""}, "ministry_deadline"),
        ({"year": "31"}, "year"),
        ({"plan": "0"}, "plan"),
        ({"opens_on": "3032-01-01"}, "opens_on"),
    ],
)
def test_what_is_impossible_is_said_at_its_field(
    plan: Plan, coordinator: User, typed: dict[str, str], field: str
) -> None:
    answer = signed_in(coordinator).post(SET_UP, asked(plan) | typed | {"_open": "1"})

    assert field in answer.context["form"].errors
    assert answer.context["coming"] is None
    assert made_of(plan) is None


def test_round_that_exists_already_is_said_before_anything_is_shown(
    plan: Plan, coordinator: User
) -> None:
    set_up(plan, coordinator)

    answer = preview(signed_in(coordinator), plan)

    assert "year" in answer.context["form"].errors


def test_round_that_somebody_else_made_meanwhile_is_refused_at_the_form(
    plan: Plan, coordinator: User
) -> None:
    client = signed_in(coordinator)
    mark = preview(client, plan).context["mark"]
    set_up(plan, coordinator)

    answer = client.post(SET_UP, asked(plan, previewed=mark, _make="1"))

    assert "year" in answer.context["form"].errors
    assert ReportingRound.objects.filter(plan=plan).count() == 1


def test_opening_is_not_offered_with_fewer_than_two_who_approve(plan: Plan) -> None:
    client = signed_in(somebody(NAP_COORDINATOR))
    answer = preview(client, plan)
    mark = answer.context["mark"]

    assert 'name="_open"' not in answer.text
    again = client.post(SET_UP, asked(plan, previewed=mark, _open="1"))

    assert again.context["form"].non_field_errors()
    assert made_of(plan) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ({}, 0),
        ({"ministry_deadline": "2032-01-31"}, 1),
        ({"promised_on": "2032-05-05"}, 1),
        ({"opens_on": "2032-01-06"}, 1),
    ],
)
def test_what_is_perhaps_not_meant_is_a_warning(
    coordinator: User, typed: dict[str, str], number: int
) -> None:
    ministry = factories.OrganisationFactory(named=True, kind=OrganisationKind.MINISTRY)
    plan = factories.ActionPointFactory(lead=ministry).plan
    somebody(MINISTRY_COORDINATOR, ministry)

    with time_machine.travel(f"{OPENS} 12:00"):
        answer = preview(signed_in(coordinator), plan, **typed)

    assert len(answer.context["warnings"]) == number


def test_deadline_that_has_passed_is_a_warning(plan: Plan, coordinator: User) -> None:
    with time_machine.travel("2032-02-03 12:00"):
        answer = preview(signed_in(coordinator), plan)

    assert len(answer.context["warnings"]) == 3


@pytest.mark.parametrize("role", [EDITOR, MINISTRY_COORDINATOR, READER])
def test_permission_to_the_page_is_of_coordinators(plan: Plan, role: str) -> None:
    client = signed_in(somebody(role))

    assert client.get(SET_UP).status_code == 403
    assert client.post(SET_UP, asked(plan)).status_code == 403

    refused = AuditEvent.objects.filter(action="reportinground.set-up", result=Result.REFUSED)
    assert refused.count() == 1


def test_list_of_rounds_leads_to_the_page_for_who_may(coordinator: User) -> None:
    rounds = reverse("admin:actions_reportinground_changelist")
    administrator = somebody(factories.ADMINISTRATOR)

    assert SET_UP in signed_in(coordinator).get(rounds).text
    answer = signed_in(administrator).get(rounds)
    assert answer.status_code == 403 or SET_UP not in answer.text


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2026, 4, 3), True),  # Good Friday
        (date(2026, 4, 6), True),  # Easter Monday
        (date(2026, 4, 27), True),
        (date(2025, 4, 26), True),  # the 27th is a Sunday
        (date(2026, 5, 5), True),
        (date(2026, 5, 14), True),  # Ascension
        (date(2026, 5, 25), True),  # Whit Monday
        (date(2026, 12, 25), True),
        (date(2027, 1, 1), True),
        (date(2026, 11, 21), True),  # a Saturday
        (date(2026, 11, 23), False),
        (date(2026, 4, 28), False),
    ],
)
def test_weekends_and_public_holidays_are_days_off(day: date, off: bool) -> None:
    assert is_day_off(day) is off

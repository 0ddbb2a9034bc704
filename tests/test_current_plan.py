"""Which plan the pages without a plan in their address are about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from actions.models import Plan, ReportingRound
from tests.factories import (
    ActionPointFactory,
    PlanFactory,
    ReportingRoundFactory,
    no_year_is_out,
    overwrite,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def next_plan() -> Plan:
    """Enter a first action point of the plan after the present one."""
    return ActionPointFactory(plan=PlanFactory(slug="2027-2031"), code="9.z").plan


def test_a_plan_that_is_being_entered_takes_no_page_of_the_present_one_away(
    next_plan: Plan, client: Client
) -> None:
    assert Plan.objects.current().get().slug == "2022-2026"
    for address in ("/actiepunten/2.e/", "/rapportages/2025/", "/?jaar=2023"):
        assert client.get(address).status_code == 200
    assert client.get("/actiepunten/9.z/").status_code == 404


def test_a_plan_is_the_current_one_from_the_moment_its_first_year_is_out(next_plan: Plan) -> None:
    first = ReportingRoundFactory(plan=next_plan, year=2028)
    moment = timezone.now() + timedelta(hours=1)
    for released_at, current in ((moment, "2022-2026"), (timezone.now(), "2027-2031")):
        overwrite(ReportingRound.objects.filter(pk=first.pk), released_at=released_at)
        assert Plan.objects.current().get().slug == current


def test_before_any_year_is_out_the_latest_plan_with_action_points_is_the_current_one(
    next_plan: Plan,
) -> None:
    PlanFactory(slug="2032-2036")
    no_year_is_out()
    assert Plan.objects.current().get() == next_plan

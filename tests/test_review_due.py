"""The first page of who reviews the rights says which review waits, and leads to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from actions import reviews
from actions.queries.rights import period_of
from napmonitor.accounts.models import User
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    NAP_COORDINATOR,
    READER,
    MembershipFactory,
    signed_in,
    somebody,
)

pytestmark = pytest.mark.django_db

HOME = "/beheer/"
NOW = datetime(2027, 5, 4, 12, tzinfo=UTC)
LONG_AGO = date(2020, 1, 1)


@pytest.fixture(autouse=True)
def _in_may() -> Any:
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def administrator() -> User:
    return somebody(ADMINISTRATOR, valid_from=LONG_AGO)


def waiting() -> list[str]:
    return [period.word for period in reviews.due().periods]


def review(word: str, actor: User) -> None:
    period = period_of(word)
    assert period
    reviews.confirm(period, rows=1, digest="x", seen="x", actor=actor)


def test_review_of_the_last_quarter_and_the_last_year_wait_until_they_are_done(
    administrator: User,
) -> None:
    assert waiting() == ["2027-Q1", "2026"]

    review("2027-Q1", administrator)
    assert waiting() == ["2026"]

    review("2026", administrator)
    assert waiting() == []
    assert reviews.due().next_on == date(2027, 7, 1)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (datetime(2027, 1, 1, 12, tzinfo=UTC), ["2026-Q4", "2026"]),
        (datetime(2027, 3, 31, 12, tzinfo=UTC), ["2026-Q4", "2026"]),
        (datetime(2027, 4, 1, 12, tzinfo=UTC), ["2027-Q1", "2026"]),
        (datetime(2027, 12, 31, 12, tzinfo=UTC), ["2027-Q3", "2026"]),
    ],
)
def test_what_waits_is_what_is_over(administrator: User, day: datetime, words: list[str]) -> None:
    with time_machine.travel(day):
        assert waiting() == words


def test_review_of_another_period_is_no_review_of_this_one(administrator: User) -> None:
    review("2026-Q4", administrator)
    review("2027-Q2", administrator)

    assert waiting() == ["2027-Q1", "2026"]


@pytest.mark.parametrize(
    ("word", "over"),
    [
        # Midnight here: in summer time, and in winter time.
        ("2027-Q1", datetime(2027, 3, 31, 22, tzinfo=UTC)),
        ("2026", datetime(2026, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_review_before_the_end_of_the_period_leaves_it_waiting(
    administrator: User, word: str, over: datetime
) -> None:
    with time_machine.travel(over - timedelta(seconds=1), tick=False):
        review(word, administrator)
    assert word in waiting()

    with time_machine.travel(over, tick=False):
        review(word, administrator)
    assert word not in waiting()


def test_list_that_was_refused_or_taken_out_is_not_reviewed(administrator: User) -> None:
    reviews.exported("2027-Q1", rows=1, digest="x", actor=administrator)
    signed_in(somebody(EDITOR)).post(
        reverse("admin:actions_membership_rights_reviewed"), {"period": "2027-Q1"}
    )

    assert "2027-Q1" in waiting()


def test_period_in_which_nobody_held_a_role_waits_for_nobody() -> None:
    MembershipFactory(valid_from=date(2027, 4, 1))
    MembershipFactory(valid_from=LONG_AGO, valid_until=date(2026, 1, 1))

    assert waiting() == []

    MembershipFactory(valid_from=date(2027, 3, 31))
    assert waiting() == ["2027-Q1"]


def test_first_page_leads_to_each_list_that_waits(administrator: User) -> None:
    client = signed_in(administrator)

    page = client.get(HOME)

    addresses = [address for _name, address in page.context["rights_review"]["due"]]
    assert len(addresses) == 2
    for address in addresses:
        assert f'href="{address}"' in page.text
        assert client.get(address).context["review_form"]
    assert "nap-all-done" not in page.text


def test_first_page_says_when_the_next_review_comes(administrator: User) -> None:
    for word in ("2027-Q1", "2026"):
        review(word, administrator)

    page = signed_in(administrator).get(HOME)

    assert page.context["rights_review"]["due"] == []
    assert "rights-heading" in page.text
    assert "1 juli 2027" in page.text
    assert "nap-all-done" in page.text


@pytest.mark.parametrize("role", [EDITOR, NAP_COORDINATOR, READER])
def test_who_does_not_review_reads_nothing_of_it_and_pays_no_query(role: str) -> None:
    page = signed_in(somebody(role)).get(HOME)

    assert page.context["rights_review"] is None
    assert "rights-heading" not in page.text


def test_it_costs_one_query_and_the_first_page_ten_at_most(
    administrator: User, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(administrator)
    client.get(HOME)
    for number in range(20):
        MembershipFactory(valid_from=LONG_AGO)
        reviews.exported(str(number), rows=1, digest="x", actor=administrator)

    with django_assert_num_queries(1):
        reviews.due()
    with django_assert_max_num_queries(10):
        client.get(HOME)

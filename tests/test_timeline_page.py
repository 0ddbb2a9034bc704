"""The timeline: every step with its source, promised against actual dates, and what is late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from actions.choices import DocumentKind
from actions.models import ActionPoint, ParliamentaryDocument, ReportingRound
from actions.queries import public
from actions.queries.records import DatedDocument, Process
from tests.factories import ParliamentaryDocumentFactory, overwrite
from tests.many import many_points
from tests.public_site import words
from tests.test_overview_page import two_years

pytestmark = pytest.mark.django_db

PLAN = "2022-2026"
Queries = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def page(client: Client, address: str = "/en/tijdlijn/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def process(plan: str = PLAN) -> Process:
    found = public.process(plan)
    assert found is not None
    return found


def reference(event: DatedDocument) -> str:
    return event.document.reference.replace("\xa0", " ")


def event(wanted: str) -> DatedDocument:
    return next(each for each in process().events if reference(each) == wanted)


def test_the_steps_stand_in_order_each_with_its_document():
    assert [reference(each) for each in process().events] == [
        "Kamerstuk 26 485, nr. 174",
        "Kamerstuk 32 735, nr. 252",
        "Kamerstuk 33 826, nr. 36",
        "bijlage bij Kamerstuk 32 735, nr. 344",
        "Kamerstuk 32 735, nr. 377",
        "Kamerstuk 32 735, nr. 401",
        "2026D03404",
    ]
    assert all(each.document.url for each in process().events)


def test_a_step_without_a_day_says_what_is_known_of_it():
    motion = event("Kamerstuk 32 735, nr. 252")
    plan = event("bijlage bij Kamerstuk 32 735, nr. 344")
    first = event("Kamerstuk 26 485, nr. 174")

    assert (motion.kind, motion.about_when) == (DocumentKind.MOTION, "juli 2019")
    assert plan.about_when == "september 2022"
    assert "najaar 2021" in plan.date_note
    assert first.document.date == date(2013, 12, 20)
    assert first.date_note == "bekend als NAP 2014"


def test_the_baseline_assessment_is_told_with_the_reaction_to_it():
    assert (
        "NBA van januari tot en met september 2020" in event("Kamerstuk 33 826, nr. 36").date_note
    )


def test_a_letter_has_its_year_its_promise_and_its_annexes(client):
    letter = event("Kamerstuk 32 735, nr. 401")

    assert (letter.year, letter.promised_on) == (2024, date(2024, 9, 30))
    assert [each.kind for each in letter.annexes] == [
        DocumentKind.REPORT,
        DocumentKind.DECISION_NOTE,
    ]
    for days in ("26 days later", "44 days later", "118 days later"):
        assert words(page(client)).count(days) == 2


def test_letters_are_shown_with_when_they_were_promised_and_sent(client):
    with translation.override("nl"):
        shown = page(client, "/tijdlijn/")

    for day in ("26 oktober 2023", "13 november 2024", "26 januari 2026", "30 september 2025"):
        assert day in shown
    assert "https://zoek.officielebekendmakingen.nl/kst-32735-377.html" in shown


def test_a_letter_that_is_not_out_is_only_its_promise(client):
    round_ = ReportingRound.objects.get(plan__slug=PLAN, year=2026)
    letter = ParliamentaryDocumentFactory(
        kind="letter", title="Geheime brief", date=date(2026, 12, 1), document_number="2026D99999"
    )
    ParliamentaryDocumentFactory(kind="report", title="Geheime bijlage", annex_of=letter)
    overwrite(
        ReportingRound.objects.filter(pk=round_.pk),
        letter=letter,
        promised_note="Geheime toezegging",
        statement="Geheime uitspraak",
        statement_source=1,
    )

    shown = page(client)

    assert "Geheime" not in shown
    assert "2026D99999" not in shown
    assert [each.year for each in process().coming] == [2026]


@pytest.mark.parametrize(("days", "place"), [(0, "komt"), (5, "komt"), (-1, "te-laat")])
def test_a_promise_is_late_only_after_its_last_day(client, days, place):
    promised = timezone.localdate() + timedelta(days=days)
    overwrite(ReportingRound.objects.filter(plan__slug=PLAN, year=2026), promised_on=promised)

    shown = page(client)
    to_come = shown.split('aria-labelledby="komt"')[1].split("</section>")[0]
    late = shown.split('id="te-laat"')[1].split("</section>")[0]

    assert ("letter about 2026" in words(to_come)) == (place == "komt")
    assert ("letter about 2026" in words(late)) == (place == "te-laat")
    assert ('href="#te-laat"' in to_come) == (place == "te-laat")
    if days < 0:
        assert "1 day ago" in words(late)


def test_a_point_past_its_due_date_is_named_with_what_is_known(client):
    (known,) = ActionPoint.objects.in_plan().exclude(due_on=None)

    due = public.due_dates(PLAN)

    assert due.known == 1
    assert [(each.code, each.due_on) for each in due.overdue] == [(known.code, known.due_on)]
    assert f'href="/en/actiepunten/{known.code}/"' in page(client)


def test_without_any_due_date_it_is_said_that_it_is_not_known(client):
    overwrite(ActionPoint.objects.all(), due_on=None)

    assert public.due_dates(PLAN).overdue == ()
    assert "Of none of the 33 subjects a due date is known." in words(page(client))


@pytest.mark.parametrize(
    ("before", "after", "is_overdue"),
    [
        ("in_progress", "not_mentioned", True),
        ("not_mentioned", "no_status", True),
        ("completed", "not_mentioned", False),
        ("in_progress", "completed", False),
    ],
)
def test_a_point_that_was_once_called_completed_is_not_overdue(before, after, is_overdue):
    plan = two_years(before, after)
    overwrite(ActionPoint.objects.filter(plan=plan), due_on=date(2020, 1, 1))

    due = public.due_dates(plan.slug)

    assert due.known == 1
    assert bool(due.overdue) == is_overdue
    if due.overdue:
        last = due.overdue[0].last_known
        assert (last.value if last else None) == ("in_progress" if "in_" in before else None)


def test_a_due_date_that_is_today_has_not_passed():
    overwrite(ActionPoint.objects.exclude(due_on=None), due_on=timezone.localdate())

    assert public.due_dates(PLAN).overdue == ()


def test_a_plan_without_a_document_or_a_predecessor_has_a_timeline():
    plan = two_years("in_progress", "completed")

    assert [each.year for each in process(plan.slug).events] == [
        each.year for each in public.rounds(plan.slug) if each.letter is not None
    ]
    assert public.process("niets") is None


def test_a_motion_in_another_file_is_no_step():
    ParliamentaryDocumentFactory(kind="motion", publication_id="kst-327350-1", title="Anders")

    assert "Anders" not in {each.document.title for each in process().events}
    assert ParliamentaryDocument.objects.filter(kind="motion").count() > 2


@pytest.mark.parametrize("ten_times", [False, True])
def test_the_timeline_costs_the_same_queries_whatever_the_size(
    client, ten_times, django_assert_num_queries: Queries
):
    if ten_times:
        many_points(330, 30)

    with django_assert_num_queries(8):
        assert client.get("/tijdlijn/").status_code == 200

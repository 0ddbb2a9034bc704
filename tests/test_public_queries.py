"""What the public reads return, and that they cost the same for a plan of any size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from django.utils import timezone, translation

from actions.choices import Basis, Progress
from actions.models import ActionPoint, ReportingRound, StatusEntry
from actions.queries import public
from actions.queries.records import AuditLink, Name, YearReport
from actions.queries.stands import progress_per_year
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result
from tests.factories import (
    ActionPointFactory,
    OrganisationFactory,
    ParliamentaryDocumentFactory,
    ReportingRoundFactory,
    StatusEntryFactory,
    overwrite,
    write,
)
from tests.many import many_points

pytestmark = pytest.mark.django_db

PLAN = "2022-2026"

Queries = Callable[[int], AbstractContextManager[object]]


def listed(plan: str | None = PLAN) -> public.PointList:
    found = public.point_list(plan, state="")
    assert found is not None
    return found


def names(code: str, year: int) -> list[str]:
    """Return who answered for a point in a year, by the abbreviations of that year."""
    point = public.action_point(code, PLAN)
    assert point is not None
    stand = next(each.stand for each in point.years if each.round.year == year)
    assert stand is not None
    return [each.organisation.abbreviation for each in stand.responsible]


def test_facts_are_the_same_from_the_plan_the_list_and_a_point():
    facts = public.plan_facts(PLAN)
    point = public.action_point("1.e", PLAN)

    assert facts is not None
    assert point is not None
    assert (facts.expected, facts.in_plan, facts.outside, facts.officially_numbered) == (
        33,
        33,
        1,
        0,
    )
    assert {each.value: n for each, n in facts.per_class.items()} == {
        "A": 13,
        "B": 14,
        "C": 2,
        "D": 4,
        "X": 1,
    }
    assert facts.is_working_list
    assert listed().facts == facts
    assert point.plan == facts


@pytest.mark.parametrize(("year", "lead"), [(2023, "EZK"), (2024, "EZ"), (2025, "EZ")])
def test_a_year_names_ministries_as_they_were_called_then(year, lead):
    assert names("1.e", year)[0] == lead


def test_today_names_ministries_as_they_are_called_today():
    point = public.action_point("1.e", PLAN)

    assert point is not None
    assert point.responsible[0].organisation == Name(
        "ezk", "ministerie van Economische Zaken en Klimaat", "EZK"
    )


def test_participants_come_with_the_coordinator_first():
    found = public.participants_today(PLAN)

    assert [each.coordinates for each in found] == [True] + [False] * 6
    assert found[0].organisation.abbreviation == "BZ"


def test_ministries_of_the_list_include_who_only_takes_part():
    assert [each.abbreviation for each in listed().ministries()] == [
        *("BZ", "BZK", "EZK", "Fin", "IenW", "JenV", "SZW")
    ]


@pytest.mark.parametrize("word", ["ez", "EZ", "ezk", "EZK", " ezk "])
def test_a_ministry_is_found_by_every_abbreviation_it_ever_had(word):
    assert listed().slug_of(word) == "ezk"


@pytest.mark.parametrize("word", ["", "kgg", "rvo", "x' OR 1=1"])
def test_what_is_no_ministry_of_the_plan_has_no_slug(word):
    assert listed().slug_of(word) is None


def test_rounds_that_are_not_out_are_not_public():
    assert ReportingRound.objects.filter(plan__slug=PLAN, year=2026).exists()

    point = public.action_point("1.e", PLAN)

    assert point is not None
    assert [each.year for each in public.released_rounds(PLAN)] == [2025, 2024, 2023]
    assert [each.round.year for each in point.years] == [2025, 2024, 2023]


def test_a_text_becomes_public_with_the_release_of_its_round():
    entry = StatusEntryFactory(reconstructed="Bijzonderwoord.")
    plan = entry.action_point.plan
    round_ = entry.round

    before = listed(plan.slug).points(round_.year)
    round_.released_at = timezone.make_aware(datetime(2021, 1, 1))
    round_.save()
    after = listed(plan.slug).points(round_.year)

    assert before[0].row.progress == Progress.SOURCE_MISSING
    assert after[0].row.progress == Progress.IN_PROGRESS


def test_a_newer_version_that_was_not_published_is_not_public():
    round_ = ReportingRoundFactory(released=True)
    point = ActionPointFactory(plan=round_.plan)
    entry = StatusEntryFactory(action_point=point, round=round_, reconstructed="Openbaar.")
    write(entry, "Geheim.")

    detail = public.action_point(point.code, round_.plan.slug)

    assert detail is not None
    assert detail.years[0].stand is not None
    assert detail.years[0].stand.narrative == "Openbaar."


def test_a_point_without_a_public_entry_counts_as_report_not_available():
    round_ = ReportingRoundFactory(released=True)
    point = ActionPointFactory(plan=round_.plan)

    (found,) = listed(round_.plan.slug).points(round_.year)
    counts = public.progress_per_pillar(round_.plan.slug, round_.year)[0].counts
    detail = public.action_point(point.code, round_.plan.slug)

    assert found.row.progress == Progress.SOURCE_MISSING
    assert counts[Progress.SOURCE_MISSING] == 1
    assert detail is not None
    assert detail.years[0].stand is None
    assert detail.years[0].progress == Progress.SOURCE_MISSING


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_counts_per_pillar_are_those_of_the_list(year):
    rows = [each.row for each in listed().points(year) if each.row.in_plan]

    in_list = Counter((row.pillar, row.progress) for row in rows)
    derived = Counter((row.pillar, row.progress) for row in rows if row.basis == Basis.DERIVED)

    for pillar in public.progress_per_pillar(PLAN, year):
        for progress in Progress:
            assert pillar.counts[progress] == in_list[pillar.number, progress]
            assert pillar.derived[progress] == derived[pillar.number, progress]


def test_nothing_of_the_real_plan_is_completed():
    for year in (2023, 2024, 2025):
        for pillar in public.progress_per_pillar(PLAN, year):
            assert pillar.counts[Progress.COMPLETED] == 0


def test_the_subject_outside_the_plan_is_in_the_list_and_in_no_count():
    outside = [each.row.code for each in listed().points(2025) if not each.row.in_plan]

    assert outside == ["2.f"]
    assert sum(pillar.total for pillar in public.progress_per_pillar(PLAN, 2025)) == 33


def test_a_plan_without_a_released_round_has_points_without_progress():
    point = ActionPointFactory()

    (found,) = listed(point.plan.slug).points(None)

    assert found.row.progress is None


def test_a_title_is_in_the_language_of_the_page_and_says_so():
    overwrite(ActionPoint.objects.filter(code="1.a"), title_en="")

    with translation.override("en"):
        rows = [each.row for each in listed().points(2025)][:2]

    assert [row.title_language for row in rows] == ["nl", "en"]


def test_a_plan_or_point_that_does_not_exist_is_none():
    assert public.plan_facts("1999-2001") is None
    assert public.point_list("1999-2001", state="") is None
    assert public.action_point("1.e", "1999-2001") is None
    assert public.action_point("9.z") is None


def test_an_organisation_without_a_name_shows_its_slug():
    organisation = OrganisationFactory(slug="naamloos")
    point = ActionPointFactory(lead=organisation)

    found = public.action_point(point.code, point.plan.slug)

    assert found is not None
    assert found.responsible[0].organisation.full == "naamloos"


def test_the_date_of_the_letter_decides_on_the_names_of_a_year():
    round_ = ReportingRound.objects.get(plan__slug=PLAN, year=2025)
    round_.letter = ParliamentaryDocumentFactory(date="2026-03-01")
    round_.save()

    assert names("1.e", 2025)[0] == "EZK"


@pytest.mark.parametrize("ten_times", [False, True])
def test_reads_cost_the_same_whatever_the_size(ten_times, django_assert_num_queries: Queries):
    plan, code = (many_points(330, 30).slug, "p7") if ten_times else (PLAN, "2.e")

    with django_assert_num_queries(5):
        public.plan_facts()
        year = public.released_rounds(plan)[0].year
        public.progress_per_pillar(plan, year)
        public.participants_today(plan)
    with django_assert_num_queries(6):
        found = listed(None)
        found.ministries()
        found.points(year)
    with django_assert_num_queries(7):
        assert public.action_point(code) is not None


def year_report(year: int) -> YearReport:
    facts = public.plan_facts(PLAN)
    assert facts is not None
    found = public.year_report(facts, year)
    assert found is not None
    return found


@pytest.mark.parametrize(("year", "compared"), [(2023, None), (2024, 2023), (2025, 2023)])
def test_a_year_is_compared_with_the_last_one_before_it_with_data(year, compared):
    found = year_report(year)

    assert (found.compared and found.compared.year) == compared
    assert sum(each.total for each in found.compared_pillars) == (33 if compared else 0)


def test_a_round_that_is_not_out_is_compared_with_what_is_public():
    found = year_report(2026)

    assert found.compared is not None
    assert found.compared.year == 2025
    assert all(point.stand is None for point in found.points)


def test_counts_of_several_years_are_those_of_each():
    years = progress_per_year(PLAN, [2023, 2025])

    assert years == {year: public.progress_per_pillar(PLAN, year) for year in (2023, 2025)}


def test_the_register_holds_what_the_texts_of_the_year_refer_to_and_nothing_more():
    known = {each.identifiers[0]: each.title for each in year_report(2025).register}

    assert (
        known["kst-32735-344"] == "Brief waarbij het NAP 2022-2026 aan de Tweede Kamer is gestuurd"
    )
    assert "kst-36180-168" in known
    assert "kst-26485-371" not in known


def test_the_audit_link_is_the_last_event_about_a_text_of_the_round():
    entries = [
        str(pk) for pk in StatusEntry.objects.filter(round__year=2024).values_list("pk", flat=True)
    ]
    last = AuditEvent.objects.filter(
        object_type="actions.statusentry", object_id__in=entries
    ).latest("sequence")

    assert year_report(2024).audit == AuditLink(last.sequence, last.hash)


def test_a_step_that_was_refused_is_not_the_last_link():
    before = year_report(2024).audit
    entry = StatusEntry.objects.filter(round__year=2024)[0]

    trail.record("entry.approve", actor=None, about=entry, result=Result.REFUSED)

    assert year_report(2024).audit == before


def test_a_stand_names_its_version():
    assert {point.stand.version for point in year_report(2025).points if point.stand} == {1}

"""What the filters of the list accept and leave, and how facts are put on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.utils import translation

from actions import formatting
from actions.choices import DUTCH, Availability, EvidenceClass, PillarNumber, Progress
from actions.filters import MAX_SEARCH, PointFilter, Result, YearFilter
from actions.models import EntryVersion, StatusEntry
from actions.queries import public
from actions.queries.records import ListedPoint, PillarProgress, PointRow, Reading, Round
from actions.search import fold, matches
from napmonitor.accounts.models import User
from napmonitor.site.freshness import public_version
from tests.factories import ActionPointFactory, ReportingRoundFactory, StatusEntryFactory, overwrite
from tests.many import many_points

with_plan = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Addresses are those of the Dutch site, whatever the last request was."""
    with translation.override("nl"):
        yield


def chosen(query: str, plan: str | None = "2022-2026") -> PointFilter:
    listed = public.point_list(plan, state=public_version().mark)
    assert listed is not None
    made = PointFilter(QueryDict(query), listed)
    made.problems()
    return made


def result(query: str, plan: str | None = "2022-2026") -> Result:
    made = chosen(query, plan)
    assert made.problems() == []
    found = made.result()
    assert found is not None
    return found


def codes(query: str, plan: str | None = "2022-2026") -> list[str]:
    return [each.row.code for each in result(query, plan).points]


@with_plan
def test_without_filters_everything_is_left_in_order_of_code_and_what_is_outside_last():
    found = codes("")

    assert len(found) == 34
    assert found[-1] == "2.f"
    assert found[:-1] == sorted(found[:-1])


@with_plan
@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("pijler=3&ministerie=jenv", ["3.e", "3.f"]),
        ("ministerie=ienw", ["1.f"]),
        ("voortgang=niet_genoemd&pijler=2", ["2.b", "2.c"]),
        ("jaar=2023&voortgang=in_uitvoering&ministerie=szw", ["1.d"]),
        ("jaar=2024&voortgang=afgerond", []),
        ("tekst=WAMCA", ["3.f"]),
        ("tekst=w%C3%A4mca", ["3.f"]),
        ("bewijs=C", ["1.p", "3.h"]),
        ("bewijs=X", ["2.f"]),
        ("uitvoerder=ser", ["2.d"]),
        ("uitvoerder=rvo&pijler=2", ["2.e"]),
        ("doorlopend=ja", []),
        ("doorlopend=onbekend&bewijs=X", ["2.f"]),
        ("pijler=&ministerie=&voortgang=&tekst=wamca&jaar=&pagina=&sorteer=", ["3.f"]),
        ("onbekend=waarde&utm_source=krant&tekst=wamca", ["3.f"]),
    ],
)
def test_filters_narrow_the_list(query, left):
    assert codes(query) == left


@with_plan
@pytest.mark.parametrize("year", [2023, 2024, 2025])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("voortgang", [DUTCH[each] for each in Progress]),
        ("doorlopend", ["ja", "nee", "onbekend"]),
        ("kamerstuk", ["ja", "nee"]),
        ("pijler", ["1", "2", "3"]),
        ("bewijs", list("ABCDX")),
    ],
)
def test_the_values_of_a_filter_share_all_points_among_them(name, values, year):
    found = [code for value in values for code in codes(f"jaar={year}&{name}={value}")]

    assert sorted(found) == sorted(codes(""))


@with_plan
def test_whether_a_point_goes_on_is_what_was_said_in_that_year():
    round_ = ReportingRoundFactory(released=True)
    for code, answer in (("ja", True), ("nee", False), ("leeg", None)):
        point = ActionPointFactory(plan=round_.plan, code=code)
        entry = StatusEntryFactory(action_point=point, round=round_)
        version = EntryVersion.objects.create(
            entry=entry, number=1, author=User.objects.system(), continues_after_plan=answer
        )
        overwrite(StatusEntry.objects.filter(pk=entry.pk), published_version=version)
    ActionPointFactory(plan=round_.plan, code="niets")

    for value, left in (("ja", ["ja"]), ("nee", ["nee"]), ("onbekend", ["leeg", "niets"])):
        assert codes(f"doorlopend={value}", round_.plan.slug) == left


@with_plan
def test_a_point_has_a_kamerstuk_when_its_text_names_one():
    round_ = ReportingRoundFactory(released=True)
    for code, text in (
        ("stuk", "Zie Kamerstuk 26 485, nr. 371."),
        ("blad", "Zie Staatscourant 2025, 31460."),
        ("geen", "Gewone woorden."),
    ):
        point = ActionPointFactory(plan=round_.plan, code=code)
        StatusEntryFactory(action_point=point, round=round_, reconstructed=text)

    assert codes("kamerstuk=ja", round_.plan.slug) == ["stuk"]
    assert codes("kamerstuk=nee", round_.plan.slug) == ["blad", "geen"]


@with_plan
def test_words_are_looked_for_in_every_public_year_and_nowhere_else():
    round_ = ReportingRoundFactory(released=True, year=2021)
    closed = ReportingRoundFactory(plan=round_.plan, year=2022)
    point = ActionPointFactory(plan=round_.plan, code="1")
    StatusEntryFactory(action_point=point, round=round_, reconstructed="Openbaarwoord.")
    StatusEntryFactory(action_point=point, round=closed, reconstructed="Geheimwoord.")

    assert codes("tekst=openbaar", round_.plan.slug) == ["1"]
    assert codes("tekst=geheim", round_.plan.slug) == []


@with_plan
def test_a_title_that_changed_is_found_at_once():
    point = ActionPointFactory(title_nl="Eerstewoord")
    assert codes("tekst=eerste", point.plan.slug) == [point.code]

    point.title_nl = "Tweedewoord"
    point.save()

    assert codes("tekst=eerste", point.plan.slug) == []
    assert codes("tekst=tweede", point.plan.slug) == [point.code]


@with_plan
def test_who_only_carries_out_is_not_who_answers():
    assert {each.slug for each in chosen("").listed.ministries()}.isdisjoint(
        each.slug for each in chosen("").listed.implementers()
    )
    assert chosen("ministerie=rvo").problems()


@with_plan
def test_what_is_outside_the_plan_stands_apart_and_is_not_counted():
    made = result("pijler=2")

    assert [each.row.code for group in made.groups for each in group.points][0] == "2.a"
    assert [each.row.code for each in made.outside] == ["2.f"]
    assert (made.in_plan, made.outside_count) == (5, 1)


@with_plan
def test_points_are_grouped_by_pillar_unless_another_order_was_chosen():
    assert [group.number for group in result("").groups] == [1, 2, 3]
    assert [group.number for group in result("sorteer=code").groups] == [1, 2, 3]
    assert [group.number for group in result("sorteer=titel").groups] == [None]
    assert result("sorteer=titel&jaar=2024&voortgang=afgerond").groups == ()


@with_plan
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("order", ["voortgang", "ministerie", "titel"])
def test_an_order_holds_for_all_points_and_leaves_none_out(order, language):
    with translation.override(language):
        rows = [each.row for each in result(f"sorteer={order}").groups[0].points]

    keys = {
        "voortgang": lambda row: (list(Progress).index(row.progress), row.pillar, row.code),
        "ministerie": lambda row: (
            (row.answering[0].organisation.short.casefold(), row.code)
            if row.answering
            else ("~", row.code)
        ),
        "titel": lambda row: row.title.casefold().replace("(", ""),
    }
    assert len(rows) == 33
    assert rows == sorted(rows, key=keys[order])


@with_plan
def test_the_year_is_the_latest_unless_another_is_chosen():
    latest, other = chosen(""), chosen("jaar=2024")

    assert (latest.problems(), latest.year) == ([], 2025)
    assert (other.problems(), other.year) == ([], 2024)


@with_plan
def test_without_an_open_year_there_is_none_and_nothing_is_known():
    point = ActionPointFactory()

    assert chosen("", point.plan.slug).year is None
    assert codes("", point.plan.slug) == [point.code]
    assert codes("voortgang=rapportage_niet_beschikbaar", point.plan.slug) == []
    assert codes("kamerstuk=nee&doorlopend=onbekend", point.plan.slug) == [point.code]
    assert codes("sorteer=voortgang", point.plan.slug) == [point.code]


def test_the_filter_of_a_year_needs_no_points():
    made = YearFilter(QueryDict("jaar=2024"), [2025, 2024])

    assert (made.problems(), made.year) == ([], 2024)


@with_plan
@pytest.mark.parametrize(
    ("query", "name", "given"),
    [
        ("jaar=abc", "jaar", "abc"),
        ("jaar=2026", "jaar", "2026"),
        ("pijler=4", "pijler", "4"),
        ("ministerie=vws", "ministerie", "vws"),
        ("ministerie=BZ", "ministerie", "BZ"),
        ("uitvoerder=bz", "uitvoerder", "bz"),
        ("voortgang=in_progress", "voortgang", "in_progress"),
        ("voortgang=In+uitvoering", "voortgang", "In uitvoering"),
        ("doorlopend=true", "doorlopend", "true"),
        ("bewijs=a", "bewijs", "a"),
        ("kamerstuk=onbekend", "kamerstuk", "onbekend"),
        ("sorteer=datum", "sorteer", "datum"),
        ("pagina=0", "pagina", "0"),
        ("pagina=-1", "pagina", "-1"),
        ("pagina=1.0", "pagina", "1.0"),
        ("pagina=%D9%A3", "pagina", "٣"),
        (f"pagina={'9' * 5000}", "pagina", "9" * 5000),
        ("tekst=a%00b", "tekst", "a\x00b"),
        (f"tekst={'a' * (MAX_SEARCH + 1)}", "tekst", "a" * (MAX_SEARCH + 1)),
    ],
)
def test_an_unknown_value_is_named_with_what_is_allowed(query, name, given):
    (problem,) = chosen(query).problems()

    assert (problem.name, problem.given) == (name, given)
    assert problem.message
    allowed = [value for value, _label in problem.allowed]
    expected = {
        "jaar": ["2025", "2024", "2023"],
        "pijler": [str(number) for number in PillarNumber.values],
        "voortgang": [DUTCH[progress] for progress in Progress],
        "doorlopend": ["ja", "nee", "onbekend"],
        "bewijs": EvidenceClass.values,
        "kamerstuk": ["ja", "nee"],
        "sorteer": ["code", "voortgang", "ministerie", "titel"],
        "pagina": [],
        "tekst": [],
    }
    assert name not in expected or allowed == expected[name]


@with_plan
def test_every_problem_is_named():
    problems = chosen("jaar=1&pijler=9&voortgang=x&pagina=x").problems()

    assert {problem.name for problem in problems} == {"jaar", "pijler", "voortgang", "pagina"}


@with_plan
@pytest.mark.parametrize("text", ["a" * MAX_SEARCH, "🙂", "العناية", "-", "' OR 1=1 --", "%", "_"])
def test_any_other_words_are_looked_for(text):
    made = chosen(urlencode({"tekst": text}))

    assert made.problems() == []
    assert made.result() is not None


@with_plan
def test_an_empty_result_says_what_is_left_without_each_filter(
    django_assert_num_queries: Queries,
):
    query = "jaar=2023&pijler=3&ministerie=szw"
    made = chosen(f"{query}&onbekend=1&sorteer=titel&pagina=1")
    assert codes(query) == []

    with django_assert_num_queries(1):
        found = made.ways_out()

    assert [(each.choice.query, each.in_plan, each.outside) for each in found] == [
        ("jaar=2023&ministerie=szw&sorteer=titel", 2, 0),
        ("jaar=2023&pijler=3&sorteer=titel", 8, 0),
    ]


@with_plan
def test_a_filter_that_does_not_help_is_no_way_out():
    made = chosen("pijler=3&ministerie=szw&bewijs=X")

    assert len(made.choices()) == 3
    assert made.ways_out() == []


@with_plan
def test_a_list_of_any_length_comes_in_pages_that_hold_each_point_once():
    plan = many_points(120, 1).slug
    pages = [codes(f"pagina={number}", plan) for number in (1, 2, 3)]

    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({code for page in pages for code in page}) == 120
    assert chosen("pagina=4", plan).result() is None
    assert chosen("pagina=999999999", plan).result() is None
    assert chosen("pagina=2&tekst=bestaatniet", plan).result() is None


@with_plan
def test_the_way_to_other_pages_keeps_the_filters():
    plan = many_points(330, 1).slug
    made = chosen("sorteer=titel&pagina=3&pijler=", plan)
    found = made.result()
    assert found is not None

    links = made.page_links(found)

    assert found.pages == 7
    assert links.previous == "?sorteer=titel&pagina=2"
    assert links.next == "?sorteer=titel&pagina=4"
    assert [each.number for each in links.links] == [1, 2, 3, 4, None, 7]
    assert [each.number for each in links.links if each.is_current] == [3]
    assert links.links[0].query == "?sorteer=titel"
    assert chosen("pagina=2", plan).address(1) == "."


# --- Words as they are compared


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Coördinatie", "coordinatie"),
        ("CAFÉ  in\u00a0Straße", "cafe in strasse"),
        ("32\u00a0735,\nnr.\u00a0377", "32 735, nr. 377"),
        ("af\u00adbreken", "afbreken"),
        ("e\u0301e\u0301n", "een"),
        ("ﬁnancieel ™", "financieel tm"),
        ("", ""),
    ],
)
def test_fold_makes_equal_what_a_reader_takes_for_equal(text, folded):
    assert fold(text) == folded
    assert fold(fold(text)) == folded


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("gids remedie", True),
        ("REMÉDIE", True),
        ("  ", True),
        ("remedie gids", True),
        ("remedie zonder", False),
    ],
)
def test_every_word_of_the_query_must_be_there(query, found):
    assert matches(query, fold("Digitale gids over remedie")) is found


# --- How facts are put on a page


def pillar(number: int, **counts: int) -> PillarProgress:
    full = {progress: counts.get(progress.value, 0) for progress in Progress}
    return PillarProgress(number, f"Pijler {number}", full, {Progress.IN_PROGRESS: 1})


def test_standing_adds_up_and_takes_no_silence_for_an_answer():
    made = formatting.standing(
        [pillar(1, in_progress=2, not_mentioned=3), pillar(2, completed=1, source_missing=4)]
    )

    line = next(each for each in made.lines if each.progress == Progress.IN_PROGRESS)
    assert (made.total, made.known, made.unknown) == (10, 3, 7)
    assert (line.pillars, line.total, line.derived) == (((1, 2), (2, 0)), 2, 2)
    assert [each.progress for each in made.lines] == list(Progress)


@pytest.mark.parametrize(
    ("promised", "sent", "days"),
    [
        (date(2023, 9, 30), date(2023, 10, 26), 26),
        (date(2025, 9, 30), date(2026, 1, 26), 118),
        (date(2023, 9, 30), date(2023, 9, 30), 0),
        (date(2023, 9, 30), date(2023, 9, 1), 0),
        (None, date(2023, 9, 1), 0),
        (date(2023, 9, 30), None, 0),
    ],
)
def test_days_late_counts_from_the_promised_day(promised, sent, days):
    assert formatting.days_late(promised, sent) == days


def test_a_note_on_promises_is_said_once():
    def round_(year: int, note: str) -> Round:
        return Round(year, None, note, None, None, None, True, False)

    rounds = [round_(2025, "In september."), round_(2024, ""), round_(2023, "In september.")]

    assert formatting.notes_on_promises(rounds) == ("In september.",)


def test_sources_come_once_in_the_order_a_reader_counts():
    def source(code: str, detail: str) -> Reading:
        return Reading(code, code, "", None, "", "", "", Availability.COMPLETE, detail)

    def listed(*sources: Reading) -> ListedPoint:
        return ListedPoint(row, sources)

    row = PointRow("1.a", "", "nl", 1, "", True, None, (), None, None)
    points = [
        listed(source("X10", "a"), source("S1", "b")),
        listed(source("X2", ""), source("S1", "c")),
    ]

    found = formatting.sources_of(points)

    assert [each.code for each in found] == ["S1", "X2", "X10"]
    assert {each.detail for each in found} == {""}


def test_the_address_of_the_list_uses_dutch_codes_and_leaves_out_what_is_not_chosen():
    address = formatting.list_address(pijler=1, jaar=None, voortgang=Progress.IN_PROGRESS)

    assert address == "/actiepunten/?pijler=1&voortgang=in_uitvoering"
    assert formatting.list_address() == "/actiepunten/"


def test_every_progress_has_a_meaning():
    assert all(formatting.meaning(progress) for progress in Progress)


def test_every_place_of_a_footnote_has_an_anchor_of_its_own():
    rich = formatting.readable("Een[^a] en weer[^a] en[^b].\n\n[^a]: Noot.\n\n[^b]: Nog een.", "x")

    places = [
        run.anchor
        for block in rich.blocks
        for run in block.runs
        if isinstance(run, formatting.NotePlace)
    ]
    assert places == ["x-plaats-1", "x-plaats-1-2", "x-plaats-2"]

"""What the filters of the list accept and leave, and how words are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from django.http import QueryDict
from django.utils import translation

from actions import formatting
from actions.choices import (
    DUTCH,
    Availability,
    Basis,
    EvidenceClass,
    PillarNumber,
    Progress,
    ResponsibilityRole,
)
from actions.filters import MAX_SEARCH, PointFilter, Result
from actions.queries.records import (
    ListedPoint,
    Name,
    PillarProgress,
    PointRow,
    Reading,
    Responsible,
    Round,
)
from actions.search import fold, matches


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Addresses are those of the Dutch site, whatever the last request was."""
    with translation.override("nl"):
        yield


BZ = Name("bz", "ministerie van Buitenlandse Zaken", "BZ")
FIN = Name("fin", "ministerie van Financiën", "Fin")
YEARS = (2025, 2024)


def point(code: str, **changes: object) -> ListedPoint:
    row = PointRow(
        code=code,
        title=f"Punt {code}",
        title_language="nl",
        pillar=1,
        pillar_title="Pijler",
        in_plan=True,
        evidence_class=EvidenceClass.A,
        responsible=(Responsible(BZ, ResponsibilityRole.LEAD, Basis.DERIVED),),
        progress=Progress.IN_PROGRESS,
        basis=Basis.DERIVED,
    )
    return ListedPoint(replace(row, **changes), (), fold(f"Punt {code}, één coördinatie"))


def implementing(name: Name) -> tuple[Responsible, ...]:
    return (Responsible(name, ResponsibilityRole.IMPLEMENTING, Basis.STATED),)


POINTS = [
    point("1.a"),
    point("1.b", progress=Progress.NOT_MENTIONED, basis=None),
    point("2.a", pillar=2, pillar_title="Tweede", responsible=implementing(FIN)),
    point("2.f", pillar=2, pillar_title="Tweede", in_plan=False),
]


def chosen(query: str) -> PointFilter:
    return PointFilter(QueryDict(query), YEARS, [BZ, FIN])


def result(query: str) -> Result:
    made = chosen(query)
    assert made.problems() == []
    return made.result(POINTS)


def codes(query: str) -> list[str]:
    return [each.row.code for each in result(query).points]


def test_without_filters_everything_is_left():
    assert codes("") == ["1.a", "1.b", "2.a", "2.f"]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("pijler=1", ["1.a", "1.b"]),
        ("pijler=3", []),
        ("ministerie=bz", ["1.a", "1.b", "2.f"]),
        ("voortgang=in_uitvoering", ["1.a", "2.a", "2.f"]),
        ("voortgang=niet_genoemd", ["1.b"]),
        ("tekst=COORDINATIE", ["1.a", "1.b", "2.a", "2.f"]),
        ("tekst=punt+2.", ["2.a", "2.f"]),
        ("tekst=%C3%AB%C3%A9n", ["1.a", "1.b", "2.a", "2.f"]),
        ("pijler=1&voortgang=in_uitvoering&ministerie=bz&tekst=1.a&jaar=2024", ["1.a"]),
        ("pijler=&ministerie=&voortgang=&tekst=&jaar=", ["1.a", "1.b", "2.a", "2.f"]),
        ("onbekend=waarde&pijler=1", ["1.a", "1.b"]),
    ],
)
def test_filters_narrow_the_list(query, left):
    assert codes(query) == left


def test_who_only_carries_out_is_not_who_answers():
    assert codes("ministerie=fin") == []


def test_what_is_outside_the_plan_stands_apart_and_is_not_counted():
    made = result("pijler=2")

    assert [each.row.code for group in made.groups for each in group.points] == ["2.a"]
    assert [each.row.code for each in made.outside] == ["2.f"]
    assert made.in_plan == 1


def test_points_are_grouped_by_pillar():
    assert [(group.number, group.title) for group in result("").groups] == [
        (1, "Pijler"),
        (2, "Tweede"),
    ]


def test_the_year_is_the_latest_unless_another_is_chosen():
    latest, other = chosen(""), chosen("jaar=2024")

    assert (latest.problems(), latest.year) == ([], 2025)
    assert (other.problems(), other.year) == ([], 2024)


def test_without_an_open_year_there_is_none():
    made = PointFilter(QueryDict(""), [], [BZ])

    assert made.problems() == []
    assert made.year is None


@pytest.mark.parametrize(
    ("query", "name", "given"),
    [
        ("jaar=abc", "jaar", "abc"),
        ("jaar=2026", "jaar", "2026"),
        ("pijler=4", "pijler", "4"),
        ("ministerie=vws", "ministerie", "vws"),
        ("ministerie=BZ", "ministerie", "BZ"),
        ("voortgang=in_progress", "voortgang", "in_progress"),
        ("voortgang=In+uitvoering", "voortgang", "In uitvoering"),
    ],
)
def test_an_unknown_value_is_named_with_what_is_allowed(query, name, given):
    (problem,) = chosen(query).problems()

    assert (problem.name, problem.given) == (name, given)
    assert [value for value, _label in problem.allowed] == {
        "jaar": ["2025", "2024"],
        "pijler": [str(number) for number in PillarNumber.values],
        "ministerie": ["bz", "fin"],
        "voortgang": [DUTCH[progress] for progress in Progress],
    }[name]


def test_every_problem_is_named():
    assert {problem.name for problem in chosen("jaar=1&pijler=9&voortgang=x").problems()} == {
        *("jaar", "pijler", "voortgang")
    }


@pytest.mark.parametrize("text", ["a" * (MAX_SEARCH + 1), "a%00b"])
def test_words_that_cannot_be_looked_for_are_refused(text):
    (problem,) = chosen(f"tekst={text}").problems()

    assert problem.name == "tekst"
    assert problem.message
    assert problem.allowed == ()


def test_words_of_the_longest_length_are_looked_for():
    assert codes(f"tekst={'a' * MAX_SEARCH}") == []


def test_an_empty_result_says_what_is_left_without_each_filter():
    made = result("pijler=2&voortgang=niet_genoemd&onbekend=1&jaar=2024")

    assert made.points == []
    assert [(each.query, each.in_plan, each.outside) for each in made.ways_out] == [
        ("jaar=2024&voortgang=niet_genoemd", 1, 0),
        ("jaar=2024&pijler=2", 1, 1),
    ]


def test_a_filter_that_does_not_help_is_no_way_out():
    made = result("pijler=3&ministerie=fin")

    assert [each.in_plan for each in made.choices] == [0, 0]
    assert made.ways_out == ()


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


def test_one_by_one_gives_each_point_its_mark():
    assert formatting.one_by_one(pillar(1, in_progress=2, not_mentioned=1)) == (
        Progress.IN_PROGRESS,
        Progress.IN_PROGRESS,
        Progress.NOT_MENTIONED,
    )


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

    points = [
        replace(POINTS[0], sources=(source("X10", "a"), source("S1", "b"))),
        replace(POINTS[1], sources=(source("X2", ""), source("S1", "c"))),
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

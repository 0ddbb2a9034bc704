"""Long runs over random texts: `make soak`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions import citations, richtext

pytestmark = pytest.mark.soak

# Pieces that references and markup are made of, so that chance finds their combinations.
PIECES = st.sampled_from(
    [
        *(
            "Kamerstuk",
            "Kamerstukken",
            " ",
            "\N{NO-BREAK SPACE}",
            "\n",
            "32 735",
            "32735",
            "nr.",
            "nrs.",
        ),
        *("344", "en", ",", "-", "(", ")", "II", "XVII", "2022/23", "2023D44741", "Stb.", "2019"),
        *("COM(2022) 409", "CELEX:", "52022DC0409", "https://", "eur-lex.europa.eu/", "uri="),
        *("*", "**", "_", "[", "]", "(https://a.nl)", "[^1]", "\n[^1]: ", "|", "\n| - |\n", "### "),
        *("- ", "1. ", "<b>", "![", "`", "&amp;", "\u202e", "\u0000", "é", "😀", "العربية"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=60).map("".join)
LONG = settings(
    max_examples=20_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@LONG
@given(TEXTS)
def test_soak_every_reference_found_stands_where_it_says(text):
    for reference in citations.find_references(text):
        assert text[reference.start : reference.end] == reference.literal
        assert reference.url.startswith("https://")
        assert citations.url_for(reference.id)


@LONG
@given(TEXTS)
def test_soak_any_text_becomes_blocks_with_safe_links_only(text):
    hrefs: list[str] = []

    def note(runs: tuple[richtext.Run, ...]) -> tuple[richtext.Run, ...]:
        hrefs.extend(run.href for run in runs if run.href)
        return runs

    richtext.map_runs(richtext.link_references(richtext.parse(text)), note)
    found = richtext.problems(text)

    assert all(richtext.is_safe_link(href) for href in hrefs)
    assert all(problem.line >= 0 and problem.code for problem in found)

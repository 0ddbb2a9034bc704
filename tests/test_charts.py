"""A chart is one picture that needs nothing beside it, and no colour to be read."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from reports.document import Chart, Series
from reports.renderers.charts import FILLS, WIDTH, chart_svg

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "desc", "text", "rect", "path"}
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


def chart(*counts: tuple[int, ...], bars: tuple[str, ...] = ("Pijler 1", "Pijler 2")) -> Chart:
    series = tuple(Series(f"Reeks {number}", each) for number, each in enumerate(counts))
    return Chart("figuur", "Voortgang", "Zo staat het ervoor.", bars, series)


def parsed(each: Chart) -> etree._Element:
    return etree.fromstring(chart_svg(each))


def texts(each: Chart) -> list[str]:
    return [node.text or "" for node in parsed(each).iter(f"{SVG}text")]


def test_picture_says_in_words_what_it_is() -> None:
    picture = parsed(chart((1, 2)))

    assert picture.findtext(f"{SVG}title") == "Voortgang"
    assert picture.findtext(f"{SVG}desc") == "Zo staat het ervoor."
    assert picture.get("role") == "img"
    named = {node.get("id") for node in picture if node.get("id")}
    assert set((picture.get("aria-labelledby") or "").split()) == named


def test_every_number_stands_in_its_bar_or_below_it() -> None:
    found = texts(chart((300, 0), (1, 7), (2, 12)))

    assert {"300", "12", "303", "19"} <= set(found)
    assert "Reeks 1: 1; Reeks 2: 2" in found


def test_number_of_nothing_is_not_drawn_but_counted() -> None:
    assert texts(chart((0, 0)))[-1] == "0"


def test_parts_differ_without_colour() -> None:
    def grey(colour: str) -> int:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return round((0.299 * red + 0.587 * green + 0.114 * blue) / 32)

    assert len({(grey(fill.colour), fill.slope) for fill in FILLS}) == len(FILLS)


def test_long_names_take_more_lines_and_nothing_runs_off_the_picture() -> None:
    name = "Ministerie van Landbouw, Visserij, Voedselzekerheid en Natuur"
    picture = parsed(chart((5, 1), (2, 2), bars=(name, "x" * 90)))

    assert "".join("".join(node.itertext()) for node in picture.iter(f"{SVG}text")).count("x") == 90
    for node in picture.iter(f"{SVG}rect"):
        assert float(node.get("x", 0)) + float(node.get("width", 0)) <= WIDTH


@given(TEXT, TEXT, st.lists(st.integers(0, 400), min_size=1, max_size=9))
def test_any_text_and_any_numbers_give_a_plain_picture(
    name: str, bar: str, counts: list[int]
) -> None:
    series = tuple(Series(name, (count,)) for count in counts)
    svg = chart_svg(Chart("a", name, bar or "-", (bar,), series))

    picture = etree.fromstring(svg)
    assert {node.tag.removeprefix(SVG) for node in picture.iter()} <= ALLOWED
    assert not any(name in node.attrib for node in picture.iter() for name in ("style", "class"))
    assert not re.search(r"\b(href|src|url\(|on\w+=)", re.sub(r">[^<]*<", "><", svg))

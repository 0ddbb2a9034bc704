"""The picture that goes with a link: what it says, that it fits, and which pages have one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from PIL import Image, ImageFont

from actions.models import Plan
from napmonitor.site import cards, drawing
from napmonitor.site.drawing import HEIGHT, WIDTH, Card, draw
from tests.factories import ReportingRoundFactory

LONG = "Mensenrechtenbeschermingsverantwoordelijkheidsrapportageverplichtingen"
PAGES = (
    "nl",
    "en",
    "nl/actiepunten",
    "en/actiepunten/2.e",
    "nl/plannen/2022-2026/actiepunten/2.e",
    "nl/pijlers/2",
    "nl/ministeries/bz",
    "en/rapportages/2024",
)


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Begin and end in Dutch: a request leaves its language behind."""
    with translation.override("nl"):
        yield


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Card]:
    """What the pages asked to be drawn, in words."""
    asked: list[Card] = []
    monkeypatch.setattr(cards, "draw", lambda card: asked.append(card) or b"png")
    return asked


def picture(card: Card) -> Image.Image:
    return Image.open(io.BytesIO(draw(card))).convert("RGB")


def edge(image: Image.Image) -> set[Any]:
    """Return the colours beside the margins, where nothing may be written."""
    right = image.crop((WIDTH - 78, 104, WIDTH, HEIGHT))
    left = image.crop((0, 104, 70, HEIGHT))
    foot = image.crop((0, HEIGHT - 30, WIDTH, HEIGHT))
    return {colour for each in (left, right, foot) for _count, colour in each.getcolors(9999)}


# --- The drawing


@pytest.mark.parametrize(
    "title",
    ["IMVO-steunpunt", LONG, f"{LONG} in {LONG}", "W" * 300, " ".join(["bedrijfsleven"] * 60)],
)
def test_no_title_leaves_the_card(title: str) -> None:
    card = Card("x" * 300, title, ("y" * 300, "2025"), "nl", "z" * 300, ((10, "going"), (3, "")))

    image = picture(card)

    assert image.size == (WIDTH, HEIGHT)
    assert len(edge(image)) == 1


def test_long_word_is_broken_where_dutch_breaks_it() -> None:
    font = ImageFont.truetype(drawing._path(drawing._FACES["bold"]), 72)

    parts = drawing._parts_of(LONG, font, "nl")

    assert "".join(part.removesuffix("-") for part in parts) == LONG
    assert parts[0] == "Mensenrechtenbeschermings-"


def test_title_is_written_smaller_rather_than_broken() -> None:
    face = drawing._FACES["bold"]

    size, lines = drawing._fitted("Mensenrechtenbeschermingsbeleid", face, "nl", 270)
    smaller, whole = drawing._fitted("Mensenrechtenbeschermingsbeleidsplannen", face, "nl", 270)

    assert lines == ["Mensenrechtenbeschermingsbeleid"]
    assert whole == ["Mensenrechtenbeschermingsbeleidsplannen"]
    assert smaller < size


def test_title_that_fits_in_no_size_is_cut_with_a_sign() -> None:
    _size, lines = drawing._fitted("woord " * 100, drawing._FACES["bold"], "nl", 270)

    assert lines[-1].endswith("…")


def test_sign_that_the_typeface_lacks_is_drawn_in_another() -> None:
    assert drawing._faces(Card("", "Łódź →", (), "nl", "")) == drawing._FALL_BACK
    assert drawing._faces(Card("", "Coördinatie", (), "nl", "")) == drawing._FACES


def test_same_card_is_the_same_bytes() -> None:
    card = Card("boven", "Titel", ("feit",), "nl", "site", ((1, "done"), (2, "")))
    first = draw(card)
    draw.cache_clear()

    assert draw(card) == first


# --- The pages


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_page_has_a_card(page: str) -> None:
    answer = Client().get(f"/kaarten/{page}.png")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (WIDTH, HEIGHT)
    assert len(answer.content) < 100_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page",
    [
        "fr",
        "nl/niets",
        "nl/actiepunten/9.z",
        "nl/en/actiepunten",
        "nl/pijlers/4",
        "nl/ministeries/niemand",
        "nl/rapportages/1999",
        "nl/beheer",
        "nl/over",
        "en//actiepunten",
        "nl/%00",
    ],
)
def test_what_is_no_page_has_no_card(page: str) -> None:
    assert Client().get(f"/kaarten/{page}.png").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("year", ["1999", "x", "20244"])
def test_year_that_does_not_exist_has_no_card(year: str) -> None:
    assert Client().get("/kaarten/nl.png", {"jaar": year}).status_code == 404


@pytest.mark.django_db
def test_round_that_is_not_out_has_no_card(drawn: list[Card]) -> None:
    ReportingRoundFactory(plan=Plan.objects.get(slug="2022-2026"), year=2031)

    assert Client().get("/kaarten/nl/rapportages/2031.png").status_code == 404
    assert drawn == []


@pytest.mark.django_db
def test_card_says_what_the_page_says_in_the_language_of_the_page(drawn: list[Card]) -> None:
    Client().get("/kaarten/en/actiepunten/2.e.png")
    Client().get("/kaarten/nl/actiepunten/2.e.png", {"jaar": "2024"})

    english, dutch = drawn
    assert english.title == "Support desk for responsible business conduct"
    assert english.above.startswith("2.e · Pillar 2")
    assert english.facts == ("Responsible: BZ", "2025: in progress (derived)")
    assert dutch.title == "IMVO-steunpunt"
    assert dutch.facts[-1].startswith("2024: ")
    assert dutch.language == "nl"


@pytest.mark.django_db
def test_card_of_the_overview_counts_the_working_list_as_ours(drawn: list[Card]) -> None:
    Client().get("/kaarten/en.png")

    (card,) = drawn
    assert card.facts[0] == "2025: 33 subjects on our working list"
    assert sum(count for count, _colour in card.parts) == 33


@pytest.mark.django_db
def test_card_asks_the_database_a_few_times_only(django_assert_max_num_queries: Any) -> None:
    for page in PAGES:
        with django_assert_max_num_queries(8):
            Client().get(f"/kaarten/{page}.png")

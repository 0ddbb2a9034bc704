"""Nothing that is not public is in any public answer: page, file, feed, card, search or error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import translation

from actions.models import StatusEntry
from tests.canary_story import CANARY, CONTROL, Crawl, places, tell

pytestmark = pytest.mark.django_db

# Where the word must stand, or the crawl says nothing.
PUT_IN = frozenset(
    {
        *(
            f"actions.EntryVersion.{name}"
            for name in (
                "narrative",
                "outlook",
                "letter_passage",
                "informed_reference",
                "informed_sender",
                "internal_note",
                "discontinued_reason",
            )
        ),
        "actions.EntrySource.detail",
        "actions.EntryDraft.typed",
        "actions.EntryRemark.text",
        "actions.EntryRemark.proposal",
        "actions.RemarkAnswer.reason",
        "actions.Transition.note",
        "actions.SignOff.remark",
        "actions.ReportingRound.statement",
        "reports.EditionVersion.tree",
        "reports.EditionFile.content",
        "reports.EditionParagraph.own",
        "reports.EditionRemark.text",
        "reports.EditionRemark.proposal",
        "reports.EditionRemark.on_behalf_of",
        "reports.RemarkHandling.answer",
        "reports.EditionSignOff.remark",
        "reports.NameChoice.name",
        "reports.RouteStep.who",
        "accounts.User.name",
        "accounts.User.email",
    }
)
STARTS = ("/", "/en/", "/sitemap.xml", "/robots.txt", "/.well-known/security.txt", "/healthz")
FILES = tuple(f"/actiepunten/actiepunten.{form}" for form in ("csv", "xlsx", "ods"))
# Addresses that guess at what is not public.
GUESSED = (
    *(f"/rapportages/{year}/" for year in (2029, 2031)),
    *(
        f"/rapportages/{year}/{name}{end}"
        for year in (2029, 2031)
        for name in ("kamerbrief", "voortgangsrapportage", "beslisnota")
        for end in ("/", ".pdf", ".html", ".docx", ".odt")
    ),
    *(f"{prefix}/?jaar={year}" for prefix in ("", "/en") for year in (2029, 2031)),
    *(f"/actiepunten/?jaar={year}" for year in (2029, 2031)),
    "/kaarten/nl/rapportages/2029.png",
    "/actiepunten/?voortgang=x&pijler=9",
    "/niets/",
)


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Begin and end in Dutch: a request leaves its language behind."""
    with translation.override("nl"):
        yield


def test_nothing_that_is_not_public_is_in_any_public_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tell()
    codes = [entry.action_point.code for entry in StatusEntry.objects.filter(round__year=2031)]
    # In a picture no word is found, so each card is looked at as the words that are drawn.
    monkeypatch.setattr("napmonitor.site.cards.draw", lambda card: repr(card).encode())
    crawl = Crawl(Client(raise_request_exception=False))

    crawl.follow(*STARTS, *FILES, *GUESSED)
    crawl.follow(*(f"/actiepunten/{code}/" for code in codes))
    found_by_word = search(crawl, CANARY), search(crawl, "notitie"), search(crawl, CONTROL)
    for address in ("/", "/actiepunten/", "/feeds/plan.atom"):
        crawl.look(address, crawl.client.post(address, {"tekst": "x"}))
    monkeypatch.setattr("napmonitor.site.freshness.public_version", fail)
    monkeypatch.setattr("actions.queries.public.plan_facts", fail)
    crawl.look("/ with a fault", crawl.client.get("/"))

    assert PUT_IN - places() == set()
    assert crawl.with_canary == []
    assert crawl.with_control
    assert found_by_word == (0, 0, 3)
    assert {200, 400, 404, 405, 500} <= set(crawl.statuses)
    expected = {"text/html", "text/csv", "application/atom+xml", "application/xml", "image/png"}
    assert expected <= set(crawl.kinds)
    assert any(kind.startswith("application/vnd.") for kind in crawl.kinds)
    with_text = sum(crawl.kinds.values())
    print(f"\ncanary: looked at {with_text} public answers: {dict(crawl.kinds)}")  # noqa: T201


def search(crawl: Crawl, word: str) -> int:
    """Return how many points of the open years and the year that is out a word finds."""
    answer = crawl.client.get(f"/actiepunten/actiepunten.csv?tekst={word}")
    page = crawl.client.get(f"/actiepunten/?tekst={word}")
    assert (answer.status_code, page.status_code) == (200, 200)
    if word != CANARY:
        crawl.look(f"the search for {word}", page)
    rows = answer.content.decode("utf-8-sig").strip().splitlines()[1:]
    return len({row.partition(";")[0] for row in rows})


def fail(*_arguments: object, **_options: object) -> None:
    raise DatabaseError(CANARY)

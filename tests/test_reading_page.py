"""A document in the look of the site: the stored text, whole, once, without style of its own."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from lxml import html as markup

from actions.models import Plan, ReportingRound
from reports import published, serving
from reports.builder import build, public_note
from reports.choices import Audience, Kind, Stage
from reports.document import Document, DocumentKind, nodes
from reports.models import EditionVersion, Freeze
from reports.renderers.html import reading_markup
from reports.renderers.reading import codes
from reports.rendering import decision_note
from tests import edition_story as story
from tests.factories import overwrite
from tests.tagged import squeezed
from tests.test_html_look import DOCUMENTS
from tests.test_pdf_tags import words_of
from tests.workflow_people import Cast

Queries = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no file be laid out, and let every test begin and end in Dutch."""
    monkeypatch.setattr("reports.jobs.gc.collect", lambda: 0)
    with story.quick_rendering(), translation.override("nl"):
        yield


@pytest.fixture
def people(db: None) -> Cast:
    """Make a round with an issued edition, of the plan that is the current one."""
    people = story.ready_round()
    overwrite(Plan.objects.filter(pk=people.round.plan_id), slug="9022-9026")
    people.round.plan.refresh_from_db()
    return people


def release(people: Cast, moment: Any = None) -> None:
    overwrite(
        ReportingRound.objects.filter(pk=people.round.pk),
        released_at=moment or timezone.now() - timedelta(minutes=1),
        published_on=timezone.localdate(),
    )


def address(people: Cast, kind: str = Kind.LETTER) -> str:
    return reverse("site:reading", args=[f"{people.round.year:04}", serving.NAMES[kind]])


def stored(freeze: Freeze, kind: Kind) -> EditionVersion:
    return story.version_of(freeze, kind)


def fragment(document: Document, points: dict[str, str] | None = None) -> Any:
    return markup.fromstring(f"<main>{reading_markup(document, points or {})}</main>")


# --- The text


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_text_holds_the_whole_tree_once_and_no_style(document: Document) -> None:
    text = fragment(document)

    ids = text.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {each.id for each in nodes(document)} <= set(ids)
    inside = {each.removeprefix("#") for each in text.xpath("//@href") if each.startswith("#")}
    assert inside <= set(ids)
    assert not text.xpath("//@style | //@src | //script | //style | //link | //col")
    for each in text.xpath("//svg | //section[@class='notes'] | //*[@class='ground']"):
        each.drop_tree()
    for each in text.xpath("//*[@class='beside' or @class='about']"):
        each.drop_tree()
    assert words_of(document) in squeezed(text.text_content())


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_headings_begin_below_that_of_the_page_and_skip_no_level(document: Document) -> None:
    levels = [
        int(each.tag[1]) for each in fragment(document).xpath("//h1|//h2|//h3|//h4|//h5|//h6")
    ]

    assert 1 not in levels
    assert all(after - before <= 1 for before, after in zip([1, *levels], levels, strict=False))


def test_a_chart_is_a_picture_with_words_and_a_table_beside_it(db: None) -> None:
    text = fragment(build(DocumentKind.ANNEX, 2025))

    charts = text.xpath("//svg")
    assert charts
    for chart in charts:
        assert chart.get("role") == "img"
        assert chart.xpath("./title")
        assert chart.xpath("./desc")
    assert len(text.xpath("//table[caption]")) >= len(charts)


def test_every_footnote_leads_back_to_where_it_is_called(db: None) -> None:
    text = fragment(build(DocumentKind.LETTER, 2025))

    for note in text.xpath("//section[@class='notes']//li"):
        back = note.xpath("./a[last()]/@href")[0].removeprefix("#")
        (call,) = text.xpath(f"//a[@id='{back}']")
        assert call.get("href") == f"#{note.get('id')}"


def test_action_points_lead_to_their_page_only_where_there_is_one(db: None) -> None:
    annex, letter = (build(kind, 2025) for kind in (DocumentKind.ANNEX, DocumentKind.LETTER))
    assert "2.f" in codes(annex)
    assert "1.b" in codes(letter)

    of_annex = fragment(annex, {"1.b": "/een-punt"})
    of_letter = fragment(letter, {"1.b": "/een-punt"})

    assert of_annex.xpath("//section[@id='punt-1.b']/p[@class='about']/a/@href") == ["/een-punt"]
    assert not of_annex.xpath("//section[@id='punt-1.c']/p[@class='about']")
    assert set(of_letter.xpath("//p[starts-with(@id, 'stand-1.b')]//a[text()='1.b']/@href")) == {
        "/een-punt"
    }
    assert not of_letter.xpath("//p[starts-with(@id, 'stand-1.f')]//a[text()='1.f']")


@pytest.mark.parametrize("kind", [DocumentKind.LETTER, DocumentKind.ANNEX])
def test_every_paragraph_of_a_letter_and_every_point_of_a_report_can_be_linked(
    db: None, kind: DocumentKind
) -> None:
    document = build(kind, 2025)
    text = fragment(document)

    links = text.xpath("//a[@class='here']/@href")
    assert bool(links) == (kind == DocumentKind.LETTER)
    assert all(text.xpath(f"//*[@id='{each.removeprefix('#')}']") for each in links)


# --- The page


def test_the_page_is_the_stored_text_and_not_built_again(people, client, monkeypatch):
    freeze = story.issued(people)
    release(people)
    monkeypatch.setattr("reports.builder.build", None)

    for kind in Kind:
        text = client.get(address(people, kind)).text
        document = stored(freeze, kind).document(Audience.PUBLIC)
        page = markup.fromstring(text)
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert {each.id for each in nodes(document)} <= set(ids)
        assert page.xpath("count(//h1)") == 1
        assert page.xpath("//h1")[0].text_content() == document.title
        for each in page.xpath("//*[@class='beside' or @class='about']|//svg"):
            each.drop_tree()
        for section in document.sections:
            assert squeezed(section.title) in squeezed(page.text_content())
        for to in ("pdf", "docx", "odt", "html"):
            args = [people.round.year, serving.NAMES[kind], to]
            assert f'href="{reverse("reports:document", args=args)}"' in text


def test_contents_lead_to_every_section(people, client):
    freeze = story.issued(people)
    release(people)

    page = markup.fromstring(client.get(address(people, Kind.ANNEX)).text)

    links = page.xpath("//nav[@class='reading-contents']//a/@href")
    document = stored(freeze, Kind.ANNEX).document(Audience.PUBLIC)
    for section in document.sections:
        assert f"#{section.id}" in links
        assert all(f"#{inner.id}" in links for inner in section.sections)


def test_the_page_runs_under_the_strict_policy(people, client):
    story.issued(people)
    release(people)

    response = client.get(address(people, Kind.ANNEX))

    assert "default-src 'none'" in response["Content-Security-Policy"]
    # What describes the page to machines is data and runs nothing.
    markup = response.text.replace('<script type="application/ld+json">', "")
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", markup)


def test_the_text_is_dutch_on_the_english_page_too(people, client):
    story.issued(people)
    release(people)

    page = client.get(f"/en{address(people)}").text

    assert '<html lang="en">' in page
    assert 'class="reading-text" lang="nl"' in page
    with translation.override("en"):
        assert gettext("This document is in Dutch. There is no translation.") in page


def test_the_public_note_shows_nothing_internal(people, client):
    freeze = story.issued(people)
    release(people)

    text = client.get(address(people, Kind.DECISION_NOTE)).text

    version = stored(freeze, Kind.DECISION_NOTE)
    assert version.document(Audience.INTERNAL) != version.document(Audience.PUBLIC)
    public = {each.id for each in nodes(version.document(Audience.PUBLIC))}
    for node in nodes(version.document(Audience.INTERNAL)):
        if node.is_internal and node.id not in public:
            assert f'id="{node.id}"' not in text
    assert "Niet openbaar, grond" not in text or 'class="withheld"' in text


@pytest.mark.parametrize("kind", Kind)
def test_a_text_that_was_changed_is_not_shown(people, kind, monkeypatch):
    story.issued(people)
    release(people)
    # The database lets no row be changed, so what is read is another text.
    monkeypatch.setattr(published, "sha256", lambda text: sha256(text + b" "))

    response = Client(raise_request_exception=False).get(address(people, kind))

    assert response.status_code == 500
    with pytest.raises(serving.Damaged):
        published.public_text(people.round.year, kind)


def test_what_is_not_public_cannot_be_read(people, client):
    story.frozen(people, Stage.CONCEPT)
    release(people)
    assert {client.get(address(people, kind)).status_code for kind in Kind} == {404}

    story_two = story.ready_round()
    story.issued(story_two)
    assert {client.get(address(story_two, kind)).status_code for kind in Kind} == {404}


@pytest.mark.parametrize(
    "path",
    ["/rapportages/2025/nota/", "/rapportages/25/kamerbrief/", "/rapportages/1999/kamerbrief/"],
)
def test_no_other_address_is_a_document(db, client, path):
    assert client.get(path).status_code == 404


def test_an_address_without_its_last_slash_leads_to_the_page(people, client):
    story.issued(people)
    release(people)

    response = client.get(address(people).rstrip("/"))

    assert response.status_code == 301
    assert response["Location"] == address(people)


def test_the_page_costs_a_fixed_number_of_queries(people, client):
    story.issued(people)
    release(people)

    for kind in Kind:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address(people, kind)).status_code == 200
        assert len(asked) <= 8


@pytest.mark.parametrize("kind", [DocumentKind.LETTER, DocumentKind.ANNEX])
def test_the_text_of_the_whole_plan_stays_small(db: None, kind: DocumentKind) -> None:
    document = build(kind, 2025)
    points = {code: f"/actiepunten/{code}/#jaar-2025" for code in codes(document)}

    assert len(gzip.compress(reading_markup(document, points).encode())) < 20_000


def test_a_note_of_the_whole_plan_can_be_read(db: None) -> None:
    assert fragment(public_note(decision_note(2025))).xpath("//h2")

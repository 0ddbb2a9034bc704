"""The documents that everyone may read: which, how they are sent, and that nothing else is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import http_date, parse_http_date

from actions.models import ActionPoint, Plan, ReportingRound
from reports import issuing, rendering, serving
from reports.choices import Audience, Format, Kind, Stage
from reports.models import EditionFile, Freeze
from reports.renderers.html import render_html
from reports.renderers.rendered import Rendered
from tests import edition_story as story
from tests.factories import overwrite
from tests.workflow_people import Cast

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[object]]
EVERY = [(kind, to) for kind in Kind for to in Format]
# Sorts after the real plan, so that it is the current one.
CURRENT = "9022-9026"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no file be laid out."""
    monkeypatch.setattr("reports.jobs.gc.collect", lambda: 0)
    with story.quick_rendering(), translation.override("nl"):
        yield


@pytest.fixture
def people() -> Cast:
    people = story.ready_round()
    make_current(people.round)
    return people


def make_current(each: ReportingRound) -> None:
    overwrite(Plan.objects.filter(pk=each.plan_id), slug=CURRENT)
    each.plan.refresh_from_db()


def address(people: Cast, kind: str = Kind.LETTER, to: str = Format.PDF) -> str:
    return reverse("reports:document", args=[f"{people.round.year:04}", serving.NAMES[kind], to])


def release(people: Cast, moment: Any = None) -> None:
    """Let a round be open to everyone from a moment, past all rules."""
    overwrite(
        ReportingRound.objects.filter(pk=people.round.pk),
        released_at=moment or timezone.now() - timedelta(minutes=1),
        published_on=timezone.localdate(),
    )


def stored(freeze: Freeze, kind: str, to: str) -> EditionFile:
    return EditionFile.objects.get(
        version__freeze=freeze,
        version__edition__kind=kind,
        format=to,
        audience=Audience.PUBLIC,
    )


def statuses(people: Cast, client: Client) -> set[int]:
    return {client.get(address(people, kind, to)).status_code for kind, to in EVERY}


# What is public.


def test_every_form_of_what_was_issued_and_released_is_given_as_it_was_stored(people, client):
    freeze = story.issued(people)
    release(people)

    for kind, to in EVERY:
        answer = client.get(address(people, kind, to))
        file = stored(freeze, kind, to)
        assert answer.status_code == 200
        assert answer.content == bytes(file.content)
        assert answer["Content-Type"] == serving.MEDIA[to]
        assert sha256(answer.content).hexdigest() == file.sha256


@pytest.mark.parametrize("stage", [Stage.CONCEPT, Stage.FINAL])
def test_a_version_that_is_not_issued_is_nowhere_public_even_of_a_released_year(
    people, client, stage
):
    story.frozen(people, stage)
    release(people)

    assert statuses(people, client) == {404}


def test_what_is_issued_is_not_public_before_the_round_is(people, client):
    story.issued(people)
    assert statuses(people, client) == {404}

    release(people, timezone.now() + timedelta(minutes=1))
    assert statuses(people, client) == {404}

    release(people)
    assert statuses(people, client) == {200}


def test_a_year_without_documents_has_none(people, client):
    release(people)

    assert statuses(people, client) == {404}


def test_a_concept_of_the_next_edition_leaves_the_issued_one_in_place(people, client):
    first = story.issued(people)
    release(people)
    story.frozen(people)

    for kind, to in EVERY:
        found = client.get(address(people, kind, to))
        assert found.content == bytes(stored(first, kind, to).content)


def test_a_correction_takes_the_place_of_the_edition_before_as_a_whole(people, client):
    story.issued(people)
    release(people)
    people.round.refresh_from_db()
    overwrite(
        ActionPoint.objects.filter(pk=people.entry.action_point_id), title_nl="Een andere titel"
    )
    second = story.issued(people)

    for kind, to in EVERY:
        found = client.get(address(people, kind, to))
        assert found.content == bytes(stored(second, kind, to).content)


def test_the_internal_note_is_never_public(people, client):
    freeze = story.issued(people)
    release(people)
    internal = EditionFile.objects.filter(version__freeze=freeze, audience=Audience.INTERNAL)
    assert internal.count() == len(Format)

    given = {client.get(address(people, kind, to)).content for kind, to in EVERY}

    assert given.isdisjoint({bytes(file.content) for file in internal})


def test_documents_of_another_plan_are_not_given_as_those_of_the_current_one(people, client):
    story.issued(people)
    release(people)
    overwrite(Plan.objects.filter(pk=people.round.plan_id), slug="1022-1026")

    assert statuses(people, client) == {404}


@pytest.mark.parametrize(
    "path",
    [
        "/rapportages/2031/nota.pdf",
        "/rapportages/2031/kamerbrief.exe",
        "/rapportages/2031/kamerbrief.PDF",
        "/rapportages/2031/beslisnota-intern.pdf",
        "/rapportages/31/kamerbrief.pdf",
        "/rapportages/20311/kamerbrief.pdf",
        "/rapportages/٢٠٣١/kamerbrief.pdf",
    ],
)
def test_no_other_address_gives_a_document(people, client, path):
    story.issued(people)
    release(people)

    assert client.get(path).status_code == 404


def test_nothing_can_be_sent_to_a_document(people, client):
    story.issued(people)
    release(people)

    assert client.post(address(people)).status_code == 405


# How it is sent.


@pytest.mark.parametrize(
    ("kind", "to", "place"),
    [
        (Kind.LETTER, Format.PDF, 'inline; filename="kamerbrief-2031.pdf"'),
        (Kind.ANNEX, Format.HTML, 'inline; filename="voortgangsrapportage-2031.html"'),
        (Kind.DECISION_NOTE, Format.DOCX, 'attachment; filename="beslisnota-2031.docx"'),
        (Kind.LETTER, Format.ODT, 'attachment; filename="kamerbrief-2031.odt"'),
    ],
)
def test_a_document_has_a_name_and_is_shown_where_a_browser_can(people, client, kind, to, place):
    story.issued(people)
    release(people)

    answer = client.get(address(people, kind, to))

    assert answer["Content-Disposition"] == place
    assert answer["Content-Language"] == "nl"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=300"


def test_who_has_it_already_gets_nothing_again(people, client, django_assert_num_queries: Queries):
    file = stored(story.issued(people), Kind.LETTER, Format.PDF)
    release(people)
    first = client.get(address(people))
    assert first["ETag"] == f'"{file.sha256}"'

    for header in (
        {"If-None-Match": first["ETag"]},
        {"If-Modified-Since": first["Last-Modified"]},
    ):
        with django_assert_num_queries(1):
            again = client.get(address(people), headers=header)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
        assert again["Cache-Control"] == first["Cache-Control"]
    older = http_date(parse_http_date(first["Last-Modified"]) - 1)
    other = client.get(address(people), headers={"If-None-Match": '"iets"'})
    assert other.status_code == 200
    assert client.get(address(people), headers={"If-Modified-Since": older}).status_code == 200


def test_it_is_as_new_as_the_moment_from_which_it_was_public(people, client):
    story.issued(people)
    moment = timezone.now().replace(microsecond=0) - timedelta(days=3)
    release(people, moment)
    issued_at = people.round.editions.get(kind=Kind.LETTER).issue.at

    assert parse_http_date(client.get(address(people))["Last-Modified"]) == int(
        issued_at.timestamp()
    )


def test_asking_for_the_head_says_the_same_without_the_content(people, client):
    story.issued(people)
    release(people)

    head, whole = client.head(address(people)), client.get(address(people))

    assert head.content == b""
    for name in ("ETag", "Last-Modified", "Content-Length", "Content-Type", "Content-Disposition"):
        assert head[name] == whole[name]


def test_a_document_costs_two_queries(people, client, django_assert_num_queries: Queries):
    story.issued(people)
    release(people)

    with django_assert_num_queries(2):
        assert client.get(address(people)).status_code == 200


def test_what_is_not_what_was_stored_is_not_given(people, monkeypatch):
    story.issued(people)
    release(people)
    monkeypatch.setattr(EditionFile, "holds", lambda file: False)
    client = Client(raise_request_exception=False)

    answer = client.get(address(people))

    assert answer.status_code == 500
    assert b"pdf\n" not in answer.content


def test_the_page_shows_its_own_style_and_runs_nothing(people, client, monkeypatch):
    def as_page(document: Any, to: str) -> Rendered:
        return render_html(document) if to == Format.HTML else Rendered(to.encode(), {})

    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render", as_page)
        story.issued(people)
    release(people)

    answer = client.get(address(people, Kind.ANNEX, Format.HTML))

    style = answer.text.split("<style>")[1].split("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";")
    )
    assert policy["style-src"] == f"'sha256-{digest}'"
    assert policy["default-src"] == "'none'"
    assert "allow-scripts" not in policy["sandbox"]
    assert "allow-same-origin" not in policy["sandbox"]
    assert " style=" not in answer.text


# Where it is found.


def test_the_page_of_all_years_links_to_what_is_public_and_to_nothing_else(people, client):
    # The current plan is the one with the documents.
    issued = story.issued(people)
    assert address(people) not in client.get("/rapportages/").text

    release(people)

    page = client.get("/rapportages/").text
    for kind, to in EVERY:
        assert f'href="{address(people, kind, to)}"' in page
    assert issued.reason not in page


def test_why_there_is_another_edition_is_told_to_everyone(people, client):
    story.issued(people)
    release(people)
    people.round.refresh_from_db()
    freeze = story.frozen(people)
    story.decided(people, freeze)
    story.opened(freeze, people.second)
    assert freeze.reason == "Beter."
    assert "Beter." not in client.get("/rapportages/").text

    issuing.issue(freeze, actor=people.second)

    assert "Beter." in client.get("/rapportages/").text

"""The page on which two reports stand beside each other: who, what, and the files of it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions import workflow
from actions.choices import EntryState
from actions.models import Organisation, OrganisationName, Plan
from napmonitor.audit.models import AuditEvent
from reports import editions_compared
from reports.builder import NoSuchPlan
from reports.choices import Stage
from reports.editions_compared import Choice, Choices
from reports.renderers.rendered import NotRendered
from reports.snapshot import Snapshot
from tests import edition_story as story
from tests import factories, pdfcheck
from tests.factories import EDITOR, NAP_COORDINATOR, READER, overwrite, signed_in, somebody
from tests.test_snapshot import ONE, POINT
from tests.workflow_people import Cast, cast

pytestmark = pytest.mark.django_db

PAGE, FILE = (reverse(f"admin:differences{end}") for end in ("", "_file"))
YEARS = {"plan": "2022-2026", "before": "2023", "after": "2025"}


@pytest.fixture
def client() -> Client:
    return signed_in(somebody(NAP_COORDINATOR))


@pytest.fixture
def people() -> Cast:
    made = cast(points=2)
    made.bring(made.entries[0], EntryState.APPROVED)
    return made


def read_documents() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="document.read"))


def test_page_tells_what_differs_between_two_years(client: Client) -> None:
    answer = client.get(PAGE, YEARS)

    assert answer.status_code == 200
    comparison = answer.context["compared"].comparison
    assert (comparison.before.year, comparison.after.year) == (2023, 2025)
    assert "ministerie van Economische Zaken en Klimaat" in answer.text
    assert len(comparison.points) == 34
    for line in answer.context["changed"]:
        assert f'id="point-{line.point.latest.code}"' in answer.text or not line.has_more


def test_years_in_which_a_letter_was_silent_are_no_progress(client: Client) -> None:
    answer = client.get(PAGE, YEARS)

    (line,) = [each for each in answer.context["changed"] if each.point.latest.code == "1.d"]
    assert line.point.after.progress == "not_mentioned"
    assert line.point.movement.value == "now-silent"


def test_page_starts_with_two_reports_and_a_year_beside_itself_has_no_difference(
    client: Client,
) -> None:
    assert client.get(PAGE).context["compared"]
    answer = client.get(PAGE, {"before": "2025", "after": "2025"})

    assert not answer.context["changed"]
    assert "nap-all-done" in answer.text


def test_words_that_changed_stand_between_marks(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "De eerste pilot is gestart met drie bedrijven in de textiel en loopt tot december."
    written = {2023: text, 2025: text.replace("drie", "vier")}

    def read(year: int, **_options: object) -> Snapshot:
        return replace(ONE, year=year, points=(replace(POINT, narrative=written[year]),))

    monkeypatch.setattr(editions_compared, "year_snapshot", read)

    assert "<del> drie</del><ins> vier</ins>" in client.get(PAGE, YEARS).text


def test_renamed_ministry_is_told_as_a_new_name(client: Client) -> None:
    overwrite(
        OrganisationName.objects.filter(organisation__slug="szw", valid_until=None),
        valid_until="2025-01-01",
    )
    factories.OrganisationNameFactory(
        organisation=Organisation.objects.get(slug="szw"),
        name="ministerie van Werk",
        valid_from="2025-01-01",
    )

    answer = client.get(PAGE, YEARS)

    assert "ministerie van Werk" in [each.after.name for each in answer.context["renamed"]]
    assert answer.context["counts"].ministries == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"before": "1999", "after": "2025"},
        {"before": "2023", "after": ""},
        {"before": "2023", "after": "2025-concept"},
        {"before": "\x00", "after": "'; --"},
        {**YEARS, "plan": "nowhere"},
        {**YEARS, "plan": "\x00"},
        {**YEARS, "plan": "../x"},
    ],
)
def test_what_is_asked_wrongly_gets_a_sentence(client: Client, asked: dict[str, str]) -> None:
    page, file = client.get(PAGE, asked), client.post(FILE, {**asked, "format": "pdf"})

    assert page.status_code == 200
    assert "compared" not in page.context
    assert page.context["wrong"] or page.context["form"].errors
    assert 'role="alert"' in page.text or "errorlist" in page.text
    assert file.status_code == 302
    assert file["Location"] == PAGE


@pytest.mark.parametrize("to", ["", "exe", "html"])
def test_file_of_another_kind_is_not_made(client: Client, to: str) -> None:
    assert client.post(FILE, {**YEARS, "format": to})["Location"] == PAGE


def test_without_a_plan_there_is_a_sentence(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions_compared, "plan_years", lambda _plan: None)

    answer = client.get(PAGE)

    assert answer.status_code == 200
    assert answer.context["wrong"]


def test_plan_that_is_not_the_current_one_can_be_compared(client: Client, people: Cast) -> None:
    slug = people.round.plan.slug

    answer = client.get(PAGE, {"plan": slug})

    assert answer.context["compared"].comparison.after.plan == slug
    assert f'name="plan" value="{slug}"' in answer.text


def test_plan_without_a_year_has_nothing_to_compare() -> None:
    plan = factories.PlanFactory()

    with pytest.raises(NoSuchPlan):
        editions_compared.snapshots(plan.slug)


def test_permission_to_compare_is_for_who_reads_all_texts(people: Cast) -> None:
    for who, status in ((NAP_COORDINATOR, 200), (READER, 200), (EDITOR, 403)):
        reader = signed_in(somebody(who))
        seen = somebody(who).has_perm("actions.view_every_statusentry")
        assert seen is (status == 200), who
        assert reader.get(PAGE, YEARS).status_code == status, who
        assert (reader.post(FILE, {**YEARS, "format": "docx"}).status_code == 403) is not seen
    assert Client().get(PAGE).status_code == 302


def test_concept_holds_approved_texts_and_no_others(client: Client, people: Cast) -> None:
    key = f"{people.round.year}-concept"
    asked = {"plan": people.round.plan.slug, "before": key, "after": key}

    answer = client.get(PAGE, asked)

    versions = [each.version for each in answer.context["compared"].comparison.after.points]
    assert sorted(versions) == [0, 1]
    assert not answer.context["compared"].is_public
    assert "nap-warning" in answer.text


def test_file_with_what_is_not_public_is_kept_in_the_audit_trail(
    client: Client, people: Cast
) -> None:
    key = f"{people.round.year}-concept"
    asked = {"plan": people.round.plan.slug, "before": key, "after": key, "format": "docx"}

    assert client.post(FILE, asked).status_code == 200
    assert client.post(FILE, {**YEARS, "format": "docx"}).status_code == 200

    (event,) = read_documents()
    assert event.detail == {"what": "difference", "before": key, "after": key, "format": "docx"}


@pytest.mark.parametrize("to", list(editions_compared.FORMATS))
def test_file_is_of_the_kind_that_was_asked(client: Client, to: str) -> None:
    answer = client.post(FILE, {**YEARS, "format": to})

    assert answer.status_code == 200
    assert answer["Content-Type"] == editions_compared.FORMATS[to]
    assert answer["Content-Disposition"] == f'attachment; filename="verschil-2023-2025.{to}"'
    start = b"%PDF" if to == "pdf" else b"PK"
    assert answer.content.startswith(start)


def test_word_file_opens_with_its_texts(client: Client) -> None:
    answer = client.post(FILE, {**YEARS, "format": "docx"})

    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.testzip() is None
        text = file.read("word/document.xml").decode()
    assert "Verschil tussen de rapportages over 2023 en 2025" in text
    assert "Mensenrechtenverdedigers" in text


def test_pdf_is_accessible(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "difference.pdf"
    file.write_bytes(client.post(FILE, {**YEARS, "format": "pdf"}).content)

    pdfcheck.assert_pdf_ua(file)


def test_file_that_cannot_be_made_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> None:
        raise NotRendered

    monkeypatch.setattr(editions_compared, "render", fail)

    assert client.post(FILE, {**YEARS, "format": "pdf"})["Location"] == PAGE
    assert not read_documents()


def test_queries_are_the_same_for_more_points(client: Client, people: Cast) -> None:
    def queries(plan: str) -> int:
        key = f"{people.round.year}-concept"
        asked = {"plan": plan, "before": key, "after": key}
        client.get(PAGE, asked)
        with CaptureQueriesContext(connection) as found:
            assert client.get(PAGE, asked).context["compared"]
        return len(found)

    before = queries(people.round.plan.slug)
    for _number in range(4):
        point = factories.ActionPointFactory(plan=people.round.plan, lead=people.lead)
        factories.StatusEntryFactory(action_point=point, round=people.round)

    assert queries(people.round.plan.slug) == before
    assert Plan.objects.count() > 1


def test_what_was_fixed_can_be_compared_with_what_is_there_now() -> None:
    people = story.ready_round()
    with story.quick_rendering():
        freeze = story.frozen(people, Stage.CONCEPT)
    workflow.reopen(people.entry, actor=people.second, reason="Een cijfer klopt niet.")
    people.write(people.entry, "Er is nu veel meer gedaan.")
    workflow.submit(people.entry, actor=people.submitter)
    people.sign(people.entry)
    workflow.approve(people.entry, actor=people.first)
    choices = editions_compared.snapshots(people.round.plan.slug)
    then = choices.get(f"freeze-{freeze.pk}")
    now = choices.get(f"{people.round.year}-concept")
    assert then is not None
    assert now is not None

    compared = editions_compared.compare(then, now)

    assert not compared.is_public
    changed = [each.latest.code for each in compared.comparison.changed]
    assert changed == [people.entry.action_point.code]


@pytest.mark.parametrize(
    ("is_begun", "usual"), [(True, ("2025", "2026-concept")), (False, ("2024", "2025"))]
)
def test_the_page_starts_with_the_last_year_of_which_there_is_something(
    is_begun: bool, usual: tuple[str, str]
) -> None:
    def choice(key: str, *, is_public: bool, is_begun: bool = False) -> Choice:
        return Choice(key, key, is_public, lambda: pytest.fail("not read"), is_begun)

    known = (
        choice("2024", is_public=True),
        choice("2025", is_public=True),
        choice("2025-concept", is_public=False, is_begun=True),
        choice("2026-concept", is_public=False, is_begun=is_begun),
        choice("freeze-1", is_public=False),
    )

    assert Choices("plan", known).usual == usual
    assert Choices("plan", known[:1]).usual == ("2024", "2024")

"""The real plan as it is loaded: counts, silence, sources, and loading it again."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.utils import timezone

from actions import workflow
from actions.choices import ANSWERS, Basis, EntryState, Origin, Progress
from actions.models import (
    ActionPoint,
    Citation,
    EntryVersion,
    Organisation,
    OrganisationName,
    ParliamentaryDocument,
    Pillar,
    Plan,
    ReportingRound,
    Responsibility,
    StatusEntry,
    Transition,
    UngpPrinciple,
)
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent
from tests.factories import NAP_COORDINATOR, somebody

pytestmark = pytest.mark.django_db

FIXTURES = settings.BASE_DIR / "fixtures"


def load(folder: Path = FIXTURES) -> None:
    call_command("load_plan", folder=folder, stdout=StringIO())


def name(slug: str, day: date) -> str:
    return OrganisationName.objects.on(day).get(organisation__slug=slug).abbreviation


def test_the_list_holds_33_points_by_class_and_one_subject_outside():
    points = ActionPoint.objects.filter(plan__slug="2022-2026")

    assert Counter(points.in_plan().values_list("evidence_class", flat=True)) == {
        "A": 13,
        "B": 14,
        "C": 2,
        "D": 4,
    }
    assert list(points.filter(in_plan=False).values_list("code", flat=True)) == ["2.f"]
    assert Plan.objects.get(slug="2022-2026").expected_action_points == 33


def test_no_official_number_or_text_is_made_up():
    assert not ActionPoint.objects.exclude(official_number="", official_text="").exists()


def test_every_point_names_its_sources_and_why_its_class():
    assert not ActionPoint.objects.filter(Q(sources=None) | Q(evidence_note="")).exists()


def test_seven_ministries_take_part_also_the_one_without_a_subject():
    plan = Plan.objects.get(slug="2022-2026")
    slugs = set(plan.participants.values_list("organisation__slug", flat=True))

    assert slugs == {"bz", "ezk", "ienw", "fin", "bzk", "jenv", "szw"}
    assert not Responsibility.objects.filter(organisation__slug="bzk").exists()
    assert plan.participants.get(coordinates=True).organisation.slug == "bz"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2023, 10, 26), "EZK"),
        (date(2024, 7, 1), "EZK"),
        (date(2024, 7, 2), "EZ"),
        (date(2026, 2, 22), "EZ"),
        (date(2026, 2, 23), "EZK"),
    ],
)
def test_economic_affairs_bears_the_name_of_the_day(day, expected):
    assert name("ezk", day) == expected


def test_climate_and_green_growth_existed_for_a_while():
    names = OrganisationName.objects.filter(organisation__slug="kgg")

    assert names.on(date(2024, 7, 2)).exists()
    assert not names.on(date(2026, 2, 23)).exists()
    assert not names.on(date(2024, 7, 1)).exists()


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        *(("bz", "mnre1013"), ("ezk", "mnre1045"), ("kgg", "mnre1182"), ("ienw", "mnre1130")),
        *(("fin", "mnre1090"), ("bzk", "mnre1034"), ("jenv", "mnre1058"), ("szw", "mnre1073")),
    ],
)
def test_ministries_bear_their_code_in_the_register(slug, code):
    assert Organisation.objects.get(slug=slug).tooi_code == code


@pytest.mark.parametrize(
    ("year", "sent", "identifier", "person"),
    [
        (2023, date(2023, 10, 26), "kst-32735-377", "E.N.A.J. Schreinemacher"),
        (2024, date(2024, 11, 13), "kst-32735-401", "Klever"),
        (2025, date(2026, 1, 26), "2026D03404", "Aukje de Vries"),
    ],
)
def test_a_round_knows_its_letter_and_who_signed_it(year, sent, identifier, person):
    each = ReportingRound.objects.get(year=year)

    assert each.sent_on == sent
    assert each.promised_on == date(year, 9, 30)
    assert each.letter.identifier == identifier
    assert person in each.letter.signatory.person
    assert each.letter.signatory.holds_on(sent)


def test_round_2026_is_there_and_waits_until_somebody_opens_it():
    each = ReportingRound.objects.get(year=2026)

    assert (each.opened_on, each.published_on, each.released_at) == (None, None, None)
    assert not each.entries.exists()


def test_loading_again_opens_no_round_and_adds_no_entry_or_event():
    entries, head = StatusEntry.objects.count(), trail.head()

    load()

    assert StatusEntry.objects.count() == entries
    assert not ReportingRound.objects.exclude(opened_on=None).exists()
    assert trail.head() == head


def test_round_2026_holds_every_subject_once_it_is_opened_and_nothing_of_it_is_public():
    each = ReportingRound.objects.get(year=2026)
    coordinator, _deputy = somebody(NAP_COORDINATOR), somebody(NAP_COORDINATOR)

    workflow.open_round(each, actor=coordinator)

    assert each.entries.count() == 34
    assert not StatusEntry.objects.public().filter(round=each).exists()


def test_what_was_loaded_stands_in_the_audit_trail_as_work_of_the_application():
    assert list(trail.verify()) == []
    saved = AuditEvent.objects.filter(action="entry.save-text")
    assert saved.count() == EntryVersion.objects.count()
    assert {event.actor for event in saved} == {User.objects.system()}


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_every_subject_has_a_public_status_in_every_round_that_is_out(year):
    assert StatusEntry.objects.public().filter(round__year=year).count() == 34


def test_only_one_progress_is_stated_and_none_is_completed():
    versions = EntryVersion.objects.filter(published_for__isnull=False)

    assert not versions.filter(progress=Progress.COMPLETED).exists()
    stated = versions.filter(progress_basis=Basis.STATED)
    assert [(v.entry.action_point.code, v.entry.round.year) for v in stated] == [("1.d", 2023)]


def test_of_2024_no_progress_is_claimed_as_the_report_is_missing():
    assert set(
        EntryVersion.objects.filter(entry__round__year=2024).values_list("progress", flat=True)
    ) == {Progress.SOURCE_MISSING}


def test_every_text_and_every_progress_rests_on_a_source():
    versions = EntryVersion.objects.filter(
        Q(progress__in=ANSWERS) | ~Q(narrative=""), entry__reported_with=None
    )

    assert not versions.filter(sources=None).exists()


def test_reconstructions_are_written_by_the_system_and_approved_by_nobody():
    system = User.objects.system()

    assert not EntryVersion.objects.exclude(author=system).exists()
    assert not EntryVersion.objects.exclude(origin=Origin.RECONSTRUCTED).exists()
    assert set(Transition.objects.values_list("to_state", flat=True)) == {EntryState.RECONSTRUCTED}
    assert not system.has_usable_password()
    assert not system.is_active


def test_a_text_that_covers_several_subjects_stands_once():
    shared = StatusEntry.objects.exclude(reported_with=None)

    assert shared.exists()
    assert not shared.exclude(published_version__narrative="").exists()
    assert not shared.filter(reported_with__published_version__narrative="").exists()


def test_pillars_and_guiding_principles_are_complete():
    assert Pillar.objects.count() == 3
    assert Counter(UngpPrinciple.objects.values_list("pillar", flat=True)) == {1: 10, 2: 14, 3: 7}
    assert not UngpPrinciple.objects.filter(Q(title_nl="") | Q(title_en="")).exists()


def test_references_in_texts_are_tied_to_the_register():
    kamerstukken = Citation.objects.filter(kind="kamerstuk", entry_version__isnull=False)

    assert kamerstukken.count() > 20
    assert not kamerstukken.filter(document=None).exists()


def test_the_seven_documents_of_the_facts_are_registered():
    known = set(ParliamentaryDocument.objects.values_list("publication_id", flat=True)) | set(
        ParliamentaryDocument.objects.values_list("document_number", flat=True)
    )

    assert {
        *("kst-26485-174", "kst-33826-36", "kst-26485-364", "kst-32735-344"),
        *("kst-32735-377", "kst-32735-401", "2026D03404", "2023D44741", "2024D43871"),
    } <= known


def test_loading_again_changes_nothing():
    before = _state()

    load()

    assert _state() == before


def _state() -> tuple[object, ...]:
    return (
        list(EntryVersion.objects.order_by("pk").values()),
        list(StatusEntry.objects.order_by("pk").values()),
        list(Citation.objects.filter(entry_version__isnull=False).order_by("pk").values()),
        Transition.objects.count(),
        OrganisationName.objects.count(),
        Responsibility.objects.count(),
    )


def test_a_text_that_changed_in_a_file_becomes_a_new_version(tmp_path):
    folder = shutil.copytree(FIXTURES, tmp_path / "fixtures")
    file = folder / "status" / "2023.yaml"
    changed = file.read_text("utf-8").replace("Safety for Voices", "Veilige stemmen")
    file.write_text(changed, "utf-8")

    load(folder)

    entry = StatusEntry.objects.get(action_point__code="1.a", round__year=2023)
    assert [version.number for version in entry.versions.all()] == [2, 1]
    assert "Veilige stemmen" in entry.published_version.narrative
    assert "Safety for Voices" in entry.versions.get(number=1).narrative


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("plan.yaml", "evidence_class: B", "evidence_class: Q", "plan.yaml"),
        ("organisations.yaml", "slug: bz", "slug: [", "organisations.yaml"),
        ("status/2023.yaml", 'code: "1.a"', 'code: "9.z"', "status/2023.yaml"),
        ("status/2023.yaml", "progress: in_progress", "progress: completed_almost", "2023.yaml"),
        ("status/2025.yaml", "year: 2025", "year: 1925", "2025.yaml"),
    ],
)
def test_a_file_with_a_fault_is_named_and_nothing_is_loaded(file, old, new, named, tmp_path):
    folder = shutil.copytree(FIXTURES, tmp_path / "fixtures")
    path = folder / file
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), "utf-8")
    before = _state()

    with pytest.raises(CommandError, match=named):
        load(folder)

    assert _state() == before


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError, match="roles.yaml"):
        load(tmp_path)


def test_an_embargo_hides_a_round_until_its_moment():
    each = ReportingRound.objects.get(year=2025)
    each.released_at = timezone.now() + timedelta(hours=1)
    each.save()

    hidden = StatusEntry.objects.public().filter(round=each)
    assert not hidden.exists()
    later = timezone.now() + timedelta(hours=2)
    assert StatusEntry.objects.public(later).filter(round=each).count() == 34

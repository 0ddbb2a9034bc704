"""Storing text: a new version each time, with its references, and never over somebody else's."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from actions import editing
from actions.choices import Basis, EntryState, Origin, Progress, Schedule
from actions.editing import Content
from actions.models import Citation, EntryVersion, ParliamentaryDocument, StatusEntry
from tests.factories import (
    ActionPointFactory,
    ParliamentaryDocumentFactory,
    ReportingRoundFactory,
    SourceFactory,
    StatusEntryFactory,
    UserFactory,
    write,
)

pytestmark = pytest.mark.django_db

FULL = Content(
    progress=Progress.DISCONTINUED,
    progress_basis=Basis.STATED,
    discontinued_reason="The law took its place.",
    schedule=Schedule.DELAYED,
    continues_after_plan=False,
    narrative="As in Kamerstuk 32 735, nr. 377.",
    outlook="Nothing more.",
    letter_passage="The action point was discontinued (Kamerstuk 26 485, nr. 371).",
    informed_before=True,
    informed_reference="Kamerstuk 32 735, nr. 344",
    informed_sender="the minister",
    internal_note="Kamerstuk 26 485, nr. 364 is not cited here.",
)


def test_save_text_stores_exactly_one_version_with_all_that_was_written() -> None:
    entry, author, source = StatusEntryFactory(), UserFactory(), SourceFactory()

    version = editing.save_text(
        entry, FULL, author=author, read_version=0, sources=[(source, "page 2")]
    )

    assert list(entry.versions.all()) == [version]
    assert (version.number, version.author, version.origin) == (1, author, Origin.REPORTED)
    stored = {name: getattr(version, name) for name in Content.__dataclass_fields__}
    assert stored == {name: getattr(FULL, name) for name in Content.__dataclass_fields__}
    assert [(row.source, row.detail) for row in version.sources.all()] == [(source, "page 2")]
    entry.refresh_from_db()
    assert entry.latest_version == version
    assert entry.state == EntryState.CONCEPT
    assert entry.published_version is None


def test_save_text_ties_the_references_of_its_public_fields_to_the_register() -> None:
    document = ParliamentaryDocument.objects.get(publication_id="kst-32735-377")

    version = editing.save_text(StatusEntryFactory(), FULL, author=UserFactory(), read_version=0)

    found = {row.field: row for row in version.citations.all()}
    assert {field: row.identifier for field, row in found.items()} == {
        "narrative": "kst-32735-377",
        "letter_passage": "kst-26485-371",
        "informed_reference": "kst-32735-344",
    }
    row = found["narrative"]
    assert FULL.narrative[row.start : row.end] == row.literal
    assert row.document == document
    assert row.url == "https://zoek.officielebekendmakingen.nl/kst-32735-377.html"


def test_second_save_leaves_the_first_version_as_it_was() -> None:
    entry = StatusEntryFactory(written="First.")
    first = EntryVersion.objects.values().get(entry=entry)

    write(entry, "Second.")

    assert EntryVersion.objects.values().get(pk=first["id"]) == first
    assert [each.number for each in entry.versions.all()] == [2, 1]


def test_save_text_refuses_a_writer_who_saw_an_older_version() -> None:
    entry = StatusEntryFactory(written="First.")
    write(entry, "Second.")

    for seen in (0, 1, 3):
        with pytest.raises(editing.Changed):
            editing.save_text(entry, FULL, author=UserFactory(), read_version=seen)

    assert entry.versions.count() == 2


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (Content(progress=Progress.COMPLETED), "entryversion_basis_iff_answered"),
        (
            Content(progress=Progress.NO_STATUS, progress_basis=Basis.STATED),
            "entryversion_basis_iff_answered",
        ),
        (
            Content(progress=Progress.DISCONTINUED, progress_basis=Basis.STATED),
            "entryversion_discontinued_has_reason",
        ),
        (Content(informed_sender="the minister"), "entryversion_reference_only_if_informed"),
        (Content(narrative="a" * 20_001), "entryversion_narrative_length"),
        (Content(internal_note="a" * 20_001), "entryversion_internal_note_length"),
    ],
)
def test_unfit_content_is_refused_by_save_text_and_by_the_database(
    content: Content, rule: str
) -> None:
    entry, author = StatusEntryFactory(), UserFactory()

    with pytest.raises(ValidationError):
        editing.save_text(entry, content, author=author, read_version=0)

    values = {name: getattr(content, name) for name in Content.__dataclass_fields__}
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        EntryVersion.objects.bulk_create(
            [EntryVersion(entry=entry, number=1, author=author, **values)]
        )
    assert not entry.versions.exists()


def test_save_text_refuses_a_choice_that_does_not_exist() -> None:
    with pytest.raises(ValidationError):
        editing.save_text(
            StatusEntryFactory(), Content(progress="done"), author=UserFactory(), read_version=0
        )


def test_a_failing_save_leaves_nothing_behind() -> None:
    entry, source = StatusEntryFactory(), SourceFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        editing.save_text(
            entry,
            FULL,
            author=UserFactory(),
            read_version=0,
            sources=[(source, "once"), (source, "twice")],
        )

    entry.refresh_from_db()
    assert entry.latest_version is None
    assert not entry.versions.exists()
    assert not Citation.objects.filter(entry_version__entry=entry).exists()


@pytest.mark.parametrize("route", ["save", "update", "delete"])
def test_database_refuses_to_change_or_delete_a_version(route: str) -> None:
    version = StatusEntryFactory(written="First.").latest_version
    version.narrative = "Other."
    routes = {
        "save": version.save,
        "update": lambda: EntryVersion.objects.filter(pk=version.pk).update(narrative="Other."),
        # Around Django's own protection, straight to the table.
        "delete": lambda: EntryVersion.objects.filter(pk=version.pk)._raw_delete("default"),
    }

    with pytest.raises(IntegrityError, match="entryversion_append_only"), transaction.atomic():
        routes[route]()


def test_tie_citations_follows_the_text_of_an_action_point() -> None:
    point = ActionPointFactory(description="Zie Kamerstuk 32 735, nr. 377.")
    editing.tie_citations(point)
    assert [row.identifier for row in point.citations.all()] == ["kst-32735-377"]

    point.description, point.time_path = "Niets.", "Volgens Kamerstuk 26 485, nr. 371."
    point.save()
    editing.tie_citations(point)

    assert [(row.field, row.identifier) for row in point.citations.all()] == [
        ("time_path", "kst-26485-371")
    ]


def test_tie_document_finds_the_references_that_waited_for_a_number() -> None:
    version = editing.save_text(
        StatusEntryFactory(),
        Content(narrative="Zie Kamerstuk 36 999, nr. 12."),
        author=UserFactory(),
        read_version=0,
    )
    assert version.citations.get().document is None
    document = ParliamentaryDocumentFactory(publication_id="kst-36999-12")

    editing.tie_document(document)
    assert version.citations.get().document == document

    document.publication_id = None
    document.save()
    editing.tie_document(document)
    assert version.citations.get().document is None


def test_report_with_ties_an_entry_to_the_text_of_another_and_back() -> None:
    each = ReportingRoundFactory()
    own, covering = (StatusEntryFactory(round=each, action_point__plan=each.plan) for _ in range(2))

    editing.report_with(own, covering)
    own.refresh_from_db()
    assert own.reported_with == covering

    editing.report_with(own, None)
    own.refresh_from_db()
    assert own.reported_with is None


def test_report_with_refuses_itself_another_round_and_a_chain() -> None:
    each = ReportingRoundFactory()
    first, second, third = (
        StatusEntryFactory(round=each, action_point__plan=each.plan) for _ in range(3)
    )
    editing.report_with(second, third)

    for entry, covering in (
        (first, first),
        (first, second),
        (third, first),
        (first, StatusEntryFactory()),
    ):
        with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
            editing.report_with(entry, covering)
    assert (
        not StatusEntry.objects.filter(pk__in=[first.pk, third.pk])
        .exclude(reported_with=None)
        .exists()
    )


def test_open_entries_adds_what_is_missing_in_rounds_that_are_not_out() -> None:
    waiting = ReportingRoundFactory()
    out = ReportingRoundFactory(plan=waiting.plan, year=2030, released=True)
    out.refresh_from_db()
    present = StatusEntryFactory(round=waiting, action_point__plan=waiting.plan)
    points = [present.action_point, ActionPointFactory(plan=waiting.plan)]
    ActionPointFactory()

    for _ in range(2):
        editing.open_entries([waiting, out])

    assert {row.action_point for row in waiting.entries.all()} == set(points)
    assert waiting.entries.count() == 2
    assert not out.entries.exists()

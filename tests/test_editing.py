"""Storing text: a new version each time, with its references, and never over somebody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from actions import editing
from actions.choices import Basis, EntryState, Origin, Progress, Schedule
from actions.editing import Content
from actions.models import (
    ActionPoint,
    Citation,
    EntryVersion,
    Organisation,
    ParliamentaryDocument,
    ReportingRound,
    StatusEntry,
)
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    ActionPointFactory,
    OrganisationFactory,
    ParliamentaryDocumentFactory,
    ResponsibilityFactory,
    SourceFactory,
    StatusEntryFactory,
    UserFactory,
    make_writable,
    overwrite,
    somebody,
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


def writable(**traits: Any) -> tuple[StatusEntry, User]:
    """Return an entry of an open round and somebody who holds the pen for it."""
    entry = StatusEntryFactory(**traits)
    author = make_writable(entry)
    entry.refresh_from_db()
    return entry, author


def together() -> tuple[StatusEntry, StatusEntry, StatusEntry, User]:
    """Return three entries of one open round and who holds the pen for all of them."""
    first, author = writable()
    others = [
        StatusEntryFactory(
            round=first.round,
            action_point__plan=first.round.plan,
            action_point__lead=author.memberships.get().organisation,
        )
        for _ in range(2)
    ]
    return first, *others, author


def test_save_text_stores_exactly_one_version_with_all_that_was_written() -> None:
    (entry, author), source = writable(), SourceFactory()

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

    entry, author = writable()

    version = editing.save_text(entry, FULL, author=author, read_version=0)

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
    entry, author = writable(written="First.")
    write(entry, "Second.", author=author)
    before = trail.head()

    for seen in (0, 1, 3):
        with pytest.raises(editing.Changed):
            editing.save_text(entry, FULL, author=author, read_version=seen)

    assert entry.versions.count() == 2
    assert trail.head() == before


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
    entry, author = writable()

    with pytest.raises(ValidationError):
        editing.save_text(entry, content, author=author, read_version=0)

    values = {name: getattr(content, name) for name in Content.__dataclass_fields__}
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        EntryVersion.objects.bulk_create(
            [EntryVersion(entry=entry, number=1, author=author, **values)]
        )
    assert not entry.versions.exists()


def test_save_text_refuses_a_choice_that_does_not_exist() -> None:
    entry, author = writable()

    with pytest.raises(ValidationError):
        editing.save_text(entry, Content(progress="done"), author=author, read_version=0)

    assert not entry.versions.exists()


def test_a_failing_save_leaves_nothing_behind() -> None:
    (entry, author), source = writable(), SourceFactory()
    before = trail.head()

    with pytest.raises(IntegrityError), transaction.atomic():
        editing.save_text(
            entry,
            FULL,
            author=author,
            read_version=0,
            sources=[(source, "once"), (source, "twice")],
        )

    entry.refresh_from_db()
    assert entry.latest_version is None
    assert not entry.versions.exists()
    assert not Citation.objects.filter(entry_version__entry=entry).exists()
    assert trail.head() == before


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
    entry, author = writable()
    version = editing.save_text(
        entry, Content(narrative="Zie Kamerstuk 36 999, nr. 12."), author=author, read_version=0
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
    own, covering, _other, author = together()

    editing.report_with(own, covering, author=author)
    own.refresh_from_db()
    assert own.reported_with == covering

    editing.report_with(own, None, author=author)
    own.refresh_from_db()
    assert own.reported_with is None
    assert [event.detail["with"] for event in events("entry.report-with", own)] == [
        str(covering),
        None,
    ]


def test_report_with_refuses_itself_another_round_and_a_chain() -> None:
    first, second, third, author = together()
    editing.report_with(second, third, author=author)
    before = trail.head()

    for entry, covering in (
        (first, first),
        (first, second),
        (third, first),
        (first, StatusEntryFactory()),
    ):
        with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
            editing.report_with(entry, covering, author=author)
    tied = StatusEntry.objects.exclude(reported_with=None)
    assert not tied.filter(pk__in=[first.pk, third.pk]).exists()
    assert trail.head() == before


def test_report_with_without_permission_or_in_another_state_is_refused() -> None:
    own, covering, _other, author = together()

    with pytest.raises(PermissionDenied):
        editing.report_with(own, covering, author=somebody(MINISTRY_COORDINATOR))
    StatusEntry.objects.filter(pk=own.pk).update(state=EntryState.SUBMITTED)
    with pytest.raises(editing.Closed):
        editing.report_with(own, covering, author=author)

    own.refresh_from_db()
    assert own.reported_with is None


def test_save_text_stands_in_the_trail_with_the_digest_of_every_row_it_wrote() -> None:
    (entry, author), source = writable(), SourceFactory()

    version = editing.save_text(
        entry, FULL, author=author, read_version=0, sources=[(source, "page 2")]
    )

    (event,) = events("entry.save-text", entry)
    seals = event.detail.pop("seals")
    assert (event.actor, event.detail) == (author, {"version": 1, "origin": "reported"})
    stored = [EntryVersion.objects.get(pk=version.pk), version.sources.get()]
    assert [(seal["of"], seal["id"], seal["digest"]) for seal in seals] == [
        (row._meta.label_lower, row.pk, trail.digest(row, seal["fields"]))
        for row, seal in zip(stored, seals, strict=True)
    ]
    assert FULL.internal_note not in str(event.detail)
    assert list(trail.verify()) == []


REFUSED = {
    "with the lead": lambda point: somebody(EDITOR, _organisation(point, "co_responsible")),
    "who carries out": lambda point: somebody(EDITOR, _organisation(point, "implementing")),
    "of another ministry": lambda point: somebody(MINISTRY_COORDINATOR),
    "of the lead, who reads": lambda point: somebody(READER, _organisation(point, "lead")),
    "of the lead, left": lambda point: somebody(
        EDITOR, _organisation(point, "lead"), valid_until=timezone.localdate()
    ),
    "coordinator": lambda point: somebody(NAP_COORDINATOR),
    "administrator": lambda point: somebody(ADMINISTRATOR),
    "without a role": lambda point: UserFactory(),
    "nobody": lambda point: AnonymousUser(),
    "application": lambda point: User.objects.system(),
}


def _organisation(point: ActionPoint, role: str) -> Organisation:
    held = point.responsibilities.filter(role=role).first()
    return (held or ResponsibilityFactory(action_point=point, role=role)).organisation


@pytest.mark.parametrize("state", EntryState)
@pytest.mark.parametrize("who", REFUSED)
def test_save_text_without_permission_is_refused_in_every_state(
    who: str, state: EntryState
) -> None:
    entry, _author = writable(state=state)
    refused, before = REFUSED[who](entry.action_point), trail.head()

    with pytest.raises(PermissionDenied):
        editing.save_text(entry, FULL, author=refused, read_version=0)

    assert not entry.versions.exists()
    assert trail.head() == before


@pytest.mark.parametrize("state", EntryState)
def test_save_text_is_closed_in_every_state_but_the_two_of_the_ministry(state: EntryState) -> None:
    entry, author = writable(state=state)

    if state in (EntryState.CONCEPT, EntryState.RETURNED):
        editing.save_text(entry, FULL, author=author, read_version=0)
    else:
        with pytest.raises(editing.Closed, match=str(state.label)):
            editing.save_text(entry, FULL, author=author, read_version=0)

    assert entry.versions.exists() == (state in (EntryState.CONCEPT, EntryState.RETURNED))


def test_save_text_looks_at_the_state_of_now_and_not_at_the_one_that_was_read() -> None:
    entry, author = writable()
    StatusEntry.objects.filter(pk=entry.pk).update(state=EntryState.APPROVED)

    with pytest.raises(editing.Closed):
        editing.save_text(entry, FULL, author=author, read_version=0)


def test_save_text_is_closed_in_a_round_that_nobody_opened() -> None:
    entry, author = writable()
    overwrite(ReportingRound.objects.filter(pk=entry.round_id), opened_on=None)

    with pytest.raises(editing.Closed):
        editing.save_text(entry, FULL, author=author, read_version=0)


@pytest.mark.parametrize("role", [ADMINISTRATOR, None])
def test_a_reconstruction_is_written_by_the_administrator_and_the_application(
    role: str | None,
) -> None:
    author = somebody(role) if role else User.objects.system()

    version = editing.save_text(
        StatusEntryFactory(), FULL, author=author, read_version=0, origin=Origin.RECONSTRUCTED
    )

    assert (version.author, version.origin) == (author, Origin.RECONSTRUCTED)


def test_a_reconstruction_has_no_place_in_a_round_that_was_opened() -> None:
    entry, _author = writable()

    with pytest.raises(editing.Closed):
        editing.save_text(
            entry,
            FULL,
            author=User.objects.system(),
            read_version=0,
            origin=Origin.RECONSTRUCTED,
        )


@pytest.mark.parametrize("role", [EDITOR, MINISTRY_COORDINATOR, NAP_COORDINATOR, READER])
def test_a_reconstruction_without_permission_is_refused(role: str) -> None:
    ministry = OrganisationFactory()
    entry = StatusEntryFactory(action_point__lead=ministry)

    with pytest.raises(PermissionDenied):
        editing.save_text(
            entry,
            FULL,
            author=somebody(role, ministry),
            read_version=0,
            origin=Origin.RECONSTRUCTED,
        )


def test_restore_makes_a_new_version_with_the_words_and_sources_of_the_old_one() -> None:
    (entry, author), source = writable(), SourceFactory()
    first = editing.save_text(
        entry, FULL, author=author, read_version=0, sources=[(source, "page 2")]
    )
    write(entry, "Second.", author=author)
    other = somebody(EDITOR, author.memberships.get().organisation)

    restored = editing.restore(entry, first, author=other, read_version=2)

    assert (restored.number, restored.author) == (3, other)
    assert editing.content_of(restored) == FULL
    assert [(row.source, row.detail) for row in restored.sources.all()] == [(source, "page 2")]
    assert {row.identifier for row in restored.citations.all()} == {
        row.identifier for row in first.citations.all()
    }
    entry.refresh_from_db()
    assert entry.latest_version == restored
    assert [each.number for each in entry.versions.all()] == [3, 2, 1]
    assert list(trail.verify()) == []


def test_restore_refuses_a_version_of_another_entry() -> None:
    entry, author = writable(written="First.")
    foreign = StatusEntryFactory(written="Of others.").latest_version

    with pytest.raises(ValidationError):
        editing.restore(entry, foreign, author=author, read_version=1)

    assert entry.versions.count() == 1


def test_restore_refuses_like_save_text() -> None:
    entry, author = writable(written="First.")
    first = entry.versions.get()

    with pytest.raises(editing.Changed):
        editing.restore(entry, first, author=author, read_version=0)
    with pytest.raises(PermissionDenied):
        editing.restore(entry, first, author=somebody(NAP_COORDINATOR), read_version=1)
    StatusEntry.objects.filter(pk=entry.pk).update(state=EntryState.SUBMITTED)
    with pytest.raises(editing.Closed):
        editing.restore(entry, first, author=author, read_version=1)

    assert entry.versions.count() == 1


def test_restore_keeps_the_origin_of_a_reconstruction() -> None:
    entry = StatusEntryFactory(reconstructed="From the letter.")
    write(entry, "Another reading.", origin=Origin.RECONSTRUCTED)

    restored = editing.restore(
        entry, entry.versions.get(number=1), author=User.objects.system(), read_version=2
    )

    assert (restored.origin, restored.narrative) == (Origin.RECONSTRUCTED, "From the letter.")


def events(action: str, entry: StatusEntry) -> list[AuditEvent]:
    found = AuditEvent.objects.filter(
        action=action, object_type="actions.statusentry", object_id=str(entry.pk)
    )
    return list(found.order_by("sequence"))

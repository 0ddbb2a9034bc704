"""A frozen set becomes a package that can be checked, with or without what is not public."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from actions.models import ReportingRound
from napmonitor.audit.models import AuditEvent
from reports import archive, archiving
from reports.models import EditionFile, Freeze
from tests import edition_story as story
from tests.factories import overwrite
from tests.test_audit_tampering import drop_rule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with story.quick_rendering():
        yield


@pytest.fixture
def freeze() -> Freeze:
    return story.issued(story.ready_round())


def names(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_the_package_of_an_issued_edition_holds_every_file_and_is_whole(freeze):
    content = archiving.take_package(freeze, actor=None, with_internal=True)

    assert archive.verify(content) == []
    packed = {zipfile.ZipFile(io.BytesIO(content)).read(name) for name in names(content)}
    stored = {bytes(file.content) for file in EditionFile.objects.filter(version__freeze=freeze)}
    assert stored <= packed
    assert freeze.data.encode() in packed


def test_the_public_package_holds_no_trace_of_the_internal_note(freeze):
    content = archiving.take_package(freeze, actor=None, with_internal=False)

    assert archive.verify(content) == []
    internal = EditionFile.objects.filter(version__freeze=freeze, audience="internal")
    assert internal.exists()
    for file in internal:
        assert bytes(file.content) not in content
        assert file.sha256.encode() not in content
    assert not [name for name in names(content) if "intern" in name]


def test_the_metadata_tell_roles_and_no_names_of_officials(freeze):
    edition = archiving.archived(freeze)

    assert edition.issued is not None
    assert edition.frozen.roles
    assert edition.issued.roles
    content = archiving.take_package(freeze, actor=None, with_internal=False)
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("manifest.json"))
    assert freeze.by.name not in json.dumps(manifest, ensure_ascii=False)


def test_an_edition_is_open_only_once_the_round_is_public(freeze):
    assert not archiving.archived(freeze).is_public

    moment = timezone.now()
    row = ReportingRound.objects.filter(pk=freeze.round_id)
    overwrite(row, published_on=moment.date(), released_at=moment)
    freeze.round.refresh_from_db()
    assert archiving.archived(freeze).is_public

    later = moment + timedelta(days=1)
    overwrite(row, released_at=later)
    freeze.round.refresh_from_db()
    edition = archiving.archived(freeze)
    assert (edition.is_public, edition.public_from) == (False, later)


def test_that_a_package_was_taken_stands_in_the_audit_trail(freeze):
    archiving.take_package(freeze, actor=freeze.by, with_internal=True)

    event = AuditEvent.objects.filter(action="document.read").latest("sequence")
    assert (event.detail["what"], event.detail["internal"]) == ("archive", True)
    assert event.actor == freeze.by


def test_a_changed_file_is_not_packed(freeze):
    drop_rule("reports.editionfile")
    overwrite(EditionFile.objects.filter(version__freeze=freeze, format="odt"), content=b"other")

    with pytest.raises(archive.Damaged):
        archiving.take_package(freeze, actor=None, with_internal=True)


def test_the_command_writes_a_package_and_finds_a_changed_one(freeze, tmp_path):
    path = tmp_path / "edition.zip"
    plan = freeze.round.plan.slug
    call_command("archive_edition", year=freeze.round.year, plan=plan, output=path)
    call_command("archive_edition", check=path)

    path.write_bytes(path.read_bytes().replace(b"pdf\n", b"pdg\n"))

    with pytest.raises(CommandError):
        call_command("archive_edition", check=path)


def test_a_year_without_an_edition_is_said_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"\."):
        call_command("archive_edition", year=2011, output=tmp_path / "x.zip")

"""From a frozen set to the package for a records system."""

from __future__ import annotations

from datetime import datetime

from actions.models import Organisation, PlanParticipant, ReportingRound
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent
from reports.archive import (
    ArchivedDocument,
    ArchivedEdition,
    ArchivedFile,
    Coordinator,
    Step,
    package,
)
from reports.choices import Audience, Format
from reports.models import EditionIssue, EditionVersion, Freeze
from reports.serving import MEDIA, file_name
from reports.snapshot import from_json, to_csv


@trail.atomic()
def take_package(freeze: Freeze, *, actor: User | None, with_internal: bool) -> bytes:
    """Return the package of a set; that it left the application stands in the audit trail.

    Raises `reports.archive.Damaged` when something in it is not what was stored.
    """
    content = package(archived(freeze), with_internal=with_internal)
    detail = {"what": "archive", "freeze": freeze.pk, "internal": with_internal}
    trail.record("document.read", actor=actor, about=freeze.round, detail=detail)
    return content


def archived(freeze: Freeze) -> ArchivedEdition:
    """Return all that is kept of a set."""
    each = freeze.round
    versions = list(
        freeze.versions.select_related("edition__supersedes")
        .prefetch_related("files")
        .order_by("pk")
    )
    edition = versions[0].edition
    issue = EditionIssue.objects.filter(version=versions[0]).first()
    return ArchivedEdition(
        plan=each.plan.slug,
        plan_title=each.plan.title,
        year=each.year,
        number=edition.number,
        stage=freeze.stage,
        frozen=_step(each, "edition.freeze", freeze.at),
        issued=_step(each, "edition.issue", issue.at) if issue else None,
        is_public=issue is not None and each.is_released(),
        public_from=each.released_at,
        coordinator=_coordinator(each, freeze.at),
        audit_sequence=freeze.audit_sequence,
        audit_hash=freeze.audit_hash,
        documents=tuple(
            _document(freeze, version, audience)
            for version in versions
            for audience in version.audiences()
        ),
        data_json=freeze.data,
        data_hash=freeze.data_hash,
        data_csv=to_csv(from_json(freeze.data)),
        supersedes=edition.supersedes.number if edition.supersedes else None,
    )


def _document(freeze: Freeze, version: EditionVersion, audience: Audience) -> ArchivedDocument:
    files = [file for file in version.files.all() if file.audience == audience]
    is_internal = audience == Audience.INTERNAL
    marks = ("intern",) if is_internal else ()
    tree_hash = version.tree_hash
    if version.public_tree and not is_internal:
        tree_hash = version.public_tree_hash
    return ArchivedDocument(
        kind=version.edition.kind,
        title=version.document(audience).title,
        is_internal=is_internal,
        tree=version.text(audience),
        tree_hash=tree_hash,
        files=tuple(
            ArchivedFile(
                name=file_name(version.edition.kind, freeze.round.year, file.format, *marks),
                media_type=MEDIA[file.format].partition(";")[0],
                content=bytes(file.content),
                sha256=file.sha256,
                made_at=file.made_at,
            )
            for file in sorted(files, key=lambda file: file.format)
        ),
        pages=next((file.pages for file in files if file.format == Format.PDF), {}),
    )


def _step(each: ReportingRound, action: str, at: datetime) -> Step:
    """Return when a step was taken, and in which roles, as the audit trail tells."""
    event = (
        AuditEvent.objects.filter(
            object_type=each._meta.label_lower, object_id=str(each.pk), action=action, at__gte=at
        )
        .order_by("sequence")
        .first()
    )
    roles = event.acting_as.split("; ") if event and event.acting_as else []
    return Step(at, tuple(roles))


def _coordinator(each: ReportingRound, at: datetime) -> Coordinator:
    taking_part = PlanParticipant.objects.filter(plan=each.plan_id, coordinates=True)
    found = taking_part.select_related("organisation").first()
    if found is None:
        return Coordinator("")
    organisation: Organisation = found.organisation
    name = organisation.name_on(at.date())
    return Coordinator(str(name or organisation), organisation.tooi_code or "")

"""A document as it stands now, as a PDF for one who works on it; made in the background."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from actions.models import ReportingRound
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from reports import permissions
from reports.choices import JobState, Kind
from reports.models import PreviewJob
from reports.tasks import enqueue


@trail.atomic()
def ask(each: ReportingRound, kind: Kind, *, actor: User) -> PreviewJob:
    """Ask for the PDF of a document as it stands; what is being made already is not asked twice."""
    if not permissions.may_produce(actor):
        raise PermissionDenied
    job, is_new = PreviewJob.objects.select_for_update(of=("self",)).get_or_create(
        round=each, kind=kind, asked_by=actor
    )
    if not is_new and job.state in (JobState.WAITING, JobState.RUNNING):
        return job
    # What was made before stays: a document that did not change is not made again.
    PreviewJob.objects.filter(pk=job.pk).update(
        state=JobState.WAITING, attempts=0, progress=0, asked_at=timezone.now(), ended_at=None
    )
    enqueue(job)
    detail = {"what": "preview", "kind": str(kind)}
    trail.record("document.read", actor=actor, about=each, detail=detail)
    return job


def of(each: ReportingRound, kind: Kind, user: User) -> PreviewJob | None:
    """Return the preview that this person asked for; that of another is not theirs to see."""
    return PreviewJob.objects.filter(round=each, kind=kind, asked_by=user).first()

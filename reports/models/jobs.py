"""Work in the background: how far it is, whether its worker is alive, and why it failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models import ReportingRound
from reports.choices import Audience, Format, JobState, Kind, Stage
from reports.models.editions import EditionVersion, Freeze

# A worker that said nothing for so long is dead; it speaks far more often.
SILENCE: Final = timedelta(seconds=20)
# Work that takes so long hangs: the slowest of it takes a small part of this.
LONGEST: Final = timedelta(minutes=5)
# Work that failed so often is not tried again by itself.
MOST_ATTEMPTS: Final = 3


J = TypeVar("J", bound="Job")


class JobQuerySet(models.QuerySet[J]):
    """Jobs of one kind."""

    def unfinished(self) -> Self:
        return self.filter(state__in=[JobState.WAITING, JobState.RUNNING])

    def abandoned(self) -> Self:
        """Jobs whose worker is dead.

        By the clock of the database, which all share; a sign of life from the future is of a clock
        that was set back since, and says nothing.
        """
        silent = Q(heartbeat_at__lt=Now() - SILENCE) | Q(heartbeat_at__gt=Now() + SILENCE)
        return self.filter(silent, state=JobState.RUNNING)


class Job(models.Model):
    """One piece of work; `claim` tells the worker that holds it from one that lost it."""

    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.WAITING)
    progress = models.PositiveSmallIntegerField(_("percent done"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.CharField(_("held by"), max_length=40, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    reason = models.TextField(_("why it failed"), blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=JobState.values, progress__lte=100),
                name="%(class)s_state_known",
                violation_error_message=_("This state does not exist."),
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.FAILED) | ~Q(reason=""),
                name="%(class)s_failure_has_reason",
                violation_error_message=_("Say why it failed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}: {self.get_state_display()}"


class FreezeJob(Job):
    """Fixes the documents of a year together; ends with the frozen set."""

    round = models.ForeignKey(
        ReportingRound, models.PROTECT, related_name="freeze_jobs", verbose_name=_("round")
    )
    stage = models.CharField(_("for"), max_length=20, choices=Stage)
    message = models.TextField(_("what is different"), blank=True)
    freeze = models.OneToOneField(
        Freeze,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="job",
        verbose_name=_("frozen set"),
    )

    objects = JobQuerySet["FreezeJob"].as_manager()

    class Meta(Job.Meta):
        verbose_name = _("fixing of documents")
        verbose_name_plural = _("fixings of documents")
        ordering = ["-asked_at", "-id"]
        constraints = [
            *Job.Meta.constraints,
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(state__in=["waiting", "running"]),
                name="freezejob_one_at_a_time",
                violation_error_message=_("The documents of this year are being fixed already."),
            ),
            models.CheckConstraint(
                condition=Q(state=JobState.DONE, freeze__isnull=False)
                | (~Q(state=JobState.DONE) & Q(freeze=None)),
                name="freezejob_done_has_freeze",
                violation_error_message=_("This work is not done."),
            ),
        ]


class RenderJob(Job):
    """Makes one file of one version."""

    version = models.ForeignKey(
        EditionVersion, models.PROTECT, related_name="render_jobs", verbose_name=_("version")
    )
    audience = models.CharField(_("for"), max_length=10, choices=Audience)
    format = models.CharField(_("form"), max_length=10, choices=Format)

    objects = JobQuerySet["RenderJob"].as_manager()

    class Meta(Job.Meta):
        verbose_name = _("making of a file")
        verbose_name_plural = _("makings of files")
        ordering = ["version", "audience", "format"]
        constraints = [
            *Job.Meta.constraints,
            models.UniqueConstraint(
                fields=["version", "audience", "format"],
                name="renderjob_once",
                violation_error_message=_("This file is being made already."),
            ),
        ]


class PreviewJob(Job):
    """Makes the PDF of a document as it stands now, for one who works on it; the next replaces it.

    Nothing refers to it: what goes up the line is a version.
    """

    round = models.ForeignKey(
        ReportingRound, models.PROTECT, related_name="preview_jobs", verbose_name=_("round")
    )
    kind = models.CharField(_("document"), max_length=20, choices=Kind)
    tree_hash = models.CharField(_("hash of the document"), max_length=64, blank=True)
    content = models.BinaryField(_("content"), default=b"")

    objects = JobQuerySet["PreviewJob"].as_manager()

    class Meta(Job.Meta):
        verbose_name = _("preview")
        verbose_name_plural = _("previews")
        ordering = ["round", "kind"]
        constraints = [
            *Job.Meta.constraints,
            models.UniqueConstraint(
                fields=["round", "kind", "asked_by"],
                name="previewjob_once",
                violation_error_message=_("This preview is being made already."),
            ),
        ]

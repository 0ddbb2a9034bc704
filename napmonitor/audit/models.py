"""The audit trail: what was done, by whom, to what, from where and with which result."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from napmonitor.audit.constraints import AppendOnly


class Result(models.TextChoices):
    """How it ended."""

    DONE = "done", _("done")
    REFUSED = "refused", _("refused")


class AuditEvent(models.Model):
    """One link of the chain. Written by `trail.record` only, and never changed.

    `hash` is the SHA-256 over all other columns, among them the hash of the link before.
    """

    sequence = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    # As it was at that moment: the memberships of later days say nothing of it.
    acting_as = models.CharField(_("in the role of"), max_length=500, blank=True)
    action = models.CharField(_("action"), max_length=60)
    object_type = models.CharField(_("kind of object"), max_length=60, blank=True)
    object_id = models.CharField(_("key of the object"), max_length=60, blank=True)
    object_label = models.CharField(_("object"), max_length=300, blank=True)
    result = models.CharField(_("result"), max_length=10, choices=Result, default=Result.DONE)
    origin = models.CharField(_("sent from"), max_length=100)
    detail = models.JSONField(_("details"), default=dict, blank=True)
    previous_hash = models.CharField(_("hash of the event before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("event in the audit trail")
        verbose_name_plural = _("audit trail")
        ordering = ["-sequence"]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="auditevent_object"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["hash"],
                name="auditevent_hash_once",
                violation_error_message=_("This event is already in the trail."),
            ),
            models.UniqueConstraint(
                fields=["previous_hash"],
                name="auditevent_one_after_another",
                violation_error_message=_("Another event already follows that one."),
            ),
            models.CheckConstraint(
                condition=Q(sequence__gte=1),
                name="auditevent_sequence_from_one",
                violation_error_message=_("Events are numbered from 1."),
            ),
            models.CheckConstraint(
                condition=Q(result__in=Result.values),
                name="auditevent_result_known",
                violation_error_message=_("This result does not exist."),
            ),
            AppendOnly(
                name="auditevent_append_only",
                violation_error_message=_("The audit trail cannot be changed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}. {self.action}"


class AuditHead(models.Model):
    """The last link; one row, locked by whoever adds the next."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("head of the audit trail")
        verbose_name_plural = _("heads of the audit trail")
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="audithead_one_row",
                violation_error_message=_("There is one head only."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


class FailedSignIn(models.Model):
    """Somebody tried to sign in and failed. Not in the chain, where strangers would fill it.

    What was typed is not kept: people type passwords in the wrong box.
    """

    at = models.DateTimeField(_("at"), default=timezone.now)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account"),
    )
    address = models.CharField(_("from"), max_length=45, blank=True)

    class Meta:
        verbose_name = _("failed sign-in")
        verbose_name_plural = _("failed sign-ins")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.account or ''}".strip()

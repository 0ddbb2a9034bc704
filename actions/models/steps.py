"""The steps of a status: what was decided about a text, by whom and why. All append-only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.choices import EntryState, Verdict
from actions.models.organisations import Organisation
from actions.models.reporting import EntryVersion, StatusEntry
from napmonitor.audit.constraints import AppendOnly, SameParent


class Transition(models.Model):
    """A step in the workflow: who, when, from, to and why. Never changed."""

    entry = models.ForeignKey(
        StatusEntry, models.PROTECT, related_name="transitions", verbose_name=_("status entry")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    from_state = models.CharField(_("from"), max_length=20, choices=EntryState)
    to_state = models.CharField(_("to"), max_length=20, choices=EntryState)
    version = models.ForeignKey(
        EntryVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version"),
    )
    note = models.TextField(_("reason"), blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        ordering = ["entry", "at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_state__in=EntryState.values, to_state__in=EntryState.values),
                name="transition_states_known",
                violation_error_message=_("This state does not exist."),
            ),
            AppendOnly(
                name="transition_append_only",
                violation_error_message=_("The log cannot be changed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.from_state} → {self.to_state}"


class SignOff(models.Model):
    """What a co-responsible ministry says of one version; another version voids it."""

    version = models.ForeignKey(
        EntryVersion, models.PROTECT, related_name="sign_offs", verbose_name=_("version")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="sign_offs", verbose_name=_("ministry")
    )
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict)
    remark = models.TextField(_("remark"), blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        ordering = ["version", "at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values),
                name="signoff_verdict_known",
                violation_error_message=_("Choose whether your ministry agrees."),
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.AGREED) | ~Q(remark=""),
                name="signoff_says_why",
                violation_error_message=_("Write down the remark, or why you do not agree."),
            ),
            AppendOnly(
                name="signoff_append_only",
                violation_error_message=_("A sign-off stays; give another one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.organisation}, {self.get_verdict_display()}"


class Correction(models.Model):
    """A text that took the place of one that was public, with a sentence for the public."""

    entry = models.ForeignKey(
        StatusEntry, models.PROTECT, related_name="corrections", verbose_name=_("status entry")
    )
    version = models.ForeignKey(
        EntryVersion, models.PROTECT, related_name="+", verbose_name=_("new text")
    )
    replaced = models.ForeignKey(
        EntryVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("text before"),
    )
    reason = models.TextField(_("what the public reads about it"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["entry", "at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="correction_has_reason",
                violation_error_message=_("Say in one sentence what was corrected and why."),
            ),
            SameParent(
                field="version",
                own="entry",
                theirs="entry",
                name="correction_version_is_own",
                violation_error_message=_("That version belongs to another action point."),
            ),
            AppendOnly(
                name="correction_append_only",
                violation_error_message=_("A correction stays; publish another one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry}, {self.at:%Y-%m-%d}"

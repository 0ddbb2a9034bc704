"""Remarks on a text, and what became of them. Both are added and never changed."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.choices import Answer, RemarkField
from actions.models.reporting import EntryVersion, StatusEntry
from actions.richtext import MAX_CHARACTERS
from napmonitor.audit.constraints import AppendOnly, SameParent


class Remark(models.Model):
    """What somebody says of a passage, with the words they would rather see."""

    quote = models.TextField(_("passage"), blank=True)
    text = models.TextField(_("remark"))
    proposal = models.TextField(_("proposed text"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="%(class)s_says_something",
                violation_error_message=_("Write down the remark."),
            ),
            models.CheckConstraint(
                condition=Q(
                    text__length__lte=MAX_CHARACTERS,
                    quote__length__lte=MAX_CHARACTERS,
                    proposal__length__lte=MAX_CHARACTERS,
                ),
                name="%(class)s_length",
                violation_error_message=_("A text can have 20,000 characters at most."),
            ),
            AppendOnly(
                name="%(class)s_append_only",
                violation_error_message=_("A remark stays as it is; make another one."),
            ),
        ]


class EntryRemarkQuerySet(models.QuerySet["EntryRemark"]):
    """Remarks on status entries."""

    def open(self) -> Self:
        """Remarks that nobody answered yet."""
        return self.filter(answer=None)


class EntryRemark(Remark):
    """A remark on what a ministry wrote; `version` is the text that its author saw."""

    entry = models.ForeignKey(
        StatusEntry, models.PROTECT, related_name="remarks", verbose_name=_("status entry")
    )
    version = models.ForeignKey(
        EntryVersion, models.PROTECT, related_name="remarks", verbose_name=_("version")
    )
    field = models.CharField(
        _("about"), max_length=20, choices=RemarkField, default=RemarkField.WHOLE
    )

    objects = EntryRemarkQuerySet.as_manager()

    class Meta(Remark.Meta):
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["entry", "at", "id"]
        constraints = [
            *Remark.Meta.constraints,
            models.CheckConstraint(
                condition=Q(field__in=RemarkField.values),
                name="entryremark_field_known",
                violation_error_message=_("Choose what the remark is about."),
            ),
            models.CheckConstraint(
                condition=Q(proposal="")
                | Q(
                    field__in=[
                        RemarkField.NARRATIVE.value,
                        RemarkField.OUTLOOK.value,
                        RemarkField.LETTER_PASSAGE.value,
                        RemarkField.INFORMED_REFERENCE.value,
                    ]
                ),
                name="entryremark_proposal_for_a_text",
                violation_error_message=_("Choose for which text the proposed words are."),
            ),
            SameParent(
                field="version",
                own="entry",
                theirs="entry",
                name="entryremark_version_is_own",
                violation_error_message=_("That version belongs to another action point."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry}, {self.get_field_display()}"


class RemarkAnswer(models.Model):
    """What the ministry that holds the pen did with a remark; `version` holds the words put in."""

    remark = models.OneToOneField(
        EntryRemark, models.PROTECT, related_name="answer", verbose_name=_("remark")
    )
    answer = models.CharField(_("answer"), max_length=10, choices=Answer)
    reason = models.TextField(_("reason"), blank=True)
    version = models.ForeignKey(
        EntryVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version"),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("answer to a remark")
        verbose_name_plural = _("answers to remarks")
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer__in=Answer.values),
                name="remarkanswer_known",
                violation_error_message=_("Choose what you do with the remark."),
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.ACCEPTED) | ~Q(reason=""),
                name="remarkanswer_says_why",
                violation_error_message=_("Say why you do not take over the whole remark."),
            ),
            AppendOnly(
                name="remarkanswer_append_only",
                violation_error_message=_("An answer stays as it is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remark}: {self.get_answer_display()}"

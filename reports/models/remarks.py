"""What came back from up the line: remarks, what was done with them, sign-offs and decisions."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.choices import Verdict
from actions.models import Office, Organisation
from actions.models.remarks import Remark
from napmonitor.audit.constraints import AppendOnly
from reports.choices import Handling, Outcome, RemarkKind
from reports.models.editions import EditionVersion


class EditionRemarkQuerySet(models.QuerySet["EditionRemark"]):
    """Remarks on stored versions."""

    def open(self) -> Self:
        """Remarks that nobody handled yet."""
        return self.filter(handling=None)


class EditionRemark(Remark):
    """A remark on a passage of a version, entered for who read it on paper or by mail."""

    version = models.ForeignKey(
        EditionVersion, models.PROTECT, related_name="remarks", verbose_name=_("version")
    )
    node_id = models.CharField(_("place"), max_length=120)
    on_behalf_of = models.CharField(
        _("on behalf of"),
        max_length=200,
        help_text=_("The office or unit of who made the remark, such as “minister” or “DG BEB”."),
    )
    kind = models.CharField(
        _("about"), max_length=20, choices=RemarkKind, default=RemarkKind.CONTENT
    )

    objects = EditionRemarkQuerySet.as_manager()

    class Meta(Remark.Meta):
        verbose_name = _("remark on a document")
        verbose_name_plural = _("remarks on documents")
        ordering = ["version", "at", "id"]
        constraints = [
            *Remark.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=RemarkKind.values) & ~Q(on_behalf_of="") & ~Q(node_id=""),
                name="editionremark_says_whose_and_where",
                violation_error_message=_("Say whose remark it is, and on which passage."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}, {self.on_behalf_of}"


class RemarkHandling(models.Model):
    """What was done with a remark."""

    remark = models.OneToOneField(
        EditionRemark, models.PROTECT, related_name="handling", verbose_name=_("remark")
    )
    handling = models.CharField(_("handled"), max_length=20, choices=Handling)
    answer = models.TextField(
        _("how it was handled"), help_text=_("This sentence stands in the decision note.")
    )
    # Where the changed passage stands now, when it is not where the remark was made.
    node_id = models.CharField(_("new place"), max_length=120, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("handling of a remark")
        verbose_name_plural = _("handlings of remarks")
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(handling__in=Handling.values) & ~Q(answer=""),
                name="remarkhandling_says_how",
                violation_error_message=_("Say what you did with the remark."),
            ),
            AppendOnly(
                name="remarkhandling_append_only",
                violation_error_message=_("How a remark was handled stays as it is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remark}: {self.get_handling_display()}"


class RemarkPlace(models.Model):
    """Where the passage of a remark stands in one version: its node, and the page of that."""

    remark = models.ForeignKey(
        EditionRemark, models.PROTECT, related_name="places", verbose_name=_("remark")
    )
    version = models.ForeignKey(
        EditionVersion, models.PROTECT, related_name="+", verbose_name=_("version")
    )
    node_id = models.CharField(_("place"), max_length=120)
    # None when that version has no such place.
    page = models.PositiveIntegerField(_("page"), null=True, blank=True)

    class Meta:
        verbose_name = _("place of a remark")
        verbose_name_plural = _("places of remarks")
        ordering = ["remark", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["remark", "version"],
                name="remarkplace_once",
                violation_error_message=_("This place is known already."),
            ),
            AppendOnly(
                name="remarkplace_append_only",
                violation_error_message=_("A place stays as it is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remark}: {self.version}"


class EditionSignOff(models.Model):
    """What a ministry says of a version of the letter."""

    version = models.ForeignKey(
        EditionVersion, models.PROTECT, related_name="sign_offs", verbose_name=_("version")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("ministry")
    )
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict)
    remark = models.TextField(_("remark"), blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("sign-off of a letter")
        verbose_name_plural = _("sign-offs of letters")
        ordering = ["version", "at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values),
                name="editionsignoff_verdict_known",
                violation_error_message=_("Choose whether your ministry agrees."),
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.AGREED) | ~Q(remark=""),
                name="editionsignoff_says_why",
                violation_error_message=_("Write down the remark, or why you do not agree."),
            ),
            AppendOnly(
                name="editionsignoff_append_only",
                violation_error_message=_("A sign-off stays; give another one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.organisation}, {self.get_verdict_display()}"


class Decision(models.Model):
    """What was decided on a version, by the holder of an office on a day."""

    version = models.ForeignKey(
        EditionVersion, models.PROTECT, related_name="decisions", verbose_name=_("version")
    )
    office = models.ForeignKey(Office, models.PROTECT, related_name="+", verbose_name=_("office"))
    decided_on = models.DateField(_("decided on"))
    outcome = models.CharField(_("decision"), max_length=20, choices=Outcome)
    condition = models.TextField(
        _("condition"), blank=True, help_text=_("What must change, or why it is not agreed.")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["decided_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values),
                name="decision_outcome_known",
                violation_error_message=_("Choose what was decided."),
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.AGREED) | ~Q(condition=""),
                name="decision_says_what_must_change",
                violation_error_message=_("Write down what must change, or why not."),
            ),
            AppendOnly(
                name="decision_append_only",
                violation_error_message=_("A decision stays; enter another one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_outcome_display()}"


class ConditionMet(models.Model):
    """In which version the condition of a decision was met."""

    decision = models.OneToOneField(
        Decision, models.PROTECT, related_name="met", verbose_name=_("decision")
    )
    version = models.ForeignKey(
        EditionVersion, models.PROTECT, related_name="+", verbose_name=_("met in")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("condition that was met")
        verbose_name_plural = _("conditions that were met")
        ordering = ["at", "id"]
        constraints = [
            AppendOnly(
                name="conditionmet_append_only",
                violation_error_message=_("This stays as it is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision}: {self.version}"

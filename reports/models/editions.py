"""What is frozen and issued. All of it is append-only: no route changes or removes a row."""

from __future__ import annotations

import hashlib
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models import ParliamentaryDocument, ReportingRound
from actions.models.history import Tracked, TrackedQuerySet
from napmonitor.audit.constraints import AppendOnly, SameParent
from reports.choices import Audience, Format, Kind, Stage
from reports.document import Document, from_text


class Freeze(models.Model):
    """A moment at which the documents of a year were fixed together, with the data behind them."""

    round = models.ForeignKey(
        ReportingRound, models.PROTECT, related_name="freezes", verbose_name=_("reporting round")
    )
    stage = models.CharField(_("for"), max_length=20, choices=Stage)
    at = models.DateTimeField(_("at"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    # Keys of who wrote in these documents before this moment: they do not issue them.
    hands = models.JSONField(_("written by"), default=list, editable=False)
    # The public data of the year, as `reports.snapshot.to_json` writes it.
    data = models.TextField(_("data"))
    data_hash = models.CharField(_("hash of the data"), max_length=64)
    audit_sequence = models.PositiveBigIntegerField(_("last event in the audit trail"))
    audit_hash = models.CharField(_("hash of that event"), max_length=64)
    # Why there is another edition after one was issued; the public reads it.
    reason = models.TextField(_("what is different"), blank=True)

    class Meta:
        verbose_name = _("frozen set")
        verbose_name_plural = _("frozen sets")
        ordering = ["round", "-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values),
                name="freeze_stage_known",
                violation_error_message=_("Choose what the documents are fixed for."),
            ),
            AppendOnly(
                name="freeze_append_only",
                violation_error_message=_("What was fixed stays as it is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}, {self.get_stage_display()}, {self.at:%Y-%m-%d %H:%M}"


class ReportEdition(models.Model):
    """A numbered edition of one of the documents of a year; the next one supersedes it."""

    round = models.ForeignKey(
        ReportingRound, models.PROTECT, related_name="editions", verbose_name=_("reporting round")
    )
    kind = models.CharField(_("document"), max_length=20, choices=Kind)
    number = models.PositiveSmallIntegerField(_("number"))
    supersedes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name=_("takes the place of"),
    )

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["round", "kind", "number"]
        permissions = [
            ("produce_reportedition", _("Can make concepts and final versions of documents")),
            ("issue_reportedition", _("Can issue what somebody else made, and dispatch it")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "round"], name="reportedition_key_with_round"),
            models.UniqueConstraint(
                fields=["round", "kind", "number"],
                name="reportedition_number_once",
                violation_error_message=_("This number has been given out already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values),
                name="reportedition_kind_known",
                violation_error_message=_("Choose which document this is."),
            ),
            models.CheckConstraint(
                condition=Q(number=1, supersedes=None) | Q(number__gt=1, supersedes__isnull=False),
                name="reportedition_follows_the_one_before",
                violation_error_message=_("A further edition takes the place of the one before."),
            ),
            SameParent(
                field="supersedes",
                own="round",
                theirs="round",
                name="reportedition_supersedes_same_round",
                violation_error_message=_("That edition belongs to another year."),
            ),
            AppendOnly(
                name="reportedition_append_only",
                violation_error_message=_("An edition stays as it is; make a new one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.round.year}, {self.number}"


class EditionVersionQuerySet(models.QuerySet["EditionVersion"]):
    """Stored versions of documents."""

    def issued(self) -> Self:
        return self.filter(issue__isnull=False)

    def in_force(self) -> Self:
        """Issued versions whose edition no later issued edition took the place of."""
        later = EditionIssue.objects.filter(
            edition__supersedes=models.OuterRef("edition"),
        )
        return self.issued().exclude(models.Exists(later))


class EditionVersion(models.Model):
    """One document as it was at a freeze: its tree with labels, and the hash of that.

    The public decision note is a tree of its own, which `reports.redaction.redact` made.
    """

    edition = models.ForeignKey(
        ReportEdition, models.PROTECT, related_name="versions", verbose_name=_("edition")
    )
    freeze = models.ForeignKey(
        Freeze, models.PROTECT, related_name="versions", verbose_name=_("fixed at")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=300)
    tree = models.TextField(_("document"))
    tree_hash = models.CharField(_("hash of the document"), max_length=64)
    public_tree = models.TextField(_("document for everyone"), blank=True)
    public_tree_hash = models.CharField(_("hash of that"), max_length=64, blank=True)

    objects = EditionVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a document")
        verbose_name_plural = _("versions of documents")
        ordering = ["edition", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["id", "edition"], name="editionversion_key_with_edition"
            ),
            models.UniqueConstraint(
                fields=["edition", "number"],
                name="editionversion_number_once",
                violation_error_message=_("This version exists already."),
            ),
            models.UniqueConstraint(
                fields=["freeze", "edition"],
                name="editionversion_once_per_freeze",
                violation_error_message=_("This document was fixed already at that moment."),
            ),
            models.CheckConstraint(
                condition=Q(public_tree="", public_tree_hash="")
                | (~Q(public_tree="") & ~Q(public_tree_hash="")),
                name="editionversion_public_tree_has_hash",
                violation_error_message=_("A document is stored together with its hash."),
            ),
            AppendOnly(
                name="editionversion_append_only",
                violation_error_message=_("A version stays as it is; make a new one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition}.{self.number}"

    def document(self, audience: str) -> Document:
        """Return the stored document for these readers."""
        return from_text(self.text(audience))

    def text(self, audience: str) -> str:
        """Return the document as it is stored for these readers."""
        if audience == Audience.PUBLIC and self.edition.kind == Kind.DECISION_NOTE:
            return self.public_tree
        return self.tree

    def holds(self) -> bool:
        """Tell whether the stored documents are those whose hashes were stored with them."""
        return _sha256(self.tree) == self.tree_hash and (
            not self.public_tree or _sha256(self.public_tree) == self.public_tree_hash
        )

    def audiences(self) -> tuple[Audience, ...]:
        """Return for whom there are files: of a letter and an annex there is one form only."""
        is_note = self.edition.kind == Kind.DECISION_NOTE
        return (Audience.PUBLIC, Audience.INTERNAL) if is_note else (Audience.PUBLIC,)


class EditionFileQuerySet(models.QuerySet["EditionFile"]):
    """Files of stored versions."""

    def without_content(self) -> Self:
        return self.defer("content")


class EditionFile(models.Model):
    """A rendered file; `pages` says on which page each node starts, where it has pages."""

    version = models.ForeignKey(
        EditionVersion, models.PROTECT, related_name="files", verbose_name=_("version")
    )
    audience = models.CharField(_("for"), max_length=10, choices=Audience)
    format = models.CharField(_("form"), max_length=10, choices=Format)
    content = models.BinaryField(_("content"))
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    pages = models.JSONField(_("pages"), default=dict)
    # Which packages drew it: with the same ones the same bytes come out again.
    made_with = models.JSONField(_("made with"), default=dict)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    objects = EditionFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of an edition")
        verbose_name_plural = _("files of editions")
        ordering = ["version", "audience", "format"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "audience", "format"],
                name="editionfile_once",
                violation_error_message=_("This file exists already."),
            ),
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values, format__in=Format.values),
                name="editionfile_form_known",
                violation_error_message=_("This form does not exist."),
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0) & Q(sha256__length=64),
                name="editionfile_has_content_and_hash",
                violation_error_message=_("A file is stored whole, with its hash."),
            ),
            AppendOnly(
                name="editionfile_append_only",
                violation_error_message=_("A file stays as it is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}, {self.get_audience_display()}, {self.get_format_display()}"

    def holds(self) -> bool:
        """Tell whether the content is what was stored."""
        return hashlib.sha256(self.content).hexdigest() == self.sha256


class EditionIssue(models.Model):
    """That a version was issued: by somebody who had no hand in it, and once per edition."""

    edition = models.OneToOneField(
        ReportEdition, models.PROTECT, related_name="issue", verbose_name=_("edition")
    )
    version = models.OneToOneField(
        EditionVersion, models.PROTECT, related_name="issue", verbose_name=_("version")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("issue of an edition")
        verbose_name_plural = _("issues of editions")
        ordering = ["-at", "-id"]
        constraints = [
            SameParent(
                field="version",
                own="edition",
                theirs="edition",
                name="editionissue_version_is_own",
                violation_error_message=_("That version belongs to another edition."),
            ),
            AppendOnly(
                name="editionissue_append_only",
                violation_error_message=_("What was issued stays issued; issue a new edition."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition}, {self.at:%Y-%m-%d}"


class FileOpened(models.Model):
    """That somebody opened a file; who issues has opened what is issued."""

    file = models.ForeignKey(
        EditionFile, models.PROTECT, related_name="openings", verbose_name=_("file")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("opening of a file")
        verbose_name_plural = _("openings of files")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "by"],
                name="fileopened_once",
                violation_error_message=_("This was noted already."),
            ),
            AppendOnly(
                name="fileopened_append_only",
                violation_error_message=_("What was opened stays opened."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file}: {self.by}"


class Dispatch(models.Model):
    """When an issued edition went to parliament; the numbers of parliament come later."""

    edition = models.OneToOneField(
        ReportEdition, models.PROTECT, related_name="dispatch", verbose_name=_("edition")
    )
    sent_on = models.DateField(_("sent on"))
    document = models.ForeignKey(
        ParliamentaryDocument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="dispatches",
        verbose_name=_("parliamentary document"),
    )

    objects = TrackedQuerySet["Dispatch"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering = ["-sent_on"]

    def __str__(self) -> str:
        return f"{self.edition}, {self.sent_on}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

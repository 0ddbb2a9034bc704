"""What parliament has: its documents, our sources, and the references in our texts."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions import citations
from actions.choices import Availability, DocumentKind
from actions.models.history import Tracked, TrackedQuerySet
from actions.models.organisations import OfficeHolding


class ParliamentaryDocument(models.Model):
    """A document that went to or came from parliament; it alone owns date, numbers and signatory.

    Numbers may come later: a fresh letter has only those of the House of Representatives.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind)
    title = models.CharField(_("title"), max_length=300)
    date = models.DateField(_("date"), null=True, blank=True)
    date_note = models.CharField(
        _("note on the date"),
        max_length=200,
        blank=True,
        help_text=_("For example when only the month is known, or sources differ."),
    )
    publication_id = models.CharField(
        _("publication number"),
        max_length=60,
        unique=True,
        null=True,
        blank=True,
        help_text=_("As in kst-32735-377 or stcrt-2025-31460. Leave empty until it is known."),
    )
    document_number = models.CharField(
        _("document number of the House"),
        max_length=10,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^\d{4}D\d{5}$", _("Write it as in 2023D44741."))],
    )
    case_number = models.CharField(
        _("case number of the House"),
        max_length=10,
        blank=True,
        validators=[RegexValidator(r"^\d{4}Z\d{5}$", _("Write it as in 2023Z18578."))],
    )
    sender_reference = models.CharField(_("reference of the sender"), max_length=60, blank=True)
    signatory = models.ForeignKey(
        OfficeHolding,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="signed",
        verbose_name=_("signed by"),
    )
    annex_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="annexes",
        verbose_name=_("annex to"),
    )
    note = models.TextField(_("note"), blank=True)

    objects = TrackedQuerySet["ParliamentaryDocument"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("parliamentary document")
        verbose_name_plural = _("parliamentary documents")
        ordering = ["-date", "title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DocumentKind.values),
                name="parliamentarydocument_kind_known",
                violation_error_message=_("Choose what kind of document this is."),
            ),
            models.CheckConstraint(
                condition=~Q(publication_id="") & ~Q(document_number=""),
                name="parliamentarydocument_numbers_not_blank",
                violation_error_message=_("Leave a number out until it is known."),
            ),
            models.CheckConstraint(
                condition=Q(annex_of=None) | ~Q(annex_of=models.F("id")),
                name="parliamentarydocument_not_its_own_annex",
                violation_error_message=_("A document cannot be an annex to itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}".strip()

    @property
    def identifier(self) -> str:
        """The best known number: of the publication, else of the House; empty when none."""
        return self.publication_id or self.document_number or ""

    @property
    def reference(self) -> str:
        """The reference as a Dutch reader writes it, for example `Kamerstuk 32 735, nr. 377`."""
        if own := citations.spelled(self.identifier):
            return own
        if self.annex_of is not None and (parent := citations.spelled(self.annex_of.identifier)):
            return f"bijlage bij {parent}"
        return self.identifier

    @property
    def url(self) -> str:
        """Where anyone can read it; an annex is found through the document it belongs to."""
        own = citations.url_for(self.identifier)
        if own is None and self.annex_of is not None:
            own = citations.url_for(self.annex_of.identifier)
        return own or ""


class Source(models.Model):
    """A public source from which something in this application was taken."""

    code = models.SlugField(_("code"), max_length=10, unique=True)
    title = models.CharField(_("title"), max_length=300)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    date = models.DateField(_("date"), null=True, blank=True)
    date_note = models.CharField(_("note on the date"), max_length=200, blank=True)
    address = models.URLField(_("address"), blank=True, max_length=500)
    document = models.ForeignKey(
        ParliamentaryDocument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sources",
        verbose_name=_("parliamentary document"),
    )
    availability = models.CharField(
        _("how much could be read"),
        max_length=20,
        choices=Availability,
        default=Availability.COMPLETE,
    )
    note = models.TextField(_("note"), blank=True)

    objects = TrackedQuerySet["Source"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(availability__in=Availability.values),
                name="source_availability_known",
                violation_error_message=_("Choose how much of the source could be read."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def url(self) -> str:
        """Where anyone can read it; empty when no address is known."""
        return self.address or (self.document.url if self.document else "")


class Citation(models.Model):
    """An official reference that stands in one of our texts, tied to the register when known."""

    entry_version = models.ForeignKey(
        "actions.EntryVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("version"),
    )
    action_point = models.ForeignKey(
        "actions.ActionPoint",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("action point"),
    )
    field = models.CharField(_("field"), max_length=40)
    start = models.PositiveIntegerField(_("first character"))
    end = models.PositiveIntegerField(_("end"))
    literal = models.CharField(_("as it is written"), max_length=500)
    kind = models.CharField(_("kind"), max_length=20)
    identifier = models.CharField(_("number"), max_length=60, db_index=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    document = models.ForeignKey(
        ParliamentaryDocument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=_("parliamentary document"),
    )

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        ordering = ["field", "start", "identifier"]
        constraints = [
            models.CheckConstraint(
                condition=Q(entry_version=None, action_point__isnull=False)
                | Q(entry_version__isnull=False, action_point=None),
                name="citation_one_owner",
                violation_error_message=_("A reference stands in exactly one text."),
            ),
            models.CheckConstraint(
                condition=Q(start__lt=models.F("end")),
                name="citation_span_in_order",
                violation_error_message=_("A reference is at least one character long."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in citations.Kind]),
                name="citation_kind_known",
                violation_error_message=_("This kind of reference is not known."),
            ),
        ]

    def __str__(self) -> str:
        return self.literal

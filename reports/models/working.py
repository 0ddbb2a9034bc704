"""What a coordinator works in before a freeze: paragraphs in order, and the head of the note."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.models import EntryVersion, Organisation, ReportingRound
from actions.models.history import Tracked, TrackedQuerySet
from actions.richtext import MAX_CHARACTERS
from reports.choices import Kind, RouteRole


class EditionParagraph(models.Model):
    """A paragraph of a document in its place, with what was built and the coordinator's own text.

    The fields are those of `reports.arrangement.Stored`; `revision` tells two writers apart.
    """

    round = models.ForeignKey(
        ReportingRound, models.PROTECT, related_name="paragraphs", verbose_name=_("round")
    )
    kind = models.CharField(_("document"), max_length=20, choices=Kind)
    part = models.CharField(_("section"), max_length=100)
    position = models.PositiveIntegerField(_("position"))
    node_id = models.CharField(_("key"), max_length=120)
    covers = models.JSONField(_("stands for"), default=list)
    built = models.TextField(_("built text"), blank=True)
    lead = models.TextField(_("bold opening"), blank=True)
    own = models.TextField(_("own text"), blank=True)
    left_out = models.BooleanField(_("left out"), default=False)
    # A chart or a framed list: it has no own text.
    fixed = models.BooleanField(_("fixed"), default=False)
    # The data no longer give this text; it stays for the own text in it.
    gone = models.BooleanField(_("no longer built"), default=False)
    ground = models.CharField(_("ground of the Woo"), max_length=20, blank=True)
    # The texts of ministries that it speaks of.
    versions = models.ManyToManyField(
        EntryVersion, related_name="paragraphs", blank=True, verbose_name=_("texts of ministries")
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)

    objects = TrackedQuerySet["EditionParagraph"].as_manager()
    history = Tracked(m2m_fields=[versions])

    class Meta:
        verbose_name = _("paragraph")
        verbose_name_plural = _("paragraphs")
        ordering = ["round", "kind", "part", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "kind", "node_id"],
                name="editionparagraph_once",
                violation_error_message=_("This paragraph is there already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values),
                name="editionparagraph_kind_known",
                violation_error_message=_("Choose which document this is."),
            ),
            models.CheckConstraint(
                condition=Q(own__length__lte=MAX_CHARACTERS),
                name="editionparagraph_length",
                violation_error_message=_("A text can have 20,000 characters at most."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.round}: {self.node_id}"


class RouteStep(models.Model):
    """A line in the head of the decision note: to whom it goes, by which way, and by when."""

    round = models.ForeignKey(
        ReportingRound, models.PROTECT, related_name="route", verbose_name=_("round")
    )
    role = models.CharField(_("role"), max_length=10, choices=RouteRole)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    who = models.CharField(
        _("who"),
        max_length=200,
        help_text=_(
            "The office or unit as it stands in the note; names of officials are not needed."
        ),
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ministry"),
    )

    objects = TrackedQuerySet["RouteStep"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("addressee")
        verbose_name_plural = _("addressees")
        ordering = ["round", "role", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=RouteRole.values) & ~Q(who=""),
                name="routestep_says_who",
                violation_error_message=_("Say who it is, and in which role."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.who}"


class NameChoice(models.Model):
    """A word that was found as a name in a note, or added: a person says what becomes of it."""

    round = models.ForeignKey(
        ReportingRound, models.PROTECT, related_name="name_choices", verbose_name=_("round")
    )
    name = models.CharField(_("name"), max_length=200)
    leave_out = models.BooleanField(_("leave out"), default=True)

    objects = TrackedQuerySet["NameChoice"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("choice about a name")
        verbose_name_plural = _("choices about names")
        ordering = ["round", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "name"],
                name="namechoice_once",
                violation_error_message=_("This name is in the list already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

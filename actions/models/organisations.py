"""Who: organisations and their names through time, offices and holders, memberships."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.choices import Basis, OrganisationKind, SuccessionKind
from actions.models.history import Tracked, TrackedQuerySet
from actions.models.periods import Period, PeriodQuerySet
from napmonitor.audit.constraints import NoOverlap


class Organisation(models.Model):
    """A ministry, agency or other body; what it is called depends on the day."""

    slug = models.SlugField(
        _("short name in addresses"),
        unique=True,
        help_text=_("Never changes, also when the organisation gets another name."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind)
    tooi_code = models.CharField(
        _("TOOI code"),
        max_length=20,
        unique=True,
        null=True,
        blank=True,
        help_text=_("The code in the government's register, for example mnre1013."),
    )

    objects = TrackedQuerySet["Organisation"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=OrganisationKind.values),
                name="organisation_kind_known",
                violation_error_message=_("Choose what kind of organisation this is."),
            ),
            models.CheckConstraint(
                condition=~Q(tooi_code=""),
                name="organisation_tooi_code_not_blank",
                violation_error_message=_("Leave the TOOI code out when there is none."),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def name_on(self, day: date) -> OrganisationName | None:
        """Return the name of that day, from names already read; None when none is known."""
        return next((name for name in self.names.all() if name.holds_on(day)), None)


class OrganisationName(Period):
    """What an organisation is called in a period; a rename is only a new row."""

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="names",
        verbose_name=_("organisation"),
    )
    name = models.CharField(_("name"), max_length=200)
    abbreviation = models.CharField(_("abbreviation"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = PeriodQuerySet["OrganisationName"].as_manager()
    history = Tracked()

    class Meta(Period.Meta):
        verbose_name = _("name of an organisation")
        verbose_name_plural = _("names of organisations")
        ordering = ["organisation", "valid_from"]
        constraints = [
            *Period.Meta.constraints,
            NoOverlap(
                fields=["organisation"],
                name="organisationname_no_overlap",
                violation_error_message=_(
                    "This organisation already has a name in part of that period."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.abbreviation or self.name


class Succession(models.Model):
    """One organisation came out of another, or went into it."""

    predecessor = models.ForeignKey(
        Organisation, models.PROTECT, related_name="successors", verbose_name=_("predecessor")
    )
    successor = models.ForeignKey(
        Organisation, models.PROTECT, related_name="predecessors", verbose_name=_("successor")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=SuccessionKind)
    date = models.DateField(_("date"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = TrackedQuerySet["Succession"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        ordering = ["date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=SuccessionKind.values),
                name="succession_kind_known",
                violation_error_message=_("Choose how the one followed the other."),
            ),
            models.CheckConstraint(
                condition=~Q(predecessor=models.F("successor")),
                name="succession_between_two",
                violation_error_message=_("An organisation cannot succeed itself."),
            ),
            models.UniqueConstraint(
                fields=["predecessor", "successor", "date"],
                name="succession_once",
                violation_error_message=_("This succession is already there."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class Office(Period):
    """A political office that signs letters, for example a minister without portfolio."""

    slug = models.SlugField(_("short name in addresses"), unique=True)
    title = models.CharField(_("title"), max_length=200)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="offices", verbose_name=_("organisation")
    )
    basis = models.CharField(
        _("how the period is known"), max_length=10, choices=Basis, default=Basis.STATED
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = PeriodQuerySet["Office"].as_manager()
    history = Tracked()

    class Meta(Period.Meta):
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ["valid_from", "title"]
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                condition=Q(basis__in=Basis.values),
                name="office_basis_known",
                violation_error_message=_("Choose how the period is known."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class OfficeHolding(Period):
    """Who holds an office in a period; signs what is sent in it."""

    office = models.ForeignKey(
        Office, models.PROTECT, related_name="holdings", verbose_name=_("office")
    )
    person = models.CharField(_("name as signed"), max_length=150)
    acting = models.BooleanField(_("acting"), default=False)
    basis = models.CharField(
        _("how the period is known"), max_length=10, choices=Basis, default=Basis.STATED
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = PeriodQuerySet["OfficeHolding"].as_manager()
    history = Tracked()

    class Meta(Period.Meta):
        verbose_name = _("holder of an office")
        verbose_name_plural = _("holders of offices")
        ordering = ["office", "valid_from"]
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                condition=Q(basis__in=Basis.values),
                name="officeholding_basis_known",
                violation_error_message=_("Choose how the period is known."),
            ),
            NoOverlap(
                fields=["office"],
                where={"acting": False},
                name="officeholding_one_at_a_time",
                violation_error_message=_("Somebody else holds this office in that period."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.office}"


class MembershipQuerySet(PeriodQuerySet["Membership"]):
    """Memberships, the only source of rights."""

    def active(self, day: date) -> MembershipQuerySet:
        return self.on(day).filter(user__is_active=True)


class Membership(models.Model):
    """Somebody works for an organisation in a role, from a day until a day."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="memberships",
        verbose_name=_("user"),
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name=_("organisation")
    )
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="memberships", verbose_name=_("role")
    )
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("The first day without these rights. Leave empty when no end is known."),
    )

    objects = MembershipQuerySet.as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["user", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_from__lt=models.F("valid_until")),
                name="membership_period_in_order",
                violation_error_message=_("The day it ends must come after the day it starts."),
            ),
            NoOverlap(
                fields=["user", "organisation", "group"],
                name="membership_no_overlap",
                violation_error_message=_(
                    "This person already has that role there in part of the period."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.organisation}, {self.group}"

"""What: plans, pillars, guiding principles, action points and who answers for them."""

from __future__ import annotations

from operator import attrgetter
from typing import Self

from django.apps import apps
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from actions.choices import Basis, EvidenceClass, LinkKind, PillarNumber, ResponsibilityRole
from actions.models.history import Tracked, TrackedQuerySet
from actions.models.organisations import Organisation
from actions.models.parliament import ParliamentaryDocument, Source
from actions.models.periods import Period, PeriodQuerySet
from napmonitor.audit.constraints import NoOverlap


def in_language(dutch: str, english: str) -> str:
    """Return the text in the language of the page; Dutch when there is no English."""
    return english if english and get_language() == "en" else dutch


class PlanQuerySet(TrackedQuerySet["Plan"]):
    """Action plans."""

    def current(self) -> Self:
        """The latest plan of which a year is out, as a set of at most one.

        Before any year is, the latest that has action points: who enters the next plan does not
        take the present one off the site.
        """
        # Rounds stand in a module that imports this one.
        rounds = apps.get_model("actions", "ReportingRound").objects
        is_out = Exists(rounds.released().filter(plan=OuterRef("pk")))
        latest = (
            Plan.objects.filter(Exists(ActionPoint.objects.filter(plan=OuterRef("pk"))))
            .order_by(is_out.desc(), "-slug")
            .values("pk")[:1]
        )
        return self.filter(pk__in=latest)


class Plan(models.Model):
    """A national action plan and the number of action points it says to have."""

    slug = models.SlugField(_("period in addresses"), unique=True)
    title_nl = models.CharField(_("title (Dutch)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    document = models.ForeignKey(
        ParliamentaryDocument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
        verbose_name=_("document"),
    )
    predecessor = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successor",
        verbose_name=_("predecessor"),
    )
    expected_action_points = models.PositiveSmallIntegerField(
        _("number of action points according to the plan"),
        null=True,
        blank=True,
        help_text=_("A check on what is entered here; never a reason to make up rows."),
    )
    note = models.TextField(_("note"), blank=True)

    objects = PlanQuerySet.as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None)
                | Q(ends_on=None)
                | Q(starts_on__lt=models.F("ends_on")),
                name="plan_period_in_order",
                violation_error_message=_("A plan must end after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(predecessor=None) | ~Q(predecessor=models.F("id")),
                name="plan_not_its_own_predecessor",
                violation_error_message=_("A plan cannot follow itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_language(self.title_nl, self.title_en)


class PlanParticipant(Period):
    """An organisation takes part in a plan; one of them coordinates."""

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="participants", verbose_name=_("plan")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="plans", verbose_name=_("organisation")
    )
    coordinates = models.BooleanField(_("coordinates the plan"), default=False)
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("source"),
    )

    objects = PeriodQuerySet["PlanParticipant"].as_manager()
    history = Tracked()

    class Meta(Period.Meta):
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["plan", "-coordinates", "organisation"]
        constraints = [
            *Period.Meta.constraints,
            NoOverlap(
                fields=["plan", "organisation"],
                name="planparticipant_no_overlap",
                violation_error_message=_("This organisation already takes part in that period."),
            ),
            NoOverlap(
                fields=["plan"],
                where={"coordinates": True},
                name="planparticipant_one_coordinates",
                violation_error_message=_(
                    "Another organisation coordinates this plan in that period."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.plan}"


class Pillar(models.Model):
    """One of the three pillars of the UN Guiding Principles."""

    number = models.PositiveSmallIntegerField(_("number"), primary_key=True, choices=PillarNumber)
    title_nl = models.CharField(_("title (Dutch)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)

    objects = TrackedQuerySet["Pillar"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("pillar")
        verbose_name_plural = _("pillars")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__in=PillarNumber.values),
                name="pillar_one_to_three",
                violation_error_message=_("There are three pillars."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    @property
    def title(self) -> str:
        return in_language(self.title_nl, self.title_en)


class UngpPrinciple(models.Model):
    """One of the 31 UN Guiding Principles on Business and Human Rights."""

    number = models.PositiveSmallIntegerField(_("number"), primary_key=True)
    pillar = models.ForeignKey(
        Pillar, models.PROTECT, related_name="principles", verbose_name=_("pillar")
    )
    title_nl = models.CharField(_("short title (Dutch)"), max_length=200)
    title_en = models.CharField(_("short title (English)"), max_length=200)

    objects = TrackedQuerySet["UngpPrinciple"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("UN guiding principle")
        verbose_name_plural = _("UN guiding principles")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=31),
                name="ungpprinciple_one_to_thirty_one",
                violation_error_message=_("There are 31 guiding principles."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    @property
    def title(self) -> str:
        return in_language(self.title_nl, self.title_en)


class ActionPointQuerySet(TrackedQuerySet["ActionPoint"]):
    """Action points and the subjects beside them."""

    def in_plan(self) -> Self:
        """Only what counts: the 33 of the plan, never a subject outside it."""
        return self.filter(in_plan=True)


class ActionPoint(models.Model):
    """One of the points of a plan, or a subject that is reported beside them."""

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="action_points", verbose_name=_("plan")
    )
    pillar = models.ForeignKey(
        Pillar, models.PROTECT, related_name="action_points", verbose_name=_("pillar")
    )
    code = models.CharField(
        _("code"),
        max_length=20,
        validators=[
            RegexValidator(
                r"^[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*\Z", _("Use letters, digits, dots and hyphens.")
            )
        ],
        help_text=_("Our own code. It stays the same when the official number becomes known."),
    )
    official_number = models.CharField(
        _("official number"),
        max_length=20,
        blank=True,
        help_text=_("Leave empty until the official list is entered."),
    )
    official_text = models.TextField(
        _("official text"),
        blank=True,
        help_text=_("Leave empty until the official list is entered."),
    )
    title_nl = models.CharField(_("title (Dutch)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)
    time_path = models.CharField(_("time path"), max_length=300, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    evidence_class = models.CharField(
        _("strength of the evidence"), max_length=1, choices=EvidenceClass, blank=True
    )
    evidence_note = models.TextField(_("why this strength"), blank=True)
    in_plan = models.BooleanField(
        _("part of the plan"),
        default=True,
        help_text=_("Subjects outside the plan are shown apart and never counted."),
    )
    principles = models.ManyToManyField(
        UngpPrinciple,
        blank=True,
        related_name="action_points",
        verbose_name=_("UN guiding principles"),
    )

    objects = ActionPointQuerySet.as_manager()
    history = Tracked(m2m_fields=[principles])

    class Meta:
        verbose_name = _("action point")
        verbose_name_plural = _("action points")
        ordering = ["plan", "pillar", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="actionpoint_code_once_per_plan",
                violation_error_message=_("This code is already used in the plan."),
            ),
            models.UniqueConstraint(
                fields=["plan", "official_number"],
                condition=~Q(official_number=""),
                name="actionpoint_official_number_once_per_plan",
                violation_error_message=_("This official number is already used in the plan."),
            ),
            models.UniqueConstraint(fields=["id", "plan"], name="actionpoint_key_with_plan"),
            models.CheckConstraint(
                condition=Q(evidence_class__in=["", *EvidenceClass.values]),
                name="actionpoint_evidence_class_known",
                violation_error_message=_("Choose how strong the evidence is."),
            ),
            models.CheckConstraint(
                condition=Q(in_plan=False) | ~Q(evidence_class=EvidenceClass.X),
                name="actionpoint_class_x_is_outside_the_plan",
                violation_error_message=_("Class X means that a subject is not part of the plan."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(due_on=None) | Q(starts_on__lte=models.F("due_on")),
                name="actionpoint_dates_in_order",
                violation_error_message=_("An action point cannot be due before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title_nl}"

    def get_absolute_url(self) -> str:
        return reverse("actions:action-point", args=[self.code])

    @property
    def title(self) -> str:
        return in_language(self.title_nl, self.title_en)

    def answering_organisation_ids(self) -> list[int]:
        """Return who holds the pen today: the lead, of which there is one at most."""
        return self.organisation_ids(ResponsibilityRole.LEAD)

    def organisation_ids(self, role: ResponsibilityRole) -> list[int]:
        """Return the organisations that have a role for it today.

        Asks nothing of the database when the responsibilities were read along with the point.
        """
        today = timezone.localdate()
        held = [
            each
            for each in self.responsibilities.all()
            if each.role == role and each.holds_on(today)
        ]
        return [each.organisation_id for each in sorted(held, key=attrgetter("pk"))]


class ActionPointSource(models.Model):
    """A source that names an action point."""

    action_point = models.ForeignKey(
        ActionPoint, models.CASCADE, related_name="sources", verbose_name=_("action point")
    )
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="action_points", verbose_name=_("source")
    )
    detail = models.CharField(_("where in the source"), max_length=200, blank=True)

    objects = TrackedQuerySet["ActionPointSource"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("source of an action point")
        verbose_name_plural = _("sources of an action point")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["action_point", "source"],
                name="actionpointsource_once",
                violation_error_message=_("This source is already named here."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_point.code}: {self.source.code}"


class ActionPointLink(models.Model):
    """What became of an action point in a later plan, or in the official list."""

    from_point = models.ForeignKey(
        ActionPoint, models.PROTECT, related_name="links_from", verbose_name=_("from")
    )
    to_point = models.ForeignKey(
        ActionPoint,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="links_to",
        verbose_name=_("to"),
        help_text=_("Leave empty only for a point that was dropped."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=LinkKind)
    reason = models.TextField(_("reason"))
    date = models.DateField(_("date"))

    objects = TrackedQuerySet["ActionPointLink"].as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("link between action points")
        verbose_name_plural = _("links between action points")
        ordering = ["date", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=LinkKind.values),
                name="actionpointlink_kind_known",
                violation_error_message=_("Choose what became of the action point."),
            ),
            models.CheckConstraint(
                condition=Q(kind=LinkKind.DROPPED, to_point=None)
                | (~Q(kind=LinkKind.DROPPED) & Q(to_point__isnull=False)),
                name="actionpointlink_target_unless_dropped",
                violation_error_message=_(
                    "Name the other action point, unless this one was dropped."
                ),
            ),
            models.CheckConstraint(
                condition=Q(to_point=None) | ~Q(to_point=models.F("from_point")),
                name="actionpointlink_between_two",
                violation_error_message=_("An action point cannot follow itself."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="actionpointlink_reason_given",
                violation_error_message=_("Give the reason in one sentence."),
            ),
            models.UniqueConstraint(
                fields=["from_point", "to_point", "kind"],
                name="actionpointlink_once",
                violation_error_message=_("This link is already there."),
            ),
        ]

    def __str__(self) -> str:
        target = self.to_point.code if self.to_point else "–"
        return f"{self.from_point.code} → {target}"


class Responsibility(Period):
    """An organisation answers for an action point, or carries it out, in a period."""

    action_point = models.ForeignKey(
        ActionPoint,
        models.PROTECT,
        related_name="responsibilities",
        verbose_name=_("action point"),
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="responsibilities",
        verbose_name=_("organisation"),
    )
    role = models.CharField(_("role"), max_length=20, choices=ResponsibilityRole)
    basis = models.CharField(
        _("how it is known"),
        max_length=10,
        choices=Basis,
        help_text=_("Derived ones are marked as such wherever they are shown."),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = PeriodQuerySet["Responsibility"].as_manager()
    history = Tracked()

    class Meta(Period.Meta):
        verbose_name = _("responsibility")
        verbose_name_plural = _("responsibilities")
        ordering = ["action_point", "id"]
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                condition=Q(role__in=ResponsibilityRole.values),
                name="responsibility_role_known",
                violation_error_message=_("Choose what the organisation does."),
            ),
            models.CheckConstraint(
                condition=Q(basis__in=Basis.values),
                name="responsibility_basis_known",
                violation_error_message=_("Choose how the responsibility is known."),
            ),
            NoOverlap(
                fields=["action_point"],
                where={"role": "lead"},
                name="responsibility_one_lead",
                violation_error_message=_(
                    "Another organisation already holds the pen in that period."
                ),
            ),
            NoOverlap(
                fields=["action_point", "organisation"],
                name="responsibility_one_role_each",
                violation_error_message=_(
                    "This organisation already has a role here in that period."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_point.code}: {self.organisation} ({self.get_role_display()})"

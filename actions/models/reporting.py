"""When and how it stands: rounds, status entries, the versions of their texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.choices import (
    ANSWERS,
    SILENCE,
    Basis,
    EntryState,
    Origin,
    Progress,
    ResponsibilityRole,
    Schedule,
)
from actions.models.history import Tracked, TrackedQuerySet
from actions.models.parliament import ParliamentaryDocument, Source
from actions.models.plan import ActionPoint, Plan
from actions.richtext import MAX_CHARACTERS
from napmonitor.audit.constraints import AppendOnly, ChecksTogether, SameParent

if TYPE_CHECKING:
    from actions.models.steps import SignOff


class ReportingRoundQuerySet(TrackedQuerySet["ReportingRound"]):
    """Years of reporting."""

    def released(self, now: datetime | None = None) -> Self:
        """Rounds whose release moment has passed."""
        return self.filter(released_at__lte=now or timezone.now())

    def in_progress(self) -> Self:
        """Rounds that ministries write in: opened, and not published yet."""
        return self.filter(opened_on__isnull=False, published_on=None)


class ReportingRound(models.Model):
    """One year of reporting to parliament; its letter owns the numbers and the sent date."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="rounds", verbose_name=_("plan"))
    year = models.PositiveSmallIntegerField(_("year reported on"))
    opens_on = models.DateField(_("opens on"), null=True, blank=True)
    ministry_deadline = models.DateField(_("deadline for ministries"), null=True, blank=True)
    # Both written by actions/workflow.py only.
    opened_on = models.DateField(_("opened on"), null=True, blank=True, editable=False)
    published_on = models.DateField(_("published on"), null=True, blank=True, editable=False)
    promised_on = models.DateField(_("promised to parliament by"), null=True, blank=True)
    promised_note = models.CharField(_("note on the promise"), max_length=300, blank=True)
    letter = models.OneToOneField(
        ParliamentaryDocument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="letter_of_round",
        verbose_name=_("letter to parliament"),
    )
    report = models.OneToOneField(
        ParliamentaryDocument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="report_of_round",
        verbose_name=_("annex report"),
    )
    released_at = models.DateTimeField(
        _("public from"),
        null=True,
        blank=True,
        help_text=_("From this moment what is published of the year is open to everyone."),
    )
    statement = models.TextField(
        _("what the cabinet says of the whole"),
        blank=True,
        help_text=_("In our own words. Shown as a statement of the cabinet, with its source."),
    )
    statement_source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("source of the statement"),
    )
    note = models.TextField(_("note"), blank=True)

    objects = ReportingRoundQuerySet.as_manager()
    history = Tracked()

    class Meta:
        verbose_name = _("reporting round")
        verbose_name_plural = _("reporting rounds")
        ordering = ["plan", "year"]
        permissions = [
            ("open_reportinground", _("Can open a round for the ministries")),
            ("publish_reportinground", _("Can publish a round, and corrections of it")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "year"],
                name="reportinground_one_per_plan_and_year",
                violation_error_message=_("There is already a round for this plan and year."),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2100),
                name="reportinground_year_plausible",
                violation_error_message=_("Write the year in four digits, for example 2026."),
            ),
            models.CheckConstraint(
                condition=Q(opens_on=None)
                | Q(ministry_deadline=None)
                | Q(opens_on__lte=models.F("ministry_deadline")),
                name="reportinground_opens_before_deadline",
                violation_error_message=_("The deadline cannot come before the opening."),
            ),
            models.CheckConstraint(
                condition=Q(published_on=None)
                | Q(opened_on__isnull=False, released_at__isnull=False),
                name="reportinground_published_was_open",
                violation_error_message=_("Only a round that was opened can be published."),
            ),
            models.CheckConstraint(
                condition=Q(released_at=None)
                | Q(
                    released_at__gte=datetime(2000, 1, 1, tzinfo=UTC),
                    released_at__lt=datetime(2100, 1, 1, tzinfo=UTC),
                ),
                name="reportinground_released_at_plausible",
                violation_error_message=_("Choose a moment between 2000 and 2100."),
            ),
            models.CheckConstraint(
                condition=Q(opened_on=None) | Q(released_at=None) | Q(published_on__isnull=False),
                name="reportinground_released_by_publishing",
                violation_error_message=_("An open round becomes public by publishing it."),
            ),
            models.CheckConstraint(
                condition=Q(statement="", statement_source=None)
                | (~Q(statement="") & Q(statement_source__isnull=False)),
                name="reportinground_statement_has_source",
                violation_error_message=_("Name the source of what the cabinet says of the whole."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)

    @property
    def sent_on(self) -> date | None:
        """The date of the letter; None while it has not been sent."""
        return self.letter.date if self.letter else None

    def is_released(self, now: datetime | None = None) -> bool:
        """Tell whether the release moment has passed."""
        return self.released_at is not None and self.released_at <= (now or timezone.now())


class StatusEntryQuerySet(models.QuerySet["StatusEntry"]):
    """Status entries."""

    def public(self, now: datetime | None = None) -> Self:
        """What everyone may see: a published version in a round whose release moment passed.

        This is the only place where that rule is written.
        """
        return self.filter(
            published_version__isnull=False, round__released_at__lte=now or timezone.now()
        )

    def in_plan(self) -> Self:
        return self.filter(action_point__in_plan=True)

    def lock(self, keys: Iterable[int]) -> None:
        """Lock entries until the transaction ends, in one order for everybody."""
        list(self.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))

    def locked(self, key: int) -> StatusEntry:
        """Lock an entry until the transaction ends; return it as it stands from then on.

        Two statements, on purpose: one that had to wait for the lock gives the row as it is now,
        but on PostgreSQL the rows joined to it as they were before it waited.
        """
        self.select_for_update().only("pk").get(pk=key)
        return self.with_responsible().get(pk=key)

    def with_responsible(self) -> Self:
        """Read along what tells who may do what with an entry."""
        return self.select_related("round", "action_point", "latest_version").prefetch_related(
            "action_point__responsibilities"
        )


class StatusEntry(models.Model):
    """What is reported about one action point in one round; its texts are versions."""

    action_point = models.ForeignKey(
        ActionPoint, models.PROTECT, related_name="entries", verbose_name=_("action point")
    )
    round = models.ForeignKey(
        ReportingRound, models.PROTECT, related_name="entries", verbose_name=_("round")
    )
    # Written by actions/workflow.py only; never assigned in a view, form or admin class.
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=EntryState,
        default=EntryState.CONCEPT,
        editable=False,
    )
    reported_with = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reported_along",
        verbose_name=_("reported together with"),
        help_text=_("Choose another action point when one text covers both."),
    )
    # Written by actions/editing.py only.
    latest_version = models.ForeignKey(
        "EntryVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("latest version"),
    )
    # Written by actions/workflow.py only.
    published_version = models.ForeignKey(
        "EntryVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="published_for",
        editable=False,
        verbose_name=_("published version"),
    )

    objects = StatusEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("status entry")
        verbose_name_plural = _("status entries")
        ordering = ["round", "action_point"]
        permissions = [
            ("view_every_statusentry", _("Can see the status entries of all ministries")),
            ("reconstruct_statusentry", _("Can write down what a public letter says")),
            ("submit_statusentry", _("Can submit the text of the ministry")),
            ("sign_off_statusentry", _("Can sign off the text of another ministry")),
            ("review_statusentry", _("Can return, reopen, or note that nothing was supplied")),
            ("approve_statusentry", _("Can approve what others wrote")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["action_point", "round"],
                name="statusentry_one_per_action_point_and_round",
                violation_error_message=_(
                    "There is already a status for this action point in this round."
                ),
            ),
            models.UniqueConstraint(fields=["id", "round"], name="statusentry_key_with_round"),
            models.CheckConstraint(
                condition=Q(state__in=EntryState.values),
                name="statusentry_state_known",
                violation_error_message=_("This state does not exist."),
            ),
            models.CheckConstraint(
                condition=Q(reported_with=None) | ~Q(reported_with=models.F("id")),
                name="statusentry_not_with_itself",
                violation_error_message=_("A status cannot be reported together with itself."),
            ),
            SameParent(
                field="reported_with",
                own="round",
                theirs="round",
                name="statusentry_reported_with_in_round",
                violation_error_message=_("Choose an action point of the same round."),
            ),
            SameParent(
                field="latest_version",
                own="id",
                theirs="entry",
                name="statusentry_latest_version_is_own",
                violation_error_message=_("That version belongs to another action point."),
            ),
            SameParent(
                field="published_version",
                own="id",
                theirs="entry",
                name="statusentry_published_version_is_own",
                violation_error_message=_("That version belongs to another action point."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_point.code}, {self.round.year}"

    def clean(self) -> None:
        """Refuse what spans more rows than one constraint can see."""
        if (
            self.action_point_id
            and self.round_id
            and self.action_point.plan_id != self.round.plan_id
        ):
            raise ValidationError(_("The action point and the round belong to different plans."))
        if self.reported_with is not None and self.reported_with.reported_with_id is not None:
            raise ValidationError(
                {"reported_with": _("Choose the action point that holds the text itself.")}
            )

    def answering_organisation_ids(self) -> list[int]:
        """Return who holds the pen today."""
        return self.action_point.answering_organisation_ids()

    def co_responsible_ids(self) -> list[int]:
        """Return who answers together with the lead today, and so signs off."""
        return self.action_point.organisation_ids(ResponsibilityRole.CO_RESPONSIBLE)

    def sign_offs_in_force(self) -> dict[int, SignOff]:
        """Return the last word of each organisation on the text as it stands now."""
        if self.latest_version is None:
            return {}
        given = self.latest_version.sign_offs.order_by("pk")
        return {each.organisation_id: each for each in given}


def _at_most(field: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__length__lte": MAX_CHARACTERS}),
        name=f"entryversion_{field}_length",
        violation_error_message=_("A text can have 20,000 characters at most."),
    )


class EntryVersion(ChecksTogether):
    """All that was written in one save; versions are added and never changed."""

    entry = models.ForeignKey(
        StatusEntry, models.PROTECT, related_name="versions", verbose_name=_("status entry")
    )
    number = models.PositiveIntegerField(_("version"))
    progress = models.CharField(_("progress"), max_length=20, choices=Progress, blank=True)
    progress_basis = models.CharField(
        _("how the progress is known"), max_length=10, choices=Basis, blank=True
    )
    discontinued_reason = models.TextField(_("why it was discontinued"), blank=True)
    schedule = models.CharField(
        _("schedule"), max_length=20, choices=Schedule, default=Schedule.UNKNOWN
    )
    continues_after_plan = models.BooleanField(_("continues after the plan"), null=True, blank=True)
    narrative = models.TextField(_("what was reached"), blank=True)
    outlook = models.TextField(_("what comes next"), blank=True)
    letter_passage = models.TextField(_("proposed words for the letter"), blank=True)
    informed_before = models.BooleanField(_("parliament was informed before"), default=False)
    informed_reference = models.TextField(_("where parliament was informed"), blank=True)
    informed_sender = models.CharField(_("who informed parliament"), max_length=200, blank=True)
    internal_note = models.TextField(_("internal note"), blank=True, help_text=_("Never public."))
    # As it was for the entry when this was written; what is public reads it here.
    reported_with = models.ForeignKey(
        StatusEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reported together with"),
    )
    origin = models.CharField(_("origin"), max_length=20, choices=Origin, default=Origin.REPORTED)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author")
    )
    # Who left the words as a draft that the author took over: they do not approve them either.
    words_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("from a draft of"),
    )
    created_at = models.DateTimeField(_("written at"), default=timezone.now)

    class Meta:
        verbose_name = _("version of a status")
        verbose_name_plural = _("versions of a status")
        ordering = ["entry", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "number"],
                name="entryversion_number_once_per_entry",
                violation_error_message=_("This version already exists."),
            ),
            models.UniqueConstraint(fields=["id", "entry"], name="entryversion_key_with_entry"),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="entryversion_number_from_one",
                violation_error_message=_("Versions are numbered from 1."),
            ),
            models.CheckConstraint(
                condition=Q(progress__in=["", *Progress.values]),
                name="entryversion_progress_known",
                violation_error_message=_("Choose how the action point stands."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(progress__in=[answer.value for answer in ANSWERS])
                    & Q(progress_basis__in=Basis.values)
                )
                | (
                    Q(progress__in=["", *(silence.value for silence in SILENCE)])
                    & Q(progress_basis="")
                ),
                name="entryversion_basis_iff_answered",
                violation_error_message=_(
                    "Say of a progress whether it is stated or derived; silence has no basis."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(progress=Progress.DISCONTINUED) | ~Q(discontinued_reason=""),
                name="entryversion_discontinued_has_reason",
                violation_error_message=_("Say why the action point was discontinued."),
            ),
            models.CheckConstraint(
                condition=Q(schedule__in=Schedule.values),
                name="entryversion_schedule_known",
                violation_error_message=_("Choose whether the action point runs on time."),
            ),
            models.CheckConstraint(
                condition=Q(origin__in=Origin.values),
                name="entryversion_origin_known",
                violation_error_message=_("Choose where the text comes from."),
            ),
            models.CheckConstraint(
                condition=Q(informed_before=True) | Q(informed_reference="", informed_sender=""),
                name="entryversion_reference_only_if_informed",
                violation_error_message=_(
                    "Tick that parliament was informed before, or leave the reference out."
                ),
            ),
            _at_most("discontinued_reason"),
            _at_most("narrative"),
            _at_most("outlook"),
            _at_most("letter_passage"),
            _at_most("informed_reference"),
            _at_most("internal_note"),
            AppendOnly(
                name="entryversion_append_only",
                violation_error_message=_("A version cannot be changed; save a new one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry}, {self.number}"


class EntrySource(models.Model):
    """A source on which one version rests."""

    version = models.ForeignKey(
        EntryVersion, models.PROTECT, related_name="sources", verbose_name=_("version")
    )
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="versions", verbose_name=_("source")
    )
    detail = models.CharField(_("where in the source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("source of a version")
        verbose_name_plural = _("sources of a version")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "source"],
                name="entrysource_once",
                violation_error_message=_("This source is already named here."),
            ),
            AppendOnly(
                name="entrysource_append_only",
                violation_error_message=_("A version cannot be changed; save a new one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.source.code}"

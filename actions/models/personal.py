"""What is of one person and no part of the record: drafts, visits, and mail that was sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models.organisations import Organisation
from actions.models.reporting import ReportingRound, StatusEntry

# All fields of one text at their longest, as JSON.
MAX_DRAFT = 400_000


class EntryDraft(models.Model):
    """The form of one entry as it stood in one tab of one writer."""

    entry = models.ForeignKey(
        StatusEntry, models.CASCADE, related_name="drafts", verbose_name=_("status entry")
    )
    writer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by")
    )
    # For which ministry it was typed: there it stays when the pen or the writer moves.
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="+", verbose_name=_("ministry")
    )
    tab = models.UUIDField(_("tab"))
    # Which draft of its tab it is: one that was overtaken on its way is not kept.
    turn = models.PositiveIntegerField(_("number"), default=0)
    read_version = models.PositiveIntegerField(_("version that was open"))
    # The fields by name, each with all values that were sent for it.
    typed = models.JSONField(_("what was typed"))
    saved_at = models.DateTimeField(_("saved at"), default=timezone.now)
    # What was typed in this tab is saved; a draft that was still on its way comes too late.
    is_over = models.BooleanField(_("saved"), default=False)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-saved_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "writer", "tab"],
                name="entrydraft_once_per_tab",
                violation_error_message=_("There is already a draft of this tab."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry}, {timezone.localtime(self.saved_at):%H:%M}"


class RoundVisit(models.Model):
    """When somebody last looked at the overview of a round."""

    round = models.ForeignKey(
        ReportingRound, models.CASCADE, related_name="+", verbose_name=_("round")
    )
    visitor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    # The last look before this visit: what changed since then is new to this person.
    before = models.DateTimeField(_("visit before"), null=True, blank=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["round", "visitor"],
                name="roundvisit_last_one_only",
                violation_error_message=_("There is already a visit of this person."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.round}, {timezone.localtime(self.at):%d-%m-%Y %H:%M}"


class MailPreference(models.Model):
    """Which mail somebody does not want; who has no row wants all."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_preference"
    )
    reminders = models.BooleanField(
        _("reminders"),
        default=True,
        help_text=_("When a deadline comes near or has passed, or a coordinator asks."),
    )
    digest = models.BooleanField(
        _("daily overview"),
        default=True,
        help_text=_("Once a day, and only when something new is asked of you."),
    )

    class Meta:
        verbose_name = _("choice of mail")
        verbose_name_plural = _("choices of mail")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)


class SentMail(models.Model):
    """A message that somebody got; `key` says about what, so that the same is never sent twice."""

    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("to")
    )
    key = models.CharField(_("about"), max_length=200)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("sent message")
        verbose_name_plural = _("sent messages")
        ordering = ["-at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["to", "key"],
                name="sentmail_once",
                violation_error_message=_("This person has had this message."),
            )
        ]

    def __str__(self) -> str:
        return self.key

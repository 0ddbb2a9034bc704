"""What is of one person and no part of the record."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models.reporting import ReportingRound


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

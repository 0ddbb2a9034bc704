"""Half-open periods [from, until), shared by everything that holds for a time."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from actions.models.history import TrackedQuerySet

M = TypeVar("M", bound=models.Model)


def holds_on(day: date, prefix: str = "") -> Q:
    """Return the condition that a period contains a day; a missing date is open."""
    started = Q(**{f"{prefix}valid_from": None}) | Q(**{f"{prefix}valid_from__lte": day})
    not_over = Q(**{f"{prefix}valid_until": None}) | Q(**{f"{prefix}valid_until__gt": day})
    return started & not_over


class PeriodQuerySet(TrackedQuerySet[M]):
    """Rows that hold for a time."""

    def on(self, day: date) -> Self:
        return self.filter(holds_on(day))


class Period(models.Model):
    """Something that holds from a day until, and not on, another."""

    valid_from = models.DateField(
        _("from"), null=True, blank=True, help_text=_("Leave empty when it is not known.")
    )
    valid_until = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("The first day on which it no longer holds. Leave empty when it still holds."),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_from__lt=F("valid_until")),
                name="%(class)s_period_in_order",
                violation_error_message=_("The day it ends must come after the day it starts."),
            ),
        ]

    def holds_on(self, day: date) -> bool:
        """Tell whether the day lies in the period."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )

"""Filters beside the list of status entries; they name only what somebody may read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions import permissions
from actions.choices import ResponsibilityRole
from actions.models import Organisation, ReportingRound, Responsibility, StatusEntry


class _InScopeFilter(admin.SimpleListFilter):
    """A filter that names, and takes, only what stands in entries this person may read."""

    def chosen(self) -> str | None:
        """Return what was chosen, when it is one of the choices."""
        return next((str(key) for key, _ in self.lookup_choices if str(key) == self.value()), None)


class RoundFilter(_InScopeFilter):
    """The year of reporting."""

    title = _("round")
    parameter_name = "round"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        rounds = ReportingRound.objects.filter(
            entries__in=permissions.visible_entries(request.user)
        )
        return [(each.pk, str(each)) for each in rounds.distinct().order_by("-year")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[StatusEntry]
    ) -> QuerySet[StatusEntry]:
        chosen = self.chosen()
        return queryset.filter(round=int(chosen)) if chosen else queryset


class MinistryFilter(_InScopeFilter):
    """Who answers today, as the one with the pen or together with it."""

    title = _("ministry")
    parameter_name = "ministry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        organisations = Organisation.objects.filter(
            responsibilities__in=_answering(),
            responsibilities__action_point__entries__in=permissions.visible_entries(request.user),
        )
        today = timezone.localdate()
        found = [
            (each.slug, str(each.name_on(today) or each))
            for each in organisations.distinct().prefetch_related("names")
        ]
        return sorted(found, key=lambda choice: choice[1].casefold())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[StatusEntry]
    ) -> QuerySet[StatusEntry]:
        chosen = self.chosen()
        if chosen is None:
            return queryset
        answering = _answering().filter(organisation__slug=chosen)
        return queryset.filter(action_point__in=answering.values("action_point"))


def _answering() -> QuerySet[Responsibility]:
    """Return who answers today: those who hold the pen and those who answer with them."""
    return Responsibility.objects.on(timezone.localdate()).exclude(
        role=ResponsibilityRole.IMPLEMENTING
    )

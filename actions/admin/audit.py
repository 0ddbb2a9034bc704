"""Pages about what happened: the audit trail and failed sign-ins. Nobody writes here."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from actions.admin.history import ACTIONS
from actions.admin.policy import PolicyAdmin
from napmonitor.audit.models import AuditEvent, FailedSignIn


class ReadOnlyAdmin(PolicyAdmin):
    """Rows that only the application writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ActionFilter(admin.SimpleListFilter):
    """What was done, in words."""

    title = _("what was done")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(ACTIONS.items(), key=lambda pair: str(pair[1]))

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        return queryset.filter(action=self.value()) if self.value() in ACTIONS else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The audit trail; `manage.py verify_audit` tells whether it holds."""

    list_display = ("sequence", "at", "actor", "acting_as", "what", "object_label", "result")
    list_filter = ("result", ActionFilter)
    list_select_related = ("actor",)
    search_fields = ("action", "object_label", "=object_id")
    ordering = ("-sequence",)
    list_per_page = 100
    fields = (
        *("sequence", "at", "actor", "acting_as", "what", "action"),
        *("kind", "object_id", "object_label", "result", "origin"),
        *("readable_detail", "previous_hash", "hash"),
    )
    readonly_fields = ("what", "kind", "readable_detail")

    @admin.display(description=_("what was done"), ordering="action")
    def what(self, event: AuditEvent) -> str:
        return str(ACTIONS.get(event.action, event.action))

    @admin.display(description=_("kind of object"))
    def kind(self, event: AuditEvent) -> str:
        try:
            return str(apps.get_model(event.object_type)._meta.verbose_name)
        except (LookupError, ValueError):
            return event.object_type or "–"

    @admin.display(description=_("details"))
    def readable_detail(self, event: AuditEvent) -> str:
        return json.dumps(event.detail, ensure_ascii=False, indent=2)


@admin.register(FailedSignIn)
class FailedSignInAdmin(ReadOnlyAdmin):
    """Who tried to sign in and failed."""

    list_display = ("at", "account", "address")
    list_select_related = ("account",)
    ordering = ("-at",)
    fields = ("at", "account", "address")

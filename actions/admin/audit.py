"""Pages about what happened: the audit trail and failed sign-ins. Nobody writes here."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from actions.admin.policy import PolicyAdmin
from napmonitor.audit.models import AuditEvent, FailedSignIn


class ReadOnlyAdmin(PolicyAdmin):
    """Rows that only the application writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The audit trail; `manage.py verify_audit` tells whether it holds."""

    list_display = ("sequence", "at", "actor", "acting_as", "action", "object_label", "result")
    list_filter = ("result", "action")
    list_select_related = ("actor",)
    search_fields = ("action", "object_label", "=object_id")
    ordering = ("-sequence",)
    list_per_page = 100
    fields = (
        *("sequence", "at", "actor", "acting_as", "action"),
        *("object_type", "object_id", "object_label", "result", "origin"),
        *("readable_detail", "previous_hash", "hash"),
    )
    readonly_fields = ("readable_detail",)

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

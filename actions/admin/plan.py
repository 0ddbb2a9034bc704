"""Pages about what: plans, pillars, guiding principles, action points and what became of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from actions import editing, workflow
from actions.admin.parliament import CitationInline
from actions.admin.policy import PolicyAdmin, PolicyInline
from actions.models import (
    ActionPoint,
    ActionPointLink,
    ActionPointSource,
    Pillar,
    Plan,
    PlanParticipant,
    ReportingRound,
    Responsibility,
    UngpPrinciple,
)


class PlanParticipantInline(PolicyInline):
    model = PlanParticipant
    fields = ("organisation", "coordinates", "valid_from", "valid_until", "source")


@admin.register(Plan)
class PlanAdmin(PolicyAdmin):
    """A national action plan and who takes part in it."""

    list_display = ("slug", "title_nl", "starts_on", "ends_on")
    fields = (
        "slug",
        ("title_nl", "title_en"),
        ("starts_on", "ends_on"),
        "document",
        "predecessor",
        "expected_action_points",
        "note",
    )
    inlines = (PlanParticipantInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()


@admin.register(Pillar)
class PillarAdmin(PolicyAdmin):
    """One of the three pillars, of which only the titles can be changed."""

    list_display = ("number", "title_nl", "title_en")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Pillar | None = None
    ) -> tuple[str, ...]:
        # It is the key: another number would be another row.
        return ("number",) if obj else ()


@admin.register(UngpPrinciple)
class UngpPrincipleAdmin(PolicyAdmin):
    """One of the 31 guiding principles."""

    list_display = ("number", "title_nl", "title_en", "pillar")
    list_filter = ("pillar",)
    list_select_related = ("pillar",)
    search_fields = ("title_nl", "title_en")

    def get_readonly_fields(
        self, request: HttpRequest, obj: UngpPrinciple | None = None
    ) -> tuple[str, ...]:
        return ("number",) if obj else ()


class ResponsibilityInline(PolicyInline):
    model = Responsibility
    fields = ("organisation", "role", "basis", "valid_from", "valid_until", "note")


class ActionPointSourceInline(PolicyInline):
    model = ActionPointSource
    fields = ("source", "detail")
    deletable = True


@admin.register(ActionPoint)
class ActionPointAdmin(PolicyAdmin):
    """A point of the plan: who answers for it, where it is named, and its references."""

    list_display = ("code", "title_nl", "pillar", "evidence_class", "in_plan", "plan")
    list_display_links = ("code", "title_nl")
    list_filter = ("plan", "pillar", "evidence_class", "in_plan")
    list_select_related = ("plan", "pillar")
    search_fields = ("code", "official_number", "title_nl", "title_en")
    fieldsets = (
        (
            None,
            {"fields": (("plan", "pillar"), ("code", "in_plan"), "title_nl", "title_en")},
        ),
        (_("Official list"), {"fields": ("official_number", "official_text")}),
        (_("Content"), {"fields": ("description", "time_path", ("starts_on", "due_on"))}),
        (_("Evidence"), {"fields": ("evidence_class", "evidence_note")}),
        (_("UN guiding principles"), {"fields": ("principles",)}),
    )
    inlines = (ResponsibilityInline, ActionPointSourceInline, CitationInline)

    def choices(self, rows: QuerySet[ActionPoint]) -> QuerySet[ActionPoint]:
        return rows.select_related("plan")

    def choice_label(self, row: ActionPoint) -> str:
        return f"{row} ({row.plan.slug})"

    def get_readonly_fields(
        self, request: HttpRequest, obj: ActionPoint | None = None
    ) -> tuple[str, ...]:
        """Fix the plan once there are entries, and the code once something was written."""
        if obj is None or not obj.entries.exists():
            return ()
        written = obj.entries.filter(latest_version__isnull=False).exists()
        return ("plan", "code") if written else ("plan",)

    def save_model(self, request: HttpRequest, obj: ActionPoint, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        editing.tie_citations(obj)
        for each in ReportingRound.objects.filter(plan=obj.plan).in_progress():
            workflow.make_entries(each)


@admin.register(ActionPointLink)
class ActionPointLinkAdmin(PolicyAdmin):
    """What became of an action point in another plan or list."""

    list_display = ("from_point", "kind", "to_point", "date")
    list_display_links = ("from_point",)
    list_filter = ("kind",)
    list_select_related = ("from_point", "to_point")
    search_fields = ("from_point__code", "to_point__code", "reason")
    fields = ("from_point", "kind", "to_point", "reason", "date")

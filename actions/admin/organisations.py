"""Pages about who: organisations with their names, successions, offices with their holders."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.admin.policy import PolicyAdmin, PolicyInline
from actions.models import Office, OfficeHolding, Organisation, OrganisationName, Succession

# The two databases differ on where an unknown date comes; here it means "since ever".
EARLIEST_FIRST = F("valid_from").asc(nulls_first=True)


class OrganisationNameInline(PolicyInline):
    model = OrganisationName
    fields = ("name", "abbreviation", "valid_from", "valid_until", "note")
    ordering = (EARLIEST_FIRST,)


@admin.register(Organisation)
class OrganisationAdmin(PolicyAdmin):
    """An organisation and what it was called through time."""

    list_display = ("name_today", "kind", "slug", "tooi_code")
    list_filter = ("kind",)
    search_fields = ("slug", "tooi_code", "names__name", "names__abbreviation")
    fields = ("slug", "kind", "tooi_code")
    inlines = (OrganisationNameInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organisation]:
        return super().get_queryset(request).prefetch_related("names")

    def choices(self, rows: QuerySet[Organisation]) -> QuerySet[Organisation]:
        return rows.prefetch_related("names")

    def choice_label(self, row: Organisation) -> str:
        name = row.name_on(timezone.localdate())
        if name is None:
            return row.slug
        return f"{name.abbreviation} – {name.name}" if name.abbreviation else name.name

    def get_readonly_fields(
        self, request: HttpRequest, obj: Organisation | None = None
    ) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    @admin.display(description=_("name"), ordering="slug")
    def name_today(self, organisation: Organisation) -> str:
        return self.choice_label(organisation)


@admin.register(Succession)
class SuccessionAdmin(PolicyAdmin):
    """Which organisation came out of which."""

    list_display = ("__str__", "kind", "date")
    list_filter = ("kind",)
    list_select_related = ("predecessor", "successor")
    search_fields = ("predecessor__slug", "successor__slug", "note")


class OfficeHoldingInline(PolicyInline):
    model = OfficeHolding
    fields = ("person", "valid_from", "valid_until", "acting", "basis", "note")
    ordering = (EARLIEST_FIRST,)


@admin.register(Office)
class OfficeAdmin(PolicyAdmin):
    """A political office and who held it through time."""

    list_display = ("title", "organisation", "valid_from", "valid_until")
    list_select_related = ("organisation",)
    search_fields = ("title", "holdings__person")
    fields = ("slug", "title", "organisation", ("valid_from", "valid_until"), "basis", "note")
    inlines = (OfficeHoldingInline,)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Office | None = None
    ) -> tuple[str, ...]:
        return ("slug",) if obj else ()

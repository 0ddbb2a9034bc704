"""Pages about how it stands: reporting rounds, status entries and the versions of their texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_field, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from actions import editing, permissions, workflow
from actions.admin.parliament import CitationInline
from actions.admin.policy import PolicyAdmin, Refused, person
from actions.choices import EntryState, Origin, ResponsibilityRole
from actions.forms import CONTENT, StatusEntryForm
from actions.models import (
    EntryVersion,
    Organisation,
    OrganisationName,
    ReportingRound,
    Responsibility,
    StatusEntry,
)
from actions.permissions import Anyone


@admin.register(ReportingRound)
class ReportingRoundAdmin(PolicyAdmin):
    """One year of reporting; a new one opens an empty entry for every action point."""

    list_display = ("year", "plan", "opens_on", "ministry_deadline", "promised_on", "released_at")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    ordering = ("-year",)
    fieldsets = (
        (None, {"fields": (("plan", "year"),)}),
        (
            _("Dates"),
            {
                "fields": (
                    ("opens_on", "ministry_deadline"),
                    ("promised_on", "promised_note"),
                    "released_at",
                )
            },
        ),
        (_("Documents"), {"fields": ("letter", "report")}),
        (_("Statement of the cabinet"), {"fields": ("statement", "statement_source")}),
        (None, {"fields": ("note",)}),
    )

    def choices(self, rows: QuerySet[ReportingRound]) -> QuerySet[ReportingRound]:
        return rows.select_related("plan")

    def choice_label(self, row: ReportingRound) -> str:
        return f"{row.year} ({row.plan.slug})"

    def get_readonly_fields(
        self, request: HttpRequest, obj: ReportingRound | None = None
    ) -> tuple[str, ...]:
        """Fix plan and year once there are entries, and the release once it has passed."""
        fixed: tuple[str, ...] = ()
        if obj is not None and obj.entries.exists():
            fixed += ("plan", "year")
        if obj is not None and obj.is_released():
            fixed += ("released_at",)
        return fixed

    def save_model(
        self, request: HttpRequest, obj: ReportingRound, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        editing.open_entries([obj])


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


def _shown(name: str) -> Callable[[StatusEntry], Any]:
    """Return how a page without a form shows one field of the latest version."""
    field: Any = EntryVersion._meta.get_field(name)

    @admin.display(description=field.verbose_name)
    def shown(entry: StatusEntry) -> Any:
        value = getattr(entry.latest_version, name, None)
        return display_for_field(value, field, "–") if value not in (None, "") else "–"

    shown.__name__ = name
    return shown


_MARKDOWN = _(
    "Write plain text. A heading starts with ###, a bullet with a hyphen, a number with 1. "
    "A link is [words](https://address)."
)
_SHOWN = {name: _shown(name) for name in CONTENT}


@admin.register(StatusEntry)
class StatusEntryAdmin(PolicyAdmin):
    """What a ministry reports about one action point; every save is a new version of the text."""

    form = StatusEntryForm
    change_form_template = "admin/actions/statusentry/change_form.html"
    list_display = ("code", "title", "year", "lead", "state", "progress", "written_at")
    list_display_links = ("code", "title")
    list_filter = (RoundFilter, "state", MinistryFilter)
    list_select_related = ("action_point", "round", "latest_version")
    search_fields = ("action_point__code", "action_point__title_nl", "action_point__title_en")
    ordering = ("-round__year", "action_point__code")
    readonly_fields = (
        "title",
        "year",
        "state",
        "responsible",
        "description",
        "official_text",
        "published",
        "shown_sources",
        "reported_with_point",
    )

    # Whose rows, and which verbs.

    def scope(self, user: Anyone, rows: QuerySet[StatusEntry]) -> QuerySet[StatusEntry]:
        return rows.filter(pk__in=permissions.visible_entries(user).values("pk"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Entries are made with their round and their action point.
        return False

    def has_view_permission(self, request: HttpRequest, obj: StatusEntry | None = None) -> bool:
        reads = request.user.has_perm("actions.view_statusentry") or request.user.has_perm(
            "actions.view_every_statusentry"
        )
        return reads and self.in_scope(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: StatusEntry | None = None) -> bool:
        if obj is None:
            return request.user.has_perm("actions.change_statusentry") or request.user.has_perm(
                "actions.edit_every_statusentry"
            )
        return self.in_scope(request, obj) and permissions.can_edit(request.user, obj)

    # The list.

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusEntry]:
        today = timezone.localdate()
        lead = Responsibility.objects.on(today).filter(
            action_point=OuterRef("action_point"), role=ResponsibilityRole.LEAD
        )
        name = OrganisationName.objects.on(today).filter(organisation=OuterRef("lead_key"))
        rows: QuerySet[StatusEntry] = super().get_queryset(request)
        return rows.alias(
            lead_key=Subquery(lead.values("organisation")[:1]),
        ).annotate(
            lead_name=Coalesce(
                NullIf(Subquery(name.values("abbreviation")[:1]), Value("")),
                Subquery(name.values("name")[:1]),
                Subquery(lead.values("organisation__slug")[:1]),
                output_field=CharField(),
            )
        )

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> StatusEntry | None:
        """Hold the row while a text is stored, so that its state and version cannot change."""
        entry = super().get_object(request, object_id, from_field)
        if entry and request.method == "POST" and transaction.get_connection().in_atomic_block:
            entry = StatusEntry.objects.select_for_update().get(pk=entry.pk)
        return entry

    def choices(self, rows: QuerySet[StatusEntry]) -> QuerySet[StatusEntry]:
        return rows.select_related("action_point").order_by("action_point__code")

    def choice_label(self, row: StatusEntry) -> str:
        return str(row.action_point)

    @admin.display(description=_("code"), ordering="action_point__code")
    def code(self, entry: StatusEntry) -> str:
        return entry.action_point.code

    @admin.display(description=_("action point"), ordering="action_point__title_nl")
    def title(self, entry: StatusEntry) -> str:
        return entry.action_point.title

    @admin.display(description=_("year"), ordering="round__year")
    def year(self, entry: StatusEntry) -> int:
        return entry.round.year

    @admin.display(description=_("ministry"), ordering="lead_name")
    def lead(self, entry: StatusEntry) -> str:
        return str(getattr(entry, "lead_name", None) or "–")

    @admin.display(description=_("progress"), ordering="latest_version__progress")
    def progress(self, entry: StatusEntry) -> str:
        version = entry.latest_version
        return version.get_progress_display() if version and version.progress else "–"

    @admin.display(description=_("last change"), ordering="latest_version__created_at")
    def written_at(self, entry: StatusEntry) -> str:
        if entry.latest_version is None:
            return "–"
        day = timezone.localdate(entry.latest_version.created_at)
        return date_format(day, "SHORT_DATE_FORMAT")

    # The page.

    def get_fieldsets(self, request: HttpRequest, obj: StatusEntry | None = None) -> Any:
        writes = obj is not None and self.has_change_permission(request, obj)

        def fields(*names: str) -> tuple[Any, ...]:
            return names if writes else tuple(_SHOWN.get(name, name) for name in names)

        point = obj.action_point if obj else None
        about = ["title", "year", "state", "responsible"]
        about += [name for name in ("description", "official_text") if getattr(point, name, "")]
        together = "reported_with" if writes else "reported_with_point"
        hidden = ("read_version",) if writes else ()
        return (
            (None, {"fields": (*about, "published", *hidden)}),
            (
                _("How it stands"),
                {
                    "fields": fields(
                        "progress",
                        "progress_basis",
                        "discontinued_reason",
                        "schedule",
                        "continues_after_plan",
                    )
                },
            ),
            (
                _("Text"),
                {
                    "fields": (*fields("narrative", "outlook", "letter_passage"), together),
                    "description": _MARKDOWN if writes else "",
                },
            ),
            (
                _("Told to parliament before"),
                {"fields": fields("informed_before", "informed_reference", "informed_sender")},
            ),
            (
                _("Sources and note"),
                {"fields": ("sources" if writes else "shown_sources", *fields("internal_note"))},
            ),
        )

    def get_form(
        self,
        request: HttpRequest,
        obj: StatusEntry | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        # The other fields are those of a version; the form adds them itself.
        kwargs["fields"] = ["reported_with"]
        return super().get_form(request, obj, change, **kwargs)

    @admin.display(description=_("responsible"))
    def responsible(self, entry: StatusEntry) -> str:
        today = timezone.localdate()
        held = entry.action_point.responsibilities.on(today).select_related("organisation")
        return "; ".join(
            f"{each.organisation.name_on(today) or each.organisation} "
            f"({each.get_role_display()}, {each.get_basis_display()})"
            for each in held.prefetch_related("organisation__names")
        )

    @admin.display(description=_("description"))
    def description(self, entry: StatusEntry) -> str:
        return entry.action_point.description

    @admin.display(description=_("official text"))
    def official_text(self, entry: StatusEntry) -> str:
        return entry.action_point.official_text

    @admin.display(description=_("published version"))
    def published(self, entry: StatusEntry) -> str:
        version = entry.published_version
        if version is None:
            return gettext("none")
        if entry.round.is_released():
            return gettext("version %d, public") % version.number
        return gettext("version %d, public when the round is released") % version.number

    @admin.display(description=_("sources"))
    def shown_sources(self, entry: StatusEntry) -> str:
        version = entry.latest_version
        return _source_list(version) if version else ""

    @admin.display(description=_("reported together with"))
    def reported_with_point(self, entry: StatusEntry) -> str:
        return str(entry.reported_with.action_point) if entry.reported_with else "–"

    def save_model(
        self, request: HttpRequest, obj: StatusEntry, form: StatusEntryForm, change: bool
    ) -> None:
        """Store a new version when the text changed; nothing else of the entry is a field."""
        if form.text_changed():
            reconstructed = obj.state == EntryState.RECONSTRUCTED
            try:
                editing.save_text(
                    obj,
                    form.content(),
                    author=person(request),
                    read_version=form.cleaned_data["read_version"],
                    sources=form.sources(),
                    origin=Origin.RECONSTRUCTED if reconstructed else Origin.REPORTED,
                )
            except editing.Changed as error:
                raise Refused(
                    gettext(
                        "Somebody else saved this text after you opened it. What you typed "
                        "stands below and is not stored. Open this page in another window to "
                        "see what changed (the newest version stands at the bottom), and put "
                        "your words in there."
                    )
                ) from error
        if "reported_with" in form.changed_data:
            editing.report_with(obj, form.cleaned_data["reported_with"])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        entry = super().get_object(request, unquote(object_id))
        context = dict(extra_context or {})
        if entry is not None:
            context |= {
                "abilities": permissions.abilities(request.user, entry),
                "versions": entry.versions.select_related("author").order_by("-number"),
                "transitions": entry.transitions.select_related("actor", "version").order_by(
                    "-at", "-pk"
                ),
            }
        return super().change_view(request, object_id, form_url, context)

    # The steps.

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.transition_view)
        return [
            path("<int:pk>/transition/<slug:name>/", view, name="actions_statusentry_transition"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def transition_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Take one step in the workflow, and say on the page of the entry how that went."""
        entry = self.get_queryset(request).filter(pk=pk).first()
        if entry is None or name != "publish-reconstruction":
            raise Http404
        if not request.user.has_perm("actions.edit_every_statusentry"):
            raise PermissionDenied
        note = request.POST.get("note", "").strip()
        try:
            if not note:
                raise workflow.NotPossible(gettext("Say in one sentence why."))
            workflow.publish_reconstruction(entry, actor=person(request), note=note)
        except workflow.NotPossible as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.log_change(request, entry, gettext("Published the text."))
            self.message_user(request, gettext("The text is published."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:actions_statusentry_change", args=[pk]))


def _source_list(version: EntryVersion) -> str:
    rows = version.sources.select_related("source")
    return "\n".join(f"{each.source} {each.detail}".strip() for each in rows)


@admin.register(EntryVersion)
class EntryVersionAdmin(PolicyAdmin):
    """One version as it was written; versions are added by saving a text and never changed."""

    list_display = ("entry", "number", "author", "created_at", "origin")
    list_select_related = ("entry__action_point", "entry__round", "author")
    ordering = ("-created_at",)
    readonly_fields = ("shown_sources",)
    fieldsets = (
        (None, {"fields": ("entry", "number", "author", "created_at", "origin")}),
        (_("Text"), {"fields": CONTENT}),
        (_("Sources"), {"fields": ("shown_sources",)}),
    )
    inlines = (CitationInline,)

    def scope(self, user: Anyone, rows: QuerySet[EntryVersion]) -> QuerySet[EntryVersion]:
        return rows.filter(entry__in=permissions.visible_entries(user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        # Reached from the entry, not from the first page.
        return False

    def has_view_permission(self, request: HttpRequest, obj: EntryVersion | None = None) -> bool:
        reads = request.user.has_perm("actions.view_statusentry") or request.user.has_perm(
            "actions.view_every_statusentry"
        )
        return reads and self.in_scope(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("sources"))
    def shown_sources(self, version: EntryVersion) -> str:
        return _source_list(version)

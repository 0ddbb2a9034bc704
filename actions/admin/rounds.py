"""The page of a reporting round: its dates, and the buttons that open and publish it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from actions import permissions, visits, workflow
from actions.admin import overview
from actions.admin.policy import person
from actions.admin.remark_sheet import RemarkPages
from actions.admin.reminding import RemindingPages
from actions.admin.round_setup import SetUpPages
from actions.admin.steps import PublishForm
from actions.choices import EntryState
from actions.forms import ReportingRoundForm
from actions.models import ReportingRound
from actions.richtext import MAX_CHARACTERS
from napmonitor.audit import trail
from napmonitor.audit.models import Result

# What of a round stands in its documents: who changes it has a hand in them.
_IN_DOCUMENTS = frozenset(
    {"letter", "report", "promised_on", "promised_note", "statement", "statement_source"}
)


@admin.register(ReportingRound)
class ReportingRoundAdmin(RemarkPages, RemindingPages, SetUpPages):
    """One year of reporting; the ministries write in it once it is opened."""

    form = ReportingRoundForm
    change_form_template = "admin/actions/reportinground/change_form.html"
    change_list_template = "admin/actions/reportinground/change_list.html"
    list_display = (
        *("year", "plan", "opened_on", "ministry_deadline", "promised_on"),
        *("published_on", "released_at"),
    )
    readonly_fields = ("opened_on", "published_on")
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
                    ("opened_on", "published_on"),
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
        """Fix plan and year once there are entries; an open round goes public by publishing it."""
        fixed: tuple[str, ...] = self.readonly_fields
        if obj is not None and obj.entries.exists():
            fixed += ("plan", "year")
        releases = request.user.has_perm("actions.publish_reportinground")
        if not releases or (obj is not None and (obj.opened_on is not None or obj.is_released())):
            fixed += ("released_at",)
        return fixed

    def save_model(
        self, request: HttpRequest, obj: ReportingRound, form: Any, change: bool
    ) -> None:
        """Store a round; that a year read from letters becomes public stands in the trail."""
        super().save_model(request, obj, form, change)
        if written := sorted(_IN_DOCUMENTS & set(form.changed_data)):
            trail.record(
                "edition.write", actor=person(request), about=obj, detail={"fields": written}
            )
        if "released_at" in form.changed_data:
            moment = obj.released_at.isoformat() if obj.released_at else None
            detail = {"released_at": moment}
            trail.record("round.move-release", actor=person(request), about=obj, detail=detail)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        each = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if each is not None:
            context |= self._around(request, each)
        return super().change_view(request, object_id, form_url, context)

    def _around(self, request: HttpRequest, each: ReportingRound) -> dict[str, Any]:
        """Return how far the round is, and the buttons for who may press them."""
        counts = dict(
            each.entries.filter(action_point__in_plan=True)
            .values_list("state")
            .annotate(Count("pk"))
            .order_by()
        )
        return {
            "counts": [(state.label, counts[state]) for state in EntryState if state in counts],
            "unfinished": workflow.unfinished(each) if each.opened_on else [],
            "may_oversee": request.user.has_perm("actions.view_every_statusentry"),
            "may_open": permissions.can_open(request.user, each),
            "able_to_approve": permissions.able_to_approve(),
            "publish_form": (
                PublishForm(each) if permissions.can_publish(request.user, each) else None
            ),
        }

    # The steps.

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(
                route, self.admin_site.admin_view(view), name=f"actions_reportinground_{name}"
            )

        return [
            own("<int:pk>/transition/<slug:name>/", self.transition_view, "transition"),
            own("<int:pk>/overview/", self.overview_view, "overview"),
            own("<int:pk>/approve/", self.approve_view, "approve"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def overview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show where the ministries stand in a round."""
        return self.overview_page(request, self._overseen(request, pk))

    @method_decorator(require_POST)
    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve the chosen entries and show how each ended."""
        each = self._overseen(request, pk)
        if not request.user.has_perm("actions.approve_statusentry"):
            raise PermissionDenied
        outcomes = overview.approve(
            each.entries.all(),
            request.POST.getlist("entry"),
            request.POST.get("note", "")[:MAX_CHARACTERS],
            person(request),
        )
        context = {"outcomes": outcomes}
        return self.page(request, each, "approved.html", gettext("What became of it"), context)

    def _overseen(self, request: HttpRequest, pk: int) -> ReportingRound:
        """Return a round for who sees the entries of all ministries."""
        rounds = visits.with_last_look(self.get_queryset(request), person(request))
        each = rounds.filter(pk=pk).first()
        if each is None:
            raise Http404
        if not request.user.has_perm("actions.view_every_statusentry"):
            raise PermissionDenied
        return each

    @method_decorator(require_POST)
    def transition_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Open or publish a round; who may not gets 403, and that stands in the audit trail."""
        each = self.get_queryset(request).filter(pk=pk).first()
        take = {"open": self._open, "publish": self._publish}.get(name)
        if each is None or take is None:
            raise Http404
        try:
            answer = take(request, each)
        except PermissionDenied:
            trail.record(f"round.{name}", actor=person(request), about=each, result=Result.REFUSED)
            raise
        return answer or HttpResponseRedirect(
            reverse("admin:actions_reportinground_change", args=[pk])
        )

    def _open(self, request: HttpRequest, each: ReportingRound) -> None:
        try:
            opened = workflow.open_round(each, actor=person(request))
        except workflow.NotPossible as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        sentence = ngettext(
            "The round is open; %d action point was added.",
            "The round is open; %d action points were added.",
            opened.entries,
        )
        self.message_user(request, sentence % opened.entries, messages.SUCCESS)
        if opened.without_lead:
            sentence = gettext("Nobody holds the pen today for: %s.")
            codes = ", ".join(opened.without_lead)
            self.message_user(request, sentence % codes, messages.WARNING)

    def _publish(self, request: HttpRequest, each: ReportingRound) -> HttpResponse | None:
        if not request.user.has_perm("actions.publish_reportinground"):
            raise PermissionDenied
        form = PublishForm(each, request.POST)
        if form.is_valid():
            moment = form.cleaned_data["released_at"]
            try:
                workflow.publish_round(each, actor=person(request), released_at=moment)
            except workflow.NotPossible as refusal:
                form.add_error(refusal.field or None, str(refusal))
            else:
                self.message_user(request, gettext("The round is published."), messages.SUCCESS)
                return None
        title = gettext("Publish the round")
        return self.page(request, each, "publish.html", title, {"form": form})

"""The remarks of a round as one table on a page and in a file, with every return and its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from actions import permissions
from actions.admin.policy import PolicyAdmin, person
from actions.exports import csv_response
from actions.models import ReportingRound
from actions.queries.records import Name
from actions.queries.remark_sheet import ReasonLine, RemarkLine, RemarkSheet, Speaker, remark_sheet
from napmonitor.audit import trail

# In the order of the columns of the file.
COLUMNS = (
    *(_("Action point"), _("Title"), _("Ministry"), _("About"), _("Version"), _("Passage")),
    *(_("Remark"), _("Proposed text"), _("By"), _("Role"), _("At")),
    *(_("What became of it"), _("Reason")),
    *(_("Answered by"), _("Role of who answered"), _("Answered at"), _("Taken over in version")),
)


class RemarkFilter(forms.Form):
    """Which remarks to show; what is no choice is no filter."""

    ministry = forms.ChoiceField(label=_("Ministry"), required=False)
    only = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("everything")),
            ("open", _("what nobody answered yet")),
            ("answered", _("what was answered")),
        ],
    )

    def __init__(self, asked: Mapping[str, Any], ministries: Iterable[Name]) -> None:
        super().__init__({name: asked.get(name, "") for name in self.base_fields})
        field: Any = self.fields["ministry"]
        field.choices = [("", gettext("all")), *((each.slug, each.short) for each in ministries)]
        self.is_valid()

    def of_ministry(self, line: RemarkLine | ReasonLine) -> bool:
        """Tell whether a line is about an entry of the ministry that was chosen."""
        asked = self.cleaned_data.get("ministry")
        return not asked or (
            line.subject.ministry is not None and line.subject.ministry.slug == asked
        )

    def keeps(self, line: RemarkLine) -> bool:
        """Tell whether a remark is asked for."""
        wanted = {"open": line.answer is None, "answered": line.answer is not None}
        return self.of_ministry(line) and wanted.get(self.cleaned_data.get("only", ""), True)


class RemarkPages(PolicyAdmin):
    """The addresses of the remarks of a round: for who reads all entries, or some of them."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "<int:pk>/remarks/",
                self.admin_site.admin_view(self.remarks_view),
                name="actions_reportinground_remarks",
            ),
            path(
                "<int:pk>/remarks/download/",
                self.admin_site.admin_view(self.remarks_file_view),
                name="actions_reportinground_remarks_file",
            ),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def remarks_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show all that was said of the entries of a round that this person may read."""
        each, sheet = self._sheet(request, pk)
        chosen = RemarkFilter(request.GET, sheet.ministries)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": each,
            "title": gettext("Remarks of round %d") % each.year,
            "filter": chosen,
            "remarks": [line for line in sheet.remarks if chosen.keeps(line)],
            "all_remarks": len(sheet.remarks),
            "reasons": [line for line in sheet.reasons if chosen.of_ministry(line)],
            "may_view_rounds": self.has_view_permission(request, each),
        }
        return TemplateResponse(request, "admin/actions/reportinground/remarks.html", context)

    @method_decorator(require_safe)
    def remarks_file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the remarks as a file; that they left the application stands in the audit trail."""
        each, sheet = self._sheet(request, pk)
        chosen = RemarkFilter(request.GET, sheet.ministries)
        lines = [line for line in sheet.remarks if chosen.keeps(line)]
        detail = {"what": "remarks", "remarks": len(lines), **chosen.cleaned_data}
        trail.record("document.read", actor=person(request), about=each, detail=detail)
        name = f"opmerkingen-{each.year}.csv"
        return csv_response(name, [str(column) for column in COLUMNS], map(_cells, lines))

    def _sheet(self, request: HttpRequest, pk: int) -> tuple[ReportingRound, RemarkSheet]:
        """Return a round with what this person may read of it; a round of others is not there."""
        user = person(request)
        each = self.get_queryset(request).filter(pk=pk).first()
        entries = permissions.visible_entries(user).filter(round=pk)
        reads_all = user.has_perm("actions.view_every_statusentry")
        if each is None or not (reads_all or entries.exists()):
            raise Http404
        return each, remark_sheet(entries)


def _cells(line: RemarkLine) -> list[object]:
    answer = line.answer
    return [
        line.subject.code,
        line.subject.title,
        line.subject.ministry.short if line.subject.ministry else "",
        line.field.label,
        line.version,
        line.quote,
        line.text,
        line.proposal,
        *_said(line.by, line.at),
        *((answer.answer.label, answer.reason) if answer else ("", "")),
        *(_said(answer.by, answer.at) if answer else ("", "", "")),
        answer.version if answer else None,
    ]


def _said(by: Speaker, at: datetime) -> tuple[str, str, str]:
    return by.name, by.roles, f"{timezone.localtime(at):%Y-%m-%d %H:%M}"

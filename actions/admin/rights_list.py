"""The list of rights: who may what in a period, as a page, as a file, and its review."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from actions import reviews
from actions.admin.people_forms import PeriodForm, ReviewForm, in_words
from actions.admin.policy import PolicyAdmin, person
from actions.exports import csv_response
from actions.permissions import Anyone
from actions.queries.rights import Line, Mark, ReviewPeriod, RightsList, rights_list
from actions.rights import NotPossible

# In the order of the columns of the file.
COLUMNS = (
    *(_("Name"), _("E-mail address"), _("Ministry"), _("Role"), _("From"), _("Until")),
    *(_("Account active"), _("Last sign-in"), _("Given by"), _("Given on"), _("To look at")),
)


class RightsPages(PolicyAdmin):
    """The addresses of the list of rights, for who may see the roles and the accounts."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("rights/", view(self.rights_view), name="actions_membership_rights"),
            path(
                "rights/download/", view(self.download_view), name="actions_membership_rights_file"
            ),
            path(
                "rights/reviewed/",
                view(self.reviewed_view),
                name="actions_membership_rights_reviewed",
            ),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def rights_view(self, request: HttpRequest) -> HttpResponse:
        """Show who held which role in a period, and what to look at."""
        if not reviews.may_see_list(request.user):
            raise PermissionDenied
        asked = PeriodForm(request.GET)
        found = rights_list(asked.chosen())
        form = ReviewForm(initial={"seen": _digest(found)})
        return self._list_page(request, asked, found, form)

    @method_decorator(require_POST)
    def download_view(self, request: HttpRequest) -> HttpResponse:
        """Give the list as a file; that it left the application stands in the audit trail."""
        if not reviews.may_see_list(request.user):
            self.record_refusal(request, None, "export")
            raise PermissionDenied
        found = rights_list(PeriodForm(request.POST).chosen())
        answer = file_of(found)
        reviews.exported(
            found.period.word,
            rows=len(found.lines),
            digest=sha256(answer.content).hexdigest(),
            actor=person(request),
        )
        return answer

    @method_decorator(require_POST)
    def reviewed_view(self, request: HttpRequest) -> HttpResponse:
        """Note that somebody reviewed the list that was on their screen."""
        if not reviews.may_review(request.user):
            self.record_refusal(request, None, "review")
            raise PermissionDenied
        asked = PeriodForm(request.POST)
        found, form = rights_list(asked.chosen()), ReviewForm(request.POST)
        if form.is_valid() and self._confirmed(request, found, form):
            self.message_user(request, gettext("The review is recorded."), messages.SUCCESS)
            return HttpResponseRedirect(_address(found.period))
        # What is on the screen from here on is the list as it is now.
        form.data = {**form.data.dict(), "seen": _digest(found)}  # type: ignore[attr-defined]
        return self._list_page(request, asked, found, form)

    def _confirmed(self, request: HttpRequest, found: RightsList, form: ReviewForm) -> bool:
        try:
            reviews.confirm(
                found.period,
                rows=len(found.lines),
                digest=_digest(found),
                seen=form.cleaned_data["seen"],
                remark=form.cleaned_data["remark"],
                actor=person(request),
            )
        except NotPossible as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return False
        return True

    def _list_page(
        self, request: HttpRequest, asked: PeriodForm, found: RightsList, form: ReviewForm
    ) -> HttpResponse:
        period = found.period
        name = None if period.is_day else in_words(period.word)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("List of rights"),
            "asked": asked,
            "list": found,
            "period_name": name,
            "to_look_at": sum(bool(line.marks) for line in found.lines),
            "review_form": form if self._can_be_reviewed(request, period) else None,
            "is_future": period.first > timezone.localdate(),
            "is_running": period.first <= timezone.localdate() < period.until,
        }
        return TemplateResponse(request, "admin/actions/membership/rights.html", context)

    def _can_be_reviewed(self, request: HttpRequest, period: ReviewPeriod) -> bool:
        return reviews.may_review(request.user) and reviews.is_reviewable(period)


def rights_review(user: Anyone) -> dict[str, Any] | None:
    """Return which reviews of rights wait for somebody, by name, and when the next one comes."""
    if not reviews.may_review(user):
        return None
    due = reviews.due()
    return {
        "due": [(in_words(period.word), _address(period)) for period in due.periods],
        "next_on": due.next_on,
    }


def file_of(found: RightsList) -> HttpResponse:
    """Return the list as a file, the same for everybody: in the language of the application."""
    with translation.override(settings.LANGUAGE_CODE):
        return csv_response(
            f"rechten-{found.period.word}.csv",
            [str(column) for column in COLUMNS],
            [list(_cells(line)) for line in found.lines],
        )


def _digest(found: RightsList) -> str:
    return sha256(file_of(found).content).hexdigest()


def _cells(line: Line) -> Iterable[object]:
    role = line.role or (gettext("sets up the installation") if _sets_up(line) else "")
    return (
        *(line.name, line.email, line.ministry, role, line.valid_from, line.valid_until),
        gettext("yes") if line.is_active else gettext("no"),
        *(line.last_seen, line.given_by, line.given_on),
        ", ".join(str(mark.label) for mark in line.marks),
    )


def _sets_up(line: Line) -> bool:
    return Mark.EVERY_RIGHT in line.marks


def _address(period: ReviewPeriod) -> str:
    key = "day" if period.is_day else "period"
    return f"{reverse('admin:actions_membership_rights')}?{urlencode({key: period.word})}"

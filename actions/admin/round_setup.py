"""Making a round in one form, which first shows what it will make and whom it will ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from actions import permissions, workflow
from actions.admin.policy import PolicyAdmin, person
from actions.forms import within_reason
from actions.holidays import is_day_off
from actions.models import Plan, ReportingRound
from actions.queries.coming_round import ComingRound, coming_round

FIRST_YEAR, LAST_YEAR = 2000, 2100
# Of most plans the sources name no days, only the years that stand in its address.
_YEARS = re.compile(r"\d{4}-(\d{4})")


def _day(label: Any, **options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


class SetUpForm(forms.Form):
    """What a round needs; its field names are those of `workflow.set_up_round`."""

    required_css_class = "required"

    plan = forms.ModelChoiceField(
        Plan.objects.order_by("-slug"),
        label=_("Plan"),
        empty_label=None,
        help_text=_("On which plan the ministries report."),
    )
    year = forms.IntegerField(
        label=_("Year reported on"),
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        help_text=_("The year that the texts are about, in four digits. For example: 2026."),
    )
    opens_on = _day(
        _("Opens on"),
        help_text=_("Who holds the pen on this day writes. The round opens when you open it."),
    )
    ministry_deadline = _day(
        _("Deadline for ministries"),
        help_text=_(
            "The ministries submit on this day at the latest. Reminders count from this day."
        ),
    )
    promised_on = _day(
        _("Promised to parliament by"),
        required=False,
        help_text=_("Leave empty when nothing was promised. You can change it later."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        within_reason(self.fields.values())
        field: Any = self.fields["plan"]
        field.label_from_instance = lambda plan: plan.title

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                workflow.refuse_round(**cleaned)
            except workflow.NotPossible as refusal:
                self.add_error(refusal.field, str(refusal))
        return cleaned

    def mark(self) -> str:
        """Return the values as one text, to see whether they are those of the preview."""
        values = (getattr(each, "pk", each) for each in self.cleaned_data.values())
        return " ".join(str(each) for each in values)


def warnings(form: SetUpForm, coming: ComingRound) -> Iterator[str]:
    """Yield what is possible and perhaps not meant."""
    asked = form.cleaned_data
    today = timezone.localdate()
    deadline: date = asked["ministry_deadline"]
    promised: date | None = asked["promised_on"]
    if is_day_off(deadline):
        yield gettext("The deadline for ministries is in a weekend or on a holiday.")
    if promised and is_day_off(promised):
        yield gettext("The date promised to parliament is in a weekend or on a holiday.")
    if deadline < today:
        yield gettext("The deadline for ministries has passed already.")
    last = last_year(asked["plan"])
    if last and asked["year"] > last:
        yield gettext("The last year of this plan is %(year)d.") % {"year": last}
    if asked["opens_on"] > today:
        yield gettext("The day of opening is still to come. “Make and open” opens the round today.")
    if any(each.has_nobody for each in coming.ministries):
        yield gettext("At some ministries nobody can do what is asked; see the table.")
    if coming.without_lead:
        yield gettext("For some action points nobody holds the pen; nobody can write there.")
    if not coming.entries:
        yield gettext("This plan has no action points.")


class SetUpPages(PolicyAdmin):
    """The address where a round is made."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.set_up_view)
        return [path("set-up/", view, name="actions_reportinground_set_up"), *super().get_urls()]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def set_up_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the dates, show what follows from them, and make the round when told to."""
        if not request.user.has_perm("actions.open_reportinground"):
            if request.method == "POST":
                self.record_refusal(request, None, "set-up")
            raise PermissionDenied
        if request.method != "POST":
            return self._form_page(request, SetUpForm(initial=_first_guess()), None)
        form = SetUpForm(request.POST)
        if not form.is_valid():
            return self._form_page(request, form, None)
        makes = "_make" in request.POST or "_open" in request.POST
        if makes and request.POST.get("previewed") == form.mark():
            made = self._make(request, form)
            if made is not None:
                return HttpResponseRedirect(
                    reverse("admin:actions_reportinground_change", args=[made.pk])
                )
        elif makes:
            sentence = gettext("Something differs from what you looked at. Look at it once more.")
            self.message_user(request, sentence, messages.WARNING)
        if form.errors:
            return self._form_page(request, form, None)
        coming = coming_round(form.cleaned_data["plan"], form.cleaned_data["opens_on"])
        return self._form_page(request, form, coming)

    def _make(self, request: HttpRequest, form: SetUpForm) -> ReportingRound | None:
        """Make the round; when it is refused the form says why."""
        opening = "_open" in request.POST
        try:
            made = workflow.set_up_round(
                **form.cleaned_data, actor=person(request), open_now=opening
            )
        except workflow.NotPossible as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return None
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
            return None
        sentence = (
            gettext("The round is made, and open to the ministries.")
            if opening
            else gettext("The round is made. Open it on this page when the ministries may write.")
        )
        self.message_user(request, sentence, messages.SUCCESS)
        return made

    def _form_page(
        self, request: HttpRequest, form: SetUpForm, coming: ComingRound | None
    ) -> HttpResponse:
        approvers = list(permissions.able_to_approve()) if coming else []
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Set up a round"),
            "no_further_year": _no_further_year(form),
            "form": form,
            "coming": coming,
            # Sent along with the buttons: what somebody did not look at is not made.
            "mark": form.mark() if coming else "",
            "warnings": list(warnings(form, coming)) if coming else [],
            "approvers": approvers,
            "enough_approvers": len(approvers) >= workflow.COORDINATORS_NEEDED,
        }
        return TemplateResponse(request, "admin/actions/reportinground/set_up.html", context)


def last_year(plan: Plan) -> int | None:
    """Return the last year of a plan, as far as that is known."""
    if plan.ends_on:
        return plan.ends_on.year
    named = _YEARS.fullmatch(plan.slug)
    return int(named[1]) if named else None


def next_year(plan: Plan, rounds: Sequence[int]) -> int | None:
    """Return the year after the last round of a plan; None when that is after the plan."""
    year = max(rounds) + 1 if rounds else timezone.localdate().year
    last = last_year(plan)
    if last is None or year <= last:
        return year
    return None if rounds else last


def _rounds_of(plan: Plan) -> list[int]:
    return list(plan.rounds.order_by("year").values_list("year", flat=True))


def _no_further_year(form: SetUpForm) -> str:
    """Say why no year is proposed, on a page that proposes; nothing when there is one."""
    plan: Plan | None = form.initial.get("plan")
    if plan is None or form.initial["year"]:
        return ""
    return gettext(
        "No year is filled in: %(plan)s has no further year. There are rounds of %(years)s "
        "already, and %(last)d is its last year."
    ) % {
        "plan": plan.title,
        "years": ", ".join(str(year) for year in _rounds_of(plan)),
        "last": last_year(plan),
    }


def _first_guess() -> dict[str, Any]:
    """Return the newest plan, the first year it has no round for, and today."""
    plan = Plan.objects.order_by("-slug").first()
    return {
        "plan": plan,
        "year": next_year(plan, _rounds_of(plan)) if plan else None,
        "opens_on": timezone.localdate(),
    }

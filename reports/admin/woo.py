"""The page of coordinators on which they take along what a Woo request asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from actions.admin.policy import person
from actions.models import ActionPoint, ReportingRound
from napmonitor.audit import trail
from napmonitor.audit.models import Result
from reports import woo
from reports.renderers.docx import NotRendered

if TYPE_CHECKING:
    _Choices: TypeAlias = forms.ModelMultipleChoiceField[Any]
else:
    # At run time the class takes no model in brackets.
    _Choices = forms.ModelMultipleChoiceField


# No key has more digits; a database does not look for a longer one.
_LONGEST_KEY: Final = 18


class _Rows(_Choices):
    """Rows to tick; a key that no database holds is no choice."""

    def clean(self, value: Any) -> Any:
        for each in value or ():
            if len(str(each)) > _LONGEST_KEY:
                raise ValidationError(
                    self.error_messages["invalid_choice"], "invalid_choice", {"value": each}
                )
        return super().clean(value)


class WooForm(forms.Form):
    """What the request asks for, and whether names go along."""

    rounds = _Rows(
        ReportingRound.objects.select_related("plan").order_by("-plan", "-year"),
        label=_("Rounds"),
        help_text=_("The years that the request is about."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one round.")},
    )
    points = _Rows(
        ActionPoint.objects.select_related("plan").order_by("-plan", "pillar", "code"),
        label=_("Action points"),
        help_text=_("Of each you get one file, with all that was stored in these years."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one action point.")},
    )
    with_names = forms.BooleanField(
        label=_("With the list of names"),
        required=False,
        help_text=_(
            "Then a separate file says who is meant by each number. Tick this only for who has to "
            "know that."
        ),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        several = ReportingRound.objects.values("plan").distinct().count() > 1
        field: Any
        for name in ("points", "rounds"):
            field = self.fields[name]
            field.label_from_instance = _with_plan if several else _without_plan


def _without_plan(row: ActionPoint | ReportingRound) -> str:
    return f"{row.code} {row.title}" if isinstance(row, ActionPoint) else str(row.year)


def _with_plan(row: ActionPoint | ReportingRound) -> str:
    return f"{_without_plan(row)} ({row.plan.title})"


@require_http_methods(["GET", "HEAD", "POST"])
def woo_view(request: HttpRequest) -> HttpResponse:
    """Let a coordinator choose what a request asks for, and give it; others find no such page."""
    if request.method != "POST":
        if not woo.may_take(person(request)):
            raise Http404
        return _page(request, WooForm())
    return _file(request)


def _file(request: HttpRequest) -> HttpResponse:
    """Return what was asked for as a ZIP file, or the form with what is wrong with it."""
    user = person(request)
    if not woo.may_take(user):
        raise _refused(request)
    form = WooForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        made = woo.take(user, **form.cleaned_data)
    except woo.NothingThere:
        sentence = gettext("Nothing was stored about these action points in these rounds.")
    except NotRendered:
        sentence = gettext("The file could not be made. Try again later.")
    else:
        headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return HttpResponse(made.content, woo.ZIP, headers=headers)
    messages.error(request, sentence)
    return _page(request, form)


def _page(request: HttpRequest, form: WooForm) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": gettext("Export for a Woo request"),
        "form": form,
    }
    return TemplateResponse(request, "admin/reports/woo.html", context)


def _refused(request: HttpRequest) -> Http404:
    """Note that somebody asked for what they may not have; for them it is not there."""
    trail.record(
        "document.read", actor=person(request), result=Result.REFUSED, detail={"what": "woo"}
    )
    return Http404()


# The site class knows nothing of documents; here it is told of these pages.
_site: Any = admin.site
_site.own_pages = [*_site.own_pages, ("woo/", woo_view, "woo")]

"""The page on which two reports stand beside each other, and what differs as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from actions.admin.policy import person
from actions.choices import Basis, Progress, ResponsibilityRole, Schedule
from napmonitor.accounts.models import User
from reports import editions_compared
from reports.builder import NoSuchPlan
from reports.comparison import Movement, PointComparison, TextChange
from reports.editions_compared import FORMATS, Choices, Compared
from reports.renderers.rendered import NotRendered
from reports.snapshot import Snapshot, SnapshotMinistry, SnapshotPoint

_TEXTS: Final[Mapping[str, Promise]] = {
    "narrative": _("What was reached"),
    "outlook": _("What comes next"),
    "discontinued_reason": _("Why it was discontinued"),
}
_FIELDS: Final[Mapping[str, Promise]] = {
    "title": _("Title"),
    "pillar": _("Pillar"),
    "in_plan": _("Place"),
    "schedule": _("Schedule"),
    "continues": _("Continues after the plan"),
    "reported_with": _("Reported with"),
}


class DifferenceForm(forms.Form):
    """Which two reports to compare, of one plan."""

    plan = forms.SlugField(required=False, widget=forms.HiddenInput)
    before = forms.ChoiceField(
        label=_("First report"),
        help_text=_("A concept holds approved texts that are not public yet."),
    )
    after = forms.ChoiceField(
        label=_("Compared with"), help_text=_("Usually the later one of the two.")
    )

    def __init__(self, found: Choices, asked: Mapping[str, Any]) -> None:
        usual = dict(zip(("before", "after"), found.usual, strict=True))
        chosen = {name: asked[name] for name in usual if name in asked}
        super().__init__({**usual, **chosen, "plan": found.plan})
        for name in usual:
            field: Any = self.fields[name]
            field.choices = [(each.key, each.label) for each in found.choices]
            field.error_messages["invalid_choice"] = gettext(
                "There is no report “%(value)s” of this plan. Choose one from the list."
            )


@dataclass(frozen=True, slots=True)
class Line:
    """An action point as the page shows it: what differs, in words."""

    point: PointComparison
    before: str
    after: str
    told: str
    came: str
    went: str
    facts: list[tuple[str, str, str]]
    texts: list[tuple[str, TextChange]]

    @property
    def has_more(self) -> bool:
        return bool(self.texts or self.facts or self.came or self.went)


@require_safe
def differences_view(request: HttpRequest) -> HttpResponse:
    """Show what differs between two reports, per action point."""
    _allowed(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("Differences between two reports"),
    }
    found, sentence = _choices(request.GET)
    context["wrong"] = sentence
    if found:
        form = DifferenceForm(found, request.GET)
        context["form"] = form
        if form.is_valid() and not sentence:
            compared = _compared(found, form)
            context |= {"compared": compared, "formats": _FORMATS, **_shown(compared)}
    return TemplateResponse(request, "admin/reports/differences.html", context)


@require_POST
def differences_file_view(request: HttpRequest) -> HttpResponse:
    """Give what differs as a file; what is asked wrongly is told on the page."""
    user = _allowed(request)
    found, sentence = _choices(request.POST)
    if not found or sentence:
        return _sorry(request, sentence)
    form = DifferenceForm(found, request.POST)
    to = request.POST.get("format", "")
    if not form.is_valid() or to not in FORMATS:
        return _sorry(request, gettext("Choose two reports from the list, and press a button."))
    try:
        made = editions_compared.difference_file(user, _compared(found, form), to)
    except NotRendered:
        return _sorry(request, gettext("The file could not be made. Try again later."))
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return HttpResponse(made.content, made.kind, headers=headers)


def _allowed(request: HttpRequest) -> User:
    """Return who asks; only who reads the texts of all ministries may see approved ones here."""
    user = person(request)
    if not user.has_perm("actions.view_every_statusentry"):
        raise PermissionDenied
    return user


def _choices(asked: Mapping[str, Any]) -> tuple[Choices | None, str]:
    """Return the reports of the plan that is asked for, or of the current one with a sentence."""
    plan = asked.get("plan", "")
    try:
        return editions_compared.snapshots(plan or None), ""
    except NoSuchPlan:
        sentence = gettext("That plan is not there, or it has no year of reporting.")
    try:
        return editions_compared.snapshots(), sentence
    except NoSuchPlan:
        return None, gettext("There is no year of reporting yet, so nothing can be compared.")


def _compared(found: Choices, form: DifferenceForm) -> Compared:
    one, other = (found.get(form.cleaned_data[name]) for name in ("before", "after"))
    if one is None or other is None:
        raise ValueError("a form that is valid names two reports")
    return editions_compared.compare(one, other)


def _sorry(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return HttpResponseRedirect(reverse("admin:differences"))


def _shown(compared: Compared) -> dict[str, Any]:
    """Return what the page shows, with all words made."""
    comparison, counts = compared.comparison, compared.comparison.counts
    lines = [_line(each, compared) for each in comparison.points]
    numbers = [
        *((_movement(each, compared), counts.movements[each]) for each in Movement),
        (gettext("other ministries or organisations"), counts.ministries),
        (gettext("another text"), counts.texts),
        (gettext("only in %s") % compared.after.label, counts.new),
        (gettext("only in %s") % compared.before.label, counts.gone),
    ]
    return {
        "counts": counts,
        "numbers": [(name, number) for name, number in numbers if number],
        "changed": [line for line in lines if line.point.differs],
        "same": [line for line in lines if not line.point.differs],
        "renamed": comparison.renamed,
    }


def _line(point: PointComparison, compared: Compared) -> Line:
    comparison = compared.comparison
    return Line(
        point,
        _stands(point.before, comparison.before),
        _stands(point.after, comparison.after),
        _told(point, compared),
        _held(point.ministries.came),
        _held(point.ministries.went),
        [
            (
                str(_FIELDS[name]),
                _fact(name, getattr(point.before, name)),
                _fact(name, getattr(point.after, name)),
            )
            for name in point.fields
        ],
        [(str(_TEXTS[each.field]), each) for each in point.texts],
    )


def _told(point: PointComparison, compared: Compared) -> str:
    if point.is_new:
        return gettext("only in %s") % compared.after.label
    if point.is_gone:
        return gettext("only in %s") % compared.before.label
    if point.movement is Movement.SAME and point.progress_differs:
        return gettext("the same, stated otherwise")
    return _movement(point.movement, compared)


def _movement(movement: Movement, compared: Compared) -> str:
    """Return what is said of a progress; silence is neither progress nor decline."""
    before, after = compared.before.label, compared.after.label
    match movement:
        case Movement.SAME:
            return gettext("the same progress")
        case Movement.FURTHER:
            return gettext("further than in %s") % before
        case Movement.BACK:
            return gettext("less far than in %s") % before
        case Movement.OTHER:
            return gettext("discontinued, or no longer discontinued")
        case Movement.NOW_KNOWN:
            return gettext("a status in %s only") % after
        case Movement.NOW_SILENT:
            return gettext("a status in %s only") % before
        case Movement.STILL_SILENT:
            return gettext("no status in either")


def _stands(point: SnapshotPoint | None, of: Snapshot) -> str:
    if point is None:
        return "–"
    if point.progress:
        label = str(Progress(point.progress).label)
        return gettext("%s (derived)") % label if point.basis == Basis.DERIVED else label
    if not of.is_released:
        return gettext("not decided yet")
    return gettext("not supplied") if of.by_ministries else str(Progress.SOURCE_MISSING.label)


def _held(ministries: tuple[SnapshotMinistry, ...]) -> str:
    return "; ".join(f"{each.name} ({ResponsibilityRole(each.role).label})" for each in ministries)


def _fact(name: str, value: object) -> str:
    match name, value:
        case "in_plan", _:
            return gettext("in the plan") if value else gettext("outside the plan")
        case "continues", None:
            return gettext("not filled in")
        case "continues", _:
            return gettext("yes") if value else gettext("no")
        case "schedule", str() as schedule if schedule:
            return str(Schedule(schedule).label)
        case "reported_with", "":
            return gettext("itself")
        case _:
            return str(value)


_FORMATS: Final = (("pdf", "PDF"), ("docx", "Word (DOCX)"), ("odt", "ODT"))

# The site class knows nothing of documents; here it is told of these pages.
_site: Any = admin.site
_site.own_pages = [
    *_site.own_pages,
    ("differences/", differences_view, "differences"),
    ("differences/file/", differences_file_view, "differences_file"),
]

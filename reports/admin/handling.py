"""The pages for what comes back from up the line, for the head of the note and the names in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from actions.admin.policy import person
from actions.models import Organisation, ReportingRound
from actions.workflow import NotPossible
from napmonitor.audit import trail
from napmonitor.audit.models import Result
from reports import came_back, handling, note_names, permissions
from reports.admin.handling_forms import (
    DecisionForm,
    HandlingForm,
    MetForm,
    NameForm,
    RemarkForm,
    RouteForm,
    SignOffForm,
    VersionChoice,
)
from reports.choices import Audience, Format, Kind
from reports.models import Decision, EditionFile, EditionSignOff, EditionVersion

_page_or_form = require_http_methods(["GET", "HEAD", "POST"])


# Remarks.


@_page_or_form
def remarks_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was remarked on the documents of a round, and take in what came back."""
    each = _round(request, pk)
    versions = came_back.at_work(came_back.versions_of(each))
    chosen = _chosen(request, versions)
    form = _remark_form(chosen, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        _refuse_who_may_not(request, each, "remark")
        if chosen is None:
            raise Http404
        if form is not None and form.is_valid():
            asked = {name: value for name, value in form.cleaned_data.items() if name != "version"}
            user = person(request)
            if _taken(form, lambda: handling.add_remark(chosen, actor=user, **asked)):
                messages.success(request, gettext("The remark is stored."))
                return _to(each, "remarks", f"?version={chosen.pk}")
    groups = came_back.remarks_of(each)
    context = {
        "title": gettext("Remarks on the documents of %d") % each.year,
        "groups": groups,
        "open_count": sum(group.open_count for group in groups),
        "chosen": chosen,
        "choice": VersionChoice(versions, chosen) if chosen else None,
        "form": form,
    }
    return _shown(request, each, "remarks", context)


def _chosen(request: HttpRequest, versions: list[EditionVersion]) -> EditionVersion | None:
    """Return the version that is asked for, or the newest of the letter; None without any."""
    asked = (request.POST if request.method == "POST" else request.GET).get("version")
    if asked is None:
        return versions[0] if versions else None
    found = next((version for version in versions if str(version.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _remark_form(chosen: EditionVersion | None, data: Any) -> RemarkForm | None:
    if chosen is None:
        return None
    pages = came_back.pages_of([chosen.pk])
    return RemarkForm(chosen, came_back.passages_of(chosen), pages.get(chosen.pk, {}), data)


@_page_or_form
def remark_view(request: HttpRequest, pk: int, remark: int) -> HttpResponse:
    """Show one remark beside the words that it proposes, and take in what was done with it."""
    each = _round(request, pk)
    lines = {line.remark.pk: line for group in came_back.remarks_of(each) for line in group.lines}
    if remark not in lines:
        raise Http404
    line = lines[remark]
    newest = _newest(line.before.version)
    pages = came_back.pages_of([newest.pk]).get(newest.pk, {})
    data = request.POST if request.method == "POST" else None
    form = HandlingForm(came_back.passages_of(newest), pages, data)
    if request.method == "POST":
        _refuse_who_may_not(request, each, "remark")
        user = person(request)
        if form.is_valid() and _taken(
            form, lambda: handling.handle_remark(line.remark, actor=user, **form.cleaned_data)
        ):
            messages.success(request, gettext("It is noted what was done with the remark."))
            return _to(each, "remarks")
    context = {
        "title": gettext("Remark of %s") % line.remark.on_behalf_of,
        "line": line,
        "form": form if line.handling is None and line.can_change else None,
    }
    return _shown(request, each, "remark", context)


def _newest(version: EditionVersion) -> EditionVersion:
    """Return the newest version of the same edition."""
    found = EditionVersion.objects.filter(edition=version.edition_id).order_by("-number")
    return found.select_related("edition__round")[0]


# The note itself.


@_page_or_form
def route_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a coordinator fill in the head of the decision note."""
    each = _round(request, pk)
    lines = handling.route_lines(each)
    data = request.POST if request.method == "POST" else None
    form = RouteForm(lines, handling.mark_of(lines), data)
    if request.method == "POST":
        _refuse_who_may_not(request, each, "route")
        user = person(request)
        if form.is_valid():
            read = form.cleaned_data["read"]
            if _taken(form, lambda: handling.set_route(each, form.lines(), actor=user, read=read)):
                messages.success(request, gettext("The head of the note is stored."))
                return _to(each, "route")
    context = {
        "title": gettext("Head of the decision note of %d") % each.year,
        "form": form,
        # What somebody else stored meanwhile, beside what was typed here.
        "stored": lines if form.is_bound and form.non_field_errors() else (),
    }
    return _shown(request, each, "route", context)


@_page_or_form
def names_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the names in the note that everyone may read, and take in what becomes of each."""
    each = _round(request, pk)
    data = request.POST if request.method == "POST" else None
    form = NameForm(data, label_suffix="")
    if request.method == "POST":
        _refuse_who_may_not(request, each, "name")
        user = person(request)
        leave_out = "keep" not in request.POST
        if form.is_valid() and _taken(
            form,
            lambda: handling.choose_name(each, form.cleaned_data["name"], leave_out, actor=user),
        ):
            sentence = (
                gettext("“%s” is left out of the public note.")
                if leave_out
                else gettext("“%s” stays in the public note.")
            )
            messages.success(request, sentence % form.cleaned_data["name"])
            return _to(each, "names")
    context = {
        "title": gettext("Names in the decision note of %d") % each.year,
        "names": note_names.names_in(each),
        "form": form,
    }
    return _shown(request, each, "names", context)


# Decisions and sign-offs.


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision, with the form for in which version its condition was met."""

    decision: Decision
    form: MetForm | None
    waits: bool


@_page_or_form
def decisions_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was decided and who signed off, and take in a decision or a condition met."""
    each = _round(request, pk)
    is_new = "met" not in request.POST
    versions = came_back.at_work(came_back.versions_of(each))
    notes = [each for each in versions if each.edition.kind == Kind.DECISION_NOTE]
    data = request.POST if request.method == "POST" and is_new else None
    form = DecisionForm(each, notes, data) if notes else None
    wrong: dict[int, MetForm] = {}
    if request.method == "POST":
        _refuse_who_may_not(request, each, "decision")
        done = _decided(request, form) if is_new else _met(request, each, wrong)
        if done:
            messages.success(request, done)
            return _to(each, "decisions")
    letter = came_back.newest_letter(each)
    context = {
        "title": gettext("Decisions and sign-offs of %d") % each.year,
        "lines": [_decision_line(one, notes, wrong) for one in _decisions(each)],
        "form": form,
        "letter": letter,
        "answers": came_back.answers_of(each, letter) if letter else [],
    }
    return _shown(request, each, "decisions", context)


def _decisions(each: ReportingRound) -> list[Decision]:
    found = Decision.objects.filter(version__edition__round=each)
    return list(
        found.select_related("office", "actor", "version__edition__issue", "met__version__edition")
        .defer(
            "version__tree",
            "version__public_tree",
            "met__version__tree",
            "met__version__public_tree",
        )
        .order_by("-decided_on", "-pk")
    )


def _decision_line(
    decision: Decision, notes: list[EditionVersion], wrong: dict[int, MetForm]
) -> DecisionLine:
    waits = decision.outcome == "with-change" and not hasattr(decision, "met")
    later = [
        version
        for version in notes
        if version.edition_id == decision.version.edition_id
        and version.number > decision.version.number
    ]
    form = wrong.get(decision.pk) or (MetForm(decision.pk, later) if waits and later else None)
    return DecisionLine(decision, form, waits)


def _decided(request: HttpRequest, form: DecisionForm | None) -> str:
    """Store a decision; return what is told of it, or nothing when it could not be stored."""
    if form is None:
        raise Http404
    user = person(request)
    if form.is_valid() and _taken(form, lambda: handling.decide(actor=user, **form.cleaned_data)):
        return gettext("The decision is stored.")
    return ""


def _met(request: HttpRequest, each: ReportingRound, wrong: dict[int, MetForm]) -> str:
    """Store in which version a condition was met, likewise; what is wrong is put in `wrong`."""
    asked = request.POST.get("met", "")
    decisions = Decision.objects.filter(version__edition__round=each)
    decision = get_object_or_404(
        decisions, pk=int(asked) if asked.isdecimal() and len(asked) <= 18 else 0
    )
    user = person(request)
    form = MetForm(decision.pk, handling.later_versions(decision.version), request.POST)
    if form.is_valid() and _taken(
        form,
        lambda: handling.meet_condition(decision, version=form.cleaned_data["version"], actor=user),
    ):
        return gettext("It is noted in which version the condition was met.")
    wrong[decision.pk] = form
    return ""


@_page_or_form
def sign_off_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Let who signs off for a ministry read the letter and answer; for others it is not there."""
    each = get_object_or_404(ReportingRound.objects.select_related("plan"), pk=pk)
    user = person(request)
    own = permissions.signing_organisations(user, each)
    letter = came_back.newest_letter(each)
    if not own or letter is None:
        raise _absent(request, each, "sign-off")
    ministries = list(Organisation.objects.filter(pk__in=own).prefetch_related("names"))
    data = request.POST if request.method == "POST" else None
    form = SignOffForm(letter, ministries, data)
    if form.is_bound and form.is_valid():
        read = form.cleaned_data.pop("version")
        if _taken(form, lambda: _sign(each, read, user, form.cleaned_data)):
            messages.success(request, gettext("Your answer is stored. Thank you."))
            return _to(each, "sign_off")
    given = EditionSignOff.objects.filter(version__edition=letter.edition_id, organisation__in=own)
    context = {
        "title": gettext("Sign off the letter of %d") % each.year,
        "letter": letter,
        "files": _files_to_read(letter),
        "form": form,
        "given": [
            (sign, came_back.name_of(sign.organisation))
            for sign in given.select_related("version__edition", "actor", "organisation")
            .defer("version__tree", "version__public_tree")
            .prefetch_related("organisation__names")
            .order_by("-at", "-pk")
        ],
    }
    return _shown(request, each, "sign_off", context)


def _sign(each: ReportingRound, read: int, user: Any, asked: dict[str, Any]) -> None:
    """Sign off the version that was read, which must still be the newest."""
    letters = EditionVersion.objects.filter(edition__round=each, edition__kind=Kind.LETTER)
    version = letters.select_related("edition__round").filter(pk=read).first()
    if version is None:
        raise Http404
    handling.sign_off(version, actor=user, **asked)


def _files_to_read(letter: EditionVersion) -> list[EditionFile]:
    """Return the PDFs of the letter and of the annex that goes with it."""
    found = EditionFile.objects.filter(
        version__freeze=letter.freeze_id,
        version__edition__kind__in=[Kind.LETTER, Kind.ANNEX],
        audience=Audience.PUBLIC,
        format=Format.PDF,
    )
    return list(
        found.select_related("version__edition")
        .defer("content", "pages", "version__tree", "version__public_tree")
        .order_by("-version__edition__kind")
    )


# What they share.


def _round(request: HttpRequest, pk: int) -> ReportingRound:
    """Return the round, for who sees how its documents are made; for others it is not there."""
    each = get_object_or_404(ReportingRound.objects.select_related("plan", "letter"), pk=pk)
    if not permissions.may_view(person(request)):
        raise _absent(request, each, "page")
    return each


def _refuse_who_may_not(request: HttpRequest, each: ReportingRound, what: str) -> None:
    if not permissions.may_produce(person(request)):
        raise _absent(request, each, what)


def _absent(request: HttpRequest, each: ReportingRound, what: str) -> Http404:
    """Note that somebody sent what they may not; for them the page is as absent as any other."""
    if request.method == "POST":
        trail.record(
            "edition.write",
            actor=person(request),
            about=each,
            result=Result.REFUSED,
            detail={"what": what},
        )
    return Http404()


def _taken(form: forms.Form, step: Callable[[], object]) -> bool:
    """Take a step; put the reason why it cannot be taken on the form."""
    try:
        step()
    except NotPossible as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, str(refusal))
    except ValidationError as error:
        # A rule of the row that the form did not know: its sentence, wherever it belongs.
        form.add_error(None, error.messages)
    except PermissionDenied:
        raise Http404 from None
    else:
        return True
    return False


def _to(each: ReportingRound, name: str, rest: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse(f"admin:production_{name}", args=[each.pk]) + rest)


def _shown(
    request: HttpRequest, each: ReportingRound, name: str, context: dict[str, Any]
) -> HttpResponse:
    around = {
        **admin.site.each_context(request),
        "round": each,
        "makes": permissions.may_produce(person(request)),
        **context,
    }
    return TemplateResponse(request, f"admin/reports/{name}.html", around)


# The site class knows nothing of documents; here it is told of these pages, before those of the
# editor, whose addresses would take these words for documents.
_site: Any = admin.site
_site.own_pages = [
    ("production/<int:pk>/remarks/", remarks_view, "production_remarks"),
    ("production/<int:pk>/remarks/<int:remark>/", remark_view, "production_remark"),
    ("production/<int:pk>/route/", route_view, "production_route"),
    ("production/<int:pk>/names/", names_view, "production_names"),
    ("production/<int:pk>/decisions/", decisions_view, "production_decisions"),
    ("production/<int:pk>/sign-off/", sign_off_view, "production_sign_off"),
    *_site.own_pages,
]

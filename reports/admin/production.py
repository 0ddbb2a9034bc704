"""The pages on which the documents of a year are made, read, issued, dispatched and published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.admin.policy import person
from actions.admin.steps import PublishForm
from actions.models import ReportingRound
from actions.workflow import NotPossible
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import Result
from reports import how_far as reading
from reports import issuing, jobs, permissions, previews, serving
from reports.admin.production_forms import DispatchForm, FreezeForm
from reports.agreement import agreement_of
from reports.choices import Audience, Format, JobState, Kind, Stage
from reports.how_far import HowFar, Turn
from reports.models import EditionFile, Freeze, FreezeJob, Job, PreviewJob, RenderJob
from reports.warnings import Warning, warnings_of

# What is looked at before a set is issued, by the codes of `reports.issuing.checks`.
_CHECKED: Final[dict[str, Promise]] = {
    "final": _("This is a final version, not a concept."),
    "hands": _("You did not write in these documents, and you did not have them made."),
    "decided": _("It was agreed to, and every remark and condition was handled."),
    "texts": _("All texts of the ministries are approved, or noted as not supplied."),
    "newest": _("This is the newest version, and this edition was not issued before."),
    "complete": _("All files are made."),
    "unchanged": _("The documents and files are exactly what was stored."),
    "opened": _("You opened every PDF."),
}
# The warnings that say what `reports.issuing.unsettled` says, with where it is solved.
_BLOCKING: Final = frozenset(
    {"unapproved", "no_letter", "no_date", "no_signatory", "open_remark", "condition"}
)
# With more texts that are not approved, what else is open would be read over.
_MANY: Final = 8
# Only these can be asked for again; a preview has a page of its own.
_RETRIED: Final[dict[str, type[Job]]] = {"freezejob": FreezeJob, "renderjob": RenderJob}


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be done now, in a sentence, with the one button that does it or leads there."""

    sentence: str
    label: str = ""
    href: str = ""
    # The button makes this at once, in place of leading somewhere.
    makes: str = ""
    # What is left after it, when that is known already.
    after: str = ""
    after_href: str = ""


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """Something that must still be settled, and where that is done when there is a place."""

    sentence: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class OpenEnds:
    """What is open: what stops the final version, of which texts apart, and what does not."""

    texts: Sequence[OpenEnd] = ()
    blocking: Sequence[OpenEnd] = ()
    # A ministry that does not agree stops nothing, and must not be read over.
    against: Sequence[OpenEnd] = ()
    advice: Sequence[OpenEnd] = ()

    @property
    def count(self) -> int:
        """How much stops the final version."""
        return len(self.texts) + len(self.blocking)

    @property
    def has_many_texts(self) -> bool:
        """Whether so many texts are open that one does not read them here."""
        return len(self.texts) > _MANY


# What stands.


@require_safe
def list_view(request: HttpRequest) -> HttpResponse:
    """Show of which rounds there are documents, and how far those are."""
    user = person(request)
    if not _takes_part(user):
        raise Http404
    rounds = reading.readable_rounds(user)
    context = {
        "title": gettext("Documents of each year"),
        "summaries": reading.summaries(rounds),
        "several": len({each.plan_id for each in rounds}) > 1,
        "makes": permissions.may_view(user),
    }
    return _page(request, "production.html", context)


@require_safe
def round_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the documents of a round: all of it to who makes them, the PDFs to who signs off."""
    each = _round(pk)
    user = person(request)
    if permissions.may_view(user):
        return _whole(request, reading.how_far(each))
    return _to_read(request, each, user)


def _whole(
    request: HttpRequest,
    far: HowFar,
    *,
    freeze_form: FreezeForm | None = None,
    dispatch_form: DispatchForm | None = None,
    publish_form: PublishForm | None = None,
) -> HttpResponse:
    """Return the page of a coordinator; a form that was sent is shown again as it was typed."""
    user = person(request)
    each = far.round
    is_done = bool(far.newest and far.newest.issues)
    # What is issued is settled; the next edition is not begun yet.
    ends = OpenEnds() if is_done else open_ends(each)
    context = {
        "title": gettext("Documents of %d") % each.year,
        "round": each,
        "far": far,
        "next": _next(far, user),
        "is_done": is_done,
        "ends": ends,
        "newer_texts": issuing.newer_texts(far.newest.freeze) if far.newest else [],
        "newer_than_issued": (
            issuing.newer_texts(far.issued.freeze)
            if far.issued and far.issued is not far.newest
            else []
        ),
        "makes": permissions.may_produce(user),
        "freeze_form": freeze_form or FreezeForm(far),
        "works": _works(each) if permissions.may_produce(user) and each.opened_on else [],
        "kinds": list(Kind),
        "forms": list(Format),
        "dispatch_form": (dispatch_form or DispatchForm(far)) if far.issued else None,
        "publish_form": (
            (publish_form or PublishForm(each)) if far.issued and _may_publish(user, each) else None
        ),
        "progress": _progress(request, far),
    }
    return _page(request, "production_round.html", context)


def _to_read(request: HttpRequest, each: ReportingRound, user: User) -> HttpResponse:
    if not permissions.signing_organisations(user, each):
        raise Http404
    sets = reading.frozen_sets(each)
    if not sets:
        raise Http404
    context = {
        "title": gettext("Documents of %d") % each.year,
        "round": each,
        "newest": sets[0],
        "files": reading.files_to_read(user, sets[0]),
    }
    return _page(request, "production_reading.html", context)


@require_safe
def progress_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a script how far the work is; without a script one opens the page again."""
    each = _round(pk)
    if not permissions.may_view(person(request)):
        raise Http404
    far = reading.how_far(each)
    return JsonResponse({"busy": far.work.is_busy, "html": _progress(request, far)})


def _works(each: ReportingRound) -> list[tuple[str, str]]:
    """Return the pages on which the documents are worked on, by what one does there."""
    editors = [
        (
            gettext("Text of the %s") % kind.label,
            reverse("admin:production_editor", args=[each.pk, kind]),
        )
        for kind in Kind
    ]
    pages = [
        (gettext("Remarks from up the line"), "production_remarks"),
        (gettext("Decision"), "production_decisions"),
        (gettext("Addressees of the decision note"), "production_route"),
        (gettext("Names in the public decision note"), "production_names"),
    ]
    return editors + [(label, reverse(f"admin:{name}", args=[each.pk])) for label, name in pages]


def _progress(request: HttpRequest, far: HowFar) -> str:
    context = {"far": far, "work": far.work, "makes": permissions.may_produce(person(request))}
    return render_to_string("admin/reports/production_progress.html", context, request)


def open_ends(each: ReportingRound) -> OpenEnds:
    """Return what stops the final version, and what deserves another look."""
    if not each.opened_on:
        return OpenEnds()
    found = warnings_of(each)
    unsettled = issuing.unsettled(each)
    stopping = [one for one in found if one.code in _BLOCKING]
    if unsettled and stopping:
        # A warning says the same with the place where it is solved.
        texts = [_end(one) for one in stopping if one.code == "unapproved"]
        blocking = [_end(one) for one in stopping if one.code != "unapproved"]
    else:
        texts, blocking = [], [OpenEnd(sentence) for sentence in unsettled]
    left = [one for one in found if not unsettled or one.code not in _BLOCKING]
    return OpenEnds(
        texts,
        blocking,
        [_end(one) for one in left if one.code == "not_agreed"],
        [_end(one) for one in left if one.code != "not_agreed"],
    )


def _end(warning: Warning) -> OpenEnd:
    return OpenEnd(warning.sentence, warning.href)


# What is to be done now.


def _next(far: HowFar, user: User) -> Next:
    number = far.newest.name if far.newest else ""
    match far.turn:
        case Turn.BUSY:
            return Next(gettext("The documents are being made. You can leave this page meanwhile."))
        case Turn.FAILED:
            sentence = gettext("Something could not be made. Read below why, and try it again.")
            return Next(sentence, gettext("See what failed"), "#progress")
        case Turn.NOTHING:
            return _first(far)
        case Turn.CONCEPT:
            sentence = gettext(
                "Concept %s is there. Let it be read, and enter the remarks and the decision that "
                "come back. When something changed, make another concept below."
            )
            href = reverse("admin:production_remarks", args=[far.round.pk])
            return Next(sentence % number, gettext("Enter what came back"), href)
        case Turn.READY if issuing.unsettled(far.round):
            sentence = gettext("It was agreed to, but not everything is settled yet.")
            return Next(sentence, gettext("See what must be settled"), "#settle")
        case Turn.READY:
            sentence = gettext("It was agreed to, and all is settled. Make the final version now.")
            return _making(far, sentence, Stage.FINAL, gettext("Make the final version"))
        case Turn.FINAL:
            return _to_issue(far, user, number)
        case _:
            return _after_issue(far)


def _first(far: HowFar) -> Next:
    if far.is_reconstruction:
        sentence = gettext(
            "This year was read from public letters. Make the documents as a reconstruction."
        )
        label = gettext("Make the reconstruction")
        return _making(far, sentence, Stage.RECONSTRUCTION, label)
    sentence = gettext(
        "There is no concept yet. Make one to let others read it; you can make as many as you need."
    )
    return _making(far, sentence, Stage.CONCEPT, gettext("Make a concept"))


def _making(far: HowFar, sentence: str, stage: Stage, label: str) -> Next:
    # Another edition must say why it is there: that is asked further down.
    if issuing.needs_reason(far.round):
        return Next(sentence, label, "#make")
    return Next(sentence, label, makes=stage)


def _to_issue(far: HowFar, user: User, number: str) -> Next:
    if far.newest is None:
        raise ValueError("there is nothing to issue")
    href = reverse("admin:production_issue", args=[far.newest.freeze.pk])
    if far.is_reconstruction or permissions.may_issue(user, far.newest.freeze):
        sentence = gettext("Version %s is ready. Open its files, check them, and issue them.")
        return Next(sentence % number, gettext("Check and issue"), href)
    sentence = gettext(
        "Version %s is ready. You worked on it, so a second coordinator opens the files and issues "
        "them. Ask a colleague to open this page."
    )
    return Next(sentence % number, gettext("See what is checked"), href)


def _after_issue(far: HowFar) -> Next:
    match far.turn:
        case Turn.ISSUED:
            sentence = gettext(
                "The documents are issued. When the letter went to parliament, fill in the day."
            )
            label = gettext("Fill in when it was sent")
            if far.round.released_at is not None:
                return Next(sentence, label, "#send")
            then = gettext("After that: make it public")
            return Next(sentence, label, "#send", after=then, after_href="#publish")
        case Turn.SENT:
            sentence = gettext(
                "The documents are issued, but not public yet. Choose below when everyone can read "
                "them."
            )
            return Next(sentence, gettext("Make it public"), "#publish")
        case Turn.WAITING:
            moment = _moment(far.round.released_at)
            sentence = gettext("Everyone can read the documents from %s.") % moment
            return Next(sentence, gettext("See the moment"), "#publish")
    if far.dispatches and not all(each.document_id for each in far.dispatches):
        sentence = gettext(
            "Everyone can read the documents. Their numbers at parliament are not filled in yet."
        )
        return Next(sentence, gettext("Fill in the numbers"), "#send")
    return Next(gettext("Everyone can read the documents. There is nothing to do now."))


def _moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else ""


# Steps.


@require_POST
def freeze_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a concept, a final version or a reconstruction."""
    each = _round(pk)
    user = person(request)
    asked = request.POST.get("stage", "")
    if not permissions.may_produce(user):
        raise _refused(request, each, "edition.ask")
    if asked not in Stage.values:
        raise Http404
    far = reading.how_far(each)
    form = FreezeForm(far, request.POST)
    if form.is_valid():
        reason = form.cleaned_data.get("reason", "")
        if _taken(form, lambda: issuing.ask_freeze(each, Stage(asked), actor=user, reason=reason)):
            sentence = gettext("The documents are being made. Below you see how far it is.")
            messages.success(request, sentence)
            return _back(each)
    return _whole(request, far, freeze_form=form)


@require_POST
def retry_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Try failed work again."""
    each = _round(pk)
    kind, key = request.POST.get("kind", ""), request.POST.get("job", "")
    if not permissions.may_produce(person(request)):
        raise _refused(request, each, "edition.ask")
    if kind not in _RETRIED or not key.isdecimal() or len(key) > 18:
        raise Http404
    job = get_object_or_404(_of_round(kind, each), pk=int(key))
    try:
        jobs.retry(job, actor=person(request))
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("It is tried again."))
    return _back(each)


def _of_round(kind: str, each: ReportingRound) -> Any:
    if kind == "freezejob":
        return FreezeJob.objects.filter(round=each)
    return RenderJob.objects.filter(version__edition__round=each)


@require_http_methods(["GET", "HEAD", "POST"])
def issue_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is checked before a set is issued, and issue it."""
    freeze = get_object_or_404(
        Freeze.objects.select_related("round__plan", "by").defer("data"), pk=pk
    )
    user = person(request)
    if not permissions.may_view(user):
        raise _refused(request, freeze.round, "edition.issue") if _is_post(request) else Http404
    if _is_post(request):
        try:
            _issue(freeze, user)
        except PermissionDenied:
            raise _refused(request, freeze.round, "edition.issue") from None
        except NotPossible as refusal:
            messages.error(request, str(refusal))
        else:
            sentence = gettext(
                "The documents are issued. Nothing changes them now. They are not public yet: "
                "below stands what is left to do."
            )
            if freeze.round.is_released():
                sentence = gettext(
                    "The documents are issued, and public. Nothing changes them now."
                )
            messages.success(request, sentence)
            return _back(freeze.round)
    return _issue_page(request, freeze, user)


def _issue(freeze: Freeze, user: User) -> None:
    if freeze.stage == Stage.RECONSTRUCTION:
        issuing.issue_reconstruction(freeze, actor=user)
    else:
        issuing.issue(freeze, actor=user)


def _issue_page(request: HttpRequest, freeze: Freeze, user: User) -> HttpResponse:
    found = issuing.checks(freeze, user)
    frozen = next(each for each in reading.frozen_sets(freeze.round) if each.freeze.pk == freeze.pk)
    context = {
        "title": gettext("Issue version %s") % frozen.name,
        "round": freeze.round,
        "frozen": frozen,
        "forms": list(Format),
        "checks": [(_CHECKED[each.code], each) for each in found],
        "agreement": (None if freeze.stage == Stage.RECONSTRUCTION else agreement_of(freeze)),
        "unopened": reading.unopened(user, frozen),
        "is_ready": not any(each.missing for each in found),
        "may_issue": user.has_perm(permissions.ISSUE),
        "is_public_at_once": freeze.round.is_released(),
    }
    return _page(request, "production_issue.html", context)


@require_POST
def dispatch_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Note when the documents went to parliament, and what they are there."""
    each = _round(pk)
    user = person(request)
    if not user.has_perm(permissions.ISSUE):
        raise _refused(request, each, "edition.dispatch")
    far = reading.how_far(each)
    if far.issued is None:
        raise Http404
    form = DispatchForm(far, request.POST)
    issued = far.issued.issues
    if form.is_valid() and _taken(
        form,
        lambda: issuing.dispatch_all(
            issued,
            actor=user,
            sent_on=form.cleaned_data["sent_on"],
            documents=form.documents(),
        ),
    ):
        messages.success(request, gettext("It is noted when the documents were sent."))
        return _back(each)
    return _whole(request, far, dispatch_form=form)


@require_POST
def publish_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the round with its issued documents, now or at a moment to come."""
    each = _round(pk)
    user = person(request)
    if not user.has_perm("actions.publish_reportinground"):
        raise _refused(request, each, "round.publish")
    far = reading.how_far(each)
    if far.issued is None:
        raise Http404
    form = PublishForm(each, request.POST)
    if form.is_valid():
        moment = form.cleaned_data["released_at"]
        if _taken(form, lambda: issuing.publish(each, actor=user, released_at=moment)):
            messages.success(request, _published(moment))
            return _back(each)
    return _whole(request, far, publish_form=form)


def _published(moment: datetime | None) -> str:
    if moment and moment > timezone.now():
        return gettext("The round becomes public on %s.") % _moment(moment)
    return gettext("The round is published.")


def _may_publish(user: User, each: ReportingRound) -> bool:
    """Tell whether the form is of use: not for a year read from letters, nor for what is out."""
    return (
        user.has_perm("actions.publish_reportinground")
        and bool(each.opened_on)
        and not each.is_released()
    )


def _taken(form: forms.Form, step: Callable[[], object]) -> bool:
    """Take a step; put the reason why it cannot be taken on the form."""
    try:
        step()
    except NotPossible as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, str(refusal))
        return False
    return True


# Files.


@require_safe
def file_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a stored file to who may read it, and note that they opened it."""
    file = get_object_or_404(
        EditionFile.objects.select_related("version__edition__round").defer(
            "pages", "version__tree", "version__public_tree"
        ),
        pk=pk,
    )
    user = person(request)
    version = file.version
    each = version.edition.round
    what = {"version": str(version), "audience": file.audience, "format": file.format}
    if not permissions.may_read(user, version, file.audience):
        raise _refused(request, each, "document.read", what)
    try:
        content = serving.content_of(file)
    except serving.Damaged:
        _refused(request, each, "document.read", {**what, "reason": "changed"})
        context = {"title": gettext("This file is damaged"), "round": each}
        return _page(request, "production_damaged.html", context, status=500)
    if request.method == "GET":
        issuing.note_opened(file, actor=user)
    kind = version.edition.kind
    marks = [f"{version.edition.number}-{version.number}"]
    if kind == Kind.DECISION_NOTE:
        marks.append("intern" if file.audience == Audience.INTERNAL else "openbaar")
    return serving.answer(
        content, file.format, serving.file_name(kind, each.year, file.format, *marks)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def preview_view(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Ask for the PDF of a document as it stands now, wait for it, and get it."""
    each = _round(pk)
    user = person(request)
    if kind not in Kind.values:
        raise Http404
    if not permissions.may_produce(user):
        raise _refused(request, each, "document.read", {"what": "preview", "kind": kind})
    if _is_post(request):
        previews.ask(each, Kind(kind), actor=user)
        return HttpResponseRedirect(request.path)
    job = previews.of(each, Kind(kind), user)
    if job is None:
        raise Http404
    if "progress" in request.GET:
        return JsonResponse({"busy": _is_unfinished(job), "html": _preview_progress(request, job)})
    if job.state == JobState.DONE:
        name = serving.file_name(kind, each.year, Format.PDF, "zoals-het-nu-is")
        return serving.answer(bytes(job.content), Format.PDF, name)
    context = {
        "title": gettext("PDF of the %s as it is now") % Kind(kind).label,
        "round": each,
        "job": job,
        "busy": _is_unfinished(job),
        "progress": _preview_progress(request, job),
    }
    return _page(request, "production_preview.html", context)


def _is_unfinished(job: PreviewJob) -> bool:
    return job.state in (JobState.WAITING, JobState.RUNNING)


def _preview_progress(request: HttpRequest, job: PreviewJob) -> str:
    return render_to_string("admin/reports/production_preview_progress.html", {"job": job}, request)


# Around it.


def _takes_part(user: User) -> bool:
    """Tell whether documents are made, issued or signed off by this person."""
    return permissions.may_view(user) or bool(
        user.organisations_with("actions.sign_off_statusentry")
    )


def _round(pk: int) -> ReportingRound:
    return get_object_or_404(ReportingRound.objects.select_related("plan", "letter"), pk=pk)


def _is_post(request: HttpRequest) -> bool:
    return request.method == "POST"


def _back(each: ReportingRound) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:production_round", args=[each.pk]))


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    around = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/reports/{template}", around, status=status)


def _refused(
    request: HttpRequest, each: ReportingRound, what: str, detail: dict[str, Any] | None = None
) -> Http404:
    """Note that somebody tried what they may not; for them it is not there."""
    trail.record(what, actor=person(request), about=each, result=Result.REFUSED, detail=detail)
    return Http404()


# The site class knows nothing of documents; here it is told of these pages.
_site: Any = admin.site
_site.own_pages = [
    *_site.own_pages,
    ("production/", list_view, "production"),
    ("production/<int:pk>/", round_view, "production_round"),
    ("production/<int:pk>/progress/", progress_view, "production_progress"),
    ("production/<int:pk>/freeze/", freeze_view, "production_freeze"),
    ("production/<int:pk>/retry/", retry_view, "production_retry"),
    ("production/<int:pk>/dispatch/", dispatch_view, "production_dispatch"),
    ("production/<int:pk>/publish/", publish_view, "production_publish"),
    ("production/<int:pk>/preview/<slug:kind>/", preview_view, "production_preview"),
    ("production/issue/<int:pk>/", issue_view, "production_issue"),
    ("production/files/<int:pk>/", file_view, "production_file"),
]

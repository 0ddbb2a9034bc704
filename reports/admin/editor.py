"""The pages on which a coordinator arranges a document and writes its own texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from csp.decorators import csp_update
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import register_converter, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions import differences
from actions.admin.policy import person
from actions.models import ReportingRound
from actions.workflow import NotPossible
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import Result
from reports import arranging, editor, permissions, serving
from reports.admin.editor_forms import MoveForm, StepForm, TieForm
from reports.arranging import At, Overtaken
from reports.choices import Format, Kind
from reports.editor import Line, Opened

Step = Callable[..., None]

# What a button does with a paragraph, and what is said of it afterwards.
_STEPS: Final[dict[str, tuple[Step, Promise]]] = {
    "save": (arranging.save, _("The text is saved.")),
    "built": (
        arranging.use_built,
        _("The built text stands here again. Your own text is kept under “More”."),
    ),
    "leave-out": (
        arranging.leave_out,
        _("This paragraph is left out of the document. Its text is kept."),
    ),
    "put-back": (
        lambda *args, **options: arranging.leave_out(*args, **options, left_out=False),
        _("This paragraph stands in the document again."),
    ),
    "up": (arranging.move_up, _("The paragraph is moved up.")),
    "down": (arranging.move_down, _("The paragraph is moved down.")),
    "join": (
        arranging.join,
        _("Two paragraphs are joined. Read the text again and make it one whole."),
    ),
}
# What asks for more than a button has a page of its own.
_ON_OWN_PAGE: Final = ("move", "split", "tie", "restore")


class _KindConverter:
    """The word for a document in an address."""

    regex = "|".join(Kind.values)

    def to_python(self, value: str) -> Kind:
        return Kind(value)

    def to_url(self, value: str) -> str:
        return str(Kind(value))


register_converter(_KindConverter, "document")


# The editor.


# The typeface of the ministry, when there is one, comes within the style of the preview.
@csp_update({"font-src": ["data:"]})  # type: ignore[arg-type]
@require_safe
def editor_view(request: HttpRequest, pk: int, kind: Kind) -> HttpResponse:
    """Show the paragraphs of a document with their own texts."""
    return _editor(request, _round(request, pk), kind)


def _editor(
    request: HttpRequest,
    each: ReportingRound,
    kind: Kind,
    *,
    at: At | None = None,
    errors: Sequence[str] = (),
) -> HttpResponse:
    """Return the page; what was sent and not taken stands in it as it was typed."""
    document = editor.opened(each, kind)
    # What is said of a paragraph stands beside it, where the page opens.
    told = list(messages.get_messages(request))
    said = {one.extra_tags: str(one) for one in told if one.extra_tags}

    def around(line: Line) -> tuple[Line, str, At | None, Sequence[str]]:
        if at and line.node_id == at.node_id:
            return line, "", at, errors
        return line, said.get(line.node_id, ""), None, ()

    context = {
        "title": gettext("Edit the %(document)s of %(year)d")
        % {"document": kind.label, "year": each.year},
        "document": document,
        "changes": document.changes,
        "parts": [(part, [around(line) for line in part.lines]) for part in document.parts],
        "errors": errors,
        "lost": at is not None and document.line(at.node_id) is None,
        "said_above": [one for one in told if not one.extra_tags],
        "kinds": list(Kind),
    }
    return _page(request, "editor.html", each, kind, context)


@csp_update({"font-src": ["data:"]})  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
def paragraph_view(request: HttpRequest, pk: int, kind: Kind, node_id: str) -> HttpResponse:
    """Take a step with a paragraph, or show what more can be done with it."""
    each = _round(request, pk)
    if request.method != "POST":
        return _more(request, each, kind, node_id)
    step = request.POST.get("step", "")
    form = StepForm(request.POST)
    if step not in _STEPS and step not in _ON_OWN_PAGE:
        raise Http404
    if not form.is_valid():
        if "revision" in form.errors or "piece" in form.errors:
            raise Http404
        at = At(node_id, _number(request.POST["revision"]), request.POST.get("own"))
        wrong = [str(error) for error in form.errors["own"]]
        return _editor(request, each, kind, at=at, errors=wrong)
    typed = form.cleaned_data["own"] if "own" in request.POST else None
    at = At(node_id, form.cleaned_data["revision"], typed)
    if step in _ON_OWN_PAGE:
        return _step_with_more(request, each, kind, at, step, form.cleaned_data["piece"])
    do, sentence = _STEPS[step]
    return _answer(
        request,
        each,
        kind,
        at,
        lambda: do(each, kind, at, actor=person(request)),
        str(sentence),
        lambda errors: _editor(request, each, kind, at=at, errors=errors),
    )


def _answer(
    request: HttpRequest,
    each: ReportingRound,
    kind: Kind,
    at: At,
    do: Callable[[], None],
    sentence: str,
    again: Callable[[Sequence[str]], HttpResponse],
) -> HttpResponse:
    """Take a step and go to its paragraph, or show the page again with what is wrong."""
    try:
        do()
    except Overtaken as overtaken:
        return _conflict(request, each, kind, at, overtaken)
    except NotPossible as refusal:
        return again([str(refusal)])
    except ValidationError as error:
        return again(error.messages)
    except PermissionDenied:
        raise Http404 from None
    messages.success(request, sentence, extra_tags=at.node_id)
    return _to(each, kind, at.node_id)


def _conflict(
    request: HttpRequest, each: ReportingRound, kind: Kind, at: At, overtaken: Overtaken
) -> HttpResponse:
    """Show what was typed beside what another wrote meanwhile; nothing of it is stored yet."""
    row = overtaken.paragraph
    standing = (row.own or row.built) if row else ""
    typed = at.typed if at.typed is not None else standing
    pieces = differences.compare(typed, standing)
    context = {
        "title": gettext("This paragraph was changed meanwhile"),
        "at": at,
        "paragraph": row,
        "typed": typed,
        "mine": differences.without(pieces, differences.Kind.ADDED),
        "theirs": differences.without(pieces, differences.Kind.REMOVED),
        "differs": typed.split() != standing.split(),
        "by": row.history.latest().history_user if row else None,
    }
    return _page(request, "editor_conflict.html", each, kind, context, status=409)


# What more can be done with a paragraph.


def _more(
    request: HttpRequest,
    each: ReportingRound,
    kind: Kind,
    node_id: str,
    *,
    errors: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    document = editor.opened(each, kind)
    line = document.line(node_id)
    if line is None:
        raise Http404
    context = {
        "title": gettext("Paragraph: %s") % line.name,
        "line": line,
        "errors": errors,
        "move_form": MoveForm(document.places, line.row.part),
        "tie_form": _tie_form(each, line),
        "pieces": editor.pieces(line),
        "earlier": editor.earlier_texts(each, kind, line),
        "section": dict(document.places).get(line.row.part, ""),
    }
    return _page(request, "editor_paragraph.html", each, kind, context, status=status)


def _tie_form(each: ReportingRound, line: Line, data: Any = None) -> TieForm:
    return TieForm(editor.points(each, line), [tie.code for tie in line.ties], data)


def _step_with_more(
    request: HttpRequest,
    each: ReportingRound,
    kind: Kind,
    at: At,
    step: str,
    piece: int | None,
) -> HttpResponse:
    """Take one of the steps of the page of a paragraph."""
    document = editor.opened(each, kind)
    line = document.line(at.node_id)
    if line is None:
        return _conflict(request, each, kind, at, Overtaken(None))
    do, sentence = _asked(request, each, kind, at, step, piece, document, line)
    return _answer(
        request,
        each,
        kind,
        at,
        do,
        sentence,
        lambda errors: _more(request, each, kind, at.node_id, errors=errors),
    )


def _asked(
    request: HttpRequest,
    each: ReportingRound,
    kind: Kind,
    at: At,
    step: str,
    piece: int | None,
    document: Opened,
    line: Line,
) -> tuple[Callable[[], None], str]:
    """Return what is asked with a paragraph, and what is said of it afterwards."""
    user = person(request)
    match step:
        case "move":
            move = MoveForm(document.places, line.row.part, request.POST)
            if not move.is_valid():
                raise Http404
            part = move.cleaned_data["part"]
            sentence = gettext("The paragraph stands in this section now.")
            return lambda: arranging.move_to(each, kind, at, part, actor=user), sentence
        case "tie":
            tie = _tie_form(each, line, request.POST)
            if not tie.is_valid():
                raise Http404
            codes = tie.cleaned_data["codes"]
            sentence = gettext("It is noted which texts this paragraph is about.")
            return lambda: arranging.tie(each, kind, at, codes, actor=user), sentence
        case "split":
            if piece is None:
                raise Http404
            sentence = gettext("The paragraph is split in two.")
            return lambda: arranging.split(each, kind, at, piece, actor=user), sentence
        case _:
            sentence = gettext("The earlier text stands here again.")
            return lambda: arranging.save(each, kind, at, actor=user), sentence


# Rebuilding.


@require_http_methods(["GET", "HEAD", "POST"])
def rebuild_view(request: HttpRequest, pk: int, kind: Kind) -> HttpResponse:
    """Show what the newest texts would change in the document, and take it in."""
    each = _round(request, pk)
    if request.method == "POST":
        mark = request.POST.get("mark", "")
        try:
            count = arranging.rebuild(each, kind, mark=mark, actor=person(request))
        except NotPossible as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.path)
        sentence = ngettext(
            "The document is built anew: %d paragraph changed. Own texts are kept.",
            "The document is built anew: %d paragraphs changed. Own texts are kept.",
            count,
        )
        messages.success(request, sentence % count)
        return _to(each, kind)
    document = editor.opened(each, kind)
    context = {
        "title": gettext("Build the %(document)s of %(year)d anew")
        % {"document": kind.label, "year": each.year},
        "changes": editor.shown(document),
        "mark": arranging.mark_of(document.rebuilt),
        "is_arranged": document.is_arranged,
    }
    return _page(request, "editor_rebuild.html", each, kind, context)


# The preview.


@require_POST
def preview_view(request: HttpRequest, pk: int, kind: Kind) -> HttpResponse:
    """Give the section of a paragraph as it looks on the page, with what is typed now."""
    each = _round(request, pk)
    form = StepForm({**request.POST.dict(), "revision": "0"})
    node_id = request.POST.get("node", "")
    typed = form.cleaned_data["own"] if form.is_valid() and "own" in request.POST else None
    try:
        html = editor.preview(each, kind, node_id, typed)
    except LookupError:
        raise Http404 from None
    except ValueError:
        return HttpResponse(gettext("This text is too long to show."), "text/plain", status=400)
    name = serving.file_name(kind, each.year, Format.HTML, "voorbeeld")
    return serving.answer(html.encode(), Format.HTML, name)


# Around it.


def _round(request: HttpRequest, pk: int) -> ReportingRound:
    """Return the round, for who makes its documents; for others it is not there."""
    each = get_object_or_404(ReportingRound.objects.select_related("plan", "letter"), pk=pk)
    user: User = person(request)
    if permissions.may_produce(user):
        return each
    if request.method == "POST":
        detail = {"what": "editor"}
        trail.record("edition.write", actor=user, about=each, result=Result.REFUSED, detail=detail)
    raise Http404


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _to(each: ReportingRound, kind: Kind, node_id: str = "") -> HttpResponse:
    """Go to the editor, at the paragraph that somebody works on."""
    address = reverse("admin:production_editor", args=[each.pk, kind])
    return HttpResponseRedirect(f"{address}#{node_id}" if node_id else address)


def _page(
    request: HttpRequest,
    template: str,
    each: ReportingRound,
    kind: Kind,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    around = {**admin.site.each_context(request), "round": each, "kind": kind, **context}
    return TemplateResponse(request, f"admin/reports/{template}", around, status=status)


# The site class knows nothing of documents; here it is told of these pages.
_site: Any = admin.site
_PLACE: Final = "production/<int:pk>/<document:kind>/"
_site.own_pages = [
    *_site.own_pages,
    (_PLACE, editor_view, "production_editor"),
    (f"{_PLACE}preview/", preview_view, "production_editor_preview"),
    (f"{_PLACE}rebuild/", rebuild_view, "production_rebuild"),
    (f"{_PLACE}paragraph/<str:node_id>/", paragraph_view, "production_paragraph"),
]

"""Help while somebody writes: drafts, last year's text, preview, references, paste from Word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from actions import drafts, editing, formatting, pasting, permissions, richtext
from actions.admin.entry_pages import NAME, EntryPages, address
from actions.admin.policy import person
from actions.choices import ANSWERS, Progress
from actions.editing import RICH
from actions.forms import CONTENT, OPENED, PLAIN, StatusEntryForm, problem_sentence
from actions.models import EntryDraft, EntryRemark, StatusEntry
from actions.queries import internal
from actions.queries.internal import Earlier

SOMEBODY_ELSE: Final = _(
    "Somebody else is signed in in this browser now. Copy your text, and let who wrote it sign in."
)

# The fields in the order in which somebody thinks: heading, help, fields.
SECTIONS: Final = (
    (
        "stand",
        _("How does it stand?"),
        ("progress", "progress_basis", "discontinued_reason", "schedule", "continues_after_plan"),
    ),
    ("reached", _("What was reached?"), ("narrative",)),
    ("next", _("What comes next?"), ("outlook",)),
    ("letter", _("Should the letter mention it?"), ("letter_passage",)),
    (
        "informed",
        _("Was parliament informed already?"),
        ("informed_before", "informed_reference", "informed_sender"),
    ),
    ("sources", _("Sources, and what belongs together"), ("sources", "reported_with")),
    ("note", _("Internal note"), ("internal_note",)),
)
KEPT: Final = (*CONTENT, "sources", "reported_with", OPENED)
# Plain texts in which references to parliament stand.
REFERRING: Final = ("informed_reference",)
_MOST_PROBLEMS: Final = 10
_ONLY_WHEN: Final = {
    "discontinued_reason": f"progress={Progress.DISCONTINUED.value}",
    "informed_reference": "informed_before=on",
    "informed_sender": "informed_before=on",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the editor with what stood there in the earlier year."""

    field: forms.BoundField
    earlier: str
    remarks: tuple[EntryRemark, ...]

    @property
    def is_rich(self) -> bool:
        return self.field.name in RICH

    @property
    def is_text(self) -> bool:
        return self.field.name in (*RICH, *REFERRING)

    @property
    def is_box(self) -> bool:
        return isinstance(self.field.field.widget, forms.CheckboxInput)

    @property
    def only_when(self) -> str:
        """Which answer makes this a question: `field=value`."""
        return _ONLY_WHEN.get(self.field.name, "")

    @property
    def prefix(self) -> str:
        """What the ids in the earlier text begin with."""
        return f"earlier-{self.field.name}"


@dataclass(frozen=True, slots=True)
class Section:
    """A question to the writer, with its fields."""

    key: str
    title: str
    rows: tuple[Row, ...]


def sections(
    form: StatusEntryForm, earlier: Earlier | None, remarks: Iterable[EntryRemark]
) -> list[Section]:
    """Return the form as questions, each with the earlier answer and the remarks that are open."""
    about = defaultdict(list)
    for remark in remarks:
        about[remark.field].append(remark)
    return [
        Section(
            key,
            str(title),
            tuple(
                Row(form[name], _said(name, earlier), tuple(about[name]))
                for name in names
                if name in form.fields
            ),
        )
        for key, title, names in SECTIONS
    ]


def _said(name: str, earlier: Earlier | None) -> str:
    """Return what a field said in the earlier year, in words; a note is of its own year."""
    if earlier is None or name not in CONTENT or name == "internal_note":
        return ""
    value = getattr(earlier.version, name)
    if name in (*RICH, *PLAIN, "informed_sender"):
        return str(value)
    if name in ("progress", "progress_basis", "schedule"):
        return str(getattr(earlier.version, f"get_{name}_display")() if value else "")
    return {True: gettext("yes"), False: gettext("no")}.get(value, "")


def context(request: HttpRequest, entry: StatusEntry) -> dict[str, Any]:
    """Return what stands around the form of who writes."""
    earlier = internal.earlier_text(entry)
    user = person(request)
    return {
        "earlier": earlier,
        # Who is told what to mend sees the typed text in the form, and no other of it.
        "drafts": [
            (draft, _words(draft))
            for draft in (drafts.offered(entry, user) if request.method == "GET" else ())
            if str(draft.pk) != request.GET.get("draft")
        ],
        "tab": str(tab_of(request) or uuid4()),
        "taken_from": taken_from(request, entry) or asked_draft(request, entry),
        # What stands in the form is stored nowhere: it was begun with, or sent and refused.
        "begun": request.method == "POST" or bool(start(request, entry)),
        "max_characters": richtext.MAX_CHARACTERS,
        "words": [(str(word.label), formatting.meaning(word)) for word in ANSWERS],
    }


def _words(draft: EntryDraft) -> str:
    """Return how the longest text in a draft begins, to know it by."""
    texts = [words for name in (*RICH, *PLAIN) for words in draft.typed.get(name, [])]
    return Truncator(max(texts, key=len, default="")).chars(120)


def tab_of(request: HttpRequest) -> UUID | None:
    """Return the mark of the tab that sent a form."""
    return _uuid(request.POST.get("tab", ""))


def is_of_signed_in(request: HttpRequest) -> bool:
    """Tell whether who sent a form is who opened it: a browser can be shared."""
    return request.POST.get("writer", "") in ("", str(person(request).pk))


def taken_from(request: HttpRequest, entry: StatusEntry) -> EntryDraft | None:
    """Return the draft that a sent form went on with, if it is still offered."""
    key = request.POST.get("taken_from", "")
    found = drafts.offered(entry, person(request)) if key else []
    return next((draft for draft in found if str(draft.pk) == key), None)


def asked_draft(request: HttpRequest, entry: StatusEntry) -> EntryDraft | None:
    """Return the draft in the address, if it is offered to this person."""
    key = request.GET.get("draft", "")
    found = drafts.offered(entry, person(request)) if key else []
    return next((draft for draft in found if str(draft.pk) == key), None)


def start(request: HttpRequest, entry: StatusEntry) -> dict[str, Any]:
    """Return what the form begins with instead of the stored text, by name; mostly nothing."""
    if draft := asked_draft(request, entry):
        return {"typed": draft.typed, "read_version": draft.read_version}
    if request.GET.get("start") == "earlier" and (earlier := internal.earlier_text(entry)):
        return {
            "content": editing.carried_over(earlier.version),
            "sources": [source.pk for source, _detail in editing.sources_of(earlier.version)],
        }
    return {}


class WritingPages(EntryPages):
    """The addresses beside the form that help who writes."""

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(
                f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=f"{NAME}_{name}"
            )

        return [
            own("draft", self.draft_view, "draft"),
            own("draft/discard", self.discard_view, "discard_draft"),
            own("alive", self.alive_view, "alive"),
            own("assist", self.assist_view, "assist"),
            own("paste", self.paste_view, "paste"),
            own("unchanged", self.unchanged_view, "unchanged"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep what changed in the form; without any field there is nothing left to keep."""
        entry = self.readable(request, pk)
        tab = tab_of(request)
        version, turn = request.POST.get("read_version", ""), request.POST.get("turn", "0")
        if tab is None or not (_is_number(version) and _is_number(turn)):
            return JsonResponse({"error": gettext("This is no draft.")}, status=400)
        typed = {name: request.POST.getlist(name) for name in KEPT if name in request.POST}
        if not typed.keys() - {OPENED}:
            drafts.throw_away(entry, person(request), tab)
            return JsonResponse({"saved": ""})
        if not is_of_signed_in(request):
            return JsonResponse({"error": str(SOMEBODY_ELSE)}, status=409)
        try:
            draft = drafts.keep(
                entry,
                writer=person(request),
                tab=tab,
                read_version=int(version),
                typed=typed,
                turn=int(turn),
            )
        except drafts.TooLate:
            sentence = gettext("This text was saved already. Open the page again to go on.")
            return JsonResponse({"error": sentence}, status=409)
        except ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)}, status=400)
        if source := taken_from(request, entry):
            drafts.throw_away(entry, person(request), source.tab)
        moment = timezone.localtime(draft.saved_at)
        return JsonResponse({"saved": date_format(moment, "TIME_FORMAT")})

    @method_decorator(require_POST)
    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Throw away a draft."""
        entry = self.readable(request, pk)
        if tab := tab_of(request):
            drafts.throw_away(entry, person(request), tab)
            self.message_user(request, gettext("The draft is thrown away."), messages.SUCCESS)
        return _back(pk)

    @method_decorator(require_safe)
    def alive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that the session still is, and give the mark with which a form can be sent."""
        self.readable(request, pk)
        return JsonResponse({"token": get_token(request), "writer": str(person(request).pk)})

    @method_decorator(require_POST)
    def assist_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a text as the report will, with what is wrong in it and what it refers to."""
        self.readable(request, pk)
        name = request.POST.get("field", "")
        if name not in (*RICH, *REFERRING):
            raise Http404
        text = richtext.clean(request.POST.get("text", ""))[: richtext.MAX_CHARACTERS + 1]
        fits = len(text) <= richtext.MAX_CHARACTERS
        problems = richtext.problems(text)[:_MOST_PROBLEMS] if name in RICH else []
        notes = {
            "problems": [problem_sentence(each) for each in problems],
            "references": internal.references_in(text) if fits else [],
        }
        preview = {"text": text if fits else "", "prefix": f"preview-{name}"}
        return JsonResponse(
            {
                "notes": render_to_string("admin/actions/statusentry/_assist.html", notes),
                "preview": render_to_string("admin/actions/statusentry/_text.html", preview),
            }
        )

    @method_decorator(require_POST)
    def paste_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Turn what was pasted into our Markdown, for who may write here."""
        if not drafts.may_keep(person(request), self.readable(request, pk)):
            raise PermissionDenied
        existing = request.POST.get("existing", "")[: richtext.MAX_CHARACTERS]
        try:
            pasted = pasting.to_markdown(request.POST.get("html", ""), existing)
        except ValueError:
            return JsonResponse({"error": gettext("This is more than fits in a text.")}, status=400)
        return JsonResponse({"words": pasted.words, "notes": pasted.notes})

    @method_decorator(require_POST)
    def unchanged_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store the text of the earlier year as the text of this one."""
        entry = self.readable(request, pk)
        if not permissions.can_edit(request.user, entry):
            self.record_refusal(request, str(pk), "unchanged")
            raise PermissionDenied
        earlier = internal.earlier_text(entry)
        version = request.POST.get("read_version", "")
        if earlier is None or not earlier.is_of_ministry or not _is_number(version):
            raise Http404
        try:
            editing.save_text(
                entry,
                editing.carried_over(earlier.version),
                author=person(request),
                read_version=int(version),
                sources=editing.sources_of(earlier.version),
            )
        except (editing.Changed, editing.Closed) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            sentence = gettext(
                "The text of %d is now the text of this year as well. Read it once more and submit."
            )
            self.message_user(request, sentence % earlier.year, messages.SUCCESS)
        return _back(pk)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 10


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _back(pk: int) -> HttpResponse:
    return HttpResponseRedirect(address("change", pk))

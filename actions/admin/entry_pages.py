"""The pages beside a status entry: taking a step, comparing versions, restoring one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from actions import editing, permissions, workflow
from actions.admin import versions
from actions.admin.policy import PolicyAdmin, person
from actions.admin.steps import STEPS, StepForm
from actions.models import StatusEntry
from actions.permissions import Verb
from napmonitor.audit import trail
from napmonitor.audit.models import Result

NAME: Final = "actions_statusentry"


def address(page: str, *args: Any) -> str:
    """Return the address of a page about an entry, by the name of the page."""
    return reverse(f"admin:{NAME}_{page}", args=args)


class EntryPages(PolicyAdmin):
    """The addresses of an entry that are not its form; each finds the entry by `readable`."""

    def readable(self, request: HttpRequest, pk: int) -> StatusEntry:
        """Return an entry that this person may read; a foreign and an absent one are the same."""
        entry: StatusEntry | None = (
            self.get_queryset(request).select_related("latest_version").filter(pk=pk).first()
        )
        if entry is None:
            raise Http404
        return entry

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"{NAME}_{name}")

        return [
            own("<int:pk>/transition/<slug:name>/", self.transition_view, "transition"),
            own("<int:pk>/compare/", self.compare_view, "compare"),
            own("<int:pk>/restore/<int:number>/", self.restore_view, "restore"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def transition_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Take one step in the workflow; ask again, with what was typed, when it says too little.

        Who may not take the step gets 403, and that stands in the audit trail.
        """
        entry = self.readable(request, pk)
        verb = next((verb for verb in STEPS if verb.value == name), None)
        if verb is None:
            raise Http404
        if not permissions.may(request.user, verb, entry):
            trail.record(f"entry.{name}", actor=person(request), about=entry, result=Result.REFUSED)
            raise PermissionDenied
        step = STEPS[verb]
        form = step.form(entry, person(request), request.POST, auto_id=f"{name}-%s")
        if form.is_valid() and self._take(request, verb, entry, form):
            self.message_user(request, str(step.done), messages.SUCCESS)
            return HttpResponseRedirect(address("change", pk))
        context = {"name": name, "step": step, "form": form, "entry": entry}
        return self.page(request, entry, "step.html", str(step.title), context)

    def _take(self, request: HttpRequest, verb: Verb, entry: StatusEntry, form: StepForm) -> bool:
        """Take the step and tell whether that went well; if not, the form says why."""
        try:
            with transaction.atomic():
                STEPS[verb].take(entry, person(request), form.cleaned_data)
        except workflow.NotPossible as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except editing.Changed as refusal:
            form.add_error(None, str(refusal))
        except editing.Closed as refusal:
            form.add_error(None, str(refusal))
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        return not form.errors

    @method_decorator(require_safe)
    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what differs between two versions; by default the newest two."""
        entry = self.readable(request, pk)
        form = versions.CompareForm(entry, request.GET)
        context = {
            "form": form,
            **versions.comparison(form, with_notes=permissions.reads_notes(request.user, entry)),
            "can_restore": permissions.can_edit(request.user, entry),
        }
        return self.page(request, entry, "compare.html", gettext("Compare versions"), context)

    @method_decorator(require_POST)
    def restore_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Store the words of an older version once more, as the newest."""
        entry = self.readable(request, pk)
        if not permissions.can_edit(request.user, entry):
            self.record_refusal(request, str(pk), "restore")
            raise PermissionDenied
        version = entry.versions.filter(number=number).first()
        asked = versions.RestoreForm(request.POST)
        if version is None or not asked.is_valid():
            raise Http404
        try:
            with transaction.atomic():
                editing.restore(
                    entry,
                    version,
                    author=person(request),
                    read_version=asked.cleaned_data["read_version"],
                )
        except (editing.Changed, editing.Closed) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            sentence = gettext("The words of version %d are the newest text again.") % number
            self.message_user(request, sentence, messages.SUCCESS)
        return HttpResponseRedirect(address("change", pk))

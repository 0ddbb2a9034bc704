"""Pages about what parliament has: its documents and the sources we read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from actions import editing
from actions.admin.policy import PolicyAdmin, ReadOnlyInline, person
from actions.forms import ParliamentaryDocumentForm
from actions.models import Citation, ParliamentaryDocument, ReportingRound, Source
from napmonitor.audit import trail


class CitationInline(ReadOnlyInline):
    """The references that were found in a text."""

    model = Citation
    fields = ("literal", "identifier", "kind", "registered_as")
    readonly_fields = fields
    ordering = ("field", "start", "identifier")

    @admin.display(description=_("document"))
    def registered_as(self, citation: Citation) -> str:
        """Name the document without the link that Django makes: not everybody may open its page."""
        return str(citation.document or "–")


@admin.register(ParliamentaryDocument)
class ParliamentaryDocumentAdmin(PolicyAdmin):
    """A document of parliament; references in our texts follow its numbers."""

    form = ParliamentaryDocumentForm
    list_display = ("title", "kind", "date", "publication_id", "document_number")
    list_filter = ("kind",)
    search_fields = ("title", "publication_id", "document_number", "case_number")
    ordering = ("-date", "title")
    fieldsets = (
        (None, {"fields": ("kind", "title", "date", "date_note")}),
        (
            _("Numbers"),
            {"fields": ("publication_id", "document_number", "case_number", "sender_reference")},
        ),
        (_("Context"), {"fields": ("signatory", "annex_of", "note")}),
    )

    def save_model(
        self, request: HttpRequest, obj: ParliamentaryDocument, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        editing.tie_document(obj)
        # Date, reference and signatory stand in the letter: who enters them has a hand in it.
        rounds = ReportingRound.objects.filter(Q(letter=obj) | Q(report=obj))
        for each in rounds if form.changed_data else ():
            detail = {"document": obj.pk, "fields": form.changed_data}
            trail.record("edition.write", actor=person(request), about=each, detail=detail)


@admin.register(Source)
class SourceAdmin(PolicyAdmin):
    """A public source from which something here was taken."""

    list_display = ("code", "title", "publisher", "date", "availability")
    list_filter = ("availability",)
    search_fields = ("code", "title", "publisher")
    ordering = ("code",)
    fields = (
        ("code", "availability"),
        "title",
        "publisher",
        "date",
        "date_note",
        "address",
        "document",
        "note",
    )

"""Pages about the versions of a text: one as it was written, and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import differences, permissions
from actions.admin.parliament import CitationInline
from actions.admin.policy import PolicyAdmin
from actions.differences import Piece
from actions.editing import content_of
from actions.forms import CONTENT
from actions.models import EntryVersion, StatusEntry
from actions.permissions import Anyone


@dataclass(frozen=True, slots=True)
class Change:
    """One field in which two versions differ."""

    label: str
    pieces: Sequence[Piece]


class CompareForm(forms.Form):
    """Which two versions to compare; anything else than two versions of the entry is the newest."""

    older = forms.ModelChoiceField(
        EntryVersion.objects.none(), label=_("Version"), to_field_name="number", empty_label=None
    )
    newer = forms.ModelChoiceField(
        EntryVersion.objects.none(),
        label=_("Compared with"),
        to_field_name="number",
        empty_label=None,
    )

    def __init__(self, entry: StatusEntry, asked: Mapping[str, Any]) -> None:
        rows = entry.versions.select_related("author").order_by("-number")
        newest = [each.number for each in rows[:2]]
        known = {str(number) for number in rows.values_list("number", flat=True)}
        wanted = {
            "newer": next(iter(newest), None),
            "older": newest[-1] if newest else None,
        }
        super().__init__(
            {
                name: asked.get(name) if asked.get(name) in known else number
                for name, number in wanted.items()
            }
        )
        field: Any
        for field in self.fields.values():
            field.queryset = rows
            field.label_from_instance = _described


class RestoreForm(forms.Form):
    """The version that was the newest when somebody pressed the button."""

    read_version = forms.IntegerField()


def comparison(form: CompareForm, *, with_notes: bool) -> dict[str, Any]:
    """Return two versions and what differs between them, field by field."""
    if not form.is_valid():
        return {"older": None, "newer": None, "changes": []}
    older, newer = form.cleaned_data["older"], form.cleaned_data["newer"]
    return {"older": older, "newer": newer, "changes": changes(older, newer, with_notes)}


def changes(older: EntryVersion, newer: EntryVersion, with_notes: bool = True) -> list[Change]:
    """Return the fields in which two versions differ, each with its pieces."""
    one, other = content_of(older), content_of(newer)
    texts = [
        (label(name), shown(name, getattr(one, name)), shown(name, getattr(other, name)))
        for name in CONTENT
        if with_notes or name != _NOTE
    ]
    texts.append((gettext("Sources"), source_list(older), source_list(newer)))
    return [
        Change(label, differences.compare(before, after))
        for label, before, after in texts
        if before != after
    ]


def shown(name: str, value: Any) -> str:
    """Return a field of a version as words."""
    field: Any = EntryVersion._meta.get_field(name)
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(dict(field.flatchoices).get(value, value))


def label(name: str) -> str:
    """Return what a field of a version is called."""
    field: Any = EntryVersion._meta.get_field(name)
    return str(field.verbose_name)


def _described(version: EntryVersion) -> str:
    written = date_format(timezone.localtime(version.created_at), "SHORT_DATETIME_FORMAT")
    return f"{version.number}: {version.author}, {written}"


def source_list(version: EntryVersion) -> str:
    """Return the sources of a version, one on a line, with where in the source."""
    rows = version.sources.select_related("source")
    return "\n".join(f"{each.source} {each.detail}".strip() for each in rows)


_NOTE = "internal_note"


@admin.register(EntryVersion)
class EntryVersionAdmin(PolicyAdmin):
    """One version as it was written; versions are added by saving a text and never changed."""

    list_display = ("entry", "number", "author", "created_at", "origin")
    list_select_related = ("entry__action_point", "entry__round", "author")
    ordering = ("-created_at",)
    readonly_fields = ("shown_sources",)
    fieldsets = (
        (None, {"fields": ("entry", "number", "author", "created_at", "origin")}),
        (_("Text"), {"fields": CONTENT}),
        (_("Sources"), {"fields": ("shown_sources",)}),
    )
    inlines = (CitationInline,)

    def scope(self, user: Anyone, rows: QuerySet[EntryVersion]) -> QuerySet[EntryVersion]:
        return rows.filter(entry__in=permissions.visible_entries(user))

    def get_fieldsets(self, request: HttpRequest, obj: EntryVersion | None = None) -> Any:
        """Leave out the internal note for who does not read it."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and permissions.reads_notes(request.user, obj.entry):
            return fieldsets
        return [
            (name, {**options, "fields": [each for each in options["fields"] if each != _NOTE]})
            for name, options in fieldsets
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        # Reached from the entry, not from the first page.
        return False

    def has_view_permission(self, request: HttpRequest, obj: EntryVersion | None = None) -> bool:
        reads = request.user.has_perm("actions.view_statusentry") or request.user.has_perm(
            "actions.view_every_statusentry"
        )
        return reads and self.in_scope(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("sources"))
    def shown_sources(self, version: EntryVersion) -> str:
        return source_list(version)

"""The page of a status entry: the text of a ministry, and the steps it takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_field, unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import (
    CharField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import drafts, editing, permissions, workflow
from actions.admin import conflicts, versions, writing
from actions.admin.entry_filters import MinistryFilter, RoundFilter
from actions.admin.entry_pages import address
from actions.admin.policy import Refused, once, person
from actions.admin.steps import STEPS, AnswerForm
from actions.choices import Origin, ResponsibilityRole
from actions.editing import RICH
from actions.forms import CONTENT, StatusEntryForm
from actions.models import (
    EntryRemark,
    EntryVersion,
    OrganisationName,
    Responsibility,
    SignOff,
    StatusEntry,
)
from actions.permissions import Anyone, Verb
from actions.queries import internal
from napmonitor.accounts.models import User


def _shown(name: str) -> Callable[[StatusEntry], Any]:
    """Return how a page without a form shows one field of the latest version."""
    field: Any = EntryVersion._meta.get_field(name)

    @admin.display(description=field.verbose_name)
    def shown(entry: StatusEntry) -> Any:
        value = getattr(entry.latest_version, name, None)
        if value and name in RICH:
            around = {"text": value, "prefix": f"shown-{name}"}
            return render_to_string("admin/actions/statusentry/_text.html", around)
        return display_for_field(value, field, "–") if value not in (None, "") else "–"

    shown.__name__ = name
    return shown


_MARKDOWN = _(
    "Write plain text. A heading starts with ###, a bullet with a hyphen, a number with 1. "
    "A link is [words](https://address)."
)
_SHOWN = {name: _shown(name) for name in CONTENT}


class EntryList(ChangeList):
    """The list of entries, each with the ministry that leads it today."""

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[StatusEntry]:
        today = timezone.localdate()
        lead = Responsibility.objects.on(today).filter(
            action_point=OuterRef("action_point"), role=ResponsibilityRole.LEAD
        )
        name = OrganisationName.objects.on(today).filter(organisation=OuterRef("lead_key"))
        self.root_queryset = self.root_queryset.alias(
            lead_key=Subquery(lead.values("organisation")[:1])
        ).annotate(
            lead_name=Coalesce(
                NullIf(Subquery(name.values("abbreviation")[:1]), Value("")),
                Subquery(name.values("name")[:1]),
                Subquery(lead.values("organisation__slug")[:1]),
                output_field=CharField(),
            )
        )
        return super().get_queryset(request, exclude_parameters)


@admin.register(StatusEntry)
class StatusEntryAdmin(writing.WritingPages):
    """What a ministry reports about one action point; every save is a new version of the text."""

    form = StatusEntryForm
    change_form_template = "admin/actions/statusentry/change_form.html"
    list_display = ("code", "title", "year", "lead", "state", "progress", "written_at")
    list_display_links = ("code", "title")
    list_filter = (RoundFilter, "state", MinistryFilter)
    search_fields = ("action_point__code", "action_point__title_nl", "action_point__title_en")
    ordering = ("-round__year", "action_point__code")
    readonly_fields = (
        "title",
        "year",
        "state",
        "responsible",
        "description",
        "official_text",
        "published",
        "shown_sources",
        "reported_with_point",
    )

    # Whose rows, and which verbs.

    def scope(self, user: Anyone, rows: QuerySet[StatusEntry]) -> QuerySet[StatusEntry]:
        return rows.filter(pk__in=permissions.visible_entries(user).values("pk"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Entries are made with their round and their action point.
        return False

    def has_view_permission(self, request: HttpRequest, obj: StatusEntry | None = None) -> bool:
        reads = request.user.has_perm("actions.view_statusentry") or request.user.has_perm(
            "actions.view_every_statusentry"
        )
        return reads and self.in_scope(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: StatusEntry | None = None) -> bool:
        if obj is None:
            return request.user.has_perm("actions.change_statusentry") or request.user.has_perm(
                "actions.reconstruct_statusentry"
            )
        edits = partial(permissions.can_edit, request.user, obj)
        return self.in_scope(request, obj) and once(request, ("edits", obj.pk), edits)

    # The list.

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EntryList

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatusEntry]:
        rows: QuerySet[StatusEntry] = super().get_queryset(request)
        return rows.select_related("action_point", "round", "latest_version")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> StatusEntry | None:
        """Return an entry with what all questions about rights on its page need."""
        entry: StatusEntry | None = super().get_object(request, object_id, from_field)
        if entry is not None:
            prefetch_related_objects([entry], "action_point__responsibilities")
        return entry

    def lock(self, request: HttpRequest, key: int) -> None:
        """Lock the entry and the one whose text is to cover it, in one order for everybody."""
        chosen = request.POST.get("reported_with", "")
        others = (
            [int(chosen)] if chosen.isascii() and chosen.isdecimal() and len(chosen) < 10 else []
        )
        StatusEntry.objects.lock([key, *others])

    def choices(self, rows: QuerySet[StatusEntry]) -> QuerySet[StatusEntry]:
        return rows.select_related("action_point").order_by("action_point__code")

    def choice_label(self, row: StatusEntry) -> str:
        return str(row.action_point)

    @admin.display(description=_("code"), ordering="action_point__code")
    def code(self, entry: StatusEntry) -> str:
        return entry.action_point.code

    @admin.display(description=_("action point"), ordering="action_point__title_nl")
    def title(self, entry: StatusEntry) -> str:
        return entry.action_point.title

    @admin.display(description=_("year"), ordering="round__year")
    def year(self, entry: StatusEntry) -> int:
        return entry.round.year

    @admin.display(description=_("ministry"), ordering="lead_name")
    def lead(self, entry: StatusEntry) -> str:
        return str(getattr(entry, "lead_name", None) or "–")

    @admin.display(description=_("progress"), ordering="latest_version__progress")
    def progress(self, entry: StatusEntry) -> str:
        version = entry.latest_version
        return version.get_progress_display() if version and version.progress else "–"

    @admin.display(description=_("last change"), ordering="latest_version__created_at")
    def written_at(self, entry: StatusEntry) -> str:
        if entry.latest_version is None:
            return "–"
        day = timezone.localdate(entry.latest_version.created_at)
        return date_format(day, "SHORT_DATE_FORMAT")

    # The page.

    def get_fieldsets(self, request: HttpRequest, obj: StatusEntry | None = None) -> Any:
        writes = obj is not None and self.has_change_permission(request, obj)

        def fields(*names: str) -> tuple[Any, ...]:
            return names if writes else tuple(_SHOWN.get(name, name) for name in names)

        point = obj.action_point if obj else None
        about = ["title", "year", "state", "responsible"]
        about += [name for name in ("description", "official_text") if getattr(point, name, "")]
        together = "reported_with" if writes else "reported_with_point"
        hidden = ("read_version",) if writes else ()
        reads = obj is not None and permissions.reads_notes(request.user, obj)
        note = ("internal_note",) if reads else ()
        # Only what is read from letters is derived; a ministry states it.
        basis = () if writes and obj and obj.round.opened_on else ("progress_basis",)
        return (
            (None, {"fields": (*about, "published", *hidden)}),
            (
                _("How it stands"),
                {
                    "fields": fields(
                        "progress",
                        *basis,
                        "discontinued_reason",
                        "schedule",
                        "continues_after_plan",
                    )
                },
            ),
            (
                _("Text"),
                {
                    "fields": (*fields("narrative", "outlook", "letter_passage"), together),
                    "description": _MARKDOWN if writes else "",
                },
            ),
            (
                _("Told to parliament before"),
                {"fields": fields("informed_before", "informed_reference", "informed_sender")},
            ),
            (
                _("Sources and note"),
                {"fields": ("sources" if writes else "shown_sources", *fields(*note))},
            ),
        )

    def get_form(
        self,
        request: HttpRequest,
        obj: StatusEntry | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        # The other fields are those of a version; the form adds them itself.
        kwargs["fields"] = ["reported_with"]
        form = super().get_form(request, obj, change, **kwargs)
        begins = writing.start(request, obj) if obj is not None and request.method == "GET" else {}
        return type(form.__name__, (form,), {"begins": begins}) if begins else form

    @admin.display(description=_("responsible"))
    def responsible(self, entry: StatusEntry) -> str:
        today = timezone.localdate()
        prefetch_related_objects([entry], "action_point__responsibilities__organisation__names")
        return "; ".join(
            f"{each.organisation.name_on(today) or each.organisation} "
            f"({each.get_role_display()}, {each.get_basis_display()})"
            for each in entry.action_point.responsibilities.all()
            if each.holds_on(today)
        )

    @admin.display(description=_("description"))
    def description(self, entry: StatusEntry) -> str:
        return entry.action_point.description

    @admin.display(description=_("official text"))
    def official_text(self, entry: StatusEntry) -> str:
        return entry.action_point.official_text

    @admin.display(description=_("published version"))
    def published(self, entry: StatusEntry) -> str:
        version = entry.published_version
        if version is None:
            return gettext("none")
        if entry.round.is_released():
            return gettext("version %d, public") % version.number
        return gettext("version %d, public when the round is released") % version.number

    @admin.display(description=_("sources"))
    def shown_sources(self, entry: StatusEntry) -> str:
        version = entry.latest_version
        return versions.source_list(version) if version else ""

    @admin.display(description=_("reported together with"))
    def reported_with_point(self, entry: StatusEntry) -> str:
        return str(entry.reported_with.action_point) if entry.reported_with else "–"

    def save_model(
        self, request: HttpRequest, obj: StatusEntry, form: StatusEntryForm, change: bool
    ) -> None:
        """Store a new version when anything changed; what is stored already is not stored again."""
        if not writing.is_of_signed_in(request):
            raise Refused(str(writing.SOMEBODY_ELSE))
        source = writing.taken_from(request, obj)
        self._store_text(request, obj, form, source.writer if source else None)
        if source:
            drafts.throw_away(obj, person(request), source.tab)
        if tab := writing.tab_of(request):
            drafts.finish(obj, person(request), tab)

    def _store_text(
        self, request: HttpRequest, obj: StatusEntry, form: StatusEntryForm, writer: User | None
    ) -> None:
        together = form.cleaned_data.get("reported_with", obj.reported_with)
        if not form.text_changed():
            if together != form.stored_together:
                editing.report_with(obj, together, author=person(request))
                obj.refresh_from_db()
            return
        reconstructed = obj.round.opened_on is None
        try:
            obj.latest_version = editing.save_text(
                obj,
                form.content(),
                author=person(request),
                read_version=form.cleaned_data["read_version"],
                sources=form.sources(),
                words_of=writer if writer != request.user else None,
                origin=Origin.RECONSTRUCTED if reconstructed else Origin.REPORTED,
                reported_with=(editing.AS_IT_IS if together == form.stored_together else together),
            )
        except editing.Changed as error:
            raise conflicts.Conflict(form) from error

    def response_change(self, request: HttpRequest, obj: StatusEntry) -> HttpResponse:
        """Warn about references that may be mistaken; submit, when that was the button."""
        if obj.latest_version:
            for reference in internal.references_of(obj.latest_version):
                for dossier in reference.mistaken_for:
                    self.message_user(
                        request,
                        gettext(
                            "Please check “%(literal)s”: dossier %(dossier)s is in the register, "
                            "and differs from it in one digit."
                        )
                        % {"literal": reference.literal, "dossier": dossier},
                        messages.WARNING,
                    )
        if "_submit_entry" not in request.POST:
            self.message_user(request, self._saved(request, obj), messages.SUCCESS)
            return HttpResponseRedirect(
                address("change", obj.pk) if "_continue" in request.POST else address("changelist")
            )
        try:
            workflow.submit(obj, actor=person(request))
        except (workflow.NotPossible, PermissionDenied) as refusal:
            why = str(refusal) or gettext("The coordinator of your ministry submits it.")
            sentence = gettext("The text is stored, but not submitted: %s") % why
            self.message_user(request, sentence, messages.ERROR)
        else:
            self.message_user(request, str(STEPS[Verb.SUBMIT].done), messages.SUCCESS)
        return HttpResponseRedirect(address("change", obj.pk))

    def _saved(self, request: HttpRequest, obj: StatusEntry) -> str:
        """Say what became of the text, and what is still to be done."""
        if not permissions.can(request.user, Verb.SUBMIT, obj):
            return gettext("Your text is saved.")
        return gettext("Your text is saved. It is not submitted yet.")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show both texts when another one was stored meanwhile; never lose what was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except conflicts.Conflict as conflict:
            entry = self.readable(request, conflict.form.instance.pk)
            context = conflicts.context(entry, conflict.form)
            title = gettext("This text was changed while you were writing")
            return self.page(request, entry, "conflict.html", title, context)
        except PermissionDenied:
            closed = self._kept(request, object_id)
            if closed is None:
                raise
            context = conflicts.kept(closed, request.POST)
            title = gettext("Your text could not be stored")
            return self.page(request, closed, "kept.html", title, context, status=409)

    def _kept(self, request: HttpRequest, object_id: str | None) -> StatusEntry | None:
        """Return the entry that somebody reads, who typed a text and may not store it any more."""
        if request.method != "POST" or object_id is None:
            return None
        entry = super().get_object(request, unquote(object_id))
        if entry is None or permissions.can_edit(request.user, entry):
            return None
        # Whose pen it was when they began to type, or whose it is in another state.
        wrote = request.user.has_perm("actions.change_statusentry") and any(
            request.POST.get(name, "").strip() for name in RICH
        )
        return entry if wrote or permissions.may(request.user, Verb.EDIT, entry) else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Put around the form what belongs to it; who writes sees the form as questions."""
        context |= self._around(request, context["original"])
        if context["abilities"][Verb.EDIT.value]:
            context |= self._questions(request, context)
        return super().render_change_form(request, context, *args, **kwargs)

    def _questions(self, request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
        entry, form = context["original"], context["adminform"].form
        open_remarks = [remark for remark, answer in context["remarks"] if answer]
        writing_context = writing.context(request, entry)
        return {
            **writing_context,
            "sections": writing.sections(form, writing_context["earlier"], open_remarks),
            "responsible": self.responsible(entry),
        }

    def _around(self, request: HttpRequest, entry: StatusEntry) -> dict[str, Any]:
        """Return what stands around the form: steps, remarks, sign-offs, references, history."""
        abilities = permissions.abilities(request.user, entry)
        remarks = entry.remarks.select_related("author", "version", "answer__actor")
        answering = abilities[Verb.ANSWER_REMARK.value]
        return {
            "abilities": abilities,
            "steps": self._steps(request, entry, abilities),
            "remarks": [
                (each, self._answer_form(request, each) if answering else None) for each in remarks
            ],
            "signing": _signing(entry),
            "references": (
                internal.references_of(entry.latest_version) if entry.latest_version else []
            ),
            "open_remarks": sum(not hasattr(each, "answer") for each in remarks),
            "registers": request.user.has_perm("actions.add_parliamentarydocument"),
            "versions": entry.versions.select_related("author").order_by("-number"),
            "transitions": entry.transitions.select_related("actor", "version").order_by(
                "-at", "-pk"
            ),
            "corrections": entry.corrections.select_related("actor", "version", "replaced"),
        }

    def _steps(
        self, request: HttpRequest, entry: StatusEntry, abilities: dict[str, bool]
    ) -> list[dict[str, Any]]:
        """Return the steps with a form of their own; submitting stands beside saving."""
        apart = {Verb.ANSWER_REMARK}
        if abilities[Verb.EDIT.value]:
            apart.add(Verb.SUBMIT)
        return [
            {
                "name": verb.value,
                "step": step,
                "form": step.form(entry, person(request), prefix="", auto_id=f"{verb.value}-%s"),
            }
            for verb, step in STEPS.items()
            if abilities[verb.value] and verb not in apart
        ]

    def _answer_form(self, request: HttpRequest, remark: EntryRemark) -> AnswerForm | None:
        if hasattr(remark, "answer"):
            return None
        version = remark.entry.latest_version
        return AnswerForm(
            remark.entry,
            person(request),
            auto_id=f"answer-{remark.pk}-%s",
            initial={"remark": remark.pk, "read_version": version.number if version else 0},
        )


def _signing(entry: StatusEntry) -> list[dict[str, Any]]:
    """Return who answers with the lead, with what each said last, and whether that still holds."""
    asked = set(entry.co_responsible_ids())
    if not asked:
        return []
    in_force = entry.sign_offs_in_force()
    given: dict[int, SignOff] = {
        each.organisation_id: each
        for each in SignOff.objects.filter(version__entry=entry)
        .select_related("organisation", "actor", "version")
        .prefetch_related("organisation__names")
        .order_by("pk")
    }
    waiting = workflow.organisations_to_sign(entry)
    rows = [
        {
            "name": workflow.short_name(each.organisation),
            "sign_off": each,
            "holds": in_force.get(key) == each,
        }
        for key, each in given.items()
        if key in asked
    ]
    rows += [
        {"name": workflow.short_name(each), "sign_off": None, "holds": False}
        for each in waiting
        if each.pk not in given
    ]
    return sorted(rows, key=lambda row: str(row["name"]))

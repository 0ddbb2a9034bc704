"""The one policy of the work screens: whose rows, which verbs, and nothing deleted.

Every admin class stands on PolicyAdmin or PolicyInline. `scope` says which rows somebody sees; all
else follows from it: lists, pages, choices, filters and history never show more.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from actions.admin import help_fields, history
from actions.forms import OPENED, PolicyForm
from actions.permissions import Anyone
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.constraints import NoOverlap
from napmonitor.audit.models import Result

if TYPE_CHECKING:
    from django.contrib.admin.options import BaseModelAdmin

    _BaseAdmin: TypeAlias = BaseModelAdmin[Any]
    _Admin: TypeAlias = admin.ModelAdmin[Any]
    _Inline: TypeAlias = admin.TabularInline[Any, Any]
    _Form: TypeAlias = forms.ModelForm[Any]
    _FormSet: TypeAlias = forms.BaseInlineFormSet[Any, Any, Any]
    _Choice: TypeAlias = forms.ModelChoiceField[Any]
    _Choices: TypeAlias = forms.ModelMultipleChoiceField[Any]
else:
    # At run time these classes take no model in brackets.
    _BaseAdmin, _Admin, _Inline = object, admin.ModelAdmin, admin.TabularInline
    _Form, _FormSet = forms.ModelForm, forms.BaseInlineFormSet
    _Choice, _Choices = forms.ModelChoiceField, forms.ModelMultipleChoiceField

# What Django's own filters put behind the name of a field in an address.
_FILTER_ENDINGS = ("", "__exact", "__isnull", "__gte", "__lt")
_TOO_LONG = re.compile(r"\s*[-+]?[\d_]{18,}\s*")


# What was asked about rights, for each request that is being answered.
_ANSWERS: Final[WeakKeyDictionary[HttpRequest, dict[Hashable, bool]]] = WeakKeyDictionary()


def once(request: HttpRequest, question: Hashable, ask: Callable[[], bool]) -> bool:
    """Return an answer about rights, asked once for a page; who locks a row asks anew."""
    answers = _ANSWERS.setdefault(request, {})
    if question not in answers:
        answers[question] = ask()
    return answers[question]


class Refused(Exception):
    """What was sent cannot be stored; the sentence says why, and the typed text is shown again."""


def person(request: HttpRequest) -> User:
    """Return who is signed in; the site lets nobody else come this far."""
    if isinstance(request.user, AnonymousUser):
        raise PermissionDenied
    return request.user


class PolicyFormSet(_FormSet):
    """Rows below a form, held against each other as they were typed, not as they were stored.

    So a name can end on the day the next one starts, in one and the same save.
    """

    model: type[models.Model]

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        # In a table the label stands above the column, where a screen reader does not find it; what
        # to fill in stands below the table.
        for name, field in form.fields.items():
            field.widget.attrs.setdefault("aria-label", str(field.label or ""))
            if field.help_text and not field.widget.is_hidden:
                field.widget.attrs.setdefault("aria-describedby", f"{self.prefix}-{name}-help")

    def clean(self) -> None:
        super().clean()
        typed = [
            form
            for form in self.forms
            if form.is_valid()
            and (form.instance.pk or form.has_changed())
            and form not in self.deleted_forms
        ]
        for rule in self.model._meta.constraints:
            if isinstance(rule, NoOverlap):
                for one, other in combinations(typed, 2):
                    if _clash(rule, one.instance, other.instance):
                        other.add_error(None, rule.get_violation_error_message())


def _clash(rule: NoOverlap, one: models.Model, other: models.Model) -> bool:
    """Tell whether a rule about periods forbids two rows together."""
    if any(
        getattr(row, name) != value for row in (one, other) for name, value in rule.where.items()
    ):
        return False
    fields: list[Any] = [one._meta.get_field(name) for name in rule.fields]
    columns = [field.attname for field in fields]
    if any(getattr(one, column) != getattr(other, column) for column in columns):
        return False
    (start, end), (other_start, other_end) = (
        [getattr(row, name) for name in rule.period] for row in (one, other)
    )
    return (start is None or other_end is None or start < other_end) and (
        other_start is None or end is None or other_start < end
    )


class Policy(_BaseAdmin):
    """What pages and the rows on them share."""

    # Nothing is deleted, unless a class says so.
    deletable = False
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def scope(self, user: Anyone, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that this person may know of; reference data is open to all."""
        return rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.scope(request.user, super().get_queryset(request))

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.deletable and super().has_delete_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the hidden field out of what is shown; pages and rows send it in their own way."""
        return [
            (name, {**options, "fields": [each for each in options["fields"] if each != OPENED]})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def get_field_queryset(
        self, db: str | None, db_field: Any, request: HttpRequest
    ) -> QuerySet[Any] | None:
        rows = super().get_field_queryset(db, db_field, request)
        related = self._related_admin(db_field)
        if related is None:
            return rows
        if rows is None:
            rows = db_field.remote_field.model._default_manager.all()
        return related.choices(related.scope(request.user, rows))

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Leave out the buttons that open the page of a related row on top of this one."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> _Choice | None:
        if related := self._related_admin(db_field):
            kwargs["form_class"] = partial(LabelledChoiceField, label_of=related.choice_label)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> _Choices | None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _related_admin(self, db_field: Any) -> PolicyAdmin | None:
        model = db_field.remote_field.model
        if not self.admin_site.is_registered(model):
            return None
        related = self.admin_site.get_model_admin(model)
        if not isinstance(related, PolicyAdmin):
            raise TypeError(f"{related} is not on the policy base class")
        return related


class LabelledChoiceField(_Choice):
    """A choice of rows, called what the page of those rows calls them."""

    def __init__(self, *args: Any, label_of: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_of = label_of

    def label_from_instance(self, obj: models.Model) -> str:
        return str(self.label_of(obj))


class PolicyAdmin(Policy, _Admin):
    """The base of every page: rows outside the scope do not exist, for any verb."""

    form = PolicyForm
    actions = None
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    # The sentence with which a form is shown again; set on a copy of the class for one request.
    refusal = ""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Name a row whose page somebody may not open, where Django would link to it."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [
            (
                name,
                {
                    **options,
                    "fields": [self._unlinked(request, each) for each in options["fields"]],
                },
            )
            for name, options in fieldsets
        ]

    def _unlinked(self, request: HttpRequest, name: Any) -> Any:
        if isinstance(name, list | tuple):
            return [self._unlinked(request, each) for each in name]
        try:
            field: Any = self.opts.get_field(name)
        except FieldDoesNotExist:
            return name
        related = self._related_admin(field) if field.many_to_one or field.one_to_one else None
        if related is None or related.has_view_permission(request):
            return name

        @admin.display(description=field.verbose_name, empty_value=self.get_empty_value_display())
        def shown(row: models.Model) -> Any:
            return getattr(row, field.name)

        shown.__name__ = field.name
        return shown

    def choice_label(self, row: Any) -> str:
        """Return what a row is called where it can be chosen."""
        return str(row)

    def choices(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with what their labels need."""
        return rows

    def in_scope(self, request: HttpRequest, obj: models.Model | None) -> bool:
        """Tell whether this person may know of a row."""
        if obj is None:
            return True
        return once(request, (self.model, obj.pk), partial(self._finds, request, obj))

    def _finds(self, request: HttpRequest, obj: models.Model) -> bool:
        rows = self.model._default_manager.filter(pk=obj.pk)
        scoped = self.scope(request.user, rows)
        return scoped is rows or scoped.exists()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self.in_scope(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.in_scope(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.in_scope(request, obj)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow what the filters beside the list can ask, and no other question."""
        asked = any(
            lookup == f"{name}{ending}"
            for name in self._filter_names()
            for ending in _FILTER_ENDINGS
        )
        # A number that fits no column, or a null character, would be an error of the database.
        return asked and "\0" not in value and not _TOO_LONG.fullmatch(value)

    def _filter_names(self) -> Iterable[str]:
        for declared in self.list_filter:
            if isinstance(declared, str):
                yield declared
                field: Any = self.opts.get_field(declared)
                if field.is_relation:
                    yield f"{declared}__{field.target_field.name}"
            elif isinstance(declared, type) and issubclass(declared, admin.SimpleListFilter):
                yield str(declared.parameter_name)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[_Form]:
        kwargs.setdefault("help_texts", help_fields.of(self.model))
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"refusal": self.refusal}) if self.refusal else form

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return an object; hold it while it is stored, so that nobody changes it meanwhile."""
        if _is_storing(request):
            # First held and then read: what somebody else stored while this waited is what counts.
            self._hold(request, object_id)
            _ANSWERS.pop(request, None)
        obj = super().get_object(request, object_id, from_field)
        if obj is not None:
            # It was read from among the rows that this person may know of.
            once(request, (self.model, obj.pk), lambda: True)
        return obj

    def _hold(self, request: HttpRequest, object_id: str) -> None:
        try:
            key = self.opts.pk.to_python(object_id)
            self.opts.pk.run_validators(key)
        except ValidationError:
            return
        self.lock(request, key)

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Say the same of what is not there and of what somebody may not see."""
        sentence = _("That page is not there, or you have no access to it.")
        self.message_user(request, sentence, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:index", current_app=self.admin_site.name))

    def lock(self, request: HttpRequest, key: Any) -> None:
        """Lock what saving the object with this key writes."""
        list(self.model._default_manager.select_for_update().filter(pk=key).values_list("pk"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what an address fills in beforehand; what no field can hold is left out."""
        asked = super().get_changeform_initial_data(request)
        fields = self.get_form(request)().fields
        return {name: value for name, value in asked.items() if _can_hold(fields.get(name), value)}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form again with a sentence when what was typed could not be stored."""
        try:
            # What is recorded on the way goes into the audit trail last, with all the rest.
            with trail.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            if request.method == "POST":
                self.record_refusal(request, object_id, "change")
            raise
        except (IntegrityError, Refused, ValidationError) as error:
            # The admin class is shared by all requests; this copy is for this one.
            again = copy.copy(self)
            again.refusal = self.sentence(error)
            # Nothing is stored this time: the refusal makes the form invalid.
            return super(PolicyAdmin, again).changeform_view(
                request, object_id, form_url, extra_context
            )

    @method_decorator(require_safe)
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what was changed to whoever may see the object; nothing can be sent here."""
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            absent: Any = self._get_obj_does_not_exist_redirect
            away: HttpResponse = absent(request, self.opts, object_id)
            return away
        return history.page(self, request, obj, extra_context)

    def page(
        self,
        request: HttpRequest,
        original: models.Model | None,
        template: str,
        title: str,
        context: dict[str, Any],
        status: int = 200,
    ) -> HttpResponse:
        """Return a page of our own about a row, or about none, in the house of the admin."""
        around = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": original,
            "title": title,
            "media": self.media,
        }
        name = f"admin/{self.opts.app_label}/{self.opts.model_name}/{template}"
        return TemplateResponse(request, name, {**around, **context}, status=status)

    def record_refusal(self, request: HttpRequest, object_id: str | None, what: str) -> None:
        """Note in the audit trail that somebody tried what they may not."""
        about = super().get_object(request, unquote(object_id)) if object_id else None
        trail.record(
            f"{self.opts.model_name}.{what}",
            actor=person(request),
            about=about,
            label="" if about else str(self.opts.verbose_name),
            result=Result.REFUSED,
        )

    def sentence(self, error: Exception) -> str:
        """Say in words why something could not be stored."""
        if isinstance(error, Refused):
            return str(error)
        if isinstance(error, ValidationError):
            return " ".join(error.messages)
        broken = [
            rule
            for model in (self.model, *(inline.model for inline in self.inlines))
            for rule in model._meta.constraints
            if rule.name in str(error)
        ]
        if broken:
            return str(max(broken, key=lambda rule: len(rule.name)).get_violation_error_message())
        return _("This does not fit with what is already stored. Nothing was changed.")

    def store(self, request: HttpRequest, row: models.Model) -> None:
        """Store one row, of this page or of the rows on it."""
        row.save()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        self.store(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            row.delete()
        _save(rows, partial(self.store, request))
        formset.save_m2m()


def _is_storing(request: HttpRequest) -> bool:
    return request.method == "POST" and transaction.get_connection().in_atomic_block


def _can_hold(field: forms.Field | None, value: Any) -> bool:
    """Tell whether a value from an address can be shown in a field; only single texts can."""
    if field is None or isinstance(field, forms.MultiValueField) or not isinstance(value, str):
        return False
    try:
        field.clean(value)
    except (ValidationError, OverflowError, DataError):
        return False
    return True


def _save(rows: Sequence[models.Model], store: Callable[[models.Model], None]) -> None:
    """Save rows of which one may have to make room before another fits."""
    while rows:
        waiting: list[models.Model] = []
        for row in rows:
            try:
                with transaction.atomic():
                    store(row)
            except IntegrityError as error:
                refused = error
                waiting.append(row)
        if len(waiting) == len(rows):
            raise refused
        rows = waiting


class PolicyInline(Policy, _Inline):
    """Rows below the form of another: open to whoever has the rights on them."""

    form = PolicyForm
    extra = 0
    formset = PolicyFormSet
    show_change_link = False
    template = "admin/rows.html"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Send along, in rows that can be changed, what stood there when the page was opened."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            options = fieldsets[0][1]
            options["fields"] = [*options["fields"], OPENED]
        return fieldsets

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[_FormSet]:
        kwargs.setdefault("help_texts", help_fields.of(self.model))
        return super().get_formset(request, obj, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows; hold them while they are stored."""
        rows = super().get_queryset(request)
        return rows.select_for_update(of=("self",)) if _is_storing(request) else rows


class ReadOnlyInline(PolicyInline):
    """Rows that the application writes, shown below the text they come from."""

    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

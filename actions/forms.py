"""Forms with rules of their own: the text of a status entry, documents, accounts, memberships."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.db.models.constraints import BaseConstraint
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import localize_input
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from actions import citations, editing, richtext
from actions.choices import ANSWERS, Basis, Origin, Progress
from actions.editing import RICH, Content, content_of
from actions.models import EntryVersion, Membership, Source, StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit.constraints import checks_hold

if TYPE_CHECKING:
    _Form: TypeAlias = forms.ModelForm[Any]
else:
    _Form = forms.ModelForm  # At run time it takes no model in brackets.

CONTENT: Final = tuple(field.name for field in dataclass_fields(Content))
# The texts of a version that are not shown with their markup.
PLAIN: Final = ("informed_reference", "internal_note")

# One sentence for each code of `richtext.problems`.
PROBLEMS: Final = {
    "too_long": _("The text has %(detail)s characters; at most 20,000 fit."),
    "raw_html": _("Line %(line)d: leave out the HTML code “%(detail)s”."),
    "image": _("Line %(line)d: a text cannot hold an image."),
    "code": _("Line %(line)d: write “%(detail)s” as ordinary text, without code marks."),
    "quote": _("Line %(line)d: write the quotation between quotation marks, without “>”."),
    "horizontal_rule": _("Line %(line)d: use a heading in place of a line."),
    "link_definition": _("Line %(line)d: put the address directly behind the words of the link."),
    "heading_level": _("Line %(line)d: start a heading with ### or ####."),
    "misplaced": _("Line %(line)d: this belongs at the start of a line, not inside a list."),
    "list_depth": _("Line %(line)d: a list can have at most %(detail)s levels."),
    "link_scheme": _("Line %(line)d: use an https: or mailto: address, not “%(detail)s”."),
    "link_title": _("Line %(line)d: leave out the words “%(detail)s” behind the address."),
    "table_empty": _("Line %(line)d: this table has no rows."),
    "table_row": _("Line %(line)d: this row has more cells than the table has columns."),
    "table_wide": _("Line %(line)d: a table can have at most %(detail)s columns."),
    "footnote_nested": _("Line %(line)d: footnote “%(detail)s” stands inside another footnote."),
    "footnote_empty": _("Line %(line)d: footnote “%(detail)s” has no text."),
    "footnote_duplicate": _("Line %(line)d: there are two footnotes “%(detail)s”."),
    "footnote_undefined": _("Line %(line)d: there is no text for footnote “%(detail)s”."),
    "footnote_unused": _("Line %(line)d: nothing in the text points to footnote “%(detail)s”."),
}
_MOST_PROBLEMS: Final = 10

# Where the sentence of a rule is shown; the other rules cannot be broken in this form.
_PLACES: Final = {
    "entryversion_basis_iff_answered": "progress_basis",
    "entryversion_discontinued_has_reason": "discontinued_reason",
    "entryversion_reference_only_if_informed": "informed_before",
    "entryversion_informed_reference_length": "informed_reference",
    "entryversion_internal_note_length": "internal_note",
}


class PolicyForm(_Form):
    """A form that can be shown once more, with what was typed, when the database refused it.

    `places` says at which field the sentence of a rule over several fields is shown.
    """

    refusal = ""
    places: ClassVar[Mapping[str, str]] = {}
    # What stood in the fields when this form was opened; see `_refuse_overtaken`.
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        within_reason(self.fields.values())
        self.initial[OPENED] = self._stood = _stands(self) if self.instance.pk else ""
        for field in self.fields.values():
            if isinstance(field.widget, forms.SplitDateTimeWidget):
                # The admin writes these words beside the two boxes, but ties them to neither.
                for box, word in zip(field.widget.widgets, (_("date"), _("time")), strict=True):
                    box.attrs["aria-label"] = f"{field.label}, {word}"

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal:
            self.add_error(None, self.refusal)
        if self.instance.pk:
            self._refuse_overtaken()
        return cleaned

    def _refuse_overtaken(self) -> None:
        """Refuse to write over what somebody else stored after this form was opened.

        A field that this person left alone takes what stands there now. One that both changed is
        shown with what was typed and what stands there; sent once more, it is a choice.
        """
        opened = dict(_pairs(self.data.get(self.add_prefix(OPENED), "")))
        for name, mark in _pairs(self._stood):
            if opened.get(name) == mark:
                continue
            if name in self.cleaned_data and _mark(self.cleaned_data[name]) == opened.get(name):
                self.cleaned_data[name] = self._standing(name)
                continue
            now = _readable(self.fields[name], self.initial.get(name))
            sentence = _("Somebody else changed this after you opened the page. It says now: %s")
            self.add_error(name, sentence % (now or "–"))
        if self.errors:
            data: Any = self.data.copy()  # type: ignore[attr-defined]
            data[self.add_prefix(OPENED)] = self._stood
            self.data = data

    def _standing(self, name: str) -> Any:
        """Return what is stored in a field, as if somebody had typed it."""
        field, value = self.fields[name], self.initial.get(name)
        if isinstance(field, forms.MultiValueField):
            return value
        return field.clean([row.pk for row in value] if isinstance(value, list) else value)

    def add_error(self, field: str | None, error: Any) -> None:
        """Show the sentence of a rule at its place, where Django would put it above the form."""
        rules = getattr(error, "error_dict", {}).pop(NON_FIELD_ERRORS, []) if not field else []
        for each in rules:
            super().add_error(self._place(each), each)
        if not rules or error.error_dict:
            super().add_error(field, error)

    def _place(self, error: ValidationError) -> str | None:
        for rule in self.instance._meta.constraints:
            place = self.places.get(rule.name)
            if place in self.fields and error.messages == [str(rule.get_violation_error_message())]:
                return place
        return None


# The hidden field with a mark for each other field.
OPENED: Final = "opened"
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 1, 1)


def within_reason(fields: Iterable[forms.Field]) -> None:
    """Let no form take a day that is a slip of the pen, or that a database cannot shift."""
    for field in fields:
        if isinstance(field, forms.DateField | forms.DateTimeField | forms.SplitDateTimeField):
            field.validators = [*field.validators, _plausible]


def _plausible(value: date) -> None:
    day = value.date() if isinstance(value, datetime) else value
    if not EARLIEST <= day < LATEST:
        raise ValidationError(_("Choose a day between 1900 and 2100."), code="implausible")


def _stands(form: _Form) -> str:
    """Return a mark for what is stored in each field of a form."""
    model = form._meta.model
    names = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}
    values = forms.model_to_dict(form.instance, [name for name in form.fields if name in names])
    return " ".join(f"{name}={_mark(value)}" for name, value in sorted(values.items()))


def _mark(value: Any) -> str:
    """Return a short mark of a value, the same for a row and its key, and for rows in any order."""
    if isinstance(value, list | QuerySet):
        value = sorted(row.pk for row in value)
    value = getattr(value, "pk", value)
    if isinstance(value, datetime):
        value = value.astimezone(UTC)
    # An empty text that a form leaves out is no other than one that was never there.
    return sha256(repr(value or None).encode()).hexdigest()[:16]


def _pairs(marks: str) -> Iterator[tuple[str, str]]:
    for each in marks.split():
        name, _equals, mark = each.partition("=")
        yield name, mark


def _readable(field: forms.Field, value: Any) -> str:
    """Return what stands in a field, as somebody would choose or type it."""
    if isinstance(field, forms.ModelMultipleChoiceField | forms.ModelChoiceField):
        keys = [getattr(row, "pk", row) for row in value] if isinstance(value, list) else [value]
        every: Any = field.queryset
        rows = every.filter(pk__in=[key for key in keys if key])
        return "; ".join(str(field.label_from_instance(row)) for row in rows)
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return str(dict(choices).get(value, value))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return localize_input(value) if isinstance(value, date) else str(value or "")


class PlainTextField(forms.CharField):
    """A text with one kind of line end and without characters nobody can see."""

    widget = AdminTextareaWidget

    def to_python(self, value: Any) -> str:
        return super().to_python(richtext.clean(value) if isinstance(value, str) else value) or ""


class RichTextField(PlainTextField):
    """A text in the Markdown subset; says on which line something else stands."""

    def validate(self, value: str) -> None:
        super().validate(value)
        refuse_problems(value)


def refuse_problems(text: str) -> None:
    """Raise ValidationError with a sentence for each thing that the Markdown subset lacks."""
    problems = richtext.problems(text)
    sentences = [problem_sentence(problem) for problem in problems[:_MOST_PROBLEMS]]
    if left := len(problems) - len(sentences):
        sentences.append(ngettext("And %d more line.", "And %d more lines.", left) % left)
    if sentences:
        raise ValidationError([ValidationError(each, code="richtext") for each in sentences])


def problem_sentence(problem: richtext.Problem) -> str:
    """Say in words what must be written otherwise."""
    return str(PROBLEMS[problem.code]) % {"line": problem.line, "detail": problem.detail}


class StatusEntryForm(PolicyForm):
    """What is written about one action point in one round: a new version of its text."""

    class Meta:
        model = StatusEntry
        fields = ("reported_with",)

    # What the form begins with instead of what is stored: see `actions.admin.writing.start`.
    begins: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(_text_fields())
        if self.instance.round.opened_on is not None:
            # A ministry says how it stands; only what is read from letters can be derived.
            del self.fields["progress_basis"]
        version = self.instance.latest_version
        if version is None or version.origin != Origin.RECONSTRUCTED:
            _leave_out(self.fields["progress"], SAID_OF_LETTERS)
        self.stored = content_of(version)
        # The form changes the instance; this is what it was.
        self.stored_together = self.instance.reported_with
        self.stored_sources: dict[Source, str] = {}
        if version:
            for each in version.sources.select_related("source"):
                self.stored_sources[each.source] = each.detail
        self.initial.update(
            {name: getattr(self.stored, name) for name in CONTENT},
            sources=[source.pk for source in self.stored_sources],
            read_version=version.number if version else 0,
        )
        field: Any = self.fields.get("reported_with")
        if field:
            field.queryset = self._possible_companions(field.queryset)
        self._begin()

    def _begin(self) -> None:
        """Show what the form begins with; it is not stored before it is saved."""
        if content := self.begins.get("content"):
            self.initial.update({name: getattr(content, name) for name in CONTENT})
            self.initial["sources"] = self.begins["sources"]
        typed = MultiValueDict(self.begins.get("typed", {}))
        for name in typed:
            if name in self.fields:
                widget = self.fields[name].widget
                self.initial[name] = widget.value_from_datadict(typed, MultiValueDict(), name)
        if typed:
            # What was stored since then is met as a conflict, not written over.
            self.initial["read_version"] = self.begins["read_version"]

    def _possible_companions(self, visible: Any) -> Any:
        """Return what this person sees of the round, and what is chosen already."""
        entry = self.instance
        others = visible.filter(round=entry.round_id, reported_with=None).exclude(pk=entry.pk)
        return others | visible.model.objects.filter(pk=entry.reported_with_id)

    def clean_reported_with(self) -> StatusEntry | None:
        chosen: StatusEntry | None = self.cleaned_data["reported_with"]
        editing.refuse_chain(self.instance, chosen)
        return chosen

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        theirs = [
            name
            for name in (*CONTENT, "sources")
            if name in self.fields and self.data.get(f"choose-{name}") == "theirs"
        ]
        cleaned |= {name: self._stored(name) for name in theirs}
        if "progress_basis" not in self.fields:
            answered = cleaned.get("progress") in ANSWERS
            cleaned["progress_basis"] = Basis.STATED.value if answered else ""
        self._show_stored(theirs)
        known = {name: cleaned[name] for name in CONTENT if name in cleaned}
        version = EntryVersion(entry=self.instance, **known)
        rules = [rule for rule in EntryVersion._meta.constraints if rule.name in _PLACES]
        if known.keys() != set(CONTENT) or not checks_hold(rules, version):
            self._say_what_is_broken(rules, version, set(CONTENT) - set(known))
        return cleaned

    def _say_what_is_broken(
        self, rules: Iterable[BaseConstraint], version: EntryVersion, unknown: set[str]
    ) -> None:
        for rule in rules:
            try:
                rule.validate(EntryVersion, version, exclude=unknown)
            except ValidationError as error:
                self.add_error(_PLACES[rule.name], error)

    def _stored(self, name: str) -> Any:
        """Return what stands in the newest version, for who chose that on the conflict page."""
        return list(self.stored_sources) if name == "sources" else getattr(self.stored, name)

    def _show_stored(self, names: Collection[str]) -> None:
        """Let a chosen text be what the form shows, should it have to be shown again."""
        if not names:
            return
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for name in names:
            value, widget = self._stored(name), self.fields[name].widget
            if name == "sources":
                data.setlist(name, [source.pk for source in value])
            elif isinstance(widget, forms.NullBooleanSelect):
                data[name] = {True: "true", False: "false"}.get(value, "unknown")
            elif isinstance(widget, forms.CheckboxInput):
                data.setlist(name, ["on"] if value else [])
            else:
                data[name] = str(value)
        self.data = data

    def content(self) -> Content:
        """Return what was typed, or chosen."""
        return Content(**{name: self.cleaned_data[name] for name in CONTENT})

    def sources(self) -> list[tuple[Source, str]]:
        """Return the chosen sources, each with the place in it that was noted before."""
        chosen = list(self.cleaned_data["sources"])
        kept = [source for source in self.stored_sources if source in chosen]
        added = [source for source in chosen if source not in self.stored_sources]
        return [(source, self.stored_sources.get(source, "")) for source in (*kept, *added)]

    def text_changed(self) -> bool:
        """Tell whether there is anything to store; a save without a change makes no version."""
        return self.content() != self.stored or self.sources() != list(self.stored_sources.items())


# What is said of a letter that others read; a ministry that reports does not answer so.
SAID_OF_LETTERS = (Progress.NOT_MENTIONED, Progress.SOURCE_MISSING)


def _leave_out(field: Any, values: Collection[str]) -> None:
    field.choices = [choice for choice in field.choices if choice[0] not in values]


def _text_fields() -> dict[str, forms.Field]:
    """Return the fields of a version, with the labels of the model, and what goes with them."""
    found = forms.fields_for_model(
        EntryVersion,
        fields=CONTENT,
        field_classes=dict.fromkeys(RICH, RichTextField) | dict.fromkeys(PLAIN, PlainTextField),
        widgets=dict.fromkeys((*RICH, *PLAIN), AdminTextareaWidget),
    )
    for name, field in found.items():
        field.help_text = _HELP.get(name, field.help_text)
    return {
        **found,
        "sources": forms.ModelMultipleChoiceField(
            Source.objects.all(),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            label=_("Sources"),
            help_text=_HELP["sources"],
        ),
        # The version this person saw; another one since then means that somebody else saved.
        "read_version": forms.IntegerField(required=False, widget=forms.HiddenInput),
    }


# What helps to fill in a field, under it.
_HELP: Final = {
    "progress": _("Choose what holds today."),
    "progress_basis": _(
        "Stated: a source says it in so many words. Derived: it follows from what a source says."
    ),
    "discontinued_reason": _("One or two sentences. Everyone can read them."),
    "schedule": _("Compared with what the plan or your last text announced."),
    "continues_after_plan": _("Choose yes when the work goes on after the plan ends."),
    "narrative": _(
        "What was done since the last letter, and what came of it. A few paragraphs are enough. "
        "Everyone can read this."
    ),
    "outlook": _("What you will do, and when. Everyone can read this."),
    "letter_passage": _(
        "Only when the letter itself should speak of it; the coordinators work it in. "
        "Else leave this empty."
    ),
    "informed_before": _("Tick this when a letter or an answer to parliament was about it."),
    "informed_reference": _("For example: Kamerstuk 26485, nr. 400."),
    "informed_sender": _("The minister or state secretary who sent it."),
    "sources": _("The documents that your text rests on."),
    "reported_with": _("Choose another action point when its text covers this one as well."),
    "internal_note": _("Only your ministry and the coordinators read this, now and later."),
}


class ReportingRoundForm(PolicyForm):
    """A round; a rule about two of its dates is explained at the last of them."""

    places: ClassVar[Mapping[str, str]] = {
        "reportinground_opens_before_deadline": "ministry_deadline",
        "reportinground_statement_has_source": "statement_source",
        "reportinground_year_plausible": "year",
    }


class ParliamentaryDocumentForm(PolicyForm):
    """A document of parliament, whose number must be one that leads to an address."""

    def clean_publication_id(self) -> str | None:
        number: str | None = self.cleaned_data["publication_id"]
        if number and citations.url_for(number) is None:
            raise ValidationError(_("Write it as in kst-32735-377 or stcrt-2025-31460."))
        return number


class UserForm(PolicyForm):
    """An account; the address is how somebody signs in, so it is kept in small letters."""

    class Meta:
        model = User
        fields = ("email", "name", "is_superuser")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class MembershipForm(PolicyForm):
    """A role at an organisation; once it has begun, only its period can be changed."""

    class Meta:
        model = Membership
        fields = ("user", "organisation", "group", "valid_from", "valid_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.valid_from < timezone.localdate():
            for name in ("user", "organisation", "group"):
                if name in self.fields:
                    self.fields[name].disabled = True

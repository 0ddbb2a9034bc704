"""The history of one object: who changed what, for whoever may see the object. Only read.

Reference data has a history of its own, row by row; of all other objects the audit trail tells
what was done. What a row points at is named only to who may know of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.contrib.admin.utils import display_for_field, flatten
from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Paginator
from django.db.models import AutoField, F, IntegerField, Model, OuterRef, QuerySet, Subquery, Value
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.models.history import history_of, many_of
from napmonitor.audit.models import AuditEvent

if TYPE_CHECKING:
    from actions.admin.policy import PolicyAdmin, PolicyInline

PER_PAGE: Final = 50
_LONG: Final = 120
NOTHING: Final = "–"

ACTIONS: Final[Mapping[str, Promise]] = {
    "account.change": gettext_lazy("Changed the account"),
    "account.ended": gettext_lazy("Ended the account"),
    "account.invited": gettext_lazy("Invited somebody"),
    "account.made": gettext_lazy("Made the account"),
    "account.password-changed": gettext_lazy("Changed the own password"),
    "account.password-chosen": gettext_lazy("Chose a password with an invitation"),
    "account.password-given": gettext_lazy("Gave a temporary password"),
    "account.password-reset": gettext_lazy("Chose another password after forgetting it"),
    "account.pseudonymised": gettext_lazy("Made the account unrecognisable"),
    "document.read": gettext_lazy("Read a document that is not public"),
    "edition.ask": gettext_lazy("Asked for the documents"),
    "edition.condition-met": gettext_lazy("Noted that a condition was met"),
    "edition.decide": gettext_lazy("Entered a decision"),
    "edition.dispatch": gettext_lazy("Noted that a document was sent"),
    "edition.freeze": gettext_lazy("Fixed the documents"),
    "edition.issue": gettext_lazy("Issued the documents"),
    "edition.remark": gettext_lazy("Entered a remark on a document"),
    "edition.render": gettext_lazy("Made a file of a document"),
    "edition.sign-off": gettext_lazy("Signed off the letter, or did not agree"),
    "edition.write": gettext_lazy("Wrote in the documents"),
    "entry.answer-remark": gettext_lazy("Answered a remark"),
    "entry.approve": gettext_lazy("Approved the text"),
    "entry.not-supplied": gettext_lazy("Noted that nothing was supplied"),
    "entry.publish-correction": gettext_lazy("Published a correction"),
    "entry.publish-reconstruction": gettext_lazy("Published what a public letter says"),
    "entry.remark": gettext_lazy("Made a remark"),
    "entry.reopen": gettext_lazy("Opened the text again"),
    "entry.report-with": gettext_lazy("Changed with what it is reported together"),
    "entry.return": gettext_lazy("Returned the text to the ministry"),
    "entry.save-text": gettext_lazy("Saved a version of the text"),
    "entry.sign-off": gettext_lazy("Signed off, or did not agree"),
    "entry.submit": gettext_lazy("Submitted the text"),
    "rights.change": gettext_lazy("Changed a role"),
    "rights.export": gettext_lazy("Took out the list of rights"),
    "rights.give": gettext_lazy("Gave a role"),
    "rights.reviewed": gettext_lazy("Reviewed the list of rights"),
    "rights.withdraw": gettext_lazy("Took back a role on its first day or before"),
    "roles.change": gettext_lazy("Changed what a role may do"),
    "round.move-release": gettext_lazy("Moved the release"),
    "round.open": gettext_lazy("Opened the round"),
    "round.publish": gettext_lazy("Published the round"),
    "round.remind": gettext_lazy("Reminded a ministry"),
    "round.remind-failed": gettext_lazy("Could not mail everybody of a ministry"),
    "round.set-up": gettext_lazy("Set up the round"),
    "rules.restored": gettext_lazy("Put back rules of the database"),
    "session.end": gettext_lazy("Signed out"),
    "session.password-asked": gettext_lazy("Asked for another password"),
    "session.start": gettext_lazy("Signed in"),
}
_KINDS: Final[Mapping[str, Promise]] = {
    "+": gettext_lazy("Added"),
    "~": gettext_lazy("Changed"),
    "-": gettext_lazy("Deleted"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as it is read; of a long one `text` is the start, and `whole` all of it."""

    text: str
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed; `old` is left out of what is new, `new` out of what is gone."""

    label: str
    old: Shown | None
    new: Shown | None

    @property
    def sides(self) -> list[tuple[str, Shown]]:
        """Return what is read below the label: a word if there is something to tell apart."""
        both = [(_("was"), self.old), (_("became") if self.old else "", self.new)]
        return [(word, side) for word, side in both if side]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page. `role` and `result` are those of an event in the audit trail."""

    at: datetime
    who: str
    what: str
    subject: str = ""
    changes: tuple[Change, ...] = ()
    role: str = ""
    result: str = ""


def page(
    admin: PolicyAdmin, request: HttpRequest, obj: Model, extra: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Show the history of an object to somebody who may see the object."""
    sources = list(_sources(admin, request, obj))
    paginator = Paginator(_keys(sources), PER_PAGE)
    shown = paginator.get_page(request.GET.get(PAGE_VAR, 1))
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Change history: %s") % obj,
        "lines": _lines(sources, list(shown.object_list), _Names(admin, request)),
        "with_events": any(isinstance(source, _Events) for source in sources),
        "shown": shown,
        "page_range": paginator.get_elided_page_range(shown.number),
        "page_var": PAGE_VAR,
        "module_name": capfirst(admin.opts.verbose_name_plural),
        "object": obj,
        "opts": admin.opts,
        **(extra or {}),
    }
    request.current_app = admin.admin_site.name
    return TemplateResponse(request, "admin/object_history.html", context)


def _sources(admin: PolicyAdmin, request: HttpRequest, obj: Model) -> Iterator[_Source]:
    """Yield where lines come from: the object itself, and the rows on its page."""
    if history_of(type(obj)):
        yield _Rows(type(obj), obj)
    else:
        yield _Events(obj)
    inlines: list[Any] = admin.get_inline_instances(request, obj)
    for inline in inlines:
        if history_of(inline.model) and inline.has_view_or_change_permission(request, obj):
            parent = inline.get_formset(request, obj).fk.name
            yield _Rows(inline.model, obj, parent, inline, request)


def _keys(sources: list[_Source]) -> QuerySet[Any, Any]:
    """Return the moment, the number and the source of every line, newest first."""
    first, *others = [
        source.keys(number).order_by().values_list("line_at", "line_row", "line_of")
        for number, source in enumerate(sources)
    ]
    return first.union(*others, all=True).order_by("-line_at", "line_of", "-line_row")


def _lines(sources: list[_Source], keys: list[Any], names: _Names) -> list[Line]:
    """Return the lines with these keys, read with as many queries for one line as for many."""
    found: dict[tuple[int, int], Any] = {}
    for number, source in enumerate(sources):
        for key, record in source.read([row for _at, row, of in keys if of == number]).items():
            found[number, key] = record
            source.ask(record, names)
    names.read()
    return [sources[of].line(found[of, row], names) for _at, row, of in keys]


class _Source:
    """Where lines come from."""

    def keys(self, number: int) -> QuerySet[Any, Any]:
        """Return every line as `line_at`, `line_row` and `line_of`."""
        raise NotImplementedError

    def read(self, numbers: list[int]) -> dict[int, Any]:
        raise NotImplementedError

    def ask(self, record: Any, names: _Names) -> None:
        """Say of which rows the names will be needed."""

    def line(self, record: Any, names: _Names) -> Line:
        raise NotImplementedError


class _Events(_Source):
    """What the audit trail tells of an object."""

    def __init__(self, obj: Model) -> None:
        self._rows = AuditEvent.objects.filter(
            object_type=obj._meta.label_lower, object_id=str(obj.pk)
        )

    def keys(self, number: int) -> QuerySet[Any, Any]:
        return _keyed(self._rows, "at", "sequence", number)

    def read(self, numbers: list[int]) -> dict[int, AuditEvent]:
        rows = AuditEvent.objects.filter(sequence__in=numbers).select_related("actor")
        return {each.sequence: each for each in rows}

    def line(self, record: AuditEvent, names: _Names) -> Line:
        return Line(
            at=record.at,
            who=_who(record.actor),
            role=record.acting_as or NOTHING,
            what=str(ACTIONS.get(record.action, record.action)),
            result=record.get_result_display(),
        )


@dataclass(slots=True)
class _Record:
    """A row of a history with the one before it, and the keys of what each holds many of."""

    row: Any
    before: Any = None
    many: dict[str, tuple[list[Any], list[Any]]] = field(default_factory=dict)


class _Rows(_Source):
    """The history of one tracked object, or of the tracked rows that stand below its form."""

    def __init__(
        self,
        model: type[Model],
        obj: Model,
        parent: str = "",
        inline: PolicyInline | None = None,
        request: HttpRequest | None = None,
    ) -> None:
        self._model, self._history, self._obj = model, history_of(model), obj
        self._key = model._meta.pk.attname
        self._many = many_of(model)
        self._fields: list[Any] = [
            each for each in model._meta.concrete_fields if not isinstance(each, AutoField)
        ]
        self._parent: Any = model._meta.get_field(parent) if parent else None
        self._inline = inline
        self._scope = self._scoped(inline, request) if inline and request else None

    def _scoped(self, inline: PolicyInline, request: HttpRequest) -> QuerySet[Any] | None:
        rows = self._model._default_manager.all()
        scoped = inline.scope(request.user, rows)
        return None if scoped is rows else scoped

    def keys(self, number: int) -> QuerySet[Any, Any]:
        rows = self._history.objects.all()
        if self._parent is None:
            return _keyed(rows.filter(**{self._key: self._obj.pk}), "history_date", "pk", number)
        column = self._parent.attname
        here = rows.filter(**{column: self._obj.pk})
        # A row that went to another page leaves its going here, and nothing of what came after.
        rows = rows.filter(**{f"{self._key}__in": here.values(self._key)}).alias(
            line_was_at=Subquery(self._earlier().values(column)[:1])
        )
        rows = rows.filter(**{column: self._obj.pk}) | rows.filter(line_was_at=self._obj.pk)
        if self._scope is not None:
            rows = rows.filter(**{f"{self._key}__in": self._scope.values("pk")})
        return _keyed(rows, "history_date", "pk", number)

    def _earlier(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self._history.objects.filter(
            **{self._key: OuterRef(self._key), "history_id__lt": OuterRef("history_id")}
        )
        return rows.order_by("-history_id")

    def read(self, numbers: list[int]) -> dict[int, _Record]:
        rows = (
            self._history.objects.filter(history_id__in=numbers)
            .annotate(line_before=Subquery(self._earlier().values("history_id")[:1]))
            .select_related("history_user")
        )
        records = {each.history_id: _Record(each) for each in rows}
        earlier = self._history.objects.in_bulk([each.row.line_before for each in records.values()])
        for each in records.values():
            each.before = earlier.get(each.row.line_before)
        for many, history in self._many:
            held = _held(many, history, [*records, *earlier])
            for each in records.values():
                each.many[many.name] = (
                    held.get(each.row.line_before, []),
                    held.get(each.row.history_id, []),
                )
        return records

    def ask(self, record: _Record, names: _Names) -> None:
        for each in self._fields:
            if each.is_relation:
                for row in (record.row, record.before):
                    names.ask(each, [getattr(row, each.attname, None)])
        for many, _history in self._many:
            for keys in record.many[many.name]:
                names.ask(many, keys)

    def line(self, record: _Record, names: _Names) -> Line:
        left = not self._is_here(record.row)
        return Line(
            at=record.row.history_date,
            who=_who(record.row.history_user),
            what=self._what(record, left),
            subject=self._subject(record.before if left else record.row, names),
            changes=tuple(self._changes(record, left, names)),
        )

    def _what(self, record: _Record, left: bool) -> str:
        if left:
            return _("Moved from here")
        if record.before is None and record.row.history_type == "~":
            # It was there before its history was kept.
            return _("First recorded")
        return str(_KINDS[record.row.history_type])

    def _is_here(self, row: Any) -> bool:
        return self._parent is None or getattr(row, self._parent.attname) == self._obj.pk

    def _subject(self, row: Any, names: _Names) -> str:
        """Return what a row below the form is called: its kind, and its first two columns."""
        if self._inline is None:
            return ""
        columns: list[Any] = [
            self._model._meta.get_field(name) for name in flatten(self._inline.fields or ())
        ]
        shown = [_shown(each, getattr(row, each.attname), names) for each in columns[:2]]
        words = [each.text for each in shown if each]
        return ", ".join([str(self._model._meta.verbose_name), *words])

    def _changes(self, record: _Record, left: bool, names: _Names) -> Iterator[Change]:
        deleted = record.row.history_type == "-"
        # What a row was elsewhere, or before it was deleted and made again, is not told.
        known = (
            record.before is not None
            and record.row.history_type == "~"
            and self._is_here(record.before)
        )
        for each in self._fields:
            new = getattr(record.row, each.attname)
            old = getattr(record.before, each.attname, None)
            if each is self._parent:
                if record.before is not None and old != new:
                    yield _moved(each, _shown(each, old, names), _shown(each, new, names))
            elif left:
                continue
            elif deleted:
                yield from _filled(each, _shown(each, new, names), None)
            elif not known:
                yield from _filled(each, None, _shown(each, new, names))
            elif old != new:
                yield _moved(each, _shown(each, old, names), _shown(each, new, names))
        for many, _history in self._many:
            before, after = record.many[many.name]
            if deleted:
                continue
            if not known:
                yield from _filled(many, None, names.all_of(many, after))
            elif before != after:
                yield _moved(many, names.all_of(many, before), names.all_of(many, after))


def _held(many: Any, history: Any, numbers: list[int]) -> dict[int, list[Any]]:
    """Return the keys that each of these rows of a history holds in a field of many."""
    column = f"{many.m2m_reverse_field_name()}_id"
    held: dict[int, list[Any]] = {}
    rows = history.objects.filter(history_id__in=numbers).order_by(column)
    for number, key in rows.values_list("history_id", column):
        held.setdefault(number, []).append(key)
    return held


class _Names:
    """What rows that are pointed at are called; read once for each model."""

    def __init__(self, admin: PolicyAdmin, request: HttpRequest) -> None:
        self._site, self._request = admin.admin_site, request
        self._asked: dict[type[Model], set[Any]] = {}
        self._found: dict[tuple[type[Model], Any], str] = {}

    def ask(self, pointer: Any, keys: Iterable[Any]) -> None:
        wanted = self._asked.setdefault(pointer.related_model, set())
        wanted.update(key for key in keys if key is not None)

    def read(self) -> None:
        for model, keys in self._asked.items():
            own = [each.name for each in model._meta.concrete_fields if each.is_relation]
            rows = model._default_manager.filter(pk__in=keys)
            label: Any = str
            if self._site.is_registered(model):
                related: Any = self._site.get_model_admin(model)
                rows = related.choices(related.scope(self._request.user, rows))
                if related.has_view_permission(self._request):
                    label = related.choice_label
            # Many are called after a row that they point at themselves.
            rows = rows.select_related(*own) if own else rows
            self._found.update({(model, row.pk): str(label(row)) for row in rows})

    def of(self, pointer: Any, key: Any) -> str:
        """Return a name; the same dash for what is out of sight and for what is gone."""
        return self._found.get((pointer.related_model, key), NOTHING)

    def all_of(self, pointer: Any, keys: list[Any]) -> Shown | None:
        return _shortened("; ".join(self.of(pointer, key) for key in keys)) if keys else None


def _keyed(rows: Any, moment: str, row: str, source: int) -> QuerySet[Any, Any]:
    found: QuerySet[Any, Any] = rows.annotate(
        line_at=F(moment), line_row=F(row), line_of=Value(source, output_field=IntegerField())
    )
    return found


def _who(user: Any) -> str:
    return str(user) if user else _("the application")


def _label(each: Any) -> str:
    return str(capfirst(each.verbose_name))


def _moved(each: Any, old: Shown | None, new: Shown | None) -> Change:
    return Change(_label(each), old or Shown(NOTHING), new or Shown(NOTHING))


def _filled(each: Any, old: Shown | None, new: Shown | None) -> Iterator[Change]:
    """Leave out a field that was empty all along."""
    if old or new:
        yield Change(_label(each), old, new)


def _shown(each: Any, value: Any, names: _Names) -> Shown | None:
    """Return a value in words; None for an empty one."""
    if value is None or value == "":
        return None
    if each.is_relation:
        return _shortened(names.of(each, value))
    if isinstance(value, bool):
        return Shown(_("yes") if value else _("no"))
    if each.flatchoices:
        return Shown(str(dict(each.flatchoices).get(value, value)))
    return _shortened(str(display_for_field(value, each, NOTHING, avoid_link=True)))


def _shortened(text: str) -> Shown:
    short = Truncator(text).chars(_LONG)
    return Shown(short, text) if short != text else Shown(text)

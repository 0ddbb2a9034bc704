"""How text is stored: always a new version, with its references tied to the register.

What belongs to a text is written here too: with which entry it is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import Enum
from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from actions import citations, permissions, richtext
from actions.choices import ANSWERS, Basis, Origin, Progress, Schedule
from actions.models import (
    ActionPoint,
    Citation,
    EntrySource,
    EntryVersion,
    ParliamentaryDocument,
    Source,
    StatusEntry,
)
from actions.permissions import Verb
from napmonitor.accounts.models import User
from napmonitor.audit import trail

# The texts of a version that are shown with their markup.
RICH: Final = ("discontinued_reason", "narrative", "outlook", "letter_passage")
# The fields of a version in which official references are looked for.
CITING_FIELDS: Final = (*RICH, "informed_reference")


class Changed(Exception):
    """Somebody saved another version after this writer opened the text."""


class Closed(Exception):
    """The entry is not open for writing; the text says in which state it is."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one person wrote about one action point."""

    progress: Progress | str = ""
    progress_basis: Basis | str = ""
    discontinued_reason: str = ""
    schedule: Schedule = Schedule.UNKNOWN
    continues_after_plan: bool | None = None
    narrative: str = ""
    outlook: str = ""
    letter_passage: str = ""
    informed_before: bool = False
    informed_reference: str = ""
    informed_sender: str = ""
    internal_note: str = ""


class _AsItIs(Enum):
    """What stands for no change."""

    AS_IT_IS = "as it is"


AS_IT_IS: Final = _AsItIs.AS_IT_IS


@trail.atomic()
def save_text(
    entry: StatusEntry,
    content: Content,
    *,
    author: User,
    read_version: int,
    sources: Sequence[tuple[Source, str]] = (),
    origin: Origin = Origin.REPORTED,
    reported_with: StatusEntry | _AsItIs | None = AS_IT_IS,
    words_of: User | None = None,
) -> EntryVersion:
    """Store a new version and return it; `read_version` is the one the writer saw, 0 for none.

    `words_of` left a draft that the author took over.

    Raises PermissionDenied for who may not write here, Closed when the entry is not open for that,
    Changed when another version came in between, ValidationError for unfit content.
    """
    entry = _locked(entry, reported_with)
    _refuse_writing(author, entry, origin)
    latest = entry.latest_version.number if entry.latest_version else 0
    if latest != read_version:
        raise Changed(_("Somebody else saved this text after you opened it."))
    if not isinstance(reported_with, _AsItIs):
        _set_together(entry, reported_with, author)
    return _append(entry, content, sources, author, origin, words_of)


def _locked(entry: StatusEntry, covering: StatusEntry | _AsItIs | None) -> StatusEntry:
    """Lock an entry, and the one whose text is to cover it, in the order of their keys.

    Two of these at once then wait for each other and do not lock up.
    """
    if isinstance(covering, StatusEntry):
        StatusEntry.objects.lock([entry.pk, covering.pk])
    return StatusEntry.objects.locked(entry.pk)


def _set_together(entry: StatusEntry, covering: StatusEntry | None, author: User) -> None:
    entry.reported_with = StatusEntry.objects.get(pk=covering.pk) if covering else None
    refuse_chain(entry, covering)
    entry.full_clean()
    entry.save(update_fields=["reported_with"])
    detail = {"with": str(covering) if covering else None}
    trail.record("entry.report-with", actor=author, about=entry, detail=detail)


def _append(
    entry: StatusEntry,
    content: Content,
    sources: Iterable[tuple[Source, str]],
    author: User,
    origin: Origin,
    words_of: User | None,
) -> EntryVersion:
    """Add a version to an entry that is locked."""
    _refuse_markup(content)
    version = EntryVersion(
        entry=entry,
        number=entry.latest_version.number + 1 if entry.latest_version else 1,
        author=author,
        origin=origin,
        words_of=words_of,
        reported_with=entry.reported_with,
        **asdict(content),
    )
    # The rows it points at are at hand; asking for each whether it exists is what takes long.
    version.clean_fields(exclude={"entry", "author", "words_of", "reported_with"})
    version.clean()
    version.validate_constraints()
    version.save(force_insert=True)
    named = EntrySource.objects.bulk_create(
        EntrySource(version=version, source=source, detail=detail) for source, detail in sources
    )
    texts = ((field, getattr(version, field)) for field in CITING_FIELDS)
    Citation.objects.bulk_create(_citations(texts, entry_version=version))
    entry.latest_version = version
    entry.save(update_fields=["latest_version"])
    detail = {"version": version.number, "origin": str(origin)}
    trail.record(
        "entry.save-text", actor=author, about=entry, detail=detail, seals=[version, *named]
    )
    return version


def _refuse_markup(content: Content) -> None:
    """Raise ValidationError for what a text cannot hold; the form says on which line it stands."""
    unfit = [name for name in RICH if richtext.problems(getattr(content, name))]
    if unfit:
        raise ValidationError(
            {name: _("This text holds something that our texts cannot show.") for name in unfit}
        )


def restore(
    entry: StatusEntry, version: EntryVersion, *, author: User, read_version: int
) -> EntryVersion:
    """Store the words of an older version once more, as a new version; raises like save_text."""
    if version.entry_id != entry.pk:
        raise ValidationError(_("That version belongs to another action point."))
    return save_text(
        entry,
        content_of(version),
        author=author,
        read_version=read_version,
        sources=sources_of(version),
        origin=Origin(version.origin),
    )


def sources_of(version: EntryVersion) -> list[tuple[Source, str]]:
    """Return the sources of a version, each with the place in it."""
    return [(each.source, each.detail) for each in version.sources.select_related("source")]


def carried_over(version: EntryVersion) -> Content:
    """Return the text of an earlier year as a start for this one.

    What only holds for letters that others read, and a note that was for that year, stays behind.
    """
    content = content_of(version)
    answered = content.progress in ANSWERS
    return replace(
        content,
        progress=content.progress if answered else "",
        progress_basis=Basis.STATED if answered else "",
        internal_note="",
    )


def content_of(version: EntryVersion | None) -> Content:
    """Return what stands in a version; nothing when there is none."""
    if version is None:
        return Content()
    return Content(**{field.name: getattr(version, field.name) for field in fields(Content)})


@trail.atomic()
def report_with(entry: StatusEntry, covering: StatusEntry | None, *, author: User) -> None:
    """Let the text of another entry cover this one too, or end that with None.

    A text that is there already gets a new version, which says so. Raises PermissionDenied and
    Closed like save_text, and ValidationError for an entry of another round, and for a chain of
    more than one step.
    """
    entry = _locked(entry, covering)
    origin = Origin.REPORTED if entry.round.opened_on else Origin.RECONSTRUCTED
    _refuse_writing(author, entry, origin)
    _set_together(entry, covering, author)
    latest = entry.latest_version
    if latest is not None:
        _append(entry, content_of(latest), sources_of(latest), author, origin, words_of=None)


def refuse_chain(entry: StatusEntry, covering: StatusEntry | None) -> None:
    """Raise ValidationError when an entry that covers others would itself be covered."""
    if covering and entry.reported_along.exists():
        raise ValidationError(_("Another action point is reported together with this one."))


def _refuse_writing(author: User, entry: StatusEntry, origin: Origin) -> None:
    """Refuse who may not write here at all, then a state in which nobody does."""
    verb = Verb.RECONSTRUCT if origin == Origin.RECONSTRUCTED else Verb.EDIT
    if not permissions.may(author, verb, entry):
        raise PermissionDenied
    if not permissions.can(author, verb, entry):
        raise Closed(_("This status is not open for writing: %s.") % entry.get_state_display())


@transaction.atomic
def tie_document(document: ParliamentaryDocument) -> None:
    """Tie the references in all texts to a document by the numbers it has now."""
    numbers = [n for n in (document.publication_id, document.document_number) if n]
    document.citations.exclude(identifier__in=numbers).update(document=None)
    Citation.objects.filter(identifier__in=numbers).update(document=document)


@transaction.atomic
def tie_citations(point: ActionPoint) -> None:
    """Look up the references in the texts of an action point anew."""
    point.citations.all().delete()
    texts = (
        (field, getattr(point, field)) for field in ("description", "official_text", "time_path")
    )
    Citation.objects.bulk_create(_citations(texts, action_point=point))


def _citations(
    texts: Iterable[tuple[str, str]],
    *,
    entry_version: EntryVersion | None = None,
    action_point: ActionPoint | None = None,
) -> list[Citation]:
    found = [
        (field, reference) for field, text in texts for reference in citations.find_references(text)
    ]
    register = _register({reference.id for _field, reference in found})
    return [
        Citation(
            entry_version=entry_version,
            action_point=action_point,
            field=field,
            start=reference.start,
            end=reference.end,
            literal=reference.literal,
            kind=reference.kind,
            identifier=reference.id,
            url=reference.url,
            document=register.get(reference.id),
        )
        for field, reference in found
    ]


def _register(identifiers: set[str]) -> dict[str, ParliamentaryDocument]:
    """Return the registered documents by each number they are known under."""
    known = ParliamentaryDocument.objects.filter(
        models.Q(publication_id__in=identifiers) | models.Q(document_number__in=identifiers)
    )
    return {
        number: document
        for document in known
        for number in (document.publication_id, document.document_number)
        if number
    }

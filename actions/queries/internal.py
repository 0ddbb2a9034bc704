"""What only people with a right to it may read. Nothing public imports this module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from actions import citations
from actions.choices import ANSWERS, EntryState, Origin
from actions.citations import Kind
from actions.models import Citation, EntryVersion, ParliamentaryDocument, StatusEntry

# Laws and acts of the Union are referred to as well, and never in the register of documents.
_REGISTER_AS: Final = {
    Kind.KAMERSTUK: "publication_id",
    Kind.HANDELINGEN: "publication_id",
    Kind.AANHANGSEL: "publication_id",
    Kind.STCRT: "publication_id",
    Kind.PARLIS: "document_number",
}


@dataclass(frozen=True, slots=True)
class FoundReference:
    """A reference in a text and what the register knows of it.

    `title` is None for a document that is not registered; `register_as` is then the field of the
    register that its number goes in, empty for what is no document of parliament. `mistaken_for`
    are the registered dossiers whose number differs from this one, not registered, in one digit.
    """

    literal: str
    identifier: str
    url: str | None
    document: int | None
    title: str | None
    register_as: str
    mistaken_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The text of an earlier year, as it was approved or is public."""

    year: int
    version: EntryVersion

    @property
    def says_something(self) -> bool:
        """Whether it is more than that nothing was said."""
        return bool(self.version.narrative or self.version.progress in ANSWERS)

    @property
    def is_of_ministry(self) -> bool:
        """Whether a ministry wrote it; else it was read from a public letter."""
        return self.version.origin == Origin.REPORTED


def earlier_text(entry: StatusEntry) -> Earlier | None:
    """Return the latest approved or public text of the same action point; 1 query."""
    earlier = (
        StatusEntry.objects.filter(
            action_point=entry.action_point_id, round__year__lt=entry.round.year
        )
        .filter(Q(published_version__isnull=False) | Q(state=EntryState.APPROVED))
        .select_related("round", "published_version", "latest_version")
        .order_by("-round__year")
        .first()
    )
    if earlier is None:
        return None
    approved = earlier.state == EntryState.APPROVED
    version = earlier.latest_version if approved else earlier.published_version
    return Earlier(earlier.round.year, version) if version else None


def references_in(text: str) -> list[FoundReference]:
    """Return the references in a text that is still being written; 2 queries."""
    found = {each.id: each for each in citations.find_references(text)}
    register = {
        number: document
        for document in ParliamentaryDocument.objects.filter(
            Q(publication_id__in=found) | Q(document_number__in=found)
        )
        for number in (document.publication_id, document.document_number)
    }
    dossiers = _registered_dossiers()
    return [
        _found(
            Citation(
                literal=each.literal,
                identifier=each.id,
                kind=each.kind,
                url=each.url,
                document=register.get(each.id),
            ),
            dossiers,
        )
        for each in found.values()
    ]


def references_of(version: EntryVersion) -> list[FoundReference]:
    """Return the references in a text, each document once; 2 queries."""
    found: dict[str, Citation] = {}
    for each in Citation.objects.filter(entry_version=version).select_related("document"):
        found.setdefault(each.identifier or each.literal, each)
    dossiers = _registered_dossiers()
    return [_found(each, dossiers) for each in found.values()]


def _found(citation: Citation, dossiers: set[str]) -> FoundReference:
    document = citation.document
    dossier = citations.dossier_of(citation.identifier or "")
    near = (
        sorted(each for each in dossiers if citations.one_digit_off(each, dossier))
        if dossier and dossier not in dossiers
        else []
    )
    return FoundReference(
        literal=citation.literal,
        identifier=citation.identifier or "",
        url=citation.url or None,
        document=document.pk if document else None,
        title=document.title if document else None,
        register_as="" if document else _REGISTER_AS.get(Kind(citation.kind), ""),
        mistaken_for=tuple(near),
    )


def _registered_dossiers() -> set[str]:
    numbers = ParliamentaryDocument.objects.filter(
        Q(publication_id__startswith="kst-") | Q(publication_id__regex=r"^[0-9]+$")
    ).values_list("publication_id", flat=True)
    return {dossier for number in numbers if (dossier := citations.dossier_of(number or ""))}

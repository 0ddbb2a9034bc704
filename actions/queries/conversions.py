"""Rows as the records that the public reads return; nothing here asks the database."""

from __future__ import annotations

from actions.choices import (
    Availability,
    Basis,
    EvidenceClass,
    Progress,
)
from actions.models import (
    ActionPoint,
    OfficeHolding,
    ParliamentaryDocument,
    ReportingRound,
    Source,
    UngpPrinciple,
)
from actions.queries.records import (
    Document,
    PointRow,
    Principle,
    Reading,
    Registered,
    Responsible,
    Round,
    Signatory,
    Statement,
)


def round_record(each: ReportingRound) -> Round:
    statement = None
    if each.statement and each.statement_source:
        statement = Statement(each.statement, reading(each.statement_source))
    return Round(
        year=each.year,
        promised_on=each.promised_on,
        promised_note=each.promised_note,
        letter=document_record(each.letter),
        report=document_record(each.report),
        statement=statement,
        is_released=each.is_released(),
        by_ministries=each.opened_on is not None,
    )


def document_record(document: ParliamentaryDocument | None) -> Document | None:
    if document is None:
        return None
    return Document(
        title=document.title,
        reference=document.reference,
        url=document.url,
        date=document.date,
        document_number=document.document_number or "",
        case_number=document.case_number,
        sender_reference=document.sender_reference,
    )


def registered(document: ParliamentaryDocument) -> Registered:
    numbers = (document.publication_id, document.document_number)
    return Registered(tuple(each for each in numbers if each), document.title)


def reading(source: Source, detail: str = "") -> Reading:
    return Reading(
        code=source.code,
        title=source.title,
        publisher=source.publisher,
        date=source.date,
        date_note=source.date_note,
        url=source.url,
        reference=source.document.reference if source.document else "",
        availability=Availability(source.availability),
        detail=detail,
    )


def signatory(holding: OfficeHolding | None) -> Signatory | None:
    if holding is None:
        return None
    return Signatory(holding.person, holding.office.title, holding.acting)


def point_row(
    point: ActionPoint,
    responsible: tuple[Responsible, ...],
    progress: Progress | None,
    basis: Basis | None,
) -> PointRow:
    """Return an action point as a row in a list."""
    return PointRow(
        code=point.code,
        title=point.title,
        title_language=title_language(point),
        pillar=point.pillar_id,
        pillar_title=point.pillar.title,
        in_plan=point.in_plan,
        evidence_class=evidence_class(point),
        responsible=responsible,
        progress=progress,
        basis=basis,
    )


def principle_record(principle: UngpPrinciple) -> Principle:
    return Principle(
        number=principle.number,
        pillar=principle.pillar_id,
        title_nl=principle.title_nl,
        title_en=principle.title_en,
        title=principle.title,
    )


def title_language(point: ActionPoint) -> str:
    """Return the language of `point.title`: Dutch when there is no title in that of the page."""
    return "en" if point.title != point.title_nl else "nl"


def evidence_class(point: ActionPoint) -> EvidenceClass | None:
    return EvidenceClass(point.evidence_class) if point.evidence_class else None

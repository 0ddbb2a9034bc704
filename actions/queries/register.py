"""The register of parliamentary documents: which are public, and what here refers to each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Window
from django.utils import timezone

from actions import citations
from actions.choices import DocumentKind
from actions.models import (
    ActionPoint,
    Citation,
    EntrySource,
    EntryVersion,
    ParliamentaryDocument,
    Plan,
    ReportingRound,
    Source,
    StatusEntry,
)
from actions.models.plan import in_language
from actions.queries.conversions import reading, signatory, title_language
from actions.queries.records import (
    Based,
    BasedPoint,
    DocumentDetail,
    DocumentLink,
    ListedDocument,
    Mention,
    Reading,
)
from actions.richtext import parse, plain_text
from actions.search import index

# How many references the page of one document shows: of mentions a page, of sources in all.
MENTIONS: Final = 50
BASED: Final = 400
# The words on each side of a reference, in characters.
AROUND: Final = 110

# What fits in an address; the numbers of parliament and of the official publications do.
_FITS: Final = re.compile(r"[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*")
_ANNEX: Final = "-bijlage-"
_OTHER: Final = "document-"
# The fields of a text that its page shows.
_SHOWN: Final = ("narrative", "outlook", "informed_reference")


def open_documents() -> QuerySet[ParliamentaryDocument]:
    """Return the documents that everyone may know of.

    Not those of a day to come, nor the letter and report of a year that is not out yet, with
    what is annexed to them. This is the only place where that rule is written.
    """
    released = ReportingRound.objects.released().values("pk")
    waiting = ReportingRound.objects.exclude(pk__in=released)
    out = (
        ParliamentaryDocument.objects.filter(Q(date=None) | Q(date__lte=timezone.localdate()))
        .exclude(pk__in=waiting.filter(letter__isnull=False).values("letter"))
        .exclude(pk__in=waiting.filter(report__isnull=False).values("report"))
    )
    return out.filter(Q(annex_of=None) | Q(annex_of__in=out.values("pk")))


# --- The whole register


@dataclass(frozen=True, slots=True)
class RegisteredDocument:
    """What of a document is needed to choose it: its key, kind, day and words."""

    key: int
    kind: DocumentKind
    date: date | None
    words: str


def registered_documents() -> list[RegisteredDocument]:
    """Return every public document, newest first and those without a date last; 1 query."""
    rows = open_documents().values_list(
        "pk",
        "kind",
        "date",
        "title",
        "publication_id",
        "document_number",
        "case_number",
        "sender_reference",
        "date_note",
        "annex_of__publication_id",
        "signatory__person",
        "signatory__office__title",
    )
    newest = sorted(rows, key=lambda row: (row[2] is None, _days_back(row[2]), row[3]))
    return [
        RegisteredDocument(key, DocumentKind(kind), day, _words(texts))
        for key, kind, day, *texts in newest
    ]


def _days_back(day: date | None) -> int:
    return -day.toordinal() if day else 0


def _words(texts: Iterable[str | None]) -> str:
    """Return the words by which a document is found; a number also as readers write it."""
    known = [text for text in texts if text]
    spelled = [found for text in known if (found := citations.spelled(text))]
    return index((*known, *spelled))


def listed_documents(keys: Sequence[int]) -> list[ListedDocument]:
    """Return these documents in this order, with what here refers to each; 5 queries."""
    rows = {each.pk: each for each in _shown(open_documents().filter(pk__in=keys))}
    naming = dict(
        _public_citations()
        .filter(document__in=keys, entry_version__isnull=False)
        .order_by()
        .values_list("document")
        .annotate(Count("entry_version__entry", distinct=True))
    )
    based = dict(
        EntrySource.objects.filter(source__document__in=keys, version__published_for__in=_public())
        .order_by()
        .values_list("source__document")
        .annotate(Count("version__entry", distinct=True))
    )
    subjects = dict(
        Source.objects.filter(document__in=keys, action_points__isnull=False)
        .order_by()
        .values_list("document")
        .annotate(Count("action_points__action_point", distinct=True))
    )
    plans: dict[int, list[str]] = defaultdict(list)
    for plan in Plan.objects.filter(document__in=keys):
        plans[plan.document_id or 0].append(plan.title)
    return [
        _listed(
            rows[key],
            tuple(plans[key]),
            (naming.get(key, 0), based.get(key, 0), subjects.get(key, 0)),
        )
        for key in keys
        if key in rows
    ]


def document_addresses() -> tuple[str, ...]:
    """Return by what each public document is found in an address, in no order; 1 query."""
    return tuple(identifier_of(each) for each in _shown(open_documents()))


def _shown(documents: QuerySet[ParliamentaryDocument]) -> QuerySet[ParliamentaryDocument]:
    """Read along what a row of the register shows, and which annex of its document it is."""
    siblings = ParliamentaryDocument.objects.filter(
        annex_of=OuterRef("annex_of"), pk__lte=OuterRef("pk")
    ).order_by()
    return documents.select_related(
        "annex_of__annex_of", "signatory__office", "letter_of_round", "report_of_round"
    ).annotate(
        annex_number=Subquery(
            siblings.values("annex_of").annotate(count=Count("pk")).values("count")
        )
    )


def _listed(
    document: ParliamentaryDocument, plans: tuple[str, ...], counts: tuple[int, int, int]
) -> ListedDocument:
    letter: ReportingRound | None = getattr(document, "letter_of_round", None)
    report: ReportingRound | None = getattr(document, "report_of_round", None)
    parent = document.annex_of
    return ListedDocument(
        identifier=identifier_of(document),
        kind=DocumentKind(document.kind),
        title=document.title,
        reference=document.reference,
        is_numbered=bool(document.publication_id or (parent and parent.publication_id)),
        document_number=document.document_number or "",
        date=document.date,
        date_note=document.date_note,
        signatory=signatory(document.signatory),
        url=document.url,
        letter_of=letter.year if letter else None,
        report_of=report.year if report else None,
        plans=plans,
        texts_naming=counts[0],
        texts_based=counts[1],
        subjects_based=counts[2],
    )


def identifier_of(document: ParliamentaryDocument) -> str:
    """Return by what a document is found in an address: its best number.

    An annex without a number has that of its document; what has no number at all has our key.
    """
    if _FITS.fullmatch(document.identifier):
        return document.identifier
    parent = document.annex_of.identifier if document.annex_of else ""
    number: int | None = vars(document).get("annex_number")
    if number and _FITS.fullmatch(parent):
        return f"{parent}{_ANNEX}{number}"
    return f"{_OTHER}{document.pk}"


# --- One document


def document_detail(word: str, page: int) -> tuple[DocumentDetail, bool] | None:
    """Return a document by any of its numbers, and whether that number is of it alone.

    With one page of the texts that name it, newest year first. None when there is no such
    document, or no such page. 6 queries.
    """
    document = _found(word)
    if document is None:
        return None
    annotated: dict[str, str | bool | None] = vars(document)
    current = str(annotated["current_plan"] or "")
    mentions, mention_count = _mentions(document, page)
    if page > 1 and not mentions:
        return None
    sources, about = _sources(document)
    based, based_count = _based(document)
    plans = list(
        Plan.objects.filter(Q(document=document) | Q(document__annex_of=document)).order_by("slug")
    )
    own = tuple(plan.title for plan in plans if plan.document_id == document.pk)
    listed = _listed(document, own, (mention_count, based_count, len(about)))
    year = listed.letter_of or listed.report_of
    detail = DocumentDetail(
        listed=listed,
        case_number=document.case_number,
        sender_reference=document.sender_reference,
        annex_of=_link(document.annex_of) if document.annex_of else None,
        annexes=tuple(
            _link(each)
            for each in _shown(open_documents().filter(annex_of=document)).order_by("pk")
        ),
        sent_plans=tuple(plan.title for plan in plans if plan.document_id != document.pk),
        own_year=year if annotated["is_current"] else None,
        current_plan=current,
        mentions=mentions,
        mention_count=mention_count,
        based=(*((Based(None, about),) if about else ()), *based),
        based_count=based_count,
        sources=sources,
    )
    certain = word.casefold() in (
        listed.identifier.casefold(),
        (document.document_number or "").casefold(),
    )
    return detail, certain


def _found(word: str) -> ParliamentaryDocument | None:
    """Return the document with this number; of several with the same case the first; 1 query."""
    wanted = Q(publication_id__iexact=word) | Q(document_number__iexact=word)
    wanted |= Q(publication_id__iexact=f"kst-{word}")
    wanted |= Q(case_number__iexact=word) | Q(sender_reference__iexact=word)
    parent, annex, number = word.rpartition(_ANNEX)
    if annex and number.isdecimal():
        wanted |= Q(annex_of__publication_id__iexact=parent, annex_number=number)
        wanted |= Q(annex_of__document_number__iexact=parent, annex_number=number)
    key = word.removeprefix(_OTHER)
    if key != word and key.isdecimal() and len(key) < 10:
        wanted |= Q(pk=key)
    current = Plan.objects.current()
    rounds = ReportingRound.objects.released().filter(plan__in=current.values("pk"))
    found = list(
        _shown(open_documents())
        .filter(wanted)
        .annotate(
            current_plan=Subquery(current.values("slug")[:1]),
            is_current=Exists(rounds.filter(Q(letter=OuterRef("pk")) | Q(report=OuterRef("pk")))),
        )
    )
    return min(found, key=lambda each: _rank(each, word.casefold()), default=None)


def _rank(document: ParliamentaryDocument, word: str) -> tuple[bool, bool, bool, int]:
    """What has the number as its own comes first, then what is no annex, then the oldest."""
    own = {(document.publication_id or "").casefold(), (document.document_number or "").casefold()}
    return (
        word not in own,
        f"kst-{word}" not in own,
        document.annex_of_id is not None,
        document.pk,
    )


def _link(document: ParliamentaryDocument) -> DocumentLink:
    return DocumentLink(
        identifier_of(document),
        document.title,
        document.reference,
        DocumentKind(document.kind),
    )


def _public() -> QuerySet[StatusEntry]:
    return StatusEntry.objects.public()


def _public_citations() -> QuerySet[Citation]:
    """Return the references in what everyone can read: public texts, and texts of the points."""
    of_texts = Q(entry_version__published_for__in=_public(), field__in=_SHOWN)
    return Citation.objects.filter(of_texts | Q(action_point__isnull=False))


_POINT: Final = ("plan__slug", "code", "title_nl", "title_en")


def _mentions(document: ParliamentaryDocument, page: int) -> tuple[tuple[Mention, ...], int]:
    """Return one page of the texts that name a document, and how many there are; 1 query."""
    rows = (
        _public_citations()
        .filter(document=document)
        .select_related(
            "action_point__plan",
            "entry_version__entry__round",
            "entry_version__entry__action_point__plan",
        )
        .annotate(total=Window(Count("pk")))
        .order_by(
            F("entry_version__entry__round__year").desc(nulls_last=True),
            "entry_version__entry__action_point__pillar",
            "entry_version__entry__action_point__code",
            "action_point__code",
            "field",
            "start",
            "pk",
        )
    )
    start = (page - 1) * MENTIONS
    found = list(rows[start : start + MENTIONS])
    total: int = vars(found[0])["total"] if found else 0
    plain: dict[str, str] = {}
    return tuple(_mention(each, plain) for each in found), total


def _mention(citation: Citation, plain: dict[str, str]) -> Mention:
    version = citation.entry_version
    if version is not None:
        owner: EntryVersion | ActionPoint = version
        point, year = version.entry.action_point, version.entry.round.year
    elif citation.action_point is not None:
        owner = point = citation.action_point
        year = None
    else:
        raise ValueError("A reference stands in one of our texts.")
    text: str = getattr(owner, citation.field)
    if text not in plain:
        plain[text] = " ".join(plain_text(parse(text)).split())
    before, after = _around(plain[text], citation, text)
    return Mention(
        plan=point.plan.slug,
        code=point.code,
        title=point.title,
        title_language=title_language(point),
        year=year,
        where=str(getattr(owner._meta.get_field(citation.field), "verbose_name", citation.field)),
        before=before,
        literal=citation.literal,
        after=after,
    )


def _around(plain: str, citation: Citation, text: str) -> tuple[str, str]:
    """Return the words before and after a reference; none when it reads otherwise on the page."""
    literal = " ".join(citation.literal.split())
    again = text[: citation.start].count(citation.literal)
    place = -1
    for _each in range(again + 1):
        place = plain.find(literal, place + 1)
    if place < 0:
        return "", ""
    return _tail(plain[:place]), _head(plain[place + len(literal) :])


def _tail(words: str) -> str:
    if len(words) <= AROUND:
        return words
    return "… " + words[-AROUND:].partition(" ")[2]


def _head(words: str) -> str:
    if len(words) <= AROUND:
        return words
    return words[:AROUND].rpartition(" ")[0] + " …"


def _sources(
    document: ParliamentaryDocument,
) -> tuple[tuple[Reading, ...], tuple[BasedPoint, ...]]:
    """Return the sources that are this document, and the points that rest on it; 1 query."""
    sources: dict[str, Reading] = {}
    points: dict[tuple[str, str], BasedPoint] = {}
    rows = (
        Source.objects.filter(document=document)
        .select_related("document__annex_of")
        .annotate(
            detail=F("action_points__detail"),
            plan=F("action_points__action_point__plan__slug"),
            point=F("action_points__action_point__code"),
            title_nl=F("action_points__action_point__title_nl"),
            title_en=F("action_points__action_point__title_en"),
        )
        .order_by("code", "plan", "point")
    )
    for source in rows[:BASED]:
        sources.setdefault(source.code, reading(source))
        row: Mapping[str, str | None] = vars(source)
        if row["point"]:
            of_point = [row[name] for name in ("plan", "point", "title_nl", "title_en")]
            point = _based_point(of_point, row["detail"])
            points.setdefault((point.plan, point.code), point)
    return tuple(sources.values()), tuple(points.values())


def _based(document: ParliamentaryDocument) -> tuple[tuple[Based, ...], int]:
    """Return the texts that rest on a document by year, newest first, and how many; 1 query."""
    points: dict[int, dict[tuple[str, str], BasedPoint]] = defaultdict(dict)
    point = "version__entry__action_point"
    rows = (
        EntrySource.objects.filter(source__document=document, version__published_for__in=_public())
        .annotate(total=Window(Count("pk")))
        .order_by("-version__entry__round__year", f"{point}__pillar", f"{point}__code", "pk")
        .values_list(
            "total",
            "version__entry__round__year",
            "detail",
            *(f"{point}__{name}" for name in _POINT),
        )
    )
    found = list(rows[:BASED])
    for _total, year, detail, *of_point in found:
        based = _based_point(of_point, detail)
        points[year].setdefault((based.plan, based.code), based)
    by_year = tuple(Based(year, tuple(each.values())) for year, each in points.items())
    return by_year, found[0][0] if found else 0


def _based_point(of_point: Sequence[str | None], detail: str | None) -> BasedPoint:
    plan, code, dutch, english = (each or "" for each in of_point)
    title = in_language(dutch, english)
    return BasedPoint(plan, code, title, "en" if title != dutch else "nl", detail or "")

"""From a round to a frozen set: three documents that belong together, read in one moment.

Reading asks the database, once and as of one moment. Making needs no database: it builds,
arranges and renders. Storing is one transaction, so that there is a whole set or none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.db.models import Max
from django.utils import timezone

from actions.models import ReportingRound
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result
from reports import paragraphs, rendering
from reports.arrangement import Stored, arrange
from reports.builder import (
    HandledRemark,
    Route,
    TakenDecision,
    Year,
    build_annex,
    build_letter,
    build_note,
    closed,
    known_names,
    public_note,
    read_year,
)
from reports.builder import imprint as imprints
from reports.builder.standing import Imprint
from reports.choices import Audience, Format, Kind, Outcome, RouteRole, Stage
from reports.document import DecisionNote, Document, DocumentKind, to_text
from reports.holding import held
from reports.models import (
    Decision,
    EditionFile,
    EditionIssue,
    EditionRemark,
    EditionVersion,
    Freeze,
    FreezeJob,
    NameChoice,
    RemarkPlace,
    RenderJob,
    ReportEdition,
    RouteStep,
)
from reports.names import Names
from reports.renderers.rendered import Rendered
from reports.snapshot import sha256, snapshot, to_json
from reports.tasks import enqueue

PLACED: Final = (Kind.LETTER, Kind.ANNEX)
# What changes what the documents of a round say has this name in the audit trail.
HAND: Final = "edition.write"


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the documents of a round are made of, as of one moment."""

    round: ReportingRound
    stage: Stage
    year: Year
    arranged: Mapping[Kind, tuple[Stored, ...]]
    route: Route
    remarks: tuple[HandledRemark, ...]
    names: Names
    # Of the edition, and of its version that this becomes when it is frozen.
    numbers: tuple[int, int]
    imprint: Imprint
    hands: tuple[int, ...]
    decisions: tuple[TakenDecision, ...] = ()


class Overtaken(Exception):
    """Another version was stored after this one was read."""


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A document of a set; the note has a public form beside it."""

    kind: Kind
    document: Document
    public: DecisionNote | None = None
    pdf: Rendered | None = None


@dataclass(frozen=True, slots=True)
class MadeSet:
    """The documents of a round with the data behind them, ready to be stored."""

    reading: Reading
    documents: tuple[MadeDocument, ...]
    data: str


def read(each: ReportingRound, stage: Stage) -> Reading:
    """Return what the documents of a round are made of; raises like `reports.builder.build`."""
    with trail.one_moment():
        last = AuditEvent.objects.order_by("-sequence").first()
        numbers = next_version(each)
        return Reading(
            round=each,
            stage=stage,
            year=read_year(each.year, plan=each.plan.slug),
            arranged={kind: paragraphs.arrangement(each, kind) for kind in Kind},
            route=route(each),
            remarks=tuple(handled_remarks(each)),
            names=chosen_names(each),
            numbers=numbers,
            imprint=imprints.imprint(
                *numbers,
                timezone.localdate(),
                last.sequence if last else 0,
                last.hash if last else trail.START,
            ),
            hands=tuple(sorted(hands(each))),
            decisions=tuple(taken_decisions(each)),
        )


def documents(
    reading: Reading, pages: Mapping[DocumentKind, Mapping[str, int]]
) -> dict[Kind, Document]:
    """Return the three documents as they would be now; the note refers to these pages."""
    made = {kind: document(reading, kind) for kind in PLACED}
    return {**made, Kind.DECISION_NOTE: note(reading, pages)}


def document(reading: Reading, kind: Kind) -> Document:
    """Return the letter or the annex as arranged, for the stage that is read for."""
    report = reading.year.report
    if kind == Kind.LETTER:
        built: Document = build_letter(report)
    else:
        built = build_annex(report, reading.imprint)
    return _staged(arrange(built, reading.arranged[kind]), reading)


def note(reading: Reading, pages: Mapping[DocumentKind, Mapping[str, int]]) -> Document:
    """Return the internal note, with the pages of the letter and the annex it goes up with."""
    year = reading.year
    built = build_note(
        year.report, year.facts, pages, reading.remarks, reading.route, reading.decisions
    )
    arranged = arrange(built, reading.arranged[Kind.DECISION_NOTE])
    if not isinstance(arranged, DecisionNote):
        raise TypeError("the decision note stays one")
    return _staged(closed(arranged), reading)


def make(reading: Reading, tell: Callable[[int], None] = lambda percent: None) -> MadeSet:
    """Return the whole set; `tell` hears how many percent are done. Needs no database."""
    made: list[MadeDocument] = []
    pages: dict[DocumentKind, Mapping[str, int]] = {}
    for number, kind in enumerate(PLACED, start=1):
        built = document(reading, kind)
        pdf = rendering.render(built, Format.PDF)
        pages[DocumentKind(kind)] = pdf.pages
        made.append(MadeDocument(kind, built, pdf=pdf))
        tell(40 * number)
    internal = note(reading, pages)
    if not isinstance(internal, DecisionNote):
        raise TypeError("the decision note is a note")
    public = public_note(internal, reading.names)
    made.append(MadeDocument(Kind.DECISION_NOTE, internal, public))
    tell(90)
    return MadeSet(reading, tuple(made), to_json(snapshot(reading.year.report)))


def _staged(made: Document, reading: Reading) -> Document:
    if reading.stage == Stage.FINAL:
        return imprints.final(made)
    if reading.stage == Stage.CONCEPT:
        return imprints.concept(made, reading.imprint)
    return made


def is_up_to_date(each: ReportingRound) -> bool:
    """Tell whether the last issued reconstruction of a year says what would be made of it now."""
    last = (
        EditionVersion.objects.in_force()
        .filter(edition__round=each, edition__kind=Kind.LETTER)
        .select_related("freeze")
        .first()
    )
    if last is None:
        return False
    reading = read(each, Stage.RECONSTRUCTION)
    same_data = to_json(snapshot(reading.year.report)) == last.freeze.data
    return same_data and to_text(document(reading, Kind.LETTER)) == last.tree


# What is read.


def edition_number(each: ReportingRound) -> int:
    """Return the number of the edition that is worked on: the next one after the last issued."""
    issued = EditionIssue.objects.filter(edition__round=each)
    return (issued.aggregate(last=Max("edition__number"))["last"] or 0) + 1


def next_version(each: ReportingRound) -> tuple[int, int]:
    """Return the edition that is worked on, and the number of its next version."""
    edition = edition_number(each)
    versions = EditionVersion.objects.filter(edition__round=each, edition__number=edition)
    return edition, (versions.aggregate(last=Max("number"))["last"] or 0) + 1


def route(each: ReportingRound) -> Route:
    """Return the head of the note as the coordinators filled it in."""
    steps = list(RouteStep.objects.filter(round=each).order_by("position", "pk"))

    def of(role: RouteRole) -> tuple[str, ...]:
        return tuple(step.who for step in steps if step.role == role)

    return Route(
        to=of(RouteRole.TO),
        sender=of(RouteRole.SENDER),
        via=of(RouteRole.VIA),
        copy=of(RouteRole.COPY),
        agreed=of(RouteRole.AGREED),
        due="; ".join(of(RouteRole.DUE)),
    )


def chosen_names(each: ReportingRound) -> Names:
    """Return what finds names in the note, with what a person said of each."""
    choices = list(NameChoice.objects.filter(round=each).order_by("name"))
    return known_names(
        [choice.name for choice in choices if choice.leave_out],
        [choice.name for choice in choices if not choice.leave_out],
    )


def remarks_of(each: ReportingRound) -> Sequence[EditionRemark]:
    """Return the remarks on the versions of the edition that is worked on."""
    found = EditionRemark.objects.filter(
        version__edition__round=each, version__edition__number=edition_number(each)
    )
    return list(
        found.select_related("version__edition", "handling")
        .defer("version__tree", "version__public_tree")
        .order_by("version__edition__kind", "version__number", "at", "pk")
    )


def handled_remarks(each: ReportingRound) -> Iterator[HandledRemark]:
    """Yield the remarks that were handled, with the page on which their reader saw the passage."""
    remarks = remarks_of(each)
    pages = _pages_of({remark.version_id for remark in remarks})
    for remark in remarks:
        handling = getattr(remark, "handling", None)
        if handling is None:
            continue
        yield HandledRemark(
            text=remark.text,
            handling=str(imprints.HANDLED[handling.handling]),
            answer=handling.answer,
            kind=DocumentKind(remark.version.edition.kind),
            node_id=handling.node_id or remark.node_id,
            before=pages.get(remark.version_id, {}).get(remark.node_id),
            version=remark.version.number,
            who=remark.on_behalf_of,
            about=imprints.ABOUT[remark.kind],
        )


def taken_decisions(each: ReportingRound) -> Iterator[TakenDecision]:
    """Yield what was decided on the versions of the edition that is worked on, in order."""
    found = Decision.objects.filter(
        version__edition__round=each, version__edition__number=edition_number(each)
    )
    found = found.select_related("office", "version", "met__version").defer(
        "version__tree", "version__public_tree", "met__version__tree", "met__version__public_tree"
    )
    for decision in found.order_by("decided_on", "pk"):
        met = getattr(decision, "met", None)
        yield TakenDecision(
            office=decision.office.title,
            day=decision.decided_on,
            outcome=imprints.DECIDED[decision.outcome],
            condition=decision.condition,
            version=decision.version.number,
            met_in=met.version.number if met else 0,
            has_condition=decision.outcome == Outcome.WITH_CHANGE,
        )


def _pages_of(versions: set[int]) -> dict[int, Mapping[str, int]]:
    files = EditionFile.objects.filter(version__in=versions, format=Format.PDF)
    # The internal note is the one that was read; it comes first of the two.
    return dict(files.order_by("-audience").values_list("version", "pages"))


def hands(each: ReportingRound) -> set[int]:
    """Return the keys of who had a hand in the documents of a round since the last that is issued.

    What was done after an issued set was fixed is not in that set, and so counts for the next.
    """
    issued = Freeze.objects.filter(round=each, versions__issue__isnull=False)
    last = issued.aggregate(last=Max("audit_sequence"))["last"] or 0
    written = AuditEvent.objects.filter(
        object_type=each._meta.label_lower,
        object_id=str(each.pk),
        action=HAND,
        result=Result.DONE,
        sequence__gt=last,
    )
    at_work = EditionVersion.objects.filter(
        edition__round=each, edition__number=edition_number(each)
    )
    found = set(written.values_list("actor", flat=True))
    # The note holds their words; those on an edition that was issued are not in the next.
    found |= set(EditionRemark.objects.filter(version__in=at_work).values_list("author", flat=True))
    for pair in Decision.objects.filter(version__in=at_work).values_list("actor", "met__actor"):
        found |= set(pair)
    return {key for key in found if key is not None}


# What is stored.


@trail.atomic()
def store(made: MadeSet, *, actor: User, job: FreezeJob | None = None, reason: str = "") -> Freeze:
    """Store a whole set, and ask for its files; the number of each edition is given out here."""
    each = held(made.reading.round)
    head = made.reading.imprint.head
    if next_version(each) != made.reading.numbers:
        raise Overtaken
    freeze = Freeze.objects.create(
        round=each,
        stage=made.reading.stage,
        by=actor,
        hands=list(made.reading.hands),
        data=made.data,
        data_hash=sha256(made.data),
        audit_sequence=head.sequence,
        audit_hash=head.hash,
        reason=reason,
    )
    seals: list[models.Model] = [freeze]
    versions: dict[str, EditionVersion] = {}
    for one in made.documents:
        edition, is_new = _edition(each, one.kind)
        version = _version(edition, freeze, one)
        versions[one.kind] = version
        seals += [edition, version] if is_new else [version]
        if one.pdf is not None:
            seals.append(add_file(version, Audience.PUBLIC, Format.PDF, one.pdf))
    for version in versions.values():
        _ask_for_files(version, actor)
    seals += _note_places(each, versions, made)
    detail = {
        "stage": str(freeze.stage),
        "versions": {str(kind): str(version) for kind, version in versions.items()},
        "trees": {str(kind): version.tree_hash for kind, version in versions.items()},
        "data": freeze.data_hash,
    }
    trail.record("edition.freeze", actor=actor, about=each, detail=detail, seals=seals)
    return freeze


def add_file(version: EditionVersion, audience: str, to: str, made: Rendered) -> EditionFile:
    """Store a rendered file with its hash; refused by the database when it is there already."""
    return EditionFile.objects.create(
        version=version,
        audience=audience,
        format=to,
        content=made.content,
        size=len(made.content),
        sha256=hashlib.sha256(made.content).hexdigest(),
        pages=dict(made.pages),
        made_with=dict(rendering.made_with()),
    )


def _edition(each: ReportingRound, kind: Kind) -> tuple[ReportEdition, bool]:
    number = edition_number(each)
    before = ReportEdition.objects.filter(round=each, kind=kind, number=number - 1).first()
    return ReportEdition.objects.get_or_create(
        round=each, kind=kind, number=number, defaults={"supersedes": before}
    )


def _version(edition: ReportEdition, freeze: Freeze, made: MadeDocument) -> EditionVersion:
    last = edition.versions.aggregate(last=Max("number"))["last"] or 0
    tree = to_text(made.document)
    public = to_text(made.public) if made.public else ""
    return EditionVersion.objects.create(
        edition=edition,
        freeze=freeze,
        number=last + 1,
        title=made.document.title[:300],
        tree=tree,
        tree_hash=sha256(tree),
        public_tree=public,
        public_tree_hash=sha256(public) if public else "",
    )


def _ask_for_files(version: EditionVersion, actor: User) -> None:
    """Ask for every file of a version that is not there yet."""
    have = set(version.files.values_list("audience", "format"))
    for audience in version.audiences():
        for to in Format:
            if (audience, to) not in have:
                job = RenderJob.objects.create(
                    version=version, audience=audience, format=to, asked_by=actor
                )
                enqueue(job)


def _note_places(
    each: ReportingRound, versions: Mapping[str, EditionVersion], made: MadeSet
) -> list[RemarkPlace]:
    """Note where the passage of each remark stands in the version that was just made."""
    pages = {one.kind: one.pdf.pages for one in made.documents if one.pdf}
    places = []
    for remark in remarks_of(each):
        handling = getattr(remark, "handling", None)
        node_id = (handling.node_id if handling else "") or remark.node_id
        kind = Kind(remark.version.edition.kind)
        place = RemarkPlace.objects.create(
            remark=remark,
            version=versions[kind],
            node_id=node_id,
            page=pages.get(kind, {}).get(node_id),
        )
        places.append(place)
    return places

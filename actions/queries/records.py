"""What the public reads return: frozen records without one internal field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from actions.choices import (
    SILENCE,
    Availability,
    Basis,
    DocumentKind,
    EvidenceClass,
    OrganisationKind,
    Origin,
    Progress,
    ResponsibilityRole,
    Schedule,
    SuccessionKind,
)


@dataclass(frozen=True, slots=True)
class Name:
    """What an organisation is called on one day."""

    slug: str
    name: str
    abbreviation: str
    is_ministry: bool = field(default=False, compare=False)

    @property
    def short(self) -> str:
        return self.abbreviation or self.name

    @property
    def full(self) -> str:
        """The name with its abbreviation, as it stands where somebody first meets it."""
        if self.abbreviation in ("", self.name):
            return self.name
        return f"{self.name} ({self.abbreviation})"


@dataclass(frozen=True, slots=True)
class Responsible:
    """An organisation that answers for an action point on one day, or carries it out."""

    organisation: Name
    role: ResponsibilityRole
    basis: Basis

    @property
    def is_derived(self) -> bool:
        return self.basis == Basis.DERIVED


@dataclass(frozen=True, slots=True)
class Document:
    """A parliamentary document as a reader refers to it."""

    title: str
    reference: str
    url: str
    date: date | None
    document_number: str
    case_number: str
    sender_reference: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A parliamentary document as the register knows it, by each of its numbers."""

    identifiers: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A source, and where in it something stands."""

    code: str
    title: str
    publisher: str
    date: date | None
    date_note: str
    url: str
    reference: str
    availability: Availability
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signed a letter, with the office held on that day."""

    person: str
    office: str
    acting: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """What the cabinet says of the plan as a whole, in our words; never derived per point."""

    text: str
    source: Reading


@dataclass(frozen=True, slots=True)
class Round:
    """One year of reporting."""

    year: int
    promised_on: date | None
    promised_note: str
    letter: Document | None
    report: Document | None
    statement: Statement | None
    is_released: bool
    # Made of texts that ministries wrote for it, not read from a letter afterwards.
    by_ministries: bool

    @property
    def sent_on(self) -> date | None:
        return self.letter.date if self.letter else None


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan, and how far the list here is from the official one."""

    slug: str
    title: str
    document: Document | None
    expected: int | None
    in_plan: int
    outside: int
    officially_numbered: int
    per_class: Mapping[EvidenceClass, int]

    @property
    def is_working_list(self) -> bool:
        """Whether any point still waits for its official number."""
        return self.officially_numbered < (self.expected or self.in_plan)


@dataclass(frozen=True, slots=True)
class PillarProgress:
    """How the action points of one pillar stand in one year."""

    number: int
    title: str
    counts: Mapping[Progress, int]
    derived: Mapping[Progress, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class PointRow:
    """An action point in a list."""

    code: str
    title: str
    title_language: str
    pillar: int
    pillar_title: str
    in_plan: bool
    evidence_class: EvidenceClass | None
    responsible: tuple[Responsible, ...]
    progress: Progress | None
    basis: Basis | None

    @property
    def is_derived(self) -> bool:
        return self.basis == Basis.DERIVED

    @property
    def answering(self) -> tuple[Responsible, ...]:
        """Who answers for it; who only carries it out is left to its own page."""
        return tuple(
            each for each in self.responsible if each.role != ResponsibilityRole.IMPLEMENTING
        )


@dataclass(frozen=True, slots=True)
class ListedPoint:
    """An action point in the public list: its row and its sources."""

    row: PointRow
    sources: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """What is told of one action point over one year; public unless it says that it is not."""

    code: str
    title: str
    pillar: int
    in_plan: bool
    year: int
    version: int
    progress: Progress | None
    basis: Basis | None
    schedule: Schedule
    continues_after_plan: bool | None
    discontinued_reason: str
    narrative: str
    outlook: str
    letter_passage: str
    informed_before: bool
    informed_reference: str
    informed_sender: str
    origin: Origin
    reported_with: str
    responsible: tuple[Responsible, ...]
    sources: tuple[Reading, ...]
    is_public: bool = True

    @property
    def is_silent(self) -> bool:
        return self.progress is None or self.progress in SILENCE

    @property
    def is_derived(self) -> bool:
        return self.basis == Basis.DERIVED


@dataclass(frozen=True, slots=True)
class Corrected:
    """When a public text took the place of another, and why."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class YearOfPoint:
    """One year in the timeline of an action point; `covering` holds the text when it is shared."""

    round: Round
    stand: Stand | None
    covering: Stand | None
    # Of either text, newest first.
    corrections: tuple[Corrected, ...] = ()

    @property
    def progress(self) -> Progress:
        """Where nothing is public, the report is not available, as in every count."""
        return (self.stand and self.stand.progress) or Progress.SOURCE_MISSING


@dataclass(frozen=True, slots=True)
class PointLink:
    """What an action point became, or came from."""

    code: str
    title: str
    plan: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Principle:
    """One of the UN Guiding Principles, by a short title in our own words."""

    number: int
    pillar: int
    title_nl: str
    title_en: str
    title: str

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The action point before or after another in the list of their plan."""

    code: str
    title: str
    title_language: str


@dataclass(frozen=True, slots=True)
class PointDetail:
    """All that is public about one action point."""

    code: str
    title: str
    title_language: str
    plan: PlanFacts
    pillar: int
    pillar_title: str
    official_number: str
    official_text: str
    description: str
    time_path: str
    starts_on: date | None
    due_on: date | None
    in_plan: bool
    evidence_class: EvidenceClass | None
    evidence_note: str
    responsible: tuple[Responsible, ...]
    principles: tuple[Principle, ...]
    sources: tuple[Reading, ...]
    links: tuple[PointLink, ...]
    years: tuple[YearOfPoint, ...]
    # Of the plan that addresses without a plan are about.
    is_current: bool
    # When the last text or correction of it became public; None when nothing has.
    updated_on: date | None
    previous: Neighbour | None
    next: Neighbour | None


@dataclass(frozen=True, slots=True)
class Participant:
    """A ministry that takes part in a plan, by the name of one day."""

    organisation: Name
    coordinates: bool


@dataclass(frozen=True, slots=True)
class ReportedPoint:
    """An action point as the documents over one year need it, names by the date of the letter.

    `previous` is how it stood a year before, `compared` in the last year of which it is known.
    """

    row: PointRow
    official_number: str
    official_text: str
    description: str
    time_path: str
    stand: Stand | None
    previous: Stand | None
    compared: Stand | None


@dataclass(frozen=True, slots=True)
class Motion:
    """What parliament asked, in words that follow `verzoekt de regering`, and what came of it."""

    key: str
    movers: str
    reference: str
    request: str
    answer: str
    source: Reading


@dataclass(frozen=True, slots=True)
class Commitment:
    """What parliament was promised, in words that follow `toegezegd`, and what came of it."""

    key: str
    title: str
    promise: str
    made_on: date | None
    answer: str
    source: Reading


@dataclass(frozen=True, slots=True)
class Consultation:
    """Who was asked for their view, by whom and when, and what they said."""

    key: str
    held_on: date | None
    organiser: str
    commissioner: str
    participants: str
    outcome: str
    source: Reading


@dataclass(frozen=True, slots=True)
class AuditLink:
    """The last link of the audit trail about the texts of one round."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class YearReport:
    """All that the letter and the annex over one year are built from.

    `compared` is the last year before it with data, which may be earlier than `previous`. Motions,
    commitments and consultations have no models yet, so no query returns any.
    """

    plan: PlanFacts
    round: Round
    previous: Round | None
    compared: Round | None
    signatory: Signatory | None
    annexes: tuple[str, ...]
    participants: tuple[Participant, ...]
    pillars: tuple[PillarProgress, ...]
    compared_pillars: tuple[PillarProgress, ...]
    points: tuple[ReportedPoint, ...]
    register: tuple[Registered, ...]
    audit: AuditLink | None
    motions: tuple[Motion, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    consultations: tuple[Consultation, ...] = ()


@dataclass(frozen=True, slots=True)
class YearProgress:
    """How an action point stands in one year, in a row of years."""

    year: int
    progress: Progress
    basis: Basis | None

    @property
    def is_derived(self) -> bool:
        return self.basis == Basis.DERIVED


@dataclass(frozen=True, slots=True)
class PointThroughYears:
    """An action point with its progress in each released year, oldest first.

    The progress of its row is that of the last year; in a plan without one there is none.
    """

    row: PointRow
    years: tuple[YearProgress, ...]

    def in_year(self, year: int) -> YearProgress | None:
        return next((each for each in self.years if each.year == year), None)


@dataclass(frozen=True, slots=True)
class PillarDetail:
    """One pillar of the UN Guiding Principles, with its action points in the current plan."""

    plan: PlanFacts
    number: int
    title: str
    principles: tuple[Principle, ...]
    # Newest first.
    rounds: tuple[Round, ...]
    points: tuple[PointThroughYears, ...]
    outside: tuple[PointThroughYears, ...]


@dataclass(frozen=True, slots=True)
class ListedPrinciple:
    """A UN Guiding Principle with how many action points of the current plan are tied to it."""

    principle: Principle
    points: int


@dataclass(frozen=True, slots=True)
class PrincipleDetail:
    """One UN Guiding Principle, with the action points of the current plan tied to it."""

    plan: PlanFacts | None
    principle: Principle
    pillar_title: str
    previous: Principle | None
    next: Principle | None
    # Newest first.
    rounds: tuple[Round, ...]
    points: tuple[PointThroughYears, ...]


@dataclass(frozen=True, slots=True)
class PointChange:
    """An action point of which two years say something else."""

    code: str
    title: str
    title_language: str
    before: Progress
    after: Progress

    @property
    def is_new(self) -> bool:
        return self.before == Progress.NOT_MENTIONED

    @property
    def is_gone(self) -> bool:
        return self.after == Progress.NOT_MENTIONED


@dataclass(frozen=True, slots=True)
class Changes:
    """What a year says otherwise than `since`; of the years in between there was no report."""

    since: int
    unavailable: tuple[int, ...]
    progress: tuple[PointChange, ...]
    new: tuple[PointChange, ...]
    gone: tuple[PointChange, ...]


@dataclass(frozen=True, slots=True)
class DatedDocument:
    """A step of the process, by its document; of a yearly letter also when it was promised."""

    kind: DocumentKind
    document: Document
    # In Dutch: what is known instead of the date, and what is to be said of it besides.
    about_when: str
    date_note: str
    year: int | None
    promised_on: date | None
    annexes: tuple[DatedDocument, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """A yearly letter that is not out, and the last day of the promise."""

    year: int
    promised_on: date


@dataclass(frozen=True, slots=True)
class Process:
    """How a plan came about and is reported on, oldest first."""

    plan: str
    events: tuple[DatedDocument, ...]
    coming: tuple[Coming, ...]


@dataclass(frozen=True, slots=True)
class OverduePoint:
    """An action point that passed its due date, with the last answer that is known."""

    code: str
    title: str
    title_language: str
    due_on: date
    last_known: Progress | None


@dataclass(frozen=True, slots=True)
class DueDates:
    """Of how many in-plan points a due date is known, and which passed it uncompleted."""

    known: int
    overdue: tuple[OverduePoint, ...]


@dataclass(frozen=True, slots=True)
class DatedName:
    """One name an organisation had; from and until are None when not known or still open."""

    name: str
    abbreviation: str
    valid_from: date | None
    valid_until: date | None
    # Says how the period is known, in Dutch.
    note: str

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Succeeded:
    """One organisation came out of another, or went into it; names are those of that day."""

    predecessor: Name
    successor: Name
    kind: SuccessionKind
    date: date
    note: str


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """An organisation with all its names; `name` is that of today, or the last it had."""

    slug: str
    kind: OrganisationKind
    tooi_code: str
    name: Name
    # Newest first.
    names: tuple[DatedName, ...]
    takes_part: bool
    coordinates: bool
    # The day from which it is no more; None while it is there.
    ended_on: date | None
    came_from: tuple[Succeeded, ...]
    went_into: tuple[Succeeded, ...]

    @property
    def is_ministry(self) -> bool:
        return self.kind == OrganisationKind.MINISTRY


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some points stand where, in the order of `Progress`."""

    counts: tuple[tuple[Progress, int], ...]

    @property
    def total(self) -> int:
        return sum(count for _progress, count in self.counts)

    @property
    def known(self) -> int:
        """Only an answer is known, silence never is."""
        return sum(count for progress, count in self.counts if progress not in SILENCE)


@dataclass(frozen=True, slots=True)
class ListedMinistry:
    """A ministry with the number of action points it answers for today, and how those stand."""

    facts: OrganisationFacts
    lead: int
    co_responsible: int
    outside: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """An action point that an organisation carries out."""

    code: str
    title: str
    title_language: str
    basis: Basis

    @property
    def is_derived(self) -> bool:
        return self.basis == Basis.DERIVED


@dataclass(frozen=True, slots=True)
class ListedImplementer:
    """An organisation with what it carries out today."""

    facts: OrganisationFacts
    points: tuple[CarriedOut, ...]


@dataclass(frozen=True, slots=True)
class OrganisationLists:
    """The organisations of a plan: ministries, those that are no more, and who carries out."""

    ministries: tuple[ListedMinistry, ...]
    ended: tuple[OrganisationFacts, ...]
    implementers: tuple[ListedImplementer, ...]


@dataclass(frozen=True, slots=True)
class AnsweredPoint(PointThroughYears):
    """An action point with what one organisation does for it, in which period, and its progress."""

    role: ResponsibilityRole
    basis: Basis
    valid_from: date | None
    valid_until: date | None

    @property
    def is_derived(self) -> bool:
        return self.basis == Basis.DERIVED


@dataclass(frozen=True, slots=True)
class OrganisationDetail:
    """One organisation with all it does or did for the points of the plan, lead first."""

    facts: OrganisationFacts
    now: tuple[AnsweredPoint, ...]
    before: tuple[AnsweredPoint, ...]


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A parliamentary document in the register, with what here refers to it."""

    identifier: str
    kind: DocumentKind
    title: str
    # As a Dutch reader writes it; empty as long as there is no number at all.
    reference: str
    # Whether it has, or shares as an annex, a number of the official publication.
    is_numbered: bool
    document_number: str
    date: date | None
    date_note: str
    signatory: Signatory | None
    url: str
    letter_of: int | None
    report_of: int | None
    plans: tuple[str, ...]
    # The number of texts of one subject over one year.
    texts_naming: int
    texts_based: int
    subjects_based: int

    @property
    def is_referred_to(self) -> bool:
        counts = (self.texts_naming, self.texts_based, self.subjects_based)
        return any(counts) or bool(self.letter_of or self.report_of or self.plans)


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """Another document of the register."""

    identifier: str
    title: str
    reference: str
    kind: DocumentKind


@dataclass(frozen=True, slots=True)
class Mention:
    """A text of ours that names a document, with the words around it."""

    plan: str
    code: str
    title: str
    title_language: str
    # None for a text about the subject as a whole.
    year: int | None
    where: str
    before: str
    literal: str
    after: str


@dataclass(frozen=True, slots=True)
class BasedPoint:
    """An action point of which a text rests on a document."""

    plan: str
    code: str
    title: str
    title_language: str
    detail: str


@dataclass(frozen=True, slots=True)
class Based:
    """The points of one year that rest on a document; without a year, the points themselves."""

    year: int | None
    points: tuple[BasedPoint, ...]


@dataclass(frozen=True, slots=True)
class DocumentDetail:
    """All that is public about one document of the register.

    Of what refers to it, `mentions` is one page and `based` the first part.
    """

    listed: ListedDocument
    case_number: str
    sender_reference: str
    annex_of: DocumentLink | None
    annexes: tuple[DocumentLink, ...]
    # Titles of plans that came as an annex to it.
    sent_plans: tuple[str, ...]
    # The year of which this site has its own page.
    own_year: int | None
    current_plan: str
    mentions: tuple[Mention, ...]
    mention_count: int
    based: tuple[Based, ...]
    based_count: int
    sources: tuple[Reading, ...]

    @property
    def has_more_based(self) -> bool:
        return self.based_count > sum(len(each.points) for each in self.based if each.year)

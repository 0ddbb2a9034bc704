"""What the public reads return: frozen records without one internal field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from actions.choices import (
    SILENCE,
    Availability,
    Basis,
    EvidenceClass,
    Origin,
    Progress,
    ResponsibilityRole,
    Schedule,
)


@dataclass(frozen=True, slots=True)
class Name:
    """What an organisation is called on one day."""

    slug: str
    name: str
    abbreviation: str

    @property
    def short(self) -> str:
        return self.abbreviation or self.name

    @property
    def full(self) -> str:
        """The name with its abbreviation, as it stands where somebody first meets it."""
        return f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name


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
    """An action point in the public list: its row, its sources and the words it is found by."""

    row: PointRow
    sources: tuple[Reading, ...]
    words: str


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
    principles: tuple[str, ...]
    sources: tuple[Reading, ...]
    links: tuple[PointLink, ...]
    years: tuple[YearOfPoint, ...]


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

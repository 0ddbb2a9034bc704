"""Queries in, document out: the only part of reports that reads the plan; all wording is here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import translation

from actions.queries import concept, decision, public
from actions.queries.decision import DecisionFacts
from actions.queries.records import YearReport
from reports.builder.annex import build_annex
from reports.builder.letter import build_letter
from reports.builder.note import (
    HandledRemark,
    Pages,
    Route,
    TakenDecision,
    build_note,
    closed,
    public_note,
)
from reports.document import DecisionNote, Document, DocumentKind
from reports.names import Names, Official
from reports.snapshot import Snapshot, snapshot


@dataclass(frozen=True, slots=True)
class Year:
    """All that the three documents over one year are made of, read in one moment."""

    report: YearReport
    facts: DecisionFacts


_BUILDERS: Final[dict[DocumentKind, Callable[[YearReport], Document]]] = {
    DocumentKind.LETTER: build_letter,
    DocumentKind.ANNEX: build_annex,
}


class NoSuchPlan(LookupError):
    """The plan asked for is not there, or none is."""


class NoSuchRound(LookupError):
    """The plan has no reporting round for that year; `years` are those it has."""

    def __init__(self, years: list[int]) -> None:
        super().__init__(years)
        self.years = years


def build(
    kind: DocumentKind, year: int, *, plan: str | None = None, with_approved: bool = False
) -> Document:
    """Return the letter or the annex over one year, of the current plan unless another is named.

    Of a round that is not out yet nothing is public; `with_approved` puts the approved texts in,
    for who may read those. Raises NoSuchPlan and NoSuchRound.
    """
    return _BUILDERS[kind](_report(year, plan, with_approved=with_approved))


def read_year(year: int, *, plan: str | None = None) -> Year:
    """Return what the documents over one year are made of, with the approved texts in it.

    Raises like `build`.
    """
    report = _report(year, plan, with_approved=True)
    facts = decision.decision_facts(report.plan.slug, year)
    if facts is None:
        raise NoSuchRound([])
    return Year(report, facts)


def build_decision_note(
    year: int, pages: Pages, *, plan: str | None = None, remarks: Sequence[HandledRemark] = ()
) -> DecisionNote:
    """Return the internal decision note over one year; raises like `build`.

    `pages` are those of the letter and the annex it goes up with, with the approved texts.
    """
    read = read_year(year, plan=plan)
    return build_note(read.report, read.facts, pages, remarks)


def year_snapshot(year: int, *, plan: str | None = None, with_approved: bool = False) -> Snapshot:
    """Return what is public of one year as it is now; raises like `build`.

    `with_approved` puts the approved texts in, for who may read those.
    """
    return snapshot(_report(year, plan, with_approved=with_approved))


def known_names(leave_out: Iterable[str] = (), keep: Iterable[str] = ()) -> Names:
    """Return what finds people with an account, but for those in a public office.

    A person adds the names of others, and keeps the words that are no name here.
    """
    officials = [Official(name, email) for name, email in decision.officials()]
    return Names(officials, decision.people_in_office(), keep, leave_out)


def _report(year: int, plan: str | None, *, with_approved: bool) -> YearReport:
    # The documents are Dutch, whoever asks for them.
    with translation.override("nl"):
        facts = public.plan_facts(plan)
    if facts is None:
        raise NoSuchPlan(plan)
    read = concept.concept_report if with_approved else public.year_report
    report = read(facts, year)
    if report is None:
        raise NoSuchRound([each.year for each in public.rounds(facts.slug)])
    return report


__all__ = [
    "DocumentKind",
    "HandledRemark",
    "NoSuchPlan",
    "NoSuchRound",
    "Pages",
    "Route",
    "TakenDecision",
    "Year",
    "build",
    "build_annex",
    "build_decision_note",
    "build_letter",
    "build_note",
    "closed",
    "known_names",
    "public_note",
    "read_year",
    "year_snapshot",
]

"""Queries in, document out: the only part of reports that reads the plan; all wording is here."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from actions.queries import public
from actions.queries.records import YearReport
from reports.builder.annex import build_annex
from reports.builder.letter import build_letter
from reports.document import Document


class DocumentKind(StrEnum):
    """What can be made of one year."""

    LETTER = "letter"
    ANNEX = "annex"


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


def build(kind: DocumentKind, year: int, *, plan: str | None = None) -> Document:
    """Return the document of one kind over one year, of the current plan unless another is named.

    Raises NoSuchPlan and NoSuchRound.
    """
    facts = public.plan_facts(plan)
    if facts is None:
        raise NoSuchPlan(plan)
    report = public.year_report(facts, year)
    if report is None:
        raise NoSuchRound([each.year for each in public.rounds(facts.slug)])
    return _BUILDERS[kind](report)


__all__ = ["DocumentKind", "NoSuchPlan", "NoSuchRound", "build"]

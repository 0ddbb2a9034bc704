"""Letters and annexes as trees, and the words at a place in one."""

from __future__ import annotations

from actions.queries import public
from actions.queries.records import YearReport
from reports.builder import DocumentKind, build
from reports.document import AnnexReport, Facts, Item, Paragraph, Section, Table, nodes


def annex(year: int) -> AnnexReport:
    document = build(DocumentKind.ANNEX, year)
    assert isinstance(document, AnnexReport)
    return document


def report(year: int) -> YearReport:
    plan = public.plan_facts("2022-2026")
    assert plan is not None
    found = public.year_report(plan, year)
    assert found is not None
    return found


def section(document: AnnexReport, node_id: str) -> Section:
    return next(each for each in document.sections if each.id == node_id)


def table(document: AnnexReport, node_id: str) -> list[list[str]]:
    """Return the words of a table, row by row, without its header."""
    (found,) = [each for each in nodes(document) if each.id == node_id]
    assert isinstance(found, Table)
    return [["".join(run.text for run in cell) for cell in row] for row in found.rows]


def words(document: AnnexReport, node_id: str) -> str:
    (found,) = [each for each in nodes(document) if each.id == node_id]
    assert isinstance(found, Paragraph | Item)
    return "".join(run.text for run in found.runs).replace("\N{NO-BREAK SPACE}", " ")


def ids(document: AnnexReport) -> set[str]:
    return {node.id for node in nodes(document)}


def points(document: AnnexReport) -> dict[str, Section]:
    return {
        inner.id.removeprefix("punt-"): inner
        for section in document.sections
        for inner in section.sections
    }


def facts(section: Section) -> dict[str, str]:
    (block,) = [block for block in section.blocks if isinstance(block, Facts)]
    return {name: "".join(run.text for run in value) for name, value in block.rows}

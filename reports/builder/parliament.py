"""Sections of the letter on what parliament asked, was promised, and who else was heard."""

from __future__ import annotations

from actions.queries.records import Commitment, Consultation, Motion, Reading, YearReport
from reports.builder.texts import sentence
from reports.builder.wording import dutch_date, sentence_case
from reports.document import Block, Section
from reports.texts import Texts


def parliament_sections(report: YearReport, texts: Texts) -> list[Section]:
    """Return a section for each of the three of which there is anything to tell."""
    parts: list[tuple[str, str, list[Block]]] = [
        ("moties", "Moties", _motions(report, texts)),
        ("toezeggingen", "Toezeggingen", _commitments(report, texts)),
        ("consultatie", "Consultatie", _consultations(report, texts)),
    ]
    return [Section(node_id, title, tuple(blocks)) for node_id, title, blocks in parts if blocks]


def _motions(report: YearReport, texts: Texts) -> list[Block]:
    blocks: list[Block] = []
    for each in report.motions:
        node_id = f"motie-{each.key}"
        blocks.append(sentence(node_id, _asked(each), lead=f"Motie {each.movers}."))
        blocks += texts.blocks(each.answer, f"{node_id}-antwoord")
    return blocks


def _asked(each: Motion) -> str:
    where = each.reference or _where(each.source)
    return f"De motie ({where}) verzoekt de regering {each.request}."


def _commitments(report: YearReport, texts: Texts) -> list[Block]:
    blocks: list[Block] = []
    for each in report.commitments:
        node_id = f"toezegging-{each.key}"
        blocks.append(sentence(node_id, _promised(each), lead=f"{each.title}."))
        blocks += texts.blocks(each.answer, f"{node_id}-antwoord")
    return blocks


def _promised(each: Commitment) -> str:
    when = f" op {dutch_date(each.made_on)}" if each.made_on else ""
    return f"Aan uw Kamer is{when} toegezegd {each.promise} ({_where(each.source)})."


def _consultations(report: YearReport, texts: Texts) -> list[Block]:
    blocks: list[Block] = []
    for each in report.consultations:
        node_id = f"consultatie-{each.key}"
        blocks.append(sentence(node_id, _heard(each)))
        blocks += texts.blocks(each.outcome, f"{node_id}-uitkomst")
    return blocks


def _heard(each: Consultation) -> str:
    commissioner = f" in opdracht van {each.commissioner}" if each.commissioner else ""
    participants = f" van {each.participants}" if each.participants else ""
    held = f"{commissioner} een consultatie{participants} gehouden ({_where(each.source)})."
    if each.held_on is None:
        return f"{sentence_case(each.organiser)} heeft{held}"
    return f"Op {dutch_date(each.held_on)} heeft {each.organiser}{held}"


def _where(source: Reading) -> str:
    return source.reference or source.title

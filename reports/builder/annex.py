"""The annex report: a block per action point, with the reading guide and the figures."""

from __future__ import annotations

from dataclasses import replace

from actions.choices import EvidenceClass, Progress
from actions.queries.records import YearReport
from actions.richtext import Run
from reports.builder import figures, standing
from reports.builder.changes import changes
from reports.builder.digest import data_digest
from reports.builder.point import point_section, source_list
from reports.builder.references import listed, reference_list
from reports.builder.texts import columns, sentence
from reports.builder.wording import (
    EVIDENCE,
    MISSING_MEANING,
    PROGRESS,
    PROGRESS_MEANING,
    missing_words,
    sentence_case,
)
from reports.document import AnnexReport, Block, Section, Table
from reports.texts import Texts


def build_annex(report: YearReport, imprint: standing.Imprint | None = None) -> AnnexReport:
    """Return the report over one year, in the order of the pillars; an edition has an imprint."""
    texts = Texts()
    coordinating = next((each for each in report.participants if each.coordinates), None)
    document = AnnexReport(
        title=_title(report),
        subtitle=report.plan.title,
        language="nl",
        year=report.round.year,
        standing=standing.standing(report),
        dated=standing.day(report),
        date_line=_date_line(report),
        banner=standing.banner(report, standing.RAPPORTAGE),
        sender=sentence_case(coordinating.organisation.name) if coordinating else "",
        opening=(),
        sections=(
            _guide(report),
            _summary(report),
            *_pillars(report, texts),
            changes(report),
            *_outside(report, texts),
            _sources(report),
        ),
        colophon=(
            *standing.colophon(report, standing.RAPPORTAGE),
            *standing.edition(report, data_digest(report), imprint),
        ),
        footnotes=tuple(texts.footnotes),
    )
    return replace(document, sections=(*document.sections, _references(document, report)))


def _title(report: YearReport) -> str:
    if standing.is_overview(report):
        return f"Overzicht voortgang {report.round.year}"
    return f"Voortgangsrapportage {report.round.year}"


def _date_line(report: YearReport) -> str:
    """Return the date on the cover, which says of what it is when it is not that of the report."""
    day = standing.date_line(report)
    if standing.is_overview(report) and report.round.sent_on:
        return f"Gemaakt uit openbare bronnen. De brief aan de Tweede Kamer is van {day}."
    return day if report.round.sent_on else f"Datum: {day}"


def _guide(report: YearReport) -> Section:
    return Section(
        "leeswijzer",
        "Leeswijzer",
        (
            sentence("leeswijzer-1", standing.working_list(report.plan)),
            *([_classes(report)] if report.plan.is_working_list else []),
            sentence(
                "leeswijzer-2",
                "Bij elk onderwerp staat wie ervoor verantwoordelijk is, met de naam die gold op "
                f"{_day(report)}. ‘Afgeleid’ betekent dat de bron het niet met zoveel "
                "woorden zegt. Het tijdpad is wat de bronnen tot nu toe zeggen. Zwijgen over een "
                "onderwerp telt nooit als afgerond.",
            ),
            _meanings(report),
        ),
    )


def _day(report: YearReport) -> str:
    if report.round.sent_on:
        return "de datum van de brief"
    return "de dag waarop dit concept is gemaakt"


def _classes(report: YearReport) -> Table:
    return Table(
        id="leeswijzer-bewijs",
        caption="Hoe sterk het bewijs is dat een onderwerp een actiepunt is",
        header=columns("Klasse", "Betekenis", "Onderwerpen"),
        rows=tuple(
            (
                (Run(each.value),),
                (Run(sentence_case(EVIDENCE[each])),),
                (Run(str(report.plan.per_class[each])),),
            )
            for each in EvidenceClass
        ),
        widths=(10, 74, 16),
        numeric=(2,),
    )


def _meanings(report: YearReport) -> Table:
    meanings = {PROGRESS[each]: PROGRESS_MEANING[each] for each in Progress}
    missing = missing_words(report.round)
    if missing in MISSING_MEANING:
        meanings[missing] = MISSING_MEANING[missing]
    return Table(
        id="leeswijzer-voortgang",
        caption="Wat de woorden over voortgang betekenen",
        header=columns("Voortgang", "Betekenis"),
        rows=tuple(
            ((Run(sentence_case(word)),), (Run(meaning),)) for word, meaning in meanings.items()
        ),
        widths=(34, 66),
    )


def _summary(report: YearReport) -> Section:
    blocks: list[Block] = []
    if statement := standing.statement(report):
        blocks.append(sentence("samenvatting-kabinet", statement.text, lead="Over het geheel."))
        blocks.append(source_list("samenvatting-kabinet-bron", (statement.source,)))
    if numbers := figures.in_words(report):
        blocks.append(sentence("samenvatting-tekst", " ".join(numbers), lead="Per onderwerp."))
    return Section(
        "samenvatting",
        "Samenvatting",
        (*blocks, *figures.per_pillar(report), *figures.beside_before(report)),
    )


def _pillars(report: YearReport, texts: Texts) -> list[Section]:
    return [
        Section(
            f"pijler-{pillar.number}",
            f"Pijler {pillar.number}: {pillar.title}",
            (),
            tuple(
                point_section(report, point, texts)
                for point in report.points
                if point.row.pillar == pillar.number and point.row.in_plan
            ),
        )
        for pillar in report.pillars
    ]


def _outside(report: YearReport, texts: Texts) -> list[Section]:
    points = [point for point in report.points if not point.row.in_plan]
    if not points:
        return []
    return [
        Section(
            "buiten-plan",
            "Onderwerpen buiten het plan",
            (
                sentence(
                    "buiten-plan-1",
                    "Over deze onderwerpen is gerapporteerd, maar zij horen niet bij het plan. "
                    "Zij tellen nergens mee.",
                ),
            ),
            tuple(point_section(report, point, texts) for point in points),
        )
    ]


def _sources(report: YearReport) -> Section:
    """Return every source of the report once, in the order of its code."""
    read = {
        reading.code: reading
        for point in report.points
        if point.stand
        for reading in point.stand.sources
    }
    if statement := standing.statement(report):
        read.setdefault(statement.source.code, statement.source)
    ordered = tuple(replace(read[code], detail="") for code in sorted(read))
    return Section(
        "bronnen",
        "Bronnen",
        (
            source_list("bronnen-lijst", ordered)
            if ordered
            else sentence("bronnen-geen", "Er zijn geen bronnen."),
        ),
    )


def _references(document: AnnexReport, report: YearReport) -> Section:
    """Return every official reference of the rest of the document once."""
    found = listed(document, report.register)
    return Section(
        "verwijzingen",
        "Lijst van verwijzingen",
        reference_list(found, "verwijzing")
        or (sentence("verwijzingen-geen", "Er zijn geen verwijzingen naar officiële stukken."),),
    )

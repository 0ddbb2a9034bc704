"""The annex report: a block per action point, with the reading guide and the figures."""

from __future__ import annotations

from dataclasses import replace

from actions.choices import EvidenceClass, Progress, ResponsibilityRole
from actions.queries.records import Reading, ReportedPoint, Stand, YearReport
from actions.richtext import Run
from reports.builder import standing
from reports.builder.texts import Texts, linked, sentence, source_runs
from reports.builder.wording import (
    EVIDENCE,
    PROGRESS,
    PROGRESS_MEANING,
    ROLES,
    progress_words,
    responsible_words,
    sentence_case,
)
from reports.document import AnnexReport, Block, Facts, Heading, Item, ItemList, Section, Table


def build_annex(report: YearReport) -> AnnexReport:
    """Return the report over one year, in the order of the pillars."""
    texts = Texts()
    coordinating = next((each for each in report.participants if each.coordinates), None)
    return AnnexReport(
        title=f"Voortgangsrapportage {report.round.year}",
        subtitle=report.plan.title,
        language="nl",
        year=report.round.year,
        standing=standing.standing(report),
        dated=standing.day(report),
        date_line=standing.date_line(report),
        banner=standing.banner(report, "rapportage"),
        sender=sentence_case(coordinating.organisation.name) if coordinating else "",
        opening=(),
        sections=(
            _guide(report),
            _summary(report),
            *_pillars(report, texts),
            *_outside(report, texts),
            _sources(report),
        ),
        colophon=standing.colophon(report, "rapportage"),
        footnotes=tuple(texts.footnotes),
    )


def _guide(report: YearReport) -> Section:
    meanings = Table(
        id="leeswijzer-voortgang",
        caption="Wat de woorden over voortgang betekenen",
        header=("Voortgang", "Betekenis"),
        rows=tuple(
            ((Run(sentence_case(PROGRESS[each])),), (Run(PROGRESS_MEANING[each]),))
            for each in Progress
        ),
        widths=(34, 66),
    )
    classes = Table(
        id="leeswijzer-bewijs",
        caption="Hoe sterk het bewijs is dat een onderwerp een actiepunt is",
        header=("Klasse", "Betekenis", "Onderwerpen"),
        rows=tuple(
            (
                (Run(each.value),),
                (Run(sentence_case(EVIDENCE[each])),),
                (Run(str(report.plan.per_class[each])),),
            )
            for each in EvidenceClass
        ),
        widths=(12, 68, 20),
        numeric=(2,),
    )
    return Section(
        "leeswijzer",
        "Leeswijzer",
        (
            sentence("leeswijzer-1", standing.working_list(report.plan)),
            classes,
            sentence(
                "leeswijzer-2",
                "Bij elk onderwerp staat wie ervoor verantwoordelijk is, met de naam die gold op "
                "de datum van de brief. ‘Afgeleid’ betekent dat de bron het niet met zoveel "
                "woorden zegt. Zwijgen over een onderwerp telt nooit als afgerond.",
            ),
            meanings,
        ),
    )


def _summary(report: YearReport) -> Section:
    shown = [each for each in Progress if any(p.counts[each] for p in report.pillars)]
    totals = {each: sum(p.counts[each] for p in report.pillars) for each in shown}
    rows = [
        (
            (Run(f"Pijler {pillar.number}"),),
            *((Run(str(pillar.counts[each])),) for each in shown),
            (Run(str(pillar.total)),),
        )
        for pillar in report.pillars
    ]
    rows.append(
        (
            (Run("Samen"),),
            *((Run(str(totals[each])),) for each in shown),
            (Run(str(sum(totals.values()))),),
        )
    )
    width = min(16, 72 // (len(shown) + 1))
    figures = Table(
        id="samenvatting-cijfers",
        caption=f"Onderwerpen op de werklijst naar voortgang over {report.round.year}",
        header=("Pijler", *(sentence_case(PROGRESS[each]) for each in shown), "Samen"),
        rows=tuple(rows),
        widths=(100 - width * (len(shown) + 1), *([width] * (len(shown) + 1))),
        numeric=tuple(range(1, len(shown) + 2)),
    )
    blocks: list[Block] = [figures]
    if report.round.statement:
        blocks.append(
            sentence("samenvatting-kabinet", report.round.statement.text, lead="Over het geheel.")
        )
    return Section("samenvatting", "Samenvatting", tuple(blocks))


def _pillars(report: YearReport, texts: Texts) -> list[Section]:
    return [
        Section(
            f"pijler-{pillar.number}",
            f"Pijler {pillar.number}: {pillar.title}",
            (),
            tuple(
                _point(report, point, texts)
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
            tuple(_point(report, point, texts) for point in points),
        )
    ]


def _point(report: YearReport, point: ReportedPoint, texts: Texts) -> Section:
    node_id = f"punt-{point.row.code}"
    blocks: list[Block] = [_facts(report, point, node_id)]
    if point.official_text:
        blocks += texts.blocks(point.official_text, f"{node_id}-tekst")
    stand = point.stand
    if stand and stand.reported_with:
        blocks.append(
            sentence(
                f"{node_id}-samen",
                f"De tekst bij {stand.reported_with} gaat ook over dit onderwerp.",
            )
        )
    elif stand and stand.narrative:
        blocks += texts.blocks(stand.narrative, f"{node_id}-stand")
    else:
        blocks.append(sentence(f"{node_id}-geen", _nothing_said(point, report)))
    if stand and stand.discontinued_reason:
        blocks += texts.blocks(
            stand.discontinued_reason, f"{node_id}-reden", lead="Reden van vervallen."
        )
    if stand and stand.outlook:
        blocks += texts.blocks(stand.outlook, f"{node_id}-vooruit", lead="Vooruitblik.")
    if stand and stand.sources:
        blocks.append(Heading(f"{node_id}-bronnen", (Run("Bronnen"),)))
        blocks.append(_source_list(f"{node_id}-bronnenlijst", stand.sources))
    return Section(node_id, f"{point.row.code} {point.row.title}", tuple(blocks))


def _nothing_said(point: ReportedPoint, report: YearReport) -> str:
    if point.row.progress == Progress.SOURCE_MISSING:
        return f"De rapportage over {report.round.year} was niet beschikbaar."
    if point.row.progress == Progress.NOT_MENTIONED:
        return "De brief over dit jaar noemt dit onderwerp niet."
    return "Er is geen tekst over dit jaar."


def _facts(report: YearReport, point: ReportedPoint, node_id: str) -> Facts:
    stand, before, year = point.stand, point.previous, report.round.year
    rows = [
        *_responsible(point),
        (f"Voortgang {year}", (Run(_progress(stand)),)),
    ]
    if report.previous:
        rows.append(
            (
                f"Voortgang {report.previous.year}",
                (Run(_progress(before)),),
            )
        )
    if point.time_path:
        rows.append(("Tijdpad volgens de bronnen tot nu toe", linked(point.time_path)))
    if stand and stand.informed_before:
        rows.append(("Kamer eerder geïnformeerd", linked(stand.informed_reference or "ja")))
    if point.row.evidence_class:
        rows.append(
            (
                "Bewijs",
                (
                    Run(
                        f"klasse {point.row.evidence_class.value}: "
                        f"{EVIDENCE[point.row.evidence_class]}"
                    ),
                ),
            )
        )
    return Facts(f"{node_id}-feiten", tuple(rows))


def _responsible(point: ReportedPoint) -> list[tuple[str, tuple[Run, ...]]]:
    """Return a row per role that somebody has; that nobody is known to answer is said too."""
    rows: list[tuple[str, tuple[Run, ...]]] = []
    for role, name in ROLES.items():
        words = responsible_words([each for each in point.row.responsible if each.role == role])
        if words or role == ResponsibilityRole.LEAD:
            rows.append((name, (Run(words or "niet bekend"),)))
    return rows


def _progress(stand: Stand | None) -> str:
    return progress_words(stand.progress, stand.basis) if stand else progress_words(None, None)


def _source_list(list_id: str, sources: tuple[Reading, ...]) -> ItemList:
    return ItemList(
        list_id,
        tuple(
            Item(f"{list_id}-{number}", source_runs(reading))
            for number, reading in enumerate(sources, start=1)
        ),
    )


def _sources(report: YearReport) -> Section:
    """Return every source of the report once, in the order of its code."""
    read = {
        reading.code: reading
        for point in report.points
        if point.stand
        for reading in point.stand.sources
    }
    if report.round.statement:
        read.setdefault(report.round.statement.source.code, report.round.statement.source)
    ordered = tuple(replace(read[code], detail="") for code in sorted(read))
    return Section(
        "bronnen",
        "Bronnen",
        (
            _source_list("bronnen-lijst", ordered)
            if ordered
            else sentence("bronnen-geen", "Er zijn geen bronnen."),
        ),
    )

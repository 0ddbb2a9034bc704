"""The block of one action point in the annex report."""

from __future__ import annotations

from typing import Final

from actions.choices import Origin, Progress, ResponsibilityRole, Schedule
from actions.queries.records import Reading, ReportedPoint, Stand, YearReport
from actions.richtext import Run
from reports.builder.changes import stand_words
from reports.builder.texts import linked, sentence, source_runs, version_name
from reports.builder.wording import (
    EVIDENCE,
    MISSING_MEANING,
    ROLES,
    SCHEDULE,
    missing_words,
    responsible_words,
)
from reports.document import Block, Facts, Heading, Item, ItemList, Section
from reports.texts import Texts

_YES_NO: Final = {True: "ja", False: "nee"}


def point_section(report: YearReport, point: ReportedPoint, texts: Texts) -> Section:
    """Return who answers for a point, how it stands, what is told of it, and by which source."""
    node_id = f"punt-{point.row.code}"
    blocks: list[Block] = [_facts(report, point, node_id), *_what(point, node_id, texts)]
    stand = point.stand
    versions = (version_name(stand),) if stand else ()
    if stand and stand.reported_with:
        together = _together(report, stand)
        blocks.append(sentence(f"{node_id}-samen", together, versions=versions))
    if stand and stand.narrative:
        blocks += texts.blocks(stand.narrative, f"{node_id}-stand", versions=versions)
    elif not (stand and stand.reported_with) and report.round.is_released:
        blocks.append(sentence(f"{node_id}-geen", _nothing_said(point, report)))
    if stand and stand.discontinued_reason:
        blocks += texts.blocks(
            stand.discontinued_reason,
            f"{node_id}-reden",
            lead="Reden van vervallen.",
            versions=versions,
        )
    if stand and stand.outlook:
        blocks += texts.blocks(
            stand.outlook, f"{node_id}-vooruit", lead="Vooruitblik.", versions=versions
        )
    if stand:
        blocks += _sources_of(stand, node_id)
    return Section(node_id, f"{point.row.code} {point.row.title}", tuple(blocks))


def _what(point: ReportedPoint, node_id: str, texts: Texts) -> tuple[Block, ...]:
    """Return what the point is: the official text, or as long as there is none our own words."""
    if point.official_text:
        number = f" {point.official_number}" if point.official_number else ""
        lead = f"Officiële tekst van actiepunt{number}."
        return texts.blocks(point.official_text, f"{node_id}-tekst", lead=lead)
    if point.description:
        return texts.blocks(point.description, f"{node_id}-tekst", lead="Omschrijving.")
    return ()


def _together(report: YearReport, stand: Stand) -> str:
    """Return with which point a text stands, or that it was to stand there."""
    covering = stand.reported_with
    for point in report.points:
        if point.row.code == covering and point.stand and point.stand.narrative:
            return f"De tekst bij {covering} gaat ook over dit onderwerp."
    if report.round.is_released:
        return f"De tekst over dit onderwerp zou bij {covering} staan, maar is niet vastgesteld."
    return f"De tekst over dit onderwerp komt bij {covering} te staan en is nog niet vastgesteld."


def _nothing_said(point: ReportedPoint, report: YearReport) -> str:
    if point.row.progress == Progress.NOT_MENTIONED:
        return "De brief over dit jaar noemt dit onderwerp niet, of niet apart."
    words = missing_words(report.round)
    if words in MISSING_MEANING:
        return MISSING_MEANING[words]
    if point.row.progress in {None, Progress.SOURCE_MISSING}:
        return f"De rapportage over {report.round.year} was niet beschikbaar."
    return "Er is geen tekst over dit jaar."


def _sources_of(stand: Stand, node_id: str) -> list[Block]:
    """Return where the text comes from: what it names, and who supplied it."""
    list_id = f"{node_id}-bronnenlijst"
    items = list(source_list(list_id, stand.sources).items)
    if stand.origin == Origin.REPORTED:
        items.append(Item(f"{list_id}-opgave", (Run(_supplied(stand)),)))
    if not items:
        return []
    return [Heading(f"{node_id}-bronnen", (Run("Bronnen"),)), ItemList(list_id, tuple(items))]


def _supplied(stand: Stand) -> str:
    lead = [each for each in stand.responsible if each.role == ResponsibilityRole.LEAD]
    who = lead[0].organisation.name if lead else "het verantwoordelijke ministerie"
    return f"Opgave van {_with_article(who)}, versie {stand.version} van de tekst"


def _with_article(name: str) -> str:
    return f"het {name}" if name.startswith("ministerie") else name


def _facts(report: YearReport, point: ReportedPoint, node_id: str) -> Facts:
    stand = point.stand
    rows = [*_responsible(point), *_progress(report, point)]
    if stand and stand.schedule != Schedule.UNKNOWN:
        rows.append(("Planning", (Run(SCHEDULE[stand.schedule]),)))
    if stand and stand.continues_after_plan is not None:
        rows.append(("Loopt door na het plan", (Run(_YES_NO[stand.continues_after_plan]),)))
    if point.time_path:
        rows.append(("Tijdpad volgens bronnen", linked(point.time_path)))
    if stand and stand.informed_before:
        rows.append(("Kamer eerder geïnformeerd", linked(_informed(stand))))
    if point.row.evidence_class and report.plan.is_working_list:
        words = f"klasse {point.row.evidence_class.value} ({EVIDENCE[point.row.evidence_class]})"
        rows.append(("Bewijs", (Run(words),)))
    return Facts(f"{node_id}-feiten", tuple(rows))


def _progress(report: YearReport, point: ReportedPoint) -> list[tuple[str, tuple[Run, ...]]]:
    """Return the progress of this year, of the year before, and of the last year with data."""
    stands = {report.round.year: (point.stand, report.round)}
    if report.previous:
        stands[report.previous.year] = (point.previous, report.previous)
    if report.compared:
        stands[report.compared.year] = (point.compared, report.compared)
    return [
        (f"Voortgang {year}", (Run(stand_words(stand, each)),))
        for year, (stand, each) in stands.items()
    ]


def _informed(stand: Stand) -> str:
    sender = f"door {stand.informed_sender}" if stand.informed_sender else ""
    where = f"{stand.informed_reference}, {sender}" if sender else stand.informed_reference
    return where.removeprefix(", ") or "ja"


def _responsible(point: ReportedPoint) -> list[tuple[str, tuple[Run, ...]]]:
    """Return a row per role that somebody has; that nobody is known to answer is said too."""
    rows: list[tuple[str, tuple[Run, ...]]] = []
    for role, name in ROLES.items():
        words = responsible_words([each for each in point.row.responsible if each.role == role])
        if words or role == ResponsibilityRole.LEAD:
            rows.append((name, (Run(words or "niet bekend"),)))
    return rows


def source_list(list_id: str, sources: tuple[Reading, ...]) -> ItemList:
    """Return sources as a list, in their order."""
    return ItemList(
        list_id,
        tuple(
            Item(f"{list_id}-{number}", source_runs(reading))
            for number, reading in enumerate(sources, start=1)
        ),
    )

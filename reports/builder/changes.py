"""What is different from the last year of which something is known per action point."""

from __future__ import annotations

from collections.abc import Sequence

from actions.queries.records import ReportedPoint, Responsible, Round, Stand, YearReport
from actions.richtext import Run
from reports.builder.figures import has_data, subjects
from reports.builder.texts import columns, sentence
from reports.builder.wording import (
    ROLES,
    enumeration,
    missing_words,
    progress_words,
)
from reports.document import Block, Item, ItemList, Section, Table

SECTION = "veranderd"


def changes(report: YearReport) -> Section:
    """Return what changed per action point of the plan, or in words that nothing can be told."""
    before = report.compared
    if before is None:
        text = (
            f"Er is geen jaar vóór {report.round.year} waarover gegevens per onderwerp bekend "
            "zijn. Er is dus niets om mee te vergelijken."
        )
        return Section(SECTION, "Wat er is veranderd", (sentence(f"{SECTION}-geen", text),))
    title = f"Wat er is veranderd sinds {before.year}"
    if not has_data(report.pillars):
        text = (
            f"Over {report.round.year} is per onderwerp geen voortgang bekend. Een vergelijking "
            f"met {before.year} is daarom niet te maken."
        )
        return Section(SECTION, title, (sentence(f"{SECTION}-onbekend", text),))
    points = [point for point in report.points if point.row.in_plan]
    return Section(
        SECTION,
        title,
        (
            *_compared_with(report, before),
            *_progress(report, before, [point for point in points if not _is_new(point)]),
            *_responsibility(before, points),
            *_new(report, [point for point in points if _is_new(point)]),
        ),
    )


def _compared_with(report: YearReport, before: Round) -> list[Block]:
    """Return why the comparison passes over a year, when it does."""
    previous = report.previous
    if previous is None or previous.year == before.year:
        return []
    text = (
        f"De vergelijking is met {before.year}. Over {previous.year} is per onderwerp geen "
        "voortgang bekend."
    )
    return [sentence(f"{SECTION}-jaar", text)]


def _is_new(point: ReportedPoint) -> bool:
    return point.stand is not None and point.previous is None and point.compared is None


def _progress(report: YearReport, before: Round, points: Sequence[ReportedPoint]) -> list[Block]:
    now = report.round
    changed = [point for point in points if _value(point.stand) != _value(point.compared)]
    if not changed:
        text = f"De voortgang staat bij alle onderwerpen hetzelfde vermeld als in {before.year}."
        return [sentence(f"{SECTION}-voortgang-geen", text)]
    count = f"Bij {len(changed)} van de {len(points)} {subjects(report)}"
    text = (
        f"{count} staat de voortgang anders vermeld dan in {before.year}. Wordt een onderwerp niet "
        "meer genoemd of staat er geen status meer bij, dan zegt dat niets over de uitvoering."
    )
    table = Table(
        id=f"{SECTION}-voortgang-tabel",
        caption=f"Onderwerpen met een andere voortgang dan in {before.year}",
        header=columns("Onderwerp", str(before.year), str(now.year)),
        rows=tuple(
            (
                (Run(_name(point)),),
                (Run(stand_words(point.compared, before)),),
                (Run(stand_words(point.stand, now)),),
            )
            for point in changed
        ),
        widths=(50, 25, 25),
    )
    return [sentence(f"{SECTION}-voortgang", text), table]


def _value(stand: Stand | None) -> str:
    return stand.progress or "" if stand else ""


def stand_words(stand: Stand | None, each: Round) -> str:
    """Return how a point stands in a year, also when nothing is public of it."""
    if stand is None or stand.progress is None:
        return missing_words(each)
    return progress_words(stand.progress, stand.basis)


def _name(point: ReportedPoint) -> str:
    return f"{point.row.code} {point.row.title}"


def _responsibility(before: Round, points: Sequence[ReportedPoint]) -> list[Block]:
    rows = []
    for point in points:
        if point.compared is None:
            continue
        new = _only_in(point.row.responsible, point.compared.responsible)
        ended = _only_in(point.compared.responsible, point.row.responsible)
        if new or ended:
            rows.append(((Run(_name(point)),), (Run(new or "–"),), (Run(ended or "–"),)))
    if not rows:
        text = "In de verantwoordelijke en uitvoerende organisaties zijn geen wijzigingen bekend."
        return [sentence(f"{SECTION}-verantwoordelijk-geen", text)]
    return [
        Table(
            id=f"{SECTION}-verantwoordelijk-tabel",
            caption=f"Organisaties die sinds {before.year} verantwoordelijk zijn geworden of niet "
            "meer zijn",
            header=columns("Onderwerp", "Nieuw", "Beëindigd"),
            rows=tuple(rows),
            widths=(40, 30, 30),
        )
    ]


def _only_in(some: Sequence[Responsible], others: Sequence[Responsible]) -> str:
    """Return who has a role in the one and not in the other; a new name is no new organisation."""
    known = {(each.organisation.slug, each.role) for each in others}
    return enumeration(
        [
            f"{each.organisation.name} ({_role(each)})"
            for each in some
            if (each.organisation.slug, each.role) not in known
        ]
    )


def _role(each: Responsible) -> str:
    role = ROLES[each.role].lower()
    return f"{role}, afgeleid" if each.is_derived else role


def _new(report: YearReport, points: Sequence[ReportedPoint]) -> list[Block]:
    if not points:
        return [sentence(f"{SECTION}-nieuw-geen", "Er zijn geen nieuwe onderwerpen.")]
    list_id = f"{SECTION}-nieuw-lijst"
    text = f"In {report.round.year} is voor het eerst gerapporteerd over:"
    items = tuple(
        Item(
            f"{SECTION}-nieuw-{point.row.code}",
            (Run(f"{_name(point)} ({stand_words(point.stand, report.round)})"),),
        )
        for point in points
    )
    return [sentence(f"{SECTION}-nieuw", text), ItemList(list_id, items)]

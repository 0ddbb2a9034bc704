"""What differs between two snapshots as a document, to answer questions of parliament with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone

from actions.choices import Basis, Progress, ResponsibilityRole, Schedule
from actions.differences import Kind, Piece, without
from actions.queries import public
from actions.queries.records import PlanFacts, Round
from actions.richtext import Run
from reports.builder.texts import columns, sentence
from reports.builder.wording import (
    NBSP,
    ROLES,
    SCHEDULE,
    dutch_date,
    enumeration,
    missing_words,
    progress_words,
    sentence_case,
)
from reports.comparison import Comparison, Movement, PointComparison, Renamed, TextChange
from reports.document import (
    AnnexReport,
    Banner,
    Block,
    Facts,
    Heading,
    Item,
    ItemList,
    Paragraph,
    Section,
    Standing,
    Table,
)
from reports.snapshot import Snapshot, SnapshotMinistry, SnapshotPoint

_TEXTS: Final[dict[str, str]] = {
    "narrative": "Stand van zaken",
    "outlook": "Vooruitblik",
    "discontinued_reason": "Reden van vervallen",
}
_FIELDS: Final[dict[str, str]] = {
    "title": "Titel",
    "pillar": "Pijler",
    "in_plan": "Plaats",
    "schedule": "Planning",
    "continues": "Loopt door na het plan",
    "reported_with": "Tekst staat bij",
}
_CONTINUES: Final = {True: "ja", False: "nee", None: "niet ingevuld"}
_UNWRITTEN: Final = "Er is geen tekst."


@dataclass(frozen=True, slots=True)
class Sides:
    """What the two snapshots are called, such as `2023` and `2025`."""

    before: str
    after: str


def plan_years(plan: str | None) -> tuple[PlanFacts, list[Round]] | None:
    """Return a plan, by default the current one, with its years of reporting, oldest first."""
    facts = public.plan_facts(plan)
    return (facts, public.rounds(facts.slug)) if facts else None


def build_difference(
    comparison: Comparison, sides: Sides, *, moment: datetime, is_public: bool
) -> AnnexReport:
    """Return what differs between two snapshots; `is_public` when everyone may read both."""
    day = timezone.localtime(moment)
    made = f"{dutch_date(day.date())}, {day:%H.%M}{NBSP}uur"
    return AnnexReport(
        title=f"Verschil tussen de rapportages over {sides.before} en {sides.after}",
        subtitle=comparison.after.plan_title,
        language="nl",
        year=comparison.after.year,
        standing=Standing.FINAL if is_public else Standing.CONCEPT,
        dated=day.date(),
        date_line=f"Stand van {made}",
        banner=Banner(_banner(is_public)),
        sender="NAP-monitor",
        opening=(),
        sections=tuple(_sections(comparison, sides)),
    )


def _banner(is_public: bool) -> str:
    if is_public:
        return "Gemaakt uit openbare gegevens. Dit is geen stuk dat naar de Kamer is gestuurd."
    return "CONCEPT. Niet openbaar: hierin staan teksten die nog niet zijn gepubliceerd."


def _sections(comparison: Comparison, sides: Sides) -> Iterator[Section]:
    if not comparison.changed and not comparison.renamed:
        text = (
            f"Er is geen verschil tussen {sides.before} en {sides.after}: de voortgang, de "
            "verantwoordelijke organisaties en de teksten zijn bij alle onderwerpen gelijk."
        )
        yield Section("samenvatting", "Samenvatting", (sentence("samenvatting-geen", text),))
        return
    yield _summary(comparison, sides)
    yield _progress(comparison, sides)
    yield _ministries(comparison, sides)
    yield _points(comparison, sides)


def _summary(comparison: Comparison, sides: Sides) -> Section:
    counts = comparison.counts
    several = counts.changed != 1
    text = (
        f"Bij {counts.changed} van de {counts.points} onderwerpen van het plan "
        f"{'verschillen' if several else 'verschilt'} de gegevens van {sides.before} en "
        f"{sides.after}."
    )
    silence = (
        "Wordt een onderwerp niet genoemd of staat er geen status bij, dan zegt dat niets over de "
        "uitvoering. Het telt niet als vooruitgang en niet als achteruitgang."
    )
    rows = [
        *(
            (sentence_case(movement_words(movement, sides)), counts.movements[movement])
            for movement in Movement
        ),
        ("Andere verantwoordelijke of uitvoerende organisaties", counts.ministries),
        ("Andere tekst", counts.texts),
        (f"Nieuw in {sides.after}", counts.new),
        (f"Alleen in {sides.before}", counts.gone),
    ]
    table = Table(
        id="samenvatting-cijfers",
        caption="Aantal onderwerpen van het plan; bij een onderwerp kan meer dan één ding anders "
        "zijn",
        header=columns("Wat er is te zien", "Onderwerpen"),
        rows=tuple(((Run(name),), (Run(str(number)),)) for name, number in rows if number),
        widths=(78, 22),
        numeric=(1,),
    )
    return Section(
        "samenvatting",
        "Samenvatting",
        (sentence("samenvatting-1", text), sentence("samenvatting-2", silence), table),
    )


def movement_words(movement: Movement, sides: Sides) -> str:
    """Return what is said of a progress that changed, or did not."""
    return {
        Movement.SAME: f"voortgang gelijk aan {sides.before}",
        Movement.FURTHER: f"verder dan in {sides.before}",
        Movement.BACK: f"minder ver dan in {sides.before}",
        Movement.OTHER: "vervallen, of niet meer vervallen",
        Movement.NOW_KNOWN: f"alleen in {sides.after} een status",
        Movement.NOW_SILENT: f"alleen in {sides.before} een status",
        Movement.STILL_SILENT: "geen van beide keren een status",
    }[movement]


def _progress(comparison: Comparison, sides: Sides) -> Section:
    """Return how each point stands on both sides; what is outside the plan stands apart."""
    blocks: list[Block] = []
    for in_plan, table_id, caption in (
        (True, "voortgang-tabel", "Voortgang van de onderwerpen van het plan"),
        (False, "voortgang-buiten", "Onderwerpen buiten het plan, die nergens meetellen"),
    ):
        rows = [
            tuple((Run(cell),) for cell in _progress_row(point, comparison, sides))
            for point in comparison.points
            if point.latest.in_plan is in_plan
        ]
        if rows:
            header = columns("Onderwerp", sides.before, sides.after, "Verschil")
            blocks.append(Table(table_id, caption, header, tuple(rows), (40, 19, 19, 22)))
    return Section("voortgang", f"Voortgang in {sides.before} en {sides.after}", tuple(blocks))


def _progress_row(point: PointComparison, comparison: Comparison, sides: Sides) -> Sequence[str]:
    if point.is_new:
        told = f"nieuw in {sides.after}"
    elif point.is_gone:
        told = f"alleen in {sides.before}"
    elif point.movement is Movement.SAME:
        told = "anders vermeld" if point.progress_differs else "gelijk"
    else:
        told = movement_words(point.movement, sides)
    return (
        _name(point.latest),
        _stands(point.before, comparison.before),
        _stands(point.after, comparison.after),
        told,
    )


def _name(point: SnapshotPoint) -> str:
    return f"{point.code} {point.title}"


def _stands(point: SnapshotPoint | None, of: Snapshot) -> str:
    """Return how a point stands on one side, also when nothing is known of it there."""
    if point is None:
        return "–"
    if not point.progress:
        year = Round(of.year, None, "", None, None, None, of.is_released, of.by_ministries)
        return missing_words(year)
    return progress_words(Progress(point.progress), Basis(point.basis) if point.basis else None)


def _ministries(comparison: Comparison, sides: Sides) -> Section:
    rows = [
        ((Run(_name(point.latest)),), (Run(came or "–"),), (Run(went or "–"),))
        for point in comparison.points
        if point.ministries.changed
        for came, went in [(_held(point.ministries.came), _held(point.ministries.went))]
    ]
    blocks: list[Block] = []
    if rows:
        caption = f"Organisaties die in {sides.after} een andere rol hebben dan in {sides.before}"
        header = columns("Onderwerp", f"Alleen in {sides.after}", f"Alleen in {sides.before}")
        blocks.append(Table("organisaties-tabel", caption, header, tuple(rows), (40, 30, 30)))
    else:
        text = "In de verantwoordelijke en uitvoerende organisaties is geen verschil bekend."
        blocks.append(sentence("organisaties-geen", text))
    if comparison.renamed:
        text = "Deze organisaties hebben een andere naam gekregen en zijn dezelfde gebleven:"
        items = tuple(
            Item(f"organisaties-naam-{each.after.slug}", (Run(_renamed(each)),))
            for each in comparison.renamed
        )
        blocks += [sentence("organisaties-naam", text), ItemList("organisaties-namen", items)]
    return Section("organisaties", "Verantwoordelijke organisaties", tuple(blocks))


def _held(ministries: Sequence[SnapshotMinistry]) -> str:
    return enumeration([f"{each.name} ({_role(each)})" for each in ministries])


def _role(each: SnapshotMinistry) -> str:
    role = ROLES[ResponsibilityRole(each.role)].lower()
    return f"{role}, afgeleid" if each.is_derived else role


def _renamed(each: Renamed) -> str:
    return f"{each.before.name} heet nu {each.after.name}"


def _points(comparison: Comparison, sides: Sides) -> Section:
    changed = [point for point in comparison.changed if _told_apart(point)]
    if not changed:
        text = "In de teksten en de andere gegevens van de onderwerpen is geen verschil."
        return Section("onderwerpen", "Teksten", (sentence("onderwerpen-geen", text),))
    blocks: list[Block] = []
    if any(change.before and change.after for point in changed for change in point.texts):
        text = (
            f"Onder ‘Was’ staat de tekst van {sides.before}, onder ‘Is nu’ die van {sides.after}. "
            "Wat is weggehaald of erbij is gekomen, staat vet. Is een tekst voor het grootste "
            "deel anders, dan staat er niets vet."
        )
        blocks.append(sentence("onderwerpen-leeswijzer", text))
    return Section(
        "onderwerpen",
        "Verschillen per onderwerp",
        tuple(blocks),
        tuple(_point(point, comparison, sides) for point in changed),
    )


def _told_apart(point: PointComparison) -> bool:
    """Whether there is more to tell of a point than the tables above already do."""
    return bool(point.texts or point.fields or point.is_new or point.is_gone)


def _point(point: PointComparison, comparison: Comparison, sides: Sides) -> Section:
    node_id = f"punt-{point.latest.code}"
    rows = [
        (f"Voortgang {name}", (Run(_stands(side, of)),))
        for name, side, of in (
            (sides.before, point.before, comparison.before),
            (sides.after, point.after, comparison.after),
        )
        if side
    ]
    rows += [(_FIELDS[name], (Run(_fact(point, name)),)) for name in point.fields]
    blocks: list[Block] = [Facts(f"{node_id}-feiten", tuple(rows))]
    if point.is_new:
        blocks.append(sentence(f"{node_id}-nieuw", f"Dit onderwerp is nieuw in {sides.after}."))
    if point.is_gone:
        text = f"Dit onderwerp staat alleen in {sides.before}."
        blocks.append(sentence(f"{node_id}-weg", text))
    for change in point.texts:
        blocks += _text(change, f"{node_id}-{change.field}")
    return Section(node_id, _name(point.latest), tuple(blocks))


def _fact(point: PointComparison, name: str) -> str:
    was, now = (_fact_words(name, getattr(side, name)) for side in (point.before, point.after))
    return f"was: {was}; is nu: {now}"


def _fact_words(name: str, value: object) -> str:
    match name, value:
        case "in_plan", _:
            return "hoort bij het plan" if value else "valt buiten het plan"
        case "continues", (bool() | None) as continues:
            return _CONTINUES[continues]
        case "schedule", str() as schedule:
            return SCHEDULE[Schedule(schedule)] if schedule else "niet ingevuld"
        case "reported_with", "":
            return "het onderwerp zelf"
        case _:
            return str(value)


def _text(change: TextChange, node_id: str) -> list[Block]:
    """Return one text twice: as it was and as it is, with in bold what differs."""
    blocks: list[Block] = [Heading(node_id, (Run(_TEXTS[change.field]),))]
    if change.is_layout_only:
        text = "De woorden zijn gelijk; alleen de opmaak of het adres van een link is anders."
        return [*blocks, sentence(f"{node_id}-opmaak", text)]
    marked = not change.is_rewritten
    was = _lines(without(change.pieces, Kind.ADDED), marked)
    now = _lines(without(change.pieces, Kind.REMOVED), marked)
    return [
        *blocks,
        *_paragraphs(f"{node_id}-was", "Was:", was),
        *_paragraphs(f"{node_id}-nu", "Is nu:", now),
    ]


def _lines(pieces: Sequence[Piece], marked: bool) -> list[tuple[Run, ...]]:
    """Return one text line by line, what the other one does not have in bold."""
    lines: list[list[Run]] = [[]]
    for piece in pieces:
        first, *more = piece.text.split("\n")
        strong = marked and piece.kind is not Kind.SAME
        lines[-1] += [Run(first, strong=strong)] if first else []
        lines += [[Run(line, strong=strong)] if line else [] for line in more]
    return [tuple(line) for line in lines if line]


def _paragraphs(node_id: str, lead: str, lines: Sequence[tuple[Run, ...]]) -> list[Paragraph]:
    if not lines:
        return [sentence(node_id, _UNWRITTEN, lead=lead)]
    return [
        Paragraph(f"{node_id}-{number}", runs, lead if number == 1 else "")
        for number, runs in enumerate(lines, start=1)
    ]

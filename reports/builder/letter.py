"""The yearly letter to parliament."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from actions.choices import Progress
from actions.citations import find_references
from actions.queries.records import Name, ReportedPoint, Stand, YearReport
from reports.builder import standing
from reports.builder.texts import Texts, sentence
from reports.builder.wording import bare_name, dutch_date, enumeration, sentence_case
from reports.document import (
    Block,
    Letter,
    Letterhead,
    Paragraph,
    Reference,
    Section,
    Signature,
    Standing,
)

HOUSE = ("Aan de Voorzitter van de", "Tweede Kamer der Staten-Generaal", "Binnenhof 4", "Den Haag")
RETURN_ADDRESS = "Retouradres Postbus 20061 2500 EB Den Haag"
VISITING = ("Rijnstraat 8", "2515 XP Den Haag", "Postbus 20061", "2500 EB Den Haag")


def build_letter(report: YearReport) -> Letter:
    """Return the letter over one year, dated as it was sent; nothing in it comes from today."""
    texts = Texts()
    told = _told(report.points)
    sections = [
        *_pillar_sections(report, told, texts),
        *_outside_section(told, texts),
        *_informed_section(told, texts),
        *_outlook_section(told, texts),
    ]
    return Letter(
        title=f"Kamerbrief voortgang {report.plan.title}, {report.round.year}",
        language="nl",
        year=report.round.year,
        standing=standing.standing(report),
        dated=standing.day(report),
        date_line=standing.date_line(report),
        banner=standing.banner(report, "brief"),
        letterhead=_letterhead(report),
        subject=f"Voortgang {report.plan.title} in {report.round.year}",
        salutation="Geachte voorzitter,",
        opening=_opening(report),
        sections=tuple(sections),
        closing=_closing(report),
        signatures=_signatures(report),
        colophon=standing.colophon(report, "brief"),
        footnotes=tuple(texts.footnotes),
    )


class _Told:
    """One text of the letter: the stand that holds it and the points it covers."""

    def __init__(self, point: ReportedPoint, stand: Stand, along: Sequence[ReportedPoint]) -> None:
        self.point, self.stand, self.along = point, stand, along

    @property
    def node_id(self) -> str:
        return f"stand-{self.stand.code}"

    @property
    def text(self) -> str:
        return self.stand.letter_passage or self.stand.narrative

    @property
    def lead(self) -> str:
        return f"{self.point.row.title}."

    def blocks(self, texts: Texts) -> list[Block]:
        """Return the text, and after it the other subjects that it covers."""
        blocks = list(texts.blocks(self.text, self.node_id, lead=self.lead))
        if self.along:
            titles = [f"‘{point.row.title}’" for point in self.along]
            also = f"Dit gaat ook over {enumeration(titles)}."
            blocks.append(sentence(f"{self.node_id}-ook", also))
        return blocks


def _told(points: Iterable[ReportedPoint]) -> list[_Told]:
    """Return the texts that enter the letter, in order: all that is said, and nothing unsaid."""
    along: dict[str, list[ReportedPoint]] = defaultdict(list)
    for point in points:
        if point.stand and point.stand.reported_with:
            along[point.stand.reported_with].append(point)
    return [
        _Told(point, point.stand, along[point.row.code])
        for point in points
        if point.stand
        and not point.stand.reported_with
        and point.stand.progress != Progress.NOT_MENTIONED
        and (point.stand.letter_passage or point.stand.narrative or point.stand.outlook)
    ]


def _letterhead(report: YearReport) -> Letterhead:
    sender = _coordinating(report)
    letter = report.round.letter
    unknown = "niet bekend" if _reconstructed(report) else "nog niet bekend"
    own = letter.sender_reference if letter else ""
    reference = (Reference("Onze referentie", (own or unknown,)),)
    annexes = (Reference("Bijlage(n)", (str(len(report.annexes)),)),) if report.annexes else ()
    return Letterhead(
        sender=sentence_case(sender.name) if sender else "",
        return_address=RETURN_ADDRESS,
        addressee=HOUSE,
        references=(
            Reference(sentence_case(sender.name) if sender else "", VISITING),
            *reference,
            *annexes,
        ),
        continuation=reference,
    )


def _coordinating(report: YearReport) -> Name | None:
    return next((each.organisation for each in report.participants if each.coordinates), None)


def _opening(report: YearReport) -> tuple[Block, ...]:
    plan, year = report.plan, report.round.year
    document = f" ({plan.document.reference})" if plan.document else ""
    paragraphs = [
        f"Met deze brief informeer ik uw Kamer over de voortgang in {year} van het {plan.title} "
        f"(NAP){document}.",
        _numbers(report),
        _partners(report),
    ]
    if previous := _previous(report):
        paragraphs.append(previous)
    blocks = [
        sentence(f"inleiding-{number}", text) for number, text in enumerate(paragraphs, start=1)
    ]
    if report.round.statement:
        blocks.append(sentence("inleiding-kabinet", report.round.statement.text))
    return tuple(blocks)


def _numbers(report: YearReport) -> str:
    pillars = enumeration(
        [f"{each.number}) {each.title[:1].lower()}{each.title[1:]}" for each in report.pillars]
    )
    expected = f"{report.plan.expected} actiepunten" if report.plan.expected else "actiepunten"
    return (
        f"Het NAP omvat {expected}, verdeeld over de drie pijlers van de VN-richtlijnen voor "
        "bedrijfsleven en mensenrechten (United Nations Guiding Principles on Business and Human "
        f"Rights, UNGP’s): {pillars}."
    )


def _partners(report: YearReport) -> str:
    sender = _coordinating(report)
    others = [bare_name(each.organisation) for each in report.participants if not each.coordinates]
    coordinates = f"Het {sender.name} coördineert het NAP. " if sender else ""
    return f"{coordinates}Ook betrokken zijn de ministeries van {enumeration(others)}."


def _previous(report: YearReport) -> str:
    before = report.previous
    if before is None or before.letter is None or before.letter.date is None:
        return ""
    return (
        f"Uw Kamer is over {before.year} geïnformeerd bij brief van "
        f"{dutch_date(before.letter.date)} ({before.letter.reference})."
    )


def _pillar_sections(report: YearReport, told: list[_Told], texts: Texts) -> list[Section]:
    sections = []
    for pillar in report.pillars:
        blocks: list[Block] = []
        for each in told:
            if each.point.row.pillar == pillar.number and _in_pillar(each):
                blocks += each.blocks(texts)
        if not blocks:
            blocks.append(
                sentence(
                    f"pijler-{pillar.number}-leeg",
                    f"Over deze pijler is voor {report.round.year} geen tekst vastgesteld.",
                )
            )
        sections.append(
            Section(
                f"pijler-{pillar.number}",
                f"Pijler {pillar.number}: {pillar.title}",
                tuple(blocks),
            )
        )
    return sections


def _in_pillar(told: _Told) -> bool:
    return told.point.row.in_plan and not told.stand.informed_before and bool(told.text)


def _outside_section(told: list[_Told], texts: Texts) -> list[Section]:
    blocks: list[Block] = []
    for each in told:
        if each.point.row.in_plan:
            continue
        if each.text:
            blocks += each.blocks(texts)
        if each.stand.outlook:
            blocks += texts.blocks(each.stand.outlook, f"{each.node_id}-vooruit")
    if not blocks:
        return []
    return [Section("buiten-plan", "Ook gemeld: geen onderdeel van het NAP", tuple(blocks))]


def _informed_section(told: list[_Told], texts: Texts) -> list[Section]:
    blocks: list[Block] = []
    for each in told:
        if each.point.row.in_plan and each.stand.informed_before:
            blocks += each.blocks(texts)
            if not _says_where(each.stand):
                blocks.append(sentence(f"{each.node_id}-gemeld", _informed(each.stand)))
    if not blocks:
        return []
    return [Section("al-gemeld", "Al eerder aan uw Kamer gemeld", tuple(blocks))]


def _says_where(stand: Stand) -> bool:
    """Tell whether the text itself already names the document in which parliament was told."""
    named = {reference.id for reference in find_references(stand.informed_reference)}
    said = {reference.id for reference in find_references(stand.narrative)}
    return bool(named) and named <= said


def _informed(stand: Stand) -> str:
    sender = f" door {stand.informed_sender}" if stand.informed_sender else ""
    reference = f" ({stand.informed_reference})" if stand.informed_reference else ""
    return f"Uw Kamer is hierover eerder geïnformeerd{sender}{reference}."


def _outlook_section(told: list[_Told], texts: Texts) -> list[Section]:
    blocks: list[Block] = []
    for each in told:
        if each.point.row.in_plan and each.stand.outlook:
            blocks += texts.blocks(
                each.stand.outlook, f"{each.node_id}-vooruit", lead=f"{each.point.row.title}."
            )
    return [Section("vooruitblik", "Vooruitblik", tuple(blocks))] if blocks else []


def _closing(report: YearReport) -> tuple[Paragraph, ...]:
    annexes = [f"‘{title}’" for title in report.annexes]
    if not annexes:
        return ()
    plural = "Bijlage" if len(annexes) == 1 else "Bijlagen"
    to = " bij de verzonden brief" if _reconstructed(report) else ""
    return (sentence("slot-bijlagen", f"{plural}{to}: {enumeration(annexes)}."),)


def _signatures(report: YearReport) -> tuple[Signature, ...]:
    if report.signatory is None:
        return ()
    return (
        Signature(
            "ondertekening",
            f"{_article(report.signatory.office)},",
            report.signatory.person,
            "Reconstructie: niet ondertekend" if _reconstructed(report) else "",
        ),
    )


def _reconstructed(report: YearReport) -> bool:
    return standing.standing(report) == Standing.RECONSTRUCTED


def _article(office: str) -> str:
    return office if office.startswith(("De ", "de ")) else f"De {office}"

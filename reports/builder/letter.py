"""The yearly letter to parliament."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from actions.choices import Origin, Progress
from actions.citations import find_references
from actions.queries.records import Name, ReportedPoint, Stand, YearReport
from reports.builder import figures, standing
from reports.builder.parliament import parliament_sections
from reports.builder.texts import sentence, version_name
from reports.builder.wording import bare_name, dutch_date, enumeration, sentence_case, subject
from reports.document import (
    Block,
    Letter,
    Letterhead,
    Paragraph,
    Reference,
    Section,
    Signature,
)
from reports.texts import Texts

HOUSE = ("Aan de Voorzitter van de", "Tweede Kamer der Staten-Generaal", "Binnenhof 4", "Den Haag")
RETURN_ADDRESS = "Retouradres Postbus 20061 2500 EB Den Haag"
VISITING = ("Rijnstraat 8", "2515 XP Den Haag", "Postbus 20061", "2500 EB Den Haag")


def build_letter(report: YearReport) -> Letter:
    """Return the letter over one year, dated as it was sent; nothing in it comes from today.

    It is a concept or a reconstruction; `reports.builder.imprint` makes an edition of it.
    """
    texts = Texts()
    told = _told(report.points)
    sections = [
        *_pillar_sections(report, told, texts),
        *_outside_section(report, told, texts),
        *_informed_section(told, texts),
        *parliament_sections(report, texts),
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
        subject=subject(report),
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

    @property
    def versions(self) -> tuple[str, ...]:
        """The version that holds the text, then those that say that it covers their point too."""
        covered = (point.stand for point in self.along)
        return tuple(version_name(each) for each in (self.stand, *covered) if each)

    def blocks(self, texts: Texts) -> list[Block]:
        """Return the text, and after it why it ended and the other subjects that it covers."""
        made = list(texts.blocks(self.text, self.node_id, lead=self.lead, versions=self.versions))
        if self.stand.discontinued_reason:
            made += texts.blocks(
                self.stand.discontinued_reason,
                f"{self.node_id}-reden",
                lead="Reden van vervallen.",
                versions=self.versions[:1],
            )
        if self.along:
            titles = [f"‘{point.row.title}’" for point in self.along]
            also = f"Dit gaat ook over {enumeration(titles)}."
            made.append(sentence(f"{self.node_id}-ook", also, versions=self.versions))
        return made

    def outlook(self, texts: Texts) -> list[Block]:
        """Return what is said of the time to come."""
        return list(
            texts.blocks(
                self.stand.outlook,
                f"{self.node_id}-vooruit",
                lead=self.lead,
                versions=self.versions[:1],
            )
        )


def _told(points: Iterable[ReportedPoint]) -> list[_Told]:
    """Return the texts that enter the letter, in order: all that is said, and nothing unsaid."""
    along: dict[str, list[ReportedPoint]] = defaultdict(list)
    for point in points:
        if point.stand and point.stand.reported_with:
            along[point.stand.reported_with].append(point)
    return [
        _Told(point, point.stand, along[point.row.code])
        for point in points
        if point.stand and _says_something(point.stand)
    ]


def _says_something(stand: Stand) -> bool:
    """Tell whether a text is for parliament; what we note of a silent letter is not."""
    if stand.origin == Origin.RECONSTRUCTED and stand.progress == Progress.NOT_MENTIONED:
        return False
    written = (stand.letter_passage, stand.narrative, stand.outlook, stand.discontinued_reason)
    return any(written)


def _letterhead(report: YearReport) -> Letterhead:
    sender = _coordinating(report)
    letter = report.round.letter
    unknown = "niet bekend" if _is_past(report) else "nog niet bekend"
    own = letter.sender_reference if letter else ""
    reference = (Reference("Onze referentie", (own or unknown,)),)
    count = len(_annexes(report))
    annexes = (Reference("Bijlage(n)", (str(count),)),) if count else ()
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


def _annexes(report: YearReport) -> list[str]:
    """Return what goes with the letter; of one not sent yet, what is made beside it."""
    if report.annexes or _is_past(report):
        return [f"‘{title}’" for title in report.annexes]
    return [f"de voortgangsrapportage over {report.round.year}", "de beslisnota"]


def _coordinating(report: YearReport) -> Name | None:
    return next((each.organisation for each in report.participants if each.coordinates), None)


def _opening(report: YearReport) -> tuple[Block, ...]:
    plan, year = report.plan, report.round.year
    statement = standing.statement(report)
    document = f" ({plan.document.reference})" if plan.document else ""
    paragraphs = {
        "plan": (
            f"Met deze brief informeer ik uw Kamer over de voortgang in {year} van het "
            f"{plan.title} (NAP){document}."
        ),
        "pijlers": _plan(report),
        "betrokken": _partners(report),
        "eerder": _previous(report),
        "kabinet": statement.text if statement else "",
        "cijfers": " ".join(_numbers(report)),
    }
    return tuple(sentence(f"inleiding-{name}", text) for name, text in paragraphs.items() if text)


def _numbers(report: YearReport) -> list[str]:
    if standing.is_reconstruction(report):
        return [*figures.in_words(report), *figures.meaning_of_derived(report)]
    return figures.in_words(report, as_minister=True)


def _is_past(report: YearReport) -> bool:
    """Tell whether the letter itself is sent, so that nothing of it is still to come."""
    return standing.is_reconstruction(report) or standing.is_sent(report)


def _plan(report: YearReport) -> str:
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
    said = [f"Het {sender.name} coördineert het NAP."] if sender else []
    if others:
        who = "zijn de ministeries" if len(others) > 1 else "is het ministerie"
        said.append(f"Ook betrokken {who} van {enumeration(others)}.")
    return " ".join(said)


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
        blocks += _to_come(
            report,
            told,
            [
                point
                for point in report.points
                if point.row.pillar == pillar.number and point.row.in_plan
            ],
        )
        if not blocks:
            blocks.append(sentence(f"pijler-{pillar.number}-leeg", _no_text(report)))
        sections.append(
            Section(
                f"pijler-{pillar.number}",
                f"Pijler {pillar.number}: {pillar.title}",
                tuple(blocks),
            )
        )
    return sections


def _no_text(report: YearReport) -> str:
    if standing.is_reconstruction(report):
        return f"Over deze pijler is voor {report.round.year} geen tekst bekend."
    still = "" if report.round.is_released else "nog "
    return f"Over deze pijler is voor {report.round.year} {still}geen tekst vastgesteld."


def _to_come(report: YearReport, told: list[_Told], points: Iterable[ReportedPoint]) -> list[Block]:
    """Return which of these points are counted and wait for a text that covers them."""
    covering = {each.stand.code for each in told if each.text or each.stand.discontinued_reason}
    still = "" if report.round.is_released else "nog "
    return [
        sentence(
            f"stand-{point.row.code}-volgt",
            f"De tekst over ‘{point.row.title}’ is {still}niet vastgesteld.",
            versions=(version_name(point.stand),),
        )
        for point in points
        if point.stand
        and point.stand.reported_with
        and point.stand.reported_with not in covering
        and not _says_something(point.stand)
        and point.stand.progress != Progress.NOT_MENTIONED
    ]


def _in_pillar(told: _Told) -> bool:
    said = bool(told.text or told.stand.discontinued_reason)
    return told.point.row.in_plan and not told.stand.informed_before and said


def _outside_section(report: YearReport, told: list[_Told], texts: Texts) -> list[Section]:
    blocks: list[Block] = []
    for each in told:
        if each.point.row.in_plan:
            continue
        blocks += each.blocks(texts)
        if each.stand.outlook:
            blocks += texts.blocks(
                each.stand.outlook, f"{each.node_id}-vooruit", versions=each.versions[:1]
            )
    outside = [point for point in report.points if not point.row.in_plan]
    blocks += _to_come(report, told, outside)
    if not blocks:
        return []
    return [Section("buiten-plan", "Ook gemeld: geen onderdeel van het NAP", tuple(blocks))]


def _informed_section(told: list[_Told], texts: Texts) -> list[Section]:
    blocks: list[Block] = []
    for each in told:
        if each.point.row.in_plan and each.stand.informed_before:
            blocks += each.blocks(texts)
            if not _says_where(each):
                informed = _informed(each.stand)
                blocks.append(
                    sentence(f"{each.node_id}-gemeld", informed, versions=each.versions[:1])
                )
    if not blocks:
        return []
    return [Section("al-gemeld", "Al eerder aan uw Kamer gemeld", tuple(blocks))]


def _says_where(told: _Told) -> bool:
    """Tell whether the text itself already names the document in which parliament was told."""
    named = {reference.id for reference in find_references(told.stand.informed_reference)}
    said = {reference.id for reference in find_references(told.text)}
    return bool(named) and named <= said


def _informed(stand: Stand) -> str:
    sender = f" door {stand.informed_sender}" if stand.informed_sender else ""
    reference = f" ({stand.informed_reference})" if stand.informed_reference else ""
    return f"Uw Kamer is hierover eerder geïnformeerd{sender}{reference}."


def _outlook_section(told: list[_Told], texts: Texts) -> list[Section]:
    blocks: list[Block] = []
    for each in told:
        if each.point.row.in_plan and each.stand.outlook:
            blocks += each.outlook(texts)
    return [Section("vooruitblik", "Vooruitblik", tuple(blocks))] if blocks else []


def _closing(report: YearReport) -> tuple[Paragraph, ...]:
    annexes = _annexes(report)
    if not annexes:
        return ()
    plural = "Bijlage" if len(annexes) == 1 else "Bijlagen"
    to = " bij de verzonden brief" if standing.is_reconstruction(report) else ""
    return (sentence("slot-bijlagen", f"{plural}{to}: {enumeration(annexes)}."),)


def _signatures(report: YearReport) -> tuple[Signature, ...]:
    """Return who signs, with the office of that day; of a concept perhaps not known yet."""
    if report.signatory is None:
        unknown = "niet bekend" if _is_past(report) else "nog niet bekend"
        office, person = f"Ambt van de ondertekenaar: {unknown}", f"Naam: {unknown}"
    else:
        office, person = f"{_article(report.signatory.office)},", report.signatory.person
    return (Signature("ondertekening", office, person, _mark(report)),)


def _mark(report: YearReport) -> str:
    if standing.is_sent(report):
        return "Ondertekening: zie de verzonden brief"
    if standing.is_reconstruction(report):
        return "Reconstructie: niet ondertekend"
    return "Concept: niet ondertekend"


def _article(office: str) -> str:
    return office if office.startswith(("De ", "de ")) else f"De {office}"

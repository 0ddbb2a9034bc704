"""What a document over a year is worth, and how it says so on every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from actions.choices import Origin, Progress
from actions.queries.records import AuditLink, PlanFacts, Round, Statement, YearReport
from actions.richtext import Run
from reports.builder.figures import has_data
from reports.builder.texts import sentence
from reports.builder.wording import dutch_date
from reports.document import Banner, Block, Facts, Heading, Standing

RAPPORTAGE: Final = "rapportage"
OVERVIEW: Final = "overzicht"


@dataclass(frozen=True, slots=True)
class Imprint:
    """What makes a document an edition: its number, and how far the trail was when it froze."""

    number: str
    frozen_on: date
    head: AuditLink


def standing(report: YearReport) -> Standing:
    """Return whether this is a reconstruction of what was sent, or a concept."""
    stands = [point.stand for point in report.points if point.stand]
    if stands and all(stand.origin == Origin.RECONSTRUCTED for stand in stands):
        return Standing.RECONSTRUCTED
    return Standing.CONCEPT


def is_reconstruction(report: YearReport) -> bool:
    return standing(report) == Standing.RECONSTRUCTED


def is_sent(report: YearReport) -> bool:
    """Tell whether this is made of texts of ministries that are out with the letter they were for.

    There are no editions yet, so it still counts as a concept.
    """
    made = not is_reconstruction(report)
    return made and report.round.is_released and report.round.sent_on is not None


def is_overview(report: YearReport) -> bool:
    """Tell whether the annex follows no report: none was sent, or none was there to read.

    It is then a survey of what else is public, and never goes by the name of a report.
    """
    known = report.round.report is not None and has_data(report.pillars)
    return is_reconstruction(report) and not known


def statement(report: YearReport) -> Statement | None:
    """Return what a source says of the whole; who writes a concept does not quote himself."""
    return report.round.statement if is_reconstruction(report) else None


def date_line(report: YearReport) -> str:
    """Return the date of the letter; of one not sent yet it is not known."""
    return dutch_date(report.round.sent_on) if report.round.sent_on else "nog niet bekend"


def banner(report: YearReport, what: str) -> Banner:
    """Return what every page says; `what` names the kind of document."""
    if is_sent(report):
        text = f"{_published(report)} Dit is niet het verzonden document zelf."
    elif not is_reconstruction(report):
        return Banner(f"CONCEPT. Deze {what} is niet verzonden.")
    elif what == RAPPORTAGE and is_overview(report):
        text = f"Reconstructie uit openbare bronnen. {_no_report(report.round)}"
    else:
        text = f"Reconstructie uit openbare bronnen. Dit is niet de {what} die is verzonden."
    letter = report.round.letter
    return Banner(
        text,
        f"De verzonden brief: {letter.reference}" if letter and letter.url else "",
        letter.url if letter else "",
    )


def _published(report: YearReport) -> str:
    """Return of what a year that is out is made; a correction may not be out yet."""
    waiting = sum(1 for each in report.points if each.stand and not each.stand.is_public)
    if not waiting:
        return "Gemaakt uit de gepubliceerde gegevens."
    texts = "1 tekst die nog niet is" if waiting == 1 else f"{waiting} teksten die nog niet zijn"
    return f"Niet openbaar. Gemaakt uit de gepubliceerde gegevens en {texts} gepubliceerd."


def _no_report(each: Round) -> str:
    """Return why an overview follows no report."""
    if each.report is None:
        return "Er is een brief verzonden, geen rapportage."
    return "De verzonden rapportage was niet beschikbaar."


def colophon(report: YearReport, what: str) -> tuple[Block, ...]:
    """Return how a reconstruction was made and what is not known; nothing for a concept."""
    if standing(report) != Standing.RECONSTRUCTED:
        return ()
    if what == RAPPORTAGE and is_overview(report):
        what = OVERVIEW
    this = "dit overzicht" if what == OVERVIEW else "deze reconstructie"
    return (
        Heading("verantwoording", (Run(f"Over {this}"),)),
        sentence("verantwoording-1", _made(report, what)),
        sentence("verantwoording-2", working_list(report.plan)),
        *_unmentioned(report),
        *_unavailable(report),
    )


def _unmentioned(report: YearReport) -> tuple[Block, ...]:
    """Return how many points the letter was silent about, as silence is easily overlooked."""
    silent = [
        point
        for point in report.points
        if point.row.in_plan and point.row.progress == Progress.NOT_MENTIONED
    ]
    if not silent:
        return ()
    count = subjects_of_list(len(silent))
    text = f"De verzonden brief noemt {count} niet, of niet apart."
    return (sentence("verantwoording-3", text),)


def _unavailable(report: YearReport) -> tuple[Block, ...]:
    """Return that a report was not there to read, so that what is not known is not overlooked."""
    missing = sum(each.counts[Progress.SOURCE_MISSING] for each in report.pillars)
    if not missing:
        return ()
    text = (
        f"De rapportage over {report.round.year} was niet beschikbaar. Van "
        f"{subjects_of_list(missing)} is de stand daarom niet bekend."
    )
    return (sentence("verantwoording-4", text),)


def subjects_of_list(count: int) -> str:
    return f"{count} {'onderwerp' if count == 1 else 'onderwerpen'} van de werklijst"


def _made(report: YearReport, what: str) -> str:
    this = "dit overzicht" if what == OVERVIEW else f"deze {what}"
    again = "Dit overzicht" if what == OVERVIEW else "Deze reconstructie"
    return (
        f"NAP-monitor heeft {this} gemaakt uit wat openbaar is over {report.round.year}, "
        f"in eigen woorden. {_sent(report.round)}{again} is niet ondertekend en heeft geen "
        "officiële status."
    )


def _sent(each: Round) -> str:
    if each.letter is None or each.letter.date is None:
        return ""
    return f"De echte brief is van {dutch_date(each.letter.date)} ({each.letter.reference}). "


def working_list(plan: PlanFacts) -> str:
    """Return, in plain words, what list the subjects come from, and how strong it is."""
    if not plan.in_plan:
        return "Er zijn nog geen actiepunten ingevoerd."
    if not plan.is_working_list and plan.in_plan == 1:
        return "Het plan telt 1 actiepunt, met het officiële nummer en de officiële tekst."
    if not plan.is_working_list:
        return f"Het plan telt {plan.in_plan} actiepunten, met de officiële nummers en teksten."
    classes = ", ".join(
        f"{count} van klasse {each.value}"
        for each, count in plan.per_class.items()
        if count and each.value != "X"
    )
    expected = f"Het plan telt {plan.expected} actiepunten. " if plan.expected else ""
    return (
        f"{expected}De officiële lijst is nog niet ingevoerd. "
        f"De onderwerpen hier komen van een werklijst van {plan.in_plan} onderwerpen, afgeleid "
        f"van openbare brieven: {classes}. A is het sterkste bewijs, D het zwakste. De titels "
        "zijn van NAP-monitor."
    )


def edition(report: YearReport, digest: str, imprint: Imprint | None = None) -> tuple[Block, ...]:
    """Return which edition this is, of when, and of exactly which data it was made.

    Until it is frozen it is none, and has no `imprint`.
    """
    link = imprint.head if imprint else report.audit
    rows = [
        ("Editie", imprint.number if imprint else _edition_name(report)),
        *([("Bevroren op", dutch_date(imprint.frozen_on))] if imprint else []),
        ("Datum van de brief", date_line(report)),
        ("Gegevens (SHA-256)", _grouped(digest)),
        (
            "Auditspoor",
            f"gebeurtenis {link.sequence}, {_grouped(link.hash)}"
            if link
            else "nog geen gebeurtenis over de teksten van dit jaar",
        ),
    ]
    return (
        Heading("editie", (Run("Over deze editie" if imprint else "Over deze versie"),)),
        Facts("editie-gegevens", tuple((name, (Run(value),)) for name, value in rows)),
        sentence(
            "editie-1",
            "De code bij ‘Gegevens’ verandert zodra een gegeven verandert waaruit dit document is "
            f"gemaakt. {_which_link(imprint)}",
        ),
    )


def _which_link(imprint: Imprint | None) -> str:
    """Return which event of the trail is named, and why that one."""
    if imprint:
        return (
            "Het auditspoor noemt de laatste gebeurtenis van het hele spoor op het moment dat deze "
            "editie is bevroren."
        )
    return (
        "Bij ‘Auditspoor’ staat de laatste gebeurtenis over de teksten van dit jaar, niet die van "
        "het hele spoor: ook lezen komt in het spoor, en lezen mag dit document niet veranderen. "
        "Een editie die is bevroren, noemt wel de laatste van het hele spoor."
    )


def _edition_name(report: YearReport) -> str:
    if is_reconstruction(report):
        return "reconstructie, geen editie"
    return "nog geen editienummer" if is_sent(report) else "concept, nog geen editienummer"


def _grouped(digest: str) -> str:
    """Return a long code in groups that a line can end after and a reader can compare."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def day(report: YearReport) -> date | None:
    """Return the date the document bears; never today."""
    return report.round.sent_on

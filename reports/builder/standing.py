"""What a document over a year is worth, and how it says so on every page."""

from __future__ import annotations

from datetime import date
from typing import Final

from actions.choices import Origin, Progress
from actions.queries.records import PlanFacts, Round, YearReport
from actions.richtext import Run
from reports.builder.texts import sentence
from reports.builder.wording import dutch_date
from reports.document import Banner, Block, Facts, Heading, Standing

_CONCEPT_EDITION: Final = "concept, nog geen editienummer"


def standing(report: YearReport) -> Standing:
    """Return whether this is a reconstruction of what was sent, or a concept."""
    stands = [point.stand for point in report.points if point.stand]
    if stands and all(stand.origin == Origin.RECONSTRUCTED for stand in stands):
        return Standing.RECONSTRUCTED
    return Standing.CONCEPT


def is_reconstruction(report: YearReport) -> bool:
    return standing(report) == Standing.RECONSTRUCTED


def date_line(report: YearReport) -> str:
    """Return the date of the letter; of one not sent yet it is not known."""
    return dutch_date(report.round.sent_on) if report.round.sent_on else "nog niet bekend"


def banner(report: YearReport, what: str) -> Banner:
    """Return what every page says; `what` names the kind of document."""
    if standing(report) == Standing.CONCEPT:
        return Banner(f"CONCEPT. Deze {what} is niet verzonden.")
    letter = report.round.letter
    return Banner(
        f"Reconstructie uit openbare bronnen. Dit is niet de {what} die is verzonden.",
        f"De verzonden brief: {letter.reference}" if letter and letter.url else "",
        letter.url if letter else "",
    )


def colophon(report: YearReport, what: str) -> tuple[Block, ...]:
    """Return how a reconstruction was made and what is not known; nothing for a concept."""
    if standing(report) != Standing.RECONSTRUCTED:
        return ()
    return (
        Heading("verantwoording", (Run("Over deze reconstructie"),)),
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
    text = f"Over {len(silent)} onderwerpen van de werklijst zegt de verzonden brief niets."
    return (sentence("verantwoording-3", text),)


def _unavailable(report: YearReport) -> tuple[Block, ...]:
    """Return that a report was not there to read, so that what is not known is not overlooked."""
    missing = sum(each.counts[Progress.SOURCE_MISSING] for each in report.pillars)
    if not missing:
        return ()
    text = (
        f"De rapportage over {report.round.year} was niet beschikbaar. Van {missing} onderwerpen "
        "van de werklijst is de stand daarom niet bekend."
    )
    return (sentence("verantwoording-4", text),)


def _made(report: YearReport, what: str) -> str:
    sent = _sent(report.round)
    return (
        f"NAP-monitor heeft deze {what} gemaakt uit wat openbaar is over {report.round.year}, "
        f"in eigen woorden. {sent}Deze reconstructie is niet ondertekend en heeft geen "
        "officiële status."
    )


def _sent(each: Round) -> str:
    if each.letter is None or each.letter.date is None:
        return ""
    return f"De echte brief is van {dutch_date(each.letter.date)} ({each.letter.reference}). "


def working_list(plan: PlanFacts) -> str:
    """Return, in plain words, what list the subjects come from, and how strong it is."""
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


def edition(report: YearReport, digest: str) -> tuple[Block, ...]:
    """Return which edition this is, of when, and of exactly which data it was made."""
    link = report.audit
    what = "reconstructie, geen editie" if is_reconstruction(report) else _CONCEPT_EDITION
    rows = [
        ("Editie", what),
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
        Heading("editie", (Run("Over deze editie"),)),
        Facts("editie-gegevens", tuple((name, (Run(value),)) for name, value in rows)),
        sentence(
            "editie-1",
            "De code bij ‘Gegevens’ verandert zodra een gegeven verandert waaruit deze rapportage "
            "is gemaakt. Het auditspoor noemt de laatste gebeurtenis over de teksten van dit jaar.",
        ),
    )


def _grouped(digest: str) -> str:
    """Return a long code in groups that a line can end after and a reader can compare."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def day(report: YearReport) -> date | None:
    """Return the date the document bears; never today."""
    return report.round.sent_on

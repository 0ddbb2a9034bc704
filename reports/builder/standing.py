"""What a document over a year is worth, and how it says so on every page."""

from __future__ import annotations

from datetime import date

from actions.choices import Origin, Progress
from actions.queries.records import PlanFacts, Round, YearReport
from actions.richtext import Run
from reports.builder.texts import sentence
from reports.builder.wording import dutch_date
from reports.document import Banner, Block, Heading, Standing


def standing(report: YearReport) -> Standing:
    """Return whether this is a reconstruction of what was sent, or a concept."""
    stands = [point.stand for point in report.points if point.stand]
    if stands and all(stand.origin == Origin.RECONSTRUCTED for stand in stands):
        return Standing.RECONSTRUCTED
    return Standing.CONCEPT


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
    """Return, in plain words, that the list of subjects is a working list, and how strong."""
    classes = ", ".join(
        f"{count} van klasse {each.value}"
        for each, count in plan.per_class.items()
        if count and each.value != "X"
    )
    return (
        f"Het plan telt {plan.expected} actiepunten. De officiële lijst is nog niet ingevoerd. "
        f"De onderwerpen hier komen van een werklijst van {plan.in_plan} onderwerpen, afgeleid "
        f"van openbare brieven: {classes}. A is het sterkste bewijs, D het zwakste. De titels "
        "zijn van NAP-monitor."
    )


def day(report: YearReport) -> date | None:
    """Return the date the document bears; never today."""
    return report.round.sent_on

"""How the action points stand in numbers: in a sentence, in tables and in charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from actions.choices import ANSWERS, Progress
from actions.queries.records import PillarProgress, Round, YearReport
from actions.richtext import Run
from reports.builder.texts import columns
from reports.builder.wording import PROGRESS, enumeration, missing_words, sentence_case
from reports.document import Block, Chart, Series, Table

_SILENT: Final = (Progress.NO_STATUS, Progress.NOT_MENTIONED, Progress.SOURCE_MISSING)


def subjects(report: YearReport) -> str:
    """Return what is counted: action points, or subjects as long as the official list is not in."""
    return "onderwerpen op de werklijst" if report.plan.is_working_list else "actiepunten"


def counted_subjects(report: YearReport, count: int) -> str:
    """Return how many `subjects` there are: `1 actiepunt`, `2 actiepunten`."""
    if count != 1:
        return f"{count} {subjects(report)}"
    return f"1 {'onderwerp op de werklijst' if report.plan.is_working_list else 'actiepunt'}"


def has_data(pillars: Iterable[PillarProgress]) -> bool:
    """Tell whether anything is known of a year, if only that a letter was silent."""
    return any(_counts(pillars, each) for each in Progress if each != Progress.SOURCE_MISSING)


def in_words(report: YearReport, *, as_minister: bool = False) -> list[str]:
    """Return the numbers of a year as sentences; none when no point has a progress.

    Silence is counted apart, as what it is. What is derived says so, and so does a working list,
    but for `as_minister`: a letter that is signed does not speak of how this application counts.
    """
    answered = [
        _answered(report, each, as_minister=as_minister)
        for each in ANSWERS
        if _counts(report.pillars, each)
    ]
    if not answered:
        return []
    verb = "is" if len(answered) == 1 and answered[0].startswith("1 ") else "zijn"
    sentences = [f"{_of_what(report, as_minister=as_minister)} {verb} er {enumeration(answered)}."]
    if silent := _silent(report):
        sentences.append(
            f"{sentence_case(enumeration(silent))}; daaruit volgt niet dat {_those(report)} "
            "afgerond."
        )
    return sentences


def _those(report: YearReport) -> str:
    """Return the points that are silent, with their verb."""
    is_list = report.plan.is_working_list
    if sum(_counts(report.pillars, each) for each in _SILENT) == 1:
        return f"dit {'onderwerp' if is_list else 'actiepunt'} is"
    return f"die {'onderwerpen' if is_list else 'actiepunten'} zijn"


def meaning_of_derived(report: YearReport) -> list[str]:
    """Return what `afgeleid` means, where it is used."""
    if not any(each.derived.get(answer) for each in report.pillars for answer in ANSWERS):
        return []
    return ["‘Afgeleid’ betekent dat de bron dit niet met zoveel woorden zegt."]


def _of_what(report: YearReport, *, as_minister: bool) -> str:
    total = sum(each.total for each in report.pillars)
    if not report.plan.is_working_list:
        return f"Van de {total} actiepunten" if total != 1 else "Van het ene actiepunt"
    if as_minister:
        what = f"de {total} onderwerpen" if total != 1 else "het ene onderwerp"
        return f"Van {what} in de voortgangsrapportage"
    return (
        "De officiële lijst van actiepunten is nog niet ingevoerd in NAP-monitor; deze cijfers "
        f"gaan over een werklijst van {total} onderwerpen. Daarvan"
    )


def of_pillar(pillar: PillarProgress, each: Round) -> str:
    """Return how the points of one pillar stand, silence too, in one phrase."""
    return enumeration(
        [
            _unavailable(count, pillar.total)
            if _word(progress, each) == PROGRESS[Progress.SOURCE_MISSING]
            else _counted(
                f"{count} {_word(progress, each)}", count, pillar.derived.get(progress, 0)
            )
            for progress, count in pillar.counts.items()
            if count
        ]
    )


def _unavailable(count: int, total: int) -> str:
    of = f"van alle {count}" if count == total and count > 1 else f"van {count}"
    return f"{of} is de {PROGRESS[Progress.SOURCE_MISSING]}"


def _answered(report: YearReport, progress: Progress, *, as_minister: bool) -> str:
    count = _counts(report.pillars, progress)
    derived = sum(each.derived.get(progress, 0) for each in report.pillars)
    if as_minister:
        derived = 0
    return _counted(f"{count} {PROGRESS[progress]}", count, derived)


def _counted(words: str, count: int, derived: int) -> str:
    if not derived:
        return words
    if derived < count:
        return f"{words} (waarvan {derived} afgeleid)"
    return f"{words} (afgeleid)" if count == 1 else f"{words} (alle afgeleid)"


def _silent(report: YearReport) -> list[str]:
    told, unnamed, missing = (_counts(report.pillars, each) for each in _SILENT)
    found = []
    if told:
        found.append(f"van {told} is geen status gemeld")
    if unnamed:
        found.append(f"over {unnamed} is niet apart bericht")
    if missing:
        found.append(f"van {missing} is de stand {_missing(report.round)}")
    return found


def _missing(each: Round) -> str:
    words = missing_words(each)
    return "niet beschikbaar" if words == PROGRESS[Progress.SOURCE_MISSING] else words


def label(progress: Progress, each: Round) -> str:
    """Return the word for a progress of one year, with a capital."""
    return sentence_case(_word(progress, each))


def _word(progress: Progress, each: Round) -> str:
    return missing_words(each) if progress == Progress.SOURCE_MISSING else PROGRESS[progress]


def per_pillar(report: YearReport) -> list[Block]:
    """Return the numbers of the year per pillar: a table, and a chart when anything is known."""
    each = report.round
    shown = _shown(report.pillars)
    table = _table(
        "samenvatting-cijfers",
        f"Aantal {subjects(report)} per pijler, {each.year}",
        "Pijler",
        [label(progress, each) for progress in shown],
        [
            *((f"Pijler {pillar.number}", _row([pillar], shown)) for pillar in report.pillars),
            ("Samen", _row(report.pillars, shown)),
        ],
    )
    if not has_data(report.pillars):
        return [table]
    chart = _chart(
        "samenvatting-grafiek",
        f"Voortgang per pijler over {each.year}",
        [label(progress, each) for progress in shown],
        [(f"Pijler {pillar.number}", _row([pillar], shown)) for pillar in report.pillars],
    )
    return [chart, table]


def beside_before(report: YearReport) -> list[Block]:
    """Return the year beside the last one before it with data; nothing when either has none."""
    before, now = report.compared, report.round
    if before is None or not has_data(report.pillars):
        return []
    shown = _shown([*report.compared_pillars, *report.pillars])
    rows = [
        (str(before.year), _row(report.compared_pillars, shown)),
        (str(now.year), _row(report.pillars, shown)),
    ]
    years = f"{before.year} naast {now.year}"
    count = f"Aantal {subjects(report)}, {years}"
    labels = [label(progress, now) for progress in shown]
    return [
        _chart("samenvatting-jaren-grafiek", f"Voortgang van het plan, {years}", labels, rows),
        _table("samenvatting-jaren", count, "Jaar", labels, rows),
    ]


def _counts(pillars: Iterable[PillarProgress], progress: Progress) -> int:
    return sum(each.counts[progress] for each in pillars)


def _shown(pillars: Sequence[PillarProgress]) -> list[Progress]:
    return [each for each in Progress if _counts(pillars, each)]


def _row(pillars: Sequence[PillarProgress], shown: Sequence[Progress]) -> tuple[int, ...]:
    return tuple(_counts(pillars, each) for each in shown)


def _table(
    table_id: str,
    caption: str,
    first: str,
    labels: Sequence[str],
    rows: Sequence[tuple[str, tuple[int, ...]]],
) -> Table:
    width = min(16, 72 // (len(labels) + 1))
    return Table(
        id=table_id,
        caption=caption,
        header=columns(first, *labels, "Totaal"),
        rows=tuple(
            (
                (Run(name),),
                *((Run(str(number)),) for number in numbers),
                (Run(str(sum(numbers))),),
            )
            for name, numbers in rows
        ),
        widths=(100 - width * (len(labels) + 1), *([width] * (len(labels) + 1))),
        numeric=tuple(range(1, len(labels) + 2)),
    )


def _chart(
    chart_id: str,
    caption: str,
    labels: Sequence[str],
    rows: Sequence[tuple[str, tuple[int, ...]]],
) -> Chart:
    return Chart(
        id=chart_id,
        caption=caption,
        alternative=" ".join(_bar_in_words(name, labels, numbers) for name, numbers in rows),
        bars=tuple(name for name, _numbers in rows),
        series=tuple(
            Series(name, tuple(numbers[place] for _name, numbers in rows))
            for place, name in enumerate(labels)
        ),
    )


def _bar_in_words(name: str, labels: Sequence[str], numbers: Sequence[int]) -> str:
    counted = [
        f"{number} {words[:1].lower()}{words[1:]}"
        for words, number in zip(labels, numbers, strict=True)
        if number
    ]
    return f"{name}: {enumeration(counted) or 'geen onderwerpen'}."

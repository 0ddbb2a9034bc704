"""All that was stored about an action point, as documents for who answers a Woo request.

People are called by a number here, the same in all documents of one export. What they typed stays
as it is, also where it names somebody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from actions.choices import Answer, Origin, RemarkField, Verdict
from actions.queries.woo import (
    WooAnswer,
    WooBy,
    WooCorrection,
    WooEntry,
    WooPerson,
    WooPoint,
    WooRecord,
    WooRemark,
    WooSignOff,
    WooStep,
    WooVersion,
    woo_record,
)
from actions.richtext import Run
from reports.builder.own_texts import STATES
from reports.builder.texts import linked, sentence, source_runs
from reports.builder.wording import NBSP, SCHEDULE, dutch_date, progress_words
from reports.document import (
    AnnexReport,
    Banner,
    Block,
    Facts,
    Heading,
    Item,
    ItemList,
    Note,
    Paragraph,
    Section,
    Standing,
)
from reports.texts import Texts

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from actions.models import StatusEntry

_SYSTEM: Final = "NAP-monitor (automatisch)"
_ANSWERS: Final = {
    Answer.ACCEPTED: "overgenomen",
    Answer.PARTLY: "deels overgenomen",
    Answer.REJECTED: "niet overgenomen",
}
_VERDICTS: Final = {
    Verdict.AGREED: "akkoord",
    Verdict.AGREED_WITH_REMARK: "akkoord, met een opmerking",
    Verdict.NOT_AGREED: "niet akkoord",
}
_FIELDS: Final = {
    RemarkField.WHOLE: "het geheel",
    RemarkField.PROGRESS: "de voortgang",
    RemarkField.NARRATIVE: "wat er is bereikt",
    RemarkField.OUTLOOK: "wat er volgt",
    RemarkField.LETTER_PASSAGE: "het voorstel voor de tekst in de brief",
    RemarkField.INFORMED_REFERENCE: "waar de Kamer is geïnformeerd",
}
_ORIGINS: Final = {
    Origin.REPORTED: "geschreven door het ministerie",
    Origin.RECONSTRUCTED: "overgenomen uit een openbare brief",
}
_YES: Final = {True: "ja", False: "nee", None: "niet ingevuld"}

COLUMNS: Final = (
    *("Nummer", "Bestand", "Actiepunt", "Ronde", "Soort", "Versie"),
    *("Datum", "Tijd", "Door", "Rol"),
)
NAME_COLUMNS: Final = ("Nummer", "Naam", "E-mailadres")
# The last two hold the name itself.
FOUND_COLUMNS: Final = ("Bestand", "Plaats", "Zoals het er staat", "Woorden eromheen")


@dataclass(frozen=True, slots=True)
class WooItem:
    """A line of the list of all that the export holds."""

    code: str
    year: int
    kind: str
    version: int | None
    at: datetime
    by: str
    roles: str


@dataclass(frozen=True, slots=True)
class WooFile:
    """One action point: its document, and what stands in it."""

    code: str
    document: AnnexReport
    items: tuple[WooItem, ...]


@dataclass(frozen=True, slots=True)
class WooExport:
    """The documents of one export, and who is meant by each number."""

    files: tuple[WooFile, ...]
    people: tuple[tuple[str, WooPerson], ...]


def build_woo(entries: QuerySet[StatusEntry], *, moment: datetime) -> WooExport:
    """Return a document for each action point among these entries, as they stood at a moment."""
    record = woo_record(entries)
    called = _numbers(record)
    at = timezone.localtime(moment)
    return WooExport(
        files=tuple(
            WooFile(point.code, _document(point, called, at), tuple(_items(point, called)))
            for point in record.points
        ),
        people=tuple(
            (name, record.people[key])
            for key, name in called.items()
            if not record.people[key].is_system
        ),
    )


def readme(export: WooExport, *, moment: datetime, with_names: bool) -> str:
    """Return what the export is, what is in it and what is not, for who opens it."""
    names = (
        "namen.csv             wie met elk nummer wordt bedoeld. Vertrouwelijk: haal dit bestand "
        "weg\n                      voordat u de uitdraai doorgeeft.\n"
        if with_names
        else ""
    )
    return _README.format(
        moment=_moment(timezone.localtime(moment)).replace(NBSP, " "),
        points=fill(", ".join(each.code for each in export.files), 100),
        names=names,
        literal=(
            "Dat bestand noemt ze ook: geef het niet door."
            if with_names
            else "Dat bestand zegt alleen waar, en noemt ze niet."
        ),
    )


_README: Final = """\
UITDRAAI VOOR EEN WOO-VERZOEK. NIET OPENBAAR.
=============================================

Dit is wat er op {moment} in NAP-monitor was opgeslagen over deze actiepunten:
{points}

Niets is weggelakt. Beoordeel elk stuk voordat u iets openbaar maakt.

Wat waar staat
--------------
actiepunten/          per actiepunt een Word-bestand met alle versies van de tekst, ook de interne
                      notities, en met de opmerkingen, antwoorden, akkoorden, stappen en
                      verbeteringen
inventarislijst.csv   een regel voor elk van die stukken
namen-in-teksten.csv  waar in de teksten waarschijnlijk een ambtenaar wordt genoemd
{names}
Namen
-----
Ambtenaren heten hier Ambtenaar 1, Ambtenaar 2 enzovoort. Een nummer is in deze hele uitdraai
dezelfde persoon; in een andere uitdraai kan het iemand anders zijn.

In wat mensen zelf hebben getypt, is niets veranderd. Daar kunnen dus namen in staan. In
namen-in-teksten.csv staat waar wij namen van mensen met een account hebben gevonden.
{literal}
De lijst is een hulpmiddel: kijk zelf ook, want namen van anderen staan er niet in.

Wat er niet in zit
------------------
- Wat iemand heeft getypt en nog niet heeft opgeslagen. Dat ziet alleen wie het typte. Is de rol van
  die persoon gestopt, dan ziet de coördinator van het eigen ministerie het. Vraag het daar na.
- De brief, de voortgangsrapportage en de nota zelf, en opmerkingen daarop. Die staan bij de
  edities.
- Mail en bestanden buiten NAP-monitor.
"""


def _numbers(record: WooRecord) -> dict[int, str]:
    """Return what each person is called, in the order in which a reader meets them."""
    called: dict[int, str] = {}
    number = 0
    for point in record.points:
        for key in _keys(point):
            if key in called:
                continue
            number += not record.people[key].is_system
            called[key] = _SYSTEM if record.people[key].is_system else f"Ambtenaar {number}"
    return called


def _keys(point: WooPoint) -> Iterator[int]:
    for entry in point.entries:
        for version in entry.versions:
            yield version.by.person
            if version.words_of is not None:
                yield version.words_of
        for remark in entry.remarks:
            yield remark.by.person
            if remark.answer:
                yield remark.answer.by.person
        yield from (each.by.person for each in entry.sign_offs)
        yield from (each.by.person for each in entry.steps)
        yield from (each.by.person for each in entry.corrections)


def _items(point: WooPoint, called: Mapping[int, str]) -> Iterator[WooItem]:
    for entry in point.entries:
        found: list[tuple[str, int | None, WooBy]] = [
            *(("versie", each.number, each.by) for each in entry.versions),
            *(("opmerking", each.version, each.by) for each in entry.remarks),
            *(
                ("antwoord op opmerking", each.answer.version, each.answer.by)
                for each in entry.remarks
                if each.answer
            ),
            *(("akkoord", each.version, each.by) for each in entry.sign_offs),
            *(("stap", each.version, each.by) for each in entry.steps),
            *(("verbetering", each.version, each.by) for each in entry.corrections),
        ]
        for kind, version, by in sorted(found, key=lambda each: each[2].at):
            at = timezone.localtime(by.at)
            yield WooItem(point.code, entry.year, kind, version, at, called[by.person], by.roles)


def _document(point: WooPoint, called: Mapping[int, str], moment: datetime) -> AnnexReport:
    parts = _Parts(called)
    years = [entry.year for entry in point.entries]
    return AnnexReport(
        title=f"Actiepunt {point.code}: stukken voor een Woo-verzoek",
        subtitle=point.title,
        language="nl",
        year=max(years),
        standing=Standing.CONCEPT,
        dated=moment.date(),
        date_line=f"Stand van {_moment(moment)}",
        banner=Banner("NIET OPENBAAR. Uitdraai voor een Woo-verzoek, nog niet beoordeeld."),
        sender=point.plan,
        opening=(_what_it_is(moment),),
        sections=tuple(parts.round(entry) for entry in point.entries),
        footnotes=tuple(parts.texts.footnotes),
    )


def _what_it_is(moment: datetime) -> Note:
    sentences = (
        f"Dit is alles wat op {_moment(moment)} over dit actiepunt in NAP-monitor was opgeslagen, "
        "in de gekozen rondes. Niets is weggelakt.",
        "Ambtenaren heten hier Ambtenaar 1, Ambtenaar 2 enzovoort. In wat zij hebben getypt, is "
        "niets veranderd: daar kunnen namen in staan.",
        "Wat iemand heeft getypt en niet heeft opgeslagen, staat er niet in.",
    )
    return Note(
        "toelichting",
        tuple(
            sentence(f"toelichting-{number}", text)
            for number, text in enumerate(sentences, start=1)
        ),
    )


class _Parts:
    """Builds the parts of one document, in which people are called by their number."""

    def __init__(self, called: Mapping[int, str]) -> None:
        self.texts = Texts()
        self._called = called

    def round(self, entry: WooEntry) -> Section:
        """Return all about one round, in a part for each kind of thing."""
        node_id = f"ronde-{entry.year}-{entry.key}"
        lists: tuple[tuple[str, str, str, list[Section]], ...] = (
            (
                *("versies", "Versies van de tekst", "Er is geen tekst opgeslagen."),
                [self._version(each, node_id) for each in entry.versions],
            ),
            (
                *("opmerkingen", "Opmerkingen en antwoorden", "Er zijn geen opmerkingen."),
                [self._remark(each, node_id, n) for n, each in enumerate(entry.remarks, start=1)],
            ),
            (
                *("akkoorden", "Akkoord van andere ministeries", "Er is niets gevraagd of gezegd."),
                [self._sign_off(each, node_id, n) for n, each in enumerate(entry.sign_offs, 1)],
            ),
            (
                *("stappen", "Stappen", "Er zijn geen stappen gezet."),
                [self._step(each, node_id, n) for n, each in enumerate(entry.steps, start=1)],
            ),
            (
                *("verbeteringen", "Verbeteringen", "Er is niets verbeterd."),
                [self._correction(each, node_id, n) for n, each in enumerate(entry.corrections, 1)],
            ),
        )
        return Section(
            node_id,
            f"Ronde {entry.year}",
            (
                Facts(
                    f"{node_id}-feiten",
                    (
                        ("Stand van de tekst", (Run(STATES[entry.state]),)),
                        (
                            "Verantwoordelijk",
                            (Run(entry.ministry.full if entry.ministry else "niet bekend"),),
                        ),
                    ),
                ),
            ),
            tuple(
                Section(
                    f"{node_id}-{part}",
                    f"{title}, ronde {entry.year}",
                    () if sections else (sentence(f"{node_id}-{part}-geen", none),),
                    tuple(sections),
                )
                for part, title, none, sections in lists
            ),
        )

    def _version(self, each: WooVersion, within: str) -> Section:
        node_id = f"{within}-versie-{each.number}"
        rows = [
            *self._said(each.by),
            ("Herkomst", (Run(_ORIGINS[each.origin]),)),
            ("Voortgang", (Run(_progress(each)),)),
            ("Planning", (Run(SCHEDULE[each.schedule]),)),
            ("Loopt door na het plan", (Run(_YES[each.continues_after_plan]),)),
            ("Kamer eerder geïnformeerd", _informed(each)),
        ]
        if each.words_of is not None:
            rows.append(("Uit een concept van", (Run(self._called[each.words_of]),)))
        if each.reported_with:
            rows.append(("Gemeld bij", (Run(f"actiepunt {each.reported_with}"),)))
        blocks: list[Block] = [Facts(f"{node_id}-feiten", tuple(rows))]
        for part, title, text in (
            ("reden", "Waarom het punt is vervallen", each.discontinued_reason),
            ("stand", "Wat er is bereikt", each.narrative),
            ("vooruit", "Wat er volgt", each.outlook),
            ("brief", "Voorstel voor de tekst in de brief", each.letter_passage),
        ):
            if text:
                blocks += self._marked_up(node_id, part, title, text)
        blocks += _typed(node_id, "notitie", "Interne notitie", each.internal_note)
        if each.sources:
            blocks += _sources(each, node_id)
        return Section(node_id, f"Versie {each.number}", tuple(blocks))

    def _marked_up(self, node_id: str, part: str, title: str, text: str) -> list[Block]:
        """Return a text with its own markup; the headings within it stand a level lower."""
        lower = (
            replace(block, level=block.level + 1) if isinstance(block, Heading) else block
            for block in self.texts.blocks(text, f"{node_id}-{part}")
        )
        return [Heading(f"{node_id}-{part}", (Run(title),)), *lower]

    def _remark(self, each: WooRemark, within: str, number: int) -> Section:
        node_id = f"{within}-opmerking-{number}"
        about = f"{_FIELDS[each.field]}, versie {each.version}"
        blocks: list[Block] = [
            Facts(f"{node_id}-feiten", (*self._said(each.by), ("Over", (Run(about),))))
        ]
        blocks += _typed(node_id, "passage", "Passage", each.quote)
        blocks += _typed(node_id, "tekst", "Opmerking", each.text)
        blocks += _typed(node_id, "voorstel", "Voorgestelde tekst", each.proposal)
        if each.answer:
            blocks += self._answer(each.answer, node_id)
        else:
            blocks.append(sentence(f"{node_id}-open", "Er is nog geen antwoord gegeven."))
        return Section(node_id, f"Opmerking {number}", tuple(blocks))

    def _answer(self, answer: WooAnswer, within: str) -> list[Block]:
        node_id = f"{within}-antwoord"
        put_in = f" in versie {answer.version}" if answer.version else ""
        return [
            Heading(node_id, (Run("Antwoord"),)),
            Facts(
                f"{node_id}-feiten",
                (
                    *self._said(answer.by),
                    ("Wat ermee is gedaan", (Run(_ANSWERS[answer.answer] + put_in),)),
                ),
            ),
            *_lines(f"{node_id}-reden", answer.reason),
        ]

    def _sign_off(self, each: WooSignOff, within: str, number: int) -> Section:
        node_id = f"{within}-akkoord-{number}"
        rows = (
            *self._said(each.by),
            ("Ministerie", (Run(each.ministry),)),
            ("Oordeel", (Run(f"{_VERDICTS[each.verdict]}, over versie {each.version}"),)),
        )
        blocks = (Facts(f"{node_id}-feiten", rows), *_lines(f"{node_id}-tekst", each.remark))
        return Section(node_id, f"Oordeel {number}", blocks)

    def _step(self, each: WooStep, within: str, number: int) -> Section:
        node_id = f"{within}-stap-{number}"
        rows = [
            *self._said(each.by),
            ("Van", (Run(STATES[each.before]),)),
            ("Naar", (Run(STATES[each.after]),)),
        ]
        if each.version:
            rows.append(("Versie", (Run(str(each.version)),)))
        blocks = (Facts(f"{node_id}-feiten", tuple(rows)), *_lines(f"{node_id}-reden", each.reason))
        return Section(node_id, f"Stap {number}", blocks)

    def _correction(self, each: WooCorrection, within: str, number: int) -> Section:
        node_id = f"{within}-verbetering-{number}"
        replaced = f" in plaats van versie {each.replaced}" if each.replaced else ""
        rows = (*self._said(each.by), ("Tekst", (Run(f"versie {each.version}{replaced}"),)))
        blocks = (Facts(f"{node_id}-feiten", rows), *_lines(f"{node_id}-reden", each.reason))
        return Section(node_id, f"Verbetering {number}", blocks)

    def _said(self, by: WooBy) -> list[tuple[str, tuple[Run, ...]]]:
        name = self._called[by.person]
        return [
            ("Door", (Run(f"{name}, {by.roles}" if by.roles else name),)),
            ("Op", (Run(_moment(timezone.localtime(by.at))),)),
        ]


def _moment(moment: datetime) -> str:
    return f"{dutch_date(moment.date())}, {moment:%H.%M}{NBSP}uur"


def _progress(each: WooVersion) -> str:
    return progress_words(each.progress, each.basis) if each.progress else "niet ingevuld"


def _informed(each: WooVersion) -> tuple[Run, ...]:
    if not each.informed_before:
        return (Run("nee"),)
    sender = f", door {each.informed_sender}" if each.informed_sender else ""
    where = f": {each.informed_reference}" if each.informed_reference else ""
    return linked(f"ja{sender}{where}")


def _typed(node_id: str, part: str, title: str, text: str) -> list[Block]:
    """Return a text without markup under its heading; nothing when there is none."""
    lines = _lines(f"{node_id}-{part}", text)
    return [Heading(f"{node_id}-{part}", (Run(title),)), *lines] if lines else []


def _lines(node_id: str, text: str) -> list[Block]:
    """Return a text as it was typed: its lines are its own."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [
        Paragraph(f"{node_id}-{number}", linked(line)) for number, line in enumerate(lines, start=1)
    ]


def _sources(each: WooVersion, node_id: str) -> list[Block]:
    list_id = f"{node_id}-bronnen"
    items = tuple(
        Item(f"{list_id}-{number}", source_runs(source))
        for number, source in enumerate(each.sources, start=1)
    )
    return [Heading(list_id, (Run("Bronnen"),)), ItemList(f"{list_id}-lijst", items)]

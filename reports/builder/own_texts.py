"""The texts of one ministry in one round, as a document to agree on within that ministry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from actions.choices import EntryState, ResponsibilityRole
from actions.queries.own_texts import (
    Bundle,
    OwnReference,
    OwnText,
    OwnTexts,
    OwnWords,
    bundles,
    own_texts,
)
from actions.queries.records import Name
from actions.richtext import Run, is_safe_link
from reports.builder.texts import columns, linked, sentence, source_runs
from reports.builder.wording import (
    NBSP,
    ROLES,
    SCHEDULE,
    dutch_date,
    progress_words,
    responsible_words,
    sentence_case,
)
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
    Table,
)
from reports.texts import Texts

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from actions.models import StatusEntry

STATES: Final[dict[EntryState, str]] = {
    EntryState.CONCEPT: "concept",
    EntryState.SUBMITTED: "ingediend, nog niet goedgekeurd",
    EntryState.RETURNED: "teruggestuurd, nog niet opnieuw ingediend",
    EntryState.APPROVED: "goedgekeurd",
    EntryState.NOT_SUPPLIED: "niet aangeleverd",
    EntryState.RECONSTRUCTED: "gereconstrueerd uit een openbare brief",
}
_AFTER_THE_PLAN: Final = {True: "ja", False: "nee", None: "niet ingevuld"}


def bundles_of(entries: QuerySet[StatusEntry], ministries: Collection[str] | None) -> list[Bundle]:
    """Return which texts there are among these entries, per round and ministry."""
    return bundles(entries, ministries)


def build_own_texts(
    entries: QuerySet[StatusEntry], ministry: str, *, moment: datetime, with_notes: bool = False
) -> AnnexReport | None:
    """Return the texts of a ministry among the entries of a round, as they stood at a moment.

    None when it holds the pen for none of them. Internal notes are left out unless asked for.
    """
    found = own_texts(entries, ministry, with_notes=with_notes)
    return _document(found, timezone.localtime(moment), with_notes) if found else None


def _document(found: OwnTexts, moment: datetime, with_notes: bool) -> AnnexReport:
    texts = Texts()
    name, year = found.bundle.ministry, found.bundle.year
    return AnnexReport(
        title=f"Concept: teksten van {name.short} over {year}",
        subtitle=found.plan,
        language="nl",
        year=year,
        standing=Standing.CONCEPT,
        dated=moment.date(),
        date_line=f"Stand van {_moment(moment)}",
        banner=Banner(
            f"CONCEPT. Niet openbaar. Teksten van {name.short} voor de ronde {year}, "
            f"stand van {_moment(moment)}."
        ),
        sender=sentence_case(name.name),
        opening=(_what_it_is(found, moment, with_notes),),
        sections=(
            _overview(found),
            Section(
                "teksten",
                "Teksten per actiepunt",
                (),
                tuple(_point(each, texts) for each in found.texts),
            ),
        ),
        footnotes=tuple(texts.footnotes),
    )


def _moment(moment: datetime) -> str:
    return f"{dutch_date(moment.date())}, {moment:%H.%M}{NBSP}uur"


def _what_it_is(found: OwnTexts, moment: datetime, with_notes: bool) -> Note:
    """Return what the file is, of when, and where changes belong: not in the file."""
    name = found.bundle.ministry
    notes = (
        "De interne notities staan er ook in. Die zijn alleen voor het eigen ministerie en de "
        "coördinatoren bij Buitenlandse Zaken: deel dit bestand niet daarbuiten."
        if with_notes
        else "Interne notities staan er niet in."
    )
    sentences = [
        f"Dit zijn de teksten van {_with_article(name)} zoals ze op {_moment(moment)} in "
        "NAP-monitor stonden. Het bestand is bedoeld om binnen het ministerie af te stemmen.",
        f"De teksten zijn een concept en niet openbaar. {notes}",
        "Wilt u iets veranderen? Doe dat in NAP-monitor, niet in dit bestand: wat hier verandert, "
        "komt niet terug in NAP-monitor. Kunt u daar niet schrijven, geef de wijziging dan door "
        "aan de redacteur of de coördinator van uw ministerie. Noem daarbij het actiepunt en het "
        "nummer van de versie.",
    ]
    if found.deadline:
        sentences.append(f"Indienen kan tot en met {dutch_date(found.deadline)}.")
    return Note(
        "toelichting",
        tuple(
            sentence(f"toelichting-{number}", text)
            for number, text in enumerate(sentences, start=1)
        ),
    )


def _with_article(name: Name) -> str:
    return f"het {name.full}" if name.full.startswith("ministerie") else name.full


def _overview(found: OwnTexts) -> Section:
    table = Table(
        id="overzicht-tabel",
        caption="De actiepunten en hoe ver de teksten zijn",
        header=columns("Actiepunt", "Stand van de tekst", "Voortgang", "Versie"),
        rows=tuple(
            (
                (Run(_title(each)),),
                (Run(STATES[each.line.state]),),
                (Run(_progress(each.words)),),
                (Run(str(each.line.version or "–")),),
            )
            for each in found.texts
        ),
        widths=(46, 24, 20, 10),
        numeric=(3,),
    )
    return Section("overzicht", "Overzicht", (table,))


def _title(each: OwnText) -> str:
    return f"{each.line.code} {each.line.title}"


def _progress(words: OwnWords | None) -> str:
    if words is None or words.progress is None:
        return "nog niet ingevuld"
    return progress_words(words.progress, words.basis)


def _point(each: OwnText, texts: Texts) -> Section:
    node_id = f"punt-{each.line.code}"
    blocks: list[Block] = [_facts(each, node_id)]
    # Of the official text and the description one is there: the second stands in for the first.
    if each.official_text:
        blocks += _part(texts, node_id, "tekst", "Tekst van het actiepunt", each.official_text)
    elif each.description:
        blocks += _part(texts, node_id, "beschrijving", "Beschrijving", each.description)
    if each.words is None:
        blocks.append(sentence(f"{node_id}-leeg", "Er is nog geen tekst geschreven."))
    else:
        blocks += _written(each.words, node_id, texts)
    return Section(node_id, _title(each), tuple(blocks))


def _facts(each: OwnText, node_id: str) -> Facts:
    words = each.words
    rows: list[tuple[str, tuple[Run, ...]]] = [
        ("Stand van de tekst", (Run(_standing(each)),)),
        *_responsible(each),
        ("Voortgang", (Run(_progress(words)),)),
    ]
    if not each.in_plan:
        rows.append(("Plaats", (Run("valt buiten het plan"),)))
    if words:
        rows += [
            ("Planning", (Run(SCHEDULE[words.schedule]),)),
            ("Loopt door na het plan", (Run(_AFTER_THE_PLAN[words.continues_after_plan]),)),
            ("Kamer eerder geïnformeerd", _informed(words)),
        ]
    return Facts(f"{node_id}-feiten", tuple(rows))


def _standing(each: OwnText) -> str:
    state = STATES[each.line.state]
    if each.words is None:
        return state
    written = _moment(timezone.localtime(each.words.written_at))
    return f"{state}; versie {each.words.number} van {written}"


def _responsible(each: OwnText) -> list[tuple[str, tuple[Run, ...]]]:
    rows: list[tuple[str, tuple[Run, ...]]] = []
    for role, title in ROLES.items():
        held = [found for found in each.responsible if found.role == role]
        if held or role == ResponsibilityRole.LEAD:
            rows.append((title, (Run(responsible_words(held) or "niet bekend"),)))
    return rows


def _informed(words: OwnWords) -> tuple[Run, ...]:
    if not words.informed_before:
        return (Run("nee"),)
    sender = f", door {words.informed_sender}" if words.informed_sender else ""
    where = f": {words.informed_reference}" if words.informed_reference else ""
    return linked(f"ja{sender}{where}")


def _written(words: OwnWords, node_id: str, texts: Texts) -> list[Block]:
    """Return what was written, each field under its own heading; empty ones say so or stay out."""
    blocks: list[Block] = []
    if words.reported_with:
        blocks.append(
            sentence(
                f"{node_id}-samen",
                f"De tekst bij {words.reported_with} gaat ook over dit actiepunt.",
            )
        )
    for part, title, text in (
        ("reden", "Waarom het punt is vervallen", words.discontinued_reason),
        ("stand", "Wat er is bereikt", words.narrative),
        ("vooruit", "Wat er volgt", words.outlook),
        ("brief", "Voorstel voor de tekst in de brief", words.letter_passage),
    ):
        if text:
            blocks += _part(texts, node_id, part, title, text)
    if words.internal_note:
        blocks += _internal_note(words.internal_note, node_id)
    if words.sources:
        rows = [source_runs(each) for each in words.sources]
        blocks += _list(node_id, "bronnen", "Bronnen", rows)
    if words.references:
        rows = [_reference(each) for each in words.references]
        blocks += _list(node_id, "verwijzingen", "Verwijzingen", rows)
    return blocks


def _part(texts: Texts, node_id: str, part: str, title: str, text: str) -> list[Block]:
    """Return one field under its heading; the headings within it stand a level lower."""
    lower = (
        replace(block, level=block.level + 1) if isinstance(block, Heading) else block
        for block in texts.blocks(text, f"{node_id}-{part}")
    )
    return [Heading(f"{node_id}-{part}", (Run(title),)), *lower]


def _internal_note(text: str, node_id: str) -> list[Block]:
    """Return a note as it was typed: it has no markup, and its lines are its own."""
    part = f"{node_id}-notitie"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [
        Heading(part, (Run("Interne notitie (nooit openbaar)"),)),
        Note(
            f"{part}-tekst",
            tuple(
                Paragraph(f"{part}-{number}", linked(line))
                for number, line in enumerate(lines, start=1)
            ),
        ),
    ]


def _reference(each: OwnReference) -> tuple[Run, ...]:
    name = Run(each.literal, href=each.url if is_safe_link(each.url) else "")
    return (name, Run(f": {each.title}")) if each.title else (name,)


def _list(node_id: str, part: str, title: str, rows: list[tuple[Run, ...]]) -> list[Block]:
    list_id = f"{node_id}-{part}"
    items = tuple(Item(f"{list_id}-{number}", runs) for number, runs in enumerate(rows, start=1))
    return [Heading(list_id, (Run(title),)), ItemList(f"{list_id}-lijst", items)]

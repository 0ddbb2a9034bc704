"""The decision note: what is put to the minister together with the letter and the annex."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from actions.choices import EntryState, Progress
from actions.queries.decision import DecisionFacts, Inside
from actions.queries.records import Signatory, YearReport
from actions.richtext import Run
from reports.builder import figures, standing
from reports.builder.texts import columns, linked, sentence
from reports.builder.wording import (
    NBSP,
    bare_name,
    dutch_date,
    enumeration,
    names_kept_together,
    sentence_case,
    subject,
)
from reports.document import (
    Banner,
    Block,
    DecisionNote,
    DocumentKind,
    Facts,
    Heading,
    Item,
    ItemList,
    Paragraph,
    Reference,
    Section,
    Table,
    Visibility,
)
from reports.names import Names
from reports.redaction import GROUNDS, OPINIONS, grounds_of, redact, stand_in

# On which page of the letter and the annex each of their nodes starts.
Pages = Mapping[DocumentKind, Mapping[str, int]]

_CALLED: Final = {
    DocumentKind.LETTER: "Kamerbrief",
    DocumentKind.ANNEX: "voortgangsrapportage",
    DocumentKind.DECISION_NOTE: "nota",
}
_NO_NOTE: Final = (
    "Over dit jaar is geen nota bekend. Dit overzicht is gemaakt uit openbare bronnen."
)
# The part for what is not public, and what stands in it when there is nothing.
INSIDE: Final = "niet-openbaar"
NOTHING_INSIDE: Final = ("Niet bekend.", "Niet van toepassing.")
_STATES: Final[Mapping[EntryState, str]] = {
    EntryState.CONCEPT: "nog niet ingediend",
    EntryState.SUBMITTED: "ingediend, nog niet goedgekeurd",
    EntryState.RETURNED: "teruggestuurd naar het ministerie",
    EntryState.NOT_SUPPLIED: "niet aangeleverd",
}


@dataclass(frozen=True, slots=True)
class HandledRemark:
    """What the minister or somebody on the way there asked, and what was done with it.

    `node_id` is the place in the document of that kind; `before` is its page in the version that
    was read, None when that had no such place. `who` asked it, and `about` what.
    """

    text: str
    handling: str
    answer: str
    kind: DocumentKind
    node_id: str
    before: int | None = None
    version: int = 0
    who: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class TakenDecision:
    """What was decided on an earlier version; `met_in` is the one in which its condition was met.

    Both are numbered within their edition; `met_in` is 0 while no version meets the condition.
    """

    office: str
    day: date
    outcome: str
    condition: str
    version: int
    met_in: int = 0
    has_condition: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """To whom a note goes, from whom and by which way, each as it stands in its head."""

    to: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    copy: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    due: str = ""


def build_note(
    report: YearReport,
    facts: DecisionFacts,
    pages: Pages,
    remarks: Sequence[HandledRemark] = (),
    route: Route = Route(),
    decisions: Sequence[TakenDecision] = (),
) -> DecisionNote:
    """Return the internal note over one year; `public_note` makes the public one of it.

    Pages are those of the letter and the annex it goes up with.
    """
    sender = next((each.organisation for each in report.participants if each.coordinates), None)
    note = DecisionNote(
        title=f"Nota ter beslissing: voortgang {report.plan.title}, {report.round.year}",
        language="nl",
        year=report.round.year,
        standing=standing.standing(report),
        dated=_day(report, facts),
        date_line=_date_line(report, facts),
        banner=_banner(report, facts),
        sender=sentence_case(sender.name) if sender else "",
        references=_references(report, facts),
        subject=subject(report),
        head=_head(report, facts, route),
        sections=(
            Section("aanleiding", "Aanleiding", _occasion(report, facts)),
            Section("besluit", "Geadviseerd besluit", _advice(report, facts)),
            Section("kernpunten", "Kernpunten", (_key_points(report, pages),)),
            Section("toelichting", "Toelichting", _explanation(report, facts, pages)),
            *_handled(remarks, pages),
            *_decided_before(decisions),
            Section(
                INSIDE,
                "Informatie die niet openbaar gemaakt kan worden",
                _inside(report, facts),
            ),
        ),
        colophon=standing.colophon(report, "nota" if facts.note else standing.OVERVIEW),
    )
    return _explained(note)


def closed(note: DecisionNote) -> DecisionNote:
    """Return the note with all withheld that stands in its part for what is not public.

    What a coordinator writes or puts there is not public either, whatever it was before.
    """
    sections = tuple(
        replace(section, blocks=tuple(_withheld_block(block) for block in section.blocks))
        if section.id == INSIDE
        else section
        for section in note.sections
    )
    return replace(note, sections=sections)


def _withheld_block(block: Block) -> Block:
    is_bare = isinstance(block, Paragraph) and _words(block) in NOTHING_INSIDE
    if block.is_internal or is_bare:
        return block
    return replace(block, visibility=Visibility.INTERNAL, ground=block.ground or OPINIONS)


def _words(paragraph: Paragraph) -> str:
    return "".join(run.text for run in paragraph.runs)


def public_note(note: DecisionNote, names: Names | None = None) -> DecisionNote:
    """Return the note for everyone, without these names, and with the grounds explained."""
    return _explained(redact(note, names))


def _explained(note: DecisionNote) -> DecisionNote:
    """Close a note with what the grounds protect on which something in it is withheld."""
    bare = tuple(block for block in note.colophon if not block.id.startswith("gronden"))
    note = replace(note, colophon=bare)
    return replace(note, colophon=(*bare, *_grounds(note)))


def _day(report: YearReport, facts: DecisionFacts) -> date | None:
    """Return the date of the note itself, which is not that of the letter."""
    if not _is_past(report):
        return standing.day(report)
    return facts.note.date if facts.note else None


def _date_line(report: YearReport, facts: DecisionFacts) -> str:
    if not _is_past(report):
        return standing.date_line(report)
    day = _day(report, facts)
    return dutch_date(day) if day else "niet bekend"


def _banner(report: YearReport, facts: DecisionFacts) -> Banner:
    if not _is_reconstructed(report):
        return standing.banner(report, "nota")
    note = facts.note
    if note is None:
        return Banner(_NO_NOTE)
    return Banner(
        "Reconstructie uit openbare bronnen. Dit is niet de nota die is voorgelegd.",
        f"De openbare nota: {note.reference}" if note.url else "",
        note.url,
    )


def _references(report: YearReport, facts: DecisionFacts) -> tuple[Reference, ...]:
    written = facts.note if _is_past(report) else report.round.letter
    own = written.sender_reference if written else ""
    return (
        Reference("Datum", (_date_line(report, facts),)),
        Reference("Onze referentie", (own or _unknown(report),)),
        Reference("Bijlage(n)", (str(len(_attachments(report))),)),
    )


def _attachments(report: YearReport) -> list[str]:
    """Return what goes up with the note: the letter, and its annexes but for the note itself."""
    annexes = [title for title in report.annexes if "beslisnota" not in title.casefold()]
    if not _is_past(report):
        annexes = annexes or ["Voortgangsrapportage"]
    return ["Kamerbrief", *annexes]


def _head(report: YearReport, facts: DecisionFacts, route: Route) -> Facts:
    unknown = _unknown(report)
    # Who signed a letter is not thereby known to be who the note went to.
    addressee = None if _is_past(report) else facts.addressee
    to = _office(addressee) if addressee else unknown
    rows = (
        ("Aan", "; ".join(route.to) or to),
        ("Van", "; ".join(route.sender) or unknown),
        ("Via", "; ".join(route.via) or unknown),
        ("Kopie aan", "; ".join(route.copy) or unknown),
        ("Afgestemd met", "; ".join(route.agreed) or _agreed_with(facts) or unknown),
        ("Uiterlijk bij", _due(report, facts) or route.due or unknown),
        ("Bijlagen", "; ".join(_attachments(report))),
    )
    return Facts("kop", tuple((name, (Run(value),)) for name, value in rows))


def _office(each: Signatory) -> str:
    return f"{sentence_case(each.office)} ({names_kept_together(each.person)})"


def _due(report: YearReport, facts: DecisionFacts) -> str:
    return "zie de openbare nota" if _shows_note(report, facts) else ""


def _agreed_with(facts: DecisionFacts) -> str:
    return enumeration([each.full for each in facts.agreed])


def _shows_note(report: YearReport, facts: DecisionFacts) -> bool:
    return _is_past(report) and facts.note is not None


def _unknown(report: YearReport) -> str:
    """Return what stands where nobody wrote anything: a concept can still be filled in."""
    return "niet bekend" if _is_past(report) else "nog in te vullen"


def _is_reconstructed(report: YearReport) -> bool:
    return standing.is_reconstruction(report)


def _is_past(report: YearReport) -> bool:
    """Tell whether the letter is sent, so that there is nothing left to decide."""
    return _is_reconstructed(report) or standing.is_sent(report)


def _occasion(report: YearReport, facts: DecisionFacts) -> tuple[Block, ...]:
    plan, before = report.plan, report.previous
    this = "Deze nota" if facts.note or not _is_reconstructed(report) else "Dit overzicht"
    document = f" ({plan.document.reference})" if plan.document else ""
    texts = [
        f"Volgens het {plan.title}{document} wordt de Tweede Kamer eenmaal per jaar geïnformeerd "
        f"over de voortgang. {this} gaat over {report.round.year}."
    ]
    if promise := _promise(report):
        texts.append(promise)
    if before and before.letter and before.letter.date:
        texts.append(
            f"De Kamer is over {before.year} geïnformeerd bij brief van "
            f"{dutch_date(before.letter.date)} ({before.letter.reference})."
        )
    return _sentences("aanleiding", texts)


def _promise(report: YearReport) -> str:
    """Return what parliament was promised; a note on it says what the bare day does not."""
    each = report.round
    if each.promised_note:
        return each.promised_note
    if each.promised_on is None:
        return ""
    return f"Aan de Kamer is toegezegd dit uiterlijk op {dutch_date(each.promised_on)} te doen."


def _advice(report: YearReport, facts: DecisionFacts) -> tuple[Block, ...]:
    if _is_past(report):
        return (sentence("besluit-1", _decided(report, facts)),)
    return (
        _points(
            "besluit-lijst",
            [
                f"Akkoord te gaan met de Kamerbrief ‘{subject(report)}’ en de "
                "voortgangsrapportage.",
                "Beide te verzenden aan de Tweede Kamer, en deze nota als beslisnota openbaar te "
                "maken.",
            ],
        ),
    )


def _decided(report: YearReport, facts: DecisionFacts) -> str:
    """Return where to read what was advised, as that itself is not in the data."""
    if facts.note:
        day = f" van {dutch_date(facts.note.date)}" if facts.note.date else ""
        own = facts.note.sender_reference or facts.note.reference
        return f"Zie de openbare nota{day}{f' ({own})' if own else ''}."
    if _is_reconstructed(report):
        return _NO_NOTE
    return f"De brief is van {standing.date_line(report)}. Er wordt geen besluit meer gevraagd."


def _key_points(report: YearReport, pages: Pages) -> Block:
    plan = report.plan
    expected = f"{plan.expected} actiepunten" if plan.expected else "actiepunten"
    texts = [
        f"Het plan telt {expected} onder de drie pijlers van de VN-richtlijnen voor bedrijfsleven "
        "en mensenrechten (UNGP’s). Ze worden uitgevoerd binnen bestaand beleid."
    ]
    if statement := standing.statement(report):
        texts.append(statement.text)
    for pillar in report.pillars:
        where = _where(report, f"pijler-{pillar.number}", pages)
        if pillar.total:
            texts.append(
                f"Pijler {pillar.number}, {figures.counted_subjects(report, pillar.total)}: "
                f"{figures.of_pillar(pillar, report.round)}{where}."
            )
    return _points("kernpunten-lijst", [*texts, *figures.meaning_of_derived(report)])


def _where(report: YearReport, node_id: str, pages: Pages) -> str:
    """Return in which documents, and on which page of each, something stands.

    The pages of a reconstruction are not those of what was sent, and where no report was sent
    there is none to point at.
    """
    made = _is_reconstructed(report)
    has_report = not made or report.round.report is not None
    kinds = (DocumentKind.LETTER, DocumentKind.ANNEX) if has_report else (DocumentKind.LETTER,)
    places = [
        f"{_CALLED[kind]} p.{NBSP}{pages[kind][node_id]}"
        for kind in kinds
        if node_id in pages.get(kind, {})
    ]
    here = "in deze reconstructie " if made else ""
    return f" (zie {here}{', '.join(places)})" if places else ""


def _explanation(report: YearReport, facts: DecisionFacts, pages: Pages) -> tuple[Block, ...]:
    texts = []
    others = [bare_name(each.organisation) for each in report.participants if not each.coordinates]
    if others:
        texts.append(f"Aan het plan nemen ook de ministeries van {enumeration(others)} deel.")
    texts += _remarkable(report, pages)
    if not _is_past(report):
        texts += _how_far(facts)
    if not texts:
        texts.append("Er is niets toe te lichten.")
    return (_points("toelichting-lijst", texts),)


def _remarkable(report: YearReport, pages: Pages) -> list[str]:
    """Return the points that ask for attention: ended, or not begun."""
    texts = []
    for progress, what in (
        (Progress.DISCONTINUED, "Vervallen"),
        (Progress.NOT_STARTED, "Nog niet gestart"),
    ):
        found = [
            f"{point.row.code} {point.row.title}{_where(report, f'punt-{point.row.code}', pages)}"
            for point in report.points
            if point.row.in_plan and point.row.progress == progress
        ]
        if found:
            texts.append(f"{what}: {'; '.join(found)}.")
    return texts


def _how_far(facts: DecisionFacts) -> list[str]:
    """Return how many texts are approved, and which are not."""
    texts = [_how_many(facts)]
    for state, words in _STATES.items():
        codes = [point.code for point in facts.points if point.state == state]
        if codes:
            texts.append(f"{sentence_case(words)}: {enumeration(codes)}.")
    return texts


def _how_many(facts: DecisionFacts) -> str:
    total = len(facts.points)
    approved = sum(point.state == EntryState.APPROVED for point in facts.points)
    if total == 0:
        return "Er zijn nog geen teksten."
    if total == 1:
        return f"De enige tekst is {'' if approved else 'nog niet '}goedgekeurd."
    if approved == 0:
        return f"Van de {total} teksten is nog geen enkele goedgekeurd."
    verb = "is" if approved == 1 else "zijn"
    return f"Van de {total} teksten {verb} er {approved} goedgekeurd."


def _handled(remarks: Sequence[HandledRemark], pages: Pages) -> list[Section]:
    if not remarks:
        return []
    rows = tuple(
        (
            _asked(each),
            linked(f"{sentence_case(each.handling)}. {each.answer}"),
            (Run(_place(each, pages)),),
        )
        for each in remarks
    )
    table = Table(
        id="opmerkingen-tabel",
        caption="Opmerkingen op de vorige versie",
        header=columns("Opmerking", "Wat ermee is gedaan", "Plaats"),
        rows=rows,
        widths=(36, 42, 22),
        # What a minister or an official thinks of a text is an opinion for use inside.
        visibility=Visibility.INTERNAL,
        ground=OPINIONS,
    )
    return [Section("opmerkingen", "Verwerking van opmerkingen", (table,))]


def _asked(remark: HandledRemark) -> tuple[Run, ...]:
    """Return the remark, after who made it and what it is about as far as that is known."""
    opening = sentence_case(", ".join(filter(None, (remark.who, remark.about))))
    return (Run(f"{opening}: ", strong=True), Run(remark.text)) if opening else (Run(remark.text),)


def _place(remark: HandledRemark, pages: Pages) -> str:
    """Return where the words stood and where they stand now."""
    now = pages.get(remark.kind, {}).get(remark.node_id)
    called = sentence_case(_CALLED[remark.kind])
    before = f"p.{NBSP}{remark.before}" if remark.before else ""
    which = f" (versie{NBSP}{remark.version})" if remark.version else ""
    # Of the note itself nobody knows the pages before it is made.
    if now is None and remark.kind == DocumentKind.DECISION_NOTE:
        return f"{called}, {before}{which}" if before else called
    if now is None:
        return f"{called}, stond op {before}{which}" if before else called
    if remark.before in (None, now):
        return f"{called}, p.{NBSP}{now}"
    return f"{called}, eerst {before}{which}, nu p.{NBSP}{now}"


def _decided_before(decisions: Sequence[TakenDecision]) -> list[Section]:
    """Return what was decided on earlier versions, with each condition and where it is met."""
    if not decisions:
        return []
    texts = [_decision(each) for each in decisions]
    points = replace(
        _points("besluiten-lijst", texts), visibility=Visibility.INTERNAL, ground=OPINIONS
    )
    return [Section("besluiten", "Eerdere besluiten", (points,))]


def _decision(each: TakenDecision) -> str:
    said = (
        f"{sentence_case(each.office)}, {dutch_date(each.day)}, over versie{NBSP}{each.version}: "
        f"{each.outcome}."
    )
    if not each.condition:
        return said
    ended = each.condition if each.condition[-1] in ".!?" else f"{each.condition}."
    if not each.has_condition:
        return f"{said} {ended}"
    met = f"Verwerkt in versie{NBSP}{each.met_in}." if each.met_in else "Nog niet verwerkt."
    return f"{said} Voorwaarde: {ended} {met}"


def _inside(report: YearReport, facts: DecisionFacts) -> tuple[Block, ...]:
    """Return what stays inside: notes of ministries, and why a text is missing."""
    blocks: list[Block] = []
    for point in facts.points:
        if point.note:
            blocks += _withheld(point, "notitie", f"Notitie bij {_title(point)}.", point.note)
        if point.reason:
            lead = f"Waarom {_title(point)} niet is aangeleverd."
            blocks += _withheld(point, "reden", lead, point.reason)
    if blocks:
        return tuple(blocks)
    nothing = NOTHING_INSIDE[0] if _is_reconstructed(report) else NOTHING_INSIDE[1]
    return (sentence("niet-openbaar-geen", nothing),)


def _title(point: Inside) -> str:
    ministry = f", {point.ministry.short}" if point.ministry else ""
    return f"{point.code} {point.title}{ministry}"


def _withheld(point: Inside, part: str, lead: str, text: str) -> Iterable[Paragraph]:
    """Return an internal text as it was typed: it has no markup, and its lines are its own."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        yield Paragraph(
            f"{part}-{point.code}-{number}",
            linked(line),
            lead if number == 1 else "",
            visibility=Visibility.INTERNAL,
            ground=OPINIONS,
        )


def _grounds(note: DecisionNote) -> tuple[Block, ...]:
    grounds = grounds_of(note)
    if not grounds:
        return ()
    return (
        Heading("gronden", (Run("Gronden voor weglaten"),)),
        sentence(
            "gronden-1",
            "Wat op grond van de Wet open overheid (Woo) niet openbaar is, is weggelaten. Tussen "
            "haken staat het artikel.",
        ),
        _points(
            "gronden-lijst",
            [f"{stand_in(each)}: {GROUNDS[each]}." for each in grounds],
        ),
    )


def _sentences(node_id: str, texts: Iterable[str]) -> tuple[Block, ...]:
    return tuple(
        sentence(f"{node_id}-{number}", text) for number, text in enumerate(texts, start=1)
    )


def _points(list_id: str, texts: Iterable[str]) -> ItemList:
    items = (
        Item(f"{list_id}-{number}", linked(text)) for number, text in enumerate(texts, start=1)
    )
    return ItemList(list_id, tuple(items))

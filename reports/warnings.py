"""What is not right yet in the documents of a round, each with where that is solved.

`warnings_of` reads all of it at once. What it then asks of documents and facts needs no database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from actions.choices import EntryState
from actions.citations import find_references
from actions.models import (
    Citation,
    EntryRemark,
    EntrySource,
    ParliamentaryDocument,
    ReportingRound,
    StatusEntry,
)
from reports import came_back, issuing, note_names, production
from reports.arrangement import Stored
from reports.builder import Route
from reports.came_back import MinistryAnswer
from reports.choices import Kind, Stage
from reports.document import Document, Item, Paragraph, nodes
from reports.models import Decision, EditionRemark, NameChoice
from reports.names import FoundName
from reports.passages import passages, plain
from reports.production import Reading
from reports.renderers.glyphs import printable
from reports.renderers.house_style import house_style

# So much running Dutch text fills a page of the letter: 54 lines of 70 characters, measured.
PAGE_CHARACTERS: Final = 3_800
# In words that say who is to do something: “concept” is also what the whole set is called.
_UNAPPROVED: Final = {
    EntryState.CONCEPT: gettext_lazy("%s: the ministry has not submitted its text yet."),
    EntryState.SUBMITTED: gettext_lazy("%s: the text waits to be approved."),
    EntryState.RETURNED: gettext_lazy("%s: the text was returned to the ministry."),
}
# How many of the first words name a paragraph.
_NAMED_BY: Final = 60


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that is not right yet, in a sentence; `href` is where it is solved."""

    code: str
    sentence: str
    href: str


@dataclass(frozen=True, slots=True)
class Text:
    """The text of an action point, as far as the documents ask for it."""

    entry: int
    code: str
    title: str
    in_plan: bool
    state: EntryState
    # Of the newest text; 0 when there is none.
    version: int
    # What it says of where parliament was told before; empty when it says nothing of it.
    informed: str
    open_remarks: int

    @property
    def name(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def is_approved(self) -> bool:
        return self.state == EntryState.APPROVED and bool(self.version)


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses at which things about the documents of one round are solved."""

    round: int

    def _page(self, rest: str) -> str:
        return f"{reverse('admin:index')}production/{self.round}/{rest}"

    def paragraph(self, kind: Kind, node_id: str = "") -> str:
        """Return where the editor of a document shows a paragraph."""
        return self._page(f"{kind}/{f'#{node_id}' if node_id else ''}")

    def entry(self, key: int) -> str:
        return reverse("admin:actions_statusentry_change", args=[key])

    def remarks_on(self, key: int) -> str:
        """Return where the remarks on a text stand."""
        return f"{self.entry(key)}#remarks-heading"

    def remark(self, key: int) -> str:
        return reverse("admin:production_remark", args=[self.round, key])

    def page(self, name: str) -> str:
        return reverse(f"admin:production_{name}", args=[self.round])

    def registered(self, document: int | None) -> str:
        """Return where a document of parliament is filled in; a round says which is its letter."""
        if document is None:
            return reverse("admin:actions_reportinground_change", args=[self.round])
        return reverse("admin:actions_parliamentarydocument_change", args=[document])


def warnings_of(each: ReportingRound, reading: Reading | None = None) -> list[Warning]:
    """Return what is not right yet in the documents of a round, in the order of the work on it."""
    stage = Stage.CONCEPT if each.opened_on else Stage.RECONSTRUCTION
    reading = reading or production.read(each, stage)
    links = Links(each.pk)
    documents = production.documents(reading, {})
    texts = _texts(each)
    signed = came_back.newest_letter(each)
    answers = came_back.answers_of(each, signed) if signed else []
    is_near = signed is not None and (
        signed.freeze.stage == Stage.FINAL or issuing.decisions_at_work(each).exists()
    )
    return [
        *unapproved(texts, links),
        *remarks_on_texts(texts, links),
        *remarks(issuing.open_remarks(each).select_related("version__edition__round"), links),
        *unmet(issuing.open_conditions(each).select_related("office"), links),
        *unsigned(each.letter, links),
        *unrouted(reading, links),
        *unnumbered(_without_number(each), texts, each, links),
        *unmentioned(documents[Kind.LETTER], texts, links),
        *outdated(reading.arranged, texts, links),
        *too_long(documents, links),
        *without_shape(documents, links, house_style().fonts),
        *unconfirmed(note_names.found_in(reading), _chosen(each), links),
        *not_agreed(answers, links, is_near=is_near),
    ]


# Of texts and what was said of them.


def unapproved(texts: Iterable[Text], links: Links) -> Iterator[Warning]:
    """Yield the texts of the plan that are neither approved nor marked as not supplied."""
    settled = (EntryState.APPROVED, EntryState.NOT_SUPPLIED, EntryState.RECONSTRUCTED)
    for text in texts:
        if text.in_plan and text.state not in settled:
            sentence = str(_UNAPPROVED[text.state]) % text.name
            yield Warning("unapproved", sentence, links.entry(text.entry))


def remarks_on_texts(texts: Iterable[Text], links: Links) -> Iterator[Warning]:
    """Yield the texts with a remark that the ministry did not answer yet."""
    for text in texts:
        if text.open_remarks:
            sentence = ngettext(
                "%(point)s has a remark that nobody answered yet.",
                "%(point)s has %(count)d remarks that nobody answered yet.",
                text.open_remarks,
            ) % {"point": text.name, "count": text.open_remarks}
            yield Warning("open_remark_on_text", sentence, links.remarks_on(text.entry))


def remarks(found: Iterable[EditionRemark], links: Links) -> Iterator[Warning]:
    """Yield the remarks from up the line that nobody handled yet."""
    for remark in found:
        sentence = _("A remark of %(who)s on the %(document)s is not handled yet: “%(words)s”") % {
            "who": remark.on_behalf_of,
            "document": Kind(remark.version.edition.kind).label,
            "words": _first_words(remark.text),
        }
        yield Warning("open_remark", sentence, links.remark(remark.pk))


def unmet(found: Iterable[Decision], links: Links) -> Iterator[Warning]:
    """Yield the conditions of decisions that no version met yet."""
    for decision in found:
        sentence = _("A condition of the decision of %(office)s is not met yet: “%(words)s”") % {
            "office": decision.office,
            "words": _first_words(decision.condition),
        }
        yield Warning("condition", sentence, links.page("decisions"))


def not_agreed(
    answers: Sequence[MinistryAnswer], links: Links, *, is_near: bool
) -> Iterator[Warning]:
    """Yield who does not agree with the letter, and who still has to say something of it.

    The last only once others answered or the final version is near: before that nobody was asked.
    """
    for answer in answers:
        if answer.disagrees and answer.last:
            sentence = _(
                "Does not agree with the letter (version %(version)s): %(who)s. “%(words)s”"
            )
            words = {
                "version": answer.version,
                "who": answer.name,
                "words": _first_words(answer.last.remark),
            }
            yield Warning("not_agreed", sentence % words, links.page("decisions"))
    silent = [answer.name for answer in answers if answer.is_asked and not answer.disagrees]
    if silent and (is_near or any(answer.last for answer in answers)):
        sentence = _("Did not sign off the newest version of the letter yet: %s.")
        yield Warning("not_signed_off", sentence % ", ".join(silent), links.page("decisions"))


# Of what stands around the texts.


def unsigned(letter: ParliamentaryDocument | None, links: Links) -> Iterator[Warning]:
    """Yield that the letter has no date, or nobody who signs it."""
    if letter is None:
        sentence = _("The letter is not registered yet, so it has no date and nobody signs it.")
        yield Warning("no_letter", sentence, links.registered(None))
        return
    if letter.date is None:
        yield Warning("no_date", _("The letter has no date yet."), links.registered(letter.pk))
    if letter.signatory_id is None:
        sentence = _("It is not known yet who signs the letter.")
        yield Warning("no_signatory", sentence, links.registered(letter.pk))


def unrouted(reading: Reading, links: Links) -> Iterator[Warning]:
    """Yield the lines in the head of the note that nobody filled in and nothing else gives."""
    route: Route = reading.route
    if not route.to and reading.year.facts.addressee is None:
        sentence = _("The head of the note does not say to whom it goes.")
        yield Warning("no_route", sentence, links.page("route"))
    if not route.sender:
        sentence = _("The head of the note does not say from whom it comes.")
        yield Warning("no_route", sentence, links.page("route"))


def unnumbered(
    documents: Iterable[ParliamentaryDocument],
    texts: Iterable[Text],
    each: ReportingRound,
    links: Links,
) -> Iterator[Warning]:
    """Yield references that name no number by which a reader finds the document.

    The numbers of parliament come after the letter; until then it goes by that of its sender.
    """
    for document in documents:
        if document.pk in (each.letter_id, each.report_id):
            if document.sender_reference:
                continue
            sentence = _("“%s” has no reference of the sender yet; parliament gives no number yet.")
            yield Warning("no_number", sentence % document.title, links.registered(document.pk))
            continue
        sentence = _("“%s” has no number yet.") % document.title
        yield Warning("no_number", sentence, links.registered(document.pk))
    for text in texts:
        if text.informed and not find_references(text.informed):
            sentence = _(
                "%(point)s says that parliament was told before, without a number: “%(words)s”"
            ) % {"point": text.name, "words": _first_words(text.informed)}
            yield Warning("no_number", sentence, links.entry(text.entry))


# Of the documents.


def unmentioned(letter: Document, texts: Iterable[Text], links: Links) -> Iterator[Warning]:
    """Yield the points of the plan with an approved text of which the letter says nothing."""
    spoken_of = {
        name.split("/")[0]
        for node in nodes(letter)
        if isinstance(node, Paragraph)
        for name in node.versions
    }
    for text in texts:
        if text.in_plan and text.is_approved and text.code not in spoken_of:
            sentence = _("The letter does not mention %s, which has an approved text.") % text.name
            yield Warning("unmentioned", sentence, links.paragraph(Kind.LETTER))


def outdated(
    arranged: Mapping[Kind, Sequence[Stored]], texts: Iterable[Text], links: Links
) -> Iterator[Warning]:
    """Yield the own texts that were written over a text of which a newer one is approved."""
    newest = {text.code: text for text in texts if text.is_approved}
    for kind, rows in arranged.items():
        for row in rows:
            if not row.own or row.left_out:
                continue
            for name in row.versions:
                code, _year, number = name.split("/")
                if code in newest and newest[code].version > int(number):
                    sentence = _(
                        "There is a newer text of %(point)s than your own text in the %(document)s "
                        "was written on: “%(words)s”"
                    ) % {
                        "point": newest[code].name,
                        "document": kind.label,
                        "words": _first_words(row.own),
                    }
                    yield Warning("outdated", sentence, links.paragraph(kind, row.node_id))


def too_long(documents: Mapping[Kind, Document], links: Links) -> Iterator[Warning]:
    """Yield the paragraphs that do not fit on a page of the letter."""
    for kind, document in documents.items():
        for node in nodes(document):
            if isinstance(node, Paragraph | Item) and len(plain(node.runs)) > PAGE_CHARACTERS:
                sentence = _("A paragraph in the %(document)s is longer than a page: “%(words)s”")
                words = {"document": kind.label, "words": _first_words(plain(node.runs))}
                yield Warning("too_long", sentence % words, links.paragraph(kind, node.id))


def without_shape(
    documents: Mapping[Kind, Document], links: Links, fonts: Sequence[Path] = ()
) -> Iterator[Warning]:
    """Yield the passages with a character that the fonts of a document cannot show."""
    for kind, document in documents.items():
        found = passages(document)
        letters = sorted({letter for passage in found for letter in passage.text})
        shapeless = {letter for letter in letters if printable(letter, *fonts) != letter}
        for passage in found if shapeless else ():
            if signs := [letter for letter in dict.fromkeys(passage.text) if letter in shapeless]:
                sentence = _(
                    "The fonts cannot show “%(signs)s” in the %(document)s; it prints as a name: "
                    "“%(words)s”"
                ) % {
                    "signs": "".join(signs),
                    "document": kind.label,
                    "words": _first_words(passage.text),
                }
                yield Warning("no_shape", sentence, links.paragraph(kind, passage.node_id))


def unconfirmed(
    found: Iterable[FoundName], chosen: Iterable[str], links: Links
) -> Iterator[Warning]:
    """Yield the names of people with an account of which nobody said what becomes of them."""
    known = {name.casefold() for name in chosen}
    for name in dict.fromkeys(each.literal for each in found):
        if name.casefold() not in known:
            sentence = _("“%s” in the decision note may be the name of somebody who works here.")
            yield Warning("name", sentence % name, links.page("names"))


def _first_words(text: str) -> str:
    if len(text) <= _NAMED_BY:
        return text
    return f"{text[:_NAMED_BY].rsplit(' ', 1)[0]} …"


# What is read.


def _texts(each: ReportingRound) -> list[Text]:
    """Return the texts of a round with how many remarks on each are open; 2 queries."""
    waiting: dict[int, int] = defaultdict(int)
    for entry in (
        EntryRemark.objects.open().filter(entry__round=each).values_list("entry", flat=True)
    ):
        waiting[entry] += 1
    entries = StatusEntry.objects.filter(round=each).select_related(
        "action_point", "latest_version"
    )
    return [
        _text(entry, waiting[entry.pk])
        for entry in entries.order_by("action_point__pillar", "action_point__code")
    ]


def _text(entry: StatusEntry, waiting: int) -> Text:
    version, point = entry.latest_version, entry.action_point
    return Text(
        entry=entry.pk,
        code=point.code,
        title=point.title_nl,
        in_plan=point.in_plan,
        state=EntryState(entry.state),
        version=version.number if version else 0,
        informed=version.informed_reference if version and version.informed_before else "",
        open_remarks=waiting,
    )


def _without_number(each: ReportingRound) -> list[ParliamentaryDocument]:
    """Return what the documents refer to and that has no number, nor is an annex to one that has.

    1 query.
    """
    texts = StatusEntry.objects.filter(round=each).values("latest_version")
    sources = EntrySource.objects.filter(version__in=texts).values("source")
    found = ParliamentaryDocument.objects.filter(
        Q(pk__in=[each.letter_id or 0, each.report_id or 0])
        | Q(pk__in=Citation.objects.filter(entry_version__in=texts).values("document"))
        | Q(sources__in=sources),
        publication_id=None,
        document_number=None,
    )
    found = found.select_related("annex_of").distinct().order_by("pk")
    return [document for document in found if not document.reference]


def _chosen(each: ReportingRound) -> list[str]:
    return list(NameChoice.objects.filter(round=each).values_list("name", flat=True))

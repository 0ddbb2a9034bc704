"""The letter, the annex report and the decision note as data: a tree that every renderer reads.

No Django, no queries, no markup. Every node has an id that is unique in its document and stays
the same when other parts change, so that a remark, a page number or a link can point at it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

from actions.richtext import Run

Json: TypeAlias = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


class DocumentKind(StrEnum):
    """What can be made of one year; the word stands in commands and addresses."""

    LETTER = "letter"
    ANNEX = "annex"
    DECISION_NOTE = "decision-note"


class Standing(StrEnum):
    """What a document is worth; every page says so unless it is final."""

    CONCEPT = "concept"
    RECONSTRUCTED = "reconstructed"
    FINAL = "final"


class Visibility(StrEnum):
    """Who may read a node."""

    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document, by an id of its own.

    What is internal names the ground of the Woo on which it is withheld; so does the public node
    that `reports.redaction.redact` puts in its place.
    """

    id: str
    visibility: Visibility = field(default=Visibility.PUBLIC, kw_only=True)
    ground: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if self.is_internal and not self.ground:
            raise ValueError(f"{self.id}: what is withheld names the ground for it")

    @property
    def is_internal(self) -> bool:
        return self.visibility == Visibility.INTERNAL


@dataclass(frozen=True, slots=True)
class Paragraph(Node):
    """Text; `lead` opens it in bold, as headings run into the text of a letter.

    `versions` are the texts of ministries that it was made of, each as `1.a/2025/3`: the action
    point, the year and the number of the version.
    """

    runs: tuple[Run, ...]
    lead: str = ""
    versions: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Heading(Node):
    """A heading within a section, below the section's own; level counts from there."""

    runs: tuple[Run, ...]
    level: int = 1


@dataclass(frozen=True, slots=True)
class Item(Node):
    """One point of a list; `blocks` are the lists under it, and text that follows one of those.

    A Paragraph in a point is rendered as bare text: PDF/UA refuses a paragraph element there.
    """

    runs: tuple[Run, ...]
    blocks: tuple[Paragraph | ItemList, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemList(Node):
    """Bullets, or numbers counted from `start`."""

    items: tuple[Item, ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Table(Node):
    """Rows as wide as the header; the first cell of a row names it.

    `widths` are percentages that add up to 100; `numeric` columns align on the right.
    """

    caption: str
    header: tuple[tuple[Run, ...], ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    widths: tuple[int, ...]
    numeric: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        if sum(self.widths) != 100 or len(self.widths) != len(self.header):
            raise ValueError(f"table {self.id}: one width per column, 100 in all")
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError(f"table {self.id}: every row is as wide as the header")


@dataclass(frozen=True, slots=True)
class Facts(Node):
    """Names with what belongs to them, such as who answers and by when."""

    rows: tuple[tuple[str, tuple[Run, ...]], ...]


@dataclass(frozen=True, slots=True)
class Note(Node):
    """A framed remark about the document itself, such as that it is a reconstruction."""

    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """What one colour of a chart counts: a number for each bar."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart(Node):
    """Lying bars, each named by `bars` and built of what the series count in it.

    `alternative` says in words what the picture shows; a table with the same numbers stands
    beside it.
    """

    caption: str
    alternative: str
    bars: tuple[str, ...]
    series: tuple[Series, ...]

    def __post_init__(self) -> None:
        Node.__post_init__(self)
        if not self.alternative:
            raise ValueError(f"chart {self.id}: say in words what it shows")
        if any(len(each.values) != len(self.bars) for each in self.series):
            raise ValueError(f"chart {self.id}: every series has a number for each bar")


Block: TypeAlias = Paragraph | Heading | ItemList | Table | Facts | Note | Chart


@dataclass(frozen=True, slots=True)
class Section(Node):
    """A titled part; `sections` are the parts within it."""

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Footnote(Node):
    """What stands at the foot of the page where a Run has this id as its `note`."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A line of the reference column: a bold heading with what it names."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who sends the letter, from where, to whom."""

    sender: str
    return_address: str
    addressee: tuple[str, ...]
    references: tuple[Reference, ...]
    continuation: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature(Node):
    """The office and the name under a letter; `mark` stands where the signature would."""

    office: str
    person: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """What every page says of a document that is not the final one, with a link when there is."""

    text: str
    link_text: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """The yearly letter to parliament."""

    title: str
    language: str
    year: int
    standing: Standing
    dated: date | None
    date_line: str
    banner: Banner | None
    letterhead: Letterhead
    subject: str
    salutation: str
    opening: tuple[Block, ...]
    sections: tuple[Section, ...]
    closing: tuple[Block, ...]
    signatures: tuple[Signature, ...]
    colophon: tuple[Block, ...] = ()
    footnotes: tuple[Footnote, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnexReport:
    """The report beside the letter, with a block per action point."""

    title: str
    subtitle: str
    language: str
    year: int
    standing: Standing
    dated: date | None
    date_line: str
    banner: Banner | None
    sender: str
    opening: tuple[Block, ...]
    sections: tuple[Section, ...]
    colophon: tuple[Block, ...] = ()
    footnotes: tuple[Footnote, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionNote:
    """What is put to the minister with the letter; `head` says from whom, to whom, by when.

    `is_public` once all that is internal was taken out of it.
    """

    title: str
    language: str
    year: int
    standing: Standing
    dated: date | None
    date_line: str
    banner: Banner | None
    sender: str
    references: tuple[Reference, ...]
    subject: str
    head: Facts
    sections: tuple[Section, ...]
    opening: tuple[Block, ...] = ()
    colophon: tuple[Block, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    is_public: bool = False


Document: TypeAlias = Letter | AnnexReport | DecisionNote

_KINDS: Final[dict[str, type]] = {
    each.__name__: each
    for each in (
        *(Run, Paragraph, Heading, Item, ItemList, Table, Facts, Note, Series, Chart, Section),
        *(Footnote, Reference, Letterhead, Signature, Banner),
        *(Letter, AnnexReport, DecisionNote),
    )
}


def nodes(document: Document) -> Iterator[Node]:
    """Yield every node of a document in reading order, its footnotes last."""
    if isinstance(document, DecisionNote):
        yield document.head
    yield from _within(document.opening)
    for section in document.sections:
        yield from _section_nodes(section)
    if isinstance(document, Letter):
        yield from _within(document.closing)
        yield from document.signatures
    yield from _within(document.colophon)
    yield from document.footnotes


def _section_nodes(section: Section) -> Iterator[Node]:
    yield section
    yield from _within(section.blocks)
    for each in section.sections:
        yield from _section_nodes(each)


def _within(blocks: Sequence[Block]) -> Iterator[Node]:
    for block in blocks:
        yield block
        if isinstance(block, ItemList):
            yield from _items(block)
        elif isinstance(block, Note):
            yield from block.paragraphs


def _items(each: ItemList) -> Iterator[Node]:
    for item in each.items:
        yield item
        for block in item.blocks:
            yield block
            if isinstance(block, ItemList):
                yield from _items(block)


def to_dict(document: Document) -> dict[str, Json]:
    """Return the document as what JSON can hold; `from_dict` gives it back unchanged."""
    stored = _stored(document)
    if not isinstance(stored, dict):
        raise TypeError("a document is stored as an object")
    return stored


def from_dict(data: Mapping[str, Json]) -> Document:
    """Return the document that `to_dict` stored; raises ValueError for anything else."""
    document = _restored(data)
    if not isinstance(document, Letter | AnnexReport | DecisionNote):
        raise ValueError("the data holds no document")
    return document


def to_text(document: Document) -> str:
    """Return the document as text, the same for the same document; `from_text` gives it back."""
    data = to_dict(document)
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> Document:
    """Return the document that `to_text` wrote; raises ValueError for anything else."""
    return from_dict(json.loads(text))


def _stored(value: object) -> Json:
    if isinstance(value, date):
        return {"kind": "date", "value": value.isoformat()}
    if isinstance(value, tuple):
        return [_stored(each) for each in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    kind = type(value).__name__
    if kind not in _KINDS:
        raise TypeError(f"{kind} is not part of a document")
    stored: dict[str, Json] = {"kind": kind}
    for each in fields(_KINDS[kind]):
        stored[each.name] = _stored(getattr(value, each.name))
    return stored


def _restored(value: Json) -> object:
    if isinstance(value, Mapping):
        return _restored_node(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_restored(each) for each in value)
    return value


def _restored_node(value: Mapping[str, Json]) -> object:
    kind = value.get("kind")
    if kind == "date":
        return date.fromisoformat(str(value["value"]))
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"{kind!r} is not part of a document")
    values = {name: _restored(each) for name, each in value.items() if name != "kind"}
    for name, words in (("standing", Standing), ("visibility", Visibility)):
        if name in values:
            values[name] = words(str(values[name]))
    try:
        node: object = _KINDS[kind](**values)
    except TypeError as error:
        raise ValueError(f"{kind} is stored with other fields") from error
    return node

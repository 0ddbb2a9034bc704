"""Document in, pandoc's own tree out: no text of it is ever read as markup.

Word and OpenDocument files are both made of this tree. The names of our own styles are those in
`word/styles.xml` and `opendocument/styles.xml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from actions.richtext import LINE_BREAK, Run
from reports.document import (
    AnnexReport,
    Block,
    Chart,
    DecisionNote,
    Document,
    Facts,
    Footnote,
    Heading,
    Item,
    ItemList,
    Letter,
    Note,
    Paragraph,
    Reference,
    Section,
    Signature,
    Table,
)
from reports.document import Node as Part
from reports.redaction import GROUNDS, stand_in

# A node of pandoc's tree: a mapping with `t`, what it is, and `c`, what it holds.
Json: TypeAlias = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Node: TypeAlias = Mapping[str, Json]

_STAND_INS: Final = frozenset(stand_in(each) for each in GROUNDS)
_DEEPEST: Final = 6
# The place of the logo, which leaves white what it does not fill.
_LOGO: Final = [["width", "60mm"], ["height", "22mm"]]
# How much of the width the names take in a table of facts.
_NAMES: Final = 0.3


def pandoc_tree(
    document: Document, pictures: Mapping[str, str], width: int, logo: str = ""
) -> list[Json]:
    """Return the whole document, in reading order.

    `pictures` holds the address of the picture of each chart, by the id of the chart; they are
    as wide as the text, which is `width` millimetres. `logo` is the address of the picture that
    stands for the name of the sender.
    """
    return _Writer(document, pictures, width, logo).blocks()


class _Writer:
    """One pass over the tree of one document."""

    def __init__(
        self, document: Document, pictures: Mapping[str, str], width: int, logo: str
    ) -> None:
        self.document = document
        self.pictures = pictures
        self.width = width
        self.logo = logo
        self.notes = {
            note.id: (number, note) for number, note in enumerate(document.footnotes, start=1)
        }
        self.called: set[str] = set()

    def blocks(self) -> list[Json]:
        document = self.document
        return [
            *self._top(document),
            *(_contents(document.sections) if isinstance(document, AnnexReport) else ()),
            *self._all(document.opening, 1),
            *(each for section in document.sections for each in self._section(section, 1)),
            *(self._end(document) if isinstance(document, Letter) else ()),
            *self._colophon(document.colophon),
        ]

    def _top(self, document: Document) -> list[Json]:
        match document:
            case Letter():
                return self._letter_top(document)
            case AnnexReport():
                return self._cover(document)
            case DecisionNote():
                return self._note_top(document)

    def _cover(self, report: AnnexReport) -> list[Json]:
        return [
            self._sender(report.sender),
            _styled("Title", [_text(report.title)]),
            _styled("Subtitle", [_text(report.subtitle)]),
            _styled("Date", [_text(report.date_line)]),
            *self._banner(),
        ]

    def _letter_top(self, letter: Letter) -> list[Json]:
        head = letter.letterhead
        return [
            self._sender(head.sender),
            *map(_reference, head.references),
            _styled("Return", [_text(f"> {head.return_address}")]),
            _styled("Addressee", _lines(head.addressee)),
            _styled("Meta", [_text("Datum"), *_TAB, _text(letter.date_line)]),
            _styled("Title", [_text("Betreft"), *_TAB, _text(letter.subject)]),
            *self._banner(),
            _styled("Salutation", [_text(letter.salutation)]),
        ]

    def _note_top(self, note: DecisionNote) -> list[Json]:
        return [
            self._sender(note.sender),
            _styled("Reference", [_strong("Ter beslissing")]),
            *map(_reference, note.references),
            _styled("Kind", [_text("Nota")]),
            _styled("Title", [_text(note.subject)]),
            *self._banner(),
            *self._block(note.head, 1),
        ]

    def _sender(self, name: str) -> Node:
        # In the text and not in the header of the page, which a screen reader passes by.
        return _styled("Sender", [_picture(name, self.logo, _LOGO) if self.logo else _text(name)])

    def _end(self, letter: Letter) -> list[Json]:
        """Return how the letter closes; a signature never stands alone on a page."""
        return [
            *self._all(letter.closing[:-1], 1),
            _div("Closing", self._all(letter.closing[-1:], 1)),
            *map(_signature, letter.signatures),
        ]

    def _colophon(self, blocks: Sequence[Block]) -> list[Json]:
        return [_div("Colophon", self._all(blocks, 1))] if blocks else []

    def _banner(self) -> list[Json]:
        banner = self.document.banner
        if banner is None:
            return []
        runs: list[Json] = [_strong(banner.text)]
        if banner.href:
            runs += [_text(" "), _link(banner.href, [_text(banner.link_text)])]
        return [_styled("Remark", runs)]

    def _section(self, section: Section, level: int) -> list[Json]:
        return [
            _header(level, section.id, [_told(section.title)]),
            *_mark(section),
            *self._all(section.blocks, level + 1),
            *(each for inner in section.sections for each in self._section(inner, level + 1)),
        ]

    def _all(self, blocks: Iterable[Block], level: int) -> list[Json]:
        return [each for block in blocks for each in self._block(block, level)]

    def _block(self, block: Block, level: int) -> list[Json]:
        return [*_mark(block), *self._unmarked(block, level)]

    def _unmarked(self, block: Block, level: int) -> list[Json]:
        match block:
            case Paragraph():
                return [_para(self._opened(block))]
            case Heading():
                return [_header(level + block.level - 1, block.id, self._runs(block.runs))]
            case ItemList():
                return [self._list(block)]
            case Table():
                return [self._table(block)]
            case Facts():
                return [self._facts(block)]
            case Note():
                return [
                    _styled("Remark", [*_spoken(each), *self._opened(each)])
                    for each in block.paragraphs
                ]
            case Chart():
                return self._chart(block)

    def _opened(self, paragraph: Paragraph) -> list[Json]:
        """Return the runs of a paragraph behind the bold words that open it."""
        runs = self._runs(paragraph.runs)
        return [_strong(paragraph.lead), _text(" "), *runs] if paragraph.lead else runs

    def _list(self, each: ItemList) -> Node:
        items: list[Json] = [self._item(item) for item in each.items]
        if each.ordered:
            numbering: Json = [each.start, {"t": "Decimal"}, {"t": "Period"}]
            return {"t": "OrderedList", "c": [numbering, items]}
        return {"t": "BulletList", "c": items}

    def _item(self, item: Item) -> list[Json]:
        nodes: list[Json] = [{"t": "Plain", "c": [*_spoken(item), *self._runs(item.runs)]}]
        for block in item.blocks:
            if isinstance(block, ItemList):
                nodes.append(self._list(block))
            else:
                nodes.append({"t": "Plain", "c": [*_spoken(block), *self._opened(block)]})
        return nodes

    def _table(self, table: Table) -> Node:
        columns = [
            _column(width / 100, right=number in table.numeric)
            for number, width in enumerate(table.widths)
        ]
        caption: list[Json] = [{"t": "Plain", "c": [_text(table.caption)]}] if table.caption else []
        header = _row([self._runs(cell) for cell in table.header])
        rows = [_row([self._runs(cell) for cell in row]) for row in table.rows]
        return _grid(_named(table.id), caption, columns, [header], rows)

    def _facts(self, facts: Facts) -> Node:
        """Return a table without a header: each row has its name in front."""
        rows = [
            _row([[{"t": "Strong", "c": [_told(name)]}], self._runs(runs)])
            for name, runs in facts.rows
        ]
        columns = [_column(_NAMES), _column(1 - _NAMES)]
        return _grid(_named(facts.id, "Facts"), [], columns, [], rows)

    def _chart(self, chart: Chart) -> list[Json]:
        size = [["width", f"{self.width}mm"]]
        picture = _picture(chart.alternative, self.pictures[chart.id], size)
        return [
            _styled("ChartCaption", [_text(chart.caption)], chart.id),
            _styled("Chart", [picture]),
        ]

    def _runs(self, runs: Sequence[Run]) -> list[Json]:
        return [self._run(run) for run in runs]

    def _run(self, run: Run) -> Node:
        if run.note:
            return self._call(*self.notes[run.note])
        if run == LINE_BREAK:
            return {"t": "LineBreak"}
        node = _told(run.text)
        if run.emphasis:
            node = {"t": "Emph", "c": [node]}
        if run.strong:
            node = {"t": "Strong", "c": [node]}
        return _link(run.href, [node]) if run.href else node

    def _call(self, number: int, note: Footnote) -> Node:
        """Return a note where it is called first, and after that its number, which leads to it."""
        if note.id in self.called:
            return _raw(_CALLED_AGAIN, number)
        self.called.add(note.id)
        body: Node = {"t": "Note", "c": [_para([*_spoken(note), *self._runs(note.runs)])]}
        return _together([_raw(_CALLED_FROM, number), body, _raw(_CALLED_TO, number)])


def _picture(alternative: str, address: str, size: Json) -> Node:
    return {"t": "Image", "c": [["", [], size], [_text(alternative)], [address, ""]]}


def _mark(part: Part) -> list[Json]:
    """Return the line above what is not public, with the ground for it."""
    return [_styled("NotPublic", [_text(_not_public(part))])] if part.is_internal else []


def _spoken(part: Part) -> list[Json]:
    """Return the same words where a line of their own does not fit."""
    return [_span("NotPublicWords", [_text(f"{_not_public(part)}. ")])] if part.is_internal else []


def _not_public(part: Part) -> str:
    return f"Niet openbaar, grond {part.ground}"


def _told(text: str) -> Node:
    """Return words, on grey where they stand in place of what was withheld."""
    return _span("Withheld", [_text(text)]) if text in _STAND_INS else _text(text)


def _contents(sections: Iterable[Section]) -> list[Json]:
    """Return the parts as links; each format adds the page numbers in its own way."""
    entries: list[Json] = [_styled("ContentsTitle", [_text("Inhoud")])]
    for section in sections:
        entries.append(_entry("ContentsPart", section))
        entries += [_entry("ContentsPoint", inner) for inner in section.sections]
    return entries


def _entry(style: str, section: Section) -> Node:
    return _styled(style, [_link(f"#{section.id}", [_text(section.title)])])


def _reference(each: Reference) -> Node:
    lines = [line for text in each.lines for line in ({"t": "LineBreak"}, _text(text))]
    return _styled("Reference", [_strong(each.heading), *lines])


def _signature(each: Signature) -> Node:
    """Return the office and the name, with room between them to sign."""
    lines = [each.office, *(["", each.mark, ""] if each.mark else ["", "", "", ""]), each.person]
    return _styled("Signature", _lines(lines), each.id)


# pandoc has no word for a tab; each format takes the one that is its own.
_TAB: Final[tuple[Node, ...]] = (
    {"t": "RawInline", "c": ["openxml", "<w:r><w:tab/></w:r>"]},
    {"t": "RawInline", "c": ["opendocument", "<text:tab/>"]},
)


# What a later call leads to: Word wants a bookmark around the first one, and OpenDocument the name
# that pandoc gives to the note, counted from 0.
_CALLED_FROM: Final = {
    "openxml": '<w:bookmarkStart w:id="{bookmark}" w:name="_Noot{number}"/>',
}
_CALLED_TO: Final = {"openxml": '<w:bookmarkEnd w:id="{bookmark}"/>'}
_NUMBER_STYLE: Final = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
_CALLED_AGAIN: Final = {
    "openxml": (
        f'<w:r>{_NUMBER_STYLE}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{_NUMBER_STYLE}<w:instrText xml:space="preserve"> NOTEREF _Noot{{number}} \\f \\h '
        f'</w:instrText></w:r><w:r>{_NUMBER_STYLE}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"<w:r>{_NUMBER_STYLE}<w:t>{{number}}</w:t></w:r>"
        f'<w:r>{_NUMBER_STYLE}<w:fldChar w:fldCharType="end"/></w:r>'
    ),
    "opendocument": (
        '<text:span text:style-name="Footnote_20_anchor"><text:note-ref'
        ' text:note-class="footnote" text:reference-format="text"'
        ' text:ref-name="ftn{before}">{number}</text:note-ref></text:span>'
    ),
}
# Above the numbers that pandoc gives to its own bookmarks.
_BOOKMARKS: Final = 1_000_000


def _raw(by_format: Mapping[str, str], number: int) -> Node:
    """Return what pandoc has no word for, in the words of each format, about one note."""
    places = {"number": number, "before": number - 1, "bookmark": _BOOKMARKS + number}
    return _together(
        [{"t": "RawInline", "c": [to, words.format(**places)]} for to, words in by_format.items()]
    )


def _together(runs: Sequence[Json]) -> Node:
    return {"t": "Span", "c": [_named(), runs]}


def _para(runs: Sequence[Json]) -> Node:
    return {"t": "Para", "c": runs}


def _styled(style: str, runs: Sequence[Json], node_id: str = "") -> Node:
    """Return a paragraph in one of our own styles."""
    return _div(style, [_para(runs)], node_id)


def _div(style: str, blocks: Sequence[Json], node_id: str = "") -> Node:
    return {"t": "Div", "c": [_named(node_id, style), blocks]}


def _span(style: str, runs: Sequence[Json]) -> Node:
    return {"t": "Span", "c": [_named("", style), runs]}


def _header(level: int, node_id: str, runs: Sequence[Json]) -> Node:
    return {"t": "Header", "c": [min(level, _DEEPEST), _named(node_id), runs]}


def _grid(
    named: Json, caption: list[Json], columns: list[Json], header: list[Json], rows: list[Json]
) -> Node:
    # The first cell of a row names it.
    body: Json = [[_named(), 1, [], rows]]
    return {
        "t": "Table",
        "c": [named, [None, caption], columns, [_named(), header], body, [_named(), []]],
    }


def _column(width: float, *, right: bool = False) -> Json:
    return [{"t": "AlignRight" if right else "AlignDefault"}, {"t": "ColWidth", "c": width}]


def _row(cells: Iterable[Sequence[Json]]) -> Json:
    return [
        _named(),
        [[_named(), {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": runs}]] for runs in cells],
    ]


def _named(node_id: str = "", style: str = "") -> Json:
    return [node_id, [], [["custom-style", style]] if style else []]


def _lines(lines: Iterable[str]) -> list[Json]:
    """Return texts with a line break between each two."""
    nodes: list[Json] = []
    for line in lines:
        nodes += [{"t": "LineBreak"}, _text(line)] if nodes else [_text(line)]
    return nodes


def _text(text: str) -> Node:
    return {"t": "Str", "c": plain(text)}


def _strong(text: str) -> Node:
    return {"t": "Strong", "c": [_text(text)]}


def _link(href: str, runs: Sequence[Json]) -> Node:
    return {"t": "Link", "c": [_named(), runs, [href, ""]]}


def plain(text: str) -> str:
    """Return the text without what no XML file can hold."""
    return "".join(each for each in text if each in "\t\n\r" or _is_allowed(ord(each)))


def _is_allowed(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000

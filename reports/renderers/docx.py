"""Document in, Word file out: real headings, footnotes and table headers, in Dutch, on A4.

pandoc writes the file, as a process of its own that may read nothing but what it is given. The
tree goes in as pandoc's own tree, so that no text is ever read as markup. Styles, page, header
and footer are the XML files in `word/`.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from html import escape
from pathlib import Path
from typing import Final, TypeAlias

import pypandoc

from actions.richtext import LINE_BREAK, Run
from reports.document import (
    AnnexReport,
    Block,
    Document,
    Facts,
    Footnote,
    Heading,
    Item,
    ItemList,
    Letter,
    Note,
    Paragraph,
    Section,
    Signature,
    Table,
)
from reports.renderers.rendered import Rendered

# A letter takes half a second; what takes a minute is stuck.
_SECONDS: Final = 60
# Enough for a report of hundreds of pages, and a bound for a text that was made to take more.
_MEMORY: Final = "-M1g"
_API: Final = [1, 23, 1]
_LANGUAGES: Final = {"nl": "nl-NL", "en": "en-GB"}
_WORD: Final = Path(__file__).parent / "word"
# What each file of the reference document is called within it.
_PARTS: Final = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package_relations.xml",
    "word/_rels/document.xml.rels": "document_relations.xml",
    "word/document.xml": "document.xml",
    "word/styles.xml": "styles.xml",
    "word/header1.xml": "header1.xml",
    "word/footer1.xml": "footer1.xml",
}
# pandoc takes these from its own reference document, whatever ours says.
_OURS: Final = {
    "docProps/app.xml": "app.xml",
    "docProps/core.xml": "core.xml",
    "word/settings.xml": "settings.xml",
}
# The start of a row, with or without properties; a row stays whole at the end of a page.
_ROW: Final = re.compile(rb"<w:tr>\s*(<w:trPr>)?")
# The earliest moment a zip file can hold; every file in ours is of that moment.
_ZIP_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_NO_DATE: Final = date(1980, 1, 1)
_DEEPEST: Final = 6

# A node of pandoc's tree: a mapping with `t`, what it is, and `c`, what it holds.
Json: TypeAlias = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Node: TypeAlias = Mapping[str, Json]


class NotRendered(Exception):
    """pandoc refused the document, took too long, or is not there."""


def render_docx(document: Document) -> Rendered:
    """Return the Word file; the same tree gives the same bytes. Pages are Word's own affair."""
    tree = {
        "pandoc-api-version": _API,
        "meta": {"lang": {"t": "MetaString", "c": _language(document)}},
        "blocks": _Writer(document).blocks(),
    }
    return Rendered(_finished(_converted(json.dumps(tree), document), document), {})


def _converted(tree: str, document: Document) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / "reference.docx"
        reference.write_bytes(_reference())
        command = [
            *(pypandoc.get_pandoc_path(), "+RTS", _MEMORY, "-RTS", "--sandbox"),
            *("--from=json", "--to=docx", f"--reference-doc={reference}", "--output=-"),
        ]
        # Nothing of our own surroundings, which hold the key of the application.
        around = {"SOURCE_DATE_EPOCH": str(int(_moment(document).timestamp())), "HOME": folder}
        try:
            done = subprocess.run(  # noqa: S603  our own program, and no shell
                command,
                input=tree.encode(),
                capture_output=True,
                cwd=folder,
                env=around,
                timeout=_SECONDS,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            raise NotRendered(error.stderr.decode(errors="replace")) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotRendered(str(error)) from error
    return done.stdout


@cache
def _reference() -> bytes:
    """Return the document from which pandoc takes styles, page, header and footer."""
    return _zipped((name, (_WORD / file).read_bytes()) for name, file in _PARTS.items())


def _finished(content: bytes, document: Document) -> bytes:
    """Fill in what stands on every page and in the properties of the file."""
    words = {
        "title": document.title,
        "sender": _sender(document),
        "banner": document.banner.text if document.banner else "",
        "language": _language(document),
        "dated": f"{_moment(document):%Y-%m-%dT%H:%M:%SZ}",
    }
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    parts |= {name: (_WORD / file).read_bytes() for name, file in _OURS.items()}
    parts["word/document.xml"] = _ROW.sub(_kept_whole, parts["word/document.xml"])
    for name in ("docProps/core.xml", "word/header1.xml", "word/footer1.xml"):
        text = parts[name].decode()
        for place, word in words.items():
            text = text.replace(f"{{{{{place}}}}}", escape(_plain(word)))
        parts[name] = text.encode()
    return _zipped(parts.items())


def _kept_whole(row: re.Match[bytes]) -> bytes:
    return b"<w:tr><w:trPr><w:cantSplit/>" + (b"" if row[1] else b"</w:trPr>")


def _zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name, _ZIP_MOMENT), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _moment(document: Document) -> datetime:
    """Return the date that the document bears, never that of today."""
    return datetime.combine(document.dated or _NO_DATE, time(), UTC)


def _language(document: Document) -> str:
    return _LANGUAGES.get(document.language, document.language)


def _sender(document: Document) -> str:
    return document.letterhead.sender if isinstance(document, Letter) else document.sender


class _Writer:
    """One pass over the tree of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.notes = {note.id: note for note in document.footnotes}

    def blocks(self) -> list[Json]:
        """Return the whole document, in reading order."""
        document = self.document
        return [
            *(self._letter_top(document) if isinstance(document, Letter) else ()),
            *(self._cover(document) if isinstance(document, AnnexReport) else ()),
            *self._all(document.opening, 1),
            *(_contents(document.sections) if isinstance(document, AnnexReport) else ()),
            *(each for section in document.sections for each in self._section(section, 1)),
            *(self._letter_end(document) if isinstance(document, Letter) else ()),
            *self._all(document.colophon, 1),
        ]

    def _cover(self, report: AnnexReport) -> list[Json]:
        return [
            _styled("Title", [_text(report.title)]),
            _styled("Subtitle", [_text(report.subtitle)]),
            _styled("Subtitle", [_text(report.sender)]),
            _styled("Date", [_text(report.date_line)]),
            *self._banner(),
        ]

    def _letter_top(self, letter: Letter) -> list[Json]:
        head = letter.letterhead
        return [
            _styled("Subtitle", [_text(head.sender)]),
            _styled("Date", [_text(head.return_address)]),
            *self._banner(),
            _para(_lines(head.addressee)),
            *(
                _styled("Facts", [_strong(each.heading), _TAB, *_lines(each.lines)])
                for each in head.references
            ),
            _styled("Facts", [_strong("Datum"), _TAB, _text(letter.date_line)]),
            _styled("Title", [_text(letter.subject)]),
            _para([_text(letter.salutation)]),
        ]

    def _letter_end(self, letter: Letter) -> list[Json]:
        return [*self._all(letter.closing, 1), *map(_signature, letter.signatures)]

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
            _header(level, section.id, [_text(section.title)]),
            *self._all(section.blocks, level + 1),
            *(each for inner in section.sections for each in self._section(inner, level + 1)),
        ]

    def _all(self, blocks: Iterable[Block], level: int) -> list[Json]:
        return [each for block in blocks for each in self._block(block, level)]

    def _block(self, block: Block, level: int) -> list[Json]:
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
                return [
                    _styled("Facts", [_strong(name), _TAB, *self._runs(runs)])
                    for name, runs in block.rows
                ]
            case Note():
                return [_styled("Remark", self._opened(each)) for each in block.paragraphs]

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
        nodes: list[Json] = [{"t": "Plain", "c": self._runs(item.runs)}]
        for block in item.blocks:
            if isinstance(block, ItemList):
                nodes.append(self._list(block))
            else:
                nodes.append({"t": "Plain", "c": self._opened(block)})
        return nodes

    def _table(self, table: Table) -> Node:
        columns: list[Json] = [
            [
                {"t": "AlignRight" if number in table.numeric else "AlignDefault"},
                {"t": "ColWidth", "c": width / 100},
            ]
            for number, width in enumerate(table.widths)
        ]
        caption: list[Json] = [{"t": "Plain", "c": [_text(table.caption)]}] if table.caption else []
        header = _row([[_text(title)] for title in table.header])
        rows: list[Json] = [_row([self._runs(cell) for cell in row]) for row in table.rows]
        return {
            "t": "Table",
            "c": [
                _named(table.id),
                [None, caption],
                columns,
                [_named(), [header]],
                # The first cell of a row names it.
                [[_named(), 1, [], rows]],
                [_named(), []],
            ],
        }

    def _runs(self, runs: Sequence[Run]) -> list[Json]:
        return [self._run(run) for run in runs]

    def _run(self, run: Run) -> Node:
        if run.note:
            return self._note(self.notes[run.note])
        if run == LINE_BREAK:
            return {"t": "LineBreak"}
        node = _text(run.text)
        if run.emphasis:
            node = {"t": "Emph", "c": [node]}
        if run.strong:
            node = {"t": "Strong", "c": [node]}
        return _link(run.href, [node]) if run.href else node

    def _note(self, note: Footnote) -> Node:
        return {"t": "Note", "c": [_para(self._runs(note.runs))]}


def _contents(sections: Iterable[Section]) -> list[Json]:
    """Return the parts as links; page numbers would make Word ask to work them out."""
    entries: list[Json] = []
    for section in sections:
        entries.append(_styled("Compact", [_link(f"#{section.id}", [_text(section.title)])]))
        if section.sections:
            inner: list[Json] = [
                [{"t": "Plain", "c": [_link(f"#{each.id}", [_text(each.title)])]}]
                for each in section.sections
            ]
            entries.append({"t": "BulletList", "c": inner})
    return [_header(1, "inhoud", [_text("Inhoud")]), *entries]


def _signature(each: Signature) -> Node:
    lines = [line for line in (each.office, each.mark, each.person) if line]
    return _styled("Signature", _lines(lines), each.id)


# pandoc has no word for the tab between a name and what belongs to it.
_TAB: Final[Node] = {"t": "RawInline", "c": ["openxml", "<w:r><w:tab/></w:r>"]}


def _para(runs: Sequence[Json]) -> Node:
    return {"t": "Para", "c": runs}


def _styled(style: str, runs: Sequence[Json], node_id: str = "") -> Node:
    """Return a paragraph in one of our own styles."""
    attributes: Json = [node_id, [], [["custom-style", style]]]
    return {"t": "Div", "c": [attributes, [_para(runs)]]}


def _header(level: int, node_id: str, runs: Sequence[Json]) -> Node:
    return {"t": "Header", "c": [min(level, _DEEPEST), _named(node_id), runs]}


def _row(cells: Iterable[Sequence[Json]]) -> Json:
    return [
        _named(),
        [[_named(), {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": runs}]] for runs in cells],
    ]


def _named(node_id: str = "") -> Json:
    return [node_id, [], []]


def _lines(lines: Iterable[str]) -> list[Json]:
    """Return texts with a line break between each two."""
    nodes: list[Json] = []
    for line in lines:
        nodes += [{"t": "LineBreak"}, _text(line)] if nodes else [_text(line)]
    return nodes


def _text(text: str) -> Node:
    return {"t": "Str", "c": _plain(text)}


def _strong(text: str) -> Node:
    return {"t": "Strong", "c": [_text(text)]}


def _link(href: str, runs: Sequence[Json]) -> Node:
    return {"t": "Link", "c": [_named(), runs, [href, ""]]}


def _plain(text: str) -> str:
    """Return the text without what no XML file can hold."""
    return "".join(each for each in text if each in "\t\n\r" or _is_allowed(ord(each)))


def _is_allowed(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000

"""Document in, Word file out: real headings, footnotes and table headers, in Dutch, on A4.

pandoc writes the text; styles, page, header and footer are the XML files in `word/`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from reports.document import Chart, Document
from reports.renderers.office import (
    Look,
    charts,
    filled,
    flowing,
    has_letterhead,
    look_of,
    unzipped,
    within,
    words,
    zipped,
)
from reports.renderers.pandoc import convert
from reports.renderers.pandoc_tree import plain
from reports.renderers.rendered import NotRendered, Rendered

_WORD: Final = Path(__file__).parent / "word"
# What each file of the reference document is called within it. A report has a page of its own.
_PARTS: Final = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package_relations.xml",
    "word/_rels/document.xml.rels": "document_relations.xml",
    "word/header1.xml": "header1.xml",
    "word/header2.xml": "header2.xml",
    "word/footer1.xml": "footer1.xml",
    "word/footer2.xml": "footer1.xml",
}
_PAGES: Final[dict[Look, str]] = {
    "letter": "document_letter.xml",
    "note": "document_letter.xml",
    "report": "document_report.xml",
}
# pandoc takes these from its own reference document, whatever ours says.
_OURS: Final = {
    "docProps/app.xml": "app.xml",
    "docProps/core.xml": "core.xml",
    "word/settings.xml": "settings.xml",
}
_FILLED: Final = (
    "docProps/core.xml",
    *(f"word/{name}.xml" for name in ("header1", "header2", "footer1", "footer2")),
)
_TABLE: Final = re.compile(r"<w:tbl>.*?</w:tbl>", re.DOTALL)
# The start of a row, with or without properties; a row stays whole at the end of a page.
_ROW: Final = re.compile(r"<w:tr>\s*(<w:trPr>)?")
_HEADER_ROW: Final = re.compile(r"<w:tr>(?:(?!</w:tr>).)*<w:tblHeader.*?</w:tr>", re.DOTALL)
_CELL_STYLE: Final = re.compile(r'<w:pStyle w:val="Compact"\s*/>')
# pandoc tells of a picture under which address it got it, where its words should stand.
_ADDRESS: Final = re.compile(r'<pic:cNvPr descr="data:[^"]*"')
# Frames beside the text of the first page, in twentieths of a point: their place and width.
_FRAMES: Final = {"Sender": (6435, 1361, 3855), "Reference": (9071, 2948, 2268)}
_FRAMED: Final = re.compile(r'<w:pStyle w:val="(Sender|Reference)"\s*/>')
_CONTENTS: Final = re.compile(r'<w:pStyle w:val="Contents(?:Part|Point)".*?</w:p>', re.DOTALL)
_FLOWING: Final = '<w:pageBreakBefore w:val="0"/><w:spacing w:before="360"/>'
_LINKED: Final = re.compile(r'<w:rStyle w:val="Hyperlink"\s*/>')
# How far pandoc moves each level of a list in, and how far we do.
_INDENT: Final = re.compile(r'w:left="(\d+)" w:hanging="360"')
_STEP: Final = 284


def render_docx(document: Document) -> Rendered:
    """Return the Word file; the same tree gives the same bytes. Pages are Word's own affair."""
    made = convert(document, "docx", _reference(look_of(document)))
    return Rendered(_finished(made, document), {})


@cache
def _reference(look: Look) -> bytes:
    """Return the document from which pandoc takes styles, page, header and footer."""
    own = within(_file(f"styles_{look}.xml"), b"w:styles")
    styles = _file("styles.xml").replace(b"</w:styles>", own + b"</w:styles>")
    return zipped(
        [
            *((name, _file(file)) for name, file in _PARTS.items()),
            ("word/document.xml", _file(_PAGES[look])),
            ("word/styles.xml", styles),
        ]
    )


def _file(name: str) -> bytes:
    return (_WORD / name).read_bytes()


def _finished(content: bytes, document: Document) -> bytes:
    """Fill in what stands on every page, and mend what pandoc cannot say."""
    parts = unzipped(content)
    parts |= {name: _file(file) for name, file in _OURS.items()}
    parts |= {name: filled(parts[name], words(document)) for name in _FILLED}
    parts["word/document.xml"] = _mended(parts["word/document.xml"].decode(), document).encode()
    numbering = parts["word/numbering.xml"].decode()
    parts["word/numbering.xml"] = _INDENT.sub(_less_far, numbering).encode()
    return zipped(parts.items())


def _mended(text: str, document: Document) -> str:
    text = _TABLE.sub(_table, text)
    # A contents page is all links; underlined it is hard to read.
    text = _CONTENTS.sub(lambda entry: _LINKED.sub("", entry[0]), text)
    for heading in flowing(document):
        named = rf'(w:name="{re.escape(heading)}"\s*/>\s*<w:p>\s*<w:pPr>\s*<w:pStyle [^>]*/>)'
        text = re.sub(named, rf"\1{_FLOWING}", text, count=1)
    if has_letterhead(document):
        text = _FRAMED.sub(_beside, text)
    return _described(text, charts(document))


def _beside(paragraph: re.Match[str]) -> str:
    x, y, width = _FRAMES[paragraph[1]]
    place = f'w:vAnchor="page" w:hAnchor="page" w:x="{x}" w:y="{y}"'
    return f'{paragraph[0]}<w:framePr w:w="{width}" w:wrap="around" {place}/>'


def _table(found: re.Match[str]) -> str:
    """Keep rows whole and the header with what follows, in the type of tables."""
    text = found[0]
    style = "FactsText" if '<w:tblStyle w:val="Facts"' in text else "TableText"
    text = _HEADER_ROW.sub(lambda row: _styled(row[0], "TableHead"), text)
    return _ROW.sub(_kept_whole, _styled(text, style))


def _styled(text: str, style: str) -> str:
    return _CELL_STYLE.sub(f'<w:pStyle w:val="{style}"/>', text)


def _kept_whole(row: re.Match[str]) -> str:
    return "<w:tr><w:trPr><w:cantSplit/>" + ("" if row[1] else "</w:trPr>")


def _described(text: str, drawn: Sequence[Chart]) -> str:
    """Say in words what each picture shows, in the order in which they stand."""
    alternatives = iter(drawn)
    return _ADDRESS.sub(lambda _: f'<pic:cNvPr descr="{_words(next(alternatives))}"', text)


def _words(chart: Chart) -> str:
    return escape(plain(chart.alternative))


def _less_far(found: re.Match[str]) -> str:
    return f'w:left="{int(found[1]) // 720 * _STEP}" w:hanging="{_STEP}"'


__all__ = ["NotRendered", "render_docx"]

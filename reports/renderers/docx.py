"""Document in, Word file out: real headings, footnotes and table headers, in Dutch, on A4.

pandoc writes the text; styles, page, header and footer are the XML files in `word/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from reports.document import Document
from reports.renderers.docx_contents import with_contents
from reports.renderers.office import (
    Alternative,
    Look,
    alternatives,
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
from reports.renderers.rendered import NotRendered, Rendered
from reports.renderers.stationery import Stationery, stationery

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
    "word/fontTable.xml": "font_table.xml",
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
# The header of the first page with what it shows.
_EMBLEM: Final = {
    "word/header2.xml": "header_emblem.xml",
    "word/_rels/header2.xml.rels": "header_relations.xml",
}
_EMBLEM_PICTURE: Final = "word/media/emblem.png"
_FONT: Final = "Verdana"
# Which styles are in the type for headings.
_HEADED: Final[dict[Look, tuple[str, ...]]] = {
    "letter": (),
    "note": ("Kind",),
    "report": ("Title", "ContentsTitle", "Heading1"),
}
# pandoc tells of a picture under which address it got it, where its words should stand.
_ADDRESS: Final = re.compile(r'<pic:cNvPr descr="data:[^"]*"')
# Frames beside the text of the first page, in twentieths of a point: their place and width.
_FRAMES: Final = {"Sender": (6435, 1361, 3855), "Reference": (9071, 2948, 2268)}
# On a cover the sender stands so only beside an emblem.
_COVER_FRAMES: Final = {"Sender": (6435, 1474, 3855)}
_FRAMED: Final = re.compile(r'<w:pStyle w:val="(Sender|Reference)"\s*/>')
_FLOWING: Final = '<w:pageBreakBefore w:val="0"/><w:spacing w:before="360"/>'
# How far pandoc moves each level of a list in, and how far we do.
_INDENT: Final = re.compile(r'w:left="(\d+)" w:hanging="360"')
_STEP: Final = 284
# pandoc takes its bullets from three typefaces, which not every machine has.
_BULLET: Final = re.compile(
    r'<w:lvlText w:val="[^"]*"\s*/>((?:(?!</w:lvl>).)*?)'
    r'<w:rPr><w:rFonts w:ascii="(Symbol|Courier New|Wingdings)"[^>]*/></w:rPr>',
    re.DOTALL,
)
_BULLETS: Final = {"Symbol": "•", "Courier New": "–", "Wingdings": "•"}


def render_docx(document: Document) -> Rendered:
    """Return the Word file; the same tree gives the same bytes. Pages are Word's own affair."""
    own = stationery()
    made = convert(document, "docx", _reference(look_of(document)), own.logo)
    return Rendered(_finished(made, document, own), {})


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


def _finished(content: bytes, document: Document, own: Stationery) -> bytes:
    """Fill in what stands on every page, and mend what pandoc cannot say."""
    parts = unzipped(content)
    parts |= {name: _file(file) for name, file in _OURS.items()}
    parts |= {name: filled(parts[name], words(document)) for name in _FILLED}
    text = parts["word/document.xml"].decode()
    parts["word/document.xml"] = _mended(text, document, own).encode()
    numbering = _BULLET.sub(_bullet, parts["word/numbering.xml"].decode())
    parts["word/numbering.xml"] = _INDENT.sub(_less_far, numbering).encode()
    if own.emblem:
        parts |= {name: _file(file) for name, file in _EMBLEM.items()}
        parts[_EMBLEM_PICTURE] = own.emblem
        kept = f'<Override PartName="/{_EMBLEM_PICTURE}" ContentType="image/png"/></Types>'
        types = parts["[Content_Types].xml"]
        parts["[Content_Types].xml"] = types.replace(b"</Types>", kept.encode())
    styles, fonts = parts["word/styles.xml"].decode(), parts["word/fontTable.xml"].decode()
    parts["word/styles.xml"] = _in_own_type(styles, look_of(document), own).encode()
    parts["word/fontTable.xml"] = _with_stand_ins(fonts, (own.text, own.heading)).encode()
    return zipped(parts.items())


def _in_own_type(styles: str, look: Look, own: Stationery) -> str:
    """Name the type of the ministry where the styles name ours."""
    if own.text:
        styles = styles.replace(f'"{_FONT}"', f'"{escape(own.text)}"')
    if own.heading:
        which = " ".join(
            f'w:{each}="{escape(own.heading)}"' for each in ("ascii", "hAnsi", "eastAsia", "cs")
        )
        for style in _HEADED[look]:
            start = rf'w:styleId="{style}"(?:(?!</w:style>).)*?<w:rPr>'
            styles = re.sub(
                start, lambda found: f"{found[0]}<w:rFonts {which}/>", styles, flags=re.DOTALL
            )
    return styles


def _with_stand_ins(fonts: str, names: Iterable[str]) -> str:
    """Say that our own type stands in for these where they are not installed."""
    entries = "".join(
        f'<w:font w:name="{escape(name)}"><w:altName w:val="{_FONT}"/>'
        '<w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font>'
        for name in names
        if name
    )
    return fonts.replace("</w:fonts>", f"{entries}</w:fonts>")


def _mended(text: str, document: Document, own: Stationery) -> str:
    text = with_contents(_TABLE.sub(_table, text))
    for heading in flowing(document):
        named = rf'(w:name="{re.escape(heading)}"\s*/>\s*<w:p>\s*<w:pPr>\s*<w:pStyle [^>]*/>)'
        text = re.sub(named, rf"\1{_FLOWING}", text, count=1)
    if has_letterhead(document):
        text = _FRAMED.sub(lambda each: _beside(each, _FRAMES), text)
    elif own.beside:
        text = _FRAMED.sub(lambda each: _beside(each, _COVER_FRAMES), text)
    return _described(text, alternatives(document, with_logo=bool(own.logo)))


def _beside(paragraph: re.Match[str], frames: Mapping[str, tuple[int, int, int]]) -> str:
    x, y, width = frames[paragraph[1]]
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


def _described(text: str, pictures: Sequence[Alternative]) -> str:
    """Say in words what each picture shows, in the order in which they stand."""
    told = iter(pictures)
    return _ADDRESS.sub(lambda _: f'<pic:cNvPr descr="{escape(next(told).words)}"', text)


def _bullet(level: re.Match[str]) -> str:
    return f'<w:lvlText w:val="{_BULLETS[level[2]]}"/>{level[1]}'


def _less_far(found: re.Match[str]) -> str:
    return f'w:left="{int(found[1]) // 720 * _STEP}" w:hanging="{_STEP}"'


__all__ = ["NotRendered", "render_docx"]

"""Document in, OpenDocument text out: the same letter for who works in LibreOffice.

pandoc writes the text; styles, page, header and footer are the XML files in `opendocument/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from reports.document import Document
from reports.renderers.office import (
    Alternative,
    Look,
    alternatives,
    filled,
    flowing,
    has_letterhead,
    look_of,
    text_width,
    unzipped,
    within,
    words,
    zipped,
)
from reports.renderers.pandoc import convert
from reports.renderers.rendered import Rendered
from reports.renderers.stationery import Stationery, stationery

_OPENDOCUMENT: Final = Path(__file__).parent / "opendocument"
# By this first file, which is not compressed, other programs know what the file is.
_MIMETYPE: Final = "mimetype"
_TYPE: Final = b"application/vnd.oasis.opendocument.text"
# Where the frames beside the text of the first page stand: from the left, from the top, width.
_FRAMES: Final = {"Reference": (160, 52, 40), "Sender": (113.5, 24, 68)}
# On a cover the sender stands so only beside an emblem.
_COVER_FRAMES: Final = {"Sender": (113.5, 26, 68)}
_EMBLEM: Final = "Pictures/emblem.png"
_LISTED: Final = (
    f'<manifest:file-entry manifest:media-type="image/png" manifest:full-path="{_EMBLEM}"/>'
)
_FIRST_HEADER: Final = re.compile(
    r'(<style:header-first>\s*<text:p text:style-name="Header")\s*/>', re.DOTALL
)
_FONT: Final = "Verdana"
# Which styles are in the type for headings.
_HEADED: Final[Mapping[Look, tuple[str, ...]]] = {
    "letter": (),
    "note": ("Kind",),
    "report": ("Title", "ContentsTitle", "Heading_20_1"),
}
_FRAME_STYLE: Final = (
    '<style:style style:name="Beside" style:family="graphic"'
    ' style:parent-style-name="Frame"><style:graphic-properties'
    ' fo:border="none" fo:padding="0mm" style:wrap="run-through" style:run-through="foreground"'
    ' style:horizontal-pos="from-left" style:horizontal-rel="page" style:vertical-pos="from-top"'
    ' style:vertical-rel="page"/></style:style>'
)
_HEADING_STYLE: Final = (
    '<style:style style:name="Flowing" style:family="paragraph"'
    ' style:parent-style-name="Heading_20_1"><style:paragraph-properties'
    ' fo:break-before="auto" fo:margin-top="12pt" fo:margin-bottom="12pt"/></style:style>'
)
_ROW_STYLE: Final = (
    '<style:style style:name="Whole" style:family="table-row">'
    '<style:table-row-properties fo:keep-together="always"/></style:style>'
)
# A cell is ruled off below, and a header by a heavier line.
_CELL_STYLE: Final = re.compile(
    r'(?P<start><style:style style:name="(?P<name>Table\w*RowCell)"[^>]*>).*?</style:style>',
    re.DOTALL,
)
_RULES: Final = {"TableRowCell": "0.4pt solid #8a8a8a", "TableHeaderRowCell": "0.8pt solid #000000"}
_TABLE: Final = re.compile(r'<table:table table:name="(\w+)".*?</table:table>', re.DOTALL)
_BOLD_CELL: Final = '<text:p text:style-name="Table_20_Heading">'
_PLAIN_CELL: Final = '<text:p text:style-name="Table_20_Contents">'
_COLUMN: Final = re.compile(r'style:rel-column-width="(\d+)\*"')
# What the relative widths of the columns add up to.
_WHOLE: Final = 65535
_TABLE_STYLE: Final = re.compile(
    r'(?P<start><style:style style:name="(?P<name>Table\d+)" style:family="table">)'
    r".*?</style:style>",
    re.DOTALL,
)
_LIST_STYLE: Final = re.compile(
    r'(<style:style style:name="P\d+" style:family="paragraph" style:parent-style-name=")'
    r'Text_20_body(" style:list-style-name="\w+")>.*?</style:style>',
    re.DOTALL,
)
_INDENT: Final = re.compile(r'list-tab-stop-position="([\d.]+)in"[^>]*?fo:margin-left="[\d.]+in"')
# How many millimetres each level of a list is moved in.
_STEP: Final = 5
_ENTRY: Final = re.compile(
    r'(<text:p text:style-name="Contents(?:Part|Point)"><text:a [^>]*xlink:href="#([^"]*)".*?)'
    r"</text:p>",
    re.DOTALL,
)
_UNDERLINED: Final = '<text:span text:style-name="Internet_20_link">'
_PICTURE: Final = re.compile(r'<draw:frame draw:name="img\d+"(.*?)</draw:frame>', re.DOTALL)


def render_odt(document: Document) -> Rendered:
    """Return the file; the same tree gives the same bytes. Pages are the reader's own affair."""
    own = stationery()
    made = convert(document, "odt", _reference(look_of(document)), own.logo)
    return Rendered(_finished(made, document, own), {})


@cache
def _reference(look: Look) -> bytes:
    """Return the document from which pandoc takes styles, page, header and footer."""
    styles = _file("styles.xml")
    for tag in (b"office:styles", b"office:automatic-styles"):
        own = within(_file(f"styles_{look}.xml"), tag)
        styles = styles.replace(b"</" + tag + b">", own + b"</" + tag + b">")
    return zipped(
        [
            (_MIMETYPE, _TYPE),
            # pandoc writes one of its own, but lists it only when it was there.
            ("meta.xml", _file("meta.xml")),
            ("styles.xml", styles),
            ("META-INF/manifest.xml", _file("manifest.xml")),
        ],
        stored=_MIMETYPE,
    )


def _file(name: str) -> bytes:
    return (_OPENDOCUMENT / name).read_bytes()


def _finished(content: bytes, document: Document, own: Stationery) -> bytes:
    """Fill in what stands on every page, and mend what pandoc cannot say."""
    parts = unzipped(content)
    parts["meta.xml"] = _file("meta.xml")
    parts |= {name: filled(parts[name], words(document)) for name in ("meta.xml", "styles.xml")}
    parts["content.xml"] = _mended(parts["content.xml"].decode(), document, own).encode()
    styles = _in_own_type(parts["styles.xml"].decode(), look_of(document), own)
    if own.emblem:
        styles = _with_emblem(styles)
        parts[_EMBLEM] = own.emblem
        end = b"</manifest:manifest>"
        listed = parts["META-INF/manifest.xml"].replace(end, _LISTED.encode() + end)
        parts["META-INF/manifest.xml"] = listed
    parts["styles.xml"] = styles.encode()
    del parts[_MIMETYPE]
    return zipped([(_MIMETYPE, _TYPE), *parts.items()], stored=_MIMETYPE)


def _with_emblem(styles: str) -> str:
    emblem = _file("emblem.xml")
    style, picture = (
        within(emblem, tag).decode()
        for tag in (b"office:automatic-styles", b"office:master-styles")
    )
    end = "</office:automatic-styles>"
    styles = styles.replace(end, f"{style}{end}", 1)
    return _FIRST_HEADER.sub(lambda header: f"{header[1]}>{picture}</text:p>", styles)


def _in_own_type(styles: str, look: Look, own: Stationery) -> str:
    """Name the type of the ministry where the styles name ours, which stands in for it."""
    if own.text:
        styles = styles.replace(f'font-name="{_FONT}"', f'font-name="{escape(own.text)}"')
    if own.heading:
        named = f' style:font-name="{escape(own.heading)}"'
        for style in _HEADED[look]:
            start = rf'style:name="{style}"(?:(?!</style:style>).)*?<style:text-properties'
            styles = re.sub(start, lambda found: found[0] + named, styles, flags=re.DOTALL)
    faces = "".join(
        f'<style:font-face style:name="{escape(name)}" style:font-family-generic="swiss"'
        f' style:font-pitch="variable" svg:font-family="\'{escape(name)}\', {_FONT}"/>'
        for name in (own.text, own.heading)
        if name
    )
    end = "</office:font-face-decls>"
    return styles.replace(end, f"{faces}{end}", 1)


def _mended(text: str, document: Document, own: Stationery) -> str:
    if has_letterhead(document):
        text = _beside(text, _FRAMES)
    elif own.beside:
        text = _beside(text, _COVER_FRAMES)
    text = _with_styles(text, document)
    text = text.replace("<table:table-row>", '<table:table-row table:style-name="Whole">')
    text = text.replace('<text:span text:style-name="Definition">', _UNDERLINED)
    text = _TABLE.sub(_plain_names, text)
    for heading in flowing(document):
        named = rf'"Heading_20_1"( [^>]*><text:bookmark-start text:name="{re.escape(heading)}")'
        text = re.sub(named, r'"Flowing"\1', text, count=1)
    text = _ENTRY.sub(_with_page, text)
    return _described(text, alternatives(document, with_logo=bool(own.logo)))


def _with_styles(text: str, document: Document) -> str:
    """Give tables, lists and rows the look that they have in print."""
    facts = {
        table[1] for table in _TABLE.finditer(text) if "<table:table-header-rows>" not in table[0]
    }
    end = "</office:automatic-styles>"
    text = text.replace(end, f"{_FRAME_STYLE}{_HEADING_STYLE}{_ROW_STYLE}{end}", 1)
    text = _CELL_STYLE.sub(_ruled, text)
    text = _TABLE_STYLE.sub(lambda table: _laid_out(table, table["name"] in facts, document), text)
    text = _COLUMN.sub(lambda column: _wide(column, text_width(document)), text)
    text = _LIST_STYLE.sub(r"\1ListText\2/>", text)
    return _INDENT.sub(_less_far, text)


def _laid_out(table: re.Match[str], is_facts: bool, document: Document) -> str:
    # Facts stay together, and with the text after them.
    together = 'style:may-break-between-rows="false" fo:keep-with-next="always"' if is_facts else ""
    return (
        f'{table["start"]}<style:table-properties style:width="{text_width(document)}mm"'
        f' table:align="left" fo:margin-top="0mm" fo:margin-bottom="4mm" {together}/></style:style>'
    )


def _wide(column: re.Match[str], whole: int) -> str:
    return f'style:column-width="{int(column[1]) / _WHOLE * whole:.2f}mm"'


def _plain_names(table: re.Match[str]) -> str:
    """Leave bold to the header of a table."""
    header, end, rows = table[0].rpartition("</table:table-header-rows>")
    return header + end + rows.replace(_BOLD_CELL, _PLAIN_CELL)


def _ruled(cell: re.Match[str]) -> str:
    sides = "".join(f' fo:border-{side}="none"' for side in ("left", "right", "top"))
    padding = ' fo:padding-left="0mm" fo:padding-right="2mm" fo:padding-top="2.5pt"'
    return (
        f'{cell["start"]}<style:table-cell-properties{padding} fo:padding-bottom="2.5pt"{sides}'
        f' fo:border-bottom="{_RULES[cell["name"]]}"/></style:style>'
    )


def _less_far(level: re.Match[str]) -> str:
    # pandoc moves the first level half an inch in, and each next one a quarter.
    left = round((float(level[1]) - 0.25) / 0.25) * _STEP
    return (
        f'list-tab-stop-position="{left}mm" fo:text-indent="-{_STEP}mm" fo:margin-left="{left}mm"'
    )


def _beside(text: str, frames: Mapping[str, tuple[float, float, float]]) -> str:
    for style, place in frames.items():
        text = _framed(text, style, place)
    return text


def _framed(text: str, style: str, place: tuple[float, float, float]) -> str:
    """Lay the paragraphs of this style in a frame of their own, in the paragraph after them."""
    paragraph = rf'<text:p text:style-name="{style}">.*?</text:p>\s*'
    left, top, width = place
    opened = (
        f'<draw:frame draw:style-name="Beside" draw:name="{style}" text:anchor-type="paragraph"'
        f' svg:x="{left}mm" svg:y="{top}mm" svg:width="{width}mm" draw:z-index="0">'
        '<draw:text-box fo:min-height="5mm">'
    )
    return re.sub(
        rf"((?:{paragraph})+)(<text:p [^>]*>)",
        lambda found: f"{found[2]}{opened}{found[1]}</draw:text-box></draw:frame>",
        text,
        count=1,
        flags=re.DOTALL,
    )


def _with_page(entry: re.Match[str]) -> str:
    """Add the number of its page to a line of the contents; who opens the file works it out."""
    # The page is all links; underlined it is hard to read.
    own = ' text:style-name="ContentsLink" text:visited-style-name="ContentsLink"'
    words = entry[1].replace(_UNDERLINED, "<text:span>").replace("<text:a", f"<text:a{own}", 1)
    page = f'<text:bookmark-ref text:reference-format="page" text:ref-name="{entry[2]}"/>'
    return f"{words}<text:tab/>{page}</text:p>"


def _described(text: str, pictures: Sequence[Alternative]) -> str:
    """Say in words what each picture shows, in the order in which they stand."""
    told = iter(pictures)

    def described(picture: re.Match[str]) -> str:
        name, title, words = next(told)
        return (
            f'<draw:frame draw:name="{escape(name)}" text:anchor-type="as-char"{picture[1]}'
            f"<svg:title>{escape(title)}</svg:title>"
            f"<svg:desc>{escape(words)}</svg:desc></draw:frame>"
        )

    return _PICTURE.sub(described, text)

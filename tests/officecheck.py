"""Read Word and OpenDocument files, and the tree they were made of, as the same streams."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from actions.richtext import Run
from reports.document import (
    Block,
    Chart,
    DecisionNote,
    Document,
    Facts,
    Heading,
    Item,
    ItemList,
    Letter,
    Note,
    Paragraph,
    Section,
    Table,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
OFFICE, STYLE, TABLE, TEXT, DRAW, SVG = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}"
    for name in ("office", "style", "table", "text", "drawing", "svg-compatible")
)
# What stands around the text of every document of its kind.
FURNITURE = {
    *("Sender", "Reference", "Return", "Addressee", "Meta", "Salutation", "Kind"),
    *("Title", "Subtitle", "Date", "ContentsTitle", "ContentsPart", "ContentsPoint", "NotPublic"),
    *("TOC1", "TOC2"),
}
SPOKEN = "NotPublicWords"
# A note has words of its own, the number of one that was called before has none.
_NO_WORDS = (f"{TEXT}note", f"{TEXT}note-ref", f"{DRAW}frame")


@dataclass(frozen=True)
class Streams:
    """What a reader meets, in order: text, footnotes, headings with their level, pictures."""

    body: list[str]
    notes: list[str]
    headings: list[tuple[int, str]]
    header_rows: int
    pictures: list[str]


def parts(content: bytes) -> dict[str, bytes]:
    """Return the files within; fail when the archive is damaged."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def element(content: bytes) -> Element:
    return ElementTree.fromstring(content)  # noqa: S314  our own file


def even(words: str) -> str:
    """Return text without the white space that no format keeps."""
    return re.sub(r"[ \t\n\r]+", " ", words).strip(" ")


# The tree.


def streams_of(document: Document) -> Streams:
    """Return what a document says, without what stands around its text."""
    body: list[str] = []
    headings: list[tuple[int, str]] = []
    for words, level in _told(document):
        if even(words):
            body.append(even(words))
            headings += [(level, even(words))] if level else []
    inside = list(_blocks(document))
    return Streams(
        body,
        [even(_of_runs(each.runs)) for each in document.footnotes],
        headings,
        sum(isinstance(each, Table) for each in inside),
        [even(each.alternative) for each in inside if isinstance(each, Chart)],
    )


def _told(document: Document) -> Iterator[tuple[str, int]]:
    """Yield each text with the level of its heading, 0 for what is none."""
    if isinstance(document, DecisionNote):
        yield from _block(document.head, 1)
    yield from _all(document.opening, 1)
    for section in document.sections:
        yield from _section(section, 1)
    if isinstance(document, Letter):
        yield from _all(document.closing, 1)
        for each in document.signatures:
            yield f"{each.office} {each.mark} {each.person}", 0
    yield from _all(document.colophon, 1)


def _section(section: Section, level: int) -> Iterator[tuple[str, int]]:
    yield section.title, min(level, 6)
    yield from _all(section.blocks, level + 1)
    for each in section.sections:
        yield from _section(each, level + 1)


def _all(blocks: Sequence[Block], level: int) -> Iterator[tuple[str, int]]:
    for block in blocks:
        yield from _block(block, level)


def _block(block: Block, level: int) -> Iterator[tuple[str, int]]:
    match block:
        case Paragraph():
            yield f"{block.lead} {_of_runs(block.runs)}", 0
        case Heading():
            yield _of_runs(block.runs), min(level + block.level - 1, 6)
        case ItemList():
            for item in block.items:
                yield from _item(item)
        case Table():
            yield block.caption, 0
            yield from ((_of_runs(cell), 0) for cell in block.header)
            yield from ((_of_runs(cell), 0) for row in block.rows for cell in row)
        case Facts():
            for name, runs in block.rows:
                yield name, 0
                yield _of_runs(runs), 0
        case Note():
            yield from ((f"{each.lead} {_of_runs(each.runs)}", 0) for each in block.paragraphs)
        case Chart():
            yield block.caption, 0


def _item(item: Item) -> Iterator[tuple[str, int]]:
    yield _of_runs(item.runs), 0
    yield from _all(item.blocks, 1)


def _of_runs(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)


def _blocks(document: Document) -> Iterator[Block]:
    yield from document.opening
    for section in document.sections:
        yield from _in_section(section)
    if isinstance(document, Letter):
        yield from document.closing
    yield from document.colophon


def _in_section(section: Section) -> Iterator[Block]:
    yield from section.blocks
    for each in section.sections:
        yield from _in_section(each)


# The Word file.


def streams_of_docx(content: bytes, document: Document) -> Streams:
    """Return what the file says; `document` tells whether it opens with a banner."""
    made = parts(content)
    body = element(made["word/document.xml"])
    told = [(_docx_style(each), _docx_words(each)) for each in body.iter(f"{W}p")]
    rows = [each for each in body.iter(f"{W}tr") if each.find(f"{W}trPr/{W}tblHeader") is not None]
    notes = [
        even(_docx_words(each))
        for each in element(made["word/footnotes.xml"]).iter(f"{W}footnote")
        if each.get(f"{W}type") is None
    ]
    return Streams(
        _without_furniture(told, document),
        notes,
        [(int(style[-1]), even(words)) for style, words in told if style.startswith("Heading")],
        len(rows),
        [even(each.get("descr", "")) for each in body.iter(f"{WP}docPr")],
    )


def _docx_style(paragraph: Element) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return style.get(f"{W}val", "") if style is not None else ""


def _docx_words(container: Element) -> str:
    words = ""
    for run in container.iter(f"{W}r"):
        style = run.find(f"{W}rPr/{W}rStyle")
        # The number of a note that was called before is no text.
        if style is not None and style.get(f"{W}val") in (SPOKEN, "FootnoteReference"):
            continue
        for each in run:
            if each.tag == f"{W}t":
                words += each.text or ""
            elif each.tag in (f"{W}br", f"{W}tab"):
                words += " "
    return words


# The OpenDocument file.


def streams_of_odt(content: bytes, document: Document) -> Streams:
    """Return what the file says; `document` tells whether it opens with a banner."""
    tree = element(parts(content)["content.xml"])
    parents = {
        each.get(f"{STYLE}name", ""): each.get(f"{STYLE}parent-style-name", "")
        for each in tree.iter(f"{STYLE}style")
    }
    body = tree.find(f".//{OFFICE}text")
    assert body is not None
    told = [
        (parents.get(name) or name, _odt_words(each))
        for each in _odt_paragraphs(body)
        for name in [each.get(f"{TEXT}style-name", "")]
    ]
    headings = [
        (int(each.get(f"{TEXT}outline-level", "0")), even(_odt_words(each)))
        for each in body.iter(f"{TEXT}h")
    ]
    frames = [each for each in body.iter(f"{DRAW}frame") if each.find(f"{DRAW}image") is not None]
    return Streams(
        _without_furniture(told, document),
        [even(_odt_words(each)) for each in body.iter(f"{TEXT}note-body")],
        headings,
        len(list(body.iter(f"{TABLE}table-header-rows"))),
        [even(each.findtext(f"{SVG}desc", "")) for each in frames],
    )


def _odt_paragraphs(container: Element) -> Iterator[Element]:
    for each in container:
        if each.tag in (f"{TEXT}p", f"{TEXT}h"):
            yield each
        else:
            yield from _odt_paragraphs(each)


def _odt_words(each: Element) -> str:
    words = each.text or ""
    for inner in each:
        if inner.tag in (f"{TEXT}line-break", f"{TEXT}tab", f"{TEXT}s"):
            words += " "
        elif inner.tag not in _NO_WORDS and not _is_spoken(inner):
            words += _odt_words(inner)
        words += inner.tail or ""
    return words


def _is_spoken(each: Element) -> bool:
    return each.get(f"{TEXT}style-name") == SPOKEN


def _without_furniture(told: list[tuple[str, str]], document: Document) -> list[str]:
    kept = [(style, even(words)) for style, words in told if style not in FURNITURE]
    if document.banner:
        # The first framed remark is what every page says too.
        banner = next(at for at, (style, _) in enumerate(kept) if style == "Remark")
        del kept[banner]
    return [words for _, words in kept if words]


# Another program.


def opened(files: dict[str, bytes], to: str, folder: Path) -> dict[str, bytes]:
    """Return these files as LibreOffice wrote them in another format; by their names there."""
    program = shutil.which("soffice")
    assert program, "LibreOffice is missing; `make test` installs it."
    for name, content in files.items():
        (folder / name).write_bytes(content)
    made = folder / f"as-{to}"
    command = [
        *(program, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"),
        *("--convert-to", to, "--outdir", str(made), *(str(folder / name) for name in files)),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    written = {each.name: each.read_bytes() for each in made.iterdir()}
    assert {Path(name).stem for name in files} == {Path(name).stem for name in written}
    return written

"""What a Word file and an OpenDocument file share: files in a zip, and words on every page."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from html import escape
from typing import Final, Literal, NamedTuple

from reports.document import AnnexReport, Chart, DecisionNote, Document, Heading, Letter, nodes
from reports.renderers.pandoc_tree import plain
from reports.renderers.rendered import NotRendered as NotRendered

Look = Literal["letter", "report", "note"]

_LANGUAGES: Final = {"nl": "nl-NL", "en": "en-GB"}
# The earliest moment a zip file can hold; every file in ours is of that moment.
_ZIP_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_NO_DATE: Final = date(1980, 1, 1)
_PLACE: Final = re.compile(r"\{\{(\w+)\}\}")
_DATE: Final = re.compile(r"\s*<([\w:-]+)[^>]*>\{\{dated\}\}</\1>")
# Millimetres: a report fills its pages, beside a letter or a note there is a reference column.
_REPORT_WIDTH: Final = 154
_LETTER_WIDTH: Final = 124


def charts(document: Document) -> list[Chart]:
    """Return the charts of a document in their order."""
    return [each for each in nodes(document) if isinstance(each, Chart)]


class Alternative(NamedTuple):
    """What a picture is called and what it shows, in words; `name` is not for readers."""

    name: str
    title: str
    words: str


def alternatives(document: Document, *, with_logo: bool) -> list[Alternative]:
    """Return what the pictures in the text of a document show, in their order."""
    logo = Alternative("logo", "", plain(_sender(document)))
    drawn = [
        Alternative(each.id, plain(each.caption), plain(each.alternative))
        for each in charts(document)
    ]
    return [logo, *drawn] if with_logo else drawn


def look_of(document: Document) -> Look:
    """Return after which of our styles a document is laid out."""
    match document:
        case Letter():
            return "letter"
        case AnnexReport():
            return "report"
        case DecisionNote():
            return "note"


def has_letterhead(document: Document) -> bool:
    """Return whether the first page is that of a letter, as against the cover of a report."""
    return look_of(document) != "report"


def text_width(document: Document) -> int:
    """Return how many millimetres wide the text is."""
    return _LETTER_WIDTH if has_letterhead(document) else _REPORT_WIDTH


def flowing(document: Document) -> list[str]:
    """Return the headings of a colophon that start no page of their own, by their ids."""
    headings = [each.id for each in document.colophon if isinstance(each, Heading)]
    return headings[1:]


def moment(document: Document) -> datetime:
    """Return a moment for who cannot do without: of the date of the document, never of today."""
    return datetime.combine(document.dated or _NO_DATE, time(), UTC)


def language(document: Document) -> str:
    """Return the language with the country, as spelling checkers know it."""
    return _LANGUAGES.get(document.language, document.language)


def words(document: Document) -> dict[str, str]:
    """Return what stands on every page and in the properties of the file, by its place."""
    return {
        "title": document.title,
        "sender": _sender(document),
        "continuation": _continuation(document),
        "banner": document.banner.text if document.banner else "",
        "language": language(document),
        "dated": f"{moment(document):%Y-%m-%dT%H:%M:%SZ}" if document.dated else "",
    }


def filled(content: bytes, by_place: Mapping[str, str]) -> bytes:
    """Return an XML file with words in its places, each written as `{{place}}`.

    Of what has no date the file says none either.
    """
    text = content.decode()
    if not by_place["dated"]:
        text = _DATE.sub("", text)
    return _PLACE.sub(lambda place: escape(plain(by_place[place[1]])), text).encode()


def within(content: bytes, tag: bytes) -> bytes:
    """Return what an XML file holds in its element of this name."""
    opened = content.index(b"<" + tag)
    return content[content.index(b">", opened) + 1 : content.index(b"</" + tag + b">", opened)]


def zipped(parts: Iterable[tuple[str, bytes]], *, stored: str = "") -> bytes:
    """Return a zip file of these files, in this order; `stored` names one left uncompressed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            way = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _ZIP_MOMENT), content, way)
    return file.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """Return the files in a zip file, by name and in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


def _sender(document: Document) -> str:
    return document.letterhead.sender if isinstance(document, Letter) else document.sender


def _continuation(document: Document) -> str:
    """Return what the pages after the first repeat of the reference column."""
    if not isinstance(document, Letter):
        return ""
    return "   ".join(
        " ".join([each.heading, *each.lines]) for each in document.letterhead.continuation
    )

"""Reads what a PDF tells a screen reader: its elements in order, with the text in each."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pikepdf

_CODES: Final = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>")
_RANGES: Final = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


@dataclass
class Element:
    """One element of the structure: its tag, what it says of itself, and what is in it."""

    tag: str
    said: dict[str, Any]
    within: list[Element | str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Element]:
        """Return every element of these tags within this one, in reading order."""
        return [each for each in self.each() if each.tag in tags]

    def each(self) -> Iterator[Element]:
        """Yield every element within this one, in reading order."""
        for part in self.within:
            if isinstance(part, Element):
                yield part
                yield from part.each()

    def text(self, *, without: tuple[str, ...] = ()) -> str:
        """Return the text in reading order, but for that in elements of these tags."""
        return "".join(
            part if isinstance(part, str) else part.text(without=without)
            for part in self.within
            if isinstance(part, str) or part.tag not in without
        )


@dataclass(frozen=True)
class Tagged:
    """A PDF as its structure."""

    root: Element
    language: str
    shows_title: bool
    bookmarks: list[str]
    fonts: set[str]


def read(content: bytes) -> Tagged:
    """Return the structure of a PDF."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        texts = {page.objgen: _texts(page) for page in pdf.pages}
        with pdf.open_outline() as outline:
            bookmarks = [title for item in outline.root for title in _titles(item)]
        return Tagged(
            root=_element(pdf.Root.StructTreeRoot.K[0], texts, None),
            language=str(pdf.Root.Lang),
            shows_title=bool(pdf.Root.ViewerPreferences.DisplayDocTitle),
            bookmarks=bookmarks,
            fonts={
                str(font.BaseFont)
                for page in pdf.pages
                for font in page.resources.get("/Font", {}).values()
            },
        )


def _titles(item: Any) -> Iterator[str]:
    yield item.title
    for each in item.children:
        yield from _titles(each)


def _element(raw: Any, texts: dict[Any, dict[int, str]], sheet: Any) -> Element:
    sheet = raw.Pg.objgen if "/Pg" in raw else sheet
    said = {key: raw[key] for key in raw if key in ("/Alt", "/A", "/ID")}
    element = Element(str(raw.S).lstrip("/"), said)
    kids = raw.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, int):
            element.within.append(texts[sheet].get(int(kid), ""))
        elif "/S" in kid:
            element.within.append(_element(kid, texts, sheet))
    return element


def _texts(page: pikepdf.Page) -> dict[int, str]:
    """Return the text of each piece of marked content on a page."""
    letters = {name: _letters(font) for name, font in page.resources.get("/Font", {}).items()}
    found: dict[int, str] = {}
    inside: list[int | None] = []
    known: dict[int, str] = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        operator = str(instruction.operator)
        match operator:
            case "BDC" | "BMC":
                said = operands[1] if len(operands) > 1 else {}
                inside.append(int(said["/MCID"]) if "/MCID" in said else None)
            case "EMC":
                inside.pop()
            case "Tf":
                known = letters[str(operands[0])]
            case "Tj" | "TJ":
                pieces = operands[0] if operator == "TJ" else [operands[0]]
                number = next((each for each in reversed(inside) if each is not None), None)
                if number is not None:
                    words = "".join(
                        _decoded(bytes(each), known)
                        for each in pieces
                        if isinstance(each, pikepdf.String)
                    )
                    found[number] = found.get(number, "") + words
    return found


def _decoded(raw: bytes, letters: dict[int, str]) -> str:
    return "".join(
        letters.get(int.from_bytes(raw[at : at + 2]), "�") for at in range(0, len(raw), 2)
    )


def _letters(font: Any) -> dict[int, str]:
    """Return which text each number of a font stands for."""
    table = font.ToUnicode.read_bytes()
    letters: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in _CODES.findall(block):
            letters[int(code, 16)] = _unicode(text)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in _RANGES.findall(block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                letters[int(first, 16) + step] = chr(ord(_unicode(text)) + step)
    return letters


def _unicode(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def squeezed(words: str) -> str:
    """Return a text without its spaces and line ends, to compare it with what a page broke."""
    return re.sub(r"\s+", "", words)

"""The contents of a Word file as a field of Word, which fills in the pages that only it can know.

On opening, Word works out no field of the text unless it is marked as old (`w:dirty`, or
`updateFields` for all), and then it first asks the reader whether the file may get things from
elsewhere. So nothing is marked: the page numbers are fields without a result, and none is shown
until the reader updates the contents (F9; in LibreOffice: update index) or prints from Word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_PARAGRAPH: Final = r'<w:p>\s*<w:pPr>\s*<w:pStyle w:val="{style}"\s*/>.*?</w:p>'
_CONTENTS: Final = re.compile(
    rf"({_PARAGRAPH.format(style='ContentsTitle')})"
    rf"((?:\s*{_PARAGRAPH.format(style='Contents(?:Part|Point)')})+)",
    re.DOTALL,
)
_ENTRY: Final = re.compile(
    r'"Contents(Part|Point)".*?<w:hyperlink w:anchor="([^"]*)">.*?(<w:t[ >].*?</w:t>)', re.DOTALL
)
_HEADING: Final = re.compile(
    r'(w:name="([^"]*)"\s*/>\s*<w:p>\s*<w:pPr>\s*<w:pStyle w:val="Heading\d"\s*/>.*?</w:pPr>)'
    r"(.*?)(?=</w:p>)",
    re.DOTALL,
)
_STYLES: Final = {"Part": "TOC1", "Point": "TOC2"}
_FIELD: Final = r'TOC \o "1-2" \h \z'
_PAGE: Final = r"PAGEREF {} \h"
# What Word calls its own list, so that it offers to update it.
_OPENED: Final = (
    "<w:sdt><w:sdtPr><w:docPartObj>"
    '<w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/>'
    "</w:docPartObj></w:sdtPr><w:sdtContent>"
)
_CLOSED: Final = "</w:sdtContent></w:sdt>"
# Above the numbers that pandoc gives to its bookmarks, and the notes to theirs.
_BOOKMARKS: Final = 2_000_000


def with_contents(text: str) -> str:
    """Return the text of a Word file with its list of links, if any, as a field of Word."""
    contents = _CONTENTS.search(text)
    if contents is None:
        return text
    entries = [(style, title, anchor) for style, anchor, title in _ENTRY.findall(contents[2])]
    marks = {anchor: number for number, (_, _, anchor) in enumerate(entries, start=1)}
    lines = [_line(style, title, marks[anchor]) for style, title, anchor in entries]
    listed = (
        f"{_OPENED}{contents[1]}"
        f"{_first(lines[0])}{''.join(lines[1:])}<w:p>{_char('end')}</w:p>{_CLOSED}"
    )
    after = _HEADING.sub(lambda heading: _marked(heading, marks), text[contents.end() :])
    return text[: contents.start()] + listed + after


def _line(style: str, title: str, number: int) -> str:
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{_STYLES[style]}"/></w:pPr>'
        f'<w:hyperlink w:anchor="{_name(number)}" w:history="1">'
        f"<w:r>{title}</w:r><w:r><w:tab/></w:r>"
        f"{_begun(_PAGE.format(_name(number)))}{_char('end')}</w:hyperlink></w:p>"
    )


def _first(line: str) -> str:
    return line.replace("</w:pPr>", f"</w:pPr>{_begun(_FIELD)}", 1)


def _begun(field: str) -> str:
    told = f'<w:r><w:instrText xml:space="preserve"> {field} </w:instrText></w:r>'
    return f"{_char('begin')}{told}{_char('separate')}"


def _char(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _marked(heading: re.Match[str], marks: Mapping[str, int]) -> str:
    """Return a heading within the bookmark to which its line in the contents leads."""
    number = marks.get(heading[2])
    if number is None:
        return heading[0]
    mark = _BOOKMARKS + number
    return (
        f'{heading[1]}<w:bookmarkStart w:id="{mark}" w:name="{_name(number)}"/>'
        f'{heading[3]}<w:bookmarkEnd w:id="{mark}"/>'
    )


def _name(number: int) -> str:
    # The name that Word itself gives, and keeps out of the list of bookmarks.
    return f"_Toc{number:09}"

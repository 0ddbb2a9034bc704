"""Turn what somebody pastes from Word or LibreOffice into the Markdown of our texts. No Django.

Word and LibreOffice put HTML on the clipboard in dialects of their own: a list of Word is a row of
paragraphs, a footnote a pair of links. Those are made ordinary HTML first; the rest is the work of
markdownify. What our texts cannot hold (pictures, colours, code) is left out, its words are kept.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag
from markdownify import MarkdownConverter

from actions.richtext import clean, is_safe_link

# More than a long text with a table; what is larger or deeper is no text for one field.
MAX_HTML: Final = 1_000_000
MAX_TAGS: Final = 20_000
MAX_DEPTH: Final = 60
MAX_CELLS: Final = 2_000

_HEADINGS: Final = re.compile(r"h[1-6]")
_WORD_LIST: Final = re.compile(r"mso-list:\s*(\S+)\s+level(\d+)")
_NUMBERED: Final = re.compile(r"\s*\(?(?:\d+|[a-z]|[ivx]+)[.)]", re.IGNORECASE)
# The link in the text to a footnote, and the block that holds its words, per program.
_REFERENCE: Final = re.compile(r"#(_ftn|_edn|sdfootnote|sdendnote)(\d+)(?:sym)?")
_NOTE: Final = re.compile(r"(ftn|edn|sdfootnote|sdendnote)(\d+)")
_PROGRAM: Final = {"ftn": "_ftn", "edn": "_edn"}
# Private characters: they pass through the conversion as they are.
_MARK: Final = "\ue000{}\ue001"
# Not `mso-bidi-font-weight`: that is about other scripts.
_NORMAL: Final = re.compile(r"(?<![-\w])font-weight:(normal|[1-4]00)")
_BOLD: Final = re.compile(r"(?<![-\w])font-weight:(bold|[6-9]00)")
_ITALIC: Final = re.compile(r"(?<![-\w])font-style:italic")
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_MARKED: Final = re.compile("\ue000(\\d+)\ue001")
_TAKEN: Final = re.compile(r"\[\^([^\]\s]+)\]")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was pasted: `words` belong at the cursor, `notes` at the end of the text."""

    words: str
    notes: str


def to_markdown(html: str, existing: str = "") -> Pasted:
    """Return HTML from a clipboard as Markdown.

    Footnotes get numbers that the existing text does not use. Raises ValueError for more, or
    deeper, than any text is.
    """
    if len(html) > MAX_HTML:
        raise ValueError("more than fits in a text")
    # The ends of lines in the file are none of the text.
    page = BeautifulSoup(_SPACES.sub(" ", html), "lxml")
    _refuse_excess(page)
    _leave_out(page)
    notes = _take_notes(page)
    _mend_emphasis(page)
    _mend_lists_of_word(page)
    _mend_lists(page)
    _mend_tables(page)
    labels = _labels(len(notes), set(_TAKEN.findall(existing)))
    return Pasted(
        words=_numbered(_converted(page), labels),
        notes="\n\n".join(
            f"[^{label}]: {_one_line(_numbered(_converted(note), labels))}"
            for label, note in zip(labels, notes, strict=True)
        ),
    )


def _refuse_excess(page: BeautifulSoup) -> None:
    """Raise ValueError for what would take the server minutes, and is no text."""
    depths = {id(page): 0}
    for count, tag in enumerate(page.find_all(True), start=1):
        depth = depths[id(tag)] = depths[id(tag.parent)] + 1
        if count > MAX_TAGS or depth > MAX_DEPTH:
            raise ValueError("more than fits in a text")
    for table in page.find_all("table"):
        widths = [len(row.find_all(["td", "th"])) for row in table.find_all("tr")]
        if len(widths) * max(widths, default=0) > MAX_CELLS:
            raise ValueError("more than fits in a text")
        if table.find_parent("table") is not None:
            table.unwrap()


def _leave_out(page: BeautifulSoup) -> None:
    """Take away what is no text, with what Word hides in comments."""
    for each in page.find_all(string=True):
        # Comments, declarations and what Word writes between `<![if` and `]>`.
        if isinstance(each, PreformattedString):
            each.extract()
    unwanted = ["head", "style", "script", "title", "meta", "link", "xml", "o:p", "img", "svg"]
    for tag in page.find_all([*unwanted, "object", "iframe", "input", "button", "colgroup"]):
        tag.decompose()


def _take_notes(page: BeautifulSoup) -> list[Tag]:
    """Take the footnotes out of the page, in the order in which the text refers to them."""
    blocks: dict[tuple[str, str], Tag] = {}
    for block in page.find_all("div", id=_NOTE):
        found = _NOTE.fullmatch(_text_of(block, "id"))
        if found:
            blocks.setdefault((_PROGRAM.get(found[1], found[1]), found[2]), block.extract())
    notes: list[Tag] = []
    for link in page.find_all("a", href=_REFERENCE):
        found = _REFERENCE.fullmatch(_text_of(link, "href"))
        key = (found[1], found[2]) if found else ("", "")
        if key not in blocks:
            link.unwrap()
            continue
        notes.append(blocks.pop(key))
        raised = link.find_parent("sup")
        (raised or link).replace_with(_MARK.format(len(notes)))
    for block in notes:
        for back in block.find_all("a", href=re.compile("^#")):
            back.decompose()
    # Word draws a line above its footnotes.
    for rule in page.find_all(["hr"]):
        rule.decompose()
    return notes


def _mend_emphasis(page: BeautifulSoup) -> None:
    """Let bold and italic that are only a style be bold and italic, and the other way round."""
    for tag in page.find_all(style=True):
        style = _text_of(tag, "style").replace(" ", "").lower()
        if tag.name in ("b", "strong") and _NORMAL.search(style):
            tag.name = "span"
        if tag.name != "span":
            continue
        if _BOLD.search(style):
            tag.name = "b"
        elif _ITALIC.search(style):
            tag.name = "i"
    for tag in page.find_all(["b", "strong", "i", "em"]):
        if not tag.get_text(strip=True):
            tag.unwrap()


def _mend_lists(page: BeautifulSoup) -> None:
    """Put lists within lists inside an item: LibreOffice writes each item as a list of its own."""
    for each in page.find_all(["ul", "ol"]):
        if each.parent is None:
            continue
        while (following := _continuation(each)) is not None:
            each.extend(list(following.contents))
            following.decompose()
        for child in list(each.contents):
            if isinstance(child, Tag) and child.name in ("li", "ul", "ol"):
                continue
            if isinstance(child, Tag) or str(child).strip():
                child.wrap(page.new_tag("li"))
            else:
                child.extract()
        for inner in each.find_all(["ul", "ol"], recursive=False):
            before = inner.find_previous_sibling("li")
            if isinstance(before, Tag):
                before.append(inner)
            else:
                inner.wrap(page.new_tag("li"))
    for item in page.find_all("li"):
        paragraphs = item.find_all("p", recursive=False)
        if len(paragraphs) == 1:
            paragraphs[0].unwrap()


def _continuation(each: Tag) -> Tag | None:
    """Return the list right after this one that goes on with it; one that begins at 1 does not."""
    following = each.next_sibling
    while isinstance(following, NavigableString) and not following.strip():
        following = following.next_sibling
    if not isinstance(following, Tag) or following.name != each.name:
        return None
    first = following.find(True)
    begins = isinstance(first, Tag) and first.name == "li" and _text_of(first, "value") == "1"
    return None if begins else following


def _mend_lists_of_word(page: BeautifulSoup) -> None:
    """Make the list paragraphs of Word into lists within lists."""
    for paragraph in page.find_all("p", style=_WORD_LIST):
        if paragraph.parent is None or paragraph.find_parent("li"):
            continue
        _as_list(page, list(_run_of_items(paragraph)))


def _run_of_items(first: Tag) -> Iterator[tuple[Tag, str, int]]:
    """Yield the list paragraphs that follow each other, each with its list and its level from 1."""
    each: Any = first
    while isinstance(each, Tag) and (found := _WORD_LIST.search(_text_of(each, "style"))):
        yield each, found[1], int(found[2])
        each = each.find_next_sibling()


def _as_list(page: BeautifulSoup, items: list[tuple[Tag, str, int]]) -> None:
    """Put list paragraphs in lists; another list of Word at the first level starts another here."""
    lists: list[tuple[int, Tag]] = []
    newest: dict[int, Tag] = {}
    current = ""
    for paragraph, name, level in items:
        if level == 1 and name != current:
            lists, current = [], name
        bullet = paragraph.find(style=re.compile(r"mso-list:\s*Ignore", re.IGNORECASE))
        numbered = bullet is not None and _NUMBERED.match(bullet.get_text()) is not None
        if bullet is not None:
            bullet.decompose()
        item = page.new_tag("li")
        while lists and lists[-1][0] > level:
            lists.pop()
        if lists and lists[-1][0] == level:
            lists[-1][1].append(item)
        else:
            made = page.new_tag("ol" if numbered else "ul")
            made.append(item)
            if lists:
                newest[id(lists[-1][1])].append(made)
            else:
                paragraph.insert_before(made)
            lists.append((level, made))
        newest[id(lists[-1][1])] = item
        paragraph.extract()
        item.extend(list(paragraph.contents))


def _mend_tables(page: BeautifulSoup) -> None:
    """Give every row as many cells, and every cell one line: our tables know no others."""
    for table in page.find_all("table"):
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        widths = []
        for row in rows:
            for cell in row.find_all(["td", "th"]):
                for words in cell.find_all(string=re.compile(r"\|")):
                    words.replace_with(words.replace("|", "\\|"))
                for block in cell.find_all(["p", "div", "ul", "ol", "li", "br", *_H]):
                    block.insert_after(NavigableString(" "))
                    block.unwrap()
                for _more in range(min(_number(cell, "colspan"), 50) - 1):
                    cell.insert_after(page.new_tag("td"))
            widths.append(len(row.find_all(["td", "th"])))
        for row, width in zip(rows, widths, strict=True):
            for _more in range(max(widths) - width):
                row.append(page.new_tag("td"))


_H: Final = ("h1", "h2", "h3", "h4", "h5", "h6")


class _Converter(MarkdownConverter):
    """Writes the Markdown that our texts hold, and nothing else of it."""

    class Options:
        heading_style = "atx"
        bullets = "-"
        strong_em_symbol = "*"
        newline_style = "backslash"
        table_infer_header = True
        escape_asterisks = True
        escape_underscores = False
        escape_misc = False
        wrap = False

    def convert_hN(self, n: int, el: Any, text: str, parent_tags: set[str]) -> str:  # noqa: N802
        words = _one_line(text)
        return f"\n\n{'###' if n < 3 else '####'} {words}\n\n" if words else ""

    def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
        address = str(el.get("href") or "").strip()
        words = _one_line(text)
        if not address or address.startswith("#") or not words:
            return text
        if is_safe_link(address):
            return f"[{words}]({address.replace(' ', '%20').replace(')', '%29')})"
        # An address that a text cannot link to stays readable.
        return f"{words} ({address})" if address.startswith("http:") else words

    def convert_code(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return text

    convert_pre = convert_kbd = convert_samp = convert_blockquote = convert_code
    convert_del = convert_s = convert_sub = convert_sup = convert_code


def _converted(page: Tag) -> str:
    text = _Converter().convert_soup(page)
    text = text.replace("\u00a0", " ")
    lines = [line.rstrip() for line in clean(text).split("\n")]
    # A forced line end at the end of a paragraph forces nothing.
    kept = (line for line in lines if line.strip() != "\\")
    return re.sub(r"\\?\n{2,}", "\n\n", "\n".join(kept)).strip("\n\\ ")


def _numbered(text: str, labels: list[str]) -> str:
    return _MARKED.sub(lambda mark: f"[^{labels[int(mark[1]) - 1]}]", text)


def _labels(count: int, taken: Collection[str]) -> list[str]:
    numbers = map(str, itertools.count(1))
    return list(itertools.islice((each for each in numbers if each not in taken), count))


def _one_line(text: str) -> str:
    return " ".join(text.replace("\\\n", " ").split())


def _text_of(tag: Tag, attribute: str) -> str:
    value = tag.get(attribute)
    return value if isinstance(value, str) else ""


def _number(tag: Tag, attribute: str) -> int:
    value = _text_of(tag, attribute)
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 4 else 1

"""Find what the author must write otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Final

from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token

from actions.richtext.model import MAX_CHARACTERS, MAX_LIST_DEPTH, Problem, is_safe_link
from actions.richtext.parser import FINDER, clean, footnote_events, with_lines

_REFUSED_TOKENS: Final = {
    "html_block": "raw_html",
    "html_inline": "raw_html",
    "image": "image",
    "fence": "code",
    "code_inline": "code",
    "blockquote_open": "quote",
    "hr": "horizontal_rule",
    "definition": "link_definition",
}
_MISPLACED_TOKENS: Final = {
    "heading_open": "heading",
    "table_open": "table",
    "footnote_reference_open": "footnote",
}
_DETAIL_CHARACTERS: Final = 80
# In more of them, beside each other on a page, words break after every few letters.
_MOST_COLUMNS: Final = 8


def problems(text: str) -> list[Problem]:
    """Name all that falls outside the subset or would not be shown as written, by line."""
    text = clean(text)
    if len(text) > MAX_CHARACTERS:
        return [Problem("too_long", 1, str(len(text)))]
    tokens = FINDER.parse(text)
    found = [problem for place in with_lines(tokens) for problem in _token_problems(*place)]
    found += _table_problems(tokens, text.split("\n"))
    found += _footnote_problems(tokens)
    return sorted(found, key=attrgetter("line", "code"))


def _token_problems(token: Token, line: int) -> Iterator[Problem]:
    if code := _REFUSED_TOKENS.get(token.type):
        yield Problem(code, line, token.content.strip()[:_DETAIL_CHARACTERS])
    if token.level and token.type in _MISPLACED_TOKENS:
        yield Problem("misplaced", line, _MISPLACED_TOKENS[token.type])
    match token.type:
        case "heading_open":
            if token.markup not in ("###", "####"):
                yield Problem("heading_level", line, token.markup)
        case "bullet_list_open" | "ordered_list_open":
            if token.level % 2:
                yield Problem("misplaced", line, "list")
            elif token.level == 2 * MAX_LIST_DEPTH:
                yield Problem("list_depth", line, str(MAX_LIST_DEPTH))
        case "link_open":
            href = str(token.attrs["href"])
            if not is_safe_link(href):
                yield Problem("link_scheme", line, href[:_DETAIL_CHARACTERS])
            if title := token.attrs.get("title"):
                yield Problem("link_title", line, str(title)[:_DETAIL_CHARACTERS])


def _table_problems(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Problem]:
    """Yield tables without rows or too wide, and rows with more cells than the header has."""
    for token in tokens:
        if token.type == "table_open" and token.map:
            start, end = token.map
            if end - start == 2:
                yield Problem("table_empty", start + 1)
            width = _width(lines[start])
            if width > _MOST_COLUMNS:
                yield Problem("table_wide", start + 1, str(_MOST_COLUMNS))
            for number, line in enumerate(lines[start + 2 : end], start=start + 3):
                if _width(line) > width:
                    yield Problem("table_row", number, line.strip()[:_DETAIL_CHARACTERS])


def _width(row: str) -> int:
    cells = escapedSplit(row.strip())
    return len(cells) - (cells[0] == "") - (len(cells) > 1 and cells[-1] == "")


def _footnote_problems(tokens: Sequence[Token]) -> Iterator[Problem]:
    used: dict[str, int] = {}
    defined: dict[str, int] = {}
    for event, label, line in footnote_events(tokens):
        if event == "used":
            used.setdefault(label, line)
        elif event == "defined" and label not in defined:
            defined[label] = line
        else:
            code = "duplicate" if event == "defined" else event
            yield Problem(f"footnote_{code}", line, label[:_DETAIL_CHARACTERS])
    for code, here, there in (("undefined", used, defined), ("unused", defined, used)):
        for label in here.keys() - there.keys():
            yield Problem(f"footnote_{code}", here[label], label[:_DETAIL_CHARACTERS])

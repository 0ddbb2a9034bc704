"""The two parsers: the reader knows the subset only, the finder also what is refused.

To the reader a tag or a quote is text. The finder can say what it saw and on which line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.rules_block import StateBlock, heading, list_block, table
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_def

from actions.richtext.model import MAX_LIST_DEPTH, is_safe_link

_BARE_LINK = re.compile(
    r"""https://[^\W_][\w.-]*+(?::\d+)?(?![\d@]|:[^\s/]*@)(?:[/?#][^\s<>\[\]{}|\\^"'`“”‘’«»]*)?""",
    re.IGNORECASE,
)
_FOOTNOTE_PLACE = re.compile(r"\[\^([^\s\[\]]+)\]")
# Line separators that Word and Excel paste would join two words when dropped.
_SEPARATORS = re.compile("[\v\f\x85\u2028\u2029]")
# Other controls and surrogates break XML and PostgreSQL; bidi embeddings, overrides and isolates
# make a text read otherwise than it is stored. Arabic needs none of them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)

# Letters by their category that show nothing at all.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0")


def clean(text: str) -> str:
    """Return the text with one kind of line end and without characters nobody can see."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", _SEPARATORS.sub(" ", lines))


def says_something(text: str) -> bool:
    """Tell whether there is a letter or a digit in a text, and not only what nobody can see."""
    return any(unicodedata.category(each)[0] in "LN" and each not in _BLANK for each in text)


def _only_at(levels: range, rule: RuleFuncBlockType) -> RuleFuncBlockType:
    def limited(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        # A silent call asks whether a paragraph ends here; the line may well start a block that
        # stands further out, so the level says nothing yet.
        return (silent or state.level in levels) and rule(state, start, end, silent)

    return limited


def _footnote_place(state: StateInline, silent: bool) -> bool:
    """Read [^label]; the plugin's own rule takes 16 seconds over 20,000 characters of "[^"."""
    match = _FOOTNOTE_PLACE.match(state.src, state.pos, state.posMax)
    if match and not silent:
        state.push("footnote_ref", "", 0).meta = {"label": match[1]}
    state.pos = match.end() if match else state.pos
    return match is not None


def _literal_image(state: StateInline, silent: bool) -> bool:
    """Read the start of an image as text, or the rest of it would be a link."""
    if not state.src.startswith("![", state.pos) or state.src.startswith("![^", state.pos):
        return False
    if not silent:
        state.append_pending("![")
    state.pos += 2
    return True


def _bare_link(state: StateInline, silent: bool) -> bool:
    """Read an https:// address that stands in the text as a link to itself."""
    start = state.pos - len("https")
    # Looking ahead needs no link: an address holds no bracket that could end a label.
    if silent or state.linkLevel or not state.src.startswith("://", state.pos) or start < 0:
        return False
    match = _BARE_LINK.match(state.src, start, state.posMax)
    if not match or state.src[start - 1 : start].isalnum():
        return False
    address = _without_punctuation(match[0])
    if not state.pending.endswith(address[:5]) or not is_safe_link(
        href := state.md.normalizeLink(address)
    ):
        return False
    state.pending = state.pending[:-5]
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = address
    state.push("link_close", "a", -1)
    state.pos = start + len(address)
    return True


def _without_punctuation(address: str) -> str:
    while address[-1] in ".,;:!?*_~…" or (
        address[-1] == ")" and address.count(")") > address.count("(")
    ):
        address = address[:-1]
    return address


class _Parser(MarkdownIt):
    """CommonMark with nothing on but the subset, and for the finder also what is refused."""

    SUBSET = ("newline", "escape", "emphasis", "link", "autolink", "heading", "list", "table")
    # Not `code`: indented text is a common paste from Word and reads well as a paragraph.
    REFUSED = ("html_block", "html_inline", "image", "backticks", "fence", "blockquote", "hr",
               "lheading", "reference")  # fmt: skip
    # Lists stand at every second level, footnotes at the first, so a list never is in a footnote.
    PLACES: tuple[tuple[str, RuleFuncBlockType, range], ...] = (
        ("heading", heading, range(1)),
        ("list", list_block, range(0, 2 * MAX_LIST_DEPTH, 2)),
        ("footnote_def", footnote_def, range(1)),
        ("table", table, range(1)),
    )

    def __init__(self, *, finder: bool) -> None:
        super().__init__("zero", {"html": finder, "inline_definitions": finder})
        self.finder = finder
        self.enable([*self.SUBSET, *(self.REFUSED if finder else ())])
        ends = ["paragraph", "reference"]
        # A footnote also ends the table above it ("blockquote" is what tables go by).
        self.block.ruler.before(
            "reference", "footnote_def", footnote_def, {"alt": [*ends, "blockquote"]}
        )
        self.inline.ruler.before("link", "footnote_ref", _footnote_place)
        self.inline.ruler.before("link", "bare_link", _bare_link)
        if not finder:
            self.inline.ruler.before("link", "literal_image", _literal_image)
            for name, rule, levels in self.PLACES:
                alt = ends if rule is table else [*ends, "blockquote"]
                self.block.ruler.at(name, _only_at(levels, rule), {"alt": alt})
        # The first use compiles the rules, which two threads must not do at once.
        self.parse("*")

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return self.finder or is_safe_link(url)

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        scheme, colon, rest = url.partition(":")
        return super().normalizeLink(scheme.lower() + colon + rest if colon else url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        # The address as written: decoding %-codes could bring control characters back.
        return link


READER: Final = _Parser(finder=False)
FINDER: Final = _Parser(finder=True)


def label(token: Token) -> str:
    return str(token.meta["label"])


def footnote_events(tokens: Sequence[Token]) -> Iterator[tuple[str, str, int]]:
    """Yield (used | nested | defined | empty, label, line): all that happens to footnotes."""
    inside = previous = ""
    for token, line in with_lines(tokens):
        match token.type:
            case "footnote_reference_open":
                inside = label(token)
                yield "defined", inside, line
            case "footnote_reference_close":
                if previous == "footnote_reference_open":
                    yield "empty", inside, line
                inside = ""
            case "footnote_ref":
                yield "nested" if inside else "used", label(token), line
        previous = token.type


def with_lines(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Yield each token, and each in its text, with the line it is on (the first is 1)."""
    line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        yield token, line
        inner = line
        for child in token.children or ():
            yield child, inner
            inner += child.type in ("softbreak", "hardbreak") or child.content.count("\n")

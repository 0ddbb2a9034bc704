"""Turn the Markdown that officials write into frozen blocks without HTML and without unsafe links.

The subset: paragraphs, ### and #### headings, bullet and numbered lists, bold, italic, links to
https: and mailto:, footnotes, tables. What falls outside it stays visible as literal text;
`problems` names it, so that a form can ask for another wording before anything is saved.
"""

from actions.richtext.model import (
    LINE_BREAK,
    MAX_CHARACTERS,
    MAX_LIST_DEPTH,
    Alignment,
    Block,
    Cell,
    Footnote,
    Heading,
    Item,
    List,
    Paragraph,
    Problem,
    RichText,
    Run,
    Table,
    is_safe_link,
    joined,
)
from actions.richtext.parser import clean, says_something
from actions.richtext.problems import problems
from actions.richtext.reading import parse
from actions.richtext.using import link_references, map_runs, plain_text
from actions.richtext.writing import cut, markdown

__all__ = [
    "LINE_BREAK",
    "MAX_CHARACTERS",
    "MAX_LIST_DEPTH",
    "Alignment",
    "Block",
    "Cell",
    "Footnote",
    "Heading",
    "Item",
    "List",
    "Paragraph",
    "Problem",
    "RichText",
    "Run",
    "Table",
    "clean",
    "cut",
    "is_safe_link",
    "joined",
    "link_references",
    "map_runs",
    "markdown",
    "parse",
    "plain_text",
    "problems",
    "says_something",
]

"""What officials write becomes data that no renderer can turn into markup or an unsafe link."""

from __future__ import annotations

import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, product
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from actions import citations, richtext
from actions.richtext import (
    LINE_BREAK,
    MAX_CHARACTERS,
    MAX_LIST_DEPTH,
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
)


def paragraph(text: str) -> tuple[Run, ...]:
    """Read a text that is one paragraph."""
    (block,) = richtext.parse(text).blocks
    assert isinstance(block, Paragraph)
    return block.runs


def codes(text: str) -> list[str]:
    return [problem.code for problem in richtext.problems(text)]


def all_runs(rich: RichText) -> Iterator[tuple[Run, ...]]:
    """Yield every tuple of runs, wherever it stands."""
    seen: list[tuple[Run, ...]] = []

    def keep(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        seen.append(runs)
        return runs

    richtext.map_runs(rich, keep)
    return iter(seen)


def hrefs(rich: RichText) -> list[str]:
    return [run.href for runs in all_runs(rich) for run in runs if run.href]


# --- The subset


def test_bold_and_italic_become_flat_runs() -> None:
    assert paragraph("een **twee *drie*** _vier_") == (
        Run("een "),
        Run("twee ", strong=True),
        Run("drie", strong=True, emphasis=True),
        Run(" "),
        Run("vier", emphasis=True),
    )
    assert paragraph("**een __twee__ drie**") == (Run("een twee drie", strong=True),)


def test_link_across_bold_and_plain_text_becomes_two_runs_with_one_address() -> None:
    assert paragraph("[**brief** van mei](https://example.nl/a)") == (
        Run("brief", strong=True, href="https://example.nl/a"),
        Run(" van mei", href="https://example.nl/a"),
    )


def test_line_end_is_a_space_and_forced_line_end_a_run_of_its_own() -> None:
    assert paragraph("een\ntwee  \n**drie\\\nvier**") == (
        Run("een twee"),
        LINE_BREAK,
        Run("drie", strong=True),
        LINE_BREAK,
        Run("vier", strong=True),
    )


def test_headings_of_level_three_and_four_are_kept() -> None:
    assert richtext.parse("### Kop\n#### **Tussen**kop ####").blocks == (
        Heading(3, (Run("Kop"),)),
        Heading(4, (Run("Tussen", strong=True), Run("kop"))),
    )


def test_heading_of_level_four_without_a_level_three_before_it_moves_up() -> None:
    assert richtext.parse("#### een\n\n#### twee").blocks == (
        Heading(3, (Run("een"),)),
        Heading(4, (Run("twee"),)),
    )


def test_heading_straight_after_a_list_ends_that_list() -> None:
    assert richtext.parse("- punt\n### Kop").blocks == (
        List((Item((Run("punt"),)),)),
        Heading(3, (Run("Kop"),)),
    )


@pytest.mark.parametrize("marks", ["#", "##", "#####", "######"])
def test_heading_of_another_level_is_a_problem_and_shows_its_marks(marks: str) -> None:
    assert paragraph(f"{marks} Kop") == (Run(f"{marks} Kop"),)
    assert richtext.problems(f"tekst\n\n{marks} Kop") == [Problem("heading_level", 3, marks)]


def test_heading_without_words_is_text() -> None:
    assert paragraph("###") == (Run("### "),)


def test_nested_lists_hold_text_and_lists() -> None:
    (block,) = richtext.parse("1. een\n   - twee\n   - drie\n2. vier").blocks

    nested = List((Item((Run("twee"),)), Item((Run("drie"),))))
    assert block == List((Item((Run("een"),), (nested,)), Item((Run("vier"),))), ordered=True)


def test_numbered_list_keeps_its_first_number() -> None:
    assert richtext.parse("7) zeven").blocks == (
        List((Item((Run("zeven"),)),), ordered=True, start=7),
    )


def test_paragraphs_in_an_item_are_lines_because_pdf_ua_refuses_them_as_elements() -> None:
    (block,) = richtext.parse("- een\n\n  twee\n\n  - drie\n\n  vier\n\n  vijf").blocks

    assert block == List(
        (
            Item(
                (Run("een"), LINE_BREAK, Run("twee")),
                (List((Item((Run("drie"),)),)), Paragraph((Run("vier"), LINE_BREAK, Run("vijf")))),
            ),
        )
    )


def test_list_nested_too_deep_is_text_and_a_problem() -> None:
    text = "- " * (MAX_LIST_DEPTH + 2) + "diep"

    assert list_depth(richtext.parse(text).blocks) == MAX_LIST_DEPTH
    assert richtext.plain_text(richtext.parse(text)) == "- - diep"
    assert codes(text) == ["list_depth"]
    assert codes("- " * MAX_LIST_DEPTH + "diep") == []


def test_table_keeps_alignment_and_dress() -> None:
    (table,) = richtext.parse("| a | b | c | d |\n|---|:--|:-:|--:|\n| **1** | 2 | 3 | 4 |").blocks

    assert isinstance(table, Table)
    assert table.header == tuple(Cell((Run(letter),)) for letter in "abcd")
    assert table.rows[0][0] == Cell((Run("1", strong=True),))
    assert table.alignments == ("", "left", "center", "right")


def test_table_rows_are_padded_and_cut_to_the_header_and_lost_cells_are_a_problem() -> None:
    text = "| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n| 1 \\| 2 | 3 |"
    (table,) = richtext.parse(text).blocks

    assert isinstance(table, Table)
    assert [len(row) for row in table.rows] == [2, 2, 2]
    assert table.rows[0][1] == Cell(())
    assert table.rows[2][0] == Cell((Run("1 | 2"),))
    assert richtext.problems(text) == [Problem("table_row", 4, "| 1 | 2 | 3 |")]


def test_table_wider_than_a_page_is_a_problem() -> None:
    def table(columns: int) -> str:
        return "\n".join(cell * columns + "|" for cell in ("| kop ", "| --- ", "| cel "))

    assert richtext.problems(table(8)) == []
    assert richtext.problems(f"Eerst.\n\n{table(9)}") == [Problem("table_wide", 3, "8")]


def test_table_without_rows_gets_an_empty_one_because_pdf_ua_refuses_a_lone_header() -> None:
    (table,) = richtext.parse("| a | b |\n|---|---|").blocks

    assert isinstance(table, Table)
    assert table.rows == ((Cell(()), Cell(())),)
    assert codes("| a | b |\n|---|---|") == ["table_empty"]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("- ### Kop", "heading"),
        ("- een\n  | a | b |\n  |---|---|\n  | 1 | 2 |", "table"),
        ("- een[^1]\n\n  [^1]: noot", "footnote"),
        ("een[^1]\n\n[^1]: - punt", "list"),
    ],
)
def test_block_in_a_list_or_footnote_where_it_cannot_stand_is_text_and_a_problem(
    text: str, detail: str
) -> None:
    found = [problem.detail for problem in richtext.problems(text) if problem.code == "misplaced"]

    assert found == [detail]
    assert words(text) - {"1"} <= words(richtext.plain_text(richtext.parse(text)))


def test_table_row_of_dashes_is_a_row() -> None:
    (table,) = richtext.parse("| a | b |\n|---|---|\n| c | d |\n|---|---|").blocks

    assert isinstance(table, Table)
    assert len(table.rows) == 2


def test_table_with_and_without_outer_pipes_counts_the_same_cells() -> None:
    assert codes("a | b\n---|---\n| 1 | 2 |\n1 | 2\n| 1 | 2") == []


def test_paragraph_without_anything_to_see_is_left_out() -> None:
    assert richtext.parse("\n\xa0\n\n\u3000") == RichText(())


def test_indented_text_is_a_paragraph_because_word_pastes_it() -> None:
    assert paragraph("    ingesprongen") == (Run("ingesprongen"),)
    assert codes("    ingesprongen") == []


def test_escaped_marks_and_entities_show_as_written() -> None:
    assert paragraph(r"\*ster\* R&D &amp; &#8238;") == (Run("*ster* R&D &amp; &#8238;"),)


# --- Links


def test_mail_address_in_angle_brackets_is_a_link() -> None:
    assert paragraph("<nap@minbuza.nl>") == (Run("nap@minbuza.nl", href="mailto:nap@minbuza.nl"),)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("zie https://example.nl.", "https://example.nl"),
        ("zie https://example.nl: hier", "https://example.nl"),
        ("(https://example.nl/a_(b))", "https://example.nl/a_(b)"),
        ("(https://example.nl/a).", "https://example.nl/a"),
        ("**https://example.nl/a**", "https://example.nl/a"),
        ("“https://example.nl/a”", "https://example.nl/a"),
        ("https://x.nl/_layouts/_a.aspx?b=*c*", "https://x.nl/_layouts/_a.aspx?b=*c"),
        ("<https://example.nl/%20a>", "https://example.nl/%20a"),
    ],
)
def test_bare_address_becomes_a_link_without_the_punctuation_around_it(
    text: str, address: str
) -> None:
    (link,) = (run for run in paragraph(text) if run.href)

    assert (link.text, link.href) == (address, address)


def test_address_is_shown_as_written_and_linked_as_ascii() -> None:
    (link,) = paragraph("HTTPS://münchen.de/ü")

    assert link == Run("HTTPS://münchen.de/ü", href="https://xn--mnchen-3ya.de/%C3%BC")


@pytest.mark.parametrize(
    "text",
    ["http://x.nl", "www.x.nl", "x@x.nl", "https://u@x.nl", "https://u:p@x.nl", "xhttps://y.nl"],
)
def test_other_bare_addresses_stay_text(text: str) -> None:
    assert paragraph(text) == (Run(text),)


def test_address_in_the_words_of_a_link_is_not_a_second_link() -> None:
    assert paragraph("[zie https://a.nl](https://b.nl)") == (
        Run("zie https://a.nl", href="https://b.nl"),
    )


def test_link_without_words_shows_its_address() -> None:
    assert paragraph("[](https://x.nl)") == (Run("https://x.nl", href="https://x.nl"),)
    assert paragraph("[ ](https://x.nl)") == (Run(" https://x.nl", href="https://x.nl"),)


def test_words_that_only_show_on_hover_are_a_problem() -> None:
    assert richtext.problems('a\nb [c](https://x.nl "d")') == [Problem("link_title", 2, "d")]


def test_run_refuses_an_unsafe_link_whoever_makes_it() -> None:
    with pytest.raises(ValueError, match="neither an https: nor a mailto: link"):
        Run("klik", href="javascript:alert(1)")


# --- Footnotes


def test_footnotes_are_numbered_in_order_of_first_use() -> None:
    rich = richtext.parse("een[^b] twee[^a] drie[^b]\n\n[^a]: noot a\n[^b]: noot *b*")

    assert rich == RichText(
        (
            Paragraph(
                (
                    Run("een"),
                    Run("", note="1"),
                    Run(" twee"),
                    Run("", note="2"),
                    Run(" drie"),
                    Run("", note="1"),
                )
            ),
        ),
        (
            Footnote("1", (Run("noot "), Run("b", emphasis=True))),
            Footnote("2", (Run("noot a"),)),
        ),
    )


def test_footnote_with_paragraphs_has_lines() -> None:
    rich = richtext.parse("een[^1]\n\n[^1]: twee\n\n    drie\n\nvier")

    assert rich.footnotes == (Footnote("1", (Run("twee"), LINE_BREAK, Run("drie"))),)
    assert len(rich.blocks) == 2


def test_footnote_straight_after_a_list_or_table_belongs_to_neither() -> None:
    for text in ("- een[^1]\n[^1]: noot", "| a[^1] |\n|---|\n| b |\n[^1]: noot"):
        assert len(richtext.parse(text).footnotes) == 1
        assert richtext.problems(text) == []


def test_footnote_after_an_exclamation_mark_is_no_image() -> None:
    text = "Let op![^1]\n\n[^1]: noot"

    assert richtext.parse(text).blocks == (Paragraph((Run("Let op!"), Run("", note="1"))),)
    assert richtext.problems(text) == []


@pytest.mark.parametrize(
    ("text", "expected", "shown"),
    [
        ("een[^x]", ["footnote_undefined"], "een[^x]"),
        ("een\n\n[^x]: noot", ["footnote_unused"], "een\n\n[^x]: noot"),
        ("een[^x]\n\n[^x]:", ["footnote_empty"], "een\n\n"),
        ("een[^x]\n\n[^x]: a\n\n[^x]: b", ["footnote_duplicate"], "een\n\n[^x]: b\n\na"),
        ("een[^x] [^y]\n\n[^x]: a[^y]\n\n[^y]: b", ["footnote_nested"], "een \n\na[^y]\n\nb"),
        ("een[^x]\n\n[^x]: a[^x]", ["footnote_nested"], "een\n\na[^x]"),
    ],
)
def test_footnote_that_leads_nowhere_is_a_problem_and_stays_visible(
    text: str, expected: list[str], shown: str
) -> None:
    assert codes(text) == expected
    assert richtext.plain_text(richtext.parse(text)) == shown


# --- Outside the subset


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("> citaat", "quote", ""),
        ("```\ncode\n```", "code", "code"),
        ("a `code` b", "code", "code"),
        ("***", "horizontal_rule", ""),
        ("Kop\n===", "heading_level", "="),
        ("Kop\n---", "heading_level", "-"),
        ("<div>a</div>", "raw_html", "<div>a</div>"),
        ("a <b>", "raw_html", "<b>"),
        ("a <!-- b --> c", "raw_html", "<!-- b -->"),
        ("![a](https://x.nl/b.png)", "image", "a"),
        ("[a](http://x.nl)", "link_scheme", "http://x.nl"),
        ("[a](/b)", "link_scheme", "/b"),
        ("<http://x.nl>", "link_scheme", "http://x.nl"),
        ("[a]: https://x.nl", "link_definition", ""),
    ],
)
def test_what_is_refused_is_named_with_its_line_and_shown_as_text(
    text: str, code: str, detail: str
) -> None:
    found = richtext.problems(f"een\n\n{text}")

    assert Problem(code, 3, detail) in found
    assert {problem.code for problem in found} == {code}
    assert squeezed(richtext.plain_text(richtext.parse(text))) == squeezed(text)


def test_text_inside_the_subset_has_no_problems() -> None:
    text = (
        "### Kop\n\nTekst met **vet**, *cursief*, [link](https://x.nl) en noot[^1].\n\n"
        "- een\n  1. twee\n- 3 < 4 & 5 > 2\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n[^1]: Noot."
    )

    assert richtext.problems(text) == []


def test_problems_come_in_order_of_line() -> None:
    found = richtext.problems("a[^1]\n\n> b\n\n# c\n\n![d](e)\n\n[^2]: f")

    assert [(problem.line, problem.code) for problem in found] == [
        (1, "footnote_undefined"),
        (3, "quote"),
        (5, "heading_level"),
        (7, "image"),
        (9, "footnote_unused"),
    ]


def test_text_over_the_limit_is_one_problem_and_is_not_read() -> None:
    text = "é" * (MAX_CHARACTERS + 1)

    assert richtext.problems(text) == [Problem("too_long", 1, str(MAX_CHARACTERS + 1))]
    with pytest.raises(ValueError, match="at most 20000"):
        richtext.parse(text)


def test_line_ends_of_a_browser_do_not_count_twice() -> None:
    assert richtext.problems("a\r\n" * (MAX_CHARACTERS // 2)) == []


# --- Characters


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا بالعالم",
        "\u200fعربي\u200e",
        "👩‍👩‍👧 🇳🇱",
        "e\u0301",
        "a\xadb",
        "x" * 5000,
        "“smart” – …",
    ],
)
def test_scripts_emoji_and_long_words_are_kept(text: str) -> None:
    assert paragraph(text) == (Run(text),)


@pytest.mark.parametrize(
    "character",
    [chr(n) for n in range(32) if chr(n) not in "\t\n\v\f\r"]
    + [
        "\x7f",
        "\x80",
        "\x9f",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\ufeff",
        "\uffff",
        "\ud800",
    ],
)
def test_invisible_controls_are_dropped(character: str) -> None:
    assert paragraph(f"een{character}twee") == (Run("eentwee"),)


@pytest.mark.parametrize("separator", ["\v", "\f", "\x85", "\u2028", "\u2029"])
def test_separators_that_word_pastes_keep_words_apart(separator: str) -> None:
    assert paragraph(f"een{separator}twee") == (Run("een twee"),)


# --- Hostile texts

SCHEMES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java&#10;script:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript&colon;alert(1)",
    "\x01javascript:alert(1)",
    "javascript&#58;alert(1)",
    "javascript://x.nl/%0aalert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "file:///etc/passwd",
    "http://x.nl",
    "ftp://x.nl",
    "blob:https://x.nl/a",
    "view-source:https://x.nl",
    "about:blank",
    "tel:112",
    "//x.nl/a",
    "\\\\x.nl\\a",
    "/\\x.nl",
    "/beheer/logout/",
    "../beheer/",
    "#kop",
    "?a=b",
    "x.nl",
    "",
    "https:x.nl",
    "https:/x.nl",
    "https:///x.nl",
    "https:\\\\x.nl",
    "https://",
    "https://rijksoverheid.nl@x.nl/",
    "https://a:b@x.nl/",
    "https://rijksoverheid.nl%00@x.nl",
    "https://[::1]/",
    "https://[::1",
    "https://x.nl\"onmouseover=alert(1)",
    "mailto:",
    "mailto:a@b.nl?bcc=c@d.nl",
    "mailto:a@b.nl,c@d.nl",
    "mailto:a@b.nl%0Abcc:c@d.nl",
]  # fmt: skip
FORMS = [
    "[a]({})",
    "[a](<{}>)",
    "<{}>",
    "![a]({})",
    "[a]: {}\n\n[a]",
    "[**a** ![b]({})](https://x.nl)",
]
HTML = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.nl></sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    '<img """><script>alert(1)</script>">',
    "<img src='x' onerror='alert(1)'/>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mi xlink:href='data:x,y'>a</mi></math>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<link rel=stylesheet href=//x.nl/a.css>",
    "<style>@import '//x.nl/a.css';</style>",
    "<base href=//x.nl/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action=javascript:alert(1)><button>a</button></form>",
    "<button formaction=javascript:alert(1)>a</button>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<a href=javascript:alert(1)>a</a>",
    "<a href='java&#115;cript:alert(1)'>a</a>",
    "<a href=\"x\" onclick=\"alert(1)\">a</a>",
    "<div style=background:url(javascript:alert(1))>",
    "<div style=width:expression(alert(1))>",
    "<x onclick=alert(1)>a</x>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><script>alert(1)</script></xmp>",
    "<plaintext>",
    "<!--><script>alert(1)</script>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><a/>",
    "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
    "<?php echo 1; ?>",
    "</p><script>alert(1)</script><p>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "javascript:alert(1)",
    "{{ 7|add:7 }}{% debug %}",
    "${7+7} #{7+7} <%= 7 %>",
    "＜script＞alert(1)＜/script＞",
    "<\u0131mg src=x onerror=alert(1)>",
    "=HYPERLINK('x','y')",
    "]]><w:p/>",
    "<text:p xlink:href='file:///etc/passwd'/>",
    "<attachment href=file:///etc/passwd>",
]  # fmt: skip
MIXED = [
    "[a](javascript:alert(1)//https://x.nl)",
    "[a](https://x.nl 'onmouseover=alert(1)')",
    "[a](https://x.nl \"><script>alert(1)</script>\")",
    "[<script>alert(1)</script>](https://x.nl)",
    "[a\x00](https://x.nl/\x00)",
    "[a](\u202ehttps://x.nl)",
    "[a](https://x.nl/\u202egnp.exe)",
    "<https://x.nl/%E2%80%AE%00\">",
    "[![a](https://x.nl/b)](javascript:alert(1))",
    "[a][b]\n\n[b]: javascript:alert(1)",
    "[^<script>]\n\n[^<script>]: <img src=x onerror=alert(1)>",
    "[^__proto__] [^constructor]\n\n[^__proto__]: a\n\n[^constructor]: [b](data:,c)",
    "[^1]: [^1]: [^1]: a",
    "a[^1]\n\n[^1]: [a](javascript:alert(1))",
    "### [a](javascript:alert(1))",
    "### <img src=x onerror=alert(1)>",
    "- <script>alert(1)</script>\n  - [a](vbscript:b)",
    "| <script> | [a](data:,b) |\n|---|---|\n| ![c](d) | </table> |",
    "| a |\n|:-:\" onclick=\"alert(1)|\n| b |",
    "1. <ol start=\"javascript:alert(1)\">",
    "999999999. a",
    "**<b onclick=alert(1)>**",
    "*[a](javascript:alert(1))*",
    "```html\n<script>alert(1)</script>\n```",
    "```\" onclick=\"alert(1)\na\n```",
    "`<script>`",
    "> <script>alert(1)</script>",
    "<https://x.nl/\"onclick=alert(1)>",
    "https://x.nl/\"onclick=alert(1)",
    "https://x.nl/<script>",
    "https://x.nl/'><script>",
    "https://x.nl@y.nl https://x.nl:1@y.nl",
    "https://x.nl\\@y.nl",
]  # fmt: skip
HOSTILE = [
    *[form.format(scheme) for form, scheme in product(FORMS, SCHEMES)],
    *HTML,
    *MIXED,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert(text: str) -> None:
    for placed in (text, f"- {text}", f"a[^9]\n\n[^9]: {text}", f"| a |\n|---|\n| {text} |"):
        rich = richtext.link_references(richtext.parse(placed))

        assert_well_formed(rich)
        richtext.problems(placed)


@pytest.mark.parametrize(("form", "scheme"), [*product(FORMS[:3], SCHEMES)])
def test_unsafe_address_never_becomes_a_link(form: str, scheme: str) -> None:
    for href in hrefs(richtext.parse(form.format(scheme))):
        # Part of such an address can be a harmless one that links to what it shows.
        assert href in scheme


@pytest.mark.parametrize("text", HTML)
def test_html_shows_as_it_was_typed(text: str) -> None:
    assert squeezed(richtext.plain_text(richtext.parse(text))) == squeezed(text)


SLOW = {
    "footnotes": "[^",
    "footnote definitions": "[^a]: ",
    "brackets": "[",
    "images": "![",
    "links": "[a](",
    "titles": '[](x "',
    "stars": "***a",
    "lists": "- ",
    "quotes": ">",
    "tags": "<a b='",
    "comments": "<!--",
    "backticks": "``a`",
    "addresses": "https://x)",
    "escapes": "\\",
    "pipes": "|a",
    "tables": "a|b\n-|-\n",
    "wide table": "|" + "a|" * 256 + "\n|" + "-|" * 256 + "\n" + "x\n" * 9_000,
    "paragraphs": "a\n\n",
    "item paragraphs": "- a\n\n  b\n\n  c\n",
    "spaces": " ",
}


@pytest.mark.parametrize("pattern", SLOW.values(), ids=SLOW)
def test_text_made_to_be_slow_is_read_within_seconds(pattern: str) -> None:
    text = (pattern * MAX_CHARACTERS)[:MAX_CHARACTERS]
    start = time.process_time()

    rich = richtext.parse(text)
    richtext.problems(text)
    richtext.link_references(rich)

    assert time.process_time() - start < 10


# --- What holds for every text

MARKDOWN = st.lists(
    st.sampled_from(
        [
            *"*_[]()<>|`#-+!^:\\~ \n\t1a.é",
            "\n\n",
            "  \n",
            "[^a]",
            "[^a]: ",
            "- ",
            "1. ",
            "### ",
            "#### ",
        ]
        + [
            "|---|---|\n",
            "| a | b |\n",
            "https://x.nl",
            "[a](https://x.nl)",
            "    ",
            "> ",
            "```",
            "<b>",
        ]
    ),
    max_size=60,
).map("".join)
WORDS = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc", "Cf"), exclude_characters="*_[]<>\\|`#-+!:=~\u2028\u2029"
    ),
    max_size=200,
).filter(lambda text: not any(line.lstrip()[:1].isdigit() for line in text.splitlines()))
SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300)


def words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() else " " for c in text).split())


def squeezed(text: str) -> str:
    return "".join(text.split())


def list_depth(blocks: tuple[Block, ...]) -> int:
    lists = (block for block in blocks if isinstance(block, List))
    return max((1 + list_depth(item.blocks) for block in lists for item in block.items), default=0)


def assert_well_formed(rich: RichText) -> None:
    """Check all that renderers count on."""
    notes = []
    for runs in all_runs(rich):
        for one, next_one in pairwise(runs):
            apart = LINE_BREAK in (one, next_one) or one.note or next_one.note
            assert apart or replace(one, text="") != replace(next_one, text="")
        for run in runs:
            assert bool(run.text) != bool(run.note)
            assert run == LINE_BREAK or "\n" not in run.text
            assert not any(
                unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n" for c in run.text
            )
            notes += [run.note] if run.note else []
            if run.href:
                parts = urlsplit(run.href)
                assert parts.scheme in ("https", "mailto")
                assert (parts.scheme == "https") == bool(parts.hostname)
                assert not parts.username
                assert run.href.isascii()
                assert run.href.isprintable()
                assert not set(run.href) & set(' "<>\\`{|}^')
    assert [footnote.label for footnote in rich.footnotes] == list(dict.fromkeys(notes))
    assert [footnote.label for footnote in rich.footnotes] == [
        str(number) for number in range(1, len(rich.footnotes) + 1)
    ]
    assert list_depth(rich.blocks) <= MAX_LIST_DEPTH
    for block in rich.blocks:
        if isinstance(block, Table):
            assert block.rows
            assert (
                {len(row) for row in block.rows} == {len(block.header)} == {len(block.alignments)}
            )
    levels = [block.level for block in rich.blocks if isinstance(block, Heading)]
    assert set(levels) <= {3, 4}
    assert levels[:1] in ([], [3])


@SLOWLY
@given(st.one_of(MARKDOWN, st.text(st.characters(), max_size=300)))
@example("[^a]\n\n[^a]: \xa0")
@example("#" * 7)
@example("*" * 3000 + "a" + "*" * 3000)
def test_every_text_is_read_and_well_formed(text: str) -> None:
    rich = richtext.parse(text)

    assert_well_formed(rich)
    assert all(
        1 <= problem.line <= text.count("\n") + text.count("\r") + 1
        for problem in richtext.problems(text)
    )


@SLOWLY
@given(WORDS)
def test_every_visible_character_of_text_without_marks_survives(text: str) -> None:
    assert squeezed(richtext.plain_text(richtext.parse(text))) == squeezed(text)


@SLOWLY
@given(WORDS)
def test_plain_text_of_text_without_marks_reads_back_the_same(text: str) -> None:
    rich = richtext.parse(text)

    assert richtext.parse(richtext.plain_text(rich)) == rich


@SLOWLY
@given(MARKDOWN)
def test_words_are_never_lost_when_there_are_no_problems(text: str) -> None:
    if not richtext.problems(text):
        shown = richtext.plain_text(richtext.parse(text))

        assert shown.count("é") == text.count("é")


@SLOWLY
@given(MARKDOWN)
def test_mapping_runs_onto_themselves_changes_nothing(text: str) -> None:
    rich = richtext.parse(text)

    assert richtext.map_runs(rich, lambda runs: runs) == rich


# --- Using


def test_plain_text_has_the_words_of_every_kind_of_block() -> None:
    text = "### Kop\n\neen[^1]\n\n- twee\n  - drie\n\n| a | b |\n|---|---|\n| c |\n\n[^1]: noot"

    assert (
        richtext.plain_text(richtext.parse(text)) == "Kop\n\neen\n\ntwee\ndrie\n\na\tb\nc\t\n\nnoot"
    )


def test_map_runs_reaches_every_place() -> None:
    text = "### a\n\na[^1]\n\n- a\n  - a\n\n| a | a |\n|---|---|\n| a | a |\n\n[^1]: a"

    def louder(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(Run(run.text.upper(), note=run.note) for run in runs)

    assert squeezed(richtext.plain_text(richtext.map_runs(richtext.parse(text), louder))) == "A" * 9


def test_reference_across_bold_text_and_a_footnote_becomes_links_to_one_document() -> None:
    rich = richtext.link_references(
        richtext.parse("Zie Kamerstuk **32 735**[^1], nr. 377.\n\n[^1]: a")
    )

    (block,) = rich.blocks
    assert isinstance(block, Paragraph)
    assert len(set(hrefs(rich))) == 1
    assert "kst-32735-377" in hrefs(rich)[0]
    assert Run("32 735", strong=True, href=hrefs(rich)[0]) in block.runs
    assert Run("", note="1") in block.runs


def test_reference_the_author_linked_keeps_the_link_of_the_author() -> None:
    rich = richtext.parse("[Kamerstuk 32 735, nr. 377](https://x.nl)")

    assert richtext.link_references(rich) == rich


def test_references_in_lists_tables_headings_and_footnotes_are_linked() -> None:
    source = "Kamerstuk 32 735, nr. 377"
    text = f"### {source}\n\n- {source}[^1]\n\n| {source} |\n|---|\n| {source} |\n\n[^1]: {source}"

    assert len(hrefs(richtext.link_references(richtext.parse(text)))) == 5


def test_references_that_share_one_literal_link_to_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [
        citations.Reference("abc", 1, 4, citations.Kind.STB, "1", "https://x.nl/1"),
        citations.Reference("abc", 1, 4, citations.Kind.STB, "2", "https://x.nl/2"),
        citations.Reference("e", 5, 6, citations.Kind.STB, "3", "/3"),
    ]
    monkeypatch.setattr(citations, "find_references", lambda text: found)

    linked = richtext.link_references(RichText((Paragraph((Run("-abc-e-"),)),)))

    assert linked.blocks == (Paragraph((Run("-"), Run("abc", href="https://x.nl/1"), Run("-e-"))),)


def test_reference_over_a_forced_line_end_leaves_that_line_end_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [citations.Reference("een\ntwee", 0, 8, citations.Kind.STB, "1", "https://x.nl")]
    monkeypatch.setattr(citations, "find_references", lambda text: found)

    linked = richtext.link_references(richtext.parse("een\\\ntwee"))

    one, two = Run("een", href="https://x.nl"), Run("twee", href="https://x.nl")
    assert linked.blocks == (Paragraph((one, LINE_BREAK, two)),)


@SLOWLY
@given(MARKDOWN.map(lambda text: f"{text} Kamerstuk 32 735, nr. 377 {text}"))
def test_linking_references_changes_no_words(text: str) -> None:
    rich = richtext.parse(text)
    linked = richtext.link_references(rich)

    assert_well_formed(linked)
    assert richtext.plain_text(linked) == richtext.plain_text(rich)
    assert richtext.link_references(linked) == linked


def test_module_needs_no_django() -> None:
    script = "import sys, actions.richtext; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script]).returncode == 0

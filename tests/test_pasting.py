"""What is pasted from Word or LibreOffice becomes our Markdown, complete.

The samples hold one text: `pasted.docx`, as LibreOffice makes HTML of it, and as Word does.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions import pasting, richtext

SAMPLES = Path(__file__).parent / "samples"
COMPLETE = """\
### Wat er gebeurde

De **pilot** is *gestart*[^1]; zie [de website](https://www.rijksoverheid.nl/onderwerpen/imvo) \
voor meer.

- Een rapport
  - met een bijlage
    - en een tabel
- Twee bijeenkomsten[^2]

1. Eerst dit.
2. Dan dat.

| Jaar | Bedrag |
| --- | --- |
| 2025 | 1.000 |
| 2026 | 2.500 |

Slot."""
NOTES = "[^1]: Kamerstuk 32 735, nr. 377.\n\n[^2]: In maart en in **mei**."


def sample(program: str) -> str:
    return (SAMPLES / f"pasted-from-{program}.html").read_text(encoding="utf-8")


def words(html: str) -> str:
    return pasting.to_markdown(html).words


@pytest.mark.parametrize("program", ["word", "libreoffice"])
def test_text_with_all_that_it_can_hold_arrives_complete(program: str) -> None:
    pasted = pasting.to_markdown(sample(program))
    assert pasted.words == COMPLETE
    assert pasted.notes == NOTES
    assert not richtext.problems(f"{pasted.words}\n\n{pasted.notes}")


@pytest.mark.parametrize("program", ["word", "libreoffice"])
def test_footnotes_get_numbers_that_the_text_does_not_use(program: str) -> None:
    pasted = pasting.to_markdown(sample(program), "Al een noot[^1].\n\n[^1]: Deze.")
    assert "*gestart*[^2]" in pasted.words
    assert pasted.notes == NOTES.replace("[^2]", "[^3]").replace("[^1]", "[^2]")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<b style="font-weight:normal">a</b>', "a"),
        ('<span style="font-weight:700">a</span>', "**a**"),
        ('<span style="font-style: italic">a</span>', "*a*"),
        ("<h1>a</h1><h4>b</h4>", "### a\n\n#### b"),
        ("a<img src=x>b<script>c</script>", "ab"),
        ('<a href="javascript:alert(1)">a</a>', "a"),
        ('<a href="http://x.example/">a</a>', "a (http://x.example/)"),
        ('<a href="mailto:a@b.example">a</a>', "[a](mailto:a@b.example)"),
        ("5 * 3 * 2", r"5 \* 3 \* 2"),
        ("<p>a<br>b</p>", "a\\\nb"),
        ("<ol><li value=1>a<ol><li>b</ol></ol>", "1. a\n   1. b"),
        ("<ol><li value=1>a</ol><ol><li value=2>b</ol>", "1. a\n2. b"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "| a | b |\n| --- | --- |\n| c |  |"),
        ("<table><tr><td>a|b</table>", "| a\\|b |\n| --- |"),
        ("<pre>a\n  b</pre>", "a b"),
        ("", ""),
    ],
)
def test_each_kind_of_layout_becomes_what_a_text_can_hold(html: str, expected: str) -> None:
    assert words(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "a" * (pasting.MAX_HTML + 1),
        "<div>" * (pasting.MAX_DEPTH + 1),
        "<table><tr><td>" * 400,
        "<p>a</p>" * (pasting.MAX_TAGS + 1),
        f"<table><tr>{'<td>' * 400}</tr>{'<tr><td>' * 400}",
    ],
)
def test_what_no_text_is_is_refused(html: str) -> None:
    with pytest.raises(ValueError, match="more than fits"):
        pasting.to_markdown(html)


def test_footnote_numbers_of_a_long_text_are_passed_over() -> None:
    existing = " ".join(f"[^{number}]" for number in range(1, 3_000))
    assert "[^3000]" in pasting.to_markdown(sample("word"), existing).words


TAGS = ["p", "b", "i", "ul", "ol", "li", "table", "tr", "td", "a href='https://x.example'", "h2"]
WORDS = st.text("abc *_#[]|\\`<&\n", max_size=8)
MARKUP = st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag.split()[0]}>" for tag in TAGS])


def letters(text: str) -> str:
    return "".join(sorted(re.findall("[abc]", text.replace("https://x.example", ""))))


@given(st.lists(st.tuples(MARKUP, WORDS), max_size=15))
def test_no_letter_is_lost_from_whatever_was_pasted(parts: list[tuple[str, str]]) -> None:
    html = "".join(markup + escape(typed) for markup, typed in parts)
    assert letters(words(html)) == letters("".join(typed for _markup, typed in parts))

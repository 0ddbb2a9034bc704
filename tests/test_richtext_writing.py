"""What was read is written as Markdown again, and reads the same."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from actions.richtext import markdown, parse

_PIECES = [
    *("*", "**", "***", "_", "__", "[", "]", "(", ")", "](https://a.nl)", "[^1]", "[^a]", "|"),
    *("\\", "`", "<", ">", "#", "### ", "#### ", "- ", "* ", "1. ", "12) ", "  ", "    ", "\t"),
    *("\n", "\n\n", "\n    ", "\n  - ", "\n\n[^1]: ", "\n[^a]: ", "\\\n", "  \n", "!", ":", "."),
    *("| a | b |\n| - | -: |\n| ", "https://a.nl/x_(y)?a&amp;b", "a", "é", "م", "\u00a0", "&amp;"),
    *("woord", "<script>", "---", "===", "~~~", "mailto:a@b.nl", "\u2028", "’", "1.a "),
]
hostile = st.lists(st.sampled_from(_PIECES), max_size=30).map("".join)
inline = st.lists(
    st.sampled_from(
        [*("*", "**", "***", "_", "__", "[", "](https://a.nl)", "a", "b", " ", ".", "[^1]", "\\\n")]
    ),
    max_size=24,
).map(lambda each: "".join(each) + "\n\n[^1]: noot")


@settings(max_examples=200, deadline=None)
@given(hostile | inline | st.text(max_size=60))
@example("a***b*c**d")
def test_what_is_written_is_read_as_the_same_text(text):
    rich = parse(text)

    assert parse(markdown(rich)) == rich

"""Shows one text as the report will: the same tree, the same templates."""

from __future__ import annotations

from typing import Any

from django import template

from reports.texts import Texts

register = template.Library()


@register.inclusion_tag("reports/text.html")
def as_in_report(text: str, prefix: str) -> dict[str, Any]:
    """Show the Markdown of one text; its ids start with `prefix`."""
    texts = Texts()
    return {
        "blocks": texts.blocks(text, prefix),
        "footnotes": texts.footnotes,
        "notes": {note.id: (number, note) for number, note in enumerate(texts.footnotes, start=1)},
        "called": set(),
        "medium": "screen",
        "prefix": prefix,
    }

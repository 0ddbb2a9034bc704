"""Sentences of the builder, as nodes with ids and linked references."""

from __future__ import annotations

from actions import richtext
from actions.queries.records import Reading, Stand
from actions.richtext import Run
from reports.builder.wording import names_kept_together, reading_words
from reports.document import Paragraph
from reports.linking import linked_runs


def linked(text: str) -> tuple[Run, ...]:
    """Return a sentence with every official reference in it as a link, and no name broken off."""
    return linked_runs((Run(names_kept_together(text)),))


def sentence(
    node_id: str, text: str, *, lead: str = "", versions: tuple[str, ...] = ()
) -> Paragraph:
    """Return one paragraph of the builder's own words; `versions` are the texts it speaks of."""
    return Paragraph(node_id, linked(text), lead, versions=versions)


def columns(*titles: str) -> tuple[tuple[Run, ...], ...]:
    """Return the header of a table of the builder's own words."""
    return tuple((Run(title),) for title in titles)


def version_name(stand: Stand) -> str:
    """Return the name of the text of a ministry, as a Paragraph bears it: `1.a/2025/3`."""
    return f"{stand.code}/{stand.year}/{stand.version}"


def source_runs(reading: Reading) -> tuple[Run, ...]:
    """Return a source as a line in which its reference, or its title, is the link."""
    words = reading_words(reading)
    if reading.reference and reading.url:
        return (*linked(f"{words} ("), Run(reading.reference, href=reading.url), Run(")"))
    if richtext.is_safe_link(reading.url):
        return (Run(reading.title, href=reading.url), Run(words.removeprefix(reading.title)))
    return linked(f"{words} ({reading.reference})" if reading.reference else words)

"""Runs of text as HTML; footnotes float on a page and are linked on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from actions.richtext import LINE_BREAK, Run
from reports.document import Block, Footnote, Heading

register = template.Library()

# `Kamerstuk 36 600 XVII, nr. 1234` fits; a title or an address does not.
SHORT = 32


@register.simple_tag(takes_context=True)
def runs(context: Context, each: Sequence[Run]) -> SafeString:
    """Return runs as HTML. A link holds text only: PDF/UA refuses elements within it."""
    return format_html_join("", "{}", ((_run(run, context),) for run in each))


def _run(run: Run, context: Context) -> SafeString:
    if run.note:
        return _note(run.note, context)
    if run == LINE_BREAK:
        return format_html("<br>")
    html = _link(run) if run.href else run.text
    if run.emphasis:
        html = format_html("<em>{}</em>", html)
    if run.strong:
        html = format_html("<strong>{}</strong>", html)
    return format_html("{}", html)


def _link(run: Run) -> SafeString:
    """Return a link; a short one, such as a reference, stays on one line."""
    if len(run.text) <= SHORT:
        return format_html('<a class="short" href="{}">{}</a>', run.href, run.text)
    return format_html('<a href="{}">{}</a>', run.href, run.text)


def _note(note_id: str, context: Context) -> SafeString:
    number, note = context["notes"][note_id]
    if context["medium"] == "screen":
        return format_html('<sup><a href="#{}" id="naar-{}">{}</a></sup>', note_id, note_id, number)
    return _floating(note, context)


def _floating(note: Footnote, context: Context) -> SafeString:
    body = format_html_join("", "{}", ((_run(run, context),) for run in note.runs))
    return format_html('<span class="note" id="{}">{}</span>', note.id, body)


@register.filter
def kind(block: Block) -> str:
    """Return what sort of block it is, to choose its markup."""
    return type(block).__name__


@register.simple_tag(takes_context=True)
def heading(context: Context, block: Heading, level: int) -> SafeString:
    """Return a heading at its depth below the section's own; never deeper than six."""
    depth = min(level + block.level - 1, 6)
    return format_html('<h{} id="{}">{}</h{}>', depth, block.id, runs(context, block.runs), depth)

"""Runs of text as HTML; footnotes float on a page and are linked on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from actions.richtext import LINE_BREAK, Run
from reports.document import Block, Chart, Footnote, Heading, Node, Paragraph, Section
from reports.redaction import GROUNDS, stand_in
from reports.renderers.charts import chart_svg
from reports.renderers.reading import codes_of

register = template.Library()

# What stands where something was withheld.
WITHHELD = frozenset(stand_in(each) for each in GROUNDS)

# `Kamerstuk 36 600 XVII, nr. 1234` fits; a title or an address does not.
SHORT = 32
# What a narrow column can hold on one page.
LONG = 400


@register.simple_tag(takes_context=True)
def runs(context: Context, each: Sequence[Run]) -> SafeString:
    """Return runs as HTML. A link holds text only: PDF/UA refuses elements within it."""
    return format_html_join("", "{}", ((_run(run, context),) for run in each))


def _run(run: Run, context: Context) -> SafeString:
    if run.note:
        return _note(run.note, context)
    if run == LINE_BREAK:
        return format_html("<br>")
    if run.text in WITHHELD:
        return _withheld(run, context)
    html = _link(run) if run.href else run.text
    if run.emphasis:
        html = format_html("<em>{}</em>", html)
    if run.strong:
        html = format_html("<strong>{}</strong>", html)
    return format_html("{}", html)


def _withheld(run: Run, context: Context) -> SafeString:
    """Return the ground that stands for a text, with a link to what that ground protects."""
    if "grounds" not in context:
        return format_html('<span class="withheld">{}</span>', run.text)
    return format_html(
        '<a class="withheld" href="#{}" aria-label="Niet openbaar, grond {}">{}</a>',
        context["grounds"],
        run.text,
        run.text,
    )


def _link(run: Run) -> SafeString:
    """Return a link; a short one, such as a reference, stays on one line."""
    if len(run.text) <= SHORT:
        return format_html('<a class="short" href="{}">{}</a>', run.href, run.text)
    return format_html('<a href="{}">{}</a>', run.href, run.text)


def _note(note_id: str, context: Context) -> SafeString:
    """Return the number that calls a note; on a page the note itself floats from the first call."""
    number, note = context["notes"][note_id]
    if note_id in context["called"]:
        return format_html('<sup class="call"><a href="#{}">{}</a></sup>', note_id, number)
    context["called"].add(note_id)
    call = format_html(
        '<sup class="call"><a href="#{}" id="naar-{}">{}</a></sup>', note_id, note_id, number
    )
    return call + _floating(number, note, context) if context["medium"] == "page" else call


def _floating(number: int, note: Footnote, context: Context) -> SafeString:
    body = format_html_join("", "{}", ((_run(run, context),) for run in note.runs))
    back = format_html('<sup><a href="#naar-{}">{}</a></sup> ', note.id, number)
    return format_html('<span class="note" id="{}">{}{}</span>', note.id, back, body)


@register.simple_tag(takes_context=True)
def under(context: Context, section: Section) -> SafeString:
    """Lead from the section about an action point to its page on the site."""
    places = ((context["points"].get(code, ""), code) for code in codes_of(section))
    return format_html_join(
        "",
        '<p class="about"><a href="{}">{} in alle jaren</a></p>',
        ((href, code) for href, code in places if href),
    )


@register.simple_tag(takes_context=True)
def beside(context: Context, block: Paragraph) -> SafeString:
    """Give a paragraph a link to itself, and to the action points it is about.

    Not in a report with a section for each point: that section has both.
    """
    if not context["cites_paragraphs"]:
        return SafeString()
    places = [(context["points"].get(code, ""), code) for code in codes_of(block)]
    about = format_html_join(
        "",
        '<a href="{}" aria-label="Actiepunt {}">{}</a>',
        ((href, code, code) for href, code in places if href),
    )
    here = format_html(
        '<a class="here" href="#{}" aria-label="Link naar deze alinea">¶</a>', block.id
    )
    return format_html(' <span class="beside">{}{}</span>', about, here)


@register.simple_tag
def picture(chart: Chart) -> SafeString:
    """Return the picture of a chart, for within the page."""
    return SafeString(chart_svg(chart))


@register.simple_tag
def ground(node: Node) -> SafeString:
    """Say of an internal node that it is one, and why."""
    return format_html("Niet openbaar, grond {}", node.ground)


@register.filter
def kind(block: Block) -> str:
    """Return what sort of block it is, to choose its markup."""
    return type(block).__name__


@register.filter
def is_long(row: Sequence[Sequence[Run]]) -> bool:
    """Tell whether a row may go on over a page; WeasyPrint drops the header above one too long."""
    return any(sum(len(run.text) for run in cell) > LONG for cell in row)


@register.simple_tag(takes_context=True)
def heading(context: Context, block: Heading, level: int) -> SafeString:
    """Return a heading at its depth below the section's own; never deeper than six."""
    depth = min(level + block.level - 1, 6)
    return format_html('<h{} id="{}">{}</h{}>', depth, block.id, runs(context, block.runs), depth)

"""The coordinator's order as it is kept, and what can be done to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from actions import richtext
from actions.richtext import MAX_CHARACTERS, Run
from reports.arrangement.arranging import Arranged
from reports.arrangement.built import Built, parts
from reports.document import Document


@dataclass(frozen=True, slots=True)
class Stored(Arranged):
    """A paragraph in order, with what was built when it was last taken in.

    `built`, `lead` and `versions` are of all that it covers, a blank line between. It is `gone`
    when the builder no longer makes all of that.
    """

    built: str = ""
    lead: str = ""
    versions: tuple[str, ...] = ()
    fixed: bool = False
    gone: bool = False

    @property
    def text(self) -> str:
        """Return the Markdown that stands: the own text, or else what was built."""
        return self.own if self.own.strip() else self.built


def stored(document: Document) -> tuple[Stored, ...]:
    """Return every paragraph of a document as the builder put it."""
    return tuple(taken_in(part.id, each) for part in parts(document) for each in part.paragraphs)


def taken_in(part: str, each: Built) -> Stored:
    """Return a paragraph as it was just built."""
    return Stored(
        each.node_id,
        part,
        ground=each.ground,
        built=each.markdown,
        lead=each.lead,
        versions=each.versions,
        fixed=each.fixed,
    )


def join(rows: Sequence[Stored], node_ids: Sequence[str]) -> tuple[Stored, ...]:
    """Join paragraphs into one, at the place of the first of them in order.

    Their texts stay paragraphs of it, for the coordinator to run together; the bold opening of
    each but the first becomes bold text. Raises ValueError for what cannot be joined.
    """
    chosen = [row for row in rows if row.node_id in set(node_ids)]
    if len(chosen) < 2 or len(chosen) < len(set(node_ids)):
        raise ValueError("choose two or more paragraphs that are there")
    if any(row.fixed for row in chosen):
        raise ValueError("a chart or a table of data cannot be joined")
    if any(row.left_out for row in chosen):
        raise ValueError("a paragraph that is left out cannot be joined")
    first, *rest = chosen
    own = together([first.text, *(_opened(row) for row in rest)])
    if len(own) > MAX_CHARACTERS:
        raise ValueError("together the paragraphs are too long")
    one = replace(
        first,
        own=own,
        covers=_once(name for row in chosen for name in row.covered),
        ground=next((row.ground for row in chosen if row.ground), ""),
        built=_built_of(chosen),
        versions=_once(name for row in chosen for name in row.versions),
        gone=any(row.gone for row in chosen),
    )
    return tuple(one if row is first else row for row in rows if row is first or row not in rest)


def split(
    rows: Sequence[Stored],
    node_id: str,
    *,
    offset: int | None = None,
    paragraph: int | None = None,
) -> tuple[Stored, ...]:
    """Split a text before a character, or before a paragraph of it (the first is 0).

    Both pieces stand for what the whole stood for. Raises ValueError when one would be empty.
    """
    row = _found(rows, node_id)
    if row.fixed:
        raise ValueError("a chart or a table of data cannot be split")
    if (offset is None) == (paragraph is None):
        raise ValueError("say where to split, in one way")
    if offset is not None:
        before, after = richtext.cut(row.text, offset)
    else:
        before, after = _halves(row.text, paragraph or 0)
    if not richtext.parse(before).blocks or not richtext.parse(after).blocks:
        raise ValueError("both pieces need a text")
    if max(len(before), len(after)) > MAX_CHARACTERS:
        raise ValueError("a piece is too long")
    taken = {each.node_id for each in rows}
    base = node_id.partition("~")[0]
    name = next(f"{base}~{n}" for n in count(2) if f"{base}~{n}" not in taken)
    pieces = (
        replace(row, own=before, covers=row.covered),
        replace(row, own=after, covers=row.covered, node_id=name),
    )
    return tuple(each for one in rows for each in (pieces if one is row else (one,)))


def move(rows: Sequence[Stored], node_id: str, part: str, after: str = "") -> tuple[Stored, ...]:
    """Move a paragraph to a part, after another one there or to its start.

    Raises ValueError when the other is not in that part.
    """
    row = _found(rows, node_id)
    if after == node_id:
        raise ValueError("a paragraph cannot stand after itself")
    if after and _found(rows, after).part != part:
        raise ValueError("the paragraph before it is in another part")
    others = [each for each in rows if each is not row]
    place = next((n for n, each in enumerate(others) if each.part == part), len(others))
    if after:
        place = next(n for n, each in enumerate(others) if each.node_id == after) + 1
    others.insert(place, replace(row, part=part))
    return tuple(others)


def leave_out(rows: Sequence[Stored], node_id: str, *, left_out: bool = True) -> tuple[Stored, ...]:
    """Leave a paragraph out of the document, or take it in again; its text is kept."""
    row = _found(rows, node_id)
    if row.left_out == left_out:
        raise ValueError("nothing would change")
    return tuple(replace(each, left_out=left_out) if each is row else each for each in rows)


def together(texts: Sequence[str]) -> str:
    """Return several Markdown texts as one, in which each keeps its own footnotes."""
    said = [each for each in texts if each.strip()]
    if len(said) < 2:
        return "".join(said)
    if any(len(each) > MAX_CHARACTERS for each in said):
        return "\n\n".join(said)
    blocks: list[richtext.Block] = []
    footnotes: list[richtext.Footnote] = []
    for each in said:
        rich = _renumbered(richtext.parse(each), len(footnotes))
        blocks += rich.blocks
        footnotes += rich.footnotes
    return richtext.markdown(richtext.RichText(tuple(blocks), tuple(footnotes)))


def _renumbered(rich: richtext.RichText, start: int) -> richtext.RichText:
    """Return a text whose footnotes are numbered on from `start`."""

    def moved(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(
            replace(run, note=str(int(run.note) + start)) if run.note else run for run in runs
        )

    changed = richtext.map_runs(rich, moved)
    footnotes = (replace(each, label=str(int(each.label) + start)) for each in changed.footnotes)
    return replace(changed, footnotes=tuple(footnotes))


def _halves(text: str, number: int) -> tuple[str, str]:
    rich = richtext.parse(text)
    if not 0 < number < len(rich.blocks):
        raise ValueError("there is no such paragraph to split before")
    halves = (rich.blocks[:number], rich.blocks[number:])
    before, after = (_calling(half, rich.footnotes) for half in halves)
    return before, after


def _calling(blocks: tuple[richtext.Block, ...], notes: Sequence[richtext.Footnote]) -> str:
    """Return blocks with the footnotes that they call, numbered from one."""
    called: set[str] = set()

    def look(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        called.update(run.note for run in runs)
        return runs

    richtext.map_runs(richtext.RichText(blocks), look)
    own = tuple(each for each in notes if each.label in called)
    written = richtext.markdown(richtext.RichText(blocks, own))
    return richtext.markdown(richtext.parse(written))


def _opened(row: Stored) -> str:
    """Return the text of a paragraph that no longer comes first, its bold opening in it."""
    if not row.lead or not row.is_first:
        return row.text
    lead = Run(row.lead, strong=True)
    rich = richtext.parse(row.text)
    opening = rich.blocks[0] if rich.blocks else None
    if isinstance(opening, richtext.Paragraph):
        runs = richtext.joined((lead, Run(" "), *opening.runs))
        blocks = (richtext.Paragraph(runs), *rich.blocks[1:])
    else:
        blocks = (richtext.Paragraph((lead,)), *rich.blocks)
    return richtext.markdown(replace(rich, blocks=blocks))


def _built_of(rows: Sequence[Stored]) -> str:
    """Return what was built for rows together; pieces of one whole have that in common."""
    texts: dict[tuple[str, ...], str] = {}
    for row in rows:
        names = set(row.covered)
        if any(names <= set(each) for each in texts):
            continue
        wider = [each for each in texts if set(each) <= names]
        if any(names & set(each) for each in texts if each not in wider):
            raise ValueError("these paragraphs share a text with a third; join that one first")
        texts = {each: text for each, text in texts.items() if each not in wider}
        texts[row.covered] = row.built
    return together(list(texts.values()))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _found(rows: Sequence[Stored], node_id: str) -> Stored:
    for row in rows:
        if row.node_id == node_id:
            return row
    raise ValueError("there is no such paragraph")

"""The public form of a document: the ground of the Woo stands where something is withheld.

What is left out is taken out of the tree; no renderer ever sees it. No Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from actions.richtext import Run
from reports.document import (
    DecisionNote,
    Facts,
    Footnote,
    Heading,
    Item,
    Node,
    Paragraph,
    Section,
    Visibility,
)
from reports.names import Names

# The articles of the Woo that a decision note can be withheld on, and what they protect.
GROUNDS: Final[Mapping[str, str]] = {
    "5.1.1a": "de eenheid van de Kroon",
    "5.1.1b": "de veiligheid van de Staat",
    "5.1.1c": "vertrouwelijk meegedeelde bedrijfs- en fabricagegegevens",
    "5.1.1d": "bijzondere persoonsgegevens",
    "5.1.1e": "nationale identificatienummers",
    "5.1.2a": "de betrekkingen van Nederland met andere landen en internationale organisaties",
    "5.1.2b": "de economische of financiële belangen van de Staat",
    "5.1.2c": "de opsporing en vervolging van strafbare feiten",
    "5.1.2d": "inspectie, controle en toezicht",
    "5.1.2e": "de persoonlijke levenssfeer",
    "5.1.2f": "concurrentiegevoelige bedrijfs- en fabricagegegevens",
    "5.1.2g": "de bescherming van het milieu",
    "5.1.2h": "de beveiliging van personen en bedrijven",
    "5.1.2i": "het goed functioneren van de Staat",
    "5.1.5": "onevenredige benadeling",
    "5.2.1": "persoonlijke beleidsopvattingen voor intern beraad",
}
PRIVACY: Final = "5.1.2e"
OPINIONS: Final = "5.2.1"

# What a reader never sees as words, and what would no longer be found if it changed.
_NO_WORDS: Final = frozenset({"id", "ground", "language", "note", "versions"})


def stand_in(ground: str) -> str:
    """Return what stands where something was withheld."""
    return f"[{ground}]"


def redact(note: DecisionNote, names: Names | None = None) -> DecisionNote:
    """Return the note as everyone may read it: without internal nodes and without these names.

    Names are left out wherever they stand, also across a change to bold, and so is a link with a
    name in its address. What was withheld side by side becomes one, so that nobody counts it.
    Raises ValueError for a ground that the Woo does not know.
    """
    public: DecisionNote = _Without().of(note)
    if names:
        public = _Mask(names).of(public)
    without = replace(public, footnotes=())
    called = {each.note for each in _inside(without) if isinstance(each, Run)}
    footnotes = tuple(each for each in public.footnotes if each.id in called)
    return replace(without, footnotes=footnotes, is_public=True)


def grounds_of(note: DecisionNote) -> tuple[str, ...]:
    """Return on which grounds something is withheld in a note, internal or public, each once."""
    parts = list(_inside(note))
    found = {each.ground for each in parts if isinstance(each, Node) and each.ground}
    words = " ".join(each for each in parts if isinstance(each, str))
    found |= {ground for ground in GROUNDS if stand_in(ground) in words}
    return tuple(sorted(found))


class _Without:
    """Takes every internal node out of a tree; an id of its own tells nothing of the node."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, value: Any) -> Any:
        """Return a value of the tree in which every internal node has given way."""
        if isinstance(value, Node) and value.is_internal:
            return self._standing_in(value)
        if isinstance(value, tuple):
            return tuple(_apart(self.of(each) for each in value))
        if is_dataclass(value) and not isinstance(value, type):
            changes = {each.name: self.of(getattr(value, each.name)) for each in fields(value)}
            return replace(value, **changes)
        return value

    def _standing_in(self, node: Node) -> Node:
        """Return the public node that has the place of an internal one."""
        if node.ground not in GROUNDS:
            raise ValueError(f"{node.id}: the Woo has no ground {node.ground!r}")
        self.count += 1
        name, words = f"weggelaten-{self.count}", stand_in(node.ground)
        runs = (Run(words),)
        match node:
            case Section():
                return Section(name, words, ground=node.ground)
            case Heading():
                return Heading(name, runs, node.level, ground=node.ground)
            case Item():
                return Item(name, runs, ground=node.ground)
            case Footnote():
                # The text still calls it by this name.
                return Footnote(node.id, runs, ground=node.ground)
            case Facts():
                return Facts(name, ((words, runs),), ground=node.ground)
            case _:
                return Paragraph(name, runs, ground=node.ground)


def _apart(values: Iterable[Any]) -> Iterator[Any]:
    """Yield values, but of stand-ins of one kind and ground in a row only the first."""
    last: Any = None
    for each in values:
        is_same = (
            isinstance(each, Paragraph | Item)
            and bool(each.ground)
            and type(each) is type(last)
            and each.ground == last.ground
        )
        if not is_same:
            yield each
        last = each


class _Mask:
    """Takes names out of every text of a tree."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def of(self, value: Any) -> Any:
        """Return a value of the tree without the names."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, tuple):
            if value and all(isinstance(each, Run) for each in value):
                return self._runs(value)
            return tuple(self.of(each) for each in value)
        if not is_dataclass(value) or isinstance(value, type):
            return value
        changes = {
            each.name: self._field(each.name, getattr(value, each.name)) for each in fields(value)
        }
        return replace(value, **changes)

    def _field(self, name: str, value: Any) -> Any:
        if name in _NO_WORDS or isinstance(value, Visibility):
            return value
        if name == "href":
            return "" if self.names.stand_in_address(value) else value
        return self.of(value)

    def _text(self, text: str) -> str:
        for start, end in reversed(self.names.spans(text)):
            text = f"{text[:start]}{stand_in(PRIVACY)}{text[end:]}"
        return text

    def _runs(self, runs: tuple[Run, ...]) -> tuple[Run, ...]:
        """Take the names out of a text that changes its dress halfway."""
        # A footnote between two words of a name is no reason to let the name stand.
        spans = self.names.spans("".join(run.text for run in runs))
        made: list[Run] = []
        start = 0
        for run in runs:
            end = start + len(run.text)
            made += [run] if run.note else self._pieces(self._unlinked(run), start, end, spans)
            start = end
        return tuple(made)

    def _unlinked(self, run: Run) -> Run:
        """Return a run without its link when the name stands in the address."""
        return replace(run, href="") if self.names.stand_in_address(run.href) else run

    def _pieces(self, run: Run, start: int, end: int, spans: list[tuple[int, int]]) -> list[Run]:
        """Return what is left of a run, with the ground where a name began in it."""
        pieces: list[Run] = []
        at = start
        for first, last in spans:
            if last <= at or first >= end:
                continue
            if first > at:
                pieces.append(replace(run, text=run.text[at - start : first - start]))
            if first >= start:
                pieces.append(replace(run, text=stand_in(PRIVACY), href=""))
            at = min(last, end)
        if at < end:
            pieces.append(replace(run, text=run.text[at - start :]))
        return pieces


def _inside(value: Any) -> Iterator[Any]:
    """Yield every text and every part that a piece of the tree is made of."""
    if isinstance(value, tuple):
        for each in value:
            yield from _inside(each)
    elif isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        yield value
        for each in fields(value):
            yield from _inside(getattr(value, each.name))

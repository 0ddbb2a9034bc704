"""Official references in running text: linked one by one, and spelled one way. No Django."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from actions import richtext
from actions.citations import Kind, Reference, find_references, spelled
from actions.richtext import Run

NBSP: Final = "\N{NO-BREAK SPACE}"

# What stands before a number without adding to it. A letter for the Senate, a number for the House.
_KEYWORDS: Final = frozenset(
    (
        *("kamerstuk", "kamerstukken", "kamerstuknummer", "kamerstuknr", "kst"),
        *("kamerdossier", "dossier", "dossiernummer", "nr", "nrs", "no", "nos", "nummer"),
        *("nummers", "staatscourant", "stcrt", "staatsblad", "stb", "ii", "tk"),
    )
)
_TOKEN: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_NUMBER_WORD: Final = re.compile(r"\b(nrs?|no|nos)\.?\s*(?=[0-9A-Z])", re.IGNORECASE)
_DOSSIER: Final = re.compile(r"(?<![0-9])([1-9][0-9])[.\s]?([0-9]{3})(?![0-9])")
_ADDRESS: Final = re.compile(r"https?:|(?:[a-z-]+\.)+[a-z]+/", re.IGNORECASE)
_SESSION: Final = re.compile(r"((?:19|20)[0-9]{2})[-\u2013/](?:19|20)(?=[0-9]{2})")
_BETWEEN: Final = re.compile(
    r"[\s,;]*(?:(?:en|of|and|&|alsmede|alsook|evenals|respectievelijk|t/m|tot en met|[-–])\s*)?"
)


def linked_runs(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Return runs with every official reference linked, and spelled as `citations.spelled` does.

    What a spelling would leave out, such as the year of a session, keeps it as it was typed. So
    does what lies over more than one run.
    """
    found = find_references("".join(run.text for run in runs))
    if not found:
        return runs
    made: list[Run] = []
    start = 0
    for run in runs:
        own = [each for each in found if each.start >= start]
        end = start + len(run.text)
        made += _spelled(run, [each for each in own if each.end <= end], start)
        start = end
    return _linked(tuple(made))


def _linked(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Link what is left: references over several runs."""
    (block,) = richtext.link_references(richtext.RichText((richtext.Paragraph(runs),))).blocks
    if not isinstance(block, richtext.Paragraph):
        raise TypeError("a paragraph stays a paragraph")
    return block.runs


def _spelled(run: Run, found: Sequence[Reference], offset: int) -> Iterator[Run]:
    """Cut a run at the references in it; `offset` is where the run starts in what was searched."""
    start = 0
    for place, same in groupby(found, key=lambda each: (each.start, each.end)):
        yield replace(run, text=run.text[start : place[0] - offset])
        yield from _pieces(run, list(same))
        start = place[1] - offset
    yield replace(run, text=run.text[start:])


def _pieces(run: Run, named: Sequence[Reference]) -> Iterator[Run]:
    first = named[0]
    if len(named) == 1:
        href = run.href or (first.url if richtext.is_safe_link(first.url) else "")
        yield replace(run, text=_one(first), href=href)
    elif run.href or _is_address(first.literal):
        yield replace(run, text=first.literal)
    else:
        yield from _many(run, named)


def _is_address(literal: str) -> bool:
    return _ADDRESS.match(literal) is not None


def _one(reference: Reference) -> str:
    """Return the one spelling of a reference; its literal when that says more."""
    canonical = spelled(reference.id)
    if canonical and _digits(reference.literal) == _digits(canonical):
        more = _letters(reference.literal) - _letters(canonical) - _KEYWORDS
        if not more:
            return canonical
    return _tidy(reference)


def _digits(text: str) -> str:
    return "".join(re.findall(r"[0-9]", _SESSION.sub(r"\1", text)))


def _letters(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _TOKEN.findall(text) if not word[0].isdecimal())


def _tidy(reference: Reference) -> str:
    """Return a literal with its numbers written the one way and its words as they were."""
    if reference.kind not in {Kind.KAMERSTUK, Kind.KAMERDOSSIER} or _is_address(reference.literal):
        return reference.literal
    text = _DOSSIER.sub(rf"\1{NBSP}\2", reference.literal)
    text = _NUMBER_WORD.sub(lambda match: f"{match[1].lower()}.{NBSP}", text)
    return re.sub(r"^(\w+)\s(?=[0-9])", rf"\1{NBSP}", text)


def _many(run: Run, named: Sequence[Reference]) -> Iterator[Run]:
    """Link each number of `Kamerstukken 32 735, nr. 344 en nr. 401` by itself."""
    text = _tidy(named[0])
    ends = _ends(text, named)
    if ends is None:
        yield replace(run, text=text, href=named[0].url)
        return
    start = 0
    for each, end in zip(named, ends, strict=True):
        between = _BETWEEN.match(text, start)
        opening = between.end() if between and start else start
        yield replace(run, text=text[start:opening])
        yield replace(run, text=text[opening:end], href=each.url)
        start = end
    yield replace(run, text=text[start:])


def _ends(text: str, named: Sequence[Reference]) -> list[int] | None:
    """Return where the number of each reference ends in their common text, when all are found."""
    ends: list[int] = []
    start = 0
    for each in named:
        number = re.escape(each.id.rpartition("-")[2])
        if each.kind == Kind.KAMERDOSSIER:
            number = _DOSSIER.sub(rf"\1{NBSP}\2", number)
        match = re.compile(rf"(?<![0-9A-Za-z]){number}(?![0-9A-Za-z]|{NBSP}[0-9]{{3}})").search(
            text, start
        )
        if match is None:
            return None
        start = match.end()
        ends.append(start)
    return ends

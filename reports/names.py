"""Names of officials in a document: found and offered for leaving out; a person decides.

No Django. Who acts in public by function, such as a minister, is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from actions.richtext import Run
from reports.document import Document, Facts, Node, Section, Signature, Table, nodes

# With fewer letters a surname by itself is any word.
_SHORTEST = 2
# How many characters are shown on either side of a name.
_AROUND = 40


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody with an account."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class FoundName:
    """A name as it stands in a document: in which node, and between which words."""

    literal: str
    node_id: str
    around: str


def find_names(
    document: Document, officials: Iterable[Official], public: Iterable[str] = ()
) -> list[FoundName]:
    """Return where these officials are named, in full, by initials, by surname or by address.

    A name that is part of one of the `public` names there is not returned.
    """
    wanted = any_of(form for official in officials for form in _forms(official))
    allowed = any_of(public)
    found: list[FoundName] = []
    if wanted is None:
        return found
    for node in nodes(document):
        for text in _texts(node):
            kept = [each.span() for each in allowed.finditer(text)] if allowed else []
            found += [
                FoundName(each[0], node.id, _around(text, *each.span()))
                for each in wanted.finditer(text)
                if not any(start <= each.start() and each.end() <= end for start, end in kept)
            ]
    return found


def _forms(official: Official) -> Iterator[str]:
    """Yield the ways in which somebody is written."""
    if official.email:
        yield official.email
    words = official.name.split()
    if len(words) < 2:
        return
    surname = " ".join(words[1:])
    yield official.name
    if sum(letter.isalpha() for letter in surname) < _SHORTEST:
        return
    yield f"{words[0][0]}. {surname}"
    yield f"{words[0][0]}.{surname}"
    # "de Vries" at the start of a sentence, or after "mevrouw", has a capital.
    yield surname
    yield surname[:1].upper() + surname[1:]


def any_of(forms: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of these words as a whole, the longest first; None for no words."""
    ordered = sorted({form for form in forms if form.strip()}, key=lambda form: (-len(form), form))
    spaced = (r"\s+".join(map(re.escape, form.split())) for form in ordered)
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)") if ordered else None


def _around(text: str, start: int, end: int) -> str:
    return text[max(0, start - _AROUND) : end + _AROUND].strip()


def _texts(node: Node) -> Iterator[str]:
    """Yield the texts of a node itself, not of the nodes in it."""
    match node:
        case Section():
            yield node.title
        case Signature():
            yield node.office
            yield node.person
        case Facts():
            for name, runs in node.rows:
                yield name
                yield _joined(runs)
        case Table():
            yield node.caption
            for row in node.rows:
                for cell in row:
                    yield _joined(cell)
        case _:
            yield getattr(node, "lead", "")
            yield _joined(getattr(node, "runs", ()))


def _joined(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)

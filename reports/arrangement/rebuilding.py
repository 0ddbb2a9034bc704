"""What became of the built texts since the coordinator last took them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from reports.arrangement.arranging import with_new
from reports.arrangement.built import Built, parts, places
from reports.arrangement.stored import Stored, taken_in, together
from reports.document import Block, Document


class Outcome(Enum):
    """What happened to a built text."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """What was built for a paragraph before and now, and whether an own text stands there.

    `versions_now` are the texts of ministries it is now made of.
    """

    outcome: Outcome
    node_id: str
    part: str
    before: str = ""
    now: str = ""
    lead_before: str = ""
    lead_now: str = ""
    versions_before: tuple[str, ...] = ()
    versions_now: tuple[str, ...] = ()
    has_own: bool = False


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Every paragraph with what changed, and the order as it would be kept from now on."""

    changes: tuple[Change, ...]
    paragraphs: tuple[Stored, ...]

    @property
    def differs(self) -> bool:
        return any(each.outcome != Outcome.SAME for each in self.changes)


def rebuild(before: Sequence[Stored], document: Document) -> Rebuilt:
    """Return what a document as built now would change; no own text is ever discarded.

    What is gone stays where it has an own text or was joined with something that is not, marked
    as gone.
    """
    found = parts(document)
    built = {each.node_id: each for part in found for each in part.paragraphs}
    home = {each.node_id: part.id for part in found for each in part.paragraphs}
    known = {place.id for place in places(document)}

    def made(part: str, block: Block) -> Stored:
        return taken_in(part, built[block.id])

    changes: dict[str, Change] = {}
    kept: list[Stored] = []
    for row in before:
        now = _now(row, built)
        if now.part not in known:
            living = [home[each] for each in row.covered if each in home]
            now = replace(now, part=living[0]) if living else now
        lives = any(each in built for each in row.covered)
        if lives or row.own.strip():
            kept.append(now)
        changes[row.node_id] = _change(row, now, lives=lives)
    paragraphs = with_new(kept, places(document), made)
    for row in paragraphs:
        if row.node_id not in changes:
            changes[row.node_id] = Change(
                Outcome.NEW,
                row.node_id,
                row.part,
                now=row.built,
                lead_now=row.lead,
                versions_now=row.versions,
            )
    order = {row.node_id: number for number, row in enumerate(paragraphs)}
    listed = sorted(changes.values(), key=lambda each: order.get(each.node_id, len(order)))
    return Rebuilt(tuple(listed), tuple(paragraphs))


def _now(row: Stored, built: Mapping[str, Built]) -> Stored:
    living = [built[each] for each in row.covered if each in built]
    gone = len(living) < len(row.covered)
    if not living:
        # What it was made of is kept, to see beside the own text.
        return replace(row, gone=True)
    ground = next((each.ground for each in living if each.ground), row.ground if gone else "")
    return replace(
        row,
        built=together([each.markdown for each in living]),
        lead=living[0].lead,
        versions=tuple(dict.fromkeys(name for each in living for name in each.versions)),
        fixed=any(each.fixed for each in living),
        ground=ground,
        gone=gone,
    )


def _change(row: Stored, now: Stored, *, lives: bool) -> Change:
    if not lives:
        outcome = Outcome.SAME if row.gone else Outcome.GONE
    elif (row.built, row.lead, row.gone) == (now.built, now.lead, now.gone):
        outcome = Outcome.SAME
    else:
        outcome = Outcome.CHANGED
    return Change(
        outcome,
        row.node_id,
        now.part,
        row.built,
        now.built if lives else "",
        row.lead,
        now.lead if lives else "",
        row.versions,
        now.versions if lives else (),
        bool(row.own.strip()),
    )

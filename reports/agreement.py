"""What was agreed to before a set is issued: about which version, and what differs since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from actions.differences import Piece, compare
from reports.came_back import MinistryAnswer, answers_of, content_of, version_name
from reports.choices import Kind, Outcome
from reports.models import Decision, EditionVersion, Freeze
from reports.passages import Passage


@dataclass(frozen=True, slots=True)
class Change:
    """A passage that differs: in which part of the document, and what went and came."""

    part: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs in one document."""

    kind: Kind
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who agreed to what before a set is issued."""

    # The last word of each office.
    decisions: tuple[Decision, ...]
    # The version that was agreed to last; empty while none was.
    version: str
    # Whether that is the set itself, so that nothing can differ.
    is_this: bool
    changed: tuple[Changed, ...]
    answers: tuple[MinistryAnswer, ...]

    @property
    def against(self) -> list[MinistryAnswer]:
        """The ministries that do not agree."""
        return [answer for answer in self.answers if answer.disagrees]

    @property
    def silent(self) -> list[MinistryAnswer]:
        """The ministries that said nothing of the letter as it is."""
        return [answer for answer in self.answers if answer.is_asked and not answer.disagrees]

    @property
    def agreeing(self) -> list[MinistryAnswer]:
        """The ministries that agree with the letter as it is."""
        return [answer for answer in self.answers if not (answer.is_asked or answer.disagrees)]


def agreement_of(freeze: Freeze) -> Agreement:
    """Return what was agreed to of a set and of what came before it; at most 8 queries."""
    versions = {Kind(each.edition.kind): each for each in _versions(freeze.pk)}
    decisions = _last_words(versions[Kind.DECISION_NOTE])
    base = next((each for each in decisions if each.outcome != Outcome.NOT_AGREED), None)
    is_this = base is not None and base.version.freeze_id == freeze.pk
    before = _versions(base.version.freeze_id) if base and not is_this else []
    return Agreement(
        tuple(decisions),
        version_name(base.version) if base else "",
        is_this,
        tuple(_changed(before, versions)),
        tuple(answers_of(freeze.round, versions[Kind.LETTER])),
    )


def _versions(freeze: int) -> list[EditionVersion]:
    found = EditionVersion.objects.filter(freeze=freeze).select_related("edition__round")
    return sorted(found, key=lambda each: list(Kind).index(Kind(each.edition.kind)))


def _last_words(note: EditionVersion) -> list[Decision]:
    """Return the last decision of each office on an edition of the note, the newest first."""
    found = Decision.objects.filter(version__edition=note.edition_id)
    last: dict[int, Decision] = {}
    for decision in (
        found.filter(version__number__lte=note.number)
        .select_related("office", "version__edition", "met__version__edition")
        .defer(
            "version__tree",
            "version__public_tree",
            "met__version__tree",
            "met__version__public_tree",
        )
        .order_by("-pk")
    ):
        last.setdefault(decision.office_id, decision)
    return list(last.values())


def _changed(
    before: Sequence[EditionVersion], now: dict[Kind, EditionVersion]
) -> Iterator[Changed]:
    for version in before:
        kind = Kind(version.edition.kind)
        changes = tuple(_changes(content_of(version), content_of(now[kind])))
        if changes:
            yield Changed(kind, changes)


def _changes(before: Sequence[Passage], now: Sequence[Passage]) -> Iterator[Change]:
    """Yield the passages of which the words differ, in reading order."""
    old_words, new_words = ([passage.text for passage in each] for each in (before, now))
    matcher = SequenceMatcher(None, old_words, new_words, autojunk=False)
    for step, i, j, k, m in matcher.get_opcodes():
        if step == "equal":
            continue
        for old, new in zip_longest(before[i:j], now[k:m]):
            pieces = compare(old.text if old else "", new.text if new else "")
            yield Change((new or old).part, tuple(pieces))

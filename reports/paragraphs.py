"""The coordinator's arrangement as rows: what stands in which order, and with which own text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from actions.models import EntryVersion, ReportingRound
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from reports.arrangement import Stored
from reports.choices import Kind
from reports.models import EditionParagraph

_SAME = ("part", "own", "left_out", "ground", "built", "lead", "fixed", "gone")


def rows(each: ReportingRound, kind: Kind) -> list[EditionParagraph]:
    """Return the paragraphs of a document in their order."""
    found = EditionParagraph.objects.filter(round=each, kind=kind)
    return list(found.order_by("position", "pk").prefetch_related("versions__entry__action_point"))


def stored(of: Iterable[EditionParagraph], year: int) -> tuple[Stored, ...]:
    """Return rows as the arrangement knows them."""
    return tuple(_stored(row, year) for row in of)


def arrangement(each: ReportingRound, kind: Kind) -> tuple[Stored, ...]:
    """Return the arrangement of a document of a round; empty when nobody arranged it."""
    return stored(rows(each, kind), each.year)


@trail.atomic()
def store(
    each: ReportingRound, kind: Kind, arranged: Sequence[Stored], *, actor: User, what: str
) -> None:
    """Make the rows of a document say this; what changed stands in the audit trail.

    The caller holds the round. Each row that changes gets the next revision.
    """
    before = {row.node_id: row for row in rows(each, kind)}
    versions = _versions(each, arranged)
    changed = []
    for position, wanted in enumerate(arranged, start=1):
        row = before.pop(wanted.node_id, None) or EditionParagraph(
            round=each, kind=kind, node_id=wanted.node_id, revision=0
        )
        if _set(row, wanted, position, versions):
            changed.append(wanted.node_id)
    for row in before.values():
        changed.append(row.node_id)
        row.delete()
    if changed:
        detail = {"kind": str(kind), "what": what, "paragraphs": changed}
        trail.record("edition.write", actor=actor, about=each, detail=detail)


def _stored(row: EditionParagraph, year: int) -> Stored:
    names = sorted(
        f"{version.entry.action_point.code}/{year}/{version.number}"
        for version in row.versions.all()
    )
    return Stored(
        node_id=row.node_id,
        covers=tuple(row.covers),
        versions=tuple(names),
        **{name: getattr(row, name) for name in _SAME},
    )


def _set(
    row: EditionParagraph, wanted: Stored, position: int, versions: Mapping[str, EntryVersion]
) -> bool:
    """Make a row say what is wanted; tell whether it said otherwise."""
    tied = {versions[name].pk for name in wanted.versions if name in versions}
    values = {name: getattr(wanted, name) for name in _SAME}
    values |= {"covers": list(wanted.covers), "position": position}
    is_same = row.pk is not None and all(
        getattr(row, name) == value for name, value in values.items()
    )
    ties = {version.pk for version in row.versions.all()} if row.pk else None
    if is_same and ties == tied:
        return False
    # A place alone is no other text: who edits the paragraph is not in the way.
    texts = {name: value for name, value in values.items() if name != "position"}
    is_moved = (
        row.pk is not None
        and ties == tied
        and all(getattr(row, name) == value for name, value in texts.items())
    )
    for name, value in values.items():
        setattr(row, name, value)
    row.revision += not is_moved
    # An empty list of what it stands for is no missing answer: then it stands for itself.
    row.full_clean(exclude={"covers"}, validate_unique=False)
    row.save()
    if ties != tied:
        row.versions.set(tied)
    return True


def _versions(each: ReportingRound, arranged: Iterable[Stored]) -> dict[str, EntryVersion]:
    """Return the texts of ministries that these paragraphs speak of, by their names."""
    names = {name for row in arranged for name in row.versions}
    asked = Q()
    for name in names:
        code, _year, number = name.split("/")
        asked |= Q(entry__action_point__code=code, number=int(number))
    if not names:
        return {}
    found = EntryVersion.objects.filter(asked, entry__round=each)
    return {
        f"{version.entry.action_point.code}/{each.year}/{version.number}": version
        for version in found.select_related("entry__action_point")
    }

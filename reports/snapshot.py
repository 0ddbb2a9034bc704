"""What everyone may read of one year at one moment, as frozen records that outlive the database.

No Django. A freeze keeps this text and the archive holds it, so the same data is always the same
bytes, and names are stored as they were.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from actions.queries.records import Reading, ReportedPoint, Responsible, YearReport

# Raised when what is stored changes, so that an older text is never read as something else.
FORMAT: Final = 1
# How a point stands when a report does not say; also when nothing was written at all.
SILENT: Final = frozenset({"", "no_status", "not_mentioned", "source_missing"})
_COLUMNS: Final = (
    *("jaar", "code", "titel", "pijler", "hoort_bij_plan", "voortgang", "voortgang_basis"),
    *("planning", "loopt_door_na_plan", "verantwoordelijk", "medeverantwoordelijk", "uitvoerend"),
    *("gerapporteerd_bij", "stand_van_zaken", "vooruitblik", "tekst_voor_de_brief"),
    *("reden_van_vervallen", "versie", "bronnen"),
)
_YES_NO: Final = {True: "ja", False: "nee", None: ""}


@dataclass(frozen=True, slots=True)
class SnapshotMinistry:
    """Who answered for a point, or carried it out, by the name of then."""

    slug: str
    name: str
    abbreviation: str
    role: str
    basis: str

    @property
    def is_derived(self) -> bool:
        return self.basis == "derived"


@dataclass(frozen=True, slots=True)
class SnapshotSource:
    """A source by its code in the register, with where it can be read."""

    code: str
    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class SnapshotPoint:
    """One action point; `version` is 0 and `progress` empty when nothing was public of it."""

    code: str
    title: str
    pillar: int
    in_plan: bool
    progress: str
    basis: str
    schedule: str
    continues: bool | None
    responsible: tuple[SnapshotMinistry, ...]
    narrative: str
    outlook: str
    letter_passage: str
    discontinued_reason: str
    reported_with: str
    version: int
    sources: tuple[SnapshotSource, ...]

    @property
    def is_silent(self) -> bool:
        return self.progress in SILENT


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A year of a plan; the last two fields say why nothing is known of a point that has nothing.

    `plan` is its slug, `plan_title` what it was called.
    """

    plan: str
    plan_title: str
    year: int
    points: tuple[SnapshotPoint, ...]
    is_released: bool
    by_ministries: bool


def snapshot(report: YearReport) -> Snapshot:
    """Return what a report says of its year, without the years that it compares with."""
    return Snapshot(
        plan=report.plan.slug,
        plan_title=report.plan.title,
        year=report.round.year,
        points=tuple(_point(each) for each in report.points),
        is_released=report.round.is_released,
        by_ministries=report.round.by_ministries,
    )


def _point(point: ReportedPoint) -> SnapshotPoint:
    row, stand = point.row, point.stand
    return SnapshotPoint(
        code=row.code,
        title=row.title,
        pillar=row.pillar,
        in_plan=row.in_plan,
        progress=stand.progress.value if stand and stand.progress else "",
        basis=stand.basis.value if stand and stand.basis else "",
        schedule=stand.schedule.value if stand else "",
        continues=stand.continues_after_plan if stand else None,
        responsible=tuple(_ministry(each) for each in row.responsible),
        narrative=stand.narrative if stand else "",
        outlook=stand.outlook if stand else "",
        letter_passage=stand.letter_passage if stand else "",
        discontinued_reason=stand.discontinued_reason if stand else "",
        reported_with=stand.reported_with if stand else "",
        version=stand.version if stand else 0,
        sources=tuple(_source(each) for each in stand.sources) if stand else (),
    )


def _ministry(each: Responsible) -> SnapshotMinistry:
    name = each.organisation
    return SnapshotMinistry(
        name.slug, name.name, name.abbreviation, each.role.value, each.basis.value
    )


def _source(each: Reading) -> SnapshotSource:
    return SnapshotSource(each.code, each.reference, each.url)


def to_json(each: Snapshot) -> str:
    """Return a snapshot as text, the same for the same data; `from_json` gives it back."""
    return json.dumps(
        {"format": FORMAT, **asdict(each)},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def from_json(text: str) -> Snapshot:
    """Return the snapshot that `to_json` wrote; raises ValueError for anything else."""
    try:
        data = json.loads(text)
        if data.pop("format") != FORMAT:
            raise ValueError("the text is of another format")
        points = tuple(_restored(**each) for each in data.pop("points"))
        return Snapshot(points=points, **data)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("the text holds no snapshot") from error


def _restored(
    *, responsible: list[dict[str, str]], sources: list[dict[str, str]], **fields: str
) -> SnapshotPoint:
    ministries = tuple(SnapshotMinistry(**each) for each in responsible)
    read = tuple(SnapshotSource(**each) for each in sources)
    return SnapshotPoint(responsible=ministries, sources=read, **fields)  # type: ignore[arg-type]


def sha256(text: str) -> str:
    """Return the hash of a stored text, as it stands in a manifest."""
    return hashlib.sha256(text.encode()).hexdigest()


def to_csv(each: Snapshot) -> bytes:
    """Return a snapshot as a file that a Dutch spreadsheet opens as it is meant."""
    # Loaded here: who only reads stored data needs no Django.
    from actions.exports import csv_response

    rows = [_cells(each, point) for point in each.points]
    return csv_response("", _COLUMNS, rows).content


def _cells(each: Snapshot, point: SnapshotPoint) -> list[object]:
    from actions.choices import DUTCH

    return [
        each.year,
        point.code,
        point.title,
        point.pillar,
        _YES_NO[point.in_plan],
        DUTCH.get(point.progress, ""),
        DUTCH.get(point.basis, ""),
        DUTCH.get(point.schedule, ""),
        _YES_NO[point.continues],
        *(_with_role(point, role) for role in ("lead", "co_responsible", "implementing")),
        point.reported_with,
        point.narrative,
        point.outlook,
        point.letter_passage,
        point.discontinued_reason,
        point.version or "",
        "; ".join(_where(source) for source in point.sources),
    ]


def _with_role(point: SnapshotPoint, role: str) -> str:
    return "; ".join(
        each.name + (" (afgeleid)" if each.is_derived else "")
        for each in point.responsible
        if each.role == role
    )


def _where(source: SnapshotSource) -> str:
    return " ".join(part for part in (source.code, source.reference, source.url) if part)

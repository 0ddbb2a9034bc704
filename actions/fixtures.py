"""Put the real plan from the YAML files in `fixtures/` into the database, again and again.

Reference data is brought up to the files, but for what a person changed since. Texts are written
once, as versions, by the system account: a file that changed later gives a new version, never
another text in an old one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from actions import editing, workflow
from actions.choices import EntryState, Origin, Schedule
from actions.models import (
    ActionPoint,
    ActionPointLink,
    ActionPointSource,
    Office,
    OfficeHolding,
    Organisation,
    OrganisationName,
    ParliamentaryDocument,
    Pillar,
    Plan,
    PlanParticipant,
    ReportingRound,
    Responsibility,
    Source,
    StatusEntry,
    Succession,
    UngpPrinciple,
)
from actions.models.history import changed_by_somebody
from napmonitor.accounts.models import User
from napmonitor.audit import trail

Row = Mapping[str, Any]
M = TypeVar("M", bound=models.Model)

RECONSTRUCTED = "Overgenomen uit openbare brieven; door niemand ingediend of goedgekeurd."


class FixtureError(Exception):
    """A file cannot be used; the text names the file, the row and the reason."""


@dataclasses.dataclass(frozen=True, slots=True)
class Loaded:
    """How much there is after loading."""

    organisations: int
    documents: int
    action_points: int
    entries: int


@trail.atomic()
def load(folder: Path) -> Loaded:
    """Bring the database up to the files of a folder, all or nothing; raises FixtureError."""
    steps: list[tuple[str, dict[str, Callable[[Row], object]]]] = [
        ("roles.yaml", {"roles": _role}),
        (
            "organisations.yaml",
            {"organisations": _organisation, "successions": _succession, "offices": _office},
        ),
        ("sources.yaml", {"documents": _document, "sources": _source}),
        ("plan.yaml", {"plans": _plan, "pillars": _pillar}),
        ("ungp.yaml", {"principles": _principle}),
        ("plan.yaml", {"action_points": _action_point, "links": _link}),
        ("rounds.yaml", {"rounds": _round}),
    ]
    for name, handlers in steps:
        content = _read(folder / name)
        for key, handler in handlers.items():
            _each(name, key, content.get(key, []), handler)
    for path in sorted((folder / "status").glob("*.yaml")):
        _status(path)
    return Loaded(
        Organisation.objects.count(),
        ParliamentaryDocument.objects.count(),
        ActionPoint.objects.count(),
        StatusEntry.objects.count(),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FixtureError(_("The file %s is missing.") % path.name) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise FixtureError(_("The file %s cannot be read as YAML.") % path.name) from error
    if not isinstance(content, dict):
        raise FixtureError(_("The file %s holds no named lists.") % path.name)
    return content


def _each(name: str, key: str, rows: Iterable[Row], handler: Callable[[Row], object]) -> None:
    for number, row in enumerate(rows, start=1):
        try:
            handler(row)
        except (
            ValidationError,
            models.ObjectDoesNotExist,
            workflow.NotPossible,
            editing.Closed,
            KeyError,
            TypeError,
        ) as error:
            raise FixtureError(f"{name}, {key} {number}: {error}") from error


def _put(model: type[M], key: dict[str, Any], values: dict[str, Any]) -> M:
    """Make or update the one row with this key, checked like a form would.

    What a person changed since stays as they left it: the files are where the plan begins.
    """
    row = model._default_manager.filter(**key).first() or model(**key)
    if row.pk and changed_by_somebody(row):
        return row
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    return row


def _fields(row: Row, *names: str) -> dict[str, Any]:
    """Return the named values of a row; what a file leaves out keeps the model's default."""
    return {name: _text(row[name]) for name in names if name in row}


def _text(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _role(row: Row) -> None:
    group, _created = Group.objects.get_or_create(name=row["name"])
    permissions = []
    for label in row["permissions"]:
        app, _dot, codename = label.partition(".")
        permissions.append(Permission.objects.get(content_type__app_label=app, codename=codename))
    if set(group.permissions.all()) != set(permissions):
        group.permissions.set(permissions)
        trail.record(
            "roles.change",
            actor=User.objects.system(),
            about=group,
            detail={"permissions": sorted(row["permissions"])},
        )


def _organisation(row: Row) -> None:
    organisation = _put(Organisation, {"slug": row["slug"]}, _fields(row, "kind", "tooi_code"))
    for name in row["names"]:
        _put(
            OrganisationName,
            {"organisation": organisation, "valid_from": name.get("valid_from")},
            _fields(name, "name", "abbreviation", "valid_until", "note"),
        )


def _succession(row: Row) -> None:
    _put(
        Succession,
        {
            "predecessor": Organisation.objects.get(slug=row["predecessor"]),
            "successor": Organisation.objects.get(slug=row["successor"]),
            "date": row["date"],
        },
        _fields(row, "kind", "note"),
    )


def _office(row: Row) -> None:
    office = _put(
        Office,
        {"slug": row["slug"]},
        {
            "organisation": Organisation.objects.get(slug=row["organisation"]),
            **_fields(row, "title", "valid_from", "valid_until", "basis", "note"),
        },
    )
    for holding in row.get("holdings", []):
        _put(
            OfficeHolding,
            {
                "office": office,
                "person": holding["person"],
                "valid_from": holding.get("valid_from"),
            },
            _fields(holding, "valid_until", "acting", "basis", "note"),
        )


def _document(row: Row) -> None:
    numbers = {name: row[name] for name in ("publication_id", "document_number") if row.get(name)}
    key = dict([next(iter(numbers.items()))]) if numbers else {"title": row["title"]}
    signatory = None
    if signed := row.get("signatory"):
        signatory = OfficeHolding.objects.get(
            office__slug=signed["office"], person=signed["person"]
        )
    _put(
        ParliamentaryDocument,
        key,
        {
            **numbers,
            **_fields(row, "kind", "title", "date", "date_note", "note"),
            "case_number": row.get("case_number") or "",
            "sender_reference": row.get("sender_reference") or "",
            "signatory": signatory,
            "annex_of": _registered(row.get("annex_of")),
        },
    )


def _registered(name: str | None) -> ParliamentaryDocument | None:
    """Return the document with this number; one without a number goes by its title."""
    if not name:
        return None
    return ParliamentaryDocument.objects.get(
        models.Q(publication_id=name) | models.Q(document_number=name) | models.Q(title=name)
    )


def _source(row: Row) -> None:
    _put(
        Source,
        {"code": row["code"]},
        {
            **_fields(row, "title", "publisher", "date", "date_note", "availability", "note"),
            "address": row.get("url") or "",
            "document": _registered(row.get("document")),
        },
    )


def _plan(row: Row) -> None:
    predecessor = row.get("predecessor")
    plan = _put(
        Plan,
        {"slug": row["slug"]},
        {
            **_fields(
                row,
                *("title_nl", "title_en", "starts_on", "ends_on"),
                *("expected_action_points", "note"),
            ),
            "document": _registered(row.get("document")),
            "predecessor": Plan.objects.get(slug=predecessor) if predecessor else None,
        },
    )
    for participant in row.get("participants", []):
        source = participant.get("source")
        _put(
            PlanParticipant,
            {
                "plan": plan,
                "organisation": Organisation.objects.get(slug=participant["organisation"]),
                "valid_from": participant.get("valid_from"),
            },
            {
                **_fields(participant, "coordinates", "valid_until"),
                "source": Source.objects.get(code=source) if source else None,
            },
        )


def _pillar(row: Row) -> None:
    _put(Pillar, {"number": row["number"]}, _fields(row, "title_nl", "title_en"))


def _principle(row: Row) -> None:
    _put(
        UngpPrinciple,
        {"number": row["number"]},
        {"pillar": Pillar.objects.get(pk=row["pillar"]), **_fields(row, "title_nl", "title_en")},
    )


def _action_point(row: Row) -> None:
    point = _put(
        ActionPoint,
        {"plan": Plan.objects.get(slug=row["plan"]), "code": row["code"]},
        {
            "pillar": Pillar.objects.get(pk=row["pillar"]),
            **_fields(
                row,
                *("title_nl", "title_en", "description", "time_path", "starts_on", "due_on"),
                *("evidence_class", "evidence_note", "in_plan"),
            ),
        },
    )
    for each in row.get("sources", []):
        _put(
            ActionPointSource,
            {"action_point": point, "source": Source.objects.get(code=each["source"])},
            _fields(each, "detail"),
        )
    for each in row.get("responsibilities", []):
        _put(
            Responsibility,
            {
                "action_point": point,
                "organisation": Organisation.objects.get(slug=each["organisation"]),
                "valid_from": each.get("valid_from"),
            },
            _fields(each, "role", "basis", "valid_until", "note"),
        )
    editing.tie_citations(point)


def _link(row: Row) -> None:
    points = ActionPoint.objects.filter(plan__slug=row["plan"])
    target = row.get("to")
    _put(
        ActionPointLink,
        {
            "from_point": points.get(code=row["from"]),
            "to_point": points.get(code=target) if target else None,
            "kind": row["kind"],
        },
        _fields(row, "reason", "date"),
    )


def _round(row: Row) -> None:
    rounds = ReportingRound.objects.filter(plan__slug=row["plan"], year=row["year"])
    if rounds.filter(opened_on__isnull=False).exists():
        # From its opening on a round is the work of the coordinators.
        return
    released, source = row.get("released_at"), row.get("statement_source")
    _put(
        ReportingRound,
        {"plan": Plan.objects.get(slug=row["plan"]), "year": row["year"]},
        {
            **_fields(
                row,
                *("opens_on", "ministry_deadline", "promised_on", "promised_note"),
                *("statement", "note"),
            ),
            "letter": _registered(row.get("letter")),
            "report": _registered(row.get("report")),
            "released_at": _moment(released) if released else None,
            "statement_source": Source.objects.get(code=source) if source else None,
        },
    )


def _moment(value: datetime | str) -> datetime:
    # YAML turns an unquoted moment with an offset into a datetime in that offset or in UTC.
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _status(path: Path) -> None:
    """Write the texts of one year as versions, then make them public with their round."""
    content = _read(path)
    year = int(content.get("year") or 0)
    rounds = ReportingRound.objects.select_related("plan").filter(year=year)
    if content.get("plan"):
        rounds = rounds.filter(plan__slug=content["plan"])
    try:
        each = rounds.get()
    except (ReportingRound.DoesNotExist, ReportingRound.MultipleObjectsReturned) as error:
        raise FixtureError(_("%s names no single round.") % path.name) from error
    system = User.objects.system()
    name = f"status/{path.name}"
    rows = content.get("entries", [])
    # All rows first: a text can cover an action point that comes later in the file.
    _each(name, "entries", rows, lambda row: _entry(each, row))
    _each(name, "entries", rows, lambda row: _text_of(each, row, system))


def _entry(each: ReportingRound, row: Row) -> None:
    point = ActionPoint.objects.get(plan=each.plan, code=row["code"])
    StatusEntry.objects.get_or_create(action_point=point, round=each)


def _text_of(each: ReportingRound, row: Row, system: User) -> None:
    """Store what a letter says as a version, unless it is there or somebody read it better."""
    entries = each.entries.select_related("latest_version__author")
    entry = entries.get(action_point__code=row["code"])
    covering = entries.get(action_point__code=code) if (code := row.get("reported_with")) else None
    content = _content(row)
    sources = [
        (Source.objects.get(code=source["source"]), source.get("detail") or "")
        for source in row.get("sources", [])
    ]
    if entry.latest_version and (
        entry.latest_version.author != system or _same(entry, content, sources, covering)
    ):
        return
    editing.save_text(
        entry,
        content,
        author=system,
        read_version=entry.latest_version.number if entry.latest_version else 0,
        sources=sources,
        origin=Origin.RECONSTRUCTED,
        reported_with=covering,
    )
    workflow.publish_reconstruction(entry, actor=system, note=RECONSTRUCTED)


def _content(row: Row) -> editing.Content:
    return editing.Content(
        progress=row["progress"],
        progress_basis=row.get("basis") or "",
        discontinued_reason=row.get("discontinued_reason") or "",
        schedule=Schedule(row.get("schedule") or Schedule.UNKNOWN),
        continues_after_plan=row.get("continues_after_plan"),
        narrative=(row.get("narrative") or "").strip(),
        outlook=(row.get("outlook") or "").strip(),
        informed_before=bool(row.get("informed")),
        informed_reference=(row.get("informed_reference") or "").strip(),
        informed_sender=(row.get("informed_sender") or "").strip(),
    )


def _same(
    entry: StatusEntry,
    content: editing.Content,
    sources: list[tuple[Source, str]],
    covering: StatusEntry | None,
) -> bool:
    version = entry.latest_version
    if version is None or entry.state != EntryState.RECONSTRUCTED:
        return False
    return (
        editing.sources_of(version) == sources
        and version.reported_with == covering
        and all(
            getattr(version, field.name) == getattr(content, field.name)
            for field in dataclasses.fields(content)
        )
    )

"""A row of an edition that breaks one rule of its table, and nothing else, for each rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone

from actions.models import Office, Organisation, ReportingRound
from actions.richtext import MAX_CHARACTERS
from napmonitor.accounts.models import User
from reports import models as r

HASH = "0" * 64
# Unique over a key and a parent, for the foreign keys of two columns; nobody can break them alone.
KEYS = {"reportedition_key_with_round", "editionversion_key_with_edition"}


def _round(year: int = 2023) -> ReportingRound:
    return ReportingRound.objects.get(year=year)


def _user() -> User:
    return User.objects.system()


def _stored(row: Any) -> Any:
    row.save()
    return row


def _changed(row: Any, **values: Any) -> Any:
    """Return a stored row with other values."""
    row.save()
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _freeze(**values: Any) -> r.Freeze:
    fields = {
        "round": _round(),
        "stage": "concept",
        "by": _user(),
        "data": "{}",
        "data_hash": HASH,
        "audit_sequence": 1,
        "audit_hash": HASH,
    }
    return r.Freeze(**{**fields, **values})


def _edition(**values: Any) -> r.ReportEdition:
    return r.ReportEdition(**{"round": _round(), "kind": "letter", "number": 1, **values})


def _version(**values: Any) -> r.EditionVersion:
    values = {"edition": values.get("edition") or _stored(_edition()), **values}
    values = {"freeze": values.get("freeze") or _stored(_freeze()), **values}
    fields = {"number": 1, "title": "x", "tree": "{}", "tree_hash": HASH}
    return r.EditionVersion(**{**fields, **values})


def _file(**values: Any) -> r.EditionFile:
    values = {"version": values.get("version") or _stored(_version()), **values}
    fields = {"audience": "public", "format": "pdf", "content": b"x", "size": 1, "sha256": HASH}
    return r.EditionFile(**{**fields, **values})


def _issue(**values: Any) -> r.EditionIssue:
    version = values.pop("version", None) or _stored(_version())
    return r.EditionIssue(
        **{"edition": version.edition, "version": version, "by": _user(), **values}
    )


def _opened(**values: Any) -> r.FileOpened:
    values = {"file": values.get("file") or _stored(_file()), **values}
    return r.FileOpened(**{"by": _user(), **values})


def _freeze_job(**values: Any) -> r.FreezeJob:
    return r.FreezeJob(**{"round": _round(), "stage": "concept", "asked_by": _user(), **values})


def _render_job(**values: Any) -> r.RenderJob:
    values = {"version": values.get("version") or _stored(_version()), **values}
    fields = {"audience": "public", "format": "pdf", "asked_by": _user()}
    return r.RenderJob(**{**fields, **values})


def _preview_job(**values: Any) -> r.PreviewJob:
    return r.PreviewJob(**{"round": _round(), "kind": "letter", "asked_by": _user(), **values})


def _remark(**values: Any) -> r.EditionRemark:
    values = {"version": values.get("version") or _stored(_version()), **values}
    fields = {"node_id": "x", "on_behalf_of": "x", "text": "x", "author": _user()}
    return r.EditionRemark(**{**fields, **values})


def _handling(**values: Any) -> r.RemarkHandling:
    fields = {"remark": _stored(_remark()), "handling": "taken", "answer": "x", "actor": _user()}
    return r.RemarkHandling(**{**fields, **values})


def _place(**values: Any) -> r.RemarkPlace:
    remark = values.pop("remark", None) or _stored(_remark())
    return r.RemarkPlace(**{"remark": remark, "version": remark.version, "node_id": "x", **values})


def _sign_off(**values: Any) -> r.EditionSignOff:
    fields = {
        "version": _stored(_version()),
        "organisation": Organisation.objects.get(slug="szw"),
        "verdict": "agreed",
        "actor": _user(),
    }
    return r.EditionSignOff(**{**fields, **values})


def _decision(**values: Any) -> r.Decision:
    fields = {
        "version": _stored(_version()),
        "office": Office.objects.first(),
        "decided_on": date(2030, 1, 1),
        "outcome": "agreed",
        "actor": _user(),
    }
    return r.Decision(**{**fields, **values})


def _met() -> r.ConditionMet:
    decision = _stored(_decision())
    return r.ConditionMet(decision=decision, version=decision.version, actor=_user())


def _paragraph(**values: Any) -> r.EditionParagraph:
    fields = {"round": _round(), "kind": "letter", "part": "x", "position": 1, "node_id": "x"}
    return r.EditionParagraph(**{**fields, **values})


def _twice(make: Callable[..., models.Model], **values: Any) -> models.Model:
    """Return a second row like one that is stored."""
    make(**values).save()
    return make(**values)


def _second_version(**values: Any) -> r.EditionVersion:
    first = _stored(_version())
    return _version(edition=first.edition, **values)


def _second_in_freeze() -> r.EditionVersion:
    first = _stored(_version())
    return _version(edition=first.edition, freeze=first.freeze, number=2)


def _second_file() -> r.EditionFile:
    return _file(version=_stored(_file()).version)


def _second_opening() -> r.FileOpened:
    return _opened(file=_stored(_opened()).file)


def _second_render() -> r.RenderJob:
    return _render_job(version=_stored(_render_job()).version)


def _second_place() -> r.RemarkPlace:
    return _place(remark=_stored(_place()).remark)


def _of_another_edition() -> r.EditionIssue:
    other = _stored(_edition(kind="annex"))
    return _issue(edition=other)


def _of_another_round() -> r.ReportEdition:
    before = _stored(_edition(round=_round(2024)))
    return _edition(number=2, supersedes=before)


BREAKING: dict[str, Callable[[], models.Model]] = {
    "freeze_stage_known": lambda: _freeze(stage="x"),
    "freeze_append_only": lambda: _changed(_freeze(), data="[]"),
    "reportedition_number_once": lambda: _twice(_edition),
    "reportedition_kind_known": lambda: _edition(kind="x"),
    "reportedition_follows_the_one_before": lambda: _edition(number=2),
    "reportedition_supersedes_same_round": _of_another_round,
    "reportedition_append_only": lambda: _changed(_edition(), kind="annex"),
    "editionversion_number_once": _second_version,
    "editionversion_once_per_freeze": _second_in_freeze,
    "editionversion_public_tree_has_hash": lambda: _version(public_tree="{}"),
    "editionversion_append_only": lambda: _changed(_version(), tree="[]"),
    "editionfile_once": _second_file,
    "editionfile_form_known": lambda: _file(format="xls"),
    "editionfile_has_content_and_hash": lambda: _file(size=0),
    "editionfile_append_only": lambda: _changed(_file(), content=b"y"),
    "editionissue_version_is_own": _of_another_edition,
    "editionissue_append_only": lambda: _changed(_issue(), at=timezone.now()),
    "fileopened_once": _second_opening,
    "fileopened_append_only": lambda: _changed(_opened(), at=timezone.now()),
    "freezejob_state_known": lambda: _freeze_job(progress=101),
    "freezejob_failure_has_reason": lambda: _freeze_job(state="failed"),
    "freezejob_one_at_a_time": lambda: _twice(_freeze_job),
    "freezejob_done_has_freeze": lambda: _freeze_job(state="done"),
    "renderjob_state_known": lambda: _render_job(state="x"),
    "renderjob_failure_has_reason": lambda: _render_job(state="failed"),
    "renderjob_once": _second_render,
    "previewjob_state_known": lambda: _preview_job(state="x"),
    "previewjob_failure_has_reason": lambda: _preview_job(state="failed"),
    "previewjob_once": lambda: _twice(_preview_job),
    "editionremark_says_something": lambda: _remark(text=""),
    "editionremark_length": lambda: _remark(text="é" * (MAX_CHARACTERS + 1)),
    "editionremark_append_only": lambda: _changed(_remark(), text="y"),
    "editionremark_says_whose_and_where": lambda: _remark(on_behalf_of=""),
    "remarkhandling_says_how": lambda: _handling(answer=""),
    "remarkhandling_append_only": lambda: _changed(_handling(), answer="y"),
    "remarkplace_once": _second_place,
    "remarkplace_append_only": lambda: _changed(_place(), page=2),
    "editionsignoff_verdict_known": lambda: _sign_off(verdict="x", remark="x"),
    "editionsignoff_says_why": lambda: _sign_off(verdict="not_agreed"),
    "editionsignoff_append_only": lambda: _changed(_sign_off(), remark="y"),
    "decision_outcome_known": lambda: _decision(outcome="x", condition="x"),
    "decision_says_what_must_change": lambda: _decision(outcome="not-agreed"),
    "decision_append_only": lambda: _changed(_decision(), condition="y"),
    "conditionmet_append_only": lambda: _changed(_met(), at=timezone.now()),
    "editionparagraph_once": lambda: _twice(_paragraph),
    "editionparagraph_kind_known": lambda: _paragraph(kind="x"),
    "editionparagraph_length": lambda: _paragraph(own="é" * (MAX_CHARACTERS + 1)),
    "routestep_says_who": lambda: r.RouteStep(round=_round(), role="to", who=""),
    "namechoice_once": lambda: _twice(lambda: r.NameChoice(round=_round(), name="x")),
}

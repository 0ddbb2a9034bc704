"""A code of the data that a document was built from: other data, another code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum

from actions.queries.records import YearReport
from reports.document import Json


def data_digest(report: YearReport) -> str:
    """Return the SHA-256 over the canonical JSON of a report.

    Without the link of the audit trail, which says when the same data was written, not what it is.
    """
    text = json.dumps(
        _plain(replace(report, audit=None)),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> Json:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{type(value).__name__} is not part of the data of a report")

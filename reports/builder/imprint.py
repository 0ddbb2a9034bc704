"""What makes a built document one version of an edition: what its pages say of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final, TypeVar

from actions.queries.records import AuditLink
from reports.builder.standing import Imprint
from reports.builder.wording import dutch_date
from reports.document import (
    AnnexReport,
    Banner,
    DecisionNote,
    Letter,
    Signature,
    Standing,
)

_D = TypeVar("_D", bound=Letter | AnnexReport | DecisionNote)

# What the note says became of a remark.
HANDLED: Final = {
    "taken": "overgenomen",
    "partly": "deels overgenomen",
    "not-taken": "niet overgenomen",
}
# What it says a remark was about.
ABOUT: Final = {
    "content": "over de inhoud",
    "wording": "over de formulering",
    "fact": "over een feit of cijfer",
    "reference": "over een verwijzing",
    "other": "",
}
# What it says was decided on an earlier version.
DECIDED: Final = {
    "agreed": "akkoord",
    "with-change": "akkoord met een wijziging",
    "not-agreed": "niet akkoord",
}
_CALLED: Final = {Letter: "brief", AnnexReport: "rapportage", DecisionNote: "nota"}


def imprint(edition: int, version: int, day: date, sequence: int, digest: str) -> Imprint:
    """Return which version of which edition this is, and how the audit trail then ended."""
    return Imprint(f"{edition}, versie {version}", day, AuditLink(sequence, digest))


def concept(document: _D, imprint: Imprint) -> _D:
    """Return the document with the number and the day of the concept on every page."""
    what = _CALLED[type(document)]
    text = (
        f"CONCEPT. Editie {imprint.number}, van {dutch_date(imprint.frozen_on)}. "
        f"Deze {what} is niet verzonden."
    )
    return replace(document, banner=Banner(text))


def final(document: _D) -> _D:
    """Return the document as it goes out: nothing on its pages says concept."""
    if isinstance(document, Letter):
        document = replace(document, signatures=_to_be_signed(document))
    return replace(document, standing=Standing.FINAL, banner=None)


def _to_be_signed(letter: Letter) -> tuple[Signature, ...]:
    return tuple(replace(each, mark="") for each in letter.signatures)

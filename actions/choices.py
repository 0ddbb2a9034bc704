"""The enums, one per question, and the one Dutch mapping for API, CSV and filters."""

from __future__ import annotations

from typing import Final

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class OrganisationKind(TextChoices):
    """What sort of organisation answers or carries out."""

    MINISTRY = "ministry", _("ministry")
    AGENCY = "agency", _("executive agency")
    OTHER = "other", _("other organisation")


class SuccessionKind(TextChoices):
    """How one organisation came out of another, or went into it."""

    SPLIT_OFF = "split_off", _("split off")
    MERGED_INTO = "merged_into", _("merged into")


class Basis(TextChoices):
    """Whether a source says it, or we concluded it from what a source says."""

    STATED = "stated", _("stated")
    DERIVED = "derived", _("derived")


class PillarNumber(IntegerChoices):
    """The three pillars of the UN Guiding Principles."""

    PROTECT = 1, _("state duty to protect")
    RESPECT = 2, _("corporate responsibility to respect")
    REMEDY = 3, _("access to remedy")


class EvidenceClass(TextChoices):
    """How strong the public evidence is that a subject is one of the action points."""

    A = "A", _("an official source calls it an action point")
    B = "B", _("reported under a pillar as progress on the action points")
    C = "C", _("promised in 2020 for the plan, not confirmed")
    D = "D", _("only named in 2020; may just as well not be an action point")
    X = "X", _("reported, but not part of the plan")


class LinkKind(TextChoices):
    """What became of an action point in another plan or list."""

    CONTINUED = "continued", _("continued as")
    SPLIT = "split", _("split into")
    MERGED = "merged", _("merged into")
    DROPPED = "dropped", _("dropped")
    REPLACED = "replaced", _("replaced by")


class ResponsibilityRole(TextChoices):
    """What an organisation does for an action point."""

    LEAD = "lead", _("responsible")
    CO_RESPONSIBLE = "co_responsible", _("co-responsible")
    IMPLEMENTING = "implementing", _("carries out")


class EntryState(TextChoices):
    """Where a status entry is in the editing workflow."""

    CONCEPT = "concept", _("concept")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    APPROVED = "approved", _("approved")
    NOT_SUPPLIED = "not_supplied", _("not supplied")
    # Read from a public letter by the application: nobody submitted or approved it.
    RECONSTRUCTED = "reconstructed", _("reconstructed")


class Verdict(TextChoices):
    """What a co-responsible ministry says of the text of the lead."""

    AGREED = "agreed", _("agreed")
    AGREED_WITH_REMARK = "agreed_with_remark", _("agreed, with a remark")
    NOT_AGREED = "not_agreed", _("not agreed")


class Answer(TextChoices):
    """What became of a remark."""

    ACCEPTED = "accepted", _("accepted")
    PARTLY = "partly", _("partly accepted")
    REJECTED = "rejected", _("rejected")


class RemarkField(TextChoices):
    """The part of a status that a remark is about."""

    WHOLE = "whole", _("the whole")
    PROGRESS = "progress", _("progress")
    NARRATIVE = "narrative", _("what was reached")
    OUTLOOK = "outlook", _("what comes next")
    LETTER_PASSAGE = "letter_passage", _("proposed words for the letter")
    INFORMED_REFERENCE = "informed_reference", _("where parliament was informed")


class Progress(TextChoices):
    """How an action point stands: four answers, and three kinds of silence."""

    NOT_STARTED = "not_started", _("not started")
    IN_PROGRESS = "in_progress", _("in progress")
    COMPLETED = "completed", _("completed")
    DISCONTINUED = "discontinued", _("discontinued")
    NO_STATUS = "no_status", _("reported without a status")
    NOT_MENTIONED = "not_mentioned", _("not mentioned")
    SOURCE_MISSING = "source_missing", _("report not available")


SILENCE: Final = (Progress.NO_STATUS, Progress.NOT_MENTIONED, Progress.SOURCE_MISSING)
ANSWERS: Final = tuple(value for value in Progress if value not in SILENCE)


class Schedule(TextChoices):
    """Whether an action point runs on time."""

    ON_SCHEDULE = "on_schedule", _("on schedule")
    DELAYED = "delayed", _("delayed")
    UNKNOWN = "unknown", _("unknown")


class Origin(TextChoices):
    """Where the text of a version comes from."""

    REPORTED = "reported", _("reported by the ministry")
    RECONSTRUCTED = "reconstructed", _("reconstructed from a public letter")


class DocumentKind(TextChoices):
    """What sort of parliamentary document it is."""

    ACTION_PLAN = "action_plan", _("action plan")
    LETTER = "letter", _("letter to parliament")
    REPORT = "report", _("report")
    DECISION_NOTE = "decision_note", _("decision note")
    BILL = "bill", _("bill")
    MOTION = "motion", _("motion")
    ANSWERS = "answers", _("answers to parliament")
    OTHER = "other", _("other document")


class Availability(TextChoices):
    """How much of a source we could read."""

    COMPLETE = "complete", _("read in full")
    BEGINNING_ONLY = "beginning_only", _("only the beginning was available")
    SUMMARY_ONLY = "summary_only", _("only a summary was available")
    NOT_AVAILABLE = "not_available", _("not available")


# The codes that outsiders see in addresses, files and the API. They never change.
DUTCH: Final[dict[str, str]] = {
    Progress.NOT_STARTED: "nog_niet_gestart",
    Progress.IN_PROGRESS: "in_uitvoering",
    Progress.COMPLETED: "afgerond",
    Progress.DISCONTINUED: "vervallen",
    Progress.NO_STATUS: "gemeld_zonder_status",
    Progress.NOT_MENTIONED: "niet_genoemd",
    Progress.SOURCE_MISSING: "rapportage_niet_beschikbaar",
    Schedule.ON_SCHEDULE: "op_schema",
    Schedule.DELAYED: "vertraagd",
    Schedule.UNKNOWN: "onbekend",
    Basis.STATED: "vermeld",
    Basis.DERIVED: "afgeleid",
    Origin.REPORTED: "gerapporteerd",
    Origin.RECONSTRUCTED: "gereconstrueerd",
    ResponsibilityRole.LEAD: "verantwoordelijk",
    ResponsibilityRole.CO_RESPONSIBLE: "medeverantwoordelijk",
    ResponsibilityRole.IMPLEMENTING: "uitvoerend",
    DocumentKind.ACTION_PLAN: "actieplan",
    DocumentKind.LETTER: "brief",
    DocumentKind.REPORT: "rapport",
    DocumentKind.DECISION_NOTE: "beslisnota",
    DocumentKind.BILL: "wetsvoorstel",
    DocumentKind.MOTION: "motie",
    DocumentKind.ANSWERS: "antwoorden",
    DocumentKind.OTHER: "overig",
}

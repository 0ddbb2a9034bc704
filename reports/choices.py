"""The questions that editions answer, each with its answers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.document import DocumentKind


class Kind(models.TextChoices):
    """The three documents of a year."""

    LETTER = DocumentKind.LETTER.value, _("letter to parliament")
    ANNEX = DocumentKind.ANNEX.value, _("annex report")
    DECISION_NOTE = DocumentKind.DECISION_NOTE.value, _("decision note")


class Stage(models.TextChoices):
    """What a version was frozen for."""

    CONCEPT = "concept", _("concept")
    FINAL = "final", _("final")
    RECONSTRUCTION = "reconstruction", _("reconstruction")


class Audience(models.TextChoices):
    """Who may read a file."""

    PUBLIC = "public", _("public")
    INTERNAL = "internal", _("internal")


class Format(models.TextChoices):
    """In which forms a document can be had."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word (DOCX)"
    ODT = "odt", "ODT"
    HTML = "html", _("web page (HTML)")


class JobState(models.TextChoices):
    """How far work in the background is."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("busy")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class RemarkKind(models.TextChoices):
    """What a remark from up the line is about."""

    CONTENT = "content", _("content")
    WORDING = "wording", _("wording")
    FACT = "fact", _("fact or figure")
    REFERENCE = "reference", _("reference")
    OTHER = "other", _("something else")


class Handling(models.TextChoices):
    """What was done with a remark."""

    TAKEN = "taken", _("taken over")
    PARTLY = "partly", _("partly taken over")
    NOT_TAKEN = "not-taken", _("not taken over")


class RouteRole(models.TextChoices):
    """Why somebody stands in the head of the decision note, in the order of that head."""

    TO = "to", _("to")
    SENDER = "from", _("from")
    VIA = "via", _("via")
    COPY = "copy", _("copy to")
    AGREED = "agreed", _("agreed with")
    DUE = "due", _("at the latest by")


class Outcome(models.TextChoices):
    """What was decided on a version."""

    AGREED = "agreed", _("agreed")
    WITH_CHANGE = "with-change", _("agreed with a change")
    NOT_AGREED = "not-agreed", _("not agreed")

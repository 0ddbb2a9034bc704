"""Editions of the documents: what is worked in, what is frozen, and what came back on it."""

from reports.models.editions import (
    Dispatch,
    EditionFile,
    EditionIssue,
    EditionVersion,
    FileOpened,
    Freeze,
    ReportEdition,
)
from reports.models.jobs import FreezeJob, Job, PreviewJob, RenderJob
from reports.models.remarks import (
    ConditionMet,
    Decision,
    EditionRemark,
    EditionSignOff,
    RemarkHandling,
    RemarkPlace,
)
from reports.models.working import EditionParagraph, NameChoice, RouteStep

__all__ = [
    "ConditionMet",
    "Decision",
    "Dispatch",
    "EditionFile",
    "EditionIssue",
    "EditionParagraph",
    "EditionRemark",
    "EditionSignOff",
    "EditionVersion",
    "FileOpened",
    "Freeze",
    "FreezeJob",
    "Job",
    "NameChoice",
    "PreviewJob",
    "RemarkHandling",
    "RemarkPlace",
    "RenderJob",
    "ReportEdition",
    "RouteStep",
]

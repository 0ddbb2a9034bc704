"""What is stored of the plan: who, what, when, how it stands and where it was written."""

from actions.models.organisations import (
    Membership,
    Office,
    OfficeHolding,
    Organisation,
    OrganisationName,
    Succession,
)
from actions.models.parliament import Citation, ParliamentaryDocument, Source
from actions.models.personal import EntryDraft, MailPreference, RoundVisit, SentMail
from actions.models.plan import (
    ActionPoint,
    ActionPointLink,
    ActionPointSource,
    Pillar,
    Plan,
    PlanParticipant,
    Responsibility,
    UngpPrinciple,
)
from actions.models.remarks import EntryRemark, RemarkAnswer
from actions.models.reporting import EntrySource, EntryVersion, ReportingRound, StatusEntry
from actions.models.steps import Correction, SignOff, Transition

__all__ = [
    "ActionPoint",
    "ActionPointLink",
    "ActionPointSource",
    "Citation",
    "Correction",
    "EntryDraft",
    "EntryRemark",
    "EntrySource",
    "EntryVersion",
    "MailPreference",
    "Membership",
    "Office",
    "OfficeHolding",
    "Organisation",
    "OrganisationName",
    "ParliamentaryDocument",
    "Pillar",
    "Plan",
    "PlanParticipant",
    "RemarkAnswer",
    "ReportingRound",
    "Responsibility",
    "RoundVisit",
    "SentMail",
    "SignOff",
    "Source",
    "StatusEntry",
    "Succession",
    "Transition",
    "UngpPrinciple",
]

"""Who may make, read and issue editions. Pure predicates; everything else asks here."""

from __future__ import annotations

from django.utils import timezone

from actions.models import PlanParticipant, ReportingRound
from actions.permissions import Anyone
from napmonitor.accounts.models import User
from reports.choices import Audience, Kind
from reports.models import EditionVersion, Freeze

PRODUCE = "reports.produce_reportedition"
ISSUE = "reports.issue_reportedition"
VIEW = "reports.view_reportedition"


def may_produce(user: Anyone) -> bool:
    """Tell whether somebody makes concepts and final versions."""
    return user.has_perm(PRODUCE)


def may_view(user: Anyone) -> bool:
    """Tell whether somebody sees the making of editions of all years."""
    return user.has_perm(VIEW)


def may_issue(user: Anyone, freeze: Freeze) -> bool:
    """Tell whether somebody may issue this: who wrote in it or had it made may not."""
    return user.has_perm(ISSUE) and not has_hand_in(user, freeze)


def has_hand_in(user: Anyone, freeze: Freeze) -> bool:
    """Tell whether somebody wrote in these documents before they were fixed, or fixed them."""
    return user.pk is not None and (user.pk == freeze.by_id or user.pk in freeze.hands)


def signing_organisations(user: Anyone, each: ReportingRound) -> set[int]:
    """Return the keys of the ministries of the plan for which somebody signs off its letter."""
    if not isinstance(user, User):
        return set()
    own = user.organisations_with("actions.sign_off_statusentry")
    taking_part = PlanParticipant.objects.on(timezone.localdate()).filter(
        plan=each.plan_id, organisation__in=own
    )
    return set(taking_part.values_list("organisation", flat=True))


def may_read(user: Anyone, version: EditionVersion, audience: str) -> bool:
    """Tell whether somebody may read a version before it is public.

    Who makes editions reads all; a ministry that signs off reads the letter and the annex.
    """
    if may_view(user):
        return True
    if audience != Audience.PUBLIC or version.edition.kind == Kind.DECISION_NOTE:
        return False
    return bool(signing_organisations(user, version.edition.round))

"""Reviews of the list of rights: that somebody took it out, and that somebody confirmed it."""

from __future__ import annotations

import re

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from actions import permissions
from actions.queries.rights import ReviewPeriod
from actions.rights import NotPossible
from napmonitor.accounts.models import SYSTEM_EMAIL, User
from napmonitor.audit import trail

# A sentence, no report: what it led to stands in the changes of the rights themselves.
LONGEST_REMARK = 500


def may_see_list(user: permissions.Anyone) -> bool:
    """Tell whether this person may read who has which right."""
    return user.has_perm("actions.view_membership") and user.has_perm("accounts.view_user")


def may_review(user: permissions.Anyone) -> bool:
    """Tell whether this person may confirm that the list was reviewed."""
    return may_see_list(user) and user.has_perm("actions.change_membership")


def is_reviewable(period: ReviewPeriod) -> bool:
    """Tell whether a review of this period makes sense: a quarter or a year that has begun."""
    return not period.is_day and period.first <= timezone.localdate()


@trail.atomic()
def exported(period: str, *, rows: int, digest: str, actor: User) -> None:
    """Note that the list of a period left the application."""
    if not may_see_list(actor):
        raise PermissionDenied
    detail = {"period": period, "rows": rows, "sha256": digest}
    trail.record("rights.export", actor=actor, label=period, detail=detail)


@trail.atomic()
def confirm(
    period: ReviewPeriod,
    *,
    rows: int,
    digest: str,
    seen: str,
    remark: str = "",
    actor: User,
) -> None:
    """Note for good that the list of a period was reviewed; `seen` is what was on the screen."""
    if not may_review(actor):
        raise PermissionDenied
    if not is_reviewable(period):
        raise NotPossible(
            _("Only a quarter or a year that has begun can be reviewed."), code="period"
        )
    if seen != digest:
        raise NotPossible(
            _("The list changed since you opened it. Look at it again."),
            code="overtaken",
        )
    if _names_somebody(remark):
        raise NotPossible(
            _("Leave names and e-mail addresses out of the remark: it can never be taken away."),
            code="name",
            field="remark",
        )
    detail = {"period": period.word, "rows": rows, "sha256": digest, "remark": remark}
    trail.record("rights.reviewed", actor=actor, label=period.word, detail=detail)


def _names_somebody(remark: str) -> bool:
    """Tell whether a remark holds an address or the name of somebody with an account."""
    names = User.objects.exclude(name="").exclude(email=SYSTEM_EMAIL).values_list("name", flat=True)
    known = "|".join(re.escape(name) for name in names)
    said = re.search(rf"\b(?:{known})\b", remark, re.IGNORECASE) if known else None
    return "@" in remark or said is not None

"""Reviews of the list of rights: that somebody took it out, and that somebody confirmed it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from actions import permissions
from actions.models import Membership
from actions.queries.rights import ReviewPeriod, period_of, quarter_of
from actions.rights import NotPossible
from napmonitor.accounts.models import SYSTEM_EMAIL, User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditEvent, Result

# A sentence, no report: what it led to stands in the changes of the rights themselves.
LONGEST_REMARK = 500


@dataclass(frozen=True, slots=True)
class Due:
    """Which reviews wait to be done, and on which day the next one comes."""

    periods: tuple[ReviewPeriod, ...]
    next_on: date


def due() -> Due:
    """Return which reviews wait: of the last quarter and the last year in which a role was held.

    A review that was done before the end of the period does not count. 1 query.
    """
    today = timezone.localdate()
    periods = (_before(quarter_of(today)), _before(str(today.year)))
    open_ = Membership.objects.aggregate(
        **{
            f"held_{number}": Count("pk", filter=_held_in(period) & Q(~_reviewed(period)))
            for number, period in enumerate(periods)
        }
    )
    return Due(
        tuple(each for number, each in enumerate(periods) if open_[f"held_{number}"]),
        _period(quarter_of(today)).until,
    )


def _before(word: str) -> ReviewPeriod:
    """Return the quarter before a quarter, or the year before a year."""
    last = _period(word).first - timedelta(days=1)
    return _period(quarter_of(last) if "Q" in word else str(last.year))


def _period(word: str) -> ReviewPeriod:
    found = period_of(word)
    if found is None:
        raise ValueError(word)
    return found


def _held_in(period: ReviewPeriod) -> Q:
    lasting = Q(valid_until=None) | Q(valid_until__gt=period.first)
    return lasting & Q(valid_from__lt=period.until)


def _reviewed(period: ReviewPeriod) -> Exists:
    # Who looked before the period was over has not seen all of it.
    over = timezone.make_aware(datetime.combine(period.until, time.min))
    # About no object: the index on objects finds it, however long the trail is.
    return Exists(
        AuditEvent.objects.filter(
            object_type="",
            action="rights.reviewed",
            object_label=period.word,
            result=Result.DONE,
            at__gte=over,
        )
    )


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

"""Who held which right in a period, and what changed in it; for the review of rights."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.enums import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models import Membership
from napmonitor.accounts.models import SYSTEM_EMAIL, User
from napmonitor.audit.models import AuditEvent, Result

# Who has not signed in for so long may not need the account any more.
DAYS_AWAY: Final = 90
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


class Mark(TextChoices):
    """What somebody who reviews the list should look at; it tells how things stand today."""

    NEVER_SIGNED_IN = "never_signed_in", _("never signed in")
    LONG_AWAY = "long_away", _("not signed in for 90 days")
    ACCOUNT_ENDED = "account_ended", _("account ended, role still open")
    MINISTRY_ENDED = "ministry_ended", _("ministry no longer exists")
    SEVERAL_ROLES = "several_roles", _("more than one role at once")
    NOT_SEPARATED = "not_separated", _("gives roles and has another role")
    NO_ROLE = "no_role", _("account without a role")
    EVERY_RIGHT = "every_right", _("has every right")


class ChangeKind(TextChoices):
    """What happened to a role or an account."""

    GIVEN = "given", _("role given")
    CHANGED = "changed", _("role changed")
    ENDED = "ended", _("end of a role set")
    WITHDRAWN = "withdrawn", _("role taken back on its first day or before")
    MADE = "made", _("account made")
    ACCOUNT_CHANGED = "account_changed", _("account changed")
    ACCOUNT_ENDED = "account_ended", _("account ended")
    PSEUDONYMISED = "pseudonymised", _("account made unrecognisable")


_OF_ACCOUNTS: Final[Mapping[str, ChangeKind]] = {
    "account.made": ChangeKind.MADE,
    "account.change": ChangeKind.ACCOUNT_CHANGED,
    "account.ended": ChangeKind.ACCOUNT_ENDED,
    "account.pseudonymised": ChangeKind.PSEUDONYMISED,
}


@dataclass(frozen=True, slots=True)
class ReviewPeriod:
    """A quarter, a year or a day; `word` is how it is written in addresses."""

    word: str
    first: date
    until: date

    @property
    def is_day(self) -> bool:
        return self.until - self.first == timedelta(days=1)

    @property
    def last(self) -> date:
        return self.until - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One role of one person; an account without a role has a line with no role at all."""

    person: int
    name: str
    email: str
    ministry: str
    role: str
    valid_from: date | None
    valid_until: date | None
    is_active: bool
    last_seen: date | None
    given_by: str
    given_on: date | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class RightsChange:
    """What changed in the period: to whom, what, and by whom; `until` is an end that was set."""

    at: datetime
    kind: ChangeKind
    person: int
    name: str
    role: str
    until: date | None
    by: str


@dataclass(frozen=True, slots=True)
class Review:
    """When and by whom a period was last reviewed."""

    at: datetime
    by: str
    rows: int
    digest: str
    remark: str


@dataclass(frozen=True, slots=True)
class RightsList:
    """All that a review of a period looks at."""

    period: ReviewPeriod
    roles: tuple[Line, ...]
    without_role: tuple[Line, ...]
    set_up: tuple[Line, ...]
    changes: tuple[RightsChange, ...]
    review: Review | None

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, as they stand in the file."""
        return (*self.roles, *self.without_role, *self.set_up)


def period_of(word: str) -> ReviewPeriod | None:
    """Read a period as it stands in an address: 2026-Q4, 2026 or 2026-11-21."""
    if found := re.fullmatch(r"(20[0-9]{2})(?:-Q([1-4]))?", word):
        year, quarter = int(found[1]), found[2]
        if quarter is None:
            return ReviewPeriod(word, date(year, 1, 1), date(year + 1, 1, 1))
        month = 3 * int(quarter) - 2
        until = date(year + 1, 1, 1) if month == 10 else date(year, month + 3, 1)
        return ReviewPeriod(word, date(year, month, 1), until)
    try:
        day = (
            date.fromisoformat(word) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", word) else None
        )
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return None
    return ReviewPeriod(word, day, day + timedelta(days=1))


def quarter_of(day: date) -> str:
    """Return the word of the quarter in which a day lies."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def rights_list(period: ReviewPeriod) -> RightsList:
    """Return who held which right in a period; 9 queries for any number of people."""
    told = list(
        AuditEvent.objects.filter(
            object_type="actions.membership",
            action__in=("rights.give", "rights.change", "rights.withdraw"),
            result=Result.DONE,
        )
        .select_related("actor")
        .order_by("sequence")
    )
    return RightsList(
        period,
        tuple(_roles(period, told)),
        tuple(_line_without_role(user, Mark.NO_ROLE) for user in _without_role()),
        tuple(
            _line_without_role(user, Mark.EVERY_RIGHT)
            for user in User.objects.filter(is_superuser=True).order_by("name", "email")
        ),
        tuple(_changes(period, told)),
        last_review(period),
    )


def last_review(period: ReviewPeriod) -> Review | None:
    """Return the last time that somebody confirmed the list of a period; 1 query."""
    event = (
        AuditEvent.objects.filter(
            action="rights.reviewed", object_label=period.word, result=Result.DONE
        )
        .select_related("actor")
        .order_by("-sequence")
        .first()
    )
    if event is None:
        return None
    told = event.detail
    return Review(event.at, _who(event), told["rows"], told["sha256"], told.get("remark", ""))


def _roles(period: ReviewPeriod, told: Iterable[AuditEvent]) -> Iterator[Line]:
    given = {event.object_id: event for event in told if event.action == "rights.give"}
    giving = set(
        Group.objects.filter(
            permissions__content_type__app_label="actions",
            permissions__codename="change_membership",
        ).values_list("pk", flat=True)
    )
    held = list(_held_in(period))
    of_person: dict[int, list[Membership]] = defaultdict(list)
    for role in held:
        of_person[role.user_id].append(role)
    for role in held:
        event = given.get(str(role.pk))
        marks = tuple(_marks(role, of_person[role.user_id], giving))
        yield Line(
            person=role.user_id,
            name=role.user.name,
            email=role.user.email,
            ministry=_ministry(role, period),
            role=role.group.name,
            valid_from=role.valid_from,
            valid_until=role.valid_until,
            is_active=role.user.is_active,
            last_seen=_day(role.user.last_login),
            given_by=_who(event) if event else "",
            given_on=_day(event.at) if event else None,
            marks=marks,
        )


def _held_in(period: ReviewPeriod) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=period.first), valid_from__lt=period.until
        )
        .select_related("user", "organisation", "group")
        .prefetch_related("organisation__names")
        .order_by("user__name", "user__email", "valid_from", "pk")
    )


def _ministry(role: Membership, period: ReviewPeriod) -> str:
    """Return what the ministry was called on the last day of the role in the period."""
    last = period.last
    if role.valid_until is not None:
        last = min(last, role.valid_until - timedelta(days=1))
    name = role.organisation.name_on(last)
    return (name.abbreviation or name.name) if name else role.organisation.slug


def _marks(role: Membership, others: Sequence[Membership], giving: set[int]) -> Iterator[Mark]:
    today = timezone.localdate()
    user = role.user
    lasts = role.valid_until is None or role.valid_until > today
    if lasts and user.is_active and role.valid_from <= today:
        if user.last_login is None:
            yield Mark.NEVER_SIGNED_IN
        elif timezone.now() - user.last_login > timedelta(days=DAYS_AWAY):
            yield Mark.LONG_AWAY
    if lasts and not user.is_active:
        yield Mark.ACCOUNT_ENDED
    names = role.organisation.names.all()
    if lasts and names and not any(name.holds_on(today) for name in names):
        yield Mark.MINISTRY_ENDED
    beside = [each for each in others if each.pk != role.pk and _at_once(each, role)]
    if beside:
        yield Mark.SEVERAL_ROLES
    if any((each.group_id in giving) != (role.group_id in giving) for each in beside):
        yield Mark.NOT_SEPARATED


def _at_once(one: Membership, other: Membership) -> bool:
    """Tell whether there is a day on which two roles both hold."""
    return (one.valid_until is None or other.valid_from < one.valid_until) and (
        other.valid_until is None or one.valid_from < other.valid_until
    )


def _without_role() -> QuerySet[User]:
    """Return accounts that still work and have no role, today or later."""
    today = timezone.localdate()
    lasting = Membership.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=today), user=OuterRef("pk")
    )
    return (
        User.objects.filter(~Exists(lasting), is_active=True, is_superuser=False)
        .exclude(email=SYSTEM_EMAIL)
        .order_by("name", "email")
    )


def _line_without_role(user: User, mark: Mark) -> Line:
    seen = () if user.last_login or not user.is_active else (Mark.NEVER_SIGNED_IN,)
    return Line(
        person=user.pk,
        name=user.name,
        email=user.email,
        ministry="",
        role="",
        valid_from=None,
        valid_until=None,
        is_active=user.is_active,
        last_seen=_day(user.last_login),
        given_by="",
        given_on=None,
        marks=(mark, *seen),
    )


def _changes(period: ReviewPeriod, told: Sequence[AuditEvent]) -> Iterator[RightsChange]:
    """Yield what the audit trail tells of the period, newest first."""
    start, end = (
        timezone.make_aware(datetime(day.year, day.month, day.day))
        for day in (period.first, period.until)
    )
    accounts = AuditEvent.objects.filter(
        object_type="accounts.user",
        action__in=_OF_ACCOUNTS,
        result=Result.DONE,
        at__gte=start,
        at__lt=end,
    ).select_related("actor")
    about = {**_people_of(told), **{each.sequence: int(each.object_id) for each in accounts}}
    found = [*(each for each in told if start <= each.at < end), *accounts]
    names = dict(
        User.objects.filter(pk__in={about[each.sequence] for each in found}).values_list(
            "pk", "name"
        )
    )
    for event in sorted(found, key=lambda each: -each.sequence):
        person = about[event.sequence]
        yield RightsChange(
            at=event.at,
            kind=_kind(event),
            person=person,
            name=names.get(person, ""),
            role=event.object_label,
            until=_until(event),
            by=_who(event),
        )


def _people_of(told: Iterable[AuditEvent]) -> dict[int, int]:
    """Return whose role each event is about; a role could change hands."""
    holder: dict[str, int] = {}
    found = {}
    for event in told:
        before, after = event.detail.get("user_id", (None, None))
        holder[event.object_id] = after or before or holder.get(event.object_id, 0)
        found[event.sequence] = holder[event.object_id]
    return found


def _kind(event: AuditEvent) -> ChangeKind:
    if event.action in _OF_ACCOUNTS:
        return _OF_ACCOUNTS[event.action]
    if event.action == "rights.give":
        return ChangeKind.GIVEN
    if event.action == "rights.withdraw":
        return ChangeKind.WITHDRAWN
    return ChangeKind.ENDED if _until(event) else ChangeKind.CHANGED


def _until(event: AuditEvent) -> date | None:
    """Return the end that was set."""
    last = event.detail.get("until") or event.detail.get("valid_until")
    return date.fromisoformat(last[1]) if last and last[1] else None


def _who(event: AuditEvent) -> str:
    return str(event.actor) if event.actor else ""


def _day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None

"""Who may do what, to what, in which state. Pure predicates; everything else asks here."""

from __future__ import annotations

from typing import TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from actions.choices import EntryState, Origin, ResponsibilityRole
from actions.models import Membership, StatusEntry
from actions.models.periods import holds_on
from napmonitor.accounts.models import SYSTEM_EMAIL, User

Anyone: TypeAlias = User | AnonymousUser

EDITABLE = (EntryState.CONCEPT, EntryState.RETURNED)


def visible_entries(user: Anyone) -> QuerySet[StatusEntry]:
    """Return the entries this person may read: those of ministries they belong to today.

    A ministry reads what it answers for today, and what it answered for when the letter over that
    round went out. Coordinators, readers and the functional administrator read all.
    """
    if user.has_perm("actions.view_every_statusentry"):
        return StatusEntry.objects.all()
    if not user.has_perm("actions.view_statusentry") or isinstance(user, AnonymousUser):
        return StatusEntry.objects.none()
    today = timezone.localdate()
    # A role without this right at another ministry opens nothing there.
    readers = user.memberships.on(today).filter(
        group__permissions__content_type__app_label="actions",
        group__permissions__codename="view_statusentry",
    )
    return StatusEntry.objects.filter(
        pk__in=StatusEntry.objects.filter(
            _answers(readers) & (holds_on(today, _PREFIX) | _held_at_letter())
        ).values("pk")
    )


def can_view(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether this person may read an entry."""
    return visible_entries(user).filter(pk=entry.pk).exists()


def can_edit(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether this person may write the text: their ministry holds the pen, and it is open.

    The functional administrator may also mend what was read from a public letter.
    """
    if user.has_perm("actions.edit_every_statusentry"):
        return entry.state in (*EDITABLE, EntryState.RECONSTRUCTED)
    return entry.state in EDITABLE and user.has_perm("actions.change_statusentry", entry)


def can_publish_reconstruction(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether this person may make public a newer text that was read from a public letter."""
    version = entry.latest_version
    return (
        user.has_perm("actions.edit_every_statusentry")
        and entry.state in (EntryState.CONCEPT, EntryState.RECONSTRUCTED)
        and version is not None
        and version.origin == Origin.RECONSTRUCTED
        and version.pk != entry.published_version_id
    )


def abilities(user: Anyone, entry: StatusEntry) -> dict[str, bool]:
    """Return every verb with whether this person may do it to this entry now."""
    return {
        "view": can_view(user, entry),
        "edit": can_edit(user, entry),
        "publish_reconstruction": can_publish_reconstruction(user, entry),
    }


def can_manage_account(user: Anyone, account: User) -> bool:
    """Tell whether this person may touch an account; an administrator cannot rise by way of one.

    The account of the application signs nobody in, and only who sets up the installation touches
    an account that sets up the installation.
    """
    return account.email != SYSTEM_EMAIL and (user.is_superuser or not account.is_superuser)


def can_give_roles(user: Anyone, account: User) -> bool:
    """Tell whether this person may give somebody a role, or end it; never their own."""
    return can_manage_account(user, account) and (user.is_superuser or account != user)


def accounts_to_give_roles(user: Anyone) -> QuerySet[User]:
    """Return the accounts to which this person may give a role."""
    accounts = User.objects.exclude(email=SYSTEM_EMAIL)
    return accounts if user.is_superuser else accounts.exclude(Q(is_superuser=True) | Q(pk=user.pk))


_PREFIX = "action_point__responsibilities__"


def _answers(memberships: QuerySet[Membership]) -> Q:
    return Q(
        action_point__responsibilities__organisation__in=memberships.values("organisation"),
        action_point__responsibilities__role__in=[
            ResponsibilityRole.LEAD,
            ResponsibilityRole.CO_RESPONSIBLE,
        ],
    )


def _held_at_letter() -> Q:
    sent = F("round__letter__date")
    started = Q(**{f"{_PREFIX}valid_from": None}) | Q(**{f"{_PREFIX}valid_from__lte": sent})
    not_over = Q(**{f"{_PREFIX}valid_until": None}) | Q(**{f"{_PREFIX}valid_until__gt": sent})
    return Q(round__letter__date__isnull=False) & started & not_over

"""How accounts and memberships are stored: every change of rights is in the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied

from actions import permissions
from actions.models import Membership
from napmonitor.accounts.models import User
from napmonitor.accounts.passwords import temporary_password
from napmonitor.audit import trail

_OF_ACCOUNT = ("is_active", "is_superuser")
OF_MEMBERSHIP = ("user_id", "organisation_id", "group_id", "valid_from", "valid_until")


@trail.atomic()
def save_account(account: User, *, actor: User) -> User:
    """Store an account; raises PermissionDenied for one that this person may not touch."""
    before = User.objects.filter(pk=account.pk).first()
    _check_account(account, before, actor)
    changed = _changes(before, account, [field.attname for field in User._meta.concrete_fields])
    # Only what this person changed: a password given meanwhile stays.
    account.save(update_fields=list(changed) if before else None)
    if changed:
        trail.record(
            "account.change" if before else "account.made",
            actor=actor,
            about=account,
            # Of a name or an address is told that it changed, never what it was.
            detail={name: values for name, values in changed.items() if name in _OF_ACCOUNT},
        )
    return account


@trail.atomic()
def save_membership(membership: Membership, *, actor: User) -> Membership:
    """Store a role at an organisation; raises PermissionDenied for one's own."""
    before = Membership.objects.filter(pk=membership.pk).select_related("user").first()
    for account in {membership.user, before.user if before else membership.user}:
        if not permissions.can_give_roles(actor, account):
            raise PermissionDenied
    membership.save()
    changed = _changes(before, membership, OF_MEMBERSHIP)
    if changed:
        trail.record(
            "rights.change" if before else "rights.give",
            actor=actor,
            about=membership,
            label=f"{membership.group} ({membership.organisation})",
            detail=changed,
        )
    return membership


@trail.atomic()
def give_password(account: User, *, actor: User) -> str:
    """Give an account a temporary password and return it, to be shown once."""
    # What is stored decides, not what somebody made of the row in memory.
    _check_account(account, User.objects.filter(pk=account.pk).first(), actor)
    password = temporary_password()
    account.set_password(password)
    account.save(update_fields=["password"])
    trail.record("account.password-given", actor=actor, about=account)
    return password


def _check_account(account: User, before: User | None, actor: User) -> None:
    """Raise PermissionDenied unless this person may touch the account as it was and as it is."""
    for each in filter(None, (before, account)):
        if not permissions.can_manage_account(actor, each):
            raise PermissionDenied


def _changes(before: Any, after: Any, names: Iterable[str]) -> dict[str, list[Any]]:
    """Return what differs, as [before, after]."""
    found = {}
    for name in names:
        old, new = getattr(before, name, None), getattr(after, name)
        if old != new:
            found[name] = [_plain(old), _plain(new)]
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value

"""How accounts and memberships are stored: every change of rights is in the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from actions import permissions
from actions.models import Membership, Organisation
from napmonitor.accounts.models import User
from napmonitor.accounts.passwords import temporary_password
from napmonitor.audit import trail

OF_ACCOUNT = ("is_active", "is_superuser")
OF_MEMBERSHIP = ("user_id", "organisation_id", "group_id", "valid_from", "valid_until")


class NotPossible(Exception):
    """It is not possible now; the text says why, for the person who asked.

    `code` says the same for programs, `field` is what they must fill in otherwise.
    """

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.code, self.field = code, field


@dataclass(frozen=True, slots=True)
class Role:
    """A role at an organisation, from a day until, and not on, another."""

    organisation: Organisation
    group: Group
    valid_from: date
    valid_until: date | None = None


def may_invite(user: permissions.Anyone) -> bool:
    """Tell whether this person may make an account that has a role at once."""
    return permissions.can_give_roles(user, User())


def may_end(user: permissions.Anyone, account: User) -> bool:
    """Tell whether this person may end all roles of somebody else, and the account with them."""
    return (
        account.pseudonymised_at is None
        and account != user
        and permissions.can_give_roles(user, account)
    )


def may_restart(user: permissions.Anyone, account: User) -> bool:
    """Tell whether this person may let an account of somebody else work again after its end."""
    return not account.is_active and may_end(user, account)


def may_move(user: permissions.Anyone, account: User) -> bool:
    """Tell whether this person may let somebody else change ministry or role."""
    return account.is_active and may_end(user, account)


def open_roles(account: User, day: date) -> QuerySet[Membership]:
    """Return the roles that are held after a day or later, whether they began or not."""
    lasting = Q(valid_until=None) | Q(valid_until__gt=day)
    return (
        Membership.objects.filter(lasting, user=account)
        .select_related("user", "organisation", "group")
        .order_by("valid_from", "pk")
    )


@trail.atomic()
def save_account(account: User, *, actor: User) -> User:
    """Store an account; raises PermissionDenied for one that this person may not touch."""
    before = User.objects.filter(pk=account.pk).first()
    _check_account(account, before, actor)
    if before and before.email != account.email:
        # An invitation goes to an address; the link that went to another one works no more.
        account.invited_at = None
    changed = _changes(before, account, [field.attname for field in User._meta.concrete_fields])
    # Only what this person changed: a password given meanwhile stays.
    account.save(update_fields=list(changed) if before else None)
    if changed:
        trail.record(
            "account.change" if before else "account.made",
            actor=actor,
            about=account,
            # Of a name or an address is told that it changed, never what it was.
            detail={name: values for name, values in changed.items() if name in OF_ACCOUNT},
        )
    return account


@trail.atomic()
def save_membership(membership: Membership, *, actor: User) -> Membership:
    """Store a role at an organisation; raises PermissionDenied for one's own."""
    before = Membership.objects.filter(pk=membership.pk).select_related("user").first()
    for account in {membership.user, before.user if before else membership.user}:
        if account.pseudonymised_at or not permissions.can_give_roles(actor, account):
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
    keep_password(account, password)
    trail.record("account.password-given", actor=actor, about=account)
    return password


@sensitive_variables("password")
def keep_password(account: User, password: str) -> None:
    """Store another password: open sessions end, and links that were sent before stop working."""
    account.set_password(password)
    account.invited_at = None
    account.save(update_fields=["password", "invited_at"])


@trail.atomic()
def invite(email: str, name: str, role: Role, *, actor: User) -> User:
    """Store an account with its first role; the link to it is sent after this."""
    _refuse_past(role.valid_from, "valid_from")
    account = User(email=email.lower(), name=name)
    account.set_unusable_password()
    save_account(account, actor=actor)
    _give(account, role, actor)
    return invite_again(account, actor=actor)


@trail.atomic()
def invite_again(account: User, *, actor: User) -> User:
    """Make a new link possible for an account; a link that was sent before stops working."""
    account = locked(account)
    _check_account(account, account, actor)
    if account == actor:
        raise PermissionDenied
    if not account.is_active:
        raise NotPossible(_("This account has ended; nobody can sign in with it."), code="ended")
    account.invited_at = timezone.now()
    account.save(update_fields=["invited_at"])
    trail.record("account.invited", actor=actor, about=account)
    return account


@trail.atomic()
def end_account(account: User, *, on: date, actor: User) -> User:
    """End every role of somebody on a day; on the day itself the account ends with them.

    Until a day that is still to come the account works as before. On that day its rights are gone
    by themselves, since rights follow from roles; nothing has to run then. A role that would begin
    on that day or after it never begins.
    """
    account = locked(account)
    if not may_end(actor, account):
        raise PermissionDenied
    _refuse_past(on, "on")
    if on > timezone.localdate() and not open_roles(account, on).exists():
        # Rights end with roles; without one, nothing would happen on that day.
        raise NotPossible(
            _("No role is left on that day, so the account can end today only."),
            code="no_role",
            field="on",
        )
    end_roles(account, on=on, actor=actor)
    detail: dict[str, Any] = {"until": [None, on.isoformat()]}
    if on == timezone.localdate() and account.is_active:
        account.is_active, account.invited_at = False, None
        account.save(update_fields=["is_active", "invited_at"])
        detail["is_active"] = [True, False]
    trail.record("account.ended", actor=actor, about=account, detail=detail)
    return account


@trail.atomic()
def restart_account(account: User, *, actor: User) -> User:
    """Let an account work again that had ended; nothing of before comes back with it.

    No role, and nothing to get in with: not the password, nor a session or a link that is still
    somewhere. The person comes in by an invitation, as everybody does.
    """
    account = locked(account)
    if not may_end(actor, account):
        raise PermissionDenied
    if account.is_active:
        return account
    account.is_active, account.invited_at = True, None
    # Another one than before, also of who never chose: sessions and links hold on to it.
    account.set_unusable_password()
    return save_account(account, actor=actor)


@trail.atomic()
def move(account: User, *, ends: Collection[int], role: Role, actor: User) -> Membership:
    """Let somebody go on in another role, elsewhere or in the same place, from a day.

    `ends` are the keys of the roles that end on that day. What this person wrote stays theirs: who
    wrote a text never approves it, in whichever role.
    """
    account = locked(account)
    if not may_move(actor, account):
        raise PermissionDenied
    day = role.valid_from
    _refuse_past(day, "valid_from")
    held = list(open_roles(account, day).select_for_update(of=("self",)))
    if not set(ends) <= {each.pk for each in held}:
        raise NotPossible(
            _("The roles of this person changed meanwhile. Look at them again."),
            code="changed",
            field="ends",
        )
    for each in held:
        same = (each.organisation, each.group) == (role.organisation, role.group)
        if same and (each.pk not in ends or each.valid_from < day):
            raise NotPossible(
                _("This person has that role there already."), code="same", field="group"
            )
    for each in held:
        if each.pk in ends:
            _end(each, day, actor)
    return _give(account, role, actor)


def locked(account: User) -> User:
    """Return an account as it is stored, held until the transaction ends."""
    return User.objects.select_for_update().get(pk=account.pk)


def end_roles(account: User, *, on: date, actor: User) -> None:
    """End what an account still holds on a day."""
    for role in open_roles(account, on).select_for_update(of=("self",)):
        _end(role, on, actor)


def _give(account: User, role: Role, actor: User) -> Membership:
    given = Membership(
        user=account,
        organisation=role.organisation,
        group=role.group,
        valid_from=role.valid_from,
        valid_until=role.valid_until,
    )
    return save_membership(given, actor=actor)


def _end(role: Membership, on: date, actor: User) -> None:
    """End a role on a day; one that had not begun before that day is taken back."""
    if role.valid_from < on:
        role.valid_until = on
        save_membership(role, actor=actor)
        return
    if not permissions.can_give_roles(actor, role.user):
        raise PermissionDenied
    # A period has at least one day, so there is no row that says "never".
    trail.record(
        "rights.withdraw",
        actor=actor,
        about=role,
        label=f"{role.group} ({role.organisation})",
        detail={name: [_plain(getattr(role, name)), None] for name in OF_MEMBERSHIP},
    )
    role.delete()


def _refuse_past(day: date, field: str) -> None:
    if day < timezone.localdate():
        raise NotPossible(
            _("Choose today or a day that is still to come."), code="past", field=field
        )


def _check_account(account: User, before: User | None, actor: User) -> None:
    """Raise PermissionDenied unless this person may touch the account as it was and as it is."""
    for each in filter(None, (before, account)):
        if each.pseudonymised_at or not permissions.can_manage_account(actor, each):
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

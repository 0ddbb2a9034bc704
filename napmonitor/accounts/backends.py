"""The permission backend: every right is a dated membership of an organisation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from napmonitor.accounts.models import User


@runtime_checkable
class Answered(Protocol):
    """An object that organisations answer for; models declare it, this module asks."""

    def answering_organisation_ids(self) -> Iterable[int]:
        """Return the organisations that may write here today."""


class MembershipBackend(ModelBackend):
    """Sign in by password; hold the permissions of the groups of the active memberships.

    `has_perm(p)` asks for any active membership with `p`; `has_perm(p, obj)` for one of an
    organisation that answers for the object.
    """

    def get_all_permissions(
        self, user_obj: User | AnonymousUser, obj: models.Model | None = None
    ) -> set[str]:
        if isinstance(user_obj, AnonymousUser) or not user_obj.is_active:
            return set()
        held = self._held(user_obj)
        if obj is None or not isinstance(obj, Answered):
            return {permission for permission, _ in held}
        answering = set(obj.answering_organisation_ids())
        return {permission for permission, organisation in held if organisation in answering}

    def has_perm(
        self, user_obj: User | AnonymousUser, perm: str, obj: models.Model | None = None
    ) -> bool:
        # Who holds a right nowhere does not hold it here: then nobody asks who answers.
        return perm in self.get_all_permissions(user_obj) and (
            obj is None or perm in self.get_all_permissions(user_obj, obj)
        )

    def organisations_with(self, user_obj: User, perm: str) -> set[int]:
        """Return the organisations for which somebody holds a right today."""
        if not user_obj.is_active:
            return set()
        return {organisation for held, organisation in self._held(user_obj) if held == perm}

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        # Never through the user: an anonymous one asks the backends, and so on without end.
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions(user_obj))

    def _held(self, user: User) -> set[tuple[str, int]]:
        """Return (permission, organisation) pairs of today, read once per user instance and day."""
        today = timezone.localdate()
        cached = user.held_today
        if cached is None or cached[0] != today:
            rows = (
                Permission.objects.filter(
                    models.Q(group__memberships__valid_until=None)
                    | models.Q(group__memberships__valid_until__gt=today),
                    group__memberships__user=user.pk,
                    group__memberships__valid_from__lte=today,
                )
                .values_list(
                    "content_type__app_label", "codename", "group__memberships__organisation"
                )
                .order_by()
            )
            cached = (
                today,
                {(f"{app}.{codename}", organisation) for app, codename, organisation in rows},
            )
            user.held_today = cached
        return cached[1]

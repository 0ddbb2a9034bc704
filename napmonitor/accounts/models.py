"""Who signs in. What somebody may do follows from memberships, never from the user row."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Protocol, runtime_checkable

from django.contrib import auth
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes people, the first administrator and system accounts."""

    def create_user(
        self, email: str, password: str | None = None, *, name: str = "", is_superuser: bool = False
    ) -> User:
        """Store a new account; without a password it cannot sign in with one."""
        user = self.model(
            email=self.normalize_email(email).lower(), name=name, is_superuser=is_superuser
        )
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, *, name: str = "") -> User:
        """Store the account that sets up the others on a new installation."""
        return self.create_user(email, password, name=name, is_superuser=True)

    def system(self) -> User:
        """Return the account under which the application itself writes; it cannot sign in."""
        user, created = self.get_or_create(
            email=SYSTEM_EMAIL, defaults={"name": "NAP-monitor", "is_active": False}
        )
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


@runtime_checkable
class HoldsForOrganisations(Protocol):
    """A permission backend whose rights hold for organisations."""

    def organisations_with(self, user_obj: User, perm: str) -> set[int]:
        """Return the organisations for which somebody holds a right today."""


SYSTEM_EMAIL = "systeem@nap-monitor.invalid"


class User(AbstractBaseUser):
    """A person with an account, or the system account that records reconstructions."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Whether this account works. Buttons on its page end it and start it again."),
    )
    is_superuser = models.BooleanField(
        _("sets up the installation"),
        default=False,
        help_text=_("Has every right; only for the first set-up, not for daily work."),
    )
    date_joined = models.DateTimeField(_("account made on"), default=timezone.now, editable=False)
    # Set while a link is on its way with which this person chooses a password.
    invited_at = models.DateTimeField(_("invited on"), null=True, blank=True, editable=False)
    pseudonymised_at = models.DateTimeField(
        _("made unrecognisable on"), null=True, blank=True, editable=False
    )

    # What the permission backend read of the memberships on a day; see MembershipBackend.
    held_today: tuple[date, set[tuple[str, int]]] | None = None

    # The roles on a day; see roles_today.
    roles_on: tuple[date, list[str]] | None = None

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "email"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pseudonymised_at=None)
                | models.Q(is_active=False, is_superuser=False),
                name="user_unrecognisable_is_ended",
                violation_error_message=_("An account that was made unrecognisable stays ended."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether the work screens are open to this person: on any right they hold today."""
        return self.is_active and (self.is_superuser or bool(self.get_all_permissions()))

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        """Return what the work screens greet this person with."""
        return self.name

    def roles_today(self) -> list[str]:
        """Return the roles this person holds today, each with the organisation it is for."""
        today = timezone.localdate()
        if self.roles_on is None or self.roles_on[0] != today:
            rows = (
                self.memberships.filter(valid_from__lte=today)
                .filter(models.Q(valid_until=None) | models.Q(valid_until__gt=today))
                .values_list("group__name", "organisation__slug")
                .order_by("group__name", "organisation__slug")
            )
            self.roles_on = today, [f"{group} ({organisation})" for group, organisation in rows]
        return self.roles_on[1]

    def organisations_with(self, perm: str) -> set[int]:
        """Return the organisations for which this person holds a right today."""
        organisations: set[int] = set()
        for backend in auth.get_backends():
            if isinstance(backend, HoldsForOrganisations):
                organisations |= backend.organisations_with(self, perm)
        return organisations

    def get_all_permissions(self, obj: models.Model | None = None) -> set[str]:
        """Return all that this person may do, or may do with one object."""
        permissions: set[str] = set()
        for backend in auth.get_backends():
            permissions |= set(backend.get_all_permissions(self, obj))
        return permissions

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Tell whether a right is held today, on any object or on this one."""
        if self.is_active and self.is_superuser:
            return True
        for backend in auth.get_backends():
            try:
                if backend.has_perm(self, perm, obj):
                    return True
            except PermissionDenied:
                return False
        return False

    def has_perms(self, perm_list: list[str], obj: models.Model | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Tell whether anything in one application is open to this person."""
        if self.is_active and self.is_superuser:
            return True
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions())

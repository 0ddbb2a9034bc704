"""Who signs in. What somebody may do follows from memberships, never from the user row."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

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


SYSTEM_EMAIL = "systeem@nap-monitor.invalid"


class User(AbstractBaseUser):
    """A person with an account, or the system account that records reconstructions."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Switch this off to end an account; what was written stays."),
    )
    is_superuser = models.BooleanField(
        _("sets up the installation"),
        default=False,
        help_text=_("Has every right; only for the first set-up, not for daily work."),
    )
    date_joined = models.DateTimeField(_("account made on"), default=timezone.now, editable=False)

    # What the permission backend read of the memberships on a day; see MembershipBackend.
    held_today: tuple[date, set[tuple[str, int]]] | None = None

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "email"]

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

"""Links with which somebody who forgot their password chooses another."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from napmonitor.accounts.models import User


def minutes_valid() -> int:
    """Return for how many minutes a link can be used."""
    return int(settings.PASSWORD_RESET_TIMEOUT) // 60


def can_choose_another(account: User) -> bool:
    """Tell whether somebody can sign in with this account today, so that a password is of use.

    Who was invited and has no password yet needs the link of the invitation.
    """
    return account.is_staff and account.has_usable_password()


class ForgottenTokens(PasswordResetTokenGenerator):
    """Tokens that end with another password, address or sign-in, with the account, or by age."""

    key_salt = "napmonitor.accounts.forgotten"

    def check_token(self, user: AbstractBaseUser | None, token: str | None) -> bool:
        return (
            isinstance(user, User) and can_choose_another(user) and super().check_token(user, token)
        )


tokens = ForgottenTokens()

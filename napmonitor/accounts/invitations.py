"""Links with which somebody who was invited chooses a password of their own."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from napmonitor.accounts.models import User

# The longest that a link may be good for, whatever the setting says.
MOST_DAYS = 7


def days_valid() -> int:
    """Return for how many days a link can be used."""
    return max(1, min(int(settings.NAP_INVITATION_DAYS), MOST_DAYS))


class InvitationTokens(PasswordResetTokenGenerator):
    """Tokens that end with the next invitation, password or sign-in, or when they are too old.

    Django's own tokens carry the moment they were made; these carry that of the invitation, which
    stands with the account.
    """

    key_salt = "napmonitor.accounts.invitations"

    def make_token(self, user: AbstractBaseUser | None) -> str:
        if not isinstance(user, User) or user.invited_at is None:
            raise ValueError("Nobody was invited.")
        return self._of(user, self.secret)

    def check_token(self, user: AbstractBaseUser | None, token: str | None) -> bool:
        if not isinstance(user, User) or not token or not is_open(user):
            return False
        secrets = (self.secret, *self.secret_fallbacks)
        return any(constant_time_compare(self._of(user, each), token) for each in secrets)

    def _of(self, user: User, secret: str | bytes) -> str:
        moment = int(user.invited_at.timestamp()) if user.invited_at else 0
        return self._make_token_with_timestamp(user, moment, secret)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        invited = user.invited_at.timestamp() if user.invited_at else 0
        return f"{super()._make_hash_value(user, timestamp)}{invited:.6f}"


tokens = InvitationTokens()


def is_open(account: User) -> bool:
    """Tell whether the last link for this account can still be used."""
    return (
        account.is_active
        and account.invited_at is not None
        and timezone.now() - account.invited_at < timedelta(days=days_valid())
    )


def key_of(account: User) -> str:
    """Return what stands in the link: whose it is, and the token."""
    return f"{account.pk}.{tokens.make_token(account)}"


def invited_by_key(key: str) -> User | None:
    """Return whose link this is; None when it is too old, was used, or never was one."""
    number, _dot, token = key.partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    account = User.objects.filter(pk=int(number)).first()
    return account if tokens.check_token(account, token) else None

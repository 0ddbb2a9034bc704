"""Sign-ins in the trail. Django tells of them by signal, and by nothing else."""

from __future__ import annotations

from typing import Any

from napmonitor.accounts.models import User
from napmonitor.audit import origin, trail
from napmonitor.audit.models import FailedSignIn


def signed_in(user: User, **_signal: Any) -> None:
    trail.record("session.start", actor=user, about=user)


def signed_out(user: User | None, **_signal: Any) -> None:
    if user is not None:
        trail.record("session.end", actor=user, about=user)


def failed(credentials: dict[str, Any], **_signal: Any) -> None:
    """Note for which account it failed, if there is one, and from where."""
    typed = str(credentials.get("username") or credentials.get("email") or "").lower()
    FailedSignIn.objects.create(
        account=User.objects.filter(email=typed).first() if "\0" not in typed else None,
        address=origin.current().address,
    )

"""Signing in, in words of our own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin.forms import AdminAuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AdminAuthenticationForm):
    """Asks for the address and the password of an account that works today."""

    error_messages: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        **AdminAuthenticationForm.error_messages,
        "invalid_login": _(
            "This address and password do not belong to an account that can work here today. "
            "Mind the capitals in the password."
        ),
    }

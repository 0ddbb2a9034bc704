"""Passwords that the application makes up itself."""

from __future__ import annotations

import secrets

# Without characters that look alike on paper: 0 O 1 l I.
_CHARACTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def temporary_password() -> str:
    """Return a random password in five groups of four, which one person can read to another."""
    return "-".join("".join(secrets.choice(_CHARACTERS) for _ in range(4)) for _ in range(5))

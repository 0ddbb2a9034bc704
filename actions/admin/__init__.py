"""The work screens for the plan and its progress; one module per editing area."""

from actions.admin import (
    audit,
    entries,
    help,
    home,
    organisations,
    parliament,
    people,
    plan,
    rounds,
    versions,
)

__all__ = [
    "audit",
    "entries",
    "help",
    "home",
    "organisations",
    "parliament",
    "people",
    "plan",
    "rounds",
    "versions",
]

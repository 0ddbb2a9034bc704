"""The work screens for the plan and its progress; one module per editing area."""

from actions.admin import organisations, parliament, people, plan, reporting

__all__ = ["organisations", "parliament", "people", "plan", "reporting"]

"""The main menu of the public site, and which part of it a page belongs to. Plain functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Each part of the site: the view of its first page, its name, and the views of what is below it.
_PARTS: Final[tuple[tuple[str, Promise, tuple[str, ...]], ...]] = (
    ("site:overview", _("Overview"), ("actions:pillar",)),
    (
        "actions:action-points",
        _("Action points"),
        ("actions:action-point", "actions:plan-action-point"),
    ),
    ("actions:ministries", _("Ministries"), ("actions:ministry",)),
    ("site:editions", _("Reports"), ("site:year", "site:reading")),
    ("site:timeline", _("Plan timeline"), ()),
    ("actions:documents", _("Parliamentary papers"), ("actions:document",)),
    ("site:about", _("About"), ("site:open-data", "site:contact")),
)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One part of the site; `current` is what aria-current says of it, empty for another part."""

    label: str
    address: str
    current: str


def main_menu(view: str) -> Iterator[MenuItem]:
    """Return the menu as it stands on the page of a view; an unknown view is in no part."""
    for first, label, below in _PARTS:
        current = "page" if view == first else "true" if view in below else ""
        yield MenuItem(str(label), reverse(first), current)

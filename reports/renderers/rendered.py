"""What every renderer gives back, or says when it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file, and on which page each node of the document starts (empty when it has no pages)."""

    content: bytes
    pages: Mapping[str, int]


class NotRendered(Exception):
    """The file could not be made; says so in a sentence."""

"""Where what happens now was asked for: in the browser, or by a command. No Django."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The way in, and for the browser the address of the machine it came from."""

    way: str
    address: str = ""


_APPLICATION = Origin("application")
_current: ContextVar[Origin] = ContextVar("origin", default=_APPLICATION)


def current() -> Origin:
    """Return where the work of this moment came from."""
    return _current.get()


def started_by_command(name: str) -> None:
    """Note for the rest of this process that a command does the work."""
    _current.set(Origin(f"command {name}"))


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Hold for one piece of work, and for nothing after it, where it came from."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)

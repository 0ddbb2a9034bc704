"""Read the environment strictly: a wrong value stops the start with a sentence that names it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def read_env_file(path: Path) -> None:
    """Put the KEY=VALUE lines of a file in the environment, without replacing what is there."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The file {path} cannot be read as text.") from error
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, separator, value = line.partition("=")
        if not separator:
            raise ImproperlyConfigured(f"{path.name}, line {number}: expected KEY=VALUE.")
        os.environ.setdefault(key.strip(), value.strip())


def env_bool(name: str, *, default: bool) -> bool:
    """Return a setting that is exactly True or False."""
    value = os.environ.get(name, "")
    if not value:
        return default
    if value not in ("True", "False"):
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}.")
    return value == "True"


def env_int(name: str, *, default: int) -> int:
    """Return a setting that is a whole number of zero or more."""
    value = os.environ.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdecimal()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def env_list(name: str, *, default: tuple[str, ...] = ()) -> list[str]:
    """Return a setting that is a list of words separated by commas."""
    value = os.environ.get(name, "")
    if not value:
        return list(default)
    words = [word.strip() for word in value.split(",")]
    if not all(words):
        raise ImproperlyConfigured(f"{name} must be words separated by commas, not {value!r}.")
    return words


def env_origins(name: str) -> list[str]:
    """Return a setting that is a list of origins such as https://nap.example.nl."""
    origins = env_list(name)
    if not all(origin.startswith(("https://", "http://")) for origin in origins):
        raise ImproperlyConfigured(f"{name} must be origins that start with https://.")
    return origins


def env_secret(name: str, *, debug: bool) -> str:
    """Return the secret key; outside debug there is no default."""
    value = os.environ.get(name, "")
    if value:
        if len(value) < 50 and not debug:
            raise ImproperlyConfigured(f"{name} must be at least 50 characters long.")
        return value
    if debug:
        return "insecure-key-for-debug-only"
    raise ImproperlyConfigured(
        f"{name} is missing. Set it to a long random string; 'make setup' puts one in .env."
    )


# SQLite as in the architecture: readers and one writer at once, and nothing lost at power failure.
SQLITE_OPTIONS: Mapping[str, object] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
    ),
}


def env_database(name: str, *, default: str) -> dict[str, Any]:
    """Return the DATABASES entry for a URL: sqlite:///FILE or postgresql://USER@HOST/NAME."""
    url = os.environ.get(name, "") or default
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    except (ValueError, KeyError) as error:
        # The URL may hold a password, so the sentence does not repeat it.
        raise ImproperlyConfigured(_database_sentence(name)) from error
    if config["ENGINE"] == "django.db.backends.sqlite3":
        if config.get("OPTIONS"):
            raise ImproperlyConfigured(_database_sentence(name))
        config["OPTIONS"] = dict(SQLITE_OPTIONS)
        config["CONN_MAX_AGE"] = 0
    elif config["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(_database_sentence(name))
    if not config["NAME"]:
        raise ImproperlyConfigured(_database_sentence(name))
    return config


def _database_sentence(name: str) -> str:
    return (
        f"{name} cannot be read. Use sqlite:///file.sqlite3 or "
        "postgresql://user:password@host:5432/database."
    )

"""Read the environment strictly: a wrong value stops the start with a sentence that names it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

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


def env_folder(name: str) -> Path | None:
    """Return a setting that is a folder; None when it is not set."""
    value = os.environ.get(name, "")
    if not value:
        return None
    folder = Path(value)
    if not folder.is_dir():
        raise ImproperlyConfigured(f"{name} must be a folder, not {value!r}.")
    return folder


@dataclass(frozen=True, slots=True)
class Theme:
    """What a ministry adds to the look of the public site; an empty name is a file that lacks."""

    folder: Path
    stylesheet: str = ""
    logo: str = ""
    # Whose logo it is, for who does not see it.
    owner: str = ""


def env_theme(name: str) -> Theme | None:
    """Return the theme in a folder, which needs the name of the owner beside a logo."""
    folder = env_folder(name)
    if folder is None:
        return None
    logo = _first_file(folder, "logo.svg", "logo.png")
    owner = folder / "owner.txt"
    try:
        words = " ".join(owner.read_text(encoding="utf-8").split()) if owner.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The file {owner} cannot be read as text.") from error
    if logo and not words:
        raise ImproperlyConfigured(
            f"{name} holds {logo} but no owner.txt with the name of whose logo it is."
        )
    return Theme(folder, _first_file(folder, "theme.css"), logo, words)


def _first_file(folder: Path, *names: str) -> str:
    return next((each for each in names if (folder / each).is_file()), "")


def env_contacts(name: str) -> list[str]:
    """Return a setting that is a list of ways to reach somebody: mailto:, https: or tel:."""
    contacts = env_list(name)
    for each in contacts:
        scheme, _colon, rest = each.partition(":")
        if scheme not in ("mailto", "https", "tel") or not rest or not _is_one_word(each):
            raise ImproperlyConfigured(
                f"{name} must be such as mailto:security@example.nl, not {each!r}."
            )
    return contacts


def env_date(name: str, *, required: bool) -> date | None:
    """Return a setting that is a day, written as in 2027-06-30."""
    value = os.environ.get(name, "")
    if not value and not required:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must be a day such as 2027-06-30, not {value!r}."
        ) from error


def _is_one_word(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value


def env_origins(name: str) -> list[str]:
    """Return a setting that is a list of origins such as https://nap.example.nl."""
    origins = env_list(name)
    if not all(origin.startswith(("https://", "http://")) for origin in origins):
        raise ImproperlyConfigured(f"{name} must be origins that start with https://.")
    return origins


def env_base_url(name: str, *, default: str) -> str:
    """Return the address of the site itself, such as https://nap.example.nl; empty for none."""
    value = os.environ.get(name, "") or default
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        # Reading the port is what refuses one that is no number.
        whole = bool(parts.hostname) and parts.port != 0 and parts.username is None
    except ValueError:
        whole = False
    rest = value.partition("://")[2].rstrip("/")
    plain = rest.isascii() and rest.isprintable() and not set(rest) & set(" /?#\\<>\"'")
    if not whole or not plain or parts.scheme not in ("https", "http"):
        raise ImproperlyConfigured(
            f"{name} must be the address of the site, such as https://nap.example.nl, "
            f"not {value!r}."
        )
    return value.rstrip("/")


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mail leaves; without a host it is shown on the console and goes nowhere."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False

    @property
    def backend(self) -> str:
        return f"django.core.mail.backends.{'smtp' if self.host else 'console'}.EmailBackend"


# The port that is usual for each way to reach a mail server.
_MAIL_PORTS: Mapping[str, int] = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def env_mail_server(name: str) -> MailServer:
    """Return the mail server of a URL: smtp://, smtp+starttls:// or smtps://USER:PASSWORD@HOST."""
    value = os.environ.get(name, "")
    if not value or value == "console:":
        return MailServer()
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
    except ValueError as error:
        # The URL may hold a password, so the sentence does not repeat it.
        raise ImproperlyConfigured(_mail_sentence(name)) from error
    known = parts.scheme in _MAIL_PORTS and parts.path in ("", "/")
    if not known or not host or port == 0 or parts.query or parts.fragment:
        raise ImproperlyConfigured(_mail_sentence(name))
    return MailServer(
        host=host,
        port=port or _MAIL_PORTS[parts.scheme],
        user=user,
        password=password,
        starttls=parts.scheme == "smtp+starttls",
        tls=parts.scheme == "smtps",
    )


def _mail_sentence(name: str) -> str:
    return (
        f"{name} cannot be read. Use smtp+starttls://user:password@host:587, "
        "smtps://user:password@host:465, smtp://host:25 or console:."
    )


def env_sender(name: str, *, required: bool) -> str:
    """Return from whom mail comes: an address, or a name with an address between < and >."""
    value = os.environ.get(name, "")
    if not value and not required:
        return "NAP-monitor <nap-monitor@localhost>"
    address = parseaddr(value)[1]
    user, _at, host = address.partition("@")
    if not (user and host and value.isprintable() and " " not in address):
        raise ImproperlyConfigured(
            f"{name} must be from whom mail comes, such as "
            f"NAP-monitor <nap@example.nl>, not {value!r}."
        )
    return value


def env_address(name: str) -> str:
    """Return a mail address to write to, such as nap@example.nl; empty when it is not set."""
    value = os.environ.get(name, "")
    user, _at, host = value.partition("@")
    plain = value.isascii() and value.isprintable() and not set(value) & set(" <>\"',;:?&#/\\")
    if value and not (user and host and plain and "@" not in host):
        raise ImproperlyConfigured(
            f"{name} must be a mail address, such as nap@example.nl, not {value!r}."
        )
    return value


def env_link(name: str) -> str:
    """Return the address of a page elsewhere, such as https://example.nl/x; empty for none."""
    value = os.environ.get(name, "")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        whole = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        whole = False
    if not whole or not value.isascii() or not value.isprintable() or set(value) & set(" <>\"'"):
        raise ImproperlyConfigured(
            f"{name} must be the address of a page, such as https://example.nl/page, not {value!r}."
        )
    return value


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

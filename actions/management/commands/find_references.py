"""Print the official references in a text as JSON lines."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from actions.citations import find_references


class Command(BaseCommand):
    """Find the references in one file, or in standard input."""

    help = (
        "Print every official reference in a UTF-8 text as a JSON line: literal, start, end, kind, "
        "id, url. Places count characters from 0; a byte order mark at the start is not counted."
    )
    # It reads a file and nothing else, so it works without a database and with any settings.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a text file, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        references = find_references(_read(options["file"]))
        # Written at once, so that whoever reads it never has half an answer.
        self.stdout.write(
            "".join(f"{json.dumps(asdict(found), ensure_ascii=False)}\n" for found in references),
            ending="",
        )


def _read(file: str) -> str:
    """Read the whole text; line ends stay as they are, so that places fit the file."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(
            _("Cannot read %(file)s: %(reason)s.") % {"file": file, "reason": error.strerror}
        ) from error
    name = _("Standard input") if file == "-" else file
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(_("%(file)s is not text in UTF-8.") % {"file": name}) from error
    if "\0" in text:
        raise CommandError(_("%(file)s is not text in UTF-8.") % {"file": name})
    return text

"""A stored file as an answer: the bytes that were stored, under a policy in which it can do little.

Where it may be read is asked elsewhere; here is what a browser gets.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Final

from csp.constants import HEADER
from django.http import HttpResponse

from reports.choices import Format, Kind
from reports.models import EditionFile

# What the documents are called in addresses and in names of files.
NAMES: Final[dict[str, str]] = {
    Kind.LETTER: "kamerbrief",
    Kind.ANNEX: "voortgangsrapportage",
    Kind.DECISION_NOTE: "beslisnota",
}
MEDIA: Final[dict[str, str]] = {
    Format.PDF: "application/pdf",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.ODT: "application/vnd.oasis.opendocument.text",
    Format.HTML: "text/html; charset=utf-8",
}
_SHOWN: Final = (Format.PDF, Format.HTML)
_STYLE: Final = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
# A PDF is shown by the browser's own viewer, which a policy on sources stops.
_NOT_FRAMED: Final = "frame-ancestors 'none'"
# A stored page runs nothing and reaches nothing; its links may open a tab.
_SEALED: Final = (
    "default-src 'none'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; " + _NOT_FRAMED
)


class Damaged(Exception):
    """The stored content is not what was stored."""


def content_of(file: EditionFile) -> bytes:
    """Return the stored bytes, with their hash checked; raises Damaged."""
    if not file.holds():
        raise Damaged(f"the content of file {file.pk} does not have the hash {file.sha256}")
    return bytes(file.content)


def file_name(kind: str, year: int, to: str, *marks: str) -> str:
    """Return what a file is called when somebody saves it, as in `kamerbrief-2025.pdf`."""
    return f"{'-'.join([NAMES[kind], str(year), *marks])}.{to}"


def answer(content: bytes, to: str, name: str) -> HttpResponse:
    """Return content as a browser shows it, or stores it when it is of an office program."""
    response = HttpResponse(content, MEDIA[to])
    place = "inline" if to in _SHOWN else "attachment"
    response["Content-Disposition"] = f'{place}; filename="{name}"'
    # Documents are Dutch, whatever the reader chose.
    response["Content-Language"] = "nl"
    response["X-Content-Type-Options"] = "nosniff"
    response[HEADER] = _policy(content) if to == Format.HTML else _NOT_FRAMED
    return response


def _policy(page: bytes) -> str:
    """Return the policy of a stored page: its own style by its hash, nothing from elsewhere."""
    hashes = [b64encode(sha256(style).digest()).decode() for style in _STYLE.findall(page)]
    sources = [f"'sha256-{each}'" for each in hashes] or ["'none'"]
    return f"{_SEALED}; style-src {' '.join(sources)}"

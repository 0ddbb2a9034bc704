"""pandoc as a process of its own, that may read nothing but what it is given."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final, Literal

import pypandoc
from django.utils.translation import gettext as _

from reports.document import Chart, Document
from reports.renderers.office import charts, language, moment, text_width
from reports.renderers.pandoc_tree import pandoc_tree
from reports.renderers.pictures import chart_png
from reports.renderers.rendered import NotRendered

Format = Literal["docx", "odt"]

# A letter takes half a second; what takes a minute is stuck.
_SECONDS: Final = 60
# Enough for a report of hundreds of pages, and a bound for a text that was made to take more.
_MEMORY: Final = "-M1g"
_API: Final = [1, 23, 1]
# Each may take all of its memory: so many at once in one process, and who comes then waits.
_TOGETHER: Final = 2
_WAIT: Final = 20
_places = BoundedSemaphore(_TOGETHER)


def convert(document: Document, to: Format, reference: bytes, logo: bytes = b"") -> bytes:
    """Return the document in a format of pandoc; it takes the styles from `reference`.

    `logo` is the picture, a PNG, that stands for the name of the sender.

    Raises NotRendered: pandoc refused it, took too long or is not there, a chart is too large, or
    too many documents are being made at this moment.
    """
    with _place():
        return _converted(_input(document, logo), document, to, reference)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=_WAIT):
        raise NotRendered(_("Too many documents are being made at this moment. Try again later."))
    try:
        yield
    finally:
        _places.release()


def _input(document: Document, logo: bytes) -> bytes:
    pictures = {each.id: _address(each) for each in charts(document)}
    tree = {
        "pandoc-api-version": _API,
        "meta": {"lang": {"t": "MetaString", "c": language(document)}},
        "blocks": pandoc_tree(document, pictures, text_width(document), _data(logo)),
    }
    return json.dumps(tree).encode()


def _address(chart: Chart) -> str:
    return _data(chart_png(chart))


def _data(png: bytes) -> str:
    if not png:
        return ""
    # The picture goes along in the tree: in its sandbox pandoc opens no file.
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _converted(tree: bytes, document: Document, to: Format, reference: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        styles = Path(folder) / f"reference.{to}"
        styles.write_bytes(reference)
        command = [
            *(pypandoc.get_pandoc_path(), "+RTS", _MEMORY, "-RTS", "--sandbox"),
            *("--from=json", f"--to={to}", f"--reference-doc={styles}", "--output=-"),
        ]
        # Nothing of our own surroundings, which hold the key of the application.
        around = {"SOURCE_DATE_EPOCH": str(int(moment(document).timestamp())), "HOME": folder}
        try:
            done = subprocess.run(  # noqa: S603  our own program, and no shell
                command,
                input=tree,
                capture_output=True,
                cwd=folder,
                env=around,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise NotRendered(_("The document could not be made in this format.")) from error
    return done.stdout


__all__ = ["Format", "NotRendered", "convert"]

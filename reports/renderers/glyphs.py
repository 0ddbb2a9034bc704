"""Signs for which the fonts of a document have no shape, such as most emoji, by their name.

PDF/UA refuses a text with a sign that shows as an empty box; the name loses nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont

# The face to which any sign falls back that the type of a ministry lacks.
_FACE: Final = "vendor/dejavu/DejaVuSans.ttf"
_SPACE: Final = "\t\n\r\f"
_ALL: Final = 0x110000
# What steers the text and shows nothing stands among these.
_STEERING: Final = (range(0x80, 0x10000), range(0xE0000, 0xE0080))
# They end a line or a paragraph; the fonts have an entry for them, but no shape.
_ENDS: Final = {0x2028, 0x2029}


def printable(text: str, *fonts: Path) -> str:
    """Return the text with a name for every sign that none of the fonts can show."""
    return _shapeless(fonts).sub(_named, text)


def _named(sign: re.Match[str]) -> str:
    code = f"U+{ord(sign[0]):04X}"
    name = unicodedata.name(sign[0], "").lower()
    # The name of an ideograph is its number over again.
    return f"[{code}]" if not name or name.startswith("cjk") else f"[{code} {name}]"


@cache
def _shapeless(fonts: tuple[Path, ...]) -> re.Pattern[str]:
    """Return what matches one sign that has no shape in these fonts, nor in our own."""
    own = finders.find(_FACE)
    if own is None:
        raise FileNotFoundError(f"the font {_FACE} is not among the static files")
    known = {ord(each) for each in _SPACE}
    for path in (Path(own), *fonts):
        with TTFont(path, lazy=True) as font:
            known |= font.getBestCmap().keys()
    known |= {
        code for part in _STEERING for code in part if unicodedata.category(chr(code)) == "Cf"
    }
    edges = [-1, *sorted(known - _ENDS), _ALL]
    gaps = [
        f"{_escaped(before + 1)}-{_escaped(after - 1)}"
        for before, after in zip(edges, edges[1:], strict=False)
        if after - before > 1
    ]
    return re.compile(f"[{''.join(gaps)}]")


def _escaped(code: int) -> str:
    return f"\\U{code:08x}"

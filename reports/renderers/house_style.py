"""The ministry's own emblem, logo and type, out of the folder that NAP_HOUSE_STYLE names.

Only a ministry may use them, so the project holds none. Each has one place and one name; a file
that is not there leaves its place empty.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

SCHEME: Final = "house"
TEXT: Final = "NAP Text"
HEADING: Final = "NAP Heading"

_PICTURES: Final = (".svg", ".png")
_TYPES: Final = (".woff2", ".otf", ".ttf")
# What each file is for, and with which endings it may come.
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "emblem": _PICTURES,
    "logo": _PICTURES,
    "fonts/Text-Regular": _TYPES,
    "fonts/Text-Bold": _TYPES,
    "fonts/Text-Italic": _TYPES,
    "fonts/Text-BoldItalic": _TYPES,
    "fonts/Heading-Bold": _TYPES,
}
_FACES: Final[Mapping[str, tuple[str, str, str]]] = {
    "fonts/Text-Regular": (TEXT, "normal", "normal"),
    "fonts/Text-Bold": (TEXT, "bold", "normal"),
    "fonts/Text-Italic": (TEXT, "normal", "italic"),
    "fonts/Text-BoldItalic": (TEXT, "bold", "italic"),
    "fonts/Heading-Bold": (HEADING, "bold", "normal"),
}
# Nothing makes a bold or a slanted letter of a plain one: the text has all four or none.
_TEXT_FACES: Final = frozenset(place for place, face in _FACES.items() if face[0] == TEXT)
_MIME: Final[Mapping[str, str]] = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
}


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """The files that are there, each by its place; `embedded` ones travel within the document."""

    files: Mapping[str, Path]
    embedded: bool = False

    @property
    def emblem(self) -> str:
        """Return the address of the picture at the top of the first page, or nothing."""
        return self._address("emblem") if "emblem" in self.files else ""

    @property
    def logo(self) -> str:
        """Return the address of the picture that stands for the sender's name, or nothing."""
        return self._address("logo") if "logo" in self.files else ""

    @property
    def fonts(self) -> tuple[Path, ...]:
        return tuple(path for place, path in self.files.items() if place in _FACES)

    def css(self) -> str:
        """Return the rules that put emblem and type in their places."""
        rules = [self._face(place) for place in _FACES if place in self.files]
        if self.emblem:
            rules.append(f'.emblem {{ background-image: url("{self.emblem}") }}\n')
            rules.append(".screen .emblem { height: 8.5rem }\n")
        return "".join(rules)

    def _face(self, place: str) -> str:
        family, weight, style = _FACES[place]
        return (
            f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
            f'font-style: {style}; src: url("{self._address(place)}") }}\n'
        )

    def _address(self, place: str) -> str:
        path = self.files[place]
        if not self.embedded:
            return f"{SCHEME}:{place}{path.suffix}"
        return f"data:{_MIME[path.suffix]};base64,{b64encode(path.read_bytes()).decode()}"


def house_style(*, embedded: bool = False) -> HouseStyle:
    """Return what the folder of the ministry holds; nothing when there is no folder."""
    folder: Path | None = settings.NAP_HOUSE_STYLE
    if folder is None:
        return HouseStyle({}, embedded)
    whole = folder.resolve()
    files: dict[str, Path] = {}
    for place, endings in _PLACES.items():
        for ending in endings:
            path = whole / f"{place}{ending}"
            # A link that leads out of the folder is not a file of it.
            if path.resolve().is_relative_to(whole) and path.is_file():
                files.setdefault(place, path)
    if not files.keys() >= _TEXT_FACES:
        files = {place: path for place, path in files.items() if place not in _TEXT_FACES}
    return HouseStyle(files, embedded)


def house_file(name: str) -> tuple[bytes, str] | None:
    """Return a file of the house style with its type by its name, such as `emblem.svg`."""
    for place, path in house_style().files.items():
        if name == f"{place}{path.suffix}":
            return path.read_bytes(), _MIME[path.suffix]
    return None

"""What Word and OpenDocument files take from the house style: pictures, and the names of its type.

Both formats want a PNG. It is drawn here by the same program and from the same one address as in
the PDF, so that whatever a picture refers to is as out of reach as there. Typefaces do not go
along: the files name them, and who has them sees them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import weasyprint
from django.utils.translation import gettext as _
from fontTools.ttLib import TTFont
from PIL import Image

from reports.renderers.fetching import StaticFetcher
from reports.renderers.house_style import HouseStyle, house_style
from reports.renderers.pictures import rastered
from reports.renderers.rendered import NotRendered

# The places of the pictures in millimetres, as in `look.css`.
EMBLEM_SIZE: Final = (13.0, 37.125)
LOGO_SIZE: Final = (60.0, 22.0)
_EMBLEM_LOOK: Final = "width:13mm;height:37.125mm;object-fit:contain;object-position:bottom"
_LOGO_LOOK: Final = "max-width:60mm;max-height:22mm"
# Sharp in print: 600 dots to the inch.
_DOTS: Final = 600 / 25.4
_WHITE: Final = 0xFF
_LARGEST_FILE: Final = 5_000_000
_MOST_POINTS: Final = 25_000_000
# By this name a font calls its family, wherever type is chosen by name.
_FAMILY: Final = 1
_NOT_IN_A_NAME: Final = re.compile(r"[^\w .&+-]")


@dataclass(frozen=True, slots=True)
class Stationery:
    """The pictures as PNG and the names of the typefaces; empty for what is not there."""

    emblem: bytes = b""
    logo: bytes = b""
    text: str = ""
    heading: str = ""

    @property
    def beside(self) -> bool:
        """Return whether the sender stands beside the emblem, also on the cover of a report."""
        return bool(self.emblem or self.logo)


def stationery() -> Stationery:
    """Return what the ministry's own folder gives; nothing when there is no folder.

    Raises NotRendered for a picture that is too large and for a font that cannot be read.
    """
    house = house_style()
    return Stationery(
        emblem=_picture(house, "emblem", house.emblem, EMBLEM_SIZE, _EMBLEM_LOOK),
        logo=_picture(house, "logo", house.logo, LOGO_SIZE, _LOGO_LOOK),
        text=_family(house, "fonts/Text-Regular"),
        heading=_family(house, "fonts/Heading-Bold"),
    )


def _picture(
    house: HouseStyle, place: str, address: str, size: tuple[float, float], look: str
) -> bytes:
    """Return the picture in its place as PNG; nothing when there is nothing to be seen."""
    if not address:
        return b""
    _refuse_large(house.files[place])
    width, height = size
    page = f"@page{{size:{width}mm {height}mm;margin:0}}body{{margin:0}}"
    html = f'<style>{page}img{{display:block;{look}}}</style><img src="{address}" alt="">'
    with _sentence():
        pdf = weasyprint.HTML(string=html, url_fetcher=StaticFetcher()).write_pdf()
        png = rastered(pdf, round(width * _DOTS))
    with Image.open(io.BytesIO(png)) as image:
        darkest, _lightest = image.convert("L").getextrema()
    # A file that is no picture leaves the place white.
    return png if darkest != _WHITE else b""


def _refuse_large(path: Path) -> None:
    if path.stat().st_size > _LARGEST_FILE or _points(path) > _MOST_POINTS:
        raise NotRendered(_("A picture of the house style is too large."))


def _points(path: Path) -> int:
    """Return how many points a picture has; none for one that is drawn, or that is no picture."""
    try:
        with Image.open(path) as image:
            return image.width * image.height
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _MOST_POINTS + 1
    except (OSError, ValueError):
        return 0


def _family(house: HouseStyle, place: str) -> str:
    if place not in house.files:
        return ""
    file = io.BytesIO(house.files[place].read_bytes())
    with _sentence(), TTFont(file, lazy=True) as font:
        name = font["name"].getDebugName(_FAMILY) or ""
    return _NOT_IN_A_NAME.sub("", name).strip()


@contextmanager
def _sentence() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Whatever it is that a broken file makes a program stumble over: one sentence.
        raise NotRendered(_("The document could not be made in this format.")) from error

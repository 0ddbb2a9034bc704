"""The emblem, logo and type of a ministry fill their places, and nothing else is read there."""

from __future__ import annotations

import re
import shutil
import struct
import zlib
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from napmonitor.environment import env_folder
from reports.document import Document
from reports.renderers.fetching import StaticFetcher
from reports.renderers.house_style import house_style
from reports.renderers.html import render_html
from reports.renderers.pdf import render_pdf
from tests.pdfcheck import assert_pdf_ua, verapdf
from tests.tagged import read
from tests.test_document import letter
from tests.test_pdf_tags import internal_note, long_report

EMBLEM = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 13 37">'
    '<rect width="13" height="37" fill="#154273"/></svg>'
)
FONTS = Path("node_modules/dejavu-fonts-ttf/ttf")
FACES = {
    "": "Text-Regular",
    "-Bold": "Text-Bold",
    "-Italic": "Text-Italic",
    "-BoldItalic": "Text-BoldItalic",
    "Condensed-Bold": "Heading-Bold",
}


def png() -> bytes:
    """A picture of one blue point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    point = zlib.compress(b"\x00\x15\x42\x73")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", point) + chunk(b"IEND", b"")


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    house = tmp_path / "huisstijl"
    (house / "fonts").mkdir(parents=True)
    (house / "emblem.svg").write_text(EMBLEM)
    (house / "logo.png").write_bytes(png())
    own = settings.BASE_DIR / FONTS
    for face, name in FACES.items():
        shutil.copy(own / f"DejaVuSerif{face}.ttf", house / "fonts" / f"{name}.ttf")
    settings.NAP_HOUSE_STYLE = house
    return house


def test_pdf_bears_emblem_logo_and_type_and_stays_accessible(folder: Path, tmp_path: Path) -> None:
    paths = []
    documents: list[Document] = [letter(), long_report(), internal_note()]
    for number, document in enumerate(documents):
        content = render_pdf(document).content
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(content)
        paths.append(path)
        assert_pdf_ua(path)
        fonts = {name.partition("+")[2].partition("-")[0] for name in read(content).fonts}
        assert fonts <= {"NAP"}
        logo = read(content).root.all("Figure")[0]
        assert str(logo.said["/Alt"]) == "Ministerie"

    verapdf(*paths)


def test_html_holds_emblem_logo_and_type_within_itself(folder: Path) -> None:
    for look in ("reading", "page"):
        html = render_html(letter(), look).content.decode()

        addresses = re.findall(r'(?:url\("|src=")([^"]{0,20})', html)
        assert {each.partition(";")[0] for each in addresses} == {
            "data:image/svg+xml",
            "data:image/png",
            "data:font/ttf",
        }


def test_without_a_folder_the_sender_is_named_in_text(settings: Settings) -> None:
    settings.NAP_HOUSE_STYLE = None

    html = render_html(letter()).content.decode()

    assert house_style().files == {}
    assert '<p class="wordmark">Ministerie</p>' in html
    assert "url(" not in html


def test_text_has_all_four_faces_of_the_ministry_or_none(folder: Path) -> None:
    assert len(house_style().fonts) == 5

    (folder / "fonts" / "Text-BoldItalic.ttf").unlink()

    assert [each.name for each in house_style().fonts] == ["Heading-Bold.ttf"]


def test_only_the_named_files_are_read_and_no_link_out_of_the_folder(folder: Path) -> None:
    (folder / "geheim.svg").write_text("KANARIE")
    (folder.parent / "buiten.svg").write_text("KANARIE")
    (folder / "logo.png").unlink()
    (folder / "logo.svg").symlink_to(folder.parent / "buiten.svg")

    assert "logo" not in house_style().files
    for name in ("geheim.svg", "logo.svg", "../buiten.svg", "fonts/../geheim.svg", "emblem.png"):
        with pytest.raises(ValueError, match="not a static file"):
            StaticFetcher().fetch(f"house:{name}")
    assert StaticFetcher().fetch("house:emblem.svg").read() == EMBLEM.encode()


def test_setting_that_is_no_folder_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for value in (str(tmp_path / "weg"), __file__):
        monkeypatch.setenv("NAP_HOUSE_STYLE", value)
        with pytest.raises(ImproperlyConfigured, match="NAP_HOUSE_STYLE must be a folder"):
            env_folder("NAP_HOUSE_STYLE")

    monkeypatch.setenv("NAP_HOUSE_STYLE", str(tmp_path))
    assert env_folder("NAP_HOUSE_STYLE") == tmp_path
    monkeypatch.delenv("NAP_HOUSE_STYLE")
    assert env_folder("NAP_HOUSE_STYLE") is None

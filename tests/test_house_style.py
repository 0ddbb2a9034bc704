"""The emblem, logo and type of a ministry fill their places, and nothing else is read there."""

from __future__ import annotations

import io
import re
import shutil
import socket
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from django.core.exceptions import ImproperlyConfigured
from PIL import Image
from pytest_django import Settings

from napmonitor.environment import env_folder
from reports.document import Document
from reports.renderers.docx import render_docx
from reports.renderers.fetching import StaticFetcher
from reports.renderers.house_style import house_style
from reports.renderers.html import render_html
from reports.renderers.odt import render_odt
from reports.renderers.pdf import render_pdf
from reports.renderers.rendered import NotRendered, Rendered
from reports.renderers.stationery import stationery
from tests.officecheck import (
    DRAW,
    OFFICE,
    STYLE,
    SVG,
    WP,
    W,
    element,
    opened,
    parts,
    streams_of,
    streams_of_docx,
    streams_of_odt,
)
from tests.pdfcheck import assert_pdf_ua, verapdf
from tests.tagged import read
from tests.test_document import letter
from tests.test_pdf_tags import internal_note, long_report

EMBLEM = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 13 37">'
    '<rect width="13" height="37" fill="#154273"/></svg>'
)
RENDERERS: dict[str, Callable[[Document], Rendered]] = {"docx": render_docx, "odt": render_odt}
formats = pytest.mark.parametrize("to", RENDERERS)
FONTS = Path("node_modules/dejavu-fonts-ttf/ttf")
FACES = {
    "": "Text-Regular",
    "-Bold": "Text-Bold",
    "-Italic": "Text-Italic",
    "-BoldItalic": "Text-BoldItalic",
    "Condensed-Bold": "Heading-Bold",
}


def png(across: int = 1) -> bytes:
    """A picture of one blue point, or one that says that it is larger."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", across, across, 8, 2, 0, 0, 0)
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


# Word and OpenDocument files.


def documents() -> list[Document]:
    return [letter(), long_report(), internal_note()]


def added(made: dict[str, bytes], document: Document) -> int:
    """Count the pictures in a file beside its charts."""
    return len([each for each in made if "png" in each]) - len(streams_of(document).pictures)


def test_word_file_bears_emblem_as_decoration_and_logo_with_the_name(folder: Path) -> None:
    for document in documents():
        made = parts(render_docx(document).content)

        header = element(made["word/header2.xml"])
        (emblem,) = header.iter(f"{WP}docPr")
        assert emblem.get("descr") == ""
        assert b'decorative" val="1"' in made["word/header2.xml"]
        assert made["word/media/emblem.png"].startswith(b"\x89PNG")
        assert b'Target="media/emblem.png"' in made["word/_rels/header2.xml.rels"]
        assert b'"/word/media/emblem.png"' in made["[Content_Types].xml"]
        body = element(made["word/document.xml"])
        (sender,) = (
            each
            for each in body.iter(f"{W}p")
            if (style := each.find(f"{W}pPr/{W}pStyle")) is not None
            and style.get(f"{W}val") == "Sender"
        )
        assert sender.find(f"{W}pPr/{W}framePr") is not None
        assert [each.get("descr") for each in sender.iter(f"{WP}docPr")] == ["Ministerie"]
        assert not list(sender.iter(f"{W}t"))
        assert b"data:" not in made["word/document.xml"]
        told, read_ = streams_of(document), streams_of_docx(render_docx(document).content, document)
        assert read_.pictures == ["Ministerie", *told.pictures]
        assert (read_.body, read_.notes) == (told.body, told.notes)


def test_opendocument_file_bears_emblem_as_decoration_and_logo_with_the_name(folder: Path) -> None:
    for document in documents():
        made = parts(render_odt(document).content)

        styles = element(made["styles.xml"])
        first = styles.find(f".//{STYLE}header-first")
        assert first is not None
        (emblem,) = first.iter(f"{DRAW}frame")
        assert emblem.find(f"{SVG}desc") is None
        assert b'decorative="true"' in made["styles.xml"]
        assert made["Pictures/emblem.png"].startswith(b"\x89PNG")
        assert b'"Pictures/emblem.png"' in made["META-INF/manifest.xml"]
        told, read_ = streams_of(document), streams_of_odt(render_odt(document).content, document)
        assert read_.pictures == ["Ministerie", *told.pictures]
        assert (read_.body, read_.notes) == (told.body, told.notes)
        text = element(made["content.xml"]).find(f".//{OFFICE}text")
        assert text is not None
        assert any(each.get(f"{DRAW}name") == "Sender" for each in text.iter(f"{DRAW}frame"))


def test_office_files_name_the_type_of_the_ministry_and_what_stands_in_for_it(
    folder: Path,
) -> None:
    word = parts(render_docx(long_report()).content)
    open_ = parts(render_odt(long_report()).content)

    assert b'w:ascii="DejaVu Serif"' in word["word/styles.xml"]
    assert b'w:ascii="DejaVu Serif Condensed"' in word["word/styles.xml"]
    assert (
        b'<w:font w:name="DejaVu Serif"><w:altName w:val="Verdana"/>'
        in (word["word/fontTable.xml"])
    )
    assert b"svg:font-family=\"'DejaVu Serif', Verdana\"" in open_["styles.xml"]
    assert b'style:font-name="DejaVu Serif"' in open_["styles.xml"]
    assert b'style:font-name="Verdana"' not in open_["styles.xml"]
    for made in (word, open_):
        assert not any("font" in name.lower() and name.endswith("ttf") for name in made)


@formats
def test_same_house_style_gives_the_same_bytes(folder: Path, to: str) -> None:
    assert len({RENDERERS[to](letter()).content for _ in range(3)}) == 1


@formats
def test_without_a_folder_office_files_hold_no_picture_and_no_other_type(
    folder: Path, settings: Settings, to: str
) -> None:
    RENDERERS[to](letter())
    settings.NAP_HOUSE_STYLE = None

    made = parts(RENDERERS[to](letter()).content)

    assert added(made, letter()) == 0
    assert not any(b"DejaVu Serif" in each or b"Embleem" in each for each in made.values())
    assert any(b">Ministerie<" in each for each in made.values())


def test_another_program_opens_office_files_with_emblem_and_logo_in_their_places(
    folder: Path, tmp_path: Path
) -> None:
    for to, render in RENDERERS.items():
        files = {f"{at}.{to}": render(each).content for at, each in enumerate(documents())}
        (tmp_path / to).mkdir()

        for pdf in opened(files, "pdf", tmp_path / to).values():
            page = pypdfium2.PdfDocument(io.BytesIO(pdf))[0].render(scale=1).to_pil()
            # In points from the upper left corner: within the emblem, and below it.
            inside, below = page.getpixel((297, 50)), page.getpixel((297, 120))
            assert all(abs(a - b) < 4 for a, b in zip(inside, (0x15, 0x42, 0x73), strict=True))
            assert below == (0xFF, 0xFF, 0xFF)


CANARY = "KANARIE"


def hostile(canary: Path, port: int) -> dict[str, bytes]:
    there = f"http://127.0.0.1:{port}/a.png"
    svg = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"'
    return {
        "local file": f'{svg} viewBox="0 0 9 9"><image width="9" height="9"'
        f' x:href="file://{canary}"/></svg>'.encode(),
        "network": f'{svg} viewBox="0 0 9 9"><image width="9" height="9" href="{there}"/>'
        f'<style>@import "{there}";</style></svg>'.encode(),
        "entity": f'<!DOCTYPE svg [<!ENTITY e SYSTEM "file://{canary}">]>{svg} viewBox="0 0 9 9">'
        "<text>&e;</text></svg>".encode(),
        "script": f'{svg} viewBox="0 0 9 9"><script>alert(1)</script></svg>'.encode(),
        "no picture": b"KANARIE",
        "empty": b"",
        "broken": png()[:40],
    }


@formats
@pytest.mark.parametrize("ending", ["svg", "png"])
def test_hostile_picture_shows_nothing_and_reads_nothing(
    folder: Path, tmp_path: Path, to: str, ending: str
) -> None:
    canary = tmp_path / "geheim.png"
    canary.write_bytes(png())
    for name in ("emblem.svg", "logo.png"):
        (folder / name).unlink()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        for what, content in hostile(canary, listener.getsockname()[1]).items():
            for place in ("emblem", "logo"):
                (folder / f"{place}.{ending}").write_bytes(content)

            made = parts(RENDERERS[to](letter()).content)

            assert added(made, letter()) == 0, what
            assert not any(CANARY.encode() in each for each in made.values()), what
            # The name of the sender is there, as without a logo.
            assert any(b">Ministerie<" in each for each in made.values()), what
        with pytest.raises(TimeoutError):
            listener.accept()


@formats
def test_picture_under_another_ending_is_taken_for_what_it_is(folder: Path, to: str) -> None:
    (folder / "emblem.svg").write_bytes(png())
    (folder / "logo.png").write_text(EMBLEM)

    made = parts(RENDERERS[to](letter()).content)

    assert added(made, letter()) == 2


@formats
@pytest.mark.parametrize(
    "content",
    [png(6_000), png(10_000), png(30_000), EMBLEM.encode() + b" " * 6_000_000],
    ids=["points", "more points", "bomb", "bytes"],
)
def test_huge_picture_is_refused_with_a_sentence(folder: Path, content: bytes, to: str) -> None:
    (folder / "emblem.svg").write_bytes(content)

    with pytest.raises(NotRendered, match=r"^\w.+\.$"):
        RENDERERS[to](letter())


@formats
def test_font_that_cannot_be_read_is_refused_with_a_sentence(folder: Path, to: str) -> None:
    (folder / "fonts" / "Text-Regular.ttf").write_bytes(b"no font")

    with pytest.raises(NotRendered, match=r"^\w.+\.$"):
        RENDERERS[to](letter())


def test_picture_keeps_its_shape_within_its_place(folder: Path) -> None:
    (folder / "logo.png").unlink()
    (folder / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="1000" viewBox="0 0 2 1">'
        '<rect width="2" height="1"/></svg>'
    )

    own = stationery()

    with Image.open(io.BytesIO(own.logo)) as logo:
        # 60 by 22 mm, of which 44 by 22 are filled.
        assert abs(logo.width / logo.height - 60 / 22) < 0.01
        black = logo.convert("L").point(lambda each: 255 if each < 128 else 0).getbbox()
        assert black is not None
        assert abs(black[2] / logo.width - 44 / 60) < 0.01

"""The archive package of an edition: what is in it, always the same, and whether it is whole."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pikepdf
import pytest

from actions.richtext import Run
from reports import archive
from reports.archive import (
    ArchivedDocument,
    ArchivedEdition,
    ArchivedFile,
    Coordinator,
    Damaged,
    Step,
    package,
    safe_name,
    verify,
)
from reports.document import (
    AnnexReport,
    DecisionNote,
    Facts,
    Paragraph,
    Section,
    Standing,
    Visibility,
    to_text,
)
from reports.renderers.odt import render_odt
from reports.renderers.pdf import render_pdf

FROZEN: Final = datetime(2026, 11, 20, 13, 4, 5, tzinfo=UTC)
MADE: Final = datetime(2026, 11, 20, 13, 4, 9, tzinfo=UTC)
ISSUED: Final = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SECRET: Final = "zeer-geheim-kabinetsstuk"
PDF: Final = "application/pdf"

# MDTO 1.0.1 in our own words: what each part holds, in this order, and whether it has to.
MDTO: Final = "{https://www.nationaalarchief.nl/mdto}"
NAMED: Final = (("verwijzingNaam", "1"), ("verwijzingIdentificatie", "?"))
IDENTITY: Final = (("identificatieKenmerk", "1"), ("identificatieBron", "1"))
TERM: Final = (("begripLabel", "1"), ("begripCode", "?"), ("begripBegrippenlijst", "1"))
SHAPES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "informatieobject": (
        *(("identificatie", "+"), ("naam", "1"), ("aggregatieniveau", "?")),
        *(("classificatie", "*"), ("trefwoord", "*"), ("omschrijving", "*")),
        *(("raadpleeglocatie", "*"), ("dekkingInTijd", "*"), ("dekkingInRuimte", "*")),
        *(("taal", "*"), ("event", "*"), ("waardering", "1"), ("bewaartermijn", "?")),
        *(("informatiecategorie", "?"), ("isOnderdeelVan", "*"), ("bevatOnderdeel", "*")),
        *(("heeftRepresentatie", "*"), ("aanvullendeMetagegevens", "*")),
        *(("gerelateerdInformatieobject", "*"), ("archiefvormer", "+"), ("betrokkene", "*")),
        *(("activiteit", "?"), ("beperkingGebruik", "+")),
    ),
    "bestand": (
        *(("identificatie", "+"), ("naam", "1"), ("omvang", "1"), ("bestandsformaat", "1")),
        *(("checksum", "+"), ("URLBestand", "?"), ("isRepresentatieVan", "1")),
    ),
    "identificatie": IDENTITY,
    "verwijzingIdentificatie": IDENTITY,
    **dict.fromkeys(
        ("aggregatieniveau", "waardering", "bestandsformaat", "checksumAlgoritme", "eventType"),
        TERM,
    ),
    **dict.fromkeys(
        (
            *("dekkingInTijdType", "beperkingGebruikType"),
            "gerelateerdInformatieobjectTypeRelatie",
        ),
        TERM,
    ),
    **dict.fromkeys(
        (
            *("begripBegrippenlijst", "isOnderdeelVan", "bevatOnderdeel", "heeftRepresentatie"),
            *("archiefvormer", "isRepresentatieVan", "eventVerantwoordelijkeActor"),
            "gerelateerdInformatieobjectVerwijzing",
        ),
        NAMED,
    ),
    "dekkingInTijd": (
        *(("dekkingInTijdType", "1"), ("dekkingInTijdBegindatum", "1")),
        ("dekkingInTijdEinddatum", "?"),
    ),
    "event": (
        *(("eventType", "1"), ("eventTijd", "?"), ("eventVerantwoordelijkeActor", "?")),
        ("eventResultaat", "?"),
    ),
    "checksum": (("checksumAlgoritme", "1"), ("checksumWaarde", "1"), ("checksumDatum", "1")),
    "gerelateerdInformatieobject": (
        ("gerelateerdInformatieobjectVerwijzing", "1"),
        ("gerelateerdInformatieobjectTypeRelatie", "1"),
    ),
    "beperkingGebruik": (
        *(("beperkingGebruikType", "1"), ("beperkingGebruikNadereBeschrijving", "?")),
        *(("beperkingGebruikDocumentatie", "*"), ("beperkingGebruikTermijn", "?")),
    ),
}


def report() -> AnnexReport:
    return AnnexReport(
        title="Voortgang in 2025",
        subtitle="Nationaal Actieplan",
        language="nl",
        year=2025,
        standing=Standing.FINAL,
        dated=FROZEN.date(),
        date_line="20 november 2026",
        banner=None,
        sender="Ministerie van Buitenlandse Zaken",
        opening=(Paragraph("begin", (Run("Er is veel gedaan."),)),),
        sections=(),
    )


def note(*sections: Section) -> DecisionNote:
    return DecisionNote(
        title="Nota",
        language="nl",
        year=2025,
        standing=Standing.FINAL,
        dated=FROZEN.date(),
        date_line="20 november 2026",
        banner=None,
        sender="Ministerie van Buitenlandse Zaken",
        references=(),
        subject="Voortgang",
        head=Facts("kop", (("Aan", (Run("de minister"),)),)),
        sections=sections,
    )


def digest(content: bytes | str) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def file(name: str, content: bytes = b"inhoud", media_type: str = PDF) -> ArchivedFile:
    return ArchivedFile(name, media_type, content, digest(content), MADE)


def document(kind: str, tree: str = "", **other: Any) -> ArchivedDocument:
    tree = tree or to_text(report())
    made = ArchivedDocument(
        kind=kind,
        title="Voortgang in 2025",
        is_internal=False,
        tree=tree,
        tree_hash=digest(tree),
        files=(
            file(f"{kind}-2025.pdf", kind.encode()),
            file(f"{kind}-2025.html", b"x", "text/html"),
        ),
        pages={"begin": 1, "bijlage": 2},
    )
    return replace(made, **other)


def internal_note() -> ArchivedDocument:
    held_back = Paragraph("advies", (Run(SECRET),), visibility=Visibility.INTERNAL, ground="5.2.1")
    tree = to_text(note(Section("kern", "Kernpunten", (held_back,))))
    return document(
        "decision-note",
        tree,
        is_internal=True,
        title=f"Nota {SECRET}",
        files=(file(f"{SECRET}.pdf", SECRET.encode()),),
        pages={SECRET: 3},
    )


def edition(**other: Any) -> ArchivedEdition:
    made = ArchivedEdition(
        plan="nap-2022-2026",
        plan_title="Nationaal Actieplan",
        year=2025,
        number=2,
        stage="final",
        frozen=Step(FROZEN, ("NAP-coördinator (bz)",)),
        issued=Step(ISSUED, ("NAP-coördinator (bz)",)),
        is_public=True,
        public_from=ISSUED,
        coordinator=Coordinator("ministerie van Buitenlandse Zaken", "mnre1013"),
        audit_sequence=4711,
        audit_hash="a" * 64,
        documents=(
            document("letter"),
            document("annex"),
            document("decision-note"),
            internal_note(),
        ),
        data_json='{"jaar":2025}',
        data_hash=digest('{"jaar":2025}'),
        data_csv=b"code;stand\r\n1.a;afgerond\r\n",
        supersedes=1,
    )
    return replace(made, **other)


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return made.getvalue()


def xml(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)[0]  # noqa: S314  our own files


def told(node: ElementTree.Element, path: str) -> str:
    """Return the words at a path of element names."""
    found = node.find("/".join(MDTO + name for name in path.split("/")))
    assert found is not None, path
    return found.text or ""


def misfits(node: ElementTree.Element) -> Iterator[str]:
    """Yield where an element is not as MDTO describes it."""
    name = node.tag.removeprefix(MDTO)
    held = [each.tag.removeprefix(MDTO) for each in node]
    if name not in SHAPES:
        if held or not (node.text or "").strip():
            yield f"{name} holds {held or 'nothing'}"
        return
    pattern = "".join(f"(?:{each},){'' if often == '1' else often}" for each, often in SHAPES[name])
    if not re.fullmatch(pattern, "".join(f"{each}," for each in held)):
        yield f"{name} holds {held}"
    for each in node:
        yield from misfits(each)


# What is in it.


def test_package_holds_the_stored_bytes_in_their_folders() -> None:
    made, given = parts(package(edition())), edition()

    assert made["documenten/letter-2025.pdf"] == b"letter"
    assert made["documenten/annex-2025.html"] == b"x"
    assert made["bomen/brief.json"] == given.documents[0].tree.encode()
    assert json.loads(made["bomen/brief-paginas.json"]) == {"begin": 1, "bijlage": 2}
    assert made["gegevens/nap-2025.json"] == given.data_json.encode()
    assert made["gegevens/nap-2025.csv"] == given.data_csv
    assert {name.split("/")[0] for name in made} == {
        *("documenten", "bomen", "gegevens", "metagegevens", "intern"),
        *("LEESMIJ.txt", "manifest.json", "manifest-sha256.txt"),
    }


def test_readme_says_in_dutch_what_it_is_and_how_to_check_it() -> None:
    text = parts(package(edition()))["LEESMIJ.txt"].decode()

    for expected in (
        *("Nationaal Actieplan", "editie 2", "2026-11-20T13:04:05Z", "2026-11-21T09:30:00Z"),
        *("Buitenlandse Zaken", "4711", "a" * 64, "sha256sum -c manifest-sha256.txt"),
    ):
        assert expected in text, expected
    assert max(map(len, text.splitlines())) <= 100


def test_manifest_names_each_file_with_its_size_and_hash() -> None:
    made = parts(package(edition()))
    manifest = json.loads(made["manifest.json"])

    listed = {each["pad"]: (each["omvang"], each["sha256"]) for each in manifest["bestanden"]}
    expected = {
        name: (len(content), digest(content))
        for name, content in made.items()
        if not name.startswith(("intern/", "manifest"))
    }
    assert listed == expected
    assert manifest["auditspoor"] == {"volgnummer": 4711, "hash": "a" * 64}
    assert manifest["uitgegeven"] == {
        "op": "2026-11-21T09:30:00Z",
        "rollen": ["NAP-coördinator (bz)"],
    }
    assert manifest["archiefvormer"]["tooi"].endswith("/ministerie/mnre1013")


def test_sums_are_in_the_form_that_sha256sum_reads(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(package(edition()))) as made:
        made.extractall(tmp_path)

    for folder in (tmp_path, tmp_path / "intern"):
        command = ["sha256sum", "--strict", "-c", "manifest-sha256.txt"]
        checked = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        assert "manifest.json: OK" in checked.stdout
    (tmp_path / "bomen" / "brief.json").write_text("{}")
    command = ["sha256sum", "-c", "manifest-sha256.txt"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 1


# That it is always the same.


def test_same_edition_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib; from tests.test_archive import edition, package; "
        "print(hashlib.sha256(package(edition())).hexdigest())"
    )
    environment = os.environ | {
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Auckland",
        "DJANGO_SETTINGS_MODULE": "napmonitor.settings",
    }
    other = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert other.stdout.strip() == digest(package(edition()))


def test_moment_counts_and_not_the_zone_or_the_order_in_which_pages_come() -> None:
    elsewhere = FROZEN.astimezone(timezone(timedelta(hours=9)))
    turned = replace(edition().documents[0], pages={"bijlage": 2, "begin": 1})
    other = edition(
        frozen=Step(elsewhere, ("NAP-coördinator (bz)",)),
        documents=(turned, *edition().documents[1:]),
    )

    assert package(other) == package(edition())
    with zipfile.ZipFile(io.BytesIO(package(edition()))) as made:
        assert {each.date_time for each in made.infolist()} == {(2026, 11, 20, 13, 4, 4)}


def test_moment_that_no_zip_file_can_hold_is_no_obstacle() -> None:
    long_ago = datetime(1975, 1, 1, tzinfo=UTC)

    assert verify(package(edition(frozen=Step(long_ago, ())))) == []


@pytest.mark.parametrize("what", ["data", "tree", "file"])
def test_what_is_not_what_was_stored_is_never_packed(what: str) -> None:
    first = edition().documents[0]
    wrong = {
        "data": edition(data_json='{"jaar":2024}'),
        "tree": edition(documents=(replace(first, tree=first.tree + " "),)),
        "file": edition(
            documents=(replace(first, files=(replace(first.files[0], content=b"?"),)),)
        ),
    }

    with pytest.raises(Damaged):
        package(wrong[what])


# What is internal.


def test_internal_half_leaves_no_trace() -> None:
    content = package(edition(), with_internal=False)
    inside = edition().documents[3]

    made = parts(content)
    assert not [name for name in made if "intern" in name]
    everything = b"\n".join([*map(str.encode, made), *made.values()]).decode()
    assert SECRET not in everything
    assert "intern" not in everything.lower().replace("international", "")
    hashes = [inside.tree_hash, inside.files[0].sha256, digest(SECRET)]
    assert not [each for each in hashes if each in everything]
    without = edition(documents=edition().documents[:3])
    assert content == package(without, with_internal=False) == package(without)


def test_rest_is_the_same_with_and_without_the_internal_half() -> None:
    with_it, without = parts(package(edition())), parts(package(edition(), with_internal=False))

    assert {name: content for name, content in with_it.items() if name in without} == without
    assert {name.split("/")[0] for name in with_it.keys() - without.keys()} == {"intern"}
    assert verify(packed(without)) == []


def test_internal_half_says_on_which_grounds_it_is_withheld() -> None:
    made = parts(package(edition()))
    node = xml(made["intern/metagegevens/nota.xml"])

    assert told(node, "beperkingGebruik/beperkingGebruikType/begripLabel") == "Overig"
    words = told(node, "beperkingGebruik/beperkingGebruikNadereBeschrijving")
    assert words == "Niet openbaar (Wet open overheid, artikel 5.2.1)."
    assert made["intern/LEESMIJ.txt"].decode().startswith("NIET OPENBAAR")


def test_edition_that_was_not_issued_is_not_said_to_be_open() -> None:
    made = parts(package(edition(issued=None, stage="concept")))
    node = xml(made["metagegevens/editie.xml"])

    assert told(node, "beperkingGebruik/beperkingGebruikType/begripLabel") == "Nader te bepalen"
    assert "Uitgegeven op: nog niet" in made["LEESMIJ.txt"].decode()
    assert json.loads(made["manifest.json"])["uitgegeven"] is None


@pytest.mark.parametrize(
    ("public_from", "words"),
    [(None, "nog niet"), (ISSUED, "nog niet, pas vanaf 2026-11-21T09:30:00Z")],
)
def test_edition_that_is_not_public_yet_is_not_said_to_be_open(
    public_from: datetime | None, words: str
) -> None:
    made = parts(package(edition(is_public=False, public_from=public_from)))

    described = [name for name in made if name.startswith("metagegevens/") and "/best" not in name]
    assert described
    for name in described:
        limit = "beperkingGebruik/beperkingGebruik"
        assert told(xml(made[name]), f"{limit}Type/begripLabel") == "Nader te bepalen"
        assert told(xml(made[name]), f"{limit}NadereBeschrijving") == f"Openbaar: {words}."
    assert f"Openbaar:      {words}\n" in made["LEESMIJ.txt"].decode()
    assert b"Geen beperking" not in b"".join(made.values())


def test_edition_that_is_public_says_since_when() -> None:
    made = parts(package(edition()))

    assert "Openbaar:      sinds 2026-11-21T09:30:00Z\n" in made["LEESMIJ.txt"].decode()


# Metadata.


@pytest.mark.parametrize(
    "given",
    [
        edition(),
        edition(issued=None, supersedes=None, coordinator=Coordinator("BZ")),
        edition(frozen=Step(FROZEN, ()), documents=()),
    ],
)
def test_metadata_have_the_parts_of_mdto_in_their_order(given: ArchivedEdition) -> None:
    found = {
        name: ElementTree.fromstring(content)  # noqa: S314  our own files
        for name, content in parts(package(given)).items()
        if name.endswith(".xml")
    }

    assert found
    for name, root in found.items():
        assert root.tag == f"{MDTO}MDTO"
        assert len(root) == 1
        assert list(misfits(root[0])) == [], name


def test_every_file_is_described_and_belongs_to_something_of_the_edition() -> None:
    made = parts(package(edition()))
    described = {
        name: xml(content) for name, content in made.items() if "metagegevens/bestanden/" in name
    }
    objects = {
        told(node, "identificatie/identificatieKenmerk"): node
        for name, content in made.items()
        if re.search(r"metagegevens/[a-z]+\.xml$", name)
        for node in [xml(content)]
    }

    folders = re.compile(r"(?:intern/)?(?:documenten|bomen|gegevens)/")
    packed_files = [name for name in made if folders.match(name)]
    assert len(described) == len(packed_files)
    for node in described.values():
        key = told(node, "identificatie/identificatieKenmerk")
        path = key.removeprefix("nap-2022-2026/2025/2/")
        assert int(told(node, "omvang")) == len(made[path])
        assert told(node, "checksum/checksumWaarde") == digest(made[path])
        assert told(node, "checksum/checksumAlgoritme/begripLabel") == "SHA-256"
        of = told(node, "isRepresentatieVan/verwijzingIdentificatie/identificatieKenmerk")
        shown = [
            each.text
            for each in objects[of].iterfind(
                "/".join(
                    MDTO + name
                    for name in (
                        "heeftRepresentatie",
                        "verwijzingIdentificatie",
                        "identificatieKenmerk",
                    )
                )
            )
        ]
        assert key in shown
    for key, node in objects.items():
        if key != "nap-2022-2026/2025/2":
            within = "isOnderdeelVan/verwijzingIdentificatie/identificatieKenmerk"
            assert told(node, within) == "nap-2022-2026/2025/2"


def test_edition_says_who_formed_it_when_and_what_it_takes_the_place_of() -> None:
    node = xml(parts(package(edition()))["metagegevens/editie.xml"])

    assert told(node, "aggregatieniveau/begripLabel") == "Dossier"
    assert told(node, "dekkingInTijd/dekkingInTijdBegindatum") == "2025"
    assert told(node, "waardering/begripCode") == "N"
    assert told(node, "archiefvormer/verwijzingNaam") == "ministerie van Buitenlandse Zaken"
    key = told(node, "archiefvormer/verwijzingIdentificatie/identificatieKenmerk")
    assert key == "https://identifier.overheid.nl/tooi/id/ministerie/mnre1013"
    assert told(node, "beperkingGebruik/beperkingGebruikType/begripLabel") == "Geen beperking"
    related = "gerelateerdInformatieobject/gerelateerdInformatieobject"
    assert told(node, f"{related}TypeRelatie/begripLabel") == "Vervangt"
    replaced = f"{related}Verwijzing/verwijzingIdentificatie/identificatieKenmerk"
    assert told(node, replaced) == "nap-2022-2026/2025/1"
    events = [told(each, "eventTijd") for each in node.iterfind(f"{MDTO}event")]
    assert events == ["2026-11-20T13:04:05Z", "2026-11-21T09:30:00Z"]


def test_formats_are_those_that_our_renderers_make() -> None:
    with pikepdf.open(io.BytesIO(render_pdf(report()).content)) as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
    assert archive._FORMATS[PDF][0].endswith(" 2a")
    content = parts(render_odt(report()).content)["content.xml"].decode()
    version = re.search(r'office:version="([\d.]+)"', content)
    assert version is not None
    assert archive._FORMATS["application/vnd.oasis.opendocument.text"][0].endswith(version[1])


def test_format_that_is_not_known_gets_no_code() -> None:
    strange = document("letter", files=(file("brief.xyz", b"x", "application/x-strange"),))
    made = parts(package(edition(documents=(strange,))))
    node = xml(made["metagegevens/bestanden/documenten-brief.xyz.xml"])

    assert told(node, "bestandsformaat/begripLabel") == "application/x-strange"
    assert node.find(f"{MDTO}bestandsformaat/{MDTO}begripCode") is None


# Names and texts that mean harm.


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("brief-2025.pdf", "brief-2025.pdf"),
        ("../../etc/passwd", "passwd"),
        ("/etc/shadow.pdf", "shadow.pdf"),
        (r"C:\Windows\win.ini", "win.ini"),
        ("..", "bestand"),
        ("", "bestand"),
        (".bashrc", "bashrc"),
        ("a..b...pdf", "a.b.pdf"),
        ("Één brief (definitief).PDF", "een-brief-definitief.pdf"),
        ("regel\nregel.pdf", "regel-regel.pdf"),
        ("-rf.pdf", "rf.pdf"),
        ("con.pdf", "bestand-con.pdf"),
        ("LPT1", "bestand-lpt1"),
        ("\u202egpj.exe", "gpj.exe"),
        ("日本", "bestand"),
        ("x\0.pdf", "x.pdf"),
    ],
)
def test_name_of_a_file_stays_within_its_folder(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_very_long_name_keeps_its_ending() -> None:
    assert safe_name("a" * 5000 + ".pdf") == "a" * 96 + ".pdf"
    assert len(safe_name("a" * 5000)) == 100


def test_files_of_one_name_are_all_kept_apart(tmp_path: Path) -> None:
    names = ("../Brief.pdf", "brief.PDF", "x/brief.pdf", r"..\brief.pdf")
    hostile = document("letter", files=tuple(file(each, each.encode()) for each in names))
    content = package(edition(documents=(hostile,)))

    made = parts(content)
    kept = {name: text for name, text in made.items() if name.startswith("documenten/")}
    assert sorted(kept.values()) == sorted(each.encode() for each in names)
    assert len({name.lower() for name in made}) == len(made)
    assert verify(content) == []


def test_title_of_any_characters_gives_xml_that_can_be_read() -> None:
    title = 'Q&A <b>"x"</b> \x00\x0b\ufffe ]]> é'
    given = edition(documents=(document("letter", title=title),), plan_title=title)

    made = parts(package(given))
    node = xml(made["metagegevens/brief.xml"])
    assert told(node, "naam") == 'Q&A <b>"x"</b>  ]]> é'
    assert verify(package(given)) == []


def test_kind_of_another_name_takes_nobodys_place() -> None:
    strange = tuple(document(kind) for kind in ("editie", "gegevens", "../letter", "letter"))
    made = parts(package(edition(documents=strange)))

    assert {"bomen/editie-2.json", "bomen/gegevens-2.json", "bomen/brief.json"} <= made.keys()
    assert told(xml(made["metagegevens/editie.xml"]), "aggregatieniveau/begripLabel") == "Dossier"


# Whether it is whole.


def test_whole_package_has_nothing_wrong() -> None:
    assert verify(package(edition())) == []
    assert verify(package(edition(), with_internal=False)) == []


@pytest.mark.parametrize("name", sorted(parts(package(edition()))))
def test_change_in_any_file_is_found(name: str) -> None:
    made = parts(package(edition()))
    made[name] = made[name][:-1] + bytes([made[name][-1] ^ 1])

    found = verify(packed(made))

    assert found
    assert name in " ".join(found) or "is niet te lezen" in " ".join(found)


@pytest.mark.parametrize("name", sorted(parts(package(edition()))))
def test_file_that_is_gone_is_found(name: str) -> None:
    made = parts(package(edition()))
    del made[name]

    assert any(name in sentence for sentence in verify(packed(made)))


@pytest.mark.parametrize("name", ["extra.txt", "intern/extra.txt", "documenten/extra.pdf"])
def test_file_that_came_in_between_is_found(name: str) -> None:
    made = parts(package(edition())) | {name: b"x"}

    assert verify(packed(made)) == [f"{name} zit in het pakket en staat niet in de lijst."]


def test_change_that_only_the_manifest_follows_is_found() -> None:
    made = parts(package(edition()))
    before = made["documenten/letter-2025.pdf"]
    made["documenten/letter-2025.pdf"] = before[::-1]
    manifest = made["manifest.json"].decode()
    made["manifest.json"] = manifest.replace(
        digest(before), digest(made["documenten/letter-2025.pdf"])
    ).encode()

    (sentence,) = verify(packed(made))

    assert sentence.startswith("manifest-sha256.txt zegt iets anders")


@pytest.mark.parametrize(
    "name", ["../weg.txt", "/etc/passwd", "a/../../b", r"a\b", "map/", "con.txt", "a//b"]
)
def test_name_that_leads_elsewhere_is_found(name: str) -> None:
    found = verify(packed(parts(package(edition())) | {name: b""}))

    assert any("hoort niet in een pakket" in sentence for sentence in found)


def test_file_that_is_in_it_twice_is_found() -> None:
    content = io.BytesIO(package(edition()))
    with zipfile.ZipFile(content, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("bomen/brief.json", b"{}")

    assert "bomen/brief.json zit er twee keer in." in verify(content.getvalue())


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 1000, package(edition())[:-40]])
def test_what_is_no_zip_file_is_said_to_be_none(content: bytes) -> None:
    assert verify(content) == ["Dit is geen ZIP-bestand, of het is beschadigd."]


def test_byte_that_fell_over_anywhere_never_ends_in_an_error() -> None:
    content = package(edition(documents=edition().documents[:1]))
    for place in range(0, len(content), 211):
        for bit in (1, 128):
            damaged = bytearray(content)
            damaged[place] ^= bit
            assert isinstance(verify(bytes(damaged)), list)


@pytest.mark.parametrize(
    "manifest",
    [
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"bestanden": 3}',
        b'{"bestanden": [{"pad": "a", "omvang": "veel", "sha256": ""}]}',
        b'{"bestanden": [{"pad": "LEESMIJ.txt", "omvang": -9, "sha256": ""}]}',
    ],
)
def test_manifest_of_somebody_else_is_no_proof(manifest: bytes) -> None:
    made = parts(package(edition(), with_internal=False)) | {"manifest.json": manifest}

    assert verify(packed(made))


def test_file_that_swells_up_is_not_read_to_its_end() -> None:
    made = parts(package(edition(), with_internal=False))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in made.items():
            zipped.writestr(name, b"0" * 50_000_000 if name == "LEESMIJ.txt" else content)

    assert "LEESMIJ.txt is veranderd." in verify(bomb.getvalue())


def test_data_as_a_table_can_be_read_back() -> None:
    text = parts(package(edition()))["gegevens/nap-2025.csv"].decode()

    assert list(csv.reader(text.splitlines(), delimiter=";")) == [
        ["code", "stand"],
        ["1.a", "afgerond"],
    ]

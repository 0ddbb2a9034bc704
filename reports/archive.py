"""An issued edition as one ZIP file for a records system, and whether such a file is still whole.

The same edition always gives the same bytes, but that it says whether it is public already. What
is internal stands in a folder of its own, with its own manifest and metadata; the rest is the same
file by file with and without it. The metadata are those of MDTO 1.0.1 of the Nationaal Archief. No
Django.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree

FORM: Final = 1
INTERNAL: Final = "intern/"
MANIFEST: Final = "manifest.json"
SUMS: Final = "manifest-sha256.txt"
README: Final = "LEESMIJ.txt"

_NAMESPACE: Final = "https://www.nationaalarchief.nl/mdto"
_SCHEMA: Final = f"{_NAMESPACE} {_NAMESPACE}/MDTO-XML1.0.1.xsd"
_OURS: Final = "NAP-monitor"
_TOOI: Final = "https://identifier.overheid.nl/tooi/id/ministerie/"
# Word lists as the schema's own examples name them.
_LEVELS: Final = "Begrippenlijst Aggregatieniveaus MDTO"
_EVENTS: Final = "Begrippenlijst EventTypeLijst MDTO"
_VALUES: Final = "Begrippenlijst Waarderingen MDTO"
_LIMITS: Final = "Begrippenlijst BeperkingGebruikTypeLijst MDTO"
_ALGORITHMS: Final = "Begrippenlijst ChecksumAlgoritme MDTO"
_RELATIONS: Final = "Begrippenlijst Relatietypen (informatieobject) MDTO"
_PRONOM: Final = "PRONOM-register"
_IANA: Final = "IANA Media Types"

# What our renderers make of each media type, by its name and code in PRONOM. For anything else
# the media type is said, and no code.
_FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    "application/pdf": ("Acrobat PDF/A - Portable Document Format 2a", "fmt/476"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (
        "Microsoft Word for Windows 2007 onwards",
        "fmt/412",
    ),
    "application/vnd.oasis.opendocument.text": ("OpenDocument Text 1.3", "fmt/1756"),
    "text/html": ("Hypertext Markup Language 5", "fmt/471"),
    "application/json": ("JSON Data Interchange Format", "fmt/817"),
    "text/csv": ("Comma Separated Values", "x-fmt/18"),
}
_KINDS: Final[Mapping[str, str]] = {
    "letter": "brief",
    "annex": "voortgangsrapportage",
    "decision-note": "nota",
}
_STAGES: Final[Mapping[str, str]] = {
    "concept": "concept",
    "final": "definitief",
    "reconstruction": "reconstructie uit openbare brieven",
}

# What XML cannot hold.
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SAFE: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)
_OTHER: Final = re.compile(r"[^a-z0-9._]+")
_DOTS: Final = re.compile(r"-*(?:\.-*)+")
_LONGEST_NAME: Final = 100
# Names of devices: Windows opens no file that is called so, whatever comes behind the dot.
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
# Moments that a ZIP file can hold.
_FIRST, _LAST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)
# What reading a ZIP file that is none, or no longer one, can end in.
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError),
)
# A manifest of ours is smaller by far; one that claims more is not read.
_LARGEST_MANIFEST: Final = 10_000_000


class Damaged(ValueError):
    """What has to be packed is not what was stored: a hash does not match."""


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A rendered file, with the hash that was stored when it was made."""

    name: str
    media_type: str
    content: bytes
    sha256: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ArchivedDocument:
    """One document for one group of readers; `pages` says on which page each node starts."""

    kind: str
    title: str
    is_internal: bool
    tree: str
    tree_hash: str
    files: tuple[ArchivedFile, ...]
    pages: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """When something was done, and in which roles: no names."""

    at: datetime
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coordinator:
    """The ministry that coordinates the plan, with its code in the register TOOI if it has one."""

    name: str
    tooi_code: str = ""


@dataclass(frozen=True, slots=True)
class ArchivedEdition:
    """All that is kept of one edition: the documents of a year that were issued together.

    A decision note is two documents, one for everyone and one that is internal.
    """

    plan: str
    plan_title: str
    year: int
    number: int
    stage: str
    frozen: Step
    issued: Step | None
    # Whether everyone may read it, and from when; the moment can be to come.
    is_public: bool
    public_from: datetime | None
    coordinator: Coordinator
    audit_sequence: int
    audit_hash: str
    documents: tuple[ArchivedDocument, ...]
    data_json: str
    data_hash: str
    data_csv: bytes
    supersedes: int | None = None

    @property
    def key(self) -> str:
        """The name by which the metadata call this edition."""
        return f"{self.plan}/{self.year}/{self.number}"

    @property
    def title(self) -> str:
        return f"{self.plan_title}: rapportage over {self.year}, editie {self.number}"


@dataclass(frozen=True, slots=True)
class _Packed:
    """A file of the package that has metadata of its own."""

    path: str
    media_type: str
    content: bytes
    sha256: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class _Object:
    """What some files of the package are forms of: a document, or the data."""

    stem: str
    key: str
    title: str
    kind: str
    files: tuple[_Packed, ...]
    # Grounds of the Woo; None for what is not internal.
    grounds: tuple[str, ...] | None = None


def package(edition: ArchivedEdition, *, with_internal: bool = True) -> bytes:
    """Return the edition as a ZIP file; without what is internal nothing in it tells of that.

    Raises Damaged when a stored hash is not that of what came with it.
    """
    _check(edition)
    parts = list(_folder(edition, is_internal=False))
    if with_internal and any(each.is_internal for each in edition.documents):
        inside = _folder(edition, is_internal=True)
        parts += [(INTERNAL + path, content) for path, content in inside]
    return _zipped(parts, edition.frozen.at)


def safe_name(name: str) -> str:
    """Return a name that every system takes as one of a file in this folder, and nothing else."""
    last = re.split(r"[/\\]", name)[-1]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode().lower()
    plain = _DOTS.sub(".", _OTHER.sub("-", plain)).strip("._-")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > _LONGEST_NAME and dot and len(ending) < _LONGEST_NAME // 2:
        plain = f"{stem[: _LONGEST_NAME - len(ending) - 1].rstrip('._-')}.{ending}"
    plain = plain[:_LONGEST_NAME].rstrip("._-")
    return f"bestand-{plain}" if _DEVICES.match(plain) else plain or "bestand"


def verify(content: bytes) -> list[str]:
    """Return a sentence, in Dutch, for all in which a package is not what its manifests say.

    Whether the manifests themselves are ours, the audit trail says: its link stands in them.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return list(_wrong(archive))
    except _BROKEN:
        return ["Dit is geen ZIP-bestand, of het is beschadigd."]


# What goes into the package.


def _check(edition: ArchivedEdition) -> None:
    if _sha256(edition.data_json.encode()) != edition.data_hash:
        raise Damaged("the data are not what was frozen")
    for each in edition.documents:
        if _sha256(each.tree.encode()) != each.tree_hash:
            raise Damaged(f"the tree of {each.kind} is not what was frozen")
        for file in each.files:
            if _sha256(file.content) != file.sha256:
                raise Damaged(f"{file.name} is not what was stored")


def _folder(edition: ArchivedEdition, *, is_internal: bool) -> Iterator[tuple[str, bytes]]:
    """Yield the files of one half of the package: what everyone may read, or what is internal."""
    objects = _objects(edition, is_internal=is_internal)
    parts = [(README, _readme(edition, is_internal=is_internal).encode())]
    parts += [(file.path, file.content) for each in objects for file in each.files]
    parts += list(_metadata(edition, objects, is_internal=is_internal))
    manifest = _manifest(edition, objects, parts, is_internal=is_internal)
    parts.append((MANIFEST, _json(manifest)))
    yield from parts
    yield SUMS, _sums({path: _sha256(content) for path, content in parts})


def _objects(edition: ArchivedEdition, *, is_internal: bool) -> list[_Object]:
    # What describes the edition and the data has these names.
    taken = {"editie", "gegevens"}
    made = [
        _document(edition, each, taken)
        for each in edition.documents
        if each.is_internal == is_internal
    ]
    return made if is_internal else [*made, _data(edition)]


def _document(edition: ArchivedEdition, each: ArchivedDocument, taken: set[str]) -> _Object:
    word = _KINDS.get(each.kind, safe_name(each.kind))
    stem = _free(word if each.is_internal or word != "nota" else "beslisnota", taken)
    at = edition.frozen.at
    pages = _json(dict(sorted(each.pages.items())))
    return _Object(
        stem=stem,
        key=f"{edition.key}/{INTERNAL if each.is_internal else ''}{stem}",
        title=each.title,
        kind=each.kind,
        files=(
            *(
                _Packed(
                    f"documenten/{_free(safe_name(file.name), taken)}",
                    file.media_type,
                    file.content,
                    file.sha256,
                    file.made_at,
                )
                for file in each.files
            ),
            _packed(f"bomen/{stem}.json", "application/json", each.tree.encode(), at),
            _packed(f"bomen/{stem}-paginas.json", "application/json", pages, at),
        ),
        grounds=_grounds(each.tree) if each.is_internal else None,
    )


def _data(edition: ArchivedEdition) -> _Object:
    name, at = f"gegevens/nap-{edition.year}", edition.frozen.at
    return _Object(
        stem="gegevens",
        key=f"{edition.key}/gegevens",
        title=f"{edition.plan_title}: openbare gegevens over {edition.year}",
        kind="data",
        files=(
            _packed(f"{name}.json", "application/json", edition.data_json.encode(), at),
            _packed(f"{name}.csv", "text/csv", edition.data_csv, at),
        ),
    )


def _packed(path: str, media_type: str, content: bytes, at: datetime) -> _Packed:
    return _Packed(path, media_type, content, _sha256(content), at)


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no other file has, and keep it taken."""
    stem, dot, ending = name.rpartition(".")
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{stem}-{number}.{ending}" if dot else f"{name}-{number}"
    taken.add(found)
    return found


def _grounds(tree: str) -> tuple[str, ...]:
    """Return the grounds of the Woo that a tree names, each once."""
    return tuple(sorted(set(_named_grounds(json.loads(tree)))))


def _named_grounds(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        ground = value.get("ground")
        if isinstance(ground, str) and ground:
            yield ground
        for each in value.values():
            yield from _named_grounds(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named_grounds(each)


def _manifest(
    edition: ArchivedEdition,
    objects: Sequence[_Object],
    parts: Iterable[tuple[str, bytes]],
    *,
    is_internal: bool,
) -> dict[str, Any]:
    types = {file.path: file.media_type for each in objects for file in each.files}
    return {
        "soort": "archiefpakket van een editie",
        "vorm": FORM,
        "deel": "intern" if is_internal else "openbaar",
        "plan": edition.plan_title,
        "jaar": edition.year,
        "editie": edition.number,
        "kenmerk": edition.key,
        "vervangtEditie": edition.supersedes,
        "stadium": edition.stage,
        "vastgelegd": _told(edition.frozen),
        "uitgegeven": _told(edition.issued) if edition.issued else None,
        "archiefvormer": {
            "naam": edition.coordinator.name,
            "tooi": _tooi(edition.coordinator),
        },
        "auditspoor": {"volgnummer": edition.audit_sequence, "hash": edition.audit_hash},
        "stukken": [
            {
                "kenmerk": each.key,
                "soort": each.kind,
                "titel": each.title,
                "bestanden": [file.path for file in each.files],
            }
            for each in objects
        ],
        "bestanden": [
            {
                "pad": path,
                "omvang": len(content),
                "sha256": _sha256(content),
                "mediatype": types.get(path) or _type_of(path),
            }
            for path, content in sorted(parts)
        ],
    }


def _sums(digests: Mapping[str, str]) -> bytes:
    """Return the list of hashes as `sha256sum` writes and reads it."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def _type_of(path: str) -> str:
    return "application/xml" if path.endswith(".xml") else "text/plain"


def _told(step: Step) -> dict[str, Any]:
    return {"op": _moment(step.at), "rollen": list(step.roles)}


def _tooi(coordinator: Coordinator) -> str | None:
    return f"{_TOOI}{coordinator.tooi_code}" if coordinator.tooi_code else None


def _readme(edition: ArchivedEdition, *, is_internal: bool) -> str:
    stage = _STAGES.get(edition.stage, edition.stage)
    if is_internal:
        return _INTERNAL_README.format(title=edition.title, sums=SUMS)
    return _README.format(
        title=edition.title,
        underline="=" * len(edition.title),
        stage=stage,
        frozen=_moment(edition.frozen.at),
        issued=_moment(edition.issued.at) if edition.issued else "nog niet",
        public=_openness(edition),
        coordinator=edition.coordinator.name,
        sequence=edition.audit_sequence,
        hash=edition.audit_hash,
        sums=SUMS,
        manifest=MANIFEST,
    )


_README: Final = """\
{title}
{underline}

Dit pakket hoort in een archief. Er staat in wat van deze editie is vastgelegd. Niets ervan
verandert nog: een verbetering is een nieuwe editie.

Stadium:       {stage}
Vastgelegd op: {frozen}
Uitgegeven op: {issued}
Openbaar:      {public}
Archiefvormer: {coordinator}

Wat waar staat
--------------
documenten/    de stukken, elk in een of meer vormen (PDF, Word, ODT, webpagina)
bomen/         dezelfde stukken als gegevens: hieruit zijn de bestanden gemaakt. Een bestand dat
               eindigt op -paginas.json zegt op welke pagina van de PDF elk onderdeel begint.
gegevens/      de openbare gegevens van het jaar, als JSON en als CSV
metagegevens/  een beschrijving van de editie, van elk stuk en van elk bestand, volgens MDTO 1.0.1
{manifest}  wat er in het pakket zit, met de omvang en de SHA-256 van elk bestand

Is het pakket nog heel?
-----------------------
Pak het uit en geef in die map deze opdracht:

  sha256sum -c {sums}

Achter elk bestand moet OK staan. Of ook de lijst zelf nog klopt, blijkt uit het auditspoor van
NAP-monitor. Op het moment van vastleggen was dit daarin de laatste gebeurtenis:

  volgnummer {sequence}
  hash       {hash}

Waardering en bewaartermijn zijn niet ingevuld: daarover beslist de archiefvormer.
"""

_INTERNAL_README: Final = """\
NIET OPENBAAR

{title}

In deze map staan de stukken van de editie die niet openbaar zijn. De map staat op zichzelf: u kunt
haar weghalen zonder dat de rest van het pakket verandert.

Controleren of deze map nog heel is, kan met deze opdracht in deze map:

  sha256sum -c {sums}
"""


# Metadata.


def _metadata(
    edition: ArchivedEdition, objects: Sequence[_Object], *, is_internal: bool
) -> Iterator[tuple[str, bytes]]:
    if not is_internal:
        yield "metagegevens/editie.xml", _edition_xml(edition, objects)
    for each in objects:
        yield f"metagegevens/{each.stem}.xml", _object_xml(edition, each)
        for file in each.files:
            name = file.path.replace("/", "-")
            yield f"metagegevens/bestanden/{name}.xml", _file_xml(each, file, edition)


def _edition_xml(edition: ArchivedEdition, objects: Sequence[_Object]) -> bytes:
    root, node = _mdto("informatieobject")
    _identified(node, edition.key, edition.title)
    _term(node, "aggregatieniveau", "Dossier", _LEVELS)
    stage = _STAGES.get(edition.stage, edition.stage)
    _text(node, "omschrijving", f"Stadium: {stage}")
    audit = f"Auditspoor: gebeurtenis {edition.audit_sequence}, {edition.audit_hash}"
    _text(node, "omschrijving", audit)
    _year_and_language(node, edition)
    _event(node, "Bevriezing", edition.frozen, "Vastgelegd")
    if edition.issued:
        _event(node, "Accordering", edition.issued, "Uitgegeven")
    _value(node)
    for each in objects:
        _reference(node, "bevatOnderdeel", each.title, each.key)
    if edition.supersedes is not None:
        _supersedes(node, edition, edition.supersedes)
    _maker(node, edition.coordinator)
    _limits(node, edition, None)
    return _written(root)


def _object_xml(edition: ArchivedEdition, each: _Object) -> bytes:
    root, node = _mdto("informatieobject")
    _identified(node, each.key, each.title)
    _term(node, "aggregatieniveau", "Archiefstuk", _LEVELS)
    _year_and_language(node, edition)
    _event(node, "Bevriezing", edition.frozen, "Vastgelegd")
    _value(node)
    _reference(node, "isOnderdeelVan", edition.title, edition.key)
    for file in each.files:
        _reference(node, "heeftRepresentatie", _base(file), _file_key(edition, each, file))
    _maker(node, edition.coordinator)
    _limits(node, edition, each.grounds)
    return _written(root)


def _file_xml(each: _Object, file: _Packed, edition: ArchivedEdition) -> bytes:
    root, node = _mdto("bestand")
    _identified(node, _file_key(edition, each, file), _base(file))
    _text(node, "omvang", str(len(file.content)))
    known = _FORMATS.get(file.media_type)
    if known:
        _term(node, "bestandsformaat", known[0], _PRONOM, known[1])
    else:
        _term(node, "bestandsformaat", file.media_type, _IANA)
    checksum = ElementTree.SubElement(node, "checksum")
    _term(checksum, "checksumAlgoritme", "SHA-256", _ALGORITHMS)
    _text(checksum, "checksumWaarde", file.sha256)
    _text(checksum, "checksumDatum", _moment(file.made_at))
    _reference(node, "isRepresentatieVan", each.title, each.key)
    return _written(root)


def _base(file: _Packed) -> str:
    return file.path.rpartition("/")[2]


def _file_key(edition: ArchivedEdition, each: _Object, file: _Packed) -> str:
    within = INTERNAL if each.grounds is not None else ""
    return f"{edition.key}/{within}{file.path}"


def _mdto(kind: str) -> tuple[ElementTree.Element, ElementTree.Element]:
    root = ElementTree.Element(
        "MDTO",
        {
            "xmlns": _NAMESPACE,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": _SCHEMA,
        },
    )
    return root, ElementTree.SubElement(root, kind)


def _written(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root)
    made: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made + b"\n"


def _text(node: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(node, name).text = _NO_XML.sub("", text)


def _identified(node: ElementTree.Element, key: str, name: str) -> None:
    _identity(ElementTree.SubElement(node, "identificatie"), key, _OURS)
    _text(node, "naam", name)


def _identity(node: ElementTree.Element, key: str, source: str) -> None:
    _text(node, "identificatieKenmerk", key)
    _text(node, "identificatieBron", source)


def _term(
    node: ElementTree.Element, name: str, label: str, word_list: str, code: str = ""
) -> ElementTree.Element:
    """Add a word from a list of words, by its code when the list has codes."""
    made = ElementTree.SubElement(node, name)
    _text(made, "begripLabel", label)
    if code:
        _text(made, "begripCode", code)
    _text(ElementTree.SubElement(made, "begripBegrippenlijst"), "verwijzingNaam", word_list)
    return made


def _reference(
    node: ElementTree.Element, name: str, title: str, key: str = "", source: str = _OURS
) -> None:
    made = ElementTree.SubElement(node, name)
    _text(made, "verwijzingNaam", title)
    if key:
        _identity(ElementTree.SubElement(made, "verwijzingIdentificatie"), key, source)


def _year_and_language(node: ElementTree.Element, edition: ArchivedEdition) -> None:
    covered = ElementTree.SubElement(node, "dekkingInTijd")
    _term(covered, "dekkingInTijdType", "Verslagjaar", _OURS)
    _text(covered, "dekkingInTijdBegindatum", f"{edition.year:04}")
    _text(node, "taal", "nl")


def _event(node: ElementTree.Element, kind: str, step: Step, result: str) -> None:
    event = ElementTree.SubElement(node, "event")
    _term(event, "eventType", kind, _EVENTS)
    _text(event, "eventTijd", _moment(step.at))
    if step.roles:
        _reference(event, "eventVerantwoordelijkeActor", "; ".join(step.roles))
    _text(event, "eventResultaat", result)


def _value(node: ElementTree.Element) -> None:
    # The schema asks for a value; only who forms the archive decides which.
    _term(node, "waardering", "Nader te bepalen", _VALUES, "N")


def _supersedes(node: ElementTree.Element, edition: ArchivedEdition, number: int) -> None:
    related = ElementTree.SubElement(node, "gerelateerdInformatieobject")
    title = f"{edition.plan_title}: rapportage over {edition.year}, editie {number}"
    key = f"{edition.plan}/{edition.year}/{number}"
    _reference(related, "gerelateerdInformatieobjectVerwijzing", title, key)
    _term(related, "gerelateerdInformatieobjectTypeRelatie", "Vervangt", _RELATIONS)


def _maker(node: ElementTree.Element, coordinator: Coordinator) -> None:
    _reference(node, "archiefvormer", coordinator.name, _tooi(coordinator) or "", "TOOI")


def _limits(
    node: ElementTree.Element, edition: ArchivedEdition, grounds: tuple[str, ...] | None
) -> None:
    """Say who may use it: of what is internal also why not everyone."""
    limit = ElementTree.SubElement(node, "beperkingGebruik")
    if grounds is not None:
        _term(limit, "beperkingGebruikType", "Overig", _LIMITS)
        articles = f", artikel {', '.join(grounds)}" if grounds else ""
        words = f"Niet openbaar (Wet open overheid{articles})."
        _text(limit, "beperkingGebruikNadereBeschrijving", words)
    elif edition.issued is None:
        _term(limit, "beperkingGebruikType", "Nader te bepalen", _LIMITS)
        _text(limit, "beperkingGebruikNadereBeschrijving", "Nog niet uitgegeven.")
    elif not edition.is_public:
        _term(limit, "beperkingGebruikType", "Nader te bepalen", _LIMITS)
        words = f"Openbaar: {_openness(edition)}."
        _text(limit, "beperkingGebruikNadereBeschrijving", words)
    else:
        _term(limit, "beperkingGebruikType", "Geen beperking", _LIMITS)


def _openness(edition: ArchivedEdition) -> str:
    if edition.issued is None or edition.public_from is None:
        return "nog niet"
    moment = _moment(edition.public_from)
    return f"sinds {moment}" if edition.is_public else f"nog niet, pas vanaf {moment}"


# The ZIP file.


def _zipped(parts: Iterable[tuple[str, bytes]], at: datetime) -> bytes:
    moment = min(max(at.astimezone(UTC), _FIRST), _LAST)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts:
            # Uncompressed: another version of the compression library would give other bytes.
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_STORED)
    return file.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# Whether a package is whole.


def _wrong(archive: zipfile.ZipFile) -> Iterator[str]:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        if not _is_safe(entry.orig_filename):
            yield f"De naam {entry.orig_filename!r} hoort niet in een pakket."
        if entry.filename in entries:
            yield f"{entry.filename} zit er twee keer in."
        entries[entry.filename] = entry
    inside = {name for name in entries if name.startswith(INTERNAL)}
    yield from _wrong_part(archive, "", {name: entries[name] for name in entries.keys() - inside})
    if inside:
        yield from _wrong_part(archive, INTERNAL, {name: entries[name] for name in inside})


def _is_safe(path: str) -> bool:
    names = path.split("/")
    return all(_SAFE.fullmatch(name) and not _DEVICES.match(name) for name in names)


def _wrong_part(
    archive: zipfile.ZipFile, folder: str, entries: Mapping[str, zipfile.ZipInfo]
) -> Iterator[str]:
    """Hold the files in one half of the package against both its lists."""
    found = entries.get(folder + MANIFEST)
    listed = _listed(archive, found) if found else None
    if found is None or listed is None:
        what = "ontbreekt" if found is None else "is niet te lezen"
        yield f"{folder}{MANIFEST} {what}: of het pakket klopt, is niet vast te stellen."
        return
    sizes = {path: size for path, (size, _digest) in listed.items()}
    digests = {
        path: _digest_of(archive, entries[folder + path], size)
        for path, size in {**sizes, MANIFEST: _LARGEST_MANIFEST}.items()
        if folder + path in entries
    }
    for path, (size, digest) in sorted(listed.items()):
        if folder + path not in entries:
            yield f"{folder}{path} staat in de lijst en zit niet in het pakket."
        elif (entries[folder + path].file_size, digests[path]) != (size, digest):
            yield f"{folder}{path} is veranderd."
    known = {folder + path for path in (*listed, MANIFEST, SUMS)}
    for path in sorted(entries.keys() - known):
        yield f"{path} zit in het pakket en staat niet in de lijst."
    yield from _wrong_sums(archive, folder, entries.get(folder + SUMS), digests)


def _wrong_sums(
    archive: zipfile.ZipFile,
    folder: str,
    entry: zipfile.ZipInfo | None,
    digests: Mapping[str, str],
) -> Iterator[str]:
    """Hold the list for `sha256sum` against the files: that list also names the manifest."""
    if entry is None:
        yield f"{folder}{SUMS} ontbreekt."
        return
    if _read(archive, entry, _LARGEST_MANIFEST) != _sums(digests):
        yield f"{folder}{SUMS} zegt iets anders dan wat er in het pakket zit."


def _listed(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> dict[str, tuple[int, str]] | None:
    """Return size and hash of each file that a manifest lists; None when it cannot be read."""
    try:
        manifest = json.loads(_read(archive, entry, _LARGEST_MANIFEST))
        return {
            str(each["pad"]): (int(each["omvang"]), str(each["sha256"]))
            for each in manifest["bestanden"]
        }
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _digest_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> str:
    """Return the hash of a file of at most this size; empty for a larger or a broken one."""
    try:
        content = _read(archive, entry, most)
    except _BROKEN:
        return ""
    return "" if len(content) > most else _sha256(content)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return what a file holds, and of a larger one than expected no more than shows that."""
    with archive.open(entry) as opened:
        return opened.read(max(most, 0) + 1)

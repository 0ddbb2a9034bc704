"""What the finder reads in running text, what it refuses, and that hostile text costs no more."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.citations import MAX_LENGTH, Kind, Reference, find_references, spelled, url_for

NBSP = "\u00a0"
ROOT = Path(__file__).resolve().parent.parent


def ids(text: str) -> list[str]:
    """Give the ids found in a text, in order."""
    return [reference.id for reference in find_references(text)]


def only(text: str) -> Reference:
    """Give the one reference in a text."""
    (reference,) = find_references(text)
    return reference


# --- Kamerstukken: one paper


@pytest.mark.parametrize(
    "literal",
    [
        "Kamerstuk 32735, nr. 377",
        "Kamerstuk 32 735, nr. 377",
        "Kamerstuk 32.735, nr. 377",
        f"Kamerstuk 32{NBSP}735, nr.{NBSP}377",
        f"Kamerstuk{NBSP}32{NBSP}735,{NBSP}nr. 377",
        "Kamerstuk 32\u202f735, nr.\u202f377",
        "Kamerstuk 32\u2009735, nr. 377",
        "Kamerstuk 32 735 nr. 377",
        "Kamerstuk 32735 nr 377",
        "Kamerstuk 32 735, nr 377",
        "Kamerstuk 32 735, nr.377",
        "Kamerstuk 32 735, Nr. 377",
        "Kamerstuk 32 735 , nr. 377",
        "Kamerstuk 32 735, no. 377",
        "Kamerstuk 32 735, nummer 377",
        "Kamerstuk 32 735, ondernummer 377",
        "Kamerstuk 32 735 (nr. 377)",
        "Kamerstuk: 32 735, nr. 377",
        "Kamerstuk nr. 32 735, nr. 377",
        "Kamerstuk met nummer 32 735, nr. 377",
        "kamerstuk 32 735, nr. 377",
        "KAMERSTUK 32 735, NR. 377",
        "Kamerstukken 32 735, nr. 377",
        "Kamerstuk II 32 735, nr. 377",
        "Kamerstukken II, 32 735, nr. 377",
        "Kamerstukken II 2022/23, 32 735, nr. 377",
        "Kamerstukken II 2022/2023, 32735, nr. 377",
        "Kamerstukken II, 2022-2023, 32 735, nr. 377",
        "Kamerstukken II 2022–2023, 32 735, nr. 377",
        "Kamerstukken II 2022/23 32 735, nr. 377",
        "Kamerstukken II 2022/23, 32735, 377",
        "Kamerstukken II, vergaderjaar 2022-2023, 32 735, nr. 377",
        "Kamerstukken Tweede Kamer 2022-2023, 32 735, nr. 377",
        "Kamerstukken 2022/23, 32 735, nr. 377",
        "TK 2022-2023, 32 735, nr. 377",
        "TK 32 735, nr. 377",
        "Tweede Kamer, vergaderjaar 2022–2023, 32 735, nr. 377",
        "Kamerstuknummer 32 735, nr. 377",
        "Kamerstuknr. 32735-377",
        "Kamerdossier 32 735, nr. 377",
        "dossier 32 735, nr. 377",
        "Dossiernummer 32735, nr. 377",
        "wetsvoorstel 32 735, nr. 377",
        "32 735, nr. 377",
        "32735, nr. 377",
        "32735 nr. 377",
        "32.735, nr. 377",
        "32 735 nr 377",
        "Kamerstuk 32735-377",
        "Kamerstuk 32 735-377",
        "Kamerstuk 32735\u2011377",
        "Kamerstuk 32735–377",
        "Kamerstuk 32 735 - 377",
        "kst-32735-377",
        "KST-32735-377",
        "Kst. 32 735, nr. 377",
        # Broken over lines, as in the text of a PDF.
        "Kamerstuk 32 735, nr. \n377",
        "Kamerstuk 32 735,\nnr. 377",
        "Kamerstuk\n32 735, nr. 377",
        "Kamerstuk 32\n735, nr. 377",
        "Kamerstuk 32 735,\r\n                 nr. 377",
        "Kamerstuk 32735-\n377",
        "Kamer-\nstuk 32 735, nr. 377",
        "Kamerstuk-\nken 32 735, nr. 377",
        "Kamer\u00adstuk 32 735, nr. 377",
        "dos-\nsier 32 735, nr. 377",
    ],
)
def test_every_spelling_of_a_kamerstuk_gives_the_same_id(literal):
    text = f"De Kamer is eerder ingelicht ({literal}) over de stand van zaken."

    found = only(text)

    assert found.id == "kst-32735-377"
    assert found.literal == literal
    assert text[found.start : found.end] == literal
    assert found.kind is Kind.KAMERSTUK
    assert found.url == "https://zoek.officielebekendmakingen.nl/kst-32735-377.html"


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        # Budget chapters
        ("35000 XVII, nr. 34", "kst-35000-XVII-34"),
        ("Kamerstuk 35 000 XVII, nr. 34", "kst-35000-XVII-34"),
        ("Kamerstuk 35000-XVII, nr. 34", "kst-35000-XVII-34"),
        ("Kamerstuk 35000-XVII-34", "kst-35000-XVII-34"),
        ("Kamerstuk 35000XVII, nr. 34", "kst-35000-XVII-34"),
        ("Kamerstuk 35 000, XVII, nr. 34", "kst-35000-XVII-34"),
        ("Kamerstuk 35 000 hoofdstuk XVII, nr. 34", "kst-35000-XVII-34"),
        ("35 570-XVII, nr. 38", "kst-35570-XVII-38"),
        ("Kamerstukken II 2020/21, 35 570-XVII, nr. 38", "kst-35570-XVII-38"),
        ("Kamerstuk 36 600 V, nr. 12", "kst-36600-V-12"),
        ("Kamerstuk 36 600 IXB, nr. 4", "kst-36600-IXB-4"),
        ("Kamerstuk 36 410 XIII, nr. 7", "kst-36410-XIII-7"),
        ("Kamerstuk 36 410 XIV, nr. 7", "kst-36410-XIV-7"),
        ("Kamerstuk 36 410 XXIII, nr. 7", "kst-36410-XXIII-7"),
        ("Kamerstuk 33 000 IIA, nr. 2", "kst-33000-IIA-2"),
        ("Kamerstuk 35000-A, nr. 3", "kst-35000-A-3"),
        ("Kamerstuk 35 000 A, nr. 3", "kst-35000-A-3"),
        ("kst-35000-XVII-34", "kst-35000-XVII-34"),
        ("kst-36600-xvii-12", "kst-36600-XVII-12"),
        ("kst-35000-A-34", "kst-35000-A-34"),
        # Parts of a dossier, and the hyphen that is none
        ("21 501-02, nr. 2893", "kst-21501-02-2893"),
        ("Kamerstuk 21501-02, nr. 2893", "kst-21501-02-2893"),
        ("Kamerstuk 21 501-02 nr. 2893", "kst-21501-02-2893"),
        ("Kamerstuk 21501 02, nr. 2893", "kst-21501-02-2893"),
        ("Kamerstuk 21 501‑02, nr. 2893", "kst-21501-02-2893"),
        ("Kamerstuk 21501-02-2893", "kst-21501-02-2893"),
        ("21501-02-2893", "kst-21501-02-2893"),
        ("Kamerstukken II 2020/21, 21 501-07, nr. 1750", "kst-21501-07-1750"),
        ("kst-21501-02-2893", "kst-21501-02-2893"),
        ("Kamerstuk 32735-37", "kst-32735-37"),
        ("Kamerstuk 22112-3300", "kst-22112-3300"),
        # The Senate's papers have letters
        ("Kamerstuk 36 410, A", "kst-36410-A"),
        ("Kamerstuk 36547, B", "kst-36547-B"),
        ("Kamerstuk 36547-B", "kst-36547-B"),
        ("36547, B", "kst-36547-B"),
        ("36 547, nr. C", "kst-36547-C"),
        ("Kamerstukken I 2023/24, 36 410, A", "kst-36410-A"),
        ("Kamerstukken I 2023/24, 36 410, nr. A", "kst-36410-A"),
        ("Kamerstuk I 31 145 nummer AA", "kst-31145-AA"),
        ("EK 36 547, AB", "kst-36547-AB"),
        ("Kamerstukken I 2024/25, 36 600, V", "kst-36600-V"),
        ("Kamerstukken I 2024/25, 36 600 V, B", "kst-36600-V-B"),
        ("kst-36410-A", "kst-36410-A"),
        # Acts of the Kingdom; official addresses leave the R number out
        ("Kamerstuk 35 100 (R2114), nr. 3", "kst-35100-3"),
        ("35 100 (R 2114), nr. 3", "kst-35100-3"),
        ("Kamerstuk 34158-(R2048), nr. 14", "kst-34158-14"),
        # One paper in two dossiers is numbered in the first
        ("Kamerstuk 31 728, 30 914, nr. 5", "kst-31728-5"),
        # Serial numbers of 2026
        ("kst-1268678", "kst-1268678"),
    ],
)
def test_chapters_parts_and_letters_belong_to_the_id(text, identifier):
    found = only(text)

    assert found.literal == text
    assert found.id == identifier
    assert found.kind is Kind.KAMERSTUK
    assert found.url == f"https://zoek.officielebekendmakingen.nl/{identifier}.html"


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("Kamerstuk 36547", "36547"),
        ("Kamerstuk 36 547", "36547"),
        ("Kamerstuk 36.547", "36547"),
        ("Kamerdossier 36547", "36547"),
        ("Kamerstukdossier 36 547", "36547"),
        ("kamerstuknummer 36547", "36547"),
        ("dossier 36 547", "36547"),
        ("wetsvoorstel 36547", "36547"),
        ("initiatiefwetsvoorstel 35 761", "35761"),
        ("initiatiefvoorstel 35 761", "35761"),
        ("Kamerstukken II 2023/24, 36 547", "36547"),
        ("Kamerstuk 34 158 (R2048)", "34158"),
        ("Kamerstuk 36 600 V", "36600-V"),
        ("Kamerstuk 35570-XVII", "35570-XVII"),
        ("35570-XVII", "35570-XVII"),
        ("36 600 XVII", "36600-XVII"),
        ("Kamerstuk 35000-A", "35000-A"),
        ("Kamerstuk 21501-20", "21501-20"),
        ("https://zoek.officielebekendmakingen.nl/dossier/36547", "36547"),
        ("https://zoek.officielebekendmakingen.nl/dossier/36600-XVII", "36600-XVII"),
    ],
)
def test_a_dossier_without_number_is_a_dossier(text, identifier):
    found = only(text)

    assert found.literal == text
    assert found.id == identifier
    assert found.kind is Kind.KAMERDOSSIER
    assert found.url == f"https://zoek.officielebekendmakingen.nl/dossier/{identifier}"


@pytest.mark.parametrize(
    ("text", "literal", "identifier"),
    [
        ("(bijlage bij Kamerstuk 32735, nr. 344).", "Kamerstuk 32735, nr. 344", "kst-32735-344"),
        ("1Kamerstuk 26 485, nr. 364.", "Kamerstuk 26 485, nr. 364", "kst-26485-364"),
        ("Kamerstuk 26 485, nr. 364¹", "Kamerstuk 26 485, nr. 364", "kst-26485-364"),
        ("Kamerstuk 26 485, nr. 364, p. 3-4", "Kamerstuk 26 485, nr. 364", "kst-26485-364"),
        ("Kamerstuk 26 485, nr. 364.2 Zie", "Kamerstuk 26 485", "26485"),
        ("Kamerstuk 26 485, nr. 364a", "Kamerstuk 26 485", "26485"),
        ("(Kamerstuk 36547, 2024)", "Kamerstuk 36547", "36547"),
        ("Kamerstuk 36547, 12 leden", "Kamerstuk 36547", "36547"),
        ("Kamerstuk 36547, EU-beleid", "Kamerstuk 36547", "36547"),
        ("Kamerstuk 36547, IMVO", "Kamerstuk 36547", "36547"),
        ("Kamerstuk 36547 A. Jansen", "Kamerstuk 36547", "36547"),
        ("Kamerstuk 36547, A.B. Jansen", "Kamerstuk 36547", "36547"),
        ("Kamerstuk 36547\n\nNr. 3 BRIEF", "Kamerstuk 36547", "36547"),
        ("Kamerstuk 36 600, V", "Kamerstuk 36 600", "36600"),
        ("Kamerstukken II 2022/23, 32735, 2023", "Kamerstukken II 2022/23, 32735", "32735"),
        ("Kamerstuk 32 735/36 180", "Kamerstuk 32 735", "32735"),
    ],
)
def test_the_literal_holds_no_more_than_the_reference(text, literal, identifier):
    found = only(text)

    assert (found.literal, found.id) == (literal, identifier)


# --- Kamerstukken: phrases that name several


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("Kamerstukken 32735, nr. 344 en nr. 401", ["kst-32735-344", "kst-32735-401"]),
        ("Kamerstukken 32735, nr. 344 en nr.\n401", ["kst-32735-344", "kst-32735-401"]),
        ("Kamerstukken 32735, nr. 344, nr. 401", ["kst-32735-344", "kst-32735-401"]),
        ("Kamerstuk 32735, nr. 344 & nr. 401", ["kst-32735-344", "kst-32735-401"]),
        ("Kamerstukken 32735, nr. 344 en 401", ["kst-32735-344", "kst-32735-401"]),
        ("Kamerstukken 32735, nrs. 344 en 401", ["kst-32735-344", "kst-32735-401"]),
        ("32 735, nrs. 344 en 401", ["kst-32735-344", "kst-32735-401"]),
        (
            "Kamerstukken 32735, nrs. 344, 377 en 401",
            ["kst-32735-344", "kst-32735-377", "kst-32735-401"],
        ),
        (
            "Kamerstukken 32735, nrs. 344,377,401",
            ["kst-32735-344", "kst-32735-377", "kst-32735-401"],
        ),
        (
            "Kamerstukken 32735, nr. 344, 377 en 401",
            ["kst-32735-344", "kst-32735-377", "kst-32735-401"],
        ),
        ("Kamerstukken 32735, nummers 344 en 401", ["kst-32735-344", "kst-32735-401"]),
        ("Kamerstukken 32735, nr's 344 en 401", ["kst-32735-344", "kst-32735-401"]),
        ("Kamerstuk 32735, nr. 344 respectievelijk nr. 401", ["kst-32735-344", "kst-32735-401"]),
        ("Kamerstukken 32735-344 en 32735-401", ["kst-32735-344", "kst-32735-401"]),
        (
            "Kamerstukken 32 735, nr. 344 en 26 485, nr. 364",
            ["kst-32735-344", "kst-26485-364"],
        ),
        (
            "Kamerstukken 32 735, nr. 344 en nr. 401, 26 485, nr. 364 en 36 600 V, nr. 12",
            ["kst-32735-344", "kst-32735-401", "kst-26485-364", "kst-36600-V-12"],
        ),
        (
            "Kamerstukken II 2022/23, 32 735, nr. 344; 26 485, nr. 364",
            ["kst-32735-344", "kst-26485-364"],
        ),
        (
            "Kamerstukken II 2022/23, 32 735, nr. 344 en II 2023/24, 26 485, nr. 364",
            ["kst-32735-344", "kst-26485-364"],
        ),
        ("Kamerstukken 32 735, nrs. 344 en 26 485, nr. 364", ["kst-32735-344", "kst-26485-364"]),
        ("Kamerstukken 32 735, nrs. 344 en 26\n485, nr. 364", ["kst-32735-344", "kst-26485-364"]),
        ("32 735, nr. 344 en 26 485, nr. 364", ["kst-32735-344", "kst-26485-364"]),
        ("Kamerstukken 21 501-20, nr. 9 en 22 112, nr. 3", ["kst-21501-20-9", "kst-22112-3"]),
        ("Kamerstukken 36 410, A en 36 547, B", ["kst-36410-A", "kst-36547-B"]),
        ("Kamerstukken 36 410 en 36 600", ["36410", "36600"]),
        ("Kamerstukken 36547 en 26 485, nr. 364", ["36547", "kst-26485-364"]),
        ("Kamerstukken 36547, 26 485, nr. 364", ["36547", "kst-26485-364"]),
        (
            "Kamerstukken II 1999-2000, 26 271, nr. 6, p. 15-16; nr. 7",
            ["kst-26271-6", "kst-26271-7"],
        ),
        (
            "Kamerstukken II 2020/21, 35 625, nr. 4, p. 12 en 13, en nr. 6",
            ["kst-35625-4", "kst-35625-6"],
        ),
        # A range: the two ends are written down, what lies between is not.
        ("Kamerstukken 32 735, nrs. 5-7", ["kst-32735-5", "kst-32735-7"]),
        ("Kamerstukken 32 735, nrs. 5–7", ["kst-32735-5", "kst-32735-7"]),
        ("Kamerstukken 32 735, nrs. 5 t/m 7", ["kst-32735-5", "kst-32735-7"]),
        (
            "Kamerstukken 32 735, nrs. 5 tot en met 7 en 9",
            ["kst-32735-5", "kst-32735-7", "kst-32735-9"],
        ),
        ("Kamerstuk 32 735, nr. 5 t/m 7", ["kst-32735-5", "kst-32735-7"]),
    ],
)
def test_a_plural_phrase_is_one_literal_with_several_ids(literal, expected):
    found = find_references(f"Zie voetnoot ({literal}).")

    assert [reference.id for reference in found] == expected
    assert {reference.literal for reference in found} == {literal}
    assert {(reference.start, reference.end) for reference in found} == {(14, 14 + len(literal))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kamerstuk 32 735, nr. 344 en 33 andere stukken", ["kst-32735-344"]),
        ("Kamerstuk 32 735, nr. 344 en 33\nandere stukken", ["kst-32735-344"]),
        ("Kamerstuk 32 735, nr. 344 en 12 maart", ["kst-32735-344"]),
        ("(Kamerstuk 32 735, nr. 344, 2022)", ["kst-32735-344"]),
        ("(Kamerstuk 32 735, nr. 344, 26 485 bedrijven)", ["kst-32735-344"]),
        ("Kamerstuk 32 735, nr. 5-7", ["kst-32735-5"]),
        ("Kamerstukken 36 410 en 12 500 bedrijven", ["36410"]),
        ("Kamerstuk 36547 en 12 500.", ["36547"]),
        ("Kamerstuk 32 735, nr. 344 van 2 juni", ["kst-32735-344"]),
        ("Kamerstukken 32 735, nrs. 344 en 345 zijn", ["kst-32735-344", "kst-32735-345"]),
    ],
)
def test_a_list_stops_where_the_numbers_are_no_longer_papers(text, expected):
    assert ids(text) == expected


def test_a_phrase_too_long_for_the_register_is_read_as_several():
    text = "Kamerstukken " + " en ".join(f"{dossier}, nr. 3" for dossier in range(36001, 36100))

    found = find_references(text)

    assert [reference.id for reference in found] == [f"kst-{n}-3" for n in range(36001, 36100)]
    assert max(len(reference.literal) for reference in found) <= MAX_LENGTH


def test_separate_keywords_give_separate_literals():
    found = find_references("Kamerstuk 32 735, nr. 344 en Kamerstuk 26 485, nr. 364")

    assert [reference.literal for reference in found] == [
        "Kamerstuk 32 735, nr. 344",
        "Kamerstuk 26 485, nr. 364",
    ]


def test_an_id_twice_in_a_phrase_counts_once_and_twice_in_a_text_counts_twice():
    text = "Kamerstukken 36712, nr. 9 en nr. 9. Later weer Kamerstuk 36712, nr. 9."

    assert ids(text) == ["kst-36712-9", "kst-36712-9"]


# --- A number without keyword


@pytest.mark.parametrize(
    "text",
    ["zie (32735-377)", "de motie 32735-377", "| 32735-377 |", "(Zie 32735-377)", "32735-377"],
)
def test_a_bare_hyphen_form_counts_where_references_stand(text):
    assert ids(text) == ["kst-32735-377"]


@pytest.mark.parametrize(
    "text",
    [
        "ons kenmerk 32735-377",
        "Onze referentie\n12345-678",
        "telefoon 12345-678 90",
        "order DG-32735-377",
        "artikelnummer 99123-44",
        "De reeks 12345-678-9",
        "35570-XVII Vaststelling van de begroting",
        "(36 547)",
        "(32735)",
        "dossier 12345",
        "zaaknummer 12345, nr. 6",
        "het EK 12 500 bezoekers trok",
        "1234 TK 12 500",
    ],
)
def test_a_number_of_somebody_elses_is_left_alone(text):
    assert ids(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Een zin zonder verwijzing.",
        "Bel 070 348 64 86 of +31 70 348 64 86.",
        "Bel 0800-8051 of 06-12345678.",
        "Bezuidenhoutseweg 67, 2594 AC Den Haag",
        "Rijnstraat 8, 2515 XP Den Haag",
        "Postbus 20061, 2500 EB Den Haag",
        "Postbus 20061, nr. 3",
        "een bedrag van € 32 735",
        "€ 32 735, nr. 1 op de lijst",
        "EUR 26.485,00 en € 36.547,12",
        "12 500 euro",
        "33 826 bedrijven",
        "ruim 32 735 mensen",
        "32 735 Mensenrechten in het buitenlands beleid",
        "Nr. 377 BRIEF VAN DE MINISTER",
        "nr. 344",
        "Vergaderjaar 2023–2024",
        "in 2022-2026 en 2023/24",
        "op 26 oktober 2023",
        "Zie p. 3 en blz. 12345",
        "NL91 ABNA 0417 1643 00",
        "NL20 INGB 0001 2345 67",
        "BZ2405682",
        "BZDOC-1235421577-13",
        "MINBUZA-2024.1143577",
        "kenmerk 2022-0000123456",
        "KvK 12345678, btw NL001234567B01",
        "artikel 273f van het Wetboek van Strafrecht",
        "ISBN 978-90-12-34567-8",
        "BSN 123456782",
        "Verordening 2017/12",
        "Richtlijn 2013/340",
        "Besluit 2019/456 van de toezichthouder",
        "richtlijn 2022/2023 van de school",
        "de gemeentelijke verordening 2019",
        "besluit van 12/2023",
        "Stcrt. van gisteren",
        "het Staatsblad van 2019",
        "Staatscourant 2025, 12 maart",
        "de Staatscourant 2025-2026",
        "Trb. 2019, 130",
        "Handelingen II 2003/04, nr. 82, p. 5281-5282",
        "Handelingen 2024/25, nr. 42, item 4",
        "Handelingen II 2024/26, nr. 42, item 4",
        "Aanhangsel Handelingen II 2022/25, nr. 1339",
        "UNDP_Heightened_Human_Rights_Due_Diligence.pdf",
        "ECLI:NL:HR:2012:BQ9251",
        "SWD(2022) 42",
        "JOIN(2020) 5",
        "www.voorbeeld.com (2022) 71",
        "XCOM(2022) 71",
        "blg-876545",
        "https://www.rijksoverheid.nl/documenten/2024/01/02/rapport",
        "https://kwaad.example/zoek.officielebekendmakingen.nl/dossier/36547",
        "https://officielebekendmakingen.nl.kwaad.example/dossier/36547",
        "x12023D447412",
        "BWBR00018541",
        "132024L17605",
    ],
)
def test_what_only_looks_like_a_reference_is_none(text):
    assert find_references(text) == []


# --- Parlis, Staatsblad, Staatscourant, Handelingen, Aanhangsel


@pytest.mark.parametrize(
    ("text", "literal", "identifier", "url"),
    [
        ("Zie 2023D44741.", "2023D44741", "2023D44741", "detail?did=2023D44741"),
        ("vragen (2021Z02607)", "2021Z02607", "2021Z02607", "detail?id=2021Z02607"),
        ("Kamerstuk 2013D49656)", "Kamerstuk 2013D49656", "2013D49656", "detail?did=2013D49656"),
        (
            "kamerstuknummer 2013D49656",
            "kamerstuknummer 2013D49656",
            "2013D49656",
            "detail?did=2013D49656",
        ),
    ],
)
def test_document_and_case_numbers_also_when_called_kamerstuk(text, literal, identifier, url):
    found = only(text)

    assert (found.literal, found.id, found.kind) == (literal, identifier, Kind.PARLIS)
    assert found.url == f"https://www.tweedekamer.nl/kamerstukken/{url}"


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Stb. 2019, 130", Kind.STB, ["stb-2019-130"]),
        ("Stb. 2019, nr. 130", Kind.STB, ["stb-2019-130"]),
        ("Stb 2019, 130", Kind.STB, ["stb-2019-130"]),
        ("Stb. 2019/130", Kind.STB, ["stb-2019-130"]),
        ("Stb. 2019 nr. 130", Kind.STB, ["stb-2019-130"]),
        (f"Stb.{NBSP}2019,{NBSP}130", Kind.STB, ["stb-2019-130"]),
        ("Staatsblad 2019, 130", Kind.STB, ["stb-2019-130"]),
        ("Staatsblad 2019, nr. 130", Kind.STB, ["stb-2019-130"]),
        ("Staatsblad van 2019, nr. 130", Kind.STB, ["stb-2019-130"]),
        ("Staats-\nblad 2019,\n130", Kind.STB, ["stb-2019-130"]),
        ("Staatsblad van 12 maart 2019, nr. 130", Kind.STB, ["stb-2019-130"]),
        ("Staatsblad, jaargang 2019, nr. 130", Kind.STB, ["stb-2019-130"]),
        ("Stb. 2019-130", Kind.STB, ["stb-2019-130"]),
        ("Stb. 1968, 423", Kind.STB, ["stb-1968-423"]),
        ("Stb. 2019, 130 en 131", Kind.STB, ["stb-2019-130", "stb-2019-131"]),
        ("Stb. 2019, nrs. 130 en 131", Kind.STB, ["stb-2019-130", "stb-2019-131"]),
        ("stb-2019-130", Kind.STB, ["stb-2019-130"]),
        ("Stcrt. 2025, 31460", Kind.STCRT, ["stcrt-2025-31460"]),
        ("Stcrt. 2025, nr. 31460", Kind.STCRT, ["stcrt-2025-31460"]),
        ("Stcrt. 2025, 31 460", Kind.STCRT, ["stcrt-2025-31460"]),
        ("Stcrt. 2025, nr. 31.460", Kind.STCRT, ["stcrt-2025-31460"]),
        ("Staatscourant 2025, 31460", Kind.STCRT, ["stcrt-2025-31460"]),
        ("Staatscourant 2025, nr. 31460", Kind.STCRT, ["stcrt-2025-31460"]),
        ("Staats-\ncourant 2025, 31460", Kind.STCRT, ["stcrt-2025-31460"]),
        ("stcrt-2025-31460", Kind.STCRT, ["stcrt-2025-31460"]),
        ("Handelingen II 2024/25, nr. 42, item 4", Kind.HANDELINGEN, ["h-tk-20242025-42-4"]),
        ("Handelingen II 2024-2025, 42, item 4", Kind.HANDELINGEN, ["h-tk-20242025-42-4"]),
        ("Handelingen TK 2024/25, nr. 42, item 4", Kind.HANDELINGEN, ["h-tk-20242025-42-4"]),
        (
            "Handelingen Tweede Kamer, vergaderjaar 2024–2025, nr. 42, item 4",
            Kind.HANDELINGEN,
            ["h-tk-20242025-42-4"],
        ),
        ("Handelingen I 2024/25, nr. 12, item 7", Kind.HANDELINGEN, ["h-ek-20242025-12-7"]),
        ("Handelingen EK 2024/25, nr. 12, item 7", Kind.HANDELINGEN, ["h-ek-20242025-12-7"]),
        ("Handelingen II 1999/2000, nr. 2, item 3", Kind.HANDELINGEN, ["h-tk-19992000-2-3"]),
        ("h-tk-20242025-42-4", Kind.HANDELINGEN, ["h-tk-20242025-42-4"]),
        ("Aanhangsel Handelingen II 2022/23, nr. 1339", Kind.AANHANGSEL, ["ah-tk-20222023-1339"]),
        ("Aanhangsel Handelingen II 2022/23, 1339", Kind.AANHANGSEL, ["ah-tk-20222023-1339"]),
        ("Aanhangsel Handelingen TK, 2007/08, nr. 1835", Kind.AANHANGSEL, ["ah-tk-20072008-1835"]),
        (
            "Aanhangsel van de Handelingen, vergaderjaar 2022-2023, nr. 1339",
            Kind.AANHANGSEL,
            ["ah-tk-20222023-1339"],
        ),
        (
            "Aanhangsel der Handelingen, vergaderjaar 2006–2007, nr. 520",
            Kind.AANHANGSEL,
            ["ah-tk-20062007-520"],
        ),
        (
            "Aanhangsel van de Handelingen, nr. 1339, vergaderjaar 2022–2023",
            Kind.AANHANGSEL,
            ["ah-tk-20222023-1339"],
        ),
        (
            "Aanhangsel van de Handelingen van de Tweede Kamer, 2022–2023, nr. 1339",
            Kind.AANHANGSEL,
            ["ah-tk-20222023-1339"],
        ),
        (
            "Tweede Kamer, vergaderjaar 2022–2023, Aanhangsel 1339",
            Kind.AANHANGSEL,
            ["ah-tk-20222023-1339"],
        ),
        (
            "Aanhangsel Handelingen II 2022/23, nrs. 1339 en 1340",
            Kind.AANHANGSEL,
            ["ah-tk-20222023-1339", "ah-tk-20222023-1340"],
        ),
        ("ah-tk-20222023-1339", Kind.AANHANGSEL, ["ah-tk-20222023-1339"]),
        ("ah-1271549", Kind.AANHANGSEL, ["ah-1271549"]),
    ],
)
def test_other_dutch_publications(text, kind, expected):
    found = find_references(f"({text})")

    assert [reference.id for reference in found] == expected
    assert {reference.literal for reference in found} == {text}
    assert {reference.kind for reference in found} == {kind}
    assert [reference.url for reference in found] == [
        f"https://zoek.officielebekendmakingen.nl/{identifier}.html" for identifier in expected
    ]


# --- The Union


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verordening (EU) 2017/821", ["32017R0821"]),
        ("verordening (EU) 2017/821", ["32017R0821"]),
        (f"Verordening{NBSP}(EU){NBSP}2017/821", ["32017R0821"]),
        ("Verorde-\nning (EU)\n2017/821", ["32017R0821"]),
        ("Verordening (EU) nr. 2017/821", ["32017R0821"]),
        ("Verordening 2017/821/EU", ["32017R0821"]),
        ("Verordening EU 2017/821", ["32017R0821"]),
        ("EU-verordening 2017/821", ["32017R0821"]),
        ("EU Verordening 2017/821", ["32017R0821"]),
        ("Europese verordening 2017/821", ["32017R0821"]),
        ("Conflictmineralenverordening (EU) 2017/821", ["32017R0821"]),
        ("verordening (EU 2017/821)", ["32017R0821"]),
        ("Verordening 2017/821", ["32017R0821"]),
        ("Richtlijn 2024/1760", ["32024L1760"]),
        ("Regulation (EU) 2017/821", ["32017R0821"]),
        ("Verordening (EU) 2017/1999", ["32017R1999"]),
        ("Verordening (EU) 2018/2019", ["32018R2019"]),
        ("Verordening (EU, Euratom) 2018/1046", ["32018R1046"]),
        ("Verordening (EU) nr. 995/2010", ["32010R0995"]),
        ("Verordening (EU) 995/2010", ["32010R0995"]),
        ("Regulation (EU) No 995/2010", ["32010R0995"]),
        ("Verordening (EG) nr. 1907/2006", ["32006R1907"]),
        ("Verordening (EG) nr. 2006/2004", ["32004R2006"]),
        ("Verordening (EG) nr. 2016/2004", ["32004R2016"]),
        ("Verordening (EEG) nr. 2092/91", ["31991R2092"]),
        ("Verordening van de Raad (EG) nr. 1/2005", ["32005R0001"]),
        ("Uitvoeringsverordening (EU) 2023/1", ["32023R0001"]),
        ("Gedelegeerde Verordening (EU) 2023/2772", ["32023R2772"]),
        ("Richtlijn (EU) 2024/1760", ["32024L1760"]),
        ("Directive (EU) 2024/1760", ["32024L1760"]),
        ("Richtlijn 2013/34/EU", ["32013L0034"]),
        ("richtlijn nr. 2013/34/EU", ["32013L0034"]),
        ("Richtlijn 95/46/EG", ["31995L0046"]),
        ("Richtlijn nr. 93/98/EEG", ["31993L0098"]),
        ("Richt-\nlijn 2013/34/EU", ["32013L0034"]),
        ("Besluit (EU) 2018/1234", ["32018D1234"]),
        ("Besluit (GBVB) 2019/797", ["32019D0797"]),
        ("Besluit nr. 1313/2013/EU", ["32013D1313"]),
        ("Uitvoeringsbesluit (EU) 2021/914", ["32021D0914"]),
        ("Beschikking 2001/497/EG", ["32001D0497"]),
        ("Kaderbesluit 2002/584/JBZ", ["32002F0584"]),
        ("Aanbeveling (EU) 2023/681", ["32023H0681"]),
        ("Richtlijnen 2013/34/EU en 2006/43/EG", ["32013L0034", "32006L0043"]),
        ("Richtlijnen (EU) 2019/1937 en (EU) 2024/1760", ["32019L1937", "32024L1760"]),
        (
            "Directives\n2006/43/EC, 2013/34/EU and (EU) 2022/2464",
            ["32006L0043", "32013L0034", "32022L2464"],
        ),
        (
            "Verordeningen (EU) nr. 1093/2010, (EU) nr. 1094/2010 en (EU) nr. 1095/2010",
            ["32010R1093", "32010R1094", "32010R1095"],
        ),
        ("CELEX:32024L1760", ["32024L1760"]),
        ("CELEX: 32024L1760", ["32024L1760"]),
        ("CELEX-nummer 32024L1760", ["32024L1760"]),
        ("32024L1760", ["32024L1760"]),
        ("02017R0821-20201119", ["02017R0821-20201119"]),
        ("62019CJ0311", ["62019CJ0311"]),
    ],
)
def test_european_acts_become_celex_numbers(text, expected):
    found = find_references(f"De {text} is van kracht.")

    assert [reference.id for reference in found] == [f"CELEX:{number}" for number in expected]
    assert {reference.literal for reference in found} == {text}
    assert {reference.kind for reference in found} == {Kind.EU}
    assert [reference.url for reference in found] == [
        f"https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:{number}" for number in expected
    ]


@pytest.mark.parametrize(
    ("text", "literal", "identifier"),
    [
        ("een stuk, COM(2022) 409 final.", "COM(2022) 409 final", "COM(2022)409"),
        ("een stuk, COM (2022) 409", "COM (2022) 409", "COM(2022)409"),
        ("een stuk, COM(2022)409", "COM(2022)409", "COM(2022)409"),
        ("een stuk, COM(2022) 0409", "COM(2022) 0409", "COM(2022)409"),
        ("een stuk, COM/2022/409", "COM/2022/409", "COM(2022)409"),
        ("een stuk, COM (2022/409)", "COM (2022/409)", "COM(2022)409"),
        ("een stuk, COM(2022) 409 def.", "COM(2022) 409 def.", "COM(2022)409"),
        ("een stuk, COM(95) 200", "COM(95) 200", "COM(1995)200"),
        ("verslag van een debat, COM(2022) 409", "COM(2022) 409", "COM(2022)409"),
        ("het voorstel dat zij deed in COM(2022) 409", "COM(2022) 409", "COM(2022)409"),
        ("mededeling bij voorstel voor een wet COM(2022) 409", "COM(2022) 409", "COM(2022)409"),
        ("Mededeling. De Kamer las COM(2022) 409", "COM(2022) 409", "COM(2022)409"),
        ("Mededeling van 22 juni 2022, COM(2022) 409", "COM(2022) 409", "CELEX:52022DC0409"),
        ("Witboek (COM(2022) 409)", "COM(2022) 409", "CELEX:52022DC0409"),
        ("Groenboek COM(2022) 409", "COM(2022) 409", "CELEX:52022DC0409"),
        ("Verslag van de Commissie (COM(2022) 409)", "COM(2022) 409", "CELEX:52022DC0409"),
        ("Communication COM(2022) 409", "COM(2022) 409", "CELEX:52022DC0409"),
        ("Voorstel voor een richtlijn (COM(2022) 71)", "COM(2022) 71", "CELEX:52022PC0071"),
        ("het richtlijnvoorstel (COM(2022) 71)", "COM(2022) 71", "CELEX:52022PC0071"),
        ("het voorstel (COM(2022) 71)", "COM(2022) 71", "CELEX:52022PC0071"),
        ("Proposal for a Directive, COM(2022) 71", "COM(2022) 71", "CELEX:52022PC0071"),
    ],
)
def test_com_numbers_become_celex_only_when_the_words_before_say_which(text, literal, identifier):
    found = only(text)

    assert (found.literal, found.id, found.kind) == (literal, identifier, Kind.COM)


def test_a_com_number_takes_the_celex_that_the_text_gives_elsewhere():
    text = "Zie COM(2022) 71 final, eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:52022PC0071"

    assert set(ids(text)) == {"CELEX:52022PC0071"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verordeningen (EU) 2019/2088 en 2020/852", ["CELEX:32019R2088", "CELEX:32020R0852"]),
        ("Richtlijnen (EU) 2022/2464 en 2024/1760", ["CELEX:32022L2464", "CELEX:32024L1760"]),
        ("Verordening (EU) 2019/2088 en 2020/852", ["CELEX:32019R2088"]),
    ],
)
def test_a_plural_says_that_a_bare_second_number_is_an_act_too(text, expected):
    assert ids(text) == expected


def test_two_kinds_for_one_com_number_settle_nothing():
    text = "Zie COM(2022) 71, CELEX:52022PC0071 en CELEX:52022DC0071"

    assert ids(text)[0] == "COM(2022)71"


# --- Laws and web addresses


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("(BWBR0001854)", "BWBR0001854"),
        ("Zie wetten.overheid.nl/BWBR0001854.", "wetten.overheid.nl/BWBR0001854"),
        (
            "Zie https://wetten.overheid.nl/BWBR0001854/2024-01-01#Boek2.",
            "https://wetten.overheid.nl/BWBR0001854/2024-01-01#Boek2",
        ),
        ("jci1.3:c:BWBR0001854", "jci1.3:c:BWBR0001854"),
        ("(jci1.31:c:BWBR0001854&artikel=1.2&lid=1)", "jci1.31:c:BWBR0001854&artikel=1.2&lid=1"),
    ],
)
def test_a_law_is_known_by_its_bwb_number(text, literal):
    found = only(text)

    assert (found.literal, found.id, found.kind) == (literal, "BWBR0001854", Kind.WET)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://zoek.officielebekendmakingen.nl/kst-32735-377.html", ["kst-32735-377"]),
        ("zoek.officielebekendmakingen.nl/kst-32735-377.pdf", ["kst-32735-377"]),
        ("https://zoek.officielebekendmakingen.nl/kst-32735-377", ["kst-32735-377"]),
        ("https://zoek.officielebekendmakingen.nl/kst-36600-XVII-12.html", ["kst-36600-XVII-12"]),
        ("https://zoek.officielebekendmakingen.nl/dossier/kst-33826-36.html", ["kst-33826-36"]),
        ("https://zoek.officielebekendmakingen.nl/stcrt-2024-30890.html", ["stcrt-2024-30890"]),
        ("https://zoek.officielebekendmakingen.nl/stb-2019-401/metadata.xml", ["stb-2019-401"]),
        (
            "https://repository.overheid.nl/frbr/officielepublicaties/kst/32735/kst-32735-401/1/xml/kst-32735-401.xml",
            ["kst-32735-401"],
        ),
        ("https://www.tweedekamer.nl/kamerstukken/detail?did=2013D49656", ["2013D49656"]),
        ("https://www.tweedekamer.nl/downloads/document?id=2026D34382", ["2026D34382"]),
        (
            "https://www.tweedekamer.nl/kamerstukken/brieven_regering/detail?did=2024D43871&id=2024Z18356",
            ["2024D43871", "2024Z18356"],
        ),
        (
            "https://www.tweedekamer.nl/kamerstukken/detail?id=2024Z18356&did=2024D43871",
            ["2024Z18356", "2024D43871"],
        ),
        ("https://www.tweedekamer.nl/kamerstukken/detail?qry=wetsvoorstel%3A36742", ["36742"]),
        ("http://data.europa.eu/eli/dir/2024/1760/oj", ["CELEX:32024L1760"]),
        ("https://eur-lex.europa.eu/eli/reg/2024/3015/oj", ["CELEX:32024R3015"]),
        ("https://eur-lex.europa.eu/eli/reg_del/2023/2772/oj", ["CELEX:32023R2772"]),
        (
            "https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX%3A32017R0821",
            ["CELEX:32017R0821"],
        ),
        (
            "https://eur-lex.europa.eu/legal-content/NL/ALL/?uri=celex:32017R0821",
            ["CELEX:32017R0821"],
        ),
        (
            "https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=COM:2022:71:FIN",
            ["COM(2022)71"],
        ),
    ],
)
def test_an_official_address_is_a_reference_and_keeps_its_address(address, expected):
    found = find_references(f"Zie <{address}>, of vraag ernaar.")

    assert [reference.id for reference in found] == expected
    assert {reference.literal for reference in found} == {address}
    assert {reference.url for reference in found} == {
        f"https://{address.removeprefix('https://').removeprefix('http://')}"
    }


@pytest.mark.parametrize(
    ("literal", "url"),
    [
        (
            "eur-lex.europa.eu/legal-\ncontent/NL/TXT/PDF/?uri=CELEX:52022DC0409&from=EN",
            "https://eur-lex.europa.eu/legal-content/NL/TXT/PDF/?uri=CELEX:52022DC0409&from=EN",
        ),
        (
            "https://zoek.officielebekendmakingen.nl/\nkst-32735-377.html",
            "https://zoek.officielebekendmakingen.nl/kst-32735-377.html",
        ),
        (
            "https://zoek.officielebekendmakingen.nl/kst-32735-\n  377.html",
            "https://zoek.officielebekendmakingen.nl/kst-32735-377.html",
        ),
        (
            "https://zoek.officielebekendmakingen.nl/kst-32735-3\n77.html",
            "https://zoek.officielebekendmakingen.nl/kst-32735-377.html",
        ),
    ],
)
def test_an_address_may_go_on_over_a_line_end(literal, url):
    found = find_references(f"Zie {literal}\nen verder")

    assert (found[0].literal, found[0].url) == (literal, url)
    assert {each.id for each in found} == {found[0].id}


def test_a_celex_number_written_out_within_an_address_counts_beside_it():
    text = "Zie eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:32017R0821&from=NL voor meer."

    assert [(each.literal, each.id) for each in find_references(text)] == [
        (
            "eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:32017R0821&from=NL",
            "CELEX:32017R0821",
        ),
        ("CELEX:32017R0821", "CELEX:32017R0821"),
    ]


def test_an_address_does_not_swallow_the_next_line():
    text = "https://wetten.overheid.nl/BWBR0001854/\nDe wet is gewijzigd."

    assert only(text).literal == "https://wetten.overheid.nl/BWBR0001854/"


@pytest.mark.parametrize("cut", ["…", "..."])
def test_a_shortened_address_is_replaced_by_the_whole_one(cut):
    address = "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX%3A52025PC0081"

    assert only(f"{address}{cut}").literal == address
    assert only(f"{address}{cut}").url == url_for("CELEX:52025PC0081")


def test_a_markdown_link_gives_its_text_and_its_address():
    text = "[Kamerstuk 32 735, nr. 377](https://zoek.officielebekendmakingen.nl/kst-32735-377.html)"

    assert [reference.literal for reference in find_references(text)] == [
        "Kamerstuk 32 735, nr. 377",
        "https://zoek.officielebekendmakingen.nl/kst-32735-377.html",
    ]


# --- Letters as they are: the spellings of three published ones, in sentences of our own


def test_the_spellings_of_the_letter_of_2023():
    text = (
        "Het plan (bijlage bij Kamerstuk 32 735, nr. 344) en de proef (Kamerstuk 26 485, nr. 371)\n"
        "volgen op het stuk van 2022.2 De positie staat in (Kamerstuk 26 485, nr. \n405). Over de\n"
        "rapportage (Kwartaalrapportage \nEU, Kamerstuk 22 112, nr. 3754) later meer.\n\n"
        "3 Samen sterk, \nMededeling van de Commissie van 22 juni 2022, COM(2022) 409 final, "
        "eur-lex.europa.eu/legal-\ncontent/NL/TXT/PDF/?uri=CELEX:52022DC0409&from=EN\n\n"
        "4 Conclusies – Consilium (europa.eu)\n"
    )

    assert [(found.literal, found.id) for found in find_references(text)] == [
        ("Kamerstuk 32 735, nr. 344", "kst-32735-344"),
        ("Kamerstuk 26 485, nr. 371", "kst-26485-371"),
        ("Kamerstuk 26 485, nr. \n405", "kst-26485-405"),
        ("Kamerstuk 22 112, nr. 3754", "kst-22112-3754"),
        ("COM(2022) 409 final", "CELEX:52022DC0409"),
        (
            "eur-lex.europa.eu/legal-\ncontent/NL/TXT/PDF/?uri=CELEX:52022DC0409&from=EN",
            "CELEX:52022DC0409",
        ),
        ("CELEX:52022DC0409", "CELEX:52022DC0409"),
    ]


def test_the_spellings_of_the_letter_of_2026():
    text = (
        "Het plan loopt (Kamerstuk 36180, nr. 164).[footnoteRef:3] [3:  Staatscourant 2025, 31460 "
        "| Overheid.nl > Officiële bekendmakingen] [6:  Kamerstukken 32735, nr. 344 en nr. 401] "
        "De wet (Kamerstuk 36547), en artikel 273f, (WAMCA) (Kamerstuk 29279, nr. 1002)."
    )

    assert [(found.literal, found.id) for found in find_references(text)] == [
        ("Kamerstuk 36180, nr. 164", "kst-36180-164"),
        ("Staatscourant 2025, 31460", "stcrt-2025-31460"),
        ("Kamerstukken 32735, nr. 344 en nr. 401", "kst-32735-344"),
        ("Kamerstukken 32735, nr. 344 en nr. 401", "kst-32735-401"),
        ("Kamerstuk 36547", "36547"),
        ("Kamerstuk 29279, nr. 1002", "kst-29279-1002"),
    ]


def test_the_spellings_of_the_decision_note_of_2024():
    text = (
        "**Onze referentie**  \nBZ2405682\n\n- Het eerste plan (Kamerstuk 2013D49656) is herzien "
        "(bijlage bij Kamerstuk 32735, nr. 344).\n- Stand van zaken: Kamerstuk 32735-377.\n"
    )

    assert [(found.literal, found.id) for found in find_references(text)] == [
        ("Kamerstuk 2013D49656", "2013D49656"),
        ("Kamerstuk 32735, nr. 344", "kst-32735-344"),
        ("Kamerstuk 32735-377", "kst-32735-377"),
    ]


# --- Ids: address and spelling


@pytest.mark.parametrize(
    ("identifier", "spelling"),
    [
        ("kst-32735-377", "Kamerstuk~32~735, nr.~377"),
        ("kst-35000-XVII-34", "Kamerstuk~35~000~XVII, nr.~34"),
        ("kst-35000-A-34", "Kamerstuk~35~000~A, nr.~34"),
        ("kst-21501-02-2893", "Kamerstuk~21~501-02, nr.~2893"),
        ("kst-36410-A", "Kamerstuk~36~410, A"),
        ("kst-36600-V-B", "Kamerstuk~36~600~V, B"),
        ("36547", "Kamerdossier~36~547"),
        ("36600-XVII", "Kamerdossier~36~600~XVII"),
        ("21501-20", "Kamerdossier~21~501-20"),
        ("stb-2019-130", "Stb.~2019, 130"),
        ("stcrt-2025-31460", "Stcrt.~2025, 31460"),
        ("h-tk-20242025-42-4", "Handelingen~II 2024/25, nr.~42, item~4"),
        ("h-ek-19992000-2-3", "Handelingen~I 1999/00, nr.~2, item~3"),
        ("ah-tk-20222023-1339", "Aanhangsel Handelingen~II 2022/23, nr.~1339"),
        ("COM(2022)409", "COM(2022)~409"),
        ("CELEX:52022DC0409", "COM(2022)~409"),
        ("CELEX:32017R0821", "Verordening~(EU)~2017/821"),
        ("CELEX:32024L1760", "Richtlijn~(EU)~2024/1760"),
    ],
)
def test_an_id_is_spelled_as_letters_spell_it_and_found_again(identifier, spelling):
    text = spelling.replace("~", NBSP)

    assert spelled(identifier) == text
    assert url_for(identifier)
    assert {found.id for found in find_references(text)} <= {identifier, "COM(2022)409"}
    assert find_references(text)


@pytest.mark.parametrize(
    "identifier",
    ["2023D44741", "BWBR0001854", "CELEX:32006R1907", "CELEX:32013L0034", "kst-1268678"],
)
def test_an_id_that_letters_use_as_it_is_has_no_spelling(identifier):
    assert spelled(identifier) is None
    assert url_for(identifier)


@pytest.mark.parametrize(
    "identifier",
    ["", "BZ2405682", "kst-", "kst-32735", "kst-32735-0", "kst-32735-377\n", "3654", "blg-876545",
     "CELEX:", "<script>", "javascript:alert(1)", "../36547"],
)  # fmt: skip
def test_what_is_no_canonical_id_has_no_address(identifier):
    assert url_for(identifier) is None
    assert spelled(identifier) is None


# --- What holds for any text

# fmt: off
FRAGMENTS = st.sampled_from([
    "Kamerstuk", "Kamerstukken", " ", "\n", ", ", "nr. ", "nrs. ", "32 735", "32735", "-", "377",
    "en", " en ", "XVII", "A", "(", ")", "2022/23", "II", "Stb. ", "2019", "COM(2022) ", "t/m",
    "Richtlijn ", "(EU) ", "2017/821", "/EU", "https://zoek.officielebekendmakingen.nl/",
    "kst-32735-377", "2013D49656", "CELEX:", "32024L1760", "Handelingen ", "item ", "Aanhangsel ",
    "eur-lex.europa.eu/", "BWBR0001854",
])
HOSTILE = [
    "1", "1 ", "1,", "1, ", "32 735 ", "32 735, ", "32735", "nr. ", "nr. 1, ", "nrs. 1-2, ", "(",
    ")", " ", "\n", " \n", "-\n", "Kamerstuk ", "Kamerstukken ", "Kamerstuk 32 735, nr. 1 en ",
    "Kamerstukken 32 735, nrs. 1, ", "32 735, nr. 1 en ", "Kamer-\n", "II 2022/23, ", "2022/23, ",
    "Stb. 2019, ", "Handelingen II ", "Aanhangsel ", "a", "a-", "aaaaaaaaa ", "Verordening (EU) ",
    "(EU) 2017/821 en ", "Richtlijn 2013/34/EU en ", "COM(", "COM(2022) ", "COM(2022) 1 ",
    "mededeling ", "europa.eu/", "eur-lex.", "europa.eu/-\n", "https://", "a.", "/dossier/",
    "kst-", "kst-32735-", "h-tk-", "BWBR", "jci1.3:c:BWBR0001854&a=1", "2013D", "CELEX:", "32024L",
    "é", "\u00a0", "\u00ad", ", p. 1", "Kamerstuk 32 735, nr. 1, ",
]
# fmt: on


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.lists(FRAGMENTS, max_size=40).map("".join), st.text(max_size=200)))
def test_literals_are_slices_in_order_and_ids_are_known(text):
    found = find_references(text)

    assert all(reference.literal == text[reference.start : reference.end] for reference in found)
    assert all(reference.url.startswith(("https://", "http://")) for reference in found)
    assert all(url_for(reference.id) for reference in found)
    places = [(reference.start, reference.end) for reference in found]
    assert places == sorted(places)
    assert all(a == b or a[1] <= b[0] for a, b in zip(places, places[1:], strict=False))
    assert len(set(found)) == len(found)


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_no_number_is_given_that_is_not_in_the_literal(text):
    for reference in find_references(text):
        written = re.sub(r"[^0-9]", "", reference.literal)
        for number in re.findall(r"[1-9][0-9]*", reference.id.removeprefix("CELEX:")):
            # A year may be written short ('2022/23') and a CELEX number gains zeros and a sector.
            assert number in written or number.lstrip("35") in written or len(number) == 8


MEASURE = """
import sys, time
from actions.citations import find_references

def cost(text):
    best = float("inf")
    for _ in range(2):
        began = time.process_time()
        find_references(text)
        best = min(best, time.process_time() - began)
    return best

for fragment in eval(sys.stdin.read()):
    small = fragment * (10_000 // len(fragment))
    # Four times the text may cost four times the work; quadratic work would cost sixteen.
    if cost(small * 4) > 10 * cost(small):
        print(repr(fragment))
"""


def test_work_grows_with_the_length_of_hostile_text_and_no_faster():
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE],
        input=repr(HOSTILE),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=True,
    )

    assert measured.stdout == ""


@pytest.mark.parametrize("fragment", HOSTILE)
def test_a_large_hostile_text_is_read_to_its_end(fragment):
    text = fragment * (200_000 // len(fragment)) + "\n\nKamerstuk 36547."

    assert find_references(text)[-1].id == "36547"


def test_no_django_is_needed():
    code = "import sys, actions.citations; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

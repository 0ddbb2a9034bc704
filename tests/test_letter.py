"""What the letter over a year says, looked at as a tree."""

from __future__ import annotations

import re
from datetime import date

import pytest

from actions import richtext
from actions.citations import find_references
from actions.models import OrganisationName, StatusEntry
from reports.builder import DocumentKind, build
from reports.document import Letter, Paragraph, Section, Standing, nodes, to_dict

pytestmark = pytest.mark.django_db


def letter(year: int) -> Letter:
    document = build(DocumentKind.LETTER, year)
    assert isinstance(document, Letter)
    return document


def text(document: Letter) -> str:
    """Return all words of a document, with spaces made equal."""
    words = re.findall(r'"(?:text|lead|title|person|office)": "((?:[^"\\]|\\.)*)"', _json(document))
    return _even(" ".join(words))


def _json(document: Letter) -> str:
    import json

    return json.dumps(to_dict(document), ensure_ascii=False)


def _even(words: str) -> str:
    return re.sub(r"\s+", " ", words.replace("\\n", " ").replace('\\"', '"'))


def section(document: Letter, node_id: str) -> Section:
    return next(each for each in document.sections if each.id == node_id)


def test_the_letter_bears_the_date_and_signatory_of_the_real_one_without_a_signature():
    document = letter(2025)

    assert document.dated == date(2026, 1, 26)
    assert [(s.office, s.person, s.mark) for s in document.signatures] == [
        (
            "De staatssecretaris Buitenlandse Handel en Ontwikkelingshulp,",
            "Aukje de Vries",
            "Reconstructie: niet ondertekend",
        )
    ]


def test_a_past_year_says_that_it_is_a_reconstruction_and_links_to_the_letter_that_was_sent():
    document = letter(2023)

    assert document.standing == Standing.RECONSTRUCTED
    assert document.banner is not None
    assert "niet de brief die is verzonden" in document.banner.text
    assert document.banner.href == "https://zoek.officielebekendmakingen.nl/kst-32735-377.html"


def test_a_year_that_is_not_sent_is_a_concept_without_a_date():
    document = letter(2026)

    assert document.standing == Standing.CONCEPT
    assert document.dated is None
    assert document.banner is not None
    assert document.banner.text.startswith("CONCEPT")
    assert document.signatures == ()


def test_the_three_pillars_stand_in_order():
    ids = [each.id for each in letter(2025).sections]

    assert ids[:3] == ["pijler-1", "pijler-2", "pijler-3"]


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_every_text_that_says_something_is_in_the_letter_whole(year):
    """All words of the published narratives, outlooks and footnotes, none cut."""
    said = text(letter(year))
    entries = (
        StatusEntry.objects.public()
        .filter(round__year=year, reported_with=None)
        .exclude(published_version__progress="not_mentioned")
    )

    texts = [
        words
        for entry in entries
        for words in (entry.published_version.narrative, entry.published_version.outlook)
        if words
    ]

    assert texts
    for words in texts:
        for block in richtext.parse(words).blocks:
            for run in block.runs:
                for piece in filter(None, re.split(r"\n", run.text)):
                    for reference in find_references(piece):
                        assert _even(reference.literal) in said
                    plain = _without_references(piece)
                    assert all(_even(part).strip() in said for part in plain)


def _without_references(piece: str) -> list[str]:
    """Return what stands between the references: the letter gives those runs of their own."""
    parts, start = [], 0
    for reference in find_references(piece):
        parts.append(piece[start : reference.start])
        start = max(start, reference.end)
    return [*parts, piece[start:]]


def test_a_subject_the_letter_did_not_mention_is_not_in_it():
    codes = {
        entry.action_point.code
        for entry in StatusEntry.objects.public()
        .filter(round__year=2025, published_version__progress="not_mentioned")
        .select_related("action_point")
    }

    ids = [node.id for node in nodes(letter(2025))]

    assert codes
    assert not [node_id for node_id in ids if re.sub(r"^stand-(.*?)-.*", r"\1", node_id) in codes]


def test_subjects_that_share_a_text_share_a_paragraph_named_after_all():
    (also,) = [
        "".join(run.text for run in block.runs)
        for block in section(letter(2023), "pijler-1").blocks
        if isinstance(block, Paragraph) and block.id == "stand-1.g-ook"
    ]

    assert also.startswith("Dit gaat ook over ")
    assert also.count("‘") == 2


def test_the_subject_outside_the_plan_has_a_section_of_its_own():
    document = letter(2025)

    leads = [block.lead for block in section(document, "buiten-plan").blocks if block.lead]

    assert leads == ["Anti-dwangarbeidverordening."]


def test_what_parliament_already_knew_is_told_apart():
    blocks = section(letter(2025), "al-gemeld").blocks

    links = {run.href for block in blocks for run in block.runs if run.href}

    assert "https://zoek.officielebekendmakingen.nl/dossier/36547" in links
    assert "https://zoek.officielebekendmakingen.nl/kst-29279-1002.html" in links


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_every_official_reference_is_a_link(year):
    unlinked = [
        (node.id, run.text)
        for node in nodes(letter(year))
        if hasattr(node, "runs")
        for run in node.runs
        if not run.href and find_references(run.text)
    ]

    assert unlinked == []


def test_ministries_bear_the_name_of_the_date_of_the_letter():
    assert "Economische Zaken en Klimaat" in text(letter(2023))
    assert "Economische Zaken, Infrastructuur" in text(letter(2025))
    assert "en Klimaat" not in text(letter(2025)).split("Pijler 1")[0]


def test_the_sentence_of_the_cabinet_about_all_points_is_its_own():
    opening = [block for block in letter(2025).opening if block.id == "inleiding-kabinet"]

    assert len(opening) == 1
    assert "".join(run.text for run in opening[0].runs).startswith("Volgens het kabinet")


def test_a_later_rename_does_not_reach_an_older_letter():
    before = to_dict(letter(2023))
    name = OrganisationName.objects.get(organisation__slug="szw", valid_until=None)
    name.valid_until = date(2026, 6, 1)
    name.save()
    OrganisationName.objects.create(
        organisation=name.organisation, name="ministerie van Werk", valid_from=date(2026, 6, 1)
    )

    assert to_dict(letter(2023)) == before


def test_the_ids_of_all_nodes_differ():
    ids = [node.id for node in nodes(letter(2025))]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_reading_what_a_document_needs_takes_few_queries(kind, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        build(kind, 2025)

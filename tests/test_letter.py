"""What the letter over a year says, looked at as a tree."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from django.utils import translation

from actions import richtext
from actions.choices import Availability, Origin, Progress
from actions.citations import find_references, spelled
from actions.models import OrganisationName, StatusEntry
from actions.queries import public
from actions.queries.records import (
    Commitment,
    Consultation,
    Motion,
    PillarProgress,
    Reading,
    Stand,
    YearReport,
)
from reports.builder import DocumentKind, build
from reports.builder.letter import build_letter
from reports.builder.wording import enumeration
from reports.document import Letter, Paragraph, Section, Standing, nodes, to_dict
from tests.many import many_points

pytestmark = pytest.mark.django_db


def letter(year: int) -> Letter:
    document = build(DocumentKind.LETTER, year)
    assert isinstance(document, Letter)
    return document


def report(year: int) -> YearReport:
    plan = public.plan_facts("2022-2026")
    assert plan is not None
    found = public.year_report(plan, year)
    assert found is not None
    return found


def words(document: Letter, node_id: str) -> str:
    """Return the words of one paragraph."""
    (node,) = [each for each in nodes(document) if each.id == node_id]
    assert isinstance(node, Paragraph)
    return _even("".join(run.text for run in node.runs))


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


def sent() -> YearReport:
    """Return a year as if ministries had written it, and the letter had gone."""
    return _by_ministries(report(2025))


def _by_ministries(each: YearReport) -> YearReport:
    """Return a year with the texts in it as if ministries had supplied them."""
    points = tuple(
        replace(point, stand=replace(point.stand, origin=Origin.REPORTED)) if point.stand else point
        for point in each.points
    )
    return replace(each, points=points)


def test_a_year_that_was_sent_is_never_called_unsent_or_unsigned():
    document = build_letter(sent())

    assert document.standing == Standing.CONCEPT
    assert document.banner is not None
    assert document.banner.text == (
        "Gemaakt uit de gepubliceerde gegevens. Dit is niet het verzonden document zelf."
    )
    assert document.signatures[0].mark == "Ondertekening: zie de verzonden brief"
    assert not re.search("niet verzonden|niet ondertekend|CONCEPT[.]|Concept:", _json(document))


def test_a_letter_with_a_date_that_is_not_out_is_still_a_concept():
    each = sent()

    document = build_letter(replace(each, round=replace(each.round, is_released=False)))

    assert document.banner is not None
    assert document.banner.text == "CONCEPT. Deze brief is niet verzonden."


def test_the_subject_reads_as_a_sentence():
    assert letter(2025).subject == (
        "Voortgang in 2025 van het Nationaal Actieplan bedrijfsleven en mensenrechten 2022-2026"
    )


def test_a_minister_does_not_speak_of_a_working_list_of_what_is_derived_or_of_the_cabinet():
    document = build_letter(sent())

    assert words(document, "inleiding-cijfers") == (
        "Van de 33 onderwerpen in de voortgangsrapportage zijn er 10 in uitvoering. Van 7 is geen "
        "status gemeld en over 16 is niet apart bericht; daaruit volgt niet dat die onderwerpen "
        "zijn afgerond."
    )
    assert not re.search("NAP-monitor|werklijst|fgeleid|Volgens het kabinet", text(document))


@pytest.mark.parametrize(("released", "still"), [(True, ""), (False, "nog ")])
def test_a_pillar_without_a_text_is_empty_for_good_once_the_year_is_out(released, still):
    each = report(2026)
    changed = replace(each, round=replace(each.round, is_released=released))

    assert words(build_letter(changed), "pijler-1-leeg") == (
        f"Over deze pijler is voor 2026 {still}geen tekst vastgesteld."
    )


def test_a_point_whose_text_is_still_to_come_is_not_dropped_in_silence():
    each = _by_ministries(report(2025))
    each = replace(each, round=replace(each.round, is_released=False))
    (covered,) = [point for point in each.points if point.row.code == "1.a"]
    assert covered.stand is not None
    whole = build_letter(each)
    points = tuple(
        replace(point, stand=None) if point.row.code == covered.stand.reported_with else point
        for point in each.points
    )

    document = build_letter(replace(each, points=points))

    assert words(document, "stand-1.a-volgt") == (
        f"De tekst over ‘{covered.row.title}’ is nog niet vastgesteld."
    )
    assert not [node for node in nodes(whole) if node.id.endswith("-volgt")]


def test_who_signs_a_concept_is_said_to_be_unknown():
    (signature,) = letter(2026).signatures

    assert signature.office == "Ambt van de ondertekenaar: nog niet bekend"
    assert signature.person == "Naam: nog niet bekend"
    assert signature.mark == "Concept: niet ondertekend"


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
        written
        for entry in entries
        for written in (entry.published_version.narrative, entry.published_version.outlook)
        if written
    ]

    assert texts
    for written in texts:
        for block in richtext.parse(written).blocks:
            for run in block.runs:
                for piece in filter(None, re.split(r"\n", run.text)):
                    for reference in find_references(piece):
                        assert _even(spelled(reference.id) or reference.literal) in said
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


@pytest.mark.parametrize("kind", [DocumentKind.LETTER, DocumentKind.ANNEX])
@pytest.mark.parametrize("ten_times", [False, True])
def test_what_a_document_needs_takes_the_same_few_queries_for_a_plan_of_any_size(
    kind, ten_times, django_assert_num_queries
):
    plan, year = (many_points(330, 3).slug, 2012) if ten_times else ("2022-2026", 2025)

    with django_assert_num_queries(13):
        document = build(kind, year, plan=plan)

    assert any(getattr(node, "versions", ()) for node in nodes(document))


def test_a_letter_is_in_dutch_whatever_the_language_of_the_page():
    dutch = report(2025)

    with translation.override("en"):
        english = report(2025)

    assert [point.row.title for point in english.points] == [p.row.title for p in dutch.points]
    assert [pillar.title for pillar in english.pillars] == [p.title for p in dutch.pillars]


# --- What a paragraph was made of


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_every_text_that_is_told_is_named_by_a_paragraph_and_nothing_else_is(year):
    named = {
        name
        for node in nodes(letter(year))
        if isinstance(node, Paragraph)
        for name in node.versions
    }

    told = {
        f"{stand.code}/{year}/{stand.version}"
        for stand in stands(year)
        if stand.progress != Progress.NOT_MENTIONED
        and (stand.narrative or stand.outlook or stand.reported_with)
    }
    assert named == told


def stands(year: int) -> list[Stand]:
    return [point.stand for point in report(year).points if point.stand]


def test_a_paragraph_that_covers_several_points_names_them_all():
    (shared,) = [
        node
        for node in nodes(letter(2023))
        if isinstance(node, Paragraph) and node.id == "stand-1.g-1"
    ]

    assert shared.versions == ("1.g/2023/1", "1.h/2023/1", "1.i/2023/1")


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_nothing_is_claimed_without_a_source(year):
    sources = {f"{each.code}/{year}/{each.version}": each.sources for each in stands(year)}

    for node in nodes(letter(year)):
        if isinstance(node, Paragraph):
            assert all(sources[name] for name in node.versions)


def test_why_a_point_was_discontinued_is_told():
    def ended(each: Stand) -> Stand:
        return replace(each, progress=Progress.DISCONTINUED, discontinued_reason="Ingehaald.")

    document = build_letter(_with_stand(report(2025), "2.d", ended))

    assert words(document, "stand-2.d-reden-1") == "Ingehaald."


def test_a_text_of_its_own_beside_a_shared_one_is_not_lost():
    def also(each: Stand) -> Stand:
        return replace(each, outlook="Er komt nog iets.")

    document = build_letter(_with_stand(report(2025), "1.a", also))

    assert words(document, "stand-1.a-vooruit-1") == "Er komt nog iets."


def _with_stand(each, code, change):
    points = tuple(
        replace(point, stand=change(point.stand)) if point.row.code == code else point
        for point in each.points
    )
    return replace(each, points=points)


# --- Numbers


def test_the_introduction_counts_what_is_answered_and_silence_apart():
    assert words(letter(2025), "inleiding-cijfers") == (
        "De officiële lijst van actiepunten is nog niet ingevoerd in NAP-monitor; deze cijfers "
        "gaan over een werklijst van 33 onderwerpen. Daarvan zijn er 10 in uitvoering (alle "
        "afgeleid). Van 7 is geen status gemeld en over 16 is niet apart bericht; daaruit volgt "
        "niet dat die onderwerpen zijn afgerond. ‘Afgeleid’ betekent dat de bron dit niet met "
        "zoveel woorden zegt."
    )
    assert "14 in uitvoering (waarvan 13 afgeleid)" in words(letter(2023), "inleiding-cijfers")


@pytest.mark.parametrize("year", [2024, 2026])
def test_a_year_of_silence_has_no_numbers(year):
    assert "inleiding-cijfers" not in [node.id for node in nodes(letter(year))]


def test_one_silent_point_is_spoken_of_as_one():
    counts = {**dict.fromkeys(Progress, 0), Progress.COMPLETED: 2, Progress.NOT_MENTIONED: 1}
    pillars = (PillarProgress(1, "Eén", counts, dict.fromkeys(Progress, 0)),)

    document = build_letter(replace(report(2025), pillars=pillars))

    assert words(document, "inleiding-cijfers").endswith(
        "Over 1 is niet apart bericht; daaruit volgt niet dat dit onderwerp is afgerond."
    )


def test_the_colophon_says_of_silence_that_it_may_be_among_other_subjects():
    assert words(letter(2025), "verantwoording-3") == (
        "De verzonden brief noemt 16 onderwerpen van de werklijst niet, of niet apart."
    )


def test_only_what_is_completed_counts_as_completed():
    counts = {**dict.fromkeys(Progress, 0), Progress.COMPLETED: 1, Progress.NOT_MENTIONED: 4}
    pillars = (PillarProgress(1, "Eén", counts, dict.fromkeys(Progress, 0)),)
    official = replace(report(2025), pillars=pillars)
    official = replace(official, plan=replace(official.plan, officially_numbered=33))

    assert words(build_letter(official), "inleiding-cijfers") == (
        "Van de 5 actiepunten is er 1 afgerond. Over 4 is niet apart bericht; daaruit volgt niet "
        "dat die actiepunten zijn afgerond."
    )


# --- What parliament asked and was promised

SOURCE = Reading(
    "Z1", "Een verslag", "", None, "", "", "Kamerstuk 32 735, nr. 9", Availability.COMPLETE
)


def test_there_are_no_sections_for_what_is_not_there():
    ids = {each.id for each in letter(2025).sections}

    assert not ids & {"moties", "toezeggingen", "consultatie"}


def test_a_motion_has_a_section_with_what_it_asked_and_what_came_of_it():
    motion = Motion(
        *("252", "Van Ojik en Karabulut", "Kamerstuk 32735, nr. 252", "het plan te herzien"),
        *("Het herziene plan is in september 2022 verschenen.", SOURCE),
    )

    document = build_letter(replace(report(2025), motions=(motion,)))

    assert words(document, "motie-252") == (
        "De motie (Kamerstuk 32 735, nr. 252) verzoekt de regering het plan te herzien."
    )
    assert words(document, "motie-252-antwoord-1").startswith("Het herziene plan")
    assert section(document, "moties").title == "Moties"


def test_a_commitment_has_a_section_with_its_date_in_full_and_its_source():
    commitment = Commitment(
        *("1", "Arbeidsmigranten", "de Kamer vóór het einde van 2023 te informeren"),
        *(date(2023, 10, 26), "De Kamer is op 1 december 2023 geïnformeerd.", SOURCE),
    )

    document = build_letter(replace(report(2025), commitments=(commitment,)))

    assert words(document, "toezegging-1") == (
        "Aan uw Kamer is op 26 oktober 2023 toegezegd de Kamer vóór het einde van 2023 te "
        "informeren (Kamerstuk 32 735, nr. 9)."
    )


def test_a_consultation_has_a_section_with_who_asked_whom():
    held = Consultation(
        *("2024", date(2024, 6, 25), "de Rijksdienst voor Ondernemend Nederland"),
        *("het ministerie van Buitenlandse Zaken", "belanghebbenden", "Zij vroegen om meer."),
        SOURCE,
    )
    undated = replace(held, key="oud", held_on=None, commissioner="")

    document = build_letter(replace(report(2025), consultations=(held, undated)))

    assert words(document, "consultatie-2024") == (
        "Op 25 juni 2024 heeft de Rijksdienst voor Ondernemend Nederland in opdracht van het "
        "ministerie van Buitenlandse Zaken een consultatie van belanghebbenden gehouden "
        "(Kamerstuk 32 735, nr. 9)."
    )
    assert words(document, "consultatie-oud").startswith("De Rijksdienst voor Ondernemend")


# --- Annexes and ids


def test_annexes_are_named_and_counted():
    document = letter(2024)

    assert "‘Voortgangsrapportage Nationaal Actieplan" in words(document, "slot-bijlagen")
    assert ("Bijlage(n)", ("2",)) in [
        (each.heading, each.lines) for each in document.letterhead.references
    ]


@pytest.mark.parametrize(
    ("each", "written"),
    [
        (["‘Leven en werk’", "‘B’"], "‘Leven en werk’ en ‘B’"),
        (["‘Rapport en bijlage’", "‘B’", "‘C’"], "‘Rapport en bijlage’, ‘B’ en ‘C’"),
        (["Leven en werk", "B"], "Leven en werk, en B"),
    ],
)
def test_a_comma_before_the_last_only_where_an_and_could_mislead(each, written):
    assert enumeration(each) == written


def test_a_concept_names_what_is_made_beside_it():
    assert words(letter(2026), "slot-bijlagen") == (
        "Bijlagen: de voortgangsrapportage over 2026 en de beslisnota."
    )


def test_ids_stay_the_same_when_other_parts_change():
    whole = report(2025)
    fewer = replace(
        whole,
        previous=None,
        round=replace(whole.round, statement=None),
        participants=whole.participants[:1],
        points=tuple(point for point in whole.points if point.row.code not in {"1.f", "3.g"}),
    )

    before = {node.id: node for node in nodes(build_letter(whole))}
    after = {node.id: node for node in nodes(build_letter(fewer))}

    gone = set(before) - set(after)
    assert set(after) < set(before)
    assert all(re.match("inleiding-(eerder|kabinet)|stand-(1.f|3.g)-", each) for each in gone)
    texts = {name for name, node in after.items() if not isinstance(node, Section)}
    assert {name for name in texts if after[name] != before[name]} == {"inleiding-betrokken"}

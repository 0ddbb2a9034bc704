"""The coordinator's order and own texts: nothing is lost, nothing stands twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions import richtext
from actions.richtext import Run
from reports.arrangement import (
    CLOSING,
    OPENING,
    Arranged,
    Outcome,
    Stored,
    arrange,
    join,
    leave_out,
    move,
    parts,
    rebuild,
    split,
    stored,
)
from reports.document import (
    Chart,
    Document,
    Heading,
    Letter,
    Letterhead,
    Paragraph,
    Section,
    Series,
    Signature,
    Standing,
    Visibility,
    from_dict,
    nodes,
    to_dict,
)
from reports.texts import Texts
from tests.test_document import note

HOSTILE = (
    "<script>alert(1)</script> مرحبا **vet** [x](javascript:a) | 1. a\n\n- b\n- c\n\nd[^1]\n\n"
    "[^1]: n"
)


def letter(texts_of: dict[str, str] | None = None) -> Letter:
    """A letter made of these texts, with footnotes, a list, a heading and a chart."""
    told = {"1.a": TEXT_A, "1.b": TEXT_B, "2.a": "Tekst 2.a"} if texts_of is None else texts_of
    texts = Texts()
    blocks = {
        code: texts.blocks(
            text, f"stand-{code}", lead=f"Titel {code}.", versions=(f"{code}/2025/1",)
        )
        for code, text in told.items()
    }
    first = [block for code in told if code < "2" for block in blocks[code]]
    second = [block for code in told if code >= "2" for block in blocks[code]]
    chart = Chart("g-1", "Grafiek", "Een van de een.", ("Pijler 1",), (Series("af", (1,)),))
    return Letter(
        title="Brief",
        language="nl",
        year=2025,
        standing=Standing.CONCEPT,
        dated=None,
        date_line="",
        banner=None,
        letterhead=Letterhead("", "", (), ()),
        subject="Voortgang",
        salutation="Geachte voorzitter,",
        opening=(Paragraph("inleiding-plan", (Run("Met deze brief."),)),),
        sections=(
            Section("pijler-1", "Pijler 1", (*first, chart)),
            Section("pijler-2", "Pijler 2", (), (Section("punt-2", "Punt", tuple(second)),)),
        ),
        closing=(Paragraph("slot-bijlagen", (Run("Bijlage: rapport."),)),),
        signatures=(Signature("ondertekening", "De minister,", "A. Naam"),),
        footnotes=tuple(texts.footnotes),
    )


TEXT_A = (
    "Eerst[^1] en Kamerstuk 32 735, nr. 377.\n\n- punt[^2]\n- punt\n\n[^1]: noot a\n[^2]: noot b"
)
TEXT_B = "### Kop\n\n#### Onder\n\nTekst[^x] van b.\n\n[^x]: noot c"


def ids(document: Document) -> list[str]:
    return [node.id for node in nodes(document)]


def words(document: Document) -> str:
    return json.dumps(to_dict(document), ensure_ascii=False)


def row(rows, node_id: str) -> Stored:
    (found,) = [each for each in rows if each.node_id == node_id]
    return found


def paragraph(document: Document, node_id: str) -> Paragraph:
    (found,) = [node for node in nodes(document) if node.id == node_id]
    assert isinstance(found, Paragraph)
    return found


def written(rows, node_id: str, own: str):
    return tuple(replace(each, own=own) if each.node_id == node_id else each for each in rows)


# --- What is there


def test_the_parts_are_the_opening_every_section_with_text_and_the_closing():
    assert [(each.id, each.title) for each in parts(letter())] == [
        (OPENING, "Inleiding"),
        ("pijler-1", "Pijler 1"),
        ("punt-2", "Punt"),
        (CLOSING, "Afsluiting"),
    ]


def test_a_section_with_the_id_of_the_opening_is_refused():
    each = letter()

    with pytest.raises(ValueError, match="one id"):
        parts(replace(each, sections=(Section(OPENING, "Twee"),)))


def test_a_text_comes_back_as_markdown_with_its_footnotes_and_without_our_links():
    first, second, *_ = row_of_part(letter(), "pijler-1")

    assert (
        first.markdown == "Eerst[^1] en Kamerstuk\u00a032\u00a0735, nr.\u00a0377.\n\n[^1]: noot a"
    )
    assert second.markdown == "- punt[^1]\n- punt\n\n[^1]: noot b"
    assert (first.lead, first.versions) == ("Titel 1.a.", ("1.a/2025/1",))


def row_of_part(document: Document, name: str):
    return next(each.paragraphs for each in parts(document) if each.id == name)


def test_a_link_of_the_author_stays_a_link():
    document = letter({"1.a": "Zie [hier](https://a.nl) en Kamerstuk 32 735, nr. 377."})

    assert row_of_part(document, "pijler-1")[0].markdown.startswith("Zie [hier](https://a.nl) en K")


def test_what_is_drawn_from_data_is_fixed():
    assert [each.node_id for each in stored(letter()) if each.fixed] == ["g-1"]


# --- Arranging


def test_without_an_arrangement_the_document_is_the_same():
    assert arrange(letter(), ()) == letter()
    assert arrange(letter(), stored(letter())) == letter()


@pytest.mark.parametrize("node_id", ["stand-1.a-1", "stand-1.a-2", "stand-1.b-1", "stand-1.b-2"])
def test_what_was_built_written_out_as_own_text_gives_the_same_words(node_id):
    rows = stored(letter())
    document = arrange(letter(), written(rows, node_id, row(rows, node_id).built))

    assert sorted(_plain(document)) == sorted(_plain(letter()))
    assert ids(document).count(node_id) == 1


def _plain(document: Document) -> list[tuple[str, str]]:
    """Return the words of each node that has any, without the ids of footnotes."""
    return [
        (type(node).__name__, "".join(run.text or "^" for run in node.runs))
        for node in nodes(document)
        if hasattr(node, "runs")
    ]


def test_an_own_text_keeps_the_id_the_lead_and_the_versions():
    rows = written(stored(letter()), "stand-1.a-1", "**Vet.** Eigen.\n\nNog een[^1].\n\n[^1]: n")

    document = arrange(letter(), rows)

    first = paragraph(document, "stand-1.a-1")
    assert (first.lead, first.versions) == ("Titel 1.a.", ("1.a/2025/1",))
    assert first.runs[0] == Run("Vet.", strong=True)
    assert paragraph(document, "stand-1.a-1-2").versions == ("1.a/2025/1",)
    assert [each.id for each in document.footnotes] == [
        *("stand-1.a-1-noot-1", "stand-1.a-noot-2", "stand-1.b-noot-1"),
    ]


def test_moving_a_text_renumbers_the_footnotes_in_reading_order():
    rows = move(stored(letter()), "stand-1.b-3", OPENING)

    assert [each.id for each in arrange(letter(), rows).footnotes] == [
        *("stand-1.b-noot-1", "stand-1.a-noot-1", "stand-1.a-noot-2"),
    ]


def test_a_section_that_nothing_is_left_in_goes():
    rows = leave_out(stored(letter()), "stand-2.a-1")

    document = arrange(letter(), rows)

    assert [each.id for each in document.sections] == ["pijler-1"]


def test_a_lower_heading_never_stands_without_the_one_above_it():
    document = arrange(letter(), leave_out(stored(letter()), "stand-1.b-1"))

    assert [node.level for node in nodes(document) if isinstance(node, Heading)] == [1]


def test_a_new_text_stands_after_the_one_before_it():
    rows = [each for each in stored(letter()) if each.node_id != "stand-1.b-2"]

    assert arrange(letter(), rows) == letter()


def test_a_paragraph_cannot_be_arranged_twice():
    twice = (Arranged("stand-1.a-1", "pijler-1"), Arranged("stand-1.a-1", OPENING))

    with pytest.raises(ValueError, match="twice"):
        arrange(letter(), twice)


def test_data_cannot_be_written_over():
    document = arrange(letter(), written(stored(letter()), "g-1", "Iets anders"))

    assert document == letter()


@pytest.mark.parametrize("own", ["Eigen woorden[^1].\n\n[^1]: noot", ""])
def test_what_is_internal_stays_internal_wherever_it_goes(own):
    rows = written(move(stored(note()), "p-9", OPENING), "p-9", own)

    document = arrange(note(), rows)

    (block,) = document.opening
    assert (block.visibility, block.ground) == (Visibility.INTERNAL, "5.2.1")
    assert all(each.is_internal for each in document.footnotes) == bool(own)


def test_the_own_text_of_an_internal_paragraph_that_is_gone_stays_internal():
    rows = written(stored(note()), "p-9", "Vertrouwelijk.")
    without = replace(note(), sections=(Section("s-9", "Toelichting"),), footnotes=())
    kept = rebuild(rows, without).paragraphs

    (block,) = arrange(without, kept).sections[0].blocks

    assert (block.is_internal, block.ground) == (True, "5.2.1")


def test_what_leaves_an_internal_section_stays_internal():
    inside = Paragraph("p-1", (Run("geheim"),))
    secret = Section("s-1", "Geheim", (inside,), visibility=Visibility.INTERNAL, ground="5.2.1")
    document = replace(note(), sections=(secret,), footnotes=())

    (block,) = arrange(document, move(stored(document), "p-1", OPENING)).opening

    assert block.is_internal


# --- Joining, splitting, moving


def test_joined_paragraphs_stand_for_both_and_keep_both_openings_and_footnotes():
    rows = join(stored(letter()), ["stand-2.a-1", "stand-1.a-1"])
    document = arrange(letter(), rows)

    one = row(rows, "stand-1.a-1")
    assert one.covers == ("stand-1.a-1", "stand-2.a-1")
    assert one.own.split("\n\n")[1] == "**Titel 2.a.** Tekst 2.a"
    first = paragraph(document, "stand-1.a-1")
    assert first.versions == ("1.a/2025/1", "2.a/2025/1")
    assert "stand-2.a-1" not in ids(document)


def test_joining_and_splitting_again_gives_the_texts_that_were_joined():
    whole = join(stored(letter()), ["stand-1.a-1", "stand-1.b-3"])

    rows = split(whole, "stand-1.a-1", paragraph=1)

    assert row(rows, "stand-1.a-1").own == row(stored(letter()), "stand-1.a-1").built
    assert row(rows, "stand-1.a-1~2").own == "Tekst[^1] van b.\n\n[^1]: noot c"
    assert len(arrange(letter(), rows).footnotes) == 3
    assert rebuild(rows, letter()).differs is False


def test_a_text_is_split_at_a_character_and_each_half_takes_its_footnotes():
    rows = split(stored(letter()), "stand-1.a-1", offset=len("Eerst[^1] "))

    document = arrange(letter(), rows)

    assert row(rows, "stand-1.a-1").own == "Eerst[^1]\n\n[^1]: noot a"
    assert row(rows, "stand-1.a-1~2").own.startswith("en Kamerstuk")
    assert (paragraph(document, "stand-1.a-1").lead, paragraph(document, "stand-1.a-1~2").lead) == (
        *("Titel 1.a.", ""),
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: join(rows, ["stand-1.a-1"]),
        lambda rows: join(rows, ["stand-1.a-1", "weg"]),
        lambda rows: join(rows, ["stand-1.a-1", "g-1"]),
        lambda rows: join(leave_out(rows, "stand-1.a-1"), ["stand-1.a-1", "stand-1.a-2"]),
        lambda rows: split(rows, "g-1", offset=3),
        lambda rows: split(rows, "stand-1.a-1", offset=0),
        lambda rows: split(rows, "stand-1.a-1", offset=10_000),
        lambda rows: split(rows, "stand-1.a-1", paragraph=1),
        lambda rows: split(rows, "stand-1.a-1"),
        lambda rows: move(rows, "stand-1.a-1", "pijler-1", "stand-1.a-1"),
        lambda rows: move(rows, "stand-1.a-1", "pijler-1", "stand-2.a-1"),
        lambda rows: move(rows, "weg", "pijler-1"),
        lambda rows: leave_out(rows, "stand-1.a-1", left_out=False),
    ],
    ids=range(13),
)
def test_nonsense_is_refused_with_a_reason(change):
    with pytest.raises(ValueError, match=r"\w{3}"):
        change(stored(letter()))


# --- Building again


def test_a_rebuild_tells_what_is_the_same_changed_new_and_gone_and_keeps_own_texts():
    rows = written(stored(letter()), "stand-1.a-1", "Eigen.")
    rows = written(rows, "stand-2.a-1", "Eigen 2.")
    after = letter({"1.a": "Anders.", "1.b": TEXT_B, "1.c": "Nieuw."})

    again = rebuild(rows, after)

    told = {each.node_id: each for each in again.changes}
    assert (told["stand-1.a-1"].outcome, told["stand-1.a-1"].now) == (Outcome.CHANGED, "Anders.")
    assert told["stand-1.a-1"].has_own
    assert told["stand-1.a-2"].outcome == Outcome.GONE
    assert told["stand-1.b-1"].outcome == Outcome.SAME
    assert told["stand-1.c-1"].outcome == Outcome.NEW
    assert told["stand-2.a-1"].outcome == Outcome.GONE
    assert row(again.paragraphs, "stand-2.a-1").gone
    assert "stand-1.a-2" not in [each.node_id for each in again.paragraphs]
    assert "Eigen 2." in words(arrange(after, again.paragraphs))
    assert not rebuild(again.paragraphs, after).differs


# --- Whatever somebody does

OWN = st.sampled_from(
    ["", "", "Eigen[^1].\n\n[^1]: eigen noot", HOSTILE, "### K\n\n- a\n  - b", "|"]
)


@st.composite
def worked(draw) -> tuple[Stored, ...]:
    """Rows after any number of things that a coordinator can do."""
    rows = stored(letter())
    places = [OPENING, CLOSING, "pijler-1", "pijler-2", "punt-2"]
    for _ in range(draw(st.integers(0, 8))):
        one, other = (draw(st.sampled_from(rows)).node_id for _ in range(2))
        deed = draw(st.sampled_from(["own", "move", "join", "split", "cut", "out"]))
        try:
            if deed == "own":
                rows = written(rows, one, draw(OWN))
            elif deed == "move":
                rows = move(rows, one, draw(st.sampled_from(places)))
            elif deed == "join":
                rows = join(rows, [one, other])
            elif deed == "split":
                rows = split(rows, one, paragraph=1)
            elif deed == "cut":
                rows = split(rows, one, offset=draw(st.integers(0, 60)))
            else:
                rows = leave_out(rows, one)
        except ValueError:
            continue
    return rows


@settings(max_examples=150, deadline=None)
@given(worked())
def test_nothing_is_lost_and_nothing_stands_twice(rows):
    document = arrange(letter(), rows)

    found = ids(document)
    assert len(set(found)) == len(found)
    assert from_dict(json.loads(json.dumps(to_dict(document)))) == document
    covered = {name for each in rows for name in each.covered}
    assert covered == {each.node_id for each in stored(letter())}
    called = [run.note for node in nodes(document) for run in getattr(node, "runs", ()) if run.note]
    assert list(dict.fromkeys(called)) == [each.id for each in document.footnotes]
    for each in rows:
        spoken = richtext.parse(each.own).blocks and not each.fixed and not each.left_out
        assert each.node_id in found or not spoken
    silent = {name for each in rows if each.left_out or each.own.strip() for name in each.covered}
    assert covered - silent <= set(found)


@settings(max_examples=100, deadline=None)
@given(worked(), st.dictionaries(st.sampled_from(["1.a", "1.b", "1.c", "2.a", "2.b"]), OWN))
def test_a_rebuild_never_loses_an_own_text(rows, texts):
    after = letter(texts)

    again = rebuild(rows, after)

    def owned(each) -> Counter[str]:
        return Counter(one.own for one in each if one.own.strip())

    assert owned(again.paragraphs) == owned(rows)
    names = [each.node_id for each in again.paragraphs]
    assert len(set(names)) == len(names)
    assert {name for each in again.paragraphs for name in each.covered} >= {
        each.node_id for each in stored(after)
    }
    assert not rebuild(again.paragraphs, after).differs
    found = ids(arrange(after, again.paragraphs))
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("sign", ["*", "[", "- ", "1. ", "|", "<script>", "م", "[^1]", "a\n\n"])
def test_an_own_text_of_the_longest_length_is_only_text(sign):
    own = (sign * 20_000)[:20_000]

    document = arrange(letter(), written(stored(letter()), "stand-1.a-1", own))

    assert from_dict(to_dict(document)) == document
    assert "stand-1.a-1" in ids(document)


def test_the_arrangement_loads_without_django():
    code = "import sys, reports.arrangement; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

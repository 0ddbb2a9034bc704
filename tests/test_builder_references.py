"""Official references in a document: linked one by one, spelled one way, nothing lost."""

from __future__ import annotations

import pytest

from actions import richtext
from actions.citations import find_references
from actions.richtext import LINE_BREAK, Run
from reports.builder.texts import linked
from reports.document import Paragraph
from reports.linking import linked_runs
from reports.texts import Texts

NBSP = "\N{NO-BREAK SPACE}"
OWN = f"Kamerstuk{NBSP}32{NBSP}735, nr.{NBSP}377"


def shown(runs: tuple[Run, ...]) -> str:
    return "".join(run.text for run in runs)


def links(runs: tuple[Run, ...]) -> list[tuple[str, str]]:
    return [(run.text, run.href.rpartition("/")[2]) for run in runs if run.href]


@pytest.mark.parametrize(
    "typed",
    [
        "Kamerstuk 32735, nr. 377",
        "Kamerstuk 32 735, nr. 377",
        "kamerstuk 32.735 nr 377",
        "Kamerstukken II 32735, nr. 377",
        "TK 32735, nr. 377",
        "kst-32735-377",
        "Kamerstuk 32735-377",
    ],
)
def test_a_kamerstuk_is_spelled_one_way_whatever_was_typed(typed):
    runs = linked(f"Zie ook ({typed}) daarover.")

    assert shown(runs) == f"Zie ook ({OWN}) daarover."
    assert links(runs) == [(OWN, "kst-32735-377.html")]


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("Kamerstuk 36547", "Kamerdossier~36~547"),
        ("Staatscourant 2025, 31460", "Stcrt.~2025, 31460"),
        ("verordening (EU) 2017/821", "Verordening~(EU)~2017/821"),
        ("Kamerstuk 35000-XVII, nr. 34", "Kamerstuk~35~000~XVII, nr.~34"),
        ("Handelingen II 2022-2023, nr. 12, item 3", "Handelingen~II 2022/23, nr.~12, item~3"),
    ],
)
def test_other_publications_have_one_spelling_too(typed, spelled):
    assert shown(linked(f"Zie {typed}.")) == f"Zie {spelled.replace('~', NBSP)}."


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("wetsvoorstel 36547", "wetsvoorstel~36~547"),
        ("Kamerstukken II 2022/23, 32735, nr. 377", "Kamerstukken II 2022/23, 32~735, nr.~377"),
        ("COM(2022) 409 final", "COM(2022) 409 final"),
        (
            "https://zoek.officielebekendmakingen.nl/kst-32735-377.html",
            "https://zoek.officielebekendmakingen.nl/kst-32735-377.html",
        ),
        ("2023D44741", "2023D44741"),
    ],
)
def test_what_a_spelling_would_leave_out_is_kept(typed, kept):
    runs = linked(f"Zie {typed}.")

    assert shown(runs) == f"Zie {kept.replace('~', NBSP)}."
    assert len(links(runs)) == 1


def test_each_number_of_a_plural_is_a_link_of_its_own():
    runs = linked("Zie Kamerstukken 32735, nr. 344 en nr. 401, en dossiers 36547 en 35761.")

    assert shown(runs).startswith(f"Zie Kamerstukken{NBSP}32{NBSP}735, nr.{NBSP}344 en nr.")
    assert [page for _text, page in links(runs)][:2] == ["kst-32735-344.html", "kst-32735-401.html"]


def test_a_range_keeps_its_words_and_links_both_ends():
    runs = linked("Zie Kamerstukken 32735, nrs. 344 t/m 350.")

    assert shown(runs) == f"Zie Kamerstukken{NBSP}32{NBSP}735, nrs.{NBSP}344 t/m 350."
    assert [page for _text, page in links(runs)] == ["kst-32735-344.html", "kst-32735-350.html"]


def test_a_link_of_the_author_stays_and_is_spelled_the_one_way():
    runs = linked_runs((Run("Zie "), Run("Kamerstuk 32735, nr. 377", href="https://example.org/")))

    assert runs == (Run("Zie "), Run(OWN, href="https://example.org/"))


def test_a_reference_over_two_lines_is_linked_and_stays_as_it_is():
    runs = linked_runs((Run("Kamerstuk 32735,"), LINE_BREAK, Run("nr. 377 zegt het.")))

    assert shown(runs) == "Kamerstuk 32735,\nnr. 377 zegt het."
    assert [run.text for run in runs if run.href] == ["Kamerstuk 32735,", "nr. 377"]


def test_emphasis_and_the_place_of_a_footnote_survive():
    texts = Texts()
    (block,) = texts.blocks("*Kamerstuk 32735, nr. 377*[^1] en **meer**.\n\n[^1]: Noot.", "p")

    assert isinstance(block, Paragraph)
    assert block.runs[0].emphasis
    assert block.runs[0].text == OWN
    assert [run.note for run in block.runs if run.note] == ["p-noot-1"]
    assert block.runs[-2] == Run("meer", strong=True)


@pytest.mark.parametrize(
    "typed",
    [
        "Kamerstukken 32 735, 33 826 en 26 485",
        "Kamerstukken 32735, nrs. 344, 377 en 401, en 26485, nr. 371",
        "Kamerstuk 22 112, nr. 3400; Kamerstuk 22 112, nr. 3593",
        "Kamerstukken I 36547, B en C",
    ],
)
def test_the_spelling_names_the_same_publications(typed):
    ids = [each.id for each in find_references(typed)]

    runs = linked(typed)

    assert [each.id for each in find_references(shown(runs))] == ids
    assert ids
    assert len(links(runs)) == len(ids)


def test_spelling_twice_changes_nothing():
    once = linked("Zie Kamerstukken 32735, nr. 344 en nr. 401 en Stcrt. 2025, nr. 31460.")

    assert linked_runs(once) == once


def test_a_table_and_a_list_are_spelled_too():
    text = "- Kamerstuk 32735, nr. 377\n\n| Stuk |\n|---|\n| Kamerstuk 32735, nr. 377 |\n"
    rich = richtext.map_runs(richtext.parse(text), linked_runs)

    assert richtext.plain_text(rich).count(OWN) == 2

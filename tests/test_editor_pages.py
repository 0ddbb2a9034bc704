"""The pages on which a coordinator arranges a document and writes its own texts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions import workflow
from actions.models import StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit.models import AuditEvent, Result
from reports import arranging, editor, production
from reports.arrangement import parts
from reports.arranging import At
from reports.choices import Kind, Stage
from reports.document import Paragraph, nodes
from reports.editor import Line, Opened
from reports.models import EditionParagraph
from tests import edition_story as story
from tests.factories import overwrite, signed_in
from tests.workflow_people import Cast

pytestmark = pytest.mark.django_db

HOSTILE = (
    "<script>alert(1)</script> </textarea><img src=x onerror=alert(2)> [x](javascript:alert(3)) "
    "</style><style>*{display:none}</style> {{ settings.SECRET_KEY }} \u202egnirts"
)


@pytest.fixture
def people() -> Cast:
    return story.ready_round()


def page(people: Cast, rest: str = "", kind: Kind = Kind.LETTER) -> str:
    return reverse("admin:production_editor", args=[people.round.pk, kind]) + rest


def opened(people: Cast, kind: Kind = Kind.LETTER) -> Opened:
    return editor.opened(people.round, kind)


def texts(people: Cast) -> list[Line]:
    """Return the paragraphs with a text about the action points."""
    return [line for line in opened(people).lines() if line.ties]


def line_of(people: Cast, node_id: str) -> Line:
    line = opened(people).line(node_id)
    assert line is not None
    return line


def send(people: Cast, line: Line, step: str, user: User | None = None, **fields: Any) -> Any:
    address = page(people, f"paragraph/{line.node_id}/")
    fields = {"revision": line.revision, "step": step} | fields
    return signed_in(user or people.first).post(address, fields)


def letter(people: Cast) -> list[Paragraph]:
    """Return the paragraphs of the letter as it would be frozen now."""
    made = production.document(production.read(people.round, Stage.CONCEPT), Kind.LETTER)
    return [node for node in nodes(made) if isinstance(node, Paragraph)]


def words(people: Cast) -> str:
    return "\n".join(run.text for each in letter(people) for run in each.runs)


def rewrite(people: Cast, narrative: str) -> StatusEntry:
    """Let the ministry supply a newer text of the first point, and approve that."""
    entry = people.entries[0]
    workflow.reopen(entry, actor=people.first, reason="Een getal klopt niet.")
    people.write(entry, narrative)
    workflow.submit(entry, actor=people.submitter)
    people.sign(entry)
    workflow.approve(entry, actor=people.first)
    return entry


# Who may.


@pytest.mark.parametrize("kind", [Kind.LETTER, Kind.DECISION_NOTE])
def test_who_does_not_make_the_documents_finds_no_editor(people, kind):
    node = next(opened(people, kind).lines()).node_id
    fields = {"revision": 1, "step": "save", "own": "Van mij.", "node": node}
    others = (people.editor, people.submitter, people.administrator, people.reader, people.stranger)

    for user in others:
        client = signed_in(user)
        for rest in ("", "rebuild/", f"paragraph/{node}/"):
            assert client.get(page(people, rest, kind)).status_code == 404
        for rest in ("rebuild/", f"paragraph/{node}/", "preview/"):
            assert client.post(page(people, rest, kind), fields).status_code == 404

    assert not EditionParagraph.objects.exists()
    refused = AuditEvent.objects.filter(action="edition.write", result=Result.REFUSED)
    assert refused.count() == 3 * len(others)


def test_a_word_that_is_no_document_has_no_editor(people):
    address = page(people).replace("letter", "poem")

    assert signed_in(people.first).get(address).status_code == 404


def test_a_step_that_is_not_known_does_nothing(people):
    line = texts(people)[0]

    assert send(people, line, "destroy").status_code == 404
    assert send(people, line, "save", revision="x").status_code == 404
    assert not EditionParagraph.objects.exists()


# What stands on the page.


@pytest.mark.parametrize("kind", list(Kind))
def test_a_document_that_nobody_arranged_shows_what_is_built(people, kind):
    answer = signed_in(people.first).get(page(people, kind=kind))

    assert answer.status_code == 200
    built = [
        each.node_id
        for part in parts(arranging.built(arranging.read(people.round), kind))
        for each in part.paragraphs
    ]
    assert re.findall(r'<article class="nap-para" id="([^"]+)"', answer.text) == built
    assert len(built) > 2
    assert not EditionParagraph.objects.exists()


def test_a_paragraph_leads_to_the_texts_it_is_made_of(people):
    answer = signed_in(people.first).get(page(people))

    for entry in people.entries:
        assert reverse("admin:actions_statusentry_change", args=[entry.pk]) in answer.text
    assert f"{people.entries[0].action_point.code}, versie 1" in answer.text


def test_ids_on_the_page_are_unique(people):
    line = texts(people)[0]
    send(people, line, "save", own="Eigen.[^1]\n\n[^1]: Noot.")

    ids = re.findall(r' id="([^"]+)"', signed_in(people.first).get(page(people)).text)

    assert len(ids) == len(set(ids))


def test_the_page_asks_as_much_for_many_points_as_for_two(people):
    def asked(cast: Cast) -> int:
        client = signed_in(cast.first)
        line = texts(cast)[0]
        send(cast, line, "save", own="Eigen tekst.")
        client.get(page(cast))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(page(cast)).status_code == 200
        return len(queries)

    few = asked(people)

    assert asked(story.ready_round(points=33)) == few


# Own texts.


def test_the_first_own_text_stores_the_whole_document_and_stands_in_the_letter(people):
    line = texts(people)[0]
    before = [each.node_id for each in opened(people).lines()]

    answer = send(people, line, "save", own="Dit schreef de **coördinator**.")

    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/letter/#{line.node_id}")
    assert [each.node_id for each in opened(people).lines()] == before
    assert "coördinator" in words(people)
    assert people.first.pk in production.hands(people.round)


def test_what_was_done_is_said_beside_the_paragraph(people):
    line = texts(people)[0]
    client = signed_in(people.first)
    fields = {"revision": line.revision, "step": "save", "own": "Eigen."}

    answer = client.post(page(people, f"paragraph/{line.node_id}/"), fields, follow=True)

    article = answer.text.split(f'<article class="nap-para" id="{line.node_id}"')[1]
    assert "De tekst is opgeslagen." in article.split("</article>")[0]
    assert answer.text.count("De tekst is opgeslagen.") == 1


@pytest.mark.parametrize("typed", ["", "  \n ", None])
def test_nothing_or_the_built_text_is_no_own_text(people, typed):
    line = texts(people)[0]
    send(people, line, "save", own="Eigen.")
    now = line_of(people, line.node_id)

    send(people, now, "save", own=line.row.built if typed is None else typed)

    assert not line_of(people, line.node_id).has_own
    assert "Eigen." not in words(people)


def test_the_built_text_is_used_again_and_the_own_text_can_come_back(people):
    line = texts(people)[0]
    send(people, line, "save", own="Eigen tekst.")
    send(people, line_of(people, line.node_id), "built")
    assert not line_of(people, line.node_id).has_own

    more = signed_in(people.first).get(page(people, f"paragraph/{line.node_id}/"))
    assert "Eigen tekst." in more.text
    send(people, line_of(people, line.node_id), "restore", own="Eigen tekst.")

    assert line_of(people, line.node_id).row.own == "Eigen tekst."


@pytest.mark.parametrize("own", ["# Te hoog", "<b>vet</b>", "[x](javascript:alert)"])
def test_a_text_that_no_document_takes_is_refused_and_stays_as_it_was_typed(people, own):
    line = texts(people)[0]

    answer = send(people, line, "save", own=own)

    assert answer.status_code == 200
    assert "autofocus" in answer.text
    assert 'aria-invalid="true"' in answer.text
    typed = (
        answer.text.split(f'id="own-{line.node_id}"')[1].split(">", 1)[1].split("</textarea>")[0]
    )
    assert own.replace("<", "&lt;").replace(">", "&gt;") == typed.strip()
    assert not EditionParagraph.objects.exists()


def test_a_hostile_text_is_shown_as_text_everywhere(people):
    line = texts(people)[0]
    client = signed_in(people.first)
    shown = client.post(page(people, "preview/"), {"node": line.node_id, "own": HOSTILE})
    refused = send(people, line, "save", own=HOSTILE)
    # A text from before the rules, or stored in another way.
    send(people, line, "save", own="Eigen.")
    overwrite(EditionParagraph.objects.filter(node_id=line.node_id), own=HOSTILE)
    stored = [client.get(page(people, rest)) for rest in ("", f"paragraph/{line.node_id}/")]

    for answer in (shown, refused, *stored):
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "</style><style>" not in answer.text
        assert 'href="javascript' not in answer.text
    assert "default-src 'none'" in shown["Content-Security-Policy"]


def test_a_part_that_is_made_from_data_takes_no_own_text(people):
    line = next(each for each in opened(people, Kind.ANNEX).lines() if each.row.fixed)
    address = page(people, f"paragraph/{line.node_id}/", Kind.ANNEX)

    answer = signed_in(people.first).post(
        address, {"revision": 1, "step": "save", "own": "Anders."}
    )

    assert "geen eigen tekst" in answer.text
    assert not EditionParagraph.objects.exists()


# Order, pieces and ties.


def test_a_paragraph_is_left_out_and_put_back(people):
    line = texts(people)[0]
    said = words(people)

    send(people, line, "leave-out")
    assert line.node_id not in {each.id for each in letter(people)}
    assert line_of(people, line.node_id).row.left_out

    send(people, line_of(people, line.node_id), "put-back")
    assert words(people) == said


def test_a_paragraph_moves_down_and_up_again_with_what_was_typed(people):
    first, second = (each.node_id for each in opened(people).parts[0].lines[:2])

    send(people, line_of(people, first), "down", own="Meegenomen.")
    assert [each.node_id for each in opened(people).parts[0].lines[:2]] == [second, first]
    assert line_of(people, first).row.own == "Meegenomen."

    send(people, line_of(people, first), "up")
    assert [each.node_id for each in opened(people).parts[0].lines[:2]] == [first, second]


def test_the_first_paragraph_cannot_go_up_nor_the_last_down(people):
    part = opened(people).parts[0]

    for line, step in ((part.lines[0], "up"), (part.lines[-1], "down")):
        assert "Dit kan niet meer." in send(people, line, step).text
    assert not EditionParagraph.objects.exists()


def test_a_paragraph_moves_to_the_end_of_another_section(people):
    line = texts(people)[0]

    send(people, line, "move", part="inleiding")

    assert opened(people).parts[0].lines[-1].node_id == line.node_id
    assert send(people, line_of(people, line.node_id), "move", part="nergens").status_code == 404


def test_two_paragraphs_are_joined_and_split_again(people):
    one, two = opened(people).parts[0].lines[:2]

    send(people, one, "join")
    joined = line_of(people, one.node_id)
    assert joined.row.covered == (one.node_id, two.node_id)
    assert opened(people).line(two.node_id) is None
    assert joined.text == f"{one.text}\n\n{two.text}"

    send(people, joined, "split", piece=1)
    pieces = opened(people).parts[0].lines[:2]
    assert [each.text for each in pieces] == [one.text, two.text]
    assert words(people).index(one.text[:20]) < words(people).index(two.text[:20])


def test_a_text_of_one_piece_cannot_be_split(people):
    line = texts(people)[0]

    answer = send(people, line, "split", piece=1)

    assert "in beide stukken moet tekst staan" in answer.text
    assert not EditionParagraph.objects.exists()


def test_the_last_paragraph_of_a_section_cannot_be_joined(people):
    line = opened(people).parts[0].lines[-1]

    assert "staat in dit onderdeel geen alinea meer" in send(people, line, "join").text


def test_a_piece_of_a_split_text_cannot_become_the_whole_built_text(people):
    line = texts(people)[0]
    send(people, line, "save", own="Een.\n\nTwee.")
    send(people, line_of(people, line.node_id), "split", piece=1)

    answer = send(people, line_of(people, line.node_id), "built")

    assert "een stuk van een gesplitste alinea" in answer.text
    assert line_of(people, line.node_id).row.own == "Een."


def test_a_paragraph_is_tied_to_texts_and_untied(people):
    line = next(each for each in opened(people).lines() if not each.ties)
    codes = sorted(entry.action_point.code for entry in people.entries)

    send(people, line, "tie", codes=codes)
    tied = line_of(people, line.node_id)
    assert [tie.code for tie in tied.ties] == codes
    assert {tie.entry for tie in tied.ties} == {entry.pk for entry in people.entries}

    send(people, tied, "tie", codes=codes[:1])
    assert [tie.code for tie in line_of(people, line.node_id).ties] == codes[:1]
    assert send(people, line, "tie", codes=["9.z"]).status_code == 404


# Two writers.


def test_who_saves_over_the_text_of_another_keeps_both(people):
    line = texts(people)[0]
    send(people, line, "save", people.second, own="Van de ander.")

    answer = send(people, line, "save", own="Van mij, getypt.")

    assert answer.status_code == 409
    assert "Van mij, getypt." in answer.text.split("<textarea")[1]
    assert people.second.name in answer.text
    assert "ander" in answer.text
    now = line_of(people, line.node_id)
    assert now.row.own == "Van de ander."
    assert f'name="revision" value="{now.revision}"' in answer.text

    send(people, now, "save", own="Van ons samen.")
    assert line_of(people, line.node_id).row.own == "Van ons samen."


def test_no_step_is_taken_on_a_paragraph_that_another_changed(people):
    line = texts(people)[0]
    send(people, line, "save", people.second, own="Van de ander.")

    for step in ("leave-out", "built", "down", "join", "split", "tie", "move", "restore"):
        answer = send(people, line, step, piece=1, part="inleiding")
        assert answer.status_code == 409, step

    now = line_of(people, line.node_id)
    assert (now.row.own, now.row.left_out) == ("Van de ander.", False)


def test_two_people_write_in_two_paragraphs_without_being_in_the_way(people):
    one, two = texts(people)[:2]

    send(people, one, "save", people.second, own="Van de ander.")
    answer = send(people, two, "save", own="Van mij.")

    assert answer.status_code == 302
    assert (line_of(people, one.node_id).row.own, line_of(people, two.node_id).row.own) == (
        "Van de ander.",
        "Van mij.",
    )


def test_what_is_typed_in_a_paragraph_that_another_joined_away_is_kept_on_the_page(people):
    one, two = opened(people).parts[0].lines[:2]
    send(people, one, "join", people.second)

    answer = send(people, two, "save", own="Van mij, getypt.")

    assert answer.status_code == 409
    assert "Van mij, getypt." in answer.text


def test_without_the_right_a_step_is_refused_by_the_service_too(people):
    line = texts(people)[0]

    with pytest.raises(arranging.PermissionDenied):
        arranging.save(
            people.round, Kind.LETTER, At(line.node_id, 1, "Eigen."), actor=people.submitter
        )


# Rebuilding.


def test_a_newer_text_announces_itself_and_is_taken_in_after_a_look(people):
    line = texts(people)[0]
    other = texts(people)[1]
    send(people, other, "save", own="Eigen.")
    rewrite(people, "Een heel nieuwe stand.")
    client = signed_in(people.first)

    shown = client.get(page(people))
    assert "Er zijn nieuwere teksten" in shown.text
    assert "Er is een nieuwere tekst" in shown.text
    rebuild = client.get(page(people, "rebuild/"))
    assert "<ins>" in rebuild.text
    assert "nieuwe" in rebuild.text
    client.post(page(people, "rebuild/"), {"mark": rebuild.context["mark"]})

    assert "Een heel nieuwe stand." in line_of(people, line.node_id).row.built
    assert [tie.number for tie in line_of(people, line.node_id).ties] != [1]
    assert line_of(people, other.node_id).row.own == "Eigen."
    assert "Er zijn nieuwere teksten" not in client.get(page(people)).text


def test_rebuilding_never_loses_an_own_text(people):
    lines = texts(people)
    for number, line in enumerate(lines):
        send(people, line, "save", own=f"Eigen {number}.")
    rewrite(people, "Anders.")
    entry = people.entries[1]
    workflow.reopen(entry, actor=people.first, reason="Een getal klopt niet.")
    client = signed_in(people.first)

    mark = client.get(page(people, "rebuild/")).context["mark"]
    client.post(page(people, "rebuild/"), {"mark": mark})

    own = {row.own for row in EditionParagraph.objects.exclude(own="")}
    assert own == {f"Eigen {number}." for number in range(len(lines))}


def test_rebuilding_is_refused_when_it_would_do_something_else_than_was_shown(people):
    send(people, texts(people)[1], "save", own="Eigen.")
    rewrite(people, "Een nieuwe stand.")
    client = signed_in(people.first)
    mark = client.get(page(people, "rebuild/")).context["mark"]
    rewrite(people, "Een nog nieuwere stand.")
    before = list(EditionParagraph.objects.order_by("pk").values_list("built", "revision"))

    answer = client.post(page(people, "rebuild/"), {"mark": mark}, follow=True)

    assert "zijn veranderd nadat u deze pagina opende" in answer.text
    assert list(EditionParagraph.objects.order_by("pk").values_list("built", "revision")) == before


def test_what_a_person_tied_stays_tied_when_the_document_is_built_anew(people):
    line = next(each for each in opened(people).lines() if not each.ties and not each.row.fixed)
    code = people.entries[1].action_point.code
    send(people, line, "save", own="Over meer punten.")
    send(people, line_of(people, line.node_id), "tie", codes=[code])
    rewrite(people, "Een nieuwe stand.")
    client = signed_in(people.first)

    mark = client.get(page(people, "rebuild/")).context["mark"]
    client.post(page(people, "rebuild/"), {"mark": mark})

    assert [tie.code for tie in line_of(people, line.node_id).ties] == [code]


def test_a_document_that_nobody_arranged_has_nothing_to_rebuild(people):
    client = signed_in(people.first)

    assert "vanzelf" in client.get(page(people, "rebuild/")).text
    client.post(page(people, "rebuild/"), {"mark": ""})
    assert not EditionParagraph.objects.exists()


# The preview.


@pytest.mark.parametrize("kind", list(Kind))
def test_the_preview_shows_what_is_typed_and_stores_nothing(people, kind):
    line = next(each for each in opened(people, kind).lines() if not each.row.fixed)
    fields = {"node": line.node_id, "own": "Zo **wordt** het."}

    answer = signed_in(people.first).post(page(people, "preview/", kind), fields)

    assert answer.status_code == 200
    assert "<strong>wordt</strong>" in answer.text
    assert f'id="{line.node_id}"' in answer.text
    assert not EditionParagraph.objects.exists()


def test_the_preview_shows_only_the_section_that_is_worked_on(people):
    one, *_others, last = opened(people).parts

    answer = signed_in(people.first).post(page(people, "preview/"), {"node": one.lines[0].node_id})

    assert f'id="{one.lines[-1].node_id}"' in answer.text
    assert f'id="{last.lines[0].node_id}"' not in answer.text


def test_the_preview_follows_a_newer_text_of_a_ministry(people):
    line = texts(people)[0]
    client = signed_in(people.first)
    client.post(page(people, "preview/"), {"node": line.node_id})
    rewrite(people, "Een heel nieuwe stand.")

    answer = client.post(page(people, "preview/"), {"node": line.node_id})

    assert "Een heel nieuwe stand." in answer.text


def test_the_preview_of_the_note_is_the_internal_one(people):
    line = next(each for each in opened(people, Kind.DECISION_NOTE).lines())

    answer = signed_in(people.first).post(
        page(people, "preview/", Kind.DECISION_NOTE), {"node": line.node_id}
    )

    assert 'class="decision-note' in answer.text


def test_a_footnote_has_the_number_of_the_whole_document(people):
    one, two = texts(people)[:2]
    send(people, one, "save", own="Een.[^1]\n\n[^1]: Eerste noot.")
    send(people, line_of(people, two.node_id), "move", part="afsluiting")
    fields = {"node": two.node_id, "own": "Twee.[^1]\n\n[^1]: Tweede noot."}

    answer = signed_in(people.first).post(page(people, "preview/"), fields)

    assert "Eerste noot." not in answer.text
    assert 'value="2">Tweede noot.' in answer.text


def test_a_preview_of_what_is_not_there_or_too_long_is_refused(people):
    client = signed_in(people.first)
    line = texts(people)[0]

    assert client.post(page(people, "preview/"), {"node": "nergens"}).status_code == 404
    long = {"node": line.node_id, "own": "a" * 20_001}
    assert client.post(page(people, "preview/"), long).status_code == 400

"""The export for a Woo request: who may take it, what is in it, and whose names are where."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pypandoc
import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from actions import drafts, editing, remarks, workflow
from actions.choices import Answer, EntryState, RemarkField, Verdict
from actions.models import ActionPoint, ReportingRound
from actions.richtext import MAX_CHARACTERS
from napmonitor.accounts.models import User
from napmonitor.audit.models import AuditEvent, Result
from reports import woo
from reports.builder.woo import WooExport, build_woo
from reports.document import AnnexReport, nodes
from reports.renderers.docx import NotRendered
from tests import factories
from tests.factories import overwrite, signed_in
from tests.workflow_people import Cast, cast, content, events

pytestmark = pytest.mark.django_db

PAGE: Final = "/beheer/woo/"
DAY: Final = "2026-11-21T14:05+01:00"


@pytest.fixture
def people() -> Cast:
    """An approved text with all that can happen to it, and one that has hardly begun."""
    made = cast(points=2)
    entry = made.entries[0]
    editing.save_text(
        entry,
        content(
            "Er is overlegd met Ruud Waterdrinker[^1].\n\n[^1]: Een noot.", internal_note="Stil."
        ),
        author=made.editor,
        read_version=0,
    )
    overwrite(User.objects.filter(pk=made.editor.pk), name="Ruud Waterdrinker", email="rw@x.nl")
    made.editor.refresh_from_db()
    workflow.submit(entry, actor=made.submitter)
    workflow.send_back(entry, actor=made.first, reason="Zeg meer.\nEn noem het jaar.")
    remark = remarks.make(
        entry,
        text="Welk jaar?",
        author=made.first,
        read_version=1,
        field=RemarkField.NARRATIVE,
        quote="Er is overlegd",
        proposal="Er is in 2026 overlegd.",
    )
    remarks.answer(
        remark, answer=Answer.PARTLY, actor=made.editor, read_version=1, reason="Alleen het jaar."
    )
    made.write(entry, "Er is in 2026 overlegd.")
    workflow.submit(entry, actor=made.submitter)
    made.sign(entry, Verdict.AGREED_WITH_REMARK, "Let op de toon.")
    workflow.approve(entry, actor=made.first, note="Opmerking is verwerkt.")
    return made


def points_of(made: Cast) -> list[ActionPoint]:
    return [entry.action_point for entry in made.entries]


def taken(made: Cast, *, who: User | None = None, with_names: bool = True) -> dict[str, bytes]:
    found = woo.take(who or made.first, points_of(made), [made.round], with_names=with_names)
    with zipfile.ZipFile(io.BytesIO(found.content)) as zipped:
        assert zipped.testzip() is None
        return {name: zipped.read(name) for name in zipped.namelist()}


def built(made: Cast) -> WooExport:
    return build_woo(made.round.entries.all(), moment=timezone.now())


def sent(made: Cast, **other: Any) -> dict[str, Any]:
    keys = [each.pk for each in points_of(made)]
    return {"points": keys, "rounds": [made.round.pk]} | other


def rows(files: dict[str, bytes], name: str) -> list[list[str]]:
    text = files[name].decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def pieces(document: AnnexReport) -> Iterator[str]:
    """Yield all words of a document, each part on its own."""
    yield from (document.title, document.subtitle, document.sender)
    for node in nodes(document):
        yield getattr(node, "title", "") or getattr(node, "lead", "")
        yield "".join(run.text for run in getattr(node, "runs", ()))
        for row in getattr(node, "rows", ()):
            yield from ("".join(run.text for run in cell) if cell else "" for cell in row[1:])


def told(document: AnnexReport) -> str:
    return "\n".join(pieces(document)).replace("\N{NO-BREAK SPACE}", " ")


def text_of(word_file: bytes, tmp_path: Path) -> str:
    file = tmp_path / "file.docx"
    file.write_bytes(word_file)
    command = [pypandoc.get_pandoc_path(), "--to=plain", "--wrap=none", str(file)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


# What is in it.


def test_document_holds_all_that_was_stored(people: Cast) -> None:
    text = told(built(people).files[0].document)

    for expected in (
        *(people.entry.action_point.code, people.entry.action_point.title_nl),
        *("Versie 1", "Versie 2", "Er is overlegd met", "Een noot.", "Stil."),
        *("Welk jaar?", "Er is overlegd", "Er is in 2026 overlegd.", "Alleen het jaar."),
        *("deels overgenomen", "Let op de toon.", "akkoord, met een opmerking"),
        *("Zeg meer.", "En noem het jaar.", "Opmerking is verwerkt.", "goedgekeurd"),
        *(factories.NAP_COORDINATOR, factories.EDITOR, people.lead.names.get().name),
    ):
        assert expected in text, expected


def test_point_without_a_text_says_so(people: Cast) -> None:
    text = told(built(people).files[1].document)

    assert "Er is geen tekst opgeslagen." in text
    assert "Er zijn geen opmerkingen." in text


def test_correction_is_in_it() -> None:
    made = cast()
    entry = made.bring(made.entry, EntryState.APPROVED)
    workflow.publish_round(made.round, actor=made.first)
    workflow.reopen(entry, actor=made.first, reason="Een getal klopt niet.")
    made.write(entry, "Beter.")
    workflow.submit(entry, actor=made.submitter)
    made.sign(entry)
    workflow.approve(entry, actor=made.second)
    workflow.publish_correction(entry, actor=made.first, reason="Het getal is verbeterd.")

    text = told(built(made).files[0].document)

    assert "versie 2 in plaats van versie 1" in text
    assert "Het getal is verbeterd." in text


def test_every_thing_stands_on_the_list_with_its_moment_and_its_file(people: Cast) -> None:
    header, *lines = rows(taken(people), "inventarislijst.csv")

    kinds = [line[header.index("Soort")] for line in lines]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "versie": 2,
        "stap": 4,
        "opmerking": 1,
        "antwoord op opmerking": 1,
        "akkoord": 1,
    }
    assert [line[0] for line in lines] == [str(number) for number in range(1, len(lines) + 1)]
    moments = [line[6] + line[7] for line in lines]
    assert moments == sorted(moments)
    assert {line[1] for line in lines} <= taken(people).keys()


def test_draft_of_somebody_is_never_in_it(people: Cast) -> None:
    entry = people.entries[1]
    drafts.keep(
        entry,
        writer=people.editor,
        tab=uuid4(),
        read_version=0,
        typed={"narrative": ["Nog niet opgeslagen."]},
    )
    # Also not when the writer is gone and it passed to the coordinator of their ministry.
    for role in people.editor.memberships.all():
        role.valid_until = timezone.localdate()
        role.save()
    assert drafts.left_behind(entry, people.submitter)

    files = taken(people)

    assert not any("Nog niet opgeslagen." in told(each.document) for each in built(people).files)
    assert "nog niet heeft opgeslagen" in files["LEESMIJ.txt"].decode()


def test_only_what_was_asked_for_is_in_it(people: Cast) -> None:
    other = cast()
    factories.write(other.entry, "Van een ander.")

    one = woo.take(people.first, points_of(people)[:1], [people.round], with_names=False)
    with zipfile.ZipFile(io.BytesIO(one.content)) as zipped:
        documents = [name for name in zipped.namelist() if name.endswith(".docx")]
    assert len(documents) == 1
    with pytest.raises(woo.NothingThere):
        woo.take(people.first, points_of(people), [other.round], with_names=False)


def test_file_is_whole_as_another_program_reads_it(people: Cast, tmp_path: Path) -> None:
    files = taken(people)
    path = f"actiepunten/{people.entry.action_point.code.lower()}.docx"

    # Without the marks of footnotes.
    text = " ".join(re.sub(r"\[\d+\]", "", text_of(files[path], tmp_path)).split())

    for piece in pieces(built(people).files[0].document):
        words = " ".join(piece.split())
        # What the file says of its moment is another minute by now.
        if words and "NAP-monitor" not in words:
            assert words in text, words


def test_ids_are_unique_and_footnotes_lead_somewhere(people: Cast) -> None:
    for each in built(people).files:
        ids = [node.id for node in nodes(each.document)]
        used = {run.note for node in nodes(each.document) for run in getattr(node, "runs", ())}
        assert len(ids) == len(set(ids))
        assert used - {""} <= {footnote.id for footnote in each.document.footnotes}


def test_longest_texts_go_in_whole(people: Cast, tmp_path: Path) -> None:
    longest = ("woord " * 3334)[: MAX_CHARACTERS - 7].strip() + " einde."
    editing.save_text(
        people.entries[1],
        content(longest, outlook=longest, letter_passage=longest, internal_note=longest),
        author=people.editor,
        read_version=0,
    )

    code = people.entries[1].action_point.code.lower()
    text = text_of(taken(people)[f"actiepunten/{code}.docx"], tmp_path)

    assert text.count("einde.") == 4


def test_reading_costs_the_same_queries_for_any_number(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    for _number in range(4):
        point = factories.ActionPointFactory(plan=people.round.plan, lead=people.lead)
        entry = factories.StatusEntryFactory(action_point=point, round=people.round)
        people.bring(entry, EntryState.RETURNED)

    with django_assert_max_num_queries(15):
        assert len(built(people).files) == 6


def test_same_moment_gives_the_same_bytes(people: Cast) -> None:
    with time_machine.travel(DAY, tick=False):
        one, other = taken(people), taken(people)

    assert one == other


# Names.


def test_people_are_called_by_one_number_everywhere(people: Cast) -> None:
    people.write(people.entries[1])
    files = taken(people)

    header, *people_named = rows(files, "namen.csv")
    assert header == ["Nummer", "Naam", "E-mailadres"]
    by_number = {number: (name, email) for number, name, email in people_named}
    assert by_number["Ambtenaar 1"] == ("Ruud Waterdrinker", "rw@x.nl")
    assert {name for name, _email in by_number.values()} == {
        *(people.editor.name, people.submitter.name, people.first.name, people.signer.name),
    }
    first, second = (told(each.document) for each in built(people).files)
    assert "Ambtenaar 1, " + factories.EDITOR in first
    assert "Ambtenaar 1, " + factories.EDITOR in second


def test_without_names_only_what_people_typed_says_who_they_are(
    people: Cast, tmp_path: Path
) -> None:
    files = taken(people, with_names=False)

    assert "namen.csv" not in files
    assert "namen.csv" not in files["LEESMIJ.txt"].decode()
    for name, content_of in files.items():
        if not name.endswith(".docx"):
            for who in (people.editor, people.submitter, people.first, people.signer):
                assert who.name not in content_of.decode()
                assert who.email not in content_of.decode()
    path = f"actiepunten/{people.entry.action_point.code.lower()}.docx"
    text = text_of(files[path], tmp_path)
    assert text.count("Waterdrinker") == 1
    assert people.first.name not in text


def test_name_in_a_text_is_marked_for_a_person_and_stays(people: Cast) -> None:
    header, *lines = rows(taken(people), "namen-in-teksten.csv")

    assert header == ["Bestand", "Plaats", "Zoals het er staat", "Woorden eromheen"]
    (line,) = [line for line in lines if line[2] == "Ruud Waterdrinker"]
    year = people.round.year
    assert line[1] == f"Ronde {year} > Versies van de tekst, ronde {year} > Versie 1"
    assert "Er is overlegd met Ruud Waterdrinker" in line[3]
    assert "Ruud Waterdrinker" in told(built(people).files[0].document)


def test_place_of_a_name_is_given_without_the_name(people: Cast) -> None:
    header, *lines = rows(taken(people, with_names=False), "namen-in-teksten.csv")

    assert header == ["Bestand", "Plaats"]
    assert len([line for line in lines if line[1].endswith("Versie 1")]) == 1


def test_account_that_was_made_unrecognisable_is_one_person_still(people: Cast) -> None:
    overwrite(User.objects.filter(pk=people.editor.pk), name="Oud-medewerker 7", email="x7@x.nl")

    (line,) = [line for line in rows(taken(people), "namen.csv") if line[0] == "Ambtenaar 1"]

    assert line == ["Ambtenaar 1", "Oud-medewerker 7", "x7@x.nl"]


def test_what_a_year_was_read_from_is_done_by_the_application() -> None:
    each = ReportingRound.objects.filter(opened_on=None).exclude(letter=None).earliest("year")
    made = woo.take(
        cast().first, ActionPoint.objects.filter(plan=each.plan)[:1], [each], with_names=True
    )

    with zipfile.ZipFile(io.BytesIO(made.content)) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    assert rows(files, "namen.csv") == [["Nummer", "Naam", "E-mailadres"]]
    _header, *lines = rows(files, "inventarislijst.csv")
    assert {line[8] for line in lines} == {"NAP-monitor (automatisch)"}


def test_cell_that_looks_like_a_formula_is_none(people: Cast) -> None:
    overwrite(User.objects.filter(pk=people.editor.pk), name="=1+1")

    lines = rows(taken(people), "namen.csv")

    assert ["Ambtenaar 1", "'=1+1", "rw@x.nl"] in lines


@pytest.mark.parametrize("code", ["../../x", "con", "a b/c", "1.A"])
def test_code_of_a_point_leads_to_no_other_folder(people: Cast, code: str) -> None:
    overwrite(ActionPoint.objects.filter(pk=people.entry.action_point_id), code=code)
    people.entry.action_point.refresh_from_db()

    names = taken(people)

    documents = [name for name in names if name.endswith(".docx")]
    assert len(documents) == 2
    assert all(re.fullmatch(r"actiepunten/[a-z0-9][a-z0-9.-]*\.docx", each) for each in documents)


def test_points_of_one_code_in_two_plans_are_kept_apart() -> None:
    one, other = cast(), cast()
    overwrite(ActionPoint.objects.filter(pk=one.entry.action_point_id), code="1.z")
    overwrite(ActionPoint.objects.filter(pk=other.entry.action_point_id), code="1.z")
    for each in (one, other):
        each.write(each.entry)

    made = woo.take(
        one.first,
        [one.entry.action_point, other.entry.action_point],
        [one.round, other.round],
        with_names=False,
    )

    with zipfile.ZipFile(io.BytesIO(made.content)) as zipped:
        documents = [name for name in zipped.namelist() if name.endswith(".docx")]
    assert documents == ["actiepunten/1.z.docx", "actiepunten/1.z-2.docx"]


# Who may.


OTHERS: Final = (*("editor", "submitter", "partner_editor", "signer", "reader", "stranger"),)


@pytest.mark.parametrize("who", OTHERS)
def test_permission_is_of_who_reads_and_reviews_all(people: Cast, who: str) -> None:
    user = getattr(people, who)

    with pytest.raises(PermissionDenied):
        taken(people, who=user)
    client = signed_in(user)
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, sent(people)).status_code == 404
    (event,) = AuditEvent.objects.filter(action="document.read")
    assert (event.actor, event.result, event.detail) == (user, Result.REFUSED, {"what": "woo"})


def test_permission_of_a_coordinator_opens_the_page(people: Cast) -> None:
    for who in (people.first, people.second):
        assert signed_in(who).get(PAGE).status_code == 200
        assert taken(people, who=who)


def test_role_that_ended_opens_nothing(people: Cast) -> None:
    for role in people.first.memberships.all():
        role.valid_until = timezone.localdate()
        role.save()

    with pytest.raises(PermissionDenied):
        taken(people, who=User.objects.get(pk=people.first.pk))


def test_who_is_not_signed_in_is_sent_to_the_door(client: Any) -> None:
    answer = client.get(PAGE)

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


# How it leaves.


def test_download_is_a_zip_file_with_a_name_that_says_what_it_is(people: Cast) -> None:
    with time_machine.travel(DAY):
        answer = signed_in(people.first).post(PAGE, sent(people, with_names="on"))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    name = "woo-uitdraai-20261121-1405.zip"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        assert "namen.csv" in zipped.namelist()


def test_names_stay_out_unless_the_box_is_ticked(people: Cast) -> None:
    answer = signed_in(people.first).post(PAGE, sent(people))

    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        assert "namen.csv" not in zipped.namelist()


def test_that_it_left_stands_in_the_trail_without_names(people: Cast) -> None:
    signed_in(people.first).post(PAGE, sent(people))

    (event,) = events("document.read", people.round)
    assert (event.actor, event.result) == (people.first, Result.DONE)
    detail = dict(event.detail)
    assert len(detail.pop("sha256")) == 64
    assert detail == {
        "what": "woo",
        "action_points": [each.code for each in points_of(people)],
        "rounds": [people.round.year],
        "names": False,
    }


def test_looking_at_the_page_adds_nothing_to_the_trail(people: Cast) -> None:
    client = signed_in(people.first)
    before = AuditEvent.objects.count()

    client.get(PAGE)

    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    "typed", [{}, {"points": ["x"]}, {"points": ["9" * 30], "rounds": ["1"]}, {"rounds": [""]}]
)
def test_what_is_not_chosen_is_asked_again(people: Cast, typed: dict[str, Any]) -> None:
    answer = signed_in(people.first).post(PAGE, typed)

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    assert answer.context["form"].errors
    assert not events("document.read", people.round)


def test_choice_stays_when_nothing_is_there_or_the_file_fails(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(people.first)
    other = cast()

    for asked in (sent(people, rounds=[other.round.pk]), sent(people)):
        answer = client.post(PAGE, asked)
        if asked["rounds"] == [people.round.pk]:
            assert answer["Content-Type"] == "application/zip"
            continue
        assert answer.status_code == 200
        assert [str(each) for each in answer.context["messages"]]
        assert len(answer.context["form"]["points"].value()) == 2

    def fails(*_args: Any) -> None:
        raise NotRendered("no")

    monkeypatch.setattr(woo, "render_docx", fails)
    before = AuditEvent.objects.count()
    assert client.post(PAGE, sent(people)).status_code == 200
    assert AuditEvent.objects.count() == before


def test_page_asks_few_questions_of_the_database(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(people.first)

    with django_assert_max_num_queries(14):
        client.get(PAGE)

"""A ministry takes its own texts along: what is in the file, who may, and where it goes."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from smtplib import SMTPException
from typing import Any

import pypandoc
import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from actions import editing, workflow
from actions.choices import Basis, EntryState, Progress, Schedule
from actions.models import ActionPoint, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit.models import AuditEvent, Result
from reports import own_texts
from reports.builder.own_texts import STATES, build_own_texts
from reports.document import AnnexReport, ItemList, Paragraph, Section, Standing, nodes
from reports.renderers.docx import NotRendered
from tests import factories
from tests.factories import overwrite, signed_in
from tests.workflow_people import Cast, cast, events

pytestmark = pytest.mark.django_db

PAGE, FILE, MAIL = (reverse(f"admin:own_texts{end}") for end in ("", "_file", "_mail"))
DAY = "2026-11-21T14:05+01:00"

EVERYTHING = editing.Content(
    progress=Progress.DISCONTINUED,
    progress_basis=Basis.STATED,
    discontinued_reason="Het geld was op.",
    schedule=Schedule.DELAYED,
    continues_after_plan=True,
    narrative="Er is veel gedaan[^1].\n\n### Een kop\n\n- een punt\n\n[^1]: Een voetnoot.",
    outlook="Er volgt nog meer.",
    letter_passage="Het kabinet meldt dat.",
    informed_before=True,
    informed_reference="Kamerstuk 32 735, nr. 401",
    informed_sender="de minister van Financiën",
    internal_note="Niet doorvertellen.\nOok dit niet.",
)


@pytest.fixture
def people() -> Cast:
    made = cast(points=2, ministry_deadline=date(2027, 1, 15))
    overwrite(
        ActionPoint.objects.filter(pk=made.entries[0].action_point_id),
        description="Waar het punt over gaat.",
    )
    source = factories.SourceFactory(title="Een onderzoek")
    editing.save_text(
        made.entries[0], EVERYTHING, author=made.editor, read_version=0, sources=[(source, "p. 3")]
    )
    return made


def built(people: Cast, ministry: str = "", **options: Any) -> AnnexReport:
    made = build_own_texts(
        people.round.entries.all(),
        ministry or people.lead.slug,
        moment=options.pop("moment", timezone.now()),
        **options,
    )
    assert made is not None
    return made


def told(document: AnnexReport) -> str:
    """Return all words of the document."""
    found = [document.title, document.subtitle, document.sender, document.date_line]
    for node in nodes(document):
        found.append(getattr(node, "title", "") or getattr(node, "lead", ""))
        found.append("".join(run.text for run in getattr(node, "runs", ())))
        for row in getattr(node, "rows", ()):
            for cell in row:
                found.append(cell if isinstance(cell, str) else "".join(run.text for run in cell))
    return "\n".join(found)


def sent(people: Cast, **other: Any) -> dict[str, Any]:
    return {"round": people.round.pk, "ministry": people.lead.slug} | other


def text_of(content: bytes, tmp_path: Path) -> str:
    file = tmp_path / "file.docx"
    file.write_bytes(content)
    command = [pypandoc.get_pandoc_path(), "--standalone", "--to=plain", "--wrap=none", str(file)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def shown(client: Client) -> list[tuple[int, str, int]]:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return [
        (bundle.round, bundle.ministry.slug, len(bundle.lines))
        for bundle, _form in answer.context["bundles"]
    ]


# What is in it.


def test_file_holds_all_that_was_written(people: Cast) -> None:
    text = told(built(people))

    for expected in (
        *(people.entry.action_point.code, people.entry.action_point.title_nl),
        *("Waar het punt over gaat.", "Het geld was op.", "Er is veel gedaan", "Een kop"),
        *("een punt", "Een voetnoot.", "Er volgt nog meer.", "Het kabinet meldt dat."),
        *("Kamerstuk 32 735, nr. 401", "de minister van Financiën", "Een onderzoek", "p. 3"),
        *("vervallen", "vertraagd", people.lead.names.get().name, people.partner.names.get().name),
    ):
        assert expected in text, expected


def test_point_without_a_text_is_there_and_says_so(people: Cast) -> None:
    text = told(built(people))

    assert people.entries[1].action_point.title_nl in text
    assert "Er is nog geen tekst geschreven." in text


def test_official_text_takes_the_place_of_the_description(people: Cast) -> None:
    overwrite(
        ActionPoint.objects.filter(pk=people.entry.action_point_id), official_text="Het officiële."
    )

    text = told(built(people))

    assert "Het officiële." in text
    assert "Waar het punt over gaat." not in text


def test_internal_note_is_in_it_only_when_asked_for(people: Cast) -> None:
    without, with_it = told(built(people)), told(built(people, with_notes=True))

    assert "Niet doorvertellen." not in without
    assert "Interne notities staan er niet in." in without
    assert "Niet doorvertellen." in with_it
    assert "Ook dit niet." in with_it


def test_every_state_is_said_in_words(people: Cast) -> None:
    assert set(STATES) == set(EntryState)
    workflow.submit(people.entry, actor=people.submitter)

    assert STATES[EntryState.SUBMITTED] in told(built(people))


def test_first_page_says_what_it_is_of_when_and_where_changes_belong(people: Cast) -> None:
    with time_machine.travel(DAY):
        document = built(people)
    opening = "".join(
        run.text
        for block in document.opening
        for paragraph in getattr(block, "paragraphs", ())
        for run in paragraph.runs
    ).replace("\N{NO-BREAK SPACE}", " ")

    assert document.standing == Standing.CONCEPT
    assert document.dated == date(2026, 11, 21)
    assert document.banner is not None
    assert document.banner.text.startswith("CONCEPT. Niet openbaar.")
    assert "21 november 2026, 14.05 uur" in opening
    assert "niet openbaar" in opening
    assert "Doe dat in NAP-monitor, niet in dit bestand" in opening
    assert "15 januari 2027" in opening


def test_version_and_its_moment_stand_with_each_text(people: Cast) -> None:
    with time_machine.travel("2027-01-02T09:00+01:00"):
        people.write(people.entry, "Anders.")

    text = told(built(people)).replace("\N{NO-BREAK SPACE}", " ")

    assert "concept; versie 2 van 2 januari 2027, 09.00 uur" in text
    assert "Anders." in text
    assert "Er is veel gedaan" not in text


def test_ids_are_unique_and_footnotes_lead_somewhere(people: Cast) -> None:
    people.write(people.entries[1], "Nog een[^1].\n\n[^1]: Tweede noot.")
    document = built(people)

    ids = [node.id for node in nodes(document)]
    used = [run.note for node in nodes(document) for run in getattr(node, "runs", ()) if run.note]

    assert len(ids) == len(set(ids))
    assert len(used) == 2
    assert set(used) <= {each.id for each in document.footnotes}


def test_headings_within_a_text_stand_below_the_name_of_its_field(people: Cast) -> None:
    levels = [
        (node.runs[0].text, node.level)
        for node in nodes(built(people))
        if type(node).__name__ == "Heading"
    ]

    assert ("Wat er is bereikt", 1) in levels
    assert ("Een kop", 2) in levels


def test_only_the_points_of_the_ministry_are_in_it(people: Cast) -> None:
    other = factories.OrganisationFactory(named=True)
    theirs = factories.StatusEntryFactory(
        action_point=factories.ActionPointFactory(plan=people.round.plan, lead=other),
        round=people.round,
    )
    factories.write(theirs, "Van een ander.")

    assert "Van een ander." not in told(built(people))
    assert "Van een ander." in told(built(people, other.slug))
    assert build_own_texts(people.round.entries.all(), "nobody", moment=timezone.now()) is None


def test_building_costs_the_same_queries_for_any_number(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    people.write(people.entries[1])
    for _number in range(4):
        point = factories.ActionPointFactory(plan=people.round.plan, lead=people.lead)
        entry = factories.StatusEntryFactory(action_point=point, round=people.round)
        factories.write(entry, "Nog een tekst met Kamerstuk 32 735, nr. 401.")

    with django_assert_max_num_queries(4):
        built(people)


def test_file_is_whole_as_another_program_reads_it(people: Cast, tmp_path: Path) -> None:
    made = own_texts.take_along(people.editor, people.round, people.lead.slug)

    text = " ".join(text_of(made.content, tmp_path).split())

    for node in nodes(built(people)):
        if isinstance(node, Section):
            assert node.title in text
        # What the file says of its moment is another minute by now.
        if isinstance(node, Paragraph) and node.id.startswith("punt-"):
            for run in node.runs:
                assert " ".join(run.text.split()) in text
    for expected in ("Er is veel gedaan", "Een voetnoot.", "Er volgt nog meer.", "Een onderzoek"):
        assert expected in text
    assert "Niet doorvertellen." not in text
    assert any(isinstance(node, ItemList) for node in nodes(built(people)))


# Who may.


def test_permission_of_a_ministry_is_for_its_own_texts(people: Cast) -> None:
    for who in (people.editor, people.submitter):
        assert shown(signed_in(who)) == [(people.round.pk, people.lead.slug, 2)]
        assert own_texts.take_along(who, people.round, people.lead.slug).content
    # Who answers along reads the text of the lead, and takes it along nowhere.
    for who in (people.partner_editor, people.signer, people.stranger):
        assert shown(signed_in(who)) == []
        for ministry in (people.lead.slug, people.partner.slug, "nobody"):
            with pytest.raises(PermissionDenied):
                own_texts.take_along(who, people.round, ministry)


def test_permission_to_the_texts_of_all_is_of_who_reads_all(people: Cast) -> None:
    for who in (people.first, people.administrator, people.reader):
        expected = (people.round.pk, people.lead.slug, 2)
        if who.has_perm("actions.view_every_statusentry"):
            assert expected in shown(signed_in(who))
            assert own_texts.take_along(who, people.round, people.lead.slug).content


@pytest.mark.parametrize("address", [FILE, MAIL])
@pytest.mark.parametrize("who", ["partner_editor", "signer", "stranger"])
def test_permission_to_texts_of_others_is_refused_as_if_they_were_not_there(
    people: Cast, who: str, address: str
) -> None:
    client = signed_in(getattr(people, who))

    answer = client.post(address, sent(people))
    absent = client.post(address, sent(people, round=0))

    assert answer.status_code == absent.status_code == 404
    (event,) = events("document.read", people.round)
    assert event.result == Result.REFUSED
    assert mail.outbox == []


@pytest.mark.parametrize("address", [FILE, MAIL])
@pytest.mark.parametrize(
    "typed", [{}, {"round": "x"}, {"round": "1"}, {"ministry": "<x>"}, {"round": "9" * 30}]
)
def test_nonsense_is_not_there(people: Cast, address: str, typed: dict[str, str]) -> None:
    client = signed_in(people.editor)

    assert client.post(address, typed).status_code == 404
    assert client.get(address).status_code == 405


def test_role_that_ended_opens_nothing(people: Cast) -> None:
    membership = people.editor.memberships.get()
    membership.valid_until = timezone.localdate()
    membership.save()
    editor = User.objects.get(pk=people.editor.pk)

    with pytest.raises(PermissionDenied):
        own_texts.take_along(editor, people.round, people.lead.slug)


def test_year_that_was_read_from_letters_is_nobodys_own_text() -> None:
    each = ReportingRound.objects.filter(opened_on=None).exclude(letter=None).first()
    coordinator = cast().first
    lead = (
        StatusEntry.objects.filter(round=each)
        .exclude(action_point__responsibilities=None)
        .first()
        .action_point.responsibilities.first()
        .organisation
    )

    with pytest.raises(PermissionDenied):
        own_texts.take_along(coordinator, each, lead.slug)


@pytest.mark.parametrize(
    ("who", "writes"),
    [("editor", True), ("submitter", True), ("first", False), ("administrator", False)],
)
def test_texts_are_called_your_own_only_for_who_writes_some(
    people: Cast, who: str, writes: bool
) -> None:
    client = signed_in(getattr(people, who))
    own, of_others = gettext("Your texts"), gettext("Texts of the ministries")

    assert client.get(PAGE).context["title"] == (own if writes else of_others)
    link = gettext("Take your texts along as a Word file")
    assert (link in client.get("/beheer/").text) is writes


# How it leaves.


def test_download_is_a_word_file_with_a_name_that_says_what_it_is(people: Cast) -> None:
    with time_machine.travel(DAY):
        answer = signed_in(people.editor).post(FILE, sent(people))

    assert answer.status_code == 200
    assert answer["Content-Type"] == own_texts.WORD
    name = f"concept-teksten-{people.lead.slug}-{people.round.year}-20261121.docx"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert b"Niet doorvertellen." not in archive.read("word/document.xml")


def test_box_on_the_page_puts_the_notes_in(people: Cast) -> None:
    answer = signed_in(people.editor).post(FILE, sent(people, with_notes="on"))

    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert b"Niet doorvertellen." in archive.read("word/document.xml")


def test_box_for_the_notes_is_off(people: Cast) -> None:
    (bundle,) = signed_in(people.editor).get(PAGE).context["bundles"]

    assert not bundle[1]["with_notes"].value()


@pytest.mark.parametrize(("address", "way"), [(FILE, "download"), (MAIL, "mail")])
def test_that_it_left_stands_in_the_trail_without_names(
    people: Cast, address: str, way: str
) -> None:
    signed_in(people.editor).post(address, sent(people, with_notes="on"))

    (event,) = events("document.read", people.round)
    assert event.actor == people.editor
    assert event.result == Result.DONE
    assert event.detail == {
        "what": "own-texts",
        "ministry": people.lead.slug,
        "internal_notes": True,
        "way": way,
    }


def test_looking_at_the_page_adds_nothing_to_the_trail(people: Cast) -> None:
    client = signed_in(people.editor)
    before = AuditEvent.objects.count()

    shown(client)

    assert AuditEvent.objects.count() == before


def test_mail_goes_to_the_address_of_the_account_and_nowhere_else(people: Cast) -> None:
    answer = signed_in(people.editor).post(
        MAIL, sent(people, to="elders@example.org", email="elders@example.org")
    )

    assert answer.status_code == 302
    (message,) = mail.outbox
    assert message.to == [people.editor.email]
    assert (message.cc, message.bcc) == ([], [])
    ((name, content, kind),) = message.attachments
    assert name.endswith(".docx")
    assert kind == own_texts.WORD
    assert zipfile.is_zipfile(io.BytesIO(content))


@pytest.mark.parametrize("error", [OSError("no server"), SMTPException("refused")])
def test_mail_that_is_not_taken_is_told(
    people: Cast, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_args: Any, **_options: Any) -> int:
        raise error

    monkeypatch.setattr(own_texts.EmailMessage, "send", refuse)
    answer = signed_in(people.editor).post(MAIL, sent(people), follow=True)

    assert [each.level_tag for each in answer.context["messages"]] == ["error"]


@pytest.mark.parametrize("address", [FILE, MAIL])
def test_file_that_cannot_be_made_is_told_and_is_not_in_the_trail(
    people: Cast, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def fail(_document: AnnexReport) -> Sequence[bytes]:
        raise NotRendered("no memory")

    monkeypatch.setattr(own_texts, "render_docx", fail)
    answer = signed_in(people.editor).post(address, sent(people), follow=True)

    assert [each.level_tag for each in answer.context["messages"]] == ["error"]
    assert not events("document.read", people.round)


def test_mail_is_not_offered_where_it_goes_nowhere(people: Cast, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.NAP_DEMO = False
    client = signed_in(people.editor)

    assert MAIL not in client.get(PAGE).text
    assert client.post(MAIL, sent(people)).status_code == 404
    settings.NAP_DEMO = True
    assert MAIL in client.get(PAGE).text


def test_first_page_leads_to_the_texts_and_those_to_the_remarks(people: Cast) -> None:
    remarks = reverse("admin:actions_reportinground_remarks", args=[people.round.pk])
    editor, coordinator = signed_in(people.editor), signed_in(people.first)

    assert PAGE in editor.get(reverse("admin:index")).text
    assert remarks in editor.get(PAGE).text
    first_page = coordinator.get(reverse("admin:index")).text
    for address in (PAGE, remarks, reverse("admin:actions_reportinground_set_up")):
        assert address in first_page


def test_page_costs_the_same_queries_for_any_number(people: Cast) -> None:
    client = signed_in(people.first)
    before = counted(client)
    other = factories.OrganisationFactory(named=True)
    for lead in (people.lead, other, other):
        factories.StatusEntryFactory(
            action_point=factories.ActionPointFactory(plan=people.round.plan, lead=lead),
            round=people.round,
        )

    assert counted(client) == before


def counted(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)
    return len(queries)

"""Help while somebody writes: drafts, the earlier text, the look of the report, references."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions import drafts, editing, permissions, workflow
from actions.models import (
    EntryDraft,
    EntryVersion,
    Membership,
    Organisation,
    ParliamentaryDocument,
    ReportingRound,
    StatusEntry,
)
from actions.models.personal import MAX_DRAFT
from napmonitor.accounts.models import User
from reports.texts import Texts
from tests.admin_pages import as_sent, page
from tests.factories import (
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    OrganisationFactory,
    ReportingRoundFactory,
    StatusEntryFactory,
    make_writable,
    overwrite,
    signed_in,
    somebody,
    write,
)
from tests.workflow_people import cast

pytestmark = pytest.mark.django_db

TYPED = {"narrative": ["Words that nobody saved."]}


def address(entry: StatusEntry, name: str) -> str:
    return page(StatusEntry, name, entry.pk)


@pytest.fixture
def ministry() -> Organisation:
    return OrganisationFactory(named=True)


@pytest.fixture
def entry(ministry: Organisation) -> StatusEntry:
    return StatusEntryFactory(action_point__lead=ministry, round__opened=True, round__year=2031)


@pytest.fixture
def writer(ministry: Organisation) -> User:
    return somebody(EDITOR, ministry)


@pytest.fixture
def editor(writer: User) -> Client:
    return signed_in(writer)


def keep(entry: StatusEntry, writer: User, **options: Any) -> EntryDraft:
    values: dict[str, Any] = {"tab": uuid4(), "read_version": 0, "typed": TYPED} | options
    return drafts.keep(entry, writer=writer, **values)


# --- Drafts


def test_draft_takes_the_place_of_the_one_before_it_in_its_tab(
    entry: StatusEntry, writer: User
) -> None:
    tab = uuid4()
    keep(entry, writer, tab=tab, typed={"narrative": ["First."], "outlook": ["Soon."]}, turn=1)
    keep(entry, writer, tab=tab, typed={"narrative": ["Second."]}, turn=2)
    assert EntryDraft.objects.get().typed == {"narrative": ["Second."]}


def test_draft_that_was_overtaken_on_its_way_is_not_kept(entry: StatusEntry, writer: User) -> None:
    tab = uuid4()
    keep(entry, writer, tab=tab, typed={"narrative": ["Second."]}, turn=2)
    keep(entry, writer, tab=tab, typed={"narrative": ["First."]}, turn=1)
    assert EntryDraft.objects.get().typed == {"narrative": ["Second."]}


def test_draft_that_comes_after_its_text_was_saved_is_not_kept(
    entry: StatusEntry, writer: User
) -> None:
    tab = uuid4()
    drafts.finish(entry, writer, tab)
    with pytest.raises(drafts.TooLate):
        keep(entry, writer, tab=tab)
    assert drafts.offered(entry, writer) == []


def test_null_character_in_a_draft_is_left_out(entry: StatusEntry, writer: User) -> None:
    assert keep(entry, writer, typed={"narrative": ["a\0b"]}).typed == {"narrative": ["ab"]}


def test_drafts_end_when_the_round_is_published() -> None:
    people = cast()
    writer = somebody(EDITOR, people.lead)
    keep(people.entry, writer)
    for each in StatusEntry.objects.filter(round=people.round):
        workflow.mark_not_supplied(each, actor=people.first, reason="Not in this story.")
    workflow.publish_round(people.round, actor=people.first)
    assert not EntryDraft.objects.exists()
    people.entry.refresh_from_db()
    assert not drafts.may_keep(writer, StatusEntry.objects.get(pk=people.entry.pk))


def test_draft_stays_at_the_ministry_for_which_it_was_typed_when_the_pen_moves(
    entry: StatusEntry, ministry: Organisation, writer: User
) -> None:
    keep(entry, writer)
    other = OrganisationFactory(named=True)
    overwrite(entry.action_point.responsibilities.all(), organisation=other)
    assert drafts.offered(entry, somebody(MINISTRY_COORDINATOR, other)) == []
    assert len(drafts.offered(entry, somebody(MINISTRY_COORDINATOR, ministry))) == 1


def test_who_left_the_words_as_a_draft_cannot_approve_them(
    entry: StatusEntry, ministry: Organisation, writer: User
) -> None:
    draft = keep(entry, writer, typed={"narrative": ["Words."], "progress": ["in_progress"]})
    today = timezone.localdate()
    roles = Membership.objects.filter(user=writer)
    overwrite(roles, valid_from=today - timedelta(days=9), valid_until=today)
    coordinator = somebody(MINISTRY_COORDINATOR, ministry)
    client = signed_in(coordinator)
    opened = client.get(address(entry, "change"), {"draft": draft.pk})
    sent = as_sent(opened, taken_from=draft.pk, tab=opened.context["tab"])
    client.post(address(entry, "change"), sent)

    version = entry.versions.get()
    assert (version.author, version.words_of) == (coordinator, writer)
    assert permissions.has_hand_in(writer, entry)
    assert drafts.offered(entry, coordinator) == []


def test_text_is_not_saved_under_the_name_of_who_signed_in_meanwhile(
    editor: Client, entry: StatusEntry
) -> None:
    opened = editor.get(address(entry, "change"))
    sent = as_sent(opened, narrative="Of somebody else.", writer="1")
    assert editor.post(address(entry, "change"), sent).context["errors"]
    assert not entry.versions.exists()
    kept = {"tab": opened.context["tab"], "read_version": "0", "narrative": "a", "writer": "1"}
    assert editor.post(address(entry, "draft"), kept).status_code == 409
    assert not EntryDraft.objects.exists()


def test_text_that_is_too_long_is_said_to_be(editor: Client, entry: StatusEntry) -> None:
    sent = {"field": "narrative", "text": "a" * 20_001}
    answer = editor.post(address(entry, "assist"), sent)
    assert "20.001" in answer.json()["notes"] or "20001" in answer.json()["notes"]


def test_each_tab_has_a_draft_of_its_own(entry: StatusEntry, writer: User) -> None:
    keep(entry, writer)
    keep(entry, writer)
    assert len(drafts.offered(entry, writer)) == 2


def test_oldest_drafts_make_room(entry: StatusEntry, writer: User) -> None:
    made = [keep(entry, writer).pk for _ in range(drafts.MOST_PER_WRITER + 2)]
    kept = set(EntryDraft.objects.values_list("pk", flat=True))
    assert kept == set(made[2:])


@pytest.mark.parametrize("role", [READER, NAP_COORDINATOR])
def test_who_may_not_write_the_text_keeps_no_draft(entry: StatusEntry, role: str) -> None:
    with pytest.raises(PermissionDenied):
        keep(entry, somebody(role))


def test_draft_of_more_than_all_fields_together_is_refused(
    entry: StatusEntry, writer: User
) -> None:
    with pytest.raises(ValidationError):
        keep(entry, writer, typed={"narrative": ["a" * MAX_DRAFT]})
    assert not EntryDraft.objects.exists()


def test_draft_is_kept_when_the_text_is_not_open_any_more(entry: StatusEntry, writer: User) -> None:
    overwrite(StatusEntry.objects.filter(pk=entry.pk), state="submitted")
    assert keep(entry, writer).typed == TYPED


def test_draft_is_of_its_writer_and_of_nobody_else(
    entry: StatusEntry, ministry: Organisation, writer: User
) -> None:
    keep(entry, writer)
    for role in (EDITOR, MINISTRY_COORDINATOR):
        assert drafts.offered(entry, somebody(role, ministry)) == []
    assert len(drafts.offered(entry, writer)) == 1


def test_draft_of_who_left_passes_to_the_coordinator_of_the_ministry(
    entry: StatusEntry, ministry: Organisation, writer: User
) -> None:
    draft = keep(entry, writer)
    today = timezone.localdate()
    role = Membership.objects.filter(user=writer)
    overwrite(role, valid_from=today - timedelta(days=9), valid_until=today)
    coordinator = somebody(MINISTRY_COORDINATOR, ministry)

    assert drafts.offered(entry, coordinator) == [draft]
    assert drafts.offered(entry, somebody(EDITOR, ministry)) == []
    assert drafts.offered(entry, somebody(MINISTRY_COORDINATOR)) == []
    assert drafts.offered(entry, somebody(NAP_COORDINATOR)) == []


def test_page_keeps_a_draft_and_offers_it_back(editor: Client, entry: StatusEntry) -> None:
    opened = editor.get(address(entry, "change"))
    sent = {"tab": opened.context["tab"], "read_version": "0", "narrative": "Not saved."}

    answer = editor.post(address(entry, "draft"), sent)

    assert re.fullmatch(r"\d\d:\d\d", answer.json()["saved"])
    offered = editor.get(address(entry, "change"))
    draft = EntryDraft.objects.get()
    assert f"?draft={draft.pk}" in offered.text
    assert 'name="narrative"' in offered.text
    assert offered.context["adminform"].form["narrative"].value() == ""
    again = editor.get(address(entry, "change"), {"draft": draft.pk})
    assert again.context["adminform"].form["narrative"].value() == "Not saved."
    assert again.context["taken_from"] == draft
    assert not StatusEntry.objects.get(pk=entry.pk).versions.exists()


def test_draft_that_says_nothing_is_thrown_away(
    editor: Client, entry: StatusEntry, writer: User
) -> None:
    draft = keep(entry, writer)
    editor.post(address(entry, "draft"), {"tab": str(draft.tab), "read_version": "0"})
    assert not EntryDraft.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"tab": "x"}, {"read_version": "-1"}, {"read_version": "x"}])
def test_what_is_no_draft_is_refused(
    editor: Client, entry: StatusEntry, sent: dict[str, str]
) -> None:
    data = {"tab": str(uuid4()), "narrative": "a"} | sent
    assert editor.post(address(entry, "draft"), data).status_code == 400
    assert not EntryDraft.objects.exists()


def test_saving_throws_the_draft_of_that_tab_away_and_no_other(
    editor: Client, entry: StatusEntry, writer: User
) -> None:
    other = keep(entry, writer)
    opened = editor.get(address(entry, "change"))
    tab = opened.context["tab"]
    keep(entry, writer, tab=UUID(tab))

    editor.post(address(entry, "change"), as_sent(opened, narrative="Saved.", tab=tab))

    assert entry.versions.get().narrative == "Saved."
    assert drafts.offered(entry, writer) == [other]


def test_draft_of_a_text_that_was_stored_anew_leads_to_both_texts(
    editor: Client, entry: StatusEntry, writer: User
) -> None:
    draft = keep(entry, writer)
    write(entry, "Of somebody else.")
    again = editor.get(address(entry, "change"), {"draft": draft.pk})

    answer = editor.post(address(entry, "change"), as_sent(again))

    clash = next(each for each in answer.context["clashes"] if each.name == "narrative")
    assert clash.words == TYPED["narrative"][0]
    assert clash.keep_typed


def test_foreign_draft_cannot_be_opened_or_thrown_away(
    editor: Client, entry: StatusEntry, ministry: Organisation
) -> None:
    draft = keep(entry, somebody(EDITOR, ministry))
    opened = editor.get(address(entry, "change"), {"draft": draft.pk})
    assert TYPED["narrative"][0] not in opened.text
    editor.post(address(entry, "discard_draft"), {"tab": str(draft.tab)})
    assert EntryDraft.objects.exists()


NAMES = ["draft", "discard_draft", "assist", "paste", "unchanged"]


@pytest.mark.parametrize("name", NAMES)
def test_help_for_a_text_that_somebody_may_not_read_is_not_there(editor: Client, name: str) -> None:
    foreign = StatusEntryFactory(action_point__lead=OrganisationFactory(), round__opened=True)
    assert editor.post(address(foreign, name)).status_code == 404
    assert editor.get(address(foreign, "alive")).status_code == 404
    assert editor.get(address(foreign, name)).status_code in (404, 405)


# --- The earlier text


@pytest.fixture
def earlier(entry: StatusEntry) -> StatusEntry:
    """Return the approved text of the year before."""
    before = StatusEntryFactory(
        action_point=entry.action_point,
        round=ReportingRoundFactory(plan=entry.round.plan, year=2030),
    )
    write(before, "What we did in 2030.")
    overwrite(StatusEntry.objects.filter(pk=before.pk), state="approved")
    return before


def test_earlier_approved_text_stands_beside_each_question(
    editor: Client, entry: StatusEntry, earlier: StatusEntry
) -> None:
    opened = editor.get(address(entry, "change"))
    assert opened.context["earlier"].year == 2030
    rows = {row.field.name: row for part in opened.context["sections"] for row in part.rows}
    assert rows["narrative"].earlier == "What we did in 2030."
    assert rows["progress"].earlier == str(earlier.latest_version.get_progress_display())  # type: ignore[union-attr]
    assert rows["internal_note"].earlier == ""


def test_text_that_was_never_approved_is_no_earlier_text(
    editor: Client, entry: StatusEntry, earlier: StatusEntry
) -> None:
    overwrite(StatusEntry.objects.filter(pk=earlier.pk), state="submitted")
    assert editor.get(address(entry, "change")).context["earlier"] is None


def test_starting_from_the_earlier_text_stores_nothing_yet(
    editor: Client, entry: StatusEntry, earlier: StatusEntry
) -> None:
    opened = editor.get(address(entry, "change"), {"start": "earlier"})
    assert opened.context["adminform"].form["narrative"].value() == "What we did in 2030."
    assert opened.context["begun"]
    assert not entry.versions.exists()


def test_unchanged_text_is_stored_in_one_click(
    editor: Client, entry: StatusEntry, earlier: StatusEntry
) -> None:
    editor.post(address(entry, "unchanged"), {"read_version": "0"})
    version = entry.versions.get()
    assert version.narrative == "What we did in 2030."
    assert version.progress_basis == "stated"


def test_unchanged_writes_over_nothing(
    editor: Client, entry: StatusEntry, earlier: StatusEntry
) -> None:
    write(entry, "Stored meanwhile.")
    editor.post(address(entry, "unchanged"), {"read_version": "0"})
    assert [each.narrative for each in entry.versions.all()] == ["Stored meanwhile."]


def test_who_may_not_write_stores_no_earlier_text(entry: StatusEntry, earlier: StatusEntry) -> None:
    client = signed_in(somebody(READER))
    assert client.post(address(entry, "unchanged"), {"read_version": "0"}).status_code == 403
    assert not entry.versions.exists()


# --- The look of the report, and what the text refers to

TEXT = """De pilot is **gestart**[^1].

- een
- twee

| a | b |
| --- | --- |
| 1 | 2 |

[^1]: Zie Kamerstuk 32 735, nr. 377.
"""


def test_preview_is_what_the_report_makes_of_the_text(editor: Client, entry: StatusEntry) -> None:
    answer = editor.post(address(entry, "assist"), {"field": "narrative", "text": TEXT})

    texts = Texts()
    around: dict[str, Any] = {
        "blocks": texts.blocks(TEXT, "preview-narrative"),
        "notes": {note.id: (number, note) for number, note in enumerate(texts.footnotes, start=1)},
        "called": set(),
        "medium": "screen",
        "level": 3,
    }
    assert render_to_string("reports/_blocks.html", around) in answer.json()["preview"]
    assert "<strong>gestart</strong>" in answer.json()["preview"]


def test_reference_is_shown_with_its_title(editor: Client, entry: StatusEntry) -> None:
    document = ParliamentaryDocument.objects.get(publication_id="kst-32735-377")
    sent = {"field": "informed_reference", "text": "Zie Kamerstuk 32 735, nr. 377."}
    notes = editor.post(address(entry, "assist"), sent).json()["notes"]
    assert document.title in notes
    assert "Kamerstuk 32 735, nr. 377" in notes


def test_reference_that_nobody_registered_is_recognised(editor: Client, entry: StatusEntry) -> None:
    sent = {"field": "narrative", "text": "Kamerstuk 36 999, nr. 3"}
    assert "Kamerstuk 36 999, nr. 3" in editor.post(address(entry, "assist"), sent).json()["notes"]


def test_what_a_text_cannot_hold_is_said_while_typing(editor: Client, entry: StatusEntry) -> None:
    sent = {"field": "narrative", "text": "<script>alert(1)</script>"}
    answer = editor.post(address(entry, "assist"), sent).json()
    assert "errorlist" in answer["notes"]
    assert "<script>" not in answer["notes"] + answer["preview"]


def test_only_texts_have_a_preview(editor: Client, entry: StatusEntry) -> None:
    for name in ("internal_note", "state", ""):
        sent = {"field": name, "text": "a"}
        assert editor.post(address(entry, "assist"), sent).status_code == 404


def test_pasted_layout_becomes_our_own(editor: Client, entry: StatusEntry) -> None:
    sent = {"html": "<p><b>a</b></p><ul><li>b</ul>", "existing": ""}
    assert editor.post(address(entry, "paste"), sent).json() == {
        "words": "**a**\n\n- b",
        "notes": "",
    }


def test_reader_sees_a_text_as_the_report_shows_it(entry: StatusEntry) -> None:
    write(entry, "Dit is **vet**.")
    opened = signed_in(somebody(READER)).get(address(entry, "change"))
    assert "<strong>vet</strong>" in opened.text
    assert "**vet**" not in opened.text


def test_page_says_the_form_in_the_order_of_the_questions(
    editor: Client, entry: StatusEntry
) -> None:
    opened = editor.get(address(entry, "change"))
    asked = re.findall(r'id="question-(\w+)"', opened.text)
    assert asked == ["stand", "reached", "next", "letter", "informed", "sources", "note"]
    named = re.findall(r'<(?:select|textarea|input)[^>]*name="(\w+)"', opened.text)
    order = ["progress", "narrative", "outlook", "letter_passage", "informed_before"]
    assert [name for name in named if name in order] == order
    assert reverse("admin:actions_statusentry_draft", args=[entry.pk]) in opened.text
    assert ReportingRound.objects.filter(pk=entry.round_id).exists()


# --- The internal note


@pytest.mark.parametrize(
    ("role", "reads"),
    [(EDITOR, True), (MINISTRY_COORDINATOR, True), (NAP_COORDINATOR, True), (READER, False)],
)
def test_internal_note_is_for_the_ministry_and_the_coordinators(
    entry: StatusEntry, ministry: Organisation, role: str, reads: bool
) -> None:
    for number in (0, 1):
        content = editing.Content(narrative=f"Text {number}.", internal_note=f"Canary {number}.")
        author = make_writable(entry)
        editing.save_text(entry, content, author=author, read_version=number)
    entry.refresh_from_db()
    at_home = ministry if role in (EDITOR, MINISTRY_COORDINATOR) else None
    client = signed_in(somebody(role, at_home))
    version = page(EntryVersion, "change", entry.latest_version_id)
    pages = [address(entry, "change"), version, address(entry, "compare")]
    assert ["Canary" in client.get(each).text for each in pages] == [reads] * 3


def test_text_that_was_sent_and_refused_is_not_offered_as_a_draft_as_well(
    editor: Client, entry: StatusEntry, writer: User
) -> None:
    opened = editor.get(address(entry, "change"))
    keep(entry, writer, tab=UUID(opened.context["tab"]))
    answer = editor.post(address(entry, "change"), as_sent(opened, narrative="# Wrong"))
    assert answer.context["errors"]
    assert not answer.context["drafts"]
    assert answer.context["begun"]


def test_draft_is_offered_with_its_first_words(
    editor: Client, entry: StatusEntry, writer: User
) -> None:
    keep(entry, writer)
    assert TYPED["narrative"][0] in editor.get(address(entry, "change")).text

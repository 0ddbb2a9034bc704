"""The page of a status entry: what a ministry sees, what it can write, what it can never reach."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions import editing
from actions.choices import EntryState, Origin
from actions.forms import PROBLEMS
from actions.models import EntryVersion, Organisation, Source, StatusEntry, Transition
from tests.admin_pages import as_sent, page
from tests.factories import (
    ADMINISTRATOR,
    EDITOR,
    MINISTRY_COORDINATOR,
    NAP_COORDINATOR,
    READER,
    ActionPointFactory,
    MembershipFactory,
    OrganisationFactory,
    ReportingRoundFactory,
    SourceFactory,
    StatusEntryFactory,
    UserFactory,
    make_writable,
    signed_in,
    somebody,
    write,
)

pytestmark = pytest.mark.django_db

LIST = "/beheer/actions/statusentry/"


def change(entry: StatusEntry) -> str:
    return page(StatusEntry, "change", entry.pk)


def publish(entry: StatusEntry) -> str:
    return reverse(
        "admin:actions_statusentry_transition", args=[entry.pk, "publish-reconstruction"]
    )


@pytest.fixture
def ministry() -> Organisation:
    return OrganisationFactory(named=True)


@pytest.fixture
def own(ministry: Organisation) -> StatusEntry:
    return StatusEntryFactory(action_point__lead=ministry, round__opened=True)


@pytest.fixture
def foreign() -> StatusEntry:
    return StatusEntryFactory(
        action_point__lead=OrganisationFactory(named=True), written="Canary text."
    )


@pytest.fixture
def editor(ministry: Organisation) -> Client:
    return signed_in(somebody(EDITOR, ministry))


@pytest.fixture
def administrator() -> Client:
    return signed_in(somebody(ADMINISTRATOR))


# --- What somebody sees


def listed(client: Client, query: str = "") -> set[StatusEntry]:
    return set(client.get(f"{LIST}?{query}").context["cl"].queryset)


def test_editor_of_szw_sees_all_entries_of_szw_and_no_other() -> None:
    szw = Organisation.objects.get(slug="szw")

    found = listed(signed_in(somebody(EDITOR, szw)))

    assert {entry.action_point.code for entry in found} == {"1.c", "1.d"}
    assert {entry.round.year for entry in found} == {2023, 2024, 2025}


def test_list_holds_the_entries_in_scope_and_no_other(
    editor: Client, own: StatusEntry, foreign: StatusEntry
) -> None:
    assert listed(editor) == {own}
    assert listed(editor, "all=") == {own}
    assert listed(editor, "o=7.6.5.4.3.2.1") == {own}
    assert listed(editor, f"q={foreign.action_point.code}") == set()
    assert listed(editor, f"q={own.action_point.code}") == {own}
    assert listed(editor, f"round={own.round_id}") == {own}
    # What is no choice is no filter: a foreign round answers like one that is not there.
    assert listed(editor, f"round={foreign.round_id}") == listed(editor, f"round={10**9}") == {own}
    assert listed(editor, "state__exact=concept") == {own}


@pytest.mark.parametrize("role", [NAP_COORDINATOR, ADMINISTRATOR, READER])
def test_list_holds_every_entry_for_who_may_read_all(role: str, foreign: StatusEntry) -> None:
    found = listed(signed_in(somebody(role)), "all=")

    assert foreign in found
    assert len(found) == StatusEntry.objects.count()


def test_filters_name_only_what_is_in_scope(
    editor: Client, ministry: Organisation, own: StatusEntry, foreign: StatusEntry
) -> None:
    filters = editor.get(LIST).context["cl"].filter_specs

    choices = {
        each.title: [key for key, _ in getattr(each, "lookup_choices", [])] for each in filters
    }
    assert [str(own.round_id)] in [list(map(str, keys)) for keys in choices.values()]
    assert [ministry.slug] in choices.values()
    slugs = Organisation.objects.exclude(pk=ministry.pk).values_list("slug", flat=True)
    assert not re.search(rf'ministry=({"|".join(slugs)})"', editor.get(LIST).text)


def test_ministry_filter_shows_what_that_ministry_answers_for(
    administrator: Client, ministry: Organisation, own: StatusEntry, foreign: StatusEntry
) -> None:
    assert listed(administrator, f"ministry={ministry.slug}") == {own}


@pytest.mark.parametrize(
    "query",
    [
        "latest_version__narrative__startswith=C",
        "versions__narrative=C",
        "action_point__responsibilities__organisation=1",
        "state__startswith=c",
        "round__year=2026",
        "id__gt=0",
        "published_version__isnull=1",
        "latest_version__author__password__startswith=p",
    ],
)
def test_no_question_beside_the_filters(editor: Client, query: str) -> None:
    assert editor.get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["round=x", "round=-1", f"round={10**30}", "ministry=none", "p=9"]
)
def test_nonsense_in_a_filter_is_no_error(editor: Client, own: StatusEntry, query: str) -> None:
    assert editor.get(f"{LIST}?{query}").status_code in (200, 302, 400)


def test_list_asks_as_many_questions_for_few_entries_as_for_many(
    editor: Client, ministry: Organisation, own: StatusEntry
) -> None:
    with CaptureQueriesContext(connection) as few:
        editor.get(LIST)
    for _ in range(10):
        write(StatusEntryFactory(action_point__lead=ministry), "Text.")
    with CaptureQueriesContext(connection) as many:
        editor.get(LIST)

    assert len(many) == len(few)


@pytest.mark.parametrize("name", ["change", "history", "delete"])
def test_foreign_and_absent_entry_cannot_be_told_apart(
    editor: Client, own: StatusEntry, foreign: StatusEntry, name: str
) -> None:
    absent = 10**9

    for method in (editor.get, editor.post):
        answers = []
        for key in (foreign.pk, absent):
            response = method(page(StatusEntry, name, key))
            shown = editor.get("/beheer/").text.replace(str(key), "KEY")
            shown = re.sub(r'value="\w{64}"', "", shown)
            answers.append((response.status_code, response.headers.get("location"), shown))
        assert answers[0] == answers[1]
        assert "Canary" not in answers[0][2]


def test_page_shows_own_text_and_history(editor: Client, own: StatusEntry) -> None:
    write(own, "First words.")
    write(own, "Second words.")

    response = editor.get(change(own))

    assert "Second words." in response.text
    assert [each.number for each in response.context["versions"]] == [2, 1]
    first = own.versions.get(number=1)
    assert page(EntryVersion, "change", first.pk) in response.text
    assert "First words." in editor.get(page(EntryVersion, "change", first.pk)).text


def test_versions_of_a_foreign_entry_are_not_there(editor: Client, foreign: StatusEntry) -> None:
    version = foreign.latest_version

    assert editor.get(page(EntryVersion, "change", version.pk)).status_code == 302
    assert "Canary" not in editor.get(page(EntryVersion, "changelist")).text


@pytest.mark.parametrize("role", [NAP_COORDINATOR, READER])
def test_who_only_reads_gets_a_page_without_a_form(role: str, foreign: StatusEntry) -> None:
    client = signed_in(somebody(role))

    response = client.get(change(foreign))

    assert "Canary text." in response.text
    assert 'name="narrative"' not in response.text
    assert 'name="_save"' not in response.text
    assert client.post(change(foreign), {"narrative": "Mine."}).status_code == 403
    assert foreign.versions.count() == 1


@pytest.mark.parametrize(
    "state", [state for state in EntryState if state not in ("concept", "returned")]
)
def test_page_is_read_only_for_the_ministry_once_it_is_out_of_its_hands(
    editor: Client, own: StatusEntry, state: EntryState
) -> None:
    write(own, "Text.")
    StatusEntry.objects.filter(pk=own.pk).update(state=state)

    response = editor.get(change(own))

    late = editor.post(change(own), {"narrative": "Mine, typed while it was open."})
    assert "Text." in response.text
    assert 'name="narrative"' not in response.text
    assert late.status_code == 409
    assert "Mine, typed while it was open." in late.text
    assert own.versions.count() == 1


def test_nobody_adds_or_deletes_an_entry(administrator: Client, own: StatusEntry) -> None:
    superuser = signed_in(UserFactory(superuser=True))

    for client in (administrator, superuser):
        for url in (page(StatusEntry, "add"), page(StatusEntry, "delete", own.pk)):
            assert client.get(url).status_code == 403
            assert client.post(url, {"post": "yes"}).status_code == 403
        assert client.post(change(own), {"_saveasnew": "1"}).status_code == 403
        refused = client.post(
            LIST, {"action": "delete_selected", "_selected_action": own.pk, "post": "yes"}
        )
        assert refused.status_code in (200, 302, 403)
    assert StatusEntry.objects.filter(pk=own.pk).exists()


# --- Writing


@pytest.mark.parametrize("role", [EDITOR, MINISTRY_COORDINATOR])
def test_ministry_writes_a_new_version(role: str, ministry: Organisation, own: StatusEntry) -> None:
    user = somebody(role, ministry)
    client = signed_in(user)
    data = as_sent(
        client.get(change(own)),
        narrative="It began.\r\n\r\n- one\r\n- two",
        progress="in_progress",
        # A ministry states how it stands; it cannot say that others derived it.
        progress_basis="derived",
    )

    response = client.post(change(own), data)

    assert response.headers["location"] == LIST
    own.refresh_from_db()
    version = own.versions.get()
    assert own.latest_version == version
    assert (version.narrative, version.progress) == ("It began.\n\n- one\n- two", "in_progress")
    assert version.progress_basis == "stated"
    assert (version.author, version.origin) == (user, Origin.REPORTED)
    assert own.state == EntryState.CONCEPT
    assert LogEntry.objects.get(object_id=str(own.pk), user=user).is_change()


def test_save_without_a_change_makes_no_version(editor: Client, own: StatusEntry) -> None:
    write(own, "First line.\n\nSecond line.")
    data = as_sent(editor.get(change(own)))
    data["narrative"] = data["narrative"].replace("\n", "\r\n")

    assert editor.post(change(own), data).status_code == 302
    assert own.versions.count() == 1


def test_stale_save_shows_both_texts_and_stores_neither_again(
    editor: Client, own: StatusEntry
) -> None:
    opened = as_sent(editor.get(change(own)))
    write(own, "Of the other.")

    response = editor.post(change(own), opened | {"narrative": "Typed by me <&>."})

    (clash,) = [each for each in response.context["clashes"] if each.name == "narrative"]
    assert (clash.words, clash.both_changed) == ("Typed by me <&>.", True)
    assert "Typed by me &lt;&amp;&gt;." in response.text
    assert own.versions.get().narrative == "Of the other."
    # Sent once more without a choice it is still stale: nothing is overwritten by stubbornness.
    editor.post(change(own), opened | {"narrative": "Typed by me <&>."})
    assert own.versions.count() == 1


@pytest.mark.parametrize(("chosen", "stored"), [("mine", "Mine."), ("theirs", "Of the other.")])
def test_choice_on_the_conflict_page_is_stored_field_by_field(
    editor: Client, own: StatusEntry, chosen: str, stored: str
) -> None:
    opened = as_sent(editor.get(change(own)))
    write(own, "Of the other.")
    typed = opened | {"narrative": "Mine.", "outlook": "Only I wrote this."}
    conflict = editor.post(change(own), typed)
    sent = dict(conflict.context["typed"]) | {"narrative": "Mine.", "outlook": typed["outlook"]}
    sent |= {"read_version": "1", "choose-outlook": "mine", "choose-progress": "theirs"}
    sent |= {"choose-progress_basis": "theirs", "choose-narrative": chosen}

    response = editor.post(change(own), sent)

    own.refresh_from_db()
    version = own.latest_version
    assert response.status_code == 302
    assert (version.number, version.narrative) == (2, stored)
    assert version.outlook == "Only I wrote this."
    assert version.progress == "in_progress"


def test_conflict_page_keeps_what_only_the_other_changed(editor: Client, own: StatusEntry) -> None:
    opened = as_sent(editor.get(change(own)))
    write(own, "Of the other.")

    clashes = editor.post(change(own), opened | {"outlook": "Mine."}).context["clashes"]

    kept = {each.name: each.keep_typed for each in clashes}
    assert kept == {"progress": False, "narrative": False, "outlook": True}


def test_a_third_text_that_comes_in_between_gives_another_conflict(
    editor: Client, own: StatusEntry
) -> None:
    opened = as_sent(editor.get(change(own)))
    write(own, "Second.")
    editor.post(change(own), opened | {"narrative": "Mine."})
    write(own, "Third.")

    sent = opened | {"narrative": "Mine.", "read_version": "1", "choose-narrative": "mine"}
    response = editor.post(change(own), sent)

    assert response.context["clashes"]
    assert own.versions.count() == 2


@pytest.mark.parametrize("read", ["", "7", "-1", "x"])
def test_save_that_does_not_say_what_it_saw_is_refused(
    editor: Client, own: StatusEntry, read: str
) -> None:
    write(own, "Of the other.")
    opened = as_sent(editor.get(change(own)))

    response = editor.post(change(own), opened | {"narrative": "Mine.", "read_version": read})

    assert "Mine." in response.text
    assert response.status_code == 200
    assert own.versions.count() == 1


def test_foreign_entry_cannot_be_saved_by_a_hand_made_post(
    editor: Client, own: StatusEntry, foreign: StatusEntry
) -> None:
    data = as_sent(editor.get(change(own)), narrative="Mine.", read_version="1")
    before = StatusEntry.objects.values().get(pk=foreign.pk)

    response = editor.post(change(foreign), data)

    assert response.status_code in (302, 403)
    assert StatusEntry.objects.values().get(pk=foreign.pk) == before
    assert foreign.versions.count() == 1


def test_fields_that_are_no_fields_are_not_written(
    editor: Client, own: StatusEntry, foreign: StatusEntry
) -> None:
    before = StatusEntry.objects.values().get(pk=own.pk)
    data = as_sent(
        editor.get(change(own)),
        narrative="Mine.",
        state=EntryState.APPROVED,
        action_point=foreign.action_point_id,
        round=foreign.round_id,
        published_version=foreign.latest_version_id,
        latest_version=foreign.latest_version_id,
        origin=Origin.RECONSTRUCTED,
        author=UserFactory().pk,
        number="9",
        entry=foreign.pk,
        created_at="2000-01-01",
    )

    editor.post(change(own), data)

    version = own.versions.get()
    after = StatusEntry.objects.values().get(pk=own.pk)
    assert after == before | {"latest_version_id": version.pk}
    assert (version.number, version.origin) == (1, Origin.REPORTED)
    assert version.created_at.date() == timezone.now().date()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"progress": "discontinued"}, "discontinued_reason"),
        ({"informed_sender": "the minister"}, "informed_before"),
        ({"internal_note": "a" * 20_001}, "internal_note"),
        ({"informed_before": "on", "informed_reference": "a" * 20_001}, "informed_reference"),
        ({"narrative": "a" * 20_001}, "narrative"),
        ({"narrative": "# Heading"}, "narrative"),
        ({"outlook": "<b>bold</b>"}, "outlook"),
        ({"letter_passage": "[x](http://plain.example)"}, "letter_passage"),
        ({"discontinued_reason": "> quote"}, "discontinued_reason"),
        ({"progress": "published"}, "progress"),
    ],
)
def test_unfit_content_is_refused_at_its_field_and_the_text_is_kept(
    editor: Client, own: StatusEntry, typed: dict[str, str], field: str
) -> None:
    data = as_sent(editor.get(change(own)), **{"letter_passage": "Kept words.", **typed})

    response = editor.post(change(own), data)

    assert list(response.context["adminform"].form.errors) == [field]
    assert data["letter_passage"] in response.context["adminform"].form["letter_passage"].value()
    assert not own.versions.exists()


TEXTS = {
    "too_long": "a" * 20_001,
    "raw_html": "<script>alert(1)</script>",
    "image": "![words](https://example.org/a.png)",
    "code": "`code`",
    "quote": "> quote",
    "horizontal_rule": "words\n\n***",
    "link_definition": "[a]: https://example.org",
    "heading_level": "# Heading",
    "misplaced": "- a\n\n  ### Heading",
    "list_depth": "\n".join("  " * depth + "- a" for depth in range(8)),
    "link_scheme": "[a](javascript:alert(1))",
    "link_title": '[a](https://example.org "title")',
    "table_empty": "| a |\n| - |",
    "table_row": "| a |\n| - |\n| b | c |",
    "table_wide": f"{'| a ' * 9}|\n{'| - ' * 9}|\n{'| b ' * 9}|",
    "footnote_nested": "a[^1]\n\n[^1]: b[^2]\n\n[^2]: c",
    "footnote_empty": "a[^1]\n\n[^1]:",
    "footnote_duplicate": "a[^1]\n\n[^1]: b\n\n[^1]: c",
    "footnote_undefined": "a[^1]",
    "footnote_unused": "[^1]: b",
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_of_a_text_has_a_sentence_at_the_field(
    editor: Client, own: StatusEntry, code: str
) -> None:
    data = as_sent(editor.get(change(own)), narrative=TEXTS[code])

    response = editor.post(change(own), data)

    beginning = str(PROBLEMS[code]).partition("%")[0].strip()
    sentences = response.context["adminform"].form.errors["narrative"]
    assert any(beginning and sentence.startswith(beginning) for sentence in sentences)
    assert all("%(" not in sentence for sentence in sentences)


def test_a_text_with_a_thousand_problems_names_ten(editor: Client, own: StatusEntry) -> None:
    data = as_sent(editor.get(change(own)), narrative="# a\n" * 1000)

    response = editor.post(change(own), data)

    sentences = response.context["adminform"].form.errors["narrative"]
    assert len(sentences) == 11
    assert "990" in sentences[-1]


def test_characters_nobody_sees_are_left_out(editor: Client, own: StatusEntry) -> None:
    data = as_sent(
        editor.get(change(own)), narrative="a\u202eb\x07", internal_note="c\ufeff\r\nd\x1b"
    )

    assert editor.post(change(own), data).status_code == 302
    version = own.versions.get()
    assert (version.narrative, version.internal_note) == ("ab", "c\nd")


def test_a_null_character_is_refused_and_no_error(editor: Client, own: StatusEntry) -> None:
    data = as_sent(editor.get(change(own)), informed_before="on", informed_sender="a\x00b")

    assert list(editor.post(change(own), data).context["adminform"].form.errors) == [
        "informed_sender"
    ]


def test_sources_are_chosen_and_keep_where_they_were_read(editor: Client, own: StatusEntry) -> None:
    first, second, third = (SourceFactory() for _ in range(3))
    write(own, "Text.", sources=[(second, "page 2"), (first, "page 1")])
    data = as_sent(editor.get(change(own)), sources=[first.pk, second.pk, third.pk])

    editor.post(change(own), data)

    own.refresh_from_db()
    assert own.latest_version.number == 2
    assert [(row.source, row.detail) for row in own.latest_version.sources.all()] == [
        (second, "page 2"),
        (first, "page 1"),
        (third, ""),
    ]


def test_reported_with_offers_only_entries_of_the_round_in_scope(
    editor: Client, ministry: Organisation, own: StatusEntry
) -> None:
    plan, each = own.round.plan, own.round
    beside, covered = (
        StatusEntryFactory(round=each, action_point=ActionPointFactory(plan=plan, lead=ministry))
        for _ in range(2)
    )
    editing.report_with(covered, beside, author=make_writable(covered))
    other_round = StatusEntryFactory(
        action_point=own.action_point, round=ReportingRoundFactory(plan=plan, year=2032)
    )
    foreign = StatusEntryFactory(
        round=each, action_point=ActionPointFactory(plan=plan, lead=OrganisationFactory())
    )

    response = editor.get(change(own))

    field = response.context["adminform"].form.fields["reported_with"]
    assert list(field.queryset) == [beside]
    for refused in (foreign, other_round, covered, own):
        posted = editor.post(change(own), as_sent(response, reported_with=refused.pk))
        assert list(posted.context["adminform"].form.errors) == ["reported_with"]
    assert editor.post(change(own), as_sent(response, reported_with=beside.pk)).status_code == 302
    own.refresh_from_db()
    assert own.reported_with == beside
    assert not own.versions.exists()


def test_reported_with_keeps_a_foreign_entry_that_was_chosen_before(
    editor: Client, own: StatusEntry
) -> None:
    foreign = StatusEntryFactory(
        round=own.round,
        action_point=ActionPointFactory(plan=own.round.plan, lead=OrganisationFactory()),
        written="Canary text.",
    )
    editing.report_with(own, foreign, author=make_writable(own))

    response = editor.get(change(own))
    editor.post(change(own), as_sent(response, narrative="Mine."))

    own.refresh_from_db()
    assert own.reported_with == foreign
    assert own.latest_version.narrative == "Mine."
    assert "Canary" not in response.text


def test_entry_that_covers_others_cannot_be_covered(
    editor: Client, ministry: Organisation, own: StatusEntry
) -> None:
    beside, covered = (
        StatusEntryFactory(
            round=own.round, action_point=ActionPointFactory(plan=own.round.plan, lead=ministry)
        )
        for _ in range(2)
    )
    editing.report_with(covered, own, author=make_writable(covered))

    data = as_sent(editor.get(change(own)), reported_with=beside.pk)

    assert list(editor.post(change(own), data).context["adminform"].form.errors) == [
        "reported_with"
    ]


def test_rights_are_asked_again_when_a_text_is_sent(editor: Client, own: StatusEntry) -> None:
    data = as_sent(editor.get(change(own)), narrative="Mine.")
    StatusEntry.objects.filter(pk=own.pk).update(state=EntryState.SUBMITTED)

    response = editor.post(change(own), data)

    assert response.status_code == 409
    assert "Mine." in response.text
    assert not own.versions.exists()


# --- What was read from public letters


@pytest.fixture
def reconstructed(ministry: Organisation) -> StatusEntry:
    return StatusEntryFactory(action_point__lead=ministry, reconstructed="From the letter.")


def test_administrator_mends_a_reconstructed_text_without_publishing_it(
    administrator: Client, reconstructed: StatusEntry
) -> None:
    public = reconstructed.published_version
    data = as_sent(administrator.get(change(reconstructed)), narrative="Better read.")

    administrator.post(change(reconstructed), data)

    reconstructed.refresh_from_db()
    assert reconstructed.latest_version.narrative == "Better read."
    assert reconstructed.latest_version.origin == Origin.RECONSTRUCTED
    assert reconstructed.published_version == public
    assert reconstructed.state == EntryState.RECONSTRUCTED


def test_administrator_publishes_the_mended_text_with_a_reason(
    administrator: Client, reconstructed: StatusEntry
) -> None:
    assert publish(reconstructed) not in administrator.get(change(reconstructed)).text
    write(reconstructed, "Better read.", origin=Origin.RECONSTRUCTED)
    assert publish(reconstructed) in administrator.get(change(reconstructed)).text

    response = administrator.post(publish(reconstructed), {"note": "Misread."})

    assert response.headers["location"] == change(reconstructed)
    reconstructed.refresh_from_db()
    assert reconstructed.published_version == reconstructed.latest_version
    step = reconstructed.transitions.last()
    assert (step.note, step.actor.pk) == ("Misread.", int(administrator.session["_auth_user_id"]))


def test_publishing_asks_for_a_reason(administrator: Client, reconstructed: StatusEntry) -> None:
    write(reconstructed, "Better read.", origin=Origin.RECONSTRUCTED)

    response = administrator.post(publish(reconstructed), {"note": "  "})

    assert response.context["form"].errors["note"]
    assert reconstructed.transitions.count() == 1


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_publishing_answers_only_to_post(
    administrator: Client, reconstructed: StatusEntry, method: str
) -> None:
    write(reconstructed, "Better read.", origin=Origin.RECONSTRUCTED)

    assert getattr(administrator, method)(publish(reconstructed)).status_code == 405
    assert reconstructed.transitions.count() == 1


def test_publishing_without_a_token_is_refused(reconstructed: StatusEntry) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(somebody(ADMINISTRATOR))
    write(reconstructed, "Better read.", origin=Origin.RECONSTRUCTED)

    assert client.post(publish(reconstructed), {"note": "Misread."}).status_code == 403
    assert reconstructed.transitions.count() == 1


@pytest.mark.parametrize("role", [EDITOR, MINISTRY_COORDINATOR, NAP_COORDINATOR, READER])
def test_publishing_is_for_the_administrator(
    role: str, ministry: Organisation, reconstructed: StatusEntry
) -> None:
    write(reconstructed, "Better read.", origin=Origin.RECONSTRUCTED)
    client = signed_in(somebody(role, ministry))

    assert publish(reconstructed) not in client.get(change(reconstructed)).text
    assert client.post(publish(reconstructed), {"note": "Misread."}).status_code == 403
    assert reconstructed.transitions.count() == 1


def test_publishing_what_is_not_possible_says_so(administrator: Client, own: StatusEntry) -> None:
    write(own, "By the ministry.")

    response = administrator.post(publish(own), {"note": "Try."})

    assert response.context["form"].non_field_errors()
    assert "Try." in response.text
    assert not Transition.objects.filter(entry=own).exists()


def test_step_on_a_foreign_or_absent_entry_or_of_no_name_is_not_there(
    editor: Client, administrator: Client, own: StatusEntry, foreign: StatusEntry
) -> None:
    for key in (foreign.pk, 10**9, 10**30):
        url = reverse("admin:actions_statusentry_transition", args=[key, "publish-reconstruction"])
        assert editor.post(url, {"note": "x"}).status_code == 404
    url = reverse("admin:actions_statusentry_transition", args=[own.pk, "take-over"])
    assert administrator.post(url).status_code == 404


# --- Several ministries


def test_user_with_two_ministries_sees_both() -> None:
    here, there = OrganisationFactory(), OrganisationFactory()
    user = somebody(EDITOR, here)
    MembershipFactory(user=user, organisation=there)
    entries = {
        StatusEntryFactory(action_point__lead=here),
        StatusEntryFactory(action_point__lead=there),
    }

    assert listed(signed_in(user)) == entries


def test_co_responsible_ministry_reads_the_entry_in_its_list(
    editor: Client, ministry: Organisation
) -> None:
    entry = StatusEntryFactory(
        action_point__lead=OrganisationFactory(), action_point__co_responsible=ministry
    )

    assert listed(editor) == {entry}


def test_sources_offered_are_all_sources(editor: Client, own: StatusEntry) -> None:
    form = editor.get(change(own)).context["adminform"].form

    assert set(form.fields["sources"].queryset) == set(Source.objects.all())


# --- References


@pytest.mark.parametrize(
    ("words", "field", "number"),
    [
        ("Zie Kamerstuk 99 887, nr. 6.", "publication_id", "kst-99887-6"),
        ("Zie 2031D01234.", "document_number", "2031D01234"),
    ],
)
def test_document_that_is_not_registered_is_offered_with_its_number_filled_in(
    own: StatusEntry, words: str, field: str, number: str
) -> None:
    write(own, words)
    coordinator = signed_in(somebody(NAP_COORDINATOR))
    (link,) = re.findall(
        r'href="([^"]*parliamentarydocument/add/[^"]*)"', page_of(coordinator, own)
    )

    form = coordinator.get(link.replace("&amp;", "&"))
    sent = as_sent(form, kind="letter", title="Another letter", date="01-02-2031")

    assert sent[field] == number
    assert coordinator.post(form.request["PATH_INFO"], sent).status_code == 302
    assert own.latest_version.citations.get().document.title == "Another letter"
    page = page_of(coordinator, own)
    assert "Another letter" in page
    assert "parliamentarydocument/add/" not in page


def test_law_is_not_offered_for_the_register_of_documents(own: StatusEntry) -> None:
    write(own, "Zie Verordening (EU) 2024/1781.")
    assert own.latest_version.citations.exists()

    assert "parliamentarydocument/add/" not in page_of(signed_in(somebody(NAP_COORDINATOR)), own)


def test_who_cannot_register_documents_is_offered_nothing(own: StatusEntry, editor: Client) -> None:
    write(own, "Zie Kamerstuk 99 887, nr. 6.")

    page = page_of(editor, own)

    assert "Kamerstuk 99 887, nr. 6" in page
    assert "parliamentarydocument/add/" not in page


def test_dossier_one_digit_off_a_known_one_is_a_warning_and_stays_as_typed(
    own: StatusEntry, editor: Client
) -> None:
    typed = as_sent(editor.get(change(own)), narrative="Zie Kamerstuk 32 734, nr. 377.")

    response = editor.post(change(own), typed, follow=True)

    (warning,) = [str(each) for each in response.context["messages"] if each.level_tag == "warning"]
    assert "32735" in warning.replace(" ", "")
    own.refresh_from_db()
    assert own.latest_version.narrative == "Zie Kamerstuk 32 734, nr. 377."
    assert own.latest_version.citations.get().identifier == "kst-32734-377"
    assert "nap-warning" in page_of(editor, own)


def page_of(client: Client, entry: StatusEntry) -> str:
    response = client.get(change(entry))
    assert response.status_code == 200
    return response.text

"""Whatever people do, in whichever order, with whatever they still have on their screens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from actions import editing, remarks, workflow
from actions.choices import Answer, EntryState, Origin, RemarkField, Verdict
from actions.models import (
    EntryRemark,
    EntryVersion,
    ReportingRound,
    SignOff,
    StatusEntry,
    Transition,
)
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import AuditHead
from tests import factories
from tests.factories import EDITOR, NAP_COORDINATOR, MembershipFactory
from tests.workflow_people import ADDED, Cast, cast, content

pytestmark = pytest.mark.django_db

STEPS_IN_A_ROW = 100
# In place of the number of an entry: one that is in a state for it, if there is one.
FITS = -1
OPEN = (EntryState.CONCEPT, EntryState.RETURNED)
REFUSALS = (
    PermissionDenied,
    ValidationError,
    editing.Changed,
    editing.Closed,
    workflow.NotPossible,
)
# What goes well too rarely when each choice is by chance alone.
FORWARD = {
    EntryState.CONCEPT: "submit",
    EntryState.RETURNED: "submit",
    EntryState.SUBMITTED: "approve",
}


class Ministries(RuleBasedStateMachine):
    """Three texts of one round and one that is read from a letter, with all who work on them."""

    people: ClassVar[Cast]
    persons: ClassVar[tuple[User, ...]]
    entries: ClassVar[tuple[StatusEntry, ...]]
    steps: ClassVar[int] = 0
    done: ClassVar[Counter[str]]
    refused: ClassVar[Counter[str]]
    reached: ClassVar[set[str]]

    # Mostly somebody who may do it, often enough anybody else: by their place in `persons`.
    WHO = st.integers(0, 8)
    MINISTRY = st.sampled_from([1, 1, 1, 0, *range(9)])
    SIGNER = st.sampled_from([2, 2, 2, 2, 2, 2, *range(9)])
    COORDINATOR = st.sampled_from([5, 6, 5, 6, 4, *range(9)])
    WHICH = st.sampled_from([FITS, FITS, 0, 1, 2, 3])
    OLD = st.sampled_from([False, False, False, True])
    BEHIND = st.sampled_from([0, 0, 0, 1])
    WORDS = st.sampled_from(["One.", "Two.", "Three."])
    REASON = st.sampled_from(["Because.", "Because.", "  "])

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        # What somebody has on the screen and has not read anew since.
        self.on_screen = {entry.pk: StatusEntry.objects.get(pk=entry.pk) for entry in self.entries}
        self.written: dict[int, list[tuple[int, bool]]] = {each.pk: [] for each in self.entries}
        self.submitted_by: dict[int, set[int]] = {each.pk: set() for each in self.entries}
        self.said: dict[int, Verdict] = {}
        self.released: Any = None
        self.last = ""
        self.looked = False
        self.before = self.rows()
        self.kept = self.stored()
        self.links = AuditHead.objects.get().sequence

    def teardown(self) -> None:
        try:
            assert list(trail.verify()) == []
        finally:
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)

    # What people do.

    @rule(who=MINISTRY, which=WHICH, old=OLD, behind=BEHIND, words=WORDS, chosen=st.booleans())
    def save(self, who: int, which: int, old: bool, behind: int, words: str, chosen: bool) -> None:
        text = content(words) if chosen else content(words, progress="", progress_basis="")
        entry = self.entry(which, old, *OPEN)
        author = self.persons[who]
        origin = Origin.RECONSTRUCTED if entry.pk == self.entries[3].pk else Origin.REPORTED
        self.attempt(
            "save",
            lambda: editing.save_text(
                entry, text, author=author, read_version=self.read(entry, behind), origin=origin
            ),
        )

    @rule(which=st.sampled_from([0, 1, 2]), words=WORDS)
    def save_as_the_editor_does(self, which: int, words: str) -> None:
        entry, author = self.entry(which, False), self.people.editor
        self.attempt(
            "save",
            lambda: editing.save_text(
                entry, content(words), author=author, read_version=self.read(entry)
            ),
        )

    @rule(
        who=MINISTRY,
        which=WHICH,
        old=OLD,
        behind=BEHIND,
        number=st.integers(1, 2),
        foreign=st.sampled_from([False, False, True]),
    )
    def restore(
        self, who: int, which: int, old: bool, behind: int, number: int, foreign: bool
    ) -> None:
        entry, author = self.entry(which, old, *OPEN), self.persons[who]
        # Now and then a version of another entry.
        versions = EntryVersion.objects.filter(entry=self.entries[0] if foreign else entry)
        version = versions.filter(number=number).first()
        if version is not None:
            self.attempt(
                "restore",
                lambda: editing.restore(
                    entry, version, author=author, read_version=self.read(entry, behind)
                ),
            )

    @rule(who=MINISTRY, which=WHICH, old=OLD)
    def submit(self, who: int, which: int, old: bool) -> None:
        entry, actor = self.entry(which, old, *OPEN), self.persons[who]
        self.attempt("submit", lambda: workflow.submit(entry, actor=actor))

    @rule(who=COORDINATOR, which=WHICH, old=OLD, reason=REASON)
    def send_back(self, who: int, which: int, old: bool, reason: str) -> None:
        entry, actor = self.entry(which, old, EntryState.SUBMITTED), self.persons[who]
        self.attempt("send back", lambda: workflow.send_back(entry, actor=actor, reason=reason))

    @rule(who=COORDINATOR, which=WHICH, old=OLD, note=REASON)
    def approve(self, who: int, which: int, old: bool, note: str) -> None:
        entry, actor = self.entry(which, old, EntryState.SUBMITTED), self.persons[who]
        self.attempt("approve", lambda: self.approved(entry, actor, note))

    @rule(who=COORDINATOR, which=WHICH, old=OLD, reason=REASON)
    def reopen(self, who: int, which: int, old: bool, reason: str) -> None:
        entry, actor = (
            self.entry(which, old, EntryState.APPROVED, EntryState.NOT_SUPPLIED),
            self.persons[who],
        )
        self.attempt("reopen", lambda: workflow.reopen(entry, actor=actor, reason=reason))

    @rule(who=COORDINATOR, which=WHICH, old=OLD, reason=REASON)
    def note_absence(self, who: int, which: int, old: bool, reason: str) -> None:
        entry, actor = self.entry(which, old, *OPEN), self.persons[who]
        self.attempt(
            "not supplied", lambda: workflow.mark_not_supplied(entry, actor=actor, reason=reason)
        )

    @rule(who=SIGNER, which=WHICH, old=OLD, verdict=st.sampled_from(Verdict), behind=BEHIND)
    def sign(self, who: int, which: int, old: bool, verdict: Verdict, behind: int) -> None:
        entry, actor = (
            self.entry(which, old, EntryState.SUBMITTED, EntryState.APPROVED),
            self.persons[who],
        )
        self.attempt(
            "sign off",
            lambda: workflow.sign_off(
                entry,
                organisation=self.people.partner,
                verdict=verdict,
                actor=actor,
                read_version=self.read(entry, behind),
                remark="As we see it.",
            ),
        )

    @rule(who=WHO, which=WHICH, old=OLD, behind=BEHIND, words=st.sampled_from(["", "Better."]))
    def remark(self, who: int, which: int, old: bool, behind: int, words: str) -> None:
        entry, author = self.entry(which, old, EntryState.SUBMITTED, *OPEN), self.persons[who]
        self.attempt(
            "remark",
            lambda: remarks.make(
                entry,
                text="Which year?",
                author=author,
                read_version=self.read(entry, behind),
                field=RemarkField.NARRATIVE if words else RemarkField.WHOLE,
                proposal=words,
            ),
        )

    @rule(
        who=MINISTRY,
        behind=BEHIND,
        how=st.sampled_from(Answer),
        again=st.sampled_from([False, False, False, True]),
    )
    def answer(self, who: int, behind: int, how: Answer, again: bool) -> None:
        made = EntryRemark.objects.filter(entry__in=self.entries).order_by("pk")
        remark = made.first() if again else made.filter(answer=None).first()
        if remark is not None:
            entry = StatusEntry.objects.get(pk=remark.entry_id)
            actor = self.persons[who]
            self.attempt(
                "answer",
                lambda: remarks.answer(
                    remark,
                    answer=how,
                    actor=actor,
                    read_version=self.read(entry, behind),
                    reason="It says so.",
                ),
            )

    @rule(who=COORDINATOR, hours=st.sampled_from([None, None, -5, 5]))
    def publish_round(self, who: int, hours: int | None) -> None:
        each, actor = ReportingRound.objects.get(pk=self.people.round.pk), self.persons[who]
        moment = timezone.now() + timedelta(hours=hours) if hours else None
        self.attempt(
            "publish round",
            lambda: self.published(each, actor, moment),
        )

    @rule(who=COORDINATOR, which=WHICH, old=OLD, reason=REASON)
    def publish_correction(self, who: int, which: int, old: bool, reason: str) -> None:
        entry, actor = self.entry(which, old, EntryState.APPROVED), self.persons[who]
        self.attempt(
            "publish correction",
            lambda: workflow.publish_correction(entry, actor=actor, reason=reason),
        )

    @rule(who=WHO, which=WHICH, old=OLD, note=REASON)
    def publish_reconstruction(self, who: int, which: int, old: bool, note: str) -> None:
        entry, actor = self.entry(which, old, EntryState.RECONSTRUCTED), self.persons[who]
        self.attempt(
            "publish reconstruction",
            lambda: workflow.publish_reconstruction(entry, actor=actor, note=note),
        )

    @rule(who=COORDINATOR)
    def open_round(self, who: int) -> None:
        each, actor = ReportingRound.objects.get(pk=self.people.round.pk), self.persons[who]
        self.attempt("open round", lambda: workflow.open_round(each, actor=actor))

    @rule(which=st.sampled_from([0, 1, 2]))
    def next_good_step(self, which: int) -> None:
        entry = self.entry(which, False)
        step = FORWARD.get(EntryState(entry.state))
        if step == "submit" and entry.latest_version is None:
            self.save_as_the_editor_does(which, "First words.")
        elif step == "submit":
            self.attempt("submit", lambda: workflow.submit(entry, actor=self.people.submitter))
        elif step == "approve":
            self.attempt("approve", lambda: self.approved(entry, self.people.first, "By phone."))

    @rule(words=WORDS)
    def read_the_letter(self, words: str) -> None:
        entry, actor = self.entry(3, False), self.people.administrator
        if entry.latest_version_id == entry.published_version_id:
            self.attempt(
                "save",
                lambda: editing.save_text(
                    entry,
                    content(words),
                    author=actor,
                    read_version=self.read(entry),
                    origin=Origin.RECONSTRUCTED,
                ),
            )
        else:
            self.attempt(
                "publish reconstruction",
                lambda: workflow.publish_reconstruction(entry, actor=actor, note="Letter."),
            )

    @rule()
    def finish(self) -> None:
        """Answer a remark, or bring the first unfinished text further, or publish the round."""
        remark = (
            EntryRemark.objects.open().filter(entry__in=self.entries[:3]).order_by("pk").first()
        )
        waiting = workflow.unfinished(self.people.round)
        if remark is not None:
            self.attempt(
                "answer",
                lambda: remarks.answer(
                    remark,
                    answer=Answer.REJECTED,
                    actor=self.people.editor,
                    read_version=0,
                    reason="It says so.",
                ),
            )
        elif waiting:
            self.next_good_step(self.entries.index(waiting[0]))
        elif self.released is None:
            each = ReportingRound.objects.get(pk=self.people.round.pk)
            self.attempt("publish round", lambda: self.published(each, self.people.second, None))
        else:
            self.correct_what_is_out(0)

    @rule(which=st.sampled_from([0, 1, 2]))
    def correct_what_is_out(self, which: int) -> None:
        """Make the next step towards a correction, once the round is published."""
        if self.released is None:
            return
        entry = self.entry(which, False)
        newer = entry.latest_version_id != entry.published_version_id
        if newer and entry.state == EntryState.APPROVED:
            self.attempt(
                "publish correction",
                lambda: workflow.publish_correction(
                    entry, actor=self.people.first, reason="A number."
                ),
            )
        elif entry.state in OPEN and not newer:
            self.save_as_the_editor_does(which, "Corrected.")
        elif entry.state in FORWARD:
            self.next_good_step(which)
        else:
            self.attempt(
                "reopen",
                lambda: workflow.reopen(entry, actor=self.people.first, reason="Wrong."),
            )

    # How it goes.

    def entry(self, which: int, old: bool, *states: EntryState) -> StatusEntry:
        """Return an entry as it is now, or as somebody read it at the start."""
        if which == FITS:
            fitting = [key for key, row in self.before.items() if row["state"] in states]
            key = fitting[self.steps % len(fitting)] if fitting else self.entries[0].pk
        else:
            key = self.entries[which].pk
        return self.on_screen[key] if old else StatusEntry.objects.get(pk=key)

    def read(self, entry: StatusEntry, behind: int = 0) -> int:
        """Return the number of the version that somebody has before them."""
        return max(0, (entry.latest_version.number if entry.latest_version else 0) - behind)

    def attempt(self, name: str, call: Callable[[], object]) -> None:
        """Do something, or be refused: then nothing changed at all."""
        cls = type(self)
        cls.steps += 1
        self.last = ""
        try:
            call()
        except REFUSALS:
            cls.refused[name] += 1
            assert self.stored() == self.kept, f"{name} was refused, and yet something changed"
        else:
            cls.done[name] += 1
            self.last, self.kept = name, self.stored()

    def stored(self) -> list[Any]:
        """Return all that a step can write."""
        rounds = ReportingRound.objects.filter(pk=self.people.round.pk)
        return [self.rows(), rounds.values().get(), counted()]

    def approved(self, entry: StatusEntry, actor: User, note: str) -> None:
        """Approve, and look whether that person might do so at that moment."""
        workflow.approve(entry, actor=actor, note=note)
        authors = {author for author, _chosen in self.written[entry.pk]}
        assert actor.pk not in authors | self.submitted_by[entry.pk]
        assert self.said.get(entry.pk) != Verdict.NOT_AGREED
        assert note.strip() or entry.pk in self.said

    def published(self, each: ReportingRound, actor: User, moment: Any) -> None:
        """Publish the round, and know from when it is public."""
        workflow.publish_round(each, actor=actor, released_at=moment)
        each.refresh_from_db()
        assert self.released is None or moment is None or moment == each.released_at
        if self.released is None:
            self.released = moment or timezone.now()

    # What always holds.

    def rows(self) -> dict[int, dict[str, Any]]:
        ours = StatusEntry.objects.filter(pk__in=[entry.pk for entry in self.entries])
        return {row["id"]: row for row in ours.values()}

    @invariant()
    def holds(self) -> None:
        now: dict[int, dict[str, Any]] = self.kept[0]
        # What was refused left all rows as they were: they were looked at before.
        if self.last or not self.looked:
            self.look_at_versions(now)
            self.look_at_transitions(now)
            self.looked = True
        self.look_at_the_public(now)
        self.look_at_the_trail()
        # A rule may find nothing to do.
        self.before, self.last = now, ""

    def look_at_versions(self, now: dict[int, dict[str, Any]]) -> None:
        found: dict[int, list[tuple[int, int, int, str]]] = {key: [] for key in now}
        versions = EntryVersion.objects.filter(entry__in=list(now)).order_by("number")
        for key, *row in versions.values_list("entry", "pk", "number", "author", "progress"):
            found[key].append(tuple(row))
        signed: dict[int, Verdict] = {}
        for key, version, verdict in (
            SignOff.objects.filter(version__entry__in=list(now))
            .order_by("pk")
            .values_list("version__entry", "version", "verdict")
        ):
            if found[key][-1][0] == version:
                signed[key] = verdict
        for key, rows in found.items():
            assert [number for _pk, number, _author, _progress in rows] == list(
                range(1, len(rows) + 1)
            )
            latest = rows[-1][0] if rows else None
            assert now[key]["latest_version_id"] == latest
            if len(rows) != len(self.written[key]):
                before = self.before[key]["state"]
                letter = key == self.entries[3].pk and before == EntryState.RECONSTRUCTED
                assert before in OPEN or letter, "a text changed that was not open"
                assert self.last in ("save", "restore", "answer")
                assert len(rows) == len(self.written[key]) + 1
            self.written[key] = [(author, bool(chosen)) for _pk, _n, author, chosen in rows]
            if now[key]["state"] in (EntryState.SUBMITTED, EntryState.APPROVED):
                assert self.written[key][-1][1], "submitted without a choice of progress"
            in_force = StatusEntry(pk=key, latest_version_id=latest).sign_offs_in_force()
            assert [each.verdict for each in in_force.values()] == (
                [signed[key]] if key in signed else []
            )
        self.said = signed

    def look_at_transitions(self, now: dict[int, dict[str, Any]]) -> None:
        found: dict[int, list[tuple[int, str, str]]] = {key: [] for key in now}
        steps = Transition.objects.filter(entry__in=list(now)).order_by("pk")
        for key, *row in steps.values_list("entry", "actor", "from_state", "to_state"):
            found[key].append(tuple(row))
        for key, rows in found.items():
            states = [(None, EntryState.CONCEPT), *((start, end) for _who, start, end in rows)]
            assert all(step[1] == following[0] for step, following in pairwise(states))
            assert now[key]["state"] == states[-1][1]
            self.submitted_by[key] = {
                actor for actor, _start, end in rows if end == EntryState.SUBMITTED
            }
        type(self).reached |= {row["state"] for row in now.values()}

    def look_at_the_public(self, now: dict[int, dict[str, Any]]) -> None:
        for key, row in now.items():
            if row["published_version_id"] != self.before[key]["published_version_id"]:
                assert self.last.startswith("publish ")
                assert row["published_version_id"] == row["latest_version_id"]
                assert row["state"] in (EntryState.APPROVED, EntryState.RECONSTRUCTED)
        public = set(
            StatusEntry.objects.public().filter(pk__in=list(now)).values_list("pk", flat=True)
        )
        out = self.released is not None and self.released <= timezone.now()
        # The round that is read from a letter is released from the start.
        letter = self.entries[3].pk
        shown = {key for key, row in now.items() if row["published_version_id"] is not None}
        assert public == {key for key in shown if out or key == letter}
        assert self.released is not None or shown <= {letter}

    def look_at_the_trail(self) -> None:
        links = AuditHead.objects.get().sequence
        assert self.last or links == self.links, "something was logged that was not done"
        again = self.last in ("open round", "publish round")
        assert not self.last or links > self.links or again, "something was done and not logged"
        self.links = links


def counted() -> tuple[int, ...]:
    """Return in one question how many rows there are of everything that is only ever added."""
    tables = ", ".join(f'(SELECT count(*) FROM "{each._meta.db_table}")' for each in ADDED)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {tables}")
        found: tuple[int, ...] = cursor.fetchone()
    return found


def everybody() -> type[Ministries]:
    """Return the machine with its people and entries, made once for the whole run."""
    people = cast(points=3)
    letter = factories.StatusEntryFactory(
        action_point=factories.ActionPointFactory(lead=people.lead, co_responsible=people.partner),
        round__released=True,
    )
    # On the last day at the ministry and the first as a coordinator: both roles at once.
    moved = people.stranger
    MembershipFactory(user=moved, organisation=people.lead, role=EDITOR)
    MembershipFactory(
        user=moved,
        organisation=people.first.memberships.get().organisation,
        role=NAP_COORDINATOR,
    )
    accounts = [
        *(people.editor, people.submitter, people.signer, people.partner_editor, moved),
        *(people.first, people.second, people.reader, people.administrator),
    ]
    persons = tuple(User.objects.get(pk=account.pk) for account in accounts)

    class Fresh(Ministries):
        pass

    Fresh.people, Fresh.persons, Fresh.entries = people, persons, (*people.entries, letter)
    Fresh.done, Fresh.refused, Fresh.reached = Counter(), Counter(), set()
    return Fresh


def run(steps: int) -> None:
    """Take at least this many steps, and look whether they led everywhere."""
    machine = everybody()
    every = {
        *("save", "restore", "submit", "send back", "approve", "reopen", "not supplied"),
        *("sign off", "remark", "answer", "publish round", "publish correction"),
        *("publish reconstruction", "open round"),
    }

    def complete() -> bool:
        return (
            machine.reached == set(EntryState.values)
            and set(machine.done) == every
            and set(machine.refused) == every
        )

    # Chance may leave out a correction, which comes once in two thousand steps; then it goes on.
    for _run in range(40):
        left = steps - machine.steps if machine.steps < steps else not complete() and steps // 5
        if left:
            enough = settings(
                max_examples=-(-left // STEPS_IN_A_ROW),
                stateful_step_count=STEPS_IN_A_ROW,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            run_state_machine_as_test(machine, settings=enough)

    assert machine.steps >= steps
    assert complete(), (machine.reached, machine.done, machine.refused)


def test_nothing_breaks_in_2500_steps_of_everybody() -> None:
    # On two databases: 5,000 steps in each whole run of the tests.
    run(2_500)


@pytest.mark.soak
def test_soak_nothing_breaks_in_50000_steps_of_everybody() -> None:
    run(50_000)

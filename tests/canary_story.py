"""A plan in which everything that is not public says one word, and a crawler that looks for it."""

from __future__ import annotations

import io
import zipfile
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import pypdfium2
from bs4 import BeautifulSoup
from django.apps import apps
from django.db.models import BinaryField, CharField, JSONField, Model, TextField
from django.test import Client
from django.utils import timezone, translation

from actions import drafts, editing, remarks, workflow
from actions.choices import Answer, EntryState, Progress, RemarkField, Verdict
from actions.models import Plan, PlanParticipant, Source, StatusEntry
from napmonitor.accounts.models import User
from reports import arranging, handling
from reports.arrangement import stored
from reports.choices import Handling, Kind, RouteRole, Stage
from reports.document import nodes
from tests.edition_story import (
    decided,
    frozen,
    give_letter,
    issued,
    quick_rendering,
    version_of,
)
from tests.workflow_people import Cast, cast, content

CANARY: Final = "zqkanarie"
# Stands in what is public, so that a crawl that finds nothing anywhere is noticed.
CONTROL: Final = "zqopenbaar"


def secret(place: str) -> str:
    """Return a sentence that nobody outside may read, with where it was put."""
    return f"{CANARY}x{place} staat hier."


def secret_content(place: str, **options: Any) -> editing.Content:
    """Return a text of which every field says the word."""
    fields = {
        "outlook": secret(f"{place}vooruit"),
        "letter_passage": secret(f"{place}passage"),
        "informed_before": True,
        "informed_reference": secret(f"{place}verwijzing"),
        "informed_sender": secret(f"{place}afzender"),
        "internal_note": secret(f"{place}notitie"),
    }
    return content(secret(f"{place}tekst"), **fields | options)


def write(people: Cast, entry: StatusEntry, text: editing.Content) -> None:
    entry.refresh_from_db()
    number = entry.latest_version.number if entry.latest_version else 0
    source = Source.objects.get(code="S1")
    detail = secret("vindplaats") if CANARY in text.narrative else "p. 1"
    editing.save_text(
        entry, text, author=people.editor, read_version=number, sources=[(source, detail)]
    )
    entry.refresh_from_db()


# --- The story


def tell() -> None:
    """Fill the real plan with a year that is out, one under embargo, and one that is open."""
    plan = Plan.objects.get(slug="2022-2026")
    with quick_rendering(), translation.override("nl"):
        _released(plan)
        _embargoed(plan)
        _open(plan)
    _rename_people()


def _released(plan: Plan) -> None:
    """Publish a year of which every text but the last was secret, and go on working in it."""
    people = cast(points=3, plan=plan, year=2030)
    for entry in people.entries:
        write(people, entry, secret_content("eerder"))
        workflow.submit(entry, actor=people.submitter)
        workflow.send_back(entry, actor=people.first, reason=secret("terug"))
        write(people, entry, content(f"{CONTROL} tekst.", internal_note=secret("notitie")))
        remark = remarks.make(
            entry,
            text=secret("opmerking"),
            field=RemarkField.NARRATIVE,
            quote="tekst",
            proposal=secret("voorstel"),
            author=people.first,
            read_version=2,
        )
        remarks.answer(
            remark,
            answer=Answer.REJECTED,
            actor=people.editor,
            read_version=2,
            reason=secret("antwoord"),
        )
        workflow.submit(entry, actor=people.submitter)
        people.sign(entry, Verdict.AGREED_WITH_REMARK, secret("akkoord"))
        workflow.approve(entry, actor=people.first)
    give_letter(people)
    _documents(people)
    workflow.publish_round(people.round, actor=people.first)
    corrected, reopened, _left = people.entries
    workflow.reopen(corrected, actor=people.first, reason=secret("heropend"))
    write(people, corrected, content(f"{CONTROL} verbeterd.", internal_note=secret("later")))
    workflow.submit(corrected, actor=people.submitter)
    people.sign(corrected)
    workflow.approve(corrected, actor=people.first)
    workflow.publish_correction(corrected, actor=people.first, reason=f"{CONTROL} reden.")
    workflow.reopen(reopened, actor=people.first, reason=secret("heropend"))
    write(people, reopened, secret_content("daarna"))


def _documents(people: Cast) -> None:
    """Issue a set after a concept with remarks and a decision, and work on the next one."""
    PlanParticipant.objects.create(plan=people.round.plan, organisation=people.partner)
    handling.choose_name(people.round, f"{CANARY}xnaam", True, actor=people.first)
    concept = _remarked(people)
    decided(people, concept)
    issued(people)
    _own_text(people, Kind.LETTER)
    _remarked(people)


def _remarked(people: Cast) -> Any:
    concept = frozen(people, Stage.CONCEPT, files=False)
    letter = version_of(concept, Kind.LETTER)
    node = next(iter(nodes(letter.document("public")))).id
    remark = handling.add_remark(
        letter,
        node_id=node,
        on_behalf_of=secret("namens"),
        text=secret("leesopmerking"),
        proposal=secret("leesvoorstel"),
        actor=people.first,
    )
    handling.handle_remark(
        remark, actor=people.first, handling=Handling.TAKEN, answer=secret("verwerkt")
    )
    handling.sign_off(
        letter,
        organisation=people.partner,
        verdict=Verdict.AGREED_WITH_REMARK,
        remark=secret("paraaf"),
        actor=people.signer,
    )
    return concept


def _own_text(people: Cast, kind: Kind) -> None:
    """Let a coordinator write beside what was built, in a document that is not issued."""
    built = stored(arranging.built(arranging.read(people.round), kind))
    line = next(each for each in built if each.built and not each.fixed)
    at = arranging.At(line.node_id, 1, secret("eigen"))
    arranging.save(people.round, kind, at, actor=people.first)


def _embargoed(plan: Plan) -> None:
    """Publish a year that everyone may see tomorrow."""
    people = cast(points=1, plan=plan, year=2029)
    write(people, people.entry, secret_content("embargo"))
    workflow.submit(people.entry, actor=people.submitter)
    people.sign(people.entry)
    workflow.approve(people.entry, actor=people.first)
    people.round.statement = secret("kabinetembargo")
    people.round.statement_source = Source.objects.order_by("pk").first()
    give_letter(people)
    issued(people)
    workflow.publish_round(
        people.round, actor=people.first, released_at=timezone.now() + timedelta(days=1)
    )


def _open(plan: Plan) -> None:
    """Leave a year in which a text stands in every state, with all that hangs on it."""
    people = cast(points=6, plan=plan, year=2031)
    states = {
        EntryState.CONCEPT: people.entries[0],
        EntryState.SUBMITTED: people.entries[1],
        EntryState.RETURNED: people.entries[2],
        EntryState.APPROVED: people.entries[3],
        EntryState.NOT_SUPPLIED: people.entries[4],
    }
    for state, entry in states.items():
        write(people, entry, secret_content(state.value))
        if state == EntryState.NOT_SUPPLIED:
            workflow.mark_not_supplied(entry, actor=people.first, reason=secret("nietgeleverd"))
        elif state != EntryState.CONCEPT:
            workflow.submit(entry, actor=people.submitter)
        if state == EntryState.RETURNED:
            workflow.send_back(entry, actor=people.first, reason=secret("terug"))
        if state == EntryState.APPROVED:
            people.sign(entry)
            workflow.approve(entry, actor=people.first)
    stopped = {"progress": Progress.DISCONTINUED, "discontinued_reason": secret("gestopt")}
    write(people, people.entries[5], secret_content("gestopt", **stopped))
    drafts.keep(
        people.entries[0],
        writer=people.editor,
        tab=uuid4(),
        read_version=1,
        typed={"narrative": [secret("concept")]},
    )
    people.round.statement = secret("kabinet")
    people.round.statement_source = Source.objects.order_by("pk").first()
    people.round.save()
    give_letter(people)
    # Of a note that is issued, everyone may read to which offices it went.
    route = [handling.RouteLine(RouteRole.TO, secret("route"))]
    handling.set_route(people.round, route, actor=people.first)
    frozen(people, Stage.CONCEPT, files=False)


def _rename_people() -> None:
    """Call everybody who works here the word; only now, as documents may name who signed."""
    for number, user in enumerate(User.objects.exclude(pk=User.objects.system().pk)):
        user.name = f"{CANARY} naam {number}"
        user.email = f"{CANARY}{number}@test.example"
        user.save()


# --- Where it is


def places() -> set[str]:
    """Return every column of the database in which the word stands."""
    return {
        f"{model._meta.label}.{column.name}"
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, (CharField, TextField, JSONField, BinaryField))
        and _holds(model, column.name)
    }


def _holds(model: type[Model], column: str) -> bool:
    return any(
        CANARY in (bytes(value).decode(errors="replace") if _is_bytes(value) else str(value))
        for value in model._base_manager.values_list(column, flat=True)
        if value is not None
    )


def _is_bytes(value: object) -> bool:
    return isinstance(value, (bytes, memoryview))


# --- The crawl


@dataclass
class Crawl:
    """Every public answer that links lead to, and what each of them says."""

    client: Client = field(default_factory=Client)
    # Of an address with many filters only so many combinations are asked.
    most: int = 3
    asked: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    with_canary: list[str] = field(default_factory=list)
    with_control: list[str] = field(default_factory=list)
    _combinations: Counter[str] = field(default_factory=Counter)

    def follow(self, *starts: str) -> None:
        """Ask these addresses and all that they lead to, once each."""
        waiting = deque(starts)
        while waiting:
            address = waiting.popleft()
            if not self._is_new(address):
                continue
            answer = self.client.get(address)
            waiting += self.look(address, answer)

    def look(self, address: str, answer: Any) -> list[str]:
        """Note what an answer says; return where it leads."""
        if answer.status_code in (301, 302):
            self.statuses[answer.status_code] += 1
            return [_own(address, answer["Location"])]
        body = answer.getvalue()
        kind = answer.get("Content-Type", "").partition(";")[0]
        said = f"{answer.headers} {words(body, kind)}".lower()
        self.statuses[answer.status_code] += 1
        self.kinds[kind] += 1
        if CANARY in said:
            at = said.index(CANARY)
            self.with_canary.append(f"{address}: {said[max(at - 40, 0) : at + 40]}")
        if CONTROL in said:
            self.with_control.append(address)
        return [_own(address, each) for each in _links(body, kind)]

    def _is_new(self, address: str) -> bool:
        parts = urlsplit(address)
        if not address or address in self.asked or parts.path.startswith(("/beheer/", "/static/")):
            return False
        if parts.query and self._combinations[parts.path] >= self.most:
            return False
        self._combinations[parts.path] += bool(parts.query)
        self.asked.add(address)
        return True


def words(body: bytes, kind: str) -> str:
    """Return all text in an answer, also in what is packed."""
    if body[:5] == b"%PDF-":
        pdf = pypdfium2.PdfDocument(body)
        return " ".join(page.get_textpage().get_text_bounded() for page in pdf)
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return " ".join(
                packed.read(name).decode(errors="replace") for name in packed.namelist()
            )
    return body.decode(errors="replace")


def _links(body: bytes, kind: str) -> Iterator[str]:
    if kind == "text/html":
        page = BeautifulSoup(body, "lxml")
        for name in ("href", "src", "action"):
            yield from (str(each[name]) for each in page.select(f"[{name}]"))
        for each in page.find_all("meta", property="og:image"):
            yield str(each["content"])
    elif kind in ("application/xml", "application/atom+xml"):
        page = BeautifulSoup(body, "xml")
        yield from (each.text for each in page.find_all("loc"))
        yield from (str(each["href"]) for each in page.find_all(href=True))


def _own(address: str, link: str) -> str:
    """Return where a link leads on this site; empty when it leads elsewhere."""
    found = urlsplit(urljoin(f"http://testserver{address}", link))
    if found.scheme != "http" or found.hostname != "testserver":
        return ""
    return f"{found.path}?{found.query}" if found.query else found.path

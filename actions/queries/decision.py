"""What a decision note says beside the public facts: how far the texts are, and what stays inside.

Only for who may read the internal notes of all ministries. Nothing public imports this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from django.utils import timezone

from actions.choices import DocumentKind, EntryState, ResponsibilityRole, Verdict
from actions.models import (
    ActionPoint,
    OfficeHolding,
    ParliamentaryDocument,
    ReportingRound,
    Responsibility,
    StatusEntry,
    Transition,
)
from actions.queries.conversions import document_record, signatory
from actions.queries.names import ResponsibilityBook
from actions.queries.records import Document, Name, Signatory
from napmonitor.accounts.models import SYSTEM_EMAIL, User


@dataclass(frozen=True, slots=True)
class Inside:
    """One action point in the decision note; `note` and `reason` are not public."""

    code: str
    title: str
    ministry: Name | None
    state: EntryState
    version: int
    note: str
    # Why the text was not supplied.
    reason: str


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """What the decision note over one round is built from, beside the public report."""

    # Who decides: the holder of the office that signed the letter, or that signed the last one.
    addressee: Signatory | None
    points: tuple[Inside, ...]
    # Ministries whose own texts are all approved, and that agreed with the texts they share.
    agreed: tuple[Name, ...]
    # The note that went up with the letter, as far as it is registered.
    note: Document | None = None


def decision_facts(plan: str, year: int) -> DecisionFacts | None:
    """Return the facts for the note over one year; None when there is no such round. 9 queries."""
    each = (
        ReportingRound.objects.filter(plan__slug=plan, year=year)
        .select_related("letter__signatory__office")
        .first()
    )
    if each is None:
        return None
    day = each.sent_on or timezone.localdate()
    entries = list(
        StatusEntry.objects.filter(round=each)
        .select_related("action_point", "latest_version")
        .prefetch_related("latest_version__sign_offs__organisation")
        .order_by("action_point__pillar", "action_point__code")
    )
    book = ResponsibilityBook(Responsibility.objects.filter(action_point__plan=each.plan_id))
    reasons = _reasons(entries)
    return DecisionFacts(
        addressee=_addressee(each, day),
        points=tuple(_inside(entry, book, day, reasons) for entry in entries),
        agreed=_agreed(each, entries, book, day) if each.opened_on else (),
        note=_note_of(each),
    )


def _note_of(each: ReportingRound) -> Document | None:
    if each.letter is None:
        return None
    notes = ParliamentaryDocument.objects.filter(
        annex_of=each.letter, kind=DocumentKind.DECISION_NOTE
    )
    return document_record(notes.select_related("annex_of").order_by("pk").first())


def officials() -> list[tuple[str, str]]:
    """Return the name and the address of everybody who has or had an account."""
    accounts = User.objects.exclude(email=SYSTEM_EMAIL).filter(pseudonymised_at=None)
    return list(accounts.order_by("pk").values_list("name", "email"))


def people_in_office() -> list[str]:
    """Return who holds or held an office: they act in public."""
    return sorted(set(OfficeHolding.objects.order_by().values_list("person", flat=True)))


def _addressee(each: ReportingRound, day: date) -> Signatory | None:
    if each.letter:
        return signatory(each.letter.signatory)
    held = list(
        OfficeHolding.objects.on(day)
        .filter(
            office__organisation__plans__plan=each.plan_id,
            office__organisation__plans__coordinates=True,
        )
        .select_related("office")
        .order_by("acting", "-valid_from")
    )
    last = (
        ReportingRound.objects.filter(plan=each.plan_id, year__lt=each.year)
        .exclude(letter__signatory=None)
        .order_by("-year")
        .values_list("letter__signatory__office", flat=True)
        .first()
    )
    # The office that signed last; when that is gone, the one that is left if there is but one.
    same = [holding for holding in held if holding.office_id == last] or held
    return signatory(same[0]) if len({holding.office_id for holding in same}) == 1 else None


def _reasons(entries: list[StatusEntry]) -> dict[int, str]:
    """Return why texts were not supplied, by the key of the entry."""
    rows = Transition.objects.filter(entry__in=entries, to_state=EntryState.NOT_SUPPLIED)
    return dict(rows.order_by("at", "pk").values_list("entry", "note"))


def _inside(
    entry: StatusEntry, book: ResponsibilityBook, day: date, reasons: dict[int, str]
) -> Inside:
    held = book.on(entry.action_point_id, day)
    lead = next((each.organisation for each in held if each.role == ResponsibilityRole.LEAD), None)
    version = entry.latest_version
    state = EntryState(entry.state)
    return Inside(
        code=entry.action_point.code,
        title=entry.action_point.title_nl,
        ministry=lead,
        state=state,
        version=version.number if version else 0,
        note=version.internal_note if version else "",
        reason=reasons.get(entry.pk, "") if state == EntryState.NOT_SUPPLIED else "",
    )


def _agreed(
    of: ReportingRound, entries: list[StatusEntry], book: ResponsibilityBook, day: date
) -> tuple[Name, ...]:
    asked: set[Name] = set()
    # Who answers for a point of the plan without an entry was not asked about all it answers for.
    waiting = {
        each.organisation
        for point in _without_entry(of, entries)
        for each in book.on(point, day)
        if each.role != ResponsibilityRole.IMPLEMENTING
    }
    for entry in entries:
        signed = _signed(entry)
        for each in book.on(entry.action_point_id, day):
            if each.role == ResponsibilityRole.IMPLEMENTING:
                continue
            asked.add(each.organisation)
            is_lead = each.role == ResponsibilityRole.LEAD
            if entry.state != EntryState.APPROVED or not (
                is_lead or each.organisation.slug in signed
            ):
                waiting.add(each.organisation)
    return tuple(sorted(asked - waiting, key=lambda name: name.short.casefold()))


def _without_entry(of: ReportingRound, entries: list[StatusEntry]) -> list[int]:
    mine = ActionPoint.objects.filter(plan=of.plan_id, in_plan=True)
    having = {entry.action_point_id for entry in entries}
    return [key for key in mine.order_by("pk").values_list("pk", flat=True) if key not in having]


def _signed(entry: StatusEntry) -> set[str]:
    """Return who agreed with the text as it stands now; the last word of each counts."""
    if entry.latest_version is None:
        return set()
    given = sorted(entry.latest_version.sign_offs.all(), key=attrgetter("pk"))
    verdicts = {each.organisation.slug: each.verdict for each in given}
    return {slug for slug, verdict in verdicts.items() if verdict != Verdict.NOT_AGREED}

"""What comes back from up the line: remarks, sign-offs and decisions, and what the note says of it.

One function per step, as in `reports.issuing`: each holds the round, checks right and state,
writes and logs in one transaction. It raises PermissionDenied for who may not, NotPossible with a
sentence for the person who asked, and ValidationError for a row that no model takes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from actions import richtext
from actions.choices import Verdict
from actions.models import Office, Organisation, ReportingRound
from actions.workflow import NotPossible
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from reports import permissions
from reports.choices import Audience, Handling, Kind, Outcome, RemarkKind, RouteRole
from reports.document import nodes
from reports.holding import held
from reports.models import (
    ConditionMet,
    Decision,
    EditionIssue,
    EditionParagraph,
    EditionRemark,
    EditionSignOff,
    EditionVersion,
    NameChoice,
    RemarkHandling,
    RouteStep,
)


@dataclass(frozen=True, slots=True)
class RouteLine:
    """A line in the head of the note: somebody, and why they stand there."""

    role: RouteRole
    who: str


# Remarks.


@trail.atomic()
def add_remark(
    version: EditionVersion,
    *,
    actor: User,
    node_id: str,
    on_behalf_of: str,
    kind: RemarkKind = RemarkKind.CONTENT,
    text: str,
    quote: str = "",
    proposal: str = "",
) -> EditionRemark:
    """Enter what a reader up the line said of a passage of a version that is not issued."""
    each = _begin(version.edition.round, actor)
    _refuse_issued(version)
    if node_id not in _places(version):
        raise NotPossible(
            _("This version has no such passage. Choose one from the list."),
            code="no_place",
            field="node_id",
        )
    remark = EditionRemark(
        version=version,
        node_id=node_id,
        on_behalf_of=richtext.clean(on_behalf_of).strip(),
        kind=kind,
        text=_words(text),
        quote=richtext.clean(quote).strip(),
        proposal=richtext.clean(proposal).strip(),
        author=actor,
    )
    remark.full_clean()
    remark.save(force_insert=True)
    detail = {"version": str(version), "place": node_id}
    trail.record("edition.remark", actor=actor, about=each, detail=detail, seals=[remark])
    return remark


@trail.atomic()
def handle_remark(
    remark: EditionRemark,
    *,
    actor: User,
    handling: Handling,
    answer: str,
    node_id: str = "",
) -> RemarkHandling:
    """Say what was done with a remark, once; the note says it too.

    `node_id` is where the passage stands now, when that is not where it stood.
    """
    version = remark.version
    each = _begin(version.edition.round, actor)
    _refuse_issued(version)
    if RemarkHandling.objects.filter(remark=remark).exists():
        raise NotPossible(
            _("Somebody handled this remark already. Read what they wrote."), code="handled"
        )
    if node_id == remark.node_id:
        node_id = ""
    if node_id and node_id not in _places_now(version):
        raise NotPossible(
            _("The document has no such passage. Choose one from the list."),
            code="no_place",
            field="node_id",
        )
    handled = RemarkHandling(
        remark=remark, handling=handling, answer=_words(answer), node_id=node_id, actor=actor
    )
    handled.full_clean()
    handled.save(force_insert=True)
    detail = {"what": "remark", "remark": remark.pk, "handling": str(handling)}
    trail.record("edition.write", actor=actor, about=each, detail=detail, seals=[handled])
    return handled


# What ministries and offices say of a version.


@trail.atomic()
def sign_off(
    version: EditionVersion,
    *,
    organisation: Organisation,
    verdict: Verdict,
    actor: User,
    remark: str = "",
) -> EditionSignOff:
    """Note what a ministry says of the newest version of the letter.

    Only who signs off for that ministry does this: nobody enters it for them, as what is entered
    for somebody else is no agreement of theirs.
    """
    each = held(version.edition.round)
    if organisation.pk not in permissions.signing_organisations(actor, each):
        raise PermissionDenied
    _refuse_issued(version)
    if version.edition.kind != Kind.LETTER:
        raise NotPossible(_("Ministries agree with the letter."), code="other_kind")
    if _is_overtaken(version):
        raise NotPossible(
            _("There is a newer version of the letter. Read that one first."), code="overtaken"
        )
    signed = EditionSignOff(
        version=version,
        organisation=organisation,
        verdict=verdict,
        remark=_words(remark),
        actor=actor,
    )
    signed.full_clean()
    signed.save(force_insert=True)
    detail = {"version": str(version), "verdict": str(verdict), "for": organisation.slug}
    trail.record("edition.sign-off", actor=actor, about=each, detail=detail, seals=[signed])
    return signed


@trail.atomic()
def decide(
    version: EditionVersion,
    *,
    office: Office,
    decided_on: date,
    outcome: Outcome,
    actor: User,
    condition: str = "",
) -> Decision:
    """Enter what the holder of an office decided on a version of the decision note."""
    each = _begin(version.edition.round, actor)
    _refuse_issued(version)
    if version.edition.kind != Kind.DECISION_NOTE:
        raise NotPossible(_("A decision is taken on the decision note."), code="other_kind")
    _refuse_day(version, office, decided_on)
    decision = Decision(
        version=version,
        office=office,
        decided_on=decided_on,
        outcome=outcome,
        condition=_words(condition),
        actor=actor,
    )
    decision.full_clean()
    decision.save(force_insert=True)
    detail = {"version": str(version), "outcome": str(outcome), "office": office.slug}
    trail.record("edition.decide", actor=actor, about=each, detail=detail, seals=[decision])
    return decision


def _refuse_day(version: EditionVersion, office: Office, decided_on: date) -> None:
    if decided_on > timezone.localdate():
        raise NotPossible(
            _("This day is still to come. Enter a decision when it has been taken."),
            code="future",
            field="decided_on",
        )
    if decided_on < timezone.localdate(version.freeze.at):
        raise NotPossible(
            _("On this day the version was not there yet."), code="too_early", field="decided_on"
        )
    if not office.holds_on(decided_on):
        raise NotPossible(
            _("This office was not there on that day."), code="no_office", field="office"
        )


@trail.atomic()
def meet_condition(decision: Decision, *, version: EditionVersion, actor: User) -> ConditionMet:
    """Say in which later version of the note, and of what goes with it, a condition was met."""
    each = _begin(decision.version.edition.round, actor)
    _refuse_issued(decision.version)
    if decision.outcome != Outcome.WITH_CHANGE:
        raise NotPossible(_("This decision has no condition."), code="no_condition")
    if ConditionMet.objects.filter(decision=decision).exists():
        raise NotPossible(_("It was already said in which version this is met."), code="met")
    if version not in later_versions(decision.version):
        raise NotPossible(
            _("Choose a version that was made after the decision."),
            code="not_later",
            field="version",
        )
    met = ConditionMet(decision=decision, version=version, actor=actor)
    met.full_clean()
    met.save(force_insert=True)
    detail = {"decision": decision.pk, "version": str(version)}
    trail.record("edition.condition-met", actor=actor, about=each, detail=detail, seals=[met])
    return met


def later_versions(version: EditionVersion) -> list[EditionVersion]:
    """Return the versions of the same edition that came after this one."""
    found = EditionVersion.objects.filter(edition=version.edition, number__gt=version.number)
    return list(found.select_related("edition__round").order_by("number"))


# What the coordinator fills in of the note itself.


def mark_of(lines: Iterable[RouteLine]) -> str:
    """Return what tells one head of the note from another, for who sends a form back."""
    text = json.dumps([[str(line.role), line.who] for line in lines], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def route_lines(each: ReportingRound) -> tuple[RouteLine, ...]:
    """Return the lines of the head of the note, in the order of that head."""
    order = {role: number for number, role in enumerate(RouteRole.values)}
    steps = sorted(
        RouteStep.objects.filter(round=each),
        key=lambda step: (order[step.role], step.position, step.pk),
    )
    return tuple(RouteLine(RouteRole(step.role), step.who) for step in steps)


@trail.atomic()
def set_route(
    each: ReportingRound, lines: Sequence[RouteLine], *, actor: User, read: str | None = None
) -> None:
    """Make the head of the note say these lines.

    `read` is the mark of the lines that the actor saw: who would overwrite others is told.
    """
    each = _begin(each, actor)
    before = route_lines(each)
    if read is not None and read != mark_of(before):
        raise NotPossible(
            _("Somebody changed these lines after you opened the page. Look at them again first."),
            code="other_text",
        )
    wanted = [RouteLine(line.role, richtext.clean(line.who).strip()) for line in lines]
    if tuple(wanted) == before:
        return
    steps = {(step.role, step.position): step for step in RouteStep.objects.filter(round=each)}
    positions = dict.fromkeys(RouteRole.values, 0)
    for line in wanted:
        positions[line.role] += 1
        key = (str(line.role), positions[line.role])
        step = steps.pop(key, None) or RouteStep(round=each, role=key[0], position=key[1])
        if step.pk is None or step.who != line.who:
            step.who, step.organisation = line.who, None
            step.full_clean()
            step.save()
    for step in steps.values():
        step.delete()
    detail = {"what": "route", "lines": [[str(line.role), line.who] for line in wanted]}
    trail.record("edition.write", actor=actor, about=each, detail=detail)


@trail.atomic()
def choose_name(each: ReportingRound, name: str, leave_out: bool, *, actor: User) -> NameChoice:
    """Say of words in the note whether they are a name that stays out of the public one."""
    each = _begin(each, actor)
    name = " ".join(richtext.clean(name).split())
    if not richtext.says_something(name):
        raise NotPossible(_("Write down the name."), code="no_name", field="name")
    choice = NameChoice.objects.filter(round=each, name__iexact=name).first() or NameChoice(
        round=each, name=name
    )
    if choice.pk and choice.leave_out == leave_out:
        return choice
    choice.leave_out = leave_out
    choice.full_clean()
    choice.save()
    # The name itself stays out of the trail: events stay when an account becomes unrecognisable.
    detail = {"what": "name", "choice": choice.pk, "leave_out": leave_out}
    trail.record("edition.write", actor=actor, about=each, detail=detail)
    return choice


# What they share.


def _begin(each: ReportingRound, actor: User) -> ReportingRound:
    """Hold the round, and refuse who does not make its documents."""
    each = held(each)
    if not permissions.may_produce(actor):
        raise PermissionDenied
    return each


def _refuse_issued(version: EditionVersion) -> None:
    if EditionIssue.objects.filter(edition=version.edition).exists():
        raise NotPossible(
            _("This edition has been issued. What comes now is for the next edition."),
            code="issued",
        )


def _is_overtaken(version: EditionVersion) -> bool:
    newer = EditionVersion.objects.filter(edition=version.edition, number__gt=version.number)
    return newer.exists()


def _places(version: EditionVersion) -> set[str]:
    return {node.id for node in nodes(version.document(Audience.INTERNAL))}


def _places_now(version: EditionVersion) -> set[str]:
    """Return the places of the newest version, and those of the paragraphs that are worked on."""
    edition = version.edition
    newest = edition.versions.order_by("-number").first() or version
    worked_on = EditionParagraph.objects.filter(round=edition.round_id, kind=edition.kind)
    return _places(newest) | set(worked_on.values_list("node_id", flat=True))


def _words(text: str) -> str:
    """Return what was written; nothing when there is no letter or digit in it."""
    return richtext.clean(text).strip() if richtext.says_something(text) else ""

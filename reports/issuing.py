"""How documents become an edition: fixed, looked at by a second person, issued, sent and public.

One function per step, as in `actions.workflow`: each holds the round, checks right and state,
writes and logs in one transaction. It raises PermissionDenied for who may not,
and NotPossible with a sentence for the person who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from actions import workflow
from actions.models import ParliamentaryDocument, ReportingRound, StatusEntry
from actions.workflow import NotPossible
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from reports import came_back, permissions
from reports.choices import Format, Handling, Outcome, Stage
from reports.holding import held
from reports.models import (
    Decision,
    Dispatch,
    EditionFile,
    EditionIssue,
    EditionRemark,
    EditionVersion,
    FileOpened,
    Freeze,
    FreezeJob,
    RemarkHandling,
)
from reports.tasks import enqueue


@trail.atomic()
def ask_freeze(each: ReportingRound, stage: Stage, *, actor: User, reason: str = "") -> FreezeJob:
    """Ask for the documents of a round to be fixed together; a worker does it."""
    each = held(each)
    refuse_freeze(each, stage, actor)
    refuse_without_reason(each, reason)
    try:
        with transaction.atomic():
            job = FreezeJob.objects.create(
                round=each, stage=stage, asked_by=actor, message=reason.strip()
            )
    except IntegrityError:
        raise NotPossible(
            _("The documents of this year are being fixed already."), code="busy"
        ) from None
    enqueue(job)
    trail.record("edition.ask", actor=actor, about=each, detail={"stage": str(stage)})
    return job


def needs_reason(each: ReportingRound) -> bool:
    """Tell whether an edition was issued before, so that the next one must say why it is there."""
    return EditionIssue.objects.filter(edition__round=each).exists()


def refuse_without_reason(each: ReportingRound, reason: str) -> None:
    """Raise for a further edition that does not say why it is there."""
    if needs_reason(each) and not reason.strip():
        raise NotPossible(
            _("Say in one sentence what is different in this edition. The public reads it."),
            code="no_reason",
            field="reason",
        )


def refuse_freeze(each: ReportingRound, stage: Stage, actor: User) -> None:
    """Raise for who may not fix documents, and for what must be settled before they are final."""
    by_application = stage == Stage.RECONSTRUCTION and actor == User.objects.system()
    if not (permissions.may_produce(actor) or by_application):
        raise PermissionDenied
    is_reconstruction = not each.opened_on
    if is_reconstruction != (stage == Stage.RECONSTRUCTION):
        raise NotPossible(
            _("This year was read from public letters; it has reconstructions only.")
            if is_reconstruction
            else _("This year has texts of ministries; it is not a reconstruction."),
            code="wrong_stage",
        )
    if stage == Stage.FINAL and (open_ends := unsettled(each)):
        raise NotPossible(" ".join(open_ends), code="unsettled")


def unsettled(each: ReportingRound) -> list[str]:
    """Return, a sentence each, what must be settled before the final version is made."""
    sentences = []
    if waiting := workflow.unfinished(each):
        codes = ", ".join(entry.action_point.code for entry in waiting)
        sentences.append(_("Not approved or marked as not supplied yet: %s.") % codes)
    if each.letter is None or each.letter.date is None:
        sentences.append(_("The letter has no date yet. Enter it as a parliamentary document."))
    elif each.letter.signatory is None:
        sentences.append(_("It is not known yet who signs the letter."))
    if count := open_remarks(each).count():
        sentences.append(_("Remarks that nobody handled yet: %d.") % count)
    if open_conditions(each):
        sentences.append(_("A condition of a decision is not met yet."))
    return sentences


def open_remarks(each: ReportingRound) -> models.QuerySet[EditionRemark]:
    """Return the remarks on this edition that nobody handled yet."""
    return EditionRemark.objects.open().filter(version__in=_versions_at_work(each))


def open_conditions(each: ReportingRound) -> models.QuerySet[Decision]:
    """Return the decisions with a condition that no version met yet."""
    return Decision.objects.filter(
        version__in=_versions_at_work(each), outcome=Outcome.WITH_CHANGE, met=None
    )


def decisions_at_work(each: ReportingRound) -> models.QuerySet[Decision]:
    """Return what was decided on editions that are not issued yet."""
    return Decision.objects.filter(version__in=_versions_at_work(each))


def _versions_at_work(each: ReportingRound) -> models.QuerySet[EditionVersion]:
    """Return the versions of editions that are not issued yet."""
    return EditionVersion.objects.filter(edition__round=each, edition__issue=None)


@trail.atomic()
def note_opened(file: EditionFile, *, actor: User) -> None:
    """Note that somebody opened a file that is not public yet."""
    opened, is_new = FileOpened.objects.get_or_create(file=file, by=actor)
    if is_new:
        version = file.version
        detail = {
            "version": str(version),
            "audience": file.audience,
            "format": file.format,
            "sha256": file.sha256,
        }
        trail.record(
            "document.read",
            actor=actor,
            about=version.edition.round,
            detail=detail,
            seals=[opened],
        )


@trail.atomic()
def issue(freeze: Freeze, *, actor: User) -> list[EditionIssue]:
    """Issue the final versions that were fixed together; from then on nothing changes them.

    By somebody who had no hand in them and opened their PDFs; trees and files are checked.
    """
    held(freeze.round)
    if not actor.has_perm(permissions.ISSUE):
        raise PermissionDenied
    return _issued(freeze, actor)


def _issued(freeze: Freeze, actor: User) -> list[EditionIssue]:
    """Issue every version of a set for which all holds that must."""
    refuse_issue(freeze, actor)
    against = [answer.organisation.slug for answer in came_back.against(freeze)]
    issued = [
        EditionIssue.objects.create(edition=version.edition, version=version, by=actor)
        for version in freeze.versions.select_related("edition").order_by("pk")
    ]
    detail = {"versions": [str(one.version) for one in issued], "freeze": freeze.pk}
    if against:
        # A ministry that does not agree stops nothing; that it was so stays known.
        detail["not_agreed"] = against
    trail.record("edition.issue", actor=actor, about=freeze.round, detail=detail, seals=issued)
    return issued


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold before somebody issues a set; `missing` says what does not, or nothing."""

    code: str
    missing: str


def checks(freeze: Freeze, actor: User) -> list[Check]:
    """Return all that is looked at before this person issues a set, with what is missing of it."""
    return [Check(code, _missing(refuse)) for code, refuse in _conditions(freeze, actor)]


def refuse_issue(freeze: Freeze, actor: User) -> None:
    """Raise NotPossible, with the reason, for a set that this person cannot issue now."""
    for _code, refuse in _conditions(freeze, actor):
        refuse()


def _conditions(freeze: Freeze, actor: User) -> list[tuple[str, Callable[[], None]]]:
    """Return what must hold; each raises NotPossible when it does not."""
    versions = list(freeze.versions.select_related("edition").order_by("pk"))
    stored: list[tuple[str, Callable[[], None]]] = [
        ("newest", partial(_refuse_overtaken, versions)),
        ("complete", partial(_refuse_incomplete, versions)),
        ("unchanged", partial(_refuse_changed, versions)),
    ]
    hands = ("hands", partial(_refuse_own_work, freeze, actor))
    opened = ("opened", partial(_refuse_unopened, versions, actor))
    if freeze.stage == Stage.RECONSTRUCTION:
        # The application wrote nothing, and opens nothing.
        return stored if actor == User.objects.system() else [hands, *stored, opened]
    newest, *whole = stored
    return [
        ("final", partial(_refuse_concept, freeze)),
        hands,
        newest,
        ("decided", partial(_refuse_undecided, freeze)),
        ("texts", partial(_refuse_reopened, freeze)),
        *whole,
        opened,
    ]


def _missing(refuse: Callable[[], None]) -> str:
    try:
        refuse()
    except NotPossible as refusal:
        return str(refusal)
    return ""


def _refuse_concept(freeze: Freeze) -> None:
    if freeze.stage != Stage.FINAL:
        raise NotPossible(_("Only a final version is issued."), code="not_final")


def _refuse_own_work(freeze: Freeze, actor: User) -> None:
    if permissions.has_hand_in(actor, freeze):
        raise NotPossible(
            _("You wrote in these documents or had them made; a second coordinator issues them."),
            code="own_work",
        )


def _refuse_overtaken(versions: Iterable[EditionVersion]) -> None:
    for version in versions:
        if EditionIssue.objects.filter(edition=version.edition).exists():
            raise NotPossible(_("This edition has been issued already."), code="issued")
        if version.edition.versions.filter(number__gt=version.number).exists():
            raise NotPossible(_("There is a newer version. Issue that one."), code="overtaken")


def _refuse_undecided(freeze: Freeze) -> None:
    each = freeze.round
    decisions = list(decisions_at_work(each).order_by("pk"))
    if not decisions:
        raise NotPossible(_("No decision on these documents has been entered."), code="undecided")
    # The last word of each office counts: one does not overrule another.
    last = {decision.office_id: decision for decision in decisions}
    if any(decision.outcome == Outcome.NOT_AGREED for decision in last.values()):
        raise NotPossible(_("The last decision is that it was not agreed."), code="not_agreed")
    if _handled_later(freeze):
        raise NotPossible(
            _("A remark was handled after these documents were made. Make a new version."),
            code="handled_later",
        )
    if open_conditions(each).exists():
        raise NotPossible(_("A condition of a decision is not met yet."), code="condition")
    if open_remarks(each).exists():
        raise NotPossible(_("There are remarks that nobody handled yet."), code="open_remarks")


def _handled_later(freeze: Freeze) -> bool:
    """Tell whether words were changed for a remark that are not in this set yet."""
    handled = RemarkHandling.objects.filter(
        remark__version__in=_versions_at_work(freeze.round), at__gt=freeze.at
    )
    return handled.exclude(handling=Handling.NOT_TAKEN).exists()


def _refuse_reopened(freeze: Freeze) -> None:
    if waiting := workflow.unfinished(freeze.round):
        codes = ", ".join(entry.action_point.code for entry in waiting)
        raise NotPossible(
            _("Not approved or marked as not supplied yet: %s.") % codes, code="unfinished"
        )


def _refuse_incomplete(versions: Iterable[EditionVersion]) -> None:
    for version in versions:
        have = set(version.files.values_list("audience", "format"))
        asked = {(audience, to) for audience in version.audiences() for to in Format}
        if not asked <= have:
            raise NotPossible(_("Not all files are made yet."), code="incomplete")


def _refuse_changed(versions: Iterable[EditionVersion]) -> None:
    for version in versions:
        files = version.files.all()
        if not version.holds() or not all(file.holds() for file in files.iterator(chunk_size=1)):
            raise NotPossible(
                _("A stored document or file is not what was stored. It cannot be issued."),
                code="changed",
            )


def _refuse_unopened(versions: Sequence[EditionVersion], actor: User) -> None:
    unopened = [
        file
        for version in versions
        for file in version.files.filter(format=Format.PDF).without_content()
        if not file.openings.filter(by=actor).exists()
    ]
    if unopened:
        names = ", ".join(str(file) for file in unopened)
        raise NotPossible(_("Open these PDFs first: %s.") % names, code="unopened")


@trail.atomic()
def issue_reconstruction(freeze: Freeze, *, actor: User) -> list[EditionIssue]:
    """Issue what was made of public letters; it bears no signature, and nobody decides on it."""
    held(freeze.round)
    if freeze.stage != Stage.RECONSTRUCTION:
        raise NotPossible(_("This is not a reconstruction."), code="not_reconstructed")
    if not (actor.has_perm(permissions.ISSUE) or actor == User.objects.system()):
        raise PermissionDenied
    return _issued(freeze, actor)


@trail.atomic()
def dispatch(
    issued: EditionIssue,
    *,
    actor: User,
    sent_on: date,
    document: ParliamentaryDocument | None = None,
) -> Dispatch:
    """Note when an issued edition went to parliament, and later by which number it is known."""
    each = held(issued.edition.round)
    if not actor.has_perm(permissions.ISSUE):
        raise PermissionDenied
    row = Dispatch.objects.filter(edition=issued.edition).first() or Dispatch(
        edition=issued.edition
    )
    row.sent_on, row.document = sent_on, document
    row.full_clean()
    row.save()
    detail = {
        "edition": str(issued.edition),
        "sent_on": sent_on.isoformat(),
        "document": document.identifier if document else "",
    }
    trail.record("edition.dispatch", actor=actor, about=each, detail=detail)
    return row


@trail.atomic()
def dispatch_all(
    issued: Iterable[EditionIssue],
    *,
    actor: User,
    sent_on: date,
    documents: Mapping[str, ParliamentaryDocument | None],
) -> None:
    """Note of a whole set when it went to parliament; `documents` are known by their kind."""
    for each in issued:
        document = documents.get(each.edition.kind)
        dispatch(each, actor=actor, sent_on=sent_on, document=document)


@trail.atomic()
def publish(
    each: ReportingRound, *, actor: User, released_at: datetime | None = None
) -> ReportingRound:
    """Publish the round with its issued edition, which must be what was issued."""
    each = held(each)
    if not actor.has_perm("actions.publish_reportinground"):
        raise PermissionDenied
    if not EditionVersion.objects.in_force().filter(edition__round=each).exists():
        raise NotPossible(_("Issue the letter and its annexes first."), code="not_issued")
    return workflow.publish_round(each, actor=actor, released_at=released_at)


def refuse_publication(each: ReportingRound) -> None:
    """Raise NotPossible for a round of which the documents are not issued, or say otherwise.

    Asked by `actions.workflow.publish_round`, from wherever that is called. A round of which no
    documents were ever made can be published without them.
    """
    if not Freeze.objects.filter(round=each).exists():
        return
    versions = list(EditionVersion.objects.in_force().filter(edition__round=each))
    if not versions:
        raise NotPossible(_("Issue the letter and its annexes first."), code="not_issued")
    _refuse_changed(versions)
    if later := newer_texts(versions[0].freeze):
        codes = ", ".join(entry.action_point.code for entry in later)
        raise NotPossible(
            _("Changed after the documents were made: %s. Issue a new edition first.") % codes,
            code="newer_texts",
        )


def newer_texts(freeze: Freeze) -> list[StatusEntry]:
    """Return the texts that were changed after the documents were fixed."""
    return list(
        StatusEntry.objects.filter(round=freeze.round, latest_version__created_at__gt=freeze.at)
        .select_related("action_point", "latest_version")
        .order_by("action_point__code")
    )

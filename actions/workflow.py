"""The workflow: one function per transition, and the only writer of state and of what is public.

Each function locks the row, checks right, state and content, changes, and logs, in one
transaction. It raises PermissionDenied for who may not do this, and NotPossible, with a sentence
for the person who asked, for what cannot be done now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from actions import permissions, richtext
from actions.choices import EntryState, Origin, Verdict
from actions.models import (
    Correction,
    EntryDraft,
    EntryRemark,
    Organisation,
    Plan,
    ReportingRound,
    SignOff,
    StatusEntry,
    Transition,
)
from actions.permissions import Verb
from actions.richtext import MAX_CHARACTERS
from napmonitor.accounts.models import User
from napmonitor.audit import trail

# With fewer, nobody could approve what one of them wrote or proposed.
COORDINATORS_NEEDED: Final = 2

_WRONG_STATE: Final[dict[EntryState, Promise]] = {
    EntryState.CONCEPT: gettext_lazy("This status is a concept of the ministry."),
    EntryState.SUBMITTED: gettext_lazy("This status has already been submitted."),
    EntryState.RETURNED: gettext_lazy("This status has been returned to the ministry."),
    EntryState.APPROVED: gettext_lazy("This status has already been approved."),
    EntryState.NOT_SUPPLIED: gettext_lazy("This status has been marked as not supplied."),
    EntryState.RECONSTRUCTED: gettext_lazy(
        "This status was read from a public letter; no ministry has it in hand."
    ),
}


# What else must hold before a round is published; whoever knows of it adds it when it is loaded.
publication_checks: Final[list[Callable[[ReportingRound], None]]] = []


class NotPossible(Exception):
    """It is not possible now; the text says why, for the person who asked.

    `code` says the same for programs, `field` is what they must fill in otherwise.
    """

    def __init__(self, message: str, *, code: str, field: str = "") -> None:
        super().__init__(message)
        self.code, self.field = code, field


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening a round did: the entries it made, and the points nobody holds the pen for."""

    entries: int
    without_lead: tuple[str, ...]


@trail.atomic()
def set_up_round(
    plan: Plan,
    year: int,
    *,
    actor: User,
    opens_on: date,
    ministry_deadline: date,
    promised_on: date | None = None,
    open_now: bool = False,
) -> ReportingRound:
    """Make the round of a year, and open it too when asked; when that is refused none is made."""
    if not actor.has_perm("actions.open_reportinground"):
        raise PermissionDenied
    # Held, so that two people cannot make the same round at once.
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    refuse_round(plan, year, opens_on, ministry_deadline, promised_on)
    each = ReportingRound(
        plan=plan,
        year=year,
        opens_on=opens_on,
        ministry_deadline=ministry_deadline,
        promised_on=promised_on,
    )
    each.full_clean()
    each.save(force_insert=True)
    dates = {"opens_on": opens_on, "ministry_deadline": ministry_deadline}
    if promised_on:
        dates["promised_on"] = promised_on
    detail = {"year": year, **{name: day.isoformat() for name, day in dates.items()}}
    trail.record("round.set-up", actor=actor, about=each, detail=detail)
    if open_now:
        open_round(each, actor=actor)
        each.refresh_from_db()
    return each


def refuse_round(
    plan: Plan, year: int, opens_on: date, ministry_deadline: date, promised_on: date | None
) -> None:
    """Raise NotPossible for a round that exists already, or whose dates contradict each other."""
    if plan.rounds.filter(year=year).exists():
        raise NotPossible(
            _("There is already a round for this plan and year."), code="round_exists", field="year"
        )
    if ministry_deadline < opens_on:
        raise NotPossible(
            _("The deadline cannot come before the opening."),
            code="deadline_before_opening",
            field="ministry_deadline",
        )
    if promised_on is not None and promised_on < ministry_deadline:
        raise NotPossible(
            _("The ministries must be ready by the date promised to parliament."),
            code="promised_before_deadline",
            field="promised_on",
        )


@trail.atomic()
def open_round(each: ReportingRound, *, actor: User) -> Opened:
    """Give every action point an empty entry and let the ministries write.

    Doing it again adds only what is missing. Nothing of last year is carried over.
    """
    each = ReportingRound.objects.select_for_update(of=("self",)).get(pk=each.pk)
    if not actor.has_perm("actions.open_reportinground"):
        raise PermissionDenied
    if not permissions.can_open(actor, each):
        raise NotPossible(_("This round is out already."), code="out_already")
    if each.entries.exclude(latest_version=None).exists() and each.opened_on is None:
        raise NotPossible(
            _("This round holds texts from public letters. Ministries cannot write in it."),
            code="reconstruction",
        )
    able = permissions.able_to_approve().count()
    if able < COORDINATORS_NEEDED:
        raise NotPossible(
            ngettext(
                "There is %(able)d coordinator who can approve; a round needs two. "
                "Ask the functional administrator to add one.",
                "There are %(able)d coordinators who can approve; a round needs two. "
                "Ask the functional administrator to add them.",
                able,
            )
            % {"able": able},
            code="too_few_coordinators",
        )
    again = each.opened_on is not None
    each.opened_on = each.opened_on or timezone.localdate()
    each.save(update_fields=["opened_on"])
    made = make_entries(each)
    if made or not again:
        detail = {"entries": made, "again": again}
        trail.record("round.open", actor=actor, about=each, detail=detail)
    points = each.plan.action_points.order_by("code")
    return Opened(made, tuple(p.code for p in points if not p.answering_organisation_ids()))


def make_entries(each: ReportingRound) -> int:
    """Give every action point of an open round the empty entry it has not got; return how many."""
    missing = each.plan.action_points.exclude(entries__round=each)
    # Two at once make the same rows; the second then has nothing left to do.
    made = StatusEntry.objects.bulk_create(
        [StatusEntry(action_point=point, round=each) for point in missing], ignore_conflicts=True
    )
    return len(made)


@trail.atomic()
def submit(
    entry: StatusEntry, *, actor: User, note: str = "", read_version: int | None = None
) -> StatusEntry:
    """Hand the text of a ministry to the coordinators; it needs a choice of progress."""
    entry = begin(entry, Verb.SUBMIT, actor)
    _refuse_unseen(entry, read_version)
    version = entry.latest_version
    if version is None or not version.progress:
        raise NotPossible(
            _("Choose how the action point stands, and save, before you submit."),
            code="no_progress",
        )
    return _move(entry, EntryState.SUBMITTED, Verb.SUBMIT, actor=actor, note=note)


@trail.atomic()
def send_back(
    entry: StatusEntry, *, actor: User, reason: str, read_version: int | None = None
) -> StatusEntry:
    """Return a submitted text to the ministry, with the reason."""
    entry = begin(entry, Verb.RETURN, actor)
    _refuse_unseen(entry, read_version)
    reason = _reason(reason)
    return _move(entry, EntryState.RETURNED, Verb.RETURN, actor=actor, note=reason)


@trail.atomic()
def approve(
    entry: StatusEntry, *, actor: User, note: str = "", read_version: int | None = None
) -> StatusEntry:
    """Accept a submitted text; it may enter the letter, and becomes public only with its round.

    Nobody approves what they wrote or submitted, nor another version than `read_version`, where
    that says what they saw. Without the word of a ministry that answers with the lead a note must
    say why; against its word there is no approval.
    """
    entry = begin(entry, Verb.APPROVE, actor)
    _refuse_unseen(entry, read_version)
    if permissions.has_hand_in(actor, entry):
        raise NotPossible(
            _("You wrote or submitted this yourself; somebody else must approve it."),
            code="own_text",
        )
    _refuse_disagreement(entry)
    note = _note(note)
    if not note and (missing := organisations_to_sign(entry)):
        raise NotPossible(
            _("Not signed off yet by: %s. Say why you approve without that.")
            % ", ".join(short_name(each) for each in missing),
            code="not_signed_off",
            field="note",
        )
    return _move(entry, EntryState.APPROVED, Verb.APPROVE, actor=actor, note=note)


@trail.atomic()
def reopen(entry: StatusEntry, *, actor: User, reason: str) -> StatusEntry:
    """Give an approved or missing text back to the ministry; what is public stays public."""
    entry = begin(entry, Verb.REOPEN, actor)
    reason = _reason(reason)
    return _move(entry, EntryState.RETURNED, Verb.REOPEN, actor=actor, note=reason)


@trail.atomic()
def mark_not_supplied(entry: StatusEntry, *, actor: User, reason: str) -> StatusEntry:
    """Note that a ministry supplied nothing, so that the round can go out without it."""
    entry = begin(entry, Verb.NOT_SUPPLIED, actor)
    reason = _reason(reason)
    return _move(entry, EntryState.NOT_SUPPLIED, Verb.NOT_SUPPLIED, actor=actor, note=reason)


@trail.atomic()
def sign_off(
    entry: StatusEntry,
    *,
    organisation: Organisation,
    verdict: Verdict,
    actor: User,
    read_version: int,
    remark: str = "",
) -> SignOff:
    """Note what a co-responsible ministry says of the text; another text makes it void.

    `read_version` is the number of the version that the signer saw.
    """
    entry = begin(entry, Verb.SIGN_OFF, actor)
    if organisation.pk not in permissions.signing_organisations(actor, entry):
        raise PermissionDenied
    _refuse_unseen(entry, read_version)
    version = entry.latest_version
    if version is None:
        raise NotPossible(_("There is no text yet to sign off."), code="no_text")
    if verdict not in Verdict.values:
        raise NotPossible(
            _("Choose whether your ministry agrees."), code="no_verdict", field="verdict"
        )
    remark = _note(remark, field="remark")
    if verdict != Verdict.AGREED and not remark:
        raise NotPossible(
            _("Write down the remark, or why you do not agree."), code="no_reason", field="remark"
        )
    signed = SignOff.objects.create(
        version=version, organisation=organisation, verdict=verdict, remark=remark, actor=actor
    )
    detail = {"version": version.number, "verdict": str(verdict), "for": organisation.slug}
    trail.record("entry.sign-off", actor=actor, about=entry, detail=detail, seals=[signed])
    return signed


@trail.atomic()
def publish_round(
    each: ReportingRound, *, actor: User, released_at: datetime | None = None
) -> ReportingRound:
    """Publish every approved text of a round, for everyone from `released_at`; default now.

    Doing it again with the same moment, or with none, changes nothing; before the moment has
    passed another moment can be set.
    """
    each = ReportingRound.objects.select_for_update(of=("self",)).get(pk=each.pk)
    if not actor.has_perm("actions.publish_reportinground"):
        raise PermissionDenied
    if each.published_on is not None:
        return _move_release(each, actor, released_at)
    if each.opened_on is None:
        raise NotPossible(_("This round was never opened."), code="not_open")
    released_at = _coming(released_at) or timezone.now()
    entries = list(each.entries.select_for_update().order_by("pk"))
    _refuse_unfinished(each)
    for refuse in publication_checks:
        refuse(each)
    approved = [entry for entry in entries if entry.state == EntryState.APPROVED]
    for entry in approved:
        entry.published_version_id = entry.latest_version_id
    StatusEntry.objects.bulk_update(approved, ["published_version"])
    # What nobody saved is of no use any more, and is nobody else's business.
    EntryDraft.objects.filter(entry__in=entries).delete()
    each.published_on, each.released_at = timezone.localdate(), released_at
    each.save(update_fields=["published_on", "released_at"])
    detail = {
        "released_at": released_at.isoformat(),
        "versions": {str(entry.pk): entry.published_version_id for entry in approved},
    }
    trail.record("round.publish", actor=actor, about=each, detail=detail)
    return each


@trail.atomic()
def publish_correction(
    entry: StatusEntry, *, actor: User, reason: str, read_version: int | None = None
) -> StatusEntry:
    """Let an approved text take the place of the published one; the public reads the reason."""
    entry = begin(entry, Verb.CORRECT, actor)
    _refuse_unseen(entry, read_version)
    reason = _reason(reason)
    version = entry.latest_version
    if version is None or entry.published_version_id == version.pk:
        raise NotPossible(_("This text is already the published one."), code="published_already")
    if EntryRemark.objects.open().filter(entry=entry).exists():
        raise NotPossible(_("There are remarks that nobody answered yet."), code="open_remarks")
    _refuse_disagreement(entry)
    corrected = Correction.objects.create(
        entry=entry,
        version=version,
        replaced=entry.published_version,
        reason=reason,
        actor=actor,
    )
    entry.published_version = version
    entry.save(update_fields=["published_version"])
    detail = {"version": version.number}
    trail.record(
        "entry.publish-correction", actor=actor, about=entry, detail=detail, seals=[corrected]
    )
    return entry


@trail.atomic()
def publish_reconstruction(entry: StatusEntry, *, actor: User, note: str) -> StatusEntry:
    """Make public what was read from a public letter; nobody submits or approves that.

    The entry becomes visible with its round.
    """
    entry = begin(entry, Verb.PUBLISH_RECONSTRUCTION, actor)
    note = _reason(note, field="note")
    version = entry.latest_version
    if version is None or version.origin != Origin.RECONSTRUCTED:
        raise NotPossible(
            _("Only a text from a public letter is published this way."), code="not_reconstructed"
        )
    if entry.published_version_id == version.pk:
        raise NotPossible(_("This text is already the published one."), code="published_already")
    entry.published_version = version
    return _move(
        entry, EntryState.RECONSTRUCTED, Verb.PUBLISH_RECONSTRUCTION, actor=actor, note=note
    )


def organisations_to_sign(entry: StatusEntry) -> list[Organisation]:
    """Return the co-responsible ministries that said nothing yet of the text as it stands."""
    signed = entry.sign_offs_in_force()
    waiting = [key for key in entry.co_responsible_ids() if key not in signed]
    return list(Organisation.objects.filter(pk__in=waiting).prefetch_related("names"))


def unfinished(each: ReportingRound) -> Sequence[StatusEntry]:
    """Return the entries within the plan that are neither approved nor marked as not supplied."""
    return list(
        each.entries.filter(action_point__in_plan=True)
        .exclude(state__in=[EntryState.APPROVED, EntryState.NOT_SUPPLIED])
        .select_related("action_point")
        .order_by("action_point__code")
    )


def begin(entry: StatusEntry, verb: Verb, actor: User) -> StatusEntry:
    """Lock the entry and refuse who may not do this, and a state or round that does not fit."""
    entry = StatusEntry.objects.locked(entry.pk)
    if not permissions.may(actor, verb, entry):
        raise PermissionDenied
    if entry.state not in permissions.STATES[verb]:
        raise NotPossible(str(_WRONG_STATE[EntryState(entry.state)]), code="wrong_state")
    if not permissions.fits_round(verb, entry):
        raise NotPossible(_("The round of this status is not open for that."), code="wrong_round")
    return entry


def _refuse_unseen(entry: StatusEntry, read_version: int | None) -> None:
    """Refuse a step on another text than the one that somebody read; None is whatever there is."""
    version = entry.latest_version.number if entry.latest_version else 0
    if read_version not in (None, version):
        raise NotPossible(
            _("The text was changed after you opened it. Read it again first."), code="other_text"
        )


def _move(entry: StatusEntry, to: EntryState, verb: Verb, *, actor: User, note: str) -> StatusEntry:
    step = Transition.objects.create(
        entry=entry,
        actor=actor,
        from_state=entry.state,
        to_state=to,
        version=entry.latest_version,
        note=_note(note),
    )
    entry.state = to
    entry.save(update_fields=["state", "published_version"])
    detail = {"from": step.from_state, "to": str(to)}
    if entry.latest_version:
        detail["version"] = str(entry.latest_version.number)
    trail.record(f"entry.{verb.value}", actor=actor, about=entry, detail=detail, seals=[step])
    return entry


def _reason(reason: str, *, field: str = "reason") -> str:
    """Return a reason that says something; raises NotPossible for an empty one."""
    reason = _note(reason, field=field)
    if not reason:
        raise NotPossible(_("Say in one sentence why."), code="no_reason", field=field)
    return reason


def _note(note: str, *, field: str = "note") -> str:
    note = richtext.clean(note).strip() if richtext.says_something(note) else ""
    if len(note) > MAX_CHARACTERS:
        raise NotPossible(
            _("A text can have 20,000 characters at most."), code="too_long", field=field
        )
    return note


def _refuse_disagreement(entry: StatusEntry) -> None:
    against = [
        each.organisation
        for each in entry.sign_offs_in_force().values()
        if each.verdict == Verdict.NOT_AGREED and each.organisation_id in entry.co_responsible_ids()
    ]
    if against:
        raise NotPossible(
            _("Does not agree with this text: %s.")
            % ", ".join(short_name(each) for each in against),
            code="not_agreed",
        )


def _refuse_unfinished(each: ReportingRound) -> None:
    if waiting := unfinished(each):
        raise NotPossible(
            _("Not approved or marked as not supplied yet: %s.")
            % ", ".join(entry.action_point.code for entry in waiting),
            code="unfinished",
        )
    remarks = EntryRemark.objects.open().filter(entry__round=each, entry__state=EntryState.APPROVED)
    codes = remarks.values_list("entry__action_point__code", flat=True).distinct()
    if codes:
        raise NotPossible(
            _("There are remarks that nobody answered yet: %s.") % ", ".join(sorted(codes)),
            code="open_remarks",
        )
    for entry in each.entries.filter(state=EntryState.APPROVED).select_related("action_point"):
        try:
            _refuse_disagreement(entry)
        except NotPossible as refusal:
            raise NotPossible(
                f"{entry.action_point.code}: {refusal}", code=refusal.code
            ) from refusal


def _move_release(
    each: ReportingRound, actor: User, released_at: datetime | None
) -> ReportingRound:
    if released_at is None or released_at == each.released_at:
        return each
    if each.is_released():
        raise NotPossible(_("This round is public already."), code="released_already")
    each.released_at = _coming(released_at)
    each.save(update_fields=["released_at"])
    detail = {"released_at": released_at.isoformat()}
    trail.record("round.move-release", actor=actor, about=each, detail=detail)
    return each


def _coming(moment: datetime | None) -> datetime | None:
    """Refuse a moment that is past: what was not public then did not become so."""
    if moment is not None and moment < timezone.now() - _CLOCKS:
        raise NotPossible(
            _("This moment has passed. Choose one that is still to come, or leave it empty."),
            code="past",
            field="released_at",
        )
    return moment


# As far as the clocks of two machines may differ.
_CLOCKS: Final = timedelta(minutes=1)


def short_name(organisation: Organisation) -> str:
    """Return the abbreviation of today, or what comes nearest to it."""
    name = organisation.name_on(timezone.localdate())
    return (name.abbreviation or name.name) if name else organisation.slug

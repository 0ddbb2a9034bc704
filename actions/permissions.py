"""Who may do what, to what, in which state. Pure predicates; everything else asks here.

`may(user, verb, entry)` is about rights alone: whose entry it is, and which role somebody has.
`STATES` says in which states a verb makes sense. `can` is both, and `abilities` is all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from actions.choices import EntryState, Origin, ResponsibilityRole
from actions.models import Membership, ReportingRound, StatusEntry
from actions.models.periods import holds_on
from napmonitor.accounts.models import SYSTEM_EMAIL, User

Anyone: TypeAlias = User | AnonymousUser


class Verb(Enum):
    """What can be done to a status entry; the value is its word in addresses."""

    VIEW = "view"
    EDIT = "edit"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    REOPEN = "reopen"
    NOT_SUPPLIED = "not-supplied"
    SIGN_OFF = "sign-off"
    REMARK = "remark"
    ANSWER_REMARK = "answer-remark"
    CORRECT = "publish-correction"
    RECONSTRUCT = "reconstruct"
    PUBLISH_RECONSTRUCTION = "publish-reconstruction"


_ALL: Final = frozenset(EntryState)
_WITH_MINISTRIES: Final = _ALL - {EntryState.RECONSTRUCTED}
EDITABLE: Final = frozenset({EntryState.CONCEPT, EntryState.RETURNED})

# In which states each verb makes sense.
STATES: Final[Mapping[Verb, frozenset[EntryState]]] = {
    Verb.VIEW: _ALL,
    Verb.EDIT: EDITABLE,
    Verb.SUBMIT: EDITABLE,
    Verb.RETURN: frozenset({EntryState.SUBMITTED}),
    Verb.APPROVE: frozenset({EntryState.SUBMITTED}),
    Verb.REOPEN: frozenset({EntryState.APPROVED, EntryState.NOT_SUPPLIED}),
    Verb.NOT_SUPPLIED: EDITABLE,
    Verb.SIGN_OFF: frozenset({EntryState.SUBMITTED, EntryState.APPROVED}),
    Verb.REMARK: _WITH_MINISTRIES,
    # The words put in are a new text, which only an open entry can have.
    Verb.ANSWER_REMARK: _WITH_MINISTRIES,
    Verb.CORRECT: frozenset({EntryState.APPROVED}),
    Verb.RECONSTRUCT: frozenset({EntryState.CONCEPT, EntryState.RECONSTRUCTED}),
    Verb.PUBLISH_RECONSTRUCTION: frozenset({EntryState.CONCEPT, EntryState.RECONSTRUCTED}),
}

# What the ministry that holds the pen does, and what coordinators do for all ministries.
_OF_THE_LEAD: Final[Mapping[Verb, str]] = {
    Verb.EDIT: "actions.change_statusentry",
    Verb.SUBMIT: "actions.submit_statusentry",
    Verb.ANSWER_REMARK: "actions.change_statusentry",
}
_OF_COORDINATORS: Final[Mapping[Verb, str]] = {
    Verb.RETURN: "actions.review_statusentry",
    Verb.APPROVE: "actions.approve_statusentry",
    Verb.REOPEN: "actions.review_statusentry",
    Verb.NOT_SUPPLIED: "actions.review_statusentry",
    Verb.CORRECT: "actions.publish_reportinground",
    Verb.RECONSTRUCT: "actions.reconstruct_statusentry",
    Verb.PUBLISH_RECONSTRUCTION: "actions.reconstruct_statusentry",
}
# Verbs with a button and an address of their own.
STEPS: Final = tuple(verb for verb in Verb if verb not in (Verb.VIEW, Verb.EDIT, Verb.RECONSTRUCT))


def visible_entries(user: Anyone) -> QuerySet[StatusEntry]:
    """Return the entries this person may read: those of ministries they belong to today.

    A ministry reads what it answers for today, alone or with others, and what it answered for at
    any time while the round was open, or when its letter went out. Coordinators, readers and the
    functional administrator read all.
    """
    if user.has_perm("actions.view_every_statusentry"):
        return StatusEntry.objects.all()
    if not user.has_perm("actions.view_statusentry") or isinstance(user, AnonymousUser):
        return StatusEntry.objects.none()
    today = timezone.localdate()
    # A role without this right at another ministry opens nothing there.
    readers = user.memberships.on(today).filter(
        group__permissions__content_type__app_label="actions",
        group__permissions__codename="view_statusentry",
    )
    return StatusEntry.objects.filter(
        pk__in=StatusEntry.objects.filter(
            _answers(readers) & (holds_on(today, _PREFIX) | _held_during_round())
        ).values("pk")
    )


def may(user: Anyone, verb: Verb, entry: StatusEntry) -> bool:
    """Tell whether this person has the right to a verb on this entry, whatever its state."""
    if isinstance(user, AnonymousUser):
        return False
    if verb in (Verb.RECONSTRUCT, Verb.PUBLISH_RECONSTRUCTION) and is_application(user):
        return True
    if verb in _OF_THE_LEAD:
        # The object decides: the right must be held at the ministry that has the pen today.
        return user.has_perm(_OF_THE_LEAD[verb], entry)
    if verb in _OF_COORDINATORS:
        return user.has_perm(_OF_COORDINATORS[verb])
    if verb is Verb.SIGN_OFF:
        return bool(signing_organisations(user, entry))
    readable = visible_entries(user).filter(pk=entry.pk).exists()
    if verb is Verb.REMARK:
        return readable and user.has_perm("actions.add_entryremark")
    return readable


def can(user: Anyone, verb: Verb, entry: StatusEntry) -> bool:
    """Tell whether this person may do this to the entry, and its state and round allow it now."""
    return entry.state in STATES[verb] and fits_round(verb, entry) and may(user, verb, entry)


def fits_round(verb: Verb, entry: StatusEntry) -> bool:
    """Tell whether the round is one in which a verb makes sense.

    What ministries write stands in a round that was opened for them; what is read from public
    letters in one that never was.
    """
    if verb in (Verb.VIEW, Verb.REMARK):
        return True
    if verb in (Verb.RECONSTRUCT, Verb.PUBLISH_RECONSTRUCTION):
        return entry.round.opened_on is None
    if verb is Verb.CORRECT:
        return entry.round.published_on is not None
    return entry.round.opened_on is not None


def reads_notes(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether somebody may read the internal notes: who writes for the lead, and coordinators.

    Who only reads the texts of all ministries does not read what was meant for one of them.
    """
    return user.has_perm("actions.review_statusentry") or user.has_perm(
        "actions.change_statusentry", entry
    )


def can_view(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether this person may read an entry."""
    return can(user, Verb.VIEW, entry)


def can_edit(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether this person may write the text of an open entry, or of a reconstruction."""
    return can(user, Verb.EDIT, entry) or can(user, Verb.RECONSTRUCT, entry)


def can_approve(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether this person may approve: never what they wrote or submitted themselves."""
    return can(user, Verb.APPROVE, entry) and not has_hand_in(user, entry)


def has_hand_in(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether somebody wrote in this entry or submitted it, for whichever ministry.

    Words that they proposed, or left as a draft, and that the ministry took over are theirs too.
    """
    return (
        entry.versions.filter(Q(author=user.pk) | Q(words_of=user.pk)).exists()
        or entry.remarks.filter(author=user.pk, answer__version__isnull=False).exists()
        or entry.transitions.filter(actor=user.pk, to_state=EntryState.SUBMITTED).exists()
    )


def signing_organisations(user: Anyone, entry: StatusEntry) -> set[int]:
    """Return the co-responsible organisations for which this person signs off."""
    if isinstance(user, AnonymousUser):
        return set()
    return set(entry.co_responsible_ids()) & user.organisations_with("actions.sign_off_statusentry")


def can_publish_reconstruction(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether there is a newer text from a public letter, which this person may publish."""
    version = entry.latest_version
    return (
        can(user, Verb.PUBLISH_RECONSTRUCTION, entry)
        and version is not None
        and version.origin == Origin.RECONSTRUCTED
        and version.pk != entry.published_version_id
    )


def can_correct(user: Anyone, entry: StatusEntry) -> bool:
    """Tell whether an approved text waits to take the place of the published one."""
    return (
        can(user, Verb.CORRECT, entry)
        and entry.latest_version_id is not None
        and entry.latest_version_id != entry.published_version_id
    )


def abilities(user: Anyone, entry: StatusEntry) -> dict[str, bool]:
    """Return every verb, by its word in addresses, with whether this person may do it now."""
    special = {
        Verb.EDIT: can_edit,
        Verb.APPROVE: can_approve,
        Verb.CORRECT: can_correct,
        Verb.PUBLISH_RECONSTRUCTION: can_publish_reconstruction,
    }
    answers = {
        verb.value: special[verb](user, entry) if verb in special else can(user, verb, entry)
        for verb in Verb
        if verb is not Verb.REMARK
    }
    # Who reads it was asked already, and is the longest question of all.
    remarks = user.has_perm("actions.add_entryremark") and entry.state in STATES[Verb.REMARK]
    return answers | {Verb.REMARK.value: answers[Verb.VIEW.value] and remarks}


def can_open(user: Anyone, each: ReportingRound) -> bool:
    """Tell whether this person may open a round: it is not out, and was never sent."""
    return (
        user.has_perm("actions.open_reportinground")
        and each.published_on is None
        and each.released_at is None
        and each.letter_id is None
    )


def can_publish(user: Anyone, each: ReportingRound) -> bool:
    """Tell whether this person may publish a round, or move a release that is still to come."""
    return (
        user.has_perm("actions.publish_reportinground")
        and each.opened_on is not None
        and not each.is_released()
    )


def able_to_approve() -> QuerySet[User]:
    """Return the people who can approve today, by a role and not as who sets things up."""
    memberships = Membership.objects.active(timezone.localdate()).filter(
        group__permissions__content_type__app_label="actions",
        group__permissions__codename="approve_statusentry",
    )
    return User.objects.filter(pk__in=memberships.values("user"))


def is_application(user: Anyone) -> bool:
    """Tell whether it is the application itself, which signs in nowhere."""
    return not isinstance(user, AnonymousUser) and user.email == SYSTEM_EMAIL


def can_manage_account(user: Anyone, account: User) -> bool:
    """Tell whether this person may touch an account; an administrator cannot rise by way of one.

    The account of the application signs nobody in, and only who sets up the installation touches
    an account that sets up the installation.
    """
    if account.email == SYSTEM_EMAIL:
        return False
    allowed = user.has_perm("accounts.change_user" if account.pk else "accounts.add_user")
    return is_application(user) or (allowed and (user.is_superuser or not account.is_superuser))


def can_give_roles(user: Anyone, account: User) -> bool:
    """Tell whether this person may give somebody a role, or end it; never their own."""
    allowed = is_application(user) or user.has_perm("actions.change_membership")
    return allowed and can_manage_account(user, account) and (user.is_superuser or account != user)


def accounts_to_give_roles(user: Anyone) -> QuerySet[User]:
    """Return the accounts to which this person may give a role."""
    accounts = User.objects.exclude(email=SYSTEM_EMAIL)
    return accounts if user.is_superuser else accounts.exclude(Q(is_superuser=True) | Q(pk=user.pk))


_PREFIX = "action_point__responsibilities__"


def _answers(memberships: QuerySet[Membership]) -> Q:
    return Q(
        action_point__responsibilities__organisation__in=memberships.values("organisation"),
        action_point__responsibilities__role__in=[
            ResponsibilityRole.LEAD,
            ResponsibilityRole.CO_RESPONSIBLE,
        ],
    )


def _held_during_round() -> Q:
    """Return the condition that a responsibility held on some day of the round.

    A round runs from its opening until its letter; a year read from its letter is that one day.
    """
    first = Coalesce(F("round__opened_on"), F("round__letter__date"))
    last = Coalesce(F("round__letter__date"), Value(timezone.localdate()))
    started = Q(**{f"{_PREFIX}valid_from": None}) | Q(**{f"{_PREFIX}valid_from__lte": last})
    not_over = Q(**{f"{_PREFIX}valid_until": None}) | Q(**{f"{_PREFIX}valid_until__gt": first})
    known = Q(round__opened_on__isnull=False) | Q(round__letter__date__isnull=False)
    return known & started & not_over

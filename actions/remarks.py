"""Remarks: how they are made and answered. The words that are taken over become a new version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _

from actions import richtext
from actions.choices import Answer, RemarkField
from actions.editing import content_of, save_text, sources_of
from actions.models import EntryRemark, EntryVersion, RemarkAnswer, StatusEntry
from actions.permissions import Verb
from actions.workflow import NotPossible, begin
from napmonitor.accounts.models import User
from napmonitor.audit import trail

# The parts of a status for which words can be proposed; the names are those of the fields.
TEXTS: Final = (
    RemarkField.NARRATIVE,
    RemarkField.OUTLOOK,
    RemarkField.LETTER_PASSAGE,
    RemarkField.INFORMED_REFERENCE,
)


@trail.atomic()
def make(
    entry: StatusEntry,
    *,
    text: str,
    author: User,
    read_version: int,
    field: RemarkField = RemarkField.WHOLE,
    quote: str = "",
    proposal: str = "",
) -> EntryRemark:
    """Store a remark on the text as it stands; coordinators and co-responsible ministries do.

    Raises PermissionDenied for who cannot read the entry, NotPossible when there is no text or it
    changed since, ValidationError for a remark that says nothing.
    """
    entry = begin(entry, Verb.REMARK, author)
    version = entry.latest_version
    if version is None:
        raise NotPossible(_("There is no text yet to remark on."), code="no_text")
    if version.number != read_version:
        raise NotPossible(
            _("The text was changed after you opened it. Read it again first."), code="other_text"
        )
    remark = EntryRemark(
        entry=entry,
        version=version,
        field=field,
        quote=richtext.clean(quote).strip(),
        text=_words(text),
        proposal=richtext.clean(proposal).strip(),
        author=author,
    )
    remark.full_clean()
    remark.save(force_insert=True)
    trail.record(
        "entry.remark",
        actor=author,
        about=entry,
        detail={"version": version.number, "field": str(field)},
        seals=[remark],
    )
    return remark


@trail.atomic()
def answer(
    remark: EntryRemark,
    *,
    answer: Answer,
    actor: User,
    read_version: int,
    reason: str = "",
) -> RemarkAnswer:
    """Say what became of a remark; accepted words are put in the text as a new version.

    Raises like save_text for the words, and NotPossible for a remark that was answered before.
    """
    entry = begin(remark.entry, Verb.ANSWER_REMARK, actor)
    if RemarkAnswer.objects.filter(remark=remark).exists():
        raise NotPossible(_("This remark has been answered already."), code="answered_already")
    version = None
    if answer == Answer.ACCEPTED and remark.proposal:
        version = _put_in(remark, entry, actor, read_version)
    answered = RemarkAnswer(
        remark=remark,
        answer=answer,
        reason=_words(reason),
        version=version,
        actor=actor,
    )
    answered.full_clean()
    answered.save(force_insert=True)
    trail.record(
        "entry.answer-remark",
        actor=actor,
        about=entry,
        detail={"remark": remark.pk, "answer": str(answer)},
        seals=[answered],
    )
    return answered


def _words(text: str) -> str:
    """Return what was written; nothing when there is no letter or digit in it."""
    return richtext.clean(text).strip() if richtext.says_something(text) else ""


def _put_in(
    remark: EntryRemark, entry: StatusEntry, actor: User, read_version: int
) -> EntryVersion:
    """Store the text with the proposed words in place of the field they are about."""
    words: dict[str, Any] = {remark.field: remark.proposal}
    latest = entry.latest_version
    # Who has not even seen the newest text is told that first, when it is saved.
    if latest is None or (
        latest.number == read_version
        and getattr(latest, remark.field) != getattr(remark.version, remark.field)
    ):
        raise NotPossible(
            _(
                "This part was written anew after the remark was made. Put the words in yourself, "
                "and answer that you take them over partly."
            ),
            code="other_text",
        )
    return save_text(
        entry,
        replace(content_of(latest), **words),
        author=actor,
        read_version=read_version,
        sources=sources_of(latest),
    )

"""What stands under each field of the work screens, where the model itself says nothing.

Kept here and not in the models: a sentence that helps somebody to fill in a form is no reason for a
migration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What others must know; the same wherever rows can have a note.
_NOTE: Final = _("What others must know to understand this. Leave empty when there is nothing.")
_PERIOD_BASIS: Final = _(
    "Choose stated when a source names the period, and derived when it follows from what a source "
    "says."
)

# A text that is read: on the page of a status for who cannot write it, and in a version.
TEXTS: Final[Mapping[str, Promise]] = {
    "progress": _("How it stands, in one word."),
    "progress_basis": _(
        "Stated: a source says it in so many words. Derived: it follows from what a source says."
    ),
    "discontinued_reason": _(
        "Only for an action point that was discontinued. Everyone can read this after publication."
    ),
    "schedule": _("Whether it runs on time, compared with what was announced."),
    "continues_after_plan": _("Whether the work goes on after the plan ends."),
    "narrative": _("What was done and what came of it. Everyone can read this after publication."),
    "outlook": _("What will be done, and when. Everyone can read this after publication."),
    "letter_passage": _(
        "What the ministry proposes for the letter itself; the coordinators work it in."
    ),
    "informed_before": _("Whether a letter or an answer to parliament was about it before."),
    "informed_reference": _("In which document of parliament that was."),
    "informed_sender": _("Who sent that document to parliament."),
    "internal_note": _("Never public: only officials who may read the texts here see it."),
    "shown_sources": _("The documents that the text rests on."),
}

FIELDS: Final[Mapping[str, Mapping[str, Promise]]] = {
    "accounts.user": {
        "email": _("The address at work. It is used to sign in, and mail goes there."),
        "name": _("First name and surname, as colleagues know this person."),
        "password_state": _(
            "Whether this person can sign in with a password. The password itself is never shown."
        ),
        "last_login": _("When this person signed in last. Empty means never."),
        "date_joined": _("When this account was made."),
        "pseudonymised_at": _("When the name and the address were taken away."),
    },
    "actions.membership": {
        "user": _("Who gets the role. Only accounts to which you may give a role are listed."),
        "organisation": _("Where this person works in this role."),
        "group": _("What this person comes to do. Give no more than the work asks for."),
        "valid_from": _("The first day with these rights: today, or a day that is still to come."),
    },
    "actions.plan": {
        "slug": _(
            "The years of the plan, as they stand in addresses. For example: 2022-2026. It cannot "
            "be changed later."
        ),
        "title_nl": _("The name of the plan in Dutch."),
        "title_en": _("The name of the plan in English."),
        "starts_on": _("The first day of the plan. Leave empty when it is not known."),
        "ends_on": _("The last day of the plan. Leave empty when it is not known."),
        "document": _(
            "The document in which the plan was sent to parliament. Register it first if it is not "
            "in the list."
        ),
        "predecessor": _("The plan before this one, if there was one."),
        "note": _NOTE,
    },
    "actions.planparticipant": {
        "organisation": _("Which organisation takes part in the plan."),
        "coordinates": _("Tick this for the organisation that coordinates the plan."),
        "source": _("The document that says so."),
    },
    "actions.pillar": {
        "number": _("Which of the three pillars this is. It cannot be changed."),
        "title_nl": _("The name of the pillar in Dutch, as it stands on the public pages."),
        "title_en": _("The name of the pillar in English, as it stands on the public pages."),
    },
    "actions.ungpprinciple": {
        "number": _(
            "The number that the United Nations gave it, from 1 to 31. It cannot be changed."
        ),
        "pillar": _("Under which pillar it belongs."),
        "title_nl": _("A few words in Dutch that say what it is about."),
        "title_en": _("The same in English."),
    },
    "actions.actionpoint": {
        "plan": _("To which plan it belongs. It cannot be changed once there is a round with it."),
        "pillar": _("Under which pillar it is reported."),
        "title_nl": _("A short name in Dutch, by which everyone recognises it."),
        "title_en": _("The same in English. If it is empty, the Dutch title is shown."),
        "description": _(
            "What it is about, in a few sentences of your own. Everyone can read this."
        ),
        "time_path": _(
            "When it is to be done, in the words of the plan. For example: before the end of 2024."
        ),
        "starts_on": _("The day on which the work starts, if a source names it."),
        "due_on": _("The day on which the work must be done, if a source names it."),
        "evidence_class": _(
            "How sure it is that this is one of the action points. A is the surest."
        ),
        "evidence_note": _("Which source says what, in one or two sentences."),
        "principles": _("Tick the guiding principles to which it belongs, if a source says so."),
    },
    "actions.responsibility": {
        "organisation": _("Which organisation has a part in this action point."),
        "role": _(
            "Responsible writes the text; co-responsible signs it off; carries out does neither."
        ),
        "note": _NOTE,
    },
    "actions.actionpointsource": {
        "source": _("A document that names this action point."),
        "detail": _("Where in the document it stands. For example: page 12."),
    },
    "actions.citation": {
        "literal": _("The reference as somebody typed it in the text."),
        "identifier": _("The number that was recognised in it."),
        "kind": _("What sort of reference it is."),
        "registered_as": _("The document it leads to, if that is registered."),
    },
    "actions.actionpointlink": {
        "from_point": _("The action point of which you say what became of it."),
        "kind": _("What became of it."),
        "reason": _("Why, in one sentence, and which source says so."),
        "date": _("Since when this holds."),
    },
    "actions.office": {
        "slug": _(
            "A short name with hyphens, for example minister-bz. It cannot be changed later."
        ),
        "title": _("The name of the office, as it stands below letters."),
        "organisation": _("To which ministry the office belongs."),
        "basis": _PERIOD_BASIS,
        "note": _NOTE,
    },
    "actions.officeholding": {
        "person": _("The name as it stands below letters."),
        "acting": _("Tick this for somebody who held the office for a while in place of another."),
        "basis": _PERIOD_BASIS,
        "note": _NOTE,
    },
    "actions.organisation": {
        "kind": _("Whether it is a ministry, or an organisation that carries out."),
    },
    "actions.organisationname": {
        "name": _("The full name in this period."),
        "abbreviation": _("The letters by which it is known. For example: BZ."),
        "note": _NOTE,
    },
    "actions.succession": {
        "predecessor": _("The organisation that was there first."),
        "successor": _("The organisation that came after it, or into which it went."),
        "kind": _("How the one followed the other."),
        "date": _("The first day of the new situation."),
        "note": _NOTE,
    },
    "actions.parliamentarydocument": {
        "kind": _("What sort of document it is."),
        "title": _("The title as it stands above the document."),
        "date": _("The day that stands on the document. Leave empty when it is not known."),
        "document_number": _("The number that the House gave it. For example: 2023D44741."),
        "case_number": _("The number of the case to which it belongs. For example: 2023Z18578."),
        "sender_reference": _("What stands behind “our reference” in the letter."),
        "signatory": _("Who signed it, in which office."),
        "annex_of": _("The letter with which it was sent, if it is an annex."),
        "note": _NOTE,
    },
    "actions.source": {
        "code": _("Our own short code for this source, with letters and digits."),
        "availability": _("Whether all of it could be read, or only a part."),
        "title": _("The title as it stands above the document or the page."),
        "publisher": _("Who made it public."),
        "date": _("The day that stands on it. Leave empty when it is not known."),
        "date_note": _("For example when only the month is known, or sources differ."),
        "address": _("The full address of the page, from https: on."),
        "document": _("The document of parliament that this source is, if it is one."),
        "note": _NOTE,
    },
    "actions.reportinground": {
        "plan": _("On which plan the ministries report."),
        "year": _("The year that the texts are about, in four digits. For example: 2026."),
        "opens_on": _(
            "The day on which you mean to open the round. It opens when somebody presses the "
            "button."
        ),
        "ministry_deadline": _(
            "The ministries submit on this day at the latest. Reminders count from this day."
        ),
        "promised_on": _(
            "The day by which the cabinet promised the letter to parliament, if it did."
        ),
        "promised_note": _("Where the promise stands, or what was said with it."),
        "opened_on": _("The day on which the round was opened. Empty means not yet."),
        "published_on": _("The day on which somebody published the round. Empty means not yet."),
        "letter": _("The letter to parliament over this year, once it was sent."),
        "report": _("The annex with that letter, once it was sent."),
        "statement_source": _(
            "The document in which the cabinet says so. Needed when you fill in the statement."
        ),
        "note": _NOTE,
    },
    "actions.statusentry": {
        **TEXTS,
        "title": _("What the text is about."),
        "year": _("The year that the text is about."),
        "state": _("Where the text is on its way from concept to approved."),
        "responsible": _("Who writes this text today, and who signs it off."),
        "description": _("What the action point is about."),
        "official_text": _("What the plan itself says about it."),
        "published": _("Which version everyone can read."),
        "reported_with_point": _(
            "If another action point stands here, its text covers this one as well."
        ),
    },
    "actions.entryversion": {
        **TEXTS,
        "entry": _("To which action point and year it belongs."),
        "number": _("The first version is 1; each save adds one."),
        "author": _("Who saved this version."),
        "created_at": _("When it was saved."),
        "origin": _("Whether the ministry wrote it, or it was read from a public letter."),
    },
    "audit.auditevent": {
        "sequence": _("The place in the trail; no number is ever skipped."),
        "at": _("When it happened."),
        "actor": _("Whose account did it. Empty means nobody who was signed in."),
        "acting_as": _("The roles that this person had then."),
        "what": _("What was done, in words."),
        "action": _("The same as a fixed code, to search for."),
        "kind": _("What sort of thing it was done to."),
        "object_id": _("The number by which that thing is known in the database."),
        "object_label": _("What that thing was called then."),
        "result": _("Done, or refused because it was not allowed."),
        "origin": _("From which network address it came, or which command of the server did it."),
        "readable_detail": _("What more was noted, such as what a field said before and after."),
        "previous_hash": _("The fingerprint of the event before it, which ties the two together."),
        "hash": _("The fingerprint of this event. It changes when somebody tampers with it."),
    },
    "audit.failedsignin": {
        "at": _("When somebody tried."),
        "account": _("For which account. Empty means an address that is not known here."),
        "address": _("From which network address it came."),
    },
}


def of(model: type[Model]) -> dict[str, Promise]:
    """Return what stands under the fields of a model, by name."""
    return dict(FIELDS.get(model._meta.label_lower, {}))

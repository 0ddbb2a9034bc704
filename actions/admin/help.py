"""What stands above each page of the work screens: what it is for, and what comes after.

One text for each screen, by the name of its address. A page of reference data, which has no text
of its own, says what its rows are about and what one does on a page of that kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from napmonitor.accounts.models import User

SCREENS: Final[Mapping[str, Promise]] = {
    "differences": _(
        "Here you see what differs between two yearly reports: how each action point stands, who "
        "answers for it, and its texts. Choose two reports and press the button. With the buttons"
        " below the summary you take the differences along as a file, for example to answer a "
        "question of parliament."
    ),
    "woo": _(
        "Here you take along all that was stored about some action points, when somebody asks for"
        " it under the Woo. Choose the rounds and the action points, and download one file. Read "
        "everything before anything becomes public: nothing is blacked out. Keep the list of "
        "names apart from the rest."
    ),
    "login": _(
        "Here you sign in, with your e-mail address at work and your password. Were you invited "
        "and do you have no password yet? Open the link in that message first. Is that link too "
        "old? Ask the functional administrator for a new one. Did you forget your password? Choose "
        "another with the link below the password."
    ),
    "index": _(
        "This is your first page. At the top stands what is asked of you now; the button behind "
        "each line takes you there. Below it stands what others have, what is approved, and the "
        "lists that you may open. When you have done something, it leaves the list by itself."
    ),
    "app_list": _(
        "These are the lists of one part of the work screens. Choose a list to look something up "
        "or to change it. You see only what your role allows."
    ),
    "password_change": _(
        "Here you choose another password. Type your old password first, and then the new one "
        "twice. From then on you sign in with the new one. On other computers you are signed out."
    ),
    "password_change_done": _(
        "Your new password is stored. Use it the next time you sign in. You need do nothing else "
        "here."
    ),
    "mail_preference": _(
        "Here you choose which mail you get. Take the tick away at what you do not want, and save. "
        "You can change it whenever you like. What is asked of you stays on your first page, with "
        "or without mail."
    ),
    "own_texts": _(
        "Here you take the texts of a ministry along as a Word file, for example to let the "
        "management there read them. You see the texts that you may read. If you may read the "
        "internal notes too, choose first whether they go along. The file is a copy: type changes "
        "here in the application, because nothing comes back from the file by itself."
    ),
    "production": _(
        "Here stand the years, each with how far its documents are: the letter to parliament, the "
        "annex report and the decision note. Choose a year to see its files. Who makes the "
        "documents goes on there."
    ),
    "production_round": _(
        "Here are the three documents of one year. At the top stands what to do now. You make "
        "concepts to let others read, and a final version when all is settled. A second "
        "coordinator issues that. After it you note when it was sent, and publish the round. Who "
        "signs off for a ministry reads the newest letter and annex report here."
    ),
    "production_editor": _(
        "Here you make the text of one document as it must be. On the left stands what is built "
        "from the texts of the ministries; on the right you change what stands in the document. "
        "Save each paragraph that you change. Empty the field to use the built text again. Under "
        "“More” you move, split and tie a paragraph."
    ),
    "production_paragraph": _(
        "Here you do with one paragraph what you need less often: move it to another section, "
        "split it, say which texts of ministries it is about, or take an earlier text of your own "
        "back. Afterwards you are back at the paragraph in the document."
    ),
    "production_rebuild": _(
        "Here you see what the newest texts of the ministries would change in this document. Read "
        "the changes and confirm them. Your own texts and the order of the paragraphs are kept; "
        "look yourself whether an own text must change too."
    ),
    "production_issue": _(
        "Here a second coordinator issues the final version. The page shows what is checked and "
        "what is still missing. Open every PDF first. Once issued, nobody can change these "
        "documents any more; only a new edition can take their place."
    ),
    "production_remarks": _(
        "Here stand the remarks that came back on the documents, per version, with where each "
        "passage stands now. Enter a remark below the list: choose the version and the passage, "
        "and say whose remark it is. With the button behind a remark you handle it. What you did "
        "with it stands in the decision note."
    ),
    "production_remark": _(
        "Here stands one remark, beside the passage and the words that were proposed. Change the "
        "paragraph in the editor first, if it must change. After that you fill in here what you "
        "did with the remark. That stands in the decision note and cannot be changed later."
    ),
    "production_route": _(
        "Here you fill in the head of the decision note: to whom it goes, from whom, and by way of "
        "whom. Write one office or unit on each line. The next version of the note says it as it "
        "stands here."
    ),
    "production_decisions": _(
        "Here you enter what was decided on the note, and on which day. If there is a condition, "
        "change the text, make another version and say here in which version it is met. Below it "
        "stands which ministries signed off the letter, and which still have to."
    ),
    "production_names": _(
        "The decision note becomes public without the names of officials. Here you see which names "
        "were found in it, with the words around them. Choose for each whether it is left out or "
        "stays, for example because the word is no name there. You can add a name that was missed."
    ),
    "production_sign_off": _(
        "Here you sign off the letter for your ministry. Open the PDF and read it first. After "
        "that you say whether your ministry agrees. If it does not, or has a remark, you write "
        "down why. When the letter changes you are asked again."
    ),
    "actions_statusentry_changelist": _(
        "Here stand the action points of all years that you may read, each with its status. Use "
        "the filters for one round, one state or one ministry, or search for a word from the "
        "title. Open a line to read the text, to write it or to review it."
    ),
    "actions_statusentry_compare": _(
        "Here you see what differs between two versions of a text. Words that went are struck "
        "through, and words that came are underlined. Choose two other versions to compare those. "
        "If you may write this text, you can also make an old version the newest again; nothing "
        "gets lost by that."
    ),
    "actions_statusentry_transition": _(
        "This step still needs something of you. The sentence in red says what. Fill it in and "
        "press the button once more, or go back without doing it. Nothing has changed so far."
    ),
    "actions_entryversion_changelist": _(
        "Here stand the versions of the texts that you may read, the newest first. Each time "
        "somebody saves a text, a version is added. Open one to read it as it was then. A version "
        "is never changed."
    ),
    "actions_entryversion_change": _(
        "Here you read one version of a text, as somebody saved it. Nothing can be changed here. "
        "To see what differs from another version, go to the status and choose there to compare "
        "versions."
    ),
    "actions_reportinground_changelist": _(
        "Here stand the reporting rounds, one for each year. Open a round to see its dates and how "
        "far it is. Who may set up a round finds the button for that above the list."
    ),
    "actions_reportinground_add": _(
        "Here you add a round by hand, for example for a year of which only public letters are "
        "known. For a new year in which the ministries will write, use the button to set up a "
        "round: it shows first what will be made and whom it asks."
    ),
    "actions_reportinground_change": _(
        "Here stand the dates and documents of one round. Below the form you see how far the "
        "action points are, and what is not finished yet. Who may open or publish the round finds "
        "the buttons for that there. A round can be published when each action point of the plan "
        "is approved or marked as not supplied."
    ),
    "actions_reportinground_set_up": _(
        "Here you set up the round of a new year. Fill in the dates and let the page show what it "
        "makes: for which action points, and which people are asked. Nothing is made before you "
        "press one of the last buttons. You choose there whether the ministries can write at once, "
        "or later."
    ),
    "actions_reportinground_overview": _(
        "Here you see how far each ministry is in this round. The table above counts the action "
        "points in each state, and what is late. Below it stands each action point; use the "
        "filters to see fewer. Coordinators can remind a ministry here, and approve several texts "
        "at once."
    ),
    "actions_reportinground_approve": _(
        "Here you see what became of each text that you chose. What was not approved says why; "
        "that text is still as it was. Go back to the overview to go on."
    ),
    "actions_reportinground_remarks": _(
        "Here stand all remarks of one round that you may read, with what became of each. Below "
        "them stand the returns and the reasons. Use the filters to see only what nobody answered "
        "yet. You can download the list as a spreadsheet; that is noted in the audit trail."
    ),
    "actions_reportinground_transition": _(
        "Publishing could not be done yet. The sentence in red says what is missing. Choose "
        "another moment, or finish first what is named there. Nothing has become public."
    ),
    "accounts_user_changelist": _(
        "Here stand the accounts of everybody who works here, with their roles of today. Open an "
        "account to change its name or roles, to invite the person again, or to end it. Use the "
        "buttons above the list to invite somebody and to see the list of rights."
    ),
    "accounts_user_add": _(
        "Here you make an account by hand. Most of the time it is easier to invite somebody: that "
        "makes the account, gives the first role and sends a message. If you make it here, give a "
        "role in the table below, and a temporary password on the next page."
    ),
    "accounts_user_change": _(
        "Here stands one account, with the roles of this person. Change the name or a role and "
        "save. Below the form you find what else you may do: invite again, give a temporary "
        "password, move this person to another ministry or role, or end the account. What somebody "
        "wrote always stays."
    ),
    "accounts_user_invite": _(
        "Here you invite somebody to work here. You fill in who it is, at which ministry and in "
        "which role. The person gets a message with a link, and chooses a password with it. Until "
        "then nobody can sign in with this account."
    ),
    "accounts_user_invitation": _(
        "You were invited to work here. Choose a password of your own on this page; nobody else "
        "gets to see it. After that you sign in with your e-mail address and this password. The "
        "link works once."
    ),
    "accounts_user_move": _(
        "Use this page when somebody goes to another ministry or gets another role. Choose which "
        "roles end, which one begins, and on which day. Who wrote or submitted a text keeps their "
        "name beside it, and can never approve it."
    ),
    "accounts_user_end": _(
        "Use this page when somebody leaves. Choose the first day without rights, and look at what "
        "it means: which roles end, and for which action points nobody is left to write. Nothing "
        "ends before you press the last button."
    ),
    "accounts_user_pseudonymise": _(
        "Use this page to take away the name and the e-mail address of somebody who left. The "
        "texts stay, under the last role and ministry. This cannot be undone. If you do nothing, "
        "it happens by itself later."
    ),
    "accounts_user_give_password": _(
        "This password is shown once and kept nowhere. Tell it to the person yourself, in person "
        "or by telephone. Ask them to choose another one after they have signed in."
    ),
    "actions_membership_changelist": _(
        "Here stand all roles: who has which role, at which ministry, and until when. Use the "
        "filters to see only the roles of today, or one role. A role that is over stays in the "
        "list, so that it can always be seen who could do what."
    ),
    "actions_membership_add": _(
        "Here you give somebody who has an account a role at a ministry. The rights begin on the "
        "first day that you fill in. Give no more than the work asks for. For somebody who is new "
        "here, invite them on the page of the accounts."
    ),
    "actions_membership_change": _(
        "Here stands one role of one person. After it has begun you can change only its period. To "
        "end the role, fill in the first day without these rights. For another role or ministry, "
        "give a new role."
    ),
    "actions_membership_rights": _(
        "Here you see who had which role in a quarter, in a year or on one day. In the last column "
        "stands what deserves a look, such as an account that is not used. Change at the account "
        "or the role what must change. After that you confirm at the end of the page that you "
        "reviewed the list; that is kept for good."
    ),
    "audit_auditevent_changelist": _(
        "This is the audit trail: what happened here, who did it and when. Search for a name of a "
        "subject, or filter by what was done and by the result. Refused attempts stand in it too. "
        "Nobody can change or remove a line."
    ),
    "audit_auditevent_change": _(
        "Here stands one event of the audit trail. The last two fields tie it to the event before "
        "it, so that it shows when somebody tampers with the trail. Nothing can be changed here."
    ),
    "audit_failedsignin_changelist": _(
        "Here you see when somebody tried to sign in and failed. Once is mostly a mistake in "
        "typing. Many times for one account, or from one address, deserves a look."
    ),
    "audit_failedsignin_change": _(
        "Here stands one failed attempt to sign in: when it was, for which account and from where. "
        "Nothing can be changed here."
    ),
}

# A page that is shown again, with what was wrong: it is the same screen.
SHOWN_AGAIN: Final = {
    "actions_reportinground_remind": "actions_reportinground_overview",
    "actions_membership_rights_reviewed": "actions_membership_rights",
}

# The page of a text, for who reads it, who writes such texts, and who reviews them.
READS: Final = _(
    "Here stands what is reported about one action point in one year. Further down you find the "
    "remarks, the earlier versions and the steps that were taken."
)
WRITES: Final = _(
    "As long as the text of your ministry is a concept or was returned, you write it here. What "
    "you type is kept as a draft; it is stored when you save. If somebody else saved first, you "
    "see both texts and choose."
)
REVIEWS: Final = _(
    "When a ministry has submitted the text, you read it here. You make a remark, return it with a "
    "reason, or approve it. You cannot approve what you wrote or submitted yourself."
)

# What the rows of a list are about, by what the names of its addresses begin with.
ABOUT: Final[Mapping[str, Promise]] = {
    "accounts_user": _("This is about the accounts of people who work here."),
    "actions_actionpoint": _(
        "This is about the action points: what each is about, who answers for it, and which "
        "sources name it."
    ),
    "actions_actionpointlink": _(
        "This is about what became of an action point: whether it goes on as another one, was "
        "split, or was dropped."
    ),
    "actions_entryversion": _(
        "This is about the versions of a text, one for each time it was saved."
    ),
    "actions_membership": _("This is about roles: who may work where, as what, and until when."),
    "actions_office": _(
        "This is about offices, such as those of a minister or state secretary, and who held them "
        "in which period."
    ),
    "actions_organisation": _(
        "This is about ministries and other organisations, and what they were called in which "
        "period."
    ),
    "actions_parliamentarydocument": _(
        "This is about documents of parliament, such as letters and motions. References in the "
        "texts lead to them by their numbers."
    ),
    "actions_pillar": _(
        "This is about the pillars of the plan. There are three; you can change only their titles."
    ),
    "actions_plan": _("This is about the action plans, and which organisations take part in them."),
    "actions_reportinground": _("This is about the reporting rounds, one for each year."),
    "actions_source": _("This is about the public sources from which something here was taken."),
    "actions_statusentry": _("This is about the status of an action point in one year."),
    "actions_succession": _(
        "This is about which organisation came out of another, or went into it."
    ),
    "actions_ungpprinciple": _(
        "This is about the guiding principles of the United Nations, to which an action point can "
        "belong."
    ),
    "audit_auditevent": _("This is about the audit trail."),
    "audit_failedsignin": _("This is about failed attempts to sign in."),
}

# What one does on a page of a kind, by what the name of its address ends with.
KINDS: Final[Mapping[str, Promise]] = {
    "changelist": _(
        "Search or filter, and open a line to read it. If your role allows it, you can change it "
        "there, or add a new one with the button above the list."
    ),
    "add": _(
        "Fill in what you know and save. A name in bold must be filled in. Leave empty what is not "
        "known: never guess."
    ),
    "change": _(
        "If your role allows it, change what is not right and save. What it said before stays in "
        "the history, which you find with the button at the top. If somebody else changed the same "
        "thing meanwhile, the page says so."
    ),
    "history": _(
        "Here you see who changed what and when, the newest first. You can only read here: history "
        "is never changed."
    ),
}

_ENTRY: Final = "actions_statusentry_change"
# Open to who is not signed in.
_OPEN: Final = ("login", "accounts_user_invitation")


def of_request(request: HttpRequest) -> str:
    """Return what is said of the screen that somebody asked for; nothing where they may not be."""
    name = request.resolver_match.url_name if request.resolver_match else None
    if name is None or not (name in _OPEN or admin.site.has_permission(request)):
        return ""
    return of_screen(name, request.user)


def of_screen(name: str, user: Any) -> str:
    """Return what is said of one screen; nothing of an address that shows none."""
    if name == _ENTRY:
        return " ".join(str(part) for part in _of_entry(user))
    name = SHOWN_AGAIN.get(name, name)
    if name in SCREENS:
        return str(SCREENS[name])
    rows, _line, kind = name.rpartition("_")
    if rows in ABOUT and kind in KINDS:
        return f"{ABOUT[rows]} {KINDS[kind]}"
    return ""


def _of_entry(user: User) -> Iterator[Promise]:
    """Yield what somebody can do with texts, by what they may do today."""
    yield READS
    if user.organisations_with("actions.change_statusentry"):
        yield WRITES
    if user.has_perm("actions.review_statusentry"):
        yield REVIEWS


# The site class knows nothing of these pages; here it is told what each says of itself.
_site: Any = admin.site
_site.screen_help = of_request

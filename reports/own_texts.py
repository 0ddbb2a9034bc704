"""A ministry takes its own texts along as a Word file, to agree on them within the ministry.

Who may read the texts through a ministry may take them; who reads all may take those of any. That
they left the application stands in the audit trail before they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from smtplib import SMTPException
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from actions import permissions
from actions.models import Organisation, ReportingRound, StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from reports.builder.own_texts import build_own_texts
from reports.document import AnnexReport
from reports.renderers.docx import render_docx

WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class WordFile:
    """A file to download, or to mail along."""

    name: str
    title: str
    content: bytes


class NotSent(Exception):
    """The mail server did not take the message."""


def readable(user: User) -> QuerySet[StatusEntry]:
    """Return the entries that ministries wrote or write, as far as this person may read them."""
    return permissions.visible_entries(user).filter(round__opened_on__isnull=False)


def ministries_of(user: User) -> set[str] | None:
    """Return the ministries whose texts this person may take along; None for all of them."""
    if user.has_perm("actions.view_every_statusentry"):
        return None
    own = user.organisations_with("actions.view_statusentry")
    return set(Organisation.objects.filter(pk__in=own).values_list("slug", flat=True))


def notes_of(user: User) -> set[str] | None:
    """Return whose internal notes somebody may take along; None is those of all ministries."""
    if user.has_perm("actions.review_statusentry"):
        return None
    writing = user.organisations_with("actions.change_statusentry")
    return set(Organisation.objects.filter(pk__in=writing).values_list("slug", flat=True))


def take_along(
    user: User, each: ReportingRound, ministry: str, *, with_notes: bool = False
) -> WordFile:
    """Return the texts of a ministry in a round; raises PermissionDenied for those of others."""
    return _taken(user, each, ministry, with_notes=with_notes, way="download")


def mail_along(
    user: User, each: ReportingRound, ministry: str, *, with_notes: bool = False
) -> WordFile:
    """Mail the same file to the person themselves, and to nobody else; raises NotSent too."""
    made = _taken(user, each, ministry, with_notes=with_notes, way="mail")
    message = EmailMessage(
        subject=" ".join(made.title.split()),
        body=_(
            "Attached are the texts that you asked for. They are a concept and not public.\n\n"
            "Make changes in NAP-monitor, not in this file: what is changed in the file does not "
            "come back into NAP-monitor."
        ),
        to=[user.email],
        attachments=[(made.name, made.content, WORD)],
    )
    try:
        message.send()
    except (OSError, SMTPException) as error:
        raise NotSent from error
    return made


def can_mail() -> bool:
    """Tell whether mail goes anywhere; a demonstration shows it on the console."""
    console = settings.EMAIL_BACKEND.endswith("console.EmailBackend")
    return settings.NAP_DEMO or not console


def _taken(
    user: User, each: ReportingRound, ministry: str, *, with_notes: bool, way: str
) -> WordFile:
    allowed = ministries_of(user)
    if allowed is not None and ministry not in allowed:
        raise PermissionDenied
    moment = timezone.now()
    noted = notes_of(user)
    with_notes = with_notes and (noted is None or ministry in noted)
    document = build_own_texts(
        readable(user).filter(round=each), ministry, moment=moment, with_notes=with_notes
    )
    if document is None:
        raise PermissionDenied
    content = render_docx(document).content
    detail = {"what": "own-texts", "ministry": ministry, "internal_notes": with_notes, "way": way}
    trail.record("document.read", actor=user, about=each, label=document.title, detail=detail)
    return WordFile(_file_name(document, ministry), document.title, content)


def _file_name(document: AnnexReport, ministry: str) -> str:
    """Return a name that says what it is, and sorts by the day on which it was made."""
    day = f"{document.dated:%Y%m%d}" if document.dated else ""
    return f"concept-teksten-{slugify(ministry)}-{document.year}-{day}.docx"

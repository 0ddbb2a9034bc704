"""The words of a mail: a subject, a text and the same as HTML. Always in the language of the site.

Nothing here reads the database: all that is said is in the plan of the mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from actions.choices import EntryState
from actions.mail.plans import Item, Plan
from actions.mail.recipients import Kind, What

# More is no list that anybody reads; the first page has them all.
MOST_POINTS: Final = 50
# With more, their number says as much as their names.
MOST_NAMES: Final = 3

_TITLES: Final[dict[What, Promise]] = {
    What.WRITE: gettext_lazy("To write"),
    What.SUBMIT: gettext_lazy("To submit"),
    What.ANSWER: gettext_lazy("Remarks to answer"),
    What.SIGN: gettext_lazy("To sign off"),
    What.REVIEW: gettext_lazy("To review"),
}


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks a ministry to act, and in which words."""

    name: str
    email: str
    words: str


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a list with its link; `notes` says in few words where it stands."""

    title: str
    notes: str
    address: str


@dataclass(frozen=True, slots=True)
class Section:
    """Points of which the same is asked."""

    title: str
    points: tuple[Point, ...]


def compose(plan: Plan, request: Request | None = None) -> EmailMultiAlternatives:
    """Return a mail that can be sent."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _one_line(_subject(plan))
        own = [item for item in plan.items if not item.stands_in]
        context = {
            "language": settings.LANGUAGE_CODE,
            "subject": subject,
            "name": plan.to.name,
            "opening": _opening(plan, request),
            "words": request.words if request else "",
            "sections": [*_sections(own[:MOST_POINTS]), *_instead(plan.items)],
            "more": len(own[MOST_POINTS:]),
            "start": address("admin:index"),
            "roles": ", ".join(plan.roles),
            "choose": address("admin:mail_preference"),
        }
        message = EmailMultiAlternatives(
            subject,
            render_to_string("mail/message.txt", context).strip() + "\n",
            to=[plan.to.email],
            reply_to=[request.email] if request else None,
            # Asks the other side not to answer with an out-of-office.
            headers={"Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(render_to_string("mail/message.html", context), "text/html")
    return message


def address(name: str, *args: object) -> str:
    """Return the whole address of a page; who is not signed in comes there after doing so."""
    return f"{settings.NAP_BASE_URL}{reverse(name, args=args)}"


def _subject(plan: Plan) -> str:
    items, day = plan.items, _first_deadline(plan.items)
    points = _points_of(items)
    if plan.kind is Kind.DIGEST or day is None:
        start = _("Please act") if plan.kind is Kind.REQUEST else _news(items)
        subject = _("%(start)s: %(points)s") % {"start": start, "points": points}
        return f"{subject}, {_due(day)}" if day else subject
    if any(item.task.is_late for item in items):
        return _("Late: %(points)s, due by %(day)s") % {"points": points, "day": _short(day)}
    return _("By %(day)s: still %(points)s") % {"points": points, "day": _short(day)}


def _points_of(items: Iterable[Item]) -> str:
    tasks = {item.task.entry: item.task for item in items}.values()
    names = sorted({task.ministry.short for task in tasks if task.ministry})
    said = ngettext("%(count)d action point", "%(count)d action points", len(tasks)) % {
        "count": len(tasks)
    }
    if not names:
        return said
    ministries = ", ".join(names)
    if len(names) > MOST_NAMES:
        ministries = _("%(count)d ministries") % {"count": len(names)}
    return _("%(points)s of %(ministries)s") % {"points": said, "ministries": ministries}


def _news(items: Iterable[Item]) -> str:
    """Say in few words what is new, when it is all the same."""
    titles = {_title(item) for item in items}
    return titles.pop() if len(titles) == 1 else _("New for you")


def _title(item: Item) -> str:
    if item.stands_in:
        return _("Nobody at the ministry gets this mail")
    if item.what is What.WRITE and item.task.state == EntryState.RETURNED:
        return _("Came back to you")
    return str(_TITLES[item.what])


def _opening(plan: Plan, request: Request | None) -> str:
    if request and all(item.stands_in for item in plan.items):
        return _(
            "%(name)s, coordinator of the action plan, reminded a ministry. Nobody there gets "
            "this mail, so you do."
        ) % {"name": request.name}
    if request:
        return _(
            "%(name)s, coordinator of the action plan, asks you to finish these texts and have "
            "them submitted."
        ) % {"name": request.name}
    if plan.kind is Kind.DIGEST:
        return _("This is new for you in NAP-monitor.")
    if any(item.task.is_late for item in plan.items):
        return _("The day has passed by which these texts had to be submitted.")
    return _("These texts still have to be submitted.")


def _sections(items: Iterable[Item]) -> list[Section]:
    """Return the points under what is asked, in the order in which that first comes."""
    found: dict[str, list[Point]] = {}
    for item in items:
        found.setdefault(_title(item), []).append(_point(item))
    return [Section(title, tuple(points)) for title, points in found.items()]


def _point(item: Item) -> Point:
    task = item.task
    notes = [f"{task.ministry.short}, {task.year}" if task.ministry else str(task.year)]
    return Point(
        f"{task.code} {_one_line(task.title)}",
        _joined([*notes, *_when([item])]),
        address("admin:actions_statusentry_change", task.entry),
    )


def _instead(items: Iterable[Item]) -> list[Section]:
    """Return, one line for each ministry, what nobody there is told."""
    groups: dict[tuple[str, int, What], list[Item]] = {}
    title = ""
    for item in items:
        if item.stands_in:
            title = _title(item)
            groups.setdefault((item.of, item.task.round, item.what), []).append(item)
    points = [_group(*key, together) for key, together in sorted(groups.items(), key=_by_name)]
    return [Section(title, tuple(points))] if points else []


def _by_name(group: tuple[tuple[str, int, What], list[Item]]) -> tuple[str, int, str]:
    (of, each, what), _items = group
    return of, each, what.value


def _group(of: str, each: int, what: What, items: Sequence[Item]) -> Point:
    ministry, year = items[0].ministry, items[0].task.year
    codes = ", ".join(item.task.code for item in items)
    shown = "only=unsigned" if what is What.SIGN else f"ministry={of}"
    return Point(
        f"{ministry.short if ministry else of}, {year}: {str(_TITLES[what]).lower()}",
        _joined([codes, *_when(items)]),
        f"{address('admin:actions_reportinground_overview', each)}?{shown}#points",
    )


def _when(items: Sequence[Item]) -> Iterator[str]:
    """Yield by when texts of one round are due, and that they are late."""
    day = _first_deadline(items)
    if day:
        yield _("due by %(day)s") % {"day": date_format(day)}
    if any(item.task.is_late for item in items):
        yield _("late")


def _joined(notes: Iterable[str]) -> str:
    return " · ".join(notes)


def _first_deadline(items: Iterable[Item]) -> date | None:
    """Return the first day that one of these texts waits for."""
    texts = [item.task for item in items if item.what in (What.WRITE, What.SUBMIT)]
    return min((task.deadline for task in texts if task.deadline), default=None)


def _due(day: date) -> str:
    return _("due by %(day)s") % {"day": _short(day)}


def _short(day: date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT")


def _one_line(text: str) -> str:
    """Return a text that fits in a header: no line ends, and no more than one space."""
    return " ".join(text.split())

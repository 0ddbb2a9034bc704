"""Two reports beside each other: which there are to choose from, and the file of what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from actions.choices import EntryState
from actions.models import StatusEntry
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from reports.builder import NoSuchPlan, year_snapshot
from reports.builder.difference import Sides, build_difference, plan_years
from reports.choices import Kind
from reports.comparison import Comparison, compare_snapshots
from reports.document import AnnexReport
from reports.models import EditionVersion, Freeze
from reports.rendering import render
from reports.snapshot import Snapshot, from_json

_CONCEPT: Final = "-concept"
FORMATS: Final[dict[str, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A report to compare: its key in an address, what it is called, and how to read it."""

    key: str
    label: str
    is_public: bool
    load: Callable[[], Snapshot]
    # Whether it is of a year of which texts are approved, but not public yet.
    is_begun: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """Two reports and what differs between them."""

    before: Choice
    after: Choice
    comparison: Comparison

    @property
    def is_public(self) -> bool:
        """Whether everyone may read both."""
        return self.before.is_public and self.after.is_public


@dataclass(frozen=True, slots=True)
class DifferenceFile:
    """A file to download."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Choices:
    """The reports of one plan that can be compared, oldest first."""

    plan: str
    choices: tuple[Choice, ...]

    def get(self, key: str) -> Choice | None:
        return next((each for each in self.choices if each.key == key), None)

    @property
    def usual(self) -> tuple[str, str]:
        """The keys to start with: the last year of which there is something, and the one before.

        A year that is being written counts as soon as one of its texts is approved.
        """
        years: dict[str, str] = {}
        for each in self.choices:
            if each.is_public or each.is_begun:
                # Of a year that everyone may read that is what parliament asks of.
                years.setdefault(each.key.removesuffix(_CONCEPT), each.key)
        keys = list(years.values()) or [each.key for each in self.choices][:1]
        return keys[max(0, len(keys) - 2)], keys[-1]


def snapshots(plan: str | None = None) -> Choices:
    """Return what there is to compare of a plan, by default the current one; 4 queries.

    Only for who may read the texts of all ministries. Raises NoSuchPlan, also for a plan without
    a year.
    """
    try:
        validate_slug(plan or "current")
    except ValidationError as error:
        raise NoSuchPlan(plan) from error
    found = plan_years(plan)
    if found is None or not found[1]:
        raise NoSuchPlan(plan)
    slug = found[0].slug
    begun = _begun(slug)
    choices = []
    for each in found[1]:
        year = each.year
        if each.is_released:
            read = partial(year_snapshot, year, plan=slug)
            choices.append(Choice(str(year), str(year), True, read))
        # Ministries can have texts approved that are not out yet, also after the letter was sent.
        if each.by_ministries or not each.is_released:
            read = partial(year_snapshot, year, plan=slug, with_approved=True)
            label = f"{year} (concept)"
            choices.append(Choice(f"{year}{_CONCEPT}", label, False, read, year in begun))
    return Choices(slug, (*choices, *_frozen(slug)))


def _begun(plan: str) -> set[int]:
    """Return the years of which a ministry had a text approved; 1 query."""
    approved = StatusEntry.objects.filter(round__plan__slug=plan, state=EntryState.APPROVED)
    return set(approved.values_list("round__year", flat=True))


def _frozen(plan: str) -> Iterator[Choice]:
    """Yield what was fixed at earlier moments, by its edition and version; 1 query."""
    letters = (
        EditionVersion.objects.filter(edition__round__plan__slug=plan, edition__kind=Kind.LETTER)
        .order_by("edition__round__year", "edition__number", "number")
        .values_list("freeze", "edition__round__year", "edition__number", "number", "issue")
    )
    for freeze, year, edition, version, issue in letters:
        label = (
            _("%(year)s, edition %(edition)s")
            if issue
            else _("%(year)s, edition %(edition)s, version %(version)s")
        )
        names = {"year": year, "edition": edition, "version": version}
        # Which of these everyone may read is another question: their files are noted as internal.
        yield Choice(f"freeze-{freeze}", label % names, False, partial(_data_of, freeze))


def _data_of(freeze: int) -> Snapshot:
    return from_json(Freeze.objects.values_list("data", flat=True).get(pk=freeze))


def compare(before: Choice, after: Choice) -> Compared:
    """Return what differs between two reports of one plan."""
    return Compared(before, after, compare_snapshots(before.load(), after.load()))


def difference_document(found: Compared) -> AnnexReport:
    """Return what differs as a document, which is Dutch whoever asks for it."""
    sides = Sides(found.before.label, found.after.label)
    with translation.override("nl"):
        return build_difference(
            found.comparison, sides, moment=timezone.now(), is_public=found.is_public
        )


def difference_file(user: User, found: Compared, to: str) -> DifferenceFile:
    """Return what differs as a file in one of FORMATS; raises NotRendered.

    That what is not public left the application stands in the audit trail before it does.
    """
    document = difference_document(found)
    content = render(document, to).content
    if not found.is_public:
        detail = {
            "what": "difference",
            "before": found.before.key,
            "after": found.after.key,
            "format": to,
        }
        trail.record("document.read", actor=user, label=document.title, detail=detail)
    name = f"verschil-{found.before.key}-{found.after.key}.{to}"
    return DifferenceFile(name, FORMATS[to], content)

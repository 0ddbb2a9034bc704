"""What came back on the documents of a round, as the pages show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from actions.choices import Verdict
from actions.models import Organisation, PlanParticipant, ReportingRound
from reports.choices import Audience, Format, Kind
from reports.models import (
    EditionFile,
    EditionRemark,
    EditionSignOff,
    EditionVersion,
    Freeze,
    RemarkHandling,
    RemarkPlace,
)
from reports.passages import Passage, content, passages

_ORDER = list(Kind)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a passage stood or stands in one version; `page` is None while no page is known."""

    version: EditionVersion
    page: int | None
    is_there: bool = True


@dataclass(frozen=True, slots=True)
class RemarkLine:
    """A remark with its passage, what was done with it, and where that stands in each version."""

    remark: EditionRemark
    handling: RemarkHandling | None
    passage: str
    before: Where
    later: tuple[Where, ...]
    # Where the editor shows the paragraph.
    node_id: str
    can_change: bool

    @property
    def now(self) -> Where | None:
        """Where it stands in the newest version, when that is another than the one remarked on."""
        return self.later[-1] if self.later else None


@dataclass(frozen=True, slots=True)
class RemarksOfVersion:
    """The remarks on one version of one document."""

    version: EditionVersion
    lines: tuple[RemarkLine, ...]

    @property
    def open_count(self) -> int:
        return sum(line.handling is None for line in self.lines)


@dataclass(frozen=True, slots=True)
class MinistryAnswer:
    """What a ministry said last of the letter: of its newest version, or of one before that."""

    organisation: Organisation
    name: str
    given: EditionSignOff | None
    earlier: EditionSignOff | None
    # Whether the newest version of the letter says what the earlier one said.
    is_unchanged: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether they still have to say something of the words of the newest version."""
        return self.given is None and not (self.earlier and self.is_unchanged)

    @property
    def last(self) -> EditionSignOff | None:
        """The last word, which may be of an earlier version."""
        return self.given or self.earlier

    @property
    def version(self) -> str:
        """The version that their last word is of."""
        return version_name(self.last.version) if self.last else ""

    @property
    def disagrees(self) -> bool:
        """Whether their last word is no: a newer version does not make it a yes."""
        return self.last is not None and self.last.verdict == Verdict.NOT_AGREED


def version_name(version: EditionVersion) -> str:
    """Return what a version is called, whichever of the documents it is of."""
    return f"{version.edition.number}.{version.number}"


def versions_of(each: ReportingRound) -> list[EditionVersion]:
    """Return the stored versions of a round: by document, and of each the newest first."""
    found = EditionVersion.objects.filter(edition__round=each).select_related(
        "edition__round", "edition__issue", "freeze"
    )
    return sorted(
        found.defer("tree", "public_tree", "freeze__data"),
        key=lambda version: (
            _ORDER.index(Kind(version.edition.kind)),
            -version.edition.number,
            -version.number,
        ),
    )


def at_work(versions: Iterable[EditionVersion]) -> list[EditionVersion]:
    """Return the versions of editions that are not issued."""
    return [version for version in versions if not hasattr(version.edition, "issue")]


def pages_of(versions: Iterable[int]) -> dict[int, Mapping[str, int]]:
    """Return on which page each node starts, by key of the version."""
    files = EditionFile.objects.filter(version__in=set(versions), format=Format.PDF)
    # The internal note is the one that was read; in this order it has the last word.
    return dict(files.order_by("-audience").values_list("version", "pages"))


def passages_of(version: EditionVersion) -> tuple[Passage, ...]:
    """Return the passages of a stored version, as its readers up the line saw it."""
    return passages(version.document(Audience.INTERNAL))


def content_of(version: EditionVersion) -> tuple[Passage, ...]:
    """Return the passages of a stored version by which it is held against another one."""
    return content(version.document(Audience.INTERNAL))


def remarks_of(each: ReportingRound) -> list[RemarksOfVersion]:
    """Return the remarks on the documents of a round, by version; 5 queries."""
    versions = versions_of(each)
    remarks: dict[int, list[EditionRemark]] = defaultdict(list)
    found = EditionRemark.objects.filter(version__edition__round=each)
    for remark in found.select_related("author", "handling__actor").order_by("at", "pk"):
        remarks[remark.version_id].append(remark)
    places = {
        (place.remark_id, place.version_id): place.node_id
        for place in RemarkPlace.objects.filter(remark__version__edition__round=each)
    }
    trees = EditionVersion.objects.in_bulk(remarks)
    pages = pages_of(version.pk for version in versions)
    lines = _Lines(versions, places, pages)
    return [
        RemarksOfVersion(
            version,
            tuple(lines.line(remark, version, trees[version.pk]) for remark in remarks[version.pk]),
        )
        for version in versions
        if version.pk in remarks
    ]


class _Lines:
    """Makes the lines of remarks from what was read of all of them at once."""

    def __init__(
        self,
        versions: list[EditionVersion],
        places: Mapping[tuple[int, int], str],
        pages: Mapping[int, Mapping[str, int]],
    ) -> None:
        self.versions, self.places, self.pages = versions, places, pages
        self.words: dict[int, dict[str, str]] = {}

    def line(
        self, remark: EditionRemark, version: EditionVersion, tree: EditionVersion
    ) -> RemarkLine:
        if version.pk not in self.words:
            found = passages_of(tree)
            self.words[version.pk] = {each.node_id: each.text for each in found}
        handling: RemarkHandling | None = getattr(remark, "handling", None)
        later = [
            self._where(remark, each)
            for each in reversed(self.versions)
            if each.edition_id == version.edition_id and each.number > version.number
        ]
        return RemarkLine(
            remark,
            handling,
            self.words[version.pk].get(remark.node_id, ""),
            Where(version, self.pages.get(version.pk, {}).get(remark.node_id)),
            tuple(later),
            (handling.node_id if handling else "") or remark.node_id,
            can_change=not hasattr(version.edition, "issue"),
        )

    def _where(self, remark: EditionRemark, version: EditionVersion) -> Where:
        node_id = self.places.get((remark.pk, version.pk), remark.node_id)
        pages = self.pages.get(version.pk, {})
        # While its PDF is not made yet, nobody knows whether a passage is in it.
        return Where(version, pages.get(node_id), is_there=not pages or node_id in pages)


def newest_letter(each: ReportingRound) -> EditionVersion | None:
    """Return the newest version of a letter that is not issued: the one ministries sign off."""
    found = EditionVersion.objects.filter(
        edition__round=each, edition__kind=Kind.LETTER, edition__issue=None
    ).select_related("edition__round", "freeze")
    return (
        found.defer("tree", "public_tree", "freeze__data")
        .order_by("-edition__number", "-number")
        .first()
    )


def answers_of(each: ReportingRound, letter: EditionVersion) -> list[MinistryAnswer]:
    """Return what each ministry that takes part said of a letter; 3 queries, and 1 for its words.

    The ministry that coordinates the plan makes the letter; it is asked nothing.
    """
    today = timezone.localdate()
    asked = PlanParticipant.objects.on(today).filter(plan=each.plan_id, coordinates=False)
    given: dict[int, list[EditionSignOff]] = defaultdict(list)
    said = EditionSignOff.objects.filter(version__edition=letter.edition_id)
    for sign in (
        said.filter(version__number__lte=letter.number)
        .select_related("version__edition__round", "actor")
        .defer("version__tree", "version__public_tree")
        .order_by("at", "pk")
    ):
        given[sign.organisation_id].append(sign)
    earlier_versions = {
        signs[-1].version_id for signs in given.values() if signs[-1].version_id != letter.pk
    }
    unchanged = _unchanged(letter, earlier_versions)
    lines = []
    for participant in asked.select_related("organisation").prefetch_related("organisation__names"):
        organisation = participant.organisation
        on_newest = [one for one in given[organisation.pk] if one.version_id == letter.pk]
        earlier = [one for one in given[organisation.pk] if one.version_id != letter.pk]
        lines.append(
            MinistryAnswer(
                organisation,
                name_of(organisation),
                on_newest[-1] if on_newest else None,
                earlier[-1] if earlier else None,
                bool(earlier) and earlier[-1].version_id in unchanged,
            )
        )
    return sorted(lines, key=lambda line: line.name.casefold())


def against(freeze: Freeze) -> list[MinistryAnswer]:
    """Return who does not agree with the letter of a set."""
    letter = freeze.versions.filter(edition__kind=Kind.LETTER).defer("tree", "public_tree").first()
    answers = answers_of(freeze.round, letter) if letter else []
    return [answer for answer in answers if answer.disagrees]


def _unchanged(letter: EditionVersion, earlier: set[int]) -> set[int]:
    """Return which of these versions say the same as a letter; 1 query, none without versions."""
    if not earlier:
        return set()
    found = EditionVersion.objects.in_bulk({*earlier, letter.pk})
    words = {key: [each.text for each in content_of(found[key])] for key in found}
    return {key for key in earlier if words[key] == words[letter.pk]}


def name_of(organisation: Organisation) -> str:
    """Return what an organisation is called today."""
    name = organisation.name_on(timezone.localdate())
    return name.name if name else organisation.slug

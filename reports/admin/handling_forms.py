"""What is asked of who enters what came back on the documents, and of who signs off the letter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions.admin.steps import Words
from actions.choices import Verdict
from actions.forms import within_reason
from actions.models import Office, Organisation, ReportingRound
from reports.came_back import name_of
from reports.choices import Handling, Kind, Outcome, RemarkKind, RouteRole
from reports.handling import RouteLine
from reports.models import EditionVersion
from reports.passages import Passage

_ONE: Final = (RouteRole.DUE,)
# The label of the field that a script puts above a list of passages.
_SEARCH: Final = _("Search the passages")
_ROUTE: Final[Mapping[RouteRole, Promise]] = {
    RouteRole.TO: _("To"),
    RouteRole.SENDER: _("It comes from"),
    RouteRole.VIA: _("By way of"),
    RouteRole.COPY: _("Copy to"),
    RouteRole.AGREED: _("Agreed with"),
    RouteRole.DUE: _("At the latest by"),
}
_ROUTE_HELP: Final[Mapping[RouteRole, Promise]] = {
    RouteRole.TO: _("Who decides. Empty: the office that signed the letter last."),
    RouteRole.SENDER: _("The unit that wrote the note."),
    RouteRole.VIA: _("Each unit that passes it on, in that order."),
    RouteRole.COPY: _("Who gets it to know of it."),
    RouteRole.AGREED: _("Empty: the ministries of which all texts are approved and signed off."),
    RouteRole.DUE: _("By when a decision is needed, with the reason if there is one."),
}


class VersionField(forms.ModelChoiceField[EditionVersion]):
    """A choice of versions, each by its document and number."""

    def label_from_instance(self, obj: EditionVersion) -> str:
        return version_label(obj)


def version_label(version: EditionVersion) -> str:
    """Return what a version is called on a page."""
    edition = version.edition
    return gettext("%(document)s, version %(number)s") % {
        "document": str(Kind(edition.kind).label).capitalize(),
        "number": f"{edition.number}.{version.number}",
    }


class VersionChoice(forms.Form):
    """On which version of which document something came back."""

    version = VersionField(
        EditionVersion.objects.none(),
        label=_("Document and version"),
        help_text=_("The version that was read."),
        empty_label=None,
    )

    def __init__(self, versions: Sequence[EditionVersion], chosen: EditionVersion) -> None:
        super().__init__(label_suffix="", initial={"version": chosen})
        field: Any = self.fields["version"]
        field.choices = [(each.pk, version_label(each)) for each in versions]


class RemarkForm(forms.Form):
    """A remark of a reader up the line, on a passage of one version."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    node_id = forms.ChoiceField(
        label=_("Passage"),
        help_text=_("The list follows the document: per section, with the page and first words."),
        error_messages={
            "required": _("Choose the passage."),
            "invalid_choice": _("This version has no such passage. Choose one from the list."),
        },
        widget=forms.Select(attrs={"size": 8, "data-passages": _SEARCH}),
    )
    on_behalf_of = forms.CharField(
        max_length=200,
        label=_("On behalf of"),
        help_text=_("The office or unit of who made the remark, such as “minister” or “DG BEB”."),
        error_messages={"required": _("Say whose remark it is.")},
    )
    kind = forms.ChoiceField(
        label=_("About"),
        help_text=_("It stands with the remark in the decision note."),
        choices=RemarkKind.choices,
    )
    quote = Words(
        label=_("Words it is about"),
        required=False,
        rows=2,
        help_text=_("Only when it is about a part of the passage."),
    )
    text = Words(
        label=_("Remark"),
        help_text=_("As the reader made it. It stands in the decision note."),
        error_messages={"required": _("Write down the remark.")},
    )
    proposal = Words(
        label=_("Proposed text"),
        required=False,
        help_text=_("The words that the reader would rather see, if there are any."),
    )

    def __init__(
        self,
        version: EditionVersion,
        found: Iterable[Passage],
        pages: Mapping[str, int],
        data: Any = None,
    ) -> None:
        super().__init__(data, label_suffix="", initial={"version": version.pk})
        field: Any = self.fields["node_id"]
        field.choices = by_part(found, pages)


class HandlingForm(forms.Form):
    """What was done with a remark."""

    handling = forms.ChoiceField(
        label=_("What you did with it"),
        help_text=_("It stands in the decision note, beside the remark."),
        choices=Handling.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you did with the remark.")},
    )
    answer = Words(
        label=_("How it was handled"),
        help_text=_("This sentence stands in the decision note."),
        error_messages={"required": _("Say in one sentence what you did with the remark.")},
    )
    node_id = forms.ChoiceField(
        label=_("Where it stands now"),
        required=False,
        help_text=_("Only when the words moved to another passage."),
        error_messages={
            "invalid_choice": _("The document has no such passage. Choose one from the list."),
        },
        widget=forms.Select(attrs={"data-passages": _SEARCH}),
    )

    def __init__(
        self, found: Iterable[Passage], pages: Mapping[str, int], data: Any = None
    ) -> None:
        super().__init__(data, label_suffix="")
        field: Any = self.fields["node_id"]
        field.choices = [("", gettext("in the same place")), *by_part(found, pages)]


def by_part(found: Iterable[Passage], pages: Mapping[str, int]) -> list[Any]:
    """Return passages as choices: per part, each with its page and first words."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for passage in found:
        page = pages.get(passage.node_id)
        where = gettext("p. %d: ") % page if page else ""
        label = f"{where}{passage.first_words or passage.node_id}"
        groups.setdefault(passage.part, []).append((passage.node_id, label))
    return list(groups.items())


class RouteForm(forms.Form):
    """The head of the decision note: a name on each line."""

    read = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, lines: Sequence[RouteLine], read: str, data: Any = None) -> None:
        super().__init__(data, label_suffix="", initial={"read": read})
        for role in RouteRole:
            known = [line.who for line in lines if line.role == role]
            self.fields[role.value] = _line_field(role, known)

    def lines(self) -> list[RouteLine]:
        """Return what was filled in, line by line."""
        return [
            RouteLine(role, who.strip())
            for role in RouteRole
            for who in self.cleaned_data[role.value].splitlines()
            if who.strip()
        ]


def _line_field(role: RouteRole, known: Sequence[str]) -> forms.CharField:
    options: dict[str, Any] = {
        "label": _ROUTE[role],
        "help_text": _ROUTE_HELP[role],
        "required": False,
    }
    if role in _ONE:
        return forms.CharField(max_length=200, initial="; ".join(known), **options)
    return Words(rows=max(2, len(known) + 1), initial="\n".join(known), **options)


class DecisionForm(forms.Form):
    """What was decided on a version of the note."""

    version = VersionField(
        EditionVersion.objects.none(),
        label=_("Decided on"),
        help_text=_("The version that was put forward."),
        empty_label=None,
        error_messages={"required": _("Choose the version that the decision is about.")},
    )
    office = forms.ModelChoiceField(
        Office.objects.none(),
        label=_("By"),
        help_text=_("The office that decided. Is it not in the list? Then it was not held."),
        error_messages={"required": _("Choose who decided.")},
    )
    decided_on = forms.DateField(
        label=_("On"),
        help_text=_("The day of the decision, not the day on which you enter it."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Fill in the day of the decision.")},
    )
    outcome = forms.ChoiceField(
        label=_("Decision"),
        help_text=_("Without an agreement nothing is issued."),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what was decided.")},
    )
    condition = Words(
        label=_("Condition"),
        required=False,
        help_text=_("What must change, or why it is not agreed. It stands in the decision note."),
    )

    def __init__(
        self, each: ReportingRound, versions: Sequence[EditionVersion], data: Any = None
    ) -> None:
        super().__init__(data, label_suffix="", prefix="decision")
        within_reason(self.fields.values())
        chosen: Any = self.fields["version"]
        chosen.queryset = EditionVersion.objects.filter(
            pk__in=[version.pk for version in versions]
        ).select_related("edition__round")
        chosen.choices = [(version.pk, version_label(version)) for version in versions]
        first = min(timezone.localdate(version.freeze.at) for version in versions)
        offices: Any = self.fields["office"]
        # What ended before there was anything to decide on is no choice.
        offices.queryset = (
            Office.objects.filter(organisation__plans__plan=each.plan_id)
            .exclude(valid_until__lte=first)
            .distinct()
        )

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or self.cleaned_data
        if asked.get("outcome", Outcome.AGREED) != Outcome.AGREED and not asked.get("condition"):
            self.add_error("condition", _("Write down what must change, or why not."))
        return asked


class MetForm(forms.Form):
    """In which version a condition was met."""

    version = VersionField(
        EditionVersion.objects.none(),
        label=_("Met in"),
        help_text=_("The version in which the change stands."),
        empty_label=None,
    )

    def __init__(self, decision: int, versions: Sequence[EditionVersion], data: Any = None) -> None:
        super().__init__(data, label_suffix="", prefix=f"met-{decision}")
        field: Any = self.fields["version"]
        field.queryset = EditionVersion.objects.filter(pk__in=[each.pk for each in versions])
        field.choices = [(each.pk, version_label(each)) for each in versions]


class NameForm(forms.Form):
    """Words that are a name, or are none."""

    name = forms.CharField(
        max_length=200,
        label=_("Name"),
        help_text=_("As it stands in the note. It is left out wherever it stands."),
        error_messages={"required": _("Write down the name.")},
    )


class SignOffForm(forms.Form):
    """What a ministry says of the letter."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("For"),
        help_text=_("The ministry for which you sign off."),
        empty_label=None,
    )
    verdict = forms.ChoiceField(
        label=_("Does your ministry agree?"),
        help_text=_("It is about this version of the letter; a newer version asks again."),
        choices=Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether your ministry agrees.")},
    )
    remark = Words(
        label=_("Remark"),
        required=False,
        help_text=_("Needed when your ministry does not agree, or agrees with a remark."),
    )

    def __init__(
        self, version: EditionVersion, organisations: Sequence[Organisation], data: Any = None
    ) -> None:
        super().__init__(data, label_suffix="", initial={"version": version.pk})
        field: Any = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=[each.pk for each in organisations])
        field.choices = [(each.pk, name_of(each)) for each in organisations]
        if len(organisations) == 1:
            field.initial, field.widget = organisations[0].pk, forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or self.cleaned_data
        if asked.get("verdict", Verdict.AGREED) != Verdict.AGREED and not asked.get("remark"):
            self.add_error("remark", _("Write down the remark, or why you do not agree."))
        return asked

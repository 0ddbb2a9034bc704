"""What is asked of a coordinator who makes, dispatches and publishes documents."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.admin.steps import Words
from actions.forms import within_reason
from actions.models import ParliamentaryDocument
from reports import issuing
from reports.choices import Kind
from reports.how_far import HowFar

_DOCUMENTS: Final = {
    "letter": Kind.LETTER,
    "annex": Kind.ANNEX,
    "note": Kind.DECISION_NOTE,
}


class FreezeForm(forms.Form):
    """After an issue it asks why there is another edition; before that it asks nothing."""

    reason = Words(
        label=_("What is different in this edition"),
        help_text=_(
            "One sentence. The public reads it beside the new edition, for example: “The figures "
            "for action point 1.b were corrected.”"
        ),
        error_messages={
            "required": _("Say in one sentence what is different in this edition."),
        },
        rows=2,
    )

    def __init__(self, far: HowFar, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        if not issuing.needs_reason(far.round):
            del self.fields["reason"]
        elif far.newest and not far.newest.issues:
            # A further version of the same edition is there for the same reason.
            self.fields["reason"].initial = far.newest.freeze.reason


_NUMBERS_LATER: Final = _("Choose it when parliament has given it a number; that can be later.")


class DispatchForm(forms.Form):
    """When the documents went to parliament, and later what they are there."""

    sent_on = forms.DateField(
        label=_("Sent to parliament on"),
        help_text=_("The day on which the letter went out."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Fill in the day on which the letter was sent.")},
    )
    letter = forms.ModelChoiceField(
        ParliamentaryDocument.objects.none(), required=False, help_text=_NUMBERS_LATER
    )
    annex = forms.ModelChoiceField(
        ParliamentaryDocument.objects.none(), required=False, help_text=_NUMBERS_LATER
    )
    note = forms.ModelChoiceField(
        ParliamentaryDocument.objects.none(), required=False, help_text=_NUMBERS_LATER
    )

    def __init__(self, far: HowFar, data: Any = None) -> None:
        super().__init__(data, label_suffix="", initial=_known(far))
        self.issued_on = _issued_on(far)
        within_reason(self.fields.values())
        known = ParliamentaryDocument.objects.select_related("annex_of")
        labels = {
            "letter": _("Parliamentary document of the letter"),
            "annex": _("Parliamentary document of the annex report"),
            "note": _("Parliamentary document of the decision note"),
        }
        field: Any
        for name, label in labels.items():
            field = self.fields[name]
            field.queryset, field.label = known, label
            field.empty_label = _("not known yet")

    def clean_sent_on(self) -> Any:
        day = self.cleaned_data["sent_on"]
        if day > timezone.localdate():
            raise ValidationError(
                _("This day is still to come. Fill it in when the letter is sent.")
            )
        if self.issued_on and day < self.issued_on:
            raise ValidationError(_("On this day the letter was not issued yet."))
        return day

    def documents(self) -> dict[str, ParliamentaryDocument | None]:
        """Return what was chosen, by kind of document."""
        return {kind: self.cleaned_data[name] for name, kind in _DOCUMENTS.items()}


def _issued_on(far: HowFar) -> date | None:
    """Return the day of the last issue; the letter of a reconstruction was sent long before."""
    if far.is_reconstruction:
        return None
    days = [timezone.localdate(issue.at) for each in far.sets for issue in each.issues]
    return max(days, default=None)


def _known(far: HowFar) -> dict[str, Any]:
    """Return what is known already: what was filled in before, else what the round says."""
    if not far.dispatches:
        each = far.round
        return {"sent_on": each.sent_on, "letter": each.letter_id, "annex": each.report_id}
    by_kind = {each.edition.kind: each.document_id for each in far.dispatches}
    documents = {name: by_kind.get(kind) for name, kind in _DOCUMENTS.items()}
    return {"sent_on": far.sent_on, **documents}

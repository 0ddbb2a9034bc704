"""What is asked of a coordinator who arranges a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.forms import PlainTextField
from actions.richtext import MAX_CHARACTERS


class StepForm(forms.Form):
    """Which paragraph as it was seen, with what was typed in it."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    own = PlainTextField(required=False, strip=False)
    piece = forms.IntegerField(min_value=0, max_value=MAX_CHARACTERS, required=False)


class MoveForm(forms.Form):
    """To which section a paragraph goes."""

    part = forms.ChoiceField(
        label=_("Section"),
        help_text=_("The paragraph comes at the end of that section; from there you move it up."),
    )

    def __init__(self, places: Iterable[tuple[str, str]], here: str, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.field.choices = [(name, title) for name, title in places if name != here]

    @property
    def field(self) -> Any:
        return self.fields["part"]


class TieForm(forms.Form):
    """Of which action points the newest text is told in a paragraph."""

    codes = forms.MultipleChoiceField(
        label=_("Action points"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Tick the action points that the text of this paragraph is about. You are told when a "
            "ministry supplies a newer text about one of them."
        ),
    )

    def __init__(self, points: Mapping[str, str], tied: Iterable[str], data: Any = None) -> None:
        super().__init__(data, label_suffix="", initial={"codes": list(tied)})
        field: Any = self.fields["codes"]
        field.choices = [(code, f"{code} {title}".strip()) for code, title in points.items()]

"""The steps of the workflow as forms: what is asked, and which function takes the step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from actions import permissions, remarks, richtext, workflow
from actions.choices import Answer, RemarkField, Verdict
from actions.forms import refuse_problems, within_reason
from actions.models import EntryRemark, Organisation, ReportingRound, StatusEntry
from actions.permissions import Verb
from actions.richtext import MAX_CHARACTERS
from napmonitor.accounts.models import User


class Words(forms.CharField):
    """A few sentences, without characters nobody can see."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(
            max_length=MAX_CHARACTERS, widget=forms.Textarea(attrs={"rows": rows}), **kwargs
        )

    def to_python(self, value: Any) -> str:
        return super().to_python(richtext.clean(value) if isinstance(value, str) else value) or ""


class StepForm(forms.Form):
    """What a step asks, besides the step itself."""

    required_css_class = "required"

    def __init__(self, entry: StatusEntry, user: User, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.entry, self.user = entry, user


class ReasonForm(StepForm):
    reason = Words(
        label=_("Reason"),
        help_text=_("Say in one sentence why. It stays beside the text."),
        error_messages={"required": _("Say in one sentence why.")},
    )


class ReconstructionForm(StepForm):
    note = Words(
        label=_("Reason"),
        help_text=_("Say in one sentence why. It stays beside the text."),
        error_messages={"required": _("Say in one sentence why.")},
    )


class SeenForm(StepForm):
    """A step on the text as somebody saw it."""

    read_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, entry: StatusEntry, user: User, data: Any = None, **options: Any) -> None:
        version = entry.latest_version
        options.setdefault("initial", {"read_version": version.number if version else 0})
        super().__init__(entry, user, data, **options)


class NoteForm(SeenForm):
    note = Words(
        label=_("Note"),
        required=False,
        help_text=_("Not needed. It stays beside the text, for who reads it later."),
    )


class ApproveForm(NoteForm):
    """Why a text is approved without the sign-off of everybody, or whatever else is to be said."""

    def __init__(self, entry: StatusEntry, user: User, data: Any = None, **options: Any) -> None:
        super().__init__(entry, user, data, **options)
        self.fields["note"].help_text = _(
            "Needed when a ministry that answers along has not signed off yet."
        )


class ReturnForm(SeenForm, ReasonForm):
    """What was read is what goes back."""


class CorrectionForm(SeenForm):
    reason = Words(
        label=_("What was corrected, and why"),
        help_text=_("Everyone reads this sentence beside the new text."),
        error_messages={"required": _("Say in one sentence what was corrected and why.")},
    )


class SignOffForm(SeenForm):
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("For"),
        empty_label=None,
        help_text=_("For which ministry you answer."),
    )
    verdict = forms.ChoiceField(
        label=_("Does your ministry agree with this text?"),
        choices=Verdict.choices,
        widget=forms.RadioSelect,
        help_text=_("If you do not agree, the ministry that wrote the text sees why."),
        error_messages={"required": _("Choose whether your ministry agrees.")},
    )
    remark = Words(
        label=_("Remark, or why you do not agree"),
        required=False,
        help_text=_("Needed unless you agree without a remark."),
    )

    def __init__(self, entry: StatusEntry, user: User, data: Any = None, **options: Any) -> None:
        super().__init__(entry, user, data, **options)
        field: Any = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(
            pk__in=permissions.signing_organisations(user, entry)
        ).prefetch_related("names")
        field.label_from_instance = workflow.short_name
        if len(field.queryset) == 1:
            field.initial = field.queryset[0].pk
            field.widget = forms.HiddenInput()


class RemarkForm(SeenForm):
    field = forms.ChoiceField(
        label=_("About"),
        choices=RemarkField.choices,
        help_text=_("To which part of the text it belongs."),
    )
    quote = Words(
        label=_("Passage"),
        required=False,
        rows=2,
        help_text=_("Not needed. Copy the words that it is about."),
    )
    text = Words(
        label=_("Remark"),
        help_text=_("What must change, and why. Who wrote the text answers it."),
        error_messages={"required": _("Write down the remark.")},
    )
    proposal = Words(
        label=_("Proposed text"),
        required=False,
        help_text=_("If the ministry accepts it, these words replace the whole field."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        proposal = cleaned.get("proposal")
        if proposal and cleaned.get("field") not in remarks.TEXTS:
            self.add_error("field", _("Choose for which text the proposed words are."))
        elif proposal:
            try:
                refuse_problems(proposal)
            except forms.ValidationError as error:
                self.add_error("proposal", error)
        return cleaned


class AnswerForm(SeenForm):
    remark = forms.ModelChoiceField(EntryRemark.objects.none(), widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label=_("What do you do with it?"),
        choices=Answer.choices,
        widget=forms.RadioSelect,
        help_text=_("If words were proposed and you accept it, they are put in the text."),
        error_messages={"required": _("Choose what you do with the remark.")},
    )
    reason = Words(
        label=_("Reason"), required=False, help_text=_("Needed unless you accept the remark.")
    )

    def __init__(self, entry: StatusEntry, user: User, data: Any = None, **options: Any) -> None:
        super().__init__(entry, user, data, **options)
        field: Any = self.fields["remark"]
        field.queryset = EntryRemark.objects.filter(entry=entry)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("answer") in (Answer.PARTLY, Answer.REJECTED) and not cleaned.get("reason"):
            self.add_error("reason", _("Say why you do not take over the whole remark."))
        return cleaned


Taken = Callable[[StatusEntry, User, Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Step:
    """One button: what stands above it, what it asks, what it does, and what is said after."""

    title: Promise
    explanation: Promise
    button: Promise
    done: Promise
    form: type[StepForm]
    take: Taken


def _sign_off(entry: StatusEntry, user: User, asked: Mapping[str, Any]) -> object:
    return workflow.sign_off(
        entry,
        organisation=asked["organisation"],
        verdict=Verdict(asked["verdict"]),
        actor=user,
        read_version=asked["read_version"],
        remark=asked["remark"],
    )


def _remark(entry: StatusEntry, user: User, asked: Mapping[str, Any]) -> object:
    return remarks.make(
        entry,
        text=asked["text"],
        author=user,
        read_version=asked["read_version"],
        field=RemarkField(asked["field"]),
        quote=asked["quote"],
        proposal=asked["proposal"],
    )


def _answer(entry: StatusEntry, user: User, asked: Mapping[str, Any]) -> object:
    return remarks.answer(
        asked["remark"],
        answer=Answer(asked["answer"]),
        actor=user,
        read_version=asked["read_version"],
        reason=asked["reason"],
    )


STEPS: Final[Mapping[Verb, Step]] = {
    Verb.SUBMIT: Step(
        _("Submit"),
        _("The coordinators at Foreign Affairs read it then. You cannot change it any more."),
        _("Submit"),
        _("The text has been submitted."),
        NoteForm,
        lambda entry, user, asked: workflow.submit(
            entry, actor=user, note=asked["note"], read_version=asked["read_version"]
        ),
    ),
    Verb.APPROVE: Step(
        _("Approve"),
        _("The text may then enter the letter. It becomes public with the round."),
        _("Approve"),
        _("The text has been approved."),
        ApproveForm,
        lambda entry, user, asked: workflow.approve(
            entry, actor=user, note=asked["note"], read_version=asked["read_version"]
        ),
    ),
    Verb.RETURN: Step(
        _("Return to the ministry"),
        _("The ministry reads the reason and can change the text again."),
        _("Return"),
        _("The text has been returned."),
        ReturnForm,
        lambda entry, user, asked: workflow.send_back(
            entry, actor=user, reason=asked["reason"], read_version=asked["read_version"]
        ),
    ),
    Verb.SIGN_OFF: Step(
        _("Sign off"),
        _("This holds for the text as it stands now. When the text changes, you are asked again."),
        _("Sign off"),
        _("Your answer has been stored."),
        SignOffForm,
        _sign_off,
    ),
    Verb.REOPEN: Step(
        _("Reopen"),
        _("The ministry can change the text again. What is public stays public until then."),
        _("Reopen"),
        _("The text has been reopened."),
        ReasonForm,
        lambda entry, user, asked: workflow.reopen(entry, actor=user, reason=asked["reason"]),
    ),
    Verb.NOT_SUPPLIED: Step(
        _("Mark as not supplied"),
        _("Use this when the ministry supplies nothing, so that the round can go out."),
        _("Mark as not supplied"),
        _("The status has been marked as not supplied."),
        ReasonForm,
        lambda entry, user, asked: workflow.mark_not_supplied(
            entry, actor=user, reason=asked["reason"]
        ),
    ),
    Verb.CORRECT: Step(
        _("Publish the correction"),
        _("The approved text takes the place of the text that is public now."),
        _("Publish the correction"),
        _("The correction has been published."),
        CorrectionForm,
        lambda entry, user, asked: workflow.publish_correction(
            entry, actor=user, reason=asked["reason"], read_version=asked["read_version"]
        ),
    ),
    Verb.PUBLISH_RECONSTRUCTION: Step(
        _("This text is not public yet"),
        _("It was read from a public letter. Publish it to replace what everyone sees now."),
        _("Publish this text"),
        _("The text is published."),
        ReconstructionForm,
        lambda entry, user, asked: workflow.publish_reconstruction(
            entry, actor=user, note=asked["note"]
        ),
    ),
    Verb.REMARK: Step(
        _("Make a remark"),
        _("The ministry that wrote the text answers it. You can propose other words."),
        _("Make the remark"),
        _("The remark has been stored."),
        RemarkForm,
        _remark,
    ),
    Verb.ANSWER_REMARK: Step(
        _("Answer the remark"),
        _("If you accept proposed words, they are put in the text as a new version."),
        _("Answer"),
        _("Your answer has been stored."),
        AnswerForm,
        _answer,
    ),
}


class PublishForm(forms.Form):
    """When a round becomes public; empty means now."""

    released_at = forms.SplitDateTimeField(
        label=_("Public from"),
        required=False,
        # As a browser wants it for its own boxes, in any language.
        widget=forms.SplitDateTimeWidget(date_format="%Y-%m-%d", time_format="%H:%M"),
        help_text=_(
            "Without a date everyone can read it as soon as you press the button, and that cannot "
            "be undone. With a date it waits until then; before that moment you can still move it."
        ),
    )

    def __init__(self, each: ReportingRound, data: Any = None) -> None:
        super().__init__(data)
        within_reason(self.fields.values())
        widget: Any = self.fields["released_at"].widget
        for box, kind, word in zip(
            widget.widgets, ("date", "time"), (_("date"), _("time")), strict=True
        ):
            box.input_type = kind
            box.attrs["aria-label"] = word
        self.fields["released_at"].initial = each.released_at
        # Once a moment was chosen, empty could mean now as well as never mind.
        self.fields["released_at"].required = each.published_on is not None
        if each.published_on is not None:
            self.fields["released_at"].help_text = _(
                "Choose when it becomes public. Before that moment you can still move it."
            )

"""What is asked when somebody comes, moves or leaves, and when the list of rights is looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import richtext
from actions.choices import OrganisationKind
from actions.forms import within_reason
from actions.models import Membership, Organisation, OrganisationName
from actions.queries.rights import ReviewPeriod, period_of, quarter_of
from actions.reviews import LONGEST_REMARK
from actions.rights import Role
from napmonitor.accounts.models import User

_QUARTERS, _YEARS = 8, 3


class PeopleForm(forms.Form):
    """A form whose days are chosen from a calendar, and lie in a time that makes sense."""

    required_css_class = "required"

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        within_reason(self.fields.values())


class Day(forms.DateField):
    """A day; the browser offers a calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OrganisationField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of the organisations there are today, by the name of today."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Organisation.objects.none(), **options)

    def label_from_instance(self, obj: Any) -> str:
        name = obj.name_on(timezone.localdate())
        if name is None:
            return str(obj)
        return f"{name.name} ({name.abbreviation})" if name.abbreviation else str(name.name)


def existing_organisations() -> QuerySet[Organisation]:
    """Return organisations that have a name today, and those that never got one."""
    named = OrganisationName.objects.on(timezone.localdate()).values("organisation")
    return (
        Organisation.objects.filter(Q(pk__in=named) | Q(names=None))
        .exclude(kind=OrganisationKind.OTHER)
        .distinct()
        .prefetch_related("names")
        .order_by("slug")
    )


class RoleForm(PeopleForm):
    """A role at an organisation, from a day."""

    organisation = OrganisationField(
        label=_("Ministry"), help_text=_("Where this person works in this role.")
    )
    group = forms.ModelChoiceField(
        Group.objects.order_by("name"),
        label=_("Role"),
        help_text=_("What this person comes to do. Give no more than the work asks for."),
    )
    valid_from = Day(
        label=_("From"),
        help_text=_("The first day with these rights: today, or a day that is still to come."),
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        organisations: Any = self.fields["organisation"]
        organisations.queryset = existing_organisations()
        self.fields["valid_from"].initial = timezone.localdate()

    def role(self) -> Role:
        """Return what was typed."""
        typed = self.cleaned_data
        return Role(
            typed["organisation"], typed["group"], typed["valid_from"], typed.get("valid_until")
        )


class InviteForm(RoleForm):
    """Somebody who comes to work here, with their first role."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The address at work. The invitation goes there, and it is used to sign in."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("First name and surname, as colleagues know this person."),
    )
    valid_until = Day(
        label=_("Until"),
        required=False,
        help_text=_("The first day without these rights. Leave empty when no end is known."),
    )
    field_order = ("email", "name", "organisation", "group", "valid_from", "valid_until")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        start, end = cleaned.get("valid_from"), cleaned.get("valid_until")
        if start and end and end <= start:
            self.add_error("valid_until", _("The day it ends must come after the day it starts."))
        return cleaned


class EndForm(PeopleForm):
    """On which day an account ends."""

    on = Day(
        label=_("First day without rights"),
        help_text=_("Choose today to end everything at once, or a day that is still to come."),
    )

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day < timezone.localdate():
            raise ValidationError(_("Choose today or a day that is still to come."), code="past")
        return day


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """A choice of roles that somebody has."""

    def label_from_instance(self, obj: Any) -> str:
        ministry = obj.organisation.name_on(timezone.localdate()) or obj.organisation
        return f"{obj.group} ({ministry})"


class MoveForm(RoleForm):
    """From which roles somebody goes to which other role."""

    ends = RolesField(
        Membership.objects.none(),
        label=_("Roles that end on that day"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Take away the tick at a role that this person keeps."),
    )
    field_order = ("ends", "organisation", "group", "valid_from")

    def __init__(self, roles: QuerySet[Membership], data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        ends: Any = self.fields["ends"]
        ends.queryset = roles.prefetch_related("organisation__names")
        ends.initial = [role.pk for role in roles]
        if not ends.initial:
            del self.fields["ends"]

    def ending(self) -> Collection[int]:
        """Return the keys of the roles that were chosen to end."""
        return {role.pk for role in self.cleaned_data.get("ends", ())}

    def left(self) -> set[int]:
        """Return the organisations of the roles that were chosen to end."""
        return {role.organisation_id for role in self.cleaned_data.get("ends", ())}


class PeriodForm(PeopleForm):
    """Which period the list of rights is about; a day goes before a quarter or a year."""

    period = forms.ChoiceField(label=_("Quarter or year"), required=False)
    day = Day(label=_("Or one day"), required=False)

    def __init__(self, asked: Any) -> None:
        super().__init__({name: asked.get(name, "") for name in self.base_fields})
        choices: Any = self.fields["period"]
        words = list(_periods(timezone.localdate()))
        word = asked.get("period", "")
        if word not in words and (known := period_of(word)) and not known.is_day:
            words.append(word)
        choices.choices = [(word, in_words(word)) for word in words]

    def chosen(self) -> ReviewPeriod:
        """Return the period that is asked for; what is no period is this quarter."""
        self.is_valid()
        day: date | None = self.cleaned_data.get("day")
        word = day.isoformat() if day else self.cleaned_data.get("period", "")
        today = quarter_of(timezone.localdate())
        found = period_of(word) or period_of(today)
        if found is None:
            raise ValueError(today)
        return found


def _periods(today: date) -> Iterable[str]:
    """Yield this quarter and those before it, then this year and those before it."""
    quarter = today.year * 4 + (today.month - 1) // 3
    for number in range(quarter, quarter - _QUARTERS, -1):
        yield f"{number // 4}-Q{number % 4 + 1}"
    for year in range(today.year, today.year - _YEARS, -1):
        yield str(year)


def in_words(word: str) -> str:
    """Return what a quarter or a year is called."""
    year, _dash, quarter = word.partition("-Q")
    if not quarter:
        return gettext("the year %s") % year
    return gettext("quarter %(quarter)s of %(year)s") % {"quarter": quarter, "year": year}


class ReviewForm(PeopleForm):
    """That the list on the screen was reviewed."""

    seen = forms.CharField(widget=forms.HiddenInput)
    remark = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example what was changed. Leave out names: this is kept for good."),
    )

    def clean_remark(self) -> str:
        return richtext.clean(str(self.cleaned_data["remark"]))


def accounts_with_a_person(accounts: QuerySet[User]) -> QuerySet[User]:
    """Leave out accounts of which it is no longer known whose they were."""
    return accounts.filter(pseudonymised_at=None)

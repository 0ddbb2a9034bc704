"""Rows for tests. The real plan is loaded beside them, so each has keys of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.test import Client
from factory.django import DjangoModelFactory

from actions import editing, workflow
from actions.choices import (
    Basis,
    DocumentKind,
    EntryState,
    EvidenceClass,
    LinkKind,
    OrganisationKind,
    Origin,
    Progress,
    ResponsibilityRole,
    SuccessionKind,
)
from actions.models import (
    ActionPoint,
    ActionPointLink,
    Membership,
    Office,
    OfficeHolding,
    Organisation,
    OrganisationName,
    ParliamentaryDocument,
    Pillar,
    Plan,
    ReportingRound,
    Responsibility,
    Source,
    StatusEntry,
    Succession,
)
from napmonitor.accounts.models import User

LONG_AGO = date(2020, 1, 1)

# The roles of `fixtures/roles.yaml`, for tests that act as somebody.
EDITOR = "Redacteur van een ministerie"
MINISTRY_COORDINATOR = "Coördinator van een ministerie"
NAP_COORDINATOR = "NAP-coördinator"
ADMINISTRATOR = "Functioneel beheerder"
READER = "Lezer binnen het Rijk"
ROLES = (EDITOR, MINISTRY_COORDINATOR, NAP_COORDINATOR, ADMINISTRATOR, READER)


class UserFactory(DjangoModelFactory[User]):
    """Somebody with an account and no rights."""

    class Meta:
        model = User

    class Params:
        superuser = factory.Trait(is_superuser=True)
        inactive = factory.Trait(is_active=False)

    email = factory.Sequence(lambda n: f"person{n}@test.example")
    name = factory.Sequence(lambda n: f"Person {n}")
    # A hash that no password has: tests sign in without one.
    password = "!"


class OrganisationFactory(DjangoModelFactory[Organisation]):
    """A ministry without a name yet."""

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    class Params:
        named = factory.Trait(
            name=factory.RelatedFactory(
                "tests.factories.OrganisationNameFactory", factory_related_name="organisation"
            )
        )

    slug = factory.Sequence(lambda n: f"organisation-{n}")
    kind = OrganisationKind.MINISTRY


class OrganisationNameFactory(DjangoModelFactory[OrganisationName]):
    """What an organisation was always called."""

    class Meta:
        model = OrganisationName

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Ministry {n}")
    abbreviation = factory.Sequence(lambda n: f"M{n}")


class SuccessionFactory(DjangoModelFactory[Succession]):
    """One organisation out of another."""

    class Meta:
        model = Succession

    predecessor = factory.SubFactory(OrganisationFactory)
    successor = factory.SubFactory(OrganisationFactory)
    kind = SuccessionKind.SPLIT_OFF
    date = LONG_AGO


class OfficeFactory(DjangoModelFactory[Office]):
    """An office that still exists."""

    class Meta:
        model = Office

    slug = factory.Sequence(lambda n: f"office-{n}")
    title = factory.Sequence(lambda n: f"Minister {n}")
    organisation = factory.SubFactory(OrganisationFactory)


class OfficeHoldingFactory(DjangoModelFactory[OfficeHolding]):
    """Somebody who still holds an office."""

    class Meta:
        model = OfficeHolding

    office = factory.SubFactory(OfficeFactory)
    person = factory.Sequence(lambda n: f"Holder {n}")


class MembershipFactory(DjangoModelFactory[Membership]):
    """A role that holds today, of somebody who is made with it."""

    class Meta:
        model = Membership

    class Params:
        role = EDITOR

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    group = factory.LazyAttribute(lambda made: Group.objects.get(name=made.role))
    valid_from = LONG_AGO


class ParliamentaryDocumentFactory(DjangoModelFactory[ParliamentaryDocument]):
    """A letter of which no number is known."""

    class Meta:
        model = ParliamentaryDocument

    kind = DocumentKind.LETTER
    title = factory.Sequence(lambda n: f"Letter {n}")
    date = LONG_AGO


class SourceFactory(DjangoModelFactory[Source]):
    """A public source."""

    class Meta:
        model = Source

    code = factory.Sequence(lambda n: f"T{n}")
    title = factory.Sequence(lambda n: f"Source {n}")


class PlanFactory(DjangoModelFactory[Plan]):
    """A plan without points."""

    class Meta:
        model = Plan

    slug = factory.Sequence(lambda n: f"plan-{n}")
    title_nl = factory.Sequence(lambda n: f"Plan {n}")
    title_en = factory.Sequence(lambda n: f"Plan {n}")


class ActionPointFactory(DjangoModelFactory[ActionPoint]):
    """A point of a plan; `lead` is who answers for it, `co_responsible` who does so with them."""

    class Meta:
        model = ActionPoint
        skip_postgeneration_save = True

    plan = factory.SubFactory(PlanFactory)
    pillar = factory.LazyFunction(lambda: Pillar.objects.get(number=1))
    code = factory.Sequence(lambda n: f"t.{n}")
    title_nl = factory.Sequence(lambda n: f"Punt {n}")
    evidence_class = EvidenceClass.A

    @factory.post_generation
    def lead(self: Any, create: bool, organisation: Organisation | None, **_kwargs: Any) -> None:
        if organisation:
            ResponsibilityFactory(action_point=self, organisation=organisation)

    @factory.post_generation
    def co_responsible(
        self: Any, create: bool, organisation: Organisation | None, **_kwargs: Any
    ) -> None:
        if organisation:
            ResponsibilityFactory(
                action_point=self,
                organisation=organisation,
                role=ResponsibilityRole.CO_RESPONSIBLE,
            )


class ResponsibilityFactory(DjangoModelFactory[Responsibility]):
    """A lead without dates, so always."""

    class Meta:
        model = Responsibility

    action_point = factory.SubFactory(ActionPointFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = ResponsibilityRole.LEAD
    basis = Basis.STATED


class ActionPointLinkFactory(DjangoModelFactory[ActionPointLink]):
    """A point that was continued as another."""

    class Meta:
        model = ActionPointLink

    from_point = factory.SubFactory(ActionPointFactory)
    to_point = factory.SubFactory(ActionPointFactory)
    kind = LinkKind.CONTINUED
    reason = "The subject goes on."
    date = LONG_AGO


class ReportingRoundFactory(DjangoModelFactory[ReportingRound]):
    """A round that is not out yet."""

    class Meta:
        model = ReportingRound

    class Params:
        # Without `opened` the round is one that is read from public letters.
        released = factory.Trait(released_at="2021-01-01T00:00:00+01:00")
        opened = factory.Trait(opened_on=LONG_AGO)
        published = factory.Trait(
            opened_on=LONG_AGO, published_on=LONG_AGO, released_at="2021-01-01T00:00:00+01:00"
        )
        sent = factory.Trait(letter=factory.SubFactory(ParliamentaryDocumentFactory))

    plan = factory.SubFactory(PlanFactory)
    year = 2031


class StatusEntryFactory(DjangoModelFactory[StatusEntry]):
    """An empty entry; `written` gives it a text, `reconstructed` one that is published."""

    class Meta:
        model = StatusEntry
        skip_postgeneration_save = True

    class Params:
        submitted = factory.Trait(state=EntryState.SUBMITTED)
        approved = factory.Trait(state=EntryState.APPROVED)
        returned = factory.Trait(state=EntryState.RETURNED)

    action_point = factory.SubFactory(ActionPointFactory)
    round = factory.SubFactory(
        ReportingRoundFactory, plan=factory.SelfAttribute("..action_point.plan")
    )

    @factory.post_generation
    def written(self: Any, create: bool, narrative: str | None, **_kwargs: Any) -> None:
        if narrative:
            write(self, narrative)

    @factory.post_generation
    def reconstructed(self: Any, create: bool, narrative: str | None, **_kwargs: Any) -> None:
        if narrative:
            write(self, narrative, origin=Origin.RECONSTRUCTED)
            workflow.publish_reconstruction(self, actor=User.objects.system(), note="Letter.")
            self.refresh_from_db()


def overwrite(rows: QuerySet[Any], **values: Any) -> int:
    """Change rows where they are stored, past the rules and the history of the application."""
    return QuerySet.update(rows, **values)


def no_year_is_out() -> None:
    """Take back every release, so that the latest plan with action points is the current one."""
    overwrite(ReportingRound.objects.all(), released_at=None)


def write(entry: StatusEntry, narrative: str, **options: Any) -> StatusEntry:
    """Store another version of the text of an entry, by somebody who is given the right to it.

    A text of a ministry needs an open round and a lead: both are made when they are not there.
    The state stays what it was.
    """
    entry.refresh_from_db()
    state = entry.state
    if options.get("origin") == Origin.RECONSTRUCTED:
        options.setdefault("author", User.objects.system())
    else:
        author = make_writable(entry, options.get("author"))
        options["author"] = author
        StatusEntry.objects.filter(pk=entry.pk).update(state=EntryState.CONCEPT)
    content = editing.Content(
        progress=Progress.IN_PROGRESS, progress_basis=Basis.STATED, narrative=narrative
    )
    number = entry.latest_version.number if entry.latest_version else 0
    editing.save_text(entry, content, read_version=number, **options)
    StatusEntry.objects.filter(pk=entry.pk).update(state=state)
    entry.refresh_from_db()
    return entry


def make_writable(entry: StatusEntry, author: User | None = None) -> User:
    """Open the round of an entry, give it a lead, and return an editor of that ministry."""
    each = entry.round
    if each.opened_on is None:
        each.opened_on = LONG_AGO
        each.published_on = LONG_AGO if each.released_at else None
        each.save()
    leads = entry.action_point.answering_organisation_ids()
    if leads:
        lead = Organisation.objects.get(pk=leads[0])
    else:
        lead = ResponsibilityFactory(action_point=entry.action_point).organisation
    author = author or UserFactory()
    if not author.has_perm("actions.change_statusentry", entry):
        MembershipFactory(user=author, organisation=lead)
        author.held_today = author.roles_on = None
    return author


def somebody(role: str, organisation: Organisation | None = None, **period: Any) -> User:
    """Return a person with one role at one ministry."""
    membership = MembershipFactory(
        role=role, organisation=organisation or OrganisationFactory(), **period
    )
    return membership.user


def signed_in(user: User) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client()
    client.force_login(user)
    return client


def group_with(*labels: str) -> Group:
    """Return a role with just these permissions, written as `app.codename`."""
    group = Group.objects.create(name=f"Test {' '.join(labels)}")
    for label in labels:
        app, _dot, codename = label.partition(".")
        group.permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return group

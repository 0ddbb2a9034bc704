"""What the database itself refuses, on both databases, and the sentence an editor reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models.constraints import BaseConstraint

from actions import models as m
from napmonitor.accounts.models import User
from napmonitor.audit.models import AuditEvent, AuditHead
from tests import edition_rows
from tests.factories import overwrite

pytestmark = pytest.mark.django_db

DAY = date(2030, 1, 1)
LATER = date(2031, 1, 1)
MOMENT = datetime(2030, 1, 1, tzinfo=UTC)

OURS = {
    constraint.name: (model, constraint)
    for label in ("accounts", "actions", "audit", "reports")
    for model in apps.get_app_config(label).get_models()
    for constraint in model._meta.constraints
}


def point() -> m.ActionPoint:
    return m.ActionPoint.objects.get(code="1.a")


def organisation(slug: str = "bz") -> m.Organisation:
    return m.Organisation.objects.get(slug=slug)


def entry(code: str = "1.a", year: int = 2023) -> m.StatusEntry:
    return m.StatusEntry.objects.get(action_point__code=code, round__year=year)


def user() -> User:
    return User.objects.system()


def another_version(each: m.StatusEntry, **values: Any) -> m.EntryVersion:
    fields = {"entry": each, "number": 99, "author": user(), "progress": "no_status", **values}
    return m.EntryVersion(**fields)


def _second(row: Any) -> Any:
    row.pk = None
    row._state.adding = True
    return row


def _long(field: str) -> Callable[[], models.Model]:
    return lambda: another_version(entry(), **{field: "é" * 20_001, "informed_before": True})


# One row per constraint that breaks it and nothing else.
BREAKING: dict[str, Callable[[], models.Model]] = {
    "organisation_kind_known": lambda: m.Organisation(slug="x", kind="club"),
    "organisation_tooi_code_not_blank": lambda: m.Organisation(
        slug="x", kind="other", tooi_code=""
    ),
    "organisationname_period_in_order": lambda: m.OrganisationName(
        organisation=_new_organisation(), name="x", valid_from=LATER, valid_until=DAY
    ),
    "organisationname_no_overlap": lambda: m.OrganisationName(
        organisation=organisation(), name="x", valid_from=DAY
    ),
    "succession_kind_known": lambda: m.Succession(
        predecessor=organisation(), successor=organisation("fin"), kind="x", date=DAY
    ),
    "succession_between_two": lambda: m.Succession(
        predecessor=organisation(), successor=organisation(), kind="split_off", date=DAY
    ),
    "succession_once": lambda: _second(m.Succession.objects.first()),
    "office_period_in_order": lambda: m.Office(
        slug="x", title="x", organisation=organisation(), valid_from=LATER, valid_until=DAY
    ),
    "office_basis_known": lambda: m.Office(
        slug="x", title="x", organisation=organisation(), basis="x"
    ),
    "officeholding_period_in_order": lambda: m.OfficeHolding(
        office=m.Office.objects.first(),
        person="x",
        acting=True,
        valid_from=LATER,
        valid_until=DAY,
    ),
    "officeholding_basis_known": lambda: m.OfficeHolding(
        office=m.Office.objects.first(), person="x", acting=True, basis="x"
    ),
    "officeholding_one_at_a_time": lambda: m.OfficeHolding(
        office=m.OfficeHolding.objects.filter(acting=False).first().office, person="x"
    ),
    "membership_period_in_order": lambda: m.Membership(
        user=user(),
        organisation=organisation(),
        group=Group.objects.first(),
        valid_from=LATER,
        valid_until=DAY,
    ),
    "membership_no_overlap": lambda: _overlapping_membership(),
    "parliamentarydocument_kind_known": lambda: m.ParliamentaryDocument(kind="x", title="x"),
    "parliamentarydocument_numbers_not_blank": lambda: m.ParliamentaryDocument(
        kind="other", title="x", publication_id=""
    ),
    "parliamentarydocument_not_its_own_annex": lambda: _own_annex(),
    "citation_one_owner": lambda: m.Citation(
        field="x", start=0, end=1, literal="x", kind="kamerstuk", identifier="x"
    ),
    "citation_span_in_order": lambda: m.Citation(
        action_point=point(),
        field="x",
        start=1,
        end=1,
        literal="x",
        kind="kamerstuk",
        identifier="x",
    ),
    "citation_kind_known": lambda: m.Citation(
        action_point=point(), field="x", start=0, end=1, literal="x", kind="x", identifier="x"
    ),
    "source_availability_known": lambda: m.Source(code="x", title="x", availability="x"),
    "plan_period_in_order": lambda: m.Plan(
        slug="x", title_nl="x", title_en="x", starts_on=LATER, ends_on=DAY
    ),
    "plan_not_its_own_predecessor": lambda: _own_predecessor(),
    "planparticipant_period_in_order": lambda: m.PlanParticipant(
        plan=point().plan, organisation=organisation("kgg"), valid_from=LATER, valid_until=DAY
    ),
    "planparticipant_no_overlap": lambda: m.PlanParticipant(
        plan=point().plan, organisation=organisation("szw")
    ),
    "planparticipant_one_coordinates": lambda: m.PlanParticipant(
        plan=point().plan, organisation=organisation("kgg"), coordinates=True
    ),
    "pillar_one_to_three": lambda: m.Pillar(number=4, title_nl="x", title_en="x"),
    "ungpprinciple_one_to_thirty_one": lambda: m.UngpPrinciple(
        number=32, pillar_id=1, title_nl="x", title_en="x"
    ),
    "actionpoint_code_once_per_plan": lambda: _second(point()),
    "actionpoint_official_number_once_per_plan": lambda: _same_official_number(),
    "actionpoint_evidence_class_known": lambda: _new_point(evidence_class="Z"),
    "actionpoint_class_x_is_outside_the_plan": lambda: _new_point(evidence_class="X"),
    "actionpoint_dates_in_order": lambda: _new_point(starts_on=LATER, due_on=DAY),
    "actionpointsource_once": lambda: _second(m.ActionPointSource.objects.first()),
    "actionpointlink_kind_known": lambda: _link(kind="x"),
    "actionpointlink_target_unless_dropped": lambda: _link(to_point=None),
    "actionpointlink_between_two": lambda: _link(to_point=point()),
    "actionpointlink_reason_given": lambda: _link(reason=""),
    "actionpointlink_once": lambda: _second_link(),
    "responsibility_period_in_order": lambda: _responsibility(
        role="implementing", valid_from=LATER, valid_until=DAY
    ),
    "responsibility_role_known": lambda: _responsibility(role="x"),
    "responsibility_basis_known": lambda: _responsibility(role="implementing", basis="x"),
    "responsibility_one_lead": lambda: _responsibility(role="lead"),
    "responsibility_one_role_each": lambda: _responsibility(
        role="implementing", organisation=organisation()
    ),
    "reportinground_one_per_plan_and_year": lambda: m.ReportingRound(plan=point().plan, year=2023),
    "reportinground_year_plausible": lambda: m.ReportingRound(plan=point().plan, year=1999),
    "reportinground_opens_before_deadline": lambda: m.ReportingRound(
        plan=point().plan, year=2040, opens_on=LATER, ministry_deadline=DAY
    ),
    "reportinground_published_was_open": lambda: m.ReportingRound(
        plan=point().plan, year=2040, published_on=DAY, released_at=MOMENT
    ),
    "reportinground_released_by_publishing": lambda: m.ReportingRound(
        plan=point().plan, year=2040, opened_on=DAY, released_at=MOMENT
    ),
    "reportinground_released_at_plausible": lambda: m.ReportingRound(
        plan=point().plan, year=2040, released_at=datetime(1999, 12, 31, 12, tzinfo=UTC)
    ),
    "reportinground_statement_has_source": lambda: m.ReportingRound(
        plan=point().plan, year=2040, statement="x"
    ),
    "roundvisit_last_one_only": lambda: _second(
        m.RoundVisit.objects.create(round=entry().round, visitor=user())
    ),
    "entrydraft_once_per_tab": lambda: _second(
        m.EntryDraft.objects.create(
            entry=entry(), writer=user(), tab=uuid4(), read_version=0, typed={}
        )
    ),
    "sentmail_once": lambda: _second(m.SentMail.objects.create(to=user(), key="x")),
    "user_unrecognisable_is_ended": lambda: User(
        email="x@test.example", name="x", pseudonymised_at=MOMENT
    ),
    "statusentry_one_per_action_point_and_round": lambda: m.StatusEntry(
        action_point=point(), round=entry().round
    ),
    "statusentry_state_known": lambda: _changed(entry(), state="x"),
    "statusentry_not_with_itself": lambda: _changed(entry(), reported_with=entry()),
    "statusentry_reported_with_in_round": lambda: _changed(
        entry(), reported_with=entry("1.b", 2025)
    ),
    "statusentry_latest_version_is_own": lambda: _changed(
        entry(), latest_version=entry("1.b").latest_version
    ),
    "statusentry_published_version_is_own": lambda: _changed(
        entry(), published_version=entry("1.b").published_version
    ),
    "entryversion_number_once_per_entry": lambda: another_version(entry(), number=1),
    "entryversion_number_from_one": lambda: another_version(entry(), number=0),
    "entryversion_progress_known": lambda: another_version(entry(), progress="x"),
    "entryversion_basis_iff_answered": lambda: another_version(entry(), progress="completed"),
    "entryversion_discontinued_has_reason": lambda: another_version(
        entry(), progress="discontinued", progress_basis="stated"
    ),
    "entryversion_schedule_known": lambda: another_version(entry(), schedule="x"),
    "entryversion_origin_known": lambda: another_version(entry(), origin="x"),
    "entryversion_reference_only_if_informed": lambda: another_version(
        entry(), informed_reference="Kamerstuk 36 547"
    ),
    **{
        f"entryversion_{field}_length": (_long(field))
        for field in (
            *("discontinued_reason", "narrative", "outlook", "letter_passage"),
            *("informed_reference", "internal_note"),
        )
    },
    "entryversion_append_only": lambda: _changed(entry().latest_version, narrative="x"),
    "entrysource_once": lambda: _second(m.EntrySource.objects.first()),
    "entrysource_append_only": lambda: _changed(m.EntrySource.objects.first(), detail="x"),
    "transition_states_known": lambda: m.Transition(
        entry=entry(), actor=user(), from_state="x", to_state="concept"
    ),
    "transition_append_only": lambda: _changed(m.Transition.objects.first(), note="x"),
    "signoff_verdict_known": lambda: _sign_off(verdict="x"),
    "signoff_says_why": lambda: _sign_off(verdict="not_agreed"),
    "signoff_append_only": lambda: _changed(_stored(_sign_off()), remark="x"),
    "correction_has_reason": lambda: _correction(reason=""),
    "correction_version_is_own": lambda: _correction(version=entry("1.b").latest_version),
    "correction_append_only": lambda: _changed(_stored(_correction()), reason="y"),
    "entryremark_says_something": lambda: _remark(text=""),
    "entryremark_length": lambda: _remark(quote="é" * 20_001),
    "entryremark_field_known": lambda: _remark(field="x"),
    "entryremark_proposal_for_a_text": lambda: _remark(proposal="x"),
    "entryremark_version_is_own": lambda: _remark(version=entry("1.b").latest_version),
    "entryremark_append_only": lambda: _changed(_stored(_remark()), text="y"),
    "remarkanswer_known": lambda: _answer(answer="x"),
    "remarkanswer_says_why": lambda: _answer(answer="partly"),
    "remarkanswer_append_only": lambda: _changed(_stored(_answer()), reason="x"),
    "auditevent_hash_once": lambda: _event(hash=AuditEvent.objects.last().hash),
    "auditevent_one_after_another": lambda: _event(
        previous_hash=AuditEvent.objects.last().previous_hash
    ),
    "auditevent_sequence_from_one": lambda: _event(sequence=0),
    "auditevent_result_known": lambda: _event(result="x"),
    "auditevent_append_only": lambda: _changed(AuditEvent.objects.last(), action="x"),
    "audithead_one_row": lambda: AuditHead(id=2, hash="0" * 64),
}

# Keys for foreign keys over two columns: the primary key in them makes them unbreakable.
KEYS = {"actionpoint_key_with_plan", "statusentry_key_with_round", "entryversion_key_with_entry"}


def _changed(row: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _new_organisation() -> m.Organisation:
    return m.Organisation.objects.create(slug="nieuw", kind="other")


def _new_point(**values: Any) -> m.ActionPoint:
    fields = {"plan": point().plan, "pillar_id": 1, "code": "9.z", "title_nl": "x", **values}
    return m.ActionPoint(**fields)


def _same_official_number() -> m.ActionPoint:
    overwrite(m.ActionPoint.objects.filter(code="1.a"), official_number="7")
    return _new_point(official_number="7")


def _own_annex() -> m.ParliamentaryDocument:
    document = m.ParliamentaryDocument.objects.first()
    return _changed(document, annex_of=document)


def _own_predecessor() -> m.Plan:
    plan = m.Plan.objects.first()
    return _changed(plan, predecessor=plan)


def _overlapping_membership() -> m.Membership:
    membership = m.Membership(
        user=user(), organisation=organisation(), group=Group.objects.first(), valid_from=DAY
    )
    membership.save()
    return _changed(_second(membership), valid_from=LATER)


def _link(**values: Any) -> m.ActionPointLink:
    fields = {
        "from_point": point(),
        "to_point": m.ActionPoint.objects.get(code="1.b"),
        "kind": "continued",
        "reason": "x",
        "date": DAY,
        **values,
    }
    return m.ActionPointLink(**fields)


def _second_link() -> m.ActionPointLink:
    _link().save()
    return _link()


def _responsibility(**values: Any) -> m.Responsibility:
    fields = {
        "action_point": point(),
        "organisation": organisation("kgg"),
        "basis": "stated",
        **values,
    }
    return m.Responsibility(**fields)


def _sign_off(**values: Any) -> m.SignOff:
    fields = {
        "version": entry().latest_version,
        "organisation": organisation("szw"),
        "verdict": "agreed",
        "actor": user(),
        **values,
    }
    return m.SignOff(**fields)


def _correction(**values: Any) -> m.Correction:
    fields = {
        "entry": entry(),
        "version": entry().latest_version,
        "reason": "x",
        "actor": user(),
        **values,
    }
    return m.Correction(**fields)


def _remark(**values: Any) -> m.EntryRemark:
    fields = {
        "entry": entry(),
        "version": entry().latest_version,
        "text": "x",
        "author": user(),
        **values,
    }
    return m.EntryRemark(**fields)


def _answer(**values: Any) -> m.RemarkAnswer:
    fields = {"remark": _stored(_remark()), "answer": "accepted", "actor": user(), **values}
    return m.RemarkAnswer(**fields)


def _event(**values: Any) -> AuditEvent:
    fields = {
        "sequence": 10**9,
        "at": MOMENT,
        "action": "x",
        "origin": "x",
        "previous_hash": "1" * 64,
        "hash": "2" * 64,
        **values,
    }
    return AuditEvent(**fields)


def _stored(row: Any) -> Any:
    row.save()
    return row


BREAKING |= edition_rows.BREAKING
KEYS |= edition_rows.KEYS


def test_every_constraint_is_broken_in_a_test_of_this_file():
    assert set(BREAKING) == set(OURS) - KEYS


def test_every_constraint_has_a_sentence_for_an_editor():
    default = str(BaseConstraint.default_violation_error_message)

    silent = [
        name
        for name, (_model, constraint) in OURS.items()
        if name not in KEYS and str(constraint.violation_error_message) == default
    ]

    assert silent == []


@pytest.mark.parametrize("name", sorted(BREAKING))
def test_the_database_refuses(name):
    row = BREAKING[name]()

    # What refers to another row may wait for the end of the transaction; this asks for it now.
    with pytest.raises(IntegrityError), transaction.atomic():
        _save_now(row)


def _save_now(row: models.Model) -> None:
    row.save()
    connection.check_constraints()


@pytest.mark.parametrize("name", sorted(BREAKING))
def test_a_form_says_why(name):
    model, constraint = OURS[name]
    row = BREAKING[name]()

    with pytest.raises(ValidationError) as caught:
        constraint.validate(model, row)

    assert str(constraint.violation_error_message) in caught.value.messages


@pytest.mark.parametrize(
    ("start", "until"), [(None, date(2017, 1, 1)), (date(2025, 12, 31), date(2026, 1, 2))]
)
def test_an_open_start_or_end_overlaps_everything_on_its_side(start, until):
    name = m.OrganisationName(
        organisation=organisation("bz"), name="x", valid_from=start, valid_until=until
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        name.save()
    with pytest.raises(ValidationError):
        name.full_clean()


def test_periods_that_touch_do_not_overlap():
    current = m.OrganisationName.objects.get(organisation__slug="szw", valid_until=None)
    current.valid_until = DAY
    current.save()

    following = m.OrganisationName(
        organisation=current.organisation, name="ministerie van Werk", valid_from=DAY
    )
    following.full_clean()
    following.save()

    assert following.pk


def test_extending_a_period_over_the_next_one_is_refused_too():
    first = m.OrganisationName.objects.filter(organisation__slug="ezk").earliest("valid_until")
    first.valid_until = date(2025, 1, 1)

    with pytest.raises(IntegrityError), transaction.atomic():
        first.save()

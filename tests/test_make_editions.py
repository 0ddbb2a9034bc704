"""Past years get an edition that says it is a reconstruction, and a new one after a change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from actions.models import ReportingRound, Source
from reports.choices import Audience, Kind, Stage
from reports.document import Standing
from reports.models import EditionFile, EditionVersion, Freeze
from tests import edition_story as story
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with story.quick_rendering():
        yield


def in_force() -> list[EditionVersion]:
    return list(EditionVersion.objects.in_force().order_by("edition__round__year", "pk"))


def test_each_past_year_gets_three_issued_documents_with_their_files():
    call_command("make_editions")

    versions = in_force()
    assert [version.edition.round.year for version in versions[::3]] == [2023, 2024, 2025]
    assert {version.edition.kind for version in versions} == set(Kind)
    assert {version.freeze.stage for version in versions} == {Stage.RECONSTRUCTION}
    assert EditionFile.objects.count() == 3 * 16


def test_a_reconstruction_says_so_and_links_to_the_letter_that_was_sent():
    call_command("make_editions")

    for version in in_force():
        document = version.document(Audience.PUBLIC)
        assert document.standing == Standing.RECONSTRUCTED
        assert document.banner is not None
        if version.edition.kind == Kind.LETTER:
            letter = ReportingRound.objects.get(pk=version.edition.round_id).letter
            assert letter is not None
            assert document.banner.href == letter.url


def test_what_is_up_to_date_is_not_made_again():
    call_command("make_editions")
    before = [version.pk for version in in_force()]

    call_command("make_editions")

    assert [version.pk for version in in_force()] == before


def test_changed_data_make_a_new_edition_that_takes_the_place_of_the_last():
    call_command("make_editions")
    before = {version.pk for version in in_force()}
    each = ReportingRound.objects.get(year=2025)
    each.statement = "Het kabinet zegt het nu anders."
    each.statement_source = each.statement_source or Source.objects.first()
    each.save()

    call_command("make_editions")

    now = {version.pk: version for version in in_force()}
    new = [version for key, version in now.items() if key not in before]
    assert {(version.edition.round.year, version.edition.number) for version in new} == {(2025, 2)}
    assert len(now) == 9
    assert all(version.freeze.reason for version in new)


def test_an_open_round_gets_a_first_concept_that_nobody_issued():
    each = factories.ReportingRoundFactory(opened=True)
    factories.ActionPointFactory(plan=each.plan)
    factories.somebody(factories.NAP_COORDINATOR)

    call_command("make_editions", concepts=True)
    call_command("make_editions", concepts=True)

    (freeze,) = Freeze.objects.filter(round=each)
    assert freeze.stage == Stage.CONCEPT
    assert not EditionVersion.objects.issued().filter(freeze=freeze).exists()

"""Make the editions of years that were read from public letters, and first concepts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from actions.models import ReportingRound
from napmonitor.accounts.models import User
from reports import issuing, jobs, permissions, production
from reports.choices import JobState, Stage
from reports.models import Freeze, FreezeJob


class Command(BaseCommand):
    help = "Make what is missing of the editions of past years; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--concepts", action="store_true", help="also a first concept of each open round"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = [self._reconstructed(each) for each in _past()]
        if options["concepts"]:
            asked += [self._concept(each) for each in _open()]
        for job in filter(None, asked):
            jobs.do_here(job)
            self._finished(job)

    def _reconstructed(self, each: ReportingRound) -> FreezeJob | None:
        if production.is_up_to_date(each):
            return None
        reason = _("The public data of this year were corrected or added to.")
        return issuing.ask_freeze(
            each,
            Stage.RECONSTRUCTION,
            actor=User.objects.system(),
            reason=reason if issuing.needs_reason(each) else "",
        )

    def _concept(self, each: ReportingRound) -> FreezeJob | None:
        coordinator = _first_coordinator()
        if coordinator is None or Freeze.objects.filter(round=each).exists():
            return None
        return issuing.ask_freeze(each, Stage.CONCEPT, actor=coordinator)

    def _finished(self, job: FreezeJob) -> None:
        job.refresh_from_db()
        if job.state != JobState.DONE or job.freeze is None:
            raise CommandError(f"{job.round}: {job.reason or job.get_state_display()}")
        if job.stage == Stage.RECONSTRUCTION:
            issuing.issue_reconstruction(job.freeze, actor=job.asked_by)
        self.stdout.write(_("Made: %s") % job.freeze)


def _past() -> list[ReportingRound]:
    """Return the rounds whose texts were read from public letters."""
    read = ReportingRound.objects.filter(opened_on=None, released_at__isnull=False)
    return list(read.select_related("plan").order_by("plan", "year"))


def _open() -> list[ReportingRound]:
    return list(ReportingRound.objects.in_progress().select_related("plan").order_by("year"))


def _first_coordinator() -> User | None:
    active = User.objects.filter(is_active=True).order_by("pk")
    return next((user for user in active if permissions.may_produce(user)), None)

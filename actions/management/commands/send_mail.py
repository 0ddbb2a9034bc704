"""Send the mail of today: reminders of deadlines, and overviews of what is new."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.mail import plans, sending
from actions.mail.plans import Plan
from actions.mail.recipients import Kind


class Command(BaseCommand):
    help = "Mail who must act; for cron, safe to repeat. Nobody gets the same twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="count what would be sent, and send nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.NAP_BASE_URL:
            raise CommandError(
                _("NAP_BASE_URL is missing. Set it to the address of the site: links need it.")
            )
        planned = plans.of_today()
        if options["dry_run"]:
            self._tell(planned)
            return
        outcome = sending.send_all(planned)
        self._tell(outcome.sent)
        if count := len(outcome.failed):
            raise CommandError(
                ngettext(
                    "%(count)d message could not be sent; the next run tries again.",
                    "%(count)d messages could not be sent; the next run tries again.",
                    count,
                )
                % {"count": count}
            )

    def _tell(self, sent: list[Plan] | tuple[Plan, ...]) -> None:
        counts = Counter(plan.kind for plan in sent)
        for kind, label in (
            (Kind.REMINDER, _("reminders")),
            (Kind.DIGEST, _("daily overviews")),
        ):
            self.stdout.write(f"{label}: {counts[kind]}")

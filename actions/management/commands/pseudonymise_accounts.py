"""Make accounts unrecognisable that ended long enough ago; for a job that runs every night."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions import pseudonyms
from napmonitor.accounts.models import User


class Command(BaseCommand):
    help = "Replace name and address of accounts that ended long enough ago, for good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be done, change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Only the new names: who it was must not stand in a log either.
        if options["dry_run"]:
            names = [pseudonyms.pseudonym(each) for each in pseudonyms.due(timezone.localdate())]
            self.stdout.write(_("Nothing is changed."))
            self._tell(names)
            return
        outcome = pseudonyms.pseudonymise_due(actor=User.objects.system())
        self._tell([account.name for account in outcome.done])
        for each in outcome.failed:
            sentence = _("Account %(number)d could not be made unrecognisable: %(error)s.")
            self.stderr.write(sentence % {"number": each.account, "error": each.error})
        if count := len(outcome.failed):
            raise CommandError(
                ngettext(
                    "%(count)d account failed; the next run tries it again.",
                    "%(count)d accounts failed; the next run tries them again.",
                    count,
                )
                % {"count": count}
            )

    def _tell(self, names: list[str]) -> None:
        for name in names:
            self.stdout.write(name)
        sentence = ngettext("%d account.", "%d accounts.", len(names))
        self.stdout.write(sentence % len(names))

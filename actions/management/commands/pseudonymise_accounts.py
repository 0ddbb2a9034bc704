"""Make accounts unrecognisable that ended long enough ago; for a job that runs every night."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
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
        else:
            done = pseudonyms.pseudonymise_due(actor=User.objects.system())
            names = [account.name for account in done]
        for name in names:
            self.stdout.write(name)
        sentence = ngettext("%d account.", "%d accounts.", len(names))
        self.stdout.write(sentence % len(names))

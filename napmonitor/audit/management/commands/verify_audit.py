"""Follow the audit trail from the first event to the last."""

from __future__ import annotations

import argparse
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from napmonitor.audit import rules, trail
from napmonitor.audit.models import AuditEvent

_SENTENCES = {
    "missing": gettext_lazy("Event %(number)s is missing."),
    "unlinked": gettext_lazy("Event %(number)s does not follow the event before it."),
    "changed": gettext_lazy("Event %(number)s is not what was written."),
    "head": gettext_lazy("The trail should end with another event than number %(number)s."),
    "unknown_row": gettext_lazy("No event tells how %(subject)s came to be."),
    "changed_row": gettext_lazy("%(subject)s is not what was written."),
    "missing_row": gettext_lazy("%(subject)s was written and is gone."),
}


def _anchor(value: str) -> str:
    # A document prints the hash in groups.
    value = "".join(value.split())
    if not re.fullmatch(r"\d{1,18}:[0-9a-f]{64}", value):
        raise argparse.ArgumentTypeError(_("write it as number:hash, as this command prints it"))
    return value


class Command(BaseCommand):
    help = (
        "Check every link of the audit trail, the rows it tells of, and the rules of the database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            type=_anchor,
            metavar="NUMBER:HASH",
            help="an end of the trail that was kept elsewhere; it must still be in it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        problems = [
            _SENTENCES[each.code] % {"number": each.sequence, "subject": each.subject}
            for each in trail.verify()
        ]
        problems += trail.contradictions()
        problems += [
            _("The database does not hold the rule %(rule)s of %(model)s.")
            % {"rule": name, "model": model._meta.label}
            for model, name in rules.missing_rules()
        ]
        if options["anchor"] and not trail.holds(options["anchor"]):
            problems.append(_("The anchor is not in the trail."))
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(
            _("The audit trail holds: %(count)d events, ending with %(head)s")
            % {"count": AuditEvent.objects.count(), "head": trail.head()}
        )

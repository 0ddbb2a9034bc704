"""Put back rules of the database that got lost."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from napmonitor.accounts.models import User
from napmonitor.audit import rules, trail


class Command(BaseCommand):
    help = "Put back triggers and constraints that are missing, and note that in the audit trail."

    # It must run just when the check would stop every command.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        with trail.atomic():
            restored = rules.restore()
            if restored:
                system = User.objects.system()
                trail.record("rules.restored", actor=system, detail={"rules": restored})
        left = sorted({name for _model, name in rules.missing_rules()})
        if restored:
            self.stdout.write(_("Put back: %s. Now run verify_audit.") % ", ".join(restored))
        if left:
            raise CommandError(
                _("Could not be put back, because of what is stored: %s.") % ", ".join(left)
            )
        if not restored:
            self.stdout.write(_("No rule is missing."))

"""Make the demonstration accounts, and open the round that is due for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from actions import rights, workflow
from actions.models import Membership, Organisation, ReportingRound
from napmonitor.accounts.models import User
from napmonitor.audit import trail


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody who does not exist, with one role at one ministry."""

    mailbox: str
    name: str
    role: str
    organisation: str

    @property
    def email(self) -> str:
        return f"{self.mailbox}@nap-monitor.example"


ACCOUNTS = (
    DemoAccount("coordinator1.bz", "Anna de Vries", "NAP-coördinator", "bz"),
    DemoAccount("coordinator2.bz", "Bram Jansen", "NAP-coördinator", "bz"),
    DemoAccount("beheerder.bz", "Carla Bakker", "Functioneel beheerder", "bz"),
    DemoAccount("redacteur.szw", "Daan Visser", "Redacteur van een ministerie", "szw"),
    DemoAccount("coordinator.szw", "Els Smit", "Coördinator van een ministerie", "szw"),
    DemoAccount("redacteur.ez", "Farid Meijer", "Redacteur van een ministerie", "ezk"),
    DemoAccount("lezer.bz", "Gerda Mulder", "Lezer binnen het Rijk", "bz"),
)


class Command(BaseCommand):
    help = "Make or refresh the demonstration accounts, each with a new password shown once."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.NAP_DEMO is not True:
            raise CommandError(_("Demonstration accounts are made only when NAP_DEMO=True is set."))
        heading = (_("Name"), _("E-mail address"), _("Role"), _("Ministry"), _("Password"))
        try:
            with trail.atomic():
                rows = [_refreshed(account) for account in ACCOUNTS]
                _open_rounds()
        except (Group.DoesNotExist, Organisation.DoesNotExist) as error:
            raise CommandError(_("Load the plan first: manage.py load_plan.")) from error
        for line in _table([heading, *rows]):
            self.stdout.write(line)


def _refreshed(account: DemoAccount) -> tuple[str, ...]:
    """Bring one account back to its role alone and return it with its new password."""
    today = timezone.localdate()
    organisation = Organisation.objects.get(slug=account.organisation)
    role = Group.objects.get(name=account.role)
    system = User.objects.system()
    user = User.objects.filter(email=account.email).first() or User(email=account.email)
    user.name, user.is_active, user.is_superuser = account.name, True, False
    rights.save_account(user, actor=system)
    password = rights.give_password(user, actor=system)
    keys = {"user": user, "organisation": organisation, "group": role}
    held = user.memberships.on(today)
    for other in held.exclude(**keys):
        # A role that began today has no day on which it held.
        other.valid_until = max(today, other.valid_from + timedelta(days=1))
        rights.save_membership(other, actor=system)
    if not held.filter(**keys).exists():
        rights.save_membership(Membership(**keys, valid_from=today), actor=system)
    ministry = organisation.name_on(today) or organisation
    return account.name, account.email, account.role, str(ministry), password


def _open_rounds() -> None:
    """Let the coordinator of the demonstration open the rounds whose day of opening has come."""
    coordinator = User.objects.get(email=ACCOUNTS[0].email)
    due = ReportingRound.objects.filter(
        opens_on__lte=timezone.localdate(), released_at=None, letter=None
    )
    for each in due:
        workflow.open_round(each, actor=coordinator)


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    """Return the rows as lines in columns, the heading underlined."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]

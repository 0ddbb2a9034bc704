"""Make the account that sets up an installation, and note that in the audit trail."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from napmonitor.accounts.models import User
from napmonitor.audit import trail


class Command(createsuperuser.Command):
    @trail.atomic()
    def handle(self, *args: Any, **options: Any) -> None:
        before = set(User.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for account in User.objects.filter(is_superuser=True).exclude(pk__in=before):
            trail.record(
                "account.made",
                actor=User.objects.system(),
                about=account,
                detail={"sets_up_installation": True},
            )

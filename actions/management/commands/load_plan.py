"""Load the real plan from the fixtures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from actions import fixtures


class Command(BaseCommand):
    help = "Load the ministries, the plan and what was reported over 2023-2025; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / "fixtures")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = fixtures.load(options["folder"])
        except fixtures.FixtureError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _(
                "Loaded: %(organisations)d organisations, %(documents)d parliamentary documents, "
                "%(action_points)d subjects, %(entries)d status entries."
            )
            % {
                "organisations": loaded.organisations,
                "documents": loaded.documents,
                "action_points": loaded.action_points,
                "entries": loaded.entries,
            }
        )

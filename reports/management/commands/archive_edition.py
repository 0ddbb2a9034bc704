"""Write the package of an edition for a records system, or check such a package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from reports import archive, archiving
from reports.models import EditionVersion


class Command(BaseCommand):
    help = "Write the package of the edition in force of a year, or check one."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--year", type=int)
        what.add_argument("--check", type=Path, metavar="FILE")
        parser.add_argument("--output", type=Path, metavar="FILE")
        parser.add_argument("--plan", default="", metavar="SLUG")
        parser.add_argument(
            "--internal",
            action="store_true",
            help="with what is not public, in a folder of its own",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check(options["check"])
        elif options["output"] is None:
            raise CommandError(_("Say with --output where the package must stand."))
        else:
            self._write(options)

    def _check(self, path: Path) -> None:
        try:
            problems = archive.verify(path.read_bytes())
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(_("The package is whole: each file has the hash in the manifest."))

    def _write(self, options: dict[str, Any]) -> None:
        versions = EditionVersion.objects.in_force().filter(edition__round__year=options["year"])
        if options["plan"]:
            versions = versions.filter(edition__round__plan__slug=options["plan"])
        newest = versions.select_related("freeze__round__plan").order_by("-edition__round__plan")
        version = newest.first()
        if version is None:
            raise CommandError(_("No edition was issued over that year."))
        try:
            content = archiving.take_package(
                version.freeze, actor=None, with_internal=options["internal"]
            )
            options["output"].write_bytes(content)
        except (OSError, archive.Damaged) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("Written: %s") % options["output"])

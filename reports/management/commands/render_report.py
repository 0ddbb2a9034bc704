"""Render the letter or the annex over one year."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from napmonitor.audit import trail
from reports.builder import DocumentKind, NoSuchPlan, NoSuchRound, build
from reports.document import Document, Standing
from reports.renderers.rendered import Rendered


def _pdf(document: Document) -> Rendered:
    # Loaded here, so that HTML needs no Pango.
    from reports.renderers.pdf import render_pdf

    return render_pdf(document)


def _html(document: Document) -> Rendered:
    from reports.renderers.html import render_html

    return render_html(document)


FORMATS: Final[dict[str, Callable[[Document], Rendered]]] = {"pdf": _pdf, "html": _html}


class Command(BaseCommand):
    help = "Write the letter or the annex over a year to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year")
        parser.add_argument("--kind", default="letter", metavar="letter|annex")
        parser.add_argument("--format", default="pdf", metavar="pdf|html")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument("--plan", default="", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = _choice(_("kind"), options["kind"], [each.value for each in DocumentKind])
        render = FORMATS[_choice(_("format"), options["format"], list(FORMATS))]
        output = _writable(options["output"])
        document = _document(DocumentKind(kind), options["year"], options["plan"])
        content = render(document).content
        try:
            with trail.atomic():
                if document.standing == Standing.CONCEPT:
                    # Not public yet: that it left the application stands in the audit trail.
                    asked = {name: options[name] for name in ("year", "kind", "format", "plan")}
                    trail.record("document.read", actor=None, label=document.title, detail=asked)
                _write(output, content)
        except OSError as error:
            raise CommandError(_not_written(output, error)) from error
        self.stdout.write(_("Written: %s") % output)


def _choice(name: str, value: str, allowed: list[str]) -> str:
    if value not in allowed:
        raise CommandError(
            _("There is no %(name)s “%(value)s”; choose from: %(allowed)s.")
            % {"name": name, "value": value, "allowed": ", ".join(allowed)}
        )
    return value


def _writable(output: Path) -> Path:
    """Return where the file will stand; refuse an impossible place before anything is rendered."""
    try:
        # A link stays a link: what it points at is what is written.
        output = output.resolve()
        if not output.parent.is_dir():
            raise CommandError(_("The folder %s does not exist.") % output.parent)
        if output.is_dir():
            raise CommandError(_("%s is a folder; give the name of a file.") % output)
        if output.exists() and not output.is_file():
            raise CommandError(_("%s is not an ordinary file.") % output)
        if not os.access(output.parent, os.W_OK):
            raise CommandError(_("The folder %s cannot be written to.") % output.parent)
    except OSError as error:
        raise CommandError(_not_written(output, error)) from error
    return output


def _not_written(output: Path, error: OSError) -> str:
    return _("%(file)s cannot be written: %(reason)s.") % {
        "file": output,
        "reason": error.strerror or error,
    }


def _document(kind: DocumentKind, year: str, plan: str) -> Document:
    if not (year.isascii() and year.isdecimal() and len(year) == 4):
        raise CommandError(_("“%s” is not a year; write it as in 2025.") % year)
    try:
        return build(kind, int(year), plan=plan or None)
    except NoSuchPlan as error:
        sentence = _("There is no plan “%s”.") % plan if plan else _("No plan is loaded yet.")
        raise CommandError(sentence) from error
    except NoSuchRound as error:
        known = ", ".join(str(each) for each in error.years) or "–"
        raise CommandError(
            _("There is no reporting round for %(year)s; the rounds are: %(known)s.")
            % {"year": year, "known": known}
        ) from error


def _write(output: Path, content: bytes) -> None:
    """Put the file in place whole, or leave what was there."""
    with tempfile.NamedTemporaryFile(dir=output.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            temporary.chmod(_mode(output))
            temporary.replace(output)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _mode(output: Path) -> int:
    """Return the rights of the file that is replaced, or those that a new file gets here."""
    if output.exists():
        return output.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

"""Render the letter, the annex or the decision note over one year."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from actions.models import Plan
from napmonitor.audit import trail
from reports import rendering, serving
from reports.builder import NoSuchPlan, NoSuchRound, build, known_names, public_note
from reports.choices import Audience
from reports.document import DecisionNote, Document, DocumentKind, Standing
from reports.models import EditionFile, EditionVersion
from reports.names import find_names
from reports.renderers.pandoc import NotRendered


class Command(BaseCommand):
    help = "Write the letter, the annex or the decision note over a year to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year")
        parser.add_argument("--kind", default="letter", metavar="|".join(DocumentKind))
        parser.add_argument("--format", default="pdf", metavar="|".join(rendering.RENDERERS))
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")
        parser.add_argument("--plan", default="", metavar="SLUG")
        parser.add_argument(
            "--internal", action="store_true", help="the decision note with what is not public"
        )
        for option, what in (
            ("--leave-out", "a name to leave out of the public decision note as well"),
            ("--keep", "a word that is taken for a name, and may stand in it"),
        ):
            parser.add_argument(option, action="append", default=[], metavar="NAME", help=what)

    def handle(self, *args: Any, **options: Any) -> None:
        kind = DocumentKind(_choice(_("kind"), options["kind"], list(DocumentKind)))
        to = _choice(_("format"), options["format"], list(rendering.RENDERERS))
        if options["internal"] and kind != DocumentKind.DECISION_NOTE:
            raise CommandError(_("Only the decision note has an internal form."))
        output = _writable(options["output"])
        file = _issued(kind, to, options)
        if file is not None:
            return self._write_issued(file, output, options)
        document = _document(kind, options["year"], options["plan"])
        if isinstance(document, DecisionNote) and not options["internal"]:
            document = self._public(document, options["leave_out"], options["keep"])
        try:
            content = rendering.render(document, to).content
        except NotRendered as error:
            raise CommandError(_("The document could not be made: %s") % error) from error
        try:
            with trail.atomic():
                if document.standing == Standing.CONCEPT or options["internal"]:
                    # Not public: that it left the application stands in the audit trail.
                    names = ("year", "kind", "format", "plan", "internal")
                    asked = {name: options[name] for name in names}
                    trail.record("document.read", actor=None, label=document.title, detail=asked)
                _write(output, content, private=options["internal"])
        except OSError as error:
            raise CommandError(_not_written(output, error)) from error
        self.stdout.write(_("Written: %s") % output)

    def _write_issued(self, file: EditionFile, output: Path, options: dict[str, Any]) -> None:
        """Write the bytes that were stored; they are not made anew, so no name is left out now."""
        if options["leave_out"] or options["keep"]:
            raise CommandError(_("This document is issued; what stands in it cannot be changed."))
        try:
            content = serving.content_of(file)
        except serving.Damaged as error:
            sentence = _("What is stored of this document is not what was stored. It is not given.")
            raise CommandError(sentence) from error
        is_private = file.audience == Audience.INTERNAL
        try:
            with trail.atomic():
                if is_private or not file.version.edition.round.is_released():
                    names = ("year", "kind", "format", "plan", "internal")
                    asked = {name: options[name] for name in names}
                    label = file.version.title
                    trail.record("document.read", actor=None, label=label, detail=asked)
                _write(output, content, private=is_private)
        except OSError as error:
            raise CommandError(_not_written(output, error)) from error
        self.stdout.write(_("Written: %s") % output)

    def _public(self, note: DecisionNote, others: list[str], kept: list[str]) -> DecisionNote:
        """Leave out the names of people with an account, and say which, for a person to check."""
        names = known_names(others, kept)
        found = find_names(public_note(note), names)
        for each in found:
            self.stderr.write(
                _("Left out: “%(name)s”, in: %(around)s")
                % {"name": each.literal, "around": each.around}
            )
        if found:
            self.stderr.write(_("With --keep NAME such words stay in, with --leave-out more go."))
        return public_note(note, names)


def _issued(kind: DocumentKind, to: str, options: dict[str, Any]) -> EditionFile | None:
    """Return the stored file of the edition in force; None when none was issued."""
    year, plan = options["year"], options["plan"]
    if not (year.isascii() and year.isdecimal()):
        return None
    plans = Plan.objects.filter(slug=plan) if plan else Plan.objects.current()
    versions = EditionVersion.objects.in_force().filter(
        edition__kind=kind.value, edition__round__year=int(year), edition__round__plan__in=plans
    )
    audience = Audience.INTERNAL if options["internal"] else Audience.PUBLIC
    return (
        EditionFile.objects.filter(version__in=versions, audience=audience, format=to)
        .select_related("version__edition__round")
        .first()
    )


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
        if kind == DocumentKind.DECISION_NOTE:
            return rendering.decision_note(int(year), plan=plan or None)
        return build(kind, int(year), plan=plan or None, with_approved=True)
    except NoSuchPlan as error:
        sentence = _("There is no plan “%s”.") % plan if plan else _("No plan is loaded yet.")
        raise CommandError(sentence) from error
    except NoSuchRound as error:
        known = ", ".join(str(each) for each in error.years) or "–"
        raise CommandError(
            _("There is no reporting round for %(year)s; the rounds are: %(known)s.")
            % {"year": year, "known": known}
        ) from error


def _write(output: Path, content: bytes, *, private: bool) -> None:
    """Put the file in place whole, or leave what was there; a private one for its owner only."""
    with tempfile.NamedTemporaryFile(dir=output.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            temporary.chmod(_mode(output) & (0o700 if private else 0o777))
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

from __future__ import annotations

import os
from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("reports")

    def ready(self) -> None:
        from actions import workflow
        from napmonitor.audit import trail
        from reports import issuing, models

        if issuing.refuse_publication not in workflow.publication_checks:
            workflow.publication_checks.append(issuing.refuse_publication)

        trail.sealed(
            models.Freeze,
            models.ReportEdition,
            models.EditionVersion,
            models.EditionFile,
            models.EditionIssue,
            models.FileOpened,
            models.EditionRemark,
            models.RemarkHandling,
            models.RemarkPlace,
            models.EditionSignOff,
            models.Decision,
            models.ConditionMet,
        )
        # Before anything loads Pango: only the fonts of our documents, none of the machine.
        fonts = Path(__file__).parent / "renderers" / "fonts.conf"
        os.environ["FONTCONFIG_FILE"] = str(fonts)

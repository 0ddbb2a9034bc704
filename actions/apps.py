from django.apps import AppConfig
from django.db.models import CharField, TextField
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

# Constraints on the length of a text need this lookup wherever models are loaded.
CharField.register_lookup(Length)
TextField.register_lookup(Length)


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = _("action plan")

    def ready(self) -> None:
        from actions import bookkeeping, models
        from napmonitor.audit import trail

        trail.compared_by(bookkeeping.contradictions)

        trail.sealed(
            models.EntryVersion,
            models.EntrySource,
            models.Transition,
            models.SignOff,
            models.Correction,
            models.EntryRemark,
            models.RemarkAnswer,
        )

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "napmonitor.audit"
    verbose_name = _("audit")

    def ready(self) -> None:
        from napmonitor.audit import rules, sessions

        checks.register(rules.check_rules, checks.Tags.database)
        post_migrate.connect(rules.check_after_migration, dispatch_uid="audit.rules")
        user_logged_in.connect(sessions.signed_in, dispatch_uid="audit.signed_in")
        user_logged_out.connect(sessions.signed_out, dispatch_uid="audit.signed_out")
        user_login_failed.connect(sessions.failed, dispatch_uid="audit.failed")

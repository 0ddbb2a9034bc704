"""The admin site of NAP-monitor."""

from django.contrib.admin.apps import AdminConfig


class NapMonitorAdminConfig(AdminConfig):
    """The Django admin with our own site class as the default."""

    default_site = "napmonitor.site.admin.NapMonitorAdminSite"

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "napmonitor.site"
    label = "site"

"""Every address: for machines, for officials, and the public site in two languages."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from napmonitor.site import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("beheer/", admin.site.urls),
    *i18n_patterns(
        path("", include("napmonitor.site.urls")),
        path("", include("actions.urls")),
        prefix_default_language=False,
    ),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error

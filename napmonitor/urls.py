"""Every address: for machines, for officials, and the public site in two languages."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from napmonitor.site import cards, errors, feeds, machines, views
from napmonitor.site.forgotten import AskedView, AskView, ChooseView

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    # Not of the site, so that they are open to who is not signed in; it links to the first by name.
    path("beheer/password_reset/", AskView.as_view(), name="admin_password_reset"),
    path("beheer/password_reset/asked/", AskedView.as_view(), name="admin_password_reset_done"),
    path(
        "beheer/password_reset/<uidb64>/<token>/",
        ChooseView.as_view(),
        name="admin_password_reset_confirm",
    ),
    path("beheer/", admin.site.urls),
    path("", include("reports.urls")),
    *i18n_patterns(
        path("", include("napmonitor.site.urls")),
        path("", include("actions.urls")),
        prefix_default_language=False,
    ),
    path("robots.txt", machines.robots, name="robots"),
    path(".well-known/security.txt", machines.security, name="security"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("feeds/plan.atom", feeds.plan_feed, name="plan-feed"),
    path("feeds/ministeries/<slug:slug>.atom", feeds.ministry_feed, name="ministry-feed"),
    path("feeds/actiepunten/<code:code>.atom", feeds.point_feed, name="point-feed"),
    path("kaarten/<path:page>.png", cards.card, name="card"),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error

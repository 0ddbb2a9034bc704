"""Addresses of the pages that belong to no single app, or need both."""

from __future__ import annotations

from django.urls import path, re_path

from napmonitor.site import editions, texts, timeline, views

app_name = "site"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("rapportages/", editions.editions, name="editions"),
    path("rapportages/<int:year>/", editions.year, name="year"),
    re_path(
        r"^rapportages/(?P<year>[0-9]{4})/(?P<name>kamerbrief|voortgangsrapportage|beslisnota)/$",
        editions.reading,
        name="reading",
    ),
    path("tijdlijn/", timeline.timeline, name="timeline"),
    path("open-data/", texts.open_data, name="open-data"),
    path("over/", texts.about, name="about"),
    path("contact/", texts.contact, name="contact"),
    path("toegankelijkheid/", texts.accessibility, name="accessibility"),
    path("privacy/", texts.privacy, name="privacy"),
    path("cookies/", texts.cookies, name="cookies"),
]

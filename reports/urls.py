"""Public addresses of the documents; they are Dutch, so each has one address in any language."""

from __future__ import annotations

from django.urls import re_path

from reports import views

app_name = "reports"

urlpatterns = [
    re_path(
        r"^rapportages/(?P<year>[0-9]{4})/(?P<name>kamerbrief|voortgangsrapportage|beslisnota)"
        r"\.(?P<to>pdf|docx|odt|html)$",
        views.document,
        name="document",
    ),
]

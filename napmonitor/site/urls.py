"""Addresses of the pages that belong to no single app."""

from __future__ import annotations

from django.urls import path

from napmonitor.site import views

app_name = "site"

urlpatterns = [
    path("", views.overview, name="overview"),
]

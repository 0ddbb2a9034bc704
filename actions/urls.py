"""Public addresses of the action points; the code is the one in our own list."""

from __future__ import annotations

from django.urls import path, register_converter

from actions import views


class CodeConverter:
    """A code as the model allows it, so that any other text is simply not found."""

    regex = r"[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CodeConverter, "code")

app_name = "actions"

urlpatterns = [
    path("actiepunten/", views.action_points, name="action-points"),
    path("actiepunten/<code:code>/", views.action_point, name="action-point"),
    path(
        "plannen/<slug:plan>/actiepunten/<code:code>/",
        views.action_point,
        name="plan-action-point",
    ),
]

"""Public addresses of the action points and what belongs to them; codes are those of our list."""

from __future__ import annotations

from django.urls import path, register_converter

from actions.views import organisations, pillars, points, principles, register


class CodeConverter:
    """A code as the model allows it, so that any other text is simply not found."""

    regex = r"[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class TableConverter(CodeConverter):
    """The forms in which a table can be downloaded."""

    regex = "csv|xlsx|ods"


register_converter(CodeConverter, "code")
register_converter(TableConverter, "table")

app_name = "actions"

urlpatterns = [
    path("actiepunten/", points.action_points, name="action-points"),
    path(
        "actiepunten/actiepunten.<table:to>", points.action_points_file, name="action-points-file"
    ),
    path("actiepunten/<code:code>/", points.action_point, name="action-point"),
    path(
        "plannen/<slug:plan>/actiepunten/<code:code>/",
        points.action_point,
        name="plan-action-point",
    ),
    path("pijlers/<int:number>/", pillars.pillar, name="pillar"),
    path("ungp/", principles.principles, name="principles"),
    path("ungp/<int:number>/", principles.principle, name="principle"),
    path("ministeries/", organisations.ministries, name="ministries"),
    path("ministeries/<slug:slug>/", organisations.ministry, name="ministry"),
    path("kamerstukken/", register.documents, name="documents"),
    path("kamerstukken/<code:identifier>/", register.document, name="document"),
]

"""What a browser would send back from a page of the work screens."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import BaseForm, CheckboxInput, MultiWidget
from django.urls import reverse


def page(model: type[Model], name: str, *args: Any) -> str:
    """Return the address of a page of one model: changelist, add, change, history or delete."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def registered() -> list[type[Model]]:
    """Return every model with a page, in an order that does not change."""
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def as_sent(response: Any, **typed: Any) -> dict[str, Any]:
    """Return what the form on a page holds, some of it typed anew.

    What is not on the page is not sent, whatever the form object knows.
    """
    formsets = [each.formset for each in response.context["inline_admin_formsets"]]
    forms = [response.context["adminform"].form]
    for formset in formsets:
        forms += [formset.management_form, *formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        data |= _fields(form)
    return {
        name: value for name, value in data.items() if f'name="{name}"' in response.text
    } | typed


def _fields(form: BaseForm) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for field in form:
        value = field.value()
        widget = field.field.widget
        if field.field.disabled:
            continue
        if isinstance(widget, MultiWidget):
            parts = enumerate(widget.decompress(value) or ())
            sent |= {f"{field.html_name}_{number}": part for number, part in parts if part}
        elif isinstance(widget, CheckboxInput):
            sent |= {field.html_name: "on"} if value else {}
        elif isinstance(value, list):
            sent[field.html_name] = value
        elif value is not None:
            sent[field.html_name] = widget.format_value(value) or ""
    return {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value
        for name, value in sent.items()
    }


def errors(response: Any) -> list[str]:
    """Return every sentence with which a form was shown again."""
    assert response.status_code == 200
    return [
        str(sentence)
        for found in response.context["errors"]
        for sentence in ([found] if isinstance(found, str) else found)
    ]

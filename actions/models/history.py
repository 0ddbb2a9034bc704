"""The history of reference data: each save that changes a row adds one to its history.

Built on the models of django-simple-history; its admin class, templates and commands are not used.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

M = TypeVar("M", bound=models.Model)


class PastTheHistory(Exception):
    """Rows would have been written without a trace in their history."""


class TrackedQuerySet(models.QuerySet[M]):
    """Rows of which every change is kept; they are written one at a time, by `save`."""

    def update(self, **_values: Any) -> NoReturn:
        self._refuse("update")

    def bulk_create(self, *_args: Any, **_options: Any) -> NoReturn:
        self._refuse("bulk_create")

    def bulk_update(self, *_args: Any, **_options: Any) -> NoReturn:
        self._refuse("bulk_update")

    def _refuse(self, method: str) -> NoReturn:
        raise PastTheHistory(
            f"{method} would leave no trace in the history of {self.model._meta.label}: "
            "save its rows one by one."
        )


class _HistoryManager(HistoryManager):
    """Builds its class once; the package does so anew at every use, which costs more than a row."""

    @classmethod
    @cache
    def from_queryset(cls, *args: Any) -> Any:
        return super().from_queryset(*args)


class Tracked(HistoricalRecords):
    """Keeps every state a row was ever saved in, when, and by whom.

    Nobody has a right on these tables, and an account that stands in them cannot be deleted.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(history_manager=_HistoryManager, **options)

    def add_extra_methods(self, cls: type[models.Model]) -> None:
        """Give the model no way to be saved without its history."""

    def post_save(
        self,
        instance: models.Model,
        created: bool,
        raw: bool = False,
        update_fields: frozenset[str] | None = None,
        **_signal: Any,
    ) -> None:
        """Add a row when something changed; a saved fixture file brings rows of its own."""
        if raw:
            return
        if update_fields is not None:
            # What else was changed on the instance is not stored, and so no history.
            instance = type(instance)._default_manager.get(pk=instance.pk)
        if created or not self._as_last(instance):
            self.create_historical_record(instance, "+" if created else "~")

    def m2m_changed(self, instance: models.Model, reverse: bool, **signal: Any) -> None:
        if reverse:
            raise PastTheHistory(
                f"Set this on the other side: only that has the history, not {instance._meta.label}"
            )
        super().m2m_changed(instance, reverse=reverse, **signal)

    def _as_last(self, instance: models.Model) -> bool:
        """Tell whether a row is what its history says already."""
        key = instance._meta.pk.attname
        rows = getattr(type(instance), self.manager_name).filter(**{key: instance.pk})
        last = rows.order_by("-history_id").first()
        return last is not None and all(
            getattr(last, field.attname) == field.to_python(getattr(instance, field.attname))
            for field in self.fields_included(instance)
        )

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        return {**super().get_meta_options(model), **self._labels(model)}

    def get_meta_options_m2m(self, through_model: type[models.Model]) -> dict[str, Any]:
        return {**super().get_meta_options_m2m(through_model), **self._labels(through_model)}

    def _labels(self, model: type[models.Model]) -> dict[str, Any]:
        label = format_lazy(_("history: {}"), model._meta.verbose_name)
        # No rights: nobody writes these rows, and who may see a row may see its history.
        return {"verbose_name": label, "verbose_name_plural": label, "default_permissions": ()}

    def _get_history_user_fields(self) -> dict[str, Any]:
        return {
            "history_user": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
            )
        }


def history_of(model: type[models.Model]) -> Any:
    """Return the model with the history of another; None for one that is not tracked."""
    name = getattr(model._meta, "simple_history_manager_attribute", None)
    return getattr(model, name).model if name else None


def changed_by_somebody(row: models.Model) -> bool:
    """Tell whether a person, and not the application, ever changed a row."""
    history = history_of(type(row))
    key = row._meta.pk.attname
    return bool(
        history and history.objects.filter(**{key: row.pk}).exclude(history_user=None).exists()
    )


def many_of(model: type[models.Model]) -> list[tuple[Any, Any]]:
    """Return the many-to-many fields that have a history, each with the model of that."""
    histories = Tracked.m2m_models
    return [(each, histories[each]) for each in model._meta.many_to_many if each in histories]


def tracked_models() -> list[type[models.Model]]:
    """Return every model that has a history."""
    return [model for model in apps.get_models() if history_of(model)]

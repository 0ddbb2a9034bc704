"""The work screens of officials: Django's admin under our own name and policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from napmonitor.accounts.forms import SignInForm
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.site.errors import typed_texts


class NapMonitorAdminSite(AdminSite):
    """The admin of officials; every page in it stands on the policy base class."""

    login_form = SignInForm
    site_title = _("NAP-monitor")
    site_header = _("NAP-monitor")
    index_title = _("Work screens")
    site_url = "/"
    empty_value_display = "–"
    # The lists need the width, and the first page names all there is.
    enable_nav_sidebar = False

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Refuse a page that would show rows without asking whose they are."""
        # Not above: the pages register themselves here while that package is being read.
        from actions.admin.policy import PolicyAdmin

        models: list[type[Model]] = (
            [model_or_iterable]
            if isinstance(model_or_iterable, ModelBase)
            else list(model_or_iterable)
        )
        # Roles come from `fixtures/roles.yaml`, the queue of work has no page: these stay out.
        if all(model._meta.app_label in ("auth", "django_tasks_database") for model in models):
            return
        if not issubclass(admin_class or ModelAdmin, PolicyAdmin):
            raise ImproperlyConfigured(f"{admin_class} must be a PolicyAdmin.")
        super().register(models, admin_class, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Give what was typed back to somebody whose session or role ended while they typed."""
        page = super().admin_view(view, cacheable)

        def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            leaving = request.path == reverse("admin:logout", current_app=self.name)
            if request.method != "POST" or self.has_permission(request) or leaving:
                return page(request, *args, **kwargs)
            context = {
                **self.each_context(request),
                "title": _("What you sent is not stored"),
                "texts": typed_texts(request),
            }
            answer = TemplateResponse(request, "admin/signed_out.html", context, status=403)
            add_never_cache_headers(answer)
            return answer

        return update_wrapper(kept, view)

    # What the first page shows beside the lists; the pages set it, as they register themselves.
    home: Callable[[HttpRequest], dict[str, Any]] = staticmethod(lambda _request: {})

    # What is said at the top of the page that is asked for; the pages set it as well.
    screen_help: Callable[[HttpRequest], str] = staticmethod(lambda _request: "")

    # Pages that belong to no model, each with its route and name; who makes them adds them.
    own_pages: Sequence[tuple[str, Callable[[HttpRequest], HttpResponse], str]] = ()

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page is given, with what it says of itself."""
        return {**super().each_context(request), "screen_help": self.screen_help(request)}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show somebody what is asked of them."""
        return super().index(request, {**self.home(request), **(extra_context or {})})

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Let somebody choose another password, and note that in the audit trail."""
        with trail.atomic():
            if request.method == "POST" and isinstance(request.user, User):
                # All of the row is written: as it is now, not as it was when the page was asked.
                request.user = User.objects.select_for_update().get(pk=request.user.pk)
            response = super().password_change(request, extra_context)
            if isinstance(response, HttpResponseRedirect) and isinstance(request.user, User):
                trail.record("account.password-changed", actor=request.user, about=request.user)
        return response

    def get_urls(self) -> list[URLResolver | URLPattern]:
        # Both take any model and key: "view on site" redirects to it, autocomplete lists its rows.
        unused = {"view_on_site", "autocomplete"}
        return [
            *(
                path(route, self.admin_view(view), name=name)
                for route, view, name in self.own_pages
            ),
            *(each for each in super().get_urls() if getattr(each, "name", "") not in unused),
        ]

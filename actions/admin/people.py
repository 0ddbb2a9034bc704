"""Pages about who works here: accounts, and the memberships that give them rights.

The account is a model of `napmonitor.accounts`, which imports nothing of ours; its page stands here
because it stands on the policy and shows the memberships.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from actions import permissions, rights
from actions.admin.people_forms import accounts_with_a_person
from actions.admin.people_pages import AccountPages
from actions.admin.policy import PolicyInline, person
from actions.admin.rights_list import RightsPages
from actions.forms import MembershipForm, UserForm
from actions.models import Membership
from napmonitor.accounts.models import User
from napmonitor.audit import trail
from napmonitor.audit.models import Result


class MembershipInline(PolicyInline):
    """The roles of one person; nobody gives themselves one."""

    model = Membership
    form = MembershipForm
    fields = ("organisation", "group", "valid_from", "valid_until")

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_add_permission(request, obj) and self._may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_change(request, obj)

    def _may_change(self, request: HttpRequest, obj: User | None) -> bool:
        return obj is None or (
            obj.pseudonymised_at is None and permissions.can_give_roles(request.user, obj)
        )


@admin.register(User)
class UserAdmin(AccountPages):
    """An account. A password is never shown, only given: once, and made up by the application."""

    form = UserForm
    list_display = ("name", "email", "is_active", "roles_today", "last_login")
    list_filter = ("is_active",)
    search_fields = ("name", "email")
    ordering = ("name", "email")
    inlines = (MembershipInline,)
    change_form_template = "admin/accounts/user/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        today = Membership.objects.on(timezone.localdate())
        active = today.select_related("organisation", "group").prefetch_related(
            "organisation__names"
        )
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("memberships", queryset=active, to_attr="memberships_today"))
        )

    def store(self, request: HttpRequest, row: models.Model) -> None:
        if isinstance(row, Membership):
            rights.save_membership(row, actor=person(request))
        elif isinstance(row, User):
            rights.save_account(row, actor=person(request))

    def choice_label(self, row: User) -> str:
        return f"{row.name} ({row.email})"

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("email", "name")}),)
        # Not a field to leave out of sight: who cannot give this right must not send it either.
        gone = ("pseudonymised_at",) if obj.pseudonymised_at else ()
        allowed = ("is_superuser",) if request.user.is_superuser else ()
        use = ("is_active", "password_state", "last_login", "date_joined")
        return (
            (None, {"fields": ("email", "name", *allowed)}),
            (_("Use"), {"fields": (*use, *gone)}),
        )

    readonly_fields = (
        "is_active",
        "password_state",
        "last_login",
        "date_joined",
        "pseudonymised_at",
    )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None
            or (obj.pseudonymised_at is None and permissions.can_manage_account(request.user, obj))
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on to the page of the new account: the password is given there."""
        self.message_user(
            request,
            gettext("The account is made. Give it a temporary password at the end of this page."),
            messages.SUCCESS,
        )
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[obj.pk]))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        account = self.get_object(request, unquote(object_id))
        context = dict(extra_context or {})
        if account is not None:
            context["may_give_password"] = self._may_give_password(request, account)
            context |= self.leaving_context(request, account)
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.give_password)
        return [
            path("<int:pk>/transition/give-password/", view, name="accounts_user_give_password"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    @sensitive_variables("password")
    def give_password(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give an account another password and show it once, on this page and nowhere else."""
        account = self.get_object(request, str(pk))
        if account is None:
            raise Http404
        if not self._may_give_password(request, account):
            self.record_refusal(request, str(pk), "give-password")
            raise PermissionDenied
        with trail.atomic():
            password = rights.give_password(account, actor=person(request))
            self.log_change(request, account, gettext("Gave a temporary password."))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Temporary password"),
            "opts": self.opts,
            "account": account,
            "password": password,
        }
        return TemplateResponse(request, "admin/accounts/user/given_password.html", context)

    def _may_give_password(self, request: HttpRequest, account: User) -> bool:
        # One's own password is changed on the page for that, which asks for the old one.
        return (
            account != request.user
            and account.is_active
            and self.has_change_permission(request, account)
        )

    @admin.display(description=_("roles today"))
    def roles_today(self, user: User) -> str:
        today = timezone.localdate()
        memberships: list[Membership] = getattr(user, "memberships_today", [])
        return ", ".join(
            f"{each.group} ({each.organisation.name_on(today) or each.organisation})"
            for each in memberships
        )

    @admin.display(description=_("password"))
    def password_state(self, user: User) -> str:
        if user.invited_at is not None:
            return gettext("a link to choose one was sent on %s") % date_format(
                timezone.localtime(user.invited_at), "SHORT_DATETIME_FORMAT"
            )
        return gettext("has a password") if user.has_usable_password() else gettext("none yet")


class ActiveFilter(admin.SimpleListFilter):
    """Only the roles of today."""

    title = _("period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("today", _("today")), ("ended", _("ended"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Membership]
    ) -> QuerySet[Membership]:
        today = timezone.localdate()
        if self.value() == "today":
            return queryset.filter(pk__in=Membership.objects.on(today).values("pk"))
        if self.value() == "ended":
            return queryset.filter(valid_until__lte=today)
        return queryset


@admin.register(Membership)
class MembershipAdmin(RightsPages):
    """Who has which role where, and until when."""

    form = MembershipForm
    list_display = ("user", "organisation_today", "group", "valid_from", "valid_until")
    list_filter = (ActiveFilter, "group")
    list_select_related = ("user", "group", "organisation")
    search_fields = ("user__name", "user__email")
    ordering = ("user__name", "valid_from")
    fields = ("user", "organisation", "group", "valid_from", "valid_until")

    def store(self, request: HttpRequest, row: models.Model) -> None:
        if isinstance(row, Membership):
            rights.save_membership(row, actor=person(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).prefetch_related("organisation__names")

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None
            or (
                obj.user.pseudonymised_at is None
                and permissions.can_give_roles(request.user, obj.user)
            )
        )

    def record_refusal(self, request: HttpRequest, object_id: str | None, what: str) -> None:
        """Note a refusal without the name of the person: that could never be taken away."""
        asked = unquote(object_id) if object_id else ""
        rows = Membership.objects.select_related("organisation", "group")
        is_key = asked.isascii() and asked.isdecimal() and len(asked) < 10
        role = rows.filter(pk=int(asked)).first() if is_key else None
        trail.record(
            f"{self.opts.model_name}.{what}",
            actor=person(request),
            about=role,
            label=f"{role.group} ({role.organisation})" if role else str(self.opts.verbose_name),
            result=Result.REFUSED,
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = accounts_with_a_person(
                permissions.accounts_to_give_roles(request.user)
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("organisation"), ordering="organisation__slug")
    def organisation_today(self, membership: Membership) -> str:
        return str(membership.organisation.name_on(timezone.localdate()) or membership.organisation)

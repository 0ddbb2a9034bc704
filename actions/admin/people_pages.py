"""Pages for somebody who comes, moves or leaves, and for who was invited and is not in yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions import invitations, pseudonyms, rights
from actions.admin.people_forms import EndForm, InviteForm, MoveForm, PeopleForm
from actions.admin.policy import PolicyAdmin, person
from actions.queries.leaving import leaving, nobody_writes
from actions.workflow import short_name
from napmonitor.accounts.invitations import days_valid, invited_by_key, is_open, key_of
from napmonitor.accounts.models import User
from napmonitor.audit import trail

# Where the link stands in the session: the page with the form has an address without it.
_KEY: Final = "nap_invitation"
_ASKS = require_http_methods(["GET", "HEAD", "POST"])


class AccountPages(PolicyAdmin):
    """The addresses with which the functional administrator lets people in, move and go."""

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"accounts_user_{name}")

        return [
            own("invite/", self.invite_view, "invite"),
            # For who cannot sign in yet, so without the check that the site makes.
            path("invitation/", self.invitation_view, name="accounts_user_invitation"),
            own("<int:pk>/move/", self.move_view, "move"),
            own("<int:pk>/end/", self.end_view, "end"),
            own("<int:pk>/pseudonymise/", self.pseudonymise_view, "pseudonymise"),
            own("<int:pk>/transition/<slug:name>/", self.transition_view, "transition"),
            *super().get_urls(),
        ]

    # Who comes.

    @method_decorator(_ASKS)
    def invite_view(self, request: HttpRequest) -> HttpResponse:
        """Make an account with its first role, and send the link to it."""
        if not rights.may_invite(request.user):
            if request.method == "POST":
                self.record_refusal(request, None, "invite")
            raise PermissionDenied
        form = InviteForm(request.POST if request.method == "POST" else None)
        existing = None
        if form.is_valid():
            existing = User.objects.filter(email=form.cleaned_data["email"]).first()
            account = None if existing else self._invited(request, form)
            if account is not None:
                return self._to(account)
        if existing is not None:
            form.add_error("email", gettext("There is already an account with this address."))
        context = {
            "form": form,
            "existing": existing if self._may_name(request, existing) else None,
        }
        return self.page(request, None, "invite.html", gettext("Invite somebody"), context)

    def _may_name(self, request: HttpRequest, account: User | None) -> bool:
        return account is not None and self.has_view_permission(request, account)

    def _invited(self, request: HttpRequest, form: InviteForm) -> User | None:
        typed = form.cleaned_data
        try:
            with trail.atomic():
                account = rights.invite(
                    typed["email"], typed["name"], form.role(), actor=person(request)
                )
                self.log_addition(request, account, gettext("Invited."))
        except rights.NotPossible as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return None
        except IntegrityError:
            # Somebody else made it in the meantime.
            form.add_error("email", gettext("There is already an account with this address."))
            return None
        self._send(request, account)
        return account

    @sensitive_variables("link")
    def _send(self, request: HttpRequest, account: User) -> None:
        """Send the link, and say whether that worked."""
        address = reverse("admin:accounts_user_invitation")
        link = request.build_absolute_uri(f"{address}?{urlencode({'key': key_of(account)})}")
        if invitations.send(account, link):
            sentence = gettext("The invitation was sent to %s.") % account.email
            self.message_user(request, sentence, messages.SUCCESS)
        else:
            sentence = gettext(
                "The invitation could not be sent. The account is there: try again below, or give "
                "a temporary password."
            )
            self.message_user(request, sentence, messages.ERROR)

    @method_decorator(sensitive_post_parameters())
    @method_decorator(never_cache)
    @method_decorator(_ASKS)
    def invitation_view(self, request: HttpRequest) -> HttpResponse:
        """Let somebody who was invited choose a password; the link does not stay in the address."""
        if key := request.GET.get("key", ""):
            return self._with_key(request, key)
        key = request.session.get(_KEY, "")
        if not key:
            return HttpResponseRedirect(reverse("admin:login"))
        account = invited_by_key(key)
        if account is None:
            return self._closed(request)
        form = SetPasswordForm(account, request.POST if request.method == "POST" else None)
        if form.is_valid():
            if invitations.accept(key, form.cleaned_data["new_password1"]) is None:
                return self._closed(request)
            del request.session[_KEY]
            self.message_user(
                request, gettext("Your password is stored. Sign in with it."), messages.SUCCESS
            )
            return HttpResponseRedirect(reverse("admin:login"))
        title = gettext("Choose your password")
        context = {"form": form, "account": account}
        return self.page(request, None, "invitation.html", title, context)

    def _with_key(self, request: HttpRequest, key: str) -> HttpResponse:
        if invited_by_key(key) is None:
            answer = self._closed(request)
        else:
            request.session[_KEY] = key
            answer = HttpResponseRedirect(reverse("admin:accounts_user_invitation"))
        # The address still holds the key: tell it to no other page.
        answer["Referrer-Policy"] = "no-referrer"
        return answer

    def _closed(self, request: HttpRequest) -> HttpResponse:
        request.session.pop(_KEY, None)
        title = gettext("This link no longer works")
        context = {"days": days_valid()}
        return self.page(request, None, "invitation_closed.html", title, context, status=410)

    # Who moves.

    @method_decorator(_ASKS)
    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let somebody go on in another role from a day."""
        account = self._account(request, pk)
        self._refuse_unless(rights.may_move(request.user, account), request, account, "move")
        roles = rights.open_roles(account, timezone.localdate())
        form = MoveForm(roles, request.POST if request.method == "POST" else None)
        if form.is_valid() and self._moved(request, account, form):
            return self._to(account)
        title = gettext("Another ministry or role")
        return self.page(request, account, "move.html", title, {"form": form})

    def _moved(self, request: HttpRequest, account: User, form: MoveForm) -> bool:
        role = form.role()
        try:
            with trail.atomic():
                rights.move(account, ends=form.ending(), role=role, actor=person(request))
                self.log_change(request, account, gettext("Changed the role."))
        except rights.NotPossible as refusal:
            form.add_error(_place(form, refusal), str(refusal))
            return False
        except IntegrityError:
            form.add_error(None, gettext("This person has that role there already."))
            return False
        sentence = gettext("The new role holds from %s. What was written before stays.")
        self.message_user(request, sentence % date_format(role.valid_from), messages.SUCCESS)
        if codes := nobody_writes(form.left(), role.valid_from):
            sentence = gettext("Nobody writes any more for: %s.")
            self.message_user(request, sentence % ", ".join(codes), messages.WARNING)
        return True

    # Who leaves.

    @method_decorator(require_safe)
    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what it means to end an account on a day, with the button that does it."""
        account = self._account(request, pk)
        if not rights.may_end(request.user, account):
            raise PermissionDenied
        today = timezone.localdate()
        form = EndForm(request.GET if "on" in request.GET else {"on": today.isoformat()})
        return self._end_page(request, account, form)

    def _end_page(self, request: HttpRequest, account: User, form: EndForm) -> HttpResponse:
        day: date | None = form.cleaned_data.get("on") if form.is_valid() else None
        roles = rights.open_roles(account, day or timezone.localdate()).prefetch_related(
            "organisation__names"
        )
        context = {
            "form": form,
            "day": day,
            "is_today": day == timezone.localdate(),
            "roles": [
                (role, short_name(role.organisation), day is not None and role.valid_from >= day)
                for role in roles
            ],
            "left": leaving(account, day) if day else None,
        }
        return self.page(request, account, "end.html", gettext("End the account"), context)

    @method_decorator(require_safe)
    def pseudonymise_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what it means to make an account unrecognisable, with the button that does it."""
        account = self._account(request, pk)
        if not pseudonyms.may_pseudonymise(request.user, account):
            raise PermissionDenied
        ended = pseudonyms.ended_on(account)
        context = {
            "pseudonym": pseudonyms.pseudonym(account),
            "address": pseudonyms.MAILBOX % account.pk,
            "ended": ended,
            "by_itself": ended + timedelta(days=pseudonyms.days_kept()) if ended else None,
        }
        title = gettext("Make unrecognisable")
        return self.page(request, account, "pseudonymise.html", title, context)

    @method_decorator(require_POST)
    def transition_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Take one of the steps that a button asks for."""
        account = self._account(request, pk)
        take = {
            "invite": self._invite_again,
            "end": self._end,
            "restart": self._restart,
            "pseudonymise": self._pseudonymise,
        }.get(name)
        if take is None:
            raise Http404
        try:
            return take(request, account)
        except PermissionDenied:
            self.record_refusal(request, str(pk), name)
            raise

    def _invite_again(self, request: HttpRequest, account: User) -> HttpResponse:
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        try:
            with trail.atomic():
                account = rights.invite_again(account, actor=person(request))
                self.log_change(request, account, gettext("Invited again."))
        except rights.NotPossible as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self._send(request, account)
        return self._to(account)

    def _end(self, request: HttpRequest, account: User) -> HttpResponse:
        if not rights.may_end(request.user, account):
            raise PermissionDenied
        form = EndForm(request.POST)
        if not form.is_valid():
            return self._end_page(request, account, form)
        day = form.cleaned_data["on"]
        try:
            with trail.atomic():
                account = rights.end_account(account, on=day, actor=person(request))
                self.log_change(request, account, gettext("Ended the account."))
        except rights.NotPossible as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self._end_page(request, account, form)
        if account.is_active:
            sentence = gettext("All roles end on %s. Until then everything stays as it is.")
            self.message_user(request, sentence % date_format(day), messages.SUCCESS)
        else:
            self.message_user(request, gettext("The account has ended."), messages.SUCCESS)
        return self._to(account)

    def _restart(self, request: HttpRequest, account: User) -> HttpResponse:
        with trail.atomic():
            rights.restart_account(account, actor=person(request))
            self.log_change(request, account, gettext("Started the account again."))
        sentence = gettext(
            "The account works again, without a role and without a password. Give a role first, "
            "and then send a link to choose a password."
        )
        self.message_user(request, sentence, messages.SUCCESS)
        return self._to(account)

    def _pseudonymise(self, request: HttpRequest, account: User) -> HttpResponse:
        account = pseudonyms.pseudonymise(account, actor=person(request))
        sentence = gettext("The account is now called %s.") % account.name
        self.message_user(request, sentence, messages.SUCCESS)
        return self._to(account)

    # What these pages share.

    def leaving_context(self, request: HttpRequest, account: User) -> dict[str, Any]:
        """Return which of these pages and buttons stand on the page of an account."""
        invited = account.invited_at
        return {
            "may_move": rights.may_move(request.user, account),
            "may_end": rights.may_end(request.user, account)
            and (account.is_active or rights.open_roles(account, timezone.localdate()).exists()),
            "may_restart": rights.may_restart(request.user, account),
            "may_pseudonymise": pseudonyms.may_pseudonymise(request.user, account),
            "invited_until": invited + timedelta(days=days_valid()) if invited else None,
            "invitation_open": is_open(account),
        }

    def _account(self, request: HttpRequest, pk: int) -> User:
        account: User | None = self.get_object(request, str(pk))
        if account is None:
            raise Http404
        if not self.has_view_permission(request, account):
            raise PermissionDenied
        return account

    def _refuse_unless(self, allowed: bool, request: HttpRequest, account: User, what: str) -> None:
        if allowed:
            return
        if request.method == "POST":
            self.record_refusal(request, str(account.pk), what)
        raise PermissionDenied

    def _to(self, account: User) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[account.pk]))


def _place(form: PeopleForm, refusal: rights.NotPossible) -> str | None:
    return refusal.field if refusal.field in form.fields else None

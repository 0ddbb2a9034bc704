"""Pages for who forgot their password: Django's own, in our words and without a hint.

What follows on a request is done after the answer was given. So neither what the answer says nor
how long it takes tells whether there is an account with that address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from actions import forgotten
from napmonitor.accounts.forgotten import minutes_valid, tokens
from napmonitor.accounts.models import User
from napmonitor.audit import origin

logger = logging.getLogger(__name__)


class AskForm(PasswordResetForm):
    """Asks with which address somebody signs in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].help_text = _("The address with which you sign in.")


class AnsweredFirst(HttpResponseRedirect):
    """An answer after which there is work to do that nobody waits for."""

    def __init__(self, address: str, work: Callable[[], None]) -> None:
        super().__init__(address)
        self._work: Callable[[], None] | None = work

    def close(self) -> None:
        work, self._work = self._work, None
        try:
            if work:
                work()
        except Exception as error:
            # The answer was given already. What an error says in full may hold the address.
            logger.error("A request for a password failed: %s", type(error).__name__)
        finally:
            super().close()


class AskView(PasswordResetView):
    """Ask for a link."""

    form_class = AskForm
    success_url = reverse_lazy("admin_password_reset_done")
    title = _("Forgotten your password?")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**admin.site.each_context(self.request), **super().get_context_data(**kwargs)}

    def form_valid(self, form: Any) -> HttpResponse:
        asked = partial(_ask, form.cleaned_data["email"], _site_of(self.request), origin.current())
        return AnsweredFirst(str(self.success_url), asked)


class AskedView(PasswordResetDoneView):
    """Say what happens now, whether there is such an account or not."""

    title = _("Look in your mail")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        around = admin.site.each_context(self.request)
        return {**around, **super().get_context_data(**kwargs), "minutes": minutes_valid()}


class ChooseView(PasswordResetConfirmView):
    """Let somebody with a link choose another password."""

    title = _("Choose your password")
    token_generator = tokens

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        around = admin.site.each_context(self.request)
        context = {**around, **super().get_context_data(**kwargs), "minutes": minutes_valid()}
        if self.validlink:
            return {**context, "account": self.user}
        return {**context, "title": _("This link no longer works")}

    def get_template_names(self) -> list[str]:
        name = "confirm" if self.validlink else "closed"
        return [f"registration/password_reset_{name}.html"]

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        status = 200 if self.validlink else 410
        answer: HttpResponse = super().render_to_response(context, status=status, **options)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        token = self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN)
        password = form.cleaned_data["new_password1"]
        if self.user is None or forgotten.choose(self.user, token, password) is None:
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        sentence = gettext("Your password is stored. Sign in with it.")
        messages.success(self.request, sentence)
        return HttpResponseRedirect(reverse("admin:login"))


def _site_of(request: HttpRequest) -> str:
    """Return where the site is, for a link in a mail."""
    return str(settings.NAP_BASE_URL) or request.build_absolute_uri("/").rstrip("/")


def _ask(email: str, site: str, came: origin.Origin) -> None:
    with origin.coming_from(came):
        forgotten.ask(email, partial(_link, site))


@sensitive_variables("token")
def _link(site: str, account: User, token: str) -> str:
    key = urlsafe_base64_encode(force_bytes(account.pk))
    return f"{site}{reverse('admin_password_reset_confirm', args=[key, token])}"

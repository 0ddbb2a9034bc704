"""Pages for who forgot their password: Django's own, in our words and without a hint.

What follows on a request is done in a thread of its own, which holds neither the connection nor
who answers. So the answer is the same for every address and waits for nothing that depends on it.
The thread does take time of the processor, which whoever asks something just then may feel.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from queue import Full, Queue
from threading import Lock, Thread
from typing import Any, Final

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.db import connections
from django.http import HttpResponse, HttpResponseRedirect
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

# What waits is small; more than this at once is no forgetting.
_MOST_WAITING: Final = 100


class AskForm(PasswordResetForm):
    """Asks with which address somebody signs in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].help_text = _("The address with which you sign in.")


class Aside:
    """Work that nobody waits for, done one piece after another in one thread."""

    def __init__(self, most: int) -> None:
        self._waiting: Queue[Callable[[], None]] = Queue(most)
        self._starting = Lock()
        self._thread: Thread | None = None

    def __call__(self, work: Callable[[], None]) -> None:
        """Let a piece of work be done; with too much waiting it is left out."""
        try:
            self._waiting.put_nowait(work)
        except Full:
            logger.error("Too many requests for a password at once: one was left out")
            return
        with self._starting:
            # A copy of this process begins without the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work, name="aside", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            work = self._waiting.get()
            safely(work)
            # This thread has a connection of its own, and may not be needed again for days.
            safely(connections.close_all)
            self._waiting.task_done()

    def wait(self) -> None:
        """Wait until all that was asked is done."""
        self._waiting.join()


def safely(work: Callable[[], None]) -> None:
    """Do something of which nobody learns how it ended, except who reads the log."""
    try:
        work()
    except Exception as error:
        # What an error says in full may hold the address.
        logger.error("A request for a password failed: %s", type(error).__name__)


# Tests do it in the same thread: there `safely` stands in its place.
do_aside: Callable[[Callable[[], None]], None] = Aside(_MOST_WAITING)


class AskView(PasswordResetView):
    """Ask for a link."""

    form_class = AskForm
    success_url = reverse_lazy("admin_password_reset_done")
    title = _("Forgotten your password?")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        around = admin.site.each_context(self.request)
        return {**around, **super().get_context_data(**kwargs), "sends_mail": _sends_mail()}

    def form_valid(self, form: Any) -> HttpResponse:
        if not _sends_mail():
            return self.render_to_response(self.get_context_data(form=form))
        do_aside(partial(_ask, form.cleaned_data["email"], origin.current()))
        return HttpResponseRedirect(str(self.success_url))


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


def _sends_mail() -> bool:
    """Tell whether a link can be sent: what a request says of where the site is may be a lie."""
    return bool(settings.NAP_BASE_URL)


def _ask(email: str, came: origin.Origin) -> None:
    with origin.coming_from(came):
        forgotten.ask(email, _link)


@sensitive_variables("token")
def _link(account: User, token: str) -> str:
    key = urlsafe_base64_encode(force_bytes(account.pk))
    path = reverse("admin_password_reset_confirm", args=[key, token])
    return f"{settings.NAP_BASE_URL}{path}"

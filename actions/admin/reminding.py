"""Mail on the work screens: reminding a ministry, and choosing which mail one gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from actions import visits
from actions.admin import overview
from actions.admin.policy import PolicyAdmin, person
from actions.mail import preferences, requests
from actions.mail.requests import Reminded
from actions.models import MailPreference, ReportingRound
from actions.workflow import NotPossible
from napmonitor.audit import trail
from napmonitor.audit.models import Result

if TYPE_CHECKING:
    _Form: TypeAlias = forms.ModelForm[MailPreference]
else:
    _Form = forms.ModelForm  # At run time it takes no model in brackets.


class RemindForm(forms.Form):
    """What a coordinator adds to a reminder; the ministry is the button that was pressed."""

    words = forms.CharField(
        label=_("Your own words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": requests.MAX_WORDS}),
        help_text=_(
            "Not needed. They stand in the mail as you type them, with your name; do not write "
            "there what is confidential. People answer to your own address."
        ),
    )


class RemindingPages(PolicyAdmin):
    """The overview of a round, and the address to which its buttons to remind are sent."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.remind_view)
        return [
            path("<int:pk>/remind/", view, name="actions_reportinground_remind"),
            *super().get_urls(),
        ]

    def overview_page(
        self, request: HttpRequest, each: ReportingRound, form: RemindForm | None = None
    ) -> HttpResponse:
        """Show where the ministries stand; `form` is what somebody typed in vain."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": each,
            "title": gettext("Overview of round %d") % each.year,
            **overview.context(each, person(request), request.GET),
            "remind_form": form or RemindForm(),
        }
        return TemplateResponse(request, "admin/actions/reportinground/overview.html", context)

    @method_decorator(require_POST)
    def remind_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mail who must act of one ministry; who may not gets 403, and that is in the trail."""
        rounds = visits.with_last_look(self.get_queryset(request), person(request))
        each = rounds.filter(pk=pk).first()
        if each is None:
            raise Http404
        words = request.POST.get("words", "")
        try:
            done = requests.remind(
                each,
                ministry=request.POST.get("ministry", ""),
                actor=person(request),
                words=words,
            )
        except PermissionDenied:
            trail.record("round.remind", actor=person(request), about=each, result=Result.REFUSED)
            raise
        except NotPossible as refusal:
            form = RemindForm({"words": words})
            # At the words only what is wrong with the words.
            if refusal.field:
                form.add_error(refusal.field, str(refusal))
            else:
                self.message_user(request, str(refusal), messages.ERROR)
            return self.overview_page(request, each, form)
        for level, sentence in _told(done):
            self.message_user(request, sentence, level)
        return HttpResponseRedirect(reverse("admin:actions_reportinground_overview", args=[pk]))


def _told(done: Reminded) -> Iterator[tuple[int, str]]:
    """Yield what became of a reminder, for who sent it."""
    if done.people:
        sentence = ngettext(
            "Reminded: %(count)d person at %(ministry)s.",
            "Reminded: %(count)d people at %(ministry)s.",
            done.people,
        )
        yield messages.SUCCESS, sentence % {"count": done.people, "ministry": done.ministry}
    if done.coordinators:
        sentence = ngettext(
            "Where nobody at %(ministry)s gets this mail, %(count)d coordinator of the plan got "
            "it.",
            "Where nobody at %(ministry)s gets this mail, %(count)d coordinators of the plan got "
            "it.",
            done.coordinators,
        )
        yield messages.WARNING, sentence % {"count": done.coordinators, "ministry": done.ministry}
    if done.failed:
        sentence = ngettext(
            "%(count)d message could not be sent. Try again later, or call.",
            "%(count)d messages could not be sent. Try again later, or call.",
            done.failed,
        )
        yield messages.ERROR, sentence % {"count": done.failed}


class MailChoiceForm(_Form):
    """Which mail somebody gets."""

    class Meta:
        model = MailPreference
        fields = ("reminders", "digest")


@require_http_methods(["GET", "HEAD", "POST"])
def choose_mail(request: HttpRequest) -> HttpResponse:
    """Let somebody choose which mail they get; only for themselves."""
    user = person(request)
    sent = request.POST if request.method == "POST" else None
    form = MailChoiceForm(sent, instance=preferences.chosen(user))
    if form.is_valid():
        preferences.choose(user, **form.cleaned_data)
        messages.success(request, gettext("Your choice is stored."))
        return HttpResponseRedirect(reverse("admin:mail_preference"))
    context = {**admin.site.each_context(request), "title": gettext("Your mail"), "form": form}
    return TemplateResponse(request, "admin/actions/mail_preference.html", context)


# The site class knows nothing of mail; here it is told of this page.
_site: Any = admin.site
_site.own_pages = [*_site.own_pages, ("mail/", choose_mail, "mail_preference")]

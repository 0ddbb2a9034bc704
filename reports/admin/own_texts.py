"""The pages of officials on which they take their own texts along."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from actions.admin.policy import person
from actions.models import ReportingRound
from napmonitor.audit import trail
from napmonitor.audit.models import Result
from reports import own_texts
from reports.builder.own_texts import bundles_of
from reports.renderers.docx import NotRendered


class TakeForm(forms.Form):
    """Which texts, and whether what never becomes public goes along."""

    round = forms.ModelChoiceField(ReportingRound.objects.all(), widget=forms.HiddenInput)
    ministry = forms.SlugField(widget=forms.HiddenInput)
    with_notes = forms.BooleanField(
        label=_("With the internal notes"),
        required=False,
        help_text=_("Tick this when who reads the file may read them too."),
    )


@require_safe
def own_texts_view(request: HttpRequest) -> HttpResponse:
    """Show somebody which texts they can take along, per round and ministry."""
    user = person(request)
    ministries = own_texts.ministries_of(user)
    found = bundles_of(own_texts.readable(user), ministries)
    writes = bool(user.organisations_with("actions.change_statusentry"))
    noted = own_texts.notes_of(user)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Your texts") if writes else gettext("Texts of the ministries"),
        "bundles": [
            (bundle, _form(bundle, number, noted is None or bundle.ministry.slug in noted))
            for number, bundle in enumerate(found)
        ],
        "can_mail": own_texts.can_mail(),
        "of_all": ministries is None,
    }
    return TemplateResponse(request, "admin/reports/own_texts.html", context)


def _form(bundle: Any, number: int, reads_notes: bool) -> TakeForm:
    initial = {"round": bundle.round, "ministry": bundle.ministry.slug}
    form = TakeForm(initial=initial, auto_id=f"{number}-%s", label_suffix="")
    if not reads_notes:
        del form.fields["with_notes"]
    return form


@require_POST
def own_texts_file_view(request: HttpRequest) -> HttpResponse:
    """Give the texts of a ministry as a Word file."""
    asked = _asked(request)
    try:
        made = own_texts.take_along(person(request), **asked)
    except PermissionDenied:
        raise _refused(request, asked) from None
    except NotRendered:
        return _sorry(request, gettext("The file could not be made. Try again later."))
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return HttpResponse(made.content, own_texts.WORD, headers=headers)


@require_POST
def own_texts_mail_view(request: HttpRequest) -> HttpResponse:
    """Mail the same file to the person who asks, and to nobody else."""
    asked = _asked(request)
    user = person(request)
    if not own_texts.can_mail():
        raise Http404
    try:
        own_texts.mail_along(user, **asked)
    except PermissionDenied:
        raise _refused(request, asked) from None
    except NotRendered:
        return _sorry(request, gettext("The file could not be made. Try again later."))
    except own_texts.NotSent:
        return _sorry(request, gettext("The message could not be sent. Download the file instead."))
    sentence = gettext("The file is mailed to %s.") % user.email
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("admin:own_texts"))


def _asked(request: HttpRequest) -> dict[str, Any]:
    form = TakeForm(request.POST)
    if not form.is_valid():
        raise Http404
    asked = dict(form.cleaned_data)
    return {"each": asked.pop("round"), **asked}


def _refused(request: HttpRequest, asked: dict[str, Any]) -> Http404:
    """Note that somebody asked for texts of others; those are as absent as what never was."""
    detail = {"what": "own-texts", "ministry": asked["ministry"]}
    trail.record(
        "document.read",
        actor=person(request),
        about=asked["each"],
        result=Result.REFUSED,
        detail=detail,
    )
    return Http404()


def _sorry(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return HttpResponseRedirect(reverse("admin:own_texts"))


# The site class knows nothing of documents; here it is told of these pages.
_site: Any = admin.site
_site.own_pages = [
    *_site.own_pages,
    ("texts/", own_texts_view, "own_texts"),
    ("texts/file/", own_texts_file_view, "own_texts_file"),
    ("texts/mail/", own_texts_mail_view, "own_texts_mail"),
]

"""Public pages of the register of parliamentary documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_filters import CharFilter, ChoiceFilter

from actions.choices import DUTCH, DocumentKind
from actions.filters import MAX_SEARCH, Problem, YearFilter
from actions.pages import public_page
from actions.queries import public
from actions.queries.register import MENTIONS, RegisteredDocument
from actions.search import read
from actions.views.points import bad_filter

Documents: TypeAlias = Sequence[RegisteredDocument]

PAGE: Final = 50
_UNKNOWN: Final = "onbekend"


class DocumentFilter(YearFilter):
    """The filters of the register, by their names in the address."""

    tekst = CharFilter(
        label=gettext_lazy("Words or number"),
        max_length=MAX_SEARCH,
        widget=forms.SearchInput(attrs={"autocomplete": "off"}),
        method="with_text",
    )
    soort = ChoiceFilter(
        label=gettext_lazy("Kind"), empty_label=gettext_lazy("All kinds"), method="of_kind"
    )
    jaar = ChoiceFilter(
        label=gettext_lazy("Year"), empty_label=gettext_lazy("All years"), method="of_year"
    )

    def __init__(self, data: QueryDict, documents: Documents) -> None:
        years = sorted({each.date.year for each in documents if each.date}, reverse=True)
        super().__init__(data, years)
        self.documents = documents
        known = [(str(year), str(year)) for year in years]
        self.allow("jaar", [*known, (_UNKNOWN, gettext_lazy("Date not known"))])
        self.allow("soort", ((DUTCH[each], capfirst(each.label)) for each in DocumentKind))

    @property
    def left(self) -> Documents:
        """The documents that are left."""
        left = self.documents
        for name, value in self.form.cleaned_data.items():
            left = self.filters[name].filter(left, value)
        return left

    @property
    def query(self) -> str:
        """The filters as they stand in an address."""
        chosen = self.form.cleaned_data.items()
        return urlencode({name: value for name, value in chosen if value})

    def with_text(self, documents: Documents, name: str, value: str) -> Documents:
        query = read(value)
        return [each for each in documents if query.finds(each.words)]

    def of_kind(self, documents: Documents, name: str, value: str) -> Documents:
        return [each for each in documents if DUTCH[each.kind] == value]

    def of_year(self, documents: Documents, name: str, value: str) -> Documents:
        return [
            each for each in documents if (str(each.date.year) if each.date else _UNKNOWN) == value
        ]


@public_page
def documents(request: HttpRequest) -> HttpResponse:
    registered = public.registered_documents()
    chosen = DocumentFilter(request.GET, registered)
    number = _page(request)
    if problems := [*chosen.problems(), *_bad_page(request, number)]:
        return bad_filter(request, problems)
    pages = Paginator([each.key for each in chosen.left], PAGE)
    if number is None or number > pages.num_pages:
        raise Http404(_page_is_not_there(pages.num_pages))
    page = pages.page(number)
    context = {
        "documents": public.listed_documents(list(page)),
        "page": page,
        "filter": chosen,
        "total": len(registered),
    }
    return render(request, "actions/documents.html", context)


@public_page
def document(request: HttpRequest, identifier: str) -> HttpResponse:
    """Show one document; any other number of it leads to its own address.

    For good when the number is of this document alone. A case can get more documents, and an
    annex a number of its own, so those lead there for now.
    """
    number = _page(request)
    if problems := _bad_page(request, number):
        return bad_filter(request, problems)
    found = public.document_detail(identifier, number or 1)
    if found is None:
        raise Http404(_("The register has no document with this number."))
    detail, is_certain = found
    if detail.listed.identifier != identifier:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        address = reverse("actions:document", args=[detail.listed.identifier])
        return redirect(address + query, permanent=is_certain)
    pages = Paginator(range(detail.mention_count), MENTIONS)
    context = {"document": detail, "each": detail.listed, "page": pages.page(number or 1)}
    return render(request, "actions/document.html", context)


def _page(request: HttpRequest) -> int | None:
    """Return which page is asked for, the first by default; None when it is no such number."""
    asked = request.GET.get("pagina", "1")
    is_number = asked.isascii() and asked.isdecimal() and len(asked) < 7
    return (int(asked) or None) if is_number else None


def _bad_page(request: HttpRequest, number: int | None) -> list[Problem]:
    if number is not None:
        return []
    return [
        Problem(
            name="pagina",
            label=_("Page"),
            given=request.GET.get("pagina", ""),
            message=_("Write the number of a page, for example 2."),
            allowed=(),
        )
    ]


def _page_is_not_there(pages: int) -> str:
    return ngettext("There is %(number)d page.", "There are %(number)d pages.", pages) % {
        "number": pages
    }

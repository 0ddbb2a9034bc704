"""Public pages that are mostly text: about, contact, accessibility, privacy, open data."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from actions.choices import Progress
from actions.pages import public_page
from actions.queries import public

_DAY = 24 * 60 * 60


@public_page
def about(request: HttpRequest) -> HttpResponse:
    facts = public.plan_facts()
    context = {
        "facts": facts,
        "participants": public.participants_today(facts.slug) if facts else (),
        "progress": list(Progress),
    }
    return render(request, "site/about.html", context)


@public_page
def contact(request: HttpRequest) -> HttpResponse:
    return render(request, "site/contact.html", {"contact": settings.NAP_CONTACT})


@public_page
def accessibility(request: HttpRequest) -> HttpResponse:
    context = {
        "contact": settings.NAP_CONTACT,
        "statement": settings.NAP_ACCESSIBILITY_STATEMENT,
    }
    return render(request, "site/accessibility.html", context)


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "contact": settings.NAP_CONTACT,
        "name_kept": settings.NAP_PSEUDONYMISE_AFTER_DAYS,
    }
    return render(request, "site/privacy.html", context)


@public_page
def cookies(request: HttpRequest) -> HttpResponse:
    context = {
        "session": settings.SESSION_COOKIE_NAME,
        "session_days": settings.SESSION_COOKIE_AGE // _DAY,
        "csrf": settings.CSRF_COOKIE_NAME,
        "csrf_days": (settings.CSRF_COOKIE_AGE or 0) // _DAY,
        "message": CookieStorage.cookie_name,
    }
    return render(request, "site/cookies.html", context)


@public_page
def open_data(request: HttpRequest) -> HttpResponse:
    return render(request, "site/open_data.html")

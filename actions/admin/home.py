"""The first page after signing in: what is asked of this person, and what became of the rest."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from actions import drafts
from actions.admin.policy import person
from actions.admin.rights_list import rights_review
from actions.models import ReportingRound
from actions.queries import work


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the first page shows; 10 queries at most, whatever there is to do."""
    user = person(request)
    reviews = user.has_perm("actions.review_statusentry")
    asked = work.work_of(user)
    return {
        "work": asked,
        "drafts": drafts.waiting(user, (task.entry for task in asked.to_write)),
        "writes": bool(user.organisations_with("actions.change_statusentry")),
        "submits": bool(user.organisations_with("actions.submit_statusentry")),
        "signs": bool(user.organisations_with("actions.sign_off_statusentry")),
        "reviews": reviews,
        "rights_review": rights_review(user),
        "rounds": (
            ReportingRound.objects.filter(opened_on__isnull=False, published_on=None)
            if reviews
            else ReportingRound.objects.none()
        ),
    }


# The site class knows nothing of action points; here it is told what its first page shows.
_site: Any = admin.site
_site.home = context

"""What makes a view a page for everyone: it is only asked, and the same for each reader."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeAlias

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View: TypeAlias = Callable[..., HttpResponse]

_IS_PUBLIC: Final = "is_public_page"
_STATE: Final = "public_state"


def public_page(view: View) -> View:
    """Make a view one for everyone: it can only be asked, and tells every reader the same.

    What it answers is kept for all who ask the same address, as long as nothing of what is public
    changes; see `napmonitor.site.freshness`. So it must not read the session or who is signed in.
    """

    @csrf_exempt
    @require_safe
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    vars(page)[_IS_PUBLIC] = True
    return page


def is_public_page(view: object) -> bool:
    """Tell whether a view was made with `public_page`."""
    return bool(getattr(view, _IS_PUBLIC, False))


def note_public_state(request: HttpRequest, mark: str) -> None:
    """Note of which state of all that is public this request is answered."""
    vars(request)[_STATE] = mark


def public_state(request: HttpRequest) -> str:
    """Return a mark that differs whenever what is public does, for what a view itself keeps."""
    mark: str = vars(request)[_STATE]
    return mark

"""What asks for the password, a passkey or a code anew, however one is signed in."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from django.http import HttpResponse

View = Callable[..., HttpResponse]


def fresh_proof(view: View) -> View:
    """A view that is only reached within ten minutes of showing who one is; a form sent goes on then."""
    wrapped: View = reauthentication_required(view)
    return wrapped


def fresh_proof_to_write(view: View) -> View:
    """The same for what a view writes; whoever is signed in may read."""
    wrapped: View = reauthentication_required(view, allow_get=True)
    return wrapped

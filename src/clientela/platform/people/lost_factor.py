"""Somebody lost her telephone or key, and her recovery codes too: an administrator takes the factor away.

ASVS 5.0 V6.4.4: as sure of who she is as when she was let in. How he made sure is asked for and kept.
"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clientela.access.actor import Actor
from clientela.access.models import User
from clientela.platform.audit import security
from clientela.platform.people.lifecycle import require_administrator
from clientela.platform.people.pages import form_methods, person_of
from clientela.platform.settings.views import administrators, frame
from clientela.platform.signing import changes, factors
from clientela.platform.signing.proof import fresh_proof_to_write
from clientela.records.errors import Refused
from clientela.records.views.base import actor_from
from clientela.ui.render import page

SHORTEST, LONGEST = 10, 150


class LostFactorForm(forms.Form):
    """How the administrator made sure of whom he talks to."""

    how = forms.CharField(
        label=gettext_lazy("How you made sure who it is"), min_length=SHORTEST, max_length=LONGEST
    )


def take_away(person: User, how: str, *, actor: Actor, request: HttpRequest) -> None:
    """Remove the second factors of a person, end her sessions and tell her, in one transaction.

    `how`: in what way her identity was made sure of, for the log of security. Raises Refused for oneself,
    for somebody who has none, and for whoever is no administrator.
    """
    require_administrator(actor)
    by = User.objects.get(pk=actor.user_id or 0)
    if person.pk == by.pk:
        raise Refused(_("Your own second factor is changed on the page of your account."))
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=person.pk)
        if not factors.take_away(held):
            raise Refused(_("%(name)s has no second factor.") % {"name": person.name})
        security.record_event(
            "second_factor_taken_away",
            user=by,
            request=request,
            detail=f"{held.email} · {how}",
        )
        told = _("second factor taken away by %(name)s") % {"name": by.name}
        changes.factor_taken_away(held, by=told, request=request)


@form_methods
@administrators
@fresh_proof_to_write
def lost_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    """GET what happens, and how he made sure; POST does it, once he has shown anew who he is himself."""
    found, actor = person_of(person_id), actor_from(request)
    form = LostFactorForm(request.POST if request.method == "POST" else None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            take_away(found, form.cleaned_data["how"], actor=actor, request=request)
        except Refused as error:
            problem = error.message
        else:
            told = _("The second factor of %(name)s is taken away. The mail is on its way.")
            messages.success(request, told % {"name": found.name})
            return HttpResponseRedirect(reverse("people_person", args=[found.pk]))
    context = {
        "person": found,
        "form": form,
        "problem": problem,
        "has_factor": factors.has(found),
        "is_required": factors.is_required(found),
    }
    wrong = bool(problem) or (form.is_bound and not form.is_valid())
    return page(
        request,
        "people/lost_factor.html",
        frame(request, "people") | context,
        status=422 if wrong else 200,
    )

"""Changes of views. A view of somebody else is refused; administrators may change shared ones."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.kit.text import COLOURS
from clientela.platform.lists.listing import ListView, Look, State
from clientela.platform.savedviews.models import SavedView, ViewChoice
from clientela.platform.savedviews.queries import visible
from clientela.records import registry
from clientela.records.draft import clean_text
from clientela.records.errors import Invalid, NotFound, Refused
from clientela.records.spec import Spec

MOST_VIEWS = 200


def save_new(state: State, actor: Actor, name: str, *, shared: bool = False) -> SavedView:
    """Save what the list shows as a view of the actor's own. Raises Invalid."""
    if visible(actor).filter(record=state.spec.key).count() >= MOST_VIEWS:
        raise Invalid({"name": [_("There are too many views of this list.")]})
    return SavedView.objects.create(
        record=state.spec.key,
        owner_id=_person(actor),
        name=clean_name(name),
        shared=shared and may_share(actor),
        **_columns_of(state.look),
    )


def save_over(state: State, actor: Actor) -> SavedView:
    """Keep what was changed in the view the list shows. Raises Refused for a view that is not the actor's."""
    view = own_view(state.spec, actor, state.view.saved)
    for column, value in _columns_of(state.look).items():
        setattr(view, column, value)
    view.save(update_fields=list(_columns_of(state.look)))
    return view


def rename(view: SavedView, name: str) -> None:
    """Raises Invalid for a name that is empty or too long."""
    view.name = clean_name(name)
    view.save(update_fields=["name"])


def share(view: SavedView, actor: Actor, *, shared: bool) -> None:
    """Let all see it, or only its owner again. Raises Refused for readers."""
    if not may_share(actor):
        raise Refused(_("You may not share views."))
    with transaction.atomic():
        view.shared = shared
        view.save(update_fields=["shared"])
        if not shared:
            view.choices.exclude(user_id=view.owner_id).delete()


def delete(view: SavedView) -> None:
    """For its owner and all who use it."""
    view.delete()


def own_view(spec: Spec, actor: Actor, view_id: int | None) -> SavedView:
    """A saved view the actor may change. Raises NotFound and Refused."""
    view: SavedView | None = visible(actor).filter(record=spec.key, pk=view_id or 0).first()
    if view is None:
        raise NotFound(_("There is no such view, or you may not see it."))
    if view.owner_id != actor.user_id and not actor.is_admin:
        raise Refused(_("This view belongs to somebody else."))
    return view


def choose(spec: Spec, actor: Actor, view: ListView, **chosen: Any) -> None:
    """Keep a person's choice about a view: favourite, color, default or widths."""
    if chosen.get("color", "gray") not in COLOURS:
        raise Invalid({"color": [_("There is no such colour.")]})
    with transaction.atomic():
        mine = ViewChoice.objects.filter(user_id=_person(actor), record=spec.key)
        if chosen.get("default"):
            mine.update(default=False)
        usual = {"favourite": view.favourite, "color": view.color, "default": view.default}
        ViewChoice.objects.update_or_create(
            user_id=_person(actor),
            record=spec.key,
            view=view.key,
            defaults=chosen,
            create_defaults={**usual, **chosen, "saved_id": view.saved},
        )


def keep_width(state: State, actor: Actor, path: str, width: int) -> None:
    """Remember how wide a person wants a column in a view."""
    choose(state.spec, actor, state.view, widths={**state.view.widths, path: width})


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise Refused(_("Only people have views."))
    return actor.user_id


def may_share(actor: Actor) -> bool:
    """Whether `actor` may show a view of one's own to others."""
    """Whoever may write anything."""
    return any(policy.may(actor, "create", spec) for spec in registry.every())


def clean_name(name: str) -> str:
    """Raises Invalid."""
    try:
        cleaned = clean_text(name).strip()
    except ValueError as error:
        raise Invalid({"name": [str(error)]}) from error
    if not cleaned:
        raise Invalid({"name": [_("A view needs a name.")]})
    if len(cleaned) > 60:
        raise Invalid({"name": [_("This name is too long.")]})
    return cleaned


def _columns_of(look: Look) -> dict[str, Any]:
    return {
        "condition": dict(look.condition),
        "columns": [list(column) for column in look.columns],
        "sort": list(look.sort),
        "group": look.group,
        "totals": list(look.totals),
    }

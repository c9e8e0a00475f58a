"""Which views a person has, and which of them are pinned to her menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.lists import listing
from clientela.platform.lists.listing import ListView, Look
from clientela.platform.savedviews.models import SavedView, ViewChoice
from clientela.records import refs, registry, rights, urlnames
from clientela.records.spec import Spec
from clientela.ui.shell import Favourite


def visible(actor: Actor) -> Any:
    """One's own views and those shared with all."""
    return SavedView.objects.filter(Q(owner_id=actor.user_id) | Q(shared=True))


def key_of(view_id: int) -> str:
    """The key of a saved view in addresses."""
    return f"v{view_id}"


def look_of(view: SavedView) -> Look:
    """What a saved view fixes, tolerant of what an older version saved."""
    return Look(
        view.condition if isinstance(view.condition, dict) else listing.UNREADABLE,
        tuple(
            (str(each[0]), int(each[1])) for each in view.columns if isinstance(each, list) and len(each) == 2
        ),
        tuple(map(str, view.sort)),
        view.group,
        tuple(map(str, view.totals)),
    )


def seen_by(actor: Actor, spec: Spec, look: Look) -> Look:
    """The look of somebody else's view without the fields that `actor` may not see, not even by name.

    What filters by one of them matches nothing; columns, sorts, groups and totals are left out.
    """

    def sees(word: str) -> bool:
        return _sees(actor, spec, word.lstrip("-").partition(":")[0])

    return Look(
        _without(look.condition, sees),
        tuple(column for column in look.columns if sees(column[0])),
        tuple(filter(sees, look.sort)),
        look.group if sees(look.group) else "",
        tuple(filter(sees, look.totals)),
    )


def _sees(actor: Actor, spec: Spec, path: str) -> bool:
    try:
        return not rights.is_hidden(refs.resolve(spec, path), actor)
    except refs.UnknownField:
        return False


def _without(tree: Any, sees: Callable[[str], bool]) -> Any:
    """The condition with an unreadable leaf for each that compares a field which is not seen."""
    if isinstance(tree, list):
        return [_without(part, sees) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if "field" in tree:
        return tree if sees(str(tree["field"])) else listing.UNREADABLE
    return {name: _without(part, sees) for name, part in tree.items()}


def views_of(spec: Spec, actor: Actor) -> list[ListView]:
    """The shipped views, then everything, then one's own, then what others share: two queries."""
    choices = {
        choice.view: choice
        for choice in ViewChoice.objects.filter(user_id=actor.user_id or 0, record=spec.key)
    }
    mine_first = sorted(
        visible(actor).filter(record=spec.key),
        key=lambda view: (view.owner_id != actor.user_id, view.name.casefold()),
    )
    found = [*listing.shipped_views(spec, actor), *(_as_list_view(view, spec, actor) for view in mine_first)]
    return [_chosen(view, choices[view.key]) if view.key in choices else view for view in found]


def _as_list_view(view: SavedView, spec: Spec, actor: Actor) -> ListView:
    owned = view.owner_id == actor.user_id or (view.shared and actor.is_admin)
    look = look_of(view) if owned else seen_by(actor, spec, look_of(view))
    return ListView(key_of(view.pk), view.name, look, saved=view.pk, owned=owned, shared=view.shared)


def _chosen(view: ListView, choice: ViewChoice) -> ListView:
    return replace(
        view,
        favourite=choice.favourite,
        default=choice.default,
        color=choice.color or view.color,
        widths=choice.widths,
    )


def favourites(actor: Actor) -> Sequence[Favourite]:
    """The views pinned to the menu: those a description pins, unless unpinned, and one's own: one query."""
    rows = ViewChoice.objects.filter(user_id=actor.user_id or 0).filter(
        Q(saved__isnull=True) | Q(saved__shared=True) | Q(saved__owner_id=actor.user_id)
    )
    choices = {
        (row[0], row[1]): row[2:]
        for row in rows.values_list("record", "view", "favourite", "color", "saved__name")
    }
    found = []
    for spec in registry.every():
        if policy.may(actor, "see", spec):
            found += [*_shipped_favourites(spec, choices), *_saved_favourites(spec, choices)]
    return found


def _shipped_favourites(spec: Spec, choices: dict[Any, Any]) -> list[Favourite]:
    shipped = [(view.name, view.label, view.favourite, view.color) for view in spec.views]
    pinned = []
    for name, label, favourite, color in (*shipped, (listing.ALL, spec.label_plural, False, "gray")):
        is_pinned, chosen_color, _name = choices.get((spec.key, name), (favourite, color, None))
        if is_pinned:
            pinned.append(Favourite(str(label), urlnames.list_url(spec, view=name), chosen_color))
    return pinned


def _saved_favourites(spec: Spec, choices: dict[Any, Any]) -> list[Favourite]:
    return [
        Favourite(name, urlnames.list_url(spec, view=view), color)
        for (record, view), (is_pinned, color, name) in choices.items()
        if record == spec.key and is_pinned and name
    ]

"""What is asked about people and teams, read and checked before a service gets it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientela.access.models import Language, Role, Team, User
from clientela.platform.people import territories


class Several(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Some records, named in as many controls, of which some may be empty."""

    def clean(self, value: Any) -> Any:
        """Without those that name nothing."""
        return super().clean([each for each in value or () if each])


class PersonForm(forms.Form):
    """A person's name, roles, team and territories (`place-<kind>`)."""

    name = forms.CharField(label=_("Name"), max_length=150)
    roles = forms.ModelMultipleChoiceField(Role.objects.order_by("pk"), label=_("Roles"), required=False)
    team = forms.ModelChoiceField(Team.objects.order_by("name"), label=_("Team"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in territories.every():
            spec = each.spec
            rows = spec.model._default_manager.order_by(spec.title)
            self.fields[f"place-{each.record}"] = forms.ModelMultipleChoiceField(
                rows, label=str(spec.label_plural), required=False
            )

    def values(self) -> dict[str, Any]:
        """As the services take them."""
        given = self.cleaned_data
        team: Team | None = given["team"]
        return {
            "name": given["name"],
            "roles": sorted(role.pk for role in given["roles"]),
            "team": team.pk if team is not None else None,
        }

    def places(self) -> dict[str, set[int]]:
        """The ids of the territories that are hers, by kind."""
        return {
            each.record: {one.pk for one in self.cleaned_data[f"place-{each.record}"]}
            for each in territories.every()
        }


class InviteForm(PersonForm):
    """Somebody new, by e-mail."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)


class TeamForm(forms.Form):
    """A team's name, place in the tree and managers."""

    name = forms.CharField(label=_("Name"), max_length=120)
    parent = forms.ModelChoiceField(Team.objects.order_by("name"), label=_("Team above"), required=False)
    managers = Several(User.objects.all(), label=_("Managers"), required=False)

    def values(self) -> dict[str, Any]:
        """As the services take them."""
        given = self.cleaned_data
        parent: Team | None = given["parent"]
        return {
            "name": given["name"],
            "parent": parent.pk if parent is not None else None,
            "managers": sorted(person.pk for person in given["managers"]),
        }

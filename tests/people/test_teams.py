"""The tree of teams: made, moved, taken away, and its closure kept whatever happens."""

from __future__ import annotations

import pytest
from django.urls import reverse

from clientela.access.actor import actor_of
from clientela.access.models import Team, TeamReach, User
from clientela.access.teams import at_or_below
from clientela.platform.audit.models import Change
from clientela.platform.audit.undo import undo
from clientela.platform.people import teams
from clientela.records.changes import PAGE, Operation
from clientela.records.errors import Invalid, Refused

pytestmark = pytest.mark.django_db


def act(user: User) -> Operation:
    return Operation(actor_of(user), PAGE)


def team(name: str) -> Team:
    return Team.objects.get(name=name)


def assert_reach_is_kept() -> None:
    children: dict[int | None, list[int]] = {}
    for pk, parent in Team.objects.values_list("pk", "parent"):
        children.setdefault(parent, []).append(pk)
    expected = {
        (pk, low) for pk in Team.objects.values_list("pk", flat=True) for low in at_or_below(pk, children)
    }
    assert set(TeamReach.objects.values_list("ancestor", "descendant")) == expected


def test_a_team_is_made_under_another_with_its_managers(cast, signed_in):
    response = signed_in(cast.admin).post(
        reverse("people_team_new"),
        {"name": "Lleida", "parent": team("Sales north").pk, "managers": ["", str(cast.owner.pk)]},
    )

    assert response.status_code == 204
    made = team("Lleida")
    assert (made.parent, list(made.managers.all())) == (team("Sales north"), [cast.owner])
    assert_reach_is_kept()
    assert TeamReach.objects.filter(ancestor=team("Direction"), descendant=made).exists()


def test_a_team_moves_and_the_undo_moves_it_back(cast):
    operation = act(cast.admin)
    teams.change(team("Sales south"), {"parent": team("Sales north").pk}, operation=operation)
    assert TeamReach.objects.filter(ancestor=team("Sales north"), descendant=team("Sales south")).exists()
    assert_reach_is_kept()

    undo(operation.id, actor=actor_of(cast.admin))

    assert team("Sales south").parent == team("Direction")
    assert_reach_is_kept()


@pytest.mark.parametrize("under", ["Direction", "Sales north"])
def test_a_team_cannot_be_under_itself(cast, signed_in, under):
    top = team("Direction")

    response = signed_in(cast.admin).post(
        reverse("people_team_edit", args=[top.pk]), {"name": "Direction", "parent": team(under).pk}
    )

    assert response.status_code == 422
    assert "A team cannot be under itself" in response.content.decode()
    assert team("Direction").parent is None
    assert Change.objects.count() == 0
    assert_reach_is_kept()


def test_nor_does_an_undo_close_a_circle(cast):
    # given the south came out from under the north, and then the north went under the south
    north, south = team("Sales north"), team("Sales south")
    teams.change(south, {"parent": north.pk}, operation=act(cast.admin))
    out = act(cast.admin)
    teams.change(team("Sales south"), {"parent": None}, operation=out)
    teams.change(team("Sales north"), {"parent": south.pk}, operation=act(cast.admin))
    # when / then
    with pytest.raises(Refused, match="would be under itself"):
        undo(out.id, actor=actor_of(cast.admin))
    assert team("Sales south").parent is None
    assert_reach_is_kept()


def test_an_empty_team_goes_and_comes_back(cast):
    made = teams.create({"name": "Lleida", "parent": team("Sales north").pk}, operation=act(cast.admin))
    operation = act(cast.admin)

    teams.delete(made, None, operation=operation)

    assert not Team.objects.filter(name="Lleida").exists()
    assert_reach_is_kept()
    undo(operation.id, actor=actor_of(cast.admin))
    assert team("Lleida").parent == team("Sales north")
    assert_reach_is_kept()


def test_people_go_to_another_team_before_theirs_goes(cast, signed_in):
    north, south = team("Sales north"), team("Sales south")
    with pytest.raises(Invalid):
        teams.delete(south, None, operation=act(cast.admin))
    assert Change.objects.count() == 0

    response = signed_in(cast.admin).post(
        reverse("people_team_delete", args=[south.pk]), {"refuge": north.pk}
    )

    assert response.status_code == 204
    assert User.objects.get(pk=cast.outsider.pk).team == north
    assert not Team.objects.filter(pk=south.pk).exists()
    operation = Change.objects.values_list("operation", flat=True).distinct().get()
    undo(operation, actor=actor_of(cast.admin))
    assert User.objects.get(pk=cast.outsider.pk).team == team("Sales south")
    assert_reach_is_kept()


def test_a_team_with_others_below_stays(cast, signed_in):
    response = signed_in(cast.admin).post(reverse("people_team_delete", args=[team("Direction").pk]))

    assert response.status_code == 422
    assert "There are teams below this one" in response.content.decode()
    assert Team.objects.count() == 3


@pytest.mark.parametrize("who", ["manager", "owner"])
def test_only_administrators_arrange_teams(cast, who):
    actor = getattr(cast, who)
    with pytest.raises(Refused):
        teams.create({"name": "Mine"}, operation=act(actor))
    with pytest.raises(Refused):
        teams.change(team("Sales south"), {"name": "Mine"}, operation=act(actor))
    with pytest.raises(Refused):
        teams.delete(team("Sales south"), team("Sales north"), operation=act(actor))
    assert (Team.objects.count(), Change.objects.count()) == (3, 0)

"""Every way in which somebody sees a record or changes it, for the rights table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from clientela.access.models import User
from clientela.records import refs, registry, save, urlnames
from clientela.records.spec import Spec
from tests.answers import Answer
from tests.cast import Cast
from tests.contract import samples, ways

OWNED = sorted(spec.key for spec in samples.specs() if spec.access.owner and spec.visible is None)
CONFIGURATION = sorted(spec.key for spec in samples.specs() if spec.access.configuration)
SEES = {"owner": True, "teammate": True, "manager": True, "outsider": False, "reader": True, "admin": True}
CHANGES = {"owner", "manager", "admin"}
SignIn = Callable[[User], Client]


@dataclass
class Scene:
    """A record of `owner`'s and somebody in front of it."""

    spec: Spec
    record: Any
    client: Client
    program: ways.Program

    @property
    def url(self) -> str:
        return urlnames.record_url(self.spec, self.record.pk)

    @property
    def title(self) -> str:
        return save.title_of(self.spec, self.record)

    def part(self, name: str, *args: Any) -> str:
        return urlnames.part_url(self.spec, self.record.pk, name, *args)

    def get(self, url: str, **data: str) -> str:
        response = self.client.get(url, data)
        assert response.status_code == 200, url
        return ways.body_of(response)

    def look(self, name: str) -> str:
        return urlnames.view_url(self.spec, name)


def scene(key: str, user: User, cast: Cast, signed_in: SignIn) -> Scene:
    spec = registry.get(key)
    return Scene(spec, samples.make(spec, cast.owner), signed_in(user), ways.Program(user))


# --- seeing ------------------------------------------------------------------------------------------


def in_list(here: Scene) -> bool:
    return here.url in here.get(urlnames.list_url(here.spec), view="all")


def in_search_box(here: Scene) -> bool:
    return here.url in here.get(urlnames.list_url(here.spec), view="all", q=here.title)


def in_filter(here: Scene) -> bool:
    leaf = json.dumps({"field": "id", "op": "is", "value": here.record.pk})
    return here.url in here.get(urlnames.list_url(here.spec), filter=leaf)


def in_count(here: Scene) -> bool:
    counted = re.search(r'id="n-all" value="(\d+)"', here.get(here.look("counts")))
    assert counted is not None
    return counted[1] != "0"


def in_totals(here: Scene) -> bool:
    return "<small>1 record</small>" in here.get(here.look("totals"), view="all")


def in_palette(here: Scene) -> bool:
    return here.url in here.get(reverse("search_palette"), q=here.title)


def in_search_page(here: Scene) -> bool:
    return here.url in here.get(reverse("search_page"), q=here.title)


def in_options(here: Scene) -> bool:
    return f'"{here.record.pk}"' in here.get(urlnames.options_url(here.spec), q=here.title)


def taken_as_option(here: Scene) -> bool:
    return found(here.client.get(urlnames.options_url(here.spec), {"take": str(here.record.pk)}), 204)


def on_its_page(here: Scene) -> bool:
    response = here.client.get(here.url)
    assert found(response) is (here.title in ways.body_of(response))
    return found(response)


def in_timeline(here: Scene) -> bool:
    return found(here.client.get(reverse("timeline", args=[here.spec.plural, here.record.pk])))


def in_export(here: Scene) -> bool:
    return here.title in here.get(here.look("export"), view="all", columns=here.spec.title)


def in_api(here: Scene) -> bool:
    return found(here.program.get(here.spec, here.record.pk))


def in_api_list(here: Scene) -> bool:
    answer = here.program.get(here.spec).json()
    seen = here.record.pk in [item["id"] for item in answer["items"]]
    assert seen is (answer["count"] == 1)
    return bool(seen)


def in_duplicates(here: Scene) -> bool:
    data = {name: str(getattr(here.record, name) or "") for name in here.spec.duplicates.exact}
    data |= {here.spec.title: here.title}
    response = here.client.post(here.look("duplicates"), data)
    assert response.status_code == 200
    return here.url in ways.body_of(response)


def on_board(here: Scene) -> bool:
    return here.url in here.get(here.look("board"), view="all")


def in_calendar(here: Scene) -> bool:
    assert here.spec.calendar is not None
    day = refs.resolve(here.spec, here.spec.calendar.date).value(here.record)
    return here.url in here.get(here.look("calendar"), view="all", month=f"{day:%Y-%m}")


def in_chart(here: Scene) -> bool:
    return "1 record" in here.get(here.look("chart"), view="all")


def found(response: Any, status: int = 200) -> bool:
    """404 for who does not see it, and no other refusal."""
    assert response.status_code in (status, 404)
    return bool(response.status_code == status)


SIGHTS = (
    in_list,
    in_search_box,
    in_filter,
    in_count,
    in_totals,
    in_palette,
    in_search_page,
    in_options,
    taken_as_option,
    on_its_page,
    in_timeline,
    in_export,
    in_api,
    in_api_list,
)


def sights(spec: Spec) -> Iterator[Callable[[Scene], bool]]:
    """The ways to see a record of this kind."""
    yield from SIGHTS
    if spec.duplicates.name:
        yield in_duplicates
    for described, sight in (
        (spec.board, on_board),
        (spec.calendar, in_calendar),
        (spec.chart, in_chart),
    ):
        if described is not None:
            yield sight


# --- changing ----------------------------------------------------------------------------------------


def words_of(here: Scene) -> str:
    """A text of the record that any words will do for."""
    known = [ref.path for ref in ways.texts(here.spec)]
    return next((name for name in ("description", "body", "external_id") if name in known), known[0])


def edits_a_field(here: Scene) -> Answer:
    name = words_of(here)
    return here.client.post(here.part("field", name), {name: "Changed"})


def deletes(here: Scene) -> Answer:
    return here.client.post(here.part("delete"))


def changes_by_program(here: Scene) -> Answer:
    return here.program.patch(here.spec, here.record.pk, {words_of(here): "Changed"})


def deletes_by_program(here: Scene) -> Answer:
    return here.program.delete(here.spec, here.record.pk)


def takes_over_by_program(here: Scene) -> Answer:
    owner = here.spec.access.owner
    return here.program.patch(here.spec, here.record.pk, {owner: here.program.user_id})


def acts(here: Scene) -> Answer:
    return here.client.post(here.part("action", _plain_action(here.spec)))


def acts_by_program(here: Scene) -> Answer:
    path = f"{ways.api_url(here.spec, here.record.pk)}/{_plain_action(here.spec)}"
    return here.program.client.post(path, "{}", content_type="application/json")


def _plain_action(spec: Spec) -> str:
    return next(action.name for action in spec.actions if action.bulk)


def moves_on_board(here: Scene) -> Answer:
    return here.client.post(reverse("record_card", args=[here.spec.plural, here.record.pk]), _target(here))


def moves_on_path(here: Scene) -> Answer:
    return here.client.post(here.part("move"), _target(here))


def _target(here: Scene) -> dict[str, str]:
    """Another column than the record's own, a new one where columns are records."""
    assert here.spec.board is not None
    group = refs.resolve(here.spec, here.spec.board.group_by)
    now = group.value(here.record)
    if group.target is None:
        return {"to": next(value for value in group.choices if value != now)}
    pipeline = {"pipeline": here.record.pipeline_id} if "pipeline" in refs.fields_of(group.target) else {}
    return {"to": str(samples.make(group.target, **pipeline).pk)}


def sets_for_many(here: Scene) -> Answer:
    return _in_bulk(here, "field", ids=[here.record.pk])


def sets_for_all_matching(here: Scene) -> Answer:
    return _in_bulk(here, "field", all_matching="1", **{"from": "view=all"})


def deletes_many(here: Scene) -> Answer:
    return _in_bulk(here, "delete", ids=[here.record.pk])


def acts_on_many(here: Scene) -> Answer:
    return _in_bulk(here, f"action:{_plain_action(here.spec)}", ids=[here.record.pk])


def _in_bulk(here: Scene, do: str, **data: Any) -> Answer:
    owner = here.spec.access.owner
    chosen = {"field": owner, owner: str(here.program.user_id)} if do == "field" else {}
    if here.program.user_id == getattr(here.record, f"{owner}_id"):
        chosen |= {owner: ""} if chosen else {}
    return here.client.post(here.look("bulk"), {"do": do, "confirmed": "1", **chosen, **data})


SINGLE = (edits_a_field, deletes, changes_by_program, deletes_by_program)
MANY = (sets_for_many, sets_for_all_matching, deletes_many)


def single_changes(spec: Spec) -> Iterator[Callable[[Scene], Answer]]:
    """The ways to change one record of this kind."""
    yield from SINGLE
    if any(action.bulk for action in spec.actions):
        yield acts
        yield acts_by_program
    if spec.board is not None:
        yield moves_on_board
    if spec.path is not None:
        yield moves_on_path


def many_changes(spec: Spec) -> Iterator[Callable[[Scene], Answer]]:
    """The ways to change a selection of records."""
    yield from MANY
    if any(action.bulk for action in spec.actions):
        yield acts_on_many

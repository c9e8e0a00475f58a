"""Pipelines and stages arranged by an administrator."""

from __future__ import annotations

import re
from typing import Any

import pytest

from clientela.access.actor import actor_of
from clientela.domain.sales.models import Opportunity, Pipeline, Stage, StageKind
from clientela.platform.audit.models import Change
from clientela.records import registry, write
from clientela.records.changes import Operation, Source
from tests.cast import Cast

TEST = Source("test")


@pytest.fixture
def pipeline(db) -> Pipeline:
    return Pipeline.objects.get(name="Ventas")


def stage(name: str) -> Stage:
    return Stage.objects.get(name=name)


def deal(owner: Any, at: str) -> Opportunity:
    made = write.create(
        registry.get("opportunity"),
        {"name": "Deal", "owner": owner.pk, "stage": stage(at).pk},
        operation=Operation(actor_of(owner), TEST),
    )
    assert isinstance(made, Opportunity)
    return made


def names(pipeline: Pipeline) -> list[str]:
    return list(pipeline.stages.order_by("position").values_list("name", flat=True))


def undo(client: Any, response: Any) -> None:
    found = re.search(r'"undo_url": "([^"]+)"', response.headers["HX-Trigger"])
    assert found is not None
    assert client.post(found[1]).status_code == 204


ALL = ["Nuevo contacto", "Visita técnica", "Presupuesto", "Negociación", "Compromiso", "Ganada", "Perdida"]


def test_the_page_shows_the_stages_with_their_deals(cast: Cast, signed_in, pipeline):
    deal(cast.owner, "Presupuesto")
    client = signed_in(cast.admin)

    assert client.get("/settings/pipelines/").headers["Location"] == f"/settings/pipelines/{pipeline.pk}/"
    html = client.get(f"/settings/pipelines/{pipeline.pk}/").text

    assert [html.index(f">{name}<") for name in ALL] == sorted(html.index(f">{name}<") for name in ALL)
    assert "1 open deal is in this pipeline." in html


def test_a_new_stage_goes_after_the_open_ones(cast: Cast, signed_in, pipeline):
    client = signed_in(cast.admin)
    values = {"name": "Trial", "color": "pink", "kind": "open", "probability": "80", "stalled_after": "5"}

    assert 'name="stalled_after"' in client.get(f"/settings/pipelines/{pipeline.pk}/new/").text
    response = client.post(f"/settings/pipelines/{pipeline.pk}/new/", values)

    assert response.status_code == 204
    assert names(pipeline) == [*ALL[:5], "Trial", *ALL[5:]]
    made = stage("Trial")
    assert (made.color, made.probability, made.stalled_after) == ("pink", 80, 5)
    undo(client, response)
    assert names(pipeline) == ALL


def test_a_stage_like_another_is_refused(cast: Cast, signed_in, pipeline):
    values = {"name": "Presupuesto", "color": "pink", "kind": "open", "probability": "80"}

    response = signed_in(cast.admin).post(f"/settings/pipelines/{pipeline.pk}/new/", values)

    assert response.status_code == 422
    assert names(pipeline) == ALL


def test_stages_are_put_in_order_and_back(cast: Cast, signed_in, pipeline):
    client = signed_in(cast.admin)
    wanted = [stage(name).pk for name in ("Presupuesto", "Nuevo contacto")]

    response = client.post(f"/settings/pipelines/{pipeline.pk}/order/", {"ids": [*wanted, "x"]})

    assert response.status_code == 204
    assert names(pipeline) == [
        "Presupuesto",
        "Nuevo contacto",
        "Visita técnica",
        "Negociación",
        "Compromiso",
        "Ganada",
        "Perdida",
    ]
    undo(client, response)
    assert names(pipeline) == ALL


def test_a_stage_with_deals_goes_only_when_they_have_where_to_go(cast: Cast, signed_in, pipeline):
    moved, doomed = deal(cast.owner, "Presupuesto"), stage("Presupuesto")
    client = signed_in(cast.admin)
    url = f"/settings/stages/{doomed.pk}/delete/"

    assert "1 deal is in it." in client.get(url).text
    for refuge in ("", str(stage("Ganada").pk), "x"):
        assert client.post(url, {"refuge": refuge}).status_code == 422
    assert names(pipeline) == ALL
    response = client.post(url, {"refuge": stage("Negociación").pk})

    assert response.status_code == 204
    moved.refresh_from_db()
    assert moved.stage.name == "Negociación"
    assert "Presupuesto" not in names(pipeline)
    assert moved.stage_spans.count() == 2
    assert client.get(f"/opportunities/{moved.pk}/").status_code == 200
    undo(client, response)
    moved.refresh_from_db()
    assert (moved.stage_id, moved.stage.name) == (doomed.pk, "Presupuesto")
    assert names(pipeline) == ALL
    assert list(moved.stage_spans.values_list("stage__name", "left_at")) == [("Presupuesto", None)]


def test_the_last_stage_of_a_kind_stays(cast: Cast, signed_in, pipeline):
    response = signed_in(cast.admin).post(f"/settings/stages/{stage('Ganada').pk}/delete/", {})

    assert response.status_code == 422
    assert "A pipeline needs at least one open stage" in response.text
    assert names(pipeline) == ALL


def test_a_new_pipeline_has_what_none_can_do_without(cast: Cast, signed_in, pipeline):
    client = signed_in(cast.admin)

    response = client.post("/settings/pipelines/new/", {"name": "Rental"})

    made = Pipeline.objects.get(name="Rental")
    assert response.headers["HX-Redirect"] == f"/settings/pipelines/{made.pk}/"
    assert not made.is_default
    kinds = list(made.stages.order_by("position").values_list("kind", flat=True))
    assert kinds == [StageKind.OPEN, StageKind.WON, StageKind.LOST]
    assert client.post("/settings/pipelines/new/", {"name": "Rental"}).status_code == 422
    assert Pipeline.objects.count() == 2


def test_one_pipeline_is_the_default(cast: Cast, signed_in, pipeline):
    client = signed_in(cast.admin)
    client.post("/settings/pipelines/new/", {"name": "Rental"})
    made = Pipeline.objects.get(name="Rental")

    response = client.post(f"/settings/pipelines/{made.pk}/default/")

    assert list(Pipeline.objects.filter(is_default=True)) == [made]
    undo(client, response)
    assert list(Pipeline.objects.filter(is_default=True)) == [pipeline]


def test_a_pipeline_goes_only_when_it_is_empty_and_not_the_only_one(cast: Cast, signed_in, pipeline):
    client = signed_in(cast.admin)
    assert client.post(f"/settings/pipelines/{pipeline.pk}/delete/").status_code == 409
    client.post("/settings/pipelines/new/", {"name": "Rental"})
    deal(cast.owner, "Presupuesto")

    assert client.post(f"/settings/pipelines/{pipeline.pk}/delete/").status_code == 409
    assert names(pipeline) == ALL
    made = Pipeline.objects.get(name="Rental")
    assert client.post(f"/settings/pipelines/{made.pk}/delete/").status_code == 204
    assert list(Pipeline.objects.all()) == [pipeline]
    assert Stage.objects.count() == len(ALL)


@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
@pytest.mark.parametrize(
    "path", ["{pipeline}/new/", "{pipeline}/order/", "{pipeline}/default/", "{pipeline}/delete/"]
)
def test_others_arrange_nothing(cast: Cast, signed_in, pipeline, who: str, path: str):
    url = "/settings/pipelines/" + path.format(pipeline=pipeline.pk)
    before = Change.objects.count()

    response = signed_in(getattr(cast, who)).post(url, {"name": "Mine", "ids": [stage("Compromiso").pk]})

    assert response.status_code == 403
    assert names(pipeline) == ALL
    assert Change.objects.count() == before


def test_others_delete_no_stage(cast: Cast, signed_in, pipeline):
    url = f"/settings/stages/{stage('Presupuesto').pk}/delete/"

    assert signed_in(cast.manager).post(url).status_code == 403
    assert names(pipeline) == ALL


def test_what_is_not_there_is_not_found(cast: Cast, signed_in):
    client = signed_in(cast.admin)

    assert client.get("/settings/pipelines/999/").status_code == 404
    assert client.get("/settings/stages/999/delete/").status_code == 404

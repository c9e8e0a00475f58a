"""Imports and foreign keys run downwards only."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Model
from importlinter.cli import lint_imports

from tests.arch import source

# From the ground up; those of one line are siblings that do not know each other.
LAYERS = (
    ("kit",),
    ("ui",),
    ("access",),
    ("records",),
    ("platform",),
    ("domain.parties",),
    ("domain.catalog", "domain.activities"),
    ("domain.sales",),
    ("domain.marketing", "domain.support"),
    ("domain.orders",),
    ("domain.stock",),
    ("domain.purchasing",),
    ("domain.billing",),
    ("insight", "automation", "collaboration"),
    ("config",),
)


def room(model: type[Model]) -> str | None:
    """The room of LAYERS where a model lives; None for the models of libraries and tests."""
    module = model.__module__
    for name in (name for layer in LAYERS for name in layer):
        if f"{module}.".startswith(f"clientela.{name}."):
            return name
    return None


def height(name: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if name in layer)


def links() -> list[tuple[str, str, str]]:
    """Each relation between two of our models: (its name, from room, to room)."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            target = field.related_model
            if field.auto_created or not isinstance(target, type):
                continue
            start, end = room(model), room(target)
            if start and end:
                found.append((f"{model._meta.label}.{field.name}", start, end))
    return found


def test_imports_run_downwards(monkeypatch, capsys):
    monkeypatch.chdir(source.ROOT)
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


def test_foreign_keys_run_downwards():
    upwards = [name for name, start, end in links() if start != end and height(start) <= height(end)]
    assert upwards == []


def test_every_model_lives_in_a_layer():
    homeless = [
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("clientela.") and room(model) is None
    ]
    assert homeless == []

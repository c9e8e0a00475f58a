from __future__ import annotations

from typing import Any

from django.db.models import F

from clientela import records as r
from clientela.records import kinds, registry, write
from clientela.records.changes import Operation
from tests.fakes.models import Family, Thing


def enlarge(instance: Any, *, operation: Operation) -> Any:
    """An action, behind which a service would be."""
    return write.change(registry.get("thing"), instance, {"size": "large"}, operation=operation)


def is_small(instance: Any) -> bool:
    return bool(instance.size == "small")


@r.register
class FamilyRecord(r.Record[Family]):
    model = Family
    plural = "families"
    color = "color"
    mark = "tag"
    columns = ("name", "color")
    default_sort = ("name",)
    search = r.Search(name=10)
    import_key = ("external_id", "name")
    create_on_import = True
    access = r.Access(configuration=True)
    timeline = False


@r.register
class ThingRecord(r.Record[Thing]):
    model = Thing
    columns = (
        "name",
        "family",
        "size",
        "price",
        r.Computed("doubled", "Doubled", kinds.Money, lambda: F("price") * 2, needs=("price",)),
        r.Computed(
            "doubled_margin", "Doubled margin", kinds.Money, lambda: F("margin") * 2, needs=("margin",)
        ),
        "day",
        "owner",
    )
    default_sort = ("name",)
    subtitle = "url"
    search = r.Search(name=10, body=1, url=1)
    filters = ("family", "size", "day", "owner", "margin")
    inline = ("name", "family", "size", "price", "margin", "day", "owner")
    quick = ("name", "price", "url")
    facts = ("price", "doubled_margin", "owner")
    sections = (
        r.Section(
            "Thing",
            ("name", "body", "family", "size", "price", "margin", "url", "day", "owner", "phones"),
        ),
    )
    board = r.Board(
        group_by="size", card=("price", "margin", "url", "owner"), sum="price", weighted="doubled_margin"
    )
    calendar = r.Calendar("day", color="family__color")
    chart = r.Chart("size", measure="price")
    panels = (r.Related("thing", "parent", "Parts", columns=("price", "margin", "url")),)
    actions = (r.Action("enlarge", "Enlarge", enlarge, bulk=True, available=is_small),)
    duplicates = r.Duplicates(exact=("email", "url"), name="name")
    lines = (
        r.Lines(
            "phones",
            "Telephones",
            ("phone", "kind", "main"),
            main="main",
            mirror=(("phone", "phone"),),
            required=("phone",),
        ),
    )
    import_key = ("external_id",)
    access = r.Access(owner="owner", private=("margin", "url"))

"""`python -m bench.plan FILE EMAIL VARIANTS`: the requests of each operation, from the rows there are.

Each operation has several requests of the same kind, used in turn, so that no answer is measured alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

OPERATIONS = ("list", "filter", "board", "record", "create", "stage", "search", "group")
READS = ("list", "filter", "board", "record", "search", "group")
PART = (("HX-Request", "true"),)
MOVES = 800
SORTS = ("close_date", "-amount", "name", "-created_at")
CONTAINED = ("duero", "Montseny", "excavaciones gredos", "Áridos", "llobregat")
SOUGHT = ("duero", "jalon", "Grúas Ebro", "excavaciones 12", "Núria Puig", "dumper", "pisuerja", "montseni")


def main() -> None:
    import django

    django.setup()
    file, email, variants = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    found = {
        name: requests[:variants] if name in READS else requests
        for name, requests in requests_for(email).items()
    }
    file.write_text(json.dumps(found))
    print(json.dumps({name: len(each) for name, each in found.items()}))


def requests_for(email: str) -> dict[str, list[dict[str, Any]]]:
    """By operation: path, body and headers of each request."""
    from clientela.access.actor import actor_of
    from clientela.access.models import User
    from clientela.records import query, registry

    spec = registry.get("opportunity")
    actor = actor_of(User.objects.get(email=email))
    accounts = query.visible(registry.get("account"), actor).order_by("id").values_list("id", flat=True)[:40]
    rows = query.visible(spec, actor, "change").filter(stage__kind="open").order_by("id")
    deals = list(rows.values_list("id", "stage_id")[:MOVES])
    home = f"/{spec.plural}/"
    return {
        "list": [_get(home, view="all", sort=sort, size=50) for sort in SORTS],
        "filter": [_get(home, view="all", filter=each) for each in _conditions()],
        "board": [_get(f"{home}board/", view=view) for view in ("open", "all")],
        "record": [_get(f"{home}{deal}/") for deal, _stage in deals[:: max(len(deals) // 20, 1)][:20]],
        "create": list(_creations(home, accounts)),
        "stage": list(_moves(home, deals)),
        "search": [_get("/search/palette/", PART, q=text) for text in SOUGHT],
        "group": [_get(home, view="all", group=group) for group in ("owner", "close_date:month")],
    }


def _get(path: str, headers: tuple[tuple[str, str], ...] = (), **given: Any) -> dict[str, Any]:
    return {"path": f"{path}?{urlencode(given)}" if given else path, "body": "", "headers": headers}


def _conditions() -> Iterator[str]:
    from clientela.domain.sales.models import Stage

    stages = list(Stage.objects.order_by("position").values_list("id", flat=True))
    for number, text in enumerate(CONTAINED):
        yield json.dumps(
            {
                "all": [
                    {"field": "stage", "op": "in", "value": [stages[number % 5], stages[5]]},
                    {"field": "account__name", "op": "contains", "value": text},
                ]
            }
        )


def _creations(home: str, accounts: Iterable[int]) -> Iterator[dict[str, Any]]:
    for account in accounts:
        body = {"name": f"Pala cargadora {account}", "account": account, "amount": "12500", "currency": "EUR"}
        yield {"path": f"{home}new/", "body": urlencode(body), "headers": PART}


def _moves(home: str, deals: list[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Each deal goes one stage on, round after round; the last open stage leads back to the first."""
    from clientela.domain.sales.models import Stage

    opened = list(Stage.objects.filter(kind="open").order_by("position").values_list("id", flat=True))
    for number in range(MOVES):
        deal, stage = deals[number % len(deals)]
        target = opened[(opened.index(stage) + 1 + number // len(deals)) % len(opened)]
        yield {"path": f"{home}{deal}/move/", "body": urlencode({"to": target}), "headers": PART}


if __name__ == "__main__":
    main()

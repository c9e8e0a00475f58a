"""Calls invented from the OpenAPI description, sent as several people, and what they may never tell.

The base holds secrets: in every text of the records of somebody else, and in a field that the roles hide.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from clientela.access import rules
from clientela.access.models import Role, User
from clientela.platform.api import tokens
from clientela.records import kinds, refs, registry
from clientela.records.spec import Spec
from tests.cast import Cast, give_roles
from tests.contract import samples, ways
from tests.contract.scenes import OWNED

OTHERS, HIDDEN = "zzothers", "zzhidden"
CHECKED = ("tax_id",)
"""Texts that take no word that one likes."""
Answer = tuple[int, bytes]


@dataclass
class Caller:
    """Somebody's program, and the words that no answer to it may hold."""

    name: str
    client: Client
    secrets: tuple[str, ...] = ()
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass
class Found:
    """What the calls brought to light."""

    calls: int = 0
    failures: list[str] = field(default_factory=list)


def hidden_text(spec: Spec) -> str:
    """The text that the roles of the seller and the reader hide."""
    known = [ref.path for ref in ways.texts(spec) if ref.path != spec.title]
    return next((name for name in ("description", "body", "external_id") if name in known), known[-1])


def callers(cast: Cast) -> list[Caller]:
    """An administrator, a seller, a reader, and tokens that may only add leads or only write accounts."""
    fields = {key: {hidden_text(registry.get(key)): "hidden"} for key in OWNED}
    verbs = dict.fromkeys(("see", "change", "delete", "export", "bulk"), "team")
    kept = {"modules": {"*": True}, "records": {"*": {**verbs, "create": True}}, "fields": fields}
    give_roles(cast.owner, Role.objects.create(name="Seller", rules=rules.dump(kept)))
    seen = {"modules": {"*": True}, "records": {"*": {"see": "team"}}, "fields": fields}
    give_roles(cast.reader, Role.objects.create(name="Reader", rules=rules.dump(seen)))
    return [
        Caller("admin", _client(cast.admin)),
        Caller("seller", _client(cast.owner), (OTHERS, HIDDEN)),
        Caller("reader", _client(cast.reader), (OTHERS, HIDDEN)),
        Caller("adds leads", _client(cast.admin, {"lead": "create"}), (OTHERS, HIDDEN)),
        Caller("writes accounts", _client(cast.owner, {"account": "write"}), (OTHERS, HIDDEN)),
    ]


def _client(user: User, scope: dict[str, str] | None = None) -> Client:
    secret = tokens.issue(user, "fuzzing", scope=scope)[1]
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)


def fill(cast: Cast) -> dict[str, list[int]]:
    """Records of the seller's with a hidden text, and of the outsider's full of secrets; ids by plural."""
    ids: dict[str, list[int]] = {}
    for spec in samples.specs():
        made = [samples.make(spec, cast.owner)]
        if spec.key in OWNED:
            kept = hidden_text(spec)
            given = {ref.path: f"{OTHERS} {number}" for number, ref in enumerate(_plain_texts(spec))}
            made = [
                samples.make(spec, cast.owner, **{kept: f"{HIDDEN} 1"}),
                samples.make(spec, cast.teammate, **{kept: f"{HIDDEN} 2"}),
                samples.make(spec, cast.outsider, **given),
            ]
        ids[spec.plural] = [each.pk for each in made]
    ids["users"] = list(User.objects.values_list("pk", flat=True))
    return ids


def _plain_texts(spec: Spec) -> list[refs.FieldRef]:
    return [ref for ref in ways.texts(spec) if ref.kind.name in ways.TEXTS and ref.path not in CHECKED]


def fuzz(cast: Cast, calls: int, chosen: int) -> tuple[list[Caller], Found]:
    """Send about so many calls; `chosen` is the seed. Each is taken back, so that all meet the same base."""
    everybody = callers(cast)
    ids = fill(cast)
    admin = Client()
    admin.force_login(cast.admin)
    document = admin.get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    found, dice = Found(), random.Random(chosen)
    described = list(schema.get_all_operations())
    operations = [each.ok() for each in described if isinstance(each, Ok)]
    assert len(operations) == len(described)
    examples = max(calls // (len(operations) * len(everybody)), 1)
    for operation in operations:
        for mode, share in ((GenerationMode.POSITIVE, 0.7), (GenerationMode.NEGATIVE, 0.3)):
            strategy = operation.as_strategy(generation_mode=mode)

            def once(case: Any) -> None:
                _send(case, everybody, ids, dice, found)

            run = settings(
                max_examples=max(round(examples * share), 1),
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(given(strategy)(once))
            seed(chosen)(run)()
    return everybody, found


def _send(
    case: Any, everybody: list[Caller], ids: dict[str, list[int]], dice: random.Random, found: Found
) -> None:
    method, path, body, kind = _request(case, ids, dice)
    for caller in everybody:
        with transaction.atomic():
            answer = caller.client.generic(method, path, body, content_type=kind)
            text = ways.body_of(answer)
            transaction.set_rollback(True)
        found.calls += 1
        caller.statuses[answer.status_code] += 1
        told = [secret for secret in caller.secrets if secret in text and secret not in path]
        if answer.status_code >= 500 or told:
            found.failures.append(
                f"{caller.name}: {method} {path} {body[:400]!r} -> {answer.status_code} {told} {text[:400]}"
            )


def _request(case: Any, ids: dict[str, list[int]], dice: random.Random) -> tuple[str, str, str, str]:
    """As it goes over the wire, mostly with ids that there are."""
    plural = case.path.split("/")[3]
    if "id" in (case.path_parameters or {}) and dice.random() < 0.8 and ids.get(plural):
        case.path_parameters["id"] = dice.choice(ids[plural])
    path = case.formatted_path
    query = {name: _text(value) for name, value in (case.query or {}).items()}
    spec = registry.by_plural(plural)
    if spec is not None and case.method == "GET":
        query = _known(spec, query, dice)
    body = case.body
    if isinstance(body, dict) and spec is not None:
        body = _tied(spec, body, ids, dice)
    try:
        sent = "" if type(body).__name__ == "NotSet" else json.dumps(body)
    except (TypeError, ValueError):
        sent = str(body)
    return case.method, f"{path}?{urlencode(query, errors='replace')}" if query else path, sent, _type(case)


def _type(case: Any) -> str:
    return "application/json" if case.media_type is None else str(case.media_type)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _known(spec: Spec, query: dict[str, str], dice: random.Random) -> dict[str, str]:
    """Half of the filters and sorts name fields that exist, those over links among them."""
    paths = list(_paths(spec))
    if "filter" in query and dice.random() < 0.6:
        leaf = {"field": dice.choice(paths), "op": dice.choice(["contains", "is", "not_empty", "gt", "in"])}
        query["filter"] = json.dumps(leaf | {"value": dice.choice(["zz", 1, [1], None, "2026-01-01"])})
    if "sort" in query and dice.random() < 0.6:
        query["sort"] = dice.choice(["", "-"]) + dice.choice(paths)
    if "fields" in query and dice.random() < 0.6:
        query["fields"] = ",".join(dice.sample(paths, min(3, len(paths))))
    if "cursor" in query and dice.random() < 0.8:
        del query["cursor"]
    if "q" in query and dice.random() < 0.5:
        query["q"] = dice.choice(["sample", "zz", "others"])
    if "as_of" in query and dice.random() < 0.7:
        del query["as_of"]
    return query


def _paths(spec: Spec) -> Iterator[str]:
    for name, ref in refs.fields_of(spec).items():
        yield name
        if ref.target is not None and ref.kind is kinds.Link:
            yield from (f"{name}__{each}" for each in refs.fields_of(ref.target))


def _tied(spec: Spec, body: dict[str, Any], ids: dict[str, list[int]], dice: random.Random) -> dict[str, Any]:
    """Links lead to records that there are, the outsider's among them."""
    known = refs.fields_of(spec)
    for name in body:
        target = known[name].target if name in known else None
        if target is None or dice.random() < 0.3 or not ids.get(target.plural):
            continue
        chosen = dice.choice(ids[target.plural])
        body[name] = [chosen] if known[name].kind is kinds.Links else chosen
    if "with" in body:
        body["with"] = [dice.choice(ids[spec.plural])]
    return body

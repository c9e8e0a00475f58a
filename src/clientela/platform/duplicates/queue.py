"""The pairs to decide: those of which a person may change both, with reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.actor import Actor
from clientela.platform.duplicates import comparison, merging, scoring
from clientela.platform.duplicates.models import Decision, Pair
from clientela.records import query, refs
from clientela.records.conditions import is_hidden
from clientela.records.errors import NotFound
from clientela.records.spec import Spec

SHOWN = 30
# Where somebody may not see a field that is compared, likeness is worked out anew without it.
WEIGHED = 500


@dataclass(frozen=True)
class Waiting:
    """A pair as one person sees it: `score` and `why` without what is hidden from him."""

    pair: Pair
    score: int
    why: tuple[str, ...]
    titles: tuple[str, str] = ("", "")

    @property
    def color(self) -> str:
        return "green" if self.score >= scoring.SURE else "amber" if self.score >= 70 else "gray"


def kinds_for(actor: Actor) -> list[Spec]:
    """The kinds of record of which `actor` may merge some."""
    specs = (compared.spec for compared in comparison.every())
    return [spec for spec in specs if merging.may_merge(spec, actor)]


def rows(spec: Spec, actor: Actor, decision: str = Decision.OPEN) -> Any:
    """Pairs of which `actor` sees and may change both records."""
    seen = query.visible(spec, actor).values("pk")
    own = query.visible(spec, actor, "change").values("pk")
    found = Pair.objects.filter(record=spec.key, decision=decision)
    for side in ("first_id__in", "second_id__in"):
        found = found.filter(**{side: seen}).filter(**{side: own})
    return found.order_by("-score", "id")


def waiting(
    spec: Spec, actor: Actor, decision: str = Decision.OPEN, limit: int = SHOWN
) -> tuple[list[Waiting], int]:
    """The first pairs, the likest first, and how many there are."""
    found = rows(spec, actor, decision)
    hidden = hidden_paths(spec, actor)
    if not hidden:
        count = found.count()
        seen = [_seen(spec, pair, hidden) for pair in found[:limit]]
    else:
        weighed = [_seen(spec, pair, hidden) for pair in found[:WEIGHED]]
        alike = [each for each in weighed if each.score >= scoring.LEAST]
        count, seen = len(alike), sorted(alike, key=lambda each: -each.score)[:limit]
    return _titled(spec, seen), count


def hidden_paths(spec: Spec, actor: Actor) -> frozenset[str]:
    """Compared fields that `actor` may not see."""
    compared = comparison.of(spec)
    known = refs.fields_of(spec)
    paths = compared.paths if compared is not None else ()
    return frozenset(path for path in paths if is_hidden(known[path.partition("__")[0]], actor))


def _seen(spec: Spec, pair: Pair, hidden: frozenset[str]) -> Waiting:
    shown = [each for each in pair.reasons if not hidden.intersection(each["fields"])]
    score = pair.score if len(shown) == len(pair.reasons) else scoring.score(shown)
    return Waiting(pair, score, tuple(words(spec, each) for each in shown))


def _titled(spec: Spec, found: Sequence[Waiting]) -> list[Waiting]:
    ids = {pk for each in found for pk in (each.pair.first_id, each.pair.second_id)}
    held = spec.model._base_manager.filter(pk__in=ids)
    titles = {pk: str(title) for pk, title in held.values_list("pk", spec.title)}
    return [
        Waiting(
            each.pair,
            each.score,
            each.why,
            (titles.get(each.pair.first_id, ""), titles.get(each.pair.second_id, "")),
        )
        for each in found
    ]


def words(spec: Spec, reason: scoring.Reason) -> str:
    """A reason for people."""
    share = reason.get("share", 0)
    match reason["why"]:
        case "tax_id":
            return _("same tax id")
        case "email":
            return _("same e-mail")
        case "phone":
            return _("same telephone")
        case "domain":
            return _("same web domain")
        case "name":
            return _("same name") if share == 100 else _("name %(share)s %% alike") % {"share": share}
        case "address":
            return _("same address") if share == 100 else _("near address")
        case "link":
            label = refs.fields_of(spec)[reason["fields"][0]].label
            return _("same: %(field)s") % {"field": label}
    return _("different tax id")


def find(spec: Spec, pair_id: Any, actor: Actor) -> Pair:
    """A pair that `actor` may decide, whatever was decided. Raises NotFound."""
    known = Pair.objects.filter(pk=pair_id, record=spec.key).first()
    if known is not None and rows(spec, actor, known.decision).filter(pk=known.pk).exists():
        return known
    raise NotFound(_("There is no such pair, or you may not decide on it."))


def decide(pair: Pair, decision: str, actor: Actor) -> None:
    """Keep what somebody decided, until he or another thinks better of it."""
    pair.decision = Decision(decision)
    pair.decided_by_id = actor.user_id if decision != Decision.OPEN else None
    pair.decided_at = timezone.now() if decision != Decision.OPEN else None
    with transaction.atomic():
        pair.save(update_fields=["decision", "decided_by", "decided_at"])

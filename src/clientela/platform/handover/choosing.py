"""What the form of a hand-over says: the rules, who receives, the exceptions and the day."""

from __future__ import annotations

import datetime as dt

from django.http import QueryDict
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.handover import planning
from clientela.platform.handover.planning import Wish
from clientela.records.errors import Invalid

RULE, ONE = "rule-", "one-"
"""Begin the names of the controls for a kind (rule-account) and for one record (one-account-17)."""
RULES = (planning.FOLLOW, planning.TERRITORY, planning.TURNS, planning.STAY)


def wish_from(data: QueryDict, leaver: User) -> Wish:
    """What the form says; people who are gone and rules that there are not are left out."""
    ids, others = _ids(data, "to"), _ids(data, "also")
    rules = {name[len(RULE) :]: data.get(name, "") for name in data if name.startswith(RULE)}
    single = _single(data)
    named = [int(each) for each in (*rules.values(), *single.values()) if is_id(each)]
    active = User.objects.filter(pk__in={*ids, *others, *named}, is_active=True).exclude(pk=leaver.pk)
    found = {person.pk: person for person in active}
    rule = data.get("rule", "")
    return Wish(
        leaver,
        tuple(found[each] for each in dict.fromkeys(ids) if each in found),
        rule if rule in planning.RULES else planning.TURNS,
        {key: value for key, value in rules.items() if value in RULES or _is_known(value, found)},
        {
            record: value
            for record, value in single.items()
            if value == planning.STAY or _is_known(value, found)
        },
        tuple(found[each] for each in dict.fromkeys(others) if each in found),
    )


def day_from(data: QueryDict) -> dt.date:
    """The day that was chosen. Raises Invalid."""
    try:
        return dt.date.fromisoformat(data.get("on", ""))
    except ValueError as error:
        raise Invalid({"on": [_("Choose a day from tomorrow on, within a year.")]}) from error


def is_id(text: str) -> bool:
    """Whether a control sent an id."""
    return text.isascii() and text.isdigit() and len(text) < 19


def _ids(data: QueryDict, name: str) -> list[int]:
    return [int(each) for each in data.getlist(name) if is_id(each)]


def _is_known(value: str, found: dict[int, User]) -> bool:
    return is_id(value) and int(value) in found


def _single(data: QueryDict) -> dict[tuple[str, int], str]:
    """By key and id of a record, what was chosen for it; "" is as the rules say."""
    chosen: dict[tuple[str, int], str] = {}
    for name in data:
        key, _dash, number = name.removeprefix(ONE).rpartition("-")
        if name.startswith(ONE) and is_id(number) and data.get(name):
            chosen[key, int(number)] = data.get(name, "")
    return chosen

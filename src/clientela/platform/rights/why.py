"""Why somebody may or may not do something to a record, as a page tells it: verdict, rules, ways out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clientela.access import policy, rules
from clientela.access.actor import Actor, actor_of
from clientela.access.explain import SHARE, Explanation, explain
from clientela.access.models import Role, Team, User
from clientela.access.standing import rules_text
from clientela.platform.lists import chips
from clientela.platform.rights import words
from clientela.records import conditions, display, query, refs, save, urlnames
from clientela.records.display import Reader
from clientela.records.errors import ConditionError
from clientela.records.spec import Spec

GIVES, REFUSES, SILENT = "gives", "refuses", "silent"


@dataclass(frozen=True)
class Step:
    """A rule that was asked. `effect`: gives, refuses or silent; `text`: what it compared."""

    title: str
    text: str
    effect: str
    url: str = ""


@dataclass(frozen=True)
class Remedy:
    """What would change the answer; `wide`: who else would gain."""

    icon: str
    title: str
    text: str
    wide: str
    url: str
    label: str
    is_dialog: bool = False


@dataclass(frozen=True)
class Answer:
    """`allowed` is what the doors themselves say."""

    allowed: bool
    verdict: str
    text: str
    steps: tuple[Step, ...]
    remedies: tuple[Remedy, ...]
    hidden: tuple[str, ...]
    read_only: tuple[str, ...]


def answer(person: User, verb: str, spec: Spec, instance: Any, asker: Actor) -> Answer:
    """What rights say of `person` and the record; `asker` reads it, an administrator."""
    told = explain(person, verb, spec, instance)
    allowed = person.is_active and _may(person, verb, spec, instance)
    owner = owner_of(spec, instance)
    reader = display.reader_for(asker)
    actor = actor_of(person)
    return Answer(
        allowed,
        _("Yes.") if allowed else _("No."),
        _summary(person, told, allowed=allowed),
        tuple(_steps(person, verb, spec, instance, owner, told, reader, allowed=allowed)),
        () if allowed else tuple(_remedies(person, verb, spec, instance, owner)),
        _labels(spec, policy.hidden_fields(actor, spec)) if allowed else (),
        _labels(spec, policy.readonly_fields(actor, spec) - policy.hidden_fields(actor, spec))
        if allowed
        else (),
    )


def _may(person: User, verb: str, spec: Spec, instance: Any) -> bool:
    """Asked at the door to rows, so that kinds seen through others are told rightly too."""
    actor = actor_of(person)
    rows = query.visible(spec, actor, verb) if spec.visible is not None else query.visible(spec, actor)
    if spec.visible is None and verb != "see":
        rows = rows.filter(policy.scope(actor, verb, spec))
    return rows.filter(pk=instance.pk).exists()


def owner_of(spec: Spec, instance: Any) -> User | None:
    """Who looks after the record; None for nobody."""
    owner_id = getattr(instance, f"{spec.access.owner}_id") if spec.access.owner else None
    return User.objects.select_related("team").filter(pk=owner_id).first() if owner_id else None


def _summary(person: User, told: Explanation, *, allowed: bool) -> str:
    giving = [reason.name or _("A share") for reason in told.reasons if reason.allows]
    if allowed and giving:
        return _("%(rules)s says so.") % {"rules": ", ".join(dict.fromkeys(giving))}
    if allowed:
        return _("It is seen with the record it belongs to.")
    if not person.is_active:
        return _("%(name)s is deactivated and cannot sign in.") % {"name": person.name}
    return _("No rule allows it, and what nobody allows cannot be done.")


def _labels(spec: Spec, names: Iterable[str]) -> tuple[str, ...]:
    known = refs.fields_of(spec)
    return tuple(sorted(str(known[name].label) for name in names if name in known))


# --- the rules, in the order in which they are asked ------------------------------------------------


def _steps(
    person: User,
    verb: str,
    spec: Spec,
    instance: Any,
    owner: User | None,
    told: Explanation,
    reader: Reader,
    *,
    allowed: bool,
) -> Iterator[Step]:
    yield _of_person(person)
    yield _of_module(person, spec)
    yield _of_owner(person, spec, owner)
    yield from _of_roles(person, verb, spec, instance, told, reader)
    yield from _of_shares(spec, instance, told)
    if allowed and not told.allowed:
        through = _("Whoever sees the record it belongs to sees it too.")
        yield Step(_("Seen through another record"), through, GIVES)


def _of_person(person: User) -> Step:
    url = reverse("people_person", args=[person.pk])
    if not person.is_active:
        return Step(_("Signing in"), _("%(name)s is deactivated.") % {"name": person.name}, REFUSES, url)
    return Step(
        _("Signing in"), _("%(name)s is active and can sign in.") % {"name": person.name}, SILENT, url
    )


def _of_module(person: User, spec: Spec) -> Step:
    if not spec.module:
        return Step(_("Module"), _("Records of this kind belong to no module."), SILENT)
    label = spec.model._meta.app_config.verbose_name if spec.model._meta.app_config else spec.module
    title = _("Module %(name)s") % {"name": label}
    if actor_of(person).standing.grants.has_module(spec.module):
        return Step(title, _("It is switched on in one of the person's roles."), SILENT)
    return Step(title, _("No role of this person has it switched on."), REFUSES, reverse("rights_roles"))


def _of_owner(person: User, spec: Spec, owner: User | None) -> Step:
    title = _("Who looks after it")
    if not spec.access.owner:
        return Step(title, _("Nobody looks after records of this kind: they are common."), SILENT)
    if owner is None:
        return Step(title, _("Nobody looks after this record."), SILENT)
    if owner.pk == person.pk:
        return Step(title, _("%(name)s does.") % {"name": person.name}, SILENT)
    where = owner.team.name if owner.team is not None else _("no team")
    values = {"owner": owner.name, "where": where, "name": person.name, "teams": teams_of(person)}
    text = _("%(owner)s does, of %(where)s. %(name)s is of %(teams)s.") % values
    return Step(title, text, SILENT)


def teams_of(person: User) -> str:
    """The teams that she is in or manages, in words."""
    ids = actor_of(person).standing.teams
    return ", ".join(Team.objects.filter(pk__in=ids).values_list("name", flat=True)) or _("no team")


def _of_roles(
    person: User, verb: str, spec: Spec, instance: Any, told: Explanation, reader: Reader
) -> Iterator[Step]:
    held = {role.label: role for role in person.roles.all()}
    if not held:
        yield Step(
            _("Roles"), _("This person has no role."), REFUSES, reverse("people_person", args=[person.pk])
        )
    for reason in told.reasons:
        role = held.get(reason.name) if reason.kind == "role" else None
        if role is None:
            continue
        scope = rules.load(rules_text(role.key or "", role.rules)).scope(spec.key, verb)
        compared = " ".join(_compared(spec, instance, text, reader) for text in scope.conditions)
        title = _("Role %(name)s, %(verb)s: %(reach)s") % {
            "name": role.label,
            "verb": str(words.VERB_WORDS[verb]).lower(),
            "reach": _reach_words(role, scope),
        }
        effect = GIVES if reason.allows else REFUSES
        yield Step(title, f"{reason.text} {compared}".strip(), effect, reverse("rights_role", args=[role.pk]))


def _reach_words(role: Role, scope: rules.Scope) -> str:
    if role.is_administrator:
        return str(words.SCOPE_WORDS[rules.ALL])
    named = [str(words.SCOPE_WORDS[word]) for word in rules.SCOPES if word in scope.words][-1:]
    named += [str(words.SCOPE_WORDS["condition"])] if scope.conditions else []
    return ", ".join(named) or str(words.SCOPE_WORDS[rules.NONE])


def _compared(spec: Spec, instance: Any, text: str, reader: Reader) -> str:
    """A condition as a sentence, then what the record has in the fields that it asks about."""
    tree = json.loads(text)
    found = []
    for ref in _asked(spec, tree, reader.actor):
        row = query.annotated(spec.model._base_manager.filter(pk=instance.pk), [ref])
        shown = [str(value) for value in row.values_list(ref.annotation, flat=True)[:5] if value is not None]
        own = refs.fields_of(spec).get(ref.path)
        if own is not None and not own.many:
            shown = [display.shown(own, instance, reader).text]
        found.append(f"{ref.label}: {', '.join(filter(None, shown)) or '—'}.")
    asked = chips.sentence_of(spec, tree, reader)
    told = _("It asks: %(condition)s. The record has: %(values)s")
    return told % {"condition": asked, "values": " ".join(found) or "—"}


def _asked(spec: Spec, tree: Any, actor: Actor) -> list[Any]:
    try:
        return conditions.refs_in(spec, tree, actor)
    except ConditionError:
        return []


def _of_shares(spec: Spec, instance: Any, told: Explanation) -> Iterator[Step]:
    shares = [reason for reason in told.reasons if reason.kind == SHARE]
    url = urlnames.record_url(spec, instance.pk)
    for reason in shares:
        title = _("Shared with the team %(name)s") % {"name": reason.name} if reason.name else _("Shared")
        yield Step(title, reason.text, GIVES if reason.allows else REFUSES, url)
    if not shares:
        yield Step(_("Shared"), _("It is not shared with this person nor with a team of hers."), SILENT, url)


# --- ways out, from narrow to wide -----------------------------------------------------------------


def _remedies(person: User, verb: str, spec: Spec, instance: Any, owner: User | None) -> Iterator[Remedy]:
    edit = reverse("people_person", args=[person.pk])
    if not person.is_active:
        yield Remedy(
            "user-round-check",
            _("Let %(name)s in again") % {"name": person.name},
            _("Who is deactivated sees nothing."),
            _("1 person"),
            edit,
            _("Go to the person"),
        )
        return
    standing = actor_of(person).standing
    module_on = standing.grants.has_module(spec.module)
    if verb in ("see", "change") and module_on and not spec.access.configuration and spec.visible is None:
        yield _share(spec, instance)
    reach = standing.grants.scope(verb, spec.key, spec.module, configuration=spec.access.configuration)
    team = owner.team if owner is not None and reach.words & {rules.TEAM, rules.TEAM_BELOW} else None
    if team is not None and team.pk not in standing.teams:
        yield _join(person, team, edit)
    yield from (_widen(role, verb, spec) for role in person.roles.order_by("name"))
    yield Remedy(
        "shield-plus",
        _("Give another role"),
        _("Roles add up: nothing that is allowed now is lost."),
        _("1 person, all its records"),
        edit,
        _("Go to the person"),
    )


def _share(spec: Spec, instance: Any) -> Remedy:
    return Remedy(
        "share-2",
        _("Share this record"),
        _("Only this one, to read or to write, until a date."),
        _("1 person, 1 record"),
        reverse("record_share", args=[spec.plural, instance.pk]),
        pgettext("verb", "Share"),
        is_dialog=True,
    )


def _join(person: User, team: Team, edit: str) -> Remedy:
    return Remedy(
        "users-round",
        _("Move %(name)s to the team %(team)s") % {"name": person.name, "team": team.name},
        _("It helps where a role reaches the team: all that the team looks after is seen then."),
        _("1 person, the team's records"),
        edit,
        _("Go to the person"),
    )


def _widen(role: Role, verb: str, spec: Spec) -> Remedy:
    count = role.people.filter(is_active=True).count()
    return Remedy(
        "shield",
        _("Let the role %(name)s reach further") % {"name": role.label},
        _("%(kind)s, %(verb)s") % {"kind": spec.label_plural, "verb": str(words.VERB_WORDS[verb]).lower()},
        ngettext("%(num)s person", "%(num)s people", count) % {"num": count},
        reverse("rights_role", args=[role.pk]),
        _("Go to the role"),
    )


def facts_of(spec: Spec, instance: Any, asker: Actor) -> list[tuple[str, str]]:
    """The record's own words beside the question: its title, and what its header tells."""
    reader = display.reader_for(asker)
    known = refs.fields_of(spec)
    names = [name for name in (*spec.facts, spec.access.owner) if name in known]
    found = [
        (str(known[name].label), display.shown(known[name], instance, reader).text)
        for name in dict.fromkeys(names)
    ]
    return [
        (str(spec.label), save.title_of(spec, instance)),
        *((label, text) for label, text in found if text),
    ]

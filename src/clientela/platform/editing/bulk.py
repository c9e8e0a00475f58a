"""Many records at once: a field set, links added or taken away, an action done, deletion.

The selection is `ids`, or with `all_matching` every record of the list whose query `from` carries.
Records that the actor may not change are left as they are, and told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.editing import forms, many
from clientela.platform.lists import listing
from clientela.records import conditions, query, write
from clientela.records.changes import Operation
from clientela.records.errors import ConditionError, Invalid, Refused
from clientela.records.refs import FieldRef
from clientela.records.spec import Action, Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_event, with_toast
from clientela.ui.render import page

MOST = 20_000
DIALOG, FORM = "editing/bulk_dialog.html", "editing/_bulk_form.html"
Verb = Callable[[HttpRequest, Spec, "Selection"], HttpResponse]


class Selection:
    """The chosen records: all that the actor sees, and those among them to which `verb` may be done."""

    def __init__(self, request: HttpRequest, spec: Spec, verb: str) -> None:
        actor = actor_from(request)
        self.all_matching = bool(request.POST.get("all_matching"))
        given = [int(each) for each in request.POST.getlist("ids") if each.isascii() and each.isdigit()]
        self.ids = [] if self.all_matching else [each for each in given if each < 2**63][:MOST]
        if self.all_matching:
            seen = (
                listing.read(spec, actor, request.POST.get("from", ""))
                .rows(actor)
                .values_list("pk", flat=True)
            )
        else:
            seen = query.visible(spec, actor).filter(pk__in=self.ids).values_list("pk", flat=True)
        self.seen = sorted(set(seen[: MOST + 1]))
        if len(self.seen) > MOST:
            raise Refused(_("These are too many at once. Narrow the list first."))
        self.rows = query.visible(spec, actor, verb).filter(pk__in=self.seen)
        # Counted before anything is done: what is done may put a record out of the actor's reach.
        self.allowed = self.rows.count()

    @property
    def count(self) -> int:
        return len(self.seen)


@require_POST
@record_view
def bulk(request: HttpRequest, spec: Spec) -> HttpResponse:
    """`do`: owner, field, action:<name>, delete or export. Asks in a dialog until `confirmed`."""
    name = request.POST.get("do", "").partition(":")[0]
    do = VERBS.get(name)
    if do is None:
        raise Http404
    verb = NEEDS.get(name, "change")
    actor = actor_from(request)
    needed = {verb} if verb == "export" else {verb, "bulk"}
    if not all(policy.may(actor, each, spec) for each in needed):
        raise Refused(_("You may not do this."))
    try:
        selection = Selection(request, spec, verb)
    except ConditionError as error:
        raise Refused(error.message) from error
    return do(request, spec, selection)


def settable(spec: Spec, actor: Actor) -> list[FieldRef]:
    """The fields that can be set for many: all that a form has, but names and identifiers of one alone."""
    single = {spec.title, *spec.duplicates.exact, "external_id"}
    placed = (name for section in spec.sections for name in section.fields)
    return [ref for ref in forms.editable(spec, (*spec.inline, *placed), actor) if ref.path not in single]


def _is_confirmed(request: HttpRequest) -> bool:
    """Whether the dialog was answered, and not only another field chosen in it."""
    return "confirmed" in request.POST and "choosing" not in request.POST


def _set(request: HttpRequest, spec: Spec, selection: Selection) -> HttpResponse:
    actor = actor_from(request)
    offered = {ref.path: ref for ref in settable(spec, actor)}
    fixed = spec.access.owner if request.POST["do"] == "owner" else ""
    ref = offered.get(fixed or request.POST.get("field", ""))
    if ref is None or not _is_confirmed(request):
        return _set_form(request, spec, selection, offered, ref)
    given, errors = forms.parse(spec, [ref.path], request.POST, actor)
    if not errors and not given:
        errors = {ref.path: [_("Say what to put.")]}
    if errors:
        return _set_form(request, spec, selection, offered, ref, errors)
    operation = operation_from(request, ref.label)
    try:
        changed = _write(spec, selection, ref, given, request.POST.get("mode", ""), operation)
    except Invalid as error:
        texts = [text for each in error.errors.values() for text in each]
        return _set_form(request, spec, selection, offered, ref, {ref.path: texts})
    words = ngettext("%(n)s changed", "%(n)s changed", changed) % {"n": changed}
    return _done(selection, words, operation)


def _write(
    spec: Spec, selection: Selection, ref: FieldRef, given: dict[str, Any], mode: str, operation: Operation
) -> int:
    """How many were changed. Raises Invalid; then none is."""
    if ref.many and mode in many.MODES:
        changes = many.change(spec, selection.rows, ref, given[ref.path], mode, operation=operation)
    else:
        changes = write.change_rows(spec, selection.rows, given, operation=operation).changes
    return len({change.record_id for change in changes})


def _set_form(
    request: HttpRequest,
    spec: Spec,
    selection: Selection,
    offered: dict[str, FieldRef],
    ref: FieldRef | None,
    errors: forms.Errors | None = None,
) -> HttpResponse:
    actor = actor_from(request)
    data = request.POST if errors is not None else None
    form = forms.Form(actor, f"bulk-{spec.key}", data, errors or {})
    start = {ref.currency: ""} if ref is not None and ref.currency else {}
    context = {
        "fields": [(each.path, str(each.label)) for each in offered.values()],
        "fixed": request.POST["do"] == "owner",
        "chosen": ref.path if ref is not None else "",
        "box": forms.editors(spec, [ref.path], form, start)[0] if ref is not None else None,
        "mode": request.POST.get("mode") or "add",
        "modes": many.MODES if ref is not None and ref.many else {},
        "heading": _("Change a field"),
        "confirm": ngettext("Change %(n)s", "Change %(n)s", selection.allowed) % {"n": selection.allowed},
        "template": "editing/_bulk_set.html",
    }
    return _ask(request, spec, selection, context, errors is not None)


def _delete(request: HttpRequest, spec: Spec, selection: Selection) -> HttpResponse:
    n = selection.count
    context: dict[str, Any] = {
        "heading": ngettext("Delete %(n)s record?", "Delete %(n)s records?", n) % {"n": n},
        "confirm": _("Delete"),
        "danger": True,
        "words": _("What hangs on them goes too. You can undo it."),
    }
    if not _is_confirmed(request):
        return _ask(request, spec, selection, context)
    operation = operation_from(request, _("Deleted"))
    try:
        with transaction.atomic():
            doomed = list(selection.rows)
            write.delete(spec, doomed, operation=operation)
    except Refused as error:
        return _ask(request, spec, selection, {**context, "problem": error.message}, failed=True)
    words = ngettext("%(n)s deleted", "%(n)s deleted", len(doomed)) % {"n": len(doomed)}
    return _done(selection, words, operation, len(doomed))


def _action(request: HttpRequest, spec: Spec, selection: Selection) -> HttpResponse:
    name = request.POST["do"].partition(":")[2]
    action = next((each for each in spec.actions if each.name == name and each.bulk), None)
    if action is None:
        raise Http404
    n = selection.count
    if not _is_confirmed(request):
        heading = ngettext("%(action)s: %(n)s record?", "%(action)s: %(n)s records?", n)
        context = {"heading": heading % {"action": action.label, "n": n}, "confirm": action.label}
        return _ask(request, spec, selection, context)
    operation = operation_from(request, action.label)
    done = _run_each(selection, action, operation)
    words = f"{action.done or action.label}: {done}"
    return _done(selection, words, operation, done)


def _run_each(selection: Selection, action: Action, operation: Operation) -> int:
    """Do the action to each record to which it can be done; the others stay as they are."""
    done = 0
    with transaction.atomic():
        for instance in selection.rows.order_by("pk").iterator(chunk_size=500):
            if not action.available(instance):
                continue
            try:
                with transaction.atomic():
                    action.run(instance, operation=operation)
            except (Invalid, Refused):
                continue
            done += 1
    return done


def _export(request: HttpRequest, spec: Spec, selection: Selection) -> HttpResponse:
    """To the export of the list, narrowed to the selection."""
    state = listing.read(spec, actor_from(request), request.POST.get("from", ""))
    if not selection.all_matching:
        chosen = [{"field": "id", "op": "is", "value": each} for each in selection.seen]
        state = state.with_look(condition={"any": chosen[: conditions.MAX_LEAVES]})
    return HttpResponse(status=204, headers={"HX-Redirect": state.url_of("export")})


VERBS: dict[str, Verb] = {
    "owner": _set,
    "field": _set,
    "action": _action,
    "delete": _delete,
    "export": _export,
}
NEEDS = {"delete": "delete", "export": "export"}


def _ask(
    request: HttpRequest, spec: Spec, selection: Selection, context: dict[str, Any], failed: bool = False
) -> HttpResponse:
    """The dialog, or the form inside it where that is what asks."""
    full = {
        "spec": spec,
        "action": request.path,
        "do": request.POST["do"],
        "origin": request.POST.get("from", ""),
        "ids": selection.ids,
        "all_matching": selection.all_matching,
        "count": selection.count,
        "allowed": selection.allowed,
        "left": _left(selection.count - selection.allowed),
        **context,
    }
    inside = request.headers.get("HX-Target") == "bulk-form"
    return page(request, FORM if inside else DIALOG, full, status=422 if failed else 200)


def _left(number: int) -> str:
    if number <= 0:
        return ""
    return ngettext("%(n)s is not yours to change", "%(n)s are not yours to change", number) % {"n": number}


def _done(selection: Selection, words: str, operation: Operation, done: int | None = None) -> HttpResponse:
    left = selection.count - (selection.allowed if done is None else done)
    undo_url = reverse("undo", args=[operation.id])
    text = ", ".join(filter(None, (words, _left(left))))
    response = with_toast(HttpResponse(status=204), text, undo_url=undo_url)
    return with_event(with_event(response, "clientela:close"), "clientela:refresh")

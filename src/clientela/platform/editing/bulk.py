"""Many records at once: a field set, links added or taken away, an action done, deletion.

The selection is `ids`, or with `all_matching` every record of the list whose query `from` carries.
Records that the actor may not change are left as they are, and told. Very many are left to the worker.
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

from clientela.platform.editing import acts, forms, jobs, many, progress
from clientela.platform.lists import listing
from clientela.records import conditions, query, write
from clientela.records.changes import Operation
from clientela.records.errors import ConditionError, Invalid, Refused
from clientela.records.refs import FieldRef
from clientela.records.spec import Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_event, with_toast
from clientela.ui.render import page, part

MOST = 20_000
AT_ONCE = 2_000
DIALOG, FORM = "editing/bulk_dialog.html", "editing/_bulk_form.html"
Verb = Callable[[HttpRequest, Spec, "Selection"], HttpResponse]


class Selection:
    """The chosen records: all that the actor sees, and those among them to which `do` may be done."""

    def __init__(self, request: HttpRequest, spec: Spec, do: str) -> None:
        actor = actor_from(request)
        self.all_matching = bool(request.POST.get("all_matching"))
        given = [int(each) for each in request.POST.getlist("ids") if each.isascii() and each.isdigit()]
        self.ids = [] if self.all_matching else [each for each in given if each < 2**63][:MOST]
        rows = query.visible(spec, actor).filter(pk__in=self.ids)
        if self.all_matching:
            rows = listing.read(spec, actor, request.POST.get("from", "")).rows(actor)
        most = AT_ONCE + 1 if self.all_matching else MOST
        self.seen = sorted(set(rows.values_list("pk", flat=True)[:most]))
        self.is_large = self.all_matching and len(self.seen) > AT_ONCE
        """More than one request can do: they are not listed, and the worker takes them part by part."""
        self.count = rows.count() if self.is_large else len(self.seen)
        chosen = rows.order_by().values("pk") if self.is_large else self.seen
        self.rows = acts.rows_of(spec, actor, do, chosen)
        # Counted before anything is done: what is done may put a record out of the actor's reach.
        self.allowed = self.rows.count()


@require_POST
@record_view
def bulk(request: HttpRequest, spec: Spec) -> HttpResponse:
    """`do`: owner, field, action:<name>, delete or export. Asks in a dialog until `confirmed`."""
    name = request.POST.get("do", "").partition(":")[0]
    do = VERBS.get(name)
    if do is None:
        raise Http404
    acts.require(spec, actor_from(request), request.POST.get("do", ""))
    try:
        selection = Selection(request, spec, name)
    except ConditionError as error:
        raise Refused(error.message) from error
    return do(request, spec, selection)


def _is_confirmed(request: HttpRequest) -> bool:
    """Whether the dialog was answered, and not only another field chosen in it."""
    return "confirmed" in request.POST and "choosing" not in request.POST


def _set(request: HttpRequest, spec: Spec, selection: Selection) -> HttpResponse:
    actor = actor_from(request)
    ref = acts.chosen_field(spec, request.POST, actor)
    if ref is None or not _is_confirmed(request):
        return _set_form(request, spec, selection, ref)
    operation = operation_from(request, ref.label)
    try:
        given = acts.given(spec, ref, request.POST, actor)
        if selection.is_large:
            return _leave(request, spec, selection, operation)
        changed = _write(spec, selection, ref, given, request.POST.get("mode", ""), operation)
    except Invalid as error:
        texts = [text for each in error.errors.values() for text in each]
        return _set_form(request, spec, selection, ref, {ref.path: texts})
    words = ngettext("%(n)s changed", "%(n)s changed", changed) % {"n": changed}
    return _done(selection, words, operation)


def _leave(request: HttpRequest, spec: Spec, selection: Selection, operation: Operation) -> HttpResponse:
    """To the worker; the dialog shows how far it is."""
    job = jobs.begin(spec, request.POST, operation=operation, total=selection.count)
    return HttpResponse(part(request, progress.TEMPLATE, "progress", progress.context_of(job)))


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
    ref: FieldRef | None,
    errors: forms.Errors | None = None,
) -> HttpResponse:
    actor = actor_from(request)
    data = request.POST if errors is not None else None
    form = forms.Form(actor, f"bulk-{spec.key}", data, errors or {})
    start = {ref.currency: ""} if ref is not None and ref.currency else {}
    context = {
        "fields": [(each.path, str(each.label)) for each in acts.settable(spec, actor)],
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
    if selection.is_large:
        return _leave(request, spec, selection, operation)
    try:
        with transaction.atomic():
            doomed = list(selection.rows)
            write.delete(spec, doomed, operation=operation)
    except Refused as error:
        return _ask(request, spec, selection, {**context, "problem": error.message}, failed=True)
    words = ngettext("%(n)s deleted", "%(n)s deleted", len(doomed)) % {"n": len(doomed)}
    return _done(selection, words, operation, len(doomed))


def _action(request: HttpRequest, spec: Spec, selection: Selection) -> HttpResponse:
    action = acts.action_named(spec, request.POST["do"])
    if action is None:
        raise Http404
    n = selection.count
    if not _is_confirmed(request):
        heading = ngettext("%(action)s: %(n)s record?", "%(action)s: %(n)s records?", n)
        context = {"heading": heading % {"action": action.label, "n": n}, "confirm": action.label}
        return _ask(request, spec, selection, context)
    operation = operation_from(request, action.label)
    if selection.is_large:
        return _leave(request, spec, selection, operation)
    rows = selection.rows.order_by("pk").iterator(chunk_size=500)
    done = acts.run_each(spec, rows, action, operation)
    words = f"{action.done or action.label}: {done}"
    return _done(selection, words, operation, done)


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
        "large": selection.is_large,
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

"""The board of a list, the next cards of a column, and a card moved to another one."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clientela.access import policy
from clientela.access.actor import Actor
from clientela.platform.boards import cards, lanes
from clientela.platform.lists import listing
from clientela.platform.lists.framing import frame
from clientela.platform.lists.listing import State
from clientela.records import display, query, refs, rights, urlnames, write
from clientela.records.changes import Operation
from clientela.records.display import Reader
from clientela.records.errors import ConditionError, Conflict, Invalid, RecordError, Refused
from clientela.records.spec import Lane, Sheet, Spec
from clientela.records.views.base import actor_from, operation_from, record_view, with_event, with_toast
from clientela.ui.render import page, part

TEMPLATE = "boards/board.html"


@record_view
@require_safe
def board(request: HttpRequest, spec: Spec) -> HttpResponse:
    """The records of a list in columns; `?lane=&after=` gives the next cards of one column."""
    if spec.board is None:
        raise Http404
    actor = actor_from(request)
    state = listing.state_of(request, spec, actor)
    sheets = lanes.sheets_of(spec, actor)
    sheet = lanes.chosen(sheets, request.GET.get("sheet", ""))
    reader = display.reader_for(actor)
    if "lane" in request.GET:
        return _more(request, state, sheet, reader)
    context = _context(state, sheet, reader) | {"sheets": _switch(state, sheets, sheet)}
    if request.headers.get("HX-Target") == "board":
        return HttpResponse(part(request, TEMPLATE, "columns", context))
    return page(request, TEMPLATE, frame(request, state, actor, current="board") | context, fragment="list")


def _context(state: State, sheet: Sheet | None, reader: Reader) -> dict[str, Any]:
    spec, actor = state.spec, reader.actor
    columns: list[dict[str, Any]] = []
    problem = ""
    try:
        if sheet is not None:
            heads = lanes.heads(spec, state.rows(actor), sheet, reader)
            found = cards.first(state, sheet.lanes, reader)
            columns = [_column(state, sheet, head, found[head.lane.value], actor) for head in heads]
    except ConditionError as error:
        problem = listing.describe_error(error)
    return {
        "spec": spec,
        "state": state,
        "sheet": sheet,
        "columns": columns,
        "problem": problem,
        "board_url": _address(state, sheet),
        "move_url": listing.with_query(
            reverse("record_card", args=[spec.plural, 0]).replace("/0/", "/__id__/"), _query(state, sheet)
        ),
        "outcomes": _outcomes(spec, actor),
        "can_create": policy.may(actor, "create", spec),
        "create_url": urlnames.create_url(spec),
        "settings_url": sheet.settings if sheet is not None and actor.is_admin else "",
    }


def _column(
    state: State, sheet: Sheet, head: lanes.Head, found: cards.Column, actor: Actor
) -> dict[str, Any]:
    return {
        "head": head,
        "cards": found.cards,
        "more_url": _more_url(state, sheet, head.lane, found, head.count - len(found.cards)),
        "left": head.count - len(found.cards),
        "edit_url": lanes.edit_url(state.spec, actor, head.lane),
    }


def _query(state: State, sheet: Sheet | None) -> str:
    """The list's own query, and which sheet of the board."""
    chosen = f"sheet={sheet.key}" if sheet is not None and sheet.key else ""
    return "&".join(filter(None, (state.query(), chosen)))


def _address(state: State, sheet: Sheet | None) -> str:
    return listing.with_query(urlnames.view_url(state.spec, "board"), _query(state, sheet))


def _more_url(state: State, sheet: Sheet, lane: Lane, found: cards.Column, left: int) -> str:
    if found.after is None:
        return ""
    address = _address(state, sheet)
    return f"{address}{'&' if '?' in address else '?'}lane={lane.value}&after={found.after}&left={left}"


def _switch(state: State, sheets: Any, current: Sheet | None) -> list[dict[str, Any]]:
    if len(sheets) < 2:
        return []
    return [
        {"label": sheet.label, "href": _address(state, sheet), "current": sheet is current}
        for sheet in sheets
    ]


def _outcomes(spec: Spec, actor: Actor) -> list[dict[str, Any]]:
    """Places to drop a card so as to do something to it."""
    named = {action.name: action for action in rights.actions(spec, actor)}
    return [
        {
            "action": named[name],
            "tone": tone,
            "asks": [refs.resolve(spec, path).label for path in named[name].requires],
            "url": reverse("record_action", args=[spec.plural, 0, name]).replace("/0/", "/__id__/"),
        }
        for name, tone in lanes.board_of(spec).outcomes
        if name in named
    ]


def _more(request: HttpRequest, state: State, sheet: Sheet | None, reader: Reader) -> HttpResponse:
    lane = _lane(sheet, request.GET.get("lane", ""))
    after, left = request.GET.get("after", ""), request.GET.get("left", "")
    if sheet is None or lane is None or not (_is_number(after) and _is_number(left)):
        raise Http404
    try:
        found = cards.following(state, lane, int(after), reader)
    except ConditionError as error:
        raise Http404 from error
    rest = max(int(left) - len(found.cards), 0)
    column = {"cards": found.cards, "left": rest, "more_url": _more_url(state, sheet, lane, found, rest)}
    context = {"spec": state.spec, "column": column}
    return HttpResponse(part(request, TEMPLATE, "cards", context))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _lane(sheet: Sheet | None, value: str) -> Lane | None:
    lanes_of_sheet = sheet.lanes if sheet is not None else ()
    return next((lane for lane in lanes_of_sheet if str(lane.value) == value), None)


@record_view
@require_POST
def move(request: HttpRequest, spec: Spec, record_id: int) -> HttpResponse:
    """POST `to` (and `from`, where the card was seen); the answer has the new heads and the card.

    A refusal is a text with the reason: 403, 409 where somebody moved it before, 422.
    """
    if spec.board is None:
        raise Http404
    actor = actor_from(request)
    instance = query.get(spec, record_id, actor)
    sheets = lanes.sheets_of(spec, actor)
    target = next((lane for each in sheets if (lane := _lane(each, request.POST.get("to", "")))), None)
    if target is None:
        return _said(_("There is no such column any more."), 422)
    operation = operation_from(request, _("Moved"))
    try:
        write.require(spec, instance, actor)
        rights.require_field(refs.resolve(spec, lanes.board_of(spec).group_by), actor)
        _check_seen(spec, instance, request.POST.get("from", ""))
        _move(spec, instance, target, operation)
    except (Refused, Conflict, Invalid) as error:
        return _said(error.message, _STATUS[type(error)])
    state = listing.state_of(request, spec, actor)
    response = HttpResponse(_moved(request, state, sheets, record_id, target))
    text = _("Moved to %(column)s") % {"column": target.label}
    return with_toast(response, text, undo_url=reverse("undo", args=[operation.id]))


_STATUS: dict[type[RecordError], int] = {Refused: 403, Conflict: 409, Invalid: 422}


def _said(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    return with_event(response, "clientela:refresh") if status == 409 else response


def _check_seen(spec: Spec, instance: Any, seen: str) -> None:
    now = lanes.group_ref(spec).value(instance)
    if seen and seen != str(now):
        raise Conflict(_("Somebody moved it before you."), {lanes.board_of(spec).group_by: now})


def _move(spec: Spec, instance: Any, lane: Lane, operation: Operation) -> None:
    described = lanes.board_of(spec)
    ref = lanes.group_ref(spec)
    if described.move is None:
        write.change(spec, instance, {ref.path: lane.value}, operation=operation)
        return
    target = ref.target
    wanted = lane.value if target is None else query.get(target, lane.value, operation.actor)
    described.move(instance, wanted, operation=operation)


def _moved(request: HttpRequest, state: State, sheets: Any, record_id: int, target: Lane) -> str:
    """Out of band: the heads of every column, and the card, or that the list no longer holds it."""
    sheet = lanes.chosen(sheets, request.GET.get("sheet", ""))
    reader = display.reader_for(actor_from(request))
    assert sheet is not None
    try:
        heads = lanes.heads(state.spec, state.rows(reader.actor), sheet, reader)
        card = cards.one(state, record_id, target, reader) if target in sheet.lanes else None
    except ConditionError:
        heads, card = [], None
    context = {"spec": state.spec, "heads": heads, "card": card, "card_id": record_id}
    return part(request, TEMPLATE, "moved", context)

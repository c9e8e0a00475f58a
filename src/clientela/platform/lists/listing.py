"""The state of a list, all of it in the address: view, filter, q, sort, columns, group, totals, page, size.

What the address leaves out is the view's own. `state_of(request, spec, actor)` reads it, `state.url()` writes
it; board, calendar, chart and export take the same query. A record page gets it as `from=<query>`, or from
the list it was opened from (`origin_of`), and finds its neighbours with `neighbours`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from clientela.access.actor import Actor
from clientela.platform.lists import addresses, paging
from clientela.records import query, urlnames
from clientela.records.errors import ConditionError
from clientela.records.spec import Spec

SIZES = (25, 50, 100, 200)
ALL = "all"
ASIDE = ("sheet", "by", "measure", "date", "month")
LAST_PAGE, WIDEST = 100_000, 2_000
UNREADABLE = {"field": "?", "op": "?"}


@dataclass(frozen=True)
class Look:
    """What a view fixes and an address may change. `columns`: pairs of path and width in pixels (0 = auto);
    `totals`: "path:aggregate"; `group`: a path, for dates followed by ":month", ":quarter" or ":year"."""

    condition: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[tuple[str, int], ...] = ()
    sort: tuple[str, ...] = ()
    group: str = ""
    totals: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListView:
    """A view as the list reads it: shipped with the record, or saved by somebody (`saved`: its id)."""

    key: str
    label: Any
    look: Look = field(default_factory=Look)
    saved: int | None = None
    owned: bool = False
    shared: bool = False
    favourite: bool = False
    default: bool = False
    color: str = "gray"
    widths: Mapping[str, int] = field(default_factory=dict)


ViewSource = Callable[[Spec, Actor], Sequence[ListView]]


def shipped_views(spec: Spec, actor: Actor) -> list[ListView]:
    """The views of the description, and everything."""
    shipped = [
        ListView(
            view.name,
            view.label,
            Look(view.condition, tuple((path, 0) for path in view.columns), view.sort, view.group),
            color=view.color,
            favourite=view.favourite,
        )
        for view in spec.views
    ]
    return [*shipped, ListView(ALL, pgettext_lazy("view", "All"))]


views_of: ViewSource = shipped_views


def use_views(source: ViewSource) -> None:
    """Let the saved views tell which views a person has."""
    global views_of
    views_of = source


@dataclass(frozen=True)
class State:
    """Where a list is: its view, look, search text and page; `size` rows a page. It lives in the address."""

    spec: Spec
    views: Sequence[ListView]
    view: ListView
    look: Look
    text: str = ""
    page: int = 1
    size: int = 50
    closed: tuple[str, ...] = ()
    dense: bool = False
    path: str = ""
    """Address of the page that shows it: list, board, calendar or chart."""
    aside: Mapping[str, str] = field(default_factory=dict)
    """What that page alone has in its address (`ASIDE`): it stays when filters change."""

    @property
    def is_modified(self) -> bool:
        return self.look != self.view.look

    def columns(self) -> tuple[tuple[str, int], ...]:
        """Paths and widths, the title first."""
        chosen = self.look.columns or tuple((path, 0) for path in self.spec.columns)
        if self.spec.title not in dict(chosen):
            chosen = ((self.spec.title, 0), *chosen)
        return tuple((path, width or self.view.widths.get(path, 0)) for path, width in chosen)

    def sort(self) -> tuple[str, ...]:
        return self.look.sort or self.spec.default_sort

    def rows(self, actor: Actor) -> query.Rows:
        """The matching records, unsorted. Raises ConditionError."""
        return query.matching(self.spec, actor, self.look.condition, self.text)

    def ordered(self, actor: Actor) -> query.Rows:
        return query.ordered(self.rows(actor), self.spec, self.look.sort, actor)

    def with_look(self, **changes: Any) -> State:
        return replace(self, look=replace(self.look, **changes), page=1, closed=())

    def at(self, **changes: Any) -> State:
        """The same with other fields, on the first page unless one is given."""
        return replace(self, **{"page": 1, **changes})

    def query(self) -> str:
        """The query string; only what differs from the person's first view is in it."""
        return addresses.query(self._parameters())

    def _parameters(self) -> dict[str, Any]:
        own, look = self.view.look, self.look
        bare = self.view is first_view(self.views) and look == own and not self.text
        found: dict[str, Any] = {} if bare else {"view": self.view.key}
        if look.condition != own.condition:
            found["filter"] = addresses.written(look.condition)
        if look.columns != own.columns:
            found["columns"] = ",".join(f"{path}:{width}" if width else path for path, width in look.columns)
        lists = {"sort": (look.sort, own.sort), "totals": (look.totals, own.totals)}
        found |= {name: ",".join(now) for name, (now, then) in lists.items() if now != then}
        if look.group != own.group:
            found["group"] = look.group
        rest = {"q": self.text, "closed": ",".join(self.closed), "density": "compact" if self.dense else ""}
        found |= {name: value for name, value in rest.items() if value}
        numbers = {"page": (self.page, 1), "size": (self.size, 50)}
        return found | {name: value for name, (value, usual) in numbers.items() if value != usual}

    def url(self) -> str:
        words = "&".join(filter(None, (self.query(), addresses.query(self.aside))))
        return with_query(self.path or urlnames.list_url(self.spec), words)

    def url_of(self, view: str) -> str:
        """The same records in another way: "list", "board", "totals", "export"..."""
        return with_query(self.path_of(view), self.query())

    def path_of(self, view: str) -> str:
        return urlnames.list_url(self.spec) if view == "list" else urlnames.view_url(self.spec, view)


def with_query(path: str, text: str) -> str:
    """An address with its query, if there is one."""
    return f"{path}?{text}" if text else path


def first_view(views: Sequence[ListView]) -> ListView:
    """The one shown where the address names none: the person's default, else the first."""
    return next((view for view in views if view.default), views[0])


def state_of(request: HttpRequest, spec: Spec, actor: Actor) -> State:
    """The state in the request's address."""
    return replace(read(spec, actor, request.GET), path=request.path, aside=aside_of(request.GET))


def aside_of(given: QueryDict) -> dict[str, str]:
    """What an address says beside the state of the list."""
    return {name: str(given[name]) for name in ASIDE if given.get(name)}


def read(spec: Spec, actor: Actor, given: QueryDict | str) -> State:
    """The state in a query string. What cannot be read is left out; an unreadable filter matches nothing."""
    given = QueryDict(given) if isinstance(given, str) else given
    views = views_of(spec, actor)
    view = _view_named(views, given)
    own = view.look
    look = Look(
        condition=_filter(given.get("filter", "")) if "filter" in given else own.condition,
        columns=tuple(map(_column, _words(given, "columns"))) if "columns" in given else own.columns,
        sort=_words(given, "sort") if "sort" in given else own.sort,
        group=given.get("group", own.group),
        totals=_words(given, "totals") if "totals" in given else own.totals,
    )
    size = _number(given.get("size"), 50)
    return State(
        spec,
        views,
        view,
        look,
        text=given.get("q", "").replace("\x00", "").strip()[:200],
        page=min(max(_number(given.get("page"), 1), 1), LAST_PAGE),
        size=size if size in SIZES else 50,
        closed=_words(given, "closed"),
        dense=given.get("density") == "compact",
    )


def _view_named(views: Sequence[ListView], given: QueryDict) -> ListView:
    named = {view.key: view for view in views}
    # A bare filter, as a report's link has it, speaks of all records.
    wanted = given.get("view") or (ALL if "filter" in given or given.get("q") else "")
    return named.get(wanted) or first_view(views)


def _filter(text: str) -> Mapping[str, Any]:
    found = addresses.condition(text)
    return UNREADABLE if found is None else found


def _words(given: QueryDict, name: str) -> tuple[str, ...]:
    return tuple(word for word in given.get(name, "").split(",") if word)[:60]


def _column(word: str) -> tuple[str, int]:
    path, _colon, width = word.partition(":")
    return path, min(_number(width, 0), WIDEST)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else otherwise


# --- from the list to a record and on ----------------------------------------------------------------


@dataclass(frozen=True)
class Neighbours:
    """Addresses of the records before and after one in its list, and of that list ("" = none).

    `place` counts from 1, 0 where it is not known; `count` says how many there are, `more` that it stopped.
    """

    previous: str = ""
    next: str = ""
    back: str = ""
    place: int = 0
    count: int = 0
    more: bool = False


def origin_of(request: HttpRequest, spec: Spec) -> str | None:
    """The query of the list a record was opened from: `from=`, or the page that linked here; else None."""
    if "from" in request.GET:
        return request.GET.get("from", "")
    referrer = urlsplit(request.headers.get("referer", ""))
    if referrer.netloc == request.get_host() and referrer.path == urlnames.list_url(spec):
        return referrer.query
    return None


def neighbours(spec: Spec, actor: Actor, origin: str | None, record_id: int) -> Neighbours:
    """What comes before and after a record on its page of the list; two queries."""
    if origin is None:
        return Neighbours()
    state = read(spec, actor, origin)
    before = (state.page - 1) * state.size
    start = max(before - 1, 0)
    try:
        size = before - start + state.size + 1
        rows, begin = paging.narrowed(state.ordered(actor), state, actor, start, size)
        ids = list(rows.values_list("pk", flat=True)[begin : begin + size])
    except ConditionError:
        return Neighbours(back=state.url())
    if record_id not in ids:
        return Neighbours(back=state.url())
    place = ids.index(record_id)
    count, more = query.count(state.rows(actor))
    return Neighbours(
        _near(state, ids, place - 1, start, before),
        _near(state, ids, place + 1, start, before),
        state.url(),
        start + place + 1,
        count,
        more,
    )


def _near(state: State, ids: Sequence[int], place: int, start: int, before: int) -> str:
    if not 0 <= place < len(ids):
        return ""
    page = state.page + (start + place - before) // state.size
    return urlnames.record_url(state.spec, ids[place], **{"from": state.at(page=page).query()})


def describe_error(error: ConditionError) -> str:
    """Words over a list whose condition cannot be followed."""
    if error.field == UNREADABLE["field"]:
        return _("This filter cannot be read, or it uses a field that you may not see.")
    return error.message or _("This condition cannot be read.")

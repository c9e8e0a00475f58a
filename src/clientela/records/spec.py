"""The description of a kind of record, as data.

A domain app writes a class whose body is a namespace without methods; `registry.register` turns it into
a `Spec`. A record that users describe at run time is a `Spec` made directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Model

from clientela.access.protection import Access

if TYPE_CHECKING:
    from django.http import HttpRequest

    from clientela.access.actor import Actor
    from clientela.records.changes import Change, Operation
    from clientela.records.draft import Draft
    from clientela.records.kinds import Kind

M = TypeVar("M", bound=Model)
PLATFORM = ("clientela.platform.", "clientela.access")
"""Rooms whose kinds of record belong to the product itself: no role switches them off."""


@dataclass(frozen=True)
class Computed:
    """A column that is no column: an expression over the record's fields."""

    name: str
    label: Any
    kind: Kind
    expression: Callable[[], Any]
    currency: str = ""
    needs: tuple[str, ...] = ()
    """Fields it is computed from: hidden where one of them is hidden."""


@dataclass(frozen=True)
class Section:
    """Fields shown together under a heading; `open`: unfolded at first."""

    label: Any
    fields: tuple[str, ...]
    open: bool = True


@dataclass(frozen=True, init=False)
class Search:
    """Weights of the fields that the search box looks in."""

    weights: dict[str, int]

    def __init__(self, **weights: int) -> None:
        object.__setattr__(self, "weights", weights)


@dataclass(frozen=True)
class Lane:
    """A column of a board: what the grouping field holds in its records (a value, or the id of a link)."""

    value: Any
    label: Any
    color: str = "gray"
    note: str = ""
    """Beside its sums, e.g. a probability as the reader writes it."""
    stalled_after: int = 0
    """Days after which a record in it is marked (0 = never)."""


@dataclass(frozen=True)
class Sheet:
    """The columns shown together; where a board has several sheets a switch offers them."""

    key: str
    label: Any
    lanes: tuple[Lane, ...]
    settings: str = ""
    """Address where an administrator changes the columns."""


@dataclass(frozen=True)
class Board:
    """Cards in columns by a link or a choice; `move(instance, target, *, operation)` is behind a drag."""

    group_by: str
    card: tuple[str, ...]
    """Fields under the title, each drawn after its kind."""
    sheets: Callable[[Actor], Sequence[Sheet]] | None = None
    """Without it, one sheet with every choice of the field."""
    move: Callable[..., Any] | None = None
    sum: str = ""
    weighted: str = ""
    due: tuple[str, ...] = ()
    """Dates of `card` that are late once they are past."""
    step: str = ""
    step_date: str = ""
    since: str = ""
    """Moment at which a record came into its column; tells the stalled ones."""
    outcomes: tuple[tuple[str, str], ...] = ()
    """Actions offered as places to drop a card, each with its tone: "ok", "danger" or ""."""


@dataclass(frozen=True)
class Calendar:
    """The list as a month: `date` says on which day, `color` (a path) in which colour."""

    date: str
    color: str = ""


@dataclass(frozen=True)
class Chart:
    """The list as bars: a group each, counted or with `measure` added up."""

    group_by: str
    measure: str = ""


@dataclass(frozen=True)
class Action:
    """Something done to a record by a service: `run(instance, *, operation, **values)`."""

    name: str
    label: Any
    run: Callable[..., Any]
    icon: str = "play"
    asks: tuple[str, ...] = ()
    """Fields asked for before it runs, each only while the record has nothing there."""
    requires: tuple[str, ...] = ()
    """Those of `asks` that must be answered."""
    comment: Any = ""
    """Label of a text asked along with them; `run` gets it as `comment`."""
    view: str = ""
    """Name of the address (with the record's id) of a form of its own, instead of `asks`."""
    bulk: bool = False
    available: Callable[[Any], bool] = lambda instance: True
    variant: str = ""
    done: Any = ""
    """Words of the toast after it."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Rows kept inside a record (`name` is the related name of their model's foreign key).

    `mirror` maps a field of the record to the field of the main line that it copies, e.g. the main
    e-mail of several: writing either keeps both.
    """

    name: str
    label: Any
    fields: tuple[str, ...]
    main: str = ""
    mirror: tuple[tuple[str, str], ...] = ()
    required: tuple[str, ...] = ()
    """A line in which all of these are empty is no line and is dropped."""
    read_only: bool = False
    """Kept by services only."""


@dataclass(frozen=True)
class Related:
    """A panel with the records that point here by `path` (a field of `record`)."""

    record: str
    path: str
    label: Any
    columns: tuple[str, ...] = ()
    icon: str = ""
    create: bool = True
    limit: int = 8
    lines: str = ""
    """With lines: the records tied through that `Lines` of `record`, whose field `path` points here."""
    show: tuple[str, ...] = ()
    """Fields of the line shown beside the record, e.g. its role."""


@dataclass(frozen=True)
class Panel:
    """A panel of one's own: `context(request, instance)` feeds `template`."""

    name: str
    label: Any
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any]]


@dataclass(frozen=True)
class Step:
    """One of a `StagePath`: `value` of the field, words, and "done", "current" or "" in `state`."""

    value: Any
    label: str
    detail: str = ""
    state: str = ""
    action: str = ""
    """Name of the action that goes there, where going there asks for something."""


@dataclass(frozen=True)
class StagePath:
    """The ordered steps drawn over a record; `move(instance, value, *, operation)` goes to one."""

    field: str
    steps: Callable[[Any], Sequence[Step]]
    move: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Duplicates:
    """What makes two records alike: exact values of any of `exact`, a near `name`."""

    exact: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, eq=False)
class Spec:
    """A kind of record, complete. Compared by identity; `key` names it in URLs' bodies, audit and API."""

    key: str
    plural: str
    model: type[Model]
    label: Any
    label_plural: Any
    title: str = "name"
    subtitle: str = ""
    icon: str = "circle"
    mark: str = ""
    """How a link to it is drawn: square (company), round (person), status (dot), tag, or plain."""
    color: str = ""
    columns: tuple[Any, ...] = ()
    computed: tuple[Computed, ...] = ()
    default_sort: tuple[str, ...] = ()
    search: Search = field(default_factory=Search)
    filters: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    defaults: Callable[[Actor], dict[str, Any]] | None = None
    offered: dict[str, Any] = field(default_factory=dict)
    """A condition that the records offered to be linked meet, e.g. people who still work here."""
    quick: tuple[str, ...] = ()
    """Fields of quick create."""
    facts: tuple[str, ...] = ()
    """Key facts in the record's header."""
    sections: tuple[Section, ...] = ()
    lines: tuple[Lines, ...] = ()
    board: Board | None = None
    calendar: Calendar | None = None
    chart: Chart | None = None
    path: StagePath | None = None
    panels: tuple[Any, ...] = ()
    actions: tuple[Action, ...] = ()
    import_key: tuple[str, ...] = ()
    import_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Other headings by which an import recognises a field."""
    import_aliases: Callable[[], Mapping[str, int]] | None = None
    """Other names of its records for an import: folded name to id."""
    create_on_import: bool = False
    """A value unknown to an import may be created (sources, sectors, tags)."""
    duplicates: Duplicates = field(default_factory=Duplicates)
    access: Access = field(default_factory=Access)
    visible: Callable[[Actor, str], Any] | None = None
    """A condition of its own (a Q) instead of the owner's: for records seen through others."""
    prepare: Callable[[Draft], None] | None = None
    """Called with the draft, its values taken in and not yet checked."""
    check: Callable[[Any], dict[str, list[str]]] | None = None
    """Errors of the instance as a whole, by field name."""
    locked: Callable[[Any], bool] | None = None
    """Whether a record is closed for changes other than by its services."""
    written: Callable[[Operation, list[Change]], None] | None = None
    """Called in the transaction with its changes: spans, sums and other followers of its own."""
    timeline: bool = True
    timeline_parents: tuple[str, ...] = ()
    """Links whose records also show this one's notes."""
    menu: int = 0
    """Place in the menu; 0 = not in it."""
    keyboard: str = ""
    views: tuple[Any, ...] = ()
    """Saved views that every workspace starts with: `View(name, condition, ...)`."""

    def __str__(self) -> str:
        return self.key

    @property
    def module(self) -> str:
        """Label of the app that a role may switch off; "" for the platform's own kinds."""
        meta = self.model._meta
        name = meta.app_config.name if meta.app_config is not None else ""
        return "" if name.startswith(PLATFORM) else meta.app_label


@dataclass(frozen=True)
class View:
    """A view that ships with a description: same shape as a saved one."""

    name: str
    label: Any
    condition: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    group: str = ""
    color: str = "gray"
    favourite: bool = False


class Record(Generic[M]):
    """Base of a description. The body may only hold names of `Spec`'s fields."""

    model: type[Model]

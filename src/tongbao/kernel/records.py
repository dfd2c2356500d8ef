"""Records: what people list, declared by the module that owns it.

A `Record` mirrors a state table: every row that stands, and after it ended what became of it. Its
columns are the parts of the key and the fields of the value; the read model follows what blocks
wrote, and a node that begins with a snapshot fills it by scanning the state. An `EventList` lists
events: rows are only ever added, and a node that begins with a snapshot has those of later blocks.
Lists, routes, OpenAPI, SDK and commands follow from both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from tongbao.kernel.columns import LIFE, PLACE, POSITION, Column, Derived, path_of
from tongbao.kernel.current import Current, Lapse
from tongbao.kernel.fields import (
    Place,
    Word,
    field_of,
    fields_of,
    inner_of,
)
from tongbao.kernel.tables import Table


@dataclass(frozen=True)
class Beside:
    """A table of the same key, whose row is shown with the record's."""

    table: Table[Any]
    derived: tuple[Derived, ...] = ()
    """What follows from its value; the fields of a struct are shown as they are."""
    state: str = ""
    """State of the rows that have one beside them; empty: it says nothing of the state."""


@dataclass(frozen=True)
class Ending:
    """How rows end: an event of the transaction that removed them says it."""

    state: str | Callable[[Any], str]
    """The state of the row from then on; from the event where it depends on it."""
    by: str = ""
    """The field of the event that names the row, or a tuple of rows; empty: as the key."""
    takes: tuple[str, ...] = ()
    """Fields of the event that the row shows from then on."""
    sets: Mapping[str, Any] = field(default_factory=dict)
    """Columns that have a value of their own after the end."""
    when: str = ""
    """A field of the event that has to be true; else it says of no end."""
    applies: str = ""
    """Column with actions, as JSON, that were applied at the end: their events come next."""


@dataclass(frozen=True)
class Note:
    """What an event says of rows that stand, until they change."""

    takes: tuple[str, ...]
    """Fields of the event that the row shows."""
    by: str = ""
    """The field of the event that names the row; empty: as the key."""
    when: str = ""
    """Only of rows in this state."""


@dataclass(frozen=True)
class Line:
    """Rows that wait in line, each with its position."""

    of: str
    """Column: each of its values has a line of its own."""
    state: str
    """State of the rows that wait."""
    by: tuple[str, ...]
    """Columns by which they come, the lowest first."""


SIDES = {"account": "account", "asset": "asset", "other_asset": "asset"}
"""Filter that is no column -> kind of the columns in any of which what it names may stand."""


class Listed:
    """What all records have in common."""

    name: str
    plural: str
    states: tuple[str, ...] = ()
    filter_by: tuple[str, ...] = ()
    line: Line | None = None
    public: bool = False
    by_key: bool = False
    current: tuple[Current, ...] = ()
    lapse: Lapse | None = None
    search: tuple[str, ...] = ()
    unshown: frozenset[str] = frozenset()
    only: str = ""
    indexes: tuple[str, ...] | None = None
    of_account: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every member of a row that is kept, in the order in which it is shown."""
        raise NotImplementedError

    @property
    def members(self) -> tuple[Column, ...]:
        """Every member of a row that is answered."""
        computed = (Column(one.name, one.annotation, one.meaning) for one in self.current)
        kept = (one for one in self.columns if one.name not in self.unshown)
        return (*kept, *computed, *(() if self.line is None else (POSITION,)))

    def asset_of(self, column: Column) -> str:
        """The member that names an amount's asset: as its field or its name says, or `asset`."""
        reply = field_of(column.annotation).asset or f"{column.name.removesuffix('_minor')}_asset"
        return reply if reply in [one.name for one in self.columns] else "asset"

    @property
    def several(self) -> str:
        """What several rows are called, e.g. `scheduled_transfers`."""
        return self.plural or self.name + "s"

    @property
    def path(self) -> str:
        """Where the API lists it, e.g. `/v1/scheduled-transfers`."""
        return path_of(self.several)

    @property
    def filters(self) -> tuple[str, ...]:
        """What a list of it may be asked for: whom and what a row concerns, what it is."""
        others = [one for one in self.columns if one.name != self.only]
        kinds, names = [one.kind for one in others], [one.name for one in others]
        found = ["party"] if {"party", "account"} & {*kinds} else []
        found += [kind for kind in ("account", "asset") if kind in kinds]
        found += ["other_asset"] if kinds.count("asset") > 1 and "asset" not in names else []
        found += ["event"] if "event" in names else []
        found = [one for one in found if one != self.only]
        found += [one for one in self.filter_by if one not in found]
        return (*found, "state") if self.states else tuple(found)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns with numbers that name one row alone, e.g. an IBAN or an LEI."""
        inner = {one.name: field_of(inner_of(one.annotation)) for one in self.columns}
        return tuple(name for name, one in inner.items() if one.kind == "number")

    @property
    def lists(self) -> dict[str, str]:
        """Filter -> the column of several values that it looks into: `role` is one of `roles`."""
        names = {one.name for one in self.columns}
        several = {one: f"{one}s" for one in self.filter_by if one not in names}
        return {one: name for one, name in several.items() if name in names}


@dataclass(frozen=True, eq=False)
class Record(Listed):
    """What people list of one table."""

    name: str
    """One row, e.g. `hold`; the id of a row is called so too."""
    table: Table[Any]
    meaning: str
    """A sentence on the list."""
    key: tuple[Column, ...]
    """The parts of the key."""
    state: str | Callable[[tuple[Any, ...], Any], str] = ""
    """State of a row that stands, from its key and value where it depends on them; empty: none."""
    states: tuple[str, ...] = ()
    """Every state that a row may be in."""
    endings: Mapping[type[Any], Ending] = field(default_factory=dict)
    """Event -> how it ends rows; where none does, a row that is removed is listed no more."""
    notes: Mapping[type[Any], Note] = field(default_factory=dict)
    """Event -> what it says of rows that stand."""
    beside: Beside | None = None
    """A table whose rows complete those of this one."""
    hidden: tuple[str, ...] = ()
    """Fields of the value that are of no use to people."""
    derived: tuple[Derived, ...] = ()
    """What follows from the value; of a value that is no struct, itself."""
    since: str = ""
    """The field of the value that says when the row was made: its `created_at_ms`."""
    plural: str = ""
    """Several rows; empty: the name with an s."""
    filter_by: tuple[str, ...] = ()
    """Columns that a list of it may be asked for, beside `party`, `account`, `asset`, `state`."""
    line: Line | None = None
    """The order in which rows wait, where they do."""
    search: tuple[str, ...] = ()
    """Columns by whose words a row is found; the first is what it is called by."""
    shows: tuple[str, ...] = ()
    """Columns of a table, the id included; empty: all that fit."""
    public: bool = False
    """Whether anybody may read it; else whom it names, and the banks of accounts."""
    by_key: bool = False
    """Whether it is a register, listed by its key instead of the newest first."""
    current: tuple[Current, ...] = ()
    """Members that are computed when somebody asks."""
    lapse: Lapse | None = None
    """Which state time ends."""
    moved: tuple[str, ...] = ()
    """Columns that follow from movements of money (`kernel/movements.py`)."""

    @property
    def only(self) -> str:  # type: ignore[override]
        """The column that is the whole key; empty where several are."""
        return self.key[0].name if len(self.key) == 1 else ""

    @property
    def order(self) -> tuple[str, ...]:
        """Columns that put the rows in their order, one behind the other."""
        keys = tuple(one.name for one in self.key)
        return keys if self.by_key else ("created_at_ms", *keys)

    @property
    def tables(self) -> tuple[Table[Any], ...]:
        """The tables of the state that it shows."""
        return (self.table,) if self.beside is None else (self.table, self.beside.table)

    @property
    def unshown(self) -> frozenset[str]:  # type: ignore[override]
        """Columns that are kept and not answered."""
        beside = () if self.beside is None else self.beside.derived
        return frozenset(one.name for one in (*self.derived, *beside) if not one.shown)

    @property
    def kinds(self) -> tuple[type[Any], ...]:
        """The structs whose fields a row shows."""
        return (*(one.value_type for one in self.tables), *self.endings, *self.notes)

    @cached_property
    def value_columns(self) -> tuple[Column, ...]:
        """The fields of the value that are shown; its `id` is the key."""
        return self._fields_of(self.table.value_type)

    @cached_property
    def beside_columns(self) -> tuple[Column, ...]:
        """What the table beside it shows."""
        if self.beside is None:
            return ()
        return (*self.beside.derived, *self._fields_of(self.beside.table.value_type))

    def _fields_of(self, kind: Any) -> tuple[Column, ...]:
        if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            return ()
        left_out = {*self.hidden, "id", self.since, *(one.name for one in self.key)}
        hints = fields_of(kind).items()
        return tuple(Column(name, hint) for name, hint in hints if name not in left_out)

    @cached_property
    def taken_columns(self) -> tuple[Column, ...]:
        """What only events bring."""
        known = {one.name for one in (*self.key, *self.value_columns, *self.beside_columns)}
        found: dict[str, Column] = {}
        taken: list[tuple[Any, tuple[str, ...]]]
        taken = [(event, one.takes) for event, one in self.notes.items()]
        taken += [(event, one.takes) for event, one in self.endings.items()]
        for event, names in taken:
            for name in names:
                if name not in known:
                    found.setdefault(name, Column(name, fields_of(event)[name]))
        return tuple(found.values())

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every member of a row that is kept, in the order in which it is shown."""
        own = (*self.key, *self.derived, *self.value_columns, *self.beside_columns)
        never = {*(() if self.state else ("state",)), *(() if self.endings else ("ended_at_ms",))}
        life = (one for one in LIFE if one.name not in never)
        return (*own, *self.taken_columns, *life)


@dataclass(frozen=True, eq=False)
class EventList(Listed):
    """What people list of events: each is a row, and stays as it was announced."""

    name: str
    """One row, e.g. `seat_change`; its id, the place of the event, is called so too."""
    events: tuple[type[Any], ...]
    """Of which kinds; a row of several kinds says of which it is."""
    meaning: str
    """A sentence on the list."""
    plural: str = ""
    """Several rows; empty: the name with an s."""
    hidden: tuple[str, ...] = ()
    """Fields of the events that are of no use to people."""
    filter_by: tuple[str, ...] = ()
    """Columns that a list of it may be asked for, beside `party`, `account`, `asset`, `event`."""
    shows: tuple[str, ...] = ()
    """Columns of a table, the id included; empty: all that fit."""
    public: bool = False
    """Whether anybody may read it; else whom it names, and the banks of accounts."""
    of_account: str = ""
    """Column of the account whose owner and bank alone read a row; empty: whom the event names."""
    indexes: tuple[str, ...] | None = None
    """Columns by which rows are looked up; None: those whose kinds are looked up."""

    def __post_init__(self) -> None:
        """No field of an event is called as one of the place: neither would be seen."""
        names = [one.name for one in self.members]
        if len(set(names)) < len(names):
            raise ValueError(f"two columns of {self.name} have one name")

    @property
    def order(self) -> tuple[str, ...]:
        """Columns that put the rows in the order of time, one behind the other."""
        return ("block_height", "position", "number")

    @property
    def kinds(self) -> tuple[type[Any], ...]:
        """The structs whose fields a row shows."""
        return self.events

    @property
    def key(self) -> tuple[Column, ...]:
        """The id of a row."""
        return (Column(self.name, Place),)

    @cached_property
    def event_columns(self) -> tuple[Column, ...]:
        """Fields of the events, each once."""
        found: dict[str, Column] = {}
        kind: Any
        for kind in self.events:
            for name, hint in fields_of(kind).items():
                if name not in self.hidden:
                    found.setdefault(name, Column(name, hint))
        return tuple(found.values())

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every member of a row but its id, which is its place."""
        which = (Column("event", Word, "Its type."),) if len(self.events) > 1 else ()
        return (*which, *self.event_columns, *PLACE)

    @property
    def members(self) -> tuple[Column, ...]:
        """Every member of a row that is answered, its id first."""
        return (*self.key, *self.columns)

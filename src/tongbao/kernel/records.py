"""Records: what people list of a state table, declared by the module that owns it.

A record mirrors a table: every row that stands, and after it ended what became of it. Its columns
are the parts of the key and the fields of the value; the read model follows what blocks wrote, and
a node that begins with a snapshot fills it by scanning the state. Lists, routes, OpenAPI, SDK and
commands follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from tongbao.kernel.fields import Count, Moment, Word, field_of, fields_of
from tongbao.kernel.tables import Table


class Column(NamedTuple):
    """One member of a row."""

    name: str
    annotation: Any
    """Its type, as in `kernel/fields.py`."""
    meaning: str = ""
    """What it adds to its name and type."""

    @property
    def kind(self) -> str:
        """The kind of its field."""
        return field_of(self.annotation).kind


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


def path_of(plural: str) -> str:
    """Where the API lists what is called so."""
    return f"/v1/{plural.replace('_', '-')}"


LIFE = (
    Column("state", Word, "What it is in now, or how it ended."),
    Column("created_at_ms", Moment, "0 where it was there before these lists began."),
    Column("ended_at_ms", Moment, "0 while it stands."),
    Column("created_height", Count, "Block that made it."),
    Column("changed_height", Count, "Block that changed it last."),
)
"""Columns of every record, behind its own."""


@dataclass(frozen=True, eq=False)
class Record:
    """What people list of one table."""

    name: str
    """One row, e.g. `hold`; the id of a row is called so too."""
    table: Table[Any]
    meaning: str
    """A sentence on the list."""
    key: tuple[Column, ...]
    """The parts of the key."""
    state: str | Callable[[tuple[Any, ...], Any], str] = ""
    """State of a row that stands, from its key and value where it depends on them."""
    states: tuple[str, ...] = ()
    """Every state that a row may be in."""
    endings: Mapping[type[Any], Ending] = field(default_factory=dict)
    """Event -> how it ends rows."""
    hidden: tuple[str, ...] = ()
    """Fields of the value that are of no use to people."""
    plural: str = ""
    """Several rows; empty: the name with an s."""

    @property
    def path(self) -> str:
        """Where the API lists it, e.g. `/v1/holds`."""
        return path_of(self.plural or self.name + "s")

    @property
    def filters(self) -> tuple[str, ...]:
        """What a list of it may be asked for: whom and what a row concerns, and its state."""
        kinds = [one.kind for one in self.columns]
        found = ["party"] if {"party", "account"} & set(kinds) else []
        found += ["account"] if "account" in kinds else []
        found += ["asset"] if any(one.name == "asset" for one in self.columns) else []
        return (*found, "state") if self.states else tuple(found)

    search: tuple[str, ...] = ()
    """Columns by whose words a row is found."""

    @property
    def value_columns(self) -> tuple[Column, ...]:
        """The fields of the value that are shown; its `id` is the key."""
        kind: Any = self.table.value_type
        if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            return ()
        left_out = {*self.hidden, "id", *(one.name for one in self.key)}
        hints = fields_of(kind).items()
        return tuple(Column(name, hint) for name, hint in hints if name not in left_out)

    @property
    def taken_columns(self) -> tuple[Column, ...]:
        """What events bring when a row ends."""
        known = {one.name for one in (*self.key, *self.value_columns)}
        found: dict[str, Column] = {}
        event: Any
        for event, ending in self.endings.items():
            for name in ending.takes:
                if name not in known:
                    found.setdefault(name, Column(name, fields_of(event)[name]))
        return tuple(found.values())

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every member of a row, in the order in which it is shown."""
        return (*self.key, *self.value_columns, *self.taken_columns, *LIFE)

"""Records in SQL: tables that follow what blocks wrote to the state and what they announced.

A row of a mirrored table is a row of the state, with what its fields say; it stays after the state
has removed it, with how it ended. A row of an event list is an event. Nothing is restated here:
names, types and endings are the record's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Index,
    MetaData,
    String,
    Table,
    Text,
    cast,
    true,
)
from sqlalchemy import Column as SqlColumn

from tongbao.kernel.blocks import Written
from tongbao.kernel.columns import Column
from tongbao.kernel.fields import CONCERNS, names_in, plain
from tongbao.kernel.movements import HOLDING
from tongbao.kernel.records import Ending, EventList, Record
from tongbao.kernel.tables import Table as StateTable
from tongbao.kernel.transaction import Event
from tongbao.readmodel.audience import NAMED, audience
from tongbao.readmodel.books import Books
from tongbao.readmodel.naming import KEY_MARK, WordIndex, row_name
from tongbao.readmodel.rows import Key, Row, Rows, Step, as_json
from tongbao.readmodel.viewer import Viewer, concerned_by, reads_accounts

_NUMBERS = frozenset(("moment", "count", "duration", "code"))
_LONG = frozenset(("text", "nested", "bytes"))
_INDEXED = frozenset(("account", "party", "uetr", "reference", "digest", "number"))
_ZERO = {"amount": "0", "whole": "0", "switch": False, "nested": "null"}
PREFIX = "record_"


def _sql_type(kind: str) -> Any:
    if kind in _NUMBERS:
        return BigInteger()
    if kind == "switch":
        return Boolean()
    return Text() if kind in _LONG else String(200)


def empty_of(column: Column) -> Any:
    """What stands in a column of which nothing is known yet."""
    return 0 if column.kind in _NUMBERS else _ZERO.get(column.kind, "")


class Mirror:
    """The SQL tables of a set of records."""

    def __init__(self, records: Iterable[Record | EventList]) -> None:
        self.metadata = MetaData()
        self.records = {one.name: one for one in records}
        self.tables = {name: _table(one, self.metadata) for name, one in self.records.items()}
        self.parties = Table(
            "record_parties", self.metadata,
            SqlColumn("record", String(32), primary_key=True),
            SqlColumn("party", String(128), primary_key=True),
            SqlColumn("row", String(400), primary_key=True),
            SqlColumn("relation", String(8), nullable=False),
            Index("record_parties_row", "record", "row"),
        )  # fmt: skip
        """Whom each row concerns."""
        self.words = WordIndex(self.metadata, self.records.values(), self.tables)
        """By which words rows are found."""
        self.mirrored = [one for one in self.records.values() if isinstance(one, Record)]
        self._of_prefix = {
            table.prefix: (one, table) for one in self.mirrored for table in one.tables
        }
        self._of_key = _by_key(self.mirrored)
        self._applying: dict[type[Any], list[tuple[Record, Ending]]] = {}
        for one in self.mirrored:
            for event, ending in one.endings.items():
                if ending.applies:
                    self._applying.setdefault(event, []).append((one, ending))
        self.books = Books(self.tables) if HOLDING.name in self.tables else None
        """What accounts hold, where that is listed."""
        self._of_event: dict[type[Any], list[EventList]] = {}
        for reported in (one for one in self.records.values() if isinstance(one, EventList)):
            for kind in reported.events:
                self._of_event.setdefault(kind, []).append(reported)

    # ---- following -----------------------------------------------------------------------------

    def load(self, rows: Rows, writes: Sequence[Written]) -> None:
        """Read ahead what blocks are to change."""
        keys: dict[str, list[Key]] = {}
        for record, source, one in self._found(writes):
            keys.setdefault(record.name, []).append(source.parts(one.key))
        for name, found in keys.items():
            rows.load(self.tables[name], found)

    def written(self, step: Step, writes: Sequence[Written]) -> None:
        """Rows that a transaction wrote."""
        for record, source, one in sorted(self._found(writes), key=_beside_last):
            if one.value is None:
                continue
            key, value = source.parts(one.key), source.load(one.value)
            if source is record.table:
                self._put(step, record, key, value)
            else:
                changed = _beside(record, value) | {"changed_height": step.height}
                step.rows.update(self.tables[record.name], *key, **changed)

    def _found(self, writes: Sequence[Written]) -> list[tuple[Record, StateTable[Any], Written]]:
        found = [(self._of_prefix.get(one.key[:2]) or self._of_prefix.get(one.key[:1]), one)
                 for one in writes]  # fmt: skip
        return [(*known, one) for known, one in found if known is not None]

    def _put(self, step: Step, record: Record, key: tuple[Any, ...], value: Any) -> None:
        table = self.tables[record.name]
        before = step.rows.get(table, *key)
        made: Row = {"created_at_ms": step.time_ms, "created_height": step.height}
        row = made | self.row_of(record, key, value) | {"changed_height": step.height}
        if before is not None and not before.get("ended_at_ms"):
            kept = [one.name for one in record.beside_columns]
            kept += ["created_height"] if record.since else list(made)
            if record.beside is not None and record.beside.state == before.get("state"):
                kept.append("state")
            row |= {name: before[name] for name in (*kept, *record.moved)}
        else:
            row |= dict.fromkeys(record.moved, "0")
        step.rows.put(table, row)
        names, own = names_of(record, key, value), (*record.key, *record.value_columns)
        step.concerned |= names
        was = frozenset[str]() if before is None else _named_in(own, before)
        if names == was:
            return
        fresh = before is None and bool(record.endings)
        for party in audience(step.rows, was).keys() - audience(step.rows, names):
            step.rows.remove(self.parties, record.name, party, row_name(key))
        for party, relation in audience(step.rows, names).items():
            whom = (record.name, party, row_name(key))
            known = None if fresh else step.rows.get(self.parties, *whom)
            if known is None or (relation == NAMED != known["relation"]):
                place = dict(zip(("record", "party", "row"), whom, strict=True))
                step.rows.put(self.parties, place | {"relation": relation}, fresh=fresh)

    def noted(self, step: Step, events: Sequence[Event]) -> None:
        """What events of a transaction say of rows that stand."""
        for record in (one for one in self.mirrored if one.notes):
            for event in events:
                note = record.notes.get(type(event))
                if note is None:
                    continue
                key = getattr(event, note.by or record.key[0].name)
                row = step.row(record.name, key)
                if row is not None and note.when in ("", row.get("state")):
                    reply = _taken(record, event, note.takes) | {"changed_height": step.height}
                    step.rows.update(self.tables[record.name], key, **reply)

    def applied(self, step: Step, event: Event) -> None:
        """Actions that a row waited with, and that an event says were applied: their events come
        next."""
        for record, ending in self._applying.get(type(event), ()):
            if not ending.when or getattr(event, ending.when):
                row = step.row(record.name, getattr(event, ending.by or record.key[0].name))
                assert row is not None  # it ends with this event
                step.apply(row[ending.applies].encode())

    def removed(self, step: Step, writes: Sequence[Written], events: Sequence[Event]) -> None:
        """Rows that a transaction removed, and how its events say that they ended."""
        if not writes:
            return
        ends: dict[str, dict[Any, Row]] = {}
        last = {one.key: one for one in writes}
        for record, source, one in sorted(self._found(writes), key=_beside_last):
            if not one.gone or last[one.key] is not one:
                continue  # it stands, or a later timer of the block wrote it again
            key, table = source.parts(one.key), self.tables[record.name]
            row = step.rows.get(table, *key)
            if row is None:
                continue
            if source is not record.table:
                if not row.get("ended_at_ms"):
                    step.rows.update(table, *key, **_alone(record))
                continue
            step.concerned |= _named_in(record.columns, row)
            if not record.endings:
                step.rows.remove(table, *key)
                continue
            if record.name not in ends:
                ends[record.name] = _ends(record, events)
            end = ends[record.name].get(key[0], {"state": "ended"})
            ended = {"ended_at_ms": step.time_ms, "changed_height": step.height}
            step.rows.put(table, row | end | ended)

    def row_of(self, record: Record, key: tuple[Any, ...], value: Any, beside: Any = None) -> Row:
        """A row as the state has it."""
        row: Row = {column.name: part for column, part in zip(record.key, key, strict=True)}
        for derived in record.derived:
            row[derived.name] = _cell(derived.of(value), derived)
        row |= _shown(record.value_columns, value)
        of_others = (*record.beside_columns, *record.taken_columns)
        row |= _empty(of_others)
        state = record.state if isinstance(record.state, str) else record.state(key, value)
        row |= {"state": state} if record.state else {}
        if beside is not None:
            row |= _beside(record, beside)
        row |= {"ended_at_ms": 0} if record.endings else {}
        return row | ({"created_at_ms": getattr(value, record.since)} if record.since else {})

    def names_of_rows(self, step: Step, event: Event) -> frozenset[str]:
        """Whom the rows name that an event speaks of by their keys."""
        found: frozenset[str] = frozenset()
        for name in event.__struct_fields__:
            for record in self._of_key.get(name, ()):
                key = getattr(event, name)
                row = step.row(record.name, key) if isinstance(key, str) and key else None
                found |= frozenset() if row is None else _named_in(record.columns, row)
        return found

    def reported(self, step: Step, number: int, event: Event, whom: Mapping[str, str]) -> None:
        """Rows that an event is; `whom` it concerns, and how."""
        for record in self._of_event.get(type(event), ()):
            own = [one for one in record.event_columns if one.name in event.__struct_fields__]
            row = _empty(record.columns) | _shown(own, event) | {
                "time_ms": step.time_ms, "submitted_by": step.party,
                "reference": step.reference, "digest": step.digest, "block_height": step.height,
                "position": step.position, "number": number,
            }  # fmt: skip
            if "event" in row:
                row["event"] = str(event.__struct_config__.tag)
            step.rows.add(self.tables[record.name], row)
            for party, relation in whom.items():
                step.rows.add(self.parties, {
                    "record": record.name, "party": party, "relation": relation,
                    "row": row_name((step.height, step.position, number)),
                })  # fmt: skip

    # ---- asking --------------------------------------------------------------------------------

    def key_of(self, record: Record | EventList) -> ColumnElement[str]:
        """The key of a row in one text, as `parties` names it."""
        first, *others = (cast(one, String) for one in self.tables[record.name].primary_key.columns)
        whole: ColumnElement[str] = first
        for one in others:
            whole = whole + KEY_MARK + one
        return whole

    def read_by(self, viewer: Viewer, record: Record | EventList) -> ColumnElement[bool]:
        """The condition on rows that somebody reads: public ones, and those that concern them."""
        if record.public:
            return true()
        if record.of_account:
            return reads_accounts(viewer, self.tables[record.name].c[record.of_account])
        whom = self.parties.alias()
        same = (whom.c.record == record.name, whom.c.row == self.key_of(record))
        return concerned_by(viewer, whom, *same)


@cache
def mirror_of(records: tuple[Record | EventList, ...]) -> Mirror:
    """The tables of these records, made once."""
    return Mirror(records)


def _cell(value: Any, column: Column) -> Any:
    """A value as its column has it: lists and structs as JSON."""
    if type(value) is str and column.kind != "nested":
        return value
    given = plain(value, column.annotation)
    return as_json(given) if column.kind == "nested" else given


def _empty(columns: Iterable[Column]) -> Row:
    return {one.name: empty_of(one) for one in columns}


def names_of(record: Record, key: tuple[Any, ...], value: Any) -> frozenset[str]:
    """Every party and account that a row of the state names."""
    named = names_in(value, type(value)) if isinstance(value, msgspec.Struct) else frozenset()
    own = zip(record.key, key, strict=True)
    return named | {part for column, part in own if column.kind in CONCERNS}


def _by_key(records: Iterable[Record]) -> dict[str, list[Record]]:
    """What the single part of a key is called -> whose it is; of records that name somebody."""
    found: dict[str, list[Record]] = {}
    for one in records:
        if len(one.key) == 1 and not one.public and one.key[0].kind not in CONCERNS:
            found.setdefault(one.key[0].name, []).append(one)
    return found


def _table(record: Record | EventList, metadata: MetaData) -> Table:
    keys = record.order if isinstance(record, EventList) else [one.name for one in record.key]
    columns = [
        SqlColumn(
            one.name, _sql_type(one.kind), primary_key=one.name in keys,
            nullable=False, autoincrement=False,
        )
        for one in record.columns
    ]  # fmt: skip
    name = PREFIX + record.name
    looked_up = record.indexes
    if looked_up is None:
        looked_up = tuple(one.name for one in record.columns if one.kind in _INDEXED)
    indexes = [
        Index(f"{name}_{one}", one, *record.order) for one in looked_up if one not in keys
    ]  # fmt: skip
    if not record.by_key and tuple(keys) != record.order:
        indexes.append(Index(f"{name}_time", *record.order))
    if (line := record.line) is not None:
        indexes.append(Index(f"{name}_line", line.of, "state", *line.by, *keys))
    return Table(name, metadata, *columns, *indexes)


def _shown(columns: Sequence[Column], value: Any) -> Row:
    """The columns that the fields of a value, or of an event, fill."""
    return {one.name: _cell(getattr(value, one.name), one) for one in columns}


def _beside_last(found: tuple[Record, StateTable[Any], Written]) -> bool:
    """Rows of the table beside a record come after its own."""
    record, source, _ = found
    return source is not record.table


def _beside(record: Record, value: Any) -> Row:
    """What a row of the table beside says."""
    beside = record.beside
    assert beside is not None
    derived = {one.name: _cell(one.of(value), one) for one in beside.derived}
    own = [one for one in record.beside_columns if one.name not in derived]
    return derived | _shown(own, value) | ({"state": beside.state} if beside.state else {})


def _alone(record: Record) -> Row:
    """What a row says once nothing stands beside it."""
    stated = record.beside is not None and record.beside.state
    return _empty(record.beside_columns) | ({"state": record.state} if stated else {})


def _taken(record: Record, event: Event, names: Sequence[str]) -> Row:
    return _shown([one for one in record.columns if one.name in names], event)


def _named_in(columns: Iterable[Column], row: Row) -> frozenset[str]:
    """Every party and account that a row names in these columns."""
    named: frozenset[str] = frozenset()
    for one in columns:
        if one.may_name:
            value = msgspec.json.decode(row[one.name]) if one.kind == "nested" else row[one.name]
            named |= names_in(value, one.annotation)
    return named


def _ends(record: Record, events: Sequence[Event]) -> dict[Any, Row]:
    """First part of a key -> what the newest event of a transaction says of the row's end."""
    found: dict[Any, Row] = {}
    for event in events:
        ending = record.endings.get(type(event))
        if ending is not None and (not ending.when or getattr(event, ending.when)):
            named = getattr(event, ending.by or record.key[0].name)
            state = ending.state if isinstance(ending.state, str) else ending.state(event)
            end = {**_taken(record, event, ending.takes), **ending.sets, "state": state}
            found |= dict.fromkeys(named if isinstance(named, tuple) else (named,), end)
    return found

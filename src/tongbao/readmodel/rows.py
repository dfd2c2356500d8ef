"""Rows of the read model as a block changes them, and the transaction at hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Dialect, Table, and_, delete, select, tuple_

from tongbao.readmodel import schema

Row = dict[str, Any]
Key = tuple[Any, ...]
Follow = Callable[[Connection, Table, Mapping[Key, Row | None]], None]
MOST_BANKS = 100_000
"""How many are kept."""


def as_json(value: Any) -> str:
    """Lists and maps are kept as JSON text."""
    return msgspec.json.encode(value).decode()


class Banks:
    """Which bank keeps an account, as far as it was asked lately: it never changes."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[str, str] = {}

    def learn(self, account: str, bank: str) -> None:
        """Remember a bank; empty where the owner keeps the account."""
        if len(self._known) >= MOST_BANKS:
            self._known.clear()
        self._known[account] = bank

    def clear(self) -> None:
        """Forget: the lists begin anew."""
        self._known.clear()

    def of(self, rows: Rows, accounts: Iterable[str]) -> set[str]:
        """The banks of accounts."""
        known = self._known
        found = {known[one] for one in accounts if one in known}
        wanted = [one for one in accounts if one not in known]
        if not wanted:
            return found - {""}
        rows.load(schema.account_banks, ((one,) for one in wanted))
        for one in wanted:
            row = rows.get(schema.account_banks, one)
            if row is not None:
                self.learn(one, row["bank"])
                found.add(row["bank"])
        return found - {""}


@cache
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


@cache
def _insert_of(table: Table, dialect: Dialect) -> tuple[str, Callable[[Row], Any]]:
    """The statement that inserts whole rows, and what it takes of each."""
    compiled: Any = table.insert().compile(dialect=dialect)
    pick = itemgetter(*compiled.positiontup) if compiled.positional else dict
    return str(compiled), pick


def insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, all of them whole: many at once, and with nothing worked out for each."""
    statement, pick = _insert_of(table, connection.dialect)
    connection.exec_driver_sql(statement, [pick(row) for row in rows])


class Rows:
    """Rows read, changed and added in one SQL transaction; written at its end in bulk."""

    def __init__(
        self,
        connection: Connection,
        banks: Banks,
        follow: Follow | None = None,
        *,
        empty: bool = False,
    ) -> None:
        """Nothing read yet. `follow` is called with the rows of a table as they are written, so
        that their words follow; `empty` where nothing is stored that could be read."""
        self.banks = banks
        self._follow = follow
        self._empty = empty
        self._connection = connection
        self._known: dict[Table, dict[Key, Row | None]] = {}
        self._changed: dict[Table, dict[Key, None]] = {}
        self._stored: dict[Table, set[Key]] = {}
        self._added: dict[Table, list[Row]] = {}

    def add(self, table: Table, row: Row) -> None:
        """A row that cannot be there yet."""
        self._added.setdefault(table, []).append(row)

    def get(self, table: Table, *key: Any) -> Row | None:
        """A row by its primary key, as it stands after what was done so far."""
        known = self._known.setdefault(table, {})
        if key not in known:
            found = None if self._empty else self._read(table, key)
            known[key] = found
            if found is not None:
                self._stored.setdefault(table, set()).add(key)
        return known[key]

    def _read(self, table: Table, key: Key) -> Row | None:
        match = and_(*(c == v for c, v in zip(table.primary_key.columns, key, strict=True)))
        found = self._connection.execute(select(table).where(match)).mappings().first()
        return None if found is None else dict(found)

    def load(self, table: Table, keys: Iterable[Key]) -> None:
        """Read many rows ahead in few statements."""
        known = self._known.setdefault(table, {})
        wanted = [] if self._empty else [key for key in dict.fromkeys(keys) if key not in known]
        columns = list(table.primary_key.columns)
        for start in range(0, len(wanted), 400):
            part = wanted[start : start + 400]
            alone = len(columns) == 1
            own = columns[0].in_([key[0] for key in part]) if alone else tuple_(*columns).in_(part)
            query = select(table).where(own)
            for found in self._connection.execute(query).mappings():
                key = tuple(found[c.name] for c in columns)
                if key not in known:
                    known[key] = dict(found)
                    self._stored.setdefault(table, set()).add(key)
            for key in part:
                known.setdefault(key, None)

    def put(self, table: Table, row: Row, *, fresh: bool = False) -> None:
        """Write a row whole, new or not; `fresh` where nothing stored can have its key."""
        key = tuple([row[name] for name in _key_names(table)])
        if fresh:
            self._known.setdefault(table, {}).setdefault(key, None)
        else:
            self.get(table, *key)
        self._known[table][key] = row
        self._changed.setdefault(table, {})[key] = None

    def update(self, table: Table, *key: Any, **values: Any) -> None:
        """Change some columns of a row that is there."""
        row = self.get(table, *key)
        if row is not None:
            self.put(table, {**row, **values})

    def remove(self, table: Table, *key: Any) -> None:
        """Take a row away."""
        self.get(table, *key)
        self._known[table][key] = None
        self._changed.setdefault(table, {})[key] = None

    def flush(self) -> None:
        """Write everything."""
        for table, rows in self._added.items():
            insert(self._connection, table, rows)
        for table, keys in self._changed.items():
            self._write(table, keys)
        self._added.clear()
        self._changed.clear()

    def _write(self, table: Table, keys: Iterable[Key]) -> None:
        stored = self._stored.setdefault(table, set())
        columns = list(table.primary_key.columns)
        gone = [key for key in keys if key in stored]
        for start in range(0, len(gone), 400):
            part = gone[start : start + 400]
            if len(columns) == 1:
                match = columns[0].in_([key[0] for key in part])
                self._connection.execute(delete(table).where(match))
            else:
                self._connection.execute(delete(table).where(tuple_(*columns).in_(part)))
        rows = [self._known[table][key] for key in keys]
        kept = [row for row in rows if row is not None]
        if kept:
            insert(self._connection, table, kept)
        if self._follow is not None:
            now = self._known[table]
            self._follow(self._connection, table, {key: now[key] for key in keys})
        for key in keys:
            (stored.add if self._known[table][key] is not None else stored.discard)(key)


@dataclass
class Step:
    """One transaction (or the timers of a block) whose rows are written."""

    rows: Rows
    tables: Mapping[str, Table]
    """Of the records, by name."""
    height: int
    position: int
    """-1 for what time brought."""
    time_ms: int
    party: str = ""
    reference: str = ""
    digest: str = ""
    pending: deque[Any] = field(default_factory=deque)
    """Actions, typed, whose events are still to come; a proposal's go in front when it is done."""
    read_actions: Callable[[bytes], Sequence[Any]] = tuple
    """Decoder of a proposal's actions."""
    entry_number: int = 0
    concerned: set[str] = field(default_factory=set)
    """Parties and accounts whose transaction it is, too: who pays, is paid, or is spoken of."""

    def take(self, tag: str) -> Any:
        """The next action of a kind: its events have come."""
        while self.pending:
            action = self.pending.popleft()
            if action.__struct_config__.tag == tag:
                return action
        raise LookupError(f"no {tag} is left in block {self.height}")

    def apply(self, actions: bytes) -> None:
        """Actions as JSON that were applied within this transaction, before what is left of it."""
        self.pending.extendleft(reversed(self.read_actions(actions)))

    def row(self, record: str, key: str) -> Row | None:
        """A row of a record, as it stands after the writes of this transaction."""
        return self.rows.get(self.tables[record], key)

    def next_entry(self) -> int:
        """Number of the next entry within this step."""
        self.entry_number += 1
        return self.entry_number - 1

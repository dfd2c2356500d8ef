"""Filling empty tables from the state: in batches, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Table

from tongbao.kernel.registry import Registry
from tongbao.kernel.tables import Table as StateTable
from tongbao.kernel.views import ReadView

Rows = Iterator[tuple[Table, dict[str, Any]]]
BATCH = 5_000
TELLERS: dict[str, Callable[[ReadView], Rows]] = {}
"""Module -> its rows as the state has them."""


class CannotFill(Exception):
    """A module has rows in the state that cannot be shown from the state alone."""


def fill(connection: Connection, view: ReadView, registry: Registry) -> int:
    """Write every row that the state tells; how many. Raises CannotFill before the first."""
    for name, module in registry.modules.items():
        if name not in TELLERS and not module.records:
            for table in (one for one in module.neither if isinstance(one, StateTable)):
                if next(view.scan(table), None) is not None:
                    raise CannotFill(f"{table.name} of {name} is not empty")
    count = 0
    for teller in TELLERS.values():
        count += _write(connection, teller(view))
    return count


def _write(connection: Connection, rows: Rows) -> int:
    waiting: dict[Table, list[dict[str, Any]]] = {}
    count = 0
    for table, row in rows:
        waiting.setdefault(table, []).append(row)
        count += 1
        if len(waiting[table]) >= BATCH:
            connection.execute(table.insert(), waiting.pop(table))
    for table, batch in waiting.items():
        if batch:
            connection.execute(table.insert(), batch)
    return count

"""The laws of the modules: over the rows that a transaction touched, and over every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tongbao.kernel.registry import Registry, Tally
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView, WriteView

Row = tuple[tuple[Any, ...], Any]
"""Key parts and value."""


def broken_laws(ledger: WriteView) -> Iterator[str]:
    """What a transaction broke, by the rows it touched."""
    for (prefix, raw), before in ledger.touched.items():
        for law in ledger.registry.laws.get(prefix, ()):
            table: Any = law.table
            parts = table.parts(raw)
            if not law.holds(ledger, parts, table.decode(before), ledger.get(table, *parts)):
                yield f"{law.law}, {table.name} {parts}"
    if ledger.touched:
        for tally in ledger.registry.tallies:
            yield from _unbalanced(tally, _changed(ledger, tally))


def broken_anywhere(view: ReadView, registry: Registry) -> Iterator[str]:
    """What is broken in the state as it stands: every law over every row."""
    for laws in registry.laws.values():
        for law in laws:
            for parts, value in view.scan(law.table):
                if not law.holds(view, parts, value, value):
                    yield f"{law.law}, {law.table.name} {parts}"
    for tally in registry.tallies:
        rows = ((table, parts, value, 1) for table, _ in tally.terms
                for parts, value in view.scan(table))  # fmt: skip
        yield from _unbalanced(tally, rows)


def _changed(
    ledger: WriteView, tally: Tally
) -> Iterator[tuple[Table[Any], tuple[Any, ...], Any, int]]:
    """Touched rows of the tally's tables: as they were (counted -1) and as they are (+1)."""
    tables = {table.prefix: table for table, _ in tally.terms}
    for (prefix, raw), before in ledger.touched.items():
        table = tables.get(prefix)
        if table is not None:
            parts = table.parts(raw)
            for value, sign in ((table.decode(before), -1), (ledger.get(table, *parts), 1)):
                if value is not None:
                    yield table, parts, value, sign


def _unbalanced(
    tally: Tally, rows: Iterable[tuple[Table[Any], tuple[Any, ...], Any, int]]
) -> Iterator[str]:
    weigh = {table.prefix: function for table, function in tally.terms}
    sums: Counter[tuple[str, ...]] = Counter()
    for table, parts, value, sign in rows:
        for subject, weight in weigh[table.prefix](parts, value):
            sums[subject] += sign * weight
    for subject in sorted(subject for subject, total in sums.items() if total):
        yield f"{tally.law}: {' '.join(subject)} is off by {sums[subject]}"

"""The laws of the modules: over the rows that a transaction touched, and over every row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tongbao.kernel.registry import Registry, Tally, registry_of
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView, WriteView

Change = tuple[tuple[Any, ...], Any, Any]
"""Key parts of a row, its value before and after."""


def broken_laws(ledger: WriteView) -> Iterator[str]:
    """What a transaction broke, by the rows it touched."""
    registry = registry_of(ledger)
    rows = _touched(ledger)
    for prefix, changes in rows.items():
        for law in registry.laws.get(prefix, ()):
            for parts, before, after in changes:
                if not law.holds(ledger, parts, before, after):
                    yield f"{law.law}, {law.table.name} {parts}"
    for tally in registry.tallies:
        if any(table.prefix in rows for table, _ in tally.terms):
            yield from _unbalanced(tally, _changed(tally, rows))


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


def _touched(ledger: WriteView) -> dict[bytes, list[Change]]:
    """Touched rows by their table's prefix, read once for all laws."""
    rows: dict[bytes, list[Change]] = {}
    tables, now = ledger.rules.watched, ledger.source.get
    for (prefix, raw), before in ledger.touched.items():
        table = tables[prefix]
        change = table.parts(raw), table.decode(before), table.decode(now(raw))
        rows.setdefault(prefix, []).append(change)
    return rows


def _changed(
    tally: Tally, rows: dict[bytes, list[Change]]
) -> Iterator[tuple[Table[Any], tuple[Any, ...], Any, int]]:
    """Touched rows of the tally's tables: as they were (counted -1) and as they are (+1)."""
    for table, _ in tally.terms:
        for parts, before, after in rows.get(table.prefix, ()):
            if before is not None:
                yield table, parts, before, -1
            if after is not None:
                yield table, parts, after, 1


def _unbalanced(
    tally: Tally, rows: Iterable[tuple[Table[Any], tuple[Any, ...], Any, int]]
) -> Iterator[str]:
    weigh = {table.prefix: function for table, function in tally.terms}
    sums: dict[tuple[str, ...], int] = {}
    for table, parts, value, sign in rows:
        for subject, weight in weigh[table.prefix](parts, value):
            sums[subject] = sums.get(subject, 0) + sign * weight
    for subject in sorted(subject for subject, total in sums.items() if total):
        yield f"{tally.law}: {' '.join(subject)} is off by {sums[subject]}"

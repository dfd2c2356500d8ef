"""The read model from the state as it stands, where the blocks before it are not in the store.

What only older blocks know (a moment, who did it, what has ended) is left 0 or empty, never
guessed: moments of 0 sort before all others, which is where they belong.
"""

from __future__ import annotations

from sqlalchemy import Connection

from tongbao.kernel.movements import HOLDING
from tongbao.kernel.records import Record
from tongbao.kernel.views import ReadView
from tongbao.readmodel.audience import audience
from tongbao.readmodel.mirror import Mirror, names_of
from tongbao.readmodel.naming import row_name
from tongbao.readmodel.rows import Banks, Rows
from tongbao.readmodel.schema import account_banks

BATCH = 5_000


def fill_records(mirror: Mirror, connection: Connection, view: ReadView) -> int:
    """Write every row as the state has it; how many. The tables are empty."""
    rows, count = Rows(connection, Banks()), 0
    for record in mirror.mirrored:
        _fill_banks(rows, record, view)
    unknown = {"created_at_ms": 0, "created_height": 0, "changed_height": 0}
    for record in mirror.mirrored:
        for key, value in view.scan(record.table):
            beside = None if record.beside is None else view.get(record.beside.table, *key)
            row, table = mirror.row_of(record, key, value, beside), mirror.tables[record.name]
            rows.add(table, unknown | row)
            if record is HOLDING and mirror.books is not None and row["posted_minor"] != "0":
                mirror.books.bring_forward(rows, view, count, row)
            for word in mirror.words.rows_of(table, row):
                rows.add(mirror.words.table, word)
            for party, relation in audience(rows, names_of(record, key, value)).items():
                rows.add(mirror.parties, {
                    "record": record.name, "party": party, "row": row_name(key),
                    "relation": relation,
                })  # fmt: skip
            count += 1
            if count % BATCH == 0:
                rows.flush()
    rows.flush()
    return count


def _fill_banks(rows: Rows, record: Record, view: ReadView) -> None:
    """Where rows of a record are accounts: which bank keeps each."""
    [servicer] = [one.name for one in record.value_columns if one.kind == "servicer"] or [""]
    if servicer and [one.kind for one in record.key] == ["account"]:
        for key, value in view.scan(record.table):
            rows.add(account_banks, {"account": key[0], "bank": getattr(value, servicer)})
    rows.flush()

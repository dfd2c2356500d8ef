"""By which words rows are found, and what stands in their columns of several values.

Words are kept in a table of their own: an index of text that SQLite and PostgreSQL read alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Index, MetaData, Select, String, Table, delete, select

from tongbao.kernel.records import EventList, Record
from tongbao.readmodel.rows import Key, Row, insert
from tongbao.readmodel.words import WORD_LENGTH, words_of

KEY_MARK = "\x1f"
"""Between the parts of a key in one text."""
_TOGETHER = 400


def row_name(key: Sequence[Any]) -> str:
    """The key of a row in one text."""
    return KEY_MARK.join(map(str, key))


class WordIndex:
    """The words of all records that are searched."""

    def __init__(
        self,
        metadata: MetaData,
        records: Iterable[Record | EventList],
        tables: Mapping[str, Table],
    ) -> None:
        self.table = Table(
            "record_words", metadata,
            Column("word", String(WORD_LENGTH), primary_key=True),
            Column("record", String(32), primary_key=True),
            Column("field", String(32), primary_key=True),
            Column("row", String(400), primary_key=True),
            Index("record_words_row", "record", "row"),
        )  # fmt: skip
        self._records = {tables[one.name]: one for one in records if one.search or one.lists}

    def rows_of(self, table: Table, row: Row) -> list[Row]:
        """The words by which a row is found; of a record that is not searched, none."""
        record = self._records.get(table)
        if record is None:
            return []
        name = row_name([row[one.name] for one in record.key])
        found = {"": words_of(*(row[one] for one in record.search))}
        found |= {one: msgspec.json.decode(row[one]) for one in record.lists.values()}
        return [
            {"record": record.name, "row": name, "field": field, "word": word}
            for field, words in found.items() for word in dict.fromkeys(words)
        ]  # fmt: skip

    def follow(self, connection: Connection, table: Table, rows: Mapping[Key, Row | None]) -> None:
        """Write the words of rows of a table anew, where their record is searched."""
        record = self._records.get(table)
        if record is None:
            return
        names = [row_name(key) for key in rows]
        for start in range(0, len(names), _TOGETHER):
            own = self.table.c.row.in_(names[start : start + _TOGETHER])
            connection.execute(delete(self.table).where(self.table.c.record == record.name, own))
        written = [one for row in rows.values() if row for one in self.rows_of(table, row)]
        if written:
            insert(connection, self.table, written)

    def found(
        self, record: Record | EventList, words: Iterable[str], field: str = ""
    ) -> Select[Any]:
        """Names of the rows that one of some words leads to; `field`: of a column of several."""
        own = self.table.c
        return select(own.row).where(
            own.record == record.name, own.field == field, own.word.in_(list(words))
        )

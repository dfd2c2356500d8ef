"""A bank's memory of the names under which payments came: message, instruction, transaction ids.

The ledger keeps a payment by its UETR and the payee's reference. The other ids stand in the message
alone; they are kept here, beside the node's data, so that a later message may name a payment by any
of them. Nothing depends on it for safety: what was paid once is known by the ledger.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tongbao.iso20022.interbank.model import Original
from tongbao.sdk.texts import folded

FILE = "bank-messages.db"
KINDS = (
    "message_id", "instruction_id", "end_to_end_id", "transaction_id", "clearing_reference",
)  # fmt: skip
_OF_A_HOP = frozenset({"message_id", "instruction_id", "clearing_reference"})
"""Names between two banks only: the next bank gives others (pacs.008 MDR, point-to-point)."""
_TABLE = """
CREATE TABLE IF NOT EXISTS names (
    kind TEXT NOT NULL, value TEXT NOT NULL, uetr TEXT NOT NULL, PRIMARY KEY (kind, value, uetr)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS names_uetr ON names (uetr);
"""


class Book:
    """The names of payments, in one SQLite file that its owner alone may read."""

    def __init__(self, folder: Path) -> None:
        """In a node's folder; the file is made when something is first kept."""
        self.path = folder / FILE

    def remember(self, uetr: str, names: Mapping[str, str]) -> None:
        """Names of one payment, by kind; empty ones and NOTPROVIDED name nothing."""
        rows = [(kind, folded(value), uetr) for kind, value in names.items() if _names(value)]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        with self._open() as opened:
            opened.executescript(_TABLE)
            opened.executemany("INSERT OR IGNORE INTO names VALUES (?, ?, ?)", rows)
            opened.commit()

    def find(self, original: Original) -> tuple[str, ...]:
        """UETRs of the payments that carry every name given, as far as their names are known."""
        given = _given(original)
        if not given or not self.path.exists():
            return ()
        with self._open() as opened:
            found: set[str] = set()
            for kind, value in given.items():
                rows = opened.execute(
                    "SELECT uetr FROM names WHERE kind = ? AND value = ?", (kind, value)
                )
                found |= {str(row[0]) for row in rows}
            return tuple(sorted(one for one in found if self._fits(opened, one, given)))

    def contradicts(self, uetr: str, original: Original) -> bool:
        """Whether a payment is known here under other names than those given."""
        given = _given(original)
        if not self.path.exists():
            return False
        with self._open() as opened:
            return not self._fits(opened, uetr, given)

    def _fits(self, opened: sqlite3.Connection, uetr: str, given: Mapping[str, str]) -> bool:
        """Whether nothing given is another one's name. Where EndToEndId or TxId, which go with a
        payment all its way, agree, a name of another hop that was never seen here says nothing."""
        known: dict[str, set[str]] = {}
        for kind, value in opened.execute("SELECT kind, value FROM names WHERE uetr = ?", (uetr,)):
            known.setdefault(kind, set()).add(value)
        other = {k for k, value in given.items() if k in known and value not in known[k]}
        named = any(
            kind not in _OF_A_HOP and value in known.get(kind, ()) for kind, value in given.items()
        )
        if not named:
            return not other
        seen = "SELECT 1 FROM names WHERE kind = ? AND value = ? LIMIT 1"
        return all(
            kind in _OF_A_HOP and opened.execute(seen, (kind, given[kind])).fetchone() is None
            for kind in other
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        opened = sqlite3.connect(self.path, timeout=30)
        try:
            yield opened
        finally:
            opened.close()


def _given(original: Original) -> dict[str, str]:
    """The names in an original, each blank the common one: so the ledger keeps them, and another
    bank may have written them so."""
    reported = {kind: getattr(original, kind) for kind in KINDS}
    return {kind: folded(value) for kind, value in reported.items() if _names(value)}


def _names(value: str) -> bool:
    return bool(value.strip()) and value != "NOTPROVIDED"

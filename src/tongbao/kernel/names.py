"""Names of transactions: (party, reference), used once and kept (law 2).

A name is kept for a period that the genesis sets. Forgetting is exact by block time, whenever
the row itself is swept: rows are swept a few at a time behind a cursor, in blocks that write
anyway, so that every replica sweeps the same rows and an idle chain stays idle.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from tongbao.kernel.hashing import state_hash
from tongbao.kernel.tables import Table
from tongbao.kernel.views import DraftSource, ReadView

DEFAULT_MEMORY_MS = 90 * 24 * 3600 * 1000
_LAYOUT = struct.Struct(">QIQ32s")


class Name(NamedTuple):
    """Where a named transaction stands."""

    height: int
    position: int
    time_ms: int
    body_digest: bytes
    """SHA-256 of the signed body: the same digest is the same transaction."""


NAMES: Table[Name] = Table(
    b"\x01",
    "names",
    (bytes,),
    Name,
    "SHA-256(party NUL reference), first 20 bytes -> where it stands",
    codec=(lambda name: _LAYOUT.pack(*name), lambda raw: Name(*_LAYOUT.unpack(raw))),
)
CHAIN: Table[str] = Table(b"\x05", "chain", (str,), str, "chain-wide settings and cursors")
MEMORY_KEY = CHAIN.key("name_memory_ms")
CURSOR_KEY = CHAIN.key("name_sweep")
SWEEP_PER_TRANSACTION = 2
SWEEP_PER_BLOCK = 512


def name_key(party: str, reference: str) -> bytes:
    """Where the row of a name stands."""
    digest = state_hash(b"%b\0%b" % (party.encode(), reference.encode()))
    return NAMES.prefix + digest[:20]


def memory_ms(view: ReadView) -> int:
    """How long this chain remembers a name, in milliseconds of block time."""
    setting = view.get(CHAIN, "name_memory_ms")
    return DEFAULT_MEMORY_MS if setting is None else int(setting)


def name_of(view: ReadView, party: str, reference: str) -> Name | None:
    """Where (party, reference) stands, or None where it is free or forgotten."""
    return name_at(view, name_key(party, reference))


def name_at(view: ReadView, key: bytes) -> Name | None:
    """The same, where its row stands under `key`."""
    raw = view.source.get(key)
    if raw is None:
        return None
    name = NAMES.load(raw)
    return None if name.time_ms + memory_ms(view) <= view.time_ms else name


def record_name(draft: DraftSource, party: str, reference: str, name: Name) -> None:
    """Use a name up."""
    record_name_at(draft, name_key(party, reference), name)


def record_name_at(draft: DraftSource, key: bytes, name: Name) -> None:
    """The same, where its row stands under `key`."""
    draft.put(key, _LAYOUT.pack(*name))


def sweep_names(draft: DraftSource, view: ReadView, transactions: int) -> int:
    """Remove forgotten names among the next few rows behind the cursor; how many were removed."""
    cursor = draft.get(CURSOR_KEY)
    after = CHAIN.decode(cursor)
    start = bytes.fromhex(after) if after else None
    limit = min(SWEEP_PER_TRANSACTION * transactions, SWEEP_PER_BLOCK)
    rows = draft.scan(NAMES.prefix, start, limit, False)
    horizon = view.time_ms - memory_ms(view)
    gone = 0
    for key, value in rows:
        if NAMES.decode(value).time_ms <= horizon:
            draft.delete(key)
            gone += 1
    position = rows[-1][0].hex() if len(rows) == limit else ""
    if position != (after or ""):
        draft.put(CURSOR_KEY, CHAIN.encode(position))
    return gone

"""Views: the only doors to the state. A ReadView cannot write; a WriteView can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple, Protocol, TypeVar

from tongbao.kernel.identity import AUTHORITIES, Approvals, VerifiedCache
from tongbao.kernel.money import HOLDING_PREFIX, Holding, HoldingFlag, holding_key
from tongbao.kernel.tables import KeyPart, Table

V = TypeVar("V")
DAY_MS = 24 * 3600 * 1000
_FIRST_DAY = date(1970, 1, 1).toordinal()
_PAGE = 256
_FIRST_PAGE = 8
"""Who scans often wants the first rows alone."""

TIMERS: Table[str] = Table(
    b"\x04", "timers", (int, str, str), str, "(due at, kind, id) -> empty: what time will bring"
)


class Source(Protocol):
    """Where bytes come from: a committed state, or a draft over one."""

    def get(self, key: bytes, /) -> bytes | None:
        """The value under a key."""
        ...

    def scan(
        self, prefix: bytes, after: bytes | None, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Rows whose key starts with `prefix`, in key order, after `after`."""
        ...


class DraftSource(Source, Protocol):
    """A draft: reads see its own writes, savepoints nest."""

    def put(self, key: bytes, value: bytes, /) -> None:
        """Write one row."""
        ...

    def delete(self, key: bytes, /) -> None:
        """Remove one row."""
        ...

    def begin(self) -> None:
        """Open a savepoint."""
        ...

    def accept(self) -> None:
        """Close the newest savepoint and keep its writes."""
        ...

    def rollback(self) -> None:
        """Close the newest savepoint and forget its writes."""
        ...

    def move(
        self, debit: str, credit: str, asset: str, amount: int, floor: int, referenced: bool
    ) -> int:
        """Post between two holdings; 0, or the number of the broken rule."""
        ...

    def bulk_move(
        self,
        debit: str,
        asset: str,
        credits: Sequence[str],
        amounts: Sequence[int],
        referenced: bool,
        floor: int,
        all_or_none: bool,
    ) -> list[tuple[int, int]]:
        """Post from one holding to many; the lines that failed, each with its number."""
        ...


class Rules(Protocol):
    """The rules in force, as far as a view asks them; `registry.Registry` is all of them."""

    @property
    def mirrored(self) -> frozenset[bytes]:
        """Prefixes of the tables whose writes are kept with a block."""
        ...

    @property
    def watched(self) -> Mapping[bytes, Table[Any]]:
        """The tables about whose rows some law has a say, by prefix."""
        ...


class BlockContext(NamedTuple):
    """What a block tells every transaction in it."""

    chain: str
    height: int
    time_ms: int
    """Block time, UTC milliseconds since 1970. The only clock there is."""
    founding: bool = False
    """Whether this is what comes before the first block: the genesis alone acts there."""


Writes = tuple[tuple[bytes, bytes | None, bool], ...]
"""Rows that a transaction wrote: (key, its last value, whether it was removed after that).

The value is None where the row was there before and was only removed.
"""


class ReadView:
    """Read access to the state at one instant."""

    __slots__ = ("block", "source", "time_ms", "verified_cache")

    def __init__(
        self, source: Source, block: BlockContext, verified_cache: VerifiedCache | None = None
    ) -> None:
        """A view of `source` as of `block`; `verified_cache` is shared by the views of both."""
        self.verified_cache = verified_cache
        self.source = source  # the kernel's own; modules read through the methods
        self.block = block
        self.time_ms = block.time_ms

    def get(self, table: Table[V], *key: KeyPart) -> V | None:
        """The value under a key, or None."""
        raw = self.source.get(table.key(*key))
        return None if raw is None else table.load(raw)

    def has(self, table: Table[V], *key: KeyPart) -> bool:
        """Whether a key is there."""
        return self.source.get(table.key(*key)) is not None

    def scan(
        self,
        table: Table[V],
        *prefix: KeyPart,
        after: tuple[KeyPart, ...] | None = None,
        reverse: bool = False,
    ) -> Iterator[tuple[tuple[Any, ...], V]]:
        """Rows whose key starts with `prefix`, in key order: (key parts, value). Lazily paged."""
        start = table.key(*after) if after is not None else None
        wanted, page = table.key_prefix(*prefix), _FIRST_PAGE
        while True:
            rows = self.source.scan(wanted, start, page, reverse)
            for raw, value in rows:
                yield table.parts(raw), table.decode(value)
            if len(rows) < page:
                return
            start, page = rows[-1][0], _PAGE

    def holding(self, account: str, asset: str) -> Holding | None:
        """What an account holds of an asset; None where it does not hold that asset at all."""
        raw = self.source.get(holding_key(account, asset))
        return None if raw is None else Holding.decode(raw)

    def is_switched(self, account: str, asset: str, flag: HoldingFlag) -> bool:
        """Whether a holding is there with this switch on."""
        raw = self.source.get(holding_key(account, asset))
        return raw is not None and bool(raw[0] & flag.value)

    def holdings(self, account: str) -> Iterator[tuple[str, Holding]]:
        """Every (asset, holding) of an account, in order of asset."""
        start: bytes | None = None
        prefix = holding_key(account, "")
        while rows := self.source.scan(prefix, start, _PAGE):
            for raw, value in rows:
                yield raw[len(prefix) :].decode(), Holding.decode(value)
            start = rows[-1][0]


class WriteView(ReadView):
    """Write access for one transaction; knows that transaction's name and approvals."""

    __slots__ = (
        "_draft",
        "_undone",
        "_written",
        "approvals",
        "depth",
        "party",
        "reference",
        "rules",
        "sequence",
        "touched",
        "work",
    )

    def __init__(
        self,
        draft: DraftSource,
        block: BlockContext,
        rules: Rules,
        *,
        party: str = "",
        reference: str = "",
        approvals: Approvals | None = None,
        verified_cache: VerifiedCache | None = None,
    ) -> None:
        """A view that writes into `draft` on behalf of the transaction (party, reference)."""
        super().__init__(draft, block, verified_cache)
        self._draft = draft
        self.rules = rules
        self.party = party
        self.reference = reference
        self.approvals: Approvals = approvals or {}
        self.sequence = 0
        self.depth = 0
        self.touched: dict[tuple[bytes, bytes], bytes | None] = {}
        """Rows written in tables that have laws, with the value before the transaction."""
        self.work: dict[str, int] = {}
        self._written: dict[bytes, tuple[bytes | None, bool]] = {}
        self._undone: list[tuple[bytes, tuple[bytes | None, bool] | None]] = []
        """Of each write to a listed table, what was written to the row before: to undo it."""

    def writes(self) -> Writes:
        """What was written to tables that people list, row by row, in the order of first writes."""
        return tuple((raw, value, gone) for raw, (value, gone) in self._written.items())

    def may_work(self, kind: str, limit: int) -> bool:
        """Count a step of costly work over all actions; False where the transaction had its share.

        What is undone has been worked for all the same: an `attempt` gives nothing back.
        """
        done = self.work.get(kind, 0)
        self.work[kind] = done + 1
        return done < limit

    def put(self, table: Table[V], *key: KeyPart, value: V) -> None:
        """Write a row, new or not."""
        raw, encoded = table.key(*key), table.encode(value)
        self._note(table.prefix, raw)
        if table.prefix in self.rules.mirrored:
            self._write(raw, encoded, gone=False)
        self._draft.put(raw, encoded)

    def delete(self, table: Table[V], *key: KeyPart) -> None:
        """Remove a row."""
        raw = table.key(*key)
        self._note(table.prefix, raw)
        if table.prefix in self.rules.mirrored:
            self._write(raw, self._written.get(raw, (None, True))[0], gone=True)
        self._draft.delete(raw)

    def _write(self, raw: bytes, value: bytes | None, *, gone: bool) -> None:
        self._undone.append((raw, self._written.get(raw)))
        self._written[raw] = value, gone

    def _note(self, prefix: bytes, raw: bytes) -> None:
        if prefix in AUTHORITIES and self.verified_cache is not None:
            self.verified_cache.close()
        if prefix in self.rules.watched and (prefix, raw) not in self.touched:
            self.touched[prefix, raw] = self._draft.get(raw)

    def put_holding(self, account: str, asset: str, holding: Holding) -> None:
        """Write a holding's record whole: to open it, switch it or reserve in it.

        Posted balances change by `move` alone; the double-entry law of the block would notice.
        """
        raw, encoded = holding_key(account, asset), holding.encode()
        if HOLDING_PREFIX in self.rules.mirrored:
            before = self._draft.get(raw)
            if before is None or before[0] != encoded[0]:  # the amounts, movements tell
                self._write(raw, encoded, gone=False)
        self._draft.put(raw, encoded)

    def delete_holding(self, account: str, asset: str) -> None:
        """Remove an empty holding."""
        raw = holding_key(account, asset)
        if HOLDING_PREFIX in self.rules.mirrored:
            self._write(raw, self._written.get(raw, (None, True))[0], gone=True)
        self._draft.delete(raw)

    def move(
        self,
        debit: str,
        credit: str,
        asset: str,
        amount: int,
        *,
        floor: int = 0,
        referenced: bool = True,
    ) -> int:
        """One posting: debit and equal credit. 0, or a `PostingFault`; nothing written then.

        `floor` is what has to remain available on the debit side.
        """
        return self._draft.move(debit, credit, asset, amount, floor, referenced)

    def bulk_move(
        self,
        debit: str,
        asset: str,
        credits: Sequence[str],
        amounts: Sequence[int],
        *,
        all_or_none: bool,
        referenced: bool = True,
        floor: int = 0,
    ) -> list[tuple[int, int]]:
        """Many postings from one holding; returns (line, `PostingFault`) for each that failed."""
        return self._draft.bulk_move(debit, asset, credits, amounts, referenced, floor, all_or_none)

    def next_id(self) -> str:
        """A new id, unique for ever: the transaction's name, the block's day (UTC), a number.

        `party:reference:2026-11-25.1`. A name may come again after it was forgotten, which is a day
        later at the earliest (law 2), while what it once made still waits.
        """
        self.sequence += 1
        day = date.fromordinal(_FIRST_DAY + self.time_ms // DAY_MS).isoformat()
        return f"{self.party}:{self.reference}:{day}.{self.sequence}"

    def schedule(self, due_at_ms: int, kind: str, subject: str) -> None:
        """Call the timer `kind` with `subject` in the first block at or after `due_at_ms`."""
        self._draft.put(TIMERS.key(due_at_ms, kind, subject), b'""')

    def unschedule(self, due_at_ms: int, kind: str, subject: str) -> None:
        """Take a scheduled call back."""
        self._draft.delete(TIMERS.key(due_at_ms, kind, subject))

    def _undo(self, mark: int) -> None:
        """Forget the writes to listed tables that came after a mark, the newest first."""
        while len(self._undone) > mark:
            raw, before = self._undone.pop()
            if before is None:
                del self._written[raw]
            else:
                self._written[raw] = before

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what is written inside where it ends with an exception, which goes on its way.

        For those who live on after a refusal: a timer, an order of many parts.
        """
        self._draft.begin()
        mark = len(self._undone)
        try:
            yield
        except BaseException:
            self._draft.rollback()
            self._undo(mark)
            raise
        self._draft.accept()

"""A draft over a dict: nested savepoints, ordered scans, and the ladder of a posting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tongbao.kernel.money import HOLDING_PREFIX, MAX_AMOUNT, Holding, HoldingFlag, holding_key
from tongbao.kernel.money import PostingFault as Fault

BLOCKED = HoldingFlag.FROZEN | HoldingFlag.CLOSED


def _authorised(holding: Holding) -> bool:
    required = HoldingFlag.ALLOW_LIST_REQUIRED in holding.flags
    return not required or HoldingFlag.AUTHORISED in holding.flags


def _affords(holding: Holding, amount: int, floor: int) -> bool:
    lowest = -MAX_AMOUNT
    needed = lowest if HoldingFlag.ISSUING in holding.flags else max(floor, lowest)
    return holding.available - amount >= needed


def judge(
    same: bool,
    debit: Holding | None,
    credit: Holding | None,
    amount: int,
    floor: int,
    referenced: bool,
) -> tuple[Holding, Holding] | Fault:
    """The holdings after a posting, or the first rule that it breaks."""
    if not 1 <= amount <= MAX_AMOUNT:
        return Fault.AMOUNT
    if same:
        return Fault.SAME_ACCOUNT
    if debit is None:
        return Fault.DEBIT_MISSING
    if credit is None:
        return Fault.CREDIT_MISSING
    broken = [
        (bool(debit.flags & BLOCKED), Fault.DEBIT_BLOCKED),
        (bool(credit.flags & BLOCKED), Fault.CREDIT_BLOCKED),
        (not _authorised(debit), Fault.DEBIT_NOT_AUTHORISED),
        (not _authorised(credit), Fault.CREDIT_NOT_AUTHORISED),
        (
            HoldingFlag.REFERENCE_REQUIRED in credit.flags and not referenced,
            Fault.REFERENCE_REQUIRED,
        ),
        (not _affords(debit, amount, floor), Fault.INSUFFICIENT),
        (credit.posted + amount > MAX_AMOUNT, Fault.OVERFLOW),
    ]
    for holds, fault in broken:
        if holds:
            return fault
    return (
        debit._replace(posted=debit.posted - amount),
        credit._replace(posted=credit.posted + amount),
    )


class Draft:
    """Writes over rows that do not change."""

    def __init__(self, rows: Mapping[bytes, bytes]) -> None:
        """A draft over `rows`."""
        self._rows = rows
        self._written: dict[bytes, bytes | None] = {}
        self._saved: list[dict[bytes, bytes | None]] = []

    def __len__(self) -> int:
        """Number of keys written."""
        return len(self._written)

    def get(self, key: bytes) -> bytes | None:
        """The value under a key, own writes first."""
        return self._written[key] if key in self._written else self._rows.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        """Write one row."""
        self._written[key] = value

    def delete(self, key: bytes) -> None:
        """Remove one row."""
        self._written[key] = None

    def rows(self) -> dict[bytes, bytes]:
        """The rows with the writes over them."""
        merged = {**self._rows, **self._written}
        return {key: value for key, value in merged.items() if value is not None}

    def scan(
        self, prefix: bytes, after: bytes | None, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Rows with a prefix in order of key, beyond `after`."""
        found = [
            (key, value)
            for key, value in sorted(self.rows().items(), reverse=reverse)
            if key.startswith(prefix)
            and (after is None or (key < after if reverse else key > after))
        ]
        return found[:limit]

    def begin(self) -> None:
        """Open a savepoint."""
        self._saved.append(dict(self._written))

    def accept(self) -> None:
        """Close the newest savepoint and keep its writes."""
        if not self._saved:
            raise ValueError("no savepoint is open")
        self._saved.pop()

    def rollback(self) -> None:
        """Close the newest savepoint and forget its writes."""
        if not self._saved:
            raise ValueError("no savepoint is open")
        self._written = self._saved.pop()

    def writes(self) -> list[tuple[bytes, bytes | None]]:
        """Every key written, in order."""
        return sorted(self._written.items(), key=lambda row: row[0])

    def _holding(self, account: str, asset: str) -> Holding | None:
        raw = self.get(holding_key(account, asset))
        return None if raw is None else Holding.decode(raw)

    def move(
        self,
        debit: str,
        credit: str,
        asset: str,
        amount: int,
        floor: int,
        referenced: bool = True,
    ) -> int:
        """Post from one holding to another; 0, or the number of the broken rule."""
        judged = judge(
            debit == credit,
            self._holding(debit, asset),
            self._holding(credit, asset),
            amount,
            floor,
            referenced,
        )
        if isinstance(judged, Fault):
            return int(judged)
        for account, holding in zip((debit, credit), judged, strict=True):
            self.put(holding_key(account, asset), holding.encode())
        return 0

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
        """`move` line by line; with `all_or_none` only the first failure, and nothing written."""
        failed: list[tuple[int, int]] = []
        self.begin()
        for place, (credit, amount) in enumerate(zip(credits, amounts, strict=True)):
            code = self.move(debit, credit, asset, amount, floor, referenced)
            if code:
                failed.append((place, code))
                if all_or_none:
                    self.rollback()
                    return failed
        self.accept()
        return failed

    def holding_deltas(self) -> list[tuple[str, int]]:
        """Change of the sum of `posted` by asset; zero sums left out."""
        sums: dict[str, int] = {}
        for key, value in self._written.items():
            if key.startswith(HOLDING_PREFIX):
                asset = key.rpartition(b"\0")[2].decode()
                old = self._rows.get(key)
                new = Holding.decode(value).posted if value is not None else 0
                delta = new - (Holding.decode(old).posted if old is not None else 0)
                sums[asset] = sums.get(asset, 0) + delta
        return [(asset, total) for asset, total in sorted(sums.items()) if total]

"""What the clients saw, in a form that a checker of linearizability decides about."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

SETTLED, REFUSED, UNKNOWN = "settled", "refused", "unknown"


@dataclass
class Transfer:
    """A transfer within a group, as its client saw it."""

    group: int
    client: int
    from_: int
    to: int
    amount: int
    reference: str
    call_ns: int
    return_ns: int = 0
    result: str = UNKNOWN
    digest: str = ""
    height: int = 0
    position: int = 0
    attempts: int = 0

    def line(self) -> dict[str, Any]:
        """As the checker reads it."""
        return {
            "kind": "transfer", "group": str(self.group), "client": self.client,
            "from": self.from_, "to": self.to, "amount": self.amount, "result": self.result,
            "call_ns": self.call_ns, "return_ns": max(self.return_ns, self.call_ns),
        }  # fmt: skip


@dataclass
class Read:
    """A read of one balance that succeeded."""

    group: int
    client: int
    account: int
    balance: int
    node: int
    marked: bool
    """After a marker that this client settled first: these reads claim to be linearizable."""
    height: int
    """Height that the node named; the balance is that of this block or of a later one."""
    call_ns: int
    return_ns: int

    def line(self) -> dict[str, Any]:
        """As the checker reads it."""
        return {
            "kind": "read", "group": str(self.group), "client": self.client,
            "account": self.account, "balance": self.balance,
            "call_ns": self.call_ns, "return_ns": self.return_ns,
        }  # fmt: skip


@dataclass
class History:
    """Everything that the clients of one run did. Thread-safe."""

    openings: Sequence[Sequence[int]]
    """Opening balances by group and account."""
    transfers: list[Transfer] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    """When transfers were acknowledged, `time.monotonic()`."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def called(self, transfer: Transfer) -> None:
        """Note a transfer before it is sent: it may happen whatever becomes of its client."""
        with self._lock:
            self.transfers.append(transfer)

    def acknowledged(self) -> None:
        """Note that a transfer was answered now."""
        with self._lock:
            self.answered.append(time.monotonic())

    def seen(self, read: Read) -> None:
        """Note a read."""
        with self._lock:
            self.reads.append(read)

    def lines(self) -> list[dict[str, Any]]:
        """Openings, transfers and the reads that claim to be linearizable."""
        reply: list[dict[str, Any]] = [
            {"kind": "opening", "group": str(group), "balances": list(opening)}
            for group, opening in enumerate(self.openings)
        ]
        reply += [one.line() for one in self.transfers]
        return reply + [one.line() for one in self.reads if one.marked]


def verdict(checker: Path, lines: Sequence[dict[str, Any]], limit: str = "60s") -> dict[str, Any]:
    """What the checker says of a history: `verdict`, `operations`, `groups`, `seconds`."""
    done = subprocess.run(
        [str(checker), "-limit", limit],
        input=b"\n".join(msgspec.json.encode(line) for line in lines),
        capture_output=True,
        check=False,
    )
    if done.returncode > 2:
        raise ValueError(done.stderr.decode())
    reply: dict[str, Any] = msgspec.json.decode(done.stdout)
    return reply

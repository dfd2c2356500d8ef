"""The load of `tongbao bench settle --engine cometbft`: transactions into engines, blocks out.

The same code drives our ledger and the engine's own application, so what it costs weighs on both.
Transactions go by JSON-RPC to every engine in turn, at most `AHEAD` of them unanswered; a
transaction is final when a block of the first engine holds it.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from tongbao.bench.settle import quantiles

AHEAD = 6_000
BATCH = 100
BATCH_BYTES = 2 * 1_048_576
POLL_S = 0.01
PATIENCE_S = 120.0


class LoadFault(Exception):
    """The engines do not take the load, or make no blocks any more."""


@dataclass
class Load:
    """One run against the engines at some RPC addresses."""

    urls: Sequence[str]
    sent: dict[str, float] = field(default_factory=dict)
    """Base64 of each transaction under way -> when it was sent."""
    latencies: list[float] = field(default_factory=list)
    """Milliseconds from sending to standing in a block."""
    done: int = 0
    blocks: int = 0
    """Blocks with transactions."""
    refused: int = 0
    """Transactions that stand in a block with a code other than 0."""
    fault: Exception | None = None

    def __post_init__(self) -> None:
        """Connect; the observer begins with the next block."""
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._watching = httpx.Client(base_url=self.urls[0], timeout=30, trust_env=False)
        self._sending = [httpx.Client(base_url=u, timeout=30, trust_env=False) for u in self.urls]
        self._next = self.height() + 1
        self._observer = threading.Thread(target=self._guard, name="observer", daemon=True)
        self._observer.start()

    def close(self) -> None:
        """Stop observing and hang up."""
        self._stop.set()
        self._observer.join(timeout=30)
        for client in (self._watching, *self._sending):
            client.close()

    # ---- in ------------------------------------------------------------------------------------

    def drive(self, transactions: Sequence[bytes], rate: float | None) -> float:
        """Send all, as fast as they are taken or at a rate; seconds until all are final."""
        encoded = [base64.b64encode(raw).decode() for raw in transactions]
        batches = list(_batches(encoded))
        goal = self.done + len(encoded)
        began = time.perf_counter()
        offered = 0
        for number, batch in enumerate(batches):
            if rate is not None:
                time.sleep(max(0.0, began + offered / rate - time.perf_counter()))
            offered += len(batch)
            self._room(len(batch))
            self._send(number, batch)
        self._wait(lambda: self.done >= goal)
        return time.perf_counter() - began

    def _room(self, count: int) -> None:
        self._wait(lambda: not self.sent or len(self.sent) + count <= AHEAD)

    def _wait(self, ready: Callable[[], bool]) -> None:
        """Until it is so; LoadFault where nothing at all becomes final for long."""
        with self._changed:
            done, until = self.done, time.perf_counter() + PATIENCE_S
            while not ready():
                self._changed.wait(1.0)
                if self.fault is not None:
                    raise LoadFault(str(self.fault)) from self.fault
                if self.done != done:  # a block without transactions is no progress
                    done, until = self.done, time.perf_counter() + PATIENCE_S
                elif time.perf_counter() > until:
                    raise LoadFault(f"nothing was final for {PATIENCE_S} s; {self.done} are")

    def _send(self, number: int, batch: Sequence[str]) -> None:
        body = msgspec.json.encode([
            {"jsonrpc": "2.0", "id": n, "method": "broadcast_tx_async", "params": {"tx": one}}
            for n, one in enumerate(batch)
        ])  # fmt: skip
        now = time.perf_counter()
        with self._changed:
            self.sent |= dict.fromkeys(batch, now)
        answer = self._sending[number % len(self._sending)].post("/", content=body)
        reply = msgspec.json.decode(answer.content)
        for one in reply if isinstance(reply, list) else [reply]:
            if "error" in one:
                raise LoadFault(f"the engine does not take a transaction: {one['error']}")

    # ---- out -----------------------------------------------------------------------------------

    def ask(self, method: str, **parameters: str) -> Any:
        """One question to the first engine; None where it answers with an error."""
        reply = msgspec.json.decode(self._watching.get(f"/{method}", params=parameters).content)
        return reply.get("result")

    def height(self) -> int:
        """Of the first engine."""
        return int(self.ask("status")["sync_info"]["latest_block_height"])

    def _guard(self) -> None:
        try:
            self._observe()
        except Exception as fault:
            with self._changed:
                self.fault = fault
                self._changed.notify_all()

    def _observe(self) -> None:
        while not self._stop.is_set():
            found = self.ask("block", height=str(self._next))
            if found is None or found["block"] is None:
                time.sleep(POLL_S)
                continue
            seen = time.perf_counter()
            self._note(found["block"]["data"]["txs"] or [], seen)
            self._next += 1

    def _note(self, transactions: Sequence[str], seen: float) -> None:
        with self._changed:
            for one in transactions:
                sent = self.sent.pop(one, None)
                if sent is not None:
                    self.done += 1
                    self.latencies.append((seen - sent) * 1000)
            self.blocks += bool(transactions)
            self._changed.notify_all()

    # ---- both ----------------------------------------------------------------------------------

    def measure(self, transactions: Sequence[bytes], each: float) -> dict[str, Any]:
        """Two thirds as fast as it goes, the rest at half that rate; `each` transfers a piece."""
        cut = max(1, len(transactions) * 2 // 3)
        seconds = self.drive(transactions[:cut], None)
        rate, blocks = cut / seconds, self.blocks
        self.latencies.clear()
        if transactions[cut:]:
            self.drive(transactions[cut:], rate / 2)
        return {
            "transactions_per_second": round(rate, 1),
            "transfers_per_second": round(rate * each),
            "blocks": blocks,
            "transactions_a_block": round(cut / max(1, blocks)),
            "finality_ms_at_half_load": quantiles(self.latencies),
        }


def _batches(encoded: Sequence[str]) -> list[list[str]]:
    batches: list[list[str]] = []
    size = 0
    for one in encoded:
        if not batches or len(batches[-1]) >= BATCH or size + len(one) > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(one)
        size += len(one)
    return batches

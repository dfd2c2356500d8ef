"""How long a block takes while a snapshot of a large ledger is cut beside it.

    .venv/bin/python -m benchmarks.snapshot_stall --accounts 1000000

Blocks of single transfers go through our side of the engine (`finalize_block`, `commit`) one after
the other, as fast as it takes them; every `--interval` blocks a snapshot falls due.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import time
from pathlib import Path
from typing import Any

from tongbao.bench.settle import Bench, Plan, resident_bytes
from tongbao.kernel.blocks import BlockRecord
from tongbao.node.comet.service import AbciService
from tongbao.node.comet.statesync import StateSync


class Side:
    """Our side of an engine that decides blocks at once."""

    def __init__(self, bench: Bench, interval: int) -> None:
        self.app = bench.app
        folder = bench.folder / "snapshots"
        self.sync = StateSync(self.app, folder, bench.folder / "ledger", interval)
        self.service = AbciService(self.app, self.sync, self._on_block)

    def _on_block(self, record: BlockRecord) -> None:
        self.sync.take(record)

    def block(self, envelopes: list[bytes]) -> float:
        """Seconds from a decided block to the answer to its commit."""
        tip = self.app.tip
        height = tip.height + 1
        self.service.answer([("check_tx", {"tx": raw, "type": 0}) for raw in envelopes])
        asked = {
            "txs": envelopes, "height": height, "time_ns": (tip.time_ms + 100) * 1_000_000,
            "hash": hashlib.sha256(b"%d" % height).digest(), "misbehavior": [],
            "proposer_address": b"",
        }  # fmt: skip
        began = time.perf_counter()
        self.service.answer([("finalize_block", asked)])
        self.service.answer([("commit", {})])
        return time.perf_counter() - began


def digests(folder: Path) -> list[str]:
    """SHA-256 of each chunk of the newest snapshot."""
    newest = sorted(path.parent for path in folder.glob("[0-9]*/manifest"))[-1]
    return [
        hashlib.sha256(chunk.read_bytes()).hexdigest() for chunk in sorted(newest.glob("chunk-*"))
    ]


def main() -> None:
    """Found, settle, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=1_000_000)
    options.add_argument("--blocks", type=int, default=60)
    options.add_argument("--size", type=int, default=500)
    options.add_argument("--interval", type=int, default=20)
    chosen = options.parse_args()
    bench = Bench(Plan("single", chosen.accounts, chosen.blocks * chosen.size), lambda *_: None)
    envelopes = bench.sign()
    side = Side(bench, chosen.interval)
    before, most, times = resident_bytes(), 0, list[float]()
    for at in range(0, len(envelopes), chosen.size):
        times.append(side.block(envelopes[at : at + chosen.size]))
        most = max(most, resident_bytes())
    began = time.perf_counter()
    getattr(side.sync, "finish", lambda: None)()
    due = [n for n in range(len(times)) if (n + 1) % chosen.interval == 0]
    near = {m for n in due for m in range(n, n + 6)}
    quiet = [one for n, one in enumerate(times) if n not in near]
    reported: dict[str, Any] = {
        "accounts": chosen.accounts, "transfers_a_block": chosen.size,
        "block_ms_otherwise": round(statistics.median(quiet) * 1000, 1),
        "block_ms_otherwise_most": round(max(quiet) * 1000, 1),
        "block_ms_with_a_snapshot": [round(times[n] * 1000, 1) for n in due],
        "blocks_after_it_ms": [
            [round(one * 1000, 1) for one in times[n + 1 : n + 6]] for n in due
        ],
        "resident_more_mb": round((most - before) / 1e6, 1),
        "waited_at_the_end_s": round(time.perf_counter() - began, 2),
        "chunks": len(digests(bench.folder / "snapshots")),
    }  # fmt: skip
    print(json.dumps(reported, indent=2))
    bench.close()


if __name__ == "__main__":
    main()
